"""From the sheets to the attachments as Dagster runs it: sync, billing, weeks, publication, sensor."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.billing.run import week_hashes
from dsr_pipeline.defs.billing_work import keep_tables
from dsr_pipeline.defs.partitions import key_of_week
from dsr_pipeline.defs.registry import WEEKLY_WORKBOOKS
from dsr_pipeline.defs.report_work import publish_weeks
from dsr_pipeline.defs.resources import Home, Smartsheet
from dsr_pipeline.lake.contracts.reports import REPORTS_DERIVED
from dsr_pipeline.reports import publishing, weekly_build
from dsr_pipeline.reports.publishing import PublishReport
from dsr_pipeline.reports.weekly_build import BuildReport, WeekBuilt
from dsr_pipeline_tests.defs.smartsheet_home import account, settings, unconnected
from dsr_pipeline_tests.defs.weekly_office import Office, figures, home, office
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import stand_in, stand_in_factory

__all__ = ["account", "home", "office", "settings", "stand_in", "stand_in_factory", "unconnected"]


def test_from_the_sheets_to_the_attachments_and_again_when_a_unit_moves(
    office: Office, account: Account
) -> None:
    synced = office.run("smartsheet")
    assert synced.succeeded, synced.failures
    told = figures(synced, "billing/work_units")
    assert told["rows billable"] + told["rows rejected"] + told["rows held"] == told["rows"] == 445
    assert "| not\\_completed | 60 |" in figures(synced, "billing/rejected_units")["reasons"]
    assert "| 2026-03-29 |" in figures(synced, "billing/work_groups")["weeks"]
    assert (office.settings.reports / "rejected_units.xlsx").exists()

    # Nothing was built yet: all weeks, which follow each other, in one run.
    every = week_hashes(office.lake)
    assert office.asked() == [("2026-01-19", key_of_week(max(every)))]
    assert "Asked for today already: 2026-01-25, " in str(office.tick().skip_message)

    built = office.build("2026-01-19", "2026-01-26")
    assert built.succeeded, built.failures
    assert [one for one in built.checks if not one.passed and one.name != "closed_weeks"] == []
    (remark,) = [one for one in built.checks if one.name == "closed_weeks"]
    assert remark.warning
    assert "of closed weeks without the workbook of now: 2026-0" in remark.description
    weeks = [one for one in built.written if one.asset == "reports/weekly_workbooks"]
    assert [one.partition for one in weeks] == ["2026-01-19", "2026-01-26"]
    first = weeks[0].metadata
    assert (first["week ending"], first["workbooks built"], first["workbooks skipped"]) == (
        "2026-01-25",
        2,
        0,
    )
    assert (first["amount"], first["plot: amount"]) == ("USD 3,221.28", 3221.28)
    billed = office.lake.read("billing/work_units", ["week_ending", "status"]).to_pylist()
    assert first["rows"] == billed.count({"week_ending": date(2026, 1, 25), "status": "billable"})
    assert len(list(Path(first["path"]).glob("*.xlsx"))) == 2
    published = [one.metadata for one in built.written if one.asset == "publish/report_attachments"]
    assert [(one["workbooks"], one["workbooks published"]) for one in published] == [(2, 2), (1, 1)]
    assert sum(one["attachments live"] for one in published) == uploads(account) == 3

    # The same weeks again: nothing is written and nothing is sent.
    account.stand_in.forget()
    again = office.build("2026-01-19", "2026-01-26")
    assert [one.metadata["workbooks skipped"] for one in again.written[:2]] == [2, 1]
    assert [one.metadata["new content"] for one in again.written[:2]] == [False, False]
    assert uploads(account) == 0
    assert not office.asked()

    # A unit that moves changes the week that it left and the one that it entered, and no other.
    before = week_hashes(office.lake)
    move_a_unit(office, account, date(2026, 1, 25), date(2026, 2, 8))
    assert office.run("smartsheet").succeeded
    after = week_hashes(office.lake)
    assert {week for week in after if after[week] != before[week]} == {date(2026, 1, 25), date(2026, 2, 8)}
    assert office.asked() == [("2026-02-02", "2026-02-02"), ("2026-01-19", "2026-01-19")]
    revised = office.build("2026-01-19")
    assert revised.succeeded, revised.failures
    told = figures(revised, "reports/weekly_workbooks")
    assert (told["workbooks built"], told["workbooks revised"] + told["workbooks withdrawn"]) == (1, 1)
    assert not office.asked()


def uploads(account: Account) -> int:
    return sum(call.startswith("POST") and call.endswith("/attachments") for call in account.calls())


def move_a_unit(office: Office, account: Account, week: date, to: date) -> None:
    """Give a billed row of a week the reference date of another week, as a person does it in the sheet."""
    units = office.lake.read(
        "billing/work_units", ["sheet_id", "row_id", "week_ending", "status"]
    ).to_pylist()
    unit = next(one for one in units if one["week_ending"] == week and one["status"] == "billable")
    columns = office.lake.read("smartsheet/columns", ["sheet_id", "column_id", "canonical"]).to_pylist()
    column = next(
        one["column_id"]
        for one in columns
        if (one["sheet_id"], one["canonical"]) == (unit["sheet_id"], "reference_date")
    )
    cells = [{"columnId": column, "value": to.isoformat()}]
    done = account.stand_in.http(
        "PUT", f"/sheets/{unit['sheet_id']}/rows", json=[{"id": unit["row_id"], "cells": cells}]
    )
    assert done.status_code == 200, done.text
    account.stand_in.clock.advance(60)


def week_built(ending: date, **more: Any) -> WeekBuilt:
    return WeekBuilt(
        **{
            "week_ending": ending,
            "built": 1,
            "skipped": 2,
            "revised": 0,
            "withdrawn": 0,
            "held": 0,
            "amount": Decimal("10.10"),
            "rejected": 0,
            "rejected_amount": Decimal(0),
            "refused": (),
            "hash": "h",
            **more,
        }
    )


def test_a_week_that_is_withheld_is_named_and_keeps_its_last_materialisation(
    home: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other weeks of the run are built and published; the page of the asset shows no week that is not."""
    refused = "WR 90000001: lines 10.00, group 11.00"

    def build(*given: Any, weeks: Any, **more: Any) -> BuildReport:
        keep_tables(Home.of(home.settings), REPORTS_DERIVED, run_id="run", say=str)
        wrong = {date(2026, 3, 15): (refused,)}
        return BuildReport(tuple(week_built(week, refused=wrong.get(week, ())) for week in weeks))

    monkeypatch.setattr(weekly_build, "build_weekly", build)
    outcome = home.build("2026-03-02", "2026-03-16")
    assert outcome.succeeded, outcome.failures
    made = [one.partition for one in outcome.written if one.asset == "reports/weekly_workbooks"]
    assert made == ["2026-03-02", "2026-03-16"]
    assert home.instance.get_materialized_partitions(WEEKLY_WORKBOOKS) == set(made)
    (check,) = [one for one in outcome.checks if one.name == "weeks_tie_out"]
    assert (check.passed, check.warning) == (False, True)
    assert check.description == f"1 week withheld, whose workbooks stay as they were: 2026-03-15: {refused}"
    attached = [one for one in outcome.written if one.asset == "publish/report_attachments"]
    assert [one.partition for one in attached] == ["2026-03-02", "2026-03-09", "2026-03-16"]
    assert all("no token is set" in one.metadata["not attached"] for one in attached)


