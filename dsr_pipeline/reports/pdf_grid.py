"""Where the rows and columns of a sheet lie on paper: widths, heights, the scale, and where pages end.

Lives here: the geometry of print, close to what LibreOffice and Excel do with the same sheet. Nothing is
drawn here; called by `pdf_pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsr_pipeline.reports.book import Sheet, Style, Text
from dsr_pipeline.reports.pdf_parts import LINE

PAPER = {"letter": (612.0, 792.0), "a4": (595.28, 841.89)}
"""Points, upright."""
MARGIN_SIDE = 28.8
MARGIN_TOP = 32.4
MARGIN_BOTTOM = 43.2
CHARACTER = 5.55
"""Points of one character of a column width, as LibreOffice prints it; Excel makes it 5.25."""
PIXEL = 0.75
DEFAULT_HEIGHT = 15.0
DEFAULT_WIDTH = 8.43
_LETTER = 0.5
"""Mean width of a letter, in its size, with room for words that do not fill their line."""


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet on paper. `edges[c]` is the left edge of column c (from 1) and the right edge of c - 1."""

    width: float
    height: float
    """Of the page."""
    scale: float
    edges: tuple[float, ...]
    heights: Mapping[int, float]
    """Of every row, in points on paper."""
    pages: tuple[tuple[int, ...], ...]
    """The rows of every page, repeated ones included."""
    last_column: int


def grid_of(sheet: Sheet, styles: Mapping[str, Style]) -> Grid:
    """The geometry of a sheet: made smaller where its columns are wider than the page."""
    printing = sheet.printing
    upright = PAPER[printing.paper]
    width, height = (upright[1], upright[0]) if printing.landscape else upright
    things = (*sheet.cells, *sheet.pictures, *sheet.charts)
    last_row = printing.last_row or max((thing.row for thing in things), default=1)
    last_column = printing.last_column or max((thing.column for thing in things), default=1)
    widths = [sheet.widths.get(column, DEFAULT_WIDTH) * CHARACTER for column in range(1, last_column + 1)]
    room = width - 2 * MARGIN_SIDE
    scale = min((printing.scale or 100) / 100, room / sum(widths))
    left = (width - sum(widths) * scale) / 2
    edges = [0.0, left]
    for one in widths:
        edges.append(edges[-1] + one * scale)
    heights = {row: points * scale for row, points in _heights(sheet, styles, last_row).items()}
    pages = _pages(sheet, heights, height - MARGIN_TOP - MARGIN_BOTTOM)
    return Grid(width, height, scale, tuple(edges), heights, pages, last_column)


def _heights(sheet: Sheet, styles: Mapping[str, Style], last_row: int) -> dict[int, float]:
    """Points of every row; those without a given height take what their largest text needs."""
    heights = dict.fromkeys(range(1, last_row + 1), DEFAULT_HEIGHT)
    for cell in sheet.cells:
        if cell.row > last_row or cell.row in sheet.heights or cell.value is None:
            continue
        style = styles[cell.style]
        lines = 1
        if style.wrap and isinstance(cell.value, Text):
            room = sheet.widths.get(cell.column, DEFAULT_WIDTH) * CHARACTER
            letters = max(1.0, room / (style.size * _LETTER))
            lines = sum(max(1, -int(-len(line) // letters)) for line in cell.value.text.split("\n"))
        heights[cell.row] = max(heights[cell.row], lines * style.size * LINE + 2)
    heights.update({row: points for row, points in sheet.heights.items() if row <= last_row})
    return heights


def _pages(sheet: Sheet, heights: Mapping[int, float], room: float) -> tuple[tuple[int, ...], ...]:
    first, last = sheet.printing.repeat_rows or (0, -1)
    repeated = list(range(first, last + 1))
    breaks = set(sheet.printing.breaks_after)
    pages: list[tuple[int, ...]] = []
    page: list[int] = []
    used = 0.0
    for row, height in sorted(heights.items()):
        if page and used + height > room + 0.01 and len(page) > len(repeated):
            pages.append(tuple(page))
            page = []
        if not page:
            page = [one for one in repeated if pages and one < row]
            used = sum(heights[one] for one in page)
        page.append(row)
        used += height
        if row in breaks:
            pages.append(tuple(page))
            page = []
    if page:
        pages.append(tuple(page))
    return tuple(pages)
