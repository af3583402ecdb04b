"""Tables as checked, atomically switched Parquet (write → check → switch), on a local folder or an object store.

Rooms write through `TableGroup.writing` and read through `Lake.read` or `Lake.table_path`; nobody else touches
the files of a lake. Contracts live in `contracts/`, the checks in `validation.py`, the locks in `locks.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from dsr_pipeline.lake.contract import Contract


class Lake:
    """A lake at a folder or any fsspec URL."""

    def __init__(self, url: str | Path, storage_options: Mapping[str, object] | None = None) -> None: ...

    def group(self, name: str) -> "TableGroup": ...

    def read(self, contract: Contract | str, columns: Sequence[str] | None = None) -> pa.Table: ...

    def table_path(self, contract: Contract | str) -> str | None: ...

    def tables(self) -> "dict[str, object]": ...


class TableGroup:
    """The tables that are switched together."""

    @contextmanager
    def writing(
        self,
        contracts: Sequence[Contract],
        *,
        run_id: str,
        quarantine: Path | None = None,
        wait: bool = True,
        on_wait: Callable[[str], None] | None = None,
    ) -> "Iterator[GroupWriter]": ...


class GroupWriter:
    """What is staged between taking the group's lock and switching its tables."""

    inputs: dict[str, object]

    def put(self, contract: Contract, data: pa.Table | pa.RecordBatchReader) -> None: ...

    def copy(self, contract: Contract, connection: duckdb.DuckDBPyConnection, query: str) -> None: ...

    def stage_path(self, contract: Contract) -> Path: ...

    def adopt(self, contract: Contract) -> None: ...

    def switch(self) -> object: ...
