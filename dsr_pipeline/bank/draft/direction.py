"""What `bank.draft.sign_inference` tells: a series of movements with its proof, or with its question.

Lives here: the result, the sentences about a chain, and the questions that every kind of column shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsr_pipeline.bank.draft.balance_chain import Chain
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.series import Series
from dsr_pipeline.bank.draft.statements import Statement
from dsr_pipeline.bank.rules import NumberStyle


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


def distinct_meanings(proofs: Sequence[BalanceProof], ledger: Ledger) -> list[BalanceProof]:
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
        f"{chain.good} of {chain.links} balances in {proof.balance.label} are the one before plus the "
        f"amount{how}, read {chain.order.replace('_', ' ')}"
    )


def open_scale(candidates: list[Series], example: Series) -> Direction | None:
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
        f"Is '{shown}' written with a decimal mark or with a thousands mark? Every figure fits both. The "
        "sign of money out (amount.mode) must be looked at as well.",
        tuple(dict.fromkeys(series.style.decimal for series in same)),
    )


def open_sign_text(direction: Direction) -> str:
    """The evidence without its mark, for the question."""
    return direction.evidence.removeprefix("open: ").removeprefix("open, ")


def label_of(column: KnownColumn | None) -> str:
    """How a column is called in a sentence; `?` for none."""
    return column.label if column is not None else "?"


def differ_by_fee(distinct: Sequence[BalanceProof]) -> bool:
    """Whether readings with and without a fee chain alike."""
    return len({proof.series.fee for proof in distinct}) > 1


def open_fee(distinct: Sequence[BalanceProof]) -> Direction:
    """The only fees stand where no balance before them shows whether they count."""
    best, fee = distinct[0], next(proof.series.fee for proof in distinct if proof.series.fee is not None)
    return Direction(
        best.series,
        f"open: {chain_told(best)}, with and without the fee",
        best,
        "amount.fee",
        f"Does the fee in {fee.label} come on top of the amount? The only row with a fee is the oldest, "
        "before which the file shows no balance.",
        ("included", "subtract", "add"),
    )
