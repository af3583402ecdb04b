"""What a sync tells: the report for the person who asked, and the line of `sync_runs` that is kept.

Lives here: both, and the number of the last sync that was recorded. Called by `sync` and by whoever shows a
report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import pyarrow as pa

from dsr_pipeline.lake.contracts.smartsheet import RUNS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.catalogue import Sheet
from dsr_pipeline.smartsheet.versions import Stamp


@dataclass(slots=True)
class SyncReport:
    """What a sync did. `problems` are sentences for a person; `sheets` is the catalogue afterwards."""

    run_seq: int
    sheets: dict[int, Sheet] = field(default_factory=dict[int, Sheet])
    read: int = 0
    unchanged: int = 0
    rows_seen: int = 0
    rows_removed: int = 0
    calls: int = 0
    cost: int = 0
    interrupted: tuple[int, ...] = ()
    problems: list[str] = field(default_factory=list[str])
    failures: tuple[str, ...] = ()  # tables that broke their contracts; the old ones stay

    def of_status(self, status: str) -> list[Sheet]:
        """The sheets of one standing."""
        return [sheet for sheet in self.sheets.values() if sheet.status == status]

    @property
    def exit_code(self) -> int:
        """0 clean · 1 something needs a person."""
        blocked = self.of_status("unknown") or self.of_status("held")
        return 1 if self.failures or self.problems or blocked else 0


def last_run(lake: Lake) -> int:
    """The number of the last sync that was recorded; 0 where there is none."""
    log = lake.log(RUNS)
    if not (count := len(log.urls())):
        return 0
    seqs = cast("list[int]", log.read(after=count - 1)["run_seq"].to_pylist())
    return max(seqs)


def run_record(report: SyncReport, stamp: Stamp, records: int) -> pa.Table:
    """The line of a sync that came to its end; `records` counts the records of row_versions so far."""
    unknown, held = report.of_status("unknown"), report.of_status("held")
    sentences = [*report.problems, *(one.reason for one in (*unknown, *held) if one.reason), *report.failures]
    row = {
        "run_seq": stamp.seq,
        "run_id": stamp.run_id,
        "status": "incomplete" if report.exit_code else "done",
        "started_at_utc": stamp.at,
        "sheets": sum(one.status != "ignored" for one in report.sheets.values()),
        "sheets_read": report.read,
        "sheets_unchanged": report.unchanged,
        "sheets_unknown": len(unknown),
        "sheets_held": len(held),
        "rows_seen": report.rows_seen,
        "rows_removed": report.rows_removed,
        "calls": report.calls,
        "cost": report.cost,
        "row_records": records,
        "message": "; ".join(sentences) or None,
    }
    return pa.Table.from_pylist([row], schema=RUNS.schema)


def interrupted_run(seq: int, run_id: str, now: datetime, records: int) -> pa.Table:
    """The line of a sync that was killed, written by the next one."""
    numbers = {column.name: 0 for column in RUNS.columns if column.type == pa.int64()}
    row = {
        **numbers,
        "run_seq": seq,
        "run_id": run_id,
        "status": "interrupted",
        "started_at_utc": now,
        "row_records": records,
        "message": "it was killed; the rows that it had recorded count, and the next sync read the rest",
    }
    return pa.Table.from_pylist([row], schema=RUNS.schema)
