"""The balance proof: where a chain breaks and by how much, orders within a day, what a file states."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline.bank.verification import Proof, Stated, Step, stated, verify
from dsr_pipeline_tests.bank.inline_rules import rule_of

NOTHING = Stated()


def rule(mode: str = "running", order: str = "oldest_first", more: str = "") -> BankRule:
    return rule_of(
        f"""
        match: {{header: [Date, Text, Amount, Balance]}}
        columns: {{balance: Balance}}
        rows: {{order: {order}}}
        verify: {{balance: {mode}{more}}}
        """
    )


def steps(*rows: tuple[int, str, str | None]) -> list[Step]:
    """Rows as (day of January, amount, balance), oldest first, from line 2 on."""
    return [
        Step(line, date(2026, 1, day), Decimal(amount), None if balance is None else Decimal(balance))
        for line, (day, amount, balance) in enumerate(rows, 2)
    ]


CHAIN = steps((5, "-1", "99"), (6, "-2", "97"), (7, "10", "107"), (8, "-7", "100"))


def test_every_row_chains() -> None:
    proof = verify(rule(), CHAIN, NOTHING)
    assert proof == Proof("chained", Decimal(100), Decimal(100))


@pytest.mark.parametrize("missing", [1, 2])
def test_a_break_tells_its_line_and_what_is_missing(missing: int) -> None:
    broken = [step for place, step in enumerate(CHAIN) if place != missing]
    proof = verify(rule(), broken, NOTHING)
    assert (proof.verdict, proof.line, proof.gap) == (
        "broken",
        CHAIN[missing].line_no + 1,
        CHAIN[missing].amount,
    )
    assert proof.reason is not None
    assert f"line {proof.line}" in proof.reason
    assert f"rows of {proof.gap:f} are missing or changed" in proof.reason


def test_a_changed_amount_is_found_to_the_last_decimal() -> None:
    changed = [*CHAIN[:2], CHAIN[2]._replace(amount=Decimal("10.0001")), CHAIN[3]]
    proof = verify(rule(), changed, NOTHING)
    assert (proof.verdict, proof.line, proof.gap) == ("broken", 4, Decimal("-0.0001"))


def test_rows_missing_at_either_end_cannot_show() -> None:
    assert verify(rule(), CHAIN[1:], NOTHING).verdict == "chained"
    assert verify(rule(), CHAIN[:-1], NOTHING).verdict == "chained"


@pytest.mark.parametrize("way", [1, -1])
def test_order_any_finds_the_direction(way: int) -> None:
    proof = verify(rule(order="any"), CHAIN[::way], NOTHING)
    assert (proof.verdict, proof.newest_first) == ("chained", way == -1)
    assert (proof.opening, proof.closing) == (Decimal(100), Decimal(100))


def test_order_any_reports_the_break_in_the_direction_that_chains_otherwise() -> None:
    rows = [*CHAIN, *steps((9, "5", "105"), (10, "5", "110"))[0:2]]
    broken = [rows[0], *rows[2:]]
    proof = verify(rule(order="any"), broken[::-1], NOTHING)
    assert (proof.verdict, proof.gap) == ("broken", Decimal(-2))


def test_a_declared_order_is_not_turned_round() -> None:
    assert verify(rule(order="oldest_first"), CHAIN[::-1], NOTHING).verdict == "broken"


DAY = steps((5, "-1", "99"), (5, "-2", "97"), (5, "10", "107"), (5, "-7", "100"), (6, "1", "101"))


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_rows_of_a_day_may_stand_in_any_order(order: tuple[int, ...]) -> None:
    shuffled = [*(DAY[place] for place in order), DAY[4]]
    proof = verify(rule(), shuffled, NOTHING)
    assert (proof.verdict, proof.opening, proof.closing) == ("chained", Decimal(100), Decimal(101))


def test_a_first_day_that_is_a_circle_begins_where_the_next_day_wants_it() -> None:
    """+5 and -5 chain in both orders by themselves; only the next day tells which one it was."""
    circle = steps((5, "5", "105"), (5, "-5", "100"), (6, "1", "106"))
    proof = verify(rule(), circle, NOTHING)
    assert (proof.verdict, proof.opening, proof.closing) == ("chained", Decimal(105), Decimal(106))


def test_rows_of_different_days_never_change_places() -> None:
    assert verify(rule(), [CHAIN[1], CHAIN[0], *CHAIN[2:]], NOTHING).verdict == "broken"


def test_a_day_of_many_rows_is_put_in_order_in_no_time() -> None:
    rows: list[tuple[int, str, str]] = []
    level = 0
    for place in range(3_000):
        level += (place * 7919) % 13 - 6
        rows.append((5, str((place * 7919) % 13 - 6), str(level)))
    day = steps(*rows)
    started = time.process_time()
    assert (
        verify(rule(), sorted(day, key=lambda step: (step.amount, step.line_no)), NOTHING).verdict
        == "chained"
    )
    without = sorted(day[:1500] + day[1501:], key=lambda step: (step.amount, step.line_no))
    assert verify(rule(), without, NOTHING).verdict == "broken"
    assert time.process_time() - started < 5


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(-5, 5)), min_size=2, max_size=24),
    st.randoms(use_true_random=False),
)
def test_any_shuffle_within_days_still_chains(moves: list[tuple[int, int]], order: object) -> None:
    days = sorted(day for day, _ in moves)
    level, rows = Decimal(0), list[Step]()
    for line, (day, (_, amount)) in enumerate(zip(days, moves, strict=True), 2):
        level += amount
        rows.append(Step(line, date(2026, 1, day), Decimal(amount), level))
    keys = {step.line_no: order.random() for step in rows}  # type: ignore[attr-defined]
    shuffled = sorted(rows, key=lambda step: (step.date, keys[step.line_no]))
    proof = verify(rule(), shuffled, NOTHING)
    assert proof.verdict == "chained"
    assert proof.opening is not None
    assert proof.closing == proof.opening + sum(amount for _, amount in moves)


def test_end_of_day_balances_chain_from_day_to_day() -> None:
    rows = steps((5, "-1", "97"), (5, "-2", "97"), (6, "10", "107"), (7, "-7", "100"))
    proof = verify(rule("end_of_day"), rows, NOTHING)
    assert (proof.verdict, proof.opening, proof.closing) == ("chained", Decimal(100), Decimal(100))
    gone = verify(rule("end_of_day"), [rows[0], rows[1], rows[3]], NOTHING)
    assert (gone.verdict, gone.line, gone.gap) == ("broken", 5, Decimal(10))
    assert "2026-01-07" in (gone.reason or "")


def test_days_without_a_balance_count_towards_the_next_one() -> None:
    rows = steps((5, "-1", "99"), (6, "-2", None), (7, "10", "107"), (8, "-7", None))
    proof = verify(rule(), rows, NOTHING)
    assert (proof.verdict, proof.closing) == ("chained", Decimal(100)), "the last row has moved it since"
    assert verify(rule(), [rows[0], *rows[2:]], NOTHING).verdict == "broken"


def test_rows_without_any_balance_prove_nothing() -> None:
    assert verify(rule(), steps((5, "1", None)), NOTHING).verdict == "not_available"
    assert verify(rule("none"), CHAIN, NOTHING).verdict == "not_available"


# --- What a file states of itself ---------------------------------------------------------------------------


def claims(**figures: str) -> Stated:
    return Stated(**{name: Decimal(figure) for name, figure in figures.items()})


def test_opening_and_closing_that_agree_prove_the_file() -> None:
    assert verify(rule(), CHAIN, claims(opening="100", closing="100")).verdict == "proven"
    assert verify(rule(), CHAIN, claims(closing="100")).verdict == "proven"
    assert verify(rule("none"), CHAIN, claims(opening="100", closing="100")).verdict == "proven"
    assert verify(rule("none"), CHAIN, claims(closing="100")).verdict == "not_available"


@pytest.mark.parametrize("mode", ["running", "none"])
def test_rows_missing_at_an_end_show_in_the_stated_balances(mode: str) -> None:
    proof = verify(rule(mode), CHAIN[1:], claims(opening="100", closing="100"))
    assert (proof.verdict, proof.gap) == ("broken", Decimal(-1))
    assert "rows of -1 are missing" in (proof.reason or "")


def test_totals_prove_and_disprove() -> None:
    right = Stated(credits=Decimal(10), debits=Decimal(-10), rows=4)
    assert verify(rule("none"), CHAIN, right).verdict == "proven"
    assert verify(rule("none"), CHAIN, Stated(credits=Decimal(10), debits=Decimal(10))).verdict == "proven"
    fewer = verify(rule("none"), CHAIN, Stated(rows=5))
    assert (fewer.verdict, fewer.reason) == ("broken", "the file states 5 rows and holds 4")
    wrong = verify(rule("none"), CHAIN, Stated(credits=Decimal(11), debits=Decimal(10)))
    assert "the file states credits 11, its rows give 10" in (wrong.reason or "")


def test_no_rows_between_two_balances_that_differ() -> None:
    assert verify(rule(), [], claims(opening="1", closing="2")).verdict == "broken"
    assert verify(rule(), [], claims(opening="1", closing="1")).verdict == "proven"
    assert verify(rule(), [], NOTHING).verdict == "not_available"


def test_what_the_file_states_is_read_from_preamble_footer_and_rows() -> None:
    from_preamble = rule(
        more=", opening: {preamble: '^Old: (.*)$'}, closing: {footer: '^New: (.*)$'}, "
        "totals: {credits: 'In: ([0-9.]+)', debits: 'Out: ([0-9.-]+)', rows: '([0-9]+) rows'}"
    )
    found = stated(from_preamble, "Bank\nOld: 100.00\nIn: 10.00 Out: -10.00", "4 rows\nNew: 100.00\n", [])
    assert found == Stated(Decimal(100), Decimal(100), Decimal(10), Decimal(-10), 4)
    from_rows = rule(more=", opening: {row: Balance forward}")
    found = stated(from_rows, "", "", [("2026-01-01 Balance forward  100.00", "100.00")])
    assert found.opening == Decimal(100)


def test_what_the_file_does_not_state_is_named_and_proves_nothing() -> None:
    expects = rule(more=", opening: {preamble: '^Old: (.*)$'}, closing: {footer: '^New: (.*)$'}")
    found = stated(expects, "Old: 1.234,56", "", [])
    assert found.missing == ("opening", "closing")
    proof = verify(expects, CHAIN, found)
    assert (proof.verdict, proof.reason) == ("chained", "the file does not state opening, closing")
