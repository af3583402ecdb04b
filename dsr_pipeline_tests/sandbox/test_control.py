"""The control surface: health, clock, faults, journal, tokens, shares, snapshots; and that it is apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from dsr_pipeline.sandbox.clock import as_text
from dsr_pipeline.sandbox.control import set_to_snapshot
from dsr_pipeline.sandbox.running_clock import RunningClock
from dsr_pipeline.sandbox.sample import load_sample
from dsr_pipeline.sandbox.store import Store
from dsr_pipeline_tests.standin import StandIn, StandInFactory


def refused(stand_in: StandIn, method: str, name: str, body: Any = None) -> str:
    answer = requests.request(method, f"{stand_in.root}/sandbox/{name}", json=body, timeout=5)
    assert answer.status_code == 400, answer.text
    assert answer.headers["X-Stand-In"] == "1"
    return str(answer.json()["error"])


def test_health_says_that_it_is_a_stand_in_and_what_it_holds(stand_in: StandIn) -> None:
    stand_in.sheet(rows=[{"Work Request #": "WR-1"}])
    assert stand_in.control("GET", "health") == {
        "standIn": True,
        "time": "2026-03-02T08:00:00Z",
        "sheets": 1,
        "rows": 1,
    }


def test_the_clock_goes_where_it_is_told(stand_in: StandIn) -> None:
    assert stand_in.control("POST", "clock", {"advance_seconds": 90}) == {"time": "2026-03-02T08:01:30Z"}
    assert stand_in.control("POST", "clock", {"set": "2026-04-01T00:00:00+02:00"}) == {
        "time": "2026-03-31T22:00:00Z"
    }
    assert stand_in.clock.now().month == 3
    assert "set" in refused(stand_in, "POST", "clock", {"set": "yesterday"})
    assert "extra" in refused(stand_in, "POST", "clock", {"advance": 1}).lower()
    assert "stands still" in refused(stand_in, "POST", "clock", {"set": "machine"})


def test_a_clock_that_runs_goes_on_from_where_it_is_set() -> None:
    machine = [datetime(2026, 6, 1, 12, 0, 0, 900_000, tzinfo=UTC)]
    clock = RunningClock(lambda: machine[0], datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert as_text(clock.now()) == "2026-03-02T08:00:00Z"
    machine[0] += timedelta(seconds=90)
    assert as_text(clock.now()) == "2026-03-02T08:01:30Z"
    assert as_text(clock.advance(30)) == "2026-03-02T08:02:00Z"
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))
    assert as_text(clock.now()) == "2027-01-01T00:00:00Z"
    clock.set_to_machine()
    assert as_text(clock.now()) == "2026-06-01T12:01:30Z"


def test_options_are_switched_while_it_runs(stand_in: StandIn) -> None:
    before = stand_in.control("GET", "options")
    assert "rate_limit" not in before
    limit = {"units": 1, "seconds": 60, "retry_after": True}
    shown = stand_in.control("POST", "options", {"rate_limit": limit})
    assert shown == before | {"rate_limit": limit}
    answers = [stand_in.http("GET", "/users/me") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "Retry-After" in answers[1].headers
    stand_in.control("POST", "options", {"rate_limit": None, "missing_header_status": 403})
    assert stand_in.http("GET", "/users/me").status_code == 200
    assert stand_in.control("POST", "options", {"list_lag_seconds": 5})["missing_header_status"] == 403
    assert stand_in.http("GET", "/users/me", None).json()["errorCode"] == 1004
    assert "missing_header_status" in refused(stand_in, "POST", "options", {"missing_header_status": 404})
    assert "faults" in refused(stand_in, "POST", "options", {"faults": []})


def test_faults_are_added_shown_with_their_count_and_cleared(stand_in: StandIn) -> None:
    added = stand_in.control("POST", "faults", {"kind": "timeout", "path": "/users/me", "times": 1})
    assert [(rule["kind"], rule["met"]) for rule in added] == [("timeout", 0)]
    assert [stand_in.http("GET", "/users/me").json().get("errorCode") for _ in range(2)] == [4002, None]
    assert [rule["met"] for rule in stand_in.control("GET", "faults")] == [2]
    stand_in.control("POST", "faults", [{"kind": "collision"}, {"kind": "empty_body"}])
    assert len(stand_in.control("GET", "faults")) == 3
    assert stand_in.control("DELETE", "faults") == []
    assert stand_in.http("GET", "/users/me").status_code == 200
    assert "there is no such key" in refused(stand_in, "POST", "faults", {"kind": "timeout", "pth": "x"})
    assert "kind" in refused(stand_in, "POST", "faults", {})


def test_the_journal_can_be_read_from_a_line_on_and_emptied(stand_in: StandIn) -> None:
    for _ in range(3):
        stand_in.http("GET", "/users/me")
    assert [line["seq"] for line in stand_in.control("GET", "journal?since=2")] == [3]
    (line, *_) = stand_in.control("GET", "journal")
    assert (line["path"], line["status"], line["cost"]) == ("/users/me", 200, 1)
    assert "fault" not in line
    assert stand_in.control("DELETE", "journal") == []
    assert stand_in.control("GET", "journal") == []
    assert "number" in refused(stand_in, "GET", "journal?since=x")


def test_a_token_is_made_expires_and_gets_a_share(stand_in: StandIn) -> None:
    sheet = stand_in.sheet()
    path = f"/sheets/{sheet.id}/attachments"
    stand_in.control("POST", "tokens", {"token": "T2", "email": "ann@example.com", "firstName": "Ann"})
    assert stand_in.http("GET", path, "T2").json()["errorCode"] == 1006
    share = {"email": "ann@example.com", "sheetId": sheet.id, "level": "VIEWER"}
    stand_in.control("POST", "access", share)
    assert stand_in.http("GET", path, "T2").status_code == 200
    stand_in.control("POST", "access", {"email": "ann@example.com", "sheetId": sheet.id})
    assert stand_in.http("GET", path, "T2").json()["errorCode"] == 1006
    stand_in.control("POST", "tokens", {"token": "T2", "email": "ann@example.com", "expired": True})
    assert stand_in.http("GET", path, "T2").json()["errorCode"] == 1003
    assert "either" in refused(stand_in, "POST", "access", {"email": "ann@example.com"})
    assert "no user" in refused(stand_in, "POST", "access", {**share, "email": "bob@example.com"})


def test_it_is_no_part_of_the_api(stand_in: StandIn) -> None:
    stand_in.control("GET", "health")
    assert stand_in.journal() == []
    assert stand_in.http("GET", "/sandbox/health").json()["errorCode"] == 1006
    assert stand_in.http("GET", "/faults").json()["errorCode"] == 1006
    assert requests.get(f"{stand_in.root}/sandbox/nothing", timeout=5).json()["errorCode"] == 1006
    other = requests.put(f"{stand_in.root}/sandbox/health", timeout=5)
    assert (other.status_code, other.headers["X-Stand-In"]) == (405, "1")
    assert other.json() == {"error": "PUT is not possible here"}
    broken = requests.post(f"{stand_in.root}/sandbox/clock", data=b"{", timeout=5)
    assert (broken.status_code, "not JSON" in broken.json()["error"]) == (400, True)


def test_a_world_goes_on_to_its_next_snapshot_and_the_clock_with_it(
    stand_in_factory: StandInFactory, tmp_path: Path
) -> None:
    file = tmp_path / "world.sqlite"
    filled = Store(file)
    load_sample(filled, token="sandbox-token")
    filled.close()
    stand_in = stand_in_factory(db=file)
    assert set_to_snapshot(stand_in.store, stand_in.clock)
    before = stand_in.control("GET", "health")
    assert before["snapshot"] == "0"
    after = stand_in.control("POST", "advance")
    assert after["snapshot"] == 1
    assert after["time"] > before["time"]
    assert stand_in.control("POST", "advance", {"steps": 2})["snapshot"] == 3
    assert "no next snapshot" in refused(stand_in, "POST", "advance", {"steps": 1000})
    assert "steps" in refused(stand_in, "POST", "advance", {"steps": 0})


def test_without_a_world_there_is_nothing_to_advance(stand_in: StandIn) -> None:
    assert "holds no world" in refused(stand_in, "POST", "advance")
