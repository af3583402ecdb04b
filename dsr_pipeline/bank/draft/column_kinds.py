"""What a column holds, told from its cells alone: dates, figures, texts, or nothing.

Lives here: the kind and the role of every column. The kind comes from the cells, the role from the name
among the roles that the kind allows. Called once per draft; every later module reads the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dsr_pipeline.bank.draft.model import Column, Sheet
from dsr_pipeline.bank.draft.shapes import figure, is_date
from dsr_pipeline.bank.draft.vocabulary import date_role, number_role, text_role, words_of

Kind = Literal["empty", "date", "number", "text"]
_MOSTLY = 0.6  # a date column of which the rest are words (Pending, offen) still is one
_NEARLY = 0.8  # a column of figures with a few cells that are none


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A column with its kind and role. `words` are cells of a date or figure column that are neither."""

    column: Column
    kind: Kind
    role: str | None
    words: tuple[str, ...] = ()

    @property
    def place(self) -> int:
        """The 0-based place."""
        return self.column.place

    @property
    def label(self) -> str:
        """How the column is called in a sentence."""
        return self.column.label


def know_columns(sheet: Sheet) -> tuple[KnownColumn, ...]:
    """Kind and role of every column of the sheet."""
    return tuple(_known(column) for column in sheet.columns)


def with_role(columns: tuple[KnownColumn, ...], *roles: str) -> list[KnownColumn]:
    """The columns that have one of these roles, in the order of the file."""
    return [column for column in columns if column.role in roles]


def _known(column: Column) -> KnownColumn:
    kind, words = _kind(column)
    return KnownColumn(column, kind, _role(column, kind), words)


def _kind(column: Column) -> tuple[Kind, tuple[str, ...]]:
    filled = column.filled
    if not filled:
        return "empty", ()
    dates = sum(map(is_date, filled))
    figures = sum(figure(cell) is not None for cell in filled)
    by_name = number_role(column.name) if column.name else None
    if dates == len(filled) and not (figures == dates and _is_figure_name(column.name, by_name)):
        return "date", ()
    if figures == len(filled):
        return "number", ()
    if dates >= _MOSTLY * len(filled) and date_role(column.name) is not None:
        return "date", tuple(sorted({cell for cell in filled if not is_date(cell)}))
    if figures >= _NEARLY * len(filled) and by_name not in (None, "not_money"):
        return "number", tuple(sorted({cell for cell in filled if figure(cell) is None}))
    return "text", ()


def _is_figure_name(name: str, by_name: str | None) -> bool:
    return by_name is not None and date_role(name) is None


def _role(column: Column, kind: Kind) -> str | None:
    name = column.name
    if not words_of(name):
        return None
    if kind == "date":
        return date_role(name)
    if kind == "number":
        role = number_role(name)
        text = text_role(name)
        if role == "not_money" or (role is None and text is not None):
            return text or role
        return role
    if kind == "empty":
        role = number_role(name)
        return role if role in ("debit", "credit", "fee", "balance", "amount") else text_role(name)
    return text_role(name)
