"""The token's budget of calls, shared by all processes of this machine.

Smartsheet counts per access token, and Dagster runs many processes: so the budget is one small file under a
lock that the system frees when its holder dies. `transport` asks before every attempt. One machine only:
the times in the file are those of its monotonic clock.
"""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import filelock
import msgspec

from dsr_pipeline.smartsheet.calls import HEAVY
from dsr_pipeline.smartsheet.errors import SmartsheetError

LONGEST_PAUSE_SECONDS = 3600.0
LOCK_SECONDS = 60.0


class Limiter(Protocol):
    """Who may call, and when."""

    def acquire(self, cost: int) -> float:
        """Wait until `cost` units may be spent, spend them, and give the seconds waited."""
        ...

    def pause(self, seconds: float) -> None:
        """Let nobody call for `seconds`: Smartsheet said that it is too much."""
        ...


class NoLimiter:
    """No limit: for a stand-in on this machine that does not count."""

    def acquire(self, cost: int) -> float:
        """Never waits."""
        del cost
        return 0.0

    def pause(self, seconds: float) -> None:
        """Pauses nobody; the caller itself waits all the same."""
        del seconds


def token_id(token: str) -> str:
    """A name for a token that does not reveal it: processes with the same token share one budget."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


class _State(msgspec.Struct):
    """What the file holds. Negative units are debt: they are spent, and their owner waits for them."""

    units: float
    heavy: float
    at: float
    paused_until: float = 0.0


class SharedLimiter:
    """A token bucket for all processes with the same folder and `token_id`.

    `units_per_minute` is the steady rate; a burst of a fifth of it comes on top, so that 240 never makes
    more than 288 in any minute, below the vendor's 300. `history_per_minute` bounds the heavy calls (cell
    history, uploads) in any minute. A caller takes its units at once and then sleeps until they have
    grown back: first come, first served, also between processes.
    """

    def __init__(
        self,
        folder: Path,
        token_id: str,
        *,
        units_per_minute: float = 240,
        history_per_minute: float = 30,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if units_per_minute <= 0 or history_per_minute <= 0:
            raise ValueError("a limiter needs a rate above zero: units_per_minute, history_per_minute")
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"smartsheet-{token_id}.json"
        self._lock = filelock.FileLock(
            folder / f"smartsheet-{token_id}.lock", fallback_to_soft=False, poll_interval=0.005
        )
        self._threads = threading.Lock()
        self._rate, self._burst = units_per_minute / 60, max(1.0, units_per_minute / 5)
        self._heavy_burst = max(1.0, history_per_minute / 10)
        self._heavy_rate = max(history_per_minute - self._heavy_burst, history_per_minute / 10) / 60
        self._sleep = sleep
        self._monotonic = monotonic

    def acquire(self, cost: int) -> float:
        """Wait for `cost` units; gives the seconds waited.

        A pause that another process asks for meanwhile is kept: the units taken before it are forfeited
        and the caller queues again, so that a pause does not end in a rush.
        """
        waited = 0.0
        while True:
            with self._held() as (state, now):
                state.units -= cost
                state.heavy -= cost >= HEAVY
                debts = (-state.units / self._rate, -state.heavy / self._heavy_rate if cost >= HEAVY else 0.0)
                wait = max(0.0, state.paused_until - now) + max(0.0, *debts)
            if wait <= 0:
                return waited
            self._wait(wait, cost)
            waited += wait
            with self._held() as (state, now):
                if state.paused_until <= now:
                    return waited

    def _wait(self, seconds: float, cost: int) -> None:
        """Sleep until the units have grown back; whoever is interrupted gives them back unspent."""
        slept = False
        try:
            self._sleep(seconds)
            slept = True
        finally:
            if not slept:
                with self._held() as (state, _):
                    state.units += cost
                    state.heavy += cost >= HEAVY

    def pause(self, seconds: float) -> None:
        """Let nobody call for `seconds` (an hour at most); afterwards calls start from an empty bucket."""
        with self._held() as (state, now):
            until = now + min(max(0.0, seconds), LONGEST_PAUSE_SECONDS)
            state.paused_until = max(state.paused_until, until)
            state.units, state.heavy = min(state.units, 0.0), min(state.heavy, 0.0)

    @contextmanager
    def _held(self) -> Generator[tuple[_State, float]]:
        """The state, brought up to now, to be changed under the lock; written when the block ends."""
        with self._threads:
            try:
                self._lock.acquire(timeout=LOCK_SECONDS)
            except filelock.Timeout:
                raise SmartsheetError(
                    f"the budget of calls in {self._file} has been locked for {LOCK_SECONDS:.0f} s: "
                    "end the process that holds it if it hangs"
                ) from None
            try:
                now = self._monotonic()
                state = self._refilled(now)
                yield state, now
                new = self._file.with_suffix(".new")
                new.write_bytes(msgspec.json.encode(state))
                os.replace(new, self._file)  # noqa: PTH105 - the name says what matters: all or nothing
            finally:
                self._lock.release()

    def _refilled(self, now: float) -> _State:
        """The file's state with what has grown since; nothing grows during a pause.

        A file that cannot be read, or one from before a restart of the machine (its times lie ahead), is
        replaced by an empty bucket: what was spent in the last minute is then unknown.
        """
        try:
            state = msgspec.json.decode(self._file.read_bytes(), type=_State)
        except FileNotFoundError:
            return _State(units=self._burst, heavy=self._heavy_burst, at=now)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _State(units=0.0, heavy=0.0, at=now)
        if state.at > now + 1:
            return _State(units=0.0, heavy=0.0, at=now)
        state.paused_until = min(state.paused_until, now + LONGEST_PAUSE_SECONDS)
        grown = max(0.0, now - max(state.at, state.paused_until))
        state.units = min(self._burst, state.units + grown * self._rate)
        state.heavy = min(self._heavy_burst, state.heavy + grown * self._heavy_rate)
        state.at = now
        return state
