"""`dsr demo`: the whole pipeline on invented bank exports and sheets, and what it made, to be followed.

Lives here: the order of the demo and its pages. The home is `demo_home`, the Smartsheet stand-in
`demo_sheets`, its page `demo_sheet_page`, the figures are `demo_facts`, the run is `defs.headless`, the UI
is `serving`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.text import Text

from dsr_pipeline.cli import screen
from dsr_pipeline.cli.demo_billing_page import show_billing
from dsr_pipeline.cli.demo_facts import Facts, Row, collect, differences
from dsr_pipeline.cli.demo_home import prepare
from dsr_pipeline.cli.demo_sheet_page import show_sheets
from dsr_pipeline.cli.demo_sheets import FILE, StandIn, stand_in
from dsr_pipeline.cli.entry import CLEAN, COULD_NOT_RUN, NEEDS_A_PERSON
from dsr_pipeline.cli.files import balance_cell, reasons, verdict_table
from dsr_pipeline.cli.progress import progress
from dsr_pipeline.cli.run import as_plain, broken_steps
from dsr_pipeline.cli.serving import free_port, serve_ui
from dsr_pipeline.defs.headless import RANGE, Outcome, run_job
from dsr_pipeline.lake.contracts.smartsheet import SHEET_READS
from dsr_pipeline.settings import Settings, open_lake, open_smartsheet, project_folder

if TYPE_CHECKING:
    from rich.console import Console

NOTHING_REMOTE = {
    "SENTRY_DSN": None,
    "DSR_NOTIFY_URLS": None,
    "DSR_SIGNING_KEY": None,
    "DSR_BACKUP_KEY": None,
    "DSR_POSTGRES_URL": None,
    "DSR_LAKE": None,
}
"""The demo talks to its own stand-in alone and writes into its own home, whatever this machine is set for."""


def demo(home: Path | None, *, serve: bool, port: int | None, as_json: bool) -> int:
    """Prepare the home, run everything, show it; 0 when the demo came out as designed."""
    project = project_folder()
    place = Path.cwd() / home if home is not None else project / "data" / "demo"
    prepared = prepare(place, project)
    offline = Settings.load(place, **NOTHING_REMOTE, SMARTSHEET_API_TOKEN=None)
    already_read = bool(open_lake(offline.lake_url, offline.locks).log(SHEET_READS).urls())
    with stand_in(offline.data / FILE, already_read=already_read) as sheets:
        settings = Settings.load(place, **NOTHING_REMOTE, **sheets.access)
        outcome = _run(settings, sheets)
        if broken := broken_steps(outcome):
            for step, message in broken:
                screen.stderr().print(Text(f"dsr: {step}: {message}"))
            return COULD_NOT_RUN
        edited = (*prepared.edited, *(["the sheets"] if sheets.edited else []))
        facts = collect(open_lake(settings.lake_url, settings.locks), open_smartsheet(settings, None))
        unlike = differences(facts, project / "data" / "samples" / "demo" / "expected.json")
        if as_json:
            screen.print_json(
                {"home": str(place), **facts.as_plain(), "run": as_plain(outcome), "differences": unlike}
            )
        else:
            _show(screen.stdout(), settings, facts, outcome, edited, unlike)
        if serve:
            # With --json stdout holds the result and nothing else.
            console = screen.stderr() if as_json else screen.stdout()
            chosen = port if port is not None else free_port()
            serve_ui(settings, chosen, console, also=sheets.invitation(settings.home))
        return NEEDS_A_PERSON if unlike and not edited else CLEAN


def _run(settings: Settings, sheets: StandIn) -> Outcome:
    """Everything once, then the sheets again at every later look, each time with the workbooks of the weeks
    that differ; checks as they stand at last."""
    outcome: Outcome | None = None
    for _ in sheets.looks():
        with progress("demo") as report:
            if outcome is None:
                outcome = run_job(settings, "everything", follow=report)
            else:
                outcome = _after(outcome, run_job(settings, "smartsheet", follow=report))
            if broken_steps(outcome):
                break
            if weeks := _differing_weeks(settings):
                weekly = run_job(settings, "weekly_reports", partition=weeks, follow=report)
                outcome = _after(outcome, weekly)
        if broken_steps(outcome):
            break
    assert outcome is not None
    return outcome


def _differing_weeks(settings: Settings) -> str | None:
    """The range of weeks from the first to the last whose workbooks are not what is billed."""
    from dsr_pipeline.billing.run import week_hashes
    from dsr_pipeline.defs.partitions import key_of_week
    from dsr_pipeline.reports.weekly_build import built_week_hashes

    lake = open_lake(settings.lake_url, settings.locks)
    billed, built = week_hashes(lake), built_week_hashes(lake)
    differ = sorted(week for week in billed.keys() | built.keys() if billed.get(week) != built.get(week))
    return f"{key_of_week(differ[0])}{RANGE}{key_of_week(differ[-1])}" if differ else None


def _after(first: Outcome, then: Outcome) -> Outcome:
    written = {(one.asset, one.partition): one for one in (*first.written, *then.written)}
    checks = {(one.asset, one.name): one for one in (*first.checks, *then.checks)}
    return replace(
        first,
        written=tuple(written.values()),
        checks=tuple(checks.values()),
        failures=(*first.failures, *then.failures),
        skipped=(*first.skipped, *then.skipped),
    )


def _show(
    console: Console,
    settings: Settings,
    facts: Facts,
    outcome: Outcome,
    edited: tuple[str, ...],
    unlike: list[str],
) -> None:
    console.print()
    console.rule("[bold]What lay in the inbox, and what became of it", align="left")
    wide = screen.is_wide(console)
    console.print(verdict_table(facts.files, wide=wide))
    console.print()
    for reason in reasons(facts.files):
        console.print(reason, soft_wrap=True)
    _show_bad_lines(console, facts)
    console.print(
        f"{facts.lines:,} lines = {facts.accepted:,} accepted + {facts.excluded:,} excluded + "
        f"{facts.quarantined:,} quarantined: nothing is lost."
    )
    console.print()
    console.rule("[bold]The money, account by account", align="left")
    between = ["money_in", "money_out"] if wide else []
    names = ["account", "owner", "transactions", *between, "net", "currency", "balance"]
    titles = [name.removeprefix("money_").replace("currency", "") for name in names]
    accounts = screen.table(None, titles, right=["transactions", "in", "out", "net"])
    for row in facts.accounts:
        accounts.add_row(*(screen.cell(row[name]) for name in names[:-1]), balance_cell(row["balance"]))
    console.print(accounts)
    console.print()
    console.rule("[bold]Transfers found between own accounts, and questions for a person", align="left")
    transfers = screen.table(None, ["from", "to", "amount", "days", "because of"], right=["amount", "days"])
    for row in facts.transfers:
        names = ("from_account", "to_account", "amount", "days_apart", "evidence")
        transfers.add_row(*(screen.cell(row[name]) for name in names))
    console.print(transfers)
    console.print()
    questions = screen.table(None, ["", "question", "for example"], right=[""])
    for row in facts.review:
        questions.add_row(f"{row['number']}", row["kind"].replace("_", " "), Text(row["example"]))
    console.print(questions)
    console.print()
    show_sheets(console, facts.sheets)
    show_billing(console, facts.billing)
    console.rule("[bold]Checks", align="left")
    held = sum(check.passed for check in outcome.checks)
    console.print(f"{held} of {len(outcome.checks)} checks hold; these say what the demo was built to show:")
    for check in outcome.checks:
        if not check.passed:
            console.print(Text(f"  {check.asset} {check.name}: {check.description}", style="yellow"))
    _show_places(console, settings, facts)
    if edited:
        console.print(Text(f"kept as you edited it: {', '.join(edited)}", style="yellow"))
    elif unlike:
        console.print(Text("this is not what the demo was designed to give:", style="red"))
        for line in unlike:
            console.print(Text(f"  {line}", style="red"))


def _show_bad_lines(console: Console, facts: Facts) -> None:
    for row in facts.bad_lines:
        where = f"{row['file']}, line {row['line_no']}, {row['column']}"
        console.print(Text(f"  quarantined: {where}: {row['reason']}: {row['value']}", style="yellow"))


def _show_places(console: Console, settings: Settings, facts: Facts) -> None:
    home, program = screen.short(settings.home), screen.program()
    text = Text()
    for what, where in (
        ("tables", f"{screen.short(Path(settings.lake_url))}  ({facts.tables} tables)"),
        ("workbooks", f"{screen.short(settings.reports / 'weekly')}  (and the same as PDF)"),
        ("not billed", screen.short(settings.reports / "rejected_units.xlsx")),
        ("for Power BI", f"{screen.short(settings.powerbi)}  ({facts.fact_rows} transactions in the fact)"),
        ("inbox", screen.short(settings.inbox)),
        ("sheets", f"{screen.short(settings.data / FILE)}  (what the stand-in of Smartsheet holds)"),
        ("rules", screen.short(settings.rules)),
    ):
        text.append(f"{what:<13}", style="bold")
        text.append(f"{where}\n")
    text.rstrip()
    console.print()
    console.print(Panel(text, title="Where things are", title_align="left", border_style="dim", expand=False))
    # Outside of the frame, so that each can be copied whole.
    ask = f"{program} sql --home {home}"
    questions = [f'{ask} "select * from bank.live_transactions limit 5"']
    if question := _about_an_edit(facts.sheets.changes):
        questions.append(f'{ask} "{question}"')
    for title, lines in (("Ask them", questions), ("Look around", [f"{program} demo --home {home} --serve"])):
        console.print(Text(title, style="bold"))
        for line in lines:
            console.print(Text(f"  {line}"), soft_wrap=True)


def _about_an_edit(changes: list[Row]) -> str:
    """SQL for the versions of a cell in which somebody put one value in place of another."""
    for change in reversed(changes):
        if change["before"] not in {"", "true", "false"} and change["after"]:
            return (
                f"select run_seq, modified_by, cells ->> '{change['column_id']}' as cell "
                f"from smartsheet.row_versions where row_id = {change['row_id']}"
            )
    return ""
