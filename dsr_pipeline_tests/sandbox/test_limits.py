"""The rate limiter and the journal: what calls cost, who pays, and what is written down."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from dsr_pipeline.sandbox import journal
from dsr_pipeline.sandbox.answers import Answer, Call, Route
from dsr_pipeline.sandbox.app import build_app
from dsr_pipeline.sandbox.clock import SettableClock
from dsr_pipeline.sandbox.limiter import cost_of
from dsr_pipeline.sandbox.options import Options, RateLimit
from dsr_pipeline.sandbox.serve import serve
from dsr_pipeline.sandbox.store import Store
from dsr_pipeline_tests.standin import START, TOKEN, StandIn, StandInFactory


@pytest.mark.parametrize(
    ("method", "path", "cost"),
    [
        ("GET", "/sheets/1", 1),
        ("GET", "/sheets/1/rows/2/columns/3/history", 10),
        ("POST", "/sheets/1/attachments", 10),
        ("GET", "/sheets/1/attachments", 1),
        ("POST", "/sheets/1/rows/2/attachments", 10),
        ("POST", "/sheets/1/attachments/2/versions", 10),
        ("DELETE", "/sheets/1/attachments/2/versions", 1),
        ("POST", "/sheets/1/rows", 1),
    ],
)
def test_the_price_list(method: str, path: str, cost: int) -> None:
    assert cost_of(method, path) == cost


def test_a_spent_budget_is_429_and_comes_back_as_the_window_slides(stand_in_factory: StandInFactory) -> None:
    stand_in = stand_in_factory(rate_limit=RateLimit(units=5, seconds=2))
    stand_in.user("other@example.com", "OTHER")
    start = time.monotonic()
    answers = [stand_in.http("GET", "/users/me") for _ in range(7)]
    assert time.monotonic() - start < 2
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    refused = answers[-1]
    assert refused.json()["errorCode"] == 4003
    assert set(refused.json()) == {"errorCode", "message", "refId"}
    assert "Retry-After" not in refused.headers
    assert stand_in.http("GET", "/users/me", "OTHER").status_code == 200
    assert [entry.error_code for entry in stand_in.journal()][5:7] == [4003, 4003]
    time.sleep(max(0.0, 2.05 - (time.monotonic() - start)))
    assert stand_in.http("GET", "/users/me").status_code == 200


def test_a_heavy_call_needs_ten_units_and_says_when_if_asked(stand_in_factory: StandInFactory) -> None:
    stand_in = stand_in_factory(rate_limit=RateLimit(units=15, seconds=60, retry_after=True))
    sheet = stand_in.sheet()
    path, files = f"/sheets/{sheet.id}/attachments", {"file": ("a.txt", b"1")}
    assert stand_in.http("POST", path, files=files).status_code == 200
    refused = stand_in.http("POST", path, files=files)
    assert refused.status_code == 429
    assert 55 <= int(refused.headers["Retry-After"]) <= 60
    assert [stand_in.http("GET", path).status_code for _ in range(6)] == [200] * 5 + [429]


def test_requests_without_a_token_spend_nobodys_units(stand_in_factory: StandInFactory) -> None:
    stand_in = stand_in_factory(rate_limit=RateLimit(units=2, seconds=60))
    assert [stand_in.http("GET", "/users/me", None).status_code for _ in range(4)] == [401] * 4
    assert stand_in.http("GET", "/users/me").status_code == 200


def test_the_journal_holds_every_request_with_who_what_and_how_it_ended(stand_in: StandIn) -> None:
    sheet = stand_in.sheet()
    stand_in.http("GET", f"/sheets/{sheet.id}?level=2&pageSize=5")
    stand_in.http("GET", "/nothing")
    stand_in.http("GET", "/users/me", "unknown token")
    stand_in.faults.add(kind="reset_before")
    with pytest.raises(requests.ConnectionError):
        stand_in.http("DELETE", f"/sheets/{sheet.id}/rows?ids=1")
    user = (
        stand_in.store.connection()
        .execute("SELECT user_id FROM tokens WHERE token=?", (TOKEN,))
        .fetchone()[0]
    )
    found = [
        (e.user_id, e.method, e.path, e.query, e.status, e.error_code, e.cost, e.fault)
        for e in stand_in.journal()
    ]
    assert found == [
        (user, "GET", f"/sheets/{sheet.id}", "level=2&pageSize=5", 200, None, 1, None),
        (user, "GET", "/nothing", "", 404, 1006, 1, None),
        (None, "GET", "/users/me", "", 401, 1002, 1, None),
        (user, "DELETE", f"/sheets/{sheet.id}/rows", "ids=1", None, None, 1, "reset_before"),
    ]
    assert [entry.seq for entry in stand_in.journal()] == [1, 2, 3, 4]
    assert [entry.seq for entry in stand_in.journal(since=3)] == [4]
    stand_in.forget()
    stand_in.http("GET", "/users/me")
    assert [entry.seq for entry in stand_in.journal()] == [5]
    assert stand_in.cost() == 1


def test_a_defect_of_the_stand_in_stands_in_the_journal_as_what_the_client_got(tmp_path: Path) -> None:
    def broken(_: Call) -> Answer:
        raise RuntimeError("a defect")

    store, clock = Store(tmp_path / "defect.sqlite"), SettableClock(START)
    with store.writing() as connection:
        connection.execute("INSERT INTO users VALUES(1, 'ann@example.com', 'Ann', '')")
        connection.execute("INSERT INTO tokens VALUES(?, 1, 0)", (TOKEN,))
    routes = [Route("/broken", "GET", broken)]
    app = build_app(store, clock=clock, options=Options(token_for_urls=str), routes=routes)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serve(app, token=TOKEN) as running:
        answer = requests.get(f"{running.base}/broken", headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (500, 4000)
    assert [(entry.path, entry.status) for entry in journal.entries(store)] == [("/broken", 500)]
    store.close()
