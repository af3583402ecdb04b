"""The few things that pages are drawn with, in points from the upper left corner, for `pdf_page.typ`.

Lives here: parts of a page and the styles in use. What stands where is `pdf_pages` and `pdf_chart`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from dsr_pipeline.reports.book import Align, Style

How = Literal["plain", "fit", "wrap"]
Link = tuple[int, float]
"""Page, counted from 1, and how far down."""

LINE = 1.22
"""Height of a line in the size of its letters, set by the template (it is that of Calibri)."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VERTICAL = {"top": "t", "center": "m", "bottom": "b"}


@dataclass(frozen=True, slots=True)
class Box:
    """A place with a size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class StyleList:
    """The styles of texts that a document uses, by number; equal looks are one."""

    looks: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    sizes: list[float] = field(default_factory=list[float])
    """Points of the letters of each."""
    _known: dict[tuple[Style, str | None, float], int] = field(
        default_factory=dict[tuple[Style, str | None, float], int]
    )

    def number(self, style: Style, color: str | None, scale: float) -> int:
        """The number of a style, in another colour where the number format says so, at a scale of print."""
        key = (style, color, scale)
        if (known := self._known.get(key)) is None:
            known = self._known[key] = len(self.looks)
            self.sizes.append(style.size * scale)
            self.looks.append(
                {
                    "size": round(style.size * scale, 3),
                    "bold": style.bold,
                    "italic": style.italic,
                    "underline": style.underline,
                    "strike": style.strike,
                    "color": f"#{color or style.color}",
                }
            )
        return known


@dataclass(slots=True)
class Part:
    """Rectangles, lines and texts: drawn in this order, each kind in the order in which it came."""

    styles: StyleList
    rects: list[list[object]] = field(default_factory=list[list[object]])
    lines: list[list[object]] = field(default_factory=list[list[object]])
    texts: list[list[object]] = field(default_factory=list[list[object]])

    def rect(self, box: Box, color: str) -> None:
        """A filled rectangle."""
        self.rects.append([_2(box.x), _2(box.y), _2(box.width), _2(box.height), f"#{color}"])

    def line(self, x: float, y: float, length: float, width: float, color: str) -> None:
        """A level line."""
        self.lines.append([_2(x), _2(y), _2(length), width, f"#{color}"])

    def text(
        self,
        box: Box,
        text: str,
        style: int,
        align: Align = "left",
        valign: Literal["top", "center", "bottom"] = "center",
        how: How = "plain",
        least: float = 0.0,
        link: Link | None = None,
    ) -> None:
        """A text in its box. `fit` makes it smaller, down to the factor `least` (0: whatever it takes)."""
        across = align[0]
        target = None if link is None else [link[0], _2(link[1])]
        item: list[object] = [printable(text), style, across, target]
        if how == "plain":
            free = 0.0
            if valign != "top":
                free = box.height - LINE * self.styles.sizes[style] * (1 + text.count("\n"))
            x = box.x if across == "l" else box.x + box.width / (1 if across == "r" else 2)
            item += [_2(x), _2(box.y + (free if valign == "bottom" else free / 2))]
        else:
            item += [_2(box.x), _2(box.y), _2(box.width), _2(box.height), _VERTICAL[valign], how, least]
        self.texts.append(item)


@dataclass(slots=True)
class Page:
    """One page: its cells, then pictures and charts on top."""

    width: float
    height: float
    cells: Part
    pictures: list[list[object]] = field(default_factory=list[list[object]])
    charts: list[list[object]] = field(default_factory=list[list[object]])

    def picture(self, box: Box, name: str, description: str) -> None:
        """A picture by its name in the document."""
        self.pictures.append(
            [_2(box.x), _2(box.y), _2(box.width), _2(box.height), name, printable(description)]
        )

    def chart(self, box: Box, drawn: Part, description: str) -> None:
        """A chart, drawn from its own upper left corner."""
        self.charts.append(
            [_2(box.x), _2(box.y), _2(box.width), _2(box.height), printable(description), as_json(drawn)]
        )


def as_json(part: Part) -> dict[str, object]:
    """A part as the template reads it."""
    return {"rects": part.rects, "lines": part.lines, "texts": part.texts}


def page_as_json(page: Page) -> dict[str, object]:
    """A page as the template reads it."""
    return {
        "width": page.width,
        "height": page.height,
        **as_json(page.cells),
        "pictures": page.pictures,
        "charts": page.charts,
    }


def printable(text: str) -> str:
    """The text without characters that no page can show; � stands for each."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\t", "    "))


def _2(points: float) -> float:
    return round(points, 2)
