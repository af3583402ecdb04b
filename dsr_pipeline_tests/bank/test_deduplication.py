"""Which rows of overlapping exports are one transaction: repeats, ids, edge days, restated and pending
rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dsr_pipeline.bank.keys import transaction_key
from dsr_pipeline.text import normalised
from dsr_pipeline_tests.bank.bank_worlds import File, Outcome, Row, chained, run

COFFEE = Row(5, "-5.45", "BLUE HERON COFFEE")


def amounts(outcome: Outcome) -> list[str]:
    """The amounts that count, sorted, with two decimals."""
    return sorted(f"{row['amount']:.2f}" for row in outcome.live)


def test_two_equal_purchases_of_one_export_are_two(tmp_path: Path) -> None:
    outcome = run(tmp_path, File("a.csv", [COFFEE, COFFEE]))
    assert [row["occurrence"] for row in outcome.live] == [1, 2]
    assert len({row["txn_key"] for row in outcome.live}) == 2


def test_an_export_taken_between_two_equal_purchases_adds_none(tmp_path: Path) -> None:
    early = File("early.csv", [Row(4, "-1"), COFFEE])
    late = File("late.csv", [Row(4, "-1"), COFFEE, COFFEE, Row(6, "-2")])
    outcome = run(tmp_path, early, late)
    assert amounts(outcome) == ["-1.00", "-2.00", "-5.45", "-5.45"]
    seen = {
        row["occurrence"]: json.loads(row["seen_in"])
        for row in outcome.live
        if row["amount"] == Decimal("-5.45")
    }
    assert seen == {1: ["early.csv", "late.csv"], 2: ["late.csv"]}


def test_the_newest_export_speaks_for_a_row(tmp_path: Path) -> None:
    old = File("z_old.csv", [Row(5, "-5.45", "Blue Heron Coffee", category="old")])
    new = File("a_new.csv", [Row(5, "-5.45", "BLUE HERON*COFFEE", category="new"), Row(9, "-1")])
    outcome = run(tmp_path, new, old)
    (row,) = (row for row in outcome.live if row["amount"] == Decimal("-5.45"))
    assert (row["file"], row["category_src"]) == ("a_new.csv", "new")
    assert row["description"] == "BLUE HERON*COFFEE"


def test_the_same_amount_on_two_own_cards_is_two_rows(tmp_path: Path) -> None:
    outcome = run(tmp_path, File("a.csv", [COFFEE], label="1"), File("b.csv", [COFFEE], label="2"))
    assert amounts(outcome) == ["-5.45", "-5.45"]


def test_a_refund_is_no_duplicate(tmp_path: Path) -> None:
    outcome = run(
        tmp_path, File("a.csv", [Row(5, "-20"), Row(5, "20")]), File("b.csv", [Row(5, "-20"), Row(5, "20")])
    )
    assert amounts(outcome) == ["-20.00", "20.00"]


def test_keys_are_the_canonical_hash_of_the_tuple(tmp_path: Path) -> None:
    rows = [
        replace(COFFEE, posted=6),
        Row(7, "0.00", "Bäckerei Weiß ½", currency=None),
        Row(7, "1234567.8901", "x", source_id="ID 7"),
        Row(None, "-3", "soon", pending=True),
    ]
    outcome = run(tmp_path, File("a.csv", rows))
    for row in outcome.transactions:
        assert row["txn_key"] == transaction_key(
            account="my_bank:4321",
            date=row["post_date"] or row["date"],
            amount=row["amount"],
            currency=row["currency"],
            norm=normalised(row["description"]),
            occurrence=row["occurrence"],
            source_id=row["source_id"],
        )
    assert {row["status"] for row in outcome.transactions} == {"posted", "pending"}


def test_a_content_given_twice_counts_once(tmp_path: Path) -> None:
    one = File("a.csv", [COFFEE, COFFEE], sha256="1" * 64)
    outcome = run(tmp_path, one)
    again = run(tmp_path / "again", one, one)
    assert [row["txn_key"] for row in again.live] != []
    assert {row["txn_key"] for row in again.live} == {row["txn_key"] for row in outcome.live}


class TestIds:
    """The bank's own id."""

    def test_a_reference_that_no_rule_trusts_is_shown_and_decides_nothing(self, tmp_path: Path) -> None:
        rows = [replace(COFFEE, reference="77"), replace(COFFEE, reference="77")]
        outcome = run(tmp_path, File("a.csv", rows))
        assert [(row["source_id"], row["occurrence"]) for row in outcome.live] == [("77", 1), ("77", 2)]

    def test_the_same_id_is_one_transaction(self, tmp_path: Path) -> None:
        row = replace(COFFEE, source_id="77")
        outcome = run(tmp_path, File("a.csv", [row]), File("b.csv", [row, Row(8, "-1", source_id="78")]))
        assert amounts(outcome) == ["-1.00", "-5.45"]
        assert not outcome.superseded

    def test_different_ids_are_two_transactions(self, tmp_path: Path) -> None:
        rows = [replace(COFFEE, source_id="77"), replace(COFFEE, source_id="78")]
        outcome = run(tmp_path, File("a.csv", rows[:1]), File("b.csv", rows[1:]))
        assert amounts(outcome) == ["-5.45", "-5.45"]
        assert not outcome.review_items

    def test_a_changed_amount_keeps_the_older_version_as_superseded(self, tmp_path: Path) -> None:
        old = File("old.csv", [replace(COFFEE, source_id="77")])
        new = File("new.csv", [replace(COFFEE, source_id="77", amount="-6.45"), Row(9, "-1", source_id="78")])
        outcome = run(tmp_path, old, new)
        assert amounts(outcome) == ["-1.00", "-6.45"]
        (before,) = outcome.superseded
        assert before["amount"] == Decimal("-5.45")
        assert before["txn_key"] in {row["txn_key"] for row in outcome.live}

    def test_an_unchanged_version_is_merged(self, tmp_path: Path) -> None:
        rows = [
            replace(COFFEE, source_id="77"),
            replace(COFFEE, source_id="77", description="Blue Heron Coffee"),
            replace(COFFEE, source_id="77", amount="-7"),
        ]
        files = [File(f"{i}.csv", [row, Row(6 + i, "-1", source_id=f"x{i}")]) for i, row in enumerate(rows)]
        outcome = run(tmp_path, *files)
        assert [row["amount"] for row in outcome.superseded] == [Decimal("-5.45")]


