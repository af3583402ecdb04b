"""Every fault of the service on a read: it is repeated by its kind, or ends in one clear sentence."""

from __future__ import annotations

import gzip
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_pipeline.smartsheet.connection import Answer
from dsr_pipeline.smartsheet.errors import (
    AccessDenied,
    BadAnswer,
    NotFound,
    RateLimited,
    RequestRefused,
    ServiceFailing,
    SmartsheetError,
    TokenRefused,
    Unreachable,
)
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline.smartsheet.transport import _Trip
from dsr_pipeline.smartsheet.verdict import error_of
from dsr_pipeline.smartsheet.wire import SHEET_PAGE, Page
from dsr_pipeline_tests.smartsheet.scripted import (
    Noting,
    Step,
    answer,
    client_of,
    cut,
    drip,
    drop,
    problem,
    serving,
    sheet_body,
    silence,
    web_page,
)

SHEET = json.dumps(sheet_body()).encode()

PASSING: dict[str, tuple[Step, str]] = {
    "500/4000 unexpected": (problem(500, 4000, "An unexpected error has occurred."), "An unexpected error"),
    "500/4002 timeout": (problem(500, 4002, "Server timeout exceeded."), "Server timeout exceeded"),
    "500/4004 collision": (problem(500, 4004, "The sheet is being updated."), "The sheet is being updated"),
    "503/4001 maintenance": (problem(503, 4001, "Offline for maintenance."), "Offline for maintenance"),
    "503 with code 0": (problem(503, 0, "Try later."), "Try later"),
    "502 of a gateway": (web_page(502), "HTTP 502 without the usual error body"),
    "500 with a list": (answer(["what"], 500), "HTTP 500 without the usual error body"),
    "500 with nothing": (answer(b"", 500), "HTTP 500 without the usual error body"),
    "429 of a gateway": (web_page(429), "HTTP 429 without the usual error body"),
    "a reset connection": (drop, "the connection was dropped"),
    "silence": (silence, "the server fell silent"),
    "a body cut short": (cut(SHEET, 30), "the body ended early"),
    "invalid JSON": (answer(SHEET[:-9]), "the body is not valid JSON"),
    "a web page with 200": (web_page(200), "a web page came instead of JSON"),
    "an empty body": (answer(b""), "the body is empty"),
    "a list instead of a sheet": (answer([1, 2]), "another shape"),
    "another sheet": (answer(sheet_body(6)), "holds sheet 6 instead of 5"),
    "half of a character": (answer(b'{"id": 5, "name": "\xff"}'), "not valid JSON"),
    "only a version, unasked": (answer({"version": 7}), "holds sheet nothing instead of 5"),
}


@pytest.mark.parametrize("fault", PASSING)
def test_a_read_outlives_a_passing_fault_and_says_so(fault: str) -> None:
    step, sentence = PASSING[fault]
    with serving(step, answer(SHEET)) as server:
        tried = client_of(server.base)
        page = tried.client.sheet_page(5)
    assert page.sheet.rows[0].cells[0].value == "k0"
    assert page.raw == SHEET
    assert len(tried.events) == 1
    assert sentence in tried.events[0]
    assert tried.events[0].startswith("GET sheet 5: ")
    assert len(tried.time.slept) == 1
    assert (tried.client.calls.calls, tried.client.calls.retries) == (2, 1)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (problem(500, 4000), ServiceFailing),
        (web_page(502), ServiceFailing),
        (drop, Unreachable),
        (answer(b"{"), BadAnswer),
        (cut(SHEET, 3), BadAnswer),
    ],
)
def test_a_fault_that_stays_ends_within_the_deadline(step: Step, kind: type[SmartsheetError]) -> None:
    with serving(*[step] * 30) as server:
        tried = client_of(server.base, policy=RetryPolicy(attempts=30, deadline_seconds=100))
        with pytest.raises(kind) as ended:
            tried.client.sheet_page(5)
    assert ended.value.transient
    assert "sheet 5" in str(ended.value)
    assert 60 < sum(tried.time.slept) <= 100
    assert "attempts in" in str(ended.value)


def test_attempts_have_a_bound_too() -> None:
    with serving(*[drop] * 9) as server:
        tried = client_of(server.base, policy=RetryPolicy(attempts=3, backoff_seconds=0.1))
        with pytest.raises(Unreachable, match="3 attempts"):
            tried.client.sheet_version(5)
    assert len(server.requests) == 3


def test_waits_double_and_jitter_spreads_them() -> None:
    with serving(*[drop] * 5, answer({"version": 7})) as server:
        tried = client_of(server.base, jitter=lambda: 0.25)
        assert tried.client.sheet_version(5) == 7
    assert tried.time.slept == [0.75, 1.5, 3.0, 6.0, 12.0]


