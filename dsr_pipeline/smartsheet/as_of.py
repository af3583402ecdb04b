"""What was known when: the rows as any past sync left them.

Lives here: reading `row_versions` by system time (which sync had seen what). By valid time, a row's own
`modified_at_utc` tells. Called by the audit and by whoever must answer what was believed at an invoice.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import cast

import duckdb
import pyarrow as pa

from dsr_pipeline.lake.contracts.smartsheet import ROW_VERSIONS, RUNS
from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.store import Lake

_AS_OF = """
    with newest as (
        select sheet_id, row_id, max(run_seq) as run_seq
        from read_parquet(getvariable('records'))
        where run_seq <= getvariable('run_seq')
        group by sheet_id, row_id)
    select v.*
    from read_parquet(getvariable('records')) v
    join newest using (sheet_id, row_id, run_seq)
    where v.event = 'seen'
    order by v.sheet_id, v.row_id
"""


def rows_at(lake: Lake, run_seq: int) -> pa.Table:
    """The versions that were live after a sync: one row per row of a sheet, in the schema of `row_versions`.

    Sheets that the sync could not read stand as they were known; a sync that was killed counts with what it
    had recorded.
    """
    records = lake.log(ROW_VERSIONS).urls()
    if not records:
        return ROW_VERSIONS.schema.empty_table()
    with closing(duckdb.connect(":memory:")) as con:
        lake.storage.register(con)
        con.execute("set variable records = $records", {"records": records})
        con.execute("set variable run_seq = $run_seq", {"run_seq": run_seq})
        found = con.sql(_AS_OF).to_arrow_table()
    return cast("pa.Table", found).select(list(ROW_VERSIONS.names)).cast(ROW_VERSIONS.schema)


def run_at(lake: Lake, at: datetime) -> int:
    """The number of the last sync that had begun at `at` (naive UTC).

    Raises `LakeError` where there was none: nothing was known yet.
    """
    runs = lake.read(RUNS, ["run_seq", "started_at_utc"]).to_pylist()
    seqs = [run["run_seq"] for run in runs if run["started_at_utc"] <= at]
    if not seqs:
        raise LakeError(f"no sync had begun at {at:%Y-%m-%d %H:%M} UTC: nothing was known yet")
    return max(seqs)
