"""Every command of `dsr` with its options, and nothing else: each body calls the module that does the work.

The modules are imported when their command runs. A command that does nothing yet is not listed here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="dsr",
    help="Follows the money of field work from the recorded unit to the bank.\n\n"
    "Exit codes: 0 done and clean, 1 done but something needs a person, 2 could not run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
inbox_app = typer.Typer(help="Look at bank exports without importing them.", no_args_is_help=True)
app.add_typer(inbox_app, name="inbox")
claims_app = typer.Typer(help="Who claimed which unit, and who decided so.", no_args_is_help=True)
app.add_typer(claims_app, name="claims")
report_app = typer.Typer(help="Build workbooks.", no_args_is_help=True)
app.add_typer(report_app, name="report")

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder with csv_inbox/, rules/ and data/.", show_default="DSR_HOME"),
]
Rules = Annotated[
    Path | None, typer.Option("--rules", help="The folder `rules`.", show_default="rules/ of the home")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="End with 2 when another run holds the tables.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from dsr_pipeline import __version__

        print(f"dsr {__version__}")
        raise typer.Exit


@app.callback()
def dsr(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print a traceback when something fails; may stand anywhere.")
    ] = False,
) -> None:
    """Options that stand before a command. `--debug` is taken out of the arguments by `entry`."""


@app.command()
def demo(
    home: Annotated[
        Path | None, typer.Option("--home", help="Where the demo lives.", show_default="data/demo")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave the Dagster UI and the Smartsheet stand-in running on it.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65535, help="Port of that UI.", show_default="3000, else a free one"
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Run the whole pipeline on invented bank exports and sheets, and show what it made."""
    from dsr_pipeline.cli.demo import demo as work

    return work(home, serve=serve, port=port, as_json=as_json)


