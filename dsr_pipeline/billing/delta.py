"""Judging anew only the work requests that moved, where everything that all rows depend on stayed.

Lives here: which work requests those are, and the tables put together from the old rows of the others and the
new ones of these. A row is compared with others of its work request alone (doubles, groups, exceptions), so
the result is what judging every row would give; a test holds the two together. Called by `run`.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dsr_pipeline.billing.workbench import fetch
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.contracts.billing import REJECTED_UNITS, VIEW_LINES, WORK_GROUPS, WORK_UNITS

ROWS, UNITS = "moved_rows", "moved_units"
"""The rows of the work requests that moved, and the units made of them."""
MOST = 0.2
"""A greater share of the rows is judged faster with all the others."""

_MOVED = """
create or replace temp table moved as
with versions as (
    select r.work_request as now, u.work_request as before
    from (select sheet_id, row_id, run_seq, work_request from {rows}) r
    full join (select sheet_id, row_id, run_seq, work_request from {units}) u
        on u.sheet_id = r.sheet_id and u.row_id = r.row_id
    where r.run_seq is distinct from u.run_seq
)
select distinct coalesce(unnest([now, before]), '') as work_request from versions
"""
_MOVED_ROWS = f"""
create or replace temp table {ROWS} as
select * from {{rows}} where coalesce(work_request, '') in (select work_request from moved)
"""
_STAYED = "coalesce(work_request, '') not in (select work_request from moved)"


@dataclass(frozen=True, slots=True)
class Before:
    """The tables as they count before the run, each as something to select from."""

    units: str
    rejected: str
    views: str
    groups: str


def take_moved(con: duckdb.DuckDBPyConnection, rows: str, before: Before) -> bool:
    """Make `moved_rows`; false where so many moved that all rows are better judged together."""
    con.execute(_MOVED.format(rows=rows, units=before.units))
    con.execute(_MOVED_ROWS.format(rows=rows))
    ((moved, of),) = fetch(con, f"select (select count(*) from {ROWS}), (select count(*) from {rows})")
    return moved <= MOST * of


def merged(con: duckdb.DuckDBPyConnection, before: Before) -> dict[Contract, str]:
    """The query of each table: old rows of what stayed, new ones of what moved; `groups` becomes whole."""
    con.execute("alter table groups rename to moved_groups")
    con.execute(f"""
        create temp table groups as
        select {_columns(WORK_GROUPS)} from {before.groups} where {_STAYED}
        union all select {_columns(WORK_GROUPS)} from moved_groups""")
    con.execute(f"""
        create or replace temp table moved_ids as
        select sheet_id, row_id from {before.units} where not ({_STAYED})
        union select sheet_id, row_id from {UNITS}""")
    views = _columns(VIEW_LINES)
    return {
        WORK_UNITS: _union(WORK_UNITS, before.units, UNITS),
        REJECTED_UNITS: _union(REJECTED_UNITS, before.rejected, "ledger"),
        VIEW_LINES: f"select {views} from {before.views} anti join moved_ids using (sheet_id, row_id) "
        f"union all select {views} from view_rows",
        WORK_GROUPS: "select * from groups",
    }


def _union(contract: Contract, before: str, moved: str) -> str:
    columns = _columns(contract)
    return f"select {columns} from {before} where {_STAYED} union all select {columns} from {moved}"


def _columns(contract: Contract) -> str:
    return ", ".join(f'"{name}"' for name in contract.names)
