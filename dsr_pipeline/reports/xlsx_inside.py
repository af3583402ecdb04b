"""Everything that we take from inside openpyxl: cells put where they belong, parts written without files.

Lives here alone: names of openpyxl that begin with an underscore, and the classes of its writer. A test says
which of them changed when a new version breaks this. Called by `xlsx` and `xlsx_styles`.
"""

# openpyxl's own attributes, on purpose and in this module only; its stubs leave most of them out.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, cast

from openpyxl.cell import _writer as cell_writer
from openpyxl.cell.cell import Cell
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.packaging.extended import ExtendedProperties
from openpyxl.styles import stylesheet as stylesheets
from openpyxl.workbook import Workbook
from openpyxl.workbook._writer import WorkbookWriter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter
from openpyxl.writer.theme import theme_xml
from openpyxl.xml.constants import (
    ARC_APP,
    ARC_CORE,
    ARC_CUSTOM,
    ARC_ROOT_RELS,
    ARC_STYLE,
    ARC_THEME,
    ARC_WORKBOOK,
    ARC_WORKBOOK_RELS,
    CPROPS_TYPE,
)
from openpyxl.xml.functions import tostring

_write_cell: Any = cast("Any", cell_writer).write_cell


class ReadyCell(Cell):
    """A cell whose value is text already and whose number of style is known.

    openpyxl looks both up at every write otherwise: the style by its hash, the type by the value, and a text
    that begins with `=` would become a formula.
    """

    __slots__ = ("style_id",)

    has_style: Any = True
    style_id: Any

    def __init__(
        self, sheet: Worksheet, row: int, column: int, value: str | None, data_type: str, style_id: int
    ) -> None:
        self.parent = sheet
        self.row = row
        self.column = column
        self._value = value
        self.data_type = data_type
        self.style_id = style_id
        self._style = None
        self._hyperlink = None
        self._comment = None


def cells_of(sheet: Worksheet) -> dict[tuple[int, int], Any]:
    """The cells of a sheet by row and column, to put ready ones into."""
    return cast("Any", sheet)._cells


class SheetWriter(WorksheetWriter):
    """Writes one sheet into memory, with heights that are plain numbers."""

    def __init__(self, sheet: Worksheet, heights: Mapping[int, float]) -> None:
        super().__init__(sheet, out=BytesIO())
        self._heights = heights

    def rows(self) -> Any:
        """Rows with their cells in order: the layout has put the cells in order."""
        rows: dict[int, list[Any]] = {row: [] for row in self._heights}
        for (row, _), cell in cells_of(cast("Worksheet", self.ws)).items():
            found = rows.get(row)
            if found is None:
                rows[row] = [cell]
            else:
                found.append(cell)
        return sorted(rows.items())

    def write_row(self, xf: Any, row: Any, row_idx: int) -> None:
        """One row with its height."""
        attributes = {"r": str(row_idx)}
        height = self._heights.get(row_idx)
        if height is not None:
            attributes["ht"] = f"{height:g}"
            attributes["customHeight"] = "1"
        sheet: Any = self.ws
        with xf.element("row", attributes):
            for cell in row:
                if cell._comment is not None:
                    sheet._comments.append(CommentRecord.from_cell(cell))
                _write_cell(xf, sheet, cell, True)


class Parts(dict[str, bytes]):
    """The parts of a package in memory, in place of a zip file."""

    def writestr(self, name: str, data: str | bytes) -> None:
        """What `ZipFile.writestr` takes."""
        self[name] = data.encode("utf-8") if isinstance(data, str) else data

    def namelist(self) -> list[str]:
        """What `ZipFile.namelist` gives."""
        return list(self)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a package, as the list of content types names it."""

    path: str
    mime_type: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawing of one sheet, written before: its parts by name, and which of them are listed by type."""

    path: str
    parts: Mapping[str, bytes]
    listed: tuple[Part, ...]


