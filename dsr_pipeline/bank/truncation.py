"""Whether the last row of a file that does not end with a line end was cut in the middle.

Lives here: holding the last record against the others of its file. What cannot be told: a free text that was
cut, where no other row holds the whole of it, and rows cut off together with their line end. Called by
`bank.parsing` for the very last record alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsr_pipeline.bank.rules import refs_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    if fields is None or not others:
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
        return bool(column) and all(column)
    if place in bound.figures:
        return _fewer_decimals(text, column, place, bound)
    if (
        _feeds(bound.rule.columns.source_id, place, bound)
        and len({len(other) for other in column if other}) == 1
    ):
        return len(text) < len(next(other for other in column if other))
    return text not in column and any(other.startswith(text) for other in column)


def _fewer_decimals(text: str, column: Sequence[str], place: int, bound: BoundRule) -> bool:
    amount = bound.rule.amount
    mark = amount.style("balance" if _feeds(bound.rule.columns.balance, place, bound) else "amount").decimal

    def decimals(figure: str) -> int:
        _, point, fraction = figure.rpartition(mark)
        return sum(letter.isdigit() for letter in fraction) if point else 0

    usual = {decimals(figure) for figure in column if figure}
    return len(usual) == 1 and decimals(text) < usual.pop()


def _feeds(source: Source | None, place: int, bound: BoundRule) -> bool:
    return any(bound.has(ref) and bound.place(ref) == place for ref in refs_of(source))
