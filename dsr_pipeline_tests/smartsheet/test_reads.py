"""Reads against the stand-in: what comes back, what it costs, and that every fault passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from dsr_pipeline.sandbox.faults import KINDS
from dsr_pipeline.sandbox.options import RateLimit
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    RequestRefused,
    SmartsheetError,
    TokenRefused,
)
from dsr_pipeline.smartsheet.limiter import SharedLimiter
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline_tests.smartsheet.scripted import Client, answer, client_of, problem, serving
from dsr_pipeline_tests.standin import EMAIL, START, StandIn, StandInFactory


@pytest.fixture
def tried(stand_in: StandIn) -> Client:
    return client_of(stand_in.base, token=stand_in.token, policy=RetryPolicy(read_seconds=1))


@pytest.fixture
def client(tried: Client) -> SmartsheetClient:
    return tried.client


def test_who_and_what_the_token_sees(stand_in: StandIn, client: SmartsheetClient) -> None:
    sheets = [stand_in.sheet(f"Sheet {n:03}") for n in range(120)]
    assert client.me().email == EMAIL
    listed = client.list_sheets()
    assert {sheet.id for sheet in listed} == {sheet.id for sheet in sheets}
    assert all(sheet.modified_at for sheet in listed)
    (workspace,) = client.workspaces()
    assert workspace.name == "Field billing"
    before = client.calls.calls
    children = client.children("workspace", workspace.id)
    assert client.calls.calls - before == 1
    assert {sheet.id for sheet in children.sheets} == {sheet.id for sheet in sheets}
    folder = client.create_folder("workspace", workspace.id, "Week 46")
    assert [one.id for one in client.children("workspace", workspace.id).folders] == [folder.id]
    assert client.children("folder", folder.id).sheets == []


def test_a_server_that_lists_a_hundred_at_a_time_is_asked_so_from_then_on() -> None:
    refused = problem(400, 1018, "The value '1000' was not valid for the parameter maxItems.")
    first = {
        "data": [{"id": n, "name": f"S{n}", "resourceType": "sheet"} for n in range(1, 101)],
        "lastKey": "k",
    }
    last = {"data": [{"id": 101, "name": "S101", "resourceType": "sheet"}]}
    with serving() as script:
        script.then(refused, answer(first), answer(last), answer(last))
        client = client_of(script.base).client
        assert len(client.children("workspace", 7).sheets) == 101
        assert len(client.children("workspace", 8).sheets) == 1
        asked = [parse_qs(request.query) for request in script.requests]
    assert [one["maxItems"] for one in asked] == [["1000"], ["100"], ["100"], ["100"]]
    assert [one.get("lastKey") for one in asked] == [None, None, ["k"], None]


def test_pages_versions_and_changes(stand_in: StandIn, client: SmartsheetClient) -> None:
    sheet = stand_in.sheet("W", ("Key", ("Done", "CHECKBOX")), [{"Key": f"k{n}"} for n in range(7)])
    pages = [client.sheet_page(sheet.id, page=page, page_size=3) for page in (1, 2, 3)]
    assert [len(page.sheet.rows) for page in pages] == [3, 3, 1]
    assert {page.sheet.total_row_count for page in pages} == {7}
    assert [row.id for page in pages for row in page.sheet.rows] == sheet.rows
    version = pages[0].sheet.version
    assert [column.title for column in pages[0].sheet.columns] == ["Key", "Done"]
    assert pages[0].sheet.columns[0].primary
    same = client.sheet_page(sheet.id, if_version_after=version)
    assert same.unchanged
    assert same.sheet.version == version
    stand_in.clock.advance(60)
    stand_in.http(
        "PUT",
        f"/sheets/{sheet.id}/rows",
        json=[{"id": sheet.rows[4], "cells": [{"columnId": sheet.columns["Done"], "value": True}]}],
    )
    changed = client.sheet_page(
        sheet.id, if_version_after=version, rows_modified_since=START + timedelta(seconds=30)
    )
    assert not changed.unchanged
    assert [row.id for row in changed.sheet.rows] == [sheet.rows[4]]
    assert changed.sheet.rows[0].modified_by is not None
    assert changed.sheet.rows[0].modified_by.email == EMAIL
    assert client.sheet_version(sheet.id) == changed.sheet.version > version
    one = client.sheet_page(sheet.id, column_ids=[sheet.columns["Done"]], exclude=["nonexistentCells"])
    assert [cell.value for row in one.sheet.rows for cell in row.cells] == [True]
    assert client.column_values(sheet.id, sheet.columns["Key"])[6] == (sheet.rows[6], "k6")


def test_an_instant_without_a_zone_is_refused(client: SmartsheetClient) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        client.sheet_page(5, rows_modified_since=datetime(2026, 1, 1))  # noqa: DTZ001


def test_history_comes_oldest_first_and_costs_ten(stand_in: StandIn, client: SmartsheetClient) -> None:
    sheet = stand_in.sheet("W", ("Key", "Quantity"), [{"Key": "a", "Quantity": 1}])
    for value in (2, 3):
        stand_in.clock.advance(60)
        cells = [{"columnId": sheet.columns["Quantity"], "value": value}]
        stand_in.http("PUT", f"/sheets/{sheet.id}/rows", json=[{"id": sheet.rows[0], "cells": cells}])
    before = client.calls.cost
    entries = client.cell_history(sheet.id, sheet.rows[0], sheet.columns["Quantity"])
    assert [entry.value for entry in entries] == [1, 2, 3]
    assert [entry.modified_at for entry in entries] == sorted(entry.modified_at for entry in entries)
    assert client.calls.cost - before == 10


def test_the_clients_count_is_the_servers_count(stand_in: StandIn, client: SmartsheetClient) -> None:
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    stand_in.faults.add(kind="unexpected", method="GET", times=2)
    client.list_sheets()
    client.sheet_page(sheet.id)
    client.cell_history(sheet.id, sheet.rows[0], sheet.columns["Key"])
    client.attach_to_row(sheet.id, sheet.rows[0], "a.txt", b"a", "text/plain")
    api = [entry for entry in stand_in.journal() if entry.path.startswith(("/sheets", "/users"))]
    assert client.calls.cost == sum(entry.cost for entry in api)
    assert client.calls.retries == 2
    assert client.calls.by_kind["GET /sheets"] == 3


FINAL = {"expired_token": TokenRefused, "not_found": NotFound, "forbidden": AccessDenied}


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_of_the_stand_in_passes_or_is_final(stand_in: StandIn, tried: Client, kind: str) -> None:
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    stand_in.faults.add(kind=kind, method="GET", path=f"/sheets/{sheet.id}", seconds=3)
    if kind in FINAL:
        with pytest.raises(FINAL[kind], match=f"{sheet.id}|token"):
            tried.client.sheet_page(sheet.id)
        assert tried.events == []
        return
    assert tried.client.sheet_page(sheet.id).sheet.rows[0].cells[0].value == "a"
    assert len(tried.events) == 1


def test_rights_and_tokens(stand_in: StandIn, client: SmartsheetClient) -> None:
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    stand_in.user("viewer@example.com", "viewer-token")
    stand_in.share("viewer@example.com", "VIEWER", sheet=sheet.id)
    stand_in.user("nobody@example.com", "nobody-token")
    stand_in.user("late@example.com", "late-token", expired=True)

    def as_(token: str) -> SmartsheetClient:
        return client_of(stand_in.base, token=token).client

    assert len(as_("viewer-token").sheet_page(sheet.id).sheet.rows) == 1
    with pytest.raises(AccessDenied, match=f"lacks access to sheet {sheet.id}: share it as Editor"):
        as_("viewer-token").delete_rows(sheet.id, sheet.rows)
    with pytest.raises(NotFound, match=f"sheet {sheet.id} was not found"):
        as_("nobody-token").sheet_page(sheet.id)
    with pytest.raises(TokenRefused, match="has expired"):
        as_("late-token").me()
    with pytest.raises(TokenRefused, match="does not accept the token"):
        as_("unknown-token").me()
    with pytest.raises(RequestRefused, match="refused a GET"):
        client.sheet_page(sheet.id, include=("nonsense",))
    assert client.sheet_page(sheet.id).sheet.total_row_count == 1


def test_a_token_that_expires_in_mid_run(stand_in: StandIn) -> None:
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    stand_in.user("short@example.com", "short-token")
    stand_in.share("short@example.com", "VIEWER", sheet=sheet.id)
    client = client_of(stand_in.base, token="short-token").client
    client.sheet_page(sheet.id)
    stand_in.user("short@example.com", "short-token", expired=True)
    with pytest.raises(TokenRefused, match="has expired: make a new one"):
        client.sheet_page(sheet.id)


def test_the_shared_limiter_stays_below_a_real_limit(
    stand_in_factory: StandInFactory, tmp_path: Path
) -> None:
    """30 units in 2 seconds at the server; half of it here, so that a busy machine changes nothing."""
    stand_in = stand_in_factory(rate_limit=RateLimit(30, 2))
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    limiter = SharedLimiter(tmp_path / "budget", "abc", units_per_minute=480)
    limiter.acquire(92)  # the burst is for a window of a minute
    client = SmartsheetClient(stand_in.token, stand_in.base, limiter=limiter)
    for _ in range(30):
        client.sheet_version(sheet.id)
    assert client.calls.retries == 0


def test_without_a_limiter_a_limit_is_met_and_outlived(stand_in_factory: StandInFactory) -> None:
    stand_in = stand_in_factory(rate_limit=RateLimit(5, 60, retry_after=True))
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    tried = client_of(stand_in.base, token=stand_in.token, policy=RetryPolicy(attempts=2))
    for _ in range(5):
        tried.client.sheet_version(sheet.id)
    with pytest.raises(RateLimited):
        tried.client.sheet_version(sheet.id)
    assert tried.client.calls.by_kind["GET /sheets/{}/version"] == 7


def test_the_sdks_own_operations_go_the_same_way(stand_in: StandIn, client: SmartsheetClient) -> None:
    """Whoever uses an operation of the SDK that the client has no method for gets models and our errors."""
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    sdk = client._transport._sdk
    stand_in.faults.add(kind="unexpected")
    assert sdk.Users.get_current_user().email == EMAIL
    assert sdk.Sheets.get_sheet(sheet.id).rows[0].cells[0].value == "a"
    assert sdk.Passthrough.get(f"/sheets/{sheet.id}").data["name"] == "W"
    with pytest.raises(SmartsheetError, match="sheet 4711 was not found"):
        sdk.Sheets.get_sheet(4711)
    assert client.calls.retries == 1


def test_times_on_the_wire_are_whole_seconds_rounded_down(
    stand_in: StandIn, client: SmartsheetClient
) -> None:
    sheet = stand_in.sheet("W", ("Key",), [{"Key": "a"}])
    instant = datetime(2026, 3, 2, 7, 59, 59, 999_999, tzinfo=UTC)
    assert len(client.sheet_page(sheet.id, rows_modified_since=instant).sheet.rows) == 1
    query = stand_in.journal()[-1].query
    assert "2026-03-02T07%3A59%3A59Z" in query or "2026-03-02T07:59:59Z" in query
