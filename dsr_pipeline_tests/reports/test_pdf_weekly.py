"""Weekly reports on paper: every line is there, and pages are those of the workbook."""

import re
import subprocess
from pathlib import Path

import pytest

from dsr_pipeline.reports import pdf
from dsr_pipeline.reports.pdf_grid import grid_of
from dsr_pipeline.reports.weekly_layout import weekly_book
from dsr_pipeline.reports.xlsx import write_xlsx
from dsr_pipeline_tests.conftest import needs_program
from dsr_pipeline_tests.reports.paper import needs_typst, text_of
from dsr_pipeline_tests.reports.weekly_sample import every_kind, plain, shipped_look

needs_typst()


@needs_program("pdftotext")
@pytest.mark.parametrize("name", sorted(every_kind()))
def test_every_weekly_report_is_whole_on_paper(name: str, tmp_path: Path) -> None:
    book = weekly_book(every_kind()[name], shipped_look())
    text = text_of(pdf.write_pdf(book), tmp_path, "-layout")
    flat = re.sub(r"\s", "", text)
    report = every_kind()[name]
    assert "##" not in flat
    for line in report.lines:
        assert f"{abs(line.amount):,.2f}" in flat
    assert text.count("\f") == sum(
        len(grid_of(sheet, book.styles).pages) for sheet in pdf.printed_sheets(book)
    )
    assert "Abouthisreport" not in flat


@pytest.mark.slow
@needs_program("soffice", "pdftotext")
def test_pages_break_where_libreoffice_breaks_them(tmp_path: Path) -> None:
    """The report as LibreOffice prints the workbook and as we print it: the same lines on the same pages."""
    book = weekly_book(plain(70), shipped_look())
    ours = text_of(pdf.write_pdf(book), tmp_path, "-layout").split("\f")
    (tmp_path / "book.xlsx").write_bytes(write_xlsx(book))
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            *("--headless", "--convert-to", "pdf", "--outdir", "office", "book.xlsx"),
        ],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=120,
    )
    theirs = text_of((tmp_path / "office" / "book.pdf").read_bytes(), tmp_path, "-layout").split("\f")
    points = re.compile(r"\bP-\d+\b")
    pages = len(grid_of(book.sheets[0], book.styles).pages)
    assert [points.findall(page) for page in ours[:pages]] == [
        points.findall(page) for page in theirs[:pages]
    ]
