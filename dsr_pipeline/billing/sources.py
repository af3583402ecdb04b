"""What a billing run reads: the Smartsheet tables of one switch, and the instant of the data.

Lives here: finding them, and saying in JSON which they were, so that the next run sees whether anything
moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from dsr_pipeline.billing.billing_rules import BillingRules
from dsr_pipeline.billing.workbench import parquet
from dsr_pipeline.lake.arrow import compute
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.contracts.smartsheet import GROUP, HOLDS, ROWS, RUNS, SHEETS
from dsr_pipeline.lake.errors import MissingTable
from dsr_pipeline.lake.log import AppendLog
from dsr_pipeline.lake.state import GroupState
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.text import canonical_hash
from dsr_pipeline.weeks import week_ending

_TABLES = (ROWS, SHEETS, HOLDS)


@dataclass(frozen=True, slots=True)
class Sources:
    """The tables, each as something to select from; `data_at` is the instant of the data (naive UTC)."""

    rows: str
    sheets: str
    holds: str
    data_at: datetime
    depends: dict[str, Any]
    """In JSON: what the billing tables follow from, besides the claims."""
    sync: list[Any] | None
    """In JSON: number, id and instant of the newest sync; None where none was recorded."""

    def steady(self, con: duckdb.DuckDBPyConnection) -> str:
        """A hash of what every row depends on: while it stays, only rows of other versions are judged anew.

        The rules, whether weeks are closed, the standing of the sheets, and the titles of their columns.
        """
        found = con.execute(f"""
            select 'sheet', sheet_id::varchar, name, source, rate_basis, mapping_hash from {self.sheets}
            union all
            select 'hold', sheet_id::varchar, sheet_name, work_request, reason, '' from {self.holds}
            order by all""").fetchall()
        rows = [list(row) for row in found]
        return canonical_hash("billing steady", self.depends["rules"], self.depends["closed"], rows)


def find_sources(lake: Lake, rules: BillingRules, now: datetime) -> Sources:
    """The sources as they are now; `now` stands for the instant of the data where no sync was recorded.

    Raises `MissingTable` where Smartsheet was never read, `SchemaMoved` where its tables have other columns.
    """
    state = lake.group(GROUP).state()
    rows, sheets, holds = (_source(lake, state, contract) for contract in _TABLES)
    log = lake.log(RUNS)
    sync = _sync(log, log.last())
    data_at = now if sync is None else datetime.fromisoformat(sync[2])
    tables = {
        one.table: [found.path, found.rows, found.bytes, found.run_id]
        for one in _TABLES
        if (found := state.tables[one.table])
    }
    closed = week_ending(data_at, rules.calendar) - timedelta(days=7)
    depends = {"tables": tables, "rules": rules.hash, "closed": closed.isoformat()}
    return Sources(rows, sheets, holds, data_at, depends, sync)


def is_recorded(lake: Lake, sync: list[Any] | None) -> bool:
    """Whether a sync that an earlier run saw still stands in the log.

    Where the log was begun anew, or restored from a copy, its numbers mean other versions of the rows.
    """
    return sync is not None and sync == _sync(lake.log(RUNS), sync[0])


def _source(lake: Lake, state: GroupState, contract: Contract) -> str:
    found = state.tables.get(contract.table)
    if found is None:
        raise MissingTable(contract.key)
    if found.contract_hash != contract.hash:
        lake.read(contract, contract.primary_key)  # tells which columns have moved
    return parquet(lake.storage.url(f"{contract.group}/{found.path}"))


def _sync(log: AppendLog, number: int) -> list[Any] | None:
    """What `Sources.sync` says of a sync; None where the log has none of that number."""
    found = next(log.records(number - 1), None) if number else None
    if found is None or found[0] != number:
        return None
    begun: datetime = compute.max(found[1]["started_at_utc"]).as_py()
    return [number, *found[1]["run_id"].to_pylist()[:1], begun.isoformat()]
