"""Whatever export is drawn, and however a known one is changed, a draft tells the truth or asks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from dsr_pipeline.bank.draft import DraftError, draft_bytes
from dsr_pipeline.bank.draft.dialect import infer_dialect
from dsr_pipeline.bank.draft.encoding import infer_encoding
from dsr_pipeline.bank.draft.layout import find_table
from dsr_pipeline.bank.draft.model import Questions, Sheet
from dsr_pipeline_tests.bank.draft.exports import Export, export, iso, moves, num
from dsr_pipeline_tests.bank.draft.families import exports
from dsr_pipeline_tests.bank.draft.judging import differences
from dsr_pipeline_tests.bank.draft.layouts import banks


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(exports())
def test_a_random_export_is_never_silently_misread(drawn: Export) -> None:
    made = _drafted(drawn)
    assert made is None or differences(made, drawn, {}) is None


@pytest.mark.parametrize("head", ["Date,Description,Amount (EUR)", "Date,Payee,Value (EUR)", None])
@pytest.mark.parametrize("card", [False, True])
def test_the_sign_of_a_file_without_a_balance_is_asked_whichever_it_is(head: str | None, card: bool) -> None:
    for sign in (1, -1):
        made = export("x", "x.csv", head, lambda t: [iso(t.d), t.text, num(sign * t.a)], moves(card=card))  # noqa: B023
        assert "amount.mode" in {question.key for question in draft_bytes(made.name, made.data).questions}


def test_names_that_say_nothing_lead_to_questions_not_to_mistakes() -> None:
    faults: dict[str, str] = {}
    for name, known in banks().items():
        sheet = _sheet(known)
        if sheet.names is not None:
            lines = list(sheet.lines.texts)
            unnamed = (f"Col{chr(65 + i)}" for i in range(sheet.width))
            lines[sheet.header_line or 0] = sheet.dialect.delimiter.join(unnamed)
            _note(faults, name, known, sheet, lines)
    assert faults == {}


def test_rows_in_the_other_order_are_the_same_rows() -> None:
    faults: dict[str, str] = {}
    for name, known in banks().items():
        sheet = _sheet(known)
        if not (sheet.multiline or sheet.odd or sheet.misshapen):
            lines = sheet.lines.texts
            turned = [*lines[: sheet.first_line], *reversed(lines[sheet.first_line :])]
            _note(faults, name, known, sheet, turned)
    assert faults == {}


def _note(faults: dict[str, str], name: str, known: Export, sheet: Sheet, lines: list[str]) -> None:
    """Draft the changed file; note what it tells wrongly."""
    encoding = "utf-8" if sheet.lines.encoding == "utf-8-sig" else sheet.lines.encoding
    changed = replace(known, data=("\n".join(lines) + "\n").encode(encoding))
    made = _drafted(changed)
    if made is not None and (fault := differences(made, changed, {})) is not None:
        faults[name] = fault


def _drafted(given_export: Export):
    """The draft, or None where it asks or refuses."""
    try:
        made = draft_bytes(given_export.name, given_export.data)
    except DraftError:
        return None
    return None if made.questions else made


def _sheet(known: Export) -> Sheet:
    questions = Questions()
    decoded = infer_encoding(known.name, known.data, questions)
    split = infer_dialect(known.name, decoded.lines)
    return find_table(known.name, decoded.lines, split, questions)
