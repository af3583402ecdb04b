"""Signed figures without a balance that chains: stated balances, movement kinds, else a question.

Lives here: what proves the sign of one column when no balance column does. Descriptions alone prove nothing:
card exports contradict each other. Called by `bank.draft.sign_inference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dsr_pipeline.bank.draft.amount_basis import Basis
from dsr_pipeline.bank.draft.direction import Direction, label_of, open_scale
from dsr_pipeline.bank.draft.flags import agreement, kinds_columns
from dsr_pipeline.bank.draft.holders_view import judge_view
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.row_words import SELLERS_KINDS
from dsr_pipeline.bank.draft.series import Series
from dsr_pipeline.bank.draft.statements import Statement
from dsr_pipeline.bank.draft.vocabulary import plain
from dsr_pipeline.bank.numbers import NumberParser

_ENOUGH_ROWS = 4  # fewer rows show one movement of each kind at most
_ENOUGH_KINDS = 3  # rows of a named kind


def of_signed(
    basis: Basis, candidates: list[Series], ledger: Ledger, statements: Sequence[Statement]
) -> Direction:
    """No balance column chains: stated balances, else movement kinds, else a question."""
    plain = [series for series in candidates if series.fee is None]
    if basis.kind == "debit_credit":
        return Direction(
            plain[0],
            f"open: {basis.evidence}; no name and no balance tells which is which",
            None,
            "amount.debit",
            "Which of the two columns holds money out?",
            (label_of(basis.debit), label_of(basis.credit)),
        )
    chosen = [series for series in plain if series.column == basis.column]
    if (scale := open_scale(chosen, chosen[0])) is not None:
        return scale
    signed = next(series for series in chosen if series.meaning == "signed")
    negate = next(series for series in chosen if series.meaning == "negate")
    if (stated := _by_statements(signed, negate, ledger, statements)) is not None:
        return stated
    if not basis.rivals and (kinds := _by_kinds(signed, negate, ledger)) is not None:
        return kinds
    return _open_sign(signed, negate, ledger)


def _by_statements(
    signed: Series, negate: Series, ledger: Ledger, statements: Sequence[Statement]
) -> Direction | None:
    """opening + movements = closing holds for one sign only, unless they sum to nothing."""
    parser = NumberParser.of(signed.style)
    said = {statement.what: (statement, statement.value(parser)) for statement in statements}
    opening, closing = said.get("opening"), said.get("closing")
    if opening is None or closing is None or opening[1] is None or closing[1] is None:
        return None
    if len(ledger.booked) < _ENOUGH_ROWS:
        return None
    for series in (signed, negate):
        values = [series.values[place] for place in ledger.booked]
        total = sum((value for value in values if value is not None), Decimal(0))
        if not total or opening[1] + total != closing[1]:
            continue
        view = judge_view(values, ledger.words_of_booked(), ledger.about)
        why = f"opening {opening[0].text} + {len(values)} rows = closing {closing[0].text}; {view.told}"
        if view.holders:
            return Direction(series, why, opening=opening[0], closing=closing[0])
        return Direction(
            series,
            f"open: {why}",
            None,
            "amount.mode",
            "Is the stated balance what you have, or what you owe? In the second case the sign is the "
            "other way round.",
            ("signed", "negate"),
        )
    return None


def _by_kinds(signed: Series, negate: Series, ledger: Ledger) -> Direction | None:
    booked = ledger.booked
    if len(booked) < _ENOUGH_ROWS:
        return None
    for column, directions in kinds_columns(ledger.columns):
        found = agreement((directions[place], signed.values[place]) for place in booked)
        signs = {value > 0 for place in booked if (value := signed.values[place])}
        if not found.sign or found.rows < _ENOUGH_KINDS or len(signs) < 2:
            continue
        cells = column.column.cells
        if found.sign == -1:
            # To a shop, too, sales are positive and refunds negative: only a buyer's words turn the sign.
            told = sum(bool(directions[p]) and plain(cells[p]) not in SELLERS_KINDS for p in booked)
            if told < _ENOUGH_KINDS:
                continue
        words = sorted({cells[place] for place in booked if directions[place]})
        named = ", ".join(map(repr, words))
        why = f"the kinds {named} in {column.label} agree with the sign of {found.rows} rows"
        return Direction(signed if found.sign == 1 else negate, why)
    return None


def _open_sign(signed: Series, negate: Series, ledger: Ledger) -> Direction:
    booked = ledger.booked
    straight = judge_view([signed.values[p] for p in booked], ledger.words_of_booked(), ledger.about)
    minus, plus = straight.outs, straight.ins
    likely = signed
    if straight.against > straight.agree or (straight.against == straight.agree and plus > minus):
        likely = negate
    told = (
        f"{minus} figures with a minus, {plus} without; texts: {straight.agree} speak for signed, "
        f"{straight.against} for negate"
    )
    unsigned = not minus or not plus
    also = (
        " All figures have the same sign: if another column tells the direction, the mode is flag."
        if unsigned
        else ""
    )
    return Direction(
        likely,
        f"open, {likely.meaning} is likelier: {told}",
        None,
        "amount.mode",
        "Is money out written with a minus (signed) or without one (negate)? The file has no balance, no "
        f"direction words and no separate columns that prove it.{also}",
        ("signed", "negate", "flag") if unsigned else ("signed", "negate"),
    )
