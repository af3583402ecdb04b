"""Tables as checked, atomically switched Parquet, on a local folder or an object store.

Rooms write through `TableGroup.writing` (write, check, switch) and read through `Lake.read` or
`Lake.table_path`; nobody else touches the files of a lake. Layout: `<group>/<table>/<serial>.parquet` for the
versions, `<group>/_current.json` for which of them count, `_logs/` for the append-only tables.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake import contracts as declared
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.errors import DamagedTable, LakeError, MissingTable, SchemaMoved
from dsr_pipeline.lake.locks import FileLocks, Locks
from dsr_pipeline.lake.log import AppendLog
from dsr_pipeline.lake.parquet import differences
from dsr_pipeline.lake.state import (
    CURRENT,
    VERDICTS,
    GroupState,
    RecordedVerdict,
    TableState,
    verdicts_from_json,
)
from dsr_pipeline.lake.storage import LocalStorage, Storage, open_storage
from dsr_pipeline.lake.writing import GroupWriter, staging_folder

READ_ATTEMPTS = 5
"""A reader that meets two switches between the name and the file asks again."""

LOG_FOLDER = "_logs"
LOCK_FOLDER = "_locks"
_REMAKE = "the contract has changed since it was written: run the job that makes the table"


class Lake:
    """A lake at a folder or any fsspec URL.

    `locks` says where the writers' locks are kept; a local lake keeps its own. A lake on an object store has
    none by itself, and without them it can only be read.
    """

    def __init__(
        self,
        url: str | Path,
        storage_options: Mapping[str, object] | None = None,
        *,
        locks: Locks | None = None,
    ) -> None:
        self.storage: Storage = open_storage(url, storage_options)
        if locks is None and isinstance(self.storage, LocalStorage):
            locks = FileLocks(self.storage.path(LOCK_FOLDER))
        self.locks = locks

    def group(self, name: str) -> "TableGroup":
        """The group of that name; it need not exist yet."""
        return TableGroup(self.storage, name, self.locks)

    def log(self, contract: Contract | str) -> AppendLog:
        """The append-only log of a contract of that kind."""
        contract = _contract(contract)
        return AppendLog(self.storage, f"{LOG_FOLDER}/{contract.key}", contract)

    def read(self, contract: Contract | str, columns: Sequence[str] | None = None) -> pa.Table:
        """A current table, or the whole of a log, in the contract's schema.

        Raises `MissingTable` where it was never written, `SchemaMoved` where the file is of another contract.
        """
        contract = _contract(contract)
        if contract.kind == "append_only":
            read = self.log(contract).read()
            return read if columns is None else read.select(list(columns))
        return self.group(contract.group).read(contract, columns)

    def table_path(self, contract: Contract | str) -> str | None:
        """Path or URL of the current version, for DuckDB; None where the table was never written.

        The version stays in place for one more switch, so a query that begins now finds it.
        """
        contract = _contract(contract)
        group = self.group(contract.group)
        state = group.state().tables.get(contract.table)
        return None if state is None else self.storage.url(f"{contract.group}/{state.path}")

    def groups(self) -> list[str]:
        """Names of the groups that were written."""
        names = (name for name in self.storage.names("") if not name.startswith("_"))
        return [name for name in names if CURRENT in self.storage.names(name)]

    def tables(self) -> dict[str, TableState]:
        """Every current table by its key, with rows, bytes and version."""
        return {
            f"{group}/{table}": state
            for group in self.groups()
            for table, state in sorted(self.group(group).state().tables.items())
        }


class TableGroup:
    """Tables that are switched together, and their last verdicts."""

    def __init__(self, storage: Storage, name: str, locks: Locks | None) -> None:
        self.storage = storage
        self.name = name
        self._locks = locks

    def state(self) -> GroupState:
        """What is current now; the empty state where nothing was written."""
        path = f"{self.name}/{CURRENT}"
        data = self.storage.read(path)
        return GroupState() if data is None else GroupState.from_json(data, self.storage.url(path))

    def verdicts(self) -> dict[str, RecordedVerdict]:
        """The last verdict on every table of the group, passed or not."""
        data = self.storage.read(f"{self.name}/{VERDICTS}")
        return {} if data is None else verdicts_from_json(data)

    def read(
        self,
        contract: Contract,
        columns: Sequence[str] | None = None,
        state: GroupState | None = None,
    ) -> pa.Table:
        """A current table of the group; see `Lake.read`.

        Several tables that must be of one switch are read with one `state`; `LakeError` then says that it was
        replaced twice meanwhile.
        """
        if state is not None:
            try:
                return self._read_version(contract, self.version(contract, state)[1], columns)
            except FileNotFoundError as error:
                raise LakeError(f"{contract.key} was replaced twice while it was read: read again") from error
        path = self.version(contract)[1]
        for _ in range(READ_ATTEMPTS):
            with suppress(FileNotFoundError):
                return self._read_version(contract, path, columns)
            path = self.version(contract)[1]
        raise LakeError(f"{self.storage.url(path)} is gone: run the job that makes {contract.key} again")

    def version(self, contract: Contract, state: GroupState | None = None) -> tuple[int, str]:
        """Rows and file (inside the storage) of a table, current or of `state`; raises `MissingTable`."""
        found = (state or self.state()).tables.get(contract.table)
        if found is None:
            raise MissingTable(contract.key)
        return found.rows, f"{self.name}/{found.path}"

    @contextmanager
    def writing(
        self,
        contracts: Sequence[Contract],
        *,
        run_id: str,
        quarantine: Path | None = None,
        wait: bool = True,
        on_wait: Callable[[str], None] | None = None,
        on_step: Callable[[str], None] | None = None,
    ) -> Generator[GroupWriter]:
        """Hold the group's lock while its tables are staged, and switch them when the writer says so.

        Take it before the first read on which the new tables depend. Leaving without `switch()` changes
        nothing. `quarantine` is the folder for failing rows; `on_wait` gets a sentence while another writer
        holds the lock, and with `wait` off `GroupLocked` is raised instead; `on_step` is told each step as
        it ends (tests stop there).
        """
        if self._locks is None:
            raise LakeError(f"{self.storage.url(self.name)} is on an object store: give the lake its locks")
        with (
            self._locks.hold(self.name, wait=wait, on_wait=on_wait),
            staging_folder(self.storage, self.name) as folder,
        ):
            yield GroupWriter(
                storage=self.storage,
                group=self.name,
                contracts=contracts,
                before=self.state(),
                verdicts=self.verdicts(),
                folder=folder,
                run_id=run_id,
                quarantine=quarantine,
                on_step=on_step,
            )

    def _read_version(self, contract: Contract, path: str, columns: Sequence[str] | None) -> pa.Table:
        names = list(contract.names if columns is None else columns)
        try:
            with self.storage.open(path) as file, pq.ParquetFile(file) as parquet:
                moved = differences(contract, parquet.schema_arrow)
                if moved:
                    raise SchemaMoved(contract.key, self.storage.url(path), moved, _REMAKE)
                table = parquet.read(columns=names)
        except pa.ArrowInvalid as error:
            why = str(error).split(". ", maxsplit=1)[0]
            raise DamagedTable(contract.key, self.storage.url(path), why) from error
        schema = pa.schema([contract.column(name).field for name in names])
        return pa.Table.from_arrays(table.select(names).columns, schema=schema)


def _contract(given: Contract | str) -> Contract:
    if isinstance(given, Contract):
        return given
    try:
        return declared.ALL[given]
    except KeyError:
        raise LakeError(f"there is no table {given}; there are {', '.join(sorted(declared.ALL))}") from None
