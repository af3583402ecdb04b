"""The sheets of a workbook as pages: fills, lines and texts where print puts them.

Lives here: what a cell looks like on paper, as a spreadsheet shows it (texts run over empty cells beside
them, numbers stay in theirs). The geometry is `pdf_grid`; `pdf` makes the file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TypeVar

from dsr_pipeline.reports.book import (
    Align,
    Book,
    Cell,
    ColumnChart,
    Day,
    Formula,
    Number,
    Picture,
    Sheet,
    Style,
    Text,
)
from dsr_pipeline.reports.number_formats import Shown, shown
from dsr_pipeline.reports.pdf_chart import draw_chart
from dsr_pipeline.reports.pdf_grid import MARGIN_SIDE, MARGIN_TOP, PIXEL, Grid, grid_of
from dsr_pipeline.reports.pdf_parts import Box, How, Link, Page, Part, StyleList

Look = TypeVar("Look")

LINES = {"hair": 0.4, "thin": 0.6, "medium": 1.4, "thick": 2.2, "double": 0.5}
"""Points of the lines of cells."""
_DOUBLE = 1.5
"""Points between the two lines of a double one."""
_PAD = 1.5
_PAD_HIGH = 1.0
_INDENT = 7.0
_LEAST = 0.7
"""How much smaller a text is made at most before it is cut at the edge of its cell; numbers never are."""
_LEAST_SHRUNK = 0.6
_LETTERS = {"(": 0.31, ")": 0.31, "-": 0.31}
_FOOT = Style(size=8)
_PAGE_OF = {"en": "Page {page} of {pages}", "es": "Página {page} de {pages}", "fr": "Page {page} de {pages}"}
_PLACE = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$?[A-Z]+\$?(\d+)")


@dataclass(slots=True)
class Document:
    """Everything that the template draws."""

    pages: list[Page] = field(default_factory=list[Page])
    styles: StyleList = field(default_factory=StyleList)
    pictures: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """PNG by name."""


def lay_out(book: Book, sheets: Sequence[Sheet]) -> Document:
    """The pages of these sheets, numbered through."""
    grids = [grid_of(sheet, book.styles) for sheet in sheets]
    places = _places(sheets, grids)
    count = sum(len(grid.pages) for grid in grids)
    page_of = _PAGE_OF.get(book.language[:2], _PAGE_OF["en"])
    document = Document()
    for sheet, grid in zip(sheets, grids, strict=True):
        drawing = _Drawing(sheet, grid, book.styles, document, places)
        for rows in grid.pages:
            page = Page(grid.width, grid.height, Part(document.styles))
            drawing.draw(page, rows)
            document.pages.append(page)
            words = page_of.format(page=len(document.pages), pages=count)
            _foot(page, sheet, words, document.styles.number(_FOOT, None, 1))
    return document


def _places(sheets: Sequence[Sheet], grids: Sequence[Grid]) -> dict[tuple[str, int], Link]:
    """Where each row of each sheet is first printed, for links between them."""
    places: dict[tuple[str, int], Link] = {}
    page = 0
    for sheet, grid in zip(sheets, grids, strict=True):
        for rows in grid.pages:
            page += 1
            y = MARGIN_TOP
            for row in rows:
                places.setdefault((sheet.name, row), (page, y))
                y += grid.heights[row]
    return places


def _foot(page: Page, sheet: Sheet, middle: str, style: int) -> None:
    third = (page.width - 2 * MARGIN_SIDE) / 3
    texts: tuple[tuple[str, Align], ...] = (
        (sheet.printing.footer_left, "left"),
        (middle, "center"),
        (sheet.printing.footer_right, "right"),
    )
    for number, (text, align) in enumerate(texts):
        if text:
            box = Box(MARGIN_SIDE + number * third, page.height - 34, third, 12)
            page.cells.text(box, text, style, align, how="fit")


@dataclass(slots=True)
class _Drawing:
    """One sheet while it is drawn."""

    sheet: Sheet
    grid: Grid
    looks: Mapping[str, Style]
    document: Document
    places: Mapping[tuple[str, int], Link]
    rows: dict[int, list[Cell]] = field(init=False)

    def __post_init__(self) -> None:
        last = self.grid.last_column
        cells = [cell for cell in self.sheet.cells if cell.column <= last]
        cells.sort(key=lambda cell: (cell.row, cell.column))
        self.rows = {row: list(group) for row, group in groupby(cells, key=lambda cell: cell.row)}

    def draw(self, page: Page, rows: Sequence[int]) -> None:
        """Rows, pictures and charts of one page."""
        y = MARGIN_TOP
        tops: dict[int, float] = {}
        for row in rows:
            tops[row] = y
            height = self.grid.heights[row]
            if cells := self.rows.get(row):
                self._fills(page.cells, cells, y, height)
                self._lines(page.cells, cells, y, height)
                self._texts(page.cells, cells, y + _PAD_HIGH, height - 2 * _PAD_HIGH)
            y += height
        for picture in self.sheet.pictures:
            if picture.row in tops:
                name = hashlib.sha256(picture.png).hexdigest()[:16]
                self.document.pictures[name] = picture.png
                page.picture(self._anchored(picture, tops), name, picture.description)
        for chart in self.sheet.charts:
            if chart.row in tops:
                box = self._anchored(chart, tops)
                drawn = draw_chart(chart, box.width, box.height, self.document.styles, self.grid.scale)
                page.chart(box, drawn, chart.description)

    def _anchored(self, thing: Picture | ColumnChart, tops: Mapping[int, float]) -> Box:
        """A picture or chart in points; one that would leave the page at the right is made narrower."""
        edges, scale = self.grid.edges, self.grid.scale * PIXEL
        x = edges[thing.column]
        width = min(thing.width * scale, self.grid.width - MARGIN_SIDE - x)
        return Box(x, tops[thing.row], width, thing.height * scale)

    def _fills(self, part: Part, cells: Sequence[Cell], y: float, height: float) -> None:
        for color, first, last in _runs((cell.column, self.looks[cell.style].fill) for cell in cells):
            edges = self.grid.edges
            part.rect(Box(edges[first], y, edges[last + 1] - edges[first], height), color)

    def _lines(self, part: Part, cells: Sequence[Cell], y: float, height: float) -> None:
        looks = [(cell.column, self.looks[cell.style]) for cell in cells]
        tops = _runs((column, (look.top, look.top_color) if look.top else None) for column, look in looks)
        bottoms = _runs(
            (column, (look.bottom, look.bottom_color) if look.bottom else None) for column, look in looks
        )
        for level, runs in ((y, tops), (y + height, bottoms)):
            for (kind, color), first, last in runs:
                x, end = self.grid.edges[first], self.grid.edges[last + 1]
                part.line(x, level, end - x, LINES[kind], color)
                if kind == "double":
                    part.line(x, level - _DOUBLE, end - x, LINES[kind], color)

    def _texts(self, part: Part, cells: Sequence[Cell], y: float, height: float) -> None:
        filled = {cell.column for cell in cells if not _is_empty(cell)}
        for cell in cells:
            if cell.column not in filled:
                continue
            style = self.looks[cell.style]
            value = _value(cell)
            if isinstance(value, str):
                self._words(part, cell, shown(value, style.format), filled, y, height)
            else:
                self._figures(part, cell, shown(value, style.format), y, height)

    def _words(self, part: Part, cell: Cell, what: Shown, filled: set[int], y: float, height: float) -> None:
        style, edges, scale = self.looks[cell.style], self.grid.edges, self.grid.scale
        align = style.align or "left"
        first = last = cell.column
        if not (style.wrap or style.shrink):
            first, last = _free(cell.column, align, filled, self.grid.last_column)
        indent = style.indent * _INDENT * scale
        x = edges[first] + _PAD * scale + (indent if align == "left" else 0)
        width = edges[last + 1] - x - _PAD * scale - (indent if align == "right" else 0)
        how: How = (
            "wrap" if style.wrap else "fit" if _may_be_wider(what.text, style, scale, width) else "plain"
        )
        part.text(
            Box(x, y, width, height),
            what.text,
            self.document.styles.number(style, what.color, scale),
            align,
            style.valign,
            how,
            _LEAST_SHRUNK if style.shrink else _LEAST,
            self._target(cell),
        )

    def _figures(self, part: Part, cell: Cell, what: Shown, y: float, height: float) -> None:
        """A number or a day: it stays in its cell and is never cut, only made smaller."""
        style, edges, scale = self.looks[cell.style], self.grid.edges, self.grid.scale
        align = style.align or "right"
        number = self.document.styles.number(style, what.color, scale)
        letter = style.size * scale
        before, after = (sum(_LETTERS.get(one, 0.25) for one in text) for text in (what.before, what.after))
        indent = style.indent * _INDENT * scale
        x = edges[cell.column] + _PAD * scale + before * letter + (indent if align == "left" else 0)
        end = edges[cell.column + 1] - _PAD * scale - after * letter - (indent if align == "right" else 0)
        if what.left:
            sign = Box(x, y, end - x, height)
            part.text(sign, what.left, number, "left", style.valign)
            x += (len(what.left) * 0.55 + 0.2) * letter
        how: How = "fit" if _may_be_wider(what.text, style, scale, end - x) else "plain"
        box = Box(x, y, end - x, height)
        part.text(box, what.text, number, align, style.valign, how, link=self._target(cell))

    def _target(self, cell: Cell) -> Link | None:
        match = _PLACE.match(cell.link or "")
        if match is None:
            return None
        name = (match[1] or match[2] or "").replace("''", "'")
        return self.places.get((name, int(match[3])))


def _value(cell: Cell) -> Decimal | int | date | str:
    match cell.value:
        case Text(text):
            return text
        case Number(value) | Formula(_, value):
            return value
        case Day(day):
            return day
        case None:
            return ""


def _is_empty(cell: Cell) -> bool:
    return cell.value is None or _value(cell) == ""


def _runs(of: Iterable[tuple[int, Look | None]]) -> Iterator[tuple[Look, int, int]]:
    """Neighbouring columns of one look as one: the look, the first and the last column."""
    look: Look | None = None
    first = last = 0
    for column, one in of:
        if one == look and column == last + 1:
            last = column
            continue
        if look is not None:
            yield look, first, last
        look, first, last = one, column, column
    if look is not None:
        yield look, first, last


def _free(column: int, align: Align, filled: set[int], last_column: int) -> tuple[int, int]:
    """The columns over which a text may run: its own and the empty ones beside it."""
    right = next((one for one in range(column + 1, last_column + 1) if one in filled), last_column + 1) - 1
    left = next((one for one in range(column - 1, 0, -1) if one in filled), 0) + 1
    if align == "left":
        return column, right
    if align == "right":
        return left, column
    reach = min(column - left, right - column)
    return column - reach, column + reach


def _may_be_wider(text: str, style: Style, scale: float, width: float) -> bool:
    """Whether a text could be wider than its place; then its width is measured, which costs time."""
    letter = 0.72 if text.isupper() else 0.56
    if not text.isascii() and any(ord(one) > 0x2E80 for one in text):
        letter = 1.1
    return len(text) * letter * style.size * scale > width
