"""What may be written into a cell of which type, and how it then reads."""

from __future__ import annotations

from typing import Any

import pytest
import smartsheet

from dsr_pipeline_tests.standin import SheetMade, StandIn

COLUMNS: list[Any] = [
    "Key",
    ("Text", "TEXT_NUMBER"),
    ("Done", "CHECKBOX"),
    ("Day", "DATE"),
    {
        "title": "Who",
        "type": "CONTACT_LIST",
        "contactOptions": [{"email": "bo@example.com", "name": "Bo Ek"}],
    },
    {"title": "State", "type": "PICKLIST", "options": ["Open", "Closed", "3"]},
    ("Crew", "MULTI_CONTACT_LIST"),
    {"title": "Tags", "type": "MULTI_PICKLIST", "options": ["red", "blue"]},
    ("Long", "DURATION"),
    {"title": "Restricted", "type": "DATE", "validation": True},
    {"title": "Number", "type": "TEXT_NUMBER", "systemColumnType": "AUTO_NUMBER"},
    {"title": "Made", "type": "DATETIME", "systemColumnType": "CREATED_DATE"},
    {"title": "Total", "type": "TEXT_NUMBER", "formula": "=Text@row * 2"},
    {"title": "Frozen", "type": "TEXT_NUMBER", "locked": True},
]
NOTHING: dict[str, Any] = {}


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet("Values", COLUMNS, rows=[{"Key": "a"}])


def send(
    stand_in: StandIn,
    sheet: SheetMade,
    title: str,
    cell: dict[str, Any],
    query: str = "",
    token: str | None = None,
) -> tuple[int, dict[str, Any]]:
    body = {"id": sheet.rows[0], "cells": [{"columnId": sheet.columns[title], **cell}]}
    path = f"/sheets/{sheet.id}/rows?{query}"
    answer = stand_in.http("PUT", path, token or stand_in.token, json=body)
    return answer.status_code, answer.json()


def written(stand_in: StandIn, sheet: SheetMade, title: str, cell: dict[str, Any], query: str = "") -> Any:
    """The cell as it reads afterwards, without its columnId."""
    status, body = send(stand_in, sheet, title, cell, query)
    assert status == 200, body
    path = f"/sheets/{sheet.id}?level=2&include=objectValue&columnIds={sheet.columns[title]}"
    (kept,) = stand_in.http("GET", path).json()["rows"][0]["cells"]
    kept.pop("columnId")
    return kept


def reads(value: Any, display: str | None = None, inner: Any = None) -> dict[str, Any]:
    shown = {"value": value, "objectValue": value if inner is None else inner}
    return shown if display is None else {**shown, "displayValue": display}


ANN = {"objectType": "CONTACT", "email": "ann@example.com", "name": "Ann"}
BO = {"objectType": "CONTACT", "email": "bo@example.com", "name": "Bo Ek"}
ETL = {"objectType": "CONTACT", "email": "etl.reader@example.com", "name": "ETL Reader"}
DAY = {"objectType": "DATE", "value": "2026-02-28"}
CREW = {"objectType": "MULTI_CONTACT", "values": [ANN, BO]}
TAGS = {"objectType": "MULTI_PICKLIST", "values": ["blue", "red"]}


GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("Text", {"value": "abc"}, reads("abc", "abc")),
    ("Text", {"value": " 5"}, reads(" 5", " 5")),
    ("Text", {"value": "0090"}, reads("0090", "0090")),
    ("Text", {"value": "$782.12"}, reads("$782.12", "$782.12")),
    ("Text", {"value": "2026-02-28"}, reads("2026-02-28", "2026-02-28")),
    ("Text", {"value": "=SUM(1)"}, reads("=SUM(1)", "=SUM(1)")),
    ("Text", {"value": 12}, reads(12, "12")),
    ("Text", {"value": 12.0}, reads(12.0, "12")),
    ("Text", {"value": 12.5}, reads(12.5, "12.5")),
    ("Text", {"value": -0.1}, reads(-0.1, "-0.1")),
    ("Text", {"value": 1e-7}, reads(1e-7, "0.0000001")),
    ("Text", {"value": 9007199254740992}, reads(9007199254740992, "9007199254740992")),
    ("Text", {"value": 0}, reads(0, "0")),
    ("Text", {"value": True}, reads(True, "true")),
    ("Text", {"value": ""}, NOTHING),
    ("Text", {"value": None}, NOTHING),
    ("Text", {"value": "x" * 4001}, reads("x" * 4000, "x" * 4000)),
    ("Text", {"formula": "=1+1"}, {**reads("#UNPARSEABLE", "#UNPARSEABLE"), "formula": "=1+1"}),
    ("Text", {"value": "", "formula": None, "hyperlink": None}, NOTHING),
    (
        "Text",
        {"value": "Site", "hyperlink": {"url": "https://example.com"}},
        {**reads("Site", "Site"), "hyperlink": {"url": "https://example.com"}},
    ),
    ("Done", {"value": True}, reads(True)),
    ("Done", {"value": False}, reads(False)),
    ("Done", {"value": ""}, reads(False)),
    ("Done", {"value": None}, reads(False)),
    ("Done", {"value": "TRUE", "strict": False}, reads(True)),
    ("Done", {"value": 1, "strict": False}, reads(True)),
    ("Done", {"value": "maybe", "strict": False}, reads("maybe")),
    ("Done", {"objectValue": {"objectType": "CHECKBOX", "value": True}}, reads(True)),
    ("Day", {"value": "2026-02-28"}, reads("2026-02-28", inner=DAY)),
    ("Day", {"objectValue": DAY}, reads("2026-02-28", inner=DAY)),
    ("Day", {"value": "2/28/26", "strict": False}, reads("2026-02-28", inner=DAY)),
    ("Day", {"value": "2026-02-28T10:00:00Z", "strict": False}, reads("2026-02-28", inner=DAY)),
    ("Day", {"value": "2026-02-30", "strict": False}, reads("2026-02-30")),
    ("Day", {"value": "soon", "strict": False}, reads("soon")),
    ("Day", {"value": ""}, NOTHING),
    (
        "Who",
        {"value": "x@example.com"},
        reads("x@example.com", "x@example.com", ANN | {"email": "x@example.com", "name": "x@example.com"}),
    ),
    ("Who", {"value": "bo@example.com"}, reads("bo@example.com", "Bo Ek", BO)),
    ("Who", {"value": "etl.reader@example.com"}, reads("etl.reader@example.com", "ETL Reader", ETL)),
    ("Who", {"objectValue": ANN}, reads("ann@example.com", "Ann", ANN)),
    ("Who", {"value": "the night crew", "strict": False}, reads("the night crew", "the night crew")),
    ("State", {"value": "Open"}, reads("Open", "Open")),
    ("State", {"value": 3}, reads("3", "3")),
    ("State", {"value": "Lost", "strict": False}, reads("Lost", "Lost")),
    ("Crew", {"objectValue": CREW}, reads("Ann, Bo Ek", "Ann, Bo Ek", CREW)),
    ("Crew", {"value": "all", "strict": False}, reads("all", "all")),
    ("Tags", {"objectValue": TAGS}, reads("blue, red", "blue, red", TAGS)),
    ("Tags", {"value": ""}, NOTHING),
    ("Long", {"value": "4d 6h 30m"}, reads("4d 6h 30m", "4d 6h 30m")),
    ("Restricted", {"value": "2026-02-28"}, reads("2026-02-28", inner=DAY)),
]


def test_what_is_written_reads_like_this(stand_in: StandIn, sheet: SheetMade) -> None:
    for title, cell, expected in GOOD:
        assert written(stand_in, sheet, title, cell) == expected, (title, cell)


