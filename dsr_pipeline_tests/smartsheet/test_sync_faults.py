"""What a sync makes of everything that goes wrong: nothing lost, nothing doubled, one clear sentence each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from dsr_pipeline.lake.contracts.smartsheet import RUNS
from dsr_pipeline.smartsheet.errors import SmartsheetError, TokenRefused
from dsr_pipeline_tests.smartsheet.account import RULES, Account, column_rules, source_rules, unit
from dsr_pipeline_tests.standin import SheetMade

TRANSIENT = (
    "rate_limit",
    "rate_limit_html",
    "unexpected",
    "timeout",
    "collision",
    "maintenance",
    "bad_gateway",
    "server_error_code_0",
    "truncated_body",
    "invalid_json",
    "empty_body",
    "reset_before",
    "reset_after",
)


TRIED_FIRST = ("bad_gateway", "truncated_body", "not_found", "forbidden")
"""Kinds of which every test run sees the whole story; `make test-slow` sees the others."""


def fault(account: Account, kind: str, path: str = r"/sheets/\d+", **more: Any) -> None:
    """Let requests fail."""
    account.stand_in.faults.add(**({"kind": kind, "path": path, "method": "GET"} | more))


def reads(account: Account) -> int:
    """How many sheets were asked for since the journal was emptied."""
    return sum(call.startswith("GET /sheets/") for call in account.calls())


@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_fault_that_passes_leaves_no_trace(account: Account, kind: str) -> None:
    account.sheet("First", rows=4)
    account.sheet("Second", rows=3)
    fault(account, kind, times=1)
    fault(account, kind, path="/sheets", times=1)
    report = account.sync()
    assert report.exit_code == 0
    assert (report.read, report.rows_seen) == (2, 7)
    assert set(account.live()) == account.known()


@pytest.mark.parametrize(
    "kind",
    [
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in TRANSIENT if kind not in TRIED_FIRST),
        *TRIED_FIRST,
    ],
)
def test_a_sheet_that_cannot_be_read_is_unknown_and_keeps_its_rows(account: Account, kind: str) -> None:
    good, bad = account.sheet("Good", rows=4), account.sheet("Bad", rows=3)
    account.sync()
    account.set(good, good.rows[0], Quantity=70)
    account.set(bad, bad.rows[0], Quantity=71)
    account.delete(bad, bad.rows[2])
    fault(account, kind, path=f"/sheets/{bad.id}", times=None)
    report = account.sync()
    assert report.exit_code == 1
    (unknown,) = report.of_status("unknown")
    assert unknown.sheet_id == bad.id
    assert "'Bad'" in str(unknown.reason)
    rows = account.rows()
    assert rows[good.rows[0]]["quantity"] == "70"
    assert rows[bad.rows[0]]["quantity"] == "1"
    assert bad.rows[2] in rows
    holds = account.lake.read("smartsheet/holds").to_pylist()
    assert [(one["sheet_id"], one["work_request"], one["rows"]) for one in holds] == [(bad.id, "90000000", 3)]
    assert account.lake.read(RUNS)["status"].to_pylist() == ["done", "incomplete"]
    account.stand_in.faults.clear()
    report = account.sync()
    assert report.exit_code == 0
    assert account.rows()[bad.rows[0]]["quantity"] == "71"
    assert bad.rows[2] not in account.rows()
    assert account.lake.read("smartsheet/holds").num_rows == 0


def test_a_sheet_that_was_never_read_holds_every_work_request(account: Account) -> None:
    bad = account.sheet("Bad")
    fault(account, "forbidden", path=f"/sheets/{bad.id}", times=None)
    report = account.sync()
    assert "share it as Viewer" in str(report.sheets[bad.id].reason)
    (hold,) = account.lake.read("smartsheet/holds").to_pylist()
    assert (hold["work_request"], hold["sheet_name"]) == ("*", "Bad")


def test_a_sheet_that_vanishes_stays_as_it_was_known(account: Account) -> None:
    sheet = account.sheet("Gone tomorrow", rows=3)
    account.sheet("Stays")
    account.sync()
    with account.stand_in.store.writing() as db:
        db.execute("UPDATE sheets SET workspace_id = NULL WHERE id = ?", (sheet.id,))
    for _ in range(2):
        report = account.sync()
        assert report.exit_code == 1
        assert report.sheets[sheet.id].status == "unknown"
        assert "not visible to the token any more" in str(report.sheets[sheet.id].reason)
        assert report.sheets[sheet.id].name == "Gone tomorrow"
        assert set(sheet.rows) <= set(account.rows())
    account.sources = source_rules(ignore=[{"sheet": sheet.id, "reason": "was archived"}])
    assert account.sync().exit_code == 0
    assert not set(sheet.rows) & set(account.rows())


def test_a_token_that_expires_in_mid_run_keeps_what_was_read(account: Account) -> None:
    account.sources = source_rules(reading={"workers": 1})
    for number in range(5):
        account.sheet(f"Sheet {number}", rows=3)
    fault(account, "expired_token", nth=3, times=None)
    report = account.sync()
    assert report.exit_code == 1
    assert report.read == 2
    assert len(report.of_status("unknown")) == 3
    assert all("token" in str(sheet.reason) for sheet in report.of_status("unknown"))
    assert len(account.known()) == 6
    account.stand_in.faults.clear()
    account.stand_in.forget()
    report = account.sync()
    assert report.exit_code == 0
    assert reads(account) == 3
    assert len(account.known()) == 15


def test_without_the_list_of_sheets_nothing_is_changed(account: Account) -> None:
    account.sheet()
    account.sync()
    before = account.lake.group("smartsheet").state()
    fault(account, "expired_token", path="/sheets", times=None)
    with pytest.raises(TokenRefused):
        account.sync()
    account.stand_in.faults.clear()
    fault(account, "bad_gateway", path="/sheets", times=None)
    with pytest.raises(SmartsheetError):
        account.sync()
    assert account.lake.group("smartsheet").state() == before


def test_a_service_that_is_down_is_not_asked_for_every_sheet(account: Account) -> None:
    account.sources = source_rules(reading={"workers": 1})
    for number in range(12):
        account.sheet(f"Sheet {number}", rows=2)
    fault(account, "maintenance", times=None)
    report = account.sync()
    assert report.exit_code == 1
    assert len(report.of_status("unknown")) == 12
    assert reads(account) < 12
    assert "not tried" in str(list(report.sheets.values())[-1].reason)
    account.stand_in.faults.clear()
    assert account.sync().exit_code == 0
    assert len(account.known()) == 24


class Meanwhile:
    """The client of an account to which something happens after every page of a sheet."""

    def __init__(self, account: Account, act: Callable[[], None], times: int) -> None:
        self._client = account.new_client()
        self._act = act
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sheet_page(self, *given: Any, **more: Any) -> Any:
        page = self._client.sheet_page(*given, **more)
        if self._times > 0:
            self._times -= 1
            self._act()
        return page


def paged(account: Account) -> SheetMade:
    """A sheet of several pages."""
    account.sources = source_rules(reading={"page_size": 3, "torn_reads": 4, "workers": 1})
    return account.sheet(rows=8)


def test_a_read_that_an_edit_tears_begins_again(account: Account) -> None:
    sheet = paged(account)
    client = Meanwhile(account, lambda: account.set(sheet, sheet.rows[0], Quantity=80), times=1)
    report = account.sync(client=client)
    assert report.exit_code == 0
    assert account.rows()[sheet.rows[0]]["quantity"] == "80"
    assert [one["run_seq"] for one in account.versions(sheet.rows[0])] == [1]


def test_rows_that_move_between_pages_are_neither_lost_nor_doubled(account: Account) -> None:
    sheet = paged(account)
    gone = sheet.rows[0]
    client = Meanwhile(account, lambda: account.delete(sheet, gone), times=1)
    assert account.sync(client=client).exit_code == 0
    assert account.known() == {(sheet.id, row) for row in sheet.rows[1:]}


def test_a_column_that_is_renamed_between_pages_is_seen(account: Account) -> None:
    sheet = paged(account)
    client = Meanwhile(account, lambda: account.rename(sheet, "Remarks", "Notes"), times=1)
    assert account.sync(client=client).exit_code == 0
    assert '"Notes"' in account.rows()[sheet.rows[0]]["extras"]


def test_a_sheet_that_never_stands_still_is_unknown_until_it_does(account: Account) -> None:
    sheet = paged(account)
    turn = iter(range(100))
    client = Meanwhile(account, lambda: account.set(sheet, sheet.rows[0], Quantity=next(turn)), times=99)
    report = account.sync(client=client)
    assert report.exit_code == 1
    assert "changed under each of 4 reads" in str(report.sheets[sheet.id].reason)
    assert account.sync().exit_code == 0
    assert len(account.known()) == 8


def test_a_gate_column_that_was_renamed_holds_the_sheet_and_names_the_near_miss(account: Account) -> None:
    sheet, other = account.sheet("Held", rows=3), account.sheet("Fine", rows=2)
    account.sync()
    account.rename(sheet, "Units Completed?", "Unit Completed")
    account.set(sheet, sheet.rows[0], Quantity=90)
    account.set(other, other.rows[0], Quantity=91)
    report = account.sync()
    assert report.exit_code == 1
    (held,) = report.of_status("held")
    assert held.sheet_id == sheet.id
    assert "no column maps to 'completed' (near: 'Unit Completed')" in str(held.reason)
    rows = account.rows()
    assert rows[sheet.rows[0]]["quantity"] == "1"
    assert rows[sheet.rows[0]]["completed"] == "true"
    assert rows[other.rows[0]]["quantity"] == "91"
    assert [one["work_request"] for one in account.lake.read("smartsheet/holds").to_pylist()] == ["90000000"]
    assert len(account.versions(sheet.rows[0])) == 2
    columns = account.lake.read("smartsheet/columns").to_pylist()
    assert [one["note"] for one in columns if one["title"] == "Unit Completed"] == ["nearly 'completed'"]


def test_a_held_sheet_is_released_by_its_title_or_by_the_rules(account: Account) -> None:
    sheet = account.sheet("Held", rows=3)
    account.sync()
    account.rename(sheet, "Units Completed?", "Done")
    account.set(sheet, sheet.rows[0], Quantity=90)
    assert account.sync().of_status("held")
    assert account.sync().exit_code == 1
    rules = RULES["columns"] | {
        "completed": RULES["columns"]["completed"] | {"titles": ["Units Completed?", "Done"]}
    }
    account.columns = column_rules({"columns": rules})
    account.stand_in.forget()
    report = account.sync()
    assert report.exit_code == 0
    assert reads(account) == 0
    assert account.rows()[sheet.rows[0]]["quantity"] == "90"
    account.columns = column_rules()
    assert account.sync().of_status("held")
    account.rename(sheet, "Units Completed?", "units  completed")
    account.set(sheet, sheet.rows[1], Quantity=92)
    assert account.sync().exit_code == 0
    assert account.rows()[sheet.rows[1]]["quantity"] == "92"


def test_a_workspace_that_cannot_be_listed_loses_no_sheet(account: Account) -> None:
    sheet = account.sheet(rows=3)
    account.sync()
    new = account.sheet("New", rows=2)
    account.set(sheet, sheet.rows[0], Quantity=33)
    fault(account, "forbidden", path=r"/workspaces/\d+/children", times=None)
    report = account.sync()
    assert report.exit_code == 1
    assert any("source 'field'" in problem for problem in report.problems)
    assert account.rows()[sheet.rows[0]]["quantity"] == "33"
    assert {one for one, _ in account.known()} == {sheet.id}
    account.stand_in.faults.clear()
    assert account.sync().exit_code == 0
    assert {one for one, _ in account.known()} == {sheet.id, new.id}


def test_a_sheet_that_is_replaced_by_an_older_version_is_read_anew(account: Account) -> None:
    sheet = account.sheet(rows=3)
    for value in range(4):
        account.set(sheet, sheet.rows[0], Quantity=value)
    account.sync()
    with account.stand_in.store.writing() as db:
        db.execute("UPDATE sheets SET version = 1 WHERE id = ?", (sheet.id,))
        db.execute("DELETE FROM sheet_changes WHERE sheet_id = ? AND version > 1", (sheet.id,))
        db.execute(
            "UPDATE rows SET cells = json_set(cells, ?, 55) WHERE id = ?",
            (f'$."{sheet.columns["Quantity"]}".value', sheet.rows[0]),
        )
    account.sync()
    assert account.rows()[sheet.rows[0]]["quantity"] == "55"


def test_rows_with_values_of_every_kind_survive_the_way(account: Account) -> None:
    """Texts that look like SQL, JSON or formulas, other scripts, and the longest cell there is."""
    odd = [
        "'; drop table rows; --",
        '{"v": 1}',
        "=SUM(1)",
        "Ärger \u00e9 e\u0301 \u2028 漢字 🙂",
        "x" * 4000,
        "\t a \n b ",
    ]
    sheet = account.sheet(rows=[unit(number, Remarks=text) for number, text in enumerate(odd)])
    assert account.sync().exit_code == 0
    kept = {
        one["row_id"]: json.loads(one["cells"])[str(sheet.columns["Remarks"])]
        for one in account.lake.read("smartsheet/row_versions").to_pylist()
    }
    assert [kept[row] for row in sheet.rows] == odd
    assert account.sync().rows_seen == 0
