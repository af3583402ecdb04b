"""A workbook on paper: what people read there, and that no text of the data does anything but stand there."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dsr_pipeline.reports import pdf
from dsr_pipeline.reports.book import (
    Book,
    Cell,
    ColumnChart,
    Day,
    Formula,
    Number,
    Picture,
    Printing,
    Properties,
    Sheet,
    Style,
    Text,
    Value,
)
from dsr_pipeline.reports.pdf_chart import axis
from dsr_pipeline.reports.pdf_grid import grid_of
from dsr_pipeline.reports.pdf_pages import lay_out
from dsr_pipeline_tests.conftest import PROJECT, needs_program
from dsr_pipeline_tests.reports.paper import needs_typst, text_of

needs_typst()

MONEY = '_($* #,##0.00_);[Red]_($* (#,##0.00);_($* "-"??_);_(@_)'
STYLES: Mapping[str, Style] = {
    "text": Style(bottom="hair"),
    "right": Style(align="right"),
    "middle": Style(align="center"),
    "wrap": Style(wrap=True, valign="top"),
    "money": Style(format=MONEY),
    "count": Style(format="#,##0"),
    "day": Style(format="mm/dd/yyyy"),
    "band": Style(bold=True, color="FFFFFF", fill="1F3A5F", indent=1),
    "gone": Style(strike=True, italic=True, underline=True),
}
NASTY = (
    '#panic("boom")',
    '#include "/etc/passwd"',
    "$ x^2 $ *bold* _it_ `raw`",
    "= Heading\\ @ref <label>",
    "/* no comment */ // nor this",
    '\\u{41} \\" {{}} ]]',
    '=HYPERLINK("http://example.com")',
    "Ñandú · Ωμέγα Жук ≥ ½ – “quoted”",
)


def _cell(row: int, column: int, value: Value | str | int | Decimal | date, style: str = "text") -> Cell:
    if isinstance(value, str):
        return Cell(row, column, Text(value), style)
    if isinstance(value, int | Decimal):
        return Cell(row, column, Number(value), style)
    return Cell(row, column, Day(value) if isinstance(value, date) else value, style)


def _sheet(*cells: Cell, name: str = "Sheet", **more: object) -> Sheet:
    return Sheet(name=name, cells=cells, widths={1: 12, 2: 12, 3: 12, 4: 12}, **more)  # pyright: ignore[reportArgumentType]


def _book(*sheets: Sheet, title: str = "A title") -> Book:
    properties = Properties(
        title, "Subject", "one, two", "Category", "dsr_pipeline", datetime(2025, 8, 17, tzinfo=UTC)
    )
    return Book(sheets, STYLES, properties)


def _rich() -> Book:
    chart = ColumnChart(
        20, 1, "$A$1:$A$3", "$B$1:$B$3", ("Mon", "Tue", "Wed"), (Decimal(10), Decimal(0), Decimal("-4.5")),
        300, 150, "1F3A5F", "A chart",
    )  # fmt: skip
    logo = Picture(10, 1, (PROJECT / "rules/reports/logo.png").read_bytes(), 150, 82, "A logo")
    cells = [
        Cell(1, 1, Text("Band"), "band"),
        *(Cell(1, column, None, "band") for column in (2, 3, 4)),
        _cell(2, 1, "Amount"),
        _cell(2, 2, Decimal(-1480), "money"),
        Cell(3, 1, Formula("SUM(B2)", Decimal("1234567.891")), "money"),
        Cell(3, 2, Text("to the band"), "text", comment="a remark", link="'Sheet'!A1"),
        _cell(4, 1, date(2025, 8, 17), "day"),
        _cell(5, 1, "gone", "gone"),
    ]
    return _book(_sheet(*cells, pictures=(logo,), charts=(chart,)))


def test_equal_books_give_equal_bytes_in_any_process() -> None:
    code = (
        "import hashlib; from dsr_pipeline_tests.reports.test_pdf import _rich; "
        "from dsr_pipeline.reports.pdf import write_pdf; "
        "print(hashlib.sha256(write_pdf(_rich())).hexdigest())"
    )
    outside = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    )  # fmt: skip
    made = pdf.write_pdf(_rich())
    assert made == pdf.write_pdf(_rich())
    assert hashlib.sha256(made).hexdigest() == outside.stdout.strip()
    later = replace(_rich().properties, created=datetime(2025, 8, 18, tzinfo=UTC))
    assert pdf.write_pdf(replace(_rich(), properties=later)) != made


@needs_program("pdftotext")
def test_what_stands_in_the_cells_can_be_selected(tmp_path: Path) -> None:
    text = text_of(pdf.write_pdf(_rich()), tmp_path, "-layout")
    for words in ("Band", "(1,480.00)", "1,234,567.89", "to the band", "08/17/2025", "gone", "Tue", "-5"):
        assert words in text
    assert "Page 1 of 1" in text
    assert "a remark" not in text


@needs_program("pdftotext")
def test_no_text_is_ever_markup(tmp_path: Path) -> None:
    cells = [_cell(row, 1, text) for row, text in enumerate(NASTY, start=1)]
    cells += [_cell(20, 1, "a\nb#c", "wrap"), _cell(21, 1, "nul\x00 half\ud800 tab\tx")]
    sheet = _sheet(*cells, name="#panic()", printing=Printing(footer_left="#panic() & $x$"))
    text = text_of(pdf.write_pdf(_book(sheet, title='#panic("title") "]')), tmp_path)
    for words in NASTY:
        assert words in text
    assert "#panic() & $x$" in text
    assert "a\nb#c" in text
    assert "nul\ufffd half\ufffd tab" in text


def test_a_text_runs_over_empty_cells_and_stops_before_the_next(tmp_path: Path) -> None:
    long = "a text that is much longer than its own cell"
    document = lay_out(
        _book(
            sheet := _sheet(
                _cell(1, 1, long),
                _cell(2, 1, long),
                _cell(2, 3, "next"),
                _cell(3, 4, long, "right"),
                _cell(3, 1, "first"),
                _cell(4, 2, long, "middle"),
                Cell(5, 1, Text(long), "text"),
                Cell(5, 2, None, "text"),
            )
        ),
        [sheet],
    )
    column = grid_of(sheet, STYLES).edges[2] - grid_of(sheet, STYLES).edges[1]
    boxes = [item for item in document.pages[0].cells.texts if item[0] == long]
    widths = [float(str(item[6])) if len(item) > 6 else None for item in boxes]
    assert widths[0] is None or widths[0] > 3.9 * column
    assert widths[1] == pytest.approx(2 * column - 3, abs=0.1)
    assert widths[2] == pytest.approx(3 * column - 3, abs=0.1)
    # In the middle of its own cell: as far to the left as to the right.
    assert widths[3] == pytest.approx(3 * column - 3, abs=0.1)
    assert widths[4] is None or widths[4] > 3.9 * column


@needs_program("pdftotext")
def test_a_number_that_is_too_wide_is_made_smaller_and_never_cut(tmp_path: Path) -> None:
    sheet = Sheet("S", (_cell(1, 1, 123456789012345, "count"), _cell(1, 2, "x")), {1: 5, 2: 5})
    text = text_of(pdf.write_pdf(_book(sheet)), tmp_path)
    assert "123,456,789,012,345" in text
    assert "#" not in text


@needs_program("pdftotext")
def test_pages_end_where_the_layout_says_and_repeat_their_head(tmp_path: Path) -> None:
    cells = [_cell(row, 1, f"row {row}") for row in range(1, 61)]
    printing = Printing(repeat_rows=(1, 2), breaks_after=(5,), last_row=58, last_column=1)
    sheet = _sheet(*cells, _cell(3, 2, "outside"), printing=printing)
    grid = grid_of(sheet, STYLES)
    assert grid.pages[0] == (1, 2, 3, 4, 5)
    assert grid.pages[1][:3] == (1, 2, 6)
    assert [row for rows in grid.pages for row in rows if row > 2] == list(range(3, 59))
    assert all(sum(grid.heights[row] for row in rows) <= 612 - 75 for rows in grid.pages)
    pages = text_of(pdf.write_pdf(_book(sheet)), tmp_path).split("\f")
    assert [page.count("row 1\n") for page in pages] == [1] * len(grid.pages) + [0]
    assert "outside" not in "".join(pages)
    assert f"Page 2 of {len(grid.pages)}" in pages[1]


def test_a_sheet_that_is_wider_than_the_paper_is_made_smaller() -> None:
    wide = Sheet("S", (_cell(1, 30, "end"),), dict.fromkeys(range(1, 31), 20.0))
    for paper, width in (("letter", 792.0), ("a4", 841.89)):
        grid = grid_of(replace(wide, printing=Printing(paper=paper)), STYLES)  # pyright: ignore[reportArgumentType]
        assert grid.edges[1] == pytest.approx(28.8)
        assert grid.edges[-1] == pytest.approx(width - 28.8)


def test_a_row_without_a_height_holds_its_wrapped_text() -> None:
    sheet = _sheet(_cell(1, 1, "words that need several lines " * 4, "wrap"), _cell(2, 1, "one"))
    heights = grid_of(sheet, STYLES).heights
    assert heights[1] > 5 * 12.2
    assert heights[2] == 15


@needs_program("pdftotext")
def test_only_sheets_for_paper_are_printed(tmp_path: Path) -> None:
    flat = _sheet(_cell(1, 1, "flat"), name="Flat", printing=Printing(on_paper=False))
    report = _sheet(_cell(1, 1, "report"), name="Report")
    text = text_of(pdf.write_pdf(_book(flat, report)), tmp_path)
    assert "report" in text
    assert "flat" not in text


def test_a_picture_that_is_none_is_told(tmp_path: Path) -> None:
    broken = _sheet(_cell(1, 1, "x"), pictures=(Picture(1, 1, b"\x89PNG\r\n\x1a\nno", 10, 10, "none"),))
    with pytest.raises(pdf.PdfFailed, match="A title"):
        pdf.write_pdf(_book(broken))


def test_without_the_package_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    pdf._compiler.cache_clear()
    with pytest.raises(pdf.PdfUnavailable, match=r"dsr-pipeline\[pdf\]"):
        pdf.write_pdf(_rich())


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        (["9340.80", "0"], [0, 2000, 4000, 6000, 8000, 10000]),
        (["-1480", "300"], [-1500, -1000, -500, 0, 500]),
        (["0", "0"], [0, Decimal("0.2"), Decimal("0.4"), Decimal("0.6"), Decimal("0.8"), 1]),
        (["0.03"], [0, Decimal("0.01"), Decimal("0.02"), Decimal("0.03")]),
    ],
)
def test_the_axis_of_a_chart_has_few_round_numbers(values: list[str], ticks: list[object]) -> None:
    assert axis([Decimal(value) for value in values]) == ticks


@needs_program("pdftotext")
def test_a_code_that_is_broken_over_lines_keeps_its_hyphens(tmp_path: Path) -> None:
    book = replace(_book(_sheet(_cell(1, 1, "P-1043/north-east-corner-of-field", "wrap"))), language="es-US")
    # Without -layout, pdftotext itself takes hyphens at the ends of lines away.
    text = "".join(text_of(pdf.write_pdf(book), tmp_path, "-layout").split())
    assert "P-1043/north-east-corner-of-field" in text
