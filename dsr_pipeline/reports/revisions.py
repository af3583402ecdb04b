"""What changed since the last published revision of a report, line by line and in words.

Lives here: the comparison of printed lines with archived ones. Which revision that is, `weekly_plan` decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from dsr_pipeline.reports.archive import ArchivedLine
from dsr_pipeline.reports.weekly_content import Line, RemovedLine

ARROW = "→"
NOTHING = "–"
_COMPARED = (
    ("day", "Date"),
    ("point", "Point #"),
    ("code", "Billable unit"),
    ("work_type", "Work type"),
    ("description", "Unit description"),
    ("uom", "UoM"),
    ("quantity", "# Units"),
    ("unit_price", "Unit price"),
    ("amount", "Amount"),
    ("dept", "Dept #"),
    ("job", "Job #"),
    ("scope", "Scope ID"),
)
_MONEY = frozenset({"unit_price", "amount"})
OTHERWISE = "Other details of the row"
"""What the line does not show but the billing of it does, such as the customer."""


def with_marks(
    lines: Iterable[Line], before: Sequence[ArchivedLine], *, currency: str, words: Mapping[str, str]
) -> tuple[tuple[Line, ...], tuple[RemovedLine, ...]]:
    """The lines marked against those of another revision, and those of it that are not among them.

    A line is the same row of the same sheet. `words` may name the columns otherwise, by field.
    """
    known = {(line.sheet_id, line.row_id): line for line in before}
    marked: list[Line] = []
    for line in lines:
        old = known.pop((line.sheet_id, line.row_id), None)
        if old is None:
            marked.append(replace(line, mark="new"))
        elif old.line_hash == line.line_hash:
            marked.append(replace(line, mark="same"))
        else:
            told = what_changed(old, line, currency=currency, words=words)
            marked.append(replace(line, mark="changed", was=old.amount, was_text=told))
    left = sorted(known.values(), key=lambda line: (line.day or date.max, line.point, line.code, line.row_id))
    return tuple(marked), tuple(line.removed for line in left)


def what_changed(old: ArchivedLine, line: Line, *, currency: str, words: Mapping[str, str]) -> str:
    """What is different, such as `# Units 3 → 2, Amount $30.00 → $20.00`."""
    told: list[str] = []
    for field, usual in _COMPARED:
        before, after = getattr(old, field), getattr(line, field)
        if before != after:
            unit = currency if field in _MONEY else None
            told.append(f"{words.get(field, usual)} {_shown(before, unit)} {ARROW} {_shown(after, unit)}")
    return ", ".join(told) or words.get("otherwise", OTHERWISE)


def _shown(value: object, currency: str | None) -> str:
    match value:
        case None | "":
            return NOTHING
        case Decimal() if currency is not None:
            return _money(value, currency)
        case Decimal():
            return f"{value:,f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _money(value: Decimal, currency: str) -> str:
    places = max(2, -int(value.normalize().as_tuple().exponent))
    sign = "-" if value < 0 else ""
    figure = f"{abs(value):,.{places}f}"
    return f"{sign}${figure}" if currency == "USD" else f"{sign}{figure} {currency}"
