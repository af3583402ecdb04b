"""What can go wrong with Smartsheet, as types with one sentence each: what, where, the mend.

Every message ends with what support asks for (HTTP status, error code, refId). No token, no cell and no
body ever stands in one. `transport` and `client` raise them; the sync catches them by type.
"""

from __future__ import annotations

from typing import Any, TypeVar

Failure = TypeVar("Failure", bound="SmartsheetError")


class SmartsheetError(Exception):
    """Anything that Smartsheet, the way to it or our use of it got wrong.

    `transient`: the same call may succeed later without anybody mending something.
    """

    transient = False

    def __init__(
        self,
        sentence: str,
        *,
        code: int | None = None,
        ref_id: str | None = None,
        status: int | None = None,
    ) -> None:
        self.sentence = sentence
        self.code = code
        self.ref_id = ref_id
        self.status = status
        self.headers: dict[str, str] = {}
        """What the answer's headers said about time and limits."""
        super().__init__(sentence)

    def __str__(self) -> str:
        marks = [
            f"HTTP {self.status}" if self.status is not None else "",
            f"errorCode {self.code}" if self.code is not None else "",
            f"refId {self.ref_id}" if self.ref_id else "",
        ]
        told = ", ".join(mark for mark in marks if mark)
        return f"{self.sentence} ({told})" if told else self.sentence

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.sentence, dict(self.__dict__))


def _again(kind: type[Failure], sentence: str, held: dict[str, Any]) -> Failure:
    """An error that crossed a process border: Exception alone would forget the keyword arguments."""
    error = kind(sentence)
    error.__dict__.update(held)
    return error


class Unreachable(SmartsheetError):
    """No answer: name, network, proxy, certificate, or a server that stays silent."""

    transient = True


class TokenRefused(SmartsheetError):
    """401 (1001-1003): no token, an unknown one, or one that expired. Every other call fails as well."""


class AccessDenied(SmartsheetError):
    """403 (1004 and the locks): the token's user may not do this with this sheet."""


class NotFound(SmartsheetError):
    """404 (1006): deleted, or never shared with the token's user. Smartsheet does not tell which."""


class RateLimited(SmartsheetError):
    """429 (4003) until the deadline."""

    transient = True


class ServiceFailing(SmartsheetError):
    """Smartsheet itself failed (4000-4002, 4004, 5xx) in every attempt until the deadline."""

    transient = True


class BadAnswer(SmartsheetError):
    """An answer that cannot be used: not JSON, empty, cut short, of another shape, or a redirect."""

    transient = True


class RequestRefused(SmartsheetError):
    """Another 4xx: what was asked is wrong, and asking again does not mend it."""


class CellRefused(SmartsheetError):
    """A value that a cell cannot hold exactly; nothing was sent."""


class SentOtherwise(BadAnswer):
    """Smartsheet holds a file that is not what was sent: `attachment_id` names it, and it must go."""

    transient = False
    attachment_id = 0


class AnswerLost(SmartsheetError):
    """A write whose fate is unknown: it was sent, no answer came. Read back before sending it again."""

    transient = True


class RowsDoubled(SmartsheetError):
    """Two rows of a sheet have the same key; the message names both, and one of them must go."""


class KeyChanged(SmartsheetError):
    """A sheet keeps a key otherwise than it was sent: appending would double the rows at every run."""
