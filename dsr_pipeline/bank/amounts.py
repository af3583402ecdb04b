"""The amount of a record under its rule: the four modes and the fee, in the account holder's view.

Lives here: what the number cells of a row mean together. How one number is written is `bank.numbers`;
`bank.binding` knows which column is which, and calls this. What does not fit is a `Fault`, no exception.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from dsr_pipeline.bank.numbers import INTEGER_DIGITS, NumberParser

if TYPE_CHECKING:
    from dsr_pipeline.bank.binding import BoundRule


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record cannot be read: reason code, the column and the value in it."""

    reason: str
    column: str | None
    value: str | None


Values = tuple[Decimal | None, Fault | None]
AmountReader = Callable[[list[str]], Values]

_TOO_MUCH = Decimal(10) ** INTEGER_DIGITS  # what decimal(18,4) cannot hold


def amount_reader(bound: BoundRule) -> AmountReader:
    """What reads the amount of a fitted record: the exact value, or the fault."""
    amount = bound.rule.amount
    base = _debit_credit(bound) if amount.mode == "debit_credit" else _one_column(bound)
    if amount.fee is None or not bound.has(amount.fee.column):
        return base
    fee_place = bound.place(amount.fee.column)
    fee_parser = NumberParser.of(amount.style("fee"))
    fee_name = bound.column_name(amount.fee.column)
    subtract = amount.fee.subtract

    def with_fee(fields: list[str]) -> Values:
        value, fault = base(fields)
        text = fields[fee_place]
        if fault is not None or value is None or not text.strip():
            return value, fault
        fee = fee_parser.parse(text)
        if fee is None:
            return None, Fault("bad_amount", fee_name, text)
        total = value - fee if subtract else value + fee
        return (total, None) if abs(total) < _TOO_MUCH else (None, Fault("bad_amount", fee_name, text))

    return with_fee


def _one_column(bound: BoundRule) -> AmountReader:
    amount = bound.rule.amount
    parse = _remembering(NumberParser.of(amount.style("amount")))
    refs = [amount.column] if amount.column is not None else list(amount.by_currency.values())
    places = [bound.place(ref) for ref in refs]
    label = bound.column_name(refs[0])
    negate = amount.mode == "negate"
    flag = amount.flag
    flag_place = bound.place(flag.column) if flag else -1
    flag_name = bound.column_name(flag.column) if flag else ""
    outward: set[str] = {word.strip() for word in flag.out} if flag else set()
    inward: set[str] = {word.strip() for word in flag.into} if flag else set()

    def read(fields: list[str]) -> Values:
        filled = [text for place in places if (text := fields[place]).strip()] if len(places) > 1 else None
        if filled is not None and len(filled) != 1:
            return None, Fault("bad_amount", label, " ".join(filled))
        text = filled[0] if filled else fields[places[0]]
        value = parse(text)
        if value is None:
            return None, Fault("bad_amount", label, text)
        if flag is None:
            return (-value if negate and value else value), None
        if value < 0:
            # A sign beside the word: nobody knows which of them holds.
            return None, Fault("bad_amount", label, text)
        word = fields[flag_place].strip()
        if word in outward:
            return (-value if value else value), None
        return (value, None) if word in inward else (None, Fault("bad_flag", flag_name, word))

    return read


def _debit_credit(bound: BoundRule) -> AmountReader:
    amount = bound.rule.amount
    assert amount.debit is not None  # the model has checked both
    assert amount.credit is not None
    debit_place, credit_place = bound.place(amount.debit), bound.place(amount.credit)
    debit_parse = NumberParser.of(amount.style("debit")).parse
    credit_parse = NumberParser.of(amount.style("credit")).parse
    debit_name, credit_name = bound.column_name(amount.debit), bound.column_name(amount.credit)
    as_written = amount.sign == "as_written"
    zero = Decimal(0)

    def read(fields: list[str]) -> Values:
        debit_text, credit_text = fields[debit_place].strip(), fields[credit_place].strip()
        debit = debit_parse(debit_text) if debit_text else zero
        if debit is None:
            return None, Fault("bad_amount", debit_name, debit_text)
        credit = credit_parse(credit_text) if credit_text else zero
        if credit is None:
            return None, Fault("bad_amount", credit_name, credit_text)
        if debit and credit:
            return None, Fault("both_debit_credit", debit_name, f"{debit_text} | {credit_text}")
        if not debit_text and not credit_text:
            return None, Fault("bad_amount", debit_name, "")
        if as_written:
            return credit - debit, None
        return (-abs(debit) if debit else abs(credit)), None

    return read


@lru_cache(maxsize=64)
def _remembering(parser: NumberParser) -> Callable[[str], Decimal | None]:
    # The probe of matching reads the rows that parsing reads again, and small amounts repeat.
    return lru_cache(maxsize=1 << 14)(parser.parse)
