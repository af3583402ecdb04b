"""`dsr publish`: the weekly reports onto their rows in Smartsheet. The same code as the asset."""

from __future__ import annotations

from contextlib import closing, nullcontext
from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text

from dsr_pipeline.billing.policy import load_policy
from dsr_pipeline.billing.variants import load_variants
from dsr_pipeline.cli import screen
from dsr_pipeline.cli.clock import run_id, utc_now
from dsr_pipeline.cli.progress import progress
from dsr_pipeline.cli.weeks import ending_of
from dsr_pipeline.reports.publishing import publish as publish_reports
from dsr_pipeline.settings import Settings, open_lake, open_smartsheet
from dsr_pipeline.smartsheet.sources import load_sources
from dsr_pipeline.weeks import WeekCalendar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from dsr_pipeline.reports.due_reports import Wait
    from dsr_pipeline.reports.publication_plan import PlanItem
    from dsr_pipeline.reports.publishing import PublishReport

WAITING: dict[Wait, str] = {
    "open_week": "of weeks that have not ended",
    "held": "held, because a sheet is not known as it is now",
    "outdated": "older than what is billed now: run dsr report weekly",
    "view": "views, which rules/billing/variants.yaml does not publish",
    "no_target": "of variants without a target",
}


def publish(home: Path | None, *, weeks: Sequence[str], dry_run: bool, no_wait: bool, as_json: bool) -> int:
    """Publish and tell it; 0 everything due is published, 1 something needs a person, else it raises."""
    settings = Settings.load(home)
    variants, limits = load_variants(settings.rules), load_sources(settings.rules).limits
    endings = _week_endings(weeks, settings)
    now = utc_now()
    connected = settings.smartsheet_token is not None
    with (
        progress("publish") as report_progress,
        closing(open_smartsheet(settings, limits, on_event=_remark))
        if connected
        else nullcontext() as client,
    ):
        report = publish_reports(
            open_lake(settings.lake_url, settings.locks),
            client,
            variants,
            settings.reports,
            weeks=endings,
            dry_run=dry_run,
            now=now,
            run_id=run_id("publish", now),
            quarantine=settings.quarantine,
            wait=not no_wait,
            on_wait=_remark,
            progress=report_progress,
        )
    if as_json:
        screen.print_json(_as_plain(report))
    else:
        _show(screen.stdout(), report)
    return report.exit_code


def _week_endings(weeks: Sequence[str], settings: Settings) -> set[date] | None:
    """The last days of the weeks in which the given days lie; None where none is given."""
    if not weeks:
        return None
    calendar = WeekCalendar(load_policy(settings.rules).week.ends_on, settings.timezone)
    return {ending_of(day, calendar) for day in weeks}


def _show(console: Console, report: PublishReport) -> None:
    if report.dry_run:
        _show_plan(console, report)
    else:
        console.print(
            f"{screen.count(report.live, 'report')} published, {report.unchanged:,} unchanged: "
            f"{screen.count(report.uploaded, 'attachment')} sent, {report.verified:,} read back, "
            f"{report.removed:,} replaced ones removed"
        )
        if report.restored or report.adopted:
            console.print(
                f"{report.restored:,} that somebody had deleted sent again, "
                f"{report.adopted:,} of an interrupted run found"
            )
    for wait, words in WAITING.items():
        if number := report.waiting[wait]:
            console.print(f"{screen.count(number, 'report')} not due: {words}")
    if report.left:
        left = screen.count(report.left, "attachment")
        console.print(f"{left} left where rules/billing/variants.yaml names no target any more")
    if report.seen:
        calls = screen.count(report.calls, "call")
        console.print(f"{calls}, {screen.count(report.cost, 'unit')} of the rate limit")
    for problem in report.problems:
        console.print(Text(f"  {problem}", style="yellow"), soft_wrap=True)


def _show_plan(console: Console, report: PublishReport) -> None:
    steps = screen.count(len(report.planned), "step")
    console.print(f"dry run, nothing is changed: {steps}, {report.unchanged:,} reports unchanged")
    if not report.seen:
        console.print("no token is set: the target sheets were not looked at, so no rows are told")
    if not report.planned:
        return
    table = screen.table(
        None, ["step", "report", "revision", "amount", "where", "why"], ["revision", "amount"]
    )
    for item in report.planned:
        table.add_row(
            item.action,
            screen.cell(item.report.file_name),
            str(item.revision),
            screen.cell(item.amount),
            screen.cell(_where(item)),
            screen.cell(item.why),
        )
    console.print(table)


def _where(item: PlanItem) -> str:
    sheet = f"'{item.sheet_name}'" if item.sheet_name else f"target {item.target}"
    return f"{sheet}, work request {item.report.work_request}"


def _as_plain(report: PublishReport) -> dict[str, object]:
    names = (
        "dry_run", "exit_code", "live", "unchanged", "blocked", "uploaded", "verified", "removed", "restored",
        "adopted", "left", "not_tried", "calls",
    )  # fmt: skip
    return {
        **{name: getattr(report, name) for name in names},
        "units": report.cost,
        "target_sheets_seen": report.seen,
        "not_due": dict(sorted(report.waiting.items())),
        "plan": [_item(item) for item in report.planned],
        "problems": list(report.problems),
    }


def _item(item: PlanItem) -> dict[str, object]:
    report = item.report
    return {
        "action": item.action,
        "why": item.why,
        "file": report.path,
        "work_request": report.work_request,
        "week_ending": report.week_ending,
        "variant": report.variant,
        "claimer": report.claimer,
        "revision": item.revision,
        "amount": item.amount,
        "target": item.target,
        "sheet": item.sheet_name,
        "row_id": item.row_id,
        "attachment_id": item.attachment_id,
    }


def _remark(text: str) -> None:
    screen.stderr().print(text, markup=False)
