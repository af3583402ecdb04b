"""The same `Book` through XlsxWriter: the same cells, formulas, values, print set-up, chart and pictures.

Lives here: the second writer, beside which the bench of `xlsx` is reported; it does nothing that `xlsx` does
not. Texts are written as texts, formulas come from the layout alone.
"""

from __future__ import annotations

from datetime import UTC
from io import BytesIO
from typing import Any

from dsr_pipeline.reports import safe_text
from dsr_pipeline.reports.book import Book, Cell, ColumnChart, Day, Formula, Number, Sheet, Style, Text
from dsr_pipeline.reports.xlsx_drawing import GAP_WIDTH, HAIRLINE, MUTED
from dsr_pipeline.reports.xlsx_styles import FONT

_BORDERS = {"thin": 1, "medium": 2, "thick": 5, "double": 6, "hair": 7}
_PADDING = 5 / 7  # characters
_PAPERS = {"letter": 1, "a4": 9}
_ALIGN_VERTICAL = {"top": "top", "center": "vcenter", "bottom": "bottom"}


def write_with_xlsxwriter(book: Book) -> bytes:
    """The workbook as a file. Raises `UnfitForExcel` for what no workbook can hold."""
    import xlsxwriter

    out = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook: Any = xlsxwriter.Workbook(out, options)
    properties = book.properties
    workbook.set_properties(
        {
            "title": properties.title,
            "subject": properties.subject,
            "author": properties.creator,
            "keywords": properties.keywords,
            "category": properties.category,
            "created": properties.created.replace(tzinfo=UTC),
        }
    )
    for name, value in properties.custom.items():
        workbook.set_custom_property(name, value, "text")
    formats: dict[tuple[str, bool], Any] = {}
    for sheet in book.sheets:
        _sheet(sheet, book, workbook, formats)
    for name, place in book.names.items():
        workbook.define_name(name, f"={place}")
    workbook.close()
    return out.getvalue()


def _sheet(sheet: Sheet, book: Book, workbook: Any, formats: dict[tuple[str, bool], Any]) -> None:
    made: Any = workbook.add_worksheet(sheet.name)
    for column, width in sheet.widths.items():
        # XlsxWriter adds the padding of a cell, which our widths hold already.
        made.set_column(column - 1, column - 1, width - _PADDING)
    for row, height in sheet.heights.items():
        made.set_row(row - 1, height)
    for cell in sheet.cells:
        quoted = isinstance(cell.value, Text) and safe_text.is_like_formula(cell.value.text)
        key = (cell.style, quoted)
        style = formats.get(key)
        if style is None:
            style = formats[key] = workbook.add_format(_format(book.styles[cell.style], quoted))
        _cell(cell, made, style)
    if sheet.freeze is not None:
        made.freeze_panes(sheet.freeze[0] - 1, sheet.freeze[1] - 1)
    if not sheet.grid:
        made.hide_gridlines(2)
    if sheet.tab_color:
        made.set_tab_color(f"#{sheet.tab_color}")
    _on_paper(sheet, made)
    for picture in sheet.pictures:
        made.insert_image(
            picture.row - 1,
            picture.column - 1,
            "picture.png",
            {
                "image_data": BytesIO(picture.png),
                "description": picture.description,
                **_scales(picture.png, picture.width, picture.height),
            },
        )
    for chart in sheet.charts:
        _chart(chart, sheet, made, workbook)
    _tables(sheet, made, formats)


def _cell(cell: Cell, made: Any, style: Any) -> None:
    row, column, value = cell.row - 1, cell.column - 1, cell.value
    if cell.link is not None:
        # It writes a text of its own, over which the value goes.
        made.write_url(row, column, f"internal:{cell.link}", style, "")
    if isinstance(value, Text):
        # XlsxWriter writes `_x0041_` so that it stays a text.
        made.write_string(row, column, safe_text.clean(value.text), style)
    elif isinstance(value, Number):
        safe_text.number(value.value)
        made.write_number(row, column, value.value, style)
    elif isinstance(value, Formula):
        cached = value.value
        shown = cached if isinstance(cached, str) else float(safe_text.computed(cached))
        made.write_formula(row, column, f"={safe_text.formula(value.formula)}", style, shown)
    elif isinstance(value, Day):
        serial = safe_text.serial(value.day)
        if serial is None:
            made.write_string(row, column, value.day.isoformat(), style)
        else:
            made.write_number(row, column, serial, style)
    else:
        made.write_blank(row, column, None, style)
    if cell.comment is not None:
        made.write_comment(row, column, safe_text.comment(cell.comment), {"x_scale": 2})


