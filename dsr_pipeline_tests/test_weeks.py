"""Weeks: every instant lies in exactly one, whatever the zone's clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_pipeline.weeks import WEEKDAYS, WeekCalendar, WeekError, week_ending, week_window

SUNDAY = WeekCalendar("sunday", "America/Chicago")
ZONES = st.sampled_from(["UTC", "America/Chicago", "Europe/Berlin", "Africa/Cairo", "Pacific/Auckland"])
CALENDARS = st.builds(WeekCalendar, st.sampled_from(WEEKDAYS), ZONES)
INSTANTS = st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2060-01-01"))


@pytest.mark.parametrize(
    ("day", "ending"),
    [("2026-01-05", "2026-01-11"), ("2026-01-11", "2026-01-11"), ("2026-01-12", "2026-01-18")],
)
def test_a_day_belongs_to_the_week_that_ends_next(day: str, ending: str) -> None:
    assert week_ending(date.fromisoformat(day), SUNDAY) == date.fromisoformat(ending)


def test_an_instant_is_cut_at_local_midnight() -> None:
    # 05:30 UTC on Monday is still Sunday evening in Chicago.
    assert week_ending(datetime(2026, 1, 12, 5, 30, tzinfo=UTC), SUNDAY) == date(2026, 1, 11)
    assert week_ending(datetime.fromisoformat("2026-01-12T05:30"), SUNDAY) == date(2026, 1, 11)
    assert week_ending(datetime.fromisoformat("2026-01-12T06:00"), SUNDAY) == date(2026, 1, 18)


@pytest.mark.parametrize(("ending", "hours"), [("2026-03-08", 167), ("2026-11-01", 169), ("2026-01-11", 168)])
def test_the_week_of_a_clock_change_is_an_hour_off(ending: str, hours: int) -> None:
    window = week_window(date.fromisoformat(ending), SUNDAY)
    assert window.end_utc - window.start_utc == timedelta(hours=hours)


def test_where_midnight_is_skipped_the_day_starts_when_the_clocks_jump() -> None:
    # Cairo moves its clocks at 00:00 on Friday 2026-04-24, so that day starts at 01:00 local, 22:00 UTC.
    window = week_window(date(2026, 4, 23), WeekCalendar("thursday", "Africa/Cairo"))
    assert window.end_utc == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert window.end_utc.astimezone(ZoneInfo("Africa/Cairo")).hour == 1


@given(INSTANTS, CALENDARS)
def test_every_instant_lies_in_its_week_and_in_no_neighbour(
    instant: datetime, calendar: WeekCalendar
) -> None:
    ending = week_ending(instant, calendar)
    window = week_window(ending, calendar)
    assert instant in window
    assert instant not in week_window(ending - timedelta(days=7), calendar)
    assert instant not in week_window(ending + timedelta(days=7), calendar)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), CALENDARS)
def test_weeks_touch_without_a_gap(day: date, calendar: WeekCalendar) -> None:
    ending = week_ending(day, calendar)
    window = week_window(ending, calendar)
    following = week_window(ending + timedelta(days=7), calendar)
    assert window.end_utc == following.start_utc
    assert window.first_day <= day <= ending
    assert ending.weekday() == WEEKDAYS.index(calendar.ends_on)


@pytest.mark.parametrize(("ends_on", "offset"), [("saturday", 0), ("sunday", 1), ("friday", 6)])
def test_the_offset_for_weekly_partitions(ends_on: str, offset: int) -> None:
    assert WeekCalendar(ends_on, "UTC").dagster_day_offset == offset  # pyright: ignore[reportArgumentType]


def test_a_day_in_the_middle_names_no_week() -> None:
    with pytest.raises(WeekError, match="weeks end on a sunday"):
        week_window(date(2026, 1, 7), SUNDAY)


@pytest.mark.parametrize(
    ("ends_on", "zone"), [("sunnday", "UTC"), ("sunday", "Mars/Olympus"), ("sunday", "")]
)
def test_settings_that_name_nothing_are_refused(ends_on: str, zone: str) -> None:
    with pytest.raises(WeekError):
        WeekCalendar(ends_on, zone)  # pyright: ignore[reportArgumentType]


def test_the_end_of_a_window_is_the_start_of_the_next_alone() -> None:
    window = week_window(date(2026, 1, 11), SUNDAY)
    following = week_window(date(2026, 1, 18), SUNDAY)
    assert window.start_utc in window
    assert window.end_utc not in window
    assert window.end_utc in following
    assert window.end_utc - timedelta(microseconds=1) in window
