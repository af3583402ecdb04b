"""Formats of rows and cells: kept beside the values, shown when asked for, and nothing else."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.sandbox.store import Store
from dsr_pipeline_tests.standin import SheetMade, StandIn

BOLD, RED = ",,1,,,,,,,,,,,,,,", ",,,,,,,,18,,,,,,,,"


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet(rows=[{"Work Request #": "WR-1", "Quantity": 2}])


def send(stand_in: StandIn, sheet: SheetMade, method: str, **row: Any) -> dict[str, Any]:
    cells = [{"columnId": sheet.columns[title], **cell} for title, cell in row["cells"].items()]
    return stand_in.http(method, f"/sheets/{sheet.id}/rows", json={**row, "cells": cells}).json()


def shown(stand_in: StandIn, sheet: SheetMade, include: str = "format") -> list[Any]:
    """Of every row its format and the cells that hold something."""
    rows = stand_in.http("GET", f"/sheets/{sheet.id}?include={include}").json()["rows"]
    held = [[cell for cell in row["cells"] if len(cell) > 1] for row in rows]
    return [
        (row.get("format"), [(cell.get("value"), cell.get("format")) for cell in cells])
        for row, cells in zip(rows, held, strict=True)
    ]


def test_formats_are_shown_to_who_asks(stand_in: StandIn, sheet: SheetMade) -> None:
    cells = {"Work Request #": {"value": "WR-2", "format": RED}, "Quantity": {"format": BOLD}}
    assert send(stand_in, sheet, "POST", format=BOLD, cells=cells)["version"] == 1
    assert shown(stand_in, sheet)[1] == (BOLD, [("WR-2", RED), (None, BOLD)])
    assert shown(stand_in, sheet, "objectValue")[1] == (None, [("WR-2", None)])


def test_a_format_stays_when_the_value_changes_and_the_other_way_round(
    stand_in: StandIn, sheet: SheetMade
) -> None:
    row, quantity = sheet.rows[0], sheet.columns["Quantity"]
    history = f"/sheets/{sheet.id}/rows/{row}/columns/{quantity}/history?includeAll=true"
    send(stand_in, sheet, "PUT", id=row, format=RED, cells={"Quantity": {"format": BOLD}})
    assert shown(stand_in, sheet) == [(RED, [("WR-1", None), (2, BOLD)])]
    assert stand_in.http("GET", history).json()["totalCount"] == 1
    send(stand_in, sheet, "PUT", id=row, cells={"Quantity": {"value": 3}})
    assert shown(stand_in, sheet) == [(RED, [("WR-1", None), (3, BOLD)])]
    assert [entry["value"] for entry in stand_in.http("GET", history).json()["data"]] == [3, 2]
    send(stand_in, sheet, "PUT", id=row, cells={"Quantity": {"value": ""}})
    assert shown(stand_in, sheet) == [(RED, [("WR-1", None), (None, BOLD)])]
    last = send(stand_in, sheet, "PUT", id=row, format="", cells={"Quantity": {"format": None}})
    assert shown(stand_in, sheet) == [(None, [("WR-1", None)])]
    assert last["version"] == 4


def test_a_row_that_holds_only_formats_is_blank(stand_in: StandIn, sheet: SheetMade) -> None:
    stand_in.clock.advance(60)
    send(stand_in, sheet, "POST", cells={"Quantity": {"format": BOLD}})
    read = stand_in.http("GET", f"/sheets/{sheet.id}?rowsModifiedSince=2026-03-01T00:00:00Z").json()
    assert ([row["id"] for row in read["rows"]], read["totalRowCount"]) == (sheet.rows, 2)


@pytest.mark.parametrize(("format", "code"), [("bold", 1031), (7, 1008), (",,,x,,,,,,,,,,,", 1031)])
def test_what_is_no_format(stand_in: StandIn, sheet: SheetMade, format: object, code: int) -> None:
    for row in ({"format": format, "cells": {}}, {"cells": {"Quantity": {"value": 1, "format": format}}}):
        assert send(stand_in, sheet, "POST", **row)["errorCode"] == code


def test_a_file_from_before_formats_is_served(tmp_path: Path) -> None:
    file = tmp_path / "old.sqlite"
    Store(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE rows DROP COLUMN format")
    connection.close()
    store = Store(file)
    assert store.connection().execute("SELECT format FROM rows").fetchall() == []
    store.close()
