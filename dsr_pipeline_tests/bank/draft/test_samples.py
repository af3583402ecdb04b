"""Drafts of the twelve committed samples, answered truthfully, read every row as a person did."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.bank.draft import draft_bytes
from dsr_pipeline_tests.bank.draft.exports import Export
from dsr_pipeline_tests.bank.draft.judging import differences, possible_answers
from dsr_pipeline_tests.bank.sample_exports import IDS, SAMPLES

# What each sample leaves open; the rest it proves.
OPEN = {
    "agg_monarch": {"amount.mode", "columns.currency"},
    "agg_rocket": {"amount.mode", "columns.currency"},
    "de_dkb_giro": set[str](),
    "revolut": set[str](),
    "us_amex": {"amount.mode", "columns.currency", "columns.source_id"},
    "us_bofa_checking": {"columns.currency"},
    "us_capital_one_card": {"columns.currency"},
    "us_chase_card": {"columns.currency", "account"},
    "us_chase_checking": {"columns.currency", "account"},
    "us_citi_card": {"columns.currency"},
    "us_discover_card": {"amount.mode", "columns.currency"},
    "us_wells_fargo": {"amount.mode", "columns.currency"},
}
ANSWERS = {"us_amex": {"columns.source_id": "Reference"}}


@pytest.mark.parametrize("name", IDS)
def test_a_sample_is_drafted_as_far_as_it_proves(name: str) -> None:
    export = _export(name)
    made = draft_bytes(export.name, export.data)
    assert {question.key for question in made.questions} == OPEN[name]
    faults = [differences(made, export, answers) for answers in possible_answers(made, export)]
    assert None in faults, faults[0]


def _export(name: str) -> Export:
    folder = SAMPLES / name
    file = next(path for path in folder.iterdir() if path.suffix != ".json")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return Export(name, file.name, file.read_bytes(), [_row(row) for row in expected], ANSWERS.get(name, {}))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    from datetime import date

    return {
        "date": row["date"] and date.fromisoformat(row["date"]),
        "post_date": row["post_date"] and date.fromisoformat(row["post_date"]),
        "amount": Decimal(row["amount"]),
        "currency": row["currency"],
        "balance": row["balance"] and Decimal(row["balance"]),
        "account": row["account"],
        "pending": row["pending"],
        "source_id": row["source_id"],
        "words": row["description_contains"],
    }


def test_the_samples_are_where_they_are_looked_for() -> None:
    assert len(IDS) == len(OPEN)
    assert isinstance(SAMPLES, Path)
