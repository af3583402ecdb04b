"""What a billing run tells: sums by reason and by week, and what a person should look at.

Lives here: the report, its sums from the tables, and the form in which a run keeps it for the next one that
finds nothing new. Amounts are exact and in the currency of the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from dsr_pipeline.lake.contracts.billing import WORK_GROUPS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.text import canonical_hash

BACKLOG = "not_completed"
"""The reason that needs nobody: the unit is not done yet."""


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week. `rows` and `amount` are of the billable units; `rejected` leaves out what is not completed.

    `groups` counts workbooks, views among them; None as the week is that of rows without one.
    """

    week_ending: date | None
    groups: int
    held_groups: int
    rows: int
    amount: Decimal
    rejected: int
    rejected_amount: Decimal
    hash: str


@dataclass(slots=True)
class BillingReport:
    """What a run found. `reasons` gives rows and amount at stake of each reason, `rejected` is their sum.

    `problems` are sentences for a person, `failures` what kept the old tables in place.
    """

    unchanged: bool = False
    rows: int = 0
    billable: int = 0
    rejected: int = 0
    held: int = 0
    amount: Decimal = Decimal(0)
    rejected_amount: Decimal = Decimal(0)
    held_amount: Decimal = Decimal(0)
    reasons: dict[str, tuple[int, Decimal]] = field(default_factory=dict[str, tuple[int, Decimal]])
    remarks: dict[str, int] = field(default_factory=dict[str, int])
    groups: int = 0
    claims_seen: int = 0
    weeks: tuple[WeekFigures, ...] = ()
    problems: list[str] = field(default_factory=list[str])
    failures: list[str] = field(default_factory=list[str])

    @property
    def backlog(self) -> int:
        """Rows among the rejected ones that are only not completed yet."""
        return self.reasons.get(BACKLOG, (0,))[0]

    @property
    def exit_code(self) -> int:
        """0 clean · 1 something needs a person."""
        return 1 if self.failures or self.held or self.rejected > self.backlog else 0


def week_hashes(lake: Lake) -> dict[date, str]:
    """One hash per week over its groups, their content and whether they are held.

    Raises `MissingTable` where nothing was billed yet.
    """
    table = lake.read(WORK_GROUPS, ["week_ending", "group_id", "content_hash", "status"])
    return group_hashes(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))


def group_hashes(groups: Any) -> dict[date, str]:
    """The same of tuples of week ending, group id, content hash and status."""
    weeks: dict[date, list[list[str]]] = {}
    for week, *told in groups:
        weeks.setdefault(week, []).append(told)
    return {week: canonical_hash("billed week", sorted(told)) for week, told in sorted(weeks.items())}


def to_json(report: BillingReport) -> dict[str, Any]:
    """The report as it is kept with the switch: amounts and days as text."""
    given = asdict(report)
    given["weeks"] = [_texts(week) for week in given["weeks"]]
    given["reasons"] = {reason: [rows, str(amount)] for reason, (rows, amount) in report.reasons.items()}
    return _texts(given)


def from_json(given: Mapping[str, Any]) -> BillingReport:
    """What `to_json` kept, as the report of a run that found nothing new."""
    again: dict[str, Any] = {**given, "unchanged": True, "claims_seen": 0, "failures": []}
    again |= {name: Decimal(given[name]) for name in ("amount", "rejected_amount", "held_amount")}
    again["reasons"] = {
        reason: (rows, Decimal(amount)) for reason, (rows, amount) in given["reasons"].items()
    }
    again["weeks"] = tuple(_week(one) for one in given["weeks"])
    return BillingReport(**again)


def _week(given: Mapping[str, Any]) -> WeekFigures:
    ending = given["week_ending"]
    again: dict[str, Any] = {**given, "week_ending": ending and date.fromisoformat(ending)}
    again |= {name: Decimal(given[name]) for name in ("amount", "rejected_amount")}
    return WeekFigures(**again)


def _texts(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal | date) else value for name, value in given.items()}
