"""Which title means which column, and what is told where none does."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.rule_files import RuleFileErrors
from dsr_pipeline.smartsheet.column_map import (
    SCHEMA,
    SheetColumn,
    load_columns,
    map_columns,
    normal_title,
    write_columns_schema,
)
from dsr_pipeline.smartsheet.sources import SCHEMA as SOURCES_SCHEMA
from dsr_pipeline.smartsheet.sources import load_sources, write_sources_schema
from dsr_pipeline_tests.smartsheet.account import GATES, RULES, column_rules

RULES_ROOT = Path(__file__).parents[2] / "rules"


def columns(*titles: str) -> list[SheetColumn]:
    """Columns of a sheet in this order."""
    return [SheetColumn(n + 1, title, "TEXT_NUMBER", n, n == 0) for n, title in enumerate(titles)]


@pytest.mark.parametrize(
    "title",
    [
        "Work Request #",
        "work request",
        " Work  Request# ",
        "WORK-REQUEST #",
        "Work\u00a0Request #",
        "Work_Request?",
        "Work‑Request #",
    ],
)
def test_what_people_vary_in_a_title_does_not_matter(title: str) -> None:
    assert normal_title(title) == "work request"


@pytest.mark.parametrize("title", ["Work Requests", "Work Request # 2", "WorkRequest", "# Work Request"])
def test_what_is_another_title_stays_another(title: str) -> None:
    assert normal_title(title) != "work request"


def test_of_two_columns_for_one_name_the_order_of_the_rules_decides_and_the_other_is_noted() -> None:
    rules = column_rules()
    found = map_columns(rules, columns(*GATES[:3], "Total Price", "Units Total Price"))
    assert found.canonical[5] == "price"
    assert 4 not in found.canonical
    assert found.notes == {4: "'Units Total Price' counts as price instead"}
    assert found.reason is None


def test_a_missing_gate_names_its_near_misses_and_the_mend() -> None:
    found = map_columns(column_rules(), columns("Work Request #", *GATES[1:3], "Unit Total Prise"))
    assert found.missing == {"price": ("Unit Total Prise",)}
    assert "rename the column, or add its title to rules/billing/columns.yaml" in str(found.reason)


def test_the_hash_of_a_mapping_moves_with_what_the_rows_show() -> None:
    rules = column_rules()
    base = map_columns(rules, columns(*GATES, "Remarks"))
    assert map_columns(rules, columns(*GATES, "Remarks")).hash == base.hash
    assert map_columns(rules, columns(*GATES, "Notes")).hash != base.hash
    assert map_columns(rules, columns(GATES[0].upper(), *GATES[1:], "Remarks")).hash == base.hash


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"pricee": {"titles": ["x"]}}, "there is no canonical column 'pricee'; did you mean 'price'"),
        ({"cu": {"titles": ["quantity #"]}}, "stands for both 'quantity' and 'cu'"),
        ({"cu": {"titles": []}}, "at least 1 item"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(RuleFileErrors, match=told):
        column_rules({"columns": RULES["columns"] | change})


def test_rules_without_a_gate_are_refused() -> None:
    with pytest.raises(RuleFileErrors, match="no column is a gate"):
        column_rules({"columns": {"cu": {"titles": ["CU"]}}})


def test_the_shipped_rules_load_and_their_schemas_are_current(tmp_path: Path) -> None:
    assert load_columns(RULES_ROOT).columns["work_request"].gate
    assert load_sources(RULES_ROOT).sources
    write_columns_schema(tmp_path)
    write_sources_schema(tmp_path)
    for schema in (SCHEMA, SOURCES_SCHEMA):
        assert (tmp_path / schema).read_text() == (RULES_ROOT / schema).read_text()
