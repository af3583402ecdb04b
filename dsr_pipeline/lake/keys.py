"""Keys that repeat and rows out of order, over tables of any size in bounded memory.

Keys are compared as 64-bit hashes sorted in numpy (eight bytes a row, in passes above `HASHES_AT_ONCE`); only
hashes that meet are compared in full. Called by `validation.py`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dsr_pipeline.lake.arrow import AnyArray, AnyColumn, compute
from dsr_pipeline.lake.table_source import ROW_NUMBER, TableSource

HASHES_AT_ONCE = 16_000_000
"""128 MB of hashes, and as much again while they are sorted."""
FETCHED_ROWS = 200_000

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
Rows = np.ndarray[tuple[int], np.dtype[np.int64]]
"""Row numbers of a table, from 0, ascending."""


def repeated_rows(
    source: TableSource,
    columns: Sequence[str],
    *,
    where: str | None = None,
    memory_mb: int,
    spill: Path,
) -> Rows:
    """The rows whose values in `columns` stand in another row as well (a null equals a null).

    `where` narrows the rows that are compared (an SQL condition). DuckDB keeps to `memory_mb` and spills to
    the folder `spill`.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"set memory_limit = '{memory_mb}MB'")
        connection.execute("set temp_directory = $folder", {"folder": str(spill)})
        connection.execute("set preserve_insertion_order = false")
        table = f"{source.relation(connection)} where {where}" if where else source.relation(connection)
        key = ", ".join(quoted(column) for column in columns)
        meeting = _hashes_that_meet(connection, f"select hash({key}) as h from {table}", source.rows)
        if not len(meeting):
            return np.empty(0, np.int64)
        connection.register("meeting", pa.table({"h": meeting}))
        same = " and ".join(f"rows.{quoted(c)} is not distinct from twice.{quoted(c)}" for c in columns)
        found = connection.execute(
            f"""
            with rows as (
                select {key}, {ROW_NUMBER} from {table}
                {"and" if where else "where"} hash({key}) in (select h from meeting)
            ),
            twice as (select {key} from rows group by all having count(*) > 1)
            select {ROW_NUMBER} from rows where exists (select 1 from twice where {same})
            order by {ROW_NUMBER}
            """
        ).fetchnumpy()
    return np.asarray(found[ROW_NUMBER], np.int64)


def unsorted_rows(
    source: TableSource, columns: Sequence[str], repeated: Sequence[str] = ()
) -> tuple[Rows, bool]:
    """The rows that sort before their predecessor, and whether no two neighbours are equal in the sort order.

    The order is ascending, texts by their bytes, nulls last. Texts in the columns `repeated` are compared
    once per distinct text. Without columns every order is right, and nothing is known of equal rows.
    """
    if not columns:
        return np.empty(0, np.int64), False
    wrong: list[Rows] = []
    strict = True
    start = 0
    last: pa.Table | None = None
    for batch in source.batches(columns, repeated):
        if not batch.num_rows:  # a table without rows has one empty row group
            continue
        table = batch if last is None else pa.concat_tables([last, batch])
        before, equal = _neighbours(table)
        strict = strict and compute.all(before, min_count=0).as_py()
        broken = compute.invert(compute.or_(before, equal)).to_numpy(zero_copy_only=False)
        first = start if last is None else start - 1
        wrong.append(np.flatnonzero(broken) + first + 1)
        start += batch.num_rows
        last = table.slice(table.num_rows - 1)
    return (np.concatenate(wrong) if wrong else np.empty(0, np.int64)), strict


def quoted(name: str) -> str:
    """A column name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _hashes_that_meet(connection: duckdb.DuckDBPyConnection, query: str, rows: int) -> AnyArray:
    passes = max(1, -(-rows // HASHES_AT_ONCE))
    meeting: list[Hashes] = []
    for part in range(passes):
        narrowed = query if passes == 1 else f"select h from ({query}) where h % {passes} = {part}"
        hashes = _fetched(connection, narrowed, rows)
        hashes.sort()
        twice = hashes[1:][hashes[1:] == hashes[:-1]]
        meeting.append(twice[np.append(True, twice[1:] != twice[:-1])] if len(twice) else twice)
    return pa.array(np.concatenate(meeting), pa.uint64())


def _fetched(connection: duckdb.DuckDBPyConnection, query: str, most: int) -> Hashes:
    """The one column of a query, collected without a second copy of it."""
    hashes = np.empty(most, np.uint64)
    count = 0
    for batch in connection.sql(query).to_arrow_reader(FETCHED_ROWS):
        values = batch.column(0).to_numpy()
        hashes[count : count + len(values)] = values
        count += len(values)
    return hashes[:count]


def _neighbours(table: pa.Table) -> tuple[AnyArray, AnyArray]:
    """For every row but the first: whether its predecessor is before it, and whether both are equal."""
    count = max(table.num_rows - 1, 0)
    before = pa.array(np.zeros(count, bool))
    equal = pa.array(np.ones(count, bool))
    for column in table.columns:
        values = _comparable(column)
        above, below = values.slice(0, count), values.slice(1, count)
        less, same = compute.less(above, below), compute.equal(above, below)
        if values.null_count:
            above_null, below_null = compute.is_null(above), compute.is_null(below)
            less = compute.or_(compute.fill_null(less, False), compute.and_not(below_null, above_null))
            same = compute.or_(compute.fill_null(same, False), compute.and_(above_null, below_null))
        before = compute.or_(before, compute.and_(equal, less))
        equal = compute.and_(equal, same)
    return before, equal


def _comparable(column: AnyColumn) -> "AnyColumn | AnyArray":
    """The column, or for repeated texts the rank of each among the distinct ones."""
    if not pa.types.is_dictionary(column.type):
        return column
    coded: Any = column.combine_chunks()
    return compute.rank(coded.dictionary, tiebreaker="dense").take(coded.indices)
