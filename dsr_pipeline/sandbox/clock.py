"""The time of the stand-in, in whole UTC seconds: the machine's, or one that tests and worlds set.

The machine's clock is not read here: the command line hands its reading function in.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

INSTANT_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class Clock(Protocol):
    """What every part of the stand-in asks for the time."""

    def now(self) -> datetime:
        """The present instant in UTC, whole seconds."""
        ...


class SystemClock:
    """A clock over a function that reads the real time."""

    def __init__(self, read: Callable[[], datetime]) -> None:
        self._read = read

    def now(self) -> datetime:
        """The instant that was read, cut to whole seconds in UTC."""
        return self._read().astimezone(UTC).replace(microsecond=0)


class SettableClock:
    """A clock that stands still until it is told otherwise; safe to use from many threads."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._now = start.astimezone(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """The instant that was set last."""
        with self._lock:
            return self._now

    def set(self, to: datetime) -> None:
        """Go to this instant, forwards or backwards."""
        with self._lock:
            self._now = to.astimezone(UTC).replace(microsecond=0)

    def advance(self, seconds: float) -> datetime:
        """Go on by this many seconds and return the new instant."""
        with self._lock:
            self._now = (self._now + timedelta(seconds=seconds)).replace(microsecond=0)
            return self._now


def as_text(instant: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`, the form that is stored and sent."""
    return instant.astimezone(UTC).strftime(INSTANT_FORMAT)


def from_text(text: str) -> datetime:
    """The instant of a stored `YYYY-MM-DDTHH:MM:SSZ`."""
    return datetime.strptime(text, INSTANT_FORMAT).replace(tzinfo=UTC)
