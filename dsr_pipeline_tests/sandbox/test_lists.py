"""Lists: pages, what changed since, the lag of the index, workspaces and folders by token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dsr_pipeline_tests.standin import StandIn, StandInFactory


def pages(stand_in: StandIn, query: str) -> dict[str, Any]:
    return stand_in.http("GET", f"/sheets?{query}").json()


def test_pages_of_a_list_and_a_page_out_of_range_is_the_nearest_one(stand_in: StandIn) -> None:
    ids = {stand_in.sheet(f"Sheet {number}").id for number in range(5)}
    assert set(pages(stand_in, "")) == {"pageNumber", "pageSize", "totalPages", "totalCount", "data"}
    assert {item["id"] for item in pages(stand_in, "")["data"]} == ids
    cases = [("1", 1, 2), ("3", 3, 1), ("4", 3, 1), ("99", 3, 1), ("0", 1, 2), ("-1", 1, 2)]
    for page, number, count in cases:
        got = pages(stand_in, f"page={page}&pageSize=2")
        head = (got["pageNumber"], got["pageSize"], got["totalPages"], got["totalCount"], len(got["data"]))
        assert head == (number, 2, 3, 5, count), page
    seen = [item["id"] for page in (1, 2, 3) for item in pages(stand_in, f"page={page}&pageSize=2")["data"]]
    assert (len(seen), set(seen)) == (5, ids)


def test_a_hundred_items_are_a_page_unless_all_are_wanted(stand_in: StandIn) -> None:
    for number in range(101):
        stand_in.sheet(f"Sheet {number}", columns=("Key",))
    assert [len(pages(stand_in, query)["data"]) for query in ("", "page=2")] == [100, 1]
    everything = pages(stand_in, "includeAll=True&page=7&pageSize=3")
    assert len(everything["data"]) == 101
    assert "pageSize" not in everything
    assert (everything["pageNumber"], everything["totalPages"], everything["totalCount"]) == (1, 1, 101)
    listed = stand_in.sdk().Sheets.list_sheets(include_all=True, include=["sheetVersion"])
    assert {sheet.version for sheet in listed.data} == {0}


def test_an_empty_list_has_no_pages(stand_in: StandIn) -> None:
    head = {"pageNumber": 1, "pageSize": 100, "totalPages": 0, "totalCount": 0, "data": []}
    assert pages(stand_in, "") == head


def test_versions_and_owners_are_there_only_when_asked_for(stand_in: StandIn) -> None:
    stand_in.sheet(workspace=None)
    names = {"id", "name", "accessLevel", "permalink", "createdAt", "modifiedAt"}
    assert set(pages(stand_in, "")["data"][0]) == names
    assert set(pages(stand_in, "include=sheetVersion")["data"][0]) == names | {"version"}
    owned = pages(stand_in, "include=ownerInfo,source")["data"][0]
    assert set(owned) == names | {"owner", "ownerId"}
    assert owned["owner"] == "etl.reader@example.com"


def touch(stand_in: StandIn, sheet: Any) -> str:
    row = {"id": sheet.rows[0], "cells": [{"columnId": sheet.columns["Quantity"], "value": 2}]}
    answer = stand_in.http("PUT", f"/sheets/{sheet.id}/rows", json=row)
    assert answer.status_code == 200
    return answer.json()["result"]["modifiedAt"]


def test_modified_since_counts_the_very_second(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Quantity": 1}])
    stand_in.clock.advance(3600)
    at = touch(stand_in, sheet)
    later = (datetime.fromisoformat(at) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(pages(stand_in, f"modifiedSince={at}")["data"]) == 1
    assert pages(stand_in, f"modifiedSince={later}")["data"] == []
    with_zone = at.replace("T09", "T10").replace("Z", "%2B01:00")
    assert len(pages(stand_in, f"modifiedSince={with_zone}")["data"]) == 1
    moment = datetime.fromisoformat(at).astimezone(UTC)
    sdk = stand_in.sdk()
    assert len(sdk.Sheets.list_sheets(modified_since=moment).data) == 1
    assert sdk.Sheets.list_sheets(modified_since=moment + timedelta(seconds=1)).data == []


def test_the_list_lags_but_the_sheet_does_not(stand_in_factory: StandInFactory) -> None:
    stand_in = stand_in_factory(list_lag_seconds=65)
    sheet = stand_in.sheet(rows=[{"Quantity": 1}])
    stand_in.clock.advance(3600)
    at = touch(stand_in, sheet)
    query = f"modifiedSince={at}&include=sheetVersion"
    assert pages(stand_in, query)["data"] == []
    assert pages(stand_in, "include=sheetVersion")["data"][0]["version"] == 0
    assert pages(stand_in, "")["data"][0]["modifiedAt"] == "2026-03-02T08:00:00Z"
    assert stand_in.http("GET", f"/sheets/{sheet.id}/version").json() == {"version": 1}
    stand_in.clock.advance(30)
    touch(stand_in, sheet)
    stand_in.clock.advance(35)
    (listed,) = pages(stand_in, query)["data"]
    assert (listed["version"], listed["modifiedAt"]) == (1, at)
    stand_in.clock.advance(30)
    assert pages(stand_in, query)["data"][0]["version"] == 2


def tree(stand_in: StandIn) -> tuple[int, list[int], list[int]]:
    workspace = stand_in.workspace()
    made = [
        stand_in.http("POST", f"/workspaces/{workspace}/folders", json={"name": f"Week {number}"})
        for number in range(60)
    ]
    sheets = [stand_in.sheet(f"Sheet {number}", columns=("Key",)).id for number in range(70)]
    return workspace, [answer.json()["result"]["id"] for answer in made], sheets


def test_children_come_by_token_until_there_is_none(stand_in: StandIn) -> None:
    workspace, folders, sheets = tree(stand_in)
    path = f"/workspaces/{workspace}/children"
    first = stand_in.http("GET", path).json()
    assert len(first["data"]) == 100
    second = stand_in.http("GET", path, params={"lastKey": first["lastKey"]}).json()
    assert "lastKey" not in second
    both = first["data"] + second["data"]
    assert sorted(item["id"] for item in both) == sorted(folders + sheets)
    only = stand_in.http("GET", f"{path}?childrenResourceTypes=folders&maxItems=100").json()
    assert "lastKey" not in only
    assert {item["resourceType"] for item in only["data"]} == {"folder"}
    names = {"id", "name", "permalink", "createdAt", "modifiedAt", "resourceType"}
    assert set(only["data"][0]) == names
    assert set(second["data"][-1]) == names | {"accessLevel"}


def test_the_sdk_walks_workspaces_folders_and_children(stand_in: StandIn) -> None:
    sdk = stand_in.sdk()
    space = sdk.Workspaces.create_workspace(smartsheet_workspace("Crew")).result
    folder = sdk.Workspaces.create_folder_in_workspace(space.id, smartsheet_folder("Week 46")).result
    inner = sdk.Folders.create_folder_in_folder(folder.id, smartsheet_folder("Subcontractor")).result
    assert [item.name for item in sdk.Workspaces.list_workspaces().data] == ["Crew"]
    assert sdk.Workspaces.get_workspace_metadata(space.id).name == "Crew"
    assert sdk.Folders.get_folder_metadata(inner.id).name == "Subcontractor"
    assert [child.id for child in sdk.Workspaces.get_workspace_children(space.id).data] == [folder.id]
    found = sdk.Folders.get_folder_children(folder.id, children_resource_types=["folders", "sheets"])
    assert [child.id for child in found.data] == [inner.id]
    path = stand_in.http("GET", f"/folders/{inner.id}/path").json()
    assert path["folders"][0]["folders"][0]["id"] == inner.id


def smartsheet_workspace(name: str) -> Any:
    import smartsheet

    return smartsheet.models.Workspace({"name": name})


def smartsheet_folder(name: str) -> Any:
    import smartsheet

    return smartsheet.models.Folder({"name": name})


NOT_THEIRS = [
    "maxItems=99",
    "maxItems=0",
    "childrenResourceTypes=boards",
    "childrenResourceTypes=templates",
    "lastKey=made-up",
    "include=sheetVersion",
    "page=2",
]


def test_children_refuse_what_is_not_theirs(stand_in: StandIn) -> None:
    for query in NOT_THEIRS:
        answer = stand_in.http("GET", f"/workspaces/{stand_in.workspace()}/children?{query}")
        assert (answer.status_code, answer.json()["errorCode"]) == (400, 1018), query


def test_a_token_belongs_to_its_list(stand_in: StandIn) -> None:
    workspace, _, _ = tree(stand_in)
    key = stand_in.http("GET", f"/workspaces/{workspace}/children").json()["lastKey"]
    for path in ("/workspaces", f"/workspaces/{workspace}/children?childrenResourceTypes=sheets"):
        answer = stand_in.http("GET", path, params={"lastKey": key})
        assert answer.json()["errorCode"] == 1018, path
    assert stand_in.http("GET", "/workspaces?paginationType=offset").json()["errorCode"] == 1018
    assert stand_in.http("GET", "/workspaces?paginationType=token&maxItems=100").status_code == 200
