"""The first screen: running band, titles, status, summary and details, daily totals and their chart.

Lives here: everything above the blocks of lines. Its totals are formulas over the blocks, so the blocks are
drawn first; how high it will be is told beforehand (`plan_head`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import ColumnChart, Day, Formula, Number, Picture, Text, Value
from dsr_pipeline.reports.weekly_layout_canvas import (
    Canvas,
    cut,
    instant_text,
    quoted,
    text_width,
    total,
    weekday_text,
)
from dsr_pipeline.reports.weekly_layout_styles import axis_format, axis_money

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_content import Report
    from dsr_pipeline.reports.weekly_layout_blocks import Placed
    from dsr_pipeline.reports.weekly_layout_pages import Grid
    from dsr_pipeline.reports.weekly_layout_points import Points
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

LOGO_BOX = (150, 76)  # pixels
_RATIO = Decimal("0.000000000001")


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """The rows of the first screen."""

    notices: tuple[str, ...]
    summary: int
    panel_rows: int
    daily: int
    odd: tuple[str, ...]
    """Blocks besides the seven days."""

    @property
    def total(self) -> int:
        """Row of the week's total."""
        return self.daily + 8 + len(self.odd)

    @property
    def after(self) -> int:
        """First row below."""
        return self.total + 2


def plan_head(report: Report, look: WeeklyLook, odd: Sequence[str]) -> HeadPlan:
    """Which rows the first screen will take."""
    notices = tuple(_notices(report, look))
    summary = 8 + (len(notices) + 1 if notices else 0)
    rows = 8 if look.rules.show_prior_week else 6
    return HeadPlan(notices, summary, rows, summary + rows + 2, tuple(odd))


def head_heights(plan: HeadPlan) -> dict[int, float]:
    """Heights of its rows in points."""
    heights: dict[int, float] = {1: 21, 2: 6, 3: 26, 4: 18, 5: 18, 6: 3, 7: 8}
    for row in range(8, plan.summary):
        heights[row] = 16
    if plan.notices:
        heights[plan.summary - 1] = 6
    heights[plan.summary] = 17
    heights[plan.summary + 1] = 22
    for row in range(plan.summary + 2, plan.daily - 1):
        heights[row] = 16
    heights[plan.daily - 1] = 8
    heights[plan.daily] = 17
    for row in range(plan.daily + 1, plan.total):
        heights[row] = 15
    heights[plan.total] = 18
    heights[plan.total + 1] = 12
    return heights


def draw_head(
    report: Report,
    look: WeeklyLook,
    plan: HeadPlan,
    placed: Sequence[Placed],
    points: Points,
    not_billed: str | None,
    canvas: Canvas,
    grid: Grid,
) -> None:
    """Every cell above the blocks; `not_billed` is the cell with the sum of what is not billed."""
    canvas.heights.update(head_heights(plan))
    _titles(report, look, canvas, grid)
    for row, notice in enumerate(plan.notices, start=8):
        canvas.text(row, 1, cut(notice, 120), "notice")
    _summary(report, look, plan, points, not_billed, canvas)
    _details(report, look, plan, canvas, grid)
    _daily(report, look, plan, placed, points, canvas)
    if report.lines:
        canvas.text(plan.daily, 6, look.labels.chart_title.format(currency=report.currency), "section")
        canvas.fill(plan.daily, 7, grid.last, "section")


def logo(look: WeeklyLook) -> tuple[Picture, ...]:
    """The logo, as large as its box allows."""
    if look.logo is None:
        return ()
    width = int.from_bytes(look.logo[16:20], "big") or 1
    height = int.from_bytes(look.logo[20:24], "big") or 1
    shrink = min(LOGO_BOX[0] / width, LOGO_BOX[1] / height)
    description = look.labels.logo.format(company=look.rules.company)
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    return (Picture(3, 1, look.logo, *size, description),)


