"""Rows that a bank rewrote between two exports: another description, or a date moved by a day or two.

Lives here: finding old and new row of one transaction among the exports of one account (`restatements.sql`).
Only where the numbers agree is the old row superseded; else both stay and a person is asked. Called by
`bank.consolidation` after equal rows are merged.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import duckdb
import numpy as np
import pyarrow as pa

from dsr_pipeline.bank.sources import Export, Sources, Stream
from dsr_pipeline.bank.workbench import keep_table, run_script

FEW_ROWS = 20
"""Up to so many rows may be missing from a newer export before it is doubted that it tells of the same
account."""

_EPOCH = date(1970, 1, 1)


def restate(con: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Make `restated` (old_rid, new_rid) and let the old rows fall; ask where the numbers differ."""
    coverage = [_coverage(sources, stream) for stream in sources.streams]
    known = [table for table in coverage if table is not None]
    if not known:
        con.execute("create or replace temp table restated (old_rid bigint, new_rid bigint)")
        return
    keep_table(con, "coverage", pa.concat_tables(known))
    con.execute(f"set variable few_rows = {FEW_ROWS}")
    run_script(con, "restatements")


def _coverage(sources: Sources, stream: Stream) -> pa.Table | None:
    """For each day of a stream the newest export that covers it; None where no two exports overlap."""
    exports = [export for export in sources.exports_of(stream) if export.key_days is not None]
    if not _overlap(exports):
        return None
    spans = [(_number(e.key_days.first), _number(e.key_days.last)) for e in exports if e.key_days is not None]
    begin, end = min(first for first, _ in spans), max(last for _, last in spans)
    newest = np.full(end - begin + 1, -1, np.int32)
    for export, (first, last) in zip(exports, spans, strict=True):  # oldest first, so the newest stays
        newest[first - begin : last - begin + 1] = export.newness
    days = np.flatnonzero(newest >= 0)
    return pa.table(
        {
            "stream": pa.array(np.full(len(days), stream.number, np.int32)),
            "day": pa.array((days + begin).astype(np.int32)).cast(pa.date32()),
            "newness": pa.array(newest[days]),
        }
    )


def _overlap(exports: list[Export]) -> bool:
    spans = sorted((e.key_days.first, e.key_days.last) for e in exports if e.key_days is not None)
    return any(later[0] <= earlier[1] for earlier, later in pairwise(spans))


def _number(day: date) -> int:
    return (day - _EPOCH) // timedelta(days=1)
