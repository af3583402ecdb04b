"""One weekly report as a workbook: sheets Work Report, Line Items, Exceptions and About, in this order.

Lives here: the order in which the parts are drawn, print set-up, names and properties. `weekly_build` calls
it and gives the book to the writers (`xlsx`, `pdf`).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Book, Properties, Sheet
from dsr_pipeline.reports.weekly_layout_about import about
from dsr_pipeline.reports.weekly_layout_blocks import blocks_of, draw_block, draw_removed
from dsr_pipeline.reports.weekly_layout_canvas import Canvas, cut, quoted
from dsr_pipeline.reports.weekly_layout_end import (
    draw_codes,
    draw_grand_total,
    draw_nothing,
    draw_signatures,
)
from dsr_pipeline.reports.weekly_layout_exceptions import exceptions
from dsr_pipeline.reports.weekly_layout_head import chart, draw_head, head_heights, logo, plan_head
from dsr_pipeline.reports.weekly_layout_lines import line_items
from dsr_pipeline.reports.weekly_layout_pages import Grid, new_pages, printing, scale
from dsr_pipeline.reports.weekly_layout_points import points_of
from dsr_pipeline.reports.weekly_layout_styles import weekly_styles
from dsr_pipeline.reports.weekly_rules import LAYOUT_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsr_pipeline.reports.weekly_content import Report
    from dsr_pipeline.reports.weekly_layout_blocks import Block
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

CREATOR = "dsr_pipeline"


def weekly_book(report: Report, look: WeeklyLook) -> Book:
    """The workbook of a report. Every total in it is a formula with its value."""
    words = look.labels
    generator = f"{CREATOR}, layout {LAYOUT_VERSION}"
    place = words.footer_place.format(
        work_request=cut(report.work_request, 40),
        week_ending=look.day(report.week_ending),
        revision=report.revision,
    )
    company, end = look.rules.company, look.rules.footer
    footer = (place, end if company in end else " · ".join(part for part in (company, end) if part))
    blocks = blocks_of(report, look)
    listed, not_billed = exceptions(report, look, footer)
    first, names = _work_report(report, look, blocks, not_billed, footer)
    last, about_names = about(report, look, generator, footer)
    return Book(
        sheets=(first, line_items(report, look, blocks, footer), listed, last),
        styles=weekly_styles(look, report.currency),
        properties=_properties(report, look),
        names={**names, **about_names},
        language=look.language_tag,
    )


def _work_report(
    report: Report,
    look: WeeklyLook,
    blocks: Sequence[Block],
    not_billed: str | None,
    footer: tuple[str, str],
) -> tuple[Sheet, Mapping[str, str]]:
    grid = Grid(marks=report.marks_from is not None)
    percent = scale(look.rules.paper, grid.widths)
    pages = new_pages(look.rules.paper, percent)
    plan = plan_head(report, look, [block.name for block in blocks if block.odd])
    heights = head_heights(plan)
    canvas = Canvas(row=plan.after)
    pages.fill(sum(heights.values()))
    placed = [draw_block(block, report, look, canvas, pages, grid) for block in blocks]
    if not blocks:
        draw_nothing(look, canvas, pages)
    draw_grand_total(report, look, plan.total, canvas, pages, grid)
    if report.removed:
        draw_removed(report, look, canvas, pages, grid)
    draw_codes(report, look, canvas, pages, grid)
    draw_signatures(report, look, canvas, pages, grid)
    head = Canvas()
    draw_head(report, look, plan, placed, points_of(report, look, blocks), not_billed, head, grid)
    name = look.labels.sheet_report
    sheet = Sheet(
        name=name,
        cells=head.in_order() + tuple(canvas.cells),
        widths=grid.widths,
        heights={**head.heights, **canvas.heights},
        freeze=(2, 1),
        tab_color=look.rules.colors.structure,
        printing=printing(look.rules.paper, percent, pages, canvas, grid, footer),
        pictures=logo(look),
        charts=chart(report, look, plan, grid),
    )
    items = plan.summary + (4 if look.rules.show_prior_week else 2)
    return sheet, {
        "TotalBilled": f"{quoted(name)}!$D${plan.summary + 1}",
        "LineCount": f"{quoted(name)}!$D${items}",
    }


def _properties(report: Report, look: WeeklyLook) -> Properties:
    words = look.labels
    title = f"{look.title} {report.work_request} {report.week_ending:%Y-%m-%d}"
    return Properties(
        title=title,
        subject=words.running_title.capitalize(),
        keywords=f"{report.work_request}, {report.week_ending:%Y-%m-%d}, {report.variant}",
        category=report.variant_label,
        creator=CREATOR,
        created=report.data_as_of.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        custom={
            "dsr.group_id": report.group_id,
            "dsr.content_hash": report.content_hash,
            "dsr.revision": str(report.revision),
            "dsr.week_ending": f"{report.week_ending:%Y-%m-%d}",
            "dsr.work_request": report.work_request,
        },
    )
