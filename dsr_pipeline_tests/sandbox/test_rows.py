"""Adding, changing, moving and deleting rows: whole batches or parts of them, versions, places, locks."""

from __future__ import annotations

from typing import Any

import pytest
import smartsheet

from dsr_pipeline_tests.standin import SheetMade, StandIn


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet(rows=[{"Work Request #": str(n), "Quantity": n} for n in (1, 2, 3)])


def rows_of(stand_in: StandIn, sheet: SheetMade) -> list[dict[str, Any]]:
    return stand_in.http("GET", f"/sheets/{sheet.id}").json()["rows"]


def keys(stand_in: StandIn, sheet: SheetMade) -> list[Any]:
    return [row["cells"][0].get("value") for row in rows_of(stand_in, sheet)]


def send(
    stand_in: StandIn, sheet: SheetMade, method: str, body: Any, query: str = ""
) -> tuple[int, dict[str, Any]]:
    answer = stand_in.http(method, f"/sheets/{sheet.id}/rows?{query}", json=body)
    return answer.status_code, answer.json()


def cell(sheet: SheetMade, value: Any, title: str = "Work Request #") -> dict[str, Any]:
    return {"columnId": sheet.columns[title], "value": value}


def version(stand_in: StandIn, sheet: SheetMade) -> int:
    return stand_in.http("GET", f"/sheets/{sheet.id}/version").json()["version"]


def test_added_rows_come_back_whole_with_the_new_version(stand_in: StandIn, sheet: SheetMade) -> None:
    stand_in.clock.advance(90)
    status, body = send(
        stand_in, sheet, "POST", [{"cells": [cell(sheet, "4")]}, {"cells": [cell(sheet, "5")]}]
    )
    assert (status, body["message"], body["resultCode"], body["version"]) == (200, "SUCCESS", 0, 1)
    first, second = body["result"]
    assert (first["rowNumber"], second["rowNumber"], second["siblingId"]) == (4, 5, first["id"])
    assert first["createdAt"] == first["modifiedAt"] == "2026-03-02T08:01:30Z"
    assert first["cells"] == [
        {"columnId": sheet.columns["Work Request #"], "value": "4", "displayValue": "4"},
        {"columnId": sheet.columns["Quantity"]},
    ]
    assert keys(stand_in, sheet) == ["1", "2", "3", "4", "5"]


def test_one_row_is_answered_with_one_row(stand_in: StandIn, sheet: SheetMade) -> None:
    _, body = send(stand_in, sheet, "POST", {"cells": [cell(sheet, "4")]})
    assert body["result"]["rowNumber"] == 4
    _, body = send(stand_in, sheet, "PUT", {"id": sheet.rows[0], "cells": [cell(sheet, "one")]})
    assert body["result"]["id"] == sheet.rows[0]


def test_the_sdk_adds_changes_and_deletes(stand_in: StandIn, sheet: SheetMade) -> None:
    sdk, models = stand_in.sdk(), smartsheet.models
    row = models.Row({"toBottom": True, "cells": [cell(sheet, "4")]})
    added = sdk.Sheets.add_rows(sheet.id, [row])
    (made,) = added.result
    assert added.version == 1
    change = models.Row({"id": made.id, "cells": [cell(sheet, 7.5, "Quantity")]})
    changed = sdk.Sheets.update_rows(sheet.id, [change])
    assert [c.display_value for c in changed.result[0].cells] == ["4", "7.5"]
    gone = sdk.Sheets.delete_rows(sheet.id, [made.id, sheet.rows[0]])
    assert [item.value for item in gone.result] == [made.id, sheet.rows[0]]
    assert version(stand_in, sheet) == 3


def test_only_the_named_cells_change_and_only_that_row_is_newer(stand_in: StandIn, sheet: SheetMade) -> None:
    stand_in.clock.advance(60)
    send(stand_in, sheet, "PUT", [{"id": sheet.rows[1], "cells": [cell(sheet, 20, "Quantity")]}])
    first, second, _ = rows_of(stand_in, sheet)
    assert [c["value"] for c in second["cells"]] == ["2", 20]
    assert (first["modifiedAt"], second["modifiedAt"]) == ("2026-03-02T08:00:00Z", "2026-03-02T08:01:00Z")
    assert second["createdAt"] == "2026-03-02T08:00:00Z"
    body = stand_in.http("GET", f"/sheets/{sheet.id}?include=writerInfo").json()
    assert body["modifiedAt"] == "2026-03-02T08:01:00Z"


