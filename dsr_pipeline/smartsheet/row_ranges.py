"""The table `rows`, made range of sheets by range of sheets, so that memory does not grow with the account.

Lives here: which rows come from where (the table before, what the sync showed already, the log), and in
which order. Called by `fold`, on whose connection the tables `events`, `refold` and `held` stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.contracts.smartsheet import ROWS
from dsr_pipeline.smartsheet.canonical_rows import billing_hash_sql, canonical_rows, schema
from dsr_pipeline.smartsheet.column_map import ColumnMap, ColumnRules

RANGE_ROWS = 20_000
"""Rows that are put in order at once; a sheet, which is never divided, may hold about as many."""

_TO_DECODE = """
    create or replace temp table to_decode as
    select v.sheet_id, v.row_id, v.run_seq
    from {log} v
    semi join refold using (sheet_id)
    semi join {state} s using (sheet_id, row_id, run_seq)
    anti join {ready} r using (sheet_id, row_id, run_seq)
    where v.event = 'seen'
    union all
    select sheet_id, row_id, run_seq
    from events
    anti join refold using (sheet_id)
    anti join held using (sheet_id)
    anti join {ready} r using (sheet_id, row_id, run_seq)
    where event = 'seen'
"""

_RANGES = """
    with counted as (
        select sheet_id, count(*) as rows
        from (select sheet_id from {state} union all select sheet_id from {old})
        group by sheet_id)
    select sheet_id, rows from counted order by sheet_id
"""

_DECODED = """
    select v.*
    from {log} v
    semi join to_decode using (sheet_id, row_id, run_seq)
    where v.sheet_id between {first} and {last}
    order by v.sheet_id, v.row_id
"""

_ROWS = """
    select {columns} from (
        select * exclude (quantity_amount, price_amount), {billing_hash} as billing_hash
        from (select * from decoded
              union all by name
              select r.* from {ready} r
              anti join held using (sheet_id)
              semi join {state} s using (sheet_id, row_id, run_seq)
              where r.sheet_id between {first} and {last})
        union all by name
        select before.*
        from {old} before
        anti join refold using (sheet_id)
        anti join (select sheet_id, row_id from events anti join held using (sheet_id)) moved
            using (sheet_id, row_id)
        where before.sheet_id between {first} and {last})
    order by sheet_id, row_id
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """Where rows come from, each as something to select from.

    `log` is row_versions, `state` the live rows and their versions, `ready` what the sync showed already,
    `old` the table as it was.
    """

    log: str
    state: str
    ready: str
    old: str


def anything_to_decode(con: duckdb.DuckDBPyConnection, parts: Parts) -> bool:
    """Whether versions must be shown anew from the log; notes which (table `to_decode`)."""
    con.execute(_TO_DECODE.format(log=parts.log, state=parts.state, ready=parts.ready))
    return con.execute("select count(*) from to_decode").fetchall() != [(0,)]


def first_rows_sql(parts: Parts, rules: ColumnRules) -> str:
    """The rows of a first sync: all of them were shown as they were read, in the order of the table."""
    return (
        f"select * exclude (quantity_amount, price_amount), {billing_hash_sql(rules)} as billing_hash "
        f"from {parts.ready}"
    )


def in_order(ready: Sequence[Path]) -> bool:
    """Whether each file begins after the last sheet of the one before; sheets that failed are read last."""
    last = -1
    for file in ready:
        metadata = pq.read_metadata(file)
        place = metadata.schema.names.index("sheet_id")
        groups = [metadata.row_group(group).column(place) for group in range(metadata.num_row_groups)]
        bounds: list[Any] = [group.statistics for group in groups]
        if any(bound is None for bound in bounds) or min(bound.min for bound in bounds) <= last:
            return False
        last = max(bound.max for bound in bounds)
    return True


def rows_in_order(
    con: duckdb.DuckDBPyConnection, parts: Parts, maps: Mapping[int, ColumnMap], rules: ColumnRules
) -> pa.RecordBatchReader:
    """The whole table in its sort order, a range of sheets at a time."""
    decodes = anything_to_decode(con, parts)
    return pa.RecordBatchReader.from_batches(ROWS.schema, _batches(con, parts, maps, rules, decodes))


def _batches(
    con: duckdb.DuckDBPyConnection,
    parts: Parts,
    maps: Mapping[int, ColumnMap],
    rules: ColumnRules,
    decodes: bool,
) -> Iterator[pa.RecordBatch]:
    columns = ", ".join(ROWS.names)
    for first, last in _ranges(con, parts):
        decoded = schema().empty_table()
        if decodes:
            found = con.sql(_DECODED.format(log=parts.log, first=first, last=last))
            decoded = canonical_rows(cast("pa.Table", found.to_arrow_table()), maps, rules)
        con.register("decoded", decoded)
        rows = con.sql(
            _ROWS.format(
                columns=columns,
                billing_hash=billing_hash_sql(rules),
                ready=parts.ready,
                state=parts.state,
                old=parts.old,
                first=first,
                last=last,
            )
        )
        yield from cast("pa.Table", rows.to_arrow_table()).cast(ROWS.schema).to_batches()
        con.unregister("decoded")


def _ranges(con: duckdb.DuckDBPyConnection, parts: Parts) -> list[tuple[int, int]]:
    """First and last sheet of each range, ascending."""
    counted = con.execute(_RANGES.format(state=parts.state, old=parts.old)).fetchall()
    ranges: list[tuple[int, int]] = []
    gathered = RANGE_ROWS
    for sheet_id, rows in counted:
        if gathered + rows > RANGE_ROWS:
            ranges.append((sheet_id, sheet_id))
            gathered = 0
        ranges[-1] = (ranges[-1][0], sheet_id)
        gathered += rows
    return ranges
