"""What is true of every endpoint: tokens, unknown paths and parameters, envelopes, collisions, restarts."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import psutil
import pytest
import smartsheet

from dsr_pipeline.sandbox.options import Options
from dsr_pipeline.sandbox.store import Store
from dsr_pipeline_tests.standin import StandIn, StandInFactory


@pytest.mark.parametrize(
    ("token", "headers", "status", "code"),
    [
        (None, {}, 401, 1001),
        (None, {"Authorization": ""}, 401, 1001),
        ("wrong", {}, 401, 1002),
        (None, {"Authorization": "Basic c2FuZGJveC10b2tlbg=="}, 401, 1002),
        ("old", {}, 401, 1003),
        ("sandbox-token", {"Assume-User": "ann@example.com"}, 401, 1030),
        ("sandbox-token", {"Accept": "application/pdf"}, 406, 1052),
    ],
)
def test_who_is_not_let_in(
    stand_in: StandIn, token: str | None, headers: dict[str, str], status: int, code: int
) -> None:
    stand_in.user("late@example.com", "old", expired=True)
    answer = stand_in.http("GET", "/users/me", token=token, headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)


def test_a_missing_token_can_be_answered_as_the_live_service_was_seen_to(
    stand_in_factory: StandInFactory,
) -> None:
    answer = stand_in_factory(missing_header_status=403).http("GET", "/sheets", token=None)
    assert (answer.status_code, answer.json()["errorCode"]) == (403, 1004)


def test_the_user_of_the_token(stand_in: StandIn) -> None:
    me = stand_in.http("GET", "/users/me").json()
    assert {"id", "email", "firstName", "lastName", "locale", "timeZone", "account"} == set(me)
    assert stand_in.sdk().Users.get_current_user().email == me["email"]


NOT_SERVED = [
    ("GET", "/nowhere", 404, 1006),
    ("GET", "/home", 404, 1006),
    ("GET", "/sheets/xyz", 404, 1006),
    ("GET", "/sheets/12345", 404, 1006),
    ("PATCH", "/sheets", 405, 1010),
    ("GET", "/sheets/12345/rows", 405, 1010),
    ("GET", "/sheets?color=red", 400, 1018),
    ("GET", "/sheets?include=everything", 400, 1018),
    ("GET", "/sheets?includeAll=maybe", 400, 1018),
    ("GET", "/sheets?page=two", 400, 1018),
    ("GET", "/sheets?pageSize=0", 400, 1018),
    ("GET", "/sheets?modifiedSince=yesterday", 400, 1018),
    ("GET", "/sheets/12345?level=3", 400, 1018),
    ("GET", "/sheets/12345?columnIds=1,x", 400, 1018),
    ("GET", "/workspaces/12345", 410, 4005),
    ("GET", "/folders/12345?include=source", 410, 4005),
]


def test_what_is_not_served_is_refused_by_name(stand_in: StandIn) -> None:
    for method, path, status, code in NOT_SERVED:
        answer = stand_in.http(method, path)
        assert (answer.status_code, answer.json()["errorCode"]) == (status, code), path


def test_an_error_has_the_envelope_and_a_reference_of_its_own(stand_in: StandIn) -> None:
    first, second = (stand_in.http("GET", "/sheets/1") for _ in range(2))
    assert set(first.json()) == {"refId", "errorCode", "message"}
    assert first.json()["refId"] != second.json()["refId"]
    assert first.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert first.headers["X-Stand-In"] == "1"


def test_a_body_must_be_json_and_say_so(stand_in: StandIn) -> None:
    path = f"/sheets/{stand_in.sheet().id}/rows"
    cases = [
        ({}, b"{}", 415, 1124),
        ({"Content-Type": "text/plain"}, b"{}", 415, 1124),
        ({"Content-Type": "application/json"}, b"{", 400, 1008),
        ({"Content-Type": "application/json"}, b"", 400, 1024),
        ({"Content-Type": "application/json"}, b"[null]", 400, 1177),
        ({"Content-Type": "application/json"}, b"7", 400, 1008),
        ({"Content-Type": "application/json"}, b"[" * 5000, 400, 1008),
        ({"Content-Type": "application/json"}, b'{"a":"\xff"}', 400, 1008),
        ({"Content-Type": "application/json"}, b"[NaN]", 400, 1008),
    ]
    for headers, body, status, code in cases:
        answer = stand_in.http("POST", path, data=body, headers=headers)
        assert (answer.status_code, answer.json()["errorCode"]) == (status, code), body


def test_times_can_be_numbers_on_any_request(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Work Request #": '"createdAt":"2026-01-01T00:00:00Z"'}])
    plain = stand_in.http("GET", f"/sheets/{sheet.id}").json()
    numbers = stand_in.http("GET", f"/sheets/{sheet.id}?numericDates=True").json()
    assert plain["createdAt"] == "2026-03-02T08:00:00Z"
    assert numbers["createdAt"] == numbers["rows"][0]["modifiedAt"] == 1772438400000
    assert numbers["rows"][0]["cells"] == plain["rows"][0]["cells"]


def test_commenters_are_viewers_to_those_who_do_not_ask(stand_in: StandIn) -> None:
    sheet = stand_in.sheet()
    stand_in.user("cora@example.com", "cora")
    stand_in.share("cora@example.com", "COMMENTER", sheet=sheet.id)
    for query, level in (("", "VIEWER"), ("accessApiLevel=1", "COMMENTER")):
        assert stand_in.http("GET", f"/sheets/{sheet.id}?{query}", "cora").json()["accessLevel"] == level
        listed = stand_in.http("GET", f"/sheets?{query}", "cora").json()["data"]
        assert [item["accessLevel"] for item in listed] == [level]


def test_a_share_of_a_sheet_or_of_its_workspace_opens_it_and_the_higher_level_counts(
    stand_in: StandIn,
) -> None:
    sheet = stand_in.sheet()
    stand_in.user("ann@example.com", "ann")
    assert stand_in.http("GET", f"/sheets/{sheet.id}", "ann").status_code == 404
    assert stand_in.http("GET", "/sheets", "ann").json()["data"] == []
    stand_in.share("ann@example.com", "VIEWER", sheet=sheet.id)
    assert stand_in.http("GET", f"/sheets/{sheet.id}", "ann").json()["accessLevel"] == "VIEWER"
    assert stand_in.http("GET", "/workspaces", "ann").json() == {"data": []}
    stand_in.share("ann@example.com", "EDITOR", workspace=stand_in.workspace())
    assert stand_in.http("GET", f"/sheets/{sheet.id}", "ann").json()["accessLevel"] == "EDITOR"
    assert len(stand_in.http("GET", "/sheets", "ann").json()["data"]) == 1


def test_viewers_write_nothing_editors_write_rows_administrators_the_rest(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Work Request #": "1"}])
    levels = ("VIEWER", "COMMENTER", "EDITOR", "ADMIN")
    for level in levels:
        stand_in.user(f"{level}@example.com", level)
        stand_in.share(f"{level}@example.com", level, sheet=sheet.id)
    key, at = sheet.columns["Work Request #"], f"/sheets/{sheet.id}"

    def refused(method: str, path: str, body: object = None) -> dict[str, int]:
        answers = {level: stand_in.http(method, path, level, json=body) for level in levels}
        return {
            level: answer.json()["errorCode"]
            for level, answer in answers.items()
            if answer.status_code != 200
        }

    readers = {"VIEWER": 1004, "COMMENTER": 1004}
    cells = [{"columnId": key, "value": "2"}]
    assert refused("POST", f"{at}/rows", [{"cells": cells}]) == readers
    assert refused("PUT", f"{at}/rows", [{"id": sheet.rows[0], "cells": cells}]) == readers
    assert refused("DELETE", f"{at}/rows?ids={sheet.rows[0]}&ignoreRowsNotFound=true") == readers
    columns = {"title": "New", "type": "TEXT_NUMBER", "index": 0}
    assert refused("POST", f"{at}/columns", columns) == {**readers, "EDITOR": 1004}
    assert refused("PUT", at, {"name": "Renamed"}) == {**readers, "EDITOR": 1004}
    assert refused("DELETE", at) == {**readers, "EDITOR": 1004}
    assert stand_in.http("GET", at).status_code == 404


def _parallel_adds(stand_in: StandIn, count: int) -> list[int]:
    sheet = stand_in.sheet()
    body = [{"cells": [{"columnId": sheet.columns["Work Request #"], "value": "1"}]}]
    codes: list[int] = []

    def add() -> None:
        codes.append(stand_in.http("POST", f"/sheets/{sheet.id}/rows", json=body).json().get("errorCode", 0))

    threads = [threading.Thread(target=add) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = stand_in.http("GET", f"/sheets/{sheet.id}").json()
    assert kept["version"] == kept["totalRowCount"] == codes.count(0)
    return codes


def test_a_write_that_meets_another_one_of_its_sheet_is_a_collision(stand_in_factory: StandInFactory) -> None:
    codes = _parallel_adds(stand_in_factory(write_seconds=0.8), 3)
    assert sorted(codes) == [0, 4004, 4004]


def test_collisions_can_be_switched_off_and_then_writes_wait_for_each_other(
    stand_in_factory: StandInFactory,
) -> None:
    assert _parallel_adds(stand_in_factory(detect_collisions=False), 8) == [0] * 8


def test_everything_is_there_after_a_restart_and_ids_go_on(
    stand_in_factory: StandInFactory, tmp_path: Path
) -> None:
    first = stand_in_factory(db=tmp_path / "kept.sqlite")
    sheet = first.sheet(rows=[{"Work Request #": "1"}])
    key = sheet.columns["Work Request #"]
    added = first.http(
        "POST", f"/sheets/{sheet.id}/rows", json=[{"cells": [{"columnId": key, "value": "2"}]}]
    )
    before = first.http("GET", f"/sheets/{sheet.id}").content
    first.running.stop()
    second = stand_in_factory(db=tmp_path / "kept.sqlite")
    assert second.http("GET", f"/sheets/{sheet.id}").content == before
    more = second.http(
        "POST", f"/sheets/{sheet.id}/rows", json=[{"cells": [{"columnId": key, "value": "3"}]}]
    )
    assert more.json()["version"] == 2
    assert more.json()["result"][0]["id"] != added.json()["result"][0]["id"]


def test_ids_have_sixteen_digits_fit_a_double_and_never_repeat(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.sqlite")
    given = [*store.new_ids(5000), store.new_id()]
    assert len(set(given)) == 5001
    assert all(10**15 <= number < 2**53 for number in given)
    assert Store(tmp_path / "b.sqlite").new_ids(3) == given[:3]


def test_threads_that_end_leave_no_open_files_behind(tmp_path: Path) -> None:
    store = Store(tmp_path / "a.sqlite")
    for _ in range(20):
        thread = threading.Thread(target=store.new_id)
        thread.start()
        thread.join()
    mine = [file for file in psutil.Process().open_files() if str(tmp_path) in file.path]
    assert len(mine) <= 6, "two connections with a log each"
    store.close()


def test_a_defect_of_the_stand_in_is_an_unexpected_error_of_the_service(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = stand_in.sheet(rows=[{"Work Request #": "1"}])
    with stand_in.store.writing() as db:
        db.execute("UPDATE rows SET cells = 'broken'")
    answer = stand_in.http("GET", f"/sheets/{sheet.id}")
    assert (answer.status_code, answer.json()["errorCode"]) == (500, 4000)


def test_the_sdk_raises_its_own_error_with_the_code(stand_in: StandIn) -> None:
    with pytest.raises(smartsheet.exceptions.ApiError) as caught:
        stand_in.sdk().Sheets.get_sheet(1)
    assert caught.value.error.result.error_code == 1006
    assert re.fullmatch(r"[0-9a-f-]{36}", caught.value.error.result.ref_id)


def test_the_options_of_a_stand_in_cannot_be_changed_later() -> None:
    with pytest.raises(AttributeError):
        Options(token_for_urls=lambda: "x").list_lag_seconds = 5  # pyright: ignore[reportAttributeAccessIssue]
