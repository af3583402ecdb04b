"""The sensor on versions and the two-hourly schedule, against the stand-in and without a token."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from dsr_pipeline.defs import sensors
from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.rule_files import RuleFileError
from dsr_pipeline.sandbox.faults import FaultRule
from dsr_pipeline.sandbox.sample import load_sample
from dsr_pipeline.sandbox.sample_targets import SHEETS
from dsr_pipeline.settings import Settings
from dsr_pipeline.smartsheet.errors import TokenRefused
from dsr_pipeline_tests.defs.smartsheet_home import account, connected, settings, unconnected
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import stand_in, stand_in_factory

__all__ = ["account", "settings", "stand_in", "stand_in_factory", "unconnected"]


def tick(settings: Settings) -> dg.SensorExecutionData:
    """One tick as the daemon makes it."""
    defs = build_defs(settings)
    resources = defs.resources or {}
    with (
        dg.DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(
            instance=instance,
            definitions=defs,
            sensor_name="sheet_versions",
            resources={"home": resources["home"], "smartsheet": resources["smartsheet"]},
        ) as context,
    ):
        return defs.resolve_sensor_def("sheet_versions").evaluate_tick(context)


def test_a_version_that_moved_requests_one_run_and_costs_one_call(
    account: Account, settings: Settings
) -> None:
    east = account.sheet("East", 3)
    (first,) = tick(settings).run_requests or ()
    assert first.tags["dsr/sheets"] == "1 new"
    account.sync()
    account.stand_in.forget()
    assert tick(settings).skip_message == "No sheet has moved since it was read."
    assert account.calls() == ["GET /sheets"]
    account.set(east, east.rows[0], Quantity=9)
    account.stand_in.clock.advance(60)
    (request,) = tick(settings).run_requests or ()
    assert request.tags["dsr/sheets"] == "1 changed"
    (same,) = tick(settings).run_requests or ()
    assert same.run_key == request.run_key != first.run_key
    account.sync()
    assert not tick(settings).run_requests


def test_what_is_attached_in_the_office_requests_no_run(account: Account, settings: Settings) -> None:
    """Its sheets are listed to the token and never read: neither they nor a report in them may loop."""
    load_sample(account.stand_in.store, token=account.stand_in.token)
    account.sync()
    assert not tick(settings).run_requests
    client = account.stand_in.sdk()
    for sheet in client.Sheets.list_sheets(include_all=True).data:
        if sheet.name in SHEETS:
            row = client.Sheets.get_sheet(sheet.id).rows[0]
            sent = ("report.xlsx", b"any", "application/vnd.ms-excel")
            client.Attachments.attach_file_to_row(sheet.id, row.id, sent)
    account.stand_in.clock.advance(60)
    assert not tick(settings).run_requests


def test_a_new_sheet_and_one_that_is_gone_are_noticed(account: Account, settings: Settings) -> None:
    east = account.sheet("East", 1)
    account.sync()
    account.sheet("West", 1)
    assert (tick(settings).run_requests or ())[0].tags["dsr/sheets"] == "1 new"
    account.sync()
    assert account.stand_in.http("DELETE", f"/sheets/{east.id}").status_code == 200
    assert (tick(settings).run_requests or ())[0].tags["dsr/sheets"] == "1 gone"
    account.sync()
    assert not tick(settings).run_requests


def test_a_mended_rule_is_not_left_waiting_for_the_schedule(account: Account, settings: Settings) -> None:
    account.sheet("East", 2)
    account.sync()
    assert not tick(settings).run_requests
    file = settings.rules / "billing" / "columns.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("- Qty", "- Quantities"), encoding="utf-8")
    (request,) = tick(settings).run_requests or ()
    assert request.tags["dsr/sheets"] == "other rules"
    file.write_text("columns: {}\n", encoding="utf-8")
    with pytest.raises(RuleFileError, match=r"columns\.yaml"):
        tick(settings)


def test_without_a_token_or_sources_it_says_why_and_asks_nobody(
    account: Account, settings: Settings, unconnected: Settings
) -> None:
    assert "no token is set" in str(tick(unconnected).skip_message)
    (settings.rules / "billing" / "sources.yaml").unlink()
    assert "names no sources" in str(tick(settings).skip_message)
    assert account.calls() == []


def test_a_service_that_cannot_be_asked_now_is_a_reason_and_no_fault(
    account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "TICK_SECONDS", 0.5)
    account.sheet("East", 1)
    account.stand_in.faults.add(FaultRule(kind="rate_limit", path="/sheets", retry_after=120, times=None))
    assert "Smartsheet could not be asked: " in str(tick(settings).skip_message)
    # The pause that Smartsheet asked for is kept by all; a tick does not sit in it until it is killed.
    account.stand_in.forget()
    assert "the budget of calls is used up for another" in str(tick(settings).skip_message)
    assert account.calls() == []


def test_a_refused_token_is_a_fault_of_the_tick(settings: Settings) -> None:
    refused = connected(settings.home, settings.smartsheet_base, "other")
    with pytest.raises(TokenRefused, match="Smartsheet does not accept the token"):
        tick(refused)


def test_both_run_from_the_start_because_without_a_token_they_do_nothing(settings: Settings) -> None:
    defs = build_defs(settings)
    assert defs.resolve_sensor_def("sheet_versions").default_status is dg.DefaultSensorStatus.RUNNING
    assert defs.resolve_schedule_def("sync_sheets").default_status is dg.DefaultScheduleStatus.RUNNING


def test_the_schedule_runs_the_job_with_a_token_and_says_why_without(
    account: Account, settings: Settings, unconnected: Settings
) -> None:
    def at_ten(given: Settings) -> dg.ScheduleExecutionData:
        defs = build_defs(given)
        resources = defs.resources or {}
        with dg.build_schedule_context(
            scheduled_execution_time=datetime(2026, 3, 2, 10, 20, tzinfo=UTC),
            resources={"home": resources["home"], "smartsheet": resources["smartsheet"]},
        ) as context:
            return defs.resolve_schedule_def("sync_sheets").evaluate_tick(context)

    assert len(at_ten(settings).run_requests or ()) == 1
    without = at_ten(unconnected)
    assert not without.run_requests
    assert "no token is set" in str(without.skip_message)
    assert account.calls() == []
