"""What a killed sync left behind is folded and named before anything else happens.

Lives here: the tables brought up to the end of the logs without a call. Called at the beginning of every
`sync`, and by `standing` where Smartsheet is not read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb

from dsr_pipeline.lake.contracts.smartsheet import DERIVED, GROUP, ROW_VERSIONS, RUNS, SHEET_READS
from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.writing import GroupWriter
from dsr_pipeline.smartsheet.column_map import ColumnRules
from dsr_pipeline.smartsheet.fold import READ_RECORDS, ROW_RECORDS, RUN, behind, fold, parquet, records_after
from dsr_pipeline.smartsheet.report import interrupted_run, last_run

PREFIX = "dsr-smartsheet-"
"""Beginning of the names of the folders for temporary files."""


def catch_up(
    lake: Lake,
    columns: ColumnRules,
    *,
    now: datetime,
    run_id: str,
    quarantine: Path | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> None:
    """Fold what the logs hold and the tables lack, without asking Smartsheet anything."""
    opened = partial(
        lake.group(GROUP).writing, DERIVED, run_id=run_id, quarantine=quarantine, on_wait=on_wait
    )
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        fold_killed(lake, opened, columns, Path(folder), now, run_id)


def fold_killed(
    lake: Lake,
    opened: Callable[[], AbstractContextManager[GroupWriter]],
    columns: ColumnRules,
    folder: Path,
    now: datetime,
    run_id: str,
) -> tuple[int, ...]:
    """Fold what a killed sync recorded before it could fold it, and name the syncs that were killed."""
    with opened() as writer:
        if behind(lake, writer, columns):
            # Stored with the tables, so that a number is never given twice, even if this is killed as well.
            writer.inputs[RUN] = max(writer.inputs.get(RUN, 0), *unfolded_runs(lake, writer), 0)
            folded = fold(lake, writer, columns, folder)
            if not folded.switch.switched:
                raise LakeError(
                    "the Smartsheet tables cannot be brought up to their logs: " + "; ".join(folded.failures)
                )
        killed = tuple(range(last_run(lake) + 1, writer.inputs.get(RUN, 0) + 1))
        told = begun(lake, killed) if killed else {}
        for seq in killed:
            killed_id, at = told.get(seq, (run_id, now))
            lake.log(RUNS).append(interrupted_run(seq, killed_id, at, len(lake.log(ROW_VERSIONS).urls())))
        return killed


def unfolded_runs(lake: Lake, writer: GroupWriter) -> list[int]:
    """The numbers of the syncs whose records are not folded yet, ascending."""
    seqs: set[int] = set()
    with closing(duckdb.connect(":memory:")) as con:
        lake.storage.register(con)
        for contract, key in ((ROW_VERSIONS, ROW_RECORDS), (SHEET_READS, READ_RECORDS)):
            if urls := records_after(lake, contract.key, writer.inputs.get(key, 0)):
                found = con.execute(f"select distinct run_seq from {parquet(urls)}")
                seqs.update(seq for (seq,) in found.fetchall())
    return sorted(seqs)


def begun(lake: Lake, seqs: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """The run id and the beginning of these syncs, as far as their records tell."""
    with closing(duckdb.connect(":memory:")) as con:
        lake.storage.register(con)
        found: dict[int, tuple[str, datetime]] = {}
        for contract in (SHEET_READS, ROW_VERSIONS):
            if urls := records_after(lake, contract.key, 0):
                rows = con.execute(
                    f"select distinct run_seq, run_id, recorded_at_utc from {parquet(urls)} "
                    "where list_contains($seqs, run_seq)",
                    {"seqs": list(seqs)},
                )
                found |= {seq: (run_id, at) for seq, run_id, at in rows.fetchall()}
        return found
