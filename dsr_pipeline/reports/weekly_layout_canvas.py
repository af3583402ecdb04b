"""What every part of the weekly layout draws with: a growing sheet, days and amounts in words, long texts.

Lives here: helpers of `weekly_layout_*` alone. Nothing here knows what a report says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Cell, Formula, Number, Text, Value

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_DIGIT = 7.0
"""Pixels of a digit of Calibri 11, in which column widths are counted."""
_NARROW = frozenset(" .,:;'|!ijlrtfI()[]-/")
_WIDE = frozenset("mwMW@%")


@dataclass(slots=True)
class Canvas:
    """Cells and heights of one sheet while it grows; `row` is the next free row."""

    row: int = 1
    cells: list[Cell] = field(default_factory=list[Cell])
    heights: dict[int, float] = field(default_factory=dict[int, float])

    def put(
        self,
        row: int,
        column: int,
        value: Value,
        style: str,
        comment: str | None = None,
        link: str | None = None,
    ) -> None:
        """One cell."""
        self.cells.append(Cell(row, column, value, style, comment, link))

    def text(self, row: int, column: int, text: str, style: str) -> None:
        """One text; an empty one is an empty cell with its style."""
        self.cells.append(Cell(row, column, Text(text) if text else None, style))

    def fill(self, row: int, first: int, last: int, style: str) -> None:
        """Empty cells of one style, for bands and lines across."""
        cells = self.cells
        for column in range(first, last + 1):
            cells.append(Cell(row, column, None, style))

    def take(self, height: float) -> int:
        """The next row, with its height."""
        row = self.row
        self.heights[row] = height
        self.row = row + 1
        return row

    def in_order(self) -> tuple[Cell, ...]:
        """The cells as they are read: by row, then by column."""
        return tuple(sorted(self.cells, key=lambda cell: (cell.row, cell.column)))


def amount(value: Decimal) -> Number:
    """Money as a cell."""
    return Number(value)


def optional(value: Decimal | None) -> Number | None:
    """A number that may be missing."""
    return None if value is None else Number(value)


def total(formula: str, value: Decimal | int) -> Formula:
    """A live total with its value."""
    return Formula(formula, value)


def quoted(sheet: str) -> str:
    """The name of a sheet inside a formula."""
    return "'" + sheet.replace("'", "''") + "'"


def weekday_text(day: date, look: WeeklyLook) -> str:
    """`Mon 08/11/2025`."""
    return f"{look.labels.weekdays_short[day.weekday()]} {look.day(day)}"


def instant_text(instant: datetime, look: WeeklyLook) -> str:
    """`08/19/2025 06:00 CDT`, in the zone that the instant carries."""
    return f"{look.day(instant.date())} {instant:%H:%M} {instant.tzname() or ''}".rstrip()


def money_text(value: Decimal, currency: str) -> str:
    """`$1,480.00`, a negative one in parentheses, inside a sentence."""
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency, f"{currency} ")
    text = f"{sign}{abs(value):,.2f}"
    return f"({text})" if value < 0 else text


def text_width(text: str, size: float = 10) -> float:
    """How wide a text is about, in the unit of column widths (a digit of Calibri 11)."""
    pixels = 0.0
    for letter in text:
        if letter in _NARROW:
            pixels += 3.9
        elif letter in _WIDE:
            pixels += 11.2
        elif letter.isupper():
            pixels += 8.3
        elif ord(letter) > 0x2E80:
            pixels += 14.0
        else:
            pixels += 7.1
    return pixels * size / 11 / _DIGIT


def cut(text: str, width: float, size: float = 10) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if len(text) <= width / 2 or text_width(text, size) <= width:
        return text
    end = min(len(text), int(width * 2))
    while end > 1 and text_width(text[:end], size) > width - 2:
        end -= max(1, end // 20)
    return text[:end].rstrip() + "…"


def lines_of(text: str, width: float, size: float = 10) -> int:
    """On how many lines a wrapped text stands."""
    if len(text) * 0.8 < width and "\n" not in text:
        return 1 if text_width(text, size) <= width else 2
    # Words leave about a twelfth of each line empty.
    return sum(max(1, -int(-text_width(part, size) * 1.09 // width)) for part in text.split("\n"))
