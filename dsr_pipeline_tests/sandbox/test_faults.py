"""Faults by rule, as a client meets them on a real socket, and which of them let the work be done."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import requests
from smartsheet.exceptions import ApiError, UnexpectedRequestError

from dsr_pipeline.rule_files import RuleFileError
from dsr_pipeline.sandbox.faults import KINDS, FaultBook, FaultRule, read_faults
from dsr_pipeline_tests.standin import SheetMade, StandIn


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet(rows=[{"Work Request #": "WR-1", "Quantity": 2}])


def add_row(stand_in: StandIn, sheet: SheetMade) -> requests.Response:
    cells = [{"columnId": sheet.columns["Work Request #"], "value": "WR-2"}]
    return stand_in.http("POST", f"/sheets/{sheet.id}/rows", json=[{"toBottom": True, "cells": cells}])


def rows(stand_in: StandIn, sheet: SheetMade) -> int:
    found = stand_in.store.connection().execute("SELECT count(*) FROM rows WHERE sheet_id=?", (sheet.id,))
    return int(found.fetchone()[0])


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("rate_limit", 429, 4003),
        ("unexpected", 500, 4000),
        ("timeout", 500, 4002),
        ("collision", 500, 4004),
        ("maintenance", 503, 4001),
        ("server_error_code_0", 503, 0),
        ("expired_token", 401, 1003),
        ("not_found", 404, 1006),
        ("forbidden", 403, 1004),
    ],
)
def test_an_error_answer_has_the_envelope_and_the_write_was_not_applied(
    stand_in: StandIn, sheet: SheetMade, kind: str, status: int, code: int
) -> None:
    stand_in.faults.add(kind=kind, times=2)
    answer, again = (add_row(stand_in, sheet) for _ in range(2))
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert answer.json()["refId"] != again.json()["refId"]
    assert answer.headers["X-Stand-In"] == "1"
    assert rows(stand_in, sheet) == 1
    entry = stand_in.journal()[-1]
    assert (entry.status, entry.error_code, entry.fault) == (status, code, kind)


@pytest.mark.parametrize(("kind", "status"), [("bad_gateway", 502), ("rate_limit_html", 429)])
def test_what_stands_before_the_service_answers_in_html(
    stand_in: StandIn, sheet: SheetMade, kind: str, status: int
) -> None:
    stand_in.faults.add(kind=kind, retry_after=7)
    answer = add_row(stand_in, sheet)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert rows(stand_in, sheet) == 1


@pytest.mark.parametrize(("kind", "applied"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_drops_the_connection_before_or_after_the_write(
    stand_in: StandIn, sheet: SheetMade, kind: str, applied: int
) -> None:
    stand_in.faults.add(kind=kind, method="post")
    with pytest.raises(requests.ConnectionError):
        add_row(stand_in, sheet)
    assert rows(stand_in, sheet) == 1 + applied
    entry = stand_in.journal()[-1]
    assert (entry.method, entry.status, entry.fault) == ("POST", None, kind)
    assert add_row(stand_in, sheet).status_code == 200


def test_a_short_body_says_more_than_it_sends_and_the_write_was_applied(
    stand_in: StandIn, sheet: SheetMade
) -> None:
    stand_in.faults.add(kind="truncated_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        add_row(stand_in, sheet)
    assert rows(stand_in, sheet) == 2


@pytest.mark.parametrize("kind", ["invalid_json", "empty_body"])
def test_a_whole_answer_that_is_no_json(stand_in: StandIn, sheet: SheetMade, kind: str) -> None:
    stand_in.faults.add(kind=kind)
    answer = add_row(stand_in, sheet)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)
    assert rows(stand_in, sheet) == 2


@pytest.mark.parametrize("kind", ["slow_first_byte", "stalled_body"])
def test_silence_outlasts_a_client_without_patience_and_ends_for_one_with(
    stand_in: StandIn, sheet: SheetMade, kind: str
) -> None:
    path = f"{stand_in.base}/sheets/{sheet.id}"
    stand_in.faults.add(kind=kind, seconds=0.6, times=2)
    headers = {"Authorization": f"Bearer {stand_in.token}"}
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.RequestException, match="timed out"):
            session.get(path, headers=headers, timeout=0.2)
        start = time.monotonic()
        assert session.get(path, headers=headers, timeout=5).json()["id"] == sheet.id
        assert time.monotonic() - start >= 0.6
    assert [entry.status for entry in stand_in.journal()] == [200, 200]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("unexpected", ApiError),
        ("expired_token", ApiError),
        ("reset_before", UnexpectedRequestError),
        ("reset_after", UnexpectedRequestError),
        ("truncated_body", UnexpectedRequestError),
        ("invalid_json", json.JSONDecodeError),
        ("empty_body", json.JSONDecodeError),
    ],
)
def test_the_sdk_meets_them_as_it_meets_those_of_the_service(
    stand_in: StandIn, sheet: SheetMade, kind: str, error: type[Exception]
) -> None:
    sdk = stand_in.sdk()
    stand_in.faults.add(kind=kind)
    with pytest.raises(error):
        sdk.Sheets.get_sheet(sheet.id)
    assert sdk.Sheets.get_sheet(sheet.id).id == sheet.id


def test_a_download_can_fail_too(stand_in: StandIn, sheet: SheetMade) -> None:
    posted = stand_in.http("POST", f"/sheets/{sheet.id}/attachments", files={"file": ("a.txt", b"12")})
    path = f"/sheets/{sheet.id}/attachments/{posted.json()['result']['id']}"
    url = stand_in.http("GET", path).json()["url"]
    stand_in.faults.add(kind="bad_gateway", path="/files/.*")
    assert [requests.get(url, timeout=5).status_code for _ in range(2)] == [502, 200]


def test_the_control_surface_is_never_broken(stand_in: StandIn) -> None:
    stand_in.faults.add(kind="reset_before", times=None)
    assert stand_in.control("GET", "health")["standIn"] is True


# --- The book ---------------------------------------------------------------------------------------------


def struck(book: FaultBook, *requests_: tuple[str, str]) -> list[str | None]:
    return [rule.kind if (rule := book.strike(*request)) else None for request in requests_]


def test_a_rule_strikes_from_its_nth_request_so_many_times() -> None:
    book = FaultBook([FaultRule(kind="timeout", path="/sheets/1", nth=2, times=2)])
    get = ("GET", "/sheets/1")
    assert struck(book, get, ("GET", "/sheets/12"), get, get, get) == [None, None, "timeout", "timeout", None]


def test_a_rule_without_an_end_strikes_for_ever_and_only_its_method() -> None:
    book = FaultBook([FaultRule(kind="timeout", method="put", times=None)])
    assert struck(book, *[("PUT", "/x")] * 3, ("GET", "/x")) == ["timeout"] * 3 + [None]


def test_two_rules_for_one_path_follow_each_other() -> None:
    book = FaultBook([FaultRule(kind="timeout"), FaultRule(kind="collision", times=2)])
    assert struck(book, *[("GET", "/x")] * 4) == ["timeout", "collision", "collision", None]


def test_every_kind_can_be_written_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("".join(f"- kind: {kind}\n  path: /sheets/.*\n" for kind in KINDS), encoding="utf-8")
    assert [rule.kind for rule in read_faults(file)] == list(KINDS)
    file.write_text(json.dumps([{"kind": "timeout", "nth": 3, "times": None}]), encoding="utf-8")
    assert read_faults(file)[0].times is None


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("kind: timeout", 1, "must be a list of faults"),
        ("- kind: tiemout", 1, "fault 1.kind"),
        ("- kind: timeout\n- kind: timeout\n  pth: x", 3, "there is no such key"),
        ("- kind: timeout\n  path: '('", 2, "is not a regular expression"),
        ("- kind: timeout\n  nth: 0", 2, "fault 1.nth"),
        ("- kind: [", 2, "is not valid YAML"),
    ],
)
def test_a_bad_file_names_line_and_mend(tmp_path: Path, text: str, line: int, says: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RuleFileError, match=says) as told:
        read_faults(file)
    assert told.value.line == line
