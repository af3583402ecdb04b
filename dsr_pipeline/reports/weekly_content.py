"""What one weekly report says, as plain values: no place, no colour, no file.

Lives here: the report of one group. `weekly_build` fills it from the tables, `weekly_layout` puts it on
sheets. It travels to the processes that write workbooks, so nothing here needs a heavy library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Mark = Literal["new", "changed", "same"]
Place = Literal["day", "undated", "out_of_week"]
ExceptionKind = Literal["undated", "out_of_week", "duplicate", "rejected", "held", "remark"]
Status = Literal["draft", "final", "revised", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Line:
    """One billed line. `quantity` or `unit_price` is missing where the sheet gives only the amount."""

    sheet_id: int
    row_id: int
    place: Place
    day: date | None
    """Snapshot date; of an out-of-week line that other day, None where undated."""
    point: str
    code: str
    work_type: str
    description: str
    uom: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal
    dept: str
    job: str
    scope: str
    source: str
    """Sheet and row for people, such as `Field sheet 12 · row 40`."""
    line_hash: str
    mark: Mark | None = None
    """Against the last published revision; None where there is none."""
    was: Decimal | None = None
    """Amount in that revision, of a changed line."""
    was_text: str = ""
    """What changed, such as `# Units 3 → 2`."""
    credit_reason: str | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line of the last published revision that is not billed here any more."""

    day: date | None
    point: str
    code: str
    work_type: str
    description: str
    quantity: Decimal | None
    amount: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class ReportException:
    """A row of this work request and week that a person should look at."""

    kind: ExceptionKind
    reason: str
    """A sentence."""
    source: str
    point: str
    code: str
    work_type: str
    quantity: str
    """As written."""
    snapshot: str
    billed: Decimal | None
    """What it bills here; None where it is not billed here."""
    at_stake: Decimal
    """What it would bill, where it is not billed."""


@dataclass(frozen=True, slots=True)
class Source:
    """One sheet that lines come from."""

    name: str
    sheet_id: int
    rows: int


@dataclass(frozen=True, slots=True)
class TieOut:
    """The three sums that must be equal, taken in three different ways."""

    lines: Decimal
    group: Decimal
    units: Decimal

    @property
    def holds(self) -> bool:
        """Whether they are equal to the cent."""
        return self.lines == self.group == self.units


@dataclass(frozen=True, slots=True)
class Report:
    """One weekly report. Texts are as they stand in the tables; several values are joined by a comma."""

    group_id: str
    content_hash: str
    work_request: str
    week_first: date
    week_ending: date
    variant: str
    variant_label: str
    money: bool
    claimer: str
    foreman_label: str
    """What the claimer is called in the details: Foreman, Helper, Vac crew."""
    dept: str
    scope: str
    work_order: str
    job: str
    customer: str
    area: str
    currency: str
    revision: int
    status: Status
    replaces: tuple[int, date] | None
    """Revision that it replaces and the day on which that was published."""
    prior_week: Decimal | None
    """Amount of the same work request, variant and claimer a week before; None where there was none."""
    data_as_of: datetime
    """Aware, in the zone of the office."""
    lines: tuple[Line, ...]
    """In the order in which they are printed: days, then undated, then out of week."""
    removed: tuple[RemovedLine, ...]
    exceptions: tuple[ReportException, ...]
    sources: tuple[Source, ...]
    rate_tables: tuple[str, ...]
    tie_out: TieOut
    marks_from: int | None = None
    """Revision that the marks compare with; None where nothing was published before."""
    marks_missing: str | None = None
    """Why lines cannot be compared with the published revision, where they cannot."""

    @property
    def amount(self) -> Decimal:
        """Sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))
