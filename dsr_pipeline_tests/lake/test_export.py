"""Exports: stable names for programs that cannot follow a lake, replaced whole, the manifest last."""

import hashlib
import json
import os
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dsr_pipeline.lake import export as module
from dsr_pipeline.lake.errors import LakeError, MissingTable
from dsr_pipeline.lake.export import MANIFEST, export
from dsr_pipeline.lake.locks import FileLocks
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import NOTES, ORDERS, TOTALS, write

TABLES = (ORDERS, TOTALS)
DAY = date(2026, 1, 17)


@pytest.fixture(params=["linked", "copied", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake on the same disk, one where links are impossible, and one on an object store."""
    if request.param == "copied":

        def refuse(source: Path, target: Path) -> None:
            raise OSError(18, "Invalid cross-device link")

        monkeypatch.setattr(module.os, "link", refuse)
    url = f"memory://{tmp_path}/lake" if request.param == "memory" else tmp_path / "lake"
    lake = Lake(url, locks=FileLocks(tmp_path / "locks"))
    write(lake, 10)
    return lake


def manifest(folder: Path) -> dict[str, dict[str, object]]:
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return {one["table"]: one for one in told["tables"]}


def test_names_stay_and_contents_follow(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for count in (10, 20, 20):
        write(lake, count)
        export(lake, TABLES, out, data_as_of=DAY)
        assert sorted(path.name for path in out.iterdir()) == [MANIFEST, "orders.parquet", "totals.parquet"]
        assert pq.read_table(out / "orders.parquet").num_rows == count
        assert pq.read_table(out / "totals.parquet").column("orders").to_pylist() == [count]
        assert manifest(out)["orders"]["rows"] == count


def test_exporting_the_same_again_leaves_no_trace(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = export(lake, TABLES, out, data_as_of=DAY)
    bytes_before = (out / MANIFEST).read_bytes()
    assert export(lake, TABLES, out, data_as_of=DAY) == first
    assert (out / MANIFEST).read_bytes() == bytes_before
    assert len(list(out.iterdir())) == 3


def test_the_manifest_tells_what_is_there(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(lake, TABLES, out, data_as_of=DAY, checksums=True)
    told = manifest(out)
    assert json.loads((out / MANIFEST).read_text())["data_as_of"] == "2026-01-17"
    for contract in TABLES:
        path = out / f"{contract.table}.parquet"
        one = told[contract.table]
        assert one["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert one["bytes"] == path.stat().st_size
        assert one["contract_hash"] == contract.hash
        assert one["schema_version"] == contract.version
    export(lake, TABLES, out, data_as_of=None)
    assert manifest(out)["orders"]["sha256"] is None


def test_the_manifest_is_replaced_last(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    replaced: list[str] = []
    replace = module._replace

    def spy(staged: Path, target: Path) -> None:
        replaced.append(target.name)
        replace(staged, target)

    monkeypatch.setattr(module, "_replace", spy)
    export(lake, TABLES, out, data_as_of=DAY)
    assert replaced == ["orders.parquet", "totals.parquet", MANIFEST]


def test_a_later_switch_does_not_change_an_export(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(lake, TABLES, out, data_as_of=DAY)
    for count in (20, 30, 40):
        write(lake, count)
    assert pq.read_table(out / "orders.parquet").num_rows == 10


def test_a_table_that_is_missing_stops_the_export_before_it_begins(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with pytest.raises(MissingTable):
        export(lake, TABLES, tmp_path / "out", data_as_of=DAY)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_log_is_exported_as_one_file(tmp_path: Path) -> None:
    import pyarrow as pa

    lake = Lake(tmp_path / "lake")
    for text in ("b", "a"):
        lake.log(NOTES).append(pa.table({"order_id": ["0001"], "note": [text]}))
    export(lake, [NOTES], tmp_path / "out", data_as_of=DAY)
    assert pq.read_table(tmp_path / "out" / "notes.parquet").column("note").to_pylist() == ["a", "b"]


def test_two_tables_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="two tables of one name"):
        export(Lake(tmp_path), [ORDERS, ORDERS], tmp_path / "out", data_as_of=DAY)


@pytest.mark.skipif(os.name != "posix", reason="POSIX modes")
def test_a_user_cannot_write_through_the_link_into_the_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    write(lake, 10)
    export(lake, TABLES, tmp_path / "out", data_as_of=DAY)
    exported = tmp_path / "out" / "orders.parquet"
    assert exported.samefile(str(lake.table_path(ORDERS)))
    assert exported.stat().st_mode & 0o222 == 0


def test_a_file_that_another_program_holds_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "lake")
    write(lake, 10)

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "in use", str(target))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(LakeError, match=r"orders\.parquet cannot be replaced: close the program"):
        export(lake, TABLES, tmp_path / "out", data_as_of=DAY)
