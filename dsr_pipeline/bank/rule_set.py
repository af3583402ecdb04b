"""All bank rules of a rules folder, loaded strictly: one parent by `extends`, no open question, no twin.

Lives here: reading `rules/banks/*.yaml` into models and the fingerprint that tells whether a rule changed.
Called by `bank.ingest`, `bank.checking`, `dsr doctor` and the tests.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline.rule_files import Document, RuleFileError, RuleFileErrors, read_yaml, validate, write_schema

BANKS = "banks"
SCHEMA = Path("schema") / "bank_rule.schema.json"


@dataclass(frozen=True)
class RuleSet:
    """The rules by name. `fingerprint` changes when any of them does."""

    rules: dict[str, BankRule]

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Per rule the hash of what it says (comments and layout do not count)."""
        return {name: rule_fingerprint(rule) for name, rule in self.rules.items()}

    @cached_property
    def fingerprint(self) -> str:
        """One hash over all rules."""
        parts = sorted(self.fingerprints.items())
        return hashlib.sha256(repr(parts).encode()).hexdigest()


def load_rules(rules_root: Path) -> RuleSet:
    """Load every `banks/*.yaml` below the rules root.

    Raises `RuleFileErrors` with one entry per mistake in any file (file, line, mend); a rule with an open
    question is such a mistake.
    """
    folder = rules_root / BANKS
    if not folder.is_dir():
        raise RuleFileError(folder, None, "does not exist: --rules names the folder that holds banks/*.yaml")
    errors: list[RuleFileError] = []
    documents: dict[str, Document] = {}
    for file in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            document = read_yaml(file)
            _check_name(document)
        except RuleFileErrors as error:
            errors.extend(error.errors)
        except RuleFileError as error:
            errors.append(error)
        else:
            if (twin := documents.get(document.value["rule"])) is not None:
                place = document.line_of(("rule",))
                errors.append(RuleFileError(file, place, f"the rule stands in {twin.file.name} as well"))
            documents[document.value["rule"]] = document
    rules: dict[str, BankRule] = {}
    for name, document in documents.items():
        try:
            rules[name] = _rule(document, documents)
        except RuleFileErrors as error:
            errors.extend(error.errors)
        except RuleFileError as error:
            errors.append(error)
    if errors:
        raise RuleFileErrors(errors)
    return RuleSet(rules)


def load_rule(file: Path) -> BankRule:
    """Load one rule by itself; a parent named by `extends` is read from the same folder."""
    document = read_yaml(file)
    _check_name(document)
    documents = {document.value["rule"]: document}
    if parent := document.value.get("extends"):
        documents[parent] = read_yaml(file.with_name(f"{parent}.yaml"))
    return _rule(document, documents)


def rule_fingerprint(rule: BankRule) -> str:
    """The hash of what a rule says; a file parsed under the same one need not be parsed again."""
    return hashlib.sha256(rule.model_dump_json(by_alias=True).encode()).hexdigest()


def write_rule_schema(rules_root: Path) -> None:
    """Write `rules/schema/bank_rule.schema.json`, with which editors complete and check a rule."""
    write_schema(rules_root / SCHEMA, BankRule)


def _check_name(document: Document) -> None:
    if not isinstance(document.value, dict):
        raise RuleFileError(document.file, 1, "must be a mapping of keys to values")
    name = cast("dict[str, Any]", document.value).get("rule")
    if name != document.file.stem:
        line = document.line_of(("rule",))
        raise RuleFileError(
            document.file, line, f"rule: '{name}' must equal the file's name, '{document.file.stem}'"
        )


def _rule(document: Document, documents: dict[str, Document]) -> BankRule:
    parent_name = document.value.get("extends")
    if parent_name is not None:
        parent = documents.get(parent_name)
        line = document.line_of(("extends",))
        if parent is None:
            raise RuleFileError(document.file, line, f"extends: there is no rule '{parent_name}'")
        if parent.value.get("extends"):
            raise RuleFileError(
                document.file, line, f"extends: '{parent_name}' has a parent itself; one is allowed"
            )
        # Version and tests are a rule's own: a child has to state them.
        shared = {key: value for key, value in parent.value.items() if key not in ("version", "tests")}
        merged = _merged(shared, document.value)
        document = Document(document.file, merged, document.lines)
    rule = validate(document, BankRule)
    if rule.open_questions:
        raise RuleFileErrors(
            RuleFileError(
                document.file,
                document.line_of(("open_questions", place)),
                f"open question about {question.key}: {question.question} Set {question.key}, then delete "
                "the question",
            )
            for place, question in enumerate(rule.open_questions)
        )
    return rule


def _merged(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    # Mappings merge key by key, everything else is replaced: a child says only what differs.
    merged = dict(parent)
    for key, value in child.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merged(cast("dict[str, Any]", below), cast("dict[str, Any]", value))
        else:
            merged[key] = value
    return merged
