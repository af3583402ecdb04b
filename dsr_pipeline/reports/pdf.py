"""A workbook as PDF, by typst (extra `pdf`): its first sheets as they print, with selectable text.

Lives here: which sheets, the fonts, and the call of the compiler; what stands where is `pdf_pages`. Texts go
in as JSON strings and are never markup. Comments of cells are not printed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import cast

import msgspec

from dsr_pipeline.reports.book import Book, Sheet
from dsr_pipeline.reports.number_formats import FormatError
from dsr_pipeline.reports.pdf_pages import lay_out
from dsr_pipeline.reports.pdf_parts import page_as_json, printable

FONTS = ("Calibri", "Carlito", "Arial", "Liberation Sans", "Helvetica", "DejaVu Sans", "Libertinus Serif")
"""The first that the machine has; the last is inside typst. Carlito has the widths of Calibri."""

Compile = Callable[..., bytes]


class PdfUnavailable(Exception):
    """The package that makes PDF is not installed. The text names the mend."""

    def __init__(self) -> None:
        super().__init__(
            "PDF needs the package typst: install the extra (pip install 'dsr-pipeline[pdf]'), or say "
            "`pdf: false` in rules/reports/weekly.yaml"
        )


class PdfFailed(Exception):
    """A number format that cannot be printed, a picture that is no image, or a fault of this program."""


def write_pdf(book: Book) -> bytes:
    """The sheets of a workbook that are meant for paper, as they stand in it.

    Equal books give equal bytes on one machine (fonts differ between machines). Raises `PdfUnavailable`
    where typst is missing, `PdfFailed` where a book cannot be printed.
    """
    compiler = _compiler()
    properties = book.properties
    try:
        document = lay_out(book, printed_sheets(book))
    except FormatError as error:
        raise PdfFailed(f"the PDF of {properties.title!r} could not be made: {error}") from error
    created = properties.created
    data = {
        "title": printable(properties.title),
        "subject": printable(properties.subject),
        "author": printable(properties.creator),
        "keywords": [printable(word.strip()) for word in properties.keywords.split(",") if word.strip()],
        "language": book.language[:2],
        "fonts": FONTS,
        "styles": document.styles.looks,
        # typst takes files of text alone, so a picture is a list of its bytes.
        "pictures": {name: list(png) for name, png in document.pictures.items()},
        "pages": [page_as_json(page) for page in document.pages],
    }
    files = {
        "main.typ": _template(),
        "data.json": msgspec.json.encode(data),
    }
    timestamp = created.replace(tzinfo=UTC) if created.tzinfo is None else created
    try:
        return compiler(input=files, format="pdf", timestamp=timestamp)
    except RuntimeError as error:  # TypstError is one; typst refuses bad pictures with the plain one
        raise PdfFailed(f"the PDF of {properties.title!r} could not be made: {error}") from error


def printed_sheets(book: Book) -> tuple[Sheet, ...]:
    """The sheets for paper; a flat table for pivots and the technical notes stay in the workbook."""
    return tuple(sheet for sheet in book.sheets if sheet.printing.on_paper)


@lru_cache(maxsize=1)
def _template() -> bytes:
    return Path(__file__).with_name("pdf_page.typ").read_bytes()


@lru_cache(maxsize=1)
def _compiler() -> Compile:
    """One compiler per process: it has read the fonts of the machine, which takes a tenth of a second."""
    try:
        import typst
    except ImportError as error:
        raise PdfUnavailable from error
    return cast("Compile", typst.Compiler().compile)