def chart(report: Report, look: WeeklyLook, plan: HeadPlan, grid: Grid) -> tuple[ColumnChart, ...]:
    """Columns of the seven days beside their totals; none where nothing is billed."""
    if not report.lines:
        return ()
    first, last = plan.daily + 1, plan.daily + 7
    days = [report.week_first + timedelta(days=n) for n in range(7)]
    sums = {day: Decimal(0) for day in days}
    for line in report.lines:
        if line.place == "day" and line.day is not None and line.day in sums:
            sums[line.day] += line.amount
    heights = head_heights(plan)
    height = sum(heights[row] for row in range(first, plan.total + 1))
    pixels = sum(int(grid.widths[column] * 7 + 5) for column in range(5, grid.last + 1))
    return (
        ColumnChart(
            row=first,
            column=5,
            data=f"$D${first}:$D${last}",
            categories=f"$A${first}:$A${last}",
            labels=tuple(look.labels.weekdays_short[day.weekday()] for day in days),
            values=tuple(sums[day] for day in days),
            width=pixels,
            height=int(height * 96 / 72),
            color=look.rules.colors.structure,
            description=look.labels.chart_description,
            category_format=axis_format(look),
            value_format=axis_money(report.currency),
        ),
    )


def status_word(report: Report, look: WeeklyLook) -> str:
    """DRAFT, FINAL, REVISED or WITHDRAWN."""
    return str(getattr(look.labels, f"status_{report.status}"))


def _notices(report: Report, look: WeeklyLook) -> list[str]:
    words = look.labels
    notices: list[str] = []
    if not report.money:
        notices.append(words.view_notice.format(variant=report.variant_label))
    if report.status == "withdrawn":
        notices.append(words.withdrawn_notice)
    unmarked = not report.removed and all(line.mark == "same" for line in report.lines)
    if report.status == "revised" and report.marks_from is not None and unmarked:
        notices.append(words.no_line_changed.format(revision=report.marks_from))
    if report.marks_missing:
        notices.append(words.marks_missing.format(why=report.marks_missing))
    return notices


def _titles(report: Report, look: WeeklyLook, canvas: Canvas, grid: Grid) -> None:
    words, last = look.labels, grid.last
    canvas.text(1, 1, cut(words.running_title, 58, 12), "band")
    canvas.fill(1, 2, last - 1, "band")
    place = words.running_place.format(
        work_request=cut(report.work_request, 24),
        week_ending=look.day(report.week_ending),
        revision=report.revision,
    )
    canvas.text(1, last, place, "band_right")
    canvas.text(3, 4, cut(look.title, 40, 20), "title")
    canvas.text(3, last, status_word(report, look), f"status_{report.status}")
    parts = [report.customer]
    if report.scope:
        parts.append(words.scope.format(scope=report.scope))
    if report.work_order:
        parts.append(words.work_order.format(work_order=report.work_order))
    whole = "  ·  ".join(part for part in parts if part)
    shown = cut(whole, 60, 11)
    canvas.put(4, 4, Text(shown) if shown else None, "subtitle", comment=whole if shown != whole else None)
    if report.replaces is not None:
        revision, day = report.replaces
        canvas.text(4, last, words.replaces.format(revision=revision, day=look.day(day)), "head_note")
    first, ending = weekday_text(report.week_first, look), weekday_text(report.week_ending, look)
    canvas.text(5, 4, words.billing_period.format(first=first, last=ending), "period")
    canvas.text(5, last, words.data_as_of.format(instant=instant_text(report.data_as_of, look)), "head_note")
    canvas.fill(6, 1, last, "accent")


def _summary(
    report: Report,
    look: WeeklyLook,
    plan: HeadPlan,
    points: Points,
    not_billed: str | None,
    canvas: Canvas,
) -> None:
    words = look.labels
    row = plan.summary
    canvas.text(row, 1, words.summary, "section")
    canvas.fill(row, 2, 4, "section")
    billed, week = row + 1, plan.total
    headline = words.total_billed if report.money else words.total_view
    rows: list[tuple[str, Value, str, str | None]] = [
        (headline, total(f"D{week}", report.amount), "headline", None)
    ]
    if look.rules.show_prior_week:
        rows += _prior_week(report, look, billed)
    rows += [
        (words.line_items, total(f"B{week}", len(report.lines)), "items", None),
        (words.days_worked, total(f'COUNTIF(B{week - 7 - len(plan.odd)}:B{week - 1 - len(plan.odd)},">0")',
                                  points.days), "items", None),
        (words.points_worked, total(f"C{week}", points.whole_value), "items", None),
        (words.credits, _credits(report, look), "money", None),
        _not_billed(report, look, not_billed),
    ]  # fmt: skip
    for at, (label, value, style, link) in enumerate(rows, start=billed):
        canvas.text(at, 1, label, "label_strong" if at == billed else "label")
        canvas.fill(at, 2, 3, "label")
        canvas.put(at, 4, value, style, link=link)


