"""Rounding and allocation: exact, symmetric about zero, and the same in DuckDB."""

from decimal import Decimal
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_pipeline.money import (
    MONEY_TYPE,
    MoneyError,
    allocate,
    from_minor_units,
    minor_units,
    round_half_away,
)

AMOUNTS = st.decimals(min_value=-(10**13), max_value=10**13, places=4)
CENTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.lists(
    st.integers(0, 10**6) | st.decimals(min_value=0, max_value=1000, places=6), min_size=1, max_size=12
).filter(lambda weights: sum(Fraction(weight) for weight in weights) > 0)


@pytest.mark.parametrize(
    ("given_value", "rounded"),
    [
        ("2.345", "2.35"),
        ("-2.345", "-2.35"),
        ("2.335", "2.34"),
        ("2.3449", "2.34"),
        ("-0.004", "0.00"),
        ("-0.005", "-0.01"),
        ("99999999999999.995", "100000000000000.00"),
    ],
)
def test_halves_go_away_from_zero(given_value: str, rounded: str) -> None:
    assert str(round_half_away(Decimal(given_value))) == rounded


@given(AMOUNTS)
def test_rounding_mirrors_about_zero(amount: Decimal) -> None:
    assert round_half_away(-amount) == -round_half_away(amount)


@settings(deadline=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=20), st.integers(0, 3))
def test_duckdb_rounds_the_same(amounts: list[Decimal], places: int) -> None:
    with duckdb.connect() as connection:
        connection.register("given", pa.table({"amount": pa.array(amounts, MONEY_TYPE)}))
        found = connection.execute(f"select round(amount, {places}) from given").fetchall()
    assert [row[0] for row in found] == [round_half_away(amount, places) for amount in amounts]


def test_what_is_no_number_is_refused() -> None:
    for value in (Decimal("NaN"), Decimal("Infinity")):
        with pytest.raises(MoneyError):
            round_half_away(value)


@given(CENTS, WEIGHTS)
def test_the_parts_sum_to_the_total(cents: int, weights: list[Decimal | int]) -> None:
    total = Decimal(cents).scaleb(-2)
    assert sum(allocate(total, weights)) == total


@given(CENTS, WEIGHTS)
def test_no_part_is_a_cent_away_from_its_share(cents: int, weights: list[Decimal | int]) -> None:
    total = Decimal(cents).scaleb(-2)
    whole = sum(Fraction(weight) for weight in weights)
    for part, weight in zip(allocate(total, weights), weights, strict=True):
        assert abs(Fraction(part) - Fraction(total) * Fraction(weight) / whole) < Fraction(1, 100)


@given(CENTS, WEIGHTS)
def test_a_refund_is_divided_as_the_purchase_was(cents: int, weights: list[Decimal | int]) -> None:
    total = Decimal(cents).scaleb(-2)
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


@given(st.integers(0, 10**6), st.integers(1, 9))
def test_between_equals_the_earlier_gets_the_cent(cents: int, people: int) -> None:
    parts = allocate(Decimal(cents).scaleb(-2), [1] * people)
    assert parts == sorted(parts, reverse=True)


@given(CENTS, WEIGHTS)
def test_who_bears_nothing_gets_nothing(cents: int, weights: list[Decimal | int]) -> None:
    parts = allocate(Decimal(cents).scaleb(-2), [*weights, 0])
    assert parts[-1] == 0


def test_examples_that_a_person_can_check() -> None:
    assert allocate(Decimal("100.00"), [1, 1, 1]) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert allocate(Decimal("0.01"), [Decimal("0.43"), Decimal("0.57")]) == [Decimal("0.00"), Decimal("0.01")]
    assert allocate(Decimal(1000), [43, 57], places=0) == [Decimal(430), Decimal(570)]


@pytest.mark.parametrize(
    ("total", "weights"),
    [("1.00", []), ("1.00", [0, 0]), ("1.00", [2, -1]), ("1.005", [1, 1])],
)
def test_an_allocation_without_an_exact_answer_is_refused(total: str, weights: list[int]) -> None:
    with pytest.raises(MoneyError):
        allocate(Decimal(total), weights)


@given(CENTS, st.integers(0, 4))
def test_minor_units_and_back(units: int, places: int) -> None:
    assert minor_units(from_minor_units(units, places), places) == units


def test_half_a_cent_is_not_a_number_of_cents() -> None:
    assert minor_units(Decimal("-1.50")) == -150
    with pytest.raises(MoneyError, match="whole number"):
        minor_units(Decimal("1.005"))
