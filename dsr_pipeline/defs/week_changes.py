"""Which weeks differ from their workbooks: the decision behind the `changed_weeks` sensor.

Lives here: one pure function over two hashes per week and the cursor of the last tick. A unit that moves
changes the week that it left as well as the one that it entered, so both differ. Called by `sensors`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dsr_pipeline.text import canonical_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_WEEK = timedelta(days=7)
_MARK_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class WeekRun:
    """One run: weeks that follow each other without a gap, by their endings."""

    weeks: tuple[date, ...]
    run_key: str


@dataclass(frozen=True, slots=True)
class WeekChanges:
    """What one tick found.

    `asked` differ and were asked for today already: their run is waiting, working, or has failed.
    `left` wait for the next tick. `outside` differ and have no partition: too early, or not begun yet.
    """

    cursor: str
    runs: tuple[WeekRun, ...]
    asked: tuple[date, ...]
    left: tuple[date, ...]
    outside: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """For what content a week was asked for last, and on which day."""

    mark: str
    day: str


def week_changes(
    billed: Mapping[date, str],
    built: Mapping[date, str],
    *,
    has_partition: Callable[[date], bool],
    cursor: str | None,
    today: date,
    limit: int,
) -> WeekChanges:
    """Compare what is billed with what was built, per week ending.

    A week that only one side knows differs too: its groups are new, or all of them are gone. Each week is
    asked for once per content and day, so that a run which failed is tried again and not for ever. The newest
    weeks come first; at most `limit` runs are asked for in one tick.
    """
    turn, before = _read(cursor)
    differ = sorted(week for week in billed.keys() | built.keys() if billed.get(week) != built.get(week))
    inside = [week for week in differ if has_partition(week)]
    now = {week: _Asked(_mark(week, billed.get(week)), today.isoformat()) for week in inside}
    asked = tuple(week for week in inside if before.get(week) == now[week])

    wanted = sorted(_ranges(week for week in inside if week not in set(asked)), reverse=True)
    chosen, later = wanted[:limit], wanted[limit:]
    runs: list[WeekRun] = []
    for weeks in chosen:
        turn += 1
        content = canonical_hash([[str(week), now[week].mark] for week in weeks])[:_MARK_CHARACTERS]
        runs.append(WeekRun(weeks, f"weeks-{weeks[0]}-{weeks[-1]}-{content}-{today}-{turn}"))
    requested = {week for weeks in chosen for week in weeks}
    return WeekChanges(
        cursor=_write(turn, {week: now[week] for week in (*asked, *requested)}),
        runs=tuple(runs),
        asked=asked,
        left=tuple(sorted(week for weeks in later for week in weeks)),
        outside=tuple(week for week in differ if week not in now),
    )


def _ranges(weeks: Iterable[date]) -> list[tuple[date, ...]]:
    """Weeks in runs of weeks that follow each other."""
    found: list[list[date]] = []
    for week in weeks:
        if found and week - found[-1][-1] == _WEEK:
            found[-1].append(week)
        else:
            found.append([week])
    return [tuple(one) for one in found]


def _mark(week: date, content: str | None) -> str:
    return canonical_hash(str(week), content)[:_MARK_CHARACTERS]


def _read(cursor: str | None) -> tuple[int, dict[date, _Asked]]:
    # A cursor that cannot be read costs runs that find nothing to do; it must not stop the sensor.
    try:
        state = json.loads(cursor or "{}")
        asked = {
            date.fromisoformat(week): _Asked(str(mark), str(day))
            for week, (mark, day) in dict(state.get("asked", {})).items()
        }
        return int(state.get("turn", 0)), asked
    except (ValueError, TypeError, AttributeError):
        return 0, {}


def _write(turn: int, asked: Mapping[date, _Asked]) -> str:
    weeks = {str(week): [one.mark, one.day] for week, one in sorted(asked.items())}
    return json.dumps({"turn": turn, "asked": weeks})