def _format(style: Style, quoted: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "font_name": FONT,
        "font_size": style.size,
        "bold": style.bold,
        "italic": style.italic,
        "underline": 1 if style.underline else 0,
        "font_strikeout": style.strike,
        "font_color": f"#{style.color}",
        "valign": _ALIGN_VERTICAL[style.valign],
        "indent": style.indent,
        "text_wrap": style.wrap,
        "shrink": style.shrink,
        "num_format": style.format,
        "quote_prefix": quoted,
    }
    if style.fill:
        made |= {"bg_color": f"#{style.fill}", "pattern": 1}
    if style.align:
        made["align"] = style.align
    if style.top:
        made |= {"top": _BORDERS[style.top], "top_color": f"#{style.top_color}"}
    if style.bottom:
        made |= {"bottom": _BORDERS[style.bottom], "bottom_color": f"#{style.bottom_color}"}
    return made


def _on_paper(sheet: Sheet, made: Any) -> None:
    printing = sheet.printing
    if printing.landscape:
        made.set_landscape()
    made.set_paper(_PAPERS[printing.paper])
    made.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.6)
    made.center_horizontally()
    if printing.fit_width:
        made.fit_to_pages(1, 0)
    elif printing.scale is not None:
        made.set_print_scale(printing.scale)
    if printing.repeat_rows is not None:
        made.repeat_rows(printing.repeat_rows[0] - 1, printing.repeat_rows[1] - 1)
    if printing.last_row is not None and printing.last_column is not None:
        made.print_area(0, 0, printing.last_row - 1, printing.last_column - 1)
    if printing.breaks_after:
        made.set_h_pagebreaks(list(printing.breaks_after))
    left = safe_text.header_footer(printing.footer_left)
    right = safe_text.header_footer(printing.footer_right)
    made.set_footer(f"&L&8 {left}&C&8 &P / &N&R&8 {right}", {"margin": 0.3})


def _chart(chart: ColumnChart, sheet: Sheet, made: Any, workbook: Any) -> None:
    quoted = "'" + sheet.name.replace("'", "''") + "'"
    bars = workbook.add_chart({"type": "column"})
    bars.add_series(
        {
            "categories": f"={quoted}!{chart.categories}",
            "values": f"={quoted}!{chart.data}",
            "fill": {"color": f"#{chart.color}"},
            "gap": GAP_WIDTH,
        }
    )
    font = {"name": FONT, "size": 8, "color": f"#{MUTED}"}
    line = {"color": f"#{HAIRLINE}"}
    tick = {"num_font": font, "major_tick_mark": "none", "minor_tick_mark": "none", "line": line}
    bars.set_x_axis({**tick, "num_format": chart.category_format, "label_position": "low", "text_axis": True})
    bars.set_y_axis(
        {**tick, "num_format": chart.value_format, "major_gridlines": {"visible": True, "line": line}}
    )
    bars.set_legend({"none": True})
    bars.set_chartarea({"border": {"none": True}, "fill": {"none": True}})
    bars.set_size({"width": chart.width, "height": chart.height})
    made.insert_chart(chart.row - 1, chart.column - 1, bars, {"description": chart.description})


def _tables(sheet: Sheet, made: Any, formats: dict[tuple[str, bool], Any]) -> None:
    heads = {
        cell.column: {"header": cell.value.text, "header_format": formats[cell.style, False]}
        for cell in sheet.cells
        if sheet.tables and cell.row == sheet.tables[0].first_row and isinstance(cell.value, Text)
    }
    for table in sheet.tables:
        columns = range(table.first_column, table.last_column + 1)
        made.add_table(
            table.first_row - 1,
            table.first_column - 1,
            table.last_row - 1,
            table.last_column - 1,
            {
                "name": table.name,
                "style": "Table Style Light 1",
                "banded_rows": False,
                "columns": [heads[column] for column in columns],
            },
        )
    if sheet.filter_range:
        made.autofilter(sheet.filter_range)


def _scales(png: bytes, width: int, height: int) -> dict[str, float]:
    own_width = int.from_bytes(png[16:20], "big") or 1
    own_height = int.from_bytes(png[20:24], "big") or 1
    return {"x_scale": width / own_width, "y_scale": height / own_height}
