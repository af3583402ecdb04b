"""Logs: nothing recorded is ever rewritten, lost or torn, however many write at once."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from dsr_pipeline.lake import storage as storage_module
from dsr_pipeline.lake.errors import ContractBroken, LakeError, NoExclusiveCreate, SchemaMoved
from dsr_pipeline.lake.log import AppendLog, RecordLog, probe_exclusive_create
from dsr_pipeline.lake.storage import (
    LocalStorage,
    ObjectStorage,
    Storage,
    open_storage,
    supports_exclusive_create,
)
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import NOTES, ORDERS

APPENDER = """
import sys
from pathlib import Path
from dsr_pipeline.lake.log import RecordLog
from dsr_pipeline.lake.storage import LocalStorage

log = RecordLog(LocalStorage(Path(sys.argv[1])), "log", ".json")
for number in range(60):
    log.append(f"{sys.argv[2]} {number} ".encode() + b"x" * 5000 + b" end")
"""


def note(order_id: str | None, text: str) -> pa.Table:
    return pa.table({"order_id": pa.array([order_id], pa.string()), "note": [text]})


@pytest.fixture(params=["local", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return LocalStorage(tmp_path) if request.param == "local" else open_storage(f"memory://{tmp_path}")


def test_records_are_read_in_the_order_in_which_they_were_written(storage: Storage) -> None:
    log = RecordLog(storage, "log", ".json")
    assert [log.append(text) for text in (b"one", b"two", b"three")] == [1, 2, 3]
    assert list(log.records()) == [(1, b"one"), (2, b"two"), (3, b"three")]
    assert list(log.records(after=2)) == [(3, b"three")]


def test_a_number_that_is_taken_is_left_alone(storage: Storage) -> None:
    log = RecordLog(storage, "log", ".json")
    log.append(b"one")
    with pytest.raises(FileExistsError):
        storage.create(log.path(1), b"forged")
    assert list(log.records()) == [(1, b"one")]


def test_a_writer_that_lost_its_number_takes_the_next(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = RecordLog(storage, "log", ".json")
    log.append(b"one")
    log.append(b"two")
    late = RecordLog(storage, "log", ".json")
    monkeypatch.setattr(late, "numbers", list)  # listed before the others had written
    assert late.append(b"three") == 3
    assert [data for _, data in log.records()] == [b"one", b"two", b"three"]


def test_two_processes_lose_nothing_and_tear_nothing(tmp_path: Path, project: Path) -> None:
    names = ("ann", "ben")
    writers = [
        subprocess.Popen([sys.executable, "-c", APPENDER, str(tmp_path), name], cwd=project) for name in names
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    log = RecordLog(LocalStorage(tmp_path), "log", ".json")
    records = [data.decode() for _, data in log.records()]
    assert log.numbers() == list(range(1, 121))
    assert all(text.endswith(" end") and len(text) > 5000 for text in records)
    for name in names:
        told = [int(text.split()[1]) for text in records if text.startswith(name)]
        assert told == list(range(60))
    assert not list((tmp_path / "log").glob(".*")), "temporary files are left"


def test_a_half_written_record_is_no_record(tmp_path: Path) -> None:
    log = RecordLog(LocalStorage(tmp_path), "log", ".json")
    log.append(b"one")
    (tmp_path / "log" / ".00000002.json.1-1.tmp").write_bytes(b"ha")
    assert log.numbers() == [1]
    assert log.append(b"two") == 2


def test_rows_are_checked_before_they_are_recorded(tmp_path: Path) -> None:
    log = Lake(tmp_path).log(NOTES)
    with pytest.raises(ContractBroken, match="order_id is 4 bytes long"):
        log.append(note("1", "too short"))
    with pytest.raises(ContractBroken, match="order_id is filled"):
        log.append(note(None, "of nothing"))
    with pytest.raises(SchemaMoved, match="column note"):
        log.append(pa.table({"order_id": ["0001"]}))
    assert log.read().num_rows == 0
    log.append(note("0002", "first"))
    log.append(note("0001", "second"))
    assert Lake(tmp_path).read(NOTES).column("note").to_pylist() == ["first", "second"]
    assert log.read(after=1).column("note").to_pylist() == ["second"]
    assert log.read().schema == NOTES.schema


def test_a_derived_table_has_no_log(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="written by its group"):
        AppendLog(LocalStorage(tmp_path), "log", ORDERS)


class Careless:
    """A filesystem that overwrites whatever it is told; only its name differs from one that does not."""

    protocol = ("webdav", "dav")

    def unstrip_protocol(self, path: str) -> str:
        return f"webdav://{path}"


def test_a_store_without_exclusive_create_is_refused_by_name() -> None:
    storage = ObjectStorage(Careless(), "bucket")
    assert not supports_exclusive_create(storage)
    with pytest.raises(NoExclusiveCreate, match="webdav"):
        RecordLog(storage, "log", ".json").append(b"one")


def test_a_store_that_promises_and_overwrites_is_found_out(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert probe_exclusive_create(storage, "log")
    monkeypatch.setattr(storage, "create", storage.write)
    assert not probe_exclusive_create(storage, "log")
    assert storage.names("log") == []


def test_a_disk_without_hard_links_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(storage_module.os, "link", refuse)
    with pytest.raises(NoExclusiveCreate, match="log has no hard links"):
        RecordLog(LocalStorage(tmp_path), "log", ".json").append(b"one")
    assert list((tmp_path / "log").iterdir()) == []
