"""Which sheets have moved: the decision of one tick, without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dsr_pipeline.defs.sheet_changes import sheet_changes
from dsr_pipeline.smartsheet.catalogue import Sheet
from dsr_pipeline.smartsheet.wire import ListedSheet

AT = "2026-03-02T08:00:00Z"
EAST = Sheet(1, "East", "field", None, "read", version=5, sheet_modified_at_utc=datetime(2026, 3, 2, 8))  # noqa: DTZ001
LISTED = ListedSheet(1, "East", 5, AT)


def test_nothing_moved() -> None:
    found = sheet_changes([LISTED], {1: EAST}, {1})
    assert (found.run_key, str(found)) == (None, "")


def test_a_version_a_time_or_a_name_that_moved_is_a_change() -> None:
    for moved in (
        ListedSheet(1, "East", 6, AT),
        ListedSheet(1, "East", 5, "2026-03-02T08:00:01Z"),
        ListedSheet(1, "East side", 5, AT),
    ):
        found = sheet_changes([moved], {1: EAST}, {1})
        assert found.run_key is not None
        assert str(found) == "1 changed"


def test_before_the_first_sync_everything_is_new() -> None:
    found = sheet_changes([LISTED], {}, None)
    assert (found.new, str(found)) == (("East",), "1 new")


def test_a_sheet_that_no_source_names_is_no_change_once_the_places_were_walked() -> None:
    other = ListedSheet(2, "Holidays", 1, AT)
    assert sheet_changes([LISTED, other], {1: EAST}, {1}).new == ("Holidays",)
    assert sheet_changes([LISTED, other], {1: EAST}, {1, 2}).run_key is None


def test_a_sheet_that_is_not_listed_any_more_is_a_change_once() -> None:
    found = sheet_changes([], {1: EAST}, {1})
    assert (found.gone, str(found)) == (("East",), "1 gone")
    assert sheet_changes([], {1: replace(EAST, status="unknown")}, {1}).run_key is None


def test_a_sheet_that_could_not_be_read_is_tried_once_for_every_state_of_it() -> None:
    """Else a sheet that stays unreadable would start a run at every tick."""
    unknown = {1: replace(EAST, status="unknown")}
    first = sheet_changes([LISTED], unknown, {1})
    assert first.run_key is not None
    assert sheet_changes([LISTED], unknown, {1}).run_key == first.run_key
    assert sheet_changes([ListedSheet(1, "East", 6, AT)], unknown, {1}).run_key != first.run_key


def test_an_ignored_sheet_moves_nothing() -> None:
    ignored = {1: replace(EAST, status="ignored")}
    assert sheet_changes([ListedSheet(1, "East", 9, AT)], ignored, {1}).run_key is None


def test_the_order_of_the_list_does_not_matter() -> None:
    two = [ListedSheet(1, "East", 6, AT), ListedSheet(2, "West", 1, AT)]
    keys = {sheet_changes(order, {1: EAST}, {1}).run_key for order in (two, two[::-1])}
    assert len(keys) == 1
