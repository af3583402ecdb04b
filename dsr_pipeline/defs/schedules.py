"""What runs by the clock of the office.

Lives here: cron lines. The time zone is a setting.
"""

from __future__ import annotations

import dagster as dg

from dsr_pipeline.defs.jobs import everything

DAILY_AT = "0 6 * * *"
"""Before the working day, after the night in which banks book."""


def schedules(timezone: str) -> list[dg.ScheduleDefinition]:
    """The schedules, in the time zone of the office."""
    return [
        dg.ScheduleDefinition(
            name="daily",
            job=everything,
            cron_schedule=DAILY_AT,
            execution_timezone=timezone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Everything once a day, so that what no sensor noticed is in by the morning.",
        )
    ]
