"""The sheet Line Items: the same lines flat, one header row, one Excel table, real days and numbers.

Lives here: its columns. The letters of block, point, code, work type, unit, quantity and amount are used by
formulas of the first sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Cell, Day, Number, Printing, Sheet, Table, Text
from dsr_pipeline.reports.weekly_layout_blocks import changed_text
from dsr_pipeline.reports.weekly_layout_canvas import text_width

if TYPE_CHECKING:
    from dsr_pipeline.reports.labels import Labels
    from dsr_pipeline.reports.weekly_content import Line, Report
    from dsr_pipeline.reports.weekly_layout_blocks import Block
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

TABLE = "LineItems"
_WIDTHS = (12, 12, 14, 12, 16, 11, 46, 7, 10, 12, 14, 28, 11, 32, 13, 10, 12, 12, 26)
_RIGHT = frozenset({9, 10, 11, 15})
_BOLD = 1.06
"""How much wider bold letters are."""
_PRINTED = 12
"""Columns that are printed: the rest is for pivots and stands on the first sheet."""


def line_items(report: Report, look: WeeklyLook, blocks: Sequence[Block], footer: tuple[str, str]) -> Sheet:
    """The flat sheet; without lines it has its header and one empty row."""
    words = look.labels
    heads = _heads(words)
    cells = [
        Cell(1, at, Text(text), "flat_head_right" if at in _RIGHT else "flat_head")
        for at, text in enumerate(heads, start=1)
    ]
    row = 1
    for block in blocks:
        for line in block.lines:
            row += 1
            _draw(line, block.name, row, report, words, cells)
    last = max(row, 2)
    return Sheet(
        name=words.sheet_lines,
        cells=tuple(cells),
        widths={
            at: max(float(width), round(text_width(head) * _BOLD + 2, 1))
            for at, (width, head) in enumerate(zip(_WIDTHS, heads, strict=True), start=1)
        },
        freeze=(2, 1),
        tab_color=look.rules.colors.muted,
        printing=Printing(
            paper=look.rules.paper,
            fit_width=True,
            repeat_rows=(1, 1),
            last_row=last,
            last_column=_PRINTED,
            footer_left=footer[0],
            footer_right=footer[1],
            on_paper=False,
        ),
        tables=(Table(TABLE, 1, last, 1, len(heads)),),
    )


def _heads(words: Labels) -> tuple[str, ...]:
    """The column names, all different, as a table wants them."""
    names = (
        words.line_day,
        words.line_block,
        words.work_request,
        words.point,
        words.code,
        words.work_type,
        words.description,
        words.uom,
        words.units,
        words.unit_price,
        words.amount,
        words.line_source,
        words.line_mark,
        words.line_changed,
        words.line_was,
        words.line_dept,
        words.line_job,
        words.line_scope,
        words.line_remark,
    )
    seen: set[str] = set()
    heads: list[str] = []
    for name in names:
        head, number = name, 1
        while head.casefold() in seen:
            number += 1
            head = f"{name} {number}"
        seen.add(head.casefold())
        heads.append(head)
    return tuple(heads)


def _draw(line: Line, block: str, row: int, report: Report, words: Labels, cells: list[Cell]) -> None:
    add = cells.append
    add(Cell(row, 1, None if line.day is None else Day(line.day), "flat_day"))
    add(Cell(row, 2, Text(block), "flat"))
    add(Cell(row, 3, Text(report.work_request), "flat"))
    add(Cell(row, 4, Text(line.point) if line.point else None, "flat"))
    add(Cell(row, 5, Text(line.code) if line.code else None, "flat"))
    add(Cell(row, 6, Text(line.work_type) if line.work_type else None, "flat"))
    add(Cell(row, 7, Text(line.description) if line.description else None, "flat"))
    add(Cell(row, 8, Text(line.uom) if line.uom else None, "flat"))
    fine = "_fine" if line.quantity is not None and line.quantity % 1 else ""
    add(Cell(row, 9, None if line.quantity is None else Number(line.quantity), f"flat_count{fine}"))
    add(Cell(row, 10, None if line.unit_price is None else Number(line.unit_price), "flat_price"))
    add(Cell(row, 11, Number(line.amount), "flat_amount"))
    changed = mark = ""
    if line.mark is not None:
        mark = {"new": words.mark_new, "changed": words.mark_changed, "same": words.mark_same}[line.mark]
    if line.mark == "changed":
        changed = changed_text(line, report.currency, words)
    add(Cell(row, 12, Text(line.source), "flat"))
    add(Cell(row, 13, Text(mark) if mark else None, "flat"))
    add(Cell(row, 14, Text(changed) if changed else None, "flat"))
    add(Cell(row, 15, None if line.was is None else Number(line.was), "flat_amount"))
    add(Cell(row, 16, Text(line.dept) if line.dept else None, "flat"))
    add(Cell(row, 17, Text(line.job) if line.job else None, "flat"))
    add(Cell(row, 18, Text(line.scope) if line.scope else None, "flat"))
    remark = line.remark
    if line.credit_reason:
        remark = f"{remark}; {line.credit_reason}" if remark else line.credit_reason
    add(Cell(row, 19, Text(remark) if remark else None, "flat"))
