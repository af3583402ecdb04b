"""The workbook in LibreOffice, which computes and prints by itself: it must agree with what we wrote."""

from __future__ import annotations

import re
import subprocess
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from dsr_pipeline.reports.book import Book, Formula
from dsr_pipeline.reports.weekly_layout import weekly_book
from dsr_pipeline.reports.xlsx import write_xlsx
from dsr_pipeline_tests.conftest import find_program, needs_program
from dsr_pipeline_tests.reports import weekly_sample as sample

pytestmark = [needs_program("soffice", "pdftotext"), pytest.mark.slow]
LOOK = sample.shipped_look()


@pytest.fixture(scope="module")
def books() -> dict[str, Book]:
    """A workbook of every kind."""
    return {name: weekly_book(report, LOOK) for name, report in sample.every_kind().items()}


def _convert(folder: Path, form: str, *files: Path) -> Path:
    out = folder / form
    program = find_program("soffice")
    assert program is not None
    subprocess.run(
        [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            form,
            "--outdir",
            str(out),
            *(str(file) for file in files),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return out


def test_libreoffice_computes_every_formula_to_the_value_we_wrote(
    books: dict[str, Book], tmp_path: Path
) -> None:
    """It trusts values that are there, so they are taken out first (openpyxl drops them when it saves)."""
    files: list[Path] = []
    for name, book in books.items():
        file = tmp_path / f"{name}.xlsx"
        file.write_bytes(write_xlsx(book))
        openpyxl.load_workbook(file).save(file)
        assert openpyxl.load_workbook(file, data_only=True).worksheets[0]["D9"].value in {None, "–"}
        files.append(file)
    out = _convert(tmp_path, "xlsx", *files)
    compared = 0
    for name, book in books.items():
        read = openpyxl.load_workbook(out / f"{name}.xlsx", data_only=True)
        for sheet in book.sheets:
            for cell in sheet.cells:
                if not isinstance(cell.value, Formula):
                    continue
                found = read[sheet.name].cell(cell.row, cell.column).value
                expected = cell.value.value
                where = (name, sheet.name, cell, found)
                if isinstance(expected, str):
                    assert found == expected, where
                else:
                    assert found is not None, where
                    # A double holds 15 digits.
                    near = max(Decimal("1e-9"), abs(Decimal(expected)) * Decimal("1e-14"))
                    assert abs(Decimal(repr(found)) - expected) <= near, where
                compared += 1
    assert compared > 500


def test_every_page_shows_its_figures_and_there_are_as_many_as_the_layout_says(
    books: dict[str, Book], tmp_path: Path
) -> None:
    files: list[Path] = []
    for name, book in books.items():
        file = tmp_path / f"{name}.xlsx"
        file.write_bytes(write_xlsx(book))
        files.append(file)
    out = _convert(tmp_path, "pdf", *files)
    for name, book in books.items():
        done = subprocess.run(
            ["pdftotext", "-layout", str(out / f"{name}.pdf"), "-"],
            check=True,
            capture_output=True,
            text=True,
        )
        pages = done.stdout.split("\f")[:-1]
        assert "###" not in done.stdout, name
        printed = len(book.sheets[0].printing.breaks_after) + 1
        running = [page for page in pages if "WEEKLY UNITS COMPLETED PER SCOPE ID" in page]
        assert len(running) == printed, name
        assert all(re.search(rf"{at} ?/ ?{len(pages)}\b", page) for at, page in enumerate(pages, start=1)), (
            name
        )
        report = sample.every_kind()[name]
        text = "".join(running)
        if report.lines:
            assert f"{abs(report.amount):,.2f}" in text, name
        for line in report.lines[:40]:
            assert f"{abs(line.amount):,.2f}" in text, (name, line)
