"""The balance proof: what the balances of an export prove about its completeness.

`proven` every row chains and the stated opening, closing or totals agree · `chained` every row chains ·
`broken` a figure is missing, with the place and the gap · `not_available` the export states no balance.
Exact decimals throughout. Called for every file after parsing; rows come oldest first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby, permutations
from typing import TYPE_CHECKING, Literal, NamedTuple

from dsr_pipeline.bank.numbers import NumberParser

if TYPE_CHECKING:
    from dsr_pipeline.bank.rules import BankRule, StatedBalance

Verdict = Literal["proven", "chained", "broken", "not_available"]

_MOST_SAME_DAY = 7  # 7! = 5,040 orders of one day are tried, more prove nothing


class Step(NamedTuple):
    """A posted row as the proof sees it."""

    line_no: int
    date: date | None
    amount: Decimal
    balance: Decimal | None


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict, the balances around the rows, and for a broken chain where and by how much."""

    verdict: Verdict
    opening: Decimal | None = None
    closing: Decimal | None = None
    reason: str | None = None
    newest_first: bool | None = None  # the order that the chain proves, where it proves one


@dataclass(frozen=True, slots=True)
class Stated:
    """What the file says about its own balances and totals."""

    opening: Decimal | None = None
    closing: Decimal | None = None
    credits: Decimal | None = None
    debits: Decimal | None = None
    rows: int | None = None


def stated(rule: BankRule, preamble: str, footer: str, excluded: Sequence[tuple[str, str]]) -> Stated:
    """Read opening, closing and totals from where the rule says that the file states them."""
    amounts = NumberParser.of(rule.amount.style("amount"))
    balances = NumberParser.of(rule.amount.style("balance"))

    def figure(place: StatedBalance | None) -> Decimal | None:
        if place is None:
            return None
        if place.row is not None:
            return next((balances.parse(text) for words, text in excluded if place.row in words), None)
        pattern, text = (place.preamble, preamble) if place.preamble is not None else (place.footer, footer)
        return _captured(pattern, text, balances)

    verify = rule.verify
    totals = verify.totals
    if totals is None:
        return Stated(figure(verify.opening), figure(verify.closing))
    both = f"{preamble}\n{footer}"
    count = re.search(totals.rows, both, re.MULTILINE) if totals.rows else None
    return Stated(
        figure(verify.opening),
        figure(verify.closing),
        _captured(totals.credits, both, amounts),
        _captured(totals.debits, both, amounts),
        int(count.group(1)) if count and count.group(1).isdigit() else None,
    )


def _captured(pattern: str | None, text: str, parser: NumberParser) -> Decimal | None:
    found = re.search(pattern, text, re.MULTILINE) if pattern else None
    return parser.parse(found.group(1)) if found else None


def verify(rule: BankRule, steps: Sequence[Step], claims: Stated) -> Proof:
    """Prove what can be proved. `steps` are the posted rows of one account, oldest first."""
    mode = rule.verify.balance
    if not steps:
        return Proof("not_available", claims.opening, claims.closing)
    if mode == "none":
        return _by_totals(steps, claims, Proof("not_available", claims.opening, claims.closing))
    if mode == "opening_closing":
        return _by_totals(steps, claims, Proof("not_available", claims.opening, claims.closing))
    if any(step.balance is None for step in steps) and mode == "running":
        steps_with = [step for step in steps if step.balance is not None]
        if not steps_with:
            return Proof("not_available", claims.opening, claims.closing)
        # A balance on the last row of a day only: the days chain.
        proof = _daily(steps)
    elif mode == "end_of_day":
        proof = _daily(steps)
    else:
        proof = _running(steps, free=rule.rows.order == "any")
    if proof.verdict != "chained":
        return proof
    return _by_totals(steps, claims, proof)


def _running(steps: Sequence[Step], *, free: bool) -> Proof:
    tried = [(list(steps), None)]
    if free:
        tried.append((list(reversed(steps)), None))
    best: Proof | None = None
    for place, (order, _) in enumerate(tried):
        broken = first_break(order)
        if broken is None:
            return _chained(order, newest_first=bool(place) if free else None)
        mended = _within_days(order)
        if mended is not None:
            return _chained(mended, newest_first=bool(place) if free else None)
        best = best or _broken(order, broken)
    assert best is not None  # the loop ran at least once
    return best


def first_break(steps: Sequence[Step]) -> int | None:
    """The place of the first row whose balance is not the balance before it plus its amount."""
    for place in range(1, len(steps)):
        before, here = steps[place - 1].balance, steps[place].balance
        if before is None or here is None or before + steps[place].amount != here:
            return place
    return None


def _chained(order: Sequence[Step], *, newest_first: bool | None) -> Proof:
    first, last = order[0], order[-1]
    opening = None if first.balance is None else first.balance - first.amount
    return Proof("chained", opening, last.balance, None, newest_first)


