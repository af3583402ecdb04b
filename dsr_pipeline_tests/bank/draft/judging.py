"""Judging a draft as a stranger would: right, asking, or silently wrong.

Lives here: reading a file with a drafted rule through the production parser, and holding the rows against the
truth. A draft with questions is also judged with the truth as answers: what it did not ask must be right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product
from typing import Any

import yaml

from dsr_pipeline.bank.draft import Draft, DraftError, draft_bytes
from dsr_pipeline.bank.matching import select
from dsr_pipeline.bank.parsing import Parsed, Row, parse
from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline_tests.bank.draft.exports import Export

KEEP = object()  # the drafted value is what the truth says as well


def judge(export: Export) -> tuple[str, str]:
    """right, asking, refused or wrong, with the reason.

    A draft that asks is judged too: with some truthful answer to each question, the rest must be right.
    """
    try:
        made = draft_bytes(export.name, export.data)
    except DraftError as error:
        return "refused", str(error)
    if not made.questions:
        fault = differences(made, export, {})
        return ("wrong", fault) if fault else ("right", "")
    keys = ", ".join(question.key for question in made.questions)
    if not export.answerable:
        return "asking", keys
    faults = [differences(made, export, answers) for answers in possible_answers(made, export)]
    if None in faults:
        return "asking", keys
    return "wrong", f"asks {keys}; whatever is answered: {faults[0]}"


def possible_answers(made: Draft, export: Export) -> list[dict[str, Any]]:
    """Every combination of answers that a person who knows the bank could give."""
    currencies = {row["currency"] for row in export.rows}
    accounts = {row["account"] for row in export.rows}
    account = next(iter(accounts)) if len(accounts) == 1 else None
    usual: dict[str, list[Any]] = {
        "amount.mode": ["signed", "negate"],
        "columns.currency": [*({"const": code} if code else None for code in currencies), KEEP],
        "account": [{"from": "const", "value": f"bank:{account or 'main'}", "kind": "checking"}],
        "columns.source_id": [None],
    }
    keys = list(dict.fromkeys(question.key for question in made.questions))
    choices = [[export.answers[key]] if key in export.answers else usual.get(key, [KEEP]) for key in keys]
    return [dict(zip(keys, combination, strict=True)) for combination in product(*choices)]


def read(made: Draft, export: Export, answers: dict[str, Any]) -> Parsed | str:
    """The file under the drafted rule with the answers set; a sentence where it cannot be read."""
    values = yaml.safe_load(made.yaml)
    values.pop("open_questions", None)
    for key, value in answers.items():
        if isinstance(value, dict) and key in ("amount.mode", "amount.decimal"):
            values["amount"] |= value
        elif value is not KEEP:
            _set(values, key.split("."), value)
    if values["amount"]["mode"] != "flag":
        values["amount"].pop("flag", None)
    if "amount.debit" in answers and "amount.credit" in export.answers:
        values["amount"]["credit"] = export.answers["amount.credit"]
    rule = BankRule.model_validate(values)
    selection = select(export.name, export.data, [rule])
    if selection.chosen is None:
        return f"not recognised: {selection.reason}"
    return parse(selection.chosen, export.name)


def differences(made: Draft, export: Export, answers: dict[str, Any]) -> str | None:
    """What differs from the truth; None when every row is as it should be."""
    parsed = read(made, export, answers)
    if isinstance(parsed, str):
        return parsed
    if parsed.rejection:
        return parsed.rejection
    if parsed.accepted + len(parsed.excluded) + sum(q.span for q in parsed.quarantined) != parsed.lines:
        return "lines do not add up"
    if len(parsed.rows) != len(export.rows):
        bad = [(q.line_no, q.reason, q.value) for q in parsed.quarantined]
        return f"{len(parsed.rows)} rows instead of {len(export.rows)}; quarantined {bad}"
    return _unmatched(parsed.rows, export.rows)


def _unmatched(rows: Sequence[Row], expected: Sequence[dict[str, Any]]) -> str | None:
    left = list(rows)
    for want in expected:
        found = next((row for row in left if not _differs(row, want)), None)
        if found is None:
            near = min(left, key=lambda row: len(_differs(row, want)))
            return f"{want['words']}: {_differs(near, want)}"
        left.remove(found)
    return None


def _differs(row: Row, want: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    out: dict[str, tuple[Any, Any]] = {}
    for key in ("date", "post_date", "amount", "currency", "balance", "pending"):
        if getattr(row, key) != want[key]:
            out[key] = (getattr(row, key), want[key])
    if want["source_id"] is not None and row.source_id != want["source_id"]:
        out["source_id"] = (row.source_id, want["source_id"])
    if want["source_id"] is None and row.source_id is not None:
        out["source_id"] = (row.source_id, None)
    text = _flat(f"{row.description} {row.payee or ''}")
    if _flat(want["words"]) not in text:
        out["words"] = (text, want["words"])
    account = want["account"]
    if account is not None and account not in row.account_label and row.account_label not in account:
        out["account"] = (row.account_label, account)
    return out


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()


def _set(values: dict[str, Any], path: list[str], value: Any) -> None:
    place = values
    for part in path[:-1]:
        place = place.setdefault(part, {})
    place[path[-1]] = value
