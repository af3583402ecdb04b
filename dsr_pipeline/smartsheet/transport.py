"""How a call to Smartsheet is made: the vendor's SDK builds it, this sends, repeats, counts and judges it.

Lives here: the loop of attempts. One attempt is `connection`'s, the rules of repeating are `retry`'s, the
words `verdict`'s. `client` alone calls it. A body is read once, decoded once and never logged.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import msgspec
import requests
from pydantic import SecretStr

from dsr_pipeline.smartsheet.calls import Calls, cost_of, kind_of
from dsr_pipeline.smartsheet.connection import Answer, Connection, checked_base
from dsr_pipeline.smartsheet.errors import AccessDenied, BadAnswer, NotFound, RequestRefused, TokenRefused
from dsr_pipeline.smartsheet.limiter import Limiter
from dsr_pipeline.smartsheet.retry import (
    Kind,
    RetryPolicy,
    Trouble,
    kind_of_refusal,
    may_repeat,
    retry_after_seconds,
    seconds_to_wait,
)
from dsr_pipeline.smartsheet.vendor import Decode, Sdk
from dsr_pipeline.smartsheet.verdict import error_of, subject_of
from dsr_pipeline.smartsheet.wire import PROBLEM, Problem

Decoded = TypeVar("Decoded")
LONGEST_MESSAGE = 200
TOLD = ("Date", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
log = logging.getLogger("dsr_pipeline.smartsheet")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way out."""

    name: str
    data: bytes
    mime: str

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def __repr__(self) -> str:
        return f"Upload({self.name!r}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True)
class _Trip:
    """One call with all its attempts: what it is called, what it costs, how it is sent and read."""

    method: str
    path: str
    cost: int
    send: Callable[[float], Answer | Trouble]
    decode: Decode


