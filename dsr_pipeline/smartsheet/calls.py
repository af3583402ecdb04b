"""What calls cost and how many there were: the arithmetic of the token's budget.

Lives here: the price of a call and the counters of one client. `transport` counts every attempt; the sync
and the bench read the sums.
"""

import re
import threading
from collections import Counter
from dataclasses import dataclass, field

HEAVY = 10
"""Units of a heavy call: cell history and uploads (the vendor names no figure; integrators report ten)."""

_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")
_HISTORY = re.compile(r"/sheets/\d+/rows/\d+/columns/\d+/history")
_UPLOAD = re.compile(r"/sheets/\d+/(rows/\d+/|comments/\d+/)?attachments(/\d+/versions)?")


def cost_of(method: str, path: str) -> int:
    """The units that a call takes from the budget of 300 a minute; `path` is relative to the API base."""
    if method == "GET" and _HISTORY.fullmatch(path):
        return HEAVY
    if method == "POST" and _UPLOAD.fullmatch(path):
        return HEAVY
    return 1


def kind_of(method: str, path: str) -> str:
    """The endpoint without its ids: `GET /sheets/{}`."""
    return f"{method} {_NUMBER.sub('{}', path)}"


@dataclass(slots=True)
class Calls:
    """Counters of one client, safe to use from several threads. Every attempt counts, also a failed one."""

    calls: int = 0
    cost: int = 0
    retries: int = 0
    waited_seconds: float = 0.0
    by_kind: Counter[str] = field(default_factory=Counter[str])
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def count(self, kind: str, cost: int, *, again: bool) -> None:
        """One attempt at an endpoint; `again` when it repeats one that failed."""
        with self._lock:
            self.calls += 1
            self.cost += cost
            self.retries += again
            self.by_kind[kind] += 1

    def wait(self, seconds: float) -> None:
        """Time spent waiting: for the budget or between attempts."""
        with self._lock:
            self.waited_seconds += seconds
