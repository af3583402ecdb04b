"""`dsr sync`: what moved in Smartsheet into the tables, once, without Dagster. The same code as the asset."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from rich.text import Text

from dsr_pipeline.cli import screen
from dsr_pipeline.cli.clock import run_id, utc_now
from dsr_pipeline.cli.progress import progress
from dsr_pipeline.settings import Settings, open_lake, open_smartsheet
from dsr_pipeline.smartsheet.column_map import load_columns
from dsr_pipeline.smartsheet.report import SyncReport
from dsr_pipeline.smartsheet.sources import load_sources
from dsr_pipeline.smartsheet.standing import why_not_read
from dsr_pipeline.smartsheet.sync import sync as sync_tables

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from dsr_pipeline.smartsheet.catalogue import Sheet

BLOCKED = ("unknown", "held")
"""Sheets that need a person; of both, nothing is deleted and their work requests wait."""


class SyncRefused(ValueError):
    """There is nothing to ask, or nobody to ask it of; the text says the mend."""


def sync(home: Path | None, *, full: bool, no_wait: bool, as_json: bool) -> int:
    """Read what moved and tell it; 0 all is known, 1 something needs a person, else it raises."""
    settings = Settings.load(home)
    sources = load_sources(settings.rules)
    if reason := why_not_read(sources, has_token=settings.smartsheet_token is not None):
        raise SyncRefused(reason)
    columns = load_columns(settings.rules)
    now = utc_now()
    with (
        progress("sync") as report_progress,
        closing(open_smartsheet(settings, sources.limits, on_event=_remark)) as client,
    ):
        report = sync_tables(
            client,
            open_lake(settings.lake_url, settings.locks),
            sources,
            columns,
            now=now,
            run_id=run_id("sync", now),
            full=full,
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


def _show(console: Console, report: SyncReport) -> None:
    unknown, held = (report.of_status(status) for status in BLOCKED)
    sheets = [sheet for sheet in report.sheets.values() if sheet.status != "ignored"]
    console.print(
        f"{screen.count(len(sheets), 'sheet')}: {report.read:,} read, {report.unchanged:,} unchanged, "
        f"{len(unknown):,} unknown, {len(held):,} held"
    )
    console.print(
        f"{screen.count(report.rows_seen, 'row')} new or changed, {report.rows_removed:,} removed, "
        f"{sum(sheet.live_rows for sheet in sheets):,} in all"
    )
    spent = f"{screen.count(report.calls, 'call')}, {screen.count(report.cost, 'unit')} of the rate limit"
    console.print(f"{spent}; sync {report.run_seq}")
    for seq in report.interrupted:
        console.print(f"sync {seq} was killed; what it had recorded counts, and this one read the rest")
    for problem in _problems(report):
        console.print(Text(f"  {problem}", style="yellow"), soft_wrap=True)
    for failure in report.failures:
        console.print(Text(f"  the tables before stay in place: {failure}", style="red"), soft_wrap=True)


def _problems(report: SyncReport) -> list[str]:
    blocked = [sheet for status in BLOCKED for sheet in report.of_status(status)]
    return [*report.problems, *(sheet.reason for sheet in blocked if sheet.reason)]


def _as_plain(report: SyncReport) -> dict[str, object]:
    return {
        "sync": report.run_seq,
        "exit_code": report.exit_code,
        "sheets": [_sheet(sheet) for _, sheet in sorted(report.sheets.items())],
        "sheets_read": report.read,
        "sheets_unchanged": report.unchanged,
        "sheets_unknown": len(report.of_status("unknown")),
        "sheets_held": len(report.of_status("held")),
        "rows_new_or_changed": report.rows_seen,
        "rows_removed": report.rows_removed,
        "calls": report.calls,
        "units": report.cost,
        "interrupted": list(report.interrupted),
        "problems": _problems(report),
        "failures": list(report.failures),
    }


def _sheet(sheet: Sheet) -> dict[str, object]:
    names = ("sheet_id", "name", "source", "status", "reason", "version", "live_rows", "total_row_count")
    return {name: getattr(sheet, name) for name in names}


def _remark(text: str) -> None:
    screen.stderr().print(text, markup=False)
