"""The date dimension: contiguous, whole years, right week endings and fiscal periods."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from dsr_pipeline.powerbi.calendar import SATURDAY, Calendar, date_rows

ANY = date(2024, 3, 5)


def rows(first: date | None, last: date | None, calendar: Calendar = Calendar()) -> list[dict[str, Any]]:  # noqa: B008
    return [dict(row) for row in date_rows(first, last, calendar, -1, "Unknown")]


def on(day: date, calendar: Calendar = Calendar()) -> dict[str, Any]:  # noqa: B008
    return next(row for row in rows(day, day, calendar) if row.get("date") == day)


def test_whole_years_without_a_gap_after_the_unknown_day() -> None:
    made = rows(date(2023, 11, 30), date(2024, 2, 1))
    days = [row["date"] for row in made[1:]]
    assert made[0]["date_key"] == -1
    assert "date" not in made[0]
    assert (days[0], days[-1], len(days)) == (date(2023, 1, 1), date(2024, 12, 31), 365 + 366)
    assert all(after - before == timedelta(days=1) for before, after in itertools.pairwise(days))
    keys = [row["date_key"] for row in made]
    assert keys == sorted(set(keys))
    assert on(ANY)["date_key"] == 20240305


def test_without_any_date_there_is_only_the_unknown_day() -> None:
    assert [row["date_key"] for row in rows(None, None)] == [-1]


@pytest.mark.parametrize("weekday", range(1, 8))
def test_a_week_ending_is_the_next_such_weekday_or_the_day_itself(weekday: int) -> None:
    for row in rows(ANY, ANY, Calendar(week_ends_on=weekday))[1:]:
        ending = row["week_ending"]
        assert ending.isoweekday() == weekday
        assert timedelta(0) <= ending - row["date"] < timedelta(days=7)


def test_the_fiscal_year_is_named_by_the_year_in_which_it_ends() -> None:
    october = Calendar(fiscal_year_starts=10)
    assert (
        on(date(2024, 9, 30), october)["fiscal_year"],
        on(date(2024, 9, 30), october)["fiscal_month"],
    ) == (
        2024,
        12,
    )
    assert (
        on(date(2024, 10, 1), october)["fiscal_year"],
        on(date(2024, 10, 1), october)["fiscal_month"],
    ) == (
        2025,
        1,
    )
    assert (on(ANY)["fiscal_year"], on(ANY)["fiscal_month"]) == (2024, 3)


def test_names_quarters_and_weekends() -> None:
    day = on(date(2024, 12, 29))
    assert (day["quarter"], day["month_name"], day["year_month"]) == (4, "December", "2024-12")
    assert (day["weekday"], day["weekday_name"], day["is_weekend"]) == (7, "Sunday", True)
    assert on(date(2024, 12, 27))["is_weekend"] is False


def test_the_last_year_of_the_calendar_ends_without_an_overflow() -> None:
    made = rows(date(9999, 12, 31), date(9999, 12, 31), Calendar(week_ends_on=SATURDAY))
    assert made[-1]["date"] == made[-1]["week_ending"] == date.max