class TestEdgeDays:
    """Two exports that share the last day of the one and the first day of the other."""

    DAY = (Row(10, "-1", "A"), COFFEE, COFFEE)

    def test_without_balances_the_row_counts_once_and_a_person_is_asked(self, tmp_path: Path) -> None:
        first = File("1.csv", [Row(1, "-1", "A"), COFFEE])
        second = File("2.csv", [COFFEE, Row(9, "-1", "B")])
        outcome = run(tmp_path, first, second)
        assert amounts(outcome).count("-5.45") == 1
        (asked,) = outcome.questions("edge_day")
        assert "2026-01-05" in asked["reason"]

    def test_different_counts_need_no_question(self, tmp_path: Path) -> None:
        first = File("1.csv", [Row(1, "-1", "A"), COFFEE])
        second = File("2.csv", [COFFEE, COFFEE, Row(9, "-1", "B")])
        outcome = run(tmp_path, first, second)
        assert amounts(outcome).count("-5.45") == 2
        assert not outcome.questions("edge_day")

    def test_a_third_export_of_the_whole_day_answers_it(self, tmp_path: Path) -> None:
        first = File("1.csv", [Row(1, "-1", "A"), COFFEE])
        second = File("2.csv", [COFFEE, Row(9, "-1", "B")])
        whole = File("3.csv", [Row(4, "-3", "C"), COFFEE, Row(6, "-4", "D")])
        outcome = run(tmp_path, first, second, whole)
        assert amounts(outcome).count("-5.45") == 1
        assert not outcome.questions("edge_day")

    @pytest.mark.parametrize(("seen_by_first", "expected"), [(1, 2), (0, 2), (2, 2)])
    def test_balances_tell_a_cut_day(self, tmp_path: Path, seen_by_first: int, expected: int) -> None:
        """Two equal coffees; the second export begins right behind what the first one saw of them."""
        whole = chained(
            File("x", [Row(1, "-1", "A"), Row(5, "-2", "B"), COFFEE, COFFEE, Row(9, "-3", "C")]), "100"
        )
        cut = 2 + seen_by_first
        first = replace(whole, name="1.csv", rows=whole.rows[:cut])
        before = whole.rows[cut - 1].balance
        second = replace(whole, name="2.csv", rows=whole.rows[cut:], opening=before)
        outcome = run(tmp_path, first, second)
        assert amounts(outcome).count("-5.45") == expected
        assert len(outcome.live) == 5
        assert not outcome.review_items

    def test_balances_tell_an_overlap(self, tmp_path: Path) -> None:
        whole = chained(
            File("x", [Row(1, "-1", "A"), Row(5, "-2", "B"), COFFEE, COFFEE, Row(9, "-3", "C")]), "100"
        )
        first = replace(whole, name="1.csv", rows=whole.rows[:4])
        second = replace(whole, name="2.csv", rows=whole.rows[2:], opening=whole.rows[1].balance)
        outcome = run(tmp_path, first, second)
        assert len(outcome.live) == 5
        assert not outcome.review_items

    def test_three_exports_cut_one_day(self, tmp_path: Path) -> None:
        rows = [Row(1, "-1", "A"), COFFEE, COFFEE, COFFEE, Row(9, "-3", "C")]
        whole = chained(File("x", rows), "100")
        parts = [
            replace(whole, name="1.csv", rows=whole.rows[:2]),
            replace(whole, name="2.csv", rows=whole.rows[2:3], opening=whole.rows[1].balance),
            replace(whole, name="3.csv", rows=whole.rows[3:], opening=whole.rows[2].balance),
        ]
        for order in (parts, parts[::-1]):
            outcome = run(tmp_path, *order)
            assert amounts(outcome).count("-5.45") == 3

    def test_balances_that_fit_both_ways_ask(self, tmp_path: Path) -> None:
        """−20 and +20 leave the balance where it was: a full overlap and none look the same."""
        day = [Row(5, "-20", "A"), Row(5, "20", "B")]
        first = chained(File("1.csv", [Row(1, "-1", "X"), *day]), "100")
        second = chained(File("2.csv", [*day, Row(9, "-3", "C")]), "99")
        outcome = run(tmp_path, first, second)
        assert len(outcome.live) == 4
        assert len(outcome.questions("edge_day")) == 2

    def test_a_balance_that_fits_by_chance_decides_nothing(self, tmp_path: Path) -> None:
        """The second export opens with a balance of the first, but goes on with another row."""
        first = chained(File("1.csv", [Row(1, "-1", "X"), Row(5, "-20", "A"), Row(5, "30", "B")]), "101")
        second = chained(File("2.csv", [Row(5, "-20", "A"), Row(9, "-3", "C")]), "80")
        outcome = run(tmp_path, first, second)
        assert amounts(outcome).count("-20.00") == 1
        assert outcome.questions("edge_day")


