"""Columns: listed, added, renamed, moved, retyped, deleted, and what that does to cells and versions."""

from __future__ import annotations

from typing import Any

import pytest
import smartsheet

from dsr_pipeline_tests.standin import SheetMade, StandIn


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet(columns=("Key", "Quantity", ("Tags", "MULTI_PICKLIST")), rows=[{"Quantity": 1}, {}])


def titles(stand_in: StandIn, sheet: SheetMade) -> list[str]:
    listed = stand_in.http("GET", f"/sheets/{sheet.id}/columns?includeAll=true").json()["data"]
    assert [column["index"] for column in listed] == list(range(len(listed)))
    return [column["title"] for column in listed]


def send(stand_in: StandIn, sheet: SheetMade, method: str, body: Any, column: str = "") -> dict[str, Any]:
    path = f"/sheets/{sheet.id}/columns" + (f"/{sheet.columns[column]}" if column else "")
    answer = stand_in.http(method, path, json=body)
    assert answer.status_code == (400 if "errorCode" in answer.json() else 200)
    return answer.json()


def test_pages_levels_and_one_column(stand_in: StandIn, sheet: SheetMade) -> None:
    path = f"/sheets/{sheet.id}/columns"
    page = stand_in.http("GET", f"{path}?page=5&pageSize=2").json()
    assert (page["pageNumber"], page["totalPages"], page["totalCount"], len(page["data"])) == (2, 2, 3, 1)
    assert (page["data"][0]["type"], page["data"][0]["version"]) == ("TEXT_NUMBER", 2)
    one = stand_in.http("GET", f"{path}/{sheet.columns['Tags']}?level=2").json()
    assert (one["type"], one["id"]) == ("MULTI_PICKLIST", sheet.columns["Tags"])
    assert stand_in.http("GET", f"{path}/4711").json()["errorCode"] == 1006
    found = stand_in.sdk().Sheets.get_columns(sheet.id, include_all=True, level=2)
    assert [str(column.type) for column in found.data] == ["TEXT_NUMBER", "TEXT_NUMBER", "MULTI_PICKLIST"]


def test_columns_are_added_beside_each_other(stand_in: StandIn, sheet: SheetMade) -> None:
    new = [{"title": name, "type": "TEXT_NUMBER", "index": 1} for name in ("a", "b")]
    body = send(stand_in, sheet, "POST", new)
    assert ([column["index"] for column in body["result"]], body["version"]) == ([1, 2], 1)
    assert titles(stand_in, sheet) == ["Key", "a", "b", "Quantity", "Tags"]
    column = smartsheet.models.Column({"title": "Last", "type": "DATE", "index": 99})
    added = stand_in.sdk().Sheets.add_columns(sheet.id, [column]).result
    assert (added[0].title, added[0].index) == ("Last", 5)


def test_columns_that_cannot_be(stand_in: StandIn, sheet: SheetMade) -> None:
    new = {"title": "New", "type": "TEXT_NUMBER", "index": 0}
    cases: list[tuple[str, Any, str, int]] = [
        ("POST", {**new, "title": "Key"}, "", 1056),
        ("POST", [new, new], "", 1133),
        ("POST", [new, {**new, "title": "b", "index": 1}], "", 1135),
        ("POST", {"title": "New", "index": 0}, "", 1012),
        ("POST", {"title": "New", "type": "TEXT_NUMBER"}, "", 1012),
        ("POST", {**new, "title": "x" * 51}, "", 1041),
        ("POST", {**new, "type": "MONEY"}, "", 1031),
        ("POST", {**new, "primary": True}, "", 1055),
        ("POST", {**new, "options": ["a"]}, "", 1060),
        ("POST", {**new, "id": 5}, "", 1032),
        ("POST", {**new, "colour": "red"}, "", 1008),
        ("POST", {**new, "width": "wide"}, "", 1008),
        ("POST", {**new, "systemColumnType": "CREATED_DATE"}, "", 1079),
        ("PUT", {"title": "Key"}, "Quantity", 1056),
        ("PUT", {"type": "DATE"}, "Key", 1057),
        ("PUT", {"options": ["a"]}, "Tags", 1090),
        ("PUT", {"primary": True}, "Quantity", 1032),
    ]
    for method, body, column, code in cases:
        assert send(stand_in, sheet, method, body, column)["errorCode"] == code, (method, body)
    refused = stand_in.http("DELETE", f"/sheets/{sheet.id}/columns/{sheet.columns['Key']}")
    assert refused.json()["errorCode"] == 1065
    assert stand_in.http("GET", f"/sheets/{sheet.id}/version").json() == {"version": 0}


