"""What is kept of a cell, and the text under which the tables show it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_pipeline.smartsheet.cells import Keys, amount, contact, decode, encode, held_cells, is_error, text
from dsr_pipeline.smartsheet.wire import Cell


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        (Cell(1, 1, "1"), 1),
        (Cell(1, 12.5, "12.5"), 12.5),
        (Cell(1, 0.42, "42%"), 0.42),
        (Cell(1, "a", "a"), "a"),
        (Cell(1, True), True),
        (Cell(1, "ann@example.com", "Ann"), {"v": "ann@example.com", "d": "Ann"}),
        (Cell(1, 3.0, "3", "=1+2"), {"v": 3, "f": "=1+2"}),
        (Cell(1, "#NO MATCH", "#NO MATCH", "=X()"), {"v": "#NO MATCH", "f": "=X()"}),
        (
            Cell(1, None, "A, B", None, {"objectType": "MULTI_PICKLIST", "values": ["A", "B"]}),
            {"d": "A, B", "o": ["A", "B"]},
        ),
        (Cell(1, "2026-03-01", None, None, {"objectType": "DATE", "value": "2026-03-01"}), "2026-03-01"),
        (Cell(1, "", ""), ""),
    ],
)
def test_what_is_kept_of_a_cell(cell: Cell, kept: Any) -> None:
    assert held_cells([cell], Keys(), frozenset({1})) == {"1": kept}


def test_an_empty_cell_leaves_nothing() -> None:
    assert held_cells([Cell(1), Cell(2, None, "")], Keys()) == {}


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        (1, "1"),
        (12.5, "12.5"),
        (1e21, "1000000000000000000000"),
        (-0.0, "0"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        ("0090", "0090"),
        ("$782.12", "$782.12"),
        ("1,000", "1,000"),
        ("  a \t b\u00a0c ", "a b c"),
        ("e\u0301", "é"),
        ("", None),
        ("   ", None),
        (True, "true"),
        (False, "false"),
        (None, None),
        ({"v": "ann@example.com", "d": "Ann"}, "ann@example.com"),
        ({"v": 3, "f": "=1+2"}, "3"),
    ],
)
def test_the_canonical_text(held: Any, shown: str | None) -> None:
    assert text(held) == shown


def test_a_contact_shows_its_name_and_keeps_its_address() -> None:
    ann = {"v": " Ann.Example@Example.com ", "d": "Ann Example"}
    assert text(ann, "contact") == "Ann Example"
    assert contact(ann) == "ann.example@example.com"
    assert text("A name only", "contact") == "A name only"
    assert contact("A name only") is None


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ("$1,234.50", "1234.5"),
        ("(1234.5)", "-1234.5"),
        ("-1234.50", "-1234.5"),
        ("$0.00", "0"),
        (".5", "0.5"),
        ("2 EA", None),
        ("1,2,3", None),
        ("(-5)", None),
        ("(12", None),
        ("12)", None),
        ("1e5", None),
        ("inf", None),
    ],
)
def test_the_amount_behind_a_text(shown: str, number: str | None) -> None:
    assert amount(shown) == number


@pytest.mark.parametrize(
    "value", ["#NO MATCH", "#UNPARSEABLE", "#DIVIDE BY ZERO", "#REF", "#CIRCULAR REFERENCE"]
)
def test_errors_of_smartsheet_are_recognised(value: str) -> None:
    assert is_error(value)
    assert is_error({"v": value, "f": "=A1"})


@pytest.mark.parametrize("value", ["#1", "# Units", "#12 pole", "NO MATCH", 3, True, None])
def test_what_only_looks_like_an_error_is_none(value: Any) -> None:
    assert not is_error(value)


@given(st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=4))
def test_a_number_and_its_numeral_are_one_text(value: Decimal) -> None:
    assert Decimal(str(text(float(value)))) == Decimal(repr(float(value)))
    assert text(f"{value:f}") == text(float(value)) or "e" in repr(float(value))


@given(
    st.dictionaries(
        st.integers(1, 2**52).map(str),
        st.one_of(
            st.text(),
            st.booleans(),
            st.integers(-(2**53), 2**53),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
    )
)
def test_equal_cells_have_equal_json_in_any_order(cells: dict[str, Any]) -> None:
    told = encode(cells)
    assert encode(dict(reversed(cells.items()))) == told
    assert decode(told) == cells