def test_a_storm_of_429_waits_a_minute_each_time_and_then_gives_up() -> None:
    with serving(problem(429, 4003), problem(429, 4003), answer({"version": 7})) as server:
        tried = client_of(server.base)
        assert tried.client.sheet_version(5) == 7
        assert all(60 <= seconds <= 61 for seconds in tried.time.slept)
        server.then(*[problem(429, 4003)] * 5)
        with pytest.raises(RateLimited, match="another program uses the same token") as ended:
            tried.client.sheet_version(5)
    assert (ended.value.code, ended.value.ref_id, ended.value.status) == (4003, "ref-4003", 429)


def test_retry_after_is_honoured_as_seconds_and_as_a_date() -> None:
    dated = problem(
        429, 4003, Retry_After="Fri, 20 Nov 2026 10:00:07 GMT", Date="Fri, 20 Nov 2026 10:00:00 GMT"
    )
    with serving(problem(429, 4003, Retry_After="3"), dated, answer({"version": 7})) as server:
        tried = client_of(server.base, jitter=lambda: 0.0)
        assert tried.client.sheet_version(5) == 7
    assert tried.time.slept == [3.0, 7.0]


def test_retry_after_beyond_the_deadline_is_not_waited_for() -> None:
    with serving(problem(429, 4003, Retry_After="3600")) as server:
        tried = client_of(server.base)
        with pytest.raises(RateLimited, match="asks to wait 3600 s"):
            tried.client.sheet_version(5)
    assert tried.time.slept == []


def test_429_pauses_everybody() -> None:
    limiter = Noting()
    with serving(problem(429, 4003), problem(500, 4000), answer({"data": []})) as server:
        client_of(server.base, limiter=limiter).client.cell_history(5, 6, 7)
    assert [round(seconds) for seconds in limiter.paused] == [60]
    assert limiter.spent == [10, 10, 10]  # each attempt costs, and a history is heavy


def test_waiting_in_the_queue_of_the_limiter_is_no_failure() -> None:
    class Slow:
        def acquire(self, cost: int) -> float:
            tried.time.sleep(500.0)
            return 500.0

        def pause(self, seconds: float) -> None: ...

    with serving(drop, answer({"version": 7})) as server:
        tried = client_of(server.base, limiter=Slow())
        assert tried.client.sheet_version(5) == 7


FINAL: dict[str, tuple[Step, type[SmartsheetError], str]] = {
    "no right": (
        problem(403, 1004),
        AccessDenied,
        "share it as Viewer with the user of the token (HTTP 403, errorCode 1004, refId ref-1004)",
    ),
    "403 of a gateway": (web_page(403), AccessDenied, "the token lacks access to sheet 5"),
    "not there": (problem(404, 1006), NotFound, "sheet 5 was not found: it was deleted, or it is not shared"),
    "unknown token": (problem(401, 1002), TokenRefused, "does not accept the token"),
    "expired token": (problem(401, 1003), TokenRefused, "the Smartsheet token has expired: make a new one"),
    "bad parameter": (
        problem(400, 1018, "The value 'x' was not valid for the parameter level."),
        RequestRefused,
        "refused a GET of sheet 5: The value 'x' was not valid",
    ),
    "405": (problem(405, 1010), RequestRefused, "refused"),
    "a redirect": (
        answer(b"", 302, {"Location": "https://login.example/start?key=secret"}),
        BadAnswer,
        "the server points to login.example: correct the address of the API",
    ),
}


@pytest.mark.parametrize("fault", FINAL)
def test_what_asking_again_does_not_mend_is_asked_once(fault: str) -> None:
    step, kind, sentence = FINAL[fault]
    with serving(*[step] * 3) as server:
        tried = client_of(server.base)
        with pytest.raises(kind) as ended:
            tried.client.sheet_page(5)
    assert sentence in str(ended.value)
    assert "secret" not in str(ended.value)
    assert not ended.value.transient
    assert len(server.requests) == 1
    assert tried.time.slept == []


def test_a_redirect_is_never_followed_with_the_token() -> None:
    with serving() as elsewhere, serving() as server:
        server.then(answer(b"", 307, {"Location": f"{elsewhere.base}/users/me"}))
        with pytest.raises(BadAnswer):
            client_of(server.base).client.me()
        assert elsewhere.requests == []


def test_a_token_that_expires_in_the_middle_stops_the_next_call() -> None:
    with serving(answer(sheet_body(total=2)), problem(401, 1003)) as server:
        tried = client_of(server.base)
        assert tried.client.sheet_page(5).sheet.total_row_count == 2
        with pytest.raises(TokenRefused, match="expired"):
            tried.client.sheet_page(5, page=2)


def test_a_body_that_drips_is_ended_by_the_deadline() -> None:
    """Each byte comes within the read timeout, so only a total deadline can end this."""
    with serving(drip(SHEET, 0.05)) as server:
        tried = client_of(server.base, policy=RetryPolicy(read_seconds=1, deadline_seconds=0.4))
        with pytest.raises(Unreachable, match="the body came too slowly"):
            tried.client.sheet_page(5)


