"""The first sheet of the ledger of what is not billed: sums by sheet, reason, remark, week and work request.

Lives here: what stands where on it. Called by `rejected_book`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from dsr_pipeline.lake.contracts.billing import REJECT_REASONS
from dsr_pipeline.reports.book import Cell, Day, Formula, Number, Printing, Sheet, Text, Value
from dsr_pipeline.reports.rejected_lists import SHEETS, spoken
from dsr_pipeline.reports.rejected_rows import Ledger, Sum
from dsr_pipeline.reports.weekly_lines import REMARK_WORDS

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

REASONS = {**REJECT_REASONS, "held": "its sheet is not known well enough to bill; it waits"}
_FULL = (
    'Only the {listed:,} rows with the largest amounts are listed of {all:,}; all of them: dsr sql "{query}"'
)
_MEANINGS = (
    "completed, but not billed until somebody mends the row",
    "Units Completed? is not checked: billed once it is",
    "billed as it stands, and a person should look at it",
)
QUERIES = (
    "select * from billing.rejected_units where reason <> 'not_completed'",
    "select * from billing.rejected_units where reason = 'not_completed'",
    "select * from billing.work_units where status = 'billable' and remarks <> 'credit'",
)

_LINE = ("text", "muted", "count", "money", "text", "text")
_HEAD = ("section", "head", "head_right", "head_right", "section", "section")
_LAST = 6


class _Rows:
    """The sheet while it grows."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self.heights: dict[int, float] = {}
        self.row = 1

    def put(self, values: Sequence[Value], styles: Sequence[str] = _LINE, height: float = 16) -> None:
        """One row of cells from column A; the rest of it stays empty."""
        self.heights[self.row] = height
        for column, style in enumerate(styles, start=1):
            value = values[column - 1] if column <= len(values) else None
            self.cells.append(Cell(self.row, column, value, style))
        self.row += 1

    def head(self, *titles: str, styles: Sequence[str] = _HEAD) -> int:
        """A free line, then a section with its column heads; the first row below it is returned."""
        self.row += 1
        self.put([Text(title) if title else None for title in titles], styles, 18)
        return self.row

    def total(self, first: int, sums: Mapping[int, Decimal | int]) -> None:
        """The sums of the columns above, as formulas with their values."""
        values: list[Value] = [Text("Total"), *[None] * (_LAST - 1)]
        styles = ["total"] * _LAST
        for column, value in sums.items():
            letter = "ABCDEF"[column - 1]
            values[column - 1] = Formula(f"SUM({letter}{first}:{letter}{self.row - 1})", value)
            styles[column - 1] = "total_money" if isinstance(value, Decimal) else "total_count"
        self.put(values, styles, 18)


def summary(ledger: Ledger, look: WeeklyLook) -> Sheet:
    """The sheet Summary."""
    rows = _Rows()
    empty = [None] * (_LAST - 2)
    newest = f"Newest change in these rows: {look.day(ledger.newest_change.date())} (UTC)"
    intro = "Every row that bills nothing, with its reason and what it would bill."
    rows.put(
        [Text("WHAT IS NOT BILLED"), *empty, Text(look.rules.company)], ["band"] * 5 + ["band_right"], 24
    )
    rows.put([Text(intro), *empty, Text(newest)], ["muted"] * 5 + ["muted_right"], 18)
    rows.put([], ["accent"] * _LAST, 3)
    for part in (_parts, _reasons, _remarks, _weeks, _requests):
        part(ledger, rows)
    return Sheet(
        name="Summary",
        cells=tuple(rows.cells),
        widths={1: 26, 2: 74, 3: 12, 4: 18, 5: 13, 6: 20},
        heights=rows.heights,
        freeze=(4, 1),
        tab_color=look.rules.colors.structure,
        printing=Printing(
            paper=look.rules.paper,
            fit_width=True,
            repeat_rows=(1, 3),
            last_row=rows.row - 1,
            last_column=_LAST,
            footer_left="What is not billed",
            footer_right=" · ".join(part for part in (look.rules.company, look.rules.footer) if part),
        ),
    )


def _parts(ledger: Ledger, rows: _Rows) -> None:
    parts = (
        (_sum(one for _, one in ledger.reasons), len(ledger.to_mend)),
        (ledger.backlog_sum, len(ledger.backlog)),
        (ledger.remarked_sum, len(ledger.remarked)),
    )
    rows.head("SHEETS", "", "Rows", "Amount")
    for sheet, meaning, query, (one, listed) in zip(SHEETS, _MEANINGS, QUERIES, parts, strict=True):
        rows.cells.append(Cell(rows.row, 1, Text(sheet), "link", link=f"'{sheet}'!A1"))
        rows.put([None, Text(meaning), Number(one.rows), Number(one.amount)])
        del rows.cells[-_LAST]
        if listed < one.rows:
            note = _FULL.format(listed=listed, all=one.rows, query=query)
            rows.put([None, Text(note)], ["text", "note", *["text"] * 4])


def _reasons(ledger: Ledger, rows: _Rows) -> None:
    first = rows.head("BY REASON", "What it means", "Rows", "At stake")
    for reason, one in ledger.reasons:
        meaning = REASONS.get(reason, reason)
        rows.put([Text(spoken(reason)), Text(meaning), Number(one.rows), Number(one.amount)])
    if not ledger.reasons:
        rows.put([Text("None: nothing that is completed waits to be mended.")])
    _end(rows, first, [one for _, one in ledger.reasons])


def _remarks(ledger: Ledger, rows: _Rows) -> None:
    if not ledger.remarks:
        return
    rows.head("BILLED, BY REMARK", "What it means", "Rows", "Billed")
    # No total: a row with two remarks counts in both.
    for remark, one in ledger.remarks:
        meaning = REMARK_WORDS.get(remark, remark)
        rows.put([Text(spoken(remark)), Text(meaning), Number(one.rows), Number(one.amount)])


def _weeks(ledger: Ledger, rows: _Rows) -> None:
    if not ledger.weeks:
        return
    titles = ("BY WEEK ENDING", "", "Rows", "At stake", "Backlog rows", "Backlog amount")
    first = rows.head(*titles, styles=(*_HEAD[:4], "head_right", "head_right"))
    for week in ledger.weeks:
        known = week.week_ending is not None
        numbers = (week.to_mend.rows, week.to_mend.amount, week.backlog.rows, week.backlog.amount)
        rows.put(
            [
                Text("No week that can be read") if week.week_ending is None else Day(week.week_ending),
                None,
                *(Number(number) for number in numbers),
            ],
            ("day" if known else "text", "text", "count", "money", "count", "money"),
        )
    backlog = _sum(week.backlog for week in ledger.weeks)
    _end(rows, first, [week.to_mend for week in ledger.weeks], {5: backlog.rows, 6: backlog.amount})


def _requests(ledger: Ledger, rows: _Rows) -> None:
    if not ledger.requests:
        return
    rows.head("WORK REQUESTS WITH MOST AT STAKE", "", "Rows", "At stake")
    for request, one in ledger.requests:
        name = "None named" if request is None else request
        rows.put([Text(name), None, Number(one.rows), Number(one.amount)])


def _end(
    rows: _Rows, first: int, sums: Sequence[Sum], more: Mapping[int, Decimal | int] | None = None
) -> None:
    if sums:
        whole = _sum(sums)
        rows.total(first, {3: whole.rows, 4: whole.amount, **(more or {})})


def _sum(sums: Iterable[Sum]) -> Sum:
    rows, amount = 0, Decimal(0)
    for one in sums:
        rows, amount = rows + one.rows, amount + one.amount
    return Sum(rows, amount)
