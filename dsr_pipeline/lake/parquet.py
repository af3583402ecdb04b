"""How a table becomes a Parquet file: column order and types by the contract, and bytes that repeat.

Equal content gives equal bytes: no time and no name stands in the file. Called by `store.py`; nothing here
checks values.
"""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.arrow import AnyColumn
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.errors import Difference, SchemaMoved

ROW_GROUP_ROWS = 122_880
"""DuckDB's own size: small enough that a reader of all columns stays within memory."""
ZSTD_LEVEL = 1
_CAST = "write the columns of the contract in these types"


def write_parquet(contract: Contract, data: pa.Table | pa.RecordBatchReader, path: Path | IO[bytes]) -> int:
    """Write a table under the contract's schema; gives the number of rows.

    A `Table` is sorted by the sort key first; what comes in batches must already be. Raises `SchemaMoved`
    where columns are missing, too many, or of a type that does not become the contract's without loss.
    """
    schema = storage_schema(contract)
    repeated = [column.name for column in contract.columns if column.repeats]
    file = str(path) if isinstance(path, Path) else "a new record"
    rows = 0
    with pq.ParquetWriter(
        path,
        schema,
        compression=contract.compression,
        compression_level=ZSTD_LEVEL if contract.compression == "zstd" else None,
        use_dictionary=repeated,  # pyright: ignore[reportArgumentType]
        store_decimal_as_integer=True,
        # Power BI's reader needs no Arrow schema, and other readers would take its hints for facts.
        store_schema=contract.compression == "zstd",
    ) as writer:
        if isinstance(data, pa.Table):
            table = aligned(contract, data, file)
            if contract.sort_key:
                table = table.sort_by([(name, "ascending") for name in contract.sort_key])
            batches: Iterable[pa.RecordBatch] = table.to_batches()
        else:
            batches = data
        for group in _row_groups(batches):
            writer.write_table(aligned(contract, group, file), row_group_size=ROW_GROUP_ROWS)
            rows += group.num_rows
    return rows


def copy_parquet(
    contract: Contract,
    connection: duckdb.DuckDBPyConnection,
    query: str,
    path: Path,
    *,
    presorted: bool = False,
) -> None:
    """Let DuckDB write the rows of `query` itself; `presorted` says that they come in the sort order."""
    columns = ", ".join(f'"{name}"' for name in contract.names)
    order = ", ".join(f'"{name}" asc nulls last' for name in contract.sort_key)
    ordered = "" if presorted or not order else f" order by {order}"
    level = f", compression_level {ZSTD_LEVEL}" if contract.compression == "zstd" else ""
    described = f", kv_metadata {{'ARROW:schema': '{_arrow_schema(contract)}'}}"
    connection.execute(
        f"copy (select {columns} from ({query}){ordered}) to '{_literal(path)}' "
        f"(format parquet, compression {contract.compression}{level}, "
        f"row_group_size {ROW_GROUP_ROWS}{described if contract.compression == 'zstd' else ''})"
    )


def storage_schema(contract: Contract) -> pa.Schema:
    """The schema of the file: every column may hold nulls there.

    So a missing value is a failing row of the check, and not a crash of the writer.
    """
    return pa.schema([column.field.with_nullable(True) for column in contract.columns])


def differences(contract: Contract, schema: pa.Schema) -> list[Difference]:
    """Where a schema is not the contract's: columns by name, type and place; empty where it is."""
    found = dict(zip(schema.names, schema.types, strict=True))
    moved = [
        Difference(column.name, str(column.type), str(found[column.name]) if column.name in found else None)
        for column in contract.columns
        if found.get(column.name) != column.type
    ]
    moved += [Difference(name, None, str(kind)) for name, kind in found.items() if name not in contract.names]
    if not moved and tuple(schema.names) != contract.names:
        at = next(i for i, name in enumerate(contract.names) if schema.names[i] != name)
        moved.append(
            Difference(
                schema.names[at], f"column {contract.names.index(schema.names[at]) + 1}", f"column {at + 1}"
            )
        )
    return moved


def aligned(contract: Contract, table: pa.Table, file: str) -> pa.Table:
    """The table in the order and types of the contract, cast only where nothing can be lost."""
    if set(table.column_names) != set(contract.names):
        by_name = [d for d in differences(contract, table.schema) if None in (d.expected, d.found)]
        raise SchemaMoved(contract.key, file, by_name, _CAST)
    refused: list[Difference] = []
    arrays: list[AnyColumn] = []
    for column in contract.columns:
        values = table.column(column.name)
        if values.type != column.type:
            try:
                if not _same_kind(values.type, column.type):
                    raise pa.ArrowInvalid("another kind of value")
                values = values.cast(column.type)
            except pa.ArrowInvalid:
                refused.append(Difference(column.name, str(column.type), str(values.type)))
        arrays.append(values)
    if refused:
        raise SchemaMoved(contract.key, file, refused, _CAST)
    return pa.Table.from_arrays(arrays, schema=storage_schema(contract))


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in tables of one size, so that the file does not depend on how they were cut before."""
    waiting: list[pa.Table] = []
    rows = 0
    for batch in batches:
        waiting.append(pa.Table.from_batches([batch]))
        rows += batch.num_rows
        if rows >= ROW_GROUP_ROWS:
            whole = pa.concat_tables(waiting)
            full = rows - rows % ROW_GROUP_ROWS
            for start in range(0, full, ROW_GROUP_ROWS):
                yield whole.slice(start, ROW_GROUP_ROWS).combine_chunks()
            waiting, rows = [whole.slice(full)], rows - full
    if rows:
        yield pa.concat_tables(waiting).combine_chunks()


def _same_kind(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a checked cast keeps the meaning: text stays text, whole numbers whole, decimals exact."""
    if pa.types.is_dictionary(given):
        return _same_kind(given.value_type, wanted) or given.value_type == wanted
    kinds = (_is_text, pa.types.is_integer, pa.types.is_decimal, _is_bytes, _is_naive_instant)
    return pa.types.is_null(given) or any(kind(given) and kind(wanted) for kind in kinds)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def _is_naive_instant(kind: pa.DataType) -> bool:
    return pa.types.is_timestamp(kind) and kind.tz is None


def _arrow_schema(contract: Contract) -> str:
    """What pyarrow reads descriptions from, in the form in which it writes them itself."""
    return base64.b64encode(storage_schema(contract).serialize().to_pybytes()).decode("ascii")


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