class Transport:
    """Calls with patience: what fails is repeated by rule, within a deadline, or ends in one error."""

    def __init__(  # noqa: PLR0913 - each one is something a test or a setting replaces
        self,
        token: SecretStr,
        base: str,
        *,
        limiter: Limiter,
        policy: RetryPolicy,
        verify: bool | str,
        jitter: Callable[[], float],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        on_event: Callable[[str], None] | None,
        max_connections: int,
    ) -> None:
        base = checked_base(base, verify)
        self.calls = Calls()
        self.sleep = sleep
        self._token = token
        self._root = urlsplit(base).path
        self._limiter = limiter
        self._policy = policy
        self._jitter = jitter
        self._monotonic = monotonic
        self._on_event = on_event or _ignore
        self._connection = Connection(
            base, policy=policy, verify=verify, max_connections=max_connections, monotonic=monotonic
        )
        self._sdk = Sdk(self.deliver, base, self._connection.session)

    def call(
        self,
        method: str,
        path: str,
        decode: Callable[[bytes], Decoded],
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, object] | Sequence[object] | None = None,
        upload: Upload | None = None,
    ) -> Decoded:
        """One call of the API, built by the SDK as its pass-through does; errors are `SmartsheetError`s.

        `decode` makes the value from the body. What it refuses (msgspec's errors, `BadAnswer`) counts as
        an unreadable answer, and a read is tried again.
        """
        file = {"file": (upload.name, upload.data, upload.mime)} if upload else None
        operation: dict[str, Any] = {
            "method": method,
            "path": path,
            "query_params": dict(params or {}),
            "json": json,
            "files": file,
            "decode": decode,
            "auth_settings": "access_token",
            **dict.fromkeys(("header_params", "path_params", "form_data", "dl_path")),
            "headers": {},
        }
        prepared = self._sdk.prepare_request(operation)
        return cast("Decoded", self._sdk.request(prepared, "JSONObject", operation))

    def deliver(self, prepared: requests.PreparedRequest, decode: Decode) -> Any:
        """Send what the SDK prepared; gives the decoded body."""
        method = prepared.method or "GET"
        path = urlsplit(prepared.url or "").path.removeprefix(self._root)

        def send(seconds: float) -> Answer | Trouble:
            signed = prepared.copy()
            signed.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
            return self._connection.send(signed, seconds=seconds)

        return self._carry(_Trip(method, path, cost_of(method, path), send, decode))

    def download(self, url: str, limit: int) -> bytes:
        """The bytes behind a temporary address, without the token; more than `limit` are refused."""
        checked_base(url.partition("?")[0], True)
        prepared = requests.Request("GET", url).prepare()
        prepared.headers["Accept-Encoding"] = "identity"

        def send(seconds: float) -> Answer | Trouble:
            return self._connection.send(prepared, seconds=seconds, limit=limit, secret_address=True)

        try:
            return self._carry(_Trip("GET", "a file", 0, send, bytes))
        except (TokenRefused, AccessDenied, NotFound) as problem:
            status = problem.status
        raise RequestRefused(
            "the temporary address of a file is no longer valid: ask for the attachment again", status=status
        )

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._connection.session.close()

    def backoff(self, attempt: int) -> None:
        """The wait before a write is looked at again whose answer was lost."""
        lost = Trouble(Kind.DROPPED, "")
        self._wait(seconds_to_wait(self._policy, lost, attempt, self._jitter()))

    def _carry(self, trip: _Trip) -> Any:
        """The loop of attempts. The time in the limiter's queue does not count: nothing is failing there."""
        attempt, queued, begun = 0, 0.0, self._monotonic()
        trouble = Trouble(Kind.STALLED, "no time was left for an attempt")
        while True:
            if trip.cost:
                turn = self._limiter.acquire(trip.cost)
                self.calls.wait(turn)
                queued += turn
            left = self._policy.deadline_seconds - (self._monotonic() - begun - queued)
            if left <= 0:
                break
            attempt += 1
            self.calls.count(kind_of(trip.method, trip.path), trip.cost, again=attempt > 1)
            value, trouble = self._attempt(trip, left)
            if trouble is None:
                return value
            pause = seconds_to_wait(self._policy, trouble, attempt, self._jitter())
            if trouble.kind is Kind.RATE_LIMIT and trip.cost:
                self._limiter.pause(pause)
            left = self._policy.deadline_seconds - (self._monotonic() - begun - queued)
            if not may_repeat(trip.method, trouble.kind) or attempt >= self._policy.attempts or pause >= left:
                break
            self._on_event(
                f"{trip.method} {subject_of(trip.path)}: {trouble.what}; "
                f"again in {pause:.0f} s (attempt {attempt} of {self._policy.attempts})"
            )
            self._wait(pause)
        seconds = self._monotonic() - begun - queued
        raise error_of(trouble, trip.method, trip.path, attempts=attempt, seconds=seconds)

    def _attempt(self, trip: _Trip, seconds: float) -> tuple[Any, Trouble | None]:
        started = self._monotonic()
        answer = trip.send(seconds)
        if isinstance(answer, Trouble):
            log.debug("%s %s: %s", trip.method, trip.path, answer.what)
            return None, answer
        value, trouble = self._read(trip, answer)
        log.debug(
            "%s %s: HTTP %d, %d bytes, %.3f s, refId %s, errorCode %s, %s",
            trip.method,
            trip.path,
            answer.status,
            len(answer.body),
            self._monotonic() - started,
            trouble and trouble.ref_id,
            trouble and trouble.code,
            _told(answer.headers),
        )
        return value, trouble

    def _read(self, trip: _Trip, answer: Answer) -> tuple[Any, Trouble | None]:
        """The decoded body, or what is wrong with the answer."""
        if 300 <= answer.status < 400:
            what = f"the server points to {_host(answer.headers.get('Location', ''))}"
            return None, self._trouble(Kind.REDIRECTED, what, answer)
        if answer.status >= 400 or answer.status < 200:
            return None, self._refusal(answer)
        if not answer.body and trip.decode is not bytes:
            return None, self._trouble(Kind.UNREADABLE, "the body is empty", answer)
        try:
            return trip.decode(answer.body), None
        except BadAnswer as problem:
            return None, self._trouble(Kind.UNREADABLE, problem.sentence, answer)
        except msgspec.ValidationError:
            what = "the JSON has another shape than the API's documents say"
        except (msgspec.DecodeError, UnicodeDecodeError):
            web_page = answer.body.lstrip()[:1] == b"<"
            what = "a web page came instead of JSON" if web_page else "the body is not valid JSON"
        return None, self._trouble(Kind.UNREADABLE, what, answer)

    def _refusal(self, answer: Answer) -> Trouble:
        """What an error status means. Pages of a gateway and lists stand where the error body should."""
        try:
            problem = PROBLEM.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            problem = Problem(error_code=-1)
        code = None if problem.error_code < 0 else problem.error_code
        what = f"HTTP {answer.status} without the usual error body" if code is None else ""
        what = what or self._said(problem) or f"HTTP {answer.status}"
        return self._trouble(kind_of_refusal(answer.status, code), what, answer, code, problem.ref_id)

    def _said(self, problem: Problem) -> str:
        """The vendor's message on one line, without the token should it stand in it."""
        said = " ".join((problem.message or "").split())
        said = said.replace(self._token.get_secret_value(), "[token]")[:LONGEST_MESSAGE].rstrip(".")
        detail = cast("object", problem.detail)
        if isinstance(detail, dict):
            places = cast("dict[str, object]", detail)
            named = [f"{key} {places[key]}" for key in ("index", "rowId") if isinstance(places.get(key), int)]
            said += f" ({', '.join(named)})" if named else ""
        return said

    def _trouble(
        self, kind: Kind, what: str, answer: Answer, code: int | None = None, ref_id: str | None = None
    ) -> Trouble:
        told = tuple(_told(answer.headers).items())
        return Trouble(kind, what, answer.status, code, ref_id, retry_after_seconds(answer.headers), told)

    def _wait(self, seconds: float) -> None:
        self.calls.wait(seconds)
        self.sleep(seconds)


def _host(address: str) -> str:
    """The host of an address, and nothing else of it: the rest may hold a secret."""
    try:
        return urlsplit(address).hostname or "an address without a host"
    except ValueError:
        return "an address that is none"


def _told(headers: Mapping[str, str]) -> dict[str, str]:
    """What the headers say about time and limits; the vendor does not promise any of them."""
    return {name.lower(): headers[name] for name in TOLD if name in headers}


def _ignore(event: str) -> None:
    del event
