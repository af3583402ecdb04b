"""Which columns hold the movement: one column of amounts, two of debit and credit, or amounts with a flag.

Lives here: choosing columns by their names, and by their figures where names do not tell. Direction and sign
are `bank.draft.sign_inference`; a choice that neither names nor figures prove is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

from dsr_pipeline.bank.draft.column_kinds import KnownColumn, with_role
from dsr_pipeline.bank.draft.flags import FlagColumn, find_flag
from dsr_pipeline.bank.draft.model import Questions
from dsr_pipeline.bank.draft.number_inference import Written, values_of, written
from dsr_pipeline.bank.draft.shapes import figure
from dsr_pipeline.bank.draft.vocabulary import currency_in_name
from dsr_pipeline.bank.rules import NumberStyle

BasisKind = Literal["single", "debit_credit", "flag", "by_currency"]


@dataclass(frozen=True)
class Figures:
    """A column of figures with every way in which it can be read."""

    column: KnownColumn
    written: Written

    @staticmethod
    def of(column: KnownColumn) -> Figures:
        """The figures of a column; lines that are no rows (yet) may show marks that no row shows."""
        cells, odd = column.column.cells, column.column.odd
        together = written([*cells, *odd])
        return Figures(column, together if together.styles else written(cells))

    @cached_property
    def options(self) -> list[tuple[NumberStyle, list[Decimal | None]]]:
        """The ways of reading, each with the values of all rows."""
        return [(style, values_of(style, self.column.column.cells)) for style in self.written.styles]

    @property
    def money_like(self) -> bool:
        """Whether the cells look like amounts: with decimals, signs, currency or groups of thousands."""
        for cell in self.column.column.filled:
            found = figure(cell)
            if found is not None and (
                found.tokens
                or found.minus
                or found.plus
                or found.parentheses
                or found.trailing_minus
                or not found.number.isdigit()
            ):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Basis:
    """The columns of the movement and why these."""

    kind: BasisKind
    evidence: str
    column: KnownColumn | None = None
    debit: KnownColumn | None = None
    credit: KnownColumn | None = None
    named: bool = True  # whether names tell debit from credit
    flag: FlagColumn | None = None
    by_currency: dict[str, KnownColumn] = field(default_factory=dict[str, KnownColumn])
    rivals: tuple[KnownColumn, ...] = ()  # other columns that may be the amount just as well


def numeric(columns: Sequence[KnownColumn], *roles: str | None) -> list[KnownColumn]:
    """Columns of figures with one of these roles."""
    return [column for column in columns if column.kind == "number" and column.role in roles]


def find_basis(columns: Sequence[KnownColumn], questions: Questions) -> Basis | None:
    """Choose the columns of the movement; None where the file has no column that could be it."""
    if (pair := _named_pair(columns, questions)) is not None:
        return pair
    if (several := _by_currency(columns)) is not None:
        return several
    amounts = numeric(columns, "amount")
    nets = numeric(columns, "net")
    if nets and not amounts:
        amounts = nets
    if not amounts:
        amounts = numeric(columns, "gross")
    if not amounts:
        return _unnamed(columns, questions)
    chosen = amounts[0]
    others = [*amounts[1:], *(nets if chosen not in nets else ()), *numeric(columns, "amount_maybe")]
    rivals = tuple(other for other in others if not _same_values(chosen, other))
    flag = find_flag(columns)
    named = f"the name {chosen.label} says amount"
    return Basis("flag" if flag else "single", named, chosen, flag=flag, rivals=rivals)


def _named_pair(columns: Sequence[KnownColumn], questions: Questions) -> Basis | None:
    usable = [column for column in columns if column.kind in ("number", "empty")]
    debits, credits = with_role(tuple(usable), "debit"), with_role(tuple(usable), "credit")
    if not debits or not credits or not any(column.kind == "number" for column in (*debits, *credits)):
        return None
    if len(debits) > 1 or len(credits) > 1:
        filled_debits = [column for column in debits if column.kind == "number"] or debits
        filled_credits = [column for column in credits if column.kind == "number"] or credits
        if len(filled_debits) > 1 or len(filled_credits) > 1:
            questions.ask(
                "amount.debit",
                "Which two columns hold money out and money in?",
                [column.label for column in (*debits, *credits)],
                "more than one column is named like a debit or a credit",
            )
        debits, credits = filled_debits, filled_credits
    debit, credit = debits[0], credits[0]
    return Basis(
        "debit_credit",
        f"the names {debit.label} and {credit.label} say money out and money in",
        debit=debit,
        credit=credit,
    )


def _by_currency(columns: Sequence[KnownColumn]) -> Basis | None:
    """`CAD$` and `USD$` beside each other: each row fills the column of its currency."""
    found: dict[str, KnownColumn] = {}
    for column in columns:
        if column.kind not in ("number", "empty") or column.role not in ("amount", None):
            continue
        code, _ = currency_in_name(column.column.name)
        if code is not None and code not in found:
            found[code] = column
    if len(found) < 2 or not any(column.kind == "number" for column in found.values()):
        return None
    cells = [column.column.cells for column in found.values()]
    if any(sum(bool(cell) for cell in row) != 1 for row in zip(*cells, strict=True)):
        return None
    names = ", ".join(column.label for column in found.values())
    return Basis("by_currency", f"every row fills exactly one of {names}", by_currency=found)


def _unnamed(columns: Sequence[KnownColumn], questions: Questions) -> Basis | None:
    """No name says amount: one column of figures must be it, two that fill in turns are debit and credit."""
    candidates = [
        column
        for column in columns
        if column.kind == "number"
        and column.role in (None, "amount_other")
        and Figures.of(column).written.styles
    ]
    plain = [column for column in candidates if column.role is None]
    candidates = plain or candidates
    money = [column for column in candidates if Figures.of(column).money_like]
    candidates = money or candidates
    if not candidates:
        return None
    flag = find_flag(columns)
    if len(candidates) == 1:
        why = "it is the only column of figures that look like money"
        return Basis("flag" if flag else "single", why, candidates[0], flag=flag)
    if (pair := _taking_turns(candidates)) is not None:
        first, second = pair
        why = f"{first.label} and {second.label} fill in turns, one in every row"
        rest = tuple(column for column in candidates if column not in pair)
        return Basis("debit_credit", why, debit=first, credit=second, named=False, rivals=rest)
    return Basis(
        "flag" if flag else "single",
        "no name tells which column of figures is the amount",
        candidates[0],
        flag=flag,
        named=False,
        rivals=tuple(candidates[1:]),
    )


def _taking_turns(candidates: Sequence[KnownColumn]) -> tuple[KnownColumn, KnownColumn] | None:
    for place, first in enumerate(candidates):
        for second in candidates[place + 1 :]:
            cells = zip(first.column.cells, second.column.cells, strict=True)
            if all(_moves(one) != _moves(other) for one, other in cells):
                return first, second
    return None


def _moves(cell: str) -> bool:
    return any(digit in "123456789" for digit in cell)


def _same_values(one: KnownColumn, other: KnownColumn) -> bool:
    """Whether two columns hold the same figures in every row, so that it does not matter which is read."""
    first, second = Figures.of(one).options, Figures.of(other).options
    return len(first) == 1 and len(second) == 1 and first[0][1] == second[0][1]
