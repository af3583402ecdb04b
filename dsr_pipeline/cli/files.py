"""How files and their verdicts look: the table that `ingest`, `run` and `demo` print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from dsr_pipeline.cli import screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from dsr_pipeline.bank.outcome import FileOutcome

SHOWN_FILES = 40
"""With more files than this only those are listed that somebody should look at."""
COUNTS = ("lines", "accepted", "excluded", "quarantined")
TOLD = (
    *("file", "status", "reason", "rule", "rule_version", "score", "runner_up", "encoding"),
    *COUNTS,
    *("date_min", "date_max", "amount_sum", "balance_verdict", "opening", "closing", "sha256"),
)


def told(outcome: FileOutcome) -> dict[str, Any]:
    """A verdict for programs: the columns of `bank/files`."""
    return {name: getattr(outcome, name) for name in TOLD}


def file_table(outcomes: Sequence[FileOutcome], *, wide: bool) -> Table:
    """The verdicts, one line per file."""
    return verdict_table([told(outcome) for outcome in outcomes], wide=wide)


def verdict_table(files: Sequence[Mapping[str, Any]], *, wide: bool) -> Table:
    """The same, from rows of `bank/files`; a narrow screen gets no rule and no balance."""
    few = len(files) <= SHOWN_FILES
    chosen = files if few else [file for file in files if _needs_a_look(file)]
    made = screen.table(
        None if few else f"{len(files):,} files; these need a look:",
        ["file", "verdict", *(["rule"] if wide else []), *COUNTS, *(["balance"] if wide else [])],
        right=COUNTS,
    )
    for file in chosen:
        made.add_row(
            Text(file["file"]),
            screen.cell(file["status"]),
            *([Text(_rule(file))] if wide else []),
            *(f"{file[name]:,}" for name in COUNTS),
            *(
                [balance_cell(file["balance_verdict"] if file["status"] == "accepted" else "")]
                if wide
                else []
            ),
        )
    return made


def balance_cell(verdict: str) -> Text:
    """What balances prove; most banks print none, and a dash says that with less noise."""
    return screen.cell("–" if verdict == "not_available" else verdict)


def reasons(files: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Why files were not accepted, or what to look at, one line each."""
    return [
        Text(f"  {file['file']}: {file['reason']}", style="yellow")
        for file in files
        if file["reason"] and _needs_a_look(file)
    ]


def totals(outcomes: Sequence[FileOutcome]) -> str:
    """The tie-out in a sentence: lines = accepted + excluded + quarantined."""
    lines, accepted, excluded, quarantined = (sum(getattr(one, name) for one in outcomes) for name in COUNTS)
    adds_up = "" if accepted + excluded + quarantined == lines else "  [bold red]does not add up[/]"
    return (
        f"{screen.count(len(outcomes), 'file')}, {screen.count(lines, 'line')} = {accepted:,} accepted + "
        f"{excluded:,} excluded + {quarantined:,} quarantined{adds_up}"
    )


def _needs_a_look(file: Mapping[str, Any]) -> bool:
    return (
        file["status"] in ("rejected", "waiting")
        or file["quarantined"]
        or file["balance_verdict"] == "broken"
    )


def _rule(file: Mapping[str, Any]) -> str:
    if file["rule"] is None or file["status"] != "accepted":
        return ""
    return f"{file['rule']} ({file['score']})" if file["score"] is not None else file["rule"]
