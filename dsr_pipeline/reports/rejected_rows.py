"""What is not billed, and what is billed with a remark, read for the people who mend it.

Lives here: reading billing/rejected_units and the remarked rows of billing/work_units, sums included. The
workbook is `rejected_book`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from dsr_pipeline.lake.contracts.billing import GROUP, REJECTED_UNITS, WORK_UNITS
from dsr_pipeline.lake.errors import LakeError

if TYPE_CHECKING:
    from dsr_pipeline.lake.store import Lake

MEMORY = "400MB"
MOST_REQUESTS = 20
SILENT = ("credit", "")
"""Remarks that ask for nobody."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Rows and what they would bill (of remarked rows: what they bill)."""

    rows: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WeekSum:
    """What of one week is not billed; `week_ending` is None where rows name no week that can be read."""

    week_ending: date | None
    to_mend: Sum
    backlog: Sum


@dataclass(frozen=True, slots=True)
class NotBilledRow:
    """One rejected or held row, in the order of the columns that people see."""

    reason: str
    sentence: str
    amount_at_stake: Decimal
    work_request: str | None
    week_ending: date | None
    foreman: str | None
    customer: str | None
    pole: str | None
    cu: str | None
    work_type: str | None
    quantity_text: str | None
    price_text: str | None
    reference_text: str | None
    snapshot_text: str | None
    sheet_name: str | None
    row_number: int | None
    changed_on: date
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class RemarkedRow:
    """One billed row that a person should look at."""

    remarks: str
    amount: Decimal
    work_request: str | None
    week_ending: date | None
    variant: str | None
    claimer: str | None
    foreman: str | None
    customer: str | None
    pole: str | None
    cu: str | None
    work_type: str | None
    quantity: Decimal | None
    unit_rate: Decimal | None
    reference_date: date | None
    snapshot_date: date | None
    sheet_name: str | None
    row_number: int | None
    changed_on: date
    changed_by: str | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that the workbook says. Lists hold the largest amounts first, up to their limit."""

    currency: str
    newest_change: datetime
    """Instant of the newest change in these rows, UTC without a zone."""
    reasons: Sequence[tuple[str, Sum]]
    """Reasons of what is to be mended, `held` included and the backlog not."""
    backlog_sum: Sum
    remarks: Sequence[tuple[str, Sum]]
    """A row with two remarks counts in both."""
    remarked_sum: Sum
    weeks: Sequence[WeekSum]
    requests: Sequence[tuple[str | None, Sum]]
    """The work requests with most at stake."""
    to_mend: Sequence[NotBilledRow]
    backlog: Sequence[NotBilledRow]
    remarked: Sequence[RemarkedRow]


class Limits(NamedTuple):
    """At most so many rows for each list, those with the largest amounts."""

    to_mend: int
    backlog: int
    remarked: int


class RejectedTables:
    """The two billing tables of one switch. `close` it."""

    def __init__(self, lake: Lake) -> None:
        """The lake must have been billed: see `billed`."""
        state = lake.group(GROUP).state()
        self._connection = duckdb.connect(config={"memory_limit": MEMORY})
        lake.storage.register(self._connection)
        for contract, query in ((REJECTED_UNITS, _LEDGER), (WORK_UNITS, _REMARKED)):
            file = lake.storage.url(f"{GROUP}/{state.tables[contract.table].path}").replace("'", "''")
            try:
                self._connection.execute(query.format(file=f"read_parquet('{file}')"))
            except duckdb.IOException as error:
                self.close()
                raise LakeError(
                    "the billing tables were replaced while the ledger was read: write it again"
                ) from error

    def close(self) -> None:
        """Let go of the tables."""
        self._connection.close()

    def hash(self) -> str:
        """Hash of all rows, also of those beyond the limit; the order in the tables does not count."""
        (found,) = self._ask(_HASH)
        return str(found[0])

    def ledger(self, limits: Limits) -> Ledger:
        """Sums of all rows, and the lists up to their limits."""
        newest, currency = self._ask(_HEAD)[0]
        (backlog,) = self._ask("select count(*), coalesce(sum(stake), 0) from ledger where backlog")
        (remarked,) = self._ask("select count(*), coalesce(sum(amount), 0) from remarked")
        return Ledger(
            currency=currency or "USD",
            newest_change=newest or datetime(1980, 1, 1),  # noqa: DTZ001 - the tables keep UTC without a zone
            reasons=[(row[0], Sum(*row[1:])) for row in self._ask(_BY_REASON)],
            backlog_sum=Sum(*backlog),
            remarks=[(row[0], Sum(*row[1:])) for row in self._ask(_BY_REMARK)],
            remarked_sum=Sum(*remarked),
            weeks=[WeekSum(row[0], Sum(*row[1:3]), Sum(*row[3:])) for row in self._ask(_BY_WEEK)],
            requests=[(row[0], Sum(*row[1:])) for row in self._ask(_BY_REQUEST)],
            to_mend=self._rows("not backlog", limits.to_mend),
            backlog=self._rows("backlog", limits.backlog),
            remarked=[RemarkedRow(*row) for row in self._ask(_REMARKED_ROWS.format(limit=limits.remarked))],
        )

    def _rows(self, which: str, limit: int) -> list[NotBilledRow]:
        return [NotBilledRow(*row) for row in self._ask(_ROWS.format(which=which, limit=limit))]

    def _ask(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


def billed(lake: Lake) -> bool:
    """Whether there is anything to write about."""
    tables = lake.group(GROUP).state().tables
    return all(contract.table in tables for contract in (REJECTED_UNITS, WORK_UNITS))


_LEDGER = """
    create temp table ledger as
    select *, reason = 'not_completed' and status = 'rejected' as backlog,
        amount_at_stake::decimal(18, 2) as stake
    from {file}