def _prior_week(report: Report, look: WeeklyLook, billed: int) -> list[tuple[str, Value, str, str | None]]:
    prior = report.prior_week
    change: Value = Text("–")
    if prior:
        ratio = ((report.amount - prior) / abs(prior)).quantize(_RATIO)
        change = Formula(f"(D{billed}-D{billed + 1})/ABS(D{billed + 1})", ratio)
    before: Value = Text("–") if prior is None else Number(prior)
    words = look.labels
    return [(words.prior_week, before, "money", None), (words.change, change, "change", None)]


def _credits(report: Report, look: WeeklyLook) -> Value:
    credit = sum((line.amount for line in report.lines if line.amount < 0), Decimal(0))
    if not report.lines:
        return Number(credit)
    amounts = f"{quoted(look.labels.sheet_lines)}!$K$2:$K${len(report.lines) + 1}"
    return total(f'SUMIF({amounts},"<0")', credit)


def _not_billed(report: Report, look: WeeklyLook, place: str | None) -> tuple[str, Value, str, str | None]:
    words = look.labels
    rows = [each for each in report.exceptions if each.billed is None]
    if not rows or place is None:
        return (words.not_billed, Text("–"), "money", None)
    at_stake = sum((each.at_stake for each in rows), Decimal(0))
    link = f"{quoted(words.sheet_exceptions)}!A1"
    return (f"{words.not_billed} ({len(rows)})", total(place, at_stake), "alert", link)


def _details(report: Report, look: WeeklyLook, plan: HeadPlan, canvas: Canvas, grid: Grid) -> None:
    words, last = look.labels, grid.last
    row = plan.summary
    canvas.text(row, 6, words.details, "section")
    canvas.fill(row, 7, last, "section")
    details = [
        (report.foreman_label, report.claimer or words.unassigned),
        (words.dept, report.dept),
        (words.work_request, report.work_request),
        (words.scope_id, report.scope),
        (words.work_order_number, report.work_order),
        (words.job, report.job),
        (words.customer, report.customer),
        (words.area, report.area),
    ]
    if plan.panel_rows < len(details):
        details = [each for each in details if each[1]][: plan.panel_rows]
    room = sum(grid.widths[column] for column in range(6, last + 1))
    for at, (label, value) in enumerate(details, start=row + 1):
        canvas.text(at, 6, label, "label")
        canvas.fill(at, 7, last - 1, "label")
        free = room - text_width(label) - 3
        style = "value" if text_width(value) * 1.06 <= free else "value_long"
        shown = value if style == "value" else cut(value, free / 1.06, 8)
        comment = value if shown != value else None
        canvas.put(at, last, Text(shown) if shown else None, style, comment=comment)


def _daily(
    report: Report,
    look: WeeklyLook,
    plan: HeadPlan,
    placed: Sequence[Placed],
    points: Points,
    canvas: Canvas,
) -> None:
    words = look.labels
    row = plan.daily
    canvas.text(row, 1, words.daily_totals, "section")
    for column, text in ((2, words.items), (3, words.points), (4, words.amount)):
        canvas.text(row, column, text, "section_column")
    blocks = {each.block.name: each for each in placed}
    days = [report.week_first + timedelta(days=n) for n in range(7)]
    names = [words.weekdays[day.weekday()] for day in days]
    for at, name in enumerate((*names, *plan.odd), start=row + 1):
        if at <= row + 7:
            canvas.put(at, 1, Day(days[at - row - 1]), "weekday")
        else:
            canvas.text(at, 1, name, "place")
        block = blocks.get(name)
        if block is None:
            canvas.put(at, 2, Number(0), "items")
            canvas.put(at, 3, Number(0), "items")
            canvas.put(at, 4, Number(0), "money")
            continue
        link = f"{quoted(words.sheet_report)}!A{block.band}"
        count = len(block.block.lines)
        canvas.put(at, 2, total(f"COUNT(H{block.first}:H{block.last})", count), "items")
        value, comment = points.of_block(name)
        canvas.put(at, 3, value, "items", comment=comment)
        canvas.put(at, 4, total(f"H{block.total}", block.block.amount), "money", link=link)
    first, last, row = row + 1, plan.total - 1, plan.total
    canvas.text(row, 1, words.week_total, "total_label")
    canvas.put(row, 2, total(f"SUM(B{first}:B{last})", len(report.lines)), "total_items")
    canvas.put(row, 3, points.whole, "total_items", comment=points.comment)
    canvas.put(row, 4, total(f"SUM(D{first}:D{last})", report.amount), "total_money")
