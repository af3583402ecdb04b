"""What the Smartsheet tables must prove together; every proof is shown to fail when it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from dsr_pipeline.defs.smartsheet_proofs import columns_mapped, last_sync, row_counts, sheets_present
from dsr_pipeline.lake.contracts.smartsheet import DERIVED, GROUP
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.defs.smartsheet_home import account, settings
from dsr_pipeline_tests.smartsheet.account import COLUMNS, Account
from dsr_pipeline_tests.standin import stand_in, stand_in_factory

__all__ = ["account", "settings", "stand_in", "stand_in_factory"]


def with_changed(
    lake: Lake, table: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> None:
    """Replace one table of the group as no sync would."""
    with lake.group(GROUP).writing(DERIVED, run_id="changed") as writer:
        for contract in DERIVED:
            if contract.table == table:
                rows = change(lake.read(contract).to_pylist())
                writer.put(contract, pa.Table.from_pylist(rows, schema=contract.schema))
            else:
                writer.keep(contract)
        writer.switch().raise_if_refused()


def test_rows_are_counted_sheet_by_sheet(account: Account) -> None:
    account.sheet("East", 3)
    account.sheet("West", 0)
    account.sync()
    found = row_counts(account.lake)
    assert (found.verdict, found.sentence) == ("holds", "all 3 rows of 2 sheets are there")


def test_a_row_that_is_lost_anywhere_is_found_and_its_sheet_named(account: Account) -> None:
    account.sheet("East", 3)
    account.sheet("West", 2)
    account.sync()
    with_changed(account.lake, "rows", lambda rows: rows[:-1])
    found = row_counts(account.lake)
    assert (found.verdict, found.sentence) == (
        "broken",
        "1 of 2 sheets hold other rows than Smartsheet counts",
    )
    account.sync(full=True)
    with_changed(account.lake, "row_state", lambda rows: rows[:-1])
    assert row_counts(account.lake).verdict == "broken"


def test_a_count_that_differs_from_smartsheets_own_is_found(account: Account) -> None:
    account.sheet("East", 3)
    account.sync()
    with_changed(account.lake, "sheets", lambda rows: [row | {"total_row_count": 4} for row in rows])
    found = row_counts(account.lake)
    assert found.verdict == "broken"
    assert [(row["sheet"], row["rows_in_smartsheet"], row["rows_known"]) for row in found.rows] == [
        ("East", 4, 3)
    ]


def test_rows_of_a_sheet_that_is_in_no_catalogue_are_found(account: Account) -> None:
    account.sheet("East", 3)
    account.sync()
    with_changed(account.lake, "sheets", lambda rows: [])
    assert row_counts(account.lake).verdict == "broken"


def test_rows_of_a_sheet_that_is_gone_stay_and_it_is_named(account: Account) -> None:
    """Unknown is not empty: nothing is deleted because a sheet could not be read."""
    east = account.sheet("East", 3)
    account.sheet("West", 2)
    account.sync()
    assert account.stand_in.http("DELETE", f"/sheets/{east.id}").status_code == 200
    account.sync()
    assert row_counts(account.lake).sentence == "all 5 rows of 2 sheets are there"
    found = sheets_present(account.lake)
    assert found.verdict == "needs a person"
    assert found.figures == {"sheets": 2, "read": 1, "held": 0, "unknown": 1, "ignored": 0}
    assert [row["rows_kept"] for row in found.rows] == [3]
    assert "bring it back, or name it under ignore" in str(found.rows[0]["reason"])


def test_a_second_column_for_the_same_name_is_shown_and_holds_nothing(account: Account) -> None:
    account.sheet("East", 2, columns=(*COLUMNS, "Total Price"))
    account.sync()
    found = columns_mapped(account.lake)
    assert found.verdict == "holds"
    assert found.figures == {"mapped": 6, "others": 2, "notes": 1}
    assert [(row["column"], row["note"]) for row in found.rows] == [
        ("Total Price", "'Units Total Price' counts as price instead")
    ]


def test_a_held_sheet_keeps_its_rows_and_names_the_near_miss(account: Account) -> None:
    east = account.sheet("East", 3)
    account.sync()
    account.rename(east, "Units Completed?", "Unit Completed")
    account.add(east, {"Remarks": "one more"})
    account.sync()
    found = columns_mapped(account.lake)
    assert found.verdict == "needs a person"
    assert "(near: 'Unit Completed')" in found.sentence
    assert found.rows[0]["near_misses"] == "Unit Completed: nearly 'completed'"
    assert row_counts(account.lake).verdict == "holds"


def test_the_last_sync_is_told_whatever_it_was(account: Account) -> None:
    assert last_sync(account.lake, None).sentence == "nothing was read yet"
    assert last_sync(account.lake, "no token").verdict == "holds"
    east = account.sheet("East", 3)
    account.sync()
    found = last_sync(account.lake, None)
    assert (found.verdict, found.sentence) == (
        "holds",
        "sync 1 of 2026-03-02 11:00 UTC: 1 sheet read, 0 unchanged, 4 calls",
    )
    assert account.stand_in.http("DELETE", f"/sheets/{east.id}").status_code == 200
    account.sync()
    found = last_sync(account.lake, None)
    assert found.verdict == "needs a person"
    assert found.sentence.startswith("sync 2 of 2026-03-02 13:00 UTC is incomplete: ")
    found = last_sync(account.lake, "no token is set")
    assert (found.verdict, found.sentence) == (
        "needs a person",
        "no token is set. The tables are those of sync 2 of 2026-03-02 13:00 UTC",
    )


def test_a_place_that_could_not_be_listed_makes_the_sync_incomplete(account: Account) -> None:
    from dsr_pipeline_tests.smartsheet.account import source_rules

    account.sheet("East", 1)
    account.sources = source_rules(sources=[{"name": "other", "workspace": "Elsewhere"}])
    account.sync()
    found = last_sync(account.lake, None)
    assert found.verdict == "needs a person"
    assert "the token sees 0 workspaces called 'Elsewhere'" in found.sentence