def test_a_chunked_body_that_ends_early_is_short() -> None:
    def chunked(whole: bool) -> Step:
        def step(connection, request):
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            body = b"%x\r\n%s\r\n" % (len(SHEET), SHEET)
            connection.sendall(head + (body + b"0\r\n\r\n" if whole else body[:-20]))
            return whole

        return step

    with serving(chunked(False), chunked(True)) as server:
        tried = client_of(server.base)
        assert tried.client.sheet_page(5).raw == SHEET
    assert len(tried.events) == 1


def test_compressed_and_large_bodies_come_whole_or_not_at_all() -> None:
    body = json.dumps(sheet_body(rows=40_000)).encode()
    packed = gzip.compress(body, mtime=0)
    told = {"Content-Encoding": "gzip"}
    damaged = packed[:2000] + b"\x00" * 40 + packed[2040:]
    with serving(
        answer(damaged, headers=told), answer(packed[:-3000], headers=told), answer(packed, headers=told)
    ) as server:
        tried = client_of(server.base)
        assert tried.client.sheet_page(5).raw == body
        assert "could not be decompressed" in tried.events[0] or "not valid JSON" in tried.events[0]
        assert len(tried.events) == 2
        server.then(answer(body))
        assert len(tried.client.sheet_page(5).sheet.rows) == 40_000


def test_a_server_that_is_not_there_is_named_as_such() -> None:
    with serving() as server:
        base = server.base
    with pytest.raises(Unreachable, match="the server refused the connection"):
        client_of(base).client.me()


def test_the_bulk_failure_names_the_row() -> None:
    bulk = {
        "errorCode": 1036,
        "message": "The columnId 3 is invalid.",
        "refId": "abc",
        "detail": {"index": 4, "rowId": 77},
    }
    with serving(answer(bulk, 400)) as server, pytest.raises(RequestRefused) as ended:
        client_of(server.base).client.delete_rows(5, [77])
    assert str(ended.value) == (
        "Smartsheet refused a DELETE of sheet 5: The columnId 3 is invalid (index 4, rowId 77) "
        "(HTTP 400, errorCode 1036, refId abc)"
    )


def test_a_list_that_is_shorter_than_it_says_is_not_believed() -> None:
    listed = {"totalCount": 2, "data": [{"id": 5, "name": "a", "version": 1}]}
    whole = {"totalCount": 1, "data": [{"id": 5, "name": "a", "version": 1}]}
    with serving(answer(listed), answer(whole)) as server:
        tried = client_of(server.base)
        assert [sheet.id for sheet in tried.client.list_sheets()] == [5]
    assert "the list holds 1 of 2 sheets" in tried.events[0]


def test_token_paging_that_does_not_end_is_an_error() -> None:
    page = {"data": [{"id": 1, "name": "a", "resourceType": "folder"}], "lastKey": "k"}
    with serving(answer(page), answer(page)) as server, pytest.raises(BadAnswer, match="does not end"):
        client_of(server.base).client.children("workspace", 9)


def test_connections_are_kept_and_the_answers_told_limits_are_on_the_error() -> None:
    refusal = problem(404, 1006, X_RateLimit_Remaining="79600")
    with serving(answer({"version": 7}), answer({"version": 8}), refusal) as server:
        client = client_of(server.base).client
        assert [client.sheet_version(5), client.sheet_version(5)] == [7, 8]
        with pytest.raises(NotFound) as ended:
            client.sheet_version(5)
        assert ended.value.headers == {"x-ratelimit-remaining": "79600"}
        assert server.connections == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
ERROR = st.fixed_dictionaries({}, optional=dict.fromkeys(("errorCode", "message", "refId", "detail"), JSON))
BODY = st.binary() | (JSON | ERROR).map(lambda value: json.dumps(value).encode())
HEADERS = st.fixed_dictionaries({}, optional=dict.fromkeys(("Location", "Retry-After", "Date"), st.text()))


NOWHERE = client_of("http://127.0.0.1:1/2.0").client


@given(status=st.integers(100, 599), headers=HEADERS, body=BODY)
def test_no_answer_whatever_it_holds_is_anything_but_a_value_or_a_trouble(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    trip = _Trip("GET", "/sheets/5", 1, lambda _: Answer(status, headers, body), SHEET_PAGE.decode)
    value, trouble = NOWHERE._transport._attempt(trip, 1.0)
    assert (value is None) is (trouble is not None)
    if trouble is not None:
        assert str(error_of(trouble, "GET", "/sheets/5", attempts=1, seconds=0))


def test_failed_attempts_give_their_connections_back() -> None:
    """The pool has two places and blocks: one lost place for each fault would stop everything."""
    faults = [cut(SHEET, 9), drop, silence, web_page(502), answer(b""), drip(SHEET, 0.001)] * 2
    with serving(*faults, *[answer(SHEET)] * 300) as server:
        policy = RetryPolicy(read_seconds=0.1, attempts=30, deadline_seconds=10_000)
        client = client_of(server.base, policy=policy, max_connections=2).client
        pages: list[Page] = []
        threads = [
            threading.Thread(target=lambda: pages.extend(client.sheet_page(5) for _ in range(5)), daemon=True)
            for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert [page.raw for page in pages] == [SHEET] * 30
