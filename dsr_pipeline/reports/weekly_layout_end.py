"""The end of the sheet Work Report: grand total, units by code, who signs, and the notes.

Lives here: everything below the blocks of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Text
from dsr_pipeline.reports.weekly_layout_blocks import BAND, COLUMNS, GAP, LINE, SUBTOTAL
from dsr_pipeline.reports.weekly_layout_canvas import Canvas, quoted, text_width, total

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_content import Line, Report
    from dsr_pipeline.reports.weekly_layout_pages import Grid, Pages
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

_GRAND = 24.0
_SIGN_SPACE = 24.0
_SIGN = 16.0
_SMALL_GAP = 5.0
_NOTE = 13.0
_WORTH_SUMMING = 6
"""Lines from which on a summary by code says more than they do."""
_NOTE_WIDTH = 128.0
_HASH_SHOWN = 16
_SIGN_COLUMNS = ((1, 2), (4, 4), (6, 0))
"""First and last column of each line to sign; 0 stands for the last of the sheet."""


@dataclass(slots=True)
class _Code:
    line: Line
    count: int
    quantity: Decimal | None
    amount: Decimal


def draw_grand_total(
    report: Report, look: WeeklyLook, week_total: int, canvas: Canvas, pages: Pages, grid: Grid
) -> None:
    """The band with the total of the week."""
    pages.keep(_GRAND + GAP, canvas)
    row = canvas.take(_GRAND)
    words = look.labels
    canvas.text(row, 1, words.grand_total if report.money else words.grand_total_view, "grand")
    canvas.fill(row, 2, 6, "grand")
    # Seven and eight together hold any total; the figure stands in the column of amounts.
    canvas.fill(row, 7, 7, "grand")
    canvas.put(row, 8, total(f"D{week_total}", report.amount), "grand_amount")
    canvas.fill(row, 9, grid.last, "grand")
    canvas.take(GAP)
    pages.fill(_GRAND + GAP)


def draw_codes(report: Report, look: WeeklyLook, canvas: Canvas, pages: Pages, grid: Grid) -> None:
    """Units and amounts by code, work type and unit of measure, summed by formulas over the flat sheet."""
    codes = _codes(report)
    if len(report.lines) < _WORTH_SUMMING or len(codes) == len(report.lines):
        return
    words = look.labels
    pages.keep(BAND + COLUMNS + LINE * min(len(codes), 12) + SUBTOTAL + GAP, canvas)
    _codes_head(look, canvas, pages, grid)
    last = len(report.lines) + 1
    flat = {
        name: f"{quoted(words.sheet_lines)}!${letter}$2:${letter}${last}"
        for name, letter in zip(("code", "type", "uom", "units", "amount"), "EFHIK", strict=True)
    }
    first = canvas.row
    for code in codes:
        if pages.room < LINE + SUBTOTAL:
            pages.turn(canvas)
            _codes_head(look, canvas, pages, grid)
        row = canvas.take(LINE)
        pages.fill(LINE)
        same = f"({flat['code']}=$A{row})*({flat['type']}=$C{row})*({flat['uom']}=$E{row})"
        canvas.text(row, 1, code.line.code, "text_over")
        canvas.text(row, 2, "", "text")
        canvas.text(row, 3, code.line.work_type, "text")
        canvas.text(row, 4, code.line.description, "text")
        canvas.text(row, 5, code.line.uom, "middle")
        if code.quantity is None:
            canvas.put(row, 6, None, "units")
        else:
            fine = "units_fine" if code.quantity % 1 else "units"
            canvas.put(row, 6, total(f"SUMPRODUCT({same},{flat['units']})", code.quantity), fine)
        canvas.put(row, 7, total(f"SUMPRODUCT({same})", code.count), "units")
        canvas.put(row, 8, total(f"SUMPRODUCT({same},{flat['amount']})", code.amount), "amount")
        if grid.marks:
            canvas.put(row, 9, None, "middle")
    row = canvas.take(SUBTOTAL)
    canvas.text(row, 1, words.units_total, "subtotal")
    canvas.fill(row, 2, 6, "subtotal")
    end = row - 1
    canvas.put(row, 7, total(f"SUM(G{first}:G{end})", len(report.lines)), "subtotal_units")
    canvas.put(row, 8, total(f"SUM(H{first}:H{end})", report.amount), "subtotal_amount")
    canvas.fill(row, 9, grid.last, "subtotal")
    canvas.take(GAP)
    pages.fill(SUBTOTAL + GAP)


def draw_signatures(report: Report, look: WeeklyLook, canvas: Canvas, pages: Pages, grid: Grid) -> None:
    """Lines to sign, and the notes below them."""
    notes = _notes(report, look)
    height = _NOTE * len(notes) + _SMALL_GAP + (_SIGN_SPACE + _SIGN if look.signatures else 0.0)
    pages.keep(height, canvas)
    if look.signatures:
        canvas.take(_SIGN_SPACE)
        row = canvas.take(_SIGN)
        for label, (first, last) in zip(look.signatures, _SIGN_COLUMNS, strict=False):
            canvas.text(row, first, label, "sign")
            canvas.fill(row, first + 1, last or grid.last, "sign")
    canvas.take(_SMALL_GAP)
    for note in notes:
        canvas.text(canvas.take(_NOTE), 1, note, "footnote")
    pages.fill(height)


def draw_nothing(look: WeeklyLook, canvas: Canvas, pages: Pages) -> None:
    """The sentence in place of lines, where there are none."""
    canvas.put(canvas.take(BAND), 1, Text(look.labels.no_lines), "quiet")
    canvas.take(GAP)
    pages.fill(BAND + GAP)


def _codes_head(look: WeeklyLook, canvas: Canvas, pages: Pages, grid: Grid) -> None:
    words = look.labels
    row = canvas.take(COLUMNS)
    pages.fill(COLUMNS)
    canvas.text(row, 1, words.units_by_code, "section")
    canvas.fill(row, 2, grid.last, "section")
    row = canvas.take(COLUMNS)
    pages.fill(COLUMNS)
    heads = (
        (words.code, "column"),
        ("", "column"),
        (words.work_type, "column"),
        (words.description, "column"),
        (words.uom, "column_middle"),
        (words.units, "column_right"),
        (words.items, "column_right"),
        (words.amount, "column_right"),
    )
    for column, (text, style) in enumerate(heads, start=1):
        canvas.text(row, column, text, style)
    canvas.fill(row, 9, grid.last, "column")


def _codes(report: Report) -> Sequence[_Code]:
    codes: dict[tuple[str, str, str], _Code] = {}
    for line in report.lines:
        # As Excel compares texts: without case.
        key = (line.code.casefold(), line.work_type.casefold(), line.uom.casefold())
        code = codes.get(key)
        if code is None:
            codes[key] = _Code(line, 1, line.quantity, line.amount)
            continue
        code.count += 1
        code.amount += line.amount
        if line.quantity is not None:
            code.quantity = (code.quantity or Decimal(0)) + line.quantity
    return [codes[key] for key in sorted(codes)]


def _notes(report: Report, look: WeeklyLook) -> list[str]:
    """The notes as rows that are no longer than the page is wide."""
    words = look.labels
    sentences = [words.note_currency.format(currency=report.currency)]
    if report.rate_tables:
        sentences.append(words.note_rates.format(tables=", ".join(report.rate_tables)))
    else:
        sentences.append(words.note_sheet_prices)
    if any(line.amount < 0 for line in report.lines):
        sentences.append(words.note_credits)
    sentences.append(words.note_content.format(content=report.content_hash[:_HASH_SHOWN]))
    rows: list[str] = []
    for word in " ".join(sentences).split(" "):
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and text_width(longer, 8) <= _NOTE_WIDTH:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows
