"""Aggregators add words to the bank's rows and never money."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline_tests.bank.bank_worlds import File, Outcome, Row, chained, run

ACCOUNTS = Accounts.model_validate(
    {
        "accounts": {"bank:4321": {"aliases": ["4321", "Total Checking (...4321)"]}},
        "aggregator_priority": ["agg_b"],
    }
)
BANK = File(
    "bank.csv", [Row(2, "-1", "FIRST"), Row(5, "-64.04", "TST* COPPER KETTLE"), Row(20, "-2", "LAST")]
)


def told(name: str, *rows: Row, rule: str = "agg_a") -> File:
    """An aggregator's export about the bank's account."""
    return File(name, rows, rule=rule, label="Total Checking (...4321)", kind="aggregator")


def together(folder: Path, *files: File, accounts: Accounts = ACCOUNTS) -> Outcome:
    """Consolidated under the aliases."""
    return run(folder, *files, accounts=accounts)


def kettle(outcome: Outcome) -> dict[str, Any]:
    """The bank's row of 64.04."""
    (row,) = (row for row in outcome.live if row["amount"] == Decimal("-64.04"))
    return row


def test_a_row_one_day_later_is_the_same_and_enriches(tmp_path: Path) -> None:
    agg = told(
        "agg.csv",
        Row(6, "-64.04", "TST* COPPER KETTLE DENVER", payee="Copper Kettle", category="Restaurants"),
    )
    outcome = together(tmp_path, BANK, agg)
    assert len(outcome.transactions) == 3
    row = kettle(outcome)
    assert (row["payee"], row["category_src"], row["date"]) == (
        "Copper Kettle",
        "Restaurants",
        date(2026, 1, 5),
    )
    assert json.loads(row["seen_in"]) == ["agg.csv", "bank.csv"]
    assert row["file"] == "bank.csv"
    assert not outcome.review_items


def test_the_banks_own_words_stay(tmp_path: Path) -> None:
    bank = replace(
        BANK, rows=[Row(2, "-1"), Row(5, "-64.04", payee="KETTLE LTD", category="Dining"), Row(20, "-2")]
    )
    outcome = together(tmp_path, bank, told("agg.csv", Row(5, "-64.04", payee="Kettle", category="Food")))
    assert (kettle(outcome)["payee"], kettle(outcome)["category_src"]) == ("KETTLE LTD", "Dining")


def test_the_posting_date_counts_too(tmp_path: Path) -> None:
    bank = replace(BANK, rows=[Row(2, "-1"), Row(5, "-64.04", posted=12), Row(20, "-2")])
    assert len(together(tmp_path, bank, told("agg.csv", Row(13, "-64.04"))).transactions) == 3


def test_four_days_apart_it_is_kept_apart_and_asked_about(tmp_path: Path) -> None:
    outcome = together(tmp_path, BANK, told("agg.csv", Row(9, "-64.04", "KETTLE")))
    assert sum(row["amount"] for row in outcome.live) == Decimal("-67.04")
    (row,) = outcome.superseded
    (asked,) = outcome.questions("aggregator_only")
    assert json.loads(asked["keys"]) == [row["txn_key"]]
    assert "-64.04" in asked["reason"]


def test_each_row_is_used_once(tmp_path: Path) -> None:
    outcome = together(tmp_path, BANK, told("agg.csv", Row(5, "-64.04"), Row(6, "-64.04")))
    assert len(outcome.superseded) == 1
    assert outcome.superseded[0]["date"] == date(2026, 1, 6)


def test_the_nearer_day_then_the_words_decide(tmp_path: Path) -> None:
    bank = File(
        "bank.csv", [Row(1, "-1"), Row(5, "-9", "RED SHOP"), Row(5, "-9", "BLUE SHOP"), Row(20, "-2")]
    )
    agg = told("agg.csv", Row(6, "-9", "BLUE", category="blue"), Row(6, "-9", "RED", category="red"))
    live = {row["description"]: row["category_src"] for row in together(tmp_path, bank, agg).live}
    assert (live["RED SHOP"], live["BLUE SHOP"]) == ("red", "blue")


