"""From what happened to the sentence that a person reads: which error, about which sheet, with which mend.

Lives here: the words. What is repeated before it comes to a verdict is `retry`'s; `transport` raises them.
"""

import re

from dsr_pipeline.smartsheet.errors import (
    AccessDenied,
    AnswerLost,
    BadAnswer,
    NotFound,
    RateLimited,
    RequestRefused,
    ServiceFailing,
    SmartsheetError,
    TokenRefused,
    Unreachable,
)
from dsr_pipeline.smartsheet.retry import FINAL, IDEMPOTENT, NOT_APPLIED, Kind, Trouble

_THINGS = {
    "sheets": "sheet",
    "rows": "row",
    "columns": "column",
    "attachments": "attachment",
    "workspaces": "workspace",
    "folders": "folder",
}
_NAMED = re.compile(r"/([a-z]+)/(\d+)")
_MEND = "in Smartsheet (Account > Personal Settings > API Access) and set SMARTSHEET_API_TOKEN"


def subject_of(path: str) -> str:
    """What a path is about: `row 7 of sheet 5`; the path itself where it names no thing."""
    named = [(_THINGS[word], number) for word, number in _NAMED.findall(path) if word in _THINGS]
    return " of ".join(f"{thing} {number}" for thing, number in reversed(named)) or path


def container_of(path: str) -> str:
    """The thing that access is given to: the sheet, folder or workspace a path begins with."""
    named = _NAMED.match(path)
    return f"{_THINGS.get(named[1], named[1])} {named[2]}" if named else path


def error_of(trouble: Trouble, method: str, path: str, *, attempts: int, seconds: float) -> SmartsheetError:
    """The error that ends a call after its last attempt."""
    error = _judged(trouble, method, path, f"{attempts} attempt{'s'[: attempts > 1]} in {seconds:.0f} s")
    error.code, error.ref_id, error.status = trouble.code, trouble.ref_id, trouble.status
    error.headers = dict(trouble.headers)
    return error


def _judged(trouble: Trouble, method: str, path: str, effort: str) -> SmartsheetError:
    subject = subject_of(path)
    if method not in IDEMPOTENT and trouble.kind not in FINAL | NOT_APPLIED:
        return AnswerLost(
            f"it is not known whether a write to {subject} was applied: {trouble.what}; "
            "read it back before sending it again"
        )
    match trouble.kind:
        case Kind.TOKEN | Kind.DENIED | Kind.MISSING | Kind.REFUSED:
            return _refused(trouble, method, path)
        case Kind.RATE_LIMIT:
            asked = f", and it asks to wait {trouble.retry_after:.0f} s" if trouble.retry_after else ""
            return RateLimited(
                f"Smartsheet's limit of calls stayed exceeded for {subject} ({effort}){asked}: "
                "another program uses the same token, or the rate in the settings is too high"
            )
        case Kind.MAINTENANCE:
            return ServiceFailing(f"Smartsheet is down for maintenance ({effort}): try again later")
        case Kind.SERVER:
            return ServiceFailing(
                f"Smartsheet failed on {subject} ({effort}): {trouble.what}; try again later"
            )
        case Kind.UNTRUSTED:
            error = Unreachable(
                f"the server is not trusted: {trouble.what}; where a company's proxy signs in its place, "
                "give the file of that certificate"
            )
            error.transient = False
            return error
        case Kind.REDIRECTED:
            error = BadAnswer(f"{trouble.what}: correct the address of the API; nothing was sent there")
            error.transient = False
            return error
        case Kind.UNREADABLE | Kind.SHORT:
            return BadAnswer(f"the answer about {subject} cannot be used ({effort}): {trouble.what}")
        case _:
            return Unreachable(f"no answer about {subject} ({effort}): {trouble.what}")


def _refused(trouble: Trouble, method: str, path: str) -> SmartsheetError:
    container, subject = container_of(path), subject_of(path)
    match trouble.kind:
        case Kind.TOKEN if trouble.code == 1003:
            return TokenRefused(f"the Smartsheet token has expired: make a new one {_MEND}")
        case Kind.TOKEN:
            return TokenRefused(f"Smartsheet does not accept the token: make one {_MEND}")
        case Kind.DENIED if trouble.code in (None, 1004):
            level = "Viewer" if method == "GET" else "Editor"
            return AccessDenied(
                f"the token lacks access to {container}: share it as {level} with the user of the token"
            )
        case Kind.DENIED:
            return AccessDenied(f"Smartsheet does not let the token change {subject}: {trouble.what}")
        case Kind.MISSING:
            shared = "it" if subject == container else container
            return NotFound(
                f"{subject} was not found: it was deleted, or {shared} is not shared with the user of the "
                "token (share it as Viewer)"
            )
        case _:
            return RequestRefused(f"Smartsheet refused a {method} of {subject}: {trouble.what}")
