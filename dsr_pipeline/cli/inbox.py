"""`dsr inbox check` and `dsr inbox draft`: a look at exports; nothing is imported."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from dsr_pipeline.bank.checking import FileCheck, check_file
from dsr_pipeline.bank.rule_set import load_rules
from dsr_pipeline.cli import screen
from dsr_pipeline.cli.entry import CLEAN, NEEDS_A_PERSON
from dsr_pipeline.cli.files import COUNTS, told
from dsr_pipeline.cli.progress import progress
from dsr_pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from dsr_pipeline.bank.rules import OpenQuestion

SHOWN_COLUMNS = ("line_no", "date", "post_date", "amount", "currency", "description", "balance", "pending")
SHOWN_PROBLEMS = 5


class FileNotThere(FileNotFoundError):
    """A file named on the command line that does not exist."""


def check(files: Sequence[Path], *, rules: Path | None, as_json: bool) -> int:
    """Tell for each file what would become of it; 1 when any of them needs a person."""
    for file in files:
        if not file.is_file():
            raise FileNotThere(f"{file} is not a file: name bank exports, one or several")
    rule_set = load_rules(rules if rules is not None else Settings.load().rules)
    checked: list[FileCheck] = []
    with progress("check") as report:
        for place, file in enumerate(files):
            report(file.name, place, len(files))
            checked.append(check_file(file, rule_set))
    if as_json:
        screen.print_json([_as_json(file, one) for file, one in zip(files, checked, strict=True)])
    else:
        console = screen.stdout()
        for file, one in zip(files, checked, strict=True):
            _show(console, file, one)
    return NEEDS_A_PERSON if any(_needs_a_person(one) for one in checked) else CLEAN


def draft(file: Path, *, out: Path | None, as_json: bool) -> int:
    """Write a rule for a format that no rule knows; 1 when it asks something that the file cannot prove."""
    from dsr_pipeline.bank.draft import draft as draft_rule

    if not file.is_file():
        raise FileNotThere(f"{file} is not a file: name one bank export")
    made = draft_rule(file)
    target = out if out is not None else _free(Settings.load().drafts / f"{made.name}.yaml")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_named_as(made.yaml, made.name, target.stem), encoding="utf-8")
    if as_json:
        questions = [question.model_dump() for question in made.questions]
        screen.print_json({"file": str(target), "rule": target.stem, "questions": questions})
    else:
        _show_draft(screen.stdout(), target, made.questions)
    return NEEDS_A_PERSON if made.questions else CLEAN


def _show(console: Console, file: Path, checked: FileCheck) -> None:
    outcome = checked.outcome
    console.print(Text(str(file), style="bold"), Text("→"), screen.cell(outcome.status))
    facts = screen.table(None, ["", ""])
    facts.show_header = False
    facts.add_row("rule", _rule(checked))
    if outcome.runner_up:
        facts.add_row("runner-up", Text(outcome.runner_up))
    if outcome.reason:
        facts.add_row("reason", Text(outcome.reason))
    if outcome.encoding:
        facts.add_row("encoding", Text(outcome.encoding))
    facts.add_row(
        "lines", f"{outcome.lines:,} = " + " + ".join(_counted(outcome, name) for name in COUNTS[1:])
    )
    if outcome.status == "accepted":
        facts.add_row("dates", f"{outcome.date_min} to {outcome.date_max}")
        facts.add_row("sum", screen.plain(outcome.amount_sum))
        facts.add_row("balances", _balances(checked))
        facts.add_row("account", Text(screen.plain(outcome.account_default) or "several, told in each row"))
    console.print(facts)
    if checked.first_rows:
        names = [
            name for name in SHOWN_COLUMNS if any(row.get(name) is not None for row in checked.first_rows)
        ]
        rows = screen.table("first rows", names, right=["line_no", "amount", "balance"])
        for row in checked.first_rows:
            rows.add_row(*(screen.cell(row.get(name)) for name in names))
        console.print(rows)
    for one in checked.quarantined[:SHOWN_PROBLEMS]:
        where = f"line {one.line_no}" + (f", column {one.column}" if one.column else "")
        console.print(Text(f"quarantined: {where}: {one.reason}: {screen.plain(one.value)}", style="yellow"))
    if (more := len(checked.quarantined) - SHOWN_PROBLEMS) > 0:
        console.print(Text(f"and {screen.count(more, 'more quarantined record')}", style="yellow"))
    console.print()


def _rule(checked: FileCheck) -> Text:
    outcome = checked.outcome
    if outcome.rule is None:
        return Text("none")
    score = f", score {outcome.score} of 100" if outcome.score is not None else ""
    return Text(f"{outcome.rule} version {outcome.rule_version}{score}")


def _counted(outcome: Any, name: str) -> str:
    return f"{getattr(outcome, name):,} {name}"


def _balances(checked: FileCheck) -> Text:
    outcome = checked.outcome
    shown = screen.cell(outcome.balance_verdict)
    if outcome.opening is not None and outcome.closing is not None:
        shown.append(f": {screen.money(outcome.opening)} before, {screen.money(outcome.closing)} after")
    return shown


def _as_json(file: Path, checked: FileCheck) -> dict[str, object]:
    return {
        **told(checked.outcome),
        "file": str(file),
        "account": checked.outcome.account_default,
        "first_rows": list(checked.first_rows),
        "quarantine": [
            {"line_no": one.line_no, "reason": one.reason, "column": one.column, "value": one.value}
            for one in checked.quarantined
        ],
    }


def _needs_a_person(checked: FileCheck) -> bool:
    outcome = checked.outcome
    return outcome.needs_person or outcome.status != "accepted" or bool(outcome.quarantined)


def _free(target: Path) -> Path:
    """The path, or one beside it with a number: a draft that somebody edited is never written over."""
    numbered = (target.with_stem(f"{target.stem}_{number}") for number in itertools.count(2))
    return next(path for path in itertools.chain([target], numbered) if not path.exists())


def _named_as(text: str, name: str, stem: str) -> str:
    """The rule under the name of its file, without which it would not load."""
    return re.sub(rf"(?m)^rule: {re.escape(name)}\b", f"rule: {stem}", text, count=1)


def _show_draft(console: Console, target: Path, questions: Sequence[OpenQuestion]) -> None:
    if questions:
        console.print(f"{screen.count(len(questions), 'question')} that the file cannot answer:")
        for question in questions:
            console.print(Text(f"  {question.key}: {question.question}"))
            if question.choices:
                console.print(Text(f"    {' | '.join(question.choices)}", style="bold"))
            if question.evidence:
                console.print(Text(f"    {question.evidence}", style="dim"))
        console.print()
    console.print(Text(f"wrote {target}"), soft_wrap=True)
    then = "answer the questions at its top, then move it" if questions else "look it over, then move it"
    console.print(Text(f"{then} to rules/banks/, and try dsr inbox check on the file"))
