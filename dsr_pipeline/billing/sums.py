"""The sums of a run for its report, and the claims that it saw first, from the tables on its workbench.

Lives here: both queries. What they are called for people is `report`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa

from dsr_pipeline.billing.billing_rules import BillingRules
from dsr_pipeline.billing.report import BACKLOG, BillingReport, WeekFigures, group_hashes
from dsr_pipeline.billing.workbench import fetch
from dsr_pipeline.lake.contracts.billing import CLAIMS, REMARKS

_SUMS = """
    select week_ending, status, reject_reason, count(*), coalesce(sum(amount), 0),
        coalesce(sum(amount_at_stake), 0)
    from {units} group by all order by all
"""
_REMARKS = """
    select remarks, count(*) from {units} where status = 'billable' and remarks is not null group by 1
"""
_GROUPS = "select week_ending, group_id, content_hash, status from groups"

_SEEN = """
    with claimed as (
        select sheet_id, row_id, role, work_request, week_ending, live, live_id from judged
        where status = 'billable' and unfrozen and live_id is not null
        union
        select sheet_id, row_id, role, work_request, week_ending, live, live_id from viewed
        where unfrozen and live_id is not null
    )
    select sheet_id, row_id, role, 'seen' as event, work_request, week_ending, live as claimer,
        live_id as claimer_id, null::varchar as reason, null::varchar as decided_by,
        $run_id as run_id, $now::timestamp as recorded_at_utc
    from claimed
"""


def newly_claimed(con: duckdb.DuckDBPyConnection, run_id: str, now: datetime) -> pa.Table:
    """The units that are billed under a name which no claim froze yet, in the schema of billing/claims."""
    given = {"run_id": run_id, "now": now}
    found = con.sql(_SEEN, params=given).to_arrow_table()
    return found.select(list(CLAIMS.names)).cast(CLAIMS.schema)


def summed(con: duckdb.DuckDBPyConnection, units: str, rules: BillingRules) -> BillingReport:
    """The report of the tables that a run made."""
    report = BillingReport(problems=rules.problems())
    weeks: dict[date | None, list[int | Decimal]] = defaultdict(lambda: [0, Decimal(0), 0, Decimal(0)])
    for week, status, reason, rows, amount, at_stake in fetch(con, _SUMS.format(units=units)):
        report.rows += rows
        if status == "billable":
            report.billable += rows
            report.amount += amount
            weeks[week][0] += rows
            weeks[week][1] += amount
        elif status == "held":
            report.held += rows
            report.held_amount += at_stake
        else:
            report.rejected += rows
            report.rejected_amount += at_stake
            known, sum_ = report.reasons.get(reason, (0, Decimal(0)))
            report.reasons[reason] = (known + rows, sum_ + at_stake)
            if reason != BACKLOG:
                weeks[week][2] += rows
                weeks[week][3] += at_stake
    _count_remarks(con, units, report)
    groups = fetch(con, _GROUPS)
    report.groups = len(groups)
    report.weeks = _weeks(weeks, groups)
    first = rules.policy.week.first
    if early := sum(one.rows for one in report.weeks if one.week_ending and one.week_ending < first):
        report.problems.append(
            f"{early:,} billable rows lie in weeks before {first} (week.first in rules/billing/policy.yaml) "
            "and get no workbook: correct their dates, or the policy"
        )
    return report


def _count_remarks(con: duckdb.DuckDBPyConnection, units: str, report: BillingReport) -> None:
    counts = dict.fromkeys(REMARKS, 0)
    for remarks, rows in fetch(con, _REMARKS.format(units=units)):
        for remark in remarks.split(","):
            counts[remark] += rows
    report.remarks = {remark: rows for remark, rows in counts.items() if rows}


def _weeks(
    sums: dict[date | None, list[int | Decimal]], groups: list[tuple[date, str, str, str]]
) -> tuple[WeekFigures, ...]:
    counts: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for week, _, _, status in groups:
        counts[week][0] += 1
        counts[week][1] += status == "held"
    hashes = group_hashes(groups)
    found: list[WeekFigures] = []
    for week in sorted({*sums, *counts}, key=lambda one: (one is None, one or date.min)):
        rows, amount, rejected, at_stake = sums[week]
        number, held = counts[week] if week is not None else (0, 0)
        digest = hashes.get(week, "") if week is not None else ""
        found.append(
            WeekFigures(
                week, number, held, int(rows), Decimal(amount), int(rejected), Decimal(at_stake), digest
            )
        )
    return tuple(found)