BAD: list[tuple[str, dict[str, Any], int]] = [
    ("Text", {}, 1012),
    ("Text", {"strict": False}, 1012),
    ("Text", {"value": ["a"]}, 1038),
    ("Text", {"value": {"a": 1}}, 1038),
    ("Text", {"value": 9007199254740993}, 1148),
    ("Text", {"value": -1e17}, 1148),
    ("Text", {"value": 1, "objectValue": 1}, 1130),
    ("Text", {"value": "20", "formula": "=1"}, 1163),
    ("Text", {"formula": "1+1"}, 1162),
    ("Text", {"formula": "="}, 1162),
    ("Text", {"value": "a", "displayValue": "a"}, 1032),
    ("Text", {"value": "a", "columnType": "DATE"}, 1032),
    ("Text", {"value": "a", "colour": 1}, 1008),
    ("Text", {"value": "a", "strict": "no"}, 1008),
    ("Text", {"value": "a", "hyperlink": {"url": "https://example.com", "sheetId": 2}}, 1112),
    ("Text", {"value": "a", "hyperlink": {"sheetId": 1, "reportId": 2}}, 1111),
    ("Text", {"value": "a", "hyperlink": {}}, 1117),
    ("Text", {"value": 5, "hyperlink": {"url": "https://example.com"}}, 1113),
    ("Text", {"value": "", "hyperlink": {"url": "x"}, "linkInFromCell": {"sheetId": 2}}, 1109),
    ("Text", {"value": "a", "linkInFromCell": {"sheetId": 2, "rowId": 2, "columnId": 2}}, 1110),
    ("Text", {"value": None, "linkInFromCell": {"sheetId": 2, "rowId": 2, "columnId": 2}}, 1032),
    ("Text", {"objectValue": DAY}, 1131),
    ("Done", {"value": "true"}, 1042),
    ("Done", {"value": 1}, 1042),
    ("Day", {"value": "02/28/2026"}, 1042),
    ("Day", {"value": "2026-02-30"}, 1042),
    ("Day", {"value": "2026-02-28T00:00:00Z"}, 1042),
    ("Day", {"value": 46000}, 1042),
    ("Day", {"value": True}, 1042),
    ("Who", {"value": "the night crew"}, 1042),
    ("Who", {"value": 5}, 1042),
    ("Who", {"objectValue": CREW}, 1131),
    ("State", {"value": "Lost"}, 1042),
    ("State", {"value": True}, 1042),
    ("Crew", {"value": "ann@example.com"}, 1042),
    ("Crew", {"objectValue": {"objectType": "MULTI_CONTACT", "values": []}}, 1012),
    ("Tags", {"objectValue": {"objectType": "MULTI_PICKLIST", "values": ["green"]}}, 1042),
    ("Tags", {"objectValue": {"values": ["red"]}}, 1012),
    ("Restricted", {"value": "soon"}, 1042),
    ("Restricted", {"value": "soon", "strict": False}, 5536),
    ("Number", {"value": "7"}, 1046),
    ("Made", {"value": "2026-02-28T00:00:00Z"}, 1046),
    ("Total", {"value": 7}, 1302),
]


def test_what_cannot_be_written(stand_in: StandIn, sheet: SheetMade) -> None:
    for title, cell, code in BAD:
        status, body = send(stand_in, sheet, title, cell)
        assert (status, body["errorCode"]) == (400, code), (title, cell)
        assert body["detail"] == {"index": 0, "rowId": sheet.rows[0]}
    assert stand_in.http("GET", f"/sheets/{sheet.id}/version").json() == {"version": 0}


def test_the_strict_refusal_names_column_value_and_type(stand_in: StandIn, sheet: SheetMade) -> None:
    _, body = send(stand_in, sheet, "State", {"value": "update test 1"})
    expected = (
        f"The value for cell in column {sheet.columns['State']}, update test 1,"
        " did not conform to the strict requirements for type PICKLIST."
    )
    assert body["message"] == expected


def test_only_administrators_override_validation_and_never_strictness(
    stand_in: StandIn, sheet: SheetMade
) -> None:
    lenient = {"value": "soon", "strict": False}
    query = "overrideValidation=true"
    assert written(stand_in, sheet, "Restricted", lenient, query)["value"] == "soon"
    assert written(stand_in, sheet, "Restricted", {**lenient, "overrideValidation": True})["value"] == "soon"
    assert send(stand_in, sheet, "Restricted", {"value": "soon"}, query)[1]["errorCode"] == 1042
    stand_in.user("ed@example.com", "ed")
    stand_in.share("ed@example.com", "EDITOR", sheet=sheet.id)
    for cell, where in ((lenient, query), ({**lenient, "overrideValidation": True}, "")):
        status, body = send(stand_in, sheet, "Restricted", cell, where, "ed")
        assert (status, body["errorCode"]) == (403, 1212)