@app.command()
def run(
    job: Annotated[str, typer.Argument(help="A job: everything, bank, smartsheet …")] = "everything",
    select: Annotated[
        str | None, typer.Option("--select", help="Only these assets, such as 'group:bank' or 'bank/files+'.")
    ] = None,
    partition: Annotated[
        str | None,
        typer.Option("--partition", help="One partition of the job, or a range as FIRST...LAST."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Run a Dagster job here and now, without the UI."""
    from dsr_pipeline.cli.run import run as work

    return work(job, select=select, partition=partition, home=home, as_json=as_json)


@app.command()
def ingest(
    inbox: Annotated[Path, typer.Argument(metavar="INBOX", help="Folder with bank exports; never changed.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the tables as Parquet.")],
    rules: Rules = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> int:
    """Read bank exports into verified, deduplicated tables, without Dagster."""
    from dsr_pipeline.cli.ingest import ingest as work

    return work(inbox, rules=rules, out=out, no_wait=no_wait, as_json=as_json)


@app.command()
def sync(
    home: Home = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read every row of every sheet, whatever the versions say.")
    ] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> int:
    """Read what moved in Smartsheet into the tables, once, and keep every version of every row."""
    from dsr_pipeline.cli.sync import sync as work

    return work(home, full=full, no_wait=no_wait, as_json=as_json)


@report_app.command("weekly")
def report_weekly(
    week: Annotated[
        str | None,
        typer.Option(
            "--week",
            metavar="DAY",
            help="The week of this day, also where nothing differs.",
            show_default="all that differ",
        ),
    ] = None,
    work_request: Annotated[
        str | None, typer.Option("--work-request", metavar="WR", help="Only this work request.")
    ] = None,
    home: Home = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> int:
    """Bill what Smartsheet holds, and build the weekly workbooks whose content changed."""
    from dsr_pipeline.cli.report import weekly as work

    return work(home, week=week, work_request=work_request, no_wait=no_wait, as_json=as_json)


@app.command()
def publish(
    week: Annotated[
        list[str] | None,
        typer.Option("--week", metavar="DAY", help="Only the week of this day; may stand several times."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing anywhere, and print what would be done.")
    ] = False,
    home: Home = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
) -> int:
    """Attach the weekly reports to their rows in Smartsheet, and remove the ones that they replace."""
    from dsr_pipeline.cli.publish import publish as work

    return work(home, weeks=week or (), dry_run=dry_run, no_wait=no_wait, as_json=as_json)


@inbox_app.command("check")
def inbox_check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Bank exports.")],
    rules: Rules = None,
    as_json: AsJson = False,
) -> int:
    """Tell what would become of a file: rule, score, first rows, verdict, balance proof. Writes nothing."""
    from dsr_pipeline.cli.inbox import check as work

    return work(files, rules=rules, as_json=as_json)


@inbox_app.command("draft")
def inbox_draft(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bank export that no rule knows.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the rule.", show_default="data/drafts/")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write a rule for a new format from what the file proves; what it cannot prove becomes a question."""
    from dsr_pipeline.cli.inbox import draft as work

    return work(file, out=out, as_json=as_json)


@claims_app.command("list")
def claims_list(
    work_request: Annotated[
        str | None, typer.Option("--work-request", help="Only this work request.")
    ] = None,
    week: Annotated[
        str | None, typer.Option("--week", metavar="DATE", help="Only the week with this day.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Show who claims every unit: as it was first seen, or as a person decided."""
    from dsr_pipeline.cli.claims import show as work

    return work(home, work_request=work_request, week=week, as_json=as_json)


@claims_app.command("decide")
def claims_decide(  # noqa: PLR0913, PLR0917 - all that a decision is
    role: Annotated[str, typer.Option("--role", help="As what: foreman, helper or vac_crew.")],
    name: Annotated[str, typer.Option("--name", help="Name of the claimer, as workbooks show it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the decision.")],
    by: Annotated[str, typer.Option("--by", help="Who decides.")],
    sheet: Annotated[int | None, typer.Argument(metavar="SHEET", help="Id of the sheet.")] = None,
    row: Annotated[int | None, typer.Argument(metavar="ROW", help="Id of the row.")] = None,
    address: Annotated[
        str | None,
        typer.Option("--to", metavar="ADDRESS", help="Address of the claimer.", show_default="none"),
    ] = None,
    work_request: Annotated[
        str | None, typer.Option("--work-request", help="All units of this work request and --week.")
    ] = None,
    week: Annotated[
        str | None, typer.Option("--week", metavar="DATE", help="The week with this day.")
    ] = None,
    claimed_by: Annotated[
        str | None, typer.Option("--from", help="Of those, only what this name or address claims now.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Decide who claimed a unit, or all units of a work request and week; what was before is kept."""
    from dsr_pipeline.cli.claims import Choice
    from dsr_pipeline.cli.claims import settle as work

    choice = Choice(sheet, row, work_request, week, claimed_by)
    return work(home, choice, role=role, address=address, name=name, reason=reason, by=by, as_json=as_json)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT; tables are named like bank.transactions.")],
    home: Home = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the result as CSV, and nothing else.")] = False,
) -> int:
    """Ask the tables with SQL (DuckDB), read-only."""
    from dsr_pipeline.cli.sql import sql as work

    return work(query, home=home, as_json=as_json, as_csv=as_csv)


@app.command()
def sandbox(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1.", show_default="a free one")
    ] = 0,
    db: Annotated[
        Path | None,
        typer.Option(
            "--db",
            help="File that keeps everything; served as it is when it holds data.",
            show_default="none",
        ),
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", help="Token of the reader.", show_default="sandbox-token")
    ] = None,
    world: Annotated[
        Path | None,
        typer.Option("--world", help="Folder of a world to load.", show_default="the sample world"),
    ] = None,
    snapshot: Annotated[
        int | None,
        typer.Option("--snapshot", min=0, help="The world's snapshot to begin with.", show_default="0"),
    ] = None,
    sheets: Annotated[
        int | None, typer.Option("--sheets", min=1, help="Make so many sheets instead of a world.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option("--rows", min=0, help="Rows of each of them.", show_default="550")
    ] = None,
    rate_limit: Annotated[
        str | None,
        typer.Option("--rate-limit", metavar="UNITS/SECONDS", help="Budget of a token.", show_default="none"),
    ] = None,
    faults: Annotated[
        Path | None, typer.Option("--faults", help="YAML or JSON file with a list of faults.")
    ] = None,
) -> int:
    """Serve a stand-in of the Smartsheet API on this machine until Ctrl-C."""
    from dsr_pipeline.cli.sandbox import Seed
    from dsr_pipeline.cli.sandbox import sandbox as work

    seed = Seed(world, snapshot, sheets, rows)
    return work(port=port, db=db, token=token, seed=seed, rate_limit=rate_limit, faults=faults)


@app.command()
def doctor(home: Home = None, as_json: AsJson = False) -> int:
    """Check settings, folders, rules, tables and Dagster; each line names the mend."""
    from dsr_pipeline.cli.doctor import doctor as work

    return work(home, as_json=as_json)


@app.command()
def bench(
    name: Annotated[str | None, typer.Argument(help="One benchmark; without it all of them.")] = None,
    as_json: AsJson = False,
) -> int:
    """Measure the work against its floor and print the ratios."""
    from dsr_pipeline.cli.bench import bench as work

    return work(name, as_json=as_json)
