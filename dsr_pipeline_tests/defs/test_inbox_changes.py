"""The decision behind the inbox sensor: when is a file complete, new, and worth a run."""

from __future__ import annotations

import json

from dsr_pipeline.defs.inbox_changes import Changes, Listing, inbox_changes

A: Listing = {"a.csv": (100, 1)}
LIMIT = 500


def ticks(*listings: Listing, cursor: str | None = None, limit: int = LIMIT) -> list[Changes]:
    """The answers to a row of ticks, each with the cursor of the one before."""
    answers: list[Changes] = []
    for listing in listings:
        answers.append(inbox_changes(listing, cursor, limit))
        cursor = answers[-1].cursor
    return answers


def test_an_empty_inbox_asks_for_nothing() -> None:
    assert [tick.run_key for tick in ticks({}, {}, {})] == [None, None, None]


def test_a_file_is_ready_when_two_ticks_saw_the_same() -> None:
    first, second, third = ticks(A, A, A)
    assert (first.run_key, first.growing) == (None, ("a.csv",))
    assert second.ready == ("a.csv",)
    assert second.run_key is not None
    assert third.run_key is None


def test_a_file_that_grows_waits_until_it_stops() -> None:
    answers = ticks({"a.csv": (1, 1)}, {"a.csv": (2, 1)}, {"a.csv": (2, 2)}, {"a.csv": (2, 2)})
    assert [bool(tick.run_key) for tick in answers] == [False, False, False, True]


def test_a_growing_file_does_not_hold_up_the_others() -> None:
    answers = ticks({**A, "b.csv": (1, 1)}, {**A, "b.csv": (2, 2)})
    assert answers[1].ready == ("a.csv",)
    assert answers[1].growing == ("b.csv",)


def test_a_file_changed_later_is_run_for_again_with_another_key() -> None:
    changed: Listing = {"a.csv": (100, 2)}
    answers = ticks(A, A, changed, changed)
    assert answers[2].run_key is None
    assert answers[3].ready == ("a.csv",)
    assert answers[3].run_key != answers[1].run_key


def test_the_same_tick_again_gives_the_same_key_so_that_a_crash_does_not_run_twice() -> None:
    seen = inbox_changes(A, None, LIMIT).cursor
    assert inbox_changes(A, seen, LIMIT) == inbox_changes(A, seen, LIMIT)


def test_a_file_removed_and_put_back_is_run_for_although_the_listing_is_an_old_one() -> None:
    answers = ticks(A, A, {}, A, A)
    keys = [tick.run_key for tick in answers if tick.run_key]
    assert len(keys) == len(set(keys)) == 3
    assert answers[2].removed == 1


def test_a_removed_file_waits_while_another_is_growing() -> None:
    answers = ticks(A, A, {"b.csv": (1, 1)}, {"b.csv": (2, 1)}, {"b.csv": (2, 1)}, {"b.csv": (2, 1)})
    assert [bool(tick.run_key) for tick in answers[2:]] == [False, False, True, False]
    assert answers[4].removed == 1


def test_at_most_the_limit_is_run_for_and_the_rest_follows_by_name() -> None:
    many: Listing = {f"{i:03}.csv": (1, 1) for i in range(25)}
    answers = ticks(many, many, many, many, many, limit=10)
    assert [len(tick.ready) for tick in answers] == [0, 10, 10, 5, 0]
    assert [tick.left for tick in answers] == [0, 15, 5, 0, 0]
    assert answers[1].ready[0] == "000.csv"
    assert sorted(name for tick in answers for name in tick.ready) == sorted(many)


def test_the_cursor_stays_small() -> None:
    many: Listing = {f"owner/{'x' * 60}-{i}.csv": (i, i) for i in range(2000)}
    cursor = ticks(many, many, limit=2000)[1].cursor
    assert len(cursor) < 2000 * 8 + 100


def test_a_cursor_that_cannot_be_read_starts_anew() -> None:
    for broken in ("", "no json", "[1]", '{"turn": null}', '{"done": 7}'):
        assert ticks(A, A, cursor=broken)[1].ready == ("a.csv",)


def test_names_are_told_apart_from_sizes() -> None:
    """A mark that joined name and size without a length would take these two for one."""
    one = inbox_changes({"a:1": (2, 3)}, None, LIMIT).cursor
    two = inbox_changes({"a": (1, 2)}, None, LIMIT).cursor
    assert json.loads(one)["seen"] != json.loads(two)["seen"]