class TestRestated:
    """A bank that rewrites a row between two exports."""

    OLD = File("old.csv", [Row(1, "-1", "A"), Row(5, "-12", "CARD 77"), Row(8, "-2", "B")])

    def test_another_description_supersedes_the_older_row(self, tmp_path: Path) -> None:
        new = File(
            "new.csv",
            [Row(1, "-1", "A"), Row(5, "-12", "HARBOR FUEL"), Row(8, "-2", "B"), Row(12, "-3", "C")],
        )
        outcome = run(tmp_path, self.OLD, new)
        assert [row["description"] for row in outcome.live if row["amount"] == -12] == ["HARBOR FUEL"]
        (old,) = outcome.superseded
        (alias,) = outcome.said.key_aliases.to_pylist()
        assert (alias["old_key"], alias["reason"]) == (old["txn_key"], "restated")
        assert alias["new_key"] in {row["txn_key"] for row in outcome.live}
        assert not outcome.questions("restated")

    def test_a_date_moved_by_two_days_supersedes_the_older_row(self, tmp_path: Path) -> None:
        new = File(
            "new.csv", [Row(1, "-1", "A"), Row(7, "-12", "CARD 77"), Row(8, "-2", "B"), Row(12, "-3", "C")]
        )
        outcome = run(tmp_path, new, self.OLD)
        assert [row["date"] for row in outcome.live if row["amount"] == -12] == [date(2026, 1, 7)]

    def test_four_days_are_too_many(self, tmp_path: Path) -> None:
        new = File(
            "new.csv", [Row(1, "-1", "A"), Row(9, "-12", "CARD 77"), Row(8, "-2", "B"), Row(12, "-3", "C")]
        )
        assert len([row for row in run(tmp_path, self.OLD, new).live if row["amount"] == -12]) == 2

    def test_other_numbers_leave_all_and_ask(self, tmp_path: Path) -> None:
        new = File(
            "new.csv",
            [
                Row(1, "-1", "A"),
                Row(5, "-12", "X"),
                Row(6, "-12", "Y"),
                Row(8, "-2", "B"),
                Row(12, "-3", "C"),
            ],
        )
        outcome = run(tmp_path, self.OLD, new)
        assert len([row for row in outcome.live if row["amount"] == -12]) == 3
        (asked,) = outcome.questions("restated")
        assert len(json.loads(asked["keys"])) == 3

    def test_a_day_that_the_newer_export_does_not_cover_stays(self, tmp_path: Path) -> None:
        new = File("new.csv", [Row(6, "-12", "HARBOR FUEL"), Row(8, "-2", "B"), Row(12, "-3", "C")])
        assert len([row for row in run(tmp_path, self.OLD, new).live if row["amount"] == -12]) == 2

    def test_a_row_that_was_known_before_takes_no_place(self, tmp_path: Path) -> None:
        """The row of 6 January stood in an export before that of 5 January appeared: it rewrites nothing."""
        ends = [Row(1, "-1", "A"), Row(8, "-2", "B")]
        oldest = File("0.csv", [*ends, Row(6, "-12", "Y")])
        older = File("1.csv", [*ends, Row(9, "-3", "C"), Row(5, "-12", "X")])
        newer = File("2.csv", [*ends, Row(9, "-3", "C"), Row(6, "-12", "Y"), Row(12, "-4", "D")])
        assert amounts(run(tmp_path, oldest, older, newer)).count("-12.00") == 2

    def test_recurring_purchases_at_a_seam_stay(self, tmp_path: Path) -> None:
        """The same coffee on the last day of one export and on the first days of the next one."""
        first = File("1.csv", [Row(1, "-1", "A"), Row(10, "-5.45", "COFFEE")])
        second = File("2.csv", [Row(10, "-9", "B"), Row(11, "-5.45", "COFFEE"), Row(20, "-1", "C")])
        outcome = run(tmp_path, first, second)
        assert amounts(outcome).count("-5.45") == 2
        assert outcome.questions("possible_duplicate")

    def test_a_row_that_both_exports_hold_raises_no_question_at_their_seam(self, tmp_path: Path) -> None:
        coffees = [Row(day, "-5.45", "COFFEE") for day in (9, 11)]
        first = File("1.csv", [Row(1, "-1", "A"), coffees[0], Row(10, "-2", "B")])
        second = File("2.csv", [coffees[0], Row(10, "-2", "B"), coffees[1], Row(20, "-3", "C")])
        assert not run(tmp_path, first, second).review_items

    def test_different_ids_are_never_restated(self, tmp_path: Path) -> None:
        old = File(
            "old.csv",
            [Row(1, "-1", source_id="1"), Row(5, "-12", source_id="2"), Row(8, "-2", source_id="3")],
        )
        new = File(
            "new.csv",
            [Row(1, "-1", source_id="1"), Row(5, "-12", source_id="9"), Row(8, "-2", source_id="3")],
        )
        assert amounts(run(tmp_path, old, new)).count("-12.00") == 2

    def test_exports_that_contradict_each_other_restate_nothing(self, tmp_path: Path) -> None:
        """Two accounts under one label by mistake: alike amounts on alike days, nothing in common."""
        days = [(day, amount) for day in range(1, 27) for amount in ("-1", "-2")]
        one = File("1.csv", [Row(day, amount, f"A{day}") for day, amount in days])
        other = File("2.csv", [Row(day, amount, f"B{day}") for day, amount in days] + [Row(28, "-9")])
        outcome = run(tmp_path, one, other)
        assert len(outcome.live) == 2 * len(days) + 1


