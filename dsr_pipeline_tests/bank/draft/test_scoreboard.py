"""Drafts of some hundred and sixty bank layouts and a hundred variants: never wrong, not always asking."""

from __future__ import annotations

from collections import Counter

import pytest

from dsr_pipeline.bank.draft import draft_bytes
from dsr_pipeline_tests.bank.draft.layouts import banks, variants, verdict

# What was reached; a change that asks more where the file proves enough is a step back.
RIGHT_BANKS = 43
RIGHT_BUT_FOR_THE_CURRENCY = 42
RIGHT_VARIANTS = 65


@pytest.mark.parametrize("name", sorted(banks()))
def test_a_bank_is_read_right_or_asked_about(name: str) -> None:
    result, why = verdict(name)
    assert result in ("right", "asking"), why


@pytest.mark.parametrize("name", sorted(variants()))
def test_a_variant_is_asked_about_where_it_proves_nothing(name: str) -> None:
    export = variants()[name]
    result, why = verdict(name)
    if name == "numbers_credit_suffix":  # figures with Cr and Dr beside them are no figures of a rule
        assert result == "refused", why
        return
    assert result != "wrong", why
    asked = [question.key for question in draft_bytes(export.name, export.data).questions]
    if export.must_ask is not None:
        assert export.must_ask in asked
    if export.must_tell:
        assert asked == []


def test_the_scoreboard() -> None:
    of_banks = Counter(verdict(name)[0] for name in banks())
    of_variants = Counter(verdict(name)[0] for name in variants())
    assert of_banks["wrong"] == of_variants["wrong"] == 0
    assert of_banks["right"] >= RIGHT_BANKS
    assert of_variants["right"] >= RIGHT_VARIANTS
    currency_only = sum(verdict(name) == ("asking", "columns.currency") for name in banks())
    assert currency_only + of_banks["right"] >= RIGHT_BANKS + RIGHT_BUT_FOR_THE_CURRENCY
