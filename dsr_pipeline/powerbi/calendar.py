"""The date dimension: every day of whole years, with its week ending and its fiscal period.

Lives here: what a day is called. Which years are needed is decided by `star` from the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MONTHS = ("January February March April May June July August September October November December").split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SUNDAY = 7
SATURDAY = 6


@dataclass(frozen=True, slots=True)
class Calendar:
    """How the office counts: the weekday on which its weeks end (1 Monday … 7 Sunday), and the month in which
    its fiscal year begins. A fiscal year is named by the calendar year in which it ends."""

    week_ends_on: int = SUNDAY
    fiscal_year_starts: int = 1


def date_rows(
    first: date | None, last: date | None, calendar: Calendar, unknown_key: int, unknown: str
) -> Iterator[Mapping[str, object]]:
    """The rows of `dim_date` in the order of their keys: the unknown day, then whole years without a gap.

    `first` and `last` are None where there is no dated transaction; then only the unknown day is given.
    """
    yield {
        "date_key": unknown_key,
        "month_name": unknown,
        "year_month": unknown,
        "weekday_name": unknown,
        "is_weekend": False,
    }
    if first is None or last is None:
        return
    day = date(first.year, 1, 1)
    while day.year <= last.year:
        yield _row(day, calendar)
        if day == date.max:
            return
        day += timedelta(days=1)


def _row(day: date, calendar: Calendar) -> Mapping[str, object]:
    weekday = day.isoweekday()
    to_week_end = (calendar.week_ends_on - weekday) % 7
    starts = calendar.fiscal_year_starts
    return {
        "date_key": day.year * 10000 + day.month * 100 + day.day,
        "date": day,
        "year": day.year,
        "quarter": (day.month + 2) // 3,
        "month": day.month,
        "month_name": _MONTHS[day.month - 1],
        "year_month": f"{day.year:04d}-{day.month:02d}",
        "day": day.day,
        "weekday": weekday,
        "weekday_name": _DAYS[weekday - 1],
        "is_weekend": weekday >= SATURDAY,
        # The last week of the year 9999 would end in a year that no calendar has.
        "week_ending": day + timedelta(days=to_week_end)
        if (date.max - day).days >= to_week_end
        else date.max,
        "fiscal_year": day.year + (starts > 1 and day.month >= starts),
        "fiscal_month": (day.month - starts) % 12 + 1,
    }
