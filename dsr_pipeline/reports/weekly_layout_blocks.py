"""The blocks of lines: one per day, one for undated and one for out-of-week lines, and what was removed.

Lives here: which block a line falls into, and how blocks are drawn and continued on the next page. Printed
lines always sum to the total, because every line is in exactly one block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from dsr_pipeline.money import round_half_away
from dsr_pipeline.reports.book import Cell, Formula, Number, Text
from dsr_pipeline.reports.weekly_layout_canvas import (
    Canvas,
    lines_of,
    money_text,
    text_width,
    total,
    weekday_text,
)
from dsr_pipeline.reports.weekly_layout_pages import LONG_BLOCK, RUNNING_HEIGHT, Grid, Pages

if TYPE_CHECKING:
    from dsr_pipeline.reports.labels import Labels
    from dsr_pipeline.reports.weekly_content import Line, Report
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

BAND = 19.0
COLUMNS = 17.0
LINE = 15.0
NOTE = 12.0
SUBTOTAL = 16.0
GAP = 8.0
_WRAPPED = 13.0
_MAX_LINES = 5
_AT_LEAST = 3
"""Lines that a block shows before it is continued, and after it was."""
_NARROW = 20.0
_SHRUNK, _SHRUNK_WIDE = 1.4, 1.1
"""How much too long a text may be to be shrunk into one line: codes more than sentences."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are printed together. `name` is how the flat sheet and the total call it."""

    name: str
    title: str
    day: date | None
    odd: bool
    lines: tuple[Line, ...]

    @property
    def amount(self) -> Decimal:
        """Sum of its lines."""
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a block stands: its band, its first and last line, its total."""

    block: Block
    band: int
    first: int
    last: int
    total: int


def blocks_of(report: Report, look: WeeklyLook) -> tuple[Block, ...]:
    """The blocks that have lines: days of the week in order, then undated, then out of week."""
    words = look.labels
    days: dict[date, list[Line]] = {report.week_first + timedelta(days=n): [] for n in range(7)}
    undated: list[Line] = []
    other: list[Line] = []
    for line in report.lines:
        if line.place == "undated" or (line.day is None and line.place == "day"):
            undated.append(line)
        elif line.place == "day" and line.day is not None and line.day in days:
            days[line.day].append(line)
        else:
            other.append(line)
    blocks = [
        Block(
            words.weekdays[day.weekday()],
            f"{words.weekdays[day.weekday()].upper()}   {look.long_day(day)}",
            day,
            False,
            tuple(lines),
        )
        for day, lines in days.items()
        if lines
    ]
    if undated:
        blocks.append(Block(words.undated, words.undated_block, None, True, tuple(undated)))
    if other:
        blocks.append(Block(words.out_of_week, words.out_of_week_block, None, True, tuple(other)))
    return tuple(blocks)


def draw_block(
    block: Block, report: Report, look: WeeklyLook, canvas: Canvas, pages: Pages, grid: Grid
) -> Placed:
    """The block with its band, headers, lines and total, continued on the next page where it is long."""
    words = look.labels
    notes = [line_notes(line, report, look) for line in block.lines]
    heights = [
        _line_height(line, grid) + (NOTE if note else 0.0)
        for line, note in zip(block.lines, notes, strict=True)
    ]
    whole = BAND + COLUMNS + sum(heights) + SUBTOTAL
    page = pages.capacity - RUNNING_HEIGHT
    if whole <= page * LONG_BLOCK:
        pages.keep(whole, canvas)
    elif pages.room < BAND + COLUMNS + sum(heights[:_AT_LEAST]) + SUBTOTAL:
        pages.turn(canvas)
    style = "block_odd" if block.odd else "block"
    count = len(block.lines)
    side = words.one_item if count == 1 else words.many_items.format(count=count)
    band = _band(canvas, pages, grid, block.title, side, style)
    _column_heads(canvas, pages, grid, report, look)
    first = canvas.row
    rest = sum(heights) + SUBTOTAL
    for at, (line, note, height) in enumerate(zip(block.lines, notes, heights, strict=True)):
        left = count - at
        # The last lines and the total stay together.
        need = rest if left <= _AT_LEAST else height
        if need > pages.room and canvas.row > first:
            pages.turn(canvas)
            _band(canvas, pages, grid, f"{block.title}   {words.continued}", side, style)
            _column_heads(canvas, pages, grid, report, look)
        _draw_line(line, note, look, canvas, grid)
        pages.fill(height)
        rest -= height
    last = canvas.row - 1
    row = canvas.take(SUBTOTAL)
    canvas.text(row, 1, words.total_of.format(block=block.name), "subtotal")
    canvas.fill(row, 2, 7, "subtotal")
    canvas.put(row, 8, total(f"SUM(H{first}:H{last})", block.amount), "subtotal_amount")
    if grid.marks:
        canvas.fill(row, 9, 9, "subtotal")
    canvas.take(GAP)
    pages.fill(SUBTOTAL + GAP)
    return Placed(block, band, first, last, row)


def draw_removed(report: Report, look: WeeklyLook, canvas: Canvas, pages: Pages, grid: Grid) -> None:
    """What the last published revision billed and this one does not: struck through, in no total."""
    words = look.labels
    title = words.removed_block.format(revision=report.marks_from or report.revision - 1)
    count = len(report.removed)
    side = words.one_item if count == 1 else words.many_items.format(count=count)
    pages.keep(BAND + COLUMNS + LINE * min(count, _AT_LEAST) + SUBTOTAL, canvas)
    _band(canvas, pages, grid, title, side, "block_odd")
    _column_heads(canvas, pages, grid, report, look, gone=True)
    first = canvas.row
    for line in report.removed:
        if pages.room < LINE + SUBTOTAL:
            pages.turn(canvas)
            _band(canvas, pages, grid, f"{title}   {words.continued}", side, "block_odd")
            _column_heads(canvas, pages, grid, report, look, gone=True)
        lines = _lines(line.description, grid.description)
        row = canvas.take(LINE + (lines - 1) * _WRAPPED)
        pages.fill(canvas.heights[row])
        canvas.text(row, 1, line.point, "gone")
        canvas.text(row, 2, line.code, "gone")
        canvas.text(row, 3, line.work_type, "gone")
        canvas.text(row, 4, line.description, "gone" if lines == 1 else "gone_wrapped")
        canvas.text(row, 5, "", "gone")
        fine = "_fine" if line.quantity is not None and line.quantity % 1 else ""
        canvas.put(row, 6, None if line.quantity is None else Number(line.quantity), f"gone_units{fine}")
        canvas.text(row, 7, "" if line.day is None else weekday_text(line.day, look), "gone_units")
        canvas.put(row, 8, Number(line.amount), "gone_amount")
        if grid.marks:
            canvas.put(row, 9, None, "gone")
    row = canvas.take(SUBTOTAL)
    canvas.text(row, 1, words.removed_total, "label")
    canvas.fill(row, 2, 7, "label")
    value = sum((line.amount for line in report.removed), Decimal(0))
    canvas.put(row, 8, total(f"SUM(H{first}:H{row - 1})", value), "money")
    canvas.fill(row, 9, grid.last, "label")
    canvas.take(GAP)
    pages.fill(SUBTOTAL + GAP)


def line_notes(line: Line, report: Report, look: WeeklyLook) -> tuple[str, str] | None:
    """What is printed under a line, and its style: what changed, why it is a credit, its other day."""
    if line.mark != "changed" and line.amount >= 0 and line.place != "out_of_week":
        return None
    words = look.labels
    parts: list[str] = []
    if line.place == "out_of_week" and line.day is not None:
        parts.append(words.snapshot_of.format(day=weekday_text(line.day, look)))
    if line.mark == "changed":
        parts.append(changed_text(line, report.currency, words))
    if line.amount < 0:
        parts.append(credit_text(line, words))
    style = "note_credit" if line.amount < 0 and line.mark != "changed" else "note_changed"
    text = "  ·  ".join(part for part in parts if part)
    return (text, style) if text else None


def changed_text(line: Line, currency: str, words: Labels) -> str:
    """`# Units 3 → 2; was $562.35`."""
    parts = [line.was_text] if line.was_text else []
    if line.was is not None and line.was != line.amount:
        parts.append(words.was.format(amount=money_text(line.was, currency)))
    return "; ".join(parts) or words.mark_changed


def credit_text(line: Line, words: Labels) -> str:
    """Why the line is a credit, as far as the sheet says."""
    return (
        words.credit.format(reason=line.credit_reason) if line.credit_reason else words.credit_without_reason
    )


def _draw_line(
    line: Line, note: tuple[str, str] | None, look: WeeklyLook, canvas: Canvas, grid: Grid
) -> None:
    row = canvas.row
    canvas.row = row + 1
    canvas.heights[row] = _line_height(line, grid)
    add = canvas.cells.append
    quantity, price = line.quantity, line.unit_price
    priced = look.rules.price_column == "unit_price"
    widths = grid.widths
    for column, text in enumerate((line.point, line.code, line.work_type, line.description), start=1):
        style = "text" if _lines(text, widths[column]) == 1 else "wrapped"
        add(Cell(row, column, Text(text) if text else None, style))
    add(Cell(row, 5, Text(line.uom) if line.uom else None, "middle"))
    fine = "_fine" if quantity is not None and quantity % 1 else ""
    add(Cell(row, 6, None if quantity is None else Number(quantity), f"units{fine}"))
    if price is None or not priced:
        add(Cell(row, 7, None, "price"))
    else:
        add(Cell(row, 7, Number(price), "price"))
    value = Number(line.amount)
    if priced and quantity is not None and price is not None and is_product(quantity, price, line.amount):
        value = Formula(f"ROUND(F{row}*G{row},2)", line.amount)
    comment = credit_text(line, look.labels) if line.amount < 0 else None
    add(Cell(row, 8, value, "amount", comment))
    if grid.marks:
        if line.mark in ("new", "changed"):
            word = look.labels.mark_new if line.mark == "new" else look.labels.mark_changed
            add(Cell(row, 9, Text(word), f"mark_{line.mark}"))
        else:
            add(Cell(row, 9, None, "middle"))
    if note:
        row = canvas.take(NOTE)
        canvas.text(row, 4, note[0], note[1])


def is_product(quantity: Decimal, price: Decimal, amount: Decimal) -> bool:
    """Whether the amount is quantity times price, rounded once; else the amount stands as it is."""
    return round_half_away(quantity * price) == amount


def _line_height(line: Line, grid: Grid) -> float:
    widths = grid.widths
    lines = max(
        _lines(line.point, widths[1]),
        _lines(line.code, widths[2]),
        _lines(line.work_type, widths[3]),
        _lines(line.description, widths[4]),
    )
    return LINE + (lines - 1) * _WRAPPED


def _lines(text: str, width: float) -> int:
    """On how many lines a text stands in a column: what is a little too long is shrunk into one."""
    # No letter is wider than 1.6 digits.
    return 1 if len(text) * 1.6 <= width and "\n" not in text else _measured(text, width)


@lru_cache(maxsize=8192)
def _measured(text: str, width: float) -> int:
    room = width * (_SHRUNK if width < _NARROW else _SHRUNK_WIDE)
    if "\n" not in text and text_width(text) <= room:
        return 1
    return min(_MAX_LINES, lines_of(text, width))


def _band(canvas: Canvas, pages: Pages, grid: Grid, title: str, side: str, style: str) -> int:
    row = canvas.take(BAND)
    pages.fill(BAND)
    canvas.text(row, 1, title, style)
    canvas.fill(row, 2, grid.last - 1, style)
    canvas.text(row, grid.last, side, f"{style}_note")
    return row


def _column_heads(
    canvas: Canvas, pages: Pages, grid: Grid, report: Report, look: WeeklyLook, gone: bool = False
) -> None:
    row = canvas.take(COLUMNS)
    pages.fill(COLUMNS)
    for column, (text, style) in enumerate(column_heads(report, look, grid, gone), start=1):
        canvas.text(row, column, text, style)


def column_heads(
    report: Report, look: WeeklyLook, grid: Grid, gone: bool = False
) -> Sequence[tuple[str, str]]:
    """Texts and styles of the column headers of a block; what is gone shows its day in place of a price."""
    words = look.labels
    price = words.unit_price if look.rules.price_column == "unit_price" else words.not_available
    if gone:
        price = words.line_day
    heads = [
        (words.point, "column"),
        (words.code, "column"),
        (words.work_type, "column"),
        (words.description, "column"),
        (words.uom, "column_middle"),
        (words.units, "column_right"),
        (price, "column_right"),
        (words.amount, "column_right"),
    ]
    if grid.marks:
        heads.append((words.since_revision.format(revision=report.marks_from), "column_middle"))
    return heads


def places(placed: Sequence[Placed]) -> Mapping[str, Placed]:
    """Blocks by the name that the daily totals know them by."""
    return {each.block.name: each for each in placed}
