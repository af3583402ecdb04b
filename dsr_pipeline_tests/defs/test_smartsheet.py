"""The Smartsheet group as Dagster runs it, against the stand-in: what a person sees of a run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.defs.headless import Checked, Outcome, outcome_of, run_job
from dsr_pipeline.defs.resources import Clock, Home, Smartsheet
from dsr_pipeline.sandbox.faults import FaultRule
from dsr_pipeline.sandbox.sample import load_sample
from dsr_pipeline.settings import Settings
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline_tests.conftest import PROJECT
from dsr_pipeline_tests.defs.smartsheet_home import account, connected, settings, unconnected
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import stand_in, stand_in_factory

__all__ = ["account", "settings", "stand_in", "stand_in_factory", "unconnected"]

LATER = Clock(fixed="2026-03-02T20:00:00")
"""After the syncs that a test made by itself, and on the same day."""


def run(settings: Settings, job: str = "smartsheet", **overrides: object) -> Outcome:
    """A job on an instance in memory: one on disk costs seconds, and is tried once below."""
    made = build_defs(settings, clock=LATER, **overrides).resolve_job_def(job)
    with dg.DagsterInstance.ephemeral() as instance:
        return outcome_of(job, made.execute_in_process(instance=instance, raise_on_error=False))


def check(outcome: Outcome, name: str) -> Checked:
    (found,) = [one for one in outcome.checks if one.name == name and one.asset.startswith("smartsheet/")]
    return found


def figures(outcome: Outcome, table: str) -> dict[str, Any]:
    (found,) = [one.metadata for one in outcome.written if one.asset == f"smartsheet/{table}"]
    return dict(found)


def test_a_run_reads_the_sheets_and_proves_what_it_read(account: Account, settings: Settings) -> None:
    account.sheet("East", 6)
    account.sheet("West", 4)
    first = run_job(settings, "smartsheet", overrides={"clock": LATER})
    assert first.succeeded, first.failures
    assert [one for one in first.checks if not one.passed] == []
    assert check(first, "row_counts").description == "all 10 rows of 2 sheets are there"
    assert check(first, "sheets_present").description == "none of 2 sheets is unknown"
    told = figures(first, "sheets")
    assert (told["sheets read"], told["sheets unchanged"], told["rows new or changed"]) == (2, 0, 10)
    assert (told["calls"], told["units"], told["new content"]) == (5, 5, True)
    assert figures(first, "rows")["window"] == "2026-03-02 08:00:00 to 2026-03-02 08:00:00"

    # The token is in nothing that Dagster stores or shows.
    files = [file for file in settings.data.rglob("*") if file.is_file()]
    assert any(file.suffix == ".db" for file in files)
    assert [file for file in files if account.stand_in.token.encode() in file.read_bytes()] == []
    resource = (build_defs(settings).resources or {})["smartsheet"]
    assert account.stand_in.token not in repr(resource) + str(resource)

    account.stand_in.forget()
    again = run(settings)
    assert account.calls() == ["GET /sheets"]
    told = figures(again, "row_versions")
    assert (told["rows"], told["sheets unchanged"], told["new content"]) == (10, 2, False)
    assert "2 unchanged, 1 call" in check(again, "last_sync").description


def test_without_a_token_nobody_is_asked_and_everything_else_runs(
    account: Account, unconnected: Settings
) -> None:
    account.sheet("East", 3)
    outcome = run(unconnected, "everything")
    assert outcome.succeeded, outcome.failures
    assert [one for one in outcome.checks if not one.passed] == []
    assert account.calls() == []
    assert check(outcome, "last_sync").description.startswith("no token is set, so nothing is read")
    told = figures(outcome, "rows")
    assert (told["rows"], told["new content"]) == (0, False)
    assert told["not read"] == check(outcome, "last_sync").description
    assert account.lake.read("smartsheet/rows").num_rows == 0


def test_a_home_without_any_rules_of_smartsheet_runs_too(settings: Settings) -> None:
    shutil.rmtree(settings.rules / "billing")
    outcome = run(settings)
    assert outcome.succeeded, outcome.failures
    assert "names no sources" in check(outcome, "last_sync").description


def test_when_the_token_is_gone_the_tables_stay_and_that_is_told(
    account: Account, unconnected: Settings
) -> None:
    account.sheet("East", 3)
    account.sync()
    outcome = run(unconnected)
    assert outcome.succeeded
    last = check(outcome, "last_sync")
    assert (last.passed, last.warning) == (False, True)
    assert "no token is set" in last.description
    assert "The tables are those of sync 1 of 2026-03-02 11:00 UTC" in last.description
    assert figures(outcome, "rows")["rows"] == 3


def test_tables_that_were_lost_are_made_again_from_the_logs_without_a_call(
    account: Account, unconnected: Settings
) -> None:
    account.sheet("East", 3)
    account.sync()
    shutil.rmtree(Path(unconnected.lake_url) / "smartsheet")
    account.stand_in.forget()
    outcome = run(unconnected)
    assert outcome.succeeded, outcome.failures
    assert account.calls() == []
    assert figures(outcome, "rows")["rows"] == 3
    assert check(outcome, "row_counts").passed


def test_what_needs_a_person_warns_and_stops_nothing(account: Account, settings: Settings) -> None:
    east, west = account.sheet("East", 3), account.sheet("West", 2)
    account.sync()
    account.set(east, east.rows[0], Quantity=9)
    account.rename(west, "Work Request #", "Work Requests Nr")
    account.stand_in.faults.add(FaultRule(kind="forbidden", path=f"/sheets/{east.id}", times=None))
    outcome = run(settings)
    assert outcome.succeeded, outcome.failures
    wrong = {one.name: one.description for one in outcome.checks if not one.passed}
    assert set(wrong) == {"sheets_present", "columns_mapped", "last_sync"}
    assert all(one.warning for one in outcome.checks if not one.passed)
    assert wrong["sheets_present"] == "1 sheet could not be read: 'East'"
    assert "no column maps to 'work_request' (near: 'Work Requests Nr')" in wrong["columns_mapped"]
    told = figures(outcome, "sheets")
    assert (told["sheets unknown"], told["sheets held"]) == (1, 1)
    assert "share it as Viewer" in told["problems"]
    assert figures(outcome, "rows")["rows"] == 5


def test_a_refused_token_ends_the_run_in_the_words_of_the_error(account: Account, settings: Settings) -> None:
    other = connected(settings.home, settings.smartsheet_base, "other")
    outcome = run(settings, smartsheet=Smartsheet.of(other))
    assert not outcome.succeeded
    (failure,) = outcome.failures
    assert failure.message.startswith("Smartsheet does not accept the token")
    assert not failure.is_check
    assert outcome.written == ()


class Hasty(Smartsheet):
    """The account, asked by somebody with no patience: the real one waits for minutes."""

    def open(self, limits: Any, **more: Any) -> SmartsheetClient:
        return super().open(limits, **more | {"patience": 0.5})


def test_a_service_that_is_down_ends_the_run_and_leaves_the_tables(
    account: Account, settings: Settings
) -> None:
    account.sheet("East", 3)
    account.sync()
    down = connected(settings.home, "http://127.0.0.1:9/2.0", "any")
    outcome = run(settings, smartsheet=Hasty.of(down))
    assert [failure.step for failure in outcome.failures] == ["smartsheet_tables"]
    assert "refused the connection" in outcome.failures[0].message
    assert account.lake.read("smartsheet/rows").num_rows == 3


def test_the_sample_world_runs_under_the_shipped_rules(account: Account, settings: Settings) -> None:
    load_sample(account.stand_in.store, token=account.stand_in.token)
    shutil.copytree(PROJECT / "rules" / "billing", settings.rules / "billing", dirs_exist_ok=True)
    outcome = run(settings)
    assert outcome.succeeded, outcome.failures
    # Completed rows of it that nobody can bill are there to be seen.
    assert [one.name for one in outcome.checks if not one.passed] == ["rejected_rows"]
    assert figures(outcome, "sheets")["rows"] == 4


def test_the_check_of_a_log_reads_its_newest_record_alone(account: Account, settings: Settings) -> None:
    """A log that grows for years must not cost years at every run."""
    from dsr_pipeline.defs.checks import contract_result
    from dsr_pipeline.lake.contracts.smartsheet import RUNS

    for _ in range(3):
        account.sync()
    lake = Home.of(settings).open_lake()
    first, _, last = sorted((Path(settings.lake_url) / "_logs" / "smartsheet" / "sync_runs").iterdir())
    first.write_bytes(b"not parquet")
    result = contract_result(lake, RUNS)
    assert result.passed
    assert str(result.description).startswith("the newest record, number 3: smartsheet/sync_runs: 1 rows")
    last.write_bytes(b"not parquet")
    with pytest.raises(Exception, match="arquet"):
        contract_result(lake, RUNS)


def test_histories_that_were_asked_for_are_fetched_after_the_sync(
    account: Account, settings: Settings
) -> None:
    from dsr_pipeline.smartsheet.history import CellState, Wanted, request_history

    sheet = account.sheet("East", 3)
    account.set(sheet, sheet.rows[0], Quantity=9)
    account.sync()
    (row,) = [one for one in account.rows().values() if one["row_id"] == sheet.rows[0]]
    cell = CellState(sheet.id, sheet.rows[0], sheet.columns["Quantity"], row["modified_at_utc"])
    request_history(account.lake, [Wanted(cell, 5, "who wrote 9")], now=account.now, run_id="asked")
    outcome = run(settings)
    assert outcome.succeeded, outcome.failures
    told = figures(outcome, "cell_history")
    assert (told["histories fetched"], told["histories waiting"], told["calls"]) == (1, 0, 1)
    assert told["rows"] == 2
    account.stand_in.forget()
    assert figures(run(settings), "cell_history")["calls"] == 0
    assert account.calls() == ["GET /sheets"]