def test_a_locked_column_is_for_administrators(stand_in: StandIn, sheet: SheetMade) -> None:
    stand_in.user("ed@example.com", "ed")
    stand_in.share("ed@example.com", "EDITOR", sheet=sheet.id)
    status, body = send(stand_in, sheet, "Frozen", {"value": 1}, token="ed")
    assert (status, body["errorCode"]) == (403, 1039)
    assert send(stand_in, sheet, "Frozen", {"value": 1})[0] == 200
    shown = {
        token: stand_in.http("GET", f"/sheets/{sheet.id}", token).json()["columns"][-1]["lockedForUser"]
        for token in ("ed", stand_in.token)
    }
    assert shown == {"ed": True, stand_in.token: False}


def test_new_rows_get_numbers_and_column_formulas(stand_in: StandIn, sheet: SheetMade) -> None:
    cell = {"columnId": sheet.columns["Key"], "value": "b"}
    rows = stand_in.http("POST", f"/sheets/{sheet.id}/rows", json=[{"cells": [cell]}] * 2).json()["result"]
    cells = [{c["columnId"]: c for c in row["cells"]} for row in rows]
    assert [row[sheet.columns["Number"]]["value"] for row in cells] == [1, 2]
    assert cells[0][sheet.columns["Total"]]["formula"] == "=Text@row * 2"


def test_the_sdk_clears_with_an_explicit_null_and_drops_none(stand_in: StandIn, sheet: SheetMade) -> None:
    models, sdk = smartsheet.models, stand_in.sdk()
    send(stand_in, sheet, "Text", {"value": "abc"})
    cell = models.Cell({"column_id": sheet.columns["Text"]})
    cell.value = models.ExplicitNull()
    row = models.Row({"id": sheet.rows[0], "cells": [cell]})
    sdk.Sheets.update_rows(sheet.id, [row])
    path = f"/sheets/{sheet.id}?columnIds={sheet.columns['Text']}"
    assert stand_in.http("GET", path).json()["rows"][0]["cells"] == [{"columnId": sheet.columns["Text"]}]
    row = models.Row({"id": sheet.rows[0], "cells": [{"columnId": sheet.columns["Text"], "value": None}]})
    with pytest.raises(smartsheet.exceptions.ApiError) as caught:
        sdk.Sheets.update_rows(sheet.id, [row])
    assert caught.value.error.result.error_code == 1012


def test_a_row_that_was_read_cannot_be_sent_back(stand_in: StandIn, sheet: SheetMade) -> None:
    sdk = stand_in.sdk()
    alone = sdk.Sheets.get_row(sheet.id, sheet.rows[0])
    of_its_sheet = sdk.Sheets.get_sheet(sheet.id).rows[0]
    for row in (alone, of_its_sheet):
        for send_back in (sdk.Sheets.update_rows, sdk.Sheets.add_rows):
            with pytest.raises(smartsheet.exceptions.ApiError) as refused:
                send_back(sheet.id, [row])
            assert refused.value.error.result.error_code == 1008
    at = {"id": sheet.rows[0], "createdAt": "2026-01-01T00:00:00Z"}
    assert stand_in.http("PUT", f"/sheets/{sheet.id}/rows", json=at).json()["errorCode"] == 1008


def test_days_can_be_numbers_in_cells_too(stand_in: StandIn, sheet: SheetMade) -> None:
    day, made, text = (sheet.columns[title] for title in ("Day", "Made", "Text"))
    cells = [{"columnId": day, "value": 1772236800000}, {"columnId": text, "value": "2026-02-28"}]
    body = {"id": sheet.rows[0], "cells": cells}
    path = f"/sheets/{sheet.id}/rows"
    assert stand_in.http("PUT", path, json=body).json()["errorCode"] == 1042
    answer = stand_in.http("PUT", f"{path}?numericDates=true", json=body).json()["result"]
    seen = {cell["columnId"]: cell.get("value") for cell in answer["cells"]}
    assert (seen[day], seen[made], seen[text]) == (1772236800000, 1772438400000, "2026-02-28")
    plain = stand_in.http("GET", f"/sheets/{sheet.id}").json()["rows"][0]["cells"]
    seen = {cell["columnId"]: cell.get("value") for cell in plain}
    assert (seen[day], seen[made]) == ("2026-02-28", "2026-03-02T08:00:00Z")
