"""Whether Smartsheet is read at all, and the tables of an installation that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.lake.contracts.smartsheet import DERIVED
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.rule_files import RuleFileError
from dsr_pipeline.smartsheet.sources import Sources
from dsr_pipeline.smartsheet.standing import keep_tables, why_not_read
from dsr_pipeline_tests.smartsheet.account import Account, source_rules


def test_it_is_read_with_sources_and_a_token_alone() -> None:
    assert why_not_read(source_rules(), has_token=True) is None
    assert "set SMARTSHEET_API_TOKEN" in str(why_not_read(source_rules(), has_token=False))
    assert "names no sources" in str(why_not_read(Sources(), has_token=True))


def test_where_nothing_was_ever_read_the_tables_are_empty(account: Account, tmp_path: Path) -> None:
    keep_tables(account.lake, tmp_path, now=account.now, run_id="kept")
    assert all(account.lake.read(contract).num_rows == 0 for contract in DERIVED)
    before = account.lake.group("smartsheet").state()
    keep_tables(account.lake, tmp_path, now=account.now, run_id="again")
    assert account.lake.group("smartsheet").state() == before


def test_the_first_sync_after_empty_tables_reads_everything(account: Account, tmp_path: Path) -> None:
    sheet = account.sheet(rows=3)
    keep_tables(account.lake, tmp_path, now=account.now, run_id="kept")
    report = account.sync()
    assert (report.run_seq, report.read, report.rows_seen) == (1, 1, 3)
    assert set(account.rows()) == set(sheet.rows)


def test_tables_that_hold_something_stay_as_they_are(account: Account, tmp_path: Path) -> None:
    account.sheet(rows=3)
    account.sync()
    before = account.lake.group("smartsheet").state()
    keep_tables(account.lake, tmp_path, now=account.now, run_id="kept")
    assert account.lake.group("smartsheet").state() == before


def test_tables_that_are_gone_come_back_from_the_logs(
    account: Account, project: Path, tmp_path: Path
) -> None:
    """A backup holds the logs alone."""
    account.sheet(rows=3)
    account.sync()
    rows = account.lake.read("smartsheet/rows").num_rows
    _moved(Path(account.lake.storage.url("_logs")), tmp_path)
    from_logs = Lake(tmp_path / "restored")
    keep_tables(from_logs, project / "rules", now=account.now, run_id="kept")
    assert from_logs.read("smartsheet/rows").num_rows == rows


def test_with_records_the_rules_of_the_columns_are_needed(account: Account, tmp_path: Path) -> None:
    account.sheet(rows=3)
    account.sync()
    _moved(Path(account.lake.storage.url("_logs")), tmp_path)
    with pytest.raises(RuleFileError, match=r"columns\.yaml"):
        keep_tables(Lake(tmp_path / "restored"), tmp_path, now=account.now, run_id="kept")


def _moved(logs: Path, folder: Path) -> None:
    (folder / "restored").mkdir()
    logs.rename(folder / "restored" / "_logs")
