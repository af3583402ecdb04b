"""A `Book` as the bytes of an Excel workbook, through openpyxl; equal books give equal bytes.

Lives here: the way from plain cells to parts of a file, and what openpyxl cannot do by itself: the values of
formulas, and a file without the time at which it was made. Called by `weekly_build`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from dsr_pipeline.reports import safe_text
from dsr_pipeline.reports.book import Book, Cell, Formula, Number, Sheet, Table, Text
from dsr_pipeline.reports.xlsx_drawing import drawing
from dsr_pipeline.reports.xlsx_inside import Drawing, ReadyCell, cells_of, write_parts
from dsr_pipeline.reports.xlsx_styles import StyleSheet, stylesheet
from dsr_pipeline.reports.xlsx_zip import zipped

_MARGIN_SIDE, _MARGIN_TOP, _MARGIN_BOTTOM = 0.4, 0.45, 0.6
_Written = tuple[str, bool]
"""A text as it stands in the file, and whether it begins like a formula."""
_PAPERS = {"letter": 1, "a4": 9}
_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)" s="([0-9]+)"><f>(.*?)</f><v\s*/?>(?:</v>)?</c>')


def write_xlsx(book: Book) -> bytes:
    """The workbook as a file. Raises `UnfitForExcel` for what no workbook can hold."""
    texts = _texts(book)
    styles = _styles(book, texts)
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    heights: dict[str, Mapping[int, float]] = {}
    values: list[dict[bytes, bytes]] = []
    drawings: dict[str, Drawing] = {}
    for at, sheet in enumerate(book.sheets, start=1):
        made = workbook.create_sheet(sheet.name)
        heights[sheet.name] = sheet.heights
        values.append(_cells(sheet, made, styles, texts))
        _around(sheet, made)
        _on_paper(sheet, made)
        if sheet.pictures or sheet.charts:
            drawings[sheet.name] = drawing(sheet, at)
    _whole(book, workbook)
    parts = write_parts(workbook, heights, styles.xml, drawings)
    for at, cached in enumerate(values, start=1):
        if cached:
            name = f"xl/worksheets/sheet{at}.xml"
            parts[name] = _with_values(parts[name], cached)
    return zipped(parts)


def _texts(book: Book) -> dict[str, _Written]:
    """Every different text of the book as it is written: most texts of a report repeat."""
    texts = {cell.value.text for sheet in book.sheets for cell in sheet.cells if isinstance(cell.value, Text)}
    return {
        text: (safe_text.escaped(safe_text.clean(text)), safe_text.is_like_formula(text)) for text in texts
    }


def _styles(book: Book, texts: Mapping[str, _Written]) -> StyleSheet:
    quoted: set[str] = set()
    if any(like_formula for _, like_formula in texts.values()):
        quoted = {
            cell.style
            for sheet in book.sheets
            for cell in sheet.cells
            if isinstance(cell.value, Text) and texts[cell.value.text][1]
        }
    return stylesheet(tuple(book.styles.items()), frozenset(quoted))


def _cells(
    sheet: Sheet, made: Worksheet, styles: StyleSheet, texts: Mapping[str, _Written]
) -> dict[bytes, bytes]:
    """Put every cell; the values of formulas by place are returned."""
    values: dict[bytes, bytes] = {}
    numbers = styles.numbers
    cells = cells_of(made)
    for cell in sheet.cells:
        value = cell.value
        quoted = False
        if value is None:
            text, data_type = None, "n"
        elif isinstance(value, Text):
            text, quoted = texts[value.text]
            data_type = "s"
        elif isinstance(value, Number):
            text, data_type = safe_text.number(value.value), "n"
        elif isinstance(value, Formula):
            text, data_type = f"={safe_text.formula(value.formula)}", "f"
            values[f"{get_column_letter(cell.column)}{cell.row}".encode()] = _cached(value)
        else:
            number = safe_text.serial(value.day)
            text, data_type = (str(number), "n") if number is not None else (value.day.isoformat(), "s")
        ready = ReadyCell(made, cell.row, cell.column, text, data_type, numbers[cell.style, quoted])
        cells[cell.row, cell.column] = ready
        if cell.comment is not None or cell.link is not None:
            _attach(cell, ready)
    return values


def _attach(cell: Cell, ready: ReadyCell) -> None:
    if cell.comment is not None:
        ready.comment = Comment(safe_text.comment(cell.comment), "", height=70, width=260)
    if cell.link is not None:
        ready.hyperlink = Hyperlink(ref="", location=cell.link)


def _cached(value: Formula) -> bytes:
    """The value of a formula as it stands in the cell; a text is marked by a leading NUL."""
    if isinstance(value.value, str):
        text = safe_text.escaped(safe_text.clean(value.value))
        return b"\0" + text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()
    return safe_text.computed(value.value).encode()


def _with_values(xml: bytes, values: Mapping[bytes, bytes]) -> bytes:
    """The sheet with the value of each formula, which openpyxl leaves out and viewers need."""

    def with_value(found: re.Match[bytes]) -> bytes:
        place, style, formula = found.groups()
        value = values[place]
        if value.startswith(b"\0"):
            return b'<c r="%s" s="%s" t="str"><f>%s</f><v>%s</v></c>' % (place, style, formula, value[1:])
        return b'<c r="%s" s="%s"><f>%s</f><v>%s</v></c>' % (place, style, formula, value)

    return _FORMULA.sub(with_value, xml)


def _around(sheet: Sheet, made: Worksheet) -> None:
    for column, width in sheet.widths.items():
        made.column_dimensions[get_column_letter(column)].width = width
    if sheet.freeze is not None:
        row, column = sheet.freeze
        made.freeze_panes = f"{get_column_letter(column)}{row}"
    made.sheet_view.showGridLines = sheet.grid
    if sheet.tab_color:
        made.sheet_properties.tabColor = sheet.tab_color
    if sheet.filter_range:
        made.auto_filter.ref = sheet.filter_range
    for table in sheet.tables:
        made.add_table(_table(table))


def _table(table: Table) -> ExcelTable:
    first, last = get_column_letter(table.first_column), get_column_letter(table.last_column)
    made = ExcelTable(displayName=table.name, ref=f"{first}{table.first_row}:{last}{table.last_row}")
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
    return made


def _on_paper(sheet: Sheet, made: Any) -> None:
    printing = sheet.printing
    setup = made.page_setup
    setup.orientation = "landscape" if printing.landscape else "portrait"
    setup.paperSize = _PAPERS[printing.paper]
    if printing.fit_width:
        made.sheet_properties.pageSetUpPr.fitToPage = True
        setup.fitToWidth, setup.fitToHeight = 1, 0
    elif printing.scale is not None:
        setup.scale = printing.scale
    margins = made.page_margins
    margins.left = margins.right = _MARGIN_SIDE
    margins.top, margins.bottom, margins.header, margins.footer = _MARGIN_TOP, _MARGIN_BOTTOM, 0.2, 0.3
    made.print_options.horizontalCentered = True
    if printing.repeat_rows is not None:
        made.print_title_rows = f"{printing.repeat_rows[0]}:{printing.repeat_rows[1]}"
    if printing.last_row is not None and printing.last_column is not None:
        made.print_area = f"A1:{get_column_letter(printing.last_column)}{printing.last_row}"
    for row in printing.breaks_after:
        made.row_breaks.append(Break(id=row))
    footer = made.oddFooter
    for part, text in (
        (footer.left, safe_text.header_footer(printing.footer_left)),
        (footer.center, "&P / &N"),
        (footer.right, safe_text.header_footer(printing.footer_right)),
    ):
        if text:
            # A digit right after the size would be read as part of it.
            part.text, part.size = f" {text}", 8


def _whole(book: Book, workbook: Any) -> None:
    properties = workbook.properties
    known = book.properties
    properties.title, properties.subject = known.title, known.subject
    properties.keywords, properties.category = known.keywords, known.category
    properties.creator = properties.lastModifiedBy = known.creator
    properties.created = properties.modified = known.created
    properties.language = book.language
    for name, value in known.custom.items():
        workbook.custom_doc_props.append(StringProperty(name=name, value=value))
    for name, place in book.names.items():
        workbook.defined_names[name] = DefinedName(name, attr_text=place)
