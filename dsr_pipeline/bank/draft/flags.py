"""Columns that name the direction of a movement: a flag beside unsigned figures, or kinds beside signed ones.

Lives here: finding such a column, and comparing its words with the signs of the figures. What the rule makes
of the agreement is decided in `bank.draft.sign_inference`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.row_words import DIRECTION_PAIRS
from dsr_pipeline.bank.draft.vocabulary import direction_kind, plain

_FEW_KINDS = 15  # a closed list of movement kinds; a description has more
_NOT_FLAGS = ("status", "account", "account_name", "currency", "payee", "holder", "id")


@dataclass(frozen=True, slots=True)
class FlagColumn:
    """A column all of whose cells are one of two opposite words; one of them may not be seen yet."""

    column: KnownColumn
    out: tuple[str, ...]
    into: tuple[str, ...]
    counts: dict[str, int]
    certain: bool  # False for a single letter whose opposite does not stand in the file

    def direction(self, place: int) -> int:
        """-1 for a row marked as money out, 1 for money in."""
        return -1 if self.column.column.cells[place] in self.out else 1

    @property
    def told(self) -> str:
        """The words with their counts."""
        return ", ".join(f"'{word}' {count} rows" for word, count in self.counts.items())


def find_flag(columns: Sequence[KnownColumn]) -> FlagColumn | None:
    """The column of direction words; the one with both words is preferred."""
    found = [flag for column in columns if (flag := _as_flag(column)) is not None]
    return max(found, key=lambda flag: (flag.certain, len(flag.counts)), default=None)


def _as_flag(column: KnownColumn) -> FlagColumn | None:
    cells = column.column.cells
    if column.kind != "text" or column.role in _NOT_FLAGS or "" in cells:
        return None
    counts = Counter(cells)
    if len(counts) > 6:
        return None
    seen = {plain(word) for word in counts}
    for out, into in DIRECTION_PAIRS:
        if seen <= {out, into}:
            if len(seen) == 1 and column.role in ("description", "original_text"):
                return None  # a short text that happens to be such a word
            outs = tuple(word for word in counts if plain(word) == out)
            ins = tuple(word for word in counts if plain(word) == into)
            # One word alone may be a kind of card; in a column of movement kinds it says more.
            certain = bool(outs and ins) or (len(next(iter(seen))) > 1 and column.role == "type")
            model = next(iter(counts))
            return FlagColumn(
                column, outs or (_cased(out, model),), ins or (_cased(into, model),), dict(counts), certain
            )
    return None


def _cased(word: str, model: str) -> str:
    if model.isupper():
        return word.upper()
    return word.capitalize() if model[:1].isupper() else word


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the words of a column go with the signs: counts of rows per (word direction, sign)."""

    out_minus: int
    out_plus: int
    in_minus: int
    in_plus: int

    @property
    def sign(self) -> int:
        """1: as written, -1: the other way round, 0: the words agree with neither."""
        straight, turned = self.out_minus + self.in_plus, self.out_plus + self.in_minus
        if straight and not turned:
            return 1
        return -1 if turned and not straight else 0

    @property
    def rows(self) -> int:
        """Rows whose word names a direction."""
        return self.out_minus + self.out_plus + self.in_minus + self.in_plus


def agreement(pairs: Iterable[tuple[int, Decimal | None]]) -> Agreement:
    """Count directions (-1, 0, 1) against amounts; rows without a direction or an amount are left out."""
    counts = Counter((direction, (value > 0) - (value < 0)) for direction, value in pairs if value)
    return Agreement(counts[-1, -1], counts[-1, 1], counts[1, -1], counts[1, 1])


def kinds_columns(columns: Sequence[KnownColumn]) -> list[tuple[KnownColumn, list[int]]]:
    """Columns of movement kinds, with the direction (-1, 0 unknown, 1) of each row."""
    found: list[tuple[KnownColumn, list[int]]] = []
    for column in columns:
        words = set(column.column.cells)
        if column.kind != "text" or column.role not in ("type", None, "detail") or len(words) > _FEW_KINDS:
            continue
        if column.role is None and len(words) * 2 > len(column.column.cells):
            continue  # as good as a description: every row has words of its own
        told = {word: {"out": -1, "in": 1}.get(direction_kind(word) or "", 0) for word in words}
        if any(told.values()):
            found.append((column, [told[cell] for cell in column.column.cells]))
    return found
