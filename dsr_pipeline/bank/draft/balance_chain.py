"""The running balance as a proof: does each balance equal the one before it plus the amount of its row?

Lives here: testing one series of amounts against one series of balances, in either order of the file, per
account, with balances in every row, only on the last row of a day, or disordered within a day. Which
amounts are tried is `bank.draft.sign_inference`. Exact decimals; nothing is rounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Order = Literal["newest_first", "oldest_first"]
LEAST_LINKS = 3  # fewer links can hold by chance, and say little about what the balance is
_NEARLY = Decimal("0.9")  # a file with a row missing still proves its sign by all its other links
_NEARLY_LINKS = 10


@dataclass(frozen=True, slots=True)
class Movement:
    """One row as the chain sees it; `group` keeps accounts (and wallets of one file) apart."""

    day: date | None
    amount: Decimal | None  # None: the row states a balance and moves nothing
    balance: Decimal | None
    group: str


@dataclass(frozen=True, slots=True)
class Chain:
    """How well amounts and balances chain in one order: `good` of `links`.

    `by_day`: only whole days chain, because rows of a day stand in another order, or carry the day's balance.
    """

    order: Order
    links: int
    good: int
    by_day: bool = False
    daily_balance: bool = False  # the balance of a row is that of its day's end

    @property
    def whole(self) -> bool:
        """Every link holds, and there are enough of them to be a proof."""
        return self.links >= LEAST_LINKS and self.good == self.links

    @property
    def holds(self) -> bool:
        """The chain proves its sign: whole, or broken in a few places of a long file."""
        return self.whole or (self.links >= _NEARLY_LINKS and self.good >= _NEARLY * self.links)


def test_chain(movements: Sequence[Movement], order: Order) -> Chain:
    """Count the links that hold when the file is read in this order."""
    rows = list(reversed(movements)) if order == "newest_first" else list(movements)
    links = good = 0
    for group in _groups(rows):
        last: Decimal | None = None
        moved = Decimal(0)
        for row in group:
            if row.amount is not None:
                moved += row.amount
            if row.balance is None:
                continue
            if last is not None:
                links += 1
                good += last + moved == row.balance
            last, moved = row.balance, Decimal(0)
    strict = Chain(order, links, good)
    if strict.whole or not links:
        return strict
    return _by_day(rows, order) or _day_ends(rows, order) or strict


def test_orders(movements: Sequence[Movement], orders: Sequence[Order]) -> Chain | None:
    """The best of the orders; None where no two rows have balances to link."""
    chains = [chain for order in orders if (chain := test_chain(movements, order)).links]
    return max(chains, key=lambda chain: (chain.whole, chain.good, -chain.by_day), default=None)


def _groups(rows: Sequence[Movement]) -> list[list[Movement]]:
    found: dict[str, list[Movement]] = {}
    for row in rows:
        found.setdefault(row.group, []).append(row)
    return list(found.values())


def _by_day(rows: Sequence[Movement], order: Order) -> Chain | None:
    """Rows of one day in any order: what goes in and out of a day must chain, and the days among themselves.

    Within a day each row leads from balance − amount to balance. Taken together, all but the first "from" and
    the last "to" cancel out, whatever the order of the rows.
    """
    links = 0
    for group in _groups(rows):
        if any(row.balance is None or row.amount is None or row.day is None for row in group):
            return None
        days = [row.day for row in group if row.day is not None]
        if days != sorted(days):
            return None
        last: Decimal | None = None
        for day in dict.fromkeys(days):
            ends = _ends([row for row in group if row.day == day], last)
            if ends is None:
                return None
            links += sum(row.day == day for row in group) - (last is None)
            last = ends
    chain = Chain(order, links, links, by_day=True)
    return chain if chain.whole else None


def _day_ends(rows: Sequence[Movement], order: Order) -> Chain | None:
    """Every row of a day carries the balance after the day: keep it on the last row, and chain the days."""
    kept: list[Movement] = []
    for group in _groups(rows):
        for row, after in zip(group, [*group[1:], None], strict=True):
            repeated = after is not None and after.day == row.day and row.day is not None
            if repeated and after is not None and after.balance != row.balance:
                return None
            kept.append(Movement(row.day, row.amount, None if repeated else row.balance, row.group))
    if sum(row.balance is not None for row in kept) == sum(row.balance is not None for row in rows):
        return None
    again = test_chain(kept if order == "oldest_first" else kept[::-1], order)
    return Chain(order, again.links, again.good, True, True) if again.whole else None


def _ends(rows: Sequence[Movement], opening: Decimal | None) -> Decimal | None:
    """The balance after a day, or None where its rows do not chain (with the balance before it)."""
    into = Counter(
        row.balance - row.amount for row in rows if row.balance is not None and row.amount is not None
    )
    out = Counter(row.balance for row in rows if row.balance is not None)
    starts, ends = list((into - out).elements()), list((out - into).elements())
    if not starts and not ends:
        return opening if opening is None or opening in out else None
    if len(starts) != 1 or len(ends) != 1 or (opening is not None and opening != starts[0]):
        return None
    return ends[0]
