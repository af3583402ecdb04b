"""For which weeks a run is asked for: by the sensor, by the schedule, and by a person at the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import dagster as dg
import pytest

from dsr_pipeline.billing import run
from dsr_pipeline.defs.billing_work import keep_tables
from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.defs.headless import RunRefused, run_job
from dsr_pipeline.defs.resources import Home
from dsr_pipeline.lake.contracts.billing import DERIVED
from dsr_pipeline.reports import weekly_build
from dsr_pipeline_tests.defs.smartsheet_home import settings, unconnected
from dsr_pipeline_tests.defs.weekly_office import Office, home
from dsr_pipeline_tests.standin import stand_in, stand_in_factory

__all__ = ["home", "settings", "stand_in", "stand_in_factory", "unconnected"]


def test_the_sensor_names_weeks_that_have_no_partition(home: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing was billed yet" in str(home.tick().skip_message)
    keep_tables(Home.of(home.settings), DERIVED, run_id="run", say=str)
    weeks = {date(2024, 12, 29): "a", date(2026, 9, 27): "b", date(2026, 12, 27): "c"}
    monkeypatch.setattr(run, "week_hashes", lambda lake: weeks)
    data = home.tick()
    (request,) = data.run_requests or ()
    assert (request.partition_key, request.tags["dsr/weeks"]) == ("2026-09-21", "2026-09-27")
    monkeypatch.setattr(weekly_build, "built_week_hashes", lambda lake: {date(2026, 9, 27): "b"})
    assert home.tick().skip_message == (
        "Every week is as it was built. Without workbooks, before the first week or not begun: "
        "2024-12-29, 2026-12-27."
    )


@pytest.mark.parametrize(
    ("ends_on", "first", "cron", "noon", "key"),
    [
        ("sunday", "2026-01-05", "30 12 * * 1", datetime(2026, 3, 30, 10, 30, tzinfo=UTC), "2026-03-23"),
        ("saturday", "2026-01-04", "30 12 * * 1", datetime(2026, 3, 30, 10, 30, tzinfo=UTC), "2026-03-22"),
        ("friday", "2026-01-03", "30 12 * * 1", datetime(2026, 3, 30, 10, 30, tzinfo=UTC), "2026-03-21"),
        ("wednesday", "2026-01-08", "30 12 * * 4", datetime(2026, 4, 2, 10, 30, tzinfo=UTC), "2026-03-26"),
    ],
)
def test_the_week_that_has_just_closed_is_built_on_the_first_working_day(
    home: Office, ends_on: str, first: str, cron: str, noon: datetime, key: str
) -> None:
    file = home.settings.rules / "billing" / "policy.yaml"
    file.write_text(f"week: {{ends_on: {ends_on}, first: {first}}}\n", encoding="utf-8")
    defs = build_defs(home.settings)
    schedule = defs.resolve_schedule_def("weekly_close")
    assert (schedule.cron_schedule, schedule.execution_timezone) == (cron, "Europe/Berlin")
    with dg.build_schedule_context(
        scheduled_execution_time=noon,
        resources={"home": (defs.resources or {})["home"]},
        repository_def=defs.get_repository_def(),
    ) as context:
        (request,) = schedule.evaluate_tick(context).run_requests or ()
    assert request.partition_key == key
    job = defs.resolve_job_def("weekly_reports")
    assert job.partitions_def is not None
    assert job.partitions_def.has_partition_key(key)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (None, "runs over weeks: name the first day of one with --partition"),
        ("2026-03-29", "no partition of the job 'weekly_reports': 2026-03-29 lies in the week 2026-03-23;"),
        ("March", "no partition of the job 'weekly_reports', which are named by the first day of a week;"),
        ("2026-03-23...2026-03-16", "is no range of partitions: write FIRST...LAST"),
        ("2026-03-16...2026-03-23...2026-03-30", "is no range of partitions"),
        ("2026-03-16...", "'' is no partition"),
        ("1999-01-04", "the last one is 20"),
    ],
)
def test_a_run_without_a_week_or_with_one_that_is_none_is_refused_by_name(
    home: Office, given: str | None, says: str
) -> None:
    with pytest.raises(RunRefused, match=re.escape(says)):
        run_job(home.settings, "weekly_reports", partition=given)
