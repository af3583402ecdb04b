"""What a sync records, in an order in which nothing can be lost: answers, rows, then sheets.

A sheet counts as read only after its rows are recorded; a sync that is killed between the two reads it again.
Called by `sync` alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.contracts.smartsheet import ROW_VERSIONS, SHEET_READS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet import raw
from dsr_pipeline.smartsheet.catalogue import Catalogue, encode_columns
from dsr_pipeline.smartsheet.column_map import ColumnRules, map_columns
from dsr_pipeline.smartsheet.discovery import Found
from dsr_pipeline.smartsheet.errors import SmartsheetError
from dsr_pipeline.smartsheet.plan import Task
from dsr_pipeline.smartsheet.reading import instant
from dsr_pipeline.smartsheet.versions import Comparison, Prepared, Stamp

BATCH_ROWS = 8_000
"""Rows that are compared and recorded at once; a sync that is killed loses at most so many reads."""


class Recorder:
    """Collects what was read and writes it in batches."""

    def __init__(
        self,
        lake: Lake,
        comparison: Comparison,
        stamp: Stamp,
        columns: ColumnRules,
        on_step: Callable[[str], None],
        folder: Path,
    ) -> None:
        self._lake = lake
        self._folder = folder
        self.shown: list[Path] = []
        self._comparison = comparison
        self._stamp = stamp
        self._columns = columns
        self._step = on_step
        self._reads: list[tuple[Task, Prepared]] = []
        self._standing: list[dict[str, Any]] = []
        self._rows = 0
        self.read = self.unchanged = self.rows_seen = self.rows_removed = 0

    def add(self, task: Task, outcome: Prepared | SmartsheetError) -> None:
        """Take the outcome of one sheet; what is due is written."""
        if isinstance(outcome, SmartsheetError):
            self._standing.append(
                self._of(task.found, "unknown") | {"reason": f"sheet '{_name(task.found)}': {outcome}"}
            )
            return
        if outcome.read.mode == "unchanged":
            self.unchanged += 1
            held = task.sheet is not None and task.sheet.status == "held"
            reason = task.sheet.reason if task.sheet is not None and held else None
            standing = self._of(task.found, "held" if held else "read") | {"reason": reason}
            self._standing.append(standing | _listed(task.found))
            return
        self.read += 1
        self._reads.append((task, outcome))
        self._rows += outcome.rows.num_rows
        if self._rows >= BATCH_ROWS:
            self.flush()

    def unknown(self, sheets: Iterable[Found], catalogue: Catalogue) -> None:
        """Sheets that are named and cannot be seen; one that was seen before keeps its name."""
        for one in sheets:
            before = catalogue.sheets.get(one.sheet_id)
            name = {"name": before.name} if before is not None else {}
            self._standing.append(self._of(one, "unknown") | {"reason": one.reason} | name)

    def leave(self, ignored: Mapping[int, str], catalogue: Catalogue) -> None:
        """Sheets that the rules leave alone from now on: their rows leave the tables, their versions stay."""
        if not ignored:
            return
        self.flush()
        events = self._comparison.leaving(list(ignored), self._stamp)
        self.rows_removed += events.num_rows
        if events.num_rows:
            self._lake.log(ROW_VERSIONS).append(events)
        self._step("rows recorded")
        for sheet_id, reason in ignored.items():
            sheet = catalogue.sheets[sheet_id]
            self._standing.append(
                _EMPTY
                | self._stamped(sheet_id)
                | {"name": sheet.name, "source": sheet.source, "rate_basis": sheet.rate_basis}
                | {"status": "ignored", "reason": reason}
            )

    def flush(self) -> None:
        """Write what was collected."""
        if self._reads:
            self._reads.sort(key=lambda one: one[1].read.sheet_id)
            found = self._comparison.events((one for _, one in self._reads), self._stamp)
            events = found.versions
            self._keep_answers(events)
            self._step("answers kept")
            if events.num_rows:
                self._lake.log(ROW_VERSIONS).append(events)
            self._step("rows recorded")
            self._show(found.shown)
            self._standing += self._read_records(events)
        if self._standing:
            self._lake.log(SHEET_READS).append(
                pa.Table.from_pylist(self._standing, schema=SHEET_READS.schema)
            )
            self._step("sheets recorded")
        self._reads, self._standing, self._rows = [], [], 0

    def _show(self, rows: pa.Table) -> None:
        """Leave the new versions as they are shown to the fold, which need not decode them again."""
        if rows.num_rows:
            file = self._folder / f"shown-{len(self.shown):06d}.parquet"
            pq.write_table(rows, file, compression="none")
            self.shown.append(file)

    def _keep_answers(self, events: pa.Table) -> None:
        """The answers from which something was learned; one that only repeats what is known is let go."""
        telling = set(events["raw_sha256"].to_pylist())
        for _, prepared in self._reads:
            for packed in prepared.raw:
                if packed.sha256 in telling:
                    raw.keep(self._lake.storage, packed)

    def _read_records(self, events: pa.Table) -> list[dict[str, Any]]:
        counted = Counter(zip(events["sheet_id"].to_pylist(), events["event"].to_pylist(), strict=True))
        records: list[dict[str, Any]] = []
        for task, prepared in self._reads:
            read = prepared.read
            seen, removed = counted[(read.sheet_id, "seen")], counted[(read.sheet_id, "removed")]
            self.rows_seen += seen
            self.rows_removed += removed
            reason = map_columns(self._columns, read.columns).reason
            before = task.sheet.cursor_utc if task.sheet is not None else None
            newest = [one for one in (before, prepared.newest) if one is not None]
            records.append(
                self._of(task.found, "held" if reason else "read")
                | _listed(task.found)
                | {
                    "name": read.name,
                    "reason": f"sheet '{read.name}': {reason}" if reason else None,
                    "mode": read.mode,
                    "version": read.version,
                    "total_row_count": read.total,
                    "live_rows": read.live,
                    "rows_received": read.received,
                    "rows_seen": seen,
                    "rows_removed": removed,
                    "error_cells": prepared.errors,
                    "cursor_utc": max(newest, default=None),
                    "columns": encode_columns(read.columns),
                    "permalink": read.permalink,
                    "access_level": read.access_level,
                }
            )
        return records

    def _of(self, found: Found, status: str) -> dict[str, Any]:
        return (
            _EMPTY
            | self._stamped(found.sheet_id)
            | {
                "name": _name(found),
                "source": found.source.name,
                "rate_basis": found.source.rate_basis,
                "status": status,
            }
        )

    def _stamped(self, sheet_id: int) -> dict[str, Any]:
        return {
            "run_seq": self._stamp.seq,
            "run_id": self._stamp.run_id,
            "sheet_id": sheet_id,
            "recorded_at_utc": self._stamp.at,
        }


_EMPTY: dict[str, Any] = dict.fromkeys(SHEET_READS.names) | {
    "mode": "none",
    "rows_received": 0,
    "rows_seen": 0,
    "rows_removed": 0,
    "error_cells": 0,
}


def _listed(found: Found) -> dict[str, datetime | int | None]:
    if found.listed is None:
        return {}
    return {
        "listed_version": found.listed.version,
        "sheet_modified_at_utc": instant(found.listed.modified_at),
    }


def _name(found: Found) -> str:
    return found.listed.name if found.listed is not None else str(found.sheet_id)
