"""Rows are written once, whatever becomes of the answers: only what is missing is ever sent again."""

from __future__ import annotations

import json
import socket
import threading
import time
from decimal import Decimal

import pytest

from dsr_pipeline.smartsheet.cell_values import ChangedRow, NewRow
from dsr_pipeline.smartsheet.errors import (
    AccessDenied,
    AnswerLost,
    CellRefused,
    KeyChanged,
    RateLimited,
    RequestRefused,
    RowsDoubled,
    ServiceFailing,
)
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline_tests.smartsheet.scripted import (
    Request,
    Step,
    answer,
    client_of,
    drop,
    problem,
    serving,
    sheet_body,
    web_page,
)
from dsr_pipeline_tests.standin import StandIn

KEY = 11
EMPTY = answer(sheet_body(rows=0))
ROWS = [NewRow({KEY: f"k{n}"}) for n in range(2)]


def added(*keys: int) -> Step:
    rows = [{"id": 100 + n, "cells": [{"columnId": KEY, "value": f"k{n}"}]} for n in keys]
    return answer({"message": "SUCCESS", "resultCode": 0, "version": 8, "result": rows})


def test_only_missing_rows_are_sent() -> None:
    with serving(answer(sheet_body(rows=1)), added(1)) as server:
        assert client_of(server.base).client.add_rows(5, ROWS, key_column=KEY) == [100, 101]
        assert "columnIds=11" in server.requests[0].query
        sent = json.loads(server.requests[1].body)
    assert sent == [{"toBottom": True, "cells": [{"columnId": KEY, "value": "k1"}]}]


def test_nothing_to_add_costs_nothing() -> None:
    with serving() as server:
        assert client_of(server.base).client.add_rows(5, [], key_column=KEY) == []
        assert server.requests == []


LOST: dict[str, Step] = {
    "dropped": drop,
    "500/4000": problem(500, 4000),
    "500/4002": problem(500, 4002),
    "500/4004": problem(500, 4004),
    "502": web_page(502),
    "200 with half an answer": answer(b'{"message": "SUCC'),
    "200 with nothing": answer(b""),
    "200 with fewer rows": added(0),
}


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_whose_rows_are_there_sends_nothing_again(fault: str) -> None:
    there = answer(sheet_body(rows=2))
    with serving(EMPTY, LOST[fault], there, there) as server:
        assert client_of(server.base).client.add_rows(5, ROWS, key_column=KEY) == [100, 101]
        assert [path.split()[0] for path in server.paths()] == ["GET", "POST", "GET", "GET"]


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_whose_rows_are_not_there_sends_them_after_looking(fault: str) -> None:
    with serving(EMPTY, LOST[fault], EMPTY, added(0, 1), answer(sheet_body(rows=2))) as server:
        tried = client_of(server.base)
        assert tried.client.add_rows(5, ROWS, key_column=KEY) == [100, 101]
        assert [path.split()[0] for path in server.paths()] == ["GET", "POST", "GET", "POST", "GET"]
        assert tried.time.slept  # not in the same instant: the first may still be at work


def test_answers_may_be_lost_again_and_again_while_the_rows_arrive() -> None:
    """Six batches, the answer of each lost: every look finds more, so it goes on to the end."""
    rows = [NewRow({KEY: f"k{n}"}) for n in range(6 * 500)]
    steps: list[Step] = [EMPTY]
    for batch in range(1, 7):
        steps += [drop, answer(sheet_body(rows=batch * 500))]
    with serving(*steps, answer(sheet_body(rows=3000))) as server:
        ids = client_of(server.base).client.add_rows(5, rows, key_column=KEY)
        assert [path.split()[0] for path in server.paths()] == ["GET"] + ["POST", "GET"] * 6 + ["GET"]
    assert ids == [100 + n for n in range(3000)]


def test_a_sheet_that_keeps_keys_otherwise_is_told_at_once() -> None:
    kept = [{"id": 100, "cells": [{"columnId": KEY, "value": "K0"}]}, {"id": 101, "cells": []}]
    with serving(EMPTY, answer({"resultCode": 0, "result": kept})) as server:
        with pytest.raises(KeyChanged, match="keeps the key 'k0' of row 100 as 'K0'"):
            client_of(server.base).client.add_rows(5, ROWS, key_column=KEY)
        assert len(server.requests) == 2


