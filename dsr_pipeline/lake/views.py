"""Read-only DuckDB over the current tables, as views `group.table`; what `dsr sql` and notebooks ask.

`connect` gives a connection that can read the lake's own files and nothing else of the machine; `add_views`
puts the same views on a connection of a room.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from dsr_pipeline.lake import contracts as declared
from dsr_pipeline.lake.contract import Contract, ContractError
from dsr_pipeline.lake.errors import NotReadOnly
from dsr_pipeline.lake.store import Lake

MEMORY = "1GB"
_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?(\([^)]*\)\s*)?", re.IGNORECASE)


def connect(lake: Lake, *, memory: str = MEMORY, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with a view for every table, shut off from other files, extensions and settings.

    Large sorts may use the folder `spill`. The views show the versions that were current at this call.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("set memory_limit = $memory", {"memory": memory})
    connection.execute("set temp_directory = $folder", {"folder": str(spill) if spill else ""})
    files = add_views(connection, lake)
    allowed = ", ".join(_quoted(file) for file in files)
    connection.execute(f"set allowed_paths = [{allowed}]")
    connection.execute("set python_enable_replacements = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def query(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Run statements that only read and give the cursor of the last.

    Raises `NotReadOnly` for any other, before the first of them runs; errors of DuckDB pass through.
    """
    statements = connection.extract_statements(sql)
    if not statements:
        raise NotReadOnly("there is no statement to run")
    for statement in statements:
        kind, text = statement.type, statement.query
        if kind == duckdb.StatementType.EXPLAIN:
            kind = _explained(connection, text)
        if kind != duckdb.StatementType.SELECT:
            raise NotReadOnly(
                f"{kind.name.replace('_', ' ')} is refused: only SELECT, WITH, VALUES, DESCRIBE, SHOW, "
                f"SUMMARIZE and EXPLAIN run here ({text.strip()[:60]})"
            )
    for statement in statements:
        connection.execute(statement)
    return connection


def add_views(
    connection: duckdb.DuckDBPyConnection, lake: Lake, groups: Sequence[str] | None = None
) -> list[str]:
    """Create a view for every current table and log of the lake; gives the files behind them.

    The tables of a group are those of one switch.
    """
    lake.storage.register(connection)
    states = {group: lake.group(group).state().tables for group in {c.group for c in declared.ALL.values()}}
    files: list[str] = []
    seen: set[str] = set()
    for contract in declared.ALL.values():
        if groups is not None and contract.group not in groups:
            continue
        if contract.kind == "append_only":
            behind = lake.log(contract).urls()
        else:
            current = states[contract.group].get(contract.table)
            behind = [lake.storage.url(f"{contract.group}/{current.path}")] if current else []
        if not behind and contract.kind == "derived":
            continue
        source = (
            f"read_parquet([{', '.join(_quoted(file) for file in behind)}])" if behind else _empty(contract)
        )
        _create(connection, contract.key, f"select * from {source}")
        files += behind
        seen.add(contract.key)
    for key, view in declared.VIEWS.items():
        if view.reads in seen:
            _create(connection, key, view.sql)
    return files


def _explained(connection: duckdb.DuckDBPyConnection, text: str) -> duckdb.StatementType:
    """What kind of statement an EXPLAIN explains: EXPLAIN ANALYZE runs it."""
    match = _EXPLAIN.match(text)
    inner = connection.extract_statements(text[match.end() :]) if match else []
    return inner[0].type if len(inner) == 1 else duckdb.StatementType.EXPLAIN


def _create(connection: duckdb.DuckDBPyConnection, key: str, sql: str) -> None:
    group, table = key.split("/")
    connection.execute(f'create schema if not exists "{group}"')
    connection.execute(f'create view "{group}"."{table}" as {sql}')


def _empty(contract: Contract) -> str:
    """A log without a record, as a query without a row."""
    columns = ", ".join(f'null::{_sql_type(column.type)} as "{column.name}"' for column in contract.columns)
    return f"(select {columns} where false)"


def _sql_type(kind: pa.DataType) -> str:
    for arrow, sql in _SQL_TYPES:
        if kind == arrow:
            return sql
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    raise ContractError(f"no DuckDB type is known for {kind}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_SQL_TYPES: tuple[tuple[pa.DataType, str], ...] = (
    (pa.string(), "varchar"),
    (pa.binary(), "blob"),
    (pa.bool_(), "boolean"),
    (pa.int32(), "integer"),
    (pa.int64(), "bigint"),
    (pa.date32(), "date"),
    (pa.timestamp("us"), "timestamp"),
)
