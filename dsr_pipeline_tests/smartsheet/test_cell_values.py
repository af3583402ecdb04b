"""Values on their way into cells: exact, or refused with the row, the column and the mend."""

from __future__ import annotations

import enum
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_pipeline.smartsheet.cell_values import ChangedRow, NewRow, changed_rows, new_rows, to_cell
from dsr_pipeline.smartsheet.errors import CellRefused


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("0090", "0090"),
        (" 5 ", " 5 "),
        ("", ""),
        (None, ""),
        (True, True),
        (False, False),
        (0, 0),
        (-7, -7),
        (2**53, 2**53),
        (1.5, 1.5),
        (Decimal("1.10"), 1.1),
        (Decimal("782.12"), 782.12),
        (Decimal("5.000"), 5),
        (Decimal("-0"), 0),
        (Decimal("1E+3"), 1000),
        (date(2026, 3, 2), "2026-03-02"),
        ("x" * 4000, "x" * 4000),
        ("🛠 müßig", "🛠 müßig"),
    ],
)
def test_what_a_cell_can_hold_goes_out_as_it_is(value: Any, sent: Any) -> None:
    out = to_cell(value)
    assert out == sent
    assert type(out) is type(sent)
    assert json.loads(json.dumps(out, allow_nan=False)) == sent


@pytest.mark.parametrize(
    ("value", "mend"),
    [
        (float("nan"), "None for an empty cell"),
        (float("inf"), "None for an empty cell"),
        (Decimal("NaN"), "None for an empty cell"),
        (Decimal("-Infinity"), "None for an empty cell"),
        (2**53 + 1, "write it as text"),
        (1e300, "write it as text"),
        (Decimal(2**53 + 1), "write it as text"),
        (Decimal("0.1234567890123456789"), "round it, or write it as text"),
        ("x" * 4001, "4,001 characters"),
        ("half \ud83d", "lone surrogate"),
        (np.int64(5), "numpy.int64"),
        (np.float64(5), "`.item()`"),
        (np.bool_(True), "numpy"),
        (np.str_("a"), "numpy"),
        (pd.Timestamp("2026-03-02"), "pandas"),
        (pd.NaT, "pandas"),
        (pd.NA, "pandas"),
        (datetime(2026, 3, 2, tzinfo=UTC), "give `.date()`"),
        (Colour.RED, "Colour"),
        ([1], "type list"),
        ({"a": 1}, "type dict"),
        (b"x", "type bytes"),
    ],
)
def test_anything_else_is_refused_by_name(value: Any, mend: str) -> None:
    with pytest.raises(CellRefused) as refused:
        changed_rows([ChangedRow(77, {11: value})])
    assert str(refused.value).startswith("row 77, column 11: ")
    assert mend in str(refused.value)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6))
def test_a_decimal_with_six_places_comes_back_exactly_or_is_refused(value: Decimal) -> None:
    try:
        sent = to_cell(value)
    except CellRefused:
        assert len(value.as_tuple().digits) > 15
        return
    assert Decimal(json.dumps(sent)) == value


def test_rows_as_the_api_takes_them() -> None:
    assert new_rows([NewRow({1: "k", 2: None})]) == [
        {"toBottom": True, "cells": [{"columnId": 1, "value": "k"}, {"columnId": 2, "value": ""}]}
    ]
    assert changed_rows([ChangedRow(9, {1: True})]) == [{"id": 9, "cells": [{"columnId": 1, "value": True}]}]
    with pytest.raises(CellRefused, match="new row 1 has no cells"):
        new_rows([NewRow({})])
