"""Movements that prove less than the usual ones: few days, long files, days in disorder."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from dsr_pipeline_tests.bank.draft.exports import (
    D,
    Move,
    moves,
)

EUR = {"columns.currency": {"const": "EUR"}}
HEAD = "Date,Description,Amount (EUR),Balance"
HEAD_PLAIN = "Date,Description,Amount (EUR)"


def january(*, later: bool = False) -> list[Move]:
    """Movements from the 2nd to the 11th of January: day and month can be exchanged."""
    made = moves()
    return [
        replace(t, d=date(2026, 1, 2 + t.i), p=date(2026, 1, 2 + t.i + (1 if later and t.i < 9 else 0)))
        for t in made
    ]


def long_file(count: int) -> list[Move]:
    """A longer file, unlike days, several months."""
    base = moves()
    balance = D("2500.00")
    out = []
    for i in range(count):
        like = base[i % len(base)]
        amount = like.a + D(i) / 100 * (1 if like.a > 0 else -1)
        balance += amount
        day = date(2026, 1, 3) + timedelta(days=2 * i)
        out.append(replace(like, i=i, d=day, p=day + timedelta(days=1), a=amount, b=balance))
    return out


def disordered() -> list[Move]:
    """Four days of five movements each, the movements of a day not in the order of their balances."""
    base = long_file(20)
    base = rebalanced([replace(t, d=date(2026, 1, 5 + t.i // 5 * 7)) for t in base], D("1000.00"))
    out = []
    for start in range(0, 20, 5):
        day = base[start : start + 5]
        out += [day[2], day[0], day[4], day[1], day[3]]
    return out


def rebalanced(made: list[Move], opening: Decimal) -> list[Move]:
    balance = opening
    out = []
    for t in made:
        balance += t.a
        out.append(replace(t, b=balance))
    return out


def small_thousands() -> list[Move]:
    """Whole thousands with one group only: 14.000 may be fourteen."""
    return [replace(t, a=D(1000 * (t.i + 2)) * (1 if t.a > 0 else -1)) for t in moves()]
