"""What proves the direction of the movements, and what does not.

Lives here: the line between proof and question. Proofs, in this order: a running balance that chains, with
rows that fit the holder's view; opening + movements = closing; columns or a flag whose words name the
direction, with figures that agree; a column of movement kinds that agrees with every sign. Descriptions
alone prove nothing: card exports contradict each other. `docs/inbox_draft.md` says why.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsr_pipeline.bank.draft.amount_basis import Basis, Figures, numeric
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
from dsr_pipeline.bank.draft.flags import agreement
from dsr_pipeline.bank.draft.holders_view import judge_view
from dsr_pipeline.bank.draft.ledger import Ledger, Values
from dsr_pipeline.bank.draft.named_pairs import of_named_pair
from dsr_pipeline.bank.draft.series import Series, all_series
from dsr_pipeline.bank.draft.signed_columns import of_signed
from dsr_pipeline.bank.draft.statements import Statement


def tell_direction(basis: Basis, ledger: Ledger, statements: Sequence[Statement]) -> Direction | None:
    """Tell the series of the movements; None where the columns hold no readable figures."""
    candidates = all_series(basis, ledger.columns)
    if not candidates:
        return None
    proofs = _balance_proofs(candidates, ledger, basis)
    if basis.kind == "debit_credit" and basis.named:
        return of_named_pair(candidates, proofs, ledger)
    if basis.kind == "flag" and basis.flag is not None and basis.flag.certain:
        told = _of_flag(candidates, proofs, ledger)
        # One word only, beside figures with and without a minus, is no flag but a kind of movement.
        if told.proven or len(basis.flag.counts) > 1:
            return told
    if proofs:
        return _of_chain(proofs, ledger)
    return of_signed(basis, candidates, ledger, statements)


def _balance_proofs(candidates: list[Series], ledger: Ledger, basis: Basis) -> list[BalanceProof]:
    used = {basis.column, basis.debit, basis.credit, *basis.rivals}
    balances = numeric(ledger.columns, "balance")
    if not balances:
        balances = [
            column for column in numeric(ledger.columns, None) if basis.named is False or column not in used
        ]
    found: list[BalanceProof] = []
    for series in candidates:
        for balance in balances:
            if balance in (series.column, series.debit, series.credit, series.fee):
                continue
            for style, values in Figures.of(balance).options:
                chain = ledger.chain(series.values, values)
                if chain is not None and chain.holds:
                    found.append(BalanceProof(series, balance, style, chain))
    whole = [proof for proof in found if proof.chain.whole]
    return whole or found


def _of_chain(proofs: list[BalanceProof], ledger: Ledger) -> Direction:
    distinct = distinct_meanings(proofs, ledger)
    best = distinct[0]
    told = chain_told(best)
    if differ_by_fee(distinct):
        return open_fee(distinct)
    if len(distinct) > 1:
        scales = len({proof.series.style.decimal for proof in distinct}) > 1
        return Direction(
            best.series,
            f"open: {told}, but another reading chains as well",
            best,
            "amount.decimal" if scales else "amount.mode",
            "Is the mark in these figures the decimal or the thousands mark? The balances chain both ways."
            if scales
            else "Is money out written with a minus (signed) or without (negate)? The balances chain "
            "both ways, because the dates do not tell in which order the rows stand.",
            tuple(dict.fromkeys(p.series.style.decimal if scales else p.series.meaning for p in distinct)),
        )
    if best.series.debit is None and not _has_minus(best.series, ledger):
        return Direction(
            best.series,
            f"open: {told}; no figure has a minus",
            best,
            "amount.mode",
            "No figure has a minus. Is money out always written so (negate), money in (signed), or does "
            "the column have no sign at all, and another column tells the direction (flag)? The balances "
            "do not show what the oldest row moved.",
            ("signed", "negate", "flag"),
        )
    view = judge_view(
        [best.series.values[place] for place in ledger.booked], ledger.words_of_booked(), ledger.about
    )
    if view.holders:
        return Direction(best.series, f"{told}; {view.told}", best)
    if best.series.debit is not None:
        return Direction(
            best.series,
            f"open: {told}; {view.told}",
            best,
            "amount.debit",
            "Which of the two columns holds money out? The balances follow them as if the account were "
            "what the rows do not look like: is the balance what is owed?",
            (label_of(best.series.debit), label_of(best.series.credit)),
        )
    return Direction(
        best.series,
        f"open: {told}; {view.told}",
        best,
        "amount.mode",
        "Is this an account (the balance is what you have) or a debt such as a card or a loan (the "
        f"balance is what you owe)? For an account the amounts are read as {best.series.meaning}; for a "
        "debt the other way round.",
        ("signed", "negate")
        if best.series.meaning in ("signed", "negate")
        else (best.series.meaning, "other columns"),
    )


def _has_minus(series: Series, ledger: Ledger) -> bool:
    """Whether the column writes a minus anywhere; one that never does may have no signs."""
    raw = series.values if series.meaning == "signed" else tuple(v and -v for v in series.values)
    return any(value < 0 for place in ledger.booked if (value := raw[place]))


def _of_flag(candidates: list[Series], proofs: list[BalanceProof], ledger: Ledger) -> Direction:
    plain = [series for series in candidates if series.fee is None]
    flagged = next(series for series in plain if series.meaning == "flag")
    signed = next(series for series in plain if series.meaning == "signed")
    flag = flagged.flag
    assert flag is not None
    if (scale := open_scale(candidates, flagged)) is not None and not proofs:
        return scale
    booked = ledger.booked
    found = agreement((flag.direction(place), signed.values[place]) for place in booked)
    if not found.out_minus and not found.in_minus:
        chosen, why = (
            "flag",
            f"{flag.column.label} tells the direction ({flag.told}); all figures are without a minus",
        )
    elif found.sign == 1:
        chosen, why = "signed", f"{flag.column.label} ({flag.told}) agrees with the sign of every figure"
    elif found.sign == -1:
        chosen, why = (
            "negate",
            f"{flag.column.label} ({flag.told}) says money out where the figure has no minus",
        )
    else:
        chosen, why = "", ""
    values = next((series.values for series in plain if series.meaning == chosen), None)
    right = [proof for proof in proofs if _same(proof.series.values, values, booked)] if values else []
    if right:
        series = next((p for p in right if p.series.meaning == chosen), right[0])
        return Direction(series.series, f"{why}; {chain_told(series)}", series)
    if proofs or not chosen:
        others = chain_told(proofs[0]) if proofs else "some rows agree with the signs, others do not"
        return Direction(
            proofs[0].series if proofs else flagged,
            f"open: {flag.told}; {others}",
            proofs[0] if proofs else None,
            "amount.mode",
            f"Which tells the direction: the words of {flag.column.label}, the sign of the figure, or both?",
            ("flag", "signed", "negate"),
        )
    return Direction(next(series for series in plain if series.meaning == chosen), why)


def _same(one: Values, other: Values | None, places: Sequence[int]) -> bool:
    return other is not None and all(one[place] == other[place] for place in places)
