"""What is made in workspaces and folders, and what goes with them when they go."""

from __future__ import annotations

from typing import Any

import smartsheet

from dsr_pipeline_tests.standin import StandIn

KEY = {"title": "Key", "type": "TEXT_NUMBER", "primary": True}


def code(stand_in: StandIn, path: str, body: Any) -> int:
    answer = stand_in.http("POST", path, json=body)
    assert answer.status_code >= 400, answer.text
    return answer.json()["errorCode"]


def test_a_sheet_made_by_the_sdk_in_a_folder(stand_in: StandIn) -> None:
    workspace = stand_in.workspace()
    folder = stand_in.http("POST", f"/workspaces/{workspace}/folders", json={"name": "Week 46"}).json()[
        "result"
    ]
    assert set(folder) == {"id", "name", "permalink"}
    wanted = smartsheet.models.Sheet(
        {"name": "Audit", "columns": [KEY, {"title": "State", "type": "PICKLIST", "options": ["a", "b"]}]}
    )
    made = stand_in.sdk().Folders.create_sheet_in_folder(folder["id"], wanted).result
    assert [(column.title, column.index) for column in made.columns] == [("Key", 0), ("State", 1)]
    sheet = stand_in.http("GET", f"/sheets/{made.id}").json()
    assert (sheet["version"], sheet["totalRowCount"], sheet["workspace"]["id"]) == (0, 0, workspace)
    assert sheet["columns"][1]["options"] == ["a", "b"]
    assert "primary" not in sheet["columns"][1]
    path = stand_in.http("GET", f"/sheets/{made.id}/path").json()
    assert path["folders"][0]["sheets"][0]["id"] == made.id


IMPOSSIBLE: list[tuple[dict[str, Any], int]] = [
    ({"columns": [KEY]}, 1012),
    ({"name": "", "columns": [KEY]}, 1012),
    ({"name": "x" * 51, "columns": [KEY]}, 1041),
    ({"name": "S"}, 1054),
    ({"name": "S", "columns": []}, 1054),
    ({"name": "S", "columns": [{"title": "Key", "type": "TEXT_NUMBER"}]}, 1055),
    ({"name": "S", "columns": [KEY, {**KEY, "title": "Second"}]}, 1055),
    ({"name": "S", "columns": [{**KEY, "type": "DATE"}]}, 1057),
    ({"name": "S", "columns": [KEY, {"title": "Key", "type": "DATE"}]}, 1133),
    ({"name": "S", "columns": [{"title": "Key", "primary": True}]}, 1012),
    ({"name": "S", "columns": [{"type": "TEXT_NUMBER", "primary": True}]}, 1012),
    ({"name": "S", "columns": [KEY, {"title": "D", "type": "MONEY"}]}, 1031),
    ({"name": "S", "columns": [KEY, {"title": "D", "type": "DATETIME"}]}, 1089),
    ({"name": "S", "columns": [KEY, {"title": "D" * 51, "type": "DATE"}]}, 1041),
    ({"name": "S", "columns": [KEY], "color": "red"}, 1008),
    ({"name": "S", "columns": [KEY], "modifiedAt": "2026-01-01T00:00:00Z"}, 1008),
    ({"name": "S", "columns": [KEY], "fromId": 7}, 1032),
    ({"name": "S", "columns": [KEY], "accessLevel": "OWNER"}, 1032),
    ({"name": "S", "columns": [{**KEY, "colour": "red"}]}, 1008),
    ({"name": 7, "columns": [KEY]}, 1008),
]


def test_a_new_sheet_that_cannot_be(stand_in: StandIn) -> None:
    for body, expected in IMPOSSIBLE:
        assert code(stand_in, f"/workspaces/{stand_in.workspace()}/sheets", body) == expected, body
    assert stand_in.http("GET", "/sheets").json()["totalCount"] == 0


def test_names_are_needed_and_places_must_exist(stand_in: StandIn) -> None:
    assert code(stand_in, "/workspaces", {}) == 1012
    assert code(stand_in, "/workspaces", {"name": "x" * 101}) == 1041
    assert stand_in.http("POST", "/workspaces", json={"name": "x" * 100}).status_code == 200
    assert code(stand_in, "/workspaces", {"name": "x", "colour": "red"}) == 1008
    assert code(stand_in, "/workspaces", {"name": "x", "permalink": "https://example.com"}) == 1032
    assert code(stand_in, "/workspaces/77/folders", {"name": "a"}) == 1006
    assert code(stand_in, "/folders/77/sheets", {"name": "a", "columns": [KEY]}) == 1006


def test_a_sheet_of_ones_own_is_owned(stand_in: StandIn) -> None:
    made = stand_in.http("POST", "/sheets", json={"name": "Mine", "columns": [KEY]}).json()["result"]
    assert made["accessLevel"] == "OWNER"
    assert "workspace" not in stand_in.http("GET", f"/sheets/{made['id']}").json()


def test_what_is_deleted_takes_everything_inside_with_it(stand_in: StandIn) -> None:
    workspace = stand_in.http("POST", "/workspaces", json={"name": "Gone"}).json()["result"]["id"]
    outer = stand_in.http("POST", f"/workspaces/{workspace}/folders", json={"name": "a"}).json()["result"][
        "id"
    ]
    inner = stand_in.http("POST", f"/folders/{outer}/folders", json={"name": "b"}).json()["result"]["id"]
    body = {"name": "S", "columns": [KEY]}
    sheets = [
        stand_in.http("POST", f"{place}/sheets", json=body).json()["result"]["id"]
        for place in (f"/workspaces/{workspace}", f"/folders/{inner}")
    ]
    assert stand_in.http("DELETE", f"/folders/{outer}").json() == {"message": "SUCCESS", "resultCode": 0}
    assert [stand_in.http("GET", f"/sheets/{sheet}").status_code for sheet in sheets] == [200, 404]
    assert stand_in.http("GET", f"/folders/{inner}/metadata").status_code == 404
    assert stand_in.http("DELETE", f"/workspaces/{workspace}").status_code == 200
    assert stand_in.http("GET", f"/sheets/{sheets[0]}").status_code == 404


def test_renaming(stand_in: StandIn) -> None:
    sheet = stand_in.sheet()
    stand_in.clock.advance(60)
    assert stand_in.http("PUT", f"/sheets/{sheet.id}", json={"name": "New"}).json()["result"]["name"] == "New"
    assert stand_in.http("GET", f"/sheets/{sheet.id}").json()["name"] == "New"
    workspace = stand_in.workspace()
    for setting, number in (("userSettings", 1032), ("createdAt", 1008)):
        refused = stand_in.http("PUT", f"/sheets/{sheet.id}", json={"name": "Newer", setting: {}}).json()
        assert refused["errorCode"] == number
    stand_in.http("PUT", f"/workspaces/{workspace}", json={"name": "Other"})
    assert stand_in.http("GET", f"/workspaces/{workspace}/metadata").json()["name"] == "Other"
