"""The rows behind weekly reports: groups, their lines, exceptions and sums, read from the billing tables.

Lives here: reading, a batch of groups at a time, and only the rows of those. Which groups are built decides
`weekly_plan`; what a report says of them is `weekly_reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from dsr_pipeline.billing.report import group_hashes
from dsr_pipeline.lake.contracts.billing import GROUP, REJECTED_UNITS, VIEW_LINES, WORK_GROUPS, WORK_UNITS
from dsr_pipeline.lake.errors import LakeError, MissingTable
from dsr_pipeline.reports.manifest import held_work_requests
from dsr_pipeline.reports.weekly_plan import Group

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dsr_pipeline.lake.store import Lake

_TABLES = (WORK_GROUPS, WORK_UNITS, VIEW_LINES, REJECTED_UNITS)
MEMORY = "400MB"


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit of a group as the tables have it; of a view at the price of the view."""

    group_id: str
    sheet_id: int
    row_id: int
    row_number: int | None
    sheet_name: str | None
    snapshot_date: date | None
    pole: str | None
    cu: str | None
    work_type: str | None
    cu_description: str | None
    uom: str | None
    quantity: Decimal | None
    unit_rate: Decimal | None
    amount: Decimal
    dept: str | None
    job: str | None
    scope: str | None
    work_order: str | None
    customer: str | None
    area: str | None
    line_hash: str
    remarks: str | None
    credit_reason: str | None
    rate_table: str | None


@dataclass(frozen=True, slots=True)
class NotBilled:
    """A row of a work request that is not billed; `week_ending` is None where its week is not known."""

    work_request: str
    week_ending: date | None
    sheet_id: int
    row_id: int
    row_number: int | None
    sheet_name: str | None
    status: str
    reason: str
    sentence: str
    at_stake: Decimal
    pole: str | None
    cu: str | None
    work_type: str | None
    quantity: str | None
    snapshot: str | None


@dataclass(frozen=True, slots=True)
class UnitSum:
    """What the units of a group sum to, by SQL that no line has passed through."""

    rows: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that the reports of some groups say."""

    lines: Mapping[str, Sequence[UnitLine]]
    not_billed: Mapping[tuple[str, date | None], Sequence[NotBilled]]
    sums: Mapping[str, UnitSum]


@dataclass(frozen=True, slots=True)
class WeekRejected:
    """What of a week is not billed."""

    rows: int
    amount: Decimal


class BillingTables:
    """The billing tables of one switch, for as long as a build lasts; `close` it."""

    def __init__(self, lake: Lake) -> None:
        """Raises `MissingTable` before the first billing."""
        state = lake.group(GROUP).state()
        for contract in _TABLES:
            if contract.table not in state.tables:
                raise MissingTable(contract.key)
        self._connection = duckdb.connect(config={"memory_limit": MEMORY})
        lake.storage.register(self._connection)
        self._files = {
            contract.table: lake.storage.url(f"{GROUP}/{state.tables[contract.table].path}")
            for contract in _TABLES
        }
        self.held = held_work_requests(lake)

    def close(self) -> None:
        """Let go of the tables."""
        self._connection.close()

    def week_hashes(self) -> dict[date, str]:
        """What `billing.report.week_hashes` gives, of these very tables."""
        return group_hashes(self._ask(_STANDINGS, {}))

    def groups(self, weeks: Collection[date], work_request: str | None) -> list[Group]:
        """The groups of these weeks (of one work request), in the order of the table."""
        return [Group(*row) for row in self._ask(_GROUPS, _scope(weeks, work_request))]

    def amounts(self, group_ids: Collection[str]) -> dict[str, Decimal]:
        """Amounts of those of these groups that there are and that are not held."""
        return dict(self._ask(_AMOUNTS, {"ids": sorted(group_ids)}))

    def rejected(self, weeks: Collection[date], work_request: str | None) -> dict[date, WeekRejected]:
        """What is not billed although it is completed, by week."""
        rows = self._ask(_REJECTED, _scope(weeks, work_request))
        return {row[0]: WeekRejected(*row[1:]) for row in rows}

    def batch(self, groups: Sequence[Group]) -> Batch:
        """What the reports of these groups say."""
        ids = {"ids": sorted(group.group_id for group in groups)}
        views = any(not group.money for group in groups)
        lines: dict[str, list[UnitLine]] = {group.group_id: [] for group in groups}
        for query in (_UNIT_LINES, _VIEW_LINES)[: 1 + views]:
            for row in self._ask(query, ids):
                lines[row[0]].append(UnitLine(*row))
        not_billed: dict[tuple[str, date | None], list[NotBilled]] = {}
        requests = sorted({group.work_request for group in groups})
        weeks = sorted({group.week_ending for group in groups})
        for row in self._ask(_NOT_BILLED, {"requests": requests, "weeks": weeks}):
            not_billed.setdefault((row[0], row[1]), []).append(NotBilled(*row))
        sums: dict[str, UnitSum] = {}
        for query in (_UNIT_SUMS, _VIEW_SUMS)[: 1 + views]:
            sums |= {row[0]: UnitSum(*row[1:]) for row in self._ask(query, ids)}
        return Batch(lines, not_billed, sums)

    def _ask(self, query: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        for table, file in self._files.items():
            quoted = file.replace("'", "''")
            query = query.replace(f"{{{table}}}", f"read_parquet('{quoted}')")
        try:
            return self._connection.execute(query, dict(values)).fetchall()
        except duckdb.IOException as error:
            raise LakeError(
                "the billing tables were replaced twice while reports were built from them: build them again"
            ) from error


def _scope(weeks: Collection[date], work_request: str | None) -> dict[str, object]:
    return {"weeks": sorted(weeks), "request": work_request}


_GROUPS = """
    select group_id, work_request, week_ending, variant, money, claimer, claimer_id, status = 'held',
        rows, amount, currency, closed, data_as_of_utc, content_hash
    from {work_groups}
    where list_contains($weeks::date[], week_ending) and ($request is null or work_request = $request)
    order by week_ending, work_request, variant, group_id
