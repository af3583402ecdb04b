"""What the report assets do: the weeks of a run are built, attached, and told week by week.

Lives here: the resources put together with the room `reports`, and what a run reports of each week. Called by
the assets of reports and publication.
"""

from __future__ import annotations

import multiprocessing
import os
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dagster as dg

from dsr_pipeline.defs.billing_work import SHOWN_PROBLEMS, billing_rules, keep_tables, why_not_billed
from dsr_pipeline.defs.findings import count
from dsr_pipeline.defs.partitions import ending_of, endings_of, key_of_week
from dsr_pipeline.lake.contracts.reports import PUBLISH_DERIVED, REPORTS_DERIVED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from dsr_pipeline.defs.resources import Home, Smartsheet
    from dsr_pipeline.reports.weekly_build import WeekBuilt

    Progress = Callable[[str, int, int], None]

WEEKLY_FOLDER = "weekly"


@dataclass(frozen=True, slots=True)
class WeeksDone:
    """What one step over weeks did: figures per partition, and what a person should know."""

    weeks: Mapping[str, Mapping[str, Any]]
    withheld: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why a week was not made, by its partition."""
    problems: tuple[str, ...] = ()
    why_not: str | None = None

    def sentence(self) -> str:
        """What a person reads of the weeks of this run."""
        if self.why_not:
            return self.why_not
        if not self.withheld:
            return f"{count(len(self.weeks), 'week')} built, and every workbook adds up"
        named = "; ".join(f"{ending_of(key)}: {why}" for key, why in sorted(self.withheld.items()))
        return f"{count(len(self.withheld), 'week')} withheld, whose workbooks stay as they were: {named}"


def build_weeks(
    home: Home,
    keys: list[str],
    *,
    now: datetime,
    run_id: str,
    say: Callable[[str], None],
    progress: Progress,
) -> WeeksDone:
    """All workbooks of the weeks of these partitions. Raises `RuleFileErrors` and `WeeksMoved`."""
    if reason := why_not_billed(home):
        say(reason)
        keep_tables(home, REPORTS_DERIVED, run_id=run_id, say=say)
        return WeeksDone({}, why_not=reason)
    from dsr_pipeline.defs.report_figures import printed_rows
    from dsr_pipeline.reports.weekly_build import build_weekly

    rules, look = billing_rules(home)
    lake = home.open_lake()
    report = build_weekly(
        lake,
        rules,
        look,
        home.reports_path,
        weeks=endings_of(keys, rules.policy.week, home.timezone),
        now=now,
        run_id=run_id,
        workers=workers(),
        on_wait=say,
        progress=progress,
        on_step=say,
    )
    for problem in report.problems:
        say(problem)
    told = {key_of_week(week.week_ending): week for week in report.weeks}
    folder = home.reports_path / WEEKLY_FOLDER
    printed = printed_rows(lake)
    return WeeksDone(
        {
            key: {
                "rows": printed.get(week.week_ending, 0),
                **week_figures(week, folder, rules.policy.currency),
            }
            for key, week in told.items()
            if not week.refused
        },
        {key: "; ".join(week.refused) for key, week in told.items() if week.refused},
        tuple(report.problems),
    )


def week_figures(week: WeekBuilt, folder: Path, currency: str) -> dict[str, Any]:
    """What the UI shows and plots of one week."""
    return {
        "week ending": week.week_ending.isoformat(),
        "workbooks": week.built + week.skipped,
        "workbooks built": week.built,
        "workbooks skipped": week.skipped,
        "workbooks revised": week.revised,
        "workbooks withdrawn": week.withdrawn,
        "groups held": week.held,
        "amount": f"{currency} {week.amount:,.2f}",
        "amount rejected": f"{currency} {week.rejected_amount:,.2f}",
        "rows rejected": week.rejected,
        # Dagster draws floats and nothing exact; these two are looked at and never added up.
        "plot: amount": float(week.amount),
        "plot: amount rejected": float(week.rejected_amount),
        "hash": week.hash,
        "path": dg.MetadataValue.path(str(folder / week.week_ending.isoformat())),
        "new content": bool(week.built or week.withdrawn),
    }


def publish_weeks(
    home: Home,
    smartsheet: Smartsheet,
    keys: list[str],
    *,
    now: datetime,
    run_id: str,
    say: Callable[[str], None],
    progress: Progress,
) -> WeeksDone:
    """The workbooks of these weeks, attached. Raises `SmartsheetError` and `RuleFileErrors`."""
    from dsr_pipeline.defs.report_figures import publication_figures

    lake = home.open_lake()
    if reason := why_not_published(home, smartsheet):
        say(reason)
        keep_tables(home, PUBLISH_DERIVED, run_id=run_id, say=say)
        figures = publication_figures(lake, keys)
        return WeeksDone({key: {**figures[key], "not attached": reason} for key in keys}, why_not=reason)
    from dsr_pipeline.billing.policy import load_policy
    from dsr_pipeline.billing.variants import load_variants
    from dsr_pipeline.reports.publishing import publish
    from dsr_pipeline.smartsheet.sources import load_sources

    weeks = endings_of(keys, load_policy(home.rules_path).week, home.timezone)
    with closing(smartsheet.open(load_sources(home.rules_path).limits, on_event=say)) as client:
        report = publish(
            lake,
            client,
            load_variants(home.rules_path),
            home.reports_path,
            weeks=weeks,
            dry_run=False,
            now=now,
            run_id=run_id,
            on_wait=say,
            progress=progress,
        )
    told = tuple(report.problems)
    problems = {"problems": "\n".join(told[:SHOWN_PROBLEMS])} if told else {}
    figures = publication_figures(lake, keys)
    return WeeksDone({key: {**figures[key], **problems} for key in keys}, problems=told)


def why_not_published(home: Home, smartsheet: Smartsheet) -> str | None:
    """Why nothing is attached; None where it is. Raises `RuleFileErrors`."""
    from dsr_pipeline.billing.variants import FILE, load_variants

    if reason := why_not_billed(home):
        return reason
    if not any(variant.targets for variant in load_variants(home.rules_path).variants):
        return f"no variant of rules/{FILE} names a target, so nothing is attached"
    if not smartsheet.has_token:
        return "no token is set, so nothing is attached: set SMARTSHEET_API_TOKEN (docs/smartsheet.md)"
    return None


def workers() -> int:
    """Processes that write workbooks: one per core; in a worker of Celery, which may have no child, none."""
    return 1 if multiprocessing.current_process().daemon else os.cpu_count() or 1


def write_ledger(home: Home, *, say: Callable[[str], None]) -> dict[str, Any]:
    """The ledger of what is not billed as a workbook. Raises `RuleFileErrors`."""
    if reason := why_not_billed(home):
        say(reason)
        return {"new content": False, "not written": reason}
    from dsr_pipeline.defs.billing_figures import billing_figures
    from dsr_pipeline.lake.contracts.billing import REJECTED_UNITS
    from dsr_pipeline.reports.rejected_book import FILE, write_rejected
    from dsr_pipeline.reports.weekly_rules import load_look

    lake = home.open_lake()
    tables = lake.group(REJECTED_UNITS.group).state().tables
    written = write_rejected(lake, load_look(home.rules_path), home.reports_path)
    return {
        "rows": tables[REJECTED_UNITS.table].rows if REJECTED_UNITS.table in tables else 0,
        **billing_figures(lake, REJECTED_UNITS),
        "path": dg.MetadataValue.path(str(home.reports_path / FILE)),
        "new content": written is not None,
    }
