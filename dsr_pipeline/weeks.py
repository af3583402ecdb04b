"""Weeks as the business counts them: named by the day that ends them, cut at local midnight.

The weekday and the IANA zone are settings of the caller. A window is half-open and its bounds are instants,
so a week with a change of clocks is 167 or 169 hours long.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

WEEKDAYS: tuple[Weekday, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_DAYS = 7


class WeekError(ValueError):
    """A setting or a day that does not name a week; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class WeekWindow:
    """The instants of one week: from `start_utc` up to, and without, `end_utc` (both aware, in UTC)."""

    first_day: date
    ending: date
    start_utc: datetime
    end_utc: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start_utc <= _aware(instant) < self.end_utc


@dataclass(frozen=True, slots=True)
class WeekCalendar:
    """Which weekday ends the week, and in which zone its days are cut; `WeekError` on unknown names."""

    ends_on: Weekday
    zone: str

    def __post_init__(self) -> None:
        if self.ends_on not in WEEKDAYS:
            raise WeekError(f"{self.ends_on!r} is not a weekday: write one of {', '.join(WEEKDAYS)}")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise WeekError(f"{self.zone!r} is not a time zone: write one like America/Chicago") from error

    @property
    def dagster_day_offset(self) -> int:
        """The weekday on which the week starts, counted from Sunday, as weekly partitions want it."""
        return (WEEKDAYS.index(self.ends_on) + 2) % _DAYS


def week_ending(moment: date | datetime, calendar: WeekCalendar) -> date:
    """The last day of the week in which a day, or an instant (a naive one is UTC), lies."""
    day = moment
    if isinstance(moment, datetime):
        day = _aware(moment).astimezone(ZoneInfo(calendar.zone)).date()
    return day + timedelta(days=(WEEKDAYS.index(calendar.ends_on) - day.weekday()) % _DAYS)


def week_window(ending: date, calendar: WeekCalendar) -> WeekWindow:
    """The week that ends on that day; raises `WeekError` where no week ends on it."""
    if isinstance(ending, datetime) or week_ending(ending, calendar) != ending:
        raise WeekError(f"no week ends on {ending}: weeks end on a {calendar.ends_on}")
    first_day = ending - timedelta(days=_DAYS - 1)
    after = ending + timedelta(days=1)
    return WeekWindow(first_day, ending, _midnight(first_day, calendar), _midnight(after, calendar))


def _midnight(day: date, calendar: WeekCalendar) -> datetime:
    """The first instant of a local day; where clocks skip midnight, the instant at which they skip it."""
    return datetime.combine(day, time(), ZoneInfo(calendar.zone)).astimezone(UTC)


def _aware(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
