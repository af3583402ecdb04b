"""What runs by the clock of the office.

Lives here: cron lines. The time zone is a setting.
"""

from datetime import timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from dsr_pipeline.billing.policy import Week
from dsr_pipeline.defs.jobs import everything, weekly_reports
from dsr_pipeline.defs.jobs import smartsheet as smartsheet_job
from dsr_pipeline.defs.partitions import key_of_week
from dsr_pipeline.defs.resources import Home, Smartsheet
from dsr_pipeline.weeks import WEEKDAYS, WeekCalendar, week_ending

DAILY_AT = "0 6 * * *"
"""Before the working day, after the night in which banks book."""

EVERY_TWO_HOURS = "20 */2 * * *"
"""Off the full hour, when every other program calls; between two of them the sensor looks at the versions."""


CLOSE_AT = "30 12"
"""After the morning on which crews enter what was left from the week before."""
WORKING_DAYS = 5
WEEK = timedelta(days=7)


def schedules(timezone: str, week: Week) -> list[dg.ScheduleDefinition]:
    """The schedules, in the time zone of the office."""
    return [
        sync_sheets(timezone),
        weekly_close(timezone, week),
        dg.ScheduleDefinition(
            name="daily",
            job=everything,
            cron_schedule=DAILY_AT,
            execution_timezone=timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Everything once a day, so that what no sensor noticed is in by the morning.",
        ),
    ]


def sync_sheets(timezone: str) -> dg.ScheduleDefinition:
    """The sync by the clock; it runs by default, because without a token it starts nothing."""

    @dg.schedule(
        name="sync_sheets",
        job=smartsheet_job,
        cron_schedule=EVERY_TWO_HOURS,
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Reads the sheets every two hours, whatever the sensor saw.",
    )
    def tick(home: Home, smartsheet: Smartsheet) -> dg.RunRequest | dg.SkipReason:
        from dsr_pipeline.defs.smartsheet_reading import why_not

        reason = why_not(smartsheet, home)
        return dg.SkipReason(f"{reason}.") if reason else dg.RunRequest()

    return tick


def weekly_close(timezone: str, week: Week) -> dg.ScheduleDefinition:
    """The workbooks of the week that has just closed, once more, whatever the sensor saw."""
    first = (WEEKDAYS.index(week.ends_on) + 1) % len(WEEKDAYS)
    day = first if first < WORKING_DAYS else 0
    calendar = WeekCalendar(week.ends_on, timezone)

    @dg.schedule(
        name="weekly_close",
        job=weekly_reports,
        cron_schedule=f"{CLOSE_AT} * * {(day + 1) % len(WEEKDAYS)}",  # cron counts from Sunday
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Builds and attaches the week that has just closed, at noon of the first working day.",
    )
    def tick(context: dg.ScheduleEvaluationContext, home: Home) -> dg.RunRequest | dg.SkipReason:
        from dsr_pipeline.defs.billing_work import why_not_billed

        if reason := why_not_billed(home):
            return dg.SkipReason(f"{reason}.")
        here = context.scheduled_execution_time.astimezone(ZoneInfo(timezone)).date()
        closed = week_ending(here, calendar) - WEEK
        if closed < week.first:
            return dg.SkipReason(f"Weeks have workbooks from {week.first} on.")
        key = key_of_week(closed)
        return dg.RunRequest(run_key=f"close-{key}", partition_key=key, tags={"dsr/weeks": str(closed)})

    return tick
