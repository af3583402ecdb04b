"""The weekly workbooks as the billing tables want them: built, skipped, restored, withdrawn, never between.

Lives here: the call and what is remembered of every week. Called by `cli` and `defs`. The steps of a build
are `weekly_work`, what a report says `weekly_reports`; publishing is `publishing`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING

from dsr_pipeline.lake.contracts.reports import REPORT_FILES, REPORTS
from dsr_pipeline.reports.build_report import BuildReport, WeekBuilt
from dsr_pipeline.reports.manifest import differing_weeks, known_weeks
from dsr_pipeline.weeks import week_window

if TYPE_CHECKING:
    from pathlib import Path

    from dsr_pipeline.billing.billing_rules import BillingRules
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

__all__ = ["BuildReport", "WeekBuilt", "build_weekly", "built_week_hashes", "differing_weeks"]


def build_weekly(  # noqa: PLR0913 - each is a place or a hook that some caller sets
    lake: Lake,
    billing: BillingRules,
    look: WeeklyLook,
    folder: Path,
    *,
    weeks: Collection[date] | None,
    work_request: str | None = None,
    now: datetime,
    run_id: str,
    workers: int = 1,
    quarantine: Path | None = None,
    wait: bool = True,
    on_wait: Callable[[str], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> BuildReport:
    """Bring the workbooks of these weeks (their last days; None: all that differ) to what billing says.

    A week whose sums do not agree stays as it was and is named. Files come before the table, and a journal
    before the files: a build that is killed leaves the old table or the new one, and the next one ends with
    exactly the right files. Raises `MissingTable` before the first billing, `WeekError` for a day on which no
    week ends, `ContractBroken` where the table would break its contract; then the files are as before.
    """
    for week in weeks or ():
        week_window(week, billing.calendar)
    from dsr_pipeline.reports.weekly_orders import Setting
    from dsr_pipeline.reports.weekly_read import BillingTables
    from dsr_pipeline.reports.weekly_work import WeeklyWork

    group = lake.group(REPORTS)
    with (
        group.writing(
            (REPORT_FILES,),
            run_id=run_id,
            quarantine=quarantine,
            wait=wait,
            on_wait=on_wait,
            on_step=on_step,
        ) as writer,
        closing(BillingTables(lake)) as tables,
    ):
        setting = Setting(
            lake=lake,
            tables=tables,
            billing=billing,
            look=look,
            folder=folder,
            now=now,
            run_id=run_id,
            workers=workers,
            progress=progress or _silent,
            on_step=on_step or _silent,
        )
        return WeeklyWork(setting, writer).run(weeks, work_request)


def built_week_hashes(lake: Lake) -> dict[date, str]:
    """What billing said of every week when its workbooks were built last; compare with `week_hashes`.

    A week that differs, or stands in one of the two alone, is to be built.
    """
    return known_weeks(lake, lake.group(REPORTS).state().inputs)


def _silent(*_: object) -> None:
    """Nobody wants to know."""