"""
_REMARKED = f"""
    create temp table remarked as
    with asked as (
        select *, list_filter(string_split(remarks, ','), lambda one: one not in {SILENT!r}) as kept
        from {{file}}
        where status = 'billable' and remarks is not null
    )
    select array_to_string(kept, ',') as remarks, amount::decimal(18, 2) as amount, work_request, week_ending,
        variant, claimer, foreman, customer, pole, cu, work_type, quantity, unit_rate, reference_date,
        snapshot_date, sheet_name, row_number, source_modified_at_utc, source_modified_by, sheet_id, row_id,
        currency
    from asked where len(kept) > 0
"""
_HASH = """
    with rows as (
        select 1 as part, sheet_id, row_id, to_json(l)::varchar as text from ledger l
        union all select 2, sheet_id, row_id, to_json(r)::varchar from remarked r
    )
    select sha256(coalesce(string_agg(text, chr(10) order by part, sheet_id, row_id), '')) from rows
"""
_HEAD = """
    select max(source_modified_at_utc), min(currency)
    from (select source_modified_at_utc, currency from ledger
        union all select source_modified_at_utc, currency from remarked)
"""
_BY_REASON = """
    select if(status = 'held', 'held', reason), count(*), sum(stake) from ledger where not backlog
    group by 1 order by sum(stake) desc, 1
"""
_BY_REMARK = """
    select remark, count(*), sum(amount)
    from (select unnest(string_split(remarks, ',')) as remark, amount from remarked)
    group by remark order by count(*) desc, remark
"""
_BY_WEEK = """
    select week_ending, count(*) filter (not backlog), coalesce(sum(stake) filter (not backlog), 0),
        count(*) filter (backlog), coalesce(sum(stake) filter (backlog), 0)
    from ledger group by week_ending order by week_ending desc nulls first
"""
_BY_REQUEST = f"""
    select work_request, count(*), sum(stake) from ledger where not backlog
    group by work_request order by sum(stake) desc, count(*) desc, work_request nulls last
    limit {MOST_REQUESTS}
"""
_ROWS = """
    select if(status = 'held', 'held', reason), sentence, stake, work_request, week_ending, foreman, customer,
        pole, cu, work_type, quantity_text, price_text, reference_text, snapshot_text, sheet_name, row_number,
        source_modified_at_utc::date, source_modified_by
    from ledger where {which} order by abs(stake) desc, sheet_id, row_id limit {limit}
"""
_REMARKED_ROWS = """
    select remarks, amount, work_request, week_ending, variant, claimer, foreman, customer, pole, cu,
        work_type, quantity, unit_rate, reference_date, snapshot_date, sheet_name, row_number,
        source_modified_at_utc::date, source_modified_by
    from remarked order by abs(amount) desc, sheet_id, row_id limit {limit}
"""
