"""Changes that leave little trace, and records that are missing: the tables are exact, or it is told why."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.lake.contracts.smartsheet import ROW_VERSIONS, RUNS, SHEET_READS
from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.smartsheet import catching_up
from dsr_pipeline.smartsheet.cells import decode
from dsr_pipeline_tests.smartsheet.account import Account, source_rules
from dsr_pipeline_tests.standin import SheetMade


def exact(account: Account, seq: int = 2**31) -> None:
    """The versions that are live are what the account holds, cell for cell."""
    known = {key: decode(cells) for key, cells in account.as_of(seq).items()}
    assert {
        key: {column: cell["v"] if isinstance(cell, dict) else cell for column, cell in cells.items()}
        for key, cells in known.items()
    } == {
        key: {column: cell["value"] for column, cell in cells.items()}
        for key, cells in account.live().items()
    }


def settled(account: Account, rows: int = 4) -> SheetMade:
    """A sheet that is known, whose newest change lies behind by more than the overlap of two reads."""
    sheet = account.sheet(rows=rows)
    account.sync()
    account.set(sheet, sheet.rows[-1], Quantity=4)
    account.sync()
    return sheet


def test_the_calls_of_a_sync_are_its_own(account: Account) -> None:
    settled(account)
    report = account.sync()
    assert (report.calls, report.cost) == (1, 1)
    assert account.lake.read(RUNS)["calls"].to_pylist() == [4, 2, 1]


def test_a_row_that_was_emptied_is_seen_at_once(account: Account) -> None:
    """It never shows among the changed rows, and the number of rows stays."""
    with account.stand_in.store.writing() as db:
        sheet = account.sheet(rows=3)
        flags = str(sheet.columns["Units Completed?"])
        db.execute("UPDATE rows SET cells = json_remove(cells, ?)", (f'$."{flags}"',))
    account.sync()
    account.set(sheet, sheet.rows[2], Quantity=4)
    account.sync()
    titles = ("Work Request #", "Weekly Reference Logged Date", "Units Total Price", "Quantity", "Remarks")
    account.set(sheet, sheet.rows[0], **dict.fromkeys(titles, ""))
    account.stand_in.clock.advance(60)
    account.set(sheet, sheet.rows[1], Quantity=5)
    assert account.sync().rows_seen == 2
    exact(account)
    assert account.rows()[sheet.rows[0]]["work_request"] is None


def test_cells_that_go_with_their_column_are_seen_at_once(account: Account) -> None:
    sheet = settled(account)
    path = f"/sheets/{sheet.id}/columns/{sheet.columns['Remarks']}"
    assert account.stand_in.http("DELETE", path).status_code == 200
    account.sync()
    exact(account)


def test_titles_that_change_places_take_their_cells_along(account: Account) -> None:
    sheet = settled(account)
    for title, new in (("Quantity", "x"), ("Units Total Price", "Quantity")):
        account.rename(sheet, title, new)
    sheet.columns["x"] = sheet.columns["Quantity"]
    account.rename(sheet, "x", "Units Total Price")
    assert account.sync().exit_code == 0
    row = account.rows()[sheet.rows[0]]
    assert (row["quantity"], row["price"]) == ("10.5", "1")
    exact(account)


@pytest.mark.parametrize(("contract", "place"), [(ROW_VERSIONS, 0), (SHEET_READS, -1)])
def test_a_record_that_is_missing_is_told_and_nothing_is_built_over_it(
    account: Account, contract: object, place: int
) -> None:
    sheet = settled(account)
    missing = Path(account.lake.log(contract).urls()[place])  # pyright: ignore[reportArgumentType]
    saved = missing.read_bytes()
    missing.unlink()
    account.set(sheet, sheet.rows[0], Quantity=77)
    with pytest.raises(LakeError, match=r"1 of 2 records of smartsheet/\w+ are missing .* from a backup"):
        account.sync()
    missing.write_bytes(saved)
    assert account.sync().exit_code == 0
    assert account.rows()[sheet.rows[0]]["quantity"] == "77"
    exact(account)


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def die(*given: object) -> None:
    """Where the process ends."""
    raise Killed(given)


def killed_at(step: str, account: Account) -> None:
    """A sync that ends at a step."""
    with pytest.raises(Killed):
        account.sync(on_step=lambda now: die() if now == step else None)


def test_a_number_is_never_given_twice_also_when_the_healing_is_killed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = settled(account)
    account.set(sheet, sheet.rows[0], Quantity=7)
    killed_at("rows recorded", account)
    killed = account.now
    with monkeypatch.context() as patched:
        patched.setattr(catching_up, "interrupted_run", die)
        with pytest.raises(Killed):
            account.sync()
    account.set(sheet, sheet.rows[0], Quantity=8)
    report = account.sync()
    assert (report.run_seq, report.interrupted, report.exit_code) == (4, (3,), 0)
    assert [one["run_seq"] for one in account.versions(sheet.rows[0])] == [1, 3, 4]
    exact(account)
    runs = account.lake.read(RUNS).to_pylist()
    assert [(run["run_seq"], run["status"]) for run in runs][2:] == [(3, "interrupted"), (4, "done")]
    assert (runs[2]["started_at_utc"], runs[2]["run_id"]) == (killed, f"run-{killed:%d-%H}")


@pytest.mark.parametrize("again", [False, True])
def test_rows_of_a_sheet_whose_columns_a_killed_sync_did_not_record_wait_for_them(
    account: Account, again: bool
) -> None:
    """At the first sight of a sheet, or at the first after it was ignored."""
    sheet = account.sheet(rows=3)
    if again:
        account.sync()
        account.sources = source_rules(ignore=[{"sheet": sheet.id, "reason": "for a while"}])
        account.sync()
        account.sources = source_rules()
    killed_at("rows recorded", account)
    killed_at("answers kept", account)
    assert account.sync().exit_code == 0
    exact(account)
    assert set(account.rows()) == set(sheet.rows)


def test_a_sync_that_was_killed_before_its_own_line_gets_one(account: Account) -> None:
    sheet = settled(account)
    account.set(sheet, sheet.rows[0], Quantity=7)
    killed_at("folded", account)
    assert account.sync().interrupted == (3,)
    assert account.lake.read(RUNS)["run_seq"].to_pylist() == [1, 2, 3, 4]


def test_a_sheet_that_is_taken_back_after_a_killed_sync_left_it_has_its_rows_again(account: Account) -> None:
    sheet = settled(account)
    account.sources = source_rules(ignore=[{"sheet": sheet.id, "reason": "by mistake"}])
    killed_at("rows recorded", account)
    account.sources = source_rules()
    assert account.sync().exit_code == 0
    exact(account)
    assert set(account.rows()) == set(sheet.rows)


def test_three_sheets_that_always_fail_do_not_keep_the_others_from_being_read(account: Account) -> None:
    account.sources = source_rules(reading={"workers": 1})
    sheets = sorted((account.sheet(f"Sheet {number}", rows=1) for number in range(8)), key=lambda s: s.id)
    for sheet in sheets[:3]:
        account.stand_in.faults.add(kind="unexpected", path=f"/sheets/{sheet.id}", times=None)
    for _ in range(4):
        account.sync()
    assert account.known() == {(sheet.id, sheet.rows[0]) for sheet in sheets[3:]}


def test_sheets_that_are_edited_all_the_time_do_not_look_like_an_outage(account: Account) -> None:
    account.sources = source_rules(reading={"workers": 1, "page_size": 1, "torn_reads": 1})
    sheets = sorted((account.sheet(f"Sheet {number}", rows=2) for number in range(5)), key=lambda s: s.id)
    busy = {sheet.id: sheet for sheet in sheets[:3]}

    class Busy:
        """A client under whose reads these sheets move."""

        def __getattr__(self, name: str) -> object:
            return getattr(account.client, name)

        def sheet_page(self, sheet_id: int, **more: object) -> object:
            page = account.client.sheet_page(sheet_id, **more)
            if sheet_id in busy:
                account.set(busy[sheet_id], busy[sheet_id].rows[0], Quantity=page.sheet.version)
            return page

    report = account.sync(client=Busy())
    assert {sheet.sheet_id for sheet in report.of_status("unknown")} == set(busy)
