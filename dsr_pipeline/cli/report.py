"""`dsr report weekly`: bills what Smartsheet holds and builds the weekly workbooks, as the assets do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from dsr_pipeline.billing.run import bill, load_billing_rules
from dsr_pipeline.cli import screen
from dsr_pipeline.cli.clock import run_id, utc_now
from dsr_pipeline.cli.entry import NEEDS_A_PERSON
from dsr_pipeline.cli.progress import progress
from dsr_pipeline.cli.weeks import ending_of
from dsr_pipeline.lake.contracts.billing import WORK_UNITS
from dsr_pipeline.lake.contracts.reports import REPORT_FILES
from dsr_pipeline.lake.contracts.smartsheet import ROWS
from dsr_pipeline.reports.rejected_book import write_rejected
from dsr_pipeline.reports.weekly_build import build_weekly
from dsr_pipeline.reports.weekly_rules import load_look, look_hash
from dsr_pipeline.settings import Settings, open_lake

if TYPE_CHECKING:
    from rich.console import Console

    from dsr_pipeline.billing.run import BillingReport
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.weekly_build import BuildReport

MOST_PROCESSES = 8
FILES_SHOWN = 12


class NothingToReport(ValueError):
    """There is nothing to make a report of; the text says the mend."""


def weekly(
    home: Path | None, *, week: str | None, work_request: str | None, no_wait: bool, as_json: bool
) -> int:
    """Bill, build and tell it; 0 all is billed and built, 1 something needs a person, else it raises."""
    settings = Settings.load(home)
    look = load_look(settings.rules)
    rules = load_billing_rules(settings.rules, zone=settings.timezone, layout=look_hash(look))
    weeks = None if week is None else [ending_of(week, rules.calendar)]
    lake = open_lake(settings.lake_url, settings.locks)
    if lake.table_path(ROWS) is None:
        raise NothingToReport("Smartsheet was never read: run `dsr sync` first")
    now = utc_now()
    run = run_id("report", now)
    with progress("report") as report_progress:
        report_progress("billing", 0, 0)
        billed = bill(
            lake,
            rules,
            now=now,
            run_id=run,
            quarantine=settings.quarantine,
            wait=not no_wait,
            on_wait=_remark,
        )
        if work_request is not None:
            _check_known(lake, work_request)
        built = ledger = None
        if not billed.failures:  # reports of the tables before would look like those of now
            built = build_weekly(
                lake,
                rules,
                look,
                settings.reports,
                weeks=weeks,
                work_request=work_request,
                now=now,
                run_id=run,
                workers=min(os.cpu_count() or 1, MOST_PROCESSES),
                quarantine=settings.quarantine,
                wait=not no_wait,
                on_wait=_remark,
                progress=report_progress,
            )
            ledger = write_rejected(lake, look, settings.reports)
    if as_json:
        screen.print_json(_as_plain(billed, built, ledger))
    else:
        _show(screen.stdout(), billed, built, ledger)
    return max(billed.exit_code, NEEDS_A_PERSON if built is None else built.exit_code)


def _check_known(lake: Lake, work_request: str) -> None:
    """Raises `NothingToReport` for a work request that no row and no workbook names."""
    from dsr_pipeline.lake.arrow import compute

    for contract in (WORK_UNITS, REPORT_FILES):
        if lake.table_path(contract) is not None:
            named = lake.read(contract, ["work_request"])["work_request"]
            if compute.any(compute.equal(named, work_request)).as_py():
                return
    raise NothingToReport(f"no row names the work request {work_request}: write it as the sheets show it")


def _show(console: Console, billed: BillingReport, built: BuildReport | None, ledger: Path | None) -> None:
    backlog = billed.backlog
    console.print(
        f"{screen.count(billed.rows, 'row')}: {billed.billable:,} billed ({screen.money(billed.amount)}), "
        f"{backlog:,} not completed yet, {billed.rejected - backlog:,} rejected, {billed.held:,} held; "
        f"{screen.count(billed.groups, 'group')}"
    )
    if built is not None:
        _show_weeks(console, built)
    if ledger is not None:
        console.print(Text(f"{screen.short(ledger)} has what is not billed"), soft_wrap=True)
    for problem in (*billed.problems, *(built.problems if built else ())):
        console.print(Text(f"  {problem}", style="yellow"), soft_wrap=True)
    for failure in billed.failures:
        console.print(Text(f"  the tables before stay in place: {failure}", style="red"), soft_wrap=True)
    for week in built.weeks if built else ():
        for reason in week.refused:
            told = f"  the workbooks of the week ending {week.week_ending} stay as they were: {reason}"
            console.print(Text(told, style="red"), soft_wrap=True)


def _show_weeks(console: Console, built: BuildReport) -> None:
    if not built.weeks:
        console.print("every workbook is as billing says")
        return
    figures = ["built", "skipped", "revised", "withdrawn", "held", "amount", "rejected", "not billed"]
    table = screen.table(None, ["week ending", *figures], figures)
    for week in built.weeks:
        counts = (week.built, week.skipped, week.revised, week.withdrawn, week.held)
        table.add_row(
            week.week_ending.isoformat(),
            *(f"{count:,}" for count in counts),
            screen.cell(week.amount),
            f"{week.rejected:,}",
            screen.cell(week.rejected_amount),
        )
    console.print(table)
    for file in built.files[:FILES_SHOWN]:
        console.print(Text(screen.short(Path(file))), soft_wrap=True)
    if (more := len(built.files) - FILES_SHOWN) > 0:
        console.print(f"… and {more:,} more beside them")


def _as_plain(billed: BillingReport, built: BuildReport | None, ledger: Path | None) -> dict[str, object]:
    names = (
        "week_ending", "built", "skipped", "revised", "withdrawn", "held", "restored", "dropped", "amount",
        "rejected", "rejected_amount", "refused",
    )  # fmt: skip
    return {
        "exit_code": max(billed.exit_code, NEEDS_A_PERSON if built is None else built.exit_code),
        "billing": {
            "unchanged": billed.unchanged,
            "rows": billed.rows,
            "billable": billed.billable,
            "not_completed": billed.backlog,
            "rejected": billed.rejected,
            "held": billed.held,
            "amount": billed.amount,
            "rejected_amount": billed.rejected_amount,
            "groups": billed.groups,
            "problems": list(billed.problems),
            "failures": list(billed.failures),
        },
        "weeks": [{name: getattr(week, name) for name in names} for week in (built.weeks if built else ())],
        "files": list(built.files if built else ()),
        "rejected_file": None if ledger is None else str(ledger),
        "problems": list(built.problems if built else ()),
    }


def _remark(text: str) -> None:
    screen.stderr().print(text, markup=False)
