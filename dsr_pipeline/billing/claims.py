"""Who claimed a unit: recorded when the unit is billed first, and again when a person decides otherwise.

Lives here: the log billing/claims and its fold. Which unit is new, and what a claim does to a group, is the
billing run's affair; `dsr claims` is the person's side.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

import pyarrow as pa

from dsr_pipeline.lake.arrow import AnyColumn, as_column, compute
from dsr_pipeline.lake.contracts.billing import CLAIMS, CURRENT_CLAIMS, ROLES, WORK_UNITS
from dsr_pipeline.lake.store import Lake

GROUPED = ("billable", "held")
"""Status of the units that stand in a group."""

_FOLD = f"""
with recorded as (
    select *, 0 as place from before
    union all
    select {", ".join(CURRENT_CLAIMS.names)}, place from fresh
), ranked as (
    -- The last decision counts; of what was only seen, the first.
    select *, row_number() over (
        partition by sheet_id, row_id, role
        order by (event = 'decided') desc, case when event = 'decided' then -place else place end
    ) as rank
    from recorded
)
select {", ".join(CURRENT_CLAIMS.names)} from ranked where rank = 1
order by {", ".join(CURRENT_CLAIMS.sort_key)}
"""


class ClaimRefused(ValueError):
    """A decision that cannot be recorded; the text says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided: who the claimer is in a role, why, who says so and when (an instant in UTC)."""

    role: str
    claimer: str
    claimer_id: str
    reason: str
    decided_by: str
    now: datetime
    run_id: str

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ClaimRefused(f"'{self.role}' is no role: write one of {', '.join(ROLES)}")
        for name in ("claimer", "claimer_id", "reason", "decided_by"):
            if not getattr(self, name).strip():
                raise ClaimRefused(f"the {name.replace('_', ' ')} is blank: a decision needs one")


def fold_claims(lake: Lake, before: pa.Table | None, records: int) -> tuple[pa.Table, int]:
    """The claims that count now, in the schema of billing/current_claims, and the last record in them.

    `before` is what an earlier fold gave with `records`; only later records are read. Without `before`
    everything is. The order of the log decides, not the clocks of those who wrote.
    """
    log = lake.log(CLAIMS)
    # Asked before the read: a record that comes in between is then read once more, which changes nothing.
    last = log.last()
    known = CURRENT_CLAIMS.schema.empty_table() if before is None else before
    done = 0 if before is None else records
    if last <= done:
        return known, last
    import duckdb

    fresh = log.read(done)
    fresh = fresh.append_column("place", pa.array(range(1, fresh.num_rows + 1), pa.int64()))
    with duckdb.connect(":memory:") as con:
        con.register("before", known)
        con.register("fresh", fresh)
        folded = cast("pa.Table", con.sql(_FOLD).to_arrow_table())
    return folded.cast(CURRENT_CLAIMS.schema), last


def record_seen(lake: Lake, rows: pa.Table) -> None:
    """Record units that are seen claimed for the first time (schema of billing/claims); none is nothing.

    Raises `ContractBroken` where a row breaks the contract, and then nothing is recorded.
    """
    if rows.num_rows == 0:
        return
    if compute.unique(rows["event"]).to_pylist() != ["seen"]:
        raise ClaimRefused("only units that were seen are recorded so; what people decide has its own way")
    lake.log(CLAIMS).append(rows)


def decide(  # noqa: PLR0913 - what a decision is
    lake: Lake,
    *,
    sheet_id: int,
    row_id: int,
    role: str,
    claimer: str,
    claimer_id: str,
    reason: str,
    decided_by: str,
    now: datetime,
    run_id: str,
) -> None:
    """Record who claimed one unit, as a person decided; it counts from the next billing run on.

    Raises `ClaimRefused` where billing/work_units has no such row, `MissingTable` where nothing was billed.
    """
    decision = Decision(role, claimer, claimer_id, reason, decided_by, now, run_id)
    units = _units(lake)
    chosen = units.filter(
        compute.and_(compute.equal(units["sheet_id"], sheet_id), compute.equal(units["row_id"], row_id))
    )
    if chosen.num_rows == 0:
        raise ClaimRefused(
            f"there is no unit with sheet {sheet_id} and row {row_id}: `dsr claims list` shows both ids"
        )
    _record(lake, chosen, decision)


def decide_week(  # noqa: PLR0913 - what a decision is, and for which units
    lake: Lake,
    *,
    work_request: str,
    week_ending: date,
    role: str,
    claimer: str,
    claimer_id: str,
    reason: str,
    decided_by: str,
    now: datetime,
    run_id: str,
    variants: Collection[str] | None = None,
    claimed_by: str | None = None,
) -> int:
    """Record the same for all billable and held units of a work request and week, and give their number.

    `variants` narrows it to those that the role claims, `claimed_by` (an id) to those of one claimer. Raises
    as `decide` does, `ClaimRefused` where no unit is left.
    """
    decision = Decision(role, claimer, claimer_id, reason, decided_by, now, run_id)
    units = _units(lake)
    conditions = [
        compute.equal(units["work_request"], work_request),
        compute.equal(units["week_ending"], pa.scalar(week_ending, pa.date32())),
        compute.is_in(units["status"], pa.array(GROUPED)),
    ]
    if variants is not None:
        conditions.append(compute.is_in(units["variant"], pa.array(sorted(variants), pa.string())))
    if claimed_by is not None:
        conditions.append(compute.equal(units["claimer_id"], claimed_by))
    keep = conditions[0]
    for condition in conditions[1:]:
        keep = compute.and_kleene(keep, condition)
    chosen = units.filter(keep)
    if chosen.num_rows == 0:
        of = "" if claimed_by is None else f" of {claimed_by}"
        raise ClaimRefused(
            f"work request {work_request} has no unit{of} that a {role} claims in the week that ends on "
            f"{week_ending}: `dsr claims list` shows what there is"
        )
    _record(lake, chosen, decision)
    return chosen.num_rows


def _units(lake: Lake) -> pa.Table:
    names = ["sheet_id", "row_id", "work_request", "week_ending", "status", "variant", "claimer_id"]
    return lake.read(WORK_UNITS, names)


def _record(lake: Lake, units: pa.Table, decision: Decision) -> None:
    now = decision.now.astimezone(UTC).replace(tzinfo=None) if decision.now.tzinfo else decision.now
    given: dict[str, Any] = {
        "role": decision.role,
        "event": "decided",
        "claimer": decision.claimer.strip(),
        "claimer_id": decision.claimer_id.strip(),
        "reason": decision.reason.strip(),
        "decided_by": decision.decided_by.strip(),
        "run_id": decision.run_id,
        "recorded_at_utc": now,
    }
    columns: list[AnyColumn] = [
        as_column(pa.array([given[column.name]] * units.num_rows, column.type))
        if column.name in given
        else units[column.name]
        for column in CLAIMS.columns
    ]
    lake.log(CLAIMS).append(pa.Table.from_arrays(columns, schema=CLAIMS.schema))