def test_a_batch_is_one_version_and_a_bad_row_refuses_all_of_it(stand_in: StandIn, sheet: SheetMade) -> None:
    good, bad = {"cells": [cell(sheet, "4")]}, {"cells": [cell(sheet, ["x"])]}
    status, body = send(stand_in, sheet, "POST", [good, good, bad, bad])
    assert (status, body["errorCode"], body["detail"]) == (400, 1038, {"index": 2})
    change = {"id": sheet.rows[0], "cells": [cell(sheet, "new")]}
    unknown = {"id": 4711, "cells": [cell(sheet, "x")]}
    status, body = send(stand_in, sheet, "PUT", [change, unknown])
    assert (status, body["errorCode"], body["detail"]) == (404, 1006, {"index": 1, "rowId": 4711})
    assert (keys(stand_in, sheet), version(stand_in, sheet)) == (["1", "2", "3"], 0)
    send(stand_in, sheet, "POST", [good] * 3)
    assert version(stand_in, sheet) == 1


def test_partial_success_keeps_the_good_rows_and_names_the_bad_ones(
    stand_in: StandIn, sheet: SheetMade
) -> None:
    partial = "allowPartialSuccess=true"
    bad = {"cells": [{"columnId": 3, "value": "x"}]}
    status, body = send(stand_in, sheet, "POST", [bad, {"cells": [cell(sheet, "4")]}, bad], partial)
    assert (status, body["message"], body["resultCode"], body["version"]) == (200, "PARTIAL_SUCCESS", 3, 1)
    assert [row["rowNumber"] for row in body["result"]] == [4]
    assert [item["index"] for item in body["failedItems"]] == [0, 2]
    error = body["failedItems"][0]["error"]
    assert (set(error), error["errorCode"]) == ({"errorCode", "message", "refId"}, 1036)
    assert error["message"] == "The columnId 3 is invalid."
    change = {"id": sheet.rows[0], "cells": [cell(sheet, "new")]}
    _, body = send(stand_in, sheet, "PUT", [{"id": 4711, "cells": []}, change], partial)
    assert (body["failedItems"][0]["rowId"], body["failedItems"][0]["error"]["errorCode"]) == (4711, 1006)
    assert keys(stand_in, sheet) == ["new", "2", "3", "4"]
    _, body = send(stand_in, sheet, "POST", [{"parentId": 4711}, {"parentId": 4711}], partial)
    assert ([item["index"] for item in body["failedItems"]], body["result"], body["version"]) == (
        [0, 1],
        [],
        2,
    )
    _, body = send(stand_in, sheet, "POST", [{"cells": []}], partial)
    assert (body["message"], "failedItems" in body) == ("SUCCESS", False)
    answer = stand_in.sdk().Sheets.add_rows_with_partial_success(
        sheet.id, [smartsheet.models.Row({"cells": [{"columnId": 3, "value": "x"}]})]
    )
    assert answer.failed_items[0].error.error_code == 1036


def test_five_hundred_rows_and_not_one_more(stand_in: StandIn, sheet: SheetMade) -> None:
    row = {"cells": [cell(sheet, "x")]}
    assert send(stand_in, sheet, "POST", [row] * 501)[1]["errorCode"] == 1061
    assert version(stand_in, sheet) == 0
    assert len(send(stand_in, sheet, "POST", [row] * 500)[1]["result"]) == 500
    assert (len(rows_of(stand_in, sheet)), version(stand_in, sheet)) == (503, 1)


