"""What the draft says about amounts: the block `amount`, the balance column and what verifies it.

Lives here: the result of `bank.draft.sign_inference`, plain data that the writer prints.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from dsr_pipeline.bank.draft.balance_chain import Chain
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.flags import FlagColumn
from dsr_pipeline.bank.draft.statements import Statement
from dsr_pipeline.bank.rules import NumberStyle

Mode = Literal["signed", "negate", "debit_credit", "flag"]
Part = Literal["balance", "fee", "debit", "credit"]


@dataclass(slots=True)
class AmountPlan:
    """The reading of amounts that is told, or the likeliest one; `values` are in the holder's view."""

    mode: Mode
    values: list[Decimal | None]
    style: NumberStyle
    column: KnownColumn | None = None
    debit: KnownColumn | None = None
    credit: KnownColumn | None = None
    sign: Literal["absolute", "as_written"] = "absolute"
    flag: FlagColumn | None = None
    fee: KnownColumn | None = None
    fee_subtract: bool = True
    by_currency: dict[str, KnownColumn] = field(default_factory=dict[str, KnownColumn])
    overrides: dict[Part, NumberStyle] = field(default_factory=dict[Part, NumberStyle])
    evidence: dict[str, str] = field(default_factory=dict[str, str])
    # --- the balance
    balance: KnownColumn | None = None
    balance_style: NumberStyle | None = None
    verify: Literal["running", "end_of_day", "opening_closing", "none"] = "none"
    chain: Chain | None = None
    grouping: str = ""
    opening: Statement | None = None
    closing: Statement | None = None

    @property
    def columns(self) -> list[KnownColumn]:
        """Every column that the plan reads."""
        flag = [self.flag.column] if self.flag and self.mode == "flag" else []
        single = [
            column for column in (self.column, self.debit, self.credit, self.fee, self.balance) if column
        ]
        return [*single, *self.by_currency.values(), *flag]
