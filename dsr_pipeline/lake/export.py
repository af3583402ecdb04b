"""Current tables under stable names in one folder, for programs that cannot follow `_current.json`.

Power BI reads them, and so does whoever asked `dsr ingest` for plain files. The manifest is written last: a
reader that finds its figures in the files has a complete set.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.parquet import write_parquet
from dsr_pipeline.lake.state import GroupState
from dsr_pipeline.lake.storage import LocalStorage
from dsr_pipeline.lake.store import Lake

MANIFEST = "_manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Exported:
    """One file of the export."""

    table: str
    file: str
    rows: int
    bytes: int
    schema_version: int
    contract_hash: str
    sha256: str | None


def export(
    lake: Lake,
    contracts: Sequence[Contract],
    folder: Path,
    *,
    data_as_of: date | datetime | None,
    checksums: bool = False,
) -> tuple[Exported, ...]:
    """Put `<table>.parquet` for every contract into `folder`, then `_manifest.json`.

    A file is a hard link to the version in the lake where the disk allows it, else a copy; it replaces the
    old one in one step. Raises `MissingTable` where a table was never written, before anything is replaced.
    """
    names = [contract.table for contract in contracts]
    if len(set(names)) != len(names):
        raise LakeError(f"two tables of one name cannot be exported into {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    with _staging(folder) as staging:
        states = {group: lake.group(group).state() for group in {contract.group for contract in contracts}}
        staged = [
            _stage(lake, contract, states[contract.group], staging / f"{contract.table}.parquet")
            for contract in contracts
        ]
        exported = tuple(
            _described(contract, path, rows, checksums)
            for contract, (path, rows) in zip(contracts, staged, strict=True)
        )
        for path, _ in staged:
            _replace(path, folder / path.name)
        manifest = {
            "data_as_of": data_as_of.isoformat() if data_as_of is not None else None,
            "tables": [asdict(one) for one in exported],
        }
        written = staging / MANIFEST
        written.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        _replace(written, folder / MANIFEST)
    return exported


def _stage(lake: Lake, contract: Contract, state: GroupState, target: Path) -> tuple[Path, int]:
    if contract.kind == "append_only":
        return target, write_parquet(contract, lake.read(contract), target)
    rows, path = lake.group(contract.group).version(contract, state)
    storage = lake.storage
    if isinstance(storage, LocalStorage):
        _link(storage.path(path), target)
    else:
        with storage.open(path) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, _CHUNK)
    return target, rows


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def _replace(staged: Path, target: Path) -> None:
    try:
        staged.replace(target)
    except PermissionError as error:
        raise LakeError(f"{target} cannot be replaced: close the program that holds it open") from error


def _described(contract: Contract, path: Path, rows: int, checksums: bool) -> Exported:
    digest = None
    if checksums:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Exported(
        table=contract.table,
        file=path.name,
        rows=rows,
        bytes=path.stat().st_size,
        schema_version=contract.version,
        contract_hash=contract.hash,
        sha256=digest,
    )


@contextmanager
def _staging(folder: Path) -> Generator[Path]:
    staging = folder / f".staging-{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