def test_rows_that_cannot_be(stand_in: StandIn, sheet: SheetMade) -> None:
    twice = [cell(sheet, "a"), cell(sheet, "b")]
    first = sheet.rows[0]
    link = {"linkInFromCell": {"sheetId": sheet.id, "rowId": first, "columnId": 3}}
    cases: list[tuple[str, Any, int]] = [
        ("POST", [{"cells": twice}], 1037),
        ("POST", [{"cells": [{"columnId": 77, "value": "a"}]}], 1036),
        ("POST", [{"cells": [{"value": "a"}]}], 1012),
        ("POST", [{"cells": [{"columnId": "one", "value": "a"}]}], 1008),
        ("POST", [{"cells": "a"}], 1008),
        ("POST", [{"cells": [None]}], 1177),
        ("POST", [{"cells": ["a"]}], 1008),
        ("POST", ["a"], 1008),
        ("PUT", [{"id": first, "cells": [cell(sheet, "a"), {**link, "columnId": 3}]}], 1115),
        ("POST", [{"id": first, "rowNumber": 1, "createdAt": "2026-01-01T00:00:00Z"}], 1008),
        ("POST", [{"id": first, "cells": []}], 1032),
        ("POST", [{"rowNumber": 1, "cells": []}], 1032),
        ("POST", [{"indent": 1, "cells": []}], 1032),
        ("POST", [{"createdAt": "2026-01-01T00:00:00Z", "cells": []}], 1008),
        ("POST", [{"color": "red", "cells": []}], 1008),
        ("POST", [{"expanded": "yes"}], 1008),
        ("POST", [{"toTop": True, "toBottom": True}], 1062),
        ("POST", [{"above": True}], 1062),
        ("POST", [{"siblingId": first, "parentId": first}], 1062),
        ("POST", [{"siblingId": first, "toTop": True}], 1062),
        ("POST", [{"parentId": 77}], 1063),
        ("POST", [{"siblingId": 77}], 1064),
        ("POST", [{"toTop": True}, {"toBottom": True}], 1123),
        ("POST", [{"parentId": first}, {"parentId": sheet.rows[1]}], 1123),
        ("PUT", [{"cells": [cell(sheet, "a")]}], 1012),
        ("PUT", [{"id": "x", "cells": []}], 1008),
        ("PUT", [{"id": -5, "cells": []}], 1034),
        ("PUT", [{"id": first, "cells": []}, {"id": first, "cells": []}], 1137),
        ("PUT", [{"id": first, "indent": 1}], 1062),
        ("PUT", [{"id": first, "outdent": 1}], 1062),
        ("PUT", [{"id": first, "indent": 2}], 1031),
        ("PUT", [{"id": first, "indent": 1, "toTop": True}], 1062),
        ("PUT", [{"id": first, "parentId": first}], 1063),
        ("PUT", [{"id": first, "siblingId": first}], 1064),
    ]
    for method, body, code in cases:
        status, answer = send(stand_in, sheet, method, body)
        assert (status, answer["errorCode"]) == (400, code), (method, body)
    assert version(stand_in, sheet) == 0
    status, answer = send(stand_in, sheet, "POST", [], "overrideValidation=perhaps")
    assert (status, answer["errorCode"]) == (400, 1018)


def test_nothing_sent_is_nothing_saved(stand_in: StandIn, sheet: SheetMade) -> None:
    assert send(stand_in, sheet, "POST", [])[1] == {
        "message": "SUCCESS",
        "resultCode": 0,
        "version": 0,
        "result": [],
    }
    assert stand_in.sdk().Sheets.add_rows(sheet.id, []).version == 0


def test_an_id_may_be_a_text_of_digits(stand_in: StandIn, sheet: SheetMade) -> None:
    body = {"id": str(sheet.rows[0]), "cells": [{"columnId": str(sheet.columns["Quantity"]), "value": 9}]}
    assert send(stand_in, sheet, "PUT", body)[1]["result"]["cells"][1]["value"] == 9


def test_where_rows_can_go(stand_in: StandIn, sheet: SheetMade) -> None:
    one, two, _ = sheet.rows

    def add(name: str, **place: Any) -> int:
        status, body = send(stand_in, sheet, "POST", {**place, "cells": [cell(sheet, name)]})
        assert status == 200, body
        return body["result"]["id"]

    add("top", toTop=True)
    add("below 1", siblingId=one)
    add("above 2", siblingId=two, above=True)
    child = add("child", parentId=one)
    add("first child", parentId=one, toTop=True)
    add("last child", parentId=one, toBottom=True)
    add("below child", siblingId=child)
    assert keys(stand_in, sheet) == [
        "top",
        "1",
        "first child",
        "child",
        "below child",
        "last child",
        "below 1",
        "above 2",
        "2",
        "3",
    ]
    inside = [row["cells"][0]["value"] for row in rows_of(stand_in, sheet) if row.get("parentId") == one]
    assert inside == ["first child", "child", "below child", "last child"]
    add("under 1 with children", siblingId=one)
    assert keys(stand_in, sheet)[6] == "under 1 with children"


def test_a_row_moves_with_its_children(stand_in: StandIn, sheet: SheetMade) -> None:
    one, two, three = sheet.rows
    child = send(stand_in, sheet, "POST", {"parentId": one, "cells": [cell(sheet, "child")]})[1]["result"][
        "id"
    ]
    _, body = send(stand_in, sheet, "PUT", [{"id": one, "toBottom": True}])
    assert body["result"][0]["rowNumber"] == 3
    assert keys(stand_in, sheet) == ["2", "3", "1", "child"]
    send(stand_in, sheet, "PUT", [{"id": three, "toTop": True}, {"id": two, "toTop": True}])
    assert keys(stand_in, sheet) == ["3", "2", "1", "child"]
    assert send(stand_in, sheet, "PUT", [{"id": one, "parentId": child}])[1]["errorCode"] == 1063
    send(stand_in, sheet, "PUT", [{"id": child, "toTop": True}])
    rows = rows_of(stand_in, sheet)
    assert ([row["id"] for row in rows], "parentId" in rows[0]) == ([child, three, two, one], False)


