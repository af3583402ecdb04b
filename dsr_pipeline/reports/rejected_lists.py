"""The flat sheets of the ledger of what is not billed: one table each, with real days and numbers.

Lives here: their columns. Called by `rejected_book`; the rows are those of `rejected_rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dsr_pipeline.reports.book import Cell, Day, Number, Printing, Sheet, Table, Text, Value

if TYPE_CHECKING:
    from dsr_pipeline.reports.rejected_rows import Ledger
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

SHEETS = ("Rejected", "Backlog", "Remarks")

_Column = tuple[str, float, str, str]
"""Title, width, style and field."""
_NOT_BILLED: tuple[_Column, ...] = (
    ("Reason", 20, "text", "reason"),
    ("What to do", 90, "text", "sentence"),
    ("At stake", 14, "amount", "amount_at_stake"),
    ("Work request", 16, "text", "work_request"),
    ("Week ending", 15, "day", "week_ending"),
    ("Sheet", 28, "text", "sheet_name"),
    ("Row", 8, "count", "row_number"),
    ("Point #", 12, "text", "pole"),
    ("Billable unit", 16, "text", "cu"),
    ("Foreman", 20, "text", "foreman"),
    ("Customer", 24, "text", "customer"),
    ("Work type", 13, "text", "work_type"),
    ("Quantity as written", 22, "text", "quantity_text"),
    ("Price as written", 19, "text", "price_text"),
    ("Reference date as written", 28, "text", "reference_text"),
    ("Snapshot date as written", 28, "text", "snapshot_text"),
    ("Changed on (UTC)", 20, "day", "changed_on"),
    ("Changed by", 30, "text", "changed_by"),
)
_BILLED: tuple[_Column, ...] = (
    ("Remarks", 44, "text", "remarks"),
    ("Billed", 14, "amount", "amount"),
    ("Work request", 16, "text", "work_request"),
    ("Week ending", 15, "day", "week_ending"),
    ("Reference date", 17, "day", "reference_date"),
    ("Snapshot date", 17, "day", "snapshot_date"),
    ("Sheet", 28, "text", "sheet_name"),
    ("Row", 8, "count", "row_number"),
    ("Point #", 12, "text", "pole"),
    ("Billable unit", 16, "text", "cu"),
    ("# Units", 12, "fine", "quantity"),
    ("Unit price", 14, "fine", "unit_rate"),
    ("Claimer", 20, "text", "claimer"),
    ("Foreman", 20, "text", "foreman"),
    ("Customer", 24, "text", "customer"),
    ("Work type", 13, "text", "work_type"),
    ("Variant", 16, "text", "variant"),
    ("Changed on (UTC)", 20, "day", "changed_on"),
    ("Changed by", 30, "text", "changed_by"),
)
_PRINTED = 12
"""The columns that a page has; all of them would be too small to read."""


def lists(ledger: Ledger, look: WeeklyLook) -> tuple[Sheet, ...]:
    """The sheets Rejected, Backlog and Remarks."""
    rejected, backlog, remarks = SHEETS
    return (
        _list(rejected, "RejectedRows", _NOT_BILLED, ledger.to_mend, look),
        _list(backlog, "BacklogRows", _NOT_BILLED, ledger.backlog, look),
        _list(remarks, "RemarkedRows", _BILLED, ledger.remarked, look),
    )


def spoken(code: str) -> str:
    """A reason or remark as people read it: `missing_price` is Missing price."""
    return code.replace("_", " ").capitalize()


def _list(name: str, table: str, columns: Sequence[_Column], rows: Sequence[Any], look: WeeklyLook) -> Sheet:
    """A flat table: one header row, real days and numbers."""
    cells = [
        Cell(1, at, Text(title), "flat_head_right" if style in ("amount", "count", "fine") else "flat_head")
        for at, (title, _, style, _) in enumerate(columns, start=1)
    ]
    fields = [(at, field, f"flat_{style}") for at, (_, _, style, field) in enumerate(columns, start=1)]
    for number, row in enumerate(rows, start=2):
        for at, field, style in fields:
            value = getattr(row, field)
            if field == "reason":
                value = spoken(value)
            elif field == "remarks":
                value = "; ".join(spoken(code) for code in value.split(","))
            if value is not None:
                cells.append(Cell(number, at, _typed(value), style))
    # A table needs a row below its header.
    last = max(2, len(rows) + 1)
    return Sheet(
        name=name,
        cells=tuple(cells),
        widths={at: width for at, (_, width, _, _) in enumerate(columns, start=1)},
        freeze=(2, 2),
        grid=True,
        printing=Printing(
            paper=look.rules.paper,
            fit_width=True,
            repeat_rows=(1, 1),
            last_row=last,
            last_column=_PRINTED,
            footer_left=name,
            on_paper=False,
        ),
        tables=(Table(table, 1, last, 1, len(columns)),),
    )


def _typed(value: str | int | Decimal | date) -> Value:
    if isinstance(value, str):
        return Text(value)
    return Day(value) if isinstance(value, date) else Number(value)