"""
_STANDINGS = """
    select week_ending, group_id, content_hash, status from {work_groups}
"""
_AMOUNTS = """
    select group_id, amount from {work_groups}
    semi join (select unnest($ids::varchar[]) as group_id) using (group_id)
    where status = 'ready'
"""
_REJECTED = """
    select week_ending, count(*), sum(amount_at_stake)::decimal(18, 4) from {rejected_units}
    where status = 'rejected' and reason <> 'not_completed'
        and list_contains($weeks::date[], week_ending) and ($request is null or work_request = $request)
    group by week_ending
"""
_UNIT_LINES = """
    select group_id, sheet_id, row_id, row_number, sheet_name, snapshot_date, pole, cu, work_type,
        cu_description, uom, quantity, unit_rate, amount, dept, job, scope, work_order, customer, area,
        line_hash, remarks, credit_reason, rate_table
    from {work_units}
    semi join (select unnest($ids::varchar[]) as group_id) using (group_id)
    where status = 'billable'
"""
_VIEW_LINES = """
    with shown as (
        from {view_lines} semi join (select unnest($ids::varchar[]) as group_id) using (group_id)
    )
    select v.group_id, v.sheet_id, v.row_id, u.row_number, u.sheet_name, u.snapshot_date, u.pole, u.cu,
        u.work_type, u.cu_description, u.uom, u.quantity, v.unit_rate, v.amount, v.dept, v.job, u.scope,
        u.work_order, u.customer, u.area, v.line_hash, v.remarks, u.credit_reason, v.rate_table
    from shown v join {work_units} u using (sheet_id, row_id)
"""
_NOT_BILLED = """
    with shown as (
        from {rejected_units}
        semi join (select unnest($requests::varchar[]) as work_request) using (work_request)
        where reason <> 'not_completed'
            and (week_ending is null or list_contains($weeks::date[], week_ending))
    )
    select r.work_request, r.week_ending, r.sheet_id, r.row_id, r.row_number, r.sheet_name, r.status,
        r.reason, r.sentence, r.amount_at_stake, r.pole, r.cu, r.work_type, r.quantity_text, r.snapshot_text
    from shown r left join {work_units} u using (sheet_id, row_id)
    where r.week_ending is not null or u.completed
"""
_UNIT_SUMS = """
    select group_id, count(*), sum(amount)::decimal(18, 4) from {work_units}
    semi join (select unnest($ids::varchar[]) as group_id) using (group_id)
    where status = 'billable'
    group by group_id
"""
_VIEW_SUMS = """
    select group_id, count(*), sum(amount)::decimal(18, 4) from {view_lines}
    semi join (select unnest($ids::varchar[]) as group_id) using (group_id)
    group by group_id
"""