def test_a_row_goes_one_level_in_and_out_again(stand_in: StandIn, sheet: SheetMade) -> None:
    one, two, three = sheet.rows

    def parents() -> list[Any]:
        return [row.get("parentId") for row in rows_of(stand_in, sheet)]

    send(stand_in, sheet, "PUT", [{"id": two, "indent": 1}])
    assert parents() == [None, one, None]
    send(stand_in, sheet, "PUT", [{"id": three, "indent": 1}])
    assert parents() == [None, one, one]
    _, body = send(stand_in, sheet, "PUT", [{"id": two, "outdent": 1}])
    assert ("parentId" in body["result"][0], parents()) == (False, [None, None, two])
    assert keys(stand_in, sheet) == ["1", "2", "3"]


def test_what_was_already_written_when_a_row_is_refused_is_taken_back(
    stand_in: StandIn, sheet: SheetMade
) -> None:
    one, two, _ = sheet.rows
    body = [{"id": two, "indent": 1, "cells": [cell(sheet, "new")]}, {"id": one, "indent": 1, "cells": []}]
    status, answer = send(stand_in, sheet, "PUT", body)
    assert (status, answer["errorCode"], answer["detail"]) == (400, 1062, {"index": 1, "rowId": one})
    assert (keys(stand_in, sheet), version(stand_in, sheet)) == (["1", "2", "3"], 0)
    assert "parentId" not in rows_of(stand_in, sheet)[1]


def test_deleting_takes_the_children_and_an_unknown_row_stops_it(stand_in: StandIn, sheet: SheetMade) -> None:
    one, two, _ = sheet.rows
    child = send(stand_in, sheet, "POST", {"parentId": one})[1]["result"]["id"]
    path = f"/sheets/{sheet.id}/rows"
    answer = stand_in.http("DELETE", f"{path}?ids={two},4711")
    assert (answer.status_code, answer.json()["errorCode"]) == (404, 1006)
    assert len(rows_of(stand_in, sheet)) == 4
    answer = stand_in.http("DELETE", f"{path}?ids={two},4711,{one}&ignoreRowsNotFound=True")
    assert (answer.json()["result"], answer.json()["version"]) == ([two, one, child], 2)
    assert keys(stand_in, sheet) == ["3"]
    nothing = stand_in.http("DELETE", f"{path}?ids=4711&ignoreRowsNotFound=true").json()
    assert (nothing["result"], nothing["version"]) == ([], 2)
    assert stand_in.http("DELETE", path).json()["errorCode"] == 1009
    assert stand_in.http("DELETE", f"{path}?ids=one").json()["errorCode"] == 1018


def test_450_rows_go_in_one_request(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Quantity": n} for n in range(450)])
    assert len(stand_in.sdk().Sheets.delete_rows(sheet.id, sheet.rows).result) == 450
    assert rows_of(stand_in, sheet) == []


def test_locked_rows_are_for_administrators(stand_in: StandIn, sheet: SheetMade) -> None:
    stand_in.user("ed@example.com", "ed")
    stand_in.share("ed@example.com", "EDITOR", sheet=sheet.id)
    _, body = send(stand_in, sheet, "PUT", {"id": sheet.rows[0], "locked": True})
    assert (body["result"]["locked"], body["result"]["lockedForUser"]) == (True, False)
    path = f"/sheets/{sheet.id}/rows"
    change = {"id": sheet.rows[0], "cells": [cell(sheet, "x")]}
    answers = [
        stand_in.http("PUT", path, "ed", json=change),
        stand_in.http("DELETE", f"{path}?ids={sheet.rows[0]}", "ed"),
        stand_in.http("PUT", path, "ed", json={"id": sheet.rows[0], "locked": False}),
        stand_in.http("PUT", path, "ed", json={"id": sheet.rows[1], "locked": True}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert [answer.json()["errorCode"] for answer in answers] == [1050, 1092, 1050, 1004]
    assert stand_in.http("POST", path, "ed", json={"locked": False}).status_code == 200
    assert send(stand_in, sheet, "PUT", change)[0] == 200
    assert stand_in.http("GET", f"/sheets/{sheet.id}", "ed").json()["rows"][0]["lockedForUser"] is True


def test_a_folded_row(stand_in: StandIn, sheet: SheetMade) -> None:
    send(stand_in, sheet, "PUT", {"id": sheet.rows[0], "expanded": False})
    assert [row["expanded"] for row in rows_of(stand_in, sheet)] == [False, True, True]