def test_a_column_renamed_and_moved_keeps_its_id_and_cells(stand_in: StandIn, sheet: SheetMade) -> None:
    column = smartsheet.models.Column({"title": "Qty", "index": 2})
    changed = stand_in.sdk().Sheets.update_column(sheet.id, sheet.columns["Quantity"], column).result
    assert (changed.id, changed.title, changed.index) == (sheet.columns["Quantity"], "Qty", 2)
    assert titles(stand_in, sheet) == ["Key", "Tags", "Qty"]
    body = stand_in.http("GET", f"/sheets/{sheet.id}").json()
    assert (body["version"], body["rows"][0]["cells"][2]["value"]) == (1, 1)


def test_a_new_type_brings_its_rules_and_leaves_the_cells(stand_in: StandIn, sheet: SheetMade) -> None:
    quantity = sheet.columns["Quantity"]
    options = {"type": "PICKLIST", "options": ["An", "updated"], "width": 200}
    body = send(stand_in, sheet, "PUT", options, "Quantity")["result"]
    assert (body["options"], body["width"], body["validation"]) == (["An", "updated"], 200, False)
    row = {"id": sheet.rows[0], "cells": [{"columnId": quantity, "value": "other"}]}
    answer = stand_in.http("PUT", f"/sheets/{sheet.id}/rows", json=row)
    assert answer.json()["errorCode"] == 1042
    assert stand_in.http("GET", f"/sheets/{sheet.id}").json()["rows"][0]["cells"][1]["value"] == 1
    body = send(stand_in, sheet, "PUT", {"type": "DATE"}, "Quantity")["result"]
    assert (body["type"], "options" in body) == ("DATE", False)


def test_a_deleted_column_takes_its_cells_with_it(stand_in: StandIn, sheet: SheetMade) -> None:
    path = f"/sheets/{sheet.id}/columns/{sheet.columns['Quantity']}"
    assert stand_in.http("DELETE", path).json() == {"message": "SUCCESS", "resultCode": 0, "version": 1}
    body = stand_in.http("GET", f"/sheets/{sheet.id}").json()
    assert (body["version"], titles(stand_in, sheet)) == (1, ["Key", "Tags"])
    assert all(len(row["cells"]) == 2 for row in body["rows"])
    assert stand_in.http("DELETE", path).status_code == 404


def test_automatic_numbers_reach_the_rows_that_are_there(stand_in: StandIn, sheet: SheetMade) -> None:
    form = {"prefix": "WR-", "fill": "000", "startingNumber": 9}
    new = {
        "title": "No",
        "type": "TEXT_NUMBER",
        "index": 3,
        "systemColumnType": "AUTO_NUMBER",
        "autoNumberFormat": form,
    }
    made = send(stand_in, sheet, "POST", new)["result"]
    assert made["autoNumberFormat"] == form
    assert set(made) >= {"systemColumnType"}
    stand_in.http("POST", f"/sheets/{sheet.id}/rows", json=[{"toBottom": True}])
    rows = stand_in.http("GET", f"/sheets/{sheet.id}").json()["rows"]
    assert [row["cells"][3]["value"] for row in rows] == ["WR-009", "WR-010", "WR-011"]
    assert send(stand_in, sheet, "POST", {**new, "title": "Again"})["errorCode"] == 1077


def test_an_automatic_number_may_carry_the_day(stand_in: StandIn) -> None:
    form = {"prefix": "{YYYY}-{MM}-{DD}-", "suffix": "/{YY}", "fill": "0000", "startingNumber": 42}
    number = {"type": "TEXT_NUMBER", "systemColumnType": "AUTO_NUMBER", "autoNumberFormat": form}
    sheet = stand_in.sheet("Numbered", ["Key", {"title": "No", **number}])
    row = stand_in.http("POST", f"/sheets/{sheet.id}/rows", json={"toBottom": True}).json()["result"]
    assert row["cells"][1]["value"] == "2026-03-02-0042/26"
