"""A column chart of a workbook as rectangles, lines and texts; called by `pdf_pages`.

Lives here: the look of the chart alone: an axis of round numbers, pale level lines, columns, no legend.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dsr_pipeline.reports.book import ColumnChart, Style
from dsr_pipeline.reports.number_formats import shown
from dsr_pipeline.reports.pdf_parts import Box, Part, StyleList

GRID = "D5DBE3"
_WORDS = Style(size=8, color="5B6673")
_GAP = 0.55
"""Between columns, in their width, as in the workbook."""
_MOST_STEPS = 5


def draw_chart(chart: ColumnChart, width: float, height: float, styles: StyleList, scale: float) -> Part:
    """The chart in a box of that size (points)."""
    part = Part(styles)
    words = styles.number(_WORDS, None, scale)
    line = _WORDS.size * scale * 1.25
    ticks = axis(chart.values)
    left = max(len(shown(tick, chart.value_format).text) for tick in ticks) * _WORDS.size * scale * 0.52 + 4
    top, bottom = line / 2, height - line - 2
    low, high = ticks[0], ticks[-1]

    def level(value: Decimal) -> float:
        return bottom - float((value - low) / (high - low)) * (bottom - top)

    for tick in ticks:
        # Lines are drawn over rectangles, and these belong behind the columns.
        part.rect(Box(left, level(tick) - 0.2, width - left, 0.4), GRID)
        box = Box(0, level(tick) - line / 2, left - 3, line)
        part.text(box, shown(tick, chart.value_format).text, words, "right")
    slot = (width - left) / max(1, len(chart.values))
    zero = level(Decimal(0))
    for number, (label, value) in enumerate(zip(chart.labels, chart.values, strict=True)):
        x = left + number * slot
        if value:
            column = slot / (1 + _GAP)
            y = min(level(value), zero)
            part.rect(Box(x + (slot - column) / 2, y, column, abs(level(value) - zero)), chart.color)
        part.text(Box(x, bottom + 2, slot, line), label, words, "center", how="fit")
    part.line(left, zero, width - left, 0.6, "8A94A3")
    return part


def axis(values: Sequence[Decimal]) -> list[Decimal]:
    """Round numbers from at most the least value (and 0) to at least the largest, five steps or fewer."""
    low, high = min([*values, Decimal(0)]), max([*values, Decimal(0)])
    if low == high:
        high = Decimal(1)
    rough = (high - low) / _MOST_STEPS
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(power * factor for factor in (1, 2, Decimal("2.5"), 5, 10) if power * factor >= rough)
    first = (low / step).to_integral_value(rounding="ROUND_FLOOR")
    last = (high / step).to_integral_value(rounding="ROUND_CEILING")
    return [step * number for number in range(int(first), int(last) + 1)]
