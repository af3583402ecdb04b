"""`dsr doctor`: what this installation needs, one line each, with the mend. It changes nothing.

Lives here: the order of the questions and how they are told. Each question is a function of `examinations`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from dsr_pipeline.cli import screen
from dsr_pipeline.cli.clock import utc_now
from dsr_pipeline.cli.entry import CLEAN, COULD_NOT_RUN, NEEDS_A_PERSON
from dsr_pipeline.cli.examinations import EXAMINATIONS, Finding, State, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dsr_pipeline.settings import Settings

MARKS: dict[State, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "warning": ("!", "yellow"),
    "fault": ("x", "red"),
}


def doctor(home: Path | None, *, as_json: bool) -> int:
    """Ask every question; 0 all is well, 1 something needs a person, 2 nothing can run until it is mended."""
    findings = list(_findings(home))
    if as_json:
        screen.print_json(
            [{"subject": f.subject, "state": f.state, "told": f.told, "mend": f.mend} for f in findings]
        )
    else:
        _show(findings)
    states = {finding.state for finding in findings}
    return COULD_NOT_RUN if "fault" in states else NEEDS_A_PERSON if "warning" in states else CLEAN


def _findings(home: Path | None) -> Iterator[Finding]:
    finding, settings = settings_of(home)
    yield finding
    if settings is not None:
        yield from _examined(settings)


def _examined(settings: Settings) -> Iterator[Finding]:
    now = utc_now()
    for examine in EXAMINATIONS:
        yield from examine(settings, now)


def _show(findings: list[Finding]) -> None:
    console = screen.stdout()
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        mark, style = MARKS[finding.state]
        line = Text(f"{mark:>2}  ", style=style)
        line.append(finding.subject.ljust(width + 2), style="bold")
        line.append(finding.told, style="")
        if finding.mend:
            line.append(f" → {finding.mend}", style=style)
        console.print(line, soft_wrap=True)
