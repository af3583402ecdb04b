"""The drafted rule tried on its own file: every row must be read, and read as it was told.

Lives here: the last guard against a silent mistake of the draft. It uses the production matching and parsing,
so that what is promised is what ingest will do. Called by `bank.draft.drafting`.
"""

from __future__ import annotations

import yaml

from dsr_pipeline.bank.draft.findings import Findings
from dsr_pipeline.bank.draft.model import Questions
from dsr_pipeline.bank.matching import select
from dsr_pipeline.bank.parsing import Parsed, parse
from dsr_pipeline.bank.rules import BankRule

_SHOWN = 5


def try_rule(found: Findings, text: str, data: bytes, questions: Questions) -> None:
    """Read the file with the rule; ask for rows that it cannot read, or reads otherwise than it was told."""
    values = yaml.safe_load(text)
    values.pop("open_questions", None)
    rule = BankRule.model_validate(values)
    selection = select(found.sheet.file, data, [rule])
    if selection.chosen is None:
        questions.ask("match", "The drafted rule does not recognise its own file: why?", [], selection.reason)
        return
    parsed = parse(selection.chosen, found.sheet.file)
    _ask_for_unread(parsed, questions)
    _ask_for_different(found, parsed, questions)


def _ask_for_unread(parsed: Parsed, questions: Questions) -> None:
    if not parsed.quarantined:
        return
    shown = "; ".join(
        f"line {item.line_no} {item.reason}" + (f" '{item.value}'" if item.value else "")
        for item in parsed.quarantined[:_SHOWN]
    )
    questions.ask(
        "rows.exclude",
        f"The rule reads {len(parsed.rows)} rows and cannot read {len(parsed.quarantined)}. Are those "
        "damaged (they will be quarantined), or no movements (exclude them)?",
        ["quarantine", "exclude"],
        shown,
    )


def _ask_for_different(found: Findings, parsed: Parsed, questions: Questions) -> None:
    """Rows that the rule reads in another way than the draft told are a fault of the draft: never silent."""
    ledger, plan = found.ledger, found.plan
    told = {
        found.sheet.rows[place].line_no: (ledger.days[place], plan.values[place]) for place in ledger.booked
    }
    different = [
        row.line_no
        for row in parsed.rows
        if row.line_no in told and not row.pending and (row.date, row.amount) != told[row.line_no]
    ]
    pending = [row.line_no for row in parsed.rows if row.line_no in told and row.pending]
    if questions.open("rows.pending"):
        pending = []  # what these rows are is asked already
    gone = set(told) - {row.line_no for row in parsed.rows} - {item.line_no for item in parsed.quarantined}
    if different or gone or pending:
        lines = sorted({*different, *gone, *pending})[:_SHOWN]
        questions.ask(
            "rows",
            "These rows are read in another way than the draft told: look at each of them.",
            [],
            "lines " + ", ".join(map(str, lines)),
        )
