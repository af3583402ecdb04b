"""A table to be checked, in memory or as a Parquet file, behind one way to read parts of it.

Only `validation.py` and `keys.py` use it. What Parquet's statistics prove is not read.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 1_000_000
ROW_NUMBER = "row_number"

Bound = int | Decimal | date | bytes | str


class TableSource(Protocol):
    """What the checks need to know of a table."""

    rows: int
    schema: pa.Schema

    def nulls(self, column: str) -> int | None:
        """How many nulls the column holds; None where only reading it would tell."""
        ...

    def bounds(self, column: str) -> "tuple[Bound, Bound] | None":
        """A value below which, and one above which, no value lies; None where only reading would tell."""
        ...

    def batches(
        self, columns: Sequence[str], repeated: Sequence[str] = (), rows: int | None = None
    ) -> Iterator[pa.Table]:
        """The columns in file order, about `rows` at once (else `BATCH_ROWS`).

        The columns `repeated` come dictionary-encoded where the source allows it.
        """
        ...

    def relation(self, connection: duckdb.DuckDBPyConnection) -> str:
        """What stands after FROM in DuckDB: all columns, and `row_number` counted from 0."""
        ...


class MemorySource:
    """A table in memory."""

    def __init__(self, table: pa.Table) -> None:
        self.rows = table.num_rows
        self.schema = table.schema
        self._table = table

    def nulls(self, column: str) -> int | None:
        return self._table.column(column).null_count

    def bounds(self, column: str) -> tuple[Bound, Bound] | None:
        return None

    def batches(
        self, columns: Sequence[str], repeated: Sequence[str] = (), rows: int | None = None
    ) -> Iterator[pa.Table]:
        chosen = self._table.select(list(columns))
        size = rows or BATCH_ROWS
        for start in range(0, self.rows, size):
            yield chosen.slice(start, size)

    def relation(self, connection: duckdb.DuckDBPyConnection) -> str:
        numbers = pa.array(range(self.rows), pa.int64())
        connection.register("checked_table", self._table.append_column(ROW_NUMBER, numbers))
        return "checked_table"


class ParquetSource:
    """A Parquet file on this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with pq.ParquetFile(path) as file:
            self._metadata = file.metadata
            self.schema = file.schema_arrow
        self.rows: int = self._metadata.num_rows
        self._position = {name: index for index, name in enumerate(self.schema.names)}

    def nulls(self, column: str) -> int | None:
        total = 0
        for statistics in self._statistics(column):
            if statistics is None or not statistics.has_null_count:
                return None
            total += statistics.null_count
        return total

    def bounds(self, column: str) -> tuple[Bound, Bound] | None:
        lows: list[Bound] = []
        highs: list[Bound] = []
        for statistics in self._statistics(column):
            if statistics is None:
                return None
            if not statistics.has_min_max:
                if statistics.has_null_count and statistics.num_values == 0:
                    continue  # only nulls in this row group
                return None
            lows.append(statistics.min)
            highs.append(statistics.max)
        return (min(lows), max(highs)) if lows else None

    def batches(
        self, columns: Sequence[str], repeated: Sequence[str] = (), rows: int | None = None
    ) -> Iterator[pa.Table]:
        with pq.ParquetFile(self._path, read_dictionary=list(repeated)) as file:
            groups: list[int] = []
            gathered = 0
            for group in range(self._metadata.num_row_groups):
                size = self._metadata.row_group(group).num_rows
                if groups and gathered + size > (rows or BATCH_ROWS):
                    yield file.read_row_groups(groups, columns=list(columns), use_threads=False)
                    groups, gathered = [], 0
                groups.append(group)
                gathered += size
            if groups:
                yield file.read_row_groups(groups, columns=list(columns), use_threads=False)

    def relation(self, connection: duckdb.DuckDBPyConnection) -> str:
        path = str(self._path).replace("'", "''")
        return (
            f"(select * exclude (file_row_number), file_row_number as {ROW_NUMBER} "
            f"from read_parquet('{path}', file_row_number = true))"
        )

    def _statistics(self, column: str) -> list[Any]:
        """Per row group; None where the writer left them out. (The stubs do not know all of their fields.)"""
        position = self._position[column]
        groups = range(self._metadata.num_row_groups)
        return [self._metadata.row_group(group).column(position).statistics for group in groups]
