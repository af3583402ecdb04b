"""The committed sample exports and what stands in them, for the tests that read them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dsr_pipeline.bank.rule_set import RuleSet, load_rules
from dsr_pipeline.bank.rules import BankRule

PROJECT = Path(__file__).resolve().parents[2]
RULES = PROJECT / "rules"
SAMPLES = PROJECT / "data" / "samples" / "bank"
IDS = sorted(folder.name for folder in SAMPLES.iterdir())


@dataclass(frozen=True)
class Sample:
    """One export of a bank, with its rows as a person read them from it."""

    id: str
    name: str
    data: bytes
    expected: list[dict[str, Any]]


@cache
def rule_set() -> RuleSet:
    """The rules of the project, loaded once."""
    return load_rules(RULES)


def rule_named(name: str) -> BankRule:
    """One of them."""
    return rule_set().rules[name]


@cache
def sample(name: str) -> Sample:
    """A sample by the name of its rule."""
    folder = SAMPLES / name
    (export,) = [path for path in folder.iterdir() if path.name != "expected.json"]
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return Sample(name, export.name, export.read_bytes(), expected)
