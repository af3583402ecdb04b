"""The vendor's SDK with its transport replaced: it builds requests, ours are the sending and the answers.

Lives here: the subclass, and what it takes for a result. `transport` owns the one object of it. The SDK's
own sending has no timeouts, repeats a POST after a dropped connection and logs whole bodies.
"""

from collections.abc import Callable
from typing import Any, cast

import msgspec
import requests
from smartsheet import models
from smartsheet.smartsheet import OperationResult, Smartsheet

Decode = Callable[[bytes], Any]


class _Received(OperationResult):
    """What the SDK takes for the result of an operation: already decoded."""

    def __init__(self, value: Any, sdk: Smartsheet, decoded: bool) -> None:
        super().__init__("")
        self._value = value
        self._sdk = sdk
        self._decoded = decoded

    def native(self, expected: str | list[str]) -> Any:
        """Our own calls get what they decoded; the SDK's operations get their models."""
        if self._decoded:
            return self._value
        if isinstance(expected, list):
            return getattr(models, expected[0])(self._value, expected[1], self._sdk)
        return getattr(models, expected)(self._value, self._sdk)


class Sdk(Smartsheet):
    """The vendor's client with its transport replaced. It never holds the token: that is added on the way."""

    def __init__(
        self,
        deliver: "Callable[[requests.PreparedRequest, Decode], Any]",
        base: str,
        session: requests.Session,
    ) -> None:
        super().__init__(access_token="added-when-sent", user_agent="dsr_pipeline", api_base=base)
        self._session = session
        self._deliver = deliver
        self.errors_as_exceptions()
        self.with_change_agent("dsr_pipeline")

    def _request(self, prepped_request: requests.PreparedRequest, operation: dict[str, Any]) -> _Received:
        decode = cast("Decode | None", operation.get("decode"))
        value = self._deliver(prepped_request, decode or msgspec.json.decode)
        return _Received(value, self, decode is not None)

    def _log_request(self, operation: dict[str, Any], response: requests.Response) -> None:
        """Nothing: the SDK's log would hold whole bodies. `Transport` logs each attempt in one line."""
