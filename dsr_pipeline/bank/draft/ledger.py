"""The rows of a sheet as the inference of amounts sees them: day, state, group, text, and the balance test.

Lives here: one place that knows which rows count for a chain and in which orders it may be read. Built by
`bank.draft.drafting`; used by `bank.draft.sign_inference` and `bank.draft.balance_column`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dsr_pipeline.bank.draft.balance_chain import Chain, Movement, Order, test_orders
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.date_proofs import direction
from dsr_pipeline.bank.draft.model import Sheet
from dsr_pipeline.bank.draft.row_states import RowStates

Values = Sequence[Decimal | None]


@dataclass(frozen=True)
class Ledger:
    """Everything about the rows but their amounts; all sequences are in row order of the sheet."""

    sheet: Sheet
    columns: tuple[KnownColumn, ...]
    states: RowStates
    days: tuple[date | None, ...]
    texts: tuple[str, ...]  # the words of each row
    about: str  # file name, preamble, footer, header
    groupings: tuple[tuple[str, tuple[str, ...]], ...]  # name of the grouping, group of each row

    @property
    def booked(self) -> list[int]:
        """The places of the booked rows."""
        return self.states.places("posted")

    @property
    def file_order(self) -> str:
        """newest_first, oldest_first, same or mixed, by the dates of the booked rows."""
        return direction([self.days[place] for place in self.booked])

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders in which the dates allow the file to be read."""
        order = self.file_order
        if order == "newest_first":
            return ("newest_first",)
        return ("oldest_first",) if order == "oldest_first" else ("newest_first", "oldest_first")

    def chain(self, amounts: Values, balances: Values, orders: Sequence[Order] | None = None) -> Chain | None:
        """The best chain of amounts and balances over the booked rows, whatever keeps the accounts apart."""
        found = self.chain_in(amounts, balances, orders or self.orders)
        return found[0] if found else None

    def chain_in(
        self, amounts: Values, balances: Values, orders: Sequence[Order]
    ) -> tuple[Chain, str] | None:
        """The best chain with the name of the grouping under which it is found."""
        best: tuple[Chain, str] | None = None
        for name, groups in self.groupings:
            movements = [
                Movement(
                    self.days[place],
                    None if self.states.states[place] == "balance" else amounts[place],
                    balances[place],
                    groups[place],
                )
                for place in self.states.places("posted", "balance")
            ]
            chain = test_orders(movements, orders)
            if chain is None:
                continue
            if chain.whole:
                return chain, name
            if best is None or chain.good > best[0].good:
                best = (chain, name)
        return best

    def words_of_booked(self) -> list[str]:
        """The texts of the booked rows."""
        return [self.texts[place] for place in self.booked]
