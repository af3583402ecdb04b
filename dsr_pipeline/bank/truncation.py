"""Whether the last row of a file that does not end with a line end was cut in the middle.

Lives here: holding the last record against the others of its file. What cannot be told: a free text that was
cut, where no other row holds the whole of it, and rows cut off together with their line end. Called by
`bank.parsing` for the very last record alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsr_pipeline.bank.rules import refs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsr_pipeline.bank.binding import BoundRule
    from dsr_pipeline.bank.reading import Record
    from dsr_pipeline.bank.rules import Source

MOST_COMPARED = 1_000  # rows before the last that it is held against


def looks_cut(last: Record, others: Sequence[list[str]], bound: BoundRule) -> bool:
    """Whether the last record lacks what every other record has: fields, decimals, letters of a known word.

    `last` is an accepted record at the end of a file without a line end, `others` the fields of accepted rows
    before it.
    """
    fields = last.fields
    if fields is None:
        return False
    counts = {len(row) for row in others}
    if len(counts) == 1 and len(fields) < counts.pop():
        return True
    quote = bound.rule.file.quote
    if quote is not None and last.text.endswith(quote):
        return False  # the last field was closed
    place = len(fields) - 1
    text = fields[place].strip()
    column = [row[place].strip() for row in others if len(row) > place]
    if not text:
        return _lacks_cell(fields, place, column, bound)
    if place in bound.figures:
        return _lacks_decimals(fields, place, column, others, bound)
    if _feeds(bound.rule.columns.source_id, place, bound):
        lengths = {len(other) for other in column if other}
        return len(lengths) == 1 and len(text) < lengths.pop()
    return text not in column and any(other.startswith(text) for other in column)


def _lacks_cell(fields: list[str], place: int, column: Sequence[str], bound: BoundRule) -> bool:
    """Whether the last cell is empty where every other row fills it, or the rule says that it is filled."""
    whole = bound.fit(fields)
    balance = _feeds(bound.rule.columns.balance, place, bound)
    if balance and whole is not None and bound.is_pending(whole):
        return False  # what is not booked has no balance yet
    return (bool(column) and all(column)) or (balance and bound.rule.verify.balance == "running")


def _lacks_decimals(
    fields: list[str], place: int, column: Sequence[str], others: Sequence[list[str]], bound: BoundRule
) -> bool:
    """Whether a figure has fewer decimals than its column, else than the other figures of the file.

    With nothing to hold it against, one decimal alone is what no bank prints.
    """
    usual = _decimals(column, place, bound)
    if not usual:
        beside = [other for other in bound.figures if other < place]
        usual = {
            count
            for other in beside
            for count in _decimals(
                [row[other] for row in [*others, fields] if len(row) > other], other, bound
            )
        }
    count = next(iter(_decimals([fields[place]], place, bound)))
    return count == 1 if not usual else len(usual) == 1 and count < usual.pop()


def _decimals(figures: Iterable[str], place: int, bound: BoundRule) -> set[int]:
    amount = bound.rule.amount
    mark = amount.style("balance" if _feeds(bound.rule.columns.balance, place, bound) else "amount").decimal
    fractions = [figure.rpartition(mark)[2] if mark in figure else "" for figure in figures if figure.strip()]
    return {sum(map(str.isdigit, fraction)) for fraction in fractions}


def _feeds(source: Source | None, place: int, bound: BoundRule) -> bool:
    return any(bound.has(ref) and bound.place(ref) == place for ref in refs_of(source))
