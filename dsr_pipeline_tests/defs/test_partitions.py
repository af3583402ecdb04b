"""Weeks as partitions: every weekday that can end one, zones whose clocks change, and broken rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from dsr_pipeline.billing.policy import Week
from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.defs.partitions import WeeksMoved, ending_of, endings_of, key_of_week, weekly
from dsr_pipeline.defs.registry import WEEKLY_WORKBOOKS
from dsr_pipeline.settings import Settings
from dsr_pipeline.weeks import WEEKDAYS, WeekCalendar, Weekday, week_ending, week_window

ZONES = ("America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Beirut", "UTC")
NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


def week_of(ends_on: Weekday) -> Week:
    begins = date(2025, 12, 29) + timedelta(days=(WEEKDAYS.index(ends_on) + 1) % 7)
    return Week(ends_on=ends_on, first=begins)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("ends_on", WEEKDAYS)
def test_partitions_are_the_weeks_of_the_calendar_to_the_instant(ends_on: Weekday, zone: str) -> None:
    """Through both changes of the clocks a partition begins and ends where a unit changes its week."""
    week, calendar = week_of(ends_on), WeekCalendar(ends_on, zone)
    partitions = weekly(week, zone)
    keys = partitions.get_partition_keys(current_time=NOW)
    assert keys[0] == week.first.isoformat()
    assert ending_of(keys[-1]) == week_ending(NOW, calendar), "the open week is the last one"
    assert len(keys) == (ending_of(keys[-1]) - ending_of(keys[0])).days // 7 + 1
    for key in keys:
        window, partition = (
            week_window(ending_of(key), calendar),
            partitions.time_window_for_partition_key(key),
        )
        assert (partition.start.astimezone(UTC), partition.end.astimezone(UTC)) == (
            window.start_utc,
            window.end_utc,
        )
        assert key_of_week(window.ending) == key


def test_weeks_of_other_rules_are_refused_by_name() -> None:
    assert endings_of(["2026-03-02"], week_of("sunday"), "UTC") == (date(2026, 3, 8),)
    with pytest.raises(WeeksMoved, match=r"weeks end on a saturday, .* until 2026-03-08 .* reload the code"):
        endings_of(["2026-03-02"], week_of("saturday"), "UTC")


def test_the_partitions_are_those_of_the_rules(settings: Settings) -> None:
    assert first_week(settings) == "2025-01-06"
    write(settings, "week: {ends_on: saturday, first: 2026-01-04}\n")
    assert first_week(settings) == "2026-01-04"


@pytest.mark.parametrize(
    "text",
    [
        "week: {ends_on: someday}",
        "week: [",
        "week: {ends_on: sunday, first: 2026-01-06}",
        "\x00",
        "- a list",
    ],
)
def test_a_broken_rule_file_does_not_keep_the_bank_side_from_starting(settings: Settings, text: str) -> None:
    write(settings, text)
    assert first_week(settings) == "2025-01-06"
    dg.Definitions.validate_loadable(build_defs(settings))


def write(settings: Settings, text: str) -> Path:
    file = settings.rules / "billing" / "policy.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def first_week(settings: Settings) -> str | None:
    asset = build_defs(settings).resolve_asset_graph().get(WEEKLY_WORKBOOKS)
    assert asset.partitions_def is not None
    return asset.partitions_def.get_first_partition_key()
