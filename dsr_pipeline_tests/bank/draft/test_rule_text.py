"""The drafted text: strict YAML, evidence behind every value, closed while a question is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dsr_pipeline import rule_files
from dsr_pipeline.bank.draft import Draft, draft_bytes
from dsr_pipeline.bank.rule_set import load_rule
from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline.rule_files import RuleFileError
from dsr_pipeline_tests.bank.draft.layouts import banks, variants


def test_every_value_carries_its_evidence() -> None:
    bare: dict[str, list[str]] = {}
    for name, made in _drafts():
        body = "rule: " + made.yaml.split("\nrule: ", 1)[1]
        values = [line for line in body.splitlines() if re.match(r" *(- |[a-z_]+: )", line)]
        if lines := [line for line in values if not re.search(r"  # \S", line)]:
            bare[name] = lines
    assert bare == {}


def test_a_draft_loads_exactly_when_it_asks_nothing(tmp_path: Path) -> None:
    for name, made in _drafts():
        file = tmp_path / f"{made.name}.yaml"
        file.write_text(made.yaml, encoding="utf-8")
        rule = rule_files.load(file, BankRule)  # strict YAML, strict model
        assert tuple(rule.open_questions) == made.questions, name
        if made.questions:
            with pytest.raises(RuleFileError, match="question"):
                load_rule(file)
        else:
            assert load_rule(file).rule == made.name


def _drafts() -> Iterator[tuple[str, Draft]]:
    for name, export in (banks() | variants()).items():
        if name != "numbers_credit_suffix":  # refused, with a reason
            yield name, draft_bytes(export.name, export.data)


def test_the_text_of_a_hostile_file_stays_inside_its_comments(tmp_path: Path) -> None:
    data = (
        'Date,"Text: #x\u2028\u0085\x07","Amount (EUR)",Balance\n'
        + "".join(
            f'2026-01-{day:02d},"a: b # {{c}} \' \\ {day}",-1.00,{100 - day}.00\n' for day in range(13, 25)
        )
    ).encode()
    made = draft_bytes("we: ird #1 \t\u2029.csv", data)
    file = tmp_path / f"{made.name}.yaml"
    file.write_text(made.yaml, encoding="utf-8")
    assert rule_files.load(file, BankRule).match.header[1].startswith("Text: #x")
    assert re.fullmatch("[a-z0-9_]+", made.name)


def test_the_same_file_is_drafted_the_same_way() -> None:
    export = banks()["volksbank"]
    assert draft_bytes(export.name, export.data) == draft_bytes(export.name, export.data)


def test_the_questions_stand_on_top() -> None:
    export = banks()["discover_like"]
    made = draft_bytes(export.name, export.data)
    assert [q["key"] for q in yaml.safe_load(made.yaml)["open_questions"]] == [q.key for q in made.questions]
    assert made.yaml.index("open_questions:") < made.yaml.index("\nrule:")
