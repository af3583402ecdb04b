"""What proves the direction of the movements, and what does not.

Lives here: the line between proof and question. Proofs, in this order: a running balance that chains, with
rows that fit the holder's view; opening + movements = closing; columns or a flag whose words name the
direction, with figures that agree; a column of movement kinds that agrees with every sign. Descriptions
alone prove nothing: card exports contradict each other. `docs/inbox_draft.md` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsr_pipeline.bank.draft.amount_basis import Basis, Figures, numeric
from dsr_pipeline.bank.draft.balance_chain import Chain
from dsr_pipeline.bank.draft.column_kinds import KnownColumn, with_role
from dsr_pipeline.bank.draft.flags import agreement, kinds_columns
from dsr_pipeline.bank.draft.holders_view import judge_view
from dsr_pipeline.bank.draft.ledger import Ledger, Values
from dsr_pipeline.bank.draft.series import Series, all_series
from dsr_pipeline.bank.draft.statements import Statement
from dsr_pipeline.bank.numbers import NumberParser
from dsr_pipeline.bank.rules import NumberStyle

_ENOUGH_ROWS = 4  # fewer rows show one movement of each kind at most
_ENOUGH_KINDS = 3  # rows of a named kind


@dataclass(frozen=True, slots=True)
class BalanceProof:
    """A series that chains with a column of balances."""

    series: Series
    balance: KnownColumn
    style: NumberStyle
    chain: Chain


@dataclass(frozen=True, slots=True)
class Direction:
    """The series that is told or likely. `open_why` is the evidence of the question when it is not proven."""

    series: Series
    evidence: str
    proof: BalanceProof | None = None
    open_key: str = ""
    open_question: str = ""
    open_choices: tuple[str, ...] = ()
    opening: Statement | None = None
    closing: Statement | None = None

    @property
    def proven(self) -> bool:
        """Whether the direction needs no question."""
        return not self.open_key


def tell_direction(basis: Basis, ledger: Ledger, statements: Sequence[Statement]) -> Direction | None:
    """Tell the series of the movements; None where the columns hold no readable figures."""
    candidates = all_series(basis, ledger.columns)
    if not candidates:
        return None
    proofs = _balance_proofs(candidates, ledger, basis)
    if basis.kind == "debit_credit" and basis.named:
        return _of_named_pair(candidates, proofs, ledger)
    if basis.kind == "flag" and basis.flag is not None and basis.flag.certain:
        told = _of_flag(candidates, proofs, ledger)
        # One word only, beside figures with and without a minus, is no flag but a kind of movement.
        if told.proven or len(basis.flag.counts) > 1:
            return told
    if proofs:
        return _of_chain(proofs, ledger)
    return _of_signed(basis, candidates, ledger, statements)


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


def _distinct(proofs: Sequence[BalanceProof], ledger: Ledger) -> list[BalanceProof]:
    """One proof per meaning of the rows (those not yet booked as well), plainer series first."""
    places = ledger.states.places("posted", "pending")
    found: dict[tuple[Decimal | None, ...], BalanceProof] = {}
    for proof in proofs:
        found.setdefault(tuple(proof.series.values[place] for place in places), proof)
    return list(found.values())


def chain_told(proof: BalanceProof) -> str:
    """The chain as a sentence."""
    chain = proof.chain
    how = ", day by day" if chain.by_day else ""
    return (
        f"{chain.good} of {chain.links} balances in {proof.balance.label} are the one before plus the amount"
        f"{how}, read {chain.order.replace('_', ' ')}"
    )


def _of_chain(proofs: list[BalanceProof], ledger: Ledger) -> Direction:
    distinct = _distinct(proofs, ledger)
    best = distinct[0]
    told = chain_told(best)
    if len(distinct) > 1 and len({proof.series.fee for proof in distinct}) > 1:
        return _open_fee(distinct)
    if len(distinct) > 1:
        scales = len({proof.series.style.decimal for proof in distinct}) > 1
        return Direction(
            best.series,
            f"open: {told}, but another reading chains as well",
            best,
            "amount.decimal" if scales else "amount.mode",
            "Is the mark in these figures the decimal or the thousands mark? The balances chain both ways."
            if scales
            else "Is money out written with a minus (signed) or without (negate)? The balances chain both ways, because "
            "the dates do not tell in which order the rows stand.",
            tuple(dict.fromkeys(p.series.style.decimal if scales else p.series.meaning for p in distinct)),
        )
    if best.series.debit is None and not _has_minus(best.series, ledger):
        return Direction(
            best.series,
            f"open: {told}; no figure has a minus",
            best,
            "amount.mode",
            "No figure has a minus. Is money out always written so (negate), money in (signed), or does the column have no "
            "sign at all, and another column tells the direction (flag)? The balances do not show what the oldest row moved.",
            ("signed", "negate", "flag"),
        )
    view = judge_view([best.series.values[place] for place in ledger.booked], ledger.words_of_booked(), ledger.about)
    if view.holders:
        return Direction(best.series, f"{told}; {view.told}", best)
    if best.series.debit is not None:
        return Direction(
            best.series,
            f"open: {told}; {view.told}",
            best,
            "amount.debit",
            "Which of the two columns holds money out? The balances follow them as if the account were what the rows do not "
            "look like: is the balance what is owed?",
            (_label(best.series.debit), _label(best.series.credit)),
        )
    return Direction(
        best.series,
        f"open: {told}; {view.told}",
        best,
        "amount.mode",
        "Is this an account (the balance is what you have) or a debt such as a card or a loan (the balance is what you "
        f"owe)? For an account the amounts are read as {best.series.meaning}; for a debt the other way round.",
        ("signed", "negate") if best.series.meaning in ("signed", "negate") else (best.series.meaning, "other columns"),
    )


def _has_minus(series: Series, ledger: Ledger) -> bool:
    """Whether the column writes a minus anywhere; one that never does may have no signs."""
    raw = series.values if series.meaning == "signed" else tuple(v and -v for v in series.values)
    return any(value < 0 for place in ledger.booked if (value := raw[place]))


def _open_fee(distinct: list[BalanceProof]) -> Direction:
    """The only fees stand where no balance before them shows whether they count."""
    best, fee = distinct[0], next(proof.series.fee for proof in distinct if proof.series.fee is not None)
    return Direction(
        best.series,
        f"open: {chain_told(best)}, with and without the fee",
        best,
        "amount.fee",
        f"Does the fee in {fee.label} come on top of the amount? The only row with a fee is the oldest, before which the "
        "file shows no balance.",
        ("included", "subtract", "add"),
    )


def _of_named_pair(candidates: list[Series], proofs: list[BalanceProof], ledger: Ledger) -> Direction:
    plain = {series.meaning: series for series in reversed(candidates) if series.fee is None}
    absolute, written = plain["absolute"], plain["as_written"]
    right = [proof for proof in proofs if proof.series.meaning == "absolute" or _follows_names(proof.series, ledger)]
    if right:
        distinct = _distinct(right, ledger)
        if len(distinct) == 1:
            return Direction(distinct[0].series, chain_told(distinct[0]), distinct[0])
        return Direction(
            distinct[0].series,
            f"open: {chain_told(distinct[0])}, and so do others",
            distinct[0],
            "amount.decimal",
            "How are the figures written? The balances chain under more than one way.",
            tuple(dict.fromkeys(proof.series.style.decimal for proof in distinct)),
        )
    if proofs:  # only the swapped reading chains: the balance is a debt, or the names are a book-keeper's
        return Direction(
            absolute,
            f"open: the balances fall with {_label(absolute.credit)} and rise with {_label(absolute.debit)}",
            None,
            "amount.debit",
            f"The balances rise with {_label(absolute.debit)} and fall with {_label(absolute.credit)}. Is the balance what "
            "is owed (then leave the columns and remove columns.balance), or does the first column hold money in?",
            (_label(absolute.debit), _label(absolute.credit)),
        )
    if (scale := _open_scale(candidates, absolute)) is not None:
        return scale
    return _by_written_signs(absolute, written, ledger)


def _follows_names(series: Series, ledger: Ledger) -> bool:
    """Whether, read as written, most debits are money out and most credits money in: their minus then means taking back."""
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
    words = f"the names {_label(absolute.debit)} and {_label(absolute.credit)} tell the direction"
    if not differ:
        return Direction(absolute, f"{words}; all figures are written without a minus")
    out_minus, out_all = _minus_in(absolute.debit, absolute.debit_style, booked)
    in_minus, in_all = _minus_in(absolute.credit, absolute.credit_style, booked)
    told = (
        f"{out_minus} of {out_all} figures in {_label(absolute.debit)} and {in_minus} of {in_all} in "
        f"{_label(absolute.credit)} have a minus"
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
        "Do figures with a minus in the debit or the credit column take back a movement (as_written), or is the "
        "minus only how the column is printed (absolute)?",
        ("absolute", "as_written"),
    )


def _minus_in(column: KnownColumn | None, style: NumberStyle | None, booked: list[int]) -> tuple[int, int]:
    if column is None or style is None:
        return 0, 0
    parse = NumberParser.of(style).parse
    values = [value for place in booked if (value := parse(column.column.cells[place] or "0"))]
    return sum(value < 0 for value in values), len(values)


def _of_flag(candidates: list[Series], proofs: list[BalanceProof], ledger: Ledger) -> Direction:
    plain = [series for series in candidates if series.fee is None]
    flagged = next(series for series in plain if series.meaning == "flag")
    signed = next(series for series in plain if series.meaning == "signed")
    flag = flagged.flag
    assert flag is not None  # noqa: S101 - a flag basis has one
    if (scale := _open_scale(candidates, flagged)) is not None and not proofs:
        return scale
    booked = ledger.booked
    found = agreement((flag.direction(place), signed.values[place]) for place in booked)
    if not found.out_minus and not found.in_minus:
        chosen, why = "flag", f"{flag.column.label} tells the direction ({flag.told}); all figures are without a minus"
    elif found.sign == 1:
        chosen, why = "signed", f"{flag.column.label} ({flag.told}) agrees with the sign of every figure"
    elif found.sign == -1:
        chosen, why = "negate", f"{flag.column.label} ({flag.told}) says money out where the figure has no minus"
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


def _of_signed(
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
            (_label(basis.debit), _label(basis.credit)),
        )
    chosen = [series for series in plain if series.column == basis.column]
    if (scale := _open_scale(chosen, chosen[0])) is not None:
        return scale
    signed = next(series for series in chosen if series.meaning == "signed")
    negate = next(series for series in chosen if series.meaning == "negate")
    if (stated := _by_statements(signed, negate, ledger, statements)) is not None:
        return stated
    if not basis.rivals and (kinds := _by_kinds(signed, negate, ledger)) is not None:
        return kinds
    return _open_sign(signed, negate, ledger)


def _open_scale(candidates: list[Series], example: Series) -> Direction | None:
    """The figures can be read at two scales and nothing tells which."""
    same = [series for series in candidates if series.meaning == example.meaning and series.fee is None]
    same = [series for series in same if series.column == example.column]
    if len({series.values for series in same}) < 2:
        return None
    shown = next(
        cell
        for column in (example.column, example.debit, example.credit)
        if column is not None
        for cell in column.column.filled
        if "," in cell or "." in cell
    )
    return Direction(
        example,
        f"open: '{shown}' is a number with decimals or with thousands",
        None,
        "amount.decimal",
        f"Is '{shown}' written with a decimal mark or with a thousands mark? Every figure fits both. The sign of money out "
        "(amount.mode) must be looked at as well.",
        tuple(dict.fromkeys(series.style.decimal for series in same)),
    )


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
            "Is the stated balance what you have, or what you owe? In the second case the sign is the other way round.",
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
        if found.sign and found.rows >= _ENOUGH_KINDS and len(signs) == 2:
            words = sorted({column.column.cells[place] for place in booked if directions[place]})
            why = f"the kinds {', '.join(map(repr, words))} in {column.label} agree with the sign of {found.rows} rows"
            return Direction(signed if found.sign == 1 else negate, why)
    return None


def _open_sign(signed: Series, negate: Series, ledger: Ledger) -> Direction:
    booked = ledger.booked
    straight = judge_view([signed.values[p] for p in booked], ledger.words_of_booked(), ledger.about)
    minus, plus = straight.outs, straight.ins
    likely = signed
    if straight.against > straight.agree or (straight.against == straight.agree and plus > minus):
        likely = negate
    told = f"{minus} figures with a minus, {plus} without; texts: {straight.agree} speak for signed, {straight.against} for negate"
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
        "Is money out written with a minus (signed) or without one (negate)? The file has no balance, no direction words "
        f"and no separate columns that prove it.{also}",
        ("signed", "negate", "flag") if unsigned else ("signed", "negate"),
    )


def open_sign_text(direction: Direction) -> str:
    """The evidence without its mark, for the question."""
    return direction.evidence.removeprefix("open: ").removeprefix("open, ")


def _same(one: Values, other: Values | None, places: Sequence[int]) -> bool:
    return other is not None and all(one[place] == other[place] for place in places)


def _label(column: KnownColumn | None) -> str:
    return column.label if column is not None else "?"


def fee_columns(columns: Sequence[KnownColumn]) -> list[KnownColumn]:
    """Columns named like fees that hold figures."""
    return [column for column in with_role(tuple(columns), "fee") if column.kind == "number"]
