"""The pages on bank rules say what the code does: every key, every reason code, examples that load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline.bank.verification import Verdict
from dsr_pipeline_tests.bank.inline_rules import rule_of
from dsr_pipeline_tests.bank.sample_exports import PROJECT

RULES_PAGE = (PROJECT / "docs" / "bank_rules.md").read_text(encoding="utf-8")
ROOM_PAGE = (PROJECT / "docs" / "bank.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", RULES_PAGE, re.DOTALL)
READERS = ("reading", "binding", "amounts", "parsing", "file_reading")


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Every key that a rule may have, at any depth."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in models_in(field.annotation):
            yield from keys_of(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


@pytest.mark.parametrize("key", sorted({*keys_of(BankRule)} - {"aliases_file", "key", "id_scope"}))
def test_every_key_of_a_rule_is_explained(key: str) -> None:
    assert re.search(rf"[`{{ ]{re.escape(key)}[`:]", RULES_PAGE), f"docs/bank_rules.md does not name {key}"


def test_the_whole_example_loads() -> None:
    rule = BankRule.model_validate(yaml.safe_load(EXAMPLES[0]))
    assert rule.rule == "hillside_card"


def test_the_example_without_a_header_loads() -> None:
    assert rule_of(f"{EXAMPLES[1]}\namount: {{column: {{index: 1}}}}\n").headerless


def codes_in_the_code() -> set[str]:
    found: set[str] = set()
    for name in READERS:
        text = (PROJECT / "dsr_pipeline" / "bank" / f"{name}.py").read_text(encoding="utf-8")
        found |= set(re.findall(r'Fault\(\s*"([a-z_]+)"', text))
        found |= set(re.findall(r'Record\(place \+ 1, 1, None, "([a-z_]+)"', text))
        found |= set(re.findall(r'Quarantined\([^()]*?"([a-z_]+)"', text))
    return found


def test_every_quarantine_code_is_explained_and_no_other() -> None:
    told = ROOM_PAGE.partition("### Quarantine")[2].partition("\n### ")[0]
    explained = set(re.findall(r"^\| `([a-z_]+)` \|", told, re.MULTILINE))
    # The codes of the domain, which must never be missing.
    named = (
        "field_count bad_date bad_amount bad_flag encoding nul newline_in_field both_debit_credit id_conflict"
    )
    assert set(named.split()) <= explained
    assert explained == codes_in_the_code() | {"id_conflict", "file_rejected"}


def test_every_exclusion_reason_of_the_code_is_explained() -> None:
    text = (PROJECT / "dsr_pipeline" / "bank" / "parsing.py").read_text(encoding="utf-8")
    reasons = set(re.findall(r'_exclude\([^()]*?"([a-z_]+)"', text)) | set(
        re.findall(r'Excluded\(place \+ 1, "(\w+)"', text)
    )
    assert reasons == {"blank", "footer", "preamble", "repeated_header", "repeated_id"}
    told = ROOM_PAGE.partition("### Excluded")[2].partition("\n### ")[0]
    assert reasons <= set(re.findall(r"`([a-z_]+)`", told))


def test_every_balance_verdict_is_explained() -> None:
    told = ROOM_PAGE.partition("## The balance proof")[2]
    assert set(get_args(Verdict)) <= set(re.findall(r"^\| `([a-z_]+)` \|", told, re.MULTILINE))