def test_where_nothing_is_billed_the_weeks_say_so_and_are_green(home: Office) -> None:
    (home.settings.rules / "billing" / "variants.yaml").unlink()
    outcome = home.build("2026-03-02")
    assert outcome.succeeded, outcome.failures
    assert all(one.passed for one in outcome.checks)
    assert "variants.yaml is not there, so nothing is billed" in str(home.tick().skip_message)
    assert "variants.yaml is not there" in next(
        one.description for one in outcome.checks if one.name == "weeks_tie_out"
    )


def test_a_publication_logs_its_progress_and_not_every_step(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of attachments wrote several lines each."""
    given: dict[str, Any] = {}

    def publish(*_: Any, **more: Any) -> PublishReport:
        given.update(more)
        return PublishReport(dry_run=False)

    monkeypatch.setattr(publishing, "publish", publish)
    said: list[str] = []
    publish_weeks(
        Home.of(office.settings),
        Smartsheet.of(office.settings),
        ["2026-01-19"],
        now=datetime(2026, 3, 2, 9, 0),  # noqa: DTZ001 - the tables keep UTC without a zone
        run_id="run",
        say=said.append,
        progress=lambda text, done, of: None,
    )
    assert given["progress"] is not None
    assert given.get("on_step") is None
    assert said == []


def test_a_broken_rule_file_is_told_with_its_line_and_the_bank_side_goes_on(home: Office) -> None:
    file = home.settings.rules / "billing" / "policy.yaml"
    file.write_text("currency: USD\nweek:\n  ends_on: someday\n", encoding="utf-8")
    outcome = Office(home.settings, home.instance).run("billing")
    (failure,) = outcome.failures
    assert failure.step == "billing_tables"
    assert f"{file}:3" in failure.message
    (check,) = [one for one in outcome.checks if one.name == "readable"]
    assert not check.passed
    assert f"{file}:3" in check.description
