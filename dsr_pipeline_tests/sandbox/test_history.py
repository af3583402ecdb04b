"""The history of one cell: from the first value on, with who and when."""

from __future__ import annotations

from typing import Any

from dsr_pipeline_tests.standin import SheetMade, StandIn


def write(stand_in: StandIn, sheet: SheetMade, value: Any, token: str = "sandbox-token") -> None:
    stand_in.clock.advance(60)
    cell = {"columnId": sheet.columns["Quantity"], "value": value}
    body = {"id": sheet.rows[0], "cells": [cell]}
    assert stand_in.http("PUT", f"/sheets/{sheet.id}/rows", token, json=body).status_code == 200


def history(stand_in: StandIn, sheet: SheetMade, query: str = "", column: str = "Quantity") -> dict[str, Any]:
    path = f"/sheets/{sheet.id}/rows/{sheet.rows[0]}/columns/{sheet.columns[column]}/history"
    answer = stand_in.http("GET", f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_every_value_with_who_and_when(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Quantity": 1}])
    stand_in.user("ann@example.com", "ann", "Ann", "Lee")
    stand_in.share("ann@example.com", "EDITOR", sheet=sheet.id)
    write(stand_in, sheet, 2, "ann")
    write(stand_in, sheet, "")
    write(stand_in, sheet, 3)
    body = history(stand_in, sheet)
    entries = sorted(body["data"], key=lambda entry: entry["modifiedAt"])
    assert [entry.get("value") for entry in entries] == [1, 2, None, 3]
    assert [entry["modifiedAt"][11:16] for entry in entries] == ["08:00", "08:01", "08:02", "08:03"]
    assert entries[1]["modifiedBy"] == {"name": "Ann Lee", "email": "ann@example.com"}
    assert "value" not in entries[2]
    assert body["data"] == entries[::-1], "newest first"
    found = stand_in.sdk().Cells.get_cell_history(
        sheet.id, sheet.rows[0], sheet.columns["Quantity"], include_all=True
    )
    assert [entry.value for entry in found.data] == [3, None, 2, 1]


def test_a_cell_that_was_never_changed_or_never_held_anything(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Quantity": 1.0}])
    (only,) = history(stand_in, sheet)["data"]
    assert (only["value"], only["displayValue"], only["modifiedAt"]) == (1.0, "1", "2026-03-02T08:00:00Z")
    assert history(stand_in, sheet, column="Work Request #")["data"] == []


def test_writing_the_same_value_again_is_no_entry_but_a_version(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Quantity": 1}])
    write(stand_in, sheet, 1)
    assert history(stand_in, sheet)["totalCount"] == 1
    assert stand_in.http("GET", f"/sheets/{sheet.id}/version").json() == {"version": 1}


def test_the_first_value_of_a_cell_that_was_empty_is_its_first_entry(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Work Request #": "1"}])
    write(stand_in, sheet, 5)
    assert [entry["value"] for entry in history(stand_in, sheet)["data"]] == [5]


def test_pages_and_column_types(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Quantity": 0}])
    for value in range(1, 5):
        write(stand_in, sheet, value)
    page = history(stand_in, sheet, "pageSize=2&page=9&include=columnType,objectValue&level=2")
    head = (page["pageNumber"], page["pageSize"], page["totalPages"], page["totalCount"])
    assert head == (3, 2, 3, 5)
    (entry,) = page["data"]
    assert (entry["columnType"], entry["objectValue"]) == ("TEXT_NUMBER", 0)
    whole = history(stand_in, sheet, "includeAll=true")
    assert (len(whole["data"]), "pageSize" in whole) == (5, False)


def test_cells_that_do_not_exist(stand_in: StandIn) -> None:
    sheet, other = stand_in.sheet(rows=[{"Quantity": 1}]), stand_in.sheet("Other", rows=[{"Quantity": 1}])
    quantity = sheet.columns["Quantity"]
    for row, column in ((other.rows[0], quantity), (sheet.rows[0], other.columns["Quantity"]), (1, 1)):
        answer = stand_in.http("GET", f"/sheets/{sheet.id}/rows/{row}/columns/{column}/history")
        assert (answer.status_code, answer.json()["errorCode"]) == (404, 1006)


def test_a_refused_batch_leaves_no_history(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Quantity": 1}])
    quantity = sheet.columns["Quantity"]
    body = [
        {"id": sheet.rows[0], "cells": [{"columnId": quantity, "value": 2}]},
        {"id": 4711, "cells": [{"columnId": quantity, "value": 2}]},
    ]
    assert stand_in.http("PUT", f"/sheets/{sheet.id}/rows", json=body).status_code == 404
    assert [entry["value"] for entry in history(stand_in, sheet)["data"]] == [1]
