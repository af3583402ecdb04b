"""Debit and credit columns whose names tell the direction, and what their written signs mean.

Lives here: names against balances, and a minus that belongs to a whole column against one that takes a
movement back. Called by `bank.draft.sign_inference`.
"""

from __future__ import annotations

from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.direction import (
    BalanceProof,
    Direction,
    chain_told,
    differ_by_fee,
    distinct_meanings,
    label_of,
    open_fee,
    open_scale,
)
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.series import Series
from dsr_pipeline.bank.numbers import NumberParser
from dsr_pipeline.bank.rules import NumberStyle


def of_named_pair(candidates: list[Series], proofs: list[BalanceProof], ledger: Ledger) -> Direction:
    """Tell the direction of two named columns; ask where balances or signs contradict the names."""
    plain = {series.meaning: series for series in reversed(candidates) if series.fee is None}
    absolute, written = plain["absolute"], plain["as_written"]
    right = [
        proof
        for proof in proofs
        if proof.series.meaning == "absolute" or _follows_names(proof.series, ledger)
    ]
    if right:
        distinct = distinct_meanings(right, ledger)
        if len(distinct) == 1:
            return Direction(distinct[0].series, chain_told(distinct[0]), distinct[0])
        if differ_by_fee(distinct):
            return open_fee(distinct)
        return Direction(
            distinct[0].series,
            f"open: {chain_told(distinct[0])}, and so do others",
            distinct[0],
            "amount.decimal",
            "How are the figures written? The balances chain under more than one way.",
            tuple(dict.fromkeys(proof.series.style.decimal for proof in distinct)),
        )
    if proofs:  # only the swapped reading chains: the balance is a debt, or the names are a book-keeper's
        debit, credit = label_of(absolute.debit), label_of(absolute.credit)
        return Direction(
            absolute,
            f"open: the balances fall with {credit} and rise with {debit}",
            None,
            "amount.debit",
            f"The balances rise with {debit} and fall with {credit}. Is the balance what is owed (then "
            "leave the columns and remove columns.balance), or does the first column hold money in?",
            (debit, credit),
        )
    if (scale := open_scale(candidates, absolute)) is not None:
        return scale
    return _by_written_signs(absolute, written, ledger)


def _follows_names(series: Series, ledger: Ledger) -> bool:
    """Whether, read as written, most debits are money out and most credits in: a minus then takes back."""
    if series.meaning != "as_written":
        return False
    for column, style in ((series.debit, series.debit_style), (series.credit, series.credit_style)):
        minus, count = _minus_in(column, style, ledger.booked)
        if count and minus * 2 >= count:
            return False
    return True


def _by_written_signs(absolute: Series, written: Series, ledger: Ledger) -> Direction:
    booked = ledger.booked
    differ = [place for place in booked if absolute.values[place] != written.values[place]]
    words = f"the names {label_of(absolute.debit)} and {label_of(absolute.credit)} tell the direction"
    if not differ:
        return Direction(absolute, f"{words}; all figures are written without a minus")
    out_minus, out_all = _minus_in(absolute.debit, absolute.debit_style, booked)
    in_minus, in_all = _minus_in(absolute.credit, absolute.credit_style, booked)
    told = (
        f"{out_minus} of {out_all} figures in {label_of(absolute.debit)} and {in_minus} of {in_all} in "
        f"{label_of(absolute.credit)} have a minus"
    )
    uniform = out_minus in (0, out_all) and in_minus in (0, in_all)
    enough = out_minus != 1 and in_minus != 1
    if uniform and enough:
        return Direction(absolute, f"{words}; {told}: a convention of the whole column, not refunds")
    return Direction(
        absolute,
        f"open: {told}",
        None,
        "amount.sign",
        "Do figures with a minus in the debit or the credit column take back a movement (as_written), or "
        "is the minus only how the column is printed (absolute)?",
        ("absolute", "as_written"),
    )


def _minus_in(column: KnownColumn | None, style: NumberStyle | None, booked: list[int]) -> tuple[int, int]:
    if column is None or style is None:
        return 0, 0
    parse = NumberParser.of(style).parse
    values = [value for place in booked if (value := parse(column.column.cells[place] or "0"))]
    return sum(value < 0 for value in values), len(values)
