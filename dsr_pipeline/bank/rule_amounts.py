"""The part of a bank rule that says how amounts are written and what they mean.

Lives here: number styles, the four modes, fees. Reading them is `bank.numbers` and `bank.amounts`.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from dsr_pipeline.bank.rule_values import CurrencyCode, Ref, Strict

NumberStyleName = Literal["minus", "parentheses", "trailing_minus", "plus"]


class NumberStyle(Strict):
    """How a number is written; anything left over after `strip` makes the row a quarantined one."""

    decimal: Literal[".", ","]
    thousands: Literal[",", ".", "'", " "] | None = None
    strip: list[str] = Field(default=[])
    styles: list[NumberStyleName] = Field(default=["minus"])

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError(f"'{self.decimal}' cannot be both the decimal and the thousands mark")
        return self


class Flag(Strict):
    """Unsigned amounts with a word that tells the direction; an unknown word is quarantined."""

    column: Ref
    out: list[str] = Field(min_length=1)
    into: list[str] = Field(min_length=1, alias="in")

    @model_validator(mode="after")
    def _words_differ(self) -> Self:
        if both := set(self.out) & set(self.into):
            raise ValueError(f"the words {sorted(both)} stand for both directions")
        return self


class Fee(Strict):
    """A fee beside the amount: subtracted from it, or added as written."""

    column: Ref
    subtract: bool = True


class Amount(NumberStyle):
    """The amount, in the account holder's view: money out is negative.

    `signed` as written · `negate` the opposite sign, for every row · `debit_credit` two columns ·
    `flag` unsigned with a word. There is no conditional flip: it would turn refunds into spending.
    """

    mode: Literal["signed", "negate", "debit_credit", "flag"]
    column: Ref | None = None
    by_currency: dict[CurrencyCode, Ref] = Field(default={})
    debit: Ref | None = None
    credit: Ref | None = None
    sign: Literal["absolute", "as_written"] = "absolute"
    flag: Flag | None = None
    fee: Fee | None = None
    overrides: dict[Literal["balance", "fee", "debit", "credit"], NumberStyle] = Field(default={})

    @model_validator(mode="after")
    def _has_what_its_mode_needs(self) -> Self:
        if self.mode == "debit_credit":
            if self.debit is None or self.credit is None:
                raise ValueError("mode debit_credit needs both 'debit' and 'credit'")
            if self.debit == self.credit:
                raise ValueError("'debit' and 'credit' name the same column")
            if self.column is not None or self.flag is not None or self.by_currency:
                raise ValueError("mode debit_credit takes no 'column', 'flag' or 'by_currency'")
            return self
        if self.debit is not None or self.credit is not None:
            raise ValueError(f"'debit' and 'credit' belong to mode debit_credit, not to {self.mode}")
        if (self.column is None) == (not self.by_currency):
            raise ValueError(f"mode {self.mode} needs either 'column' or 'by_currency'")
        if (self.mode == "flag") != (self.flag is not None):
            raise ValueError("'flag' (column, out, in) goes with mode flag, and only with it")
        return self

    def style(self, part: Literal["amount", "balance", "fee", "debit", "credit"]) -> NumberStyle:
        """The way the numbers of one part are written."""
        return self if part == "amount" else self.overrides.get(part, self)