class TestPending:
    """Rows that the bank has not booked."""

    def test_a_pre_authorisation_of_another_amount_is_one_row(self, tmp_path: Path) -> None:
        early = File("1.csv", [Row(1, "-3", "A"), Row(5, "-1.00", "FUEL", pending=True)])
        late = File("2.csv", [Row(1, "-3", "A"), Row(6, "-38.17", "FUEL")])
        outcome = run(tmp_path, early, late)
        assert amounts(outcome) == ["-3.00", "-38.17"]
        assert [row["amount"] for row in outcome.superseded] == [Decimal("-1.00")]

    def test_it_lives_while_the_newest_export_has_it(self, tmp_path: Path) -> None:
        pending = Row(5, "-1.00", "FUEL", pending=True)
        early = File("1.csv", [Row(1, "-3", "A"), pending])
        late = File("2.csv", [Row(1, "-3", "A"), Row(6, "-2", "B"), pending])
        outcome = run(tmp_path, early, late)
        (row,) = (row for row in outcome.live if row["pending"])
        assert (row["status"], json.loads(row["seen_in"])) == ("pending", ["1.csv", "2.csv"])
        assert not outcome.superseded

    def test_booked_unchanged_it_keeps_its_key(self, tmp_path: Path) -> None:
        early = File("1.csv", [Row(1, "-3", "A"), replace(COFFEE, pending=True)])
        late = File("2.csv", [Row(1, "-3", "A"), COFFEE, Row(9, "-1")])
        before = run(tmp_path, early)
        after = run(tmp_path, early, late)
        (pending,) = (row for row in before.live if row["pending"])
        assert pending["txn_key"] in {row["txn_key"] for row in after.live}
        assert [row["status"] for row in after.superseded] == ["superseded"]

    def test_beside_an_equal_booked_row_it_is_the_next_one(self, tmp_path: Path) -> None:
        outcome = run(tmp_path, File("1.csv", [COFFEE, replace(COFFEE, pending=True)]))
        assert sorted((row["status"], row["occurrence"]) for row in outcome.live) == [
            ("pending", 2),
            ("posted", 1),
        ]
        later = run(
            tmp_path,
            File("1.csv", [COFFEE, replace(COFFEE, pending=True)]),
            File("2.csv", [COFFEE, COFFEE, Row(9, "-1")]),
        )
        assert {row["txn_key"] for row in outcome.live} < {row["txn_key"] for row in later.live}

    def test_a_pending_id_is_taken_over_by_the_booked_row(self, tmp_path: Path) -> None:
        early = File("1.csv", [Row(5, "-1", "FUEL", pending=True, source_id="7")])
        late = File("2.csv", [Row(6, "-38.17", "FUEL", source_id="7")])
        outcome = run(tmp_path, early, late)
        assert amounts(outcome) == ["-38.17"]
        assert outcome.superseded[0]["txn_key"] == outcome.live[0]["txn_key"]


class TestLikenesses:
    """Rows that are kept and counted, and asked about."""

    def test_equal_rows_of_one_export_are_asked_about(self, tmp_path: Path) -> None:
        outcome = run(tmp_path, File("a.csv", [COFFEE, COFFEE]))
        (asked,) = outcome.questions("possible_duplicate")
        assert json.loads(asked["keys"]) == sorted(row["txn_key"] for row in outcome.live)

    def test_a_balance_proves_them(self, tmp_path: Path) -> None:
        assert not run(tmp_path, chained(File("a.csv", [COFFEE, COFFEE]), "50")).review_items

    def test_ids_prove_them(self, tmp_path: Path) -> None:
        rows = [replace(COFFEE, source_id="1"), replace(COFFEE, source_id="2")]
        assert not run(tmp_path, File("a.csv", rows)).review_items
