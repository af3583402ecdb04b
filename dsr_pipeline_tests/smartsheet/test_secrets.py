"""The token, the temporary addresses and the cells never appear in a log, a repr, an error or a traceback."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from dsr_pipeline.smartsheet.cell_values import NewRow
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.errors import SmartsheetError
from dsr_pipeline.smartsheet.limiter import NoLimiter
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline_tests.smartsheet.scripted import (
    TOKEN,
    Step,
    answer,
    client_of,
    cut,
    drop,
    problem,
    serving,
    sheet_body,
    silence,
    web_page,
)
from dsr_pipeline_tests.standin import StandIn

CELL = "Ann Example earns 4711"


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All loggers at DEBUG, the SDK's and urllib3's too, which the SDK silences when it is made."""
    names = ("", "smartsheet", "smartsheet.smartsheet", "urllib3", "urllib3.connectionpool", "requests")
    before = {name: logging.getLogger(name).level for name in names}
    client_of("http://127.0.0.1:1/2.0")
    for name in names:
        caplog.set_level(logging.DEBUG, name or None)
    yield caplog
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def everything_said(error: BaseException) -> str:
    """Message, repr, and traceback with the variables of every frame and what they hold.

    That is what an error service sends.
    """
    assert error.__traceback__ is not None
    error = error.with_traceback(error.__traceback__.tb_next)  # this test's own frame holds the request
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(error.__traceback__)]
    held = [repr(getattr(value, "__dict__", "")) for frame in frames for value in frame.values()]
    return "".join((str(error), repr(error), *told.format(), *held))


@pytest.mark.parametrize(
    "fault",
    [
        drop,
        silence,
        web_page(502),
        problem(500, 4000),
        problem(401, 1002, f"The token {TOKEN} is invalid."),
        problem(403, 1004),
        problem(429, 4003),
        answer(b"{"),
        answer({"id": CELL}),
        cut(b"x" * 50, 10),
        answer(b"", 302, {"Location": f"https://a.example/?{TOKEN}"}),
    ],
)
def test_no_failure_tells_a_secret(fault: Step, everything: pytest.LogCaptureFixture) -> None:
    with serving(*[fault] * 9) as server:
        tried = client_of(server.base, policy=RetryPolicy(attempts=2, read_seconds=0.1))
        with pytest.raises(SmartsheetError) as ended:
            tried.client.sheet_page(5)
        assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    said = everything_said(ended.value) + everything.text + "".join(tried.events) + repr(vars(tried.client))
    assert TOKEN not in said
    assert CELL not in said
    assert ended.value.__context__ is None


def test_no_success_tells_a_secret(everything: pytest.LogCaptureFixture) -> None:
    body = sheet_body(rows=0)
    written = {"resultCode": 0, "result": [{"id": 1, "cells": [{"columnId": 11, "value": CELL}]}]}
    with serving(answer(body), answer(written), answer(sheet_body() | {"name": CELL})) as server:
        tried = client_of(server.base, token=TOKEN)
        tried.client.add_rows(5, [NewRow({11: CELL})], key_column=11)
        page = tried.client.sheet_page(5)
    log = everything.text
    assert "GET /sheets/5: HTTP 200" in log  # something is logged, so that the search means something
    assert "urllib3" in log
    for secret in (TOKEN, CELL):
        assert secret not in log
        assert secret not in repr(page)
        assert secret not in repr(tried.client)


def test_a_temporary_address_is_not_told(stand_in: StandIn, everything: pytest.LogCaptureFixture) -> None:
    sheet = stand_in.sheet("Targets", ("Key",), [{"Key": "a"}])
    client = client_of(stand_in.base, token=stand_in.token).client
    made = client.attach_to_row(sheet.id, sheet.rows[0], "a.txt", b"text", "text/plain")
    link = client.attachment(sheet.id, made.id)
    assert link.url is not None
    client.download(link.url, 100)
    key = link.url.rpartition("/")[2]
    assert len(key) > 3
    assert key not in everything.text
    assert key not in repr(link)


def test_the_token_is_not_kept_where_the_sdk_could_show_it() -> None:
    client = SmartsheetClient(SecretStr(TOKEN), "http://127.0.0.1:1/2.0", limiter=NoLimiter())
    sdk = client._transport._sdk
    assert TOKEN not in repr(vars(sdk))
    assert sdk._access_token != TOKEN
