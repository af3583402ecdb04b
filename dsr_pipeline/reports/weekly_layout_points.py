"""Distinct points: counted by a formula where it can tell them apart, else by the program.

COUNTIF compares by pattern, by number and without case. Where points look like patterns, numbers with leading
zeros or days, it would join what is different: then the number is written, with a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Formula, Number
from dsr_pipeline.reports.weekly_layout_canvas import quoted

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_content import Report
    from dsr_pipeline.reports.weekly_layout_blocks import Block
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

BLOCK_COLUMN = "B"
POINT_COLUMN = "D"
"""Columns of the flat sheet."""

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|fev|avr|mai|juin|juil|aou|déc"
_PLAIN = re.compile(
    rf"(?!(?:{_MONTHS})[a-z]*[ \-/.]*\d)(?!(?:true|false|inf|nan)$)"
    r"[a-z](?:[a-z0-9 _.\-/#]*[a-z0-9#])?|[1-9][0-9]{0,14}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Points:
    """Distinct points of a report, and how each count is written."""

    whole: Formula | Number
    whole_value: int
    days: int
    comment: str | None
    blocks: Mapping[str, Formula | Number]

    def of_block(self, name: str) -> tuple[Formula | Number, str | None]:
        """The count of one block and its note."""
        return self.blocks[name], self.comment


def points_of(report: Report, look: WeeklyLook, blocks: Sequence[Block]) -> Points:
    """Count the points of the report and of each block; a line without a point is none."""
    every = {line.point for line in report.lines if line.point}
    live = all(_PLAIN.fullmatch(point) for point in every)
    last = len(report.lines) + 1
    sheet = look.labels.sheet_lines
    points = f"{quoted(sheet)}!${POINT_COLUMN}$2:${POINT_COLUMN}${last}"
    names = f"{quoted(sheet)}!${BLOCK_COLUMN}$2:${BLOCK_COLUMN}${last}"
    counts: dict[str, Formula | Number] = {}
    for block in blocks:
        count = _distinct(line.point for line in block.lines)
        formula = (
            f'ROUND(SUMPRODUCT(({names}="{block.name}")*({points}<>"")'
            f'/COUNTIFS({names},{names},{points},{points}&"")),0)'
        )
        counts[block.name] = Formula(formula, count) if live else Number(count)
    whole = _distinct(every)
    formula = f'ROUND(SUMPRODUCT(({points}<>"")/COUNTIF({points},{points}&"")),0)'
    return Points(
        whole=Formula(formula, whole) if live and report.lines else Number(whole),
        whole_value=whole,
        days=sum(1 for block in blocks if not block.odd),
        comment=None if live else look.labels.points_counted,
        blocks=counts,
    )


def _distinct(points: Iterable[str]) -> int:
    return len({point.casefold() for point in points if point})
