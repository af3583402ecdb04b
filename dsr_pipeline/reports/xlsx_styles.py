"""The one style registry: named styles of a book as one stylesheet, made once and kept for the process.

Lives here: `Style` → openpyxl's font, fill, border, alignment and number format. Called by `xlsx`; no style
object is made anywhere else, and none per cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook import Workbook

from dsr_pipeline.reports.book import Style
from dsr_pipeline.reports.xlsx_inside import style_number, stylesheet_of

FONT = "Calibri"
_KEPT = 64
"""Stylesheets kept by a process: one per look and set of quoted styles."""


@dataclass(frozen=True, slots=True)
class StyleSheet:
    """A stylesheet as it stands in the file, and the number of each style in it."""

    xml: bytes
    numbers: Mapping[tuple[str, bool], int]
    """By name, and whether the cell holds a text that begins like a formula (`quotePrefix`)."""


@lru_cache(maxsize=_KEPT)
def stylesheet(named: tuple[tuple[str, Style], ...], quoted: frozenset[str]) -> StyleSheet:
    """The stylesheet of these styles; those named in `quoted` are in it a second time, as quoted ones."""
    book = Workbook()
    cell = Cell(book.worksheets[0], row=1, column=1)
    made: dict[tuple[Style, bool], int] = {}
    numbers: dict[tuple[str, bool], int] = {}
    for quote in (False, True):
        for name, style in named:
            if quote and name not in quoted:
                continue
            if (style, quote) not in made:
                _apply(style, cell)
                cell.quotePrefix = quote
                made[style, quote] = style_number(book, cell)
            numbers[name, quote] = made[style, quote]
    return StyleSheet(stylesheet_of(book), numbers)


def _apply(style: Style, cell: Cell) -> None:
    cell.font = Font(
        name=FONT,
        size=style.size,
        bold=style.bold,
        italic=style.italic,
        underline="single" if style.underline else None,
        strike=style.strike or None,
        color=style.color,
        family=2,
    )
    cell.fill = PatternFill("solid", fgColor=style.fill) if style.fill else PatternFill()
    cell.border = Border(
        top=Side(style.top, color=style.top_color) if style.top else None,
        bottom=Side(style.bottom, color=style.bottom_color) if style.bottom else None,
    )
    cell.alignment = Alignment(
        horizontal=style.align,
        vertical=style.valign,
        indent=style.indent,
        wrap_text=style.wrap or None,
        shrink_to_fit=style.shrink or None,
    )
    cell.number_format = style.format
