"""`dsr run`: a Dagster job here and now, and what it did. The run itself is `defs.headless`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from dsr_pipeline.cli import screen
from dsr_pipeline.cli.entry import CLEAN, COULD_NOT_RUN, NEEDS_A_PERSON
from dsr_pipeline.cli.progress import progress
from dsr_pipeline.defs.headless import Outcome, Written, run_job
from dsr_pipeline.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


def run(job: str, *, select: str | None, partition: str | None, home: Path | None, as_json: bool) -> int:
    """Run a job and tell what was written, which checks failed and which steps broke."""
    settings = Settings.load(home)
    with progress(f"run {job}") as report:
        outcome = run_job(settings, job, select=select, partition=partition, follow=report)
    if as_json:
        screen.print_json(as_plain(outcome))
    else:
        show(screen.stdout(), outcome)
    return exit_code(outcome)


def exit_code(outcome: Outcome) -> int:
    """2 when a step broke, 1 when a check failed, else 0."""
    if broken_steps(outcome) or (not outcome.succeeded and not failed_checks(outcome)):
        return COULD_NOT_RUN
    return NEEDS_A_PERSON if failed_checks(outcome) else CLEAN


def broken_steps(outcome: Outcome) -> list[tuple[str, str]]:
    """The steps that broke and why; a step that ends because its check failed is told by the check."""
    return [(one.step, one.message) for one in outcome.failures if not one.is_check]


def failed_checks(outcome: Outcome) -> list[Any]:
    """The checks that did not hold, warnings too: both need a person."""
    return [check for check in outcome.checks if not check.passed]


def as_plain(outcome: Outcome) -> dict[str, object]:
    """The outcome for programs."""
    return {
        "run_id": outcome.run_id,
        "job": outcome.job,
        "exit_code": exit_code(outcome),
        "assets": {_name(one): _figures(one.metadata) for one in outcome.written},
        "checks": [
            {
                "asset": check.asset,
                "check": check.name,
                "passed": check.passed,
                "severity": "warning" if check.warning else "error",
                "description": check.description,
            }
            for check in outcome.checks
        ],
        "failures": [{"step": step, "message": message} for step, message in broken_steps(outcome)],
        "skipped": list(outcome.skipped),
    }


def show(console: Console, outcome: Outcome) -> None:
    """The outcome for people."""
    if outcome.written:
        made = screen.table(None, ["asset", "rows", "amount", "window"], right=["rows"])
        for one in outcome.written:
            figures = _figures(one.metadata)
            rows = figures.get("rows", 0)
            made.add_row(_name(one), f"{rows:,}", figures.get("amount", ""), figures.get("window", ""))
        console.print(made)
        console.print()
    held = sum(check.passed for check in outcome.checks)
    console.print(f"{held} of {screen.count(len(outcome.checks), 'check')} hold")
    for check in failed_checks(outcome):
        style = "yellow" if check.warning else "red"
        console.print(Text(f"  {check.asset} {check.name}: {check.description}", style=style))
    for step, message in broken_steps(outcome):
        screen.stderr().print(Text(f"dsr: {step}: {message}", style="red"))
    if outcome.skipped:
        console.print(f"not run, because of the above: {', '.join(outcome.skipped)}")
    console.print(f"run {outcome.run_id}")


def _name(one: Written) -> str:
    """An asset for people, with its week where it has one materialisation per week."""
    return one.asset if one.partition is None else f"{one.asset} {one.partition}"


def _figures(metadata: Any) -> dict[str, Any]:
    return {name: metadata[name] for name in ("rows", "amount", "window", "path") if name in metadata}