def test_a_split_is_told_by_its_sum(tmp_path: Path) -> None:
    bank = File("bank.csv", [Row(2, "-1"), Row(5, "-60", "MARKET"), Row(20, "-2")])
    agg = told("agg.csv", Row(5, "-40", "MARKET", category="food"), Row(5, "-20", "MARKET", category="home"))
    outcome = together(tmp_path, bank, agg)
    assert sum(row["amount"] for row in outcome.live) == -63
    (asked,) = outcome.questions("aggregator_only")
    assert len(json.loads(asked["keys"])) == 3
    assert "-60.00" in asked["reason"]
    assert "split" in asked["reason"]


def test_days_without_a_bank_export_are_filled(tmp_path: Path) -> None:
    outcome = together(tmp_path, BANK, told("agg.csv", Row(25, "-7", "LATER", payee="Later")))
    assert sorted(row["amount"] for row in outcome.live)[1] == -7
    assert not outcome.review_items


def test_a_gap_between_two_bank_exports_is_filled(tmp_path: Path) -> None:
    early = File("1.csv", [Row(1, "-1", "A"), Row(8, "-2", "B")])
    late = File("2.csv", [Row(18, "-3", "C"), Row(25, "-4", "D")])
    outcome = together(tmp_path, early, late, told("agg.csv", Row(13, "-7", "BETWEEN")))
    assert len(outcome.live) == 5


def test_an_account_of_which_only_the_aggregator_tells(tmp_path: Path) -> None:
    other = replace(told("agg.csv", Row(5, "-7"), Row(5, "-7")), label="Sapphire (...9876)")
    outcome = together(tmp_path, BANK, other)
    assert {row["account"] for row in outcome.live} == {"bank:4321", "agg_a:Sapphire (...9876)"}
    assert len(outcome.live) == 5


def test_two_aggregators_by_priority(tmp_path: Path) -> None:
    """The trusted one fills the gap, the other one adds nothing to it; both enrich the bank's row in that
    order."""
    trusted = told(
        "b.csv",
        Row(5, "-64.04", category="trusted"),
        Row(25, "-7", "LATER"),
        Row(28, "-8", "END"),
        rule="agg_b",
    )
    other = told(
        "a.csv",
        Row(5, "-64.04", category="other", payee="Kettle"),
        Row(26, "-7", "LATER"),
        Row(27, "-5", "MORE"),
    )
    outcome = together(tmp_path, other, trusted, BANK)
    assert kettle(outcome)["category_src"] == "trusted"
    assert kettle(outcome)["payee"] == "Kettle"
    assert sorted(row["amount"] for row in outcome.live) == [Decimal("-64.04"), -8, -7, -2, -1]
    assert [row["amount"] for row in outcome.superseded] == [-5]
    assert [row["category_src"] for row in outcome.live if row["amount"] == -7] == [None]


def test_without_priority_names_decide(tmp_path: Path) -> None:
    both = (told("a.csv", Row(5, "-9", "ONE")), told("b.csv", Row(5, "-9", "TWO"), rule="agg_b"))
    plain = ACCOUNTS.model_copy(update={"aggregator_priority": ()})
    assert [row["description"] for row in together(tmp_path, *both, accounts=plain).live] == ["ONE"]
    assert [row["description"] for row in together(tmp_path / "b", *both).live] == ["TWO"]


def test_other_currencies_are_other_money(tmp_path: Path) -> None:
    outcome = together(tmp_path, BANK, told("agg.csv", Row(5, "-64.04", currency="EUR")))
    assert len(outcome.superseded) == 1


def test_an_aggregator_without_a_currency_still_matches(tmp_path: Path) -> None:
    assert not together(tmp_path, BANK, told("agg.csv", Row(5, "-64.04", currency=None))).superseded


def test_its_own_overlapping_exports_are_merged_first(tmp_path: Path) -> None:
    one = told("1.csv", Row(25, "-7", "X"), Row(25, "-7", "X"))
    two = told("2.csv", Row(25, "-7", "X"), Row(28, "-8", "Y"))
    assert len(together(tmp_path, BANK, one, two).live) == 6


def test_a_pending_row_of_an_aggregator_asks_nothing(tmp_path: Path) -> None:
    outcome = together(tmp_path, BANK, told("agg.csv", Row(10, "-7", pending=True)))
    assert len(outcome.live) == 3
    assert not outcome.review_items


def test_balances_do_not_disturb(tmp_path: Path) -> None:
    outcome = together(tmp_path, chained(BANK, "500"), told("agg.csv", Row(6, "-64.04", category="Food")))
    assert kettle(outcome)["balance"] == Decimal("434.96")
    assert kettle(outcome)["category_src"] == "Food"
