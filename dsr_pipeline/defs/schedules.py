"""What runs by the clock of the office.

Lives here: cron lines. The time zone is a setting.
"""

import dagster as dg

from dsr_pipeline.defs.jobs import everything
from dsr_pipeline.defs.jobs import smartsheet as smartsheet_job
from dsr_pipeline.defs.resources import Home, Smartsheet

DAILY_AT = "0 6 * * *"
"""Before the working day, after the night in which banks book."""

EVERY_TWO_HOURS = "20 */2 * * *"
"""Off the full hour, when every other program calls; between two of them the sensor looks at the versions."""


def schedules(timezone: str) -> list[dg.ScheduleDefinition]:
    """The schedules, in the time zone of the office."""
    return [
        sync_sheets(timezone),
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
