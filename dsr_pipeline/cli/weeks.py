"""Weeks as people give them to a command: by any of their days. Called by `report` and `publish`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from dsr_pipeline.weeks import week_ending

if TYPE_CHECKING:
    from dsr_pipeline.weeks import WeekCalendar


class NoSuchDay(ValueError):
    """What was given as a week is no day."""


def ending_of(day: str, calendar: WeekCalendar) -> date:
    """The last day of the week in which the day lies; raises `NoSuchDay`."""
    try:
        return week_ending(date.fromisoformat(day), calendar)
    except ValueError:
        raise NoSuchDay(f"--week {day}: give a day of the week such as 2026-03-08") from None
