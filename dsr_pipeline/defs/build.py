"""Puts the definitions together: assets, checks, jobs, schedules, sensors, resources.

Lives here: assembly and nothing else. `definitions` calls it for Dagster, `headless` for the command line,
and tests with other resources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from dsr_pipeline.defs.assets import bank, billing, powerbi, reports, smartsheet
from dsr_pipeline.defs.checks import checks
from dsr_pipeline.defs.jobs import JOBS
from dsr_pipeline.defs.lake_io import LakeIO
from dsr_pipeline.defs.partitions import weekly, weeks_of_rules
from dsr_pipeline.defs.resources import Clock, Home, Smartsheet
from dsr_pipeline.defs.schedules import schedules
from dsr_pipeline.defs.sensors import sensors

if TYPE_CHECKING:
    from dsr_pipeline.settings import Settings


def build_defs(settings: Settings | None = None, **overrides: object) -> dg.Definitions:
    """Everything that Dagster shows and runs; `overrides` replace resources by their name.

    Steps run in the process of their run: ten small steps take half a second there, and each would cost
    several seconds in a process of its own. Raises `SettingsError` where no settings are given.
    """
    if settings is None:
        from dsr_pipeline.settings import Settings

        settings = Settings.load()
    home = Home.of(settings)
    resources: dict[str, object] = {
        "home": home,
        "clock": Clock(),
        "smartsheet": Smartsheet.of(settings),
        "io_manager": LakeIO(home=home),
    }
    if unknown := overrides.keys() - resources.keys():
        raise TypeError(f"no such resource: {', '.join(sorted(unknown))}")
    if isinstance(other := overrides.get("home"), Home):
        resources["io_manager"] = LakeIO(home=other)
    week = weeks_of_rules(settings.rules)
    weeks = weekly(week, settings.timezone)
    return dg.Definitions(
        assets=[
            *bank.ASSETS,
            *smartsheet.ASSETS,
            *billing.ASSETS,
            *reports.assets(weeks),
            *powerbi.ASSETS,
        ],
        asset_checks=checks(),
        jobs=JOBS,
        schedules=schedules(settings.timezone, week),
        sensors=sensors(weeks),
        resources=resources | overrides,
        executor=dg.in_process_executor,
    )
