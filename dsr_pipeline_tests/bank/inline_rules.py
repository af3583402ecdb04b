"""Small rules written inside a test, and a text read under them.

`rule_of` takes only what a test is about; the rest is a plain comma-separated file with ISO dates.
"""

from __future__ import annotations

from typing import Any, cast

import yaml

from dsr_pipeline.bank.matching import Selection, select
from dsr_pipeline.bank.parsing import Parsed, Row, parse
from dsr_pipeline.bank.rules import BankRule

PLAIN = """
rule: plain
version: 1
bank: Plain Bank
match: {header: [Date, Text, Amount]}
file: {encoding: utf-8-sig, delimiter: ","}
columns: {date: Date, description: Text}
dates: {format: "%Y-%m-%d"}
amount: {mode: signed, column: Amount, decimal: "."}
rows: {order: oldest_first}
account: {from: const, value: "plain:1", kind: checking}
verify: {balance: none}
"""


def rule_of(changes: str = "") -> BankRule:
    """The plain rule with the YAML changes merged into it; null removes a key."""
    return BankRule.model_validate(_merged(yaml.safe_load(PLAIN), yaml.safe_load(changes) or {}))


def choose(rule: BankRule | list[BankRule], data: str | bytes, name: str = "x.csv") -> Selection:
    """What matching says of a text under one rule or several."""
    encoded = data.encode("utf-8") if isinstance(data, str) else data
    return select(name, encoded, rule if isinstance(rule, list) else [rule])


def read(rule: BankRule | list[BankRule], data: str | bytes, name: str = "x.csv") -> Parsed:
    """The text read under the rule that matching chooses; every line is accounted for, always."""
    selection = choose(rule, data, name)
    assert selection.chosen is not None, selection.reason
    parsed = parse(selection.chosen, name)
    assert_ties_out(parsed)
    return parsed


def row_of(rule: BankRule, data: str | bytes, name: str = "x.csv") -> Row:
    """The only row of a text; nothing of it is quarantined."""
    parsed = read(rule, data, name)
    assert parsed.rejection is None
    assert not parsed.quarantined
    (row,) = parsed.rows
    return row


def faults_of(rule: BankRule, data: str | bytes, name: str = "x.csv") -> list[tuple[int, str]]:
    """Line and reason code of all that is quarantined."""
    return [(item.line_no, item.reason) for item in read(rule, data, name).quarantined]


def reasons_of(parsed: Parsed) -> dict[str, int]:
    """How many lines are excluded, by reason."""
    found: dict[str, int] = {}
    for item in parsed.excluded:
        found[item.reason] = found.get(item.reason, 0) + 1
    return found


def assert_ties_out(parsed: Parsed) -> None:
    """accepted + excluded + quarantined = lines, each physical line once."""
    quarantined = sum(item.span for item in parsed.quarantined)
    assert parsed.accepted + len(parsed.excluded) + quarantined == parsed.lines
    seen = [line for row in parsed.rows for line in range(row.line_no, row.line_no + row.span)]
    seen += [item.line_no for item in parsed.excluded]
    seen += [line for item in parsed.quarantined for line in range(item.line_no, item.line_no + item.span)]
    first = 1 if parsed.candidate.header is None else parsed.candidate.header + 2
    assert sorted(seen) == list(range(first, first + parsed.lines))


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _merged(cast("dict[str, Any]", old), cast("dict[str, Any]", value))
        else:
            merged[key] = value
    return merged
