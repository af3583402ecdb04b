"""The balance proof: what the balances of an export prove about its completeness.

`proven` every row chains and the stated opening, closing or totals agree · `chained` every row chains ·
`broken` a figure is missing, with the place and the gap · `not_available` the export states no balance.
Exact decimals throughout. Called for every file after parsing; rows come oldest first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from dsr_pipeline.bank.numbers import NumberParser

if TYPE_CHECKING:
    from dsr_pipeline.bank.rules import BankRule, StatedBalance

Verdict = Literal["proven", "chained", "broken", "not_available"]

_MOST_OPENINGS = 50  # places where a first day that is a circle of balances is tried to begin


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
    line: int | None = None  # the first row that does not chain
    gap: Decimal | None = None  # what is missing before it: the balance it carries less the one expected


@dataclass(frozen=True, slots=True)
class Stated:
    """What the file says about its own balances and totals."""

    opening: Decimal | None = None
    closing: Decimal | None = None
    credits: Decimal | None = None
    debits: Decimal | None = None
    rows: int | None = None
    missing: tuple[str, ...] = ()  # what the rule looks for and the file does not state


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
    both = f"{preamble}\n{footer}"
    count = re.search(totals.rows, both, re.MULTILINE) if totals and totals.rows else None
    opening, closing = figure(verify.opening), figure(verify.closing)
    ins = _captured(totals.credits, both, amounts) if totals else None
    outs = _captured(totals.debits, both, amounts) if totals else None
    rows = int(count.group(1)) if count and count.group(1).isdecimal() else None
    wanted = {
        "opening": (verify.opening, opening),
        "closing": (verify.closing, closing),
        "totals.credits": (totals.credits if totals else None, ins),
        "totals.debits": (totals.debits if totals else None, outs),
        "totals.rows": (totals.rows if totals else None, rows),
    }
    missing = tuple(name for name, (place, found) in wanted.items() if place is not None and found is None)
    return Stated(opening, closing, ins, outs, rows, missing)


def _captured(pattern: str | None, text: str, parser: NumberParser) -> Decimal | None:
    found = re.search(pattern, text, re.MULTILINE) if pattern else None
    return parser.parse(found.group(1)) if found else None


def verify(rule: BankRule, steps: Sequence[Step], claims: Stated) -> Proof:
    """Prove what can be proved. `steps` are the posted rows of one account, oldest first."""
    mode = rule.verify.balance
    silent = all(step.balance is None for step in steps)
    if silent or mode in ("none", "opening_closing"):
        return _by_totals(steps, claims, Proof("not_available", claims.opening, claims.closing))
    if mode == "end_of_day" or any(step.balance is None for step in steps):
        # A balance on the last row of a day only: the days chain.
        proof = _daily(steps)
    else:
        proof = _running(steps, free=rule.rows.order == "any")
    if proof.verdict != "chained":
        return proof
    return _by_totals(steps, claims, proof)


def _running(steps: Sequence[Step], *, free: bool) -> Proof:
    ways = [list(steps), list(reversed(steps))] if free else [list(steps)]
    for place, order in enumerate(ways):
        if first_break(order) is None:
            return _chained(order, newest_first=bool(place) if free else None)
    for place, order in enumerate(ways):
        if (mended := _within_days(order)) is not None:
            return _chained(mended, newest_first=bool(place) if free else None)
    # Told in the direction in which less is broken.
    order = min(ways, key=_count_breaks)
    broken = first_break(order)
    assert broken is not None  # else the order would have been returned above
    return _broken(order, broken)


def _count_breaks(steps: Sequence[Step]) -> int:
    return sum(first_break(steps[place - 1 : place + 1]) is not None for place in range(1, len(steps)))


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
    closing = order[-1].balance
    if before.balance is None or here.balance is None:
        return Proof(
            "broken", opening, closing, f"line {here.line_no} carries no balance", None, here.line_no
        )
    expected = before.balance + here.amount
    gap = here.balance - expected
    reason = (
        f"balances break at line {here.line_no}: {before.balance:f} and {here.amount:f} make {expected:f}, "
        f"the file says {here.balance:f}; rows of {gap:f} are missing or changed"
    )
    return Proof("broken", opening, closing, reason, None, here.line_no, gap)


def _within_days(steps: Sequence[Step]) -> list[Step] | None:
    """The rows with each day put into the order that its balances chain in; None where no order does.

    Banks print the rows of one day in any order. Each row leads from one balance to the next, so an order
    that chains is a trail that uses every row of the day once; where it begins settles where it ends.
    """
    days = [list(group) for _, group in groupby(steps, key=lambda step: step.date)]
    for start in _openings(days[0]):
        ordered: list[Step] = []
        level: Decimal | None = start
        for day in days:
            trail = _trail(level, day) if level is not None else None
            if trail is None:
                break
            ordered.extend(trail)
            level = trail[-1].balance
        else:
            return ordered
    return None


def _openings(day: Sequence[Step]) -> list[Decimal]:
    """The balances that a day can begin with.

    A trail begins where one row more leads away than arrives; where every balance is left as often as it is
    reached, the day is a circle and may begin anywhere in it, most likely at its first or its last row.
    """
    befores = [step.balance - step.amount for step in (day[0], day[-1], *day) if step.balance is not None]
    surplus = Counter(befores[2:])
    surplus.subtract(step.balance for step in day if step.balance is not None)
    if ends := [level for level, count in surplus.items() if count > 0]:
        return ends if len(ends) == 1 else []
    return list(dict.fromkeys(befores))[:_MOST_OPENINGS]


def _trail(start: Decimal, day: Sequence[Step]) -> list[Step] | None:
    """An order of the day's rows in which every balance follows from the one before (Hierholzer's way)."""
    if all(step.balance is not None for step in day):
        if _follows(start, day):
            return list(day)
        if _follows(start, backwards := day[::-1]):
            return list(backwards)
    onward: defaultdict[Decimal, list[Step]] = defaultdict(list)
    for step in reversed(day):  # popped from the end, so that rows keep the order of the file where they can
        if step.balance is None:
            return None
        onward[step.balance - step.amount].append(step)
    found: list[Step] = []
    open_ends: list[tuple[Decimal, Step | None]] = [(start, None)]
    while open_ends:
        level, step = open_ends[-1]
        if waiting := onward.get(level):
            following = waiting.pop()
            assert following.balance is not None
            open_ends.append((following.balance, following))
        else:
            open_ends.pop()
            if step is not None:
                found.append(step)
    found.reverse()
    return found if len(found) == len(day) and _follows(start, found) else None


def _follows(start: Decimal, steps: Sequence[Step]) -> bool:
    level = start
    for step in steps:
        if step.balance is None or level + step.amount != step.balance:
            return False
        level = step.balance
    return True


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
            line = max(step.line_no for step in day if step.balance is not None)
            reason = (
                f"balances break on {day[-1].date} (line {line}): {known:f} and {sums:f} make "
                f"{known + sums:f}, the file says {closing:f}; rows of {gap:f} are missing or changed"
            )
            return Proof("broken", opening, closing, reason, None, line, gap)
        known, sums = closing, Decimal(0)
    # Rows after the last stated balance count towards what the account holds after them.
    return Proof("chained", opening, known + sums) if known is not None else Proof("not_available")


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
        missing = None if opening is None or closing is None else closing - opening - total
        return Proof("broken", opening, closing, "; ".join(faults), proof.newest_first, gap=missing)
    both = claims.opening is not None and claims.closing is not None
    sums = claims.credits is not None and claims.debits is not None
    edge = proof.verdict == "chained" and (claims.opening is not None or claims.closing is not None)
    verdict: Verdict = "proven" if both or sums or edge else proof.verdict
    silent = f"the file does not state {', '.join(claims.missing)}" if claims.missing else None
    return Proof(verdict, opening, closing, silent, proof.newest_first)


def _compare(faults: list[str], what: str, said: Decimal | None, found: Decimal | None) -> None:
    if said is not None and found is not None and said != found:
        faults.append(f"the file states {what} {said:f}, its rows give {found:f}")


def _absolute(value: Decimal | None) -> Decimal | None:
    return None if value is None else abs(value)
