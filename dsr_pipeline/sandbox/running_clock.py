"""A clock that can be set and then goes on by itself: what `dsr sandbox` runs on.

Edits made one after the other get different times, as with the service; with a clock that stands still a
reader of `rowsModifiedSince` would never see the second one. Tests set their own `SettableClock` instead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dsr_pipeline.sandbox.clock import SettableClock

if TYPE_CHECKING:
    from collections.abc import Callable


class RunningClock(SettableClock):
    """The machine's time, moved by as much as somebody set it; safe to use from many threads."""

    def __init__(self, read: Callable[[], datetime], start: datetime | None = None) -> None:
        """`read` gives the machine's time with its zone; without a start the two agree."""
        super().__init__(read())
        self._read = read
        self._ahead = timedelta(0)
        if start is not None:
            self.set(start)

    def now(self) -> datetime:
        """The instant that was set, and what has gone by since."""
        with self._lock:
            return (self._read().astimezone(UTC) + self._ahead).replace(microsecond=0)

    def set(self, to: datetime) -> None:
        """Go to this instant, forwards or backwards, and on from there."""
        with self._lock:
            self._ahead = to.astimezone(UTC) - self._read().astimezone(UTC)

    def set_to_machine(self) -> None:
        """Show the machine's time again."""
        with self._lock:
            self._ahead = timedelta(0)

    def advance(self, seconds: float) -> datetime:
        """Go on by this many seconds more and return the new instant."""
        with self._lock:
            self._ahead += timedelta(seconds=seconds)
        return self.now()
