"""The lines and exceptions of a weekly report, out of the rows behind it.

Lives here: rows into words, numbers and print order. The report around them is `weekly_reports`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from dsr_pipeline.reports.weekly_content import ExceptionKind, Line, Place, ReportException, Source

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_plan import Group
    from dsr_pipeline.reports.weekly_read import Batch, NotBilled, UnitLine

MOST_VALUES = 3
"""Of several values of one thing in the head of a report; the rest is counted."""
WEEK = timedelta(days=7)
_CENT = Decimal("0.01")
_REMEMBERED = 20_000
"""Points and quantities that stand in many lines."""
_DIGITS = re.compile(r"([0-9]{1,18})")
_PLACES: tuple[Place, ...] = ("day", "undated", "out_of_week")
_KINDS: tuple[ExceptionKind, ...] = ("duplicate", "rejected", "held", "undated", "out_of_week", "remark")
REMARK_WORDS = {
    "undated": "the snapshot date is blank",
    "bad_snapshot": "the snapshot date cannot be read as a day",
    "out_of_week": "the snapshot date lies in another week",
    "week_snapped": "the weekly reference date is not the last day of a week",
    "credit": "credit",
    "no_rate": "no rate is known for the code, so the price of the sheet counts",
    "zero_rate": "the rate of the code is zero, so the price of the sheet counts",
    "no_action": "the work type is none that has a rate, so the price of the sheet counts",
    "no_claimer": "nobody is named who claims the unit",
    "claim_changed": "the sheet names somebody else now than when the unit was claimed",
    "possible_duplicate": "the same unit stands in the sheet more than once, and each is billed",
    "bad_quantity": "the quantity cannot be read as a number, so the price of the sheet counts",
    "rated_by_week": "priced by the reference date, for the snapshot date is not known",
}
"""The remarks of billing/work_units in words; an unknown one is shown as it is."""


def lines_of(units: Iterable[UnitLine], week_ending: date) -> tuple[Line, ...]:
    """The lines in print order: days, then undated, then out of week."""
    return tuple(sorted((_line(unit, week_ending) for unit in units), key=_print_order))


def exceptions_of(
    group: Group, lines: Sequence[Line], units: Sequence[UnitLine], batch: Batch
) -> tuple[ReportException, ...]:
    """The rows of the work request and week that are not billed, then the lines with a remark."""
    found = [
        (one.sheet_id, one.row_id, _not_billed(one))
        for week in (group.week_ending, None)
        for one in batch.not_billed.get((group.work_request, week), ())
    ]
    printed = {(line.sheet_id, line.row_id): line for line in lines}
    for unit in units:
        if remarks := _remarks(unit):
            key = (unit.sheet_id, unit.row_id)
            found.append((*key, _billed_with(remarks, unit, printed[key])))
    return tuple(
        one for *_, one in sorted(found, key=lambda one: (_KINDS.index(one[2].kind), one[0], one[1]))
    )


def _not_billed(row: NotBilled) -> ReportException:
    kind: ExceptionKind = "held" if row.status == "held" else "rejected"
    return ReportException(
        kind="duplicate" if row.reason == "duplicate" else kind,
        reason=row.sentence,
        source=source_of(row.sheet_name, row.sheet_id, row.row_number, row.row_id),
        point=row.pole or "",
        code=row.cu or "",
        work_type=row.work_type or "",
        quantity=row.quantity or "",
        snapshot=row.snapshot or "",
        billed=None,
        at_stake=cents(row.at_stake),
    )


def _billed_with(remarks: tuple[str, ...], unit: UnitLine, line: Line) -> ReportException:
    kind: ExceptionKind = "remark"
    if line.place != "day":
        kind = line.place
    return ReportException(
        kind=kind,
        reason=in_words(remarks),
        source=line.source,
        point=line.point,
        code=line.code,
        work_type=line.work_type,
        quantity="" if line.quantity is None else f"{line.quantity:f}",
        snapshot="" if unit.snapshot_date is None else unit.snapshot_date.isoformat(),
        billed=line.amount,
        at_stake=Decimal(0),
    )


def sources_of(units: Iterable[UnitLine]) -> tuple[Source, ...]:
    """The sheets that the lines come from."""
    counted: dict[int, tuple[str, int]] = {}
    for unit in units:
        name, rows = counted.get(unit.sheet_id, (unit.sheet_name or f"Sheet {unit.sheet_id}", 0))
        counted[unit.sheet_id] = (name, rows + 1)
    named = ((name, sheet_id, rows) for sheet_id, (name, rows) in counted.items())
    return tuple(Source(*one) for one in sorted(named, key=lambda one: (natural(one[0]), one[1])))


def joined(values: Iterable[str]) -> str:
    """The distinct values in their natural order: at most three, then how many more."""
    distinct = sorted(set(values), key=natural)
    shown = distinct[:MOST_VALUES]
    more = len(distinct) - len(shown)
    return ", ".join([*shown, f"+{more} more"] if more else shown)


@lru_cache(maxsize=_REMEMBERED)
def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which P-9 comes before P-10."""
    parts = _DIGITS.split(text)
    return tuple((1, int(part), "") if place % 2 else (0, 0, part) for place, part in enumerate(parts))


def _line(unit: UnitLine, week_ending: date) -> Line:
    return Line(
        sheet_id=unit.sheet_id,
        row_id=unit.row_id,
        place=_place(unit.snapshot_date, week_ending),
        day=unit.snapshot_date,
        point=unit.pole or "",
        code=unit.cu or "",
        work_type=unit.work_type or "",
        description=unit.cu_description or "",
        uom=unit.uom or "",
        quantity=None if unit.quantity is None else plain(unit.quantity),
        unit_price=None if unit.unit_rate is None else plain(unit.unit_rate),
        amount=cents(unit.amount),
        dept=unit.dept or "",
        job=unit.job or "",
        scope=unit.scope or "",
        source=source_of(unit.sheet_name, unit.sheet_id, unit.row_number, unit.row_id),
        line_hash=unit.line_hash,
        credit_reason=unit.credit_reason if unit.amount < 0 else None,
        remark=in_words(_remarks(unit)),
    )


def source_of(sheet: str | None, sheet_id: int, row_number: int | None, row_id: int) -> str:
    """Sheet and row for people."""
    row = f"row {row_number}" if row_number is not None else f"row id {row_id}"
    return f"{sheet or f'Sheet {sheet_id}'} · {row}"


def in_words(remarks: Iterable[str]) -> str:
    """Remarks as one text."""
    return "; ".join(REMARK_WORDS.get(remark, remark) for remark in remarks)


@lru_cache(maxsize=_REMEMBERED)
def plain(number: Decimal) -> Decimal:
    """The same number without needless zeros."""
    text = f"{number:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def cents(amount: Decimal) -> Decimal:
    """The same amount with two decimals, where it has no more."""
    rounded = amount.quantize(_CENT)
    return rounded if rounded == amount else amount


def _remarks(unit: UnitLine) -> tuple[str, ...]:
    if not unit.remarks:
        return ()
    given = (part.strip() for part in unit.remarks.split(","))
    return tuple(part for part in given if part and part != "credit")


def _place(day: date | None, week_ending: date) -> Place:
    if day is None:
        return "undated"
    return "day" if week_ending - WEEK < day <= week_ending else "out_of_week"


def _print_order(line: Line) -> tuple[object, ...]:
    return (
        _PLACES.index(line.place),
        line.day or date.min,
        natural(line.point),
        line.code,
        line.work_type,
        line.description,
        line.sheet_id,
        line.row_id,
    )
