"""When a call is tried again, how long is waited, and which error it ends in.

Pure rules over what happened; no clock, no sleep, no socket. `transport` acts on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The patience with one call; all times in seconds.

    `deadline_seconds` counts from the first attempt to the last, waits included, the queue of the limiter
    excluded. `rate_limit_seconds` is what the vendor advises to wait after 4003 when it does not say.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    deadline_seconds: float = 180.0
    attempts: int = 8
    backoff_seconds: float = 1.0
    longest_backoff_seconds: float = 30.0
    rate_limit_seconds: float = 60.0
    maintenance_seconds: float = 20.0


class Kind(Enum):
    """What went wrong with one attempt."""

    NEVER_SENT = auto()  # no connection: refused, no such name, no route, connect timeout
    UNTRUSTED = auto()  # the certificate does not prove the host
    DROPPED = auto()  # the connection ended before the answer
    STALLED = auto()  # silence, or a body that comes too slowly
    SHORT = auto()  # the body ended early
    UNREADABLE = auto()  # 2xx that is empty, not JSON or of another shape
    REDIRECTED = auto()
    RATE_LIMIT = auto()  # 429
    MAINTENANCE = auto()  # 503/4001
    SERVER = auto()  # 4000, 4002, 4004, any other 5xx
    TOKEN = auto()  # 401
    DENIED = auto()  # 403
    MISSING = auto()  # 404
    REFUSED = auto()  # another 4xx


FINAL = frozenset({Kind.UNTRUSTED, Kind.REDIRECTED, Kind.TOKEN, Kind.DENIED, Kind.MISSING, Kind.REFUSED})
NOT_APPLIED = frozenset({Kind.NEVER_SENT, Kind.RATE_LIMIT, Kind.MAINTENANCE})
"""Failures that prove that the server did nothing: only after these is a POST sent again."""

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failed attempt. `what` is a clause such as "the connection was dropped", without any body."""

    kind: Kind
    what: str
    status: int | None = None
    code: int | None = None
    ref_id: str | None = None
    retry_after: float | None = None
    headers: tuple[tuple[str, str], ...] = ()


def kind_of_refusal(status: int, code: int | None) -> Kind:
    """What an answer with an error status means; the errorCode tells more than the status."""
    by_code = {4001: Kind.MAINTENANCE, 4003: Kind.RATE_LIMIT, 4000: Kind.SERVER, 4002: Kind.SERVER}
    by_code |= {4004: Kind.SERVER}
    if code in by_code and (status >= 500 or status == 429):
        return by_code[code]
    by_status = {429: Kind.RATE_LIMIT, 401: Kind.TOKEN, 403: Kind.DENIED, 404: Kind.MISSING}
    if status in by_status:
        return by_status[status]
    return Kind.SERVER if status >= 500 else Kind.REFUSED


def may_repeat(method: str, kind: Kind) -> bool:
    """Whether the same request may be sent again without asking what became of the first."""
    if kind in FINAL:
        return False
    return method in IDEMPOTENT or kind in NOT_APPLIED


def seconds_to_wait(policy: RetryPolicy, trouble: Trouble, attempt: int, jitter: float) -> float:
    """How long to wait after failed attempt number `attempt` (from 1); `jitter` lies in 0 … 1.

    2, 4, 8 … times the base, between half and one and a half of it, and never less than the server asks
    for, with a little on top so that waiting processes do not come back in the same instant.
    """
    doubled = policy.backoff_seconds * 2.0 ** min(attempt - 1, 20)
    backoff = min(policy.longest_backoff_seconds, doubled) * (0.5 + jitter)
    if trouble.retry_after is not None:
        return max(trouble.retry_after + jitter * policy.backoff_seconds, backoff)
    if trouble.kind is Kind.RATE_LIMIT:
        return policy.rate_limit_seconds + jitter * policy.backoff_seconds
    if trouble.kind is Kind.MAINTENANCE:
        return max(policy.maintenance_seconds, backoff)
    return backoff


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """The server's Retry-After in seconds: given so, or as a date that its own Date header makes relative."""
    told = headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        return max(
            0.0, (parsedate_to_datetime(told) - parsedate_to_datetime(headers["Date"])).total_seconds()
        )
    except (KeyError, TypeError, ValueError):  # absent, or not a date: as if nothing had been said
        return None
