"""The rules of repeating, and errors that cross a process border."""

from __future__ import annotations

import pickle

import pytest

from dsr_pipeline.smartsheet.errors import AccessDenied, SmartsheetError, Unreachable
from dsr_pipeline.smartsheet.retry import (
    Kind,
    RetryPolicy,
    Trouble,
    kind_of_refusal,
    may_repeat,
    retry_after_seconds,
    seconds_to_wait,
)
from dsr_pipeline.smartsheet.verdict import error_of

NOON = "Fri, 20 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "99999999999999999999"}, 999999999),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "Fri, 20 Nov 2026 12:01:30 GMT", "Date": NOON}, 90),
        ({"Retry-After": "Fri, 20 Nov 2026 11:00:00 GMT", "Date": NOON}, 0),
        ({"Retry-After": "Fri, 20 Nov 2026 12:01:30 GMT"}, None),
        ({"Retry-After": "Fri, 20 Nov 2026 12:01:30", "Date": NOON}, None),
    ],
)
def test_what_the_server_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers) == seconds


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, 4003, Kind.RATE_LIMIT),
        (429, None, Kind.RATE_LIMIT),
        (500, 4003, Kind.RATE_LIMIT),
        (503, 4001, Kind.MAINTENANCE),
        (503, None, Kind.SERVER),
        (500, 0, Kind.SERVER),
        (500, 4000, Kind.SERVER),
        (599, 12345, Kind.SERVER),
        (400, 4004, Kind.REFUSED),
        (400, 1008, Kind.REFUSED),
        (401, None, Kind.TOKEN),
        (403, 1039, Kind.DENIED),
        (404, 1020, Kind.MISSING),
        (410, 4005, Kind.REFUSED),
    ],
)
def test_what_a_refusal_means(status: int, code: int | None, kind: Kind) -> None:
    assert kind_of_refusal(status, code) is kind


def test_a_post_is_repeated_only_where_nothing_can_have_been_done() -> None:
    again = {kind for kind in Kind if may_repeat("POST", kind)}
    assert again == {Kind.NEVER_SENT, Kind.RATE_LIMIT, Kind.MAINTENANCE}
    final = {Kind.UNTRUSTED, Kind.REDIRECTED, Kind.TOKEN, Kind.DENIED, Kind.MISSING, Kind.REFUSED}
    for method in ("GET", "PUT", "DELETE"):
        assert {kind for kind in Kind if not may_repeat(method, kind)} == final


def test_no_wait_is_longer_than_its_bound_and_none_shorter_than_asked() -> None:
    policy = RetryPolicy()
    dropped = Trouble(Kind.DROPPED, "")
    assert [seconds_to_wait(policy, dropped, n, 0.5) for n in (1, 2, 5, 6, 500)] == [1, 2, 16, 30, 30]
    assert seconds_to_wait(policy, Trouble(Kind.RATE_LIMIT, "", retry_after=100), 1, 0) == 100
    assert seconds_to_wait(policy, Trouble(Kind.RATE_LIMIT, "", retry_after=0), 5, 0.5) == 16
    assert seconds_to_wait(policy, Trouble(Kind.RATE_LIMIT, ""), 1, 0) == 60
    assert seconds_to_wait(policy, Trouble(Kind.MAINTENANCE, ""), 1, 0.5) == 20


def test_an_error_keeps_what_it_knows_across_processes() -> None:
    error = error_of(
        Trouble(Kind.DENIED, "No.", 403, 1004, "ref", headers=(("date", NOON),)),
        "GET",
        "/sheets/5/rows/7",
        attempts=1,
        seconds=0,
    )
    again: SmartsheetError = pickle.loads(pickle.dumps(error))
    assert isinstance(again, AccessDenied)
    assert str(again) == str(error)
    assert (again.code, again.ref_id, again.status, again.headers) == (1004, "ref", 403, {"date": NOON})
    untrusted = error_of(Trouble(Kind.UNTRUSTED, "x"), "GET", "/users/me", attempts=1, seconds=0)
    assert isinstance(untrusted, Unreachable)
    assert pickle.loads(pickle.dumps(untrusted)).transient is False
