"""Values of a world as cells: numbers stay numbers, people get addresses, nothing is lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_pipeline.sandbox.world_cells import (
    Contacts,
    WorldError,
    cell_of,
    instant,
    made_id,
    number_or_text,
    whole_id,
)

PEOPLE = Contacts.of(("Gus.Cantu@contractor.example", "gus.cantu@second.example", "crew@contractor.example"))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("1", 1),
        ("1.0", 1.0),
        ("-13.85", -13.85),
        ("8513.7", 8513.7),
        ("0", 0),
        ("9007199254740991", 9007199254740991),
    ],
)
def test_plain_numerals_are_numbers(text: str, cell: float) -> None:
    found = number_or_text(text)
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize(
    "text",
    [
        "$782.12",
        "0090",
        " 5",
        "5 ",
        "1,000",
        "-0",
        "-0.00",
        "1e5",
        "0.00001",
        "+1",
        ".5",
        "5.",
        "9007199254740992",
        "0.12345678901234567890",
        "٣",
        "1٣",
        "nan",
        "2 EA",
    ],
)
def test_everything_else_stays_the_text_it_was(text: str) -> None:
    assert number_or_text(text) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4) | st.integers().map(Decimal))
def test_a_number_is_worth_what_its_text_said(amount: Decimal) -> None:
    found = number_or_text(f"{amount:f}")
    assert Decimal(str(found)) == amount


@pytest.mark.parametrize("value", [None, "", float("nan")])
def test_nothing_is_no_cell(value: object) -> None:
    assert cell_of("TEXT_NUMBER", value, PEOPLE) is None


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("CHECKBOX", True, {"value": True}),
        ("CHECKBOX", "False", {"value": False}),
        ("CHECKBOX", "maybe", {"value": "maybe"}),
        ("TEXT_NUMBER", "True", {"value": "True"}),
        ("TEXT_NUMBER", 2.5, {"value": 2.5}),
        ("TEXT_NUMBER", Decimal("12.50"), {"value": 12.5}),
        ("TEXT_NUMBER", 2**60, {"value": str(2**60)}),
        ("TEXT_NUMBER", float("inf"), {"value": "inf"}),
        ("DATE", "2026-04-01", {"value": "2026-04-01"}),
        ("DATE", "20260401", {"value": "20260401"}),
        ("DATE", date(2026, 4, 1), {"value": "2026-04-01"}),
        ("DATE", datetime(2026, 4, 1, 6, tzinfo=UTC), {"value": "2026-04-01T06:00:00Z"}),
    ],
)
def test_cells_by_type(kind: str, value: object, cell: dict[str, object]) -> None:
    assert cell_of(kind, value, PEOPLE) == cell


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Gus Cantu", "Gus.Cantu@contractor.example"),
        ("GUS  CANTU ", "Gus.Cantu@contractor.example"),
        ("VAC Rowe", "vac.rowe@contacts.example"),
        ("see O'Neil", "see.o.neil@contacts.example"),
        ("a@b.example", "a@b.example"),
        ("???", "???"),
    ],
)
def test_a_contact_has_an_address_and_shows_the_name_as_it_was(name: str, address: str) -> None:
    assert cell_of("CONTACT_LIST", name, PEOPLE) == {"value": address, "displayValue": name}


def test_ids_of_the_service_are_kept_and_others_get_one() -> None:
    assert whole_id(2929829643483872) == 2929829643483872
    assert whole_id("9001") == 9001
    odd = [whole_id(value) for value in ("row-1", "row-2", 2**53, -5, 0, "00012x")]
    assert len(set(odd)) == len(odd)
    assert all(10**15 <= number < 2**53 for number in odd)
    assert whole_id("row-1") == odd[0]
    assert made_id("column", 1, "a") != made_id("column", "1a", "")


def test_instants_are_whole_seconds_in_utc() -> None:
    two_hours_east = timezone(timedelta(hours=2))
    assert instant("2026-04-01T06:00:00Z") == "2026-04-01T06:00:00Z"
    assert instant("2026-04-01 08:00:00.9+02:00") == "2026-04-01T06:00:00Z"
    assert instant(datetime(2026, 4, 1, 8, tzinfo=two_hours_east)) == "2026-04-01T06:00:00Z"
    assert instant("2026-04-01") == "2026-04-01T00:00:00Z"
    assert instant("") is None
    with pytest.raises(WorldError, match="'soon' is no instant"):
        instant("soon")
