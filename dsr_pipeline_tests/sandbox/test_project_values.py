"""Durations, predecessors and times without a zone: what is one, and the objects that stand for them."""

from __future__ import annotations

from typing import Any

import pytest

from dsr_pipeline_tests.standin import SheetMade, StandIn

COLUMNS = ["Task", ("Long", "DURATION"), ("After", "PREDECESSOR"), ("Start", "ABSTRACT_DATETIME")]


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet("Plan", COLUMNS, rows=[{"Task": "dig"}, {"Task": "set"}, {"Task": "wire"}])


def write(stand_in: StandIn, sheet: SheetMade, title: str, cell: dict[str, Any]) -> Any:
    """The cell as it reads afterwards, or the code of the refusal."""
    column = sheet.columns[title]
    body = {"id": sheet.rows[2], "cells": [{"columnId": column, **cell}]}
    answer = stand_in.http("PUT", f"/sheets/{sheet.id}/rows", json=body)
    if answer.status_code != 200:
        return answer.json()["errorCode"]
    path = f"/sheets/{sheet.id}/rows/{sheet.rows[2]}?include=objectValue"
    (kept,) = (c for c in stand_in.http("GET", path).json()["cells"] if c["columnId"] == column)
    return {name: kept[name] for name in ("value", "displayValue", "objectValue") if name in kept}


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Long", "4d 6h 30m"),
        ("Long", "2h"),
        ("Long", "~1.5w"),
        ("Long", "-3d"),
        ("Long", "e4d"),
        ("After", "12FS +3d 4h"),
        ("After", "2"),
        ("After", "2SS, 3FF -1d"),
    ],
)
def test_what_is_a_duration_or_a_predecessor(
    stand_in: StandIn, sheet: SheetMade, title: str, value: str
) -> None:
    shown = {"value": value, "displayValue": value, "objectValue": value}
    assert write(stand_in, sheet, title, {"value": value}) == shown


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("Long", "a while"),
        ("Long", "4 8"),
        ("Long", True),
        ("After", "the first one"),
        ("After", "FS"),
        ("After", 1.5),
        ("Start", "soon"),
        ("Start", "2026-13-01T08:00:00"),
        ("Start", 5),
    ],
)
def test_anything_else_is_text_for_the_lenient_only(
    stand_in: StandIn, sheet: SheetMade, title: str, value: Any
) -> None:
    assert write(stand_in, sheet, title, {"value": value}) == 1042
    kept = write(stand_in, sheet, title, {"value": value, "strict": False})
    assert (kept["value"], kept["objectValue"]) == (value, value)


@pytest.mark.parametrize("value", ["2026-03-02T08:00:00", "2026-03-02"])
def test_a_time_of_a_project_has_no_display_value(stand_in: StandIn, sheet: SheetMade, value: str) -> None:
    shown = {"value": value, "objectValue": {"objectType": "ABSTRACT_DATETIME", "value": value}}
    assert write(stand_in, sheet, "Start", {"value": value}) == shown
    assert write(stand_in, sheet, "Start", {"objectValue": shown["objectValue"]}) == shown


def test_objects_are_kept_as_the_text_they_stand_for(stand_in: StandIn, sheet: SheetMade) -> None:
    lag = {"objectType": "DURATION", "days": 2, "hours": 4}
    kept = {"value": "2d 4h", "displayValue": "2d 4h", "objectValue": lag}
    assert write(stand_in, sheet, "Long", {"objectValue": lag}) == kept
    first = {"rowId": sheet.rows[0], "type": "FS", "lag": lag}
    second = {"rowId": sheet.rows[1], "type": "SS", "lag": {**lag, "negative": True}}
    before = {"objectType": "PREDECESSOR_LIST", "predecessors": [first, {"rowId": sheet.rows[1]}, second]}
    kept = write(stand_in, sheet, "After", {"objectValue": before})
    assert kept["displayValue"] == kept["value"] == "1FS +2d 4h, 2FS, 2SS -2d 4h"
    assert kept["objectValue"]["predecessors"] == [
        {**first, "rowNumber": 1},
        {"rowId": sheet.rows[1], "rowNumber": 2, "type": "FS"},
        {**second, "rowNumber": 2},
    ]


def test_a_write_shows_objects_when_asked(stand_in: StandIn, sheet: SheetMade) -> None:
    parts = {"weeks": 1.5, "days": 2.5, "hours": 3.5, "minutes": 4.5, "seconds": 5.5, "milliseconds": 6}
    lag = {"objectType": "DURATION", "negative": False, "elapsed": False, **parts}
    before = {"rowId": sheet.rows[1], "type": "FS", "lag": lag}
    given = {"objectType": "PREDECESSOR_LIST", "predecessors": [before]}
    body = {"cells": [{"columnId": sheet.columns["After"], "objectValue": given}]}
    answer = stand_in.http("POST", f"/sheets/{sheet.id}/rows?include=objectValue", json=body).json()["result"]
    (cell,) = (c for c in answer["cells"] if "value" in c)
    shown = {**before, "rowNumber": 2, "lag": {"objectType": "DURATION", **parts}}
    assert cell["objectValue"] == {"objectType": "PREDECESSOR_LIST", "predecessors": [shown]}
    assert cell["value"] == cell["displayValue"] == "2FS +1.5w 2.5d 3.5h 4.5m 5.5s 6ms"


@pytest.mark.parametrize(
    ("title", "given", "code"),
    [
        ("Long", {"objectType": "DURATION"}, 1012),
        ("Long", {"objectType": "DURATION", "days": "two"}, 1008),
        ("Long", {"objectType": "PREDECESSOR_LIST"}, 1131),
        ("After", {"objectType": "PREDECESSOR_LIST", "predecessors": []}, 1012),
        ("After", {"objectType": "PREDECESSOR_LIST", "predecessors": [{"type": "FS"}]}, 1012),
        ("After", {"objectType": "PREDECESSOR_LIST", "predecessors": [{"rowId": 5}]}, 1034),
        ("Start", {"objectType": "ABSTRACT_DATETIME", "value": "soon"}, 1042),
    ],
)
def test_objects_that_stand_for_nothing(
    stand_in: StandIn, sheet: SheetMade, title: str, given: dict[str, Any], code: int
) -> None:
    assert write(stand_in, sheet, title, {"objectValue": given}) == code


def test_a_restricted_column_is_restricted_for_objects_too(stand_in: StandIn) -> None:
    day = {"title": "Day", "type": "DATE", "validation": True}
    sheet = stand_in.sheet("Days", ["Task", day], rows=[{}, {}, {}])
    soon = {"objectValue": {"objectType": "DATE", "value": "soon"}, "strict": False}
    assert write(stand_in, sheet, "Day", soon) == 5536
    assert write(stand_in, sheet, "Day", {**soon, "overrideValidation": True})["value"] == "soon"
