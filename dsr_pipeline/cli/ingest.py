"""`dsr ingest`: the bank side on a folder, without Dagster. The same code as the assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsr_pipeline.bank.ingest import IngestReport
from dsr_pipeline.bank.ingest import ingest as ingest_inbox
from dsr_pipeline.cli import screen
from dsr_pipeline.cli.clock import run_id, utc_now
from dsr_pipeline.cli.entry import NEEDS_A_PERSON
from dsr_pipeline.cli.files import file_table, reasons, told, totals
from dsr_pipeline.cli.progress import progress
from dsr_pipeline.lake.contracts.bank import CONTRACTS, FILES
from dsr_pipeline.lake.export import Exported, export
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.settings import Settings

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

LAKE_FOLDER = ".lake"
QUARANTINE_FOLDER = "quarantine"


def ingest(inbox: Path, *, rules: Path | None, out: Path, no_wait: bool, as_json: bool) -> int:
    """Read the inbox into `out`, as one Parquet file per table, and tell what became of every file."""
    rules_root = rules if rules is not None else Settings.load().rules
    lake = Lake(out / LAKE_FOLDER)
    now = utc_now()
    with progress("ingest") as report_progress:
        report = ingest_inbox(
            inbox,
            rules_root,
            lake,
            now=now,
            run_id=run_id("ingest", now),
            quarantine=out / QUARANTINE_FOLDER,
            progress=report_progress,
            wait=not no_wait,
            on_wait=lambda text: screen.stderr().print(text),
        )
    # Without a first switch there is nothing to export; the failures say why.
    written = lake.table_path(CONTRACTS[0]) is not None
    exported = export(lake, CONTRACTS, out, data_as_of=_last_day(report)) if written else ()
    if as_json:
        screen.print_json(_as_json(report, _files(lake, report), exported, out))
    else:
        _show(report, exported, out)
    return NEEDS_A_PERSON if not written else report.exit_code


def _show(report: IngestReport, exported: tuple[Exported, ...], out: Path) -> None:
    console = screen.stdout()
    console.print(file_table(report.files, wide=screen.is_wide(console)))
    for reason in reasons([told(outcome) for outcome in report.files]):
        console.print(reason, soft_wrap=True)
    console.print()
    console.print(totals(report.files))
    for failure in report.failures:
        console.print(f"[red]{'the tables before stay in place: '}[/]", failure, markup=True)
    if exported:
        tables = screen.table(None, ["table", "rows"], right=["rows"])
        for one in exported:
            tables.add_row(one.file, f"{one.rows:,}")
        console.print()
        console.print(tables)
        console.print(f"in {out}" + ("" if report.changed else ", as they were: nothing new in the inbox"))


def _files(lake: Lake, report: IngestReport) -> list[dict[str, object]]:
    """The rows of `bank/files`; where the new ones were refused, what they would have been."""
    if report.failures:
        return [told(outcome) for outcome in report.files]
    return lake.read(FILES).to_pylist()


def _as_json(
    report: IngestReport, files: list[dict[str, object]], exported: tuple[Exported, ...], out: Path
) -> dict[str, object]:
    return {
        "out": str(out),
        "changed": report.changed,
        "exit_code": report.exit_code,
        "files": files,
        "tables": {one.table: {"file": one.file, "rows": one.rows} for one in exported},
        "failures": list(report.failures),
    }


def _last_day(report: IngestReport) -> date | None:
    days = [outcome.date_max for outcome in report.files if outcome.date_max is not None]
    return max(days, default=None)
