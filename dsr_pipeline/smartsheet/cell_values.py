"""Values on their way into cells: what a cell can hold exactly goes out, anything else is refused by name.

The vendor's SDK drops what it does not know (None, dates, numpy) without a word, so nothing reaches it that
did not pass here. Called by the writing part of `client` before anything is sent.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dsr_pipeline.smartsheet.errors import CellRefused

LONGEST_TEXT = 4000
"""Characters of a cell; Smartsheet cuts what is longer, without a warning."""
LARGEST_NUMBER = 2**53
"""Smartsheet refuses larger numbers (1148), and a JSON reader may round them."""

Writable = str | int | float | bool | Decimal | date | None
"""What may be written; None clears the cell."""
Sent = str | int | float | bool
"""What goes out as JSON."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to append at the bottom: column id → value."""

    cells: Mapping[int, Writable]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row to change: only the named cells are touched."""

    row_id: int
    cells: Mapping[int, Writable]


def new_rows(rows: Sequence[NewRow]) -> list[dict[str, object]]:
    """The rows as the API takes them; `CellRefused` names the first value that cannot be held."""
    return [
        {"toBottom": True, "cells": _cells(row.cells, f"new row {place}")}
        for place, row in enumerate(rows, start=1)
    ]


def changed_rows(rows: Sequence[ChangedRow]) -> list[dict[str, object]]:
    """The rows as the API takes them: id and changed cells, never anything else that was read (1008)."""
    return [{"id": row.row_id, "cells": _cells(row.cells, f"row {row.row_id}")} for row in rows]


def _cells(cells: Mapping[int, Writable], row: str) -> list[dict[str, object]]:
    if not cells:
        raise CellRefused(f"{row} has no cells: leave it out")
    return [
        {"columnId": column, "value": to_cell(value, f"{row}, column {column}")}
        for column, value in cells.items()
    ]


def to_cell(value: object, where: str = "a cell") -> Sent:
    """The JSON value that a cell holds exactly; `where` stands in the message of `CellRefused`.

    Types are taken literally: subclasses (numpy numbers, pandas times, enums, datetimes) are refused,
    because their value is not what their JSON would say.
    """
    kind = type(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and kind is str:
        return _text(value, where)
    if isinstance(value, int) and kind is int:
        return _whole(value, where)
    if isinstance(value, float) and kind is float:
        return _fraction(value, where)
    if isinstance(value, Decimal) and kind is Decimal:
        return _decimal(value, where)
    if isinstance(value, date) and kind is date:
        return value.isoformat()
    raise CellRefused(f"{where}: a value of type {_name(kind)} cannot be written: {_mend(kind)}")


def _text(value: str, where: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise CellRefused(
            f"{where}: a text of {len(value):,} characters, and a cell holds {LONGEST_TEXT:,}: shorten it"
        )
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise CellRefused(f"{where}: a text with half a character (a lone surrogate): mend it") from None
    return value


def _whole(value: int, where: str) -> int:
    if abs(value) > LARGEST_NUMBER:
        raise CellRefused(f"{where}: a number beyond ±2^53 cannot be held: write it as text")
    return value


def _fraction(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise CellRefused(f"{where}: {value} is not a number: write None for an empty cell")
    if abs(value) > LARGEST_NUMBER:
        raise CellRefused(f"{where}: a number beyond ±2^53 cannot be held: write it as text")
    return value


def _decimal(value: Decimal, where: str) -> int | float:
    if not value.is_finite():
        raise CellRefused(f"{where}: {value} is not a number: write None for an empty cell")
    if abs(value) > LARGEST_NUMBER:
        raise CellRefused(f"{where}: a number beyond ±2^53 cannot be held: write it as text")
    if value == value.to_integral_value():
        return int(value)
    nearest = float(value)
    if Decimal(repr(nearest)) != value:
        raise CellRefused(
            f"{where}: a decimal of {len(value.as_tuple().digits)} digits has no exact JSON number: "
            "round it, or write it as text"
        )
    return nearest


def _name(kind: type) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _mend(kind: type) -> str:
    package = kind.__module__.partition(".")[0]
    if package == "numpy":
        return "give plain Python (`.item()`)"
    if package == "pandas":
        return "give plain Python (a date, or None where nothing is known)"
    if issubclass(kind, date):
        return "a cell holds a day: give `.date()`"
    return "give text, a number, a flag, a date or None"