@pytest.mark.parametrize("key", ["", "0090", "12.5", "2026-03-02", " k", "k ", "=k", "'k", None, 5])
def test_a_key_that_might_be_kept_otherwise_is_refused(key: str | int | None) -> None:
    with serving() as server:
        with pytest.raises(CellRefused, match="new row 1: its key"):
            client_of(server.base).client.add_rows(5, [NewRow({KEY: key})], key_column=KEY)
        assert server.requests == []


@pytest.mark.parametrize("fault", [problem(429, 4003, Retry_After="2"), problem(503, 4001)])
def test_a_refusal_that_proves_nothing_was_done_is_sent_again_at_once(fault: Step) -> None:
    with serving(EMPTY, fault, added(0, 1)) as server:
        assert client_of(server.base).client.add_rows(5, ROWS, key_column=KEY) == [100, 101]
        assert [path.split()[0] for path in server.paths()] == ["GET", "POST", "POST"]


def test_answers_that_stay_lost_end_in_a_sentence_and_the_next_run_goes_on() -> None:
    with serving(EMPTY, *[drop, EMPTY] * 4) as server:
        with pytest.raises(AnswerLost, match="not known whether a write to sheet 5 was applied"):
            client_of(server.base).client.add_rows(5, ROWS, key_column=KEY)
        server.then(answer(sheet_body(rows=2)))
        assert client_of(server.base).client.add_rows(5, ROWS, key_column=KEY) == [100, 101]


def test_a_request_that_was_given_up_and_applied_late_is_told_with_its_rows() -> None:
    doubled = sheet_body(rows=2)
    doubled["rows"] += [{"id": 777, "rowNumber": 3, "cells": [{"columnId": KEY, "value": "k0"}]}]
    doubled["totalRowCount"] = 3
    with (
        serving(EMPTY, drop, EMPTY, added(0, 1), answer(doubled)) as server,
        pytest.raises(RowsDoubled, match=r"two rows with the key 'k0'.*100 and 777.*delete one"),
    ):
        client_of(server.base).client.add_rows(5, ROWS, key_column=KEY)


def test_a_refused_write_is_asked_once_and_says_editor() -> None:
    with (
        serving(EMPTY, problem(403, 1004)) as server,
        pytest.raises(AccessDenied, match="share it as Editor"),
    ):
        client_of(server.base).client.add_rows(5, ROWS, key_column=KEY)


def test_values_are_checked_before_anything_is_sent() -> None:
    with serving() as server:
        client = client_of(server.base).client
        bad = NewRow({KEY: "k2", 12: float("nan")})
        with pytest.raises(CellRefused, match="new row 3, column 12"):
            client.add_rows(5, [*ROWS, bad], key_column=KEY)
        with pytest.raises(CellRefused, match="two of the new rows have the key 'k0'"):
            client.add_rows(5, [*ROWS, ROWS[0]], key_column=KEY)
        with pytest.raises(CellRefused, match="row 1, column 2"):
            client.update_rows(5, [ChangedRow(1, {2: float("inf")})])
        assert server.requests == []


def test_changes_and_deletions_are_simply_repeated() -> None:
    done = answer({"message": "SUCCESS", "resultCode": 0, "result": [{"id": 1, "cells": []}]})
    gone = answer({"message": "SUCCESS", "resultCode": 0, "result": [1]})
    with serving(drop, problem(500, 4004), done, drop, gone) as server:
        client = client_of(server.base).client
        client.update_rows(5, [ChangedRow(1, {KEY: "a"})])
        client.delete_rows(5, [1])
        assert [path.split()[0] for path in server.paths()] == ["PUT"] * 3 + ["DELETE"] * 2


def test_a_change_that_keeps_failing_is_told_as_such() -> None:
    with serving(*[problem(500, 4004)] * 9) as server, pytest.raises(ServiceFailing):
        client_of(server.base).client.update_rows(5, [ChangedRow(1, {KEY: "a"})])


def test_a_post_that_was_never_sent_may_be_sent_again() -> None:
    with serving() as server:
        base = server.base
    tried = client_of(base, policy=RetryPolicy(attempts=2))
    with pytest.raises(Exception, match="refused the connection") as ended:
        tried.client.create_workspace("w")
    assert not isinstance(ended.value, AnswerLost)
    assert len(tried.time.slept) == 1


def test_a_sheet_whose_columns_are_no_json_is_refused_before_it_is_sent() -> None:
    with serving() as server:
        client = client_of(server.base).client
        for odd in (Decimal(1), float("nan"), object()):
            with pytest.raises(RequestRefused, match="not plain JSON"):
                client.create_sheet("workspace", 5, "W", [{"title": "Key", "width": odd}])
        assert server.requests == []


