"""The history of cells: only on request, within a budget, and never twice."""

from __future__ import annotations

from dsr_pipeline.lake.contracts.smartsheet import CELL_HISTORY
from dsr_pipeline.smartsheet.history import CellState, Wanted, fetch_history, request_history
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import SheetMade


def cell(account: Account, sheet: SheetMade, row: int, title: str = "Quantity") -> CellState:
    """A cell in the present state of its row."""
    return CellState(sheet.id, row, sheet.columns[title], account.rows()[row]["modified_at_utc"])


def ask(account: Account, *wanted: Wanted) -> int:
    """Put cells into the queue."""
    return request_history(account.lake, wanted, now=account.now, run_id="ask")


def fetch(account: Account, budget: int) -> tuple[int, int, tuple[str, ...]]:
    """A turn of the queue."""
    done = fetch_history(account.client, account.lake, budget=budget, now=account.now, run_id="fetch")
    return done.fetched, done.waiting, done.problems


def test_a_history_tells_who_wrote_what_and_when(account: Account) -> None:
    sheet = account.sheet()
    row = sheet.rows[0]
    for value in (7, "8 EA"):
        account.stand_in.clock.advance(60)
        account.set(sheet, row, Quantity=value)
    account.sync()
    assert ask(account, Wanted(cell(account, sheet, row), 1, "its price moved")) == 1
    assert fetch(account, 60) == (1, 0, ())
    entries = account.lake.read(CELL_HISTORY).to_pylist()
    assert [one["value"] for one in entries] == ["1", "7", '"8 EA"']
    assert [one["position"] for one in entries] == [0, 1, 2]
    assert {one["modified_by"] for one in entries} == {"etl.reader@example.com"}
    assert entries[0]["modified_at_utc"] < entries[1]["modified_at_utc"] < entries[2]["modified_at_utc"]


def test_nothing_is_fetched_twice_until_the_row_changes(account: Account) -> None:
    sheet = account.sheet()
    row = sheet.rows[0]
    account.sync()
    wanted = Wanted(cell(account, sheet, row), 1, "suspect")
    assert ask(account, wanted, wanted) == 1
    assert ask(account, wanted) == 0
    assert fetch(account, 60)[0] == 1
    assert ask(account, wanted) == 0
    account.stand_in.forget()
    assert fetch(account, 60) == (0, 0, ())
    assert account.calls() == []
    account.set(sheet, row, Quantity=9)
    account.sync()
    assert ask(account, Wanted(cell(account, sheet, row), 1, "suspect")) == 1


def test_the_budget_is_kept_and_the_most_wanted_come_first(account: Account) -> None:
    sheet = account.sheet(rows=6)
    account.sync()
    ask(account, *(Wanted(cell(account, sheet, row), place, "x") for place, row in enumerate(sheet.rows)))
    account.stand_in.forget()
    assert fetch(account, 2) == (2, 4, ())
    assert {f"/sheets/{sheet.id}/rows/{row}" in " ".join(account.calls()) for row in sheet.rows[-2:]} == {
        True
    }
    assert account.stand_in.cost() == 20
    assert fetch(account, 99) == (4, 0, ())


def test_a_cell_that_fails_waits_and_one_whose_row_is_gone_is_answered(account: Account) -> None:
    sheet = account.sheet(rows=2)
    account.sync()
    cells = [cell(account, sheet, row) for row in sheet.rows]
    ask(account, *(Wanted(one, 1, "x") for one in cells))
    account.delete(sheet, sheet.rows[0])
    path = rf"/sheets/\d+/rows/{sheet.rows[1]}/columns/\d+/history"
    account.stand_in.faults.add(kind="unexpected", path=path, times=None)
    fetched, waiting, problems = fetch(account, 60)
    assert (fetched, waiting, len(problems)) == (1, 1, 1)
    (entry,) = account.lake.read(CELL_HISTORY).to_pylist()
    assert (entry["row_id"], entry["value"], entry["modified_at_utc"]) == (sheet.rows[0], None, None)
    account.stand_in.faults.clear()
    assert fetch(account, 60) == (1, 0, ())


def test_a_sheet_that_is_not_to_be_seen_tells_nothing_of_its_cells(account: Account) -> None:
    """404 also means 'not shared any more': an empty history would be kept for ever."""
    hidden, open_to_us = account.sheet("Hidden", rows=3), account.sheet("Open", rows=1)
    account.sync()
    ask(account, *(Wanted(cell(account, hidden, row), 2, "x") for row in hidden.rows))
    ask(account, Wanted(cell(account, open_to_us, open_to_us.rows[0]), 1, "x"))
    account.stand_in.faults.add(kind="not_found", path=rf"/sheets/{hidden.id}.*", times=None)
    fetched, waiting, problems = fetch(account, 60)
    assert (fetched, waiting, len(problems)) == (1, 3, 1)
    assert f"sheet {hidden.id} was not found" in problems[0]
    account.stand_in.faults.clear()
    assert fetch(account, 60) == (3, 0, ())


def test_a_refused_token_ends_the_turn_and_keeps_what_was_fetched(account: Account) -> None:
    sheet = account.sheet(rows=5)
    account.sync()
    ask(account, *(Wanted(cell(account, sheet, row), 1, "x") for row in sheet.rows))
    account.stand_in.faults.add(kind="expired_token", path=".*/history", nth=3, times=None)
    before = len(account.calls())
    fetched, waiting, problems = fetch(account, 60)
    assert (fetched, waiting, len(problems)) == (2, 3, 1)
    assert len(account.calls()) == before + 3
    assert account.lake.read(CELL_HISTORY).num_rows == 2
