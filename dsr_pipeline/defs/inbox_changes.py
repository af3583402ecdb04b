"""Which files of the inbox are new and no longer growing: the decision behind the `csv_inbox` sensor.

Lives here: one pure function over a listing and the cursor of the last tick. Nothing is opened or hashed; the
assets do that. Called by `sensors`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Listing = dict[str, tuple[int, int]]
"""File name inside the inbox → size in bytes, time of the last change in nanoseconds."""

_MARK_BYTES = 6
"""48 bits per file keep the cursor small (8 characters each): it is stored again with every tick."""
_MARK_CHARACTERS = 8


@dataclass(frozen=True, slots=True)
class Changes:
    """What one tick found. `run_key` is None when there is nothing to run for."""

    cursor: str
    run_key: str | None
    ready: tuple[str, ...]
    growing: tuple[str, ...]
    left: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Cursor:
    turn: int
    done: frozenset[str]
    seen: frozenset[str]


def inbox_changes(listing: Mapping[str, tuple[int, int]], cursor: str | None, limit: int) -> Changes:
    """Compare the inbox with what the last tick saw.

    A file is ready when it was not run for in this state, and two ticks in a row saw the same size and time.
    At most `limit` files are run for in one tick, by name; `left` counts those that wait for the next.
    A file that was removed is a change too, but waits until nothing is growing: it may be being replaced.
    """
    before = _read(cursor)
    marks = {name: _mark(name, *state) for name, state in sorted(listing.items())}
    present = frozenset(marks.values())
    fresh = {name: mark for name, mark in marks.items() if mark not in before.done}
    settled = [name for name, mark in fresh.items() if mark in before.seen]
    growing = tuple(name for name in fresh if name not in set(settled))
    ready = tuple(settled[:limit])

    gone = before.done - present
    removed = len(gone) if not growing else 0
    run = bool(ready or removed)
    done = (before.done & present) | {fresh[name] for name in ready}
    if growing:
        done |= gone
    after = _Cursor(
        turn=before.turn + run,
        done=done,
        seen=frozenset(mark for name, mark in fresh.items() if name not in set(ready)),
    )
    return Changes(
        cursor=_write(after),
        run_key=f"inbox-{after.turn}-{_digest(done)}" if run else None,
        ready=ready,
        growing=growing,
        left=len(settled) - len(ready),
        removed=removed,
    )


def _mark(name: str, size: int, mtime_ns: int) -> str:
    state = hashlib.sha256(f"{len(name)}:{name}:{size}:{mtime_ns}".encode("utf-8", "surrogateescape"))
    return base64.urlsafe_b64encode(state.digest()[:_MARK_BYTES]).decode()


def _digest(marks: Iterable[str]) -> str:
    return hashlib.sha256("".join(sorted(marks)).encode()).hexdigest()[:16]


def _read(cursor: str | None) -> _Cursor:
    # A cursor that cannot be read costs one run that finds nothing new; it must not stop the sensor.
    try:
        state = json.loads(cursor or "{}")
        return _Cursor(
            int(state.get("turn", 0)), _split(state.get("done", "")), _split(state.get("seen", ""))
        )
    except (ValueError, TypeError, AttributeError):
        return _Cursor(0, frozenset(), frozenset())


def _split(marks: str) -> frozenset[str]:
    return frozenset(marks[i : i + _MARK_CHARACTERS] for i in range(0, len(marks), _MARK_CHARACTERS))


def _write(cursor: _Cursor) -> str:
    return json.dumps(
        {"turn": cursor.turn, "done": "".join(sorted(cursor.done)), "seen": "".join(sorted(cursor.seen))}
    )
