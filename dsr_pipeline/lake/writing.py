"""The writer's side of a group: stage, check, switch.

Made by `TableGroup.writing`, which holds the group's lock as long as it lives. Until `switch()` replaces
`_current.json`, readers see the tables as they were.
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.errors import ContractBroken, LakeError, MissingTable, NotStaged, SchemaMoved
from dsr_pipeline.lake.parquet import copy_parquet, differences, write_parquet
from dsr_pipeline.lake.state import (
    CURRENT,
    VERDICTS,
    GroupState,
    RecordedVerdict,
    TableState,
    recorded,
    verdicts_to_json,
)
from dsr_pipeline.lake.storage import LocalStorage, Storage
from dsr_pipeline.lake.validation import Verdict, validate

STAGING = ".staging"
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Switch:
    """The end of a write: whether the new tables count now, and the verdict on each."""

    switched: bool
    verdicts: Mapping[str, Verdict]

    def raise_if_refused(self) -> None:
        """Raises `ContractBroken` with every table's verdict where the old tables stayed."""
        if not self.switched:
            told = " · ".join(str(verdict) for verdict in self.verdicts.values() if not verdict.passed)
            raise ContractBroken(f"the old tables stay: {told}")


class GroupWriter:
    """Stages the tables of a group.

    `before` is what was current when the lock was taken; `inputs` begins as its inputs and is stored with the
    switch.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        group: str,
        contracts: Sequence[Contract],
        before: GroupState,
        verdicts: Mapping[str, RecordedVerdict],
        folder: Path,
        run_id: str,
        quarantine: Path | None,
        on_step: Callable[[str], None] | None,
    ) -> None:
        if not _RUN_ID.fullmatch(run_id):
            raise LakeError(
                f"the run id {run_id!r} cannot name a file: use letters, digits, '.', '_' and '-'"
            )
        for contract in contracts:
            if contract.group != group or contract.kind != "derived":
                raise LakeError(
                    f"{contract.key} ({contract.kind}) cannot be switched with the tables of {group}"
                )
        self.before = before
        self.inputs: dict[str, Any] = dict(before.inputs)
        self._storage = storage
        self._group = group
        self._contracts = {contract.table: contract for contract in contracts}
        self._verdicts = dict(verdicts)
        self._folder = folder
        self._run_id = run_id
        self._quarantine = quarantine
        self._on_step = on_step
        self._staged: set[str] = set()
        self._kept: set[str] = set()
        self._switched = False

    def put(self, contract: Contract, data: pa.Table | pa.RecordBatchReader) -> None:
        """Stage a table. A `Table` is sorted here; batches must come in the sort order.

        Raises `SchemaMoved` where its columns are not the contract's.
        """
        write_parquet(contract, data, self.stage_path(contract))
        self._staged.add(contract.table)

    def copy(
        self,
        contract: Contract,
        connection: duckdb.DuckDBPyConnection,
        query: str,
        *,
        presorted: bool = False,
    ) -> None:
        """Stage the rows of a DuckDB query, written by DuckDB; `presorted` saves the sort."""
        copy_parquet(contract, connection, query, self.stage_path(contract), presorted=presorted)
        self.adopt(contract)

    def stage_path(self, contract: Contract) -> Path:
        """Where to write the Parquet file of a table oneself, before `adopt` (local on every store)."""
        if self._contracts.get(contract.table) is not contract:
            raise LakeError(f"{contract.key} is not among the tables that this writer promised to write")
        return self._folder / f"{contract.table}.parquet"

    def adopt(self, contract: Contract) -> None:
        """Take the file at `stage_path` as the staged table; raises `SchemaMoved` as `put` does."""
        path = self.stage_path(contract)
        moved = differences(contract, pq.read_schema(path))
        if moved:
            raise SchemaMoved(
                contract.key, str(path), moved, "write the columns of the contract in these types"
            )
        self._staged.add(contract.table)

    def keep(self, contract: Contract) -> None:
        """Leave a table as it is; raises `MissingTable` where it was never written under this contract."""
        state = self.before.tables.get(contract.table)
        if state is None or state.contract_hash != contract.hash:
            raise MissingTable(contract.key)
        self._kept.add(contract.table)

    def switch(self) -> Switch:
        """Check every staged table, and let them all count at once if all of them keep their contracts.

        Otherwise the old tables stay; either way the verdicts are recorded, and failing rows are written to
        `<quarantine>/<group>/<table>/<run id>.parquet`.
        """
        if self._switched:
            raise LakeError(f"{self._group} was switched already: take the lock again to write once more")
        GroupState(inputs=self.inputs).as_json()  # what is no JSON must fail here, not between two renames
        missing = sorted(set(self._contracts) - self._staged - self._kept)
        if missing:
            raise NotStaged(f"{self._group} cannot be switched: {', '.join(missing)} not written")
        self._step("staged")
        verdicts = {table: self._check(self._contracts[table]) for table in sorted(self._staged)}
        self._step("checked")
        self._verdicts |= {table: recorded(verdict, self._run_id) for table, verdict in verdicts.items()}
        self._storage.write(f"{self._group}/{VERDICTS}", verdicts_to_json(self._verdicts))
        if not all(verdict.passed for verdict in verdicts.values()):
            return Switch(False, verdicts)
        self._switched = True
        serial = self.before.serial + 1
        tables = dict(self.before.tables)
        for table, verdict in verdicts.items():
            tables[table] = self._move_in(self._contracts[table], verdict.rows, serial)
        self._step("in place")
        after = GroupState(serial, self._run_id, tables, self.inputs)
        self._storage.write(f"{self._group}/{CURRENT}", after.as_json())
        self._step("switched")
        self._remove_old(after)
        return Switch(True, verdicts)

    def _check(self, contract: Contract) -> Verdict:
        rejected = None
        if self._quarantine is not None:
            rejected = self._quarantine / contract.key / f"{self._run_id}.parquet"
        return validate(contract, self.stage_path(contract), quarantine=rejected)

    def _move_in(self, contract: Contract, rows: int, serial: int) -> TableState:
        staged = self.stage_path(contract)
        path = f"{contract.table}/{serial:08d}.parquet"
        size = staged.stat().st_size
        self._storage.adopt(staged, f"{self._group}/{path}")
        return TableState(path, rows, size, contract.version, contract.hash, self._run_id)

    def _remove_old(self, after: GroupState) -> None:
        """Keep what counts and what counted until now (a reader may be at it), remove what is older."""
        used = {state.path for state in (*after.tables.values(), *self.before.tables.values())}
        for table in after.tables:
            for name in self._storage.names(f"{self._group}/{table}"):
                if f"{table}/{name}" not in used:
                    self._storage.delete(f"{self._group}/{table}/{name}")

    def _step(self, name: str) -> None:
        if self._on_step is not None:
            self._on_step(name)


@contextmanager
def staging_folder(storage: Storage, group: str) -> Generator[Path]:
    """An empty folder for staged files, gone afterwards; on the lake's own disk where that is local.

    What a crash left in it is removed here, under the lock of the group.
    """
    if not isinstance(storage, LocalStorage):
        with tempfile.TemporaryDirectory(prefix="dsr-staging-") as name:
            yield Path(name)
        return
    folder = storage.path(f"{group}/{STAGING}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
