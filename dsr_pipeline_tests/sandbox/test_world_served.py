"""The sample world over HTTP: what the SDK reads is what the Parquet says, at every step, read in any way."""

from __future__ import annotations

from typing import Any

import pytest
import smartsheet

from dsr_pipeline.sandbox.sample import SAMPLE, load_sample
from dsr_pipeline.sandbox.sample_targets import SHEETS
from dsr_pipeline.sandbox.world import canonical_inputs, open_world, read_history
from dsr_pipeline.sandbox.world_store import OWNER, READER
from dsr_pipeline_tests.standin import StandIn, StandInFactory

Found = dict[int, dict[str, dict[str, Any]]]
VIEW = {"level": 2, "pageSize": 5000, "include": "writerInfo"}


@pytest.fixture
def served(stand_in_factory: StandInFactory) -> StandIn:
    stand_in = stand_in_factory()
    load_sample(stand_in.store, token="world-token")
    stand_in.token = "world-token"
    return stand_in


def read(client: smartsheet.Smartsheet, **more: Any) -> Found:
    """All rows of all sheets: title → value and name, as the pipeline would take them from the API."""
    found: Found = {}
    for each in listed(client):
        sheet = client.Passthrough.get(f"/sheets/{each.id}", VIEW | more).data
        titles = {column["id"]: column["title"] for column in sheet["columns"]}
        contacts = {column["id"] for column in sheet["columns"] if column["type"] == "CONTACT_LIST"}
        for row in sheet["rows"]:
            found[row["id"]] = {
                titles[cell["columnId"]]: {"value": cell["value"]}
                | ({"displayValue": cell["displayValue"]} if cell["columnId"] in contacts else {})
                for cell in row["cells"]
                if "value" in cell
            }
    return found


def expected(number: int) -> Found:
    return {row: cells for _, row, cells in canonical_inputs(SAMPLE, number)}


def test_every_step_reads_as_its_snapshot(served: StandIn) -> None:
    client = served.sdk()
    assert read(client) == expected(0)
    for number in range(1, 8):
        stepped = served.control("POST", "advance", {"steps": 1})
        assert stepped == {"snapshot": number, "time": open_world(SAMPLE).taken_at[number]}
        if number in (1, 3, 7):
            assert read(client) == expected(number)


def test_reading_only_what_changed_is_enough(served: StandIn) -> None:
    """Kept rows, plus what is newer than the newest one seen, minus what is gone: the whole snapshot."""
    client = served.sdk()
    kept = read(client)
    newest = max(
        row["modifiedAt"]
        for sheet in listed(client)
        for row in client.Passthrough.get(f"/sheets/{sheet.id}", VIEW).data["rows"]
    )
    served.control("POST", "advance", {"steps": 3})
    changed = read(client, rowsModifiedSince=newest)
    assert 0 < len(changed) < 30
    live = read(client)
    merged = {row: cells for row, cells in (kept | changed).items() if row in live}
    assert merged == expected(3)


def test_edits_that_were_taken_back_show_in_version_and_history(served: StandIn) -> None:
    client = served.sdk()
    served.control("POST", "advance", {"steps": 2})
    before = read(client)
    versions = {sheet.id: client.Sheets.get_sheet_version(sheet.id).version for sheet in listed(client)}
    served.control("POST", "advance")
    after = read(client)
    told = [event for event in read_history(SAMPLE, 3) if before.get(event.row_id) == after.get(event.row_id)]
    assert {event.column for event in told} == {"Quantity", "Units Total Price"}
    for event in told:
        assert client.Sheets.get_sheet_version(event.sheet_id).version > versions[event.sheet_id]
        columns = client.Sheets.get_columns(event.sheet_id, include_all=True).data
        (column,) = (each.id for each in columns if each.title == event.column)
        history = client.Cells.get_cell_history(event.sheet_id, event.row_id, column, include_all=True).data
        entries = sorted(
            (entry.modified_at.strftime("%Y-%m-%dT%H:%M:%SZ"), entry.modified_by.email, str(entry.value))
            for entry in history
        )
        assert (event.at, event.by, str(float(event.text or "")).removesuffix(".0")) in [
            (at, by, str(float(value)).removesuffix(".0")) for at, by, value in entries
        ]
        assert entries[-1][2] == str(after[event.row_id][event.column]["value"])


def test_the_office_lies_in_one_workspace(served: StandIn) -> None:
    client = served.sdk()
    assert client.Users.get_current_user().email == READER
    workspaces = served.http("GET", "/workspaces?paginationType=token&maxItems=100", served.token).json()[
        "data"
    ]
    (workspace,) = (each for each in workspaces if each["name"] == "Field billing")
    assert workspace["accessLevel"] == "ADMIN"
    folders = served.http("GET", f"/workspaces/{workspace['id']}/children", served.token).json()["data"]
    inside = {
        folder["name"]: {
            sheet["name"]
            for sheet in served.http("GET", f"/folders/{folder['id']}/children", served.token).json()["data"]
        }
        for folder in folders
    }
    assert {basis: len(names) for basis, names in inside.items()} == {"primary": 3, "subcontractor": 1}
    owned = served.http("GET", "/sheets?include=ownerInfo", served.token).json()["data"]
    assert {sheet.get("owner") for sheet in owned} == {OWNER}


def test_a_known_token_gets_the_world_as_well(stand_in: StandIn) -> None:
    load_sample(stand_in.store, 7)
    assert read(stand_in.sdk()) == expected(7)


def listed(client: smartsheet.Smartsheet) -> list[Any]:
    """The sheets of the field; those of the office are not of the world."""
    return [sheet for sheet in client.Sheets.list_sheets(include_all=True).data if sheet.name not in SHEETS]


def test_reports_can_be_attached_in_the_office(served: StandIn) -> None:
    client = served.sdk()
    targets = {
        sheet.name: sheet
        for sheet in client.Sheets.list_sheets(include_all=True).data
        if sheet.name in SHEETS
    }
    assert set(targets) == set(SHEETS)
    for name, sheet in targets.items():
        assert sheet.access_level == "EDITOR"
        read_sheet = client.Sheets.get_sheet(sheet.id)
        assert [(c.title, c.type, bool(c.primary)) for c in read_sheet.columns] == [
            ("Work Request #", "TEXT_NUMBER", True),
            ("Customer Name", "TEXT_NUMBER", False),
            ("Status", "PICKLIST", False),
        ]
        row = read_sheet.rows[0]
        sent = ("report.xlsx", name.encode(), "application/vnd.ms-excel")
        attached = client.Attachments.attach_file_to_row(sheet.id, row.id, sent).data
        assert client.Attachments.list_row_attachments(sheet.id, row.id).data[0].id == attached.id