def _broken(order: Sequence[Step], place: int) -> Proof:
    before, here = order[place - 1], order[place]
    opening = None if order[0].balance is None else order[0].balance - order[0].amount
    if before.balance is None or here.balance is None:
        reason = f"line {here.line_no} carries no balance"
    else:
        expected = before.balance + here.amount
        reason = (
            f"balances break at line {here.line_no}: {before.balance:f} and {here.amount:f} make "
            f"{expected:f}, the file says {here.balance:f}; rows of {here.balance - expected:f} are "
            "missing or changed"
        )
    return Proof("broken", opening, order[-1].balance, reason)


def _within_days(steps: Sequence[Step]) -> list[Step] | None:
    """The rows with each day put into the order that its balances chain in; None where no order does."""
    ordered: list[Step] = []
    for _, group in groupby(steps, key=lambda step: step.date):
        day = list(group)
        chain = [*ordered[-1:], *day]
        if first_break(chain) is not None:
            found = _day_order(ordered[-1] if ordered else None, day)
            if found is None:
                return None
            day = found
        ordered.extend(day)
    return ordered


def _day_order(before: Step | None, day: list[Step]) -> list[Step] | None:
    backwards = day[::-1]
    if first_break([*([before] if before else []), *backwards]) is None:
        return backwards
    if len(day) > _MOST_SAME_DAY:
        return _linked(before, day)
    for order in permutations(day):
        if first_break([*([before] if before else []), *order]) is None:
            return list(order)
    return None


def _linked(before: Step | None, day: list[Step]) -> list[Step] | None:
    # More rows than orders can be tried: follow the balances from the one before, each row used once.
    if before is None:
        return None
    waiting = list(day)
    order: list[Step] = []
    balance = before.balance
    while waiting:
        fits = [
            s
            for s in waiting
            if s.balance is not None and balance is not None and balance + s.amount == s.balance
        ]
        if len({(s.amount, s.balance) for s in fits}) != 1:
            return None
        order.append(fits[0])
        waiting.remove(fits[0])
        balance = fits[0].balance
    return order


def _daily(steps: Sequence[Step]) -> Proof:
    """Days chain: the stated balance of a day plus the amounts until the next stated one give that one."""
    opening: Decimal | None = None
    known: Decimal | None = None
    sums = Decimal(0)
    for _, group in groupby(steps, key=lambda step: step.date):
        day = list(group)
        sums += sum((step.amount for step in day), Decimal(0))
        said = {step.balance for step in day if step.balance is not None}
        if not said:
            continue
        closing = said.pop() if len(said) == 1 else _last_said(day)
        if known is None:
            opening = closing - sums
        elif known + sums != closing:
            gap = closing - known - sums
            return Proof(
                "broken",
                opening,
                closing,
                f"balances break on {day[-1].date} (line {day[-1].line_no}): {known:f} and {sums:f} make "
                f"{known + sums:f}, the file says {closing:f}; rows of {gap:f} are missing or changed",
            )
        known, sums = closing, Decimal(0)
    return Proof("chained" if known is not None else "not_available", opening, known)


def _last_said(day: Sequence[Step]) -> Decimal:
    return next(step.balance for step in reversed(day) if step.balance is not None)


def _by_totals(steps: Sequence[Step], claims: Stated, proof: Proof) -> Proof:
    ins = sum((step.amount for step in steps if step.amount > 0), Decimal(0))
    outs = sum((step.amount for step in steps if step.amount < 0), Decimal(0))
    return by_totals(ins, outs, len(steps), claims, proof)


def by_totals(ins: Decimal, outs: Decimal, rows: int, claims: Stated, proof: Proof) -> Proof:
    """Hold sums and count of the posted rows against what the file states about itself.

    `proof` is what the chain of balances gave; money out is negative.
    """
    total = ins + outs
    opening = claims.opening if claims.opening is not None else proof.opening
    closing = claims.closing if claims.closing is not None else proof.closing
    faults: list[str] = []
    _compare(faults, "opening balance", claims.opening, proof.opening)
    _compare(faults, "closing balance", claims.closing, proof.closing)
    if opening is not None and closing is not None and opening + total != closing:
        faults.append(
            f"opening {opening:f} and rows of {total:f} make {opening + total:f}, the closing is "
            f"{closing:f}: rows of {closing - opening - total:f} are missing"
        )
    _compare(faults, "credits", _absolute(claims.credits), _absolute(ins))
    _compare(faults, "debits", _absolute(claims.debits), _absolute(outs))
    if claims.rows is not None and claims.rows != rows:
        faults.append(f"the file states {claims.rows} rows and holds {rows}")
    if faults:
        return Proof("broken", opening, closing, "; ".join(faults), proof.newest_first)
    both = claims.opening is not None and claims.closing is not None
    sums = claims.credits is not None and claims.debits is not None
    edge = proof.verdict == "chained" and (claims.opening is not None or claims.closing is not None)
    verdict: Verdict = "proven" if both or sums or edge else proof.verdict
    return Proof(verdict, opening, closing, None, proof.newest_first)


def _compare(faults: list[str], what: str, said: Decimal | None, found: Decimal | None) -> None:
    if said is not None and found is not None and said != found:
        faults.append(f"the file states {what} {said:f}, its rows give {found:f}")


def _absolute(value: Decimal | None) -> Decimal | None:
    return None if value is None else abs(value)
