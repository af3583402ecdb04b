"""Which weeks are asked for, tick after tick, as hashes of groups and workbooks move."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dsr_pipeline.defs.week_changes import WeekChanges, week_changes

MONDAY = date(2026, 3, 9)
FIRST, SECOND, THIRD, FIFTH = (date(2026, 3, 1) + timedelta(weeks=n) for n in (0, 1, 2, 4))


def tick(
    billed: dict[date, str],
    built: dict[date, str],
    cursor: str | None = None,
    today: date = MONDAY,
    limit: int = 8,
    outside: tuple[date, ...] = (),
) -> WeekChanges:
    return week_changes(
        billed,
        built,
        has_partition=lambda week: week not in outside,
        cursor=cursor,
        today=today,
        limit=limit,
    )


def asked(changes: WeekChanges) -> list[tuple[date, ...]]:
    return [run.weeks for run in changes.runs]


def test_weeks_that_are_as_they_were_built_are_not_asked_for() -> None:
    same = {FIRST: "a", SECOND: "b"}
    found = tick(same, dict(same))
    assert (found.runs, found.asked, found.left, found.outside) == ((), (), (), ())


def test_exactly_the_weeks_that_differ_are_asked_for_newest_first_and_neighbours_in_one_run() -> None:
    billed = {FIRST: "a", SECOND: "b", THIRD: "c", FIFTH: "e"}
    assert asked(tick(billed, {SECOND: "b"})) == [(FIFTH,), (THIRD,), (FIRST,)]
    assert asked(tick(billed, {})) == [(FIFTH,), (FIRST, SECOND, THIRD)]


def test_a_unit_that_moves_rebuilds_the_week_that_it_left_too() -> None:
    built = {FIRST: "one unit", SECOND: "two units", FIFTH: "e"}
    moved = {FIRST: "none of it", SECOND: "three units", FIFTH: "e"}
    assert asked(tick(moved, built)) == [(FIRST, SECOND)]
    # The only unit of its week: nothing is billed there any more, and its workbook must say so.
    assert asked(tick({SECOND: "three units", FIFTH: "e"}, built)) == [(FIRST, SECOND)]


def test_a_week_is_asked_for_once_per_content_and_again_when_it_moves_on() -> None:
    first = tick({FIRST: "a"}, {})
    again = tick({FIRST: "a"}, {}, first.cursor)
    assert (again.runs, again.asked) == ((), (FIRST,))
    moved = tick({FIRST: "b"}, {}, again.cursor)
    assert asked(moved) == [(FIRST,)]
    assert moved.runs[0].run_key != first.runs[0].run_key


def test_content_that_comes_back_is_asked_for_under_another_key() -> None:
    """Dagster runs a key once for ever: a week that toggles must not be forgotten the second time."""
    keys: list[str] = []
    cursor, built = None, "a"
    for billed in ("b", "a", "b", "a"):
        found = tick({FIRST: billed}, {FIRST: built}, cursor)
        keys += [run.run_key for run in found.runs]
        built = billed
        cursor = tick({FIRST: billed}, {FIRST: built}, found.cursor).cursor
    assert len(set(keys)) == 4


def test_a_run_that_failed_is_tried_again_the_next_day() -> None:
    first = tick({FIRST: "a"}, {})
    morning = tick({FIRST: "a"}, {}, first.cursor, today=MONDAY + timedelta(days=1))
    assert asked(morning) == [(FIRST,)]
    assert morning.runs[0].run_key != first.runs[0].run_key


def test_at_most_so_many_runs_per_tick_and_the_others_at_the_next() -> None:
    billed = {FIRST + timedelta(weeks=2 * n): "a" for n in range(5)}
    first = tick(billed, {}, limit=2)
    second = tick(billed, {}, first.cursor, limit=2)
    third = tick(billed, {}, second.cursor, limit=2)
    assert [len(one.runs) for one in (first, second, third)] == [2, 2, 1]
    assert [len(one.left) for one in (first, second, third)] == [3, 1, 0]
    assert sorted(week for one in (first, second, third) for run in one.runs for week in run.weeks) == sorted(
        billed
    )


def test_weeks_without_a_partition_are_named_and_break_no_range() -> None:
    found = tick({FIRST: "a", SECOND: "b", THIRD: "c"}, {}, outside=(SECOND,))
    assert (asked(found), found.outside) == ([(THIRD,), (FIRST,)], (SECOND,))


def test_a_cursor_that_cannot_be_read_costs_runs_and_stops_nothing() -> None:
    for cursor in ("", "no json", "[]", '{"turn": "x"}', '{"asked": {"x": 1}}', '{"asked": 3}'):
        assert asked(tick({FIRST: "a"}, {}, cursor)) == [(FIRST,)]


some_weeks = st.sampled_from([FIRST + timedelta(weeks=n) for n in range(8)])
hashes = st.dictionaries(some_weeks, st.sampled_from("ab"))


@given(st.lists(hashes, min_size=1, max_size=6), st.integers(1, 3))
def test_whatever_moves_every_differing_week_is_asked_for_and_no_other(
    steps: list[dict[date, str]], limit: int
) -> None:
    """Runs do what they are asked for; after enough ticks the workbooks are those of the groups."""
    built: dict[date, str] = {}
    cursor: str | None = None
    keys: list[str] = []
    for billed in steps:
        for _ in range(8):
            found = tick(billed, built, cursor, limit=limit)
            cursor = found.cursor
            for run in found.runs:
                keys.append(run.run_key)
                for week in run.weeks:
                    assert billed.get(week) != built.get(week)
                    built.pop(week, None)
                    if week in billed:
                        built[week] = billed[week]
        assert built == billed
    assert len(keys) == len(set(keys))
