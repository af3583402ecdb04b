"""Append-only logs: records that nobody may rewrite, because people or time made them.

Each append is one numbered file, created only where none stands, so that of two writers both are kept and
neither is torn. Read and appended to by the rooms that record decisions; `dsr backup` saves the folder.
"""

import io
import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.errors import LakeError, NoExclusiveCreate, SchemaMoved
from dsr_pipeline.lake.parquet import differences, write_parquet
from dsr_pipeline.lake.storage import ObjectStorage, Storage, supports_exclusive_create
from dsr_pipeline.lake.validation import validate

DIGITS = 8
CLASHES = 1000
"""How often an append may lose its number to another writer before something else must be wrong."""

PROBE = "probe"


class RecordLog:
    """A folder of numbered records of any bytes: 00000001<suffix>, 00000002<suffix>, …"""

    def __init__(self, storage: Storage, folder: str, suffix: str) -> None:
        self.storage = storage
        self.folder = folder
        self._suffix = suffix
        self._name = re.compile(rf"([0-9]{{{DIGITS}}}){re.escape(suffix)}")

    def append(self, record: bytes) -> int:
        """Record the bytes under the next number and return it.

        Raises `NoExclusiveCreate` on a store that cannot promise that nothing is overwritten.
        """
        require_exclusive_create(self.storage)
        number = max(self.numbers(), default=0)
        for _ in range(CLASHES):
            number += 1
            try:
                self.storage.create(self.path(number), record)
            except FileExistsError:
                continue
            return number
        raise LakeError(f"{self.storage.url(self.folder)} refuses every new record: is its listing readable?")

    def numbers(self) -> list[int]:
        """The numbers of all records, ascending."""
        matches = (self._name.fullmatch(name) for name in self.storage.names(self.folder))
        return sorted(int(match.group(1)) for match in matches if match)

    def records(self, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Every record with its number, in order, from the one after `after`."""
        for number in self.numbers():
            if number > after:
                data = self.storage.read(self.path(number))
                if data is None:
                    raise LakeError(
                        f"the record {self.storage.url(self.path(number))} is gone: restore the log"
                    )
                yield number, data

    def path(self, number: int) -> str:
        """The file of a record, relative to the storage."""
        return f"{self.folder}/{number:0{DIGITS}d}{self._suffix}"


class AppendLog:
    """A log whose records are small tables of one contract."""

    def __init__(self, storage: Storage, folder: str, contract: Contract) -> None:
        if contract.kind != "append_only":
            raise LakeError(f"{contract.key} is derived: it is written by its group, not appended to")
        self.contract = contract
        self._records = RecordLog(storage, folder, ".parquet")

    def append(self, rows: pa.Table) -> int:
        """Check the rows against the contract and record them; gives the record's number.

        Raises `SchemaMoved` or `ContractBroken`, and then nothing is recorded. Keys are checked within the
        record.
        """
        data = io.BytesIO()
        write_parquet(self.contract, rows, data)
        table = pq.read_table(io.BytesIO(data.getvalue()))
        validate(self.contract, table).raise_if_broken()
        return self._records.append(data.getvalue())

    def read(self, after: int = 0) -> pa.Table:
        """All rows in the order in which they were recorded, from the record after `after`."""
        tables = [table for _, table in self.records(after)]
        return pa.concat_tables(tables) if tables else self.contract.schema.empty_table()

    def records(self, after: int = 0) -> Iterator[tuple[int, pa.Table]]:
        """Every record with its number, in order, from the one after `after`, each sorted."""
        for number, data in self._records.records(after):
            table = pq.read_table(io.BytesIO(data))
            moved = differences(self.contract, table.schema)
            if moved:
                raise SchemaMoved(
                    self.contract.key,
                    self._records.storage.url(self._records.path(number)),
                    moved,
                    "a recorded table is never rewritten: give the changed table a new name",
                )
            yield number, pa.Table.from_arrays(table.columns, schema=self.contract.schema)

    def last(self) -> int:
        """The number of the newest record; 0 where there is none."""
        return max(self._records.numbers(), default=0)

    def urls(self) -> list[str]:
        """The files of all records, for DuckDB."""
        return [self._records.storage.url(self._records.path(number)) for number in self._records.numbers()]


def require_exclusive_create(storage: Storage) -> None:
    """Raises `NoExclusiveCreate`, naming the store, where logs may not be kept on it."""
    if not supports_exclusive_create(storage):
        kind = storage.protocol if isinstance(storage, ObjectStorage) else "this store"
        raise NoExclusiveCreate(
            f"{kind} ({storage.url('')}) has no exclusive create: keep tables there, and the logs on a local "
            "folder or on S3"
        )


def probe_exclusive_create(storage: Storage, folder: str) -> bool:
    """Try it: whether the second of two creates of one name is refused.

    A store that speaks S3 but ignores If-None-Match is found out here; `dsr doctor` calls it.
    """
    require_exclusive_create(storage)
    path = f"{folder}/{PROBE}"
    storage.delete(path)
    storage.create(path, b"first")
    try:
        storage.create(path, b"second")
    except FileExistsError:
        return storage.read(path) == b"first"
    else:
        return False
    finally:
        storage.delete(path)
