"""The sheet Exceptions: what a person should look at, with sums by kind, then row by row.

Lives here: undated, out-of-week, duplicate, rejected and held rows of the work request, as `weekly_content`
lists them; where there are none the sheet says so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Number, Printing, Sheet, Text
from dsr_pipeline.reports.weekly_content import ExceptionKind
from dsr_pipeline.reports.weekly_layout_canvas import Canvas, lines_of, quoted, total

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_content import Report, ReportException
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

_WIDTHS = {1: 15.0, 2: 52.0, 3: 34.0, 4: 12.0, 5: 16.0, 6: 12.0, 7: 10.0, 8: 14.0, 9: 14.0, 10: 14.0}
_LAST = len(_WIDTHS)
_KINDS: tuple[ExceptionKind, ...] = ("rejected", "duplicate", "held", "undated", "out_of_week", "remark")
"""What is not billed first."""
_LINE = 13.0


def exceptions(report: Report, look: WeeklyLook, footer: tuple[str, str]) -> tuple[Sheet, str | None]:
    """The sheet, and the cell with the sum of what is not billed.

    Where there are no rows a sentence says so, and there is no such cell.
    """
    words = look.labels
    canvas = Canvas()
    row = canvas.take(21)
    canvas.text(row, 1, f"{words.exceptions_title}  ·  {report.work_request}", "band")
    canvas.fill(row, 2, _LAST, "band")
    row = canvas.take(18)
    rows = report.exceptions
    canvas.text(row, 1, words.exceptions_intro if rows else words.exceptions_none, "period")
    back = words.back.format(sheet=words.sheet_report)
    canvas.put(row, _LAST, Text(back), "link_right", link=f"{quoted(words.sheet_report)}!A1")
    canvas.take(8)
    repeat: tuple[int, int] | None = None
    place: str | None = None
    if rows:
        head = _sums(report, look, canvas)
        repeat = (head, head)
        place = f"{quoted(words.sheet_exceptions)}!J{head - 2}"
        for each in rows:
            _draw(each, look, canvas)
    sheet = Sheet(
        name=words.sheet_exceptions,
        cells=canvas.in_order(),
        widths=_WIDTHS,
        heights=canvas.heights,
        freeze=(2, 1),
        tab_color=look.rules.colors.negative if rows else look.rules.colors.muted,
        printing=Printing(
            paper=look.rules.paper,
            fit_width=True,
            repeat_rows=repeat,
            last_row=max(canvas.row - 1, 2),
            last_column=_LAST,
            footer_left=footer[0],
            footer_right=footer[1],
            on_paper=bool(report.exceptions),
        ),
    )
    return sheet, place


def _sums(report: Report, look: WeeklyLook, canvas: Canvas) -> int:
    """Rows and amounts by kind, then the header of the list, whose row is returned."""
    words = look.labels
    kinds: list[ExceptionKind] = [
        kind for kind in _KINDS if any(each.kind == kind for each in report.exceptions)
    ]
    row = canvas.take(17)
    canvas.text(row, 1, words.exception_kind, "section")
    heads = (words.kind_rows, words.exception_billed, words.exception_at_stake)
    canvas.fill(row, 2, _LAST - 3, "section")
    for column, text in enumerate(heads, start=_LAST - 2):
        canvas.text(row, column, text, "section_column")
    first = canvas.row
    begin = first + len(kinds) + 3
    end = begin + len(report.exceptions) - 1
    for kind in kinds:
        of_kind = [each for each in report.exceptions if each.kind == kind]
        row = canvas.take(16)
        canvas.text(row, 1, kind_label(kind, look), "label")
        canvas.fill(row, 2, _LAST - 3, "label")
        match = f"$A${begin}:$A${end},A{row}"
        canvas.put(row, 8, total(f"COUNTIF({match})", len(of_kind)), "items")
        for column, value in ((9, _billed(of_kind)), (10, _at_stake(of_kind))):
            letter = "IJ"[column - 9]
            formula = f"SUMIF({match},{letter}${begin}:{letter}${end})"
            canvas.put(row, column, total(formula, value), "money")
    row = canvas.take(18)
    canvas.text(row, 1, words.exceptions_total, "total_label")
    canvas.fill(row, 2, 7, "total_label")
    span = f"{first}:{{0}}{row - 1}"
    canvas.put(row, 8, total(f"SUM(H{span.format('H')})", len(report.exceptions)), "total_items")
    canvas.put(row, 9, total(f"SUM(I{span.format('I')})", _billed(report.exceptions)), "total_money")
    canvas.put(row, 10, total(f"SUM(J{span.format('J')})", _at_stake(report.exceptions)), "total_money")
    canvas.take(12)
    row = canvas.take(17)
    names = (
        words.exception_kind,
        words.exception_reason,
        words.exception_source,
        words.point,
        words.code,
        words.work_type,
        words.units,
        words.exception_snapshot,
        words.exception_billed,
        words.exception_at_stake,
    )
    for column, text in enumerate(names, start=1):
        canvas.text(row, column, text, "flat_head_right" if column >= 9 else "flat_head")
    return row


def kind_label(kind: ExceptionKind, look: WeeklyLook) -> str:
    """The kind in words."""
    return str(getattr(look.labels, f"kind_{kind}"))


def _draw(each: ReportException, look: WeeklyLook, canvas: Canvas) -> None:
    texts = (
        kind_label(each.kind, look),
        each.reason,
        each.source,
        each.point,
        each.code,
        each.work_type,
        each.quantity,
        each.snapshot,
    )
    lines = max(lines_of(text, _WIDTHS[at]) for at, text in enumerate(texts, start=1))
    row = canvas.take(2 + _LINE * min(lines, 8))
    for column, text in enumerate(texts, start=1):
        canvas.text(row, column, text, "listed")
    canvas.put(row, 9, None if each.billed is None else Number(each.billed), "flat_amount")
    canvas.put(row, 10, Number(each.at_stake) if each.billed is None else None, "flat_amount")


def _billed(rows: tuple[ReportException, ...] | list[ReportException]) -> Decimal:
    return sum((each.billed for each in rows if each.billed is not None), Decimal(0))


def _at_stake(rows: tuple[ReportException, ...] | list[ReportException]) -> Decimal:
    return sum((each.at_stake for each in rows if each.billed is None), Decimal(0))
