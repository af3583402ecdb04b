"""The sheet About: what the report is made of, whether its sums agree, and how to read it.

Lives here: ids, hashes, source sheets and the tie-out, which is a formula over the sums of the program and
the totals of this workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Day, Formula, Number, Printing, Sheet, Text, Value
from dsr_pipeline.reports.weekly_layout_canvas import Canvas, instant_text, lines_of, quoted, total
from dsr_pipeline.reports.weekly_layout_head import status_word

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_content import Report
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

_WIDTHS: Mapping[int, float] = {1: 32.0, 2: 62.0, 3: 16.0}
_ROW = 16.0


def about(
    report: Report, look: WeeklyLook, generator: str, footer: tuple[str, str]
) -> tuple[Sheet, Mapping[str, str]]:
    """The sheet, and the names of its cells: WeekEnding."""
    words = look.labels
    canvas = Canvas()
    row = canvas.take(21)
    canvas.text(row, 1, words.about_title, "band")
    canvas.fill(row, 2, 3, "band")
    row = canvas.take(18)
    back = words.back.format(sheet=words.sheet_report)
    canvas.put(row, 3, Text(back), "link_right", link=f"{quoted(words.sheet_report)}!A1")
    _section(canvas, words.about_report)
    week = _facts(report, look, generator, canvas)
    _tie_out(report, look, canvas)
    _sources(report, look, canvas)
    _reading(look, canvas)
    sheet = Sheet(
        name=words.sheet_about,
        cells=canvas.in_order(),
        widths=_WIDTHS,
        heights=canvas.heights,
        freeze=(2, 1),
        tab_color=look.rules.colors.muted,
        printing=Printing(
            landscape=False,
            paper=look.rules.paper,
            fit_width=True,
            last_row=canvas.row - 1,
            last_column=3,
            footer_left=footer[0],
            footer_right=footer[1],
            on_paper=False,
        ),
    )
    return sheet, {"WeekEnding": f"{quoted(words.sheet_about)}!$B${week}"}


def _facts(report: Report, look: WeeklyLook, generator: str, canvas: Canvas) -> int:
    """The facts of the report; the row of the week's end is returned."""
    words = look.labels
    _fact(canvas, words.work_request, Text(report.work_request), "fact")
    week = _fact(canvas, words.about_week, Day(report.week_ending), "fact_day")
    _fact(canvas, words.about_first_day, Day(report.week_first), "fact_day")
    _fact(canvas, report.foreman_label, Text(report.claimer or words.unassigned), "fact")
    for label, text in (
        (words.customer, report.customer),
        (words.dept, report.dept),
        (words.scope_id, report.scope),
        (words.work_order_number, report.work_order),
        (words.job, report.job),
        (words.area, report.area),
    ):
        if text:
            _fact(canvas, label, Text(text), "fact")
    _fact(canvas, words.about_variant, Text(report.variant_label), "fact")
    _fact(canvas, words.about_money, Text(words.about_yes if report.money else words.about_no), "fact")
    _fact(canvas, words.about_status, Text(status_word(report, look)), "fact")
    _fact(canvas, words.about_revision, Number(report.revision), "fact")
    _fact(canvas, words.about_data_as_of, Text(instant_text(report.data_as_of, look)), "fact")
    _fact(canvas, words.about_rates, Text(", ".join(report.rate_tables) or words.note_sheet_prices), "fact")
    _fact(canvas, words.about_group, Text(report.group_id), "fact")
    _fact(canvas, words.about_content, Text(report.content_hash), "fact")
    _fact(canvas, words.about_generator, Text(generator), "fact")
    return week


def _tie_out(report: Report, look: WeeklyLook, canvas: Canvas) -> None:
    words = look.labels
    _section(canvas, words.about_tie_out)
    tie = report.tie_out
    first = _fact(canvas, words.about_tie_lines, Number(tie.lines), "fact_money")
    _fact(canvas, words.about_tie_group, Number(tie.group), "fact_money")
    _fact(canvas, words.about_tie_units, Number(tie.units), "fact_money")
    book = _fact(canvas, words.about_tie_workbook, total("TotalBilled", report.amount), "fact_money")
    holds = tie.holds and report.amount == tie.lines
    formula = (
        f"IF(AND(B{first}=B{first + 1},B{first}=B{first + 2},ROUND(B{book},2)=B{first}),"
        f'"{words.about_tie_holds}","{words.about_tie_broken}")'
    )
    result = Formula(formula, words.about_tie_holds if holds else words.about_tie_broken)
    _fact(canvas, words.about_tie_result, result, "fact_good" if holds else "fact_bad")


def _sources(report: Report, look: WeeklyLook, canvas: Canvas) -> None:
    words = look.labels
    row = _section(canvas, words.about_sources)
    canvas.cells[-2:] = []
    canvas.text(row, 2, words.about_sheet_id, "section")
    canvas.text(row, 3, words.about_sheet_rows, "section_column")
    first = canvas.row
    for source in report.sources:
        lines = lines_of(source.name, _WIDTHS[1])
        row = canvas.take(3 + 13.0 * lines)
        canvas.text(row, 1, source.name, "fact")
        canvas.text(row, 2, str(source.sheet_id), "fact")
        canvas.put(row, 3, Number(source.rows), "items")
    if report.sources:
        row = canvas.take(18)
        canvas.text(row, 1, words.exceptions_total, "total_label")
        canvas.fill(row, 2, 2, "total_label")
        rows = sum(source.rows for source in report.sources)
        canvas.put(row, 3, total(f"SUM(C{first}:C{row - 1})", rows), "total_items")


def _reading(look: WeeklyLook, canvas: Canvas) -> None:
    words = look.labels
    _section(canvas, words.about_reading)
    canvas.take(4)
    sentences = (
        words.about_read_totals,
        words.about_read_blocks,
        words.about_read_marks,
        words.about_read_credits,
        words.about_read_exceptions.format(sheet=words.sheet_exceptions),
    )
    for sentence in sentences:
        # Sentences run over all three columns without a merge: one row per printed line.
        for part in _rows_of(sentence, sum(_WIDTHS.values()) - 4):
            canvas.text(canvas.take(14), 1, part, "period")
        canvas.take(3)


def _rows_of(sentence: str, width: float) -> list[str]:
    rows: list[str] = []
    for word in sentence.split(" "):
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and lines_of(longer, width) == 1:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def _section(canvas: Canvas, title: str) -> int:
    canvas.take(8)
    row = canvas.take(17)
    canvas.text(row, 1, title, "section")
    canvas.fill(row, 2, 3, "section")
    return row


def _fact(canvas: Canvas, label: str, value: Value, style: str) -> int:
    text = value.text if isinstance(value, Text) else ""
    lines = min(6, lines_of(text, _WIDTHS[2])) if text else 1
    row = canvas.take(3 + 13.0 * lines if lines > 1 else _ROW)
    canvas.text(row, 1, label, "label")
    canvas.put(row, 2, value, style)
    canvas.put(row, 3, None, "label")
    return row
