"""Every row is judged: billed at an exact price, or not, with a reason, a sentence and what is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline import entered
from dsr_pipeline.billing.policy import Policy
from dsr_pipeline.billing.texts import action, stands_for_nobody
from dsr_pipeline.lake.contracts.billing import REJECT_REASONS, REMARKS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.billing.billing_world import (
    PRIMARY,
    SUBCONTRACTOR,
    SUNDAY,
    BillingWorld,
    hold,
    money,
    unit,
)

SUB_INSTALL = Decimal("1143.81")  # POL-A-3 in rules/billing/rates/price_list.csv, basis subcontractor
SUB = {"sheet_id": SUBCONTRACTOR}

REJECTED: dict[str, tuple[dict[str, Any], str, str]] = {
    "unchecked": ({"completed": "false"}, "not_completed", "100"),
    "box empty": ({"completed": None}, "not_completed", "100"),
    "no work request": ({"work_request": None}, "missing_work_request", "100"),
    "no week": ({"reference_date": None}, "missing_week", "100"),
    "a day that is none": ({"reference_date": "2026-13-40"}, "bad_week", "100"),
    "a serial number": ({"reference_date": "46000"}, "bad_week", "100"),
    "a day without a year": ({"reference_date": "Aug 9"}, "bad_week", "100"),
    "neither checked nor not": ({"completed": "✓"}, "bad_completed", "100"),
    "error instead of a week": (
        {"reference_date": "#INVALID DATA TYPE", "errors": "reference_date"},
        "cell_error",
        "100",
    ),
    "error instead of a work request": (
        {"work_request": "#NO MATCH", "errors": "work_request"},
        "cell_error",
        "100",
    ),
    "error instead of a price": ({"price": "#UNPARSEABLE", "errors": "price"}, "cell_error", "1321.74"),
    "error instead of a code": ({"cu": "#REF", "errors": "cu"}, "cell_error", "100"),
    "no code": ({"cu": None}, "missing_code", "100"),
    "code without a match": ({"cu": "#NO MATCH", "errors": "cu"}, "no_match", "100"),
    "code without a match, as text": ({"cu": "No Match (pole)"}, "no_match", "100"),
    "price in words": ({"price": "see note"}, "bad_price", "1321.74"),
    "price is infinite": ({"price": "inf"}, "bad_price", "1321.74"),
    "price is not a number": ({"price": "nan"}, "bad_price", "1321.74"),
    "price with an exponent": ({"price": "1e999"}, "bad_price", "1321.74"),
    "price in euros": ({"price": "12 EUR"}, "bad_price", "1321.74"),
    "price in another style": ({"price": "1.250,00"}, "bad_price", "1321.74"),
    "no price": ({"price": None}, "missing_price", "1321.74"),
    "no price, quantity of many": ({"price": None, "quantity": "2 EA"}, "missing_price", "2643.48"),
    "no price, nothing known": ({"price": None, "cu": "X-1"}, "missing_price", "0"),
    "price of zero": ({"price": "$0.00"}, "zero_price", "1321.74"),
    "price beyond every table": ({"price": "1" + "0" * 15}, "too_large", "1321.74"),
    "subcontractor, nothing gives a price": ({**SUB, "price": None, "cu": "X-1"}, "missing_price", "0"),
    "subcontractor, quantity in words": ({**SUB, "price": None, "quantity": "some"}, "bad_quantity", "0"),
    "subcontractor, rate times quantity too large": (
        {**SUB, "quantity": "999999999"},
        "too_large",
        "100",
    ),
}


def bill_cases(folder: Path, cases: Mapping[str, tuple[dict[str, Any], Any, Any]]) -> BillingWorld:
    """All cases in one run, each in a week of its own; a case is the row of its place, counted from 1."""
    world = BillingWorld(Lake(folder))
    rows = [
        unit(**{"work_request": f"9{place:04d}"} | cells) for place, (cells, *_) in enumerate(cases.values())
    ]
    assert world.bill(rows).failures == []
    return world


@pytest.fixture(scope="module")
def rejected(tmp_path_factory: pytest.TempPathFactory) -> BillingWorld:
    return bill_cases(tmp_path_factory.mktemp("rejected"), REJECTED)


@pytest.mark.parametrize("case", REJECTED)
def test_a_row_that_is_not_billed_has_a_reason_and_what_is_at_stake(
    rejected: BillingWorld, case: str
) -> None:
    _, reason, at_stake = REJECTED[case]
    row_id = list(REJECTED).index(case) + 1
    found = rejected.units()[row_id]
    assert (found["status"], found["reject_reason"]) == ("rejected", reason)
    assert found["amount_at_stake"] == money(at_stake)
    assert (found["group_id"], found["remarks"], found["line_hash"]) == (None, None, None)
    (told,) = (one for one in rejected.table("rejected_units") if one["row_id"] == row_id)
    assert (told["reason"], told["amount_at_stake"]) == (reason, money(at_stake))
    assert len(told["sentence"]) > 20


def test_what_is_rejected_bills_nothing_and_is_counted_by_reason(rejected: BillingWorld) -> None:
    assert rejected.groups() == []
    report = rejected.report
    assert (report.rows, report.rejected, report.amount) == (len(REJECTED), len(REJECTED), 0)
    assert sum(rows for rows, _ in report.reasons.values()) == len(REJECTED)
    assert sum(amount for _, amount in report.reasons.values()) == report.rejected_amount
    assert report.exit_code == 1


def test_units_that_are_not_completed_need_nobody(world: BillingWorld) -> None:
    report = world.bill([unit(completed="false")])
    assert (report.rejected, report.exit_code) == (1, 0)
    assert report.weeks == ()


def test_every_reason_of_the_contract_is_met() -> None:
    met = {reason for _, reason, _ in REJECTED.values()}
    assert set(REJECT_REASONS) - met == {"no_variant", "duplicate"}  # in test_assignment, test_duplicates


def test_sentences_quote_what_is_written_and_say_what_to_do(world: BillingWorld) -> None:
    world.bill(
        [unit(price="see note"), unit(reference_date="46000"), unit(price="x", errors="price,quantity")]
    )
    sentences = [one["sentence"] for one in world.table("rejected_units")]
    assert sentences == [
        "The price says 'see note', which is no amount of USD. Write it like 1,234.50.",
        (
            "The weekly reference date says '46000', which is no day of a year that can be meant. "
            "Write it like 2026-03-08."
        ),
        "An error of Smartsheet stands in price and quantity. Mend the formula, or type the value.",
    ]


def test_a_price_of_zero_tells_what_the_rate_would_give(world: BillingWorld) -> None:
    """It said that no rate gives another price, beside an amount at stake that a rate had given."""
    world.bill([unit(price="0"), unit(price=None, cu="X-1")])
    sentences = {one["reason"]: one["sentence"] for one in world.table("rejected_units")}
    assert sentences == {
        "zero_price": (
            "The price is zero, and the sheet gives it here (the rate of 'POL-A-3' would give 1321.74). "
            "Correct the price."
        ),
        "missing_price": "There is no price, and no rate for 'X-1' gives one. Fill in the price.",
    }


def test_the_first_reason_of_the_contract_counts(world: BillingWorld) -> None:
    world.bill([unit(work_request=None, reference_date=None, price="x", cu=None)])
    assert world.unit()["reject_reason"] == "missing_work_request"


BILLED: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "plain": ({}, "100", None),
    "as typed": ({"price": "$1,234.50"}, "1234.50", None),
    "cents are rounded once, away from zero": ({"price": "10.125"}, "10.13", None),
    "accounting negative": ({"price": "(12.50)"}, "-12.50", "credit"),
    "negative quantity": ({"price": "-12.5", "quantity": "-1"}, "-12.50", "credit"),
    "currency behind": ({"price": "12.5 USD"}, "12.50", None),
    "no snapshot date": ({"snapshot_date": None}, "100", "undated"),
    "snapshot of another week": ({"snapshot_date": "2026-05-11"}, "100", "out_of_week"),
    "snapshot unreadable": ({"snapshot_date": "soon"}, "100", "bad_snapshot"),
    "reference date on a Wednesday": ({"reference_date": "2026-05-06"}, "100", "week_snapped"),
    "quantity in words, price on the sheet": ({"quantity": "some"}, "100", "bad_quantity"),
    "nobody named": ({"foreman": None, "foreman_contact": None}, "100", "no_claimer"),
    "a placeholder": ({"foreman": "unknown  Foreman", "foreman_contact": None}, "100", "no_claimer"),
    "an error for a name": ({"foreman": "#NO MATCH", "errors": "foreman"}, "100", "no_claimer"),
    "rate instead of the sheet's price": (SUB, str(SUB_INSTALL), None),
    "rate though the sheet's price is none": ({**SUB, "price": None}, str(SUB_INSTALL), None),
    "rate though the sheet's price is zero": ({**SUB, "price": "0"}, str(SUB_INSTALL), None),
    "rate though the sheet's price is in words": ({**SUB, "price": "?"}, str(SUB_INSTALL), None),
    "rate times two and a half": ({**SUB, "quantity": "2.5"}, "2859.53", None),
    "credit at a rate": ({**SUB, "quantity": "-2", "price": "-1"}, "-2287.62", "credit"),
    "credit that only the sheet's price tells": ({**SUB, "price": "-7"}, "-7", "credit"),
    "unknown code keeps the sheet's price": ({**SUB, "cu": "X-1"}, "100", "no_rate"),
    "unknown work type keeps the sheet's price": ({**SUB, "work_type": "Swap"}, "100", "no_action"),
    "unreadable quantity keeps the sheet's price": ({**SUB, "quantity": "?"}, "100", "bad_quantity"),
    "no quantity keeps the sheet's price": ({**SUB, "quantity": None}, "100", "bad_quantity"),
    "rated by the week": ({**SUB, "snapshot_date": None}, str(SUB_INSTALL), "undated,rated_by_week"),
}


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> BillingWorld:
    return bill_cases(tmp_path_factory.mktemp("billed"), BILLED)


@pytest.mark.parametrize("case", BILLED)
def test_a_billed_row_has_an_exact_amount_and_what_a_person_should_know(
    billed: BillingWorld, case: str
) -> None:
    cells, amount, remarks = BILLED[case]
    found = billed.units()[list(BILLED).index(case) + 1]
    assert (found["status"], found["amount"], found["remarks"]) == ("billable", money(amount), remarks)
    assert found["week_ending"] == SUNDAY
    (group,) = (one for one in billed.groups() if one["group_id"] == found["group_id"])
    assert (group["rows"], group["amount"]) == (1, money(amount))
    assert group["undated"] == ("snapshot_date" in cells and cells["snapshot_date"] != "2026-05-11")
    assert group["out_of_week"] == (remarks == "out_of_week")
    assert group["exceptions"] == (remarks not in (None, "credit"))


def test_every_remark_of_the_contract_is_met() -> None:
    met = {one for *_, remarks in BILLED.values() for one in (remarks or "").split(",")}
    assert set(REMARKS) - met == {"zero_rate", "claim_changed", "possible_duplicate"}


def test_a_unit_price_is_told_only_where_it_gives_the_amount(world: BillingWorld) -> None:
    world.bill(
        [
            unit(price="100", quantity="3"),
            unit(price="-10", quantity="4"),
            unit(price="100", quantity="7000000"),
            unit(price="100", quantity="0"),
        ]
    )
    found = [one["unit_rate"] for one in world.table("work_units")]
    assert found == [Decimal("33.333333"), Decimal("-2.5"), None, None]


def test_a_rate_of_zero_leaves_the_price_of_the_sheet(world: BillingWorld) -> None:
    rates = world.rules.rates.table.to_pylist()
    assert any(one["price"] == 0 for one in rates)
    zero = next(
        one
        for one in rates
        if one["price"] == 0 and one["basis"] == "subcontractor" and not one["customer_id"]
    )
    types = {"install": "Inst", "removal": "Rem", "transfer": "Xfr"}
    world.bill([unit(**SUB, cu=zero["cu"], work_type=types[zero["action"]])])
    assert world.unit()["remarks"] == "zero_rate"
    assert world.unit()["amount"] == money("100")


def test_a_held_work_request_waits_whole_and_bills_nothing(world: BillingWorld) -> None:
    """A title drifted by a space and a whole sheet was silently unbilled; one that was down had no rows."""
    rows = [unit(), unit(sheet_id=SUBCONTRACTOR), unit(work_request="90002")]
    report = world.bill(rows, holds=[hold("90001")])
    assert (report.billable, report.held, report.rejected) == (1, 2, 0)
    assert report.held_amount == money("100") + SUB_INSTALL
    held = world.unit()
    assert held["hold_reason"] == "Field sheet 101: could not be read: ask for access"
    assert world.group(work_request="90001")["status"] == "held"
    assert world.group(work_request="90002")["status"] == "ready"
    assert world.table("view_lines") == []
    assert [one["row_id"] for one in world.table("rejected_units")] == [1, 2]
    assert world.report.exit_code == 1


def test_a_sheet_that_was_never_read_holds_everything(world: BillingWorld) -> None:
    assert world.bill([unit(), unit(work_request="90002")], holds=[hold("*", 303)]).held == 2


def test_a_rejected_row_of_a_held_work_request_stays_rejected(world: BillingWorld) -> None:
    report = world.bill([unit(price="x")], holds=[hold("90001")])
    assert (report.rejected, report.held) == (1, 0)


def test_the_reason_of_a_credit_is_read_from_whatever_column_the_sheet_has(world: BillingWorld) -> None:
    extras = '{"Remarks":"x","credit  reason":"returned to stock"}'
    world.bill(
        [unit(price="-5", extras=extras), unit(extras=extras), unit(price="-5", extras='{"Comments":5}')]
    )
    assert [one["credit_reason"] for one in world.table("work_units")] == ["returned to stock", None, "5"]


def test_a_decimal_comma_is_the_office_s_own_and_number_cells_stay_numbers(world: BillingWorld) -> None:
    world.with_rules(policy={"entry": {"decimal": ",", "date_order": "dmy"}})
    world.bill(
        [
            unit(price="1.250,00", reference_date="10/5/2026"),
            unit(price="1250.5"),
            unit(price="1,5"),
            unit(price="1.250"),
        ]
    )
    assert [one["amount"] for one in world.table("work_units")] == [
        money("1250"),
        money("1250.5"),
        money("1.5"),
        money("1250"),
    ]


def test_the_week_ends_on_the_office_s_day(world: BillingWorld) -> None:
    world.with_rules(policy={"week": {"ends_on": "saturday", "first": "2025-01-05"}})
    world.bill([unit(reference_date="2026-05-10"), unit(reference_date="2026-05-09")])
    found = [(f"{one['week_ending']}", one["remarks"]) for one in world.table("work_units")]
    assert found == [("2026-05-16", "out_of_week,week_snapped"), ("2026-05-09", None)]


def test_an_instant_is_taken_to_the_office_s_day(world: BillingWorld) -> None:
    world.bill([unit(snapshot_date="2026-05-11T03:00:00Z")])
    assert world.unit()["remarks"] is None
    assert f"{world.unit()['snapshot_date']}" == "2026-05-10"


def test_rows_of_weeks_before_the_first_are_told(world: BillingWorld) -> None:
    report = world.bill([unit(reference_date="1999-05-09")])
    assert "1 billable rows lie in weeks before 2025-01-06" in report.problems[0]


def test_short_work_types_are_found_inside_the_long_ones() -> None:
    """'install' in 'inst' is false, and two variants came out the same."""
    policy = Policy()
    assert [action(one, policy) for one in ("Inst", "INSTALLATION", "Rem", "Xfr", "Transfer", "Swap")] == [
        "install",
        "install",
        "removal",
        "transfer",
        "transfer",
        None,
    ]


def test_placeholders_stand_for_nobody() -> None:
    policy = Policy()
    assert stands_for_nobody("UNKNOWN foreman", policy)
    assert stands_for_nobody("#REF!", policy)
    assert not stands_for_nobody("Noel None", policy)


def test_one_parser_reads_a_quantity_for_price_and_display(world: BillingWorld) -> None:
    """'2 EA' was shown as 2 and priced as 1."""
    world.bill([unit(**SUB, quantity="2 EA")])
    found = world.unit()
    assert (found["quantity"], found["amount"]) == (Decimal(2), 2 * SUB_INSTALL)


def test_the_sheet_of_a_unit_is_named(world: BillingWorld) -> None:
    world.bill([unit()])
    assert (world.unit()["sheet_id"], world.unit()["sheet_name"]) == (PRIMARY, "Field sheet 101")


def test_plain_numbers_mean_what_the_one_reader_of_entries_says(world: BillingWorld) -> None:
    """They are read in SQL, because they are most of all."""
    plain = ["7", "0.5", "-0.75", "12.34", "999999999.99", "1000", "-3", "0", "0.00", "10.1", "1234567890.12"]
    world.bill([unit(price=text, quantity=text) for text in plain])
    found = [(one["amount"], one["quantity"]) for one in world.table("work_units")]
    assert found == [
        (entered.amount(text) or None, entered.quantity(text) if len(text) < 13 else None) for text in plain
    ]
