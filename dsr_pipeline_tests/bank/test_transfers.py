"""Two rows of own accounts that are one transfer: what makes a pair, and when nothing does."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline.bank.pairing import clear_pairs
from dsr_pipeline.bank.transfers import transfer_id
from dsr_pipeline_tests.bank.bank_worlds import File, Outcome, Row, run


def two(
    folder: Path, here: Row | list[Row], there: Row | list[Row], kind: str = "savings", **more: Accounts
) -> Outcome:
    """A checking account and another one."""
    rows = [part if isinstance(part, list) else [part] for part in (here, there)]
    return run(
        folder, File("here.csv", rows[0], label="1"), File("there.csv", rows[1], label="2", kind=kind), **more
    )


def test_a_pair_names_the_outflow_first(tmp_path: Path) -> None:
    outcome = two(tmp_path, Row(5, "-500", "ONLINE TRANSFER TO SAVINGS"), Row(6, "500", "DEPOSIT"))
    (pair,) = outcome.transfers
    keys = {row["amount"]: row["txn_key"] for row in outcome.live}
    assert (pair["from_key"], pair["to_key"]) == (keys[-500], keys[500])
    assert (pair["amount"], pair["currency"], pair["days_apart"]) == (500, "USD", 1)
    assert pair["transfer_id"] == transfer_id(keys[500], keys[-500]) == transfer_id(keys[-500], keys[500])
    assert {row["transfer_id"] for row in outcome.live} == {pair["transfer_id"]}
    assert {row["event_type"] for row in outcome.live} == {"transfer"}
    assert "transfer" in pair["evidence"]


def test_money_into_a_card_is_a_card_payment(tmp_path: Path) -> None:
    outcome = two(tmp_path, Row(5, "-500", "CARD SERVICES"), Row(6, "500", "PAYMENT THANK YOU"), kind="card")
    assert {row["event_type"] for row in outcome.live} == {"card_payment"}
    assert len(outcome.transfers) == 1


def test_without_a_reason_there_is_no_pair(tmp_path: Path) -> None:
    outcome = two(tmp_path, Row(5, "-500", "RENT"), Row(5, "500", "GIFT"))
    assert not outcome.transfers
    assert not outcome.review_items
    assert {row["event_type"] for row in outcome.live} == {"purchase", "income"}


def test_a_shared_reference_is_a_reason(tmp_path: Path) -> None:
    outcome = two(tmp_path, Row(5, "-500", "OUT 12345678"), Row(5, "500", "IN REF 12345678"))
    assert "12345678" in outcome.transfers[0]["evidence"]


def test_seven_digits_are_no_reference(tmp_path: Path) -> None:
    assert not two(tmp_path, Row(5, "-500", "OUT 1234567"), Row(5, "500", "IN 1234567")).transfers


def test_the_iban_of_the_other_account_is_a_reason(tmp_path: Path) -> None:
    accounts = Accounts.model_validate(
        {"accounts": {"mine": {"aliases": ["2"], "iban": "DE89 3704 0044 0532 0130 00"}}}
    )
    here = Row(5, "-500", "MOVED", extras='{"IBAN":"DE89 3704 0044 0532 0130 00"}')
    outcome = two(tmp_path, here, Row(5, "500", "RECEIVED"), accounts=accounts)
    assert "IBAN" in outcome.transfers[0]["evidence"]


@pytest.mark.parametrize(
    ("out", "into", "paired"),
    [
        (date(2026, 1, 30), date(2026, 2, 2), True),  # over the end of a month
        (date(2026, 1, 5), date(2026, 1, 9), True),  # four days
        (date(2026, 1, 5), date(2026, 1, 10), False),  # five, Monday to Saturday
        (date(2026, 1, 7), date(2026, 1, 12), True),  # five, over a whole weekend
        (date(2026, 1, 12), date(2026, 1, 7), True),  # the arrival is booked first
        (date(2026, 1, 7), date(2026, 1, 13), False),  # six
    ],
)
def test_how_far_apart_the_days_may_be(tmp_path: Path, out: date, into: date, paired: bool) -> None:
    outcome = two(tmp_path, Row(out, "-500", "TRANSFER"), Row(into, "500", "TRANSFER"))
    assert bool(outcome.transfers) is paired
    assert len(outcome.questions("unmatched_transfer")) == (0 if paired else 2)


def test_the_posted_date_counts(tmp_path: Path) -> None:
    assert two(tmp_path, Row(1, "-500", "TRANSFER", posted=8), Row(9, "500", "TRANSFER")).transfers


def test_rent_beside_a_transfer_of_the_same_amount(tmp_path: Path) -> None:
    """Two outflows of 500 near one inflow of 500: the word decides."""
    outcome = two(
        tmp_path,
        [Row(5, "-500", "RENT"), Row(5, "-500", "TRANSFER TO SAVINGS")],
        Row(5, "500", "FROM CHECKING"),
    )
    (pair,) = outcome.transfers
    texts = {row["txn_key"]: row["description"] for row in outcome.live}
    assert texts[pair["from_key"]] == "TRANSFER TO SAVINGS"


def test_equal_candidates_are_left_alone_and_asked_about(tmp_path: Path) -> None:
    outcome = two(
        tmp_path, [Row(5, "-500", "TRANSFER A"), Row(5, "-500", "TRANSFER B")], Row(5, "500", "DEPOSIT")
    )
    assert not outcome.transfers
    (asked,) = outcome.questions("ambiguous_transfer")
    assert len(json.loads(asked["keys"])) == 3
    assert not outcome.questions("unmatched_transfer")


def test_a_lone_leg_is_asked_about_and_never_completed(tmp_path: Path) -> None:
    outcome = two(tmp_path, Row(5, "-500", "AUTOPAY"), Row(5, "499", "DEPOSIT"))
    assert len(outcome.live) == 2
    (asked,) = outcome.questions("unmatched_transfer")
    assert "AUTOPAY" in asked["reason"]


def test_one_account_alone_has_lone_legs_only(tmp_path: Path) -> None:
    outcome = run(tmp_path, File("a.csv", [Row(5, "-500", "TRANSFER"), Row(5, "500", "TRANSFER")]))
    assert not outcome.transfers
    assert len(outcome.questions("unmatched_transfer")) == 2


def test_pending_and_superseded_rows_are_no_legs(tmp_path: Path) -> None:
    assert not two(tmp_path, Row(5, "-500", "TRANSFER", pending=True), Row(5, "500", "TRANSFER")).transfers


def test_other_currencies_do_not_pair(tmp_path: Path) -> None:
    assert not two(tmp_path, Row(5, "-500", "TRANSFER"), Row(5, "500", "TRANSFER", currency="EUR")).transfers


def test_a_fee_for_a_transfer_is_a_fee(tmp_path: Path) -> None:
    outcome = run(tmp_path, File("a.csv", [Row(5, "-5", "WIRE TRANSFER FEE")]))
    assert [row["event_type"] for row in outcome.live] == ["fee"]
    assert not outcome.review_items


class TestClearPairs:
    """The choice among candidates that come best first."""

    def test_the_better_pair_goes_first(self) -> None:
        assert clear_pairs([(0, (1, 10)), (1, (2, 10)), (2, (2, 11))]) == ([(1, 10), (2, 11)], [])

    def test_rivals_of_equal_cost_are_out_for_good(self) -> None:
        assert clear_pairs([(0, (1, 10)), (0, (2, 10)), (1, (2, 11))]) == ([], [(1, 2, 10)])

    def test_separate_pairs_of_equal_cost_are_both_taken(self) -> None:
        assert clear_pairs([(0, (1, 10)), (0, (2, 11))]) == ([(1, 10), (2, 11)], [])
