"""How the sheet Work Report is cut into pages: its columns, its scale, and what stays together.

Lives here: paper and breaks. Excel ignores breaks where a sheet is fitted to a width, so the scale is
computed from the columns and every break is set by the layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Printing

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_layout_canvas import Canvas

MARGIN_SIDE = 0.4
MARGIN_TOP = 0.45
MARGIN_BOTTOM = 0.6
"""Inches; the writers set the same."""

_PAPER = {"letter": (11.0, 8.5), "a4": (11.69, 8.27)}  # inches, landscape
_POINTS = 72
_SAFETY_WIDTH = 0.90
"""At 100 % one column went over the edge in LibreOffice."""
_SAFETY_HEIGHT = 0.97
_PIXELS_PER_CHARACTER = 7
_CELL_PADDING = 5  # pixels

RUNNING_ROWS = (1, 2)
RUNNING_HEIGHT = 27.0  # points
LONG_BLOCK = 0.4
"""Blocks longer than this part of a page flow over to the next; shorter ones stay whole."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The columns of the sheet: eight, and a ninth for revision marks where there are any."""

    marks: bool

    @property
    def last(self) -> int:
        """The last column."""
        return 9 if self.marks else 8

    @property
    def widths(self) -> Mapping[int, float]:
        """Characters by column."""
        return _WITH_MARKS if self.marks else _PLAIN

    @property
    def description(self) -> float:
        """Width of the description."""
        return self.widths[4]


_PLAIN = {1: 12.0, 2: 15.0, 3: 12.0, 4: 47.0, 5: 8.0, 6: 10.0, 7: 13.0, 8: 16.0}
_WITH_MARKS = {**_PLAIN, 4: 37.0, 9: 10.0}


@dataclass(slots=True)
class Pages:
    """The page that is being filled, in points of the sheet (before the scale)."""

    capacity: float
    used: float = 0.0
    breaks: list[int] = field(default_factory=list[int])

    @property
    def room(self) -> float:
        """What is left of the page."""
        return self.capacity - self.used

    def fill(self, height: float) -> None:
        """So much more of the page is used."""
        self.used += height

    def turn(self, canvas: Canvas) -> None:
        """The next row begins a page, below the running band."""
        if canvas.row > RUNNING_ROWS[1] + 1 and (not self.breaks or self.breaks[-1] != canvas.row - 1):
            self.breaks.append(canvas.row - 1)
            self.used = RUNNING_HEIGHT

    def keep(self, height: float, canvas: Canvas) -> None:
        """What follows and is so high stays on one page, where a page can hold it."""
        if height > self.room and height <= self.capacity - RUNNING_HEIGHT:
            self.turn(canvas)


def scale(paper: str, widths: Mapping[int, float]) -> int:
    """Percent at which the columns fit the paper."""
    inches = _PAPER[paper][0] - 2 * MARGIN_SIDE
    pixels = sum(int(width * _PIXELS_PER_CHARACTER + _CELL_PADDING) for width in widths.values())
    return min(100, int(inches * 96 / pixels * _SAFETY_WIDTH * 100))


def new_pages(paper: str, percent: int) -> Pages:
    """The first page of the paper at that scale."""
    inches = _PAPER[paper][1] - MARGIN_TOP - MARGIN_BOTTOM
    return Pages(inches * _POINTS * 100 / percent * _SAFETY_HEIGHT)


def printing(
    paper: str, percent: int, pages: Pages, canvas: Canvas, grid: Grid, footer: tuple[str, str]
) -> Printing:
    """The print set-up of the sheet."""
    return Printing(
        landscape=True,
        paper="a4" if paper == "a4" else "letter",
        scale=percent,
        repeat_rows=RUNNING_ROWS,
        breaks_after=tuple(pages.breaks),
        last_row=canvas.row - 1,
        last_column=grid.last,
        footer_left=footer[0],
        footer_right=footer[1],
    )