def drawing_of(workbook: Workbook) -> Drawing:
    """The drawing of the first sheet of a workbook that was made for it alone."""
    writer: Any = PartsWriter(workbook, {sheet.title: {} for sheet in workbook.worksheets}, b"", {})
    writer.save()
    parts = {
        name: xml
        for name, xml in writer.parts.items()
        if name.startswith(("xl/drawings/", "xl/charts/", "xl/media/"))
    }
    listed = [Part(each.path, each.mime_type) for each in (*writer._drawings, *writer._charts)]
    return Drawing(listed[0].path, parts, tuple(listed))


class PartsWriter(ExcelWriter):
    """Writes a workbook into `Parts`, with a stylesheet and drawings that were made before."""

    def __init__(
        self,
        workbook: Workbook,
        heights: Mapping[str, Mapping[int, float]],
        stylesheet: bytes,
        drawings: Mapping[str, Drawing],
    ) -> None:
        self.parts = Parts()
        super().__init__(workbook, cast("Any", self.parts))
        self._heights = heights
        self._stylesheet = stylesheet
        self._ready = drawings

    def write_data(self) -> None:
        """Every part but those that are the same in every workbook, which stay as they were made."""
        book: Any = self.workbook
        writer: Any = self
        parts = self.parts
        parts.writestr(ARC_APP, tostring(ExtendedProperties().to_tree()))
        parts[ARC_CORE] = tostring(book.properties.to_tree())
        parts[ARC_THEME] = _theme()
        if len(book.custom_doc_props) >= 1:
            parts[ARC_CUSTOM] = tostring(book.custom_doc_props.to_tree())
            writer.manifest.append(Part(f"/{ARC_CUSTOM}", CPROPS_TYPE))
        writer._write_worksheets()
        writer._write_images()
        writer._write_charts()
        parts[ARC_STYLE] = self._stylesheet
        whole: Any = WorkbookWriter(book)
        parts[ARC_ROOT_RELS] = whole.write_root_rels()
        parts[ARC_WORKBOOK] = whole.write()
        parts[ARC_WORKBOOK_RELS] = whole.write_rels()
        writer.manifest._write(parts, book)

    def write_worksheet(self, ws: Any) -> None:
        """One sheet, without a temporary file."""
        ready = self._ready.get(ws.title)
        if ready is None:
            ws._drawing = SpreadsheetDrawing()
            ws._drawing.charts = ws._charts
            ws._drawing.images = ws._images
        else:
            # The sheet names its drawing where it has charts.
            ws._drawing, ws._charts = ready, [ready]
        writer: Any = SheetWriter(ws, self._heights[ws.title])
        writer.write()
        ws._rels = writer._rels
        self.parts[ws.path[1:]] = writer.read()
        self.manifest.append(ws)

    def _write_drawing(self, drawing: Any) -> None:
        if not isinstance(drawing, Drawing):
            cast("Any", super())._write_drawing(drawing)
            return
        self.parts.update(drawing.parts)
        for part in drawing.listed:
            self.manifest.append(cast("Any", part))


@cache
def _theme() -> bytes:
    return theme_xml.encode("utf-8")


def stylesheet_of(workbook: Workbook) -> bytes:
    """The stylesheet of a workbook as it is written."""
    return cast("bytes", tostring(cast("Any", stylesheets).write_stylesheet(workbook)))


def style_number(workbook: Workbook, cell: Cell) -> int:
    """The number of a cell's style in the stylesheet; a copy, because the cell may change its own."""
    return cast("Any", workbook)._cell_styles.add(copy(cast("Any", cell)._style))


def write_parts(
    workbook: Workbook,
    heights: Mapping[str, Mapping[int, float]],
    stylesheet: bytes,
    drawings: Mapping[str, Drawing],
) -> dict[str, bytes]:
    """Every part of the workbook's package by name; heights and drawings are by sheet."""
    writer = PartsWriter(workbook, heights, stylesheet, drawings)
    writer.save()
    return writer.parts
