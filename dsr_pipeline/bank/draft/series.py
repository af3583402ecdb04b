"""The ways in which the chosen columns could be read as movements, each as one series of figures.

Lives here: making the candidates, with every sign convention and every way of writing that the cells allow.
Which of them the file proves is `bank.draft.sign_inference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsr_pipeline.bank.draft.amount_basis import Basis, Figures, numeric
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.flags import FlagColumn
from dsr_pipeline.bank.rules import NumberStyle

Amounts = tuple[Decimal | None, ...]
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Series:
    """One reading. `meaning`: signed, negate, absolute, as_written, turned (debit and credit swapped), flag,
    flag_turned. `fee_sign` is -1 where a fee is taken off, 1 where it is added as written, 0 without."""

    meaning: str
    values: Amounts
    style: NumberStyle
    column: KnownColumn | None = None
    debit: KnownColumn | None = None
    credit: KnownColumn | None = None
    debit_style: NumberStyle | None = None
    credit_style: NumberStyle | None = None
    flag: FlagColumn | None = None
    fee: KnownColumn | None = None
    fee_style: NumberStyle | None = None
    fee_sign: int = 0


def all_series(basis: Basis, columns: Sequence[KnownColumn]) -> list[Series]:
    """Every reading of the basis, without fees first."""
    plain = list(_plain(basis))
    fees = [
        Figures.of(column) for column in numeric(columns, "fee") if column not in (basis.debit, basis.credit)
    ]
    if basis.column is not None and basis.column.role == "net":
        fees = []  # what is left after the fee
    charged = [fee for fee in fees if any(value for _, values in fee.options for value in values)]
    with_fees = [made for series in plain for fee in charged for made in _with_fee(series, fee)]
    return plain + with_fees


def _plain(basis: Basis) -> Iterator[Series]:
    if basis.kind == "debit_credit":
        yield from _pair(basis)
    elif basis.kind == "by_currency":
        yield from _by_currency(basis)
    else:
        for column in [basis.column, *basis.rivals]:
            if column is not None:
                yield from _single(column, basis.flag)


def _single(column: KnownColumn, flag: FlagColumn | None) -> Iterator[Series]:
    for style, values in Figures.of(column).options:
        signed = tuple(values)
        turned = tuple(map(_negated, values))
        yield Series("signed", signed, style, column)
        yield Series("negate", turned, style, column)
        if flag is not None:
            directed = tuple(
                None if value is None else value * flag.direction(place) for place, value in enumerate(values)
            )
            yield Series("flag", directed, style, column, flag=flag)
            yield Series("flag_turned", tuple(map(_negated, directed)), style, column, flag=flag)


def _pair(basis: Basis) -> Iterator[Series]:
    assert basis.debit is not None
    assert basis.credit is not None
    debits, credits = Figures.of(basis.debit).options, Figures.of(basis.credit).options
    # An empty column reads the same in every style; it takes the other one's.
    empty_debit = (
        [(style, [None] * len(basis.debit.column.cells)) for style, _ in credits] if not debits else []
    )
    empty_credit = (
        [(style, [None] * len(basis.credit.column.cells)) for style, _ in debits] if not credits else []
    )
    for debit_style, outs in debits or empty_debit:
        for credit_style, ins in credits or empty_credit:
            absolute = tuple(_directed(out, into) for out, into in zip(outs, ins, strict=True))
            written = tuple(_as_written(out, into) for out, into in zip(outs, ins, strict=True))
            swapped = tuple(map(_negated, absolute))
            for meaning, values in (("absolute", absolute), ("as_written", written), ("turned", swapped)):
                yield Series(
                    meaning,
                    values,
                    debit_style,
                    debit=basis.debit if meaning != "turned" else basis.credit,
                    credit=basis.credit if meaning != "turned" else basis.debit,
                    debit_style=debit_style if meaning != "turned" else credit_style,
                    credit_style=credit_style if meaning != "turned" else debit_style,
                )


def _by_currency(basis: Basis) -> Iterator[Series]:
    columns = list(basis.by_currency.values())
    figures = [Figures.of(column).options for column in columns]
    filled = [options for options in figures if options]
    if len(filled) == 0 or any(len(options) != 1 for options in filled):
        return
    rows = zip(*(options[0][1] for options in filled), strict=True)
    values = tuple(next((value for value in row if value is not None), None) for row in rows)
    style = filled[0][0][0]
    yield Series("signed", values, style)
    yield Series("negate", tuple(map(_negated, values)), style)


def _with_fee(series: Series, fee: Figures) -> Iterator[Series]:
    for style, fees in fee.options:
        for sign in (-1, 1):
            values = tuple(
                None if value is None else value + sign * (cost or _ZERO)
                for value, cost in zip(series.values, fees, strict=True)
            )
            yield Series(
                series.meaning,
                values,
                series.style,
                series.column,
                series.debit,
                series.credit,
                series.debit_style,
                series.credit_style,
                series.flag,
                fee.column,
                style,
                sign,
            )


def _negated(value: Decimal | None) -> Decimal | None:
    return -value if value else value


def _directed(out: Decimal | None, into: Decimal | None) -> Decimal | None:
    if out:
        return None if into else -abs(out)
    return abs(into) if into is not None else out


def _as_written(out: Decimal | None, into: Decimal | None) -> Decimal | None:
    if out and into:
        return None
    return None if out is None and into is None else (into or _ZERO) - (out or _ZERO)