def test_keys_are_read_again_when_the_sheet_changes_between_two_pages() -> None:
    first, second = sheet_body(rows=1, total=2), sheet_body(rows=1, total=2)
    second["rows"][0] |= {"id": 101, "cells": [{"columnId": KEY, "value": "k1"}]}
    moved = second | {"version": 8}
    with serving(*map(answer, (first, moved, first, second))) as server:
        read = client_of(server.base).client.column_values(5, KEY)
    assert read == [(100, "k0"), (101, "k1")]


# --- Against the stand-in: the rows that are really there ---------------------------------------------------


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "timeout", "unexpected", "maintenance"])
def test_1200_rows_are_there_once_after_a_lost_answer(stand_in: StandIn, kind: str) -> None:
    sheet = stand_in.sheet("Audit", ("Key", "Amount"))
    key, amount = sheet.columns["Key"], sheet.columns["Amount"]
    rows = [NewRow({key: f"run1-{n:04}", amount: n / 4}) for n in range(1200)]
    path = f"/sheets/{sheet.id}/rows"
    stand_in.faults.add(kind=kind, method="POST", path=path, nth=2)
    client = client_of(stand_in.base, token=stand_in.token, policy=RetryPolicy()).client
    ids = client.add_rows(sheet.id, rows, key_column=key)
    assert client.add_rows(sheet.id, rows, key_column=key) == ids
    there = client.sheet_page(sheet.id).sheet.rows
    assert [row.id for row in there] == ids
    assert [row.cells[0].value for row in there] == [f"run1-{n:04}" for n in range(1200)]
    assert [row.cells[1].value for row in there] == [n / 4 for n in range(1200)]


def test_a_storm_of_429_while_writing_loses_and_doubles_nothing(stand_in: StandIn) -> None:
    sheet = stand_in.sheet("Audit", ("Key",))
    key = sheet.columns["Key"]
    stand_in.faults.add(kind="rate_limit", method="POST", times=2, retry_after=1)
    tried = client_of(stand_in.base, token=stand_in.token, policy=RetryPolicy())
    assert len(tried.client.add_rows(sheet.id, [NewRow({key: "a"})], key_column=key)) == 1
    assert tried.client.sheet_page(sheet.id).sheet.total_row_count == 1
    stand_in.faults.add(kind="rate_limit", method="POST", times=None)
    with pytest.raises(RateLimited):
        tried.client.add_rows(sheet.id, [NewRow({key: "b"})], key_column=key)


def test_changes_clear_cells_and_deletions_forgive_what_is_gone(stand_in: StandIn) -> None:
    sheet = stand_in.sheet("W", ("Key", "Note"), [{"Key": f"k{n}", "Note": "x"} for n in range(4)])
    client = client_of(stand_in.base, token=stand_in.token, policy=RetryPolicy()).client
    client.update_rows(sheet.id, [ChangedRow(row, {sheet.columns["Note"]: None}) for row in sheet.rows[:2]])
    rows = client.sheet_page(sheet.id).sheet.rows
    assert [row.cells[1].value for row in rows] == [None, None, "x", "x"]
    client.delete_rows(sheet.id, sheet.rows[:1])
    client.delete_rows(sheet.id, sheet.rows[:3])
    assert [row.id for row in client.sheet_page(sheet.id).sheet.rows] == sheet.rows[3:]
    assert client.row(sheet.id, sheet.rows[3]).cells[0].value == "k3"


def test_threads_write_one_sheet_one_after_the_other() -> None:
    """Smartsheet answers parallel writes to one sheet with 4004; reads and other sheets are not held up."""
    lock, writing, most = threading.Lock(), list[str](), list[int]()

    def step(connection: socket.socket, request: Request) -> bool:
        if request.method == "GET":
            return answer(sheet_body(int(request.path.split("/")[3]), rows=0))(connection, request)
        with lock:
            writing.append(request.path)
            most.append(writing.count(request.path))
        time.sleep(0.02)
        with lock:
            writing.remove(request.path)
        result = [{"id": 1, "cells": []}]
        return answer({"resultCode": 0, "result": result})(connection, request)

    with serving(*[step] * 100) as server:
        client = client_of(server.base).client

        def write(thread: int) -> None:
            for n in range(3):
                client.add_rows(5 + thread % 2, [NewRow({KEY: f"t{thread}-{n}"})], key_column=KEY)

        threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(most) == 18
    assert max(most) == 1
