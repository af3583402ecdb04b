"""The rows that broke a rule, gathered from the table and written aside with the names of their rules.

Called by `validation.py` once it knows which rows fail; the caller's quarantine folder receives the file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.arrow import AnyArray, compute
from dsr_pipeline.lake.keys import Rows
from dsr_pipeline.lake.table_source import ROW_NUMBER, TableSource

COLLECTED_ROWS = 100_000
"""Rows of all columns in memory at once while the failing ones are gathered."""
BROKEN_RULES = "broken_rules"


def collect(
    source: TableSource, by_rule: Mapping[str, Rows], quarantine: Path | None, sample_rows: int
) -> tuple[int, pa.Table]:
    """Write every failing row to the Parquet file `quarantine`; give their number and the first of them.

    `by_rule` has the failing row numbers of each rule, ascending. The rows keep their columns and get two:
    `row_number` (from 0) and `broken_rules`.
    """
    flags = np.zeros(source.rows, bool)
    for numbers in by_rule.values():
        flags[numbers] = True
    failing = np.flatnonzero(flags)
    schema = source.schema.remove_metadata()
    for name in (ROW_NUMBER, BROKEN_RULES):
        schema = schema.append(pa.field(name, pa.int64() if name == ROW_NUMBER else pa.string()))
    sample = schema.empty_table()
    writer: pq.ParquetWriter | None = None
    unfinished: Path | None = None
    start = 0
    if quarantine is not None:
        quarantine.parent.mkdir(parents=True, exist_ok=True)
        unfinished = quarantine.with_name(f".{quarantine.name}.tmp")
        writer = pq.ParquetWriter(unfinished, schema, compression="zstd")
    try:
        for batch in source.batches(source.schema.names, rows=COLLECTED_ROWS):
            stop = start + batch.num_rows
            numbers = failing[np.searchsorted(failing, start) : np.searchsorted(failing, stop)]
            if len(numbers):
                rows = _with_rules(
                    batch.take(cast("AnyArray", pa.array(numbers - start))), numbers, by_rule, schema
                )
                if sample.num_rows < sample_rows:
                    sample = pa.concat_tables([sample, rows.slice(0, sample_rows - sample.num_rows)])
                if writer is not None:
                    writer.write_table(rows)
            start = stop
            if writer is None and sample.num_rows >= sample_rows:
                break
    finally:
        if writer is not None:
            writer.close()
    if quarantine is not None and unfinished is not None:
        unfinished.replace(quarantine)
    return len(failing), sample


def _with_rules(rows: pa.Table, numbers: Rows, by_rule: Mapping[str, Rows], schema: pa.Schema) -> pa.Table:
    named: list[AnyArray] = []
    for rule, breaking in by_rule.items():
        at = np.searchsorted(breaking, numbers)
        hit = breaking[np.minimum(at, len(breaking) - 1)] == numbers
        named.append(compute.if_else(pa.array(hit), pa.scalar(rule), pa.scalar(None, pa.string())))
    told = compute.binary_join_element_wise(*named, "; ", null_handling="skip")
    return pa.Table.from_arrays([*rows.columns, pa.array(numbers), told], schema=schema)
