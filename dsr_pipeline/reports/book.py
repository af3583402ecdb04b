"""A workbook as plain data: typed cells at places, sheets with their print set-up, styles by name.

Lives here: the model alone. Layouts make it (`weekly_layout`), writers turn it into a file (`xlsx`, `pdf`);
neither knows the other. A cell's type is what was put there: a text can never become a formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Align = Literal["left", "center", "right"]
Border = Literal["hair", "thin", "medium", "thick", "double"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks. Colours are RRGGBB. Equal styles are one style of the file."""

    size: float = 10
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strike: bool = False
    color: str = "1B2430"
    fill: str | None = None
    align: Align | None = None
    valign: Literal["top", "center", "bottom"] = "center"
    indent: int = 0
    wrap: bool = False
    shrink: bool = False
    format: str = "General"
    """Number format in the notation of Excel, en-US."""
    top: Border | None = None
    bottom: Border | None = None
    top_color: str = "D5DBE3"
    bottom_color: str = "D5DBE3"


@dataclass(frozen=True, slots=True)
class Text:
    """A text, whatever it begins with."""

    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number, at most 15 digits."""

    value: Decimal | int


@dataclass(frozen=True, slots=True)
class Day:
    """A day; before 1900-03-01 the writer shows it as text."""

    day: date


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of ours (without `=`) and the value that it must give: both are written."""

    formula: str
    value: Decimal | int | str


Value = Text | Number | Day | Formula | None
"""None: an empty cell that has a style."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; row and column are counted from 1. `link` is a place in the book such as `'About'!A1`."""

    row: int
    column: int
    value: Value
    style: str
    comment: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """An image with its upper left corner in a cell."""

    row: int
    column: int
    png: bytes
    width: int  # pixels
    height: int  # pixels
    description: str


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Columns over categories; `data` and `categories` are ranges of the sheet such as `$D$17:$D$23`."""

    row: int
    column: int
    data: str
    categories: str
    labels: tuple[str, ...]
    values: tuple[Decimal, ...]
    """What `data` holds, for writers that draw it themselves (PDF)."""
    width: int  # pixels
    height: int  # pixels
    color: str
    description: str
    category_format: str = "General"
    """Number format of the categories."""
    value_format: str = "#,##0"
    """Number format of the axis of values."""


@dataclass(frozen=True, slots=True)
class Table:
    """A range with one header row as an Excel table."""

    name: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Printing:
    """How a sheet prints. Breaks are ignored by Excel where `fit_width` is set: use `scale` with them."""

    landscape: bool = True
    paper: Literal["letter", "a4"] = "letter"
    scale: int | None = None  # percent
    fit_width: bool = False
    repeat_rows: tuple[int, int] | None = None
    breaks_after: tuple[int, ...] = ()
    """Rows after which a page ends."""
    last_row: int | None = None
    last_column: int | None = None
    footer_left: str = ""
    footer_right: str = ""
    """Plain texts (the writer escapes `&`); the middle is always the page number."""
    on_paper: bool = True
    """Whether the sheet is in the PDF; a flat table for pivots is not."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its cells in reading order and everything around them."""

    name: str
    cells: tuple[Cell, ...]
    widths: Mapping[int, float]
    """Characters by column, from 1."""
    heights: Mapping[int, float] = field(default_factory=dict[int, float])
    """Points by row, where it is not the default."""
    freeze: tuple[int, int] | None = None
    """First row and column that scroll."""
    grid: bool = False
    tab_color: str | None = None
    printing: Printing = Printing()
    pictures: tuple[Picture, ...] = ()
    charts: tuple[ColumnChart, ...] = ()
    tables: tuple[Table, ...] = ()
    filter_range: str | None = None


@dataclass(frozen=True, slots=True)
class Properties:
    """Properties of the file; `created` is part of the content, never the clock."""

    title: str
    subject: str
    keywords: str
    category: str
    creator: str
    created: datetime
    custom: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Book:
    """A whole workbook. Every style that a cell names is in `styles`."""

    sheets: tuple[Sheet, ...]
    styles: Mapping[str, Style]
    properties: Properties
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Defined names, such as TotalBilled for `'Work Report'!$D$9`."""
    language: str = "en-US"
