"""The same lake on object stores: switches, logs and SQL behave as on a disk.

The S3 server is a stand-in on the loopback interface (moto); it shows that the requests are right, not that a
certain store keeps its word. `probe_exclusive_create` asks that of a real one.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from dsr_pipeline.lake.errors import LakeError, MissingTable
from dsr_pipeline.lake.locks import FileLocks
from dsr_pipeline.lake.log import RecordLog, probe_exclusive_create
from dsr_pipeline.lake.storage import open_storage
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.views import connect, query
from dsr_pipeline_tests.lake.tables import NOTES, ORDERS, TOTALS, orders, totals, write


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, object]]:
    """An S3 stand-in with one bucket; gives the storage options that reach it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options: dict[str, object] = {
        "key": "invented",
        "secret": "invented",
        "client_kwargs": {"endpoint_url": f"http://{host}:{port}", "region_name": "eu-central-1"},
    }
    import s3fs

    s3fs.S3FileSystem(**options).mkdir("lake-bucket")
    try:
        yield options
    finally:
        server.stop()


@pytest.fixture(params=["memory", pytest.param("s3", marks=pytest.mark.slow)])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    locks = FileLocks(tmp_path / "locks")
    if request.param == "memory":
        return Lake(f"memory://{tmp_path}", locks=locks)
    options = request.getfixturevalue("s3")
    return Lake(f"s3://lake-bucket/{tmp_path.name}", options, locks=locks)


def counted(lake: Lake) -> tuple[int, int]:
    return lake.read(ORDERS).num_rows, lake.read(TOTALS).column("orders")[0].as_py()


def test_tables_are_switched_together_and_old_versions_go(lake: Lake) -> None:
    with pytest.raises(MissingTable):
        lake.read(ORDERS)
    for count in (10, 20, 30):
        write(lake, count)
        assert counted(lake) == (count, count)
    assert lake.storage.names("shop/orders") == ["00000002.parquet", "00000003.parquet"]
    assert lake.groups() == ["shop"]
    assert lake.tables()["shop/orders"].rows == 30


def test_a_bad_table_leaves_all_of_them_as_they_were(lake: Lake, tmp_path: Path) -> None:
    write(lake, 10)
    with lake.group("shop").writing([ORDERS, TOTALS], run_id="bad", quarantine=tmp_path / "q") as writer:
        writer.put(ORDERS, orders(20, status=["lost"] * 20))
        writer.put(TOTALS, totals(20))
        assert not writer.switch().switched
    assert counted(lake) == (10, 10)
    assert not lake.group("shop").verdicts()["orders"].passed
    assert lake.storage.names("shop/orders") == ["00000001.parquet"]


def test_an_upload_that_fails_changes_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write(lake, 10)
    adopt = lake.storage.adopt

    def fail_at_the_second(source: Path, path: str) -> None:
        if "totals" in path:
            raise OSError("connection lost")
        adopt(source, path)

    monkeypatch.setattr(lake.storage, "adopt", fail_at_the_second)
    with pytest.raises(OSError, match="connection lost"):
        write(lake, 20)
    assert counted(lake) == (10, 10)
    monkeypatch.undo()
    write(lake, 30)
    assert counted(lake) == (30, 30)


def test_duckdb_reads_and_writes_staged_tables(lake: Lake) -> None:
    with duckdb.connect() as connection, lake.group("shop").writing([ORDERS], run_id="r") as writer:
        connection.register("given", orders(50))
        writer.copy(ORDERS, connection, "from given")
        writer.switch().raise_if_refused()
    with duckdb.connect() as connection:
        lake.storage.register(connection)
        path = lake.table_path(ORDERS)
        found = connection.execute(f"select count(*), sum(net) from read_parquet('{path}')").fetchone()
    assert found is not None
    assert (found[0], int(found[1])) == (50, sum(range(50)))


def test_sql_reads_the_tables_and_no_other_object(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from dsr_pipeline.lake import contracts

    monkeypatch.setattr(contracts, "ALL", {contract.key: contract for contract in (ORDERS, TOTALS, NOTES)})
    write(lake, 10)
    write(lake, 20)
    connection = connect(lake)
    assert query(connection, "select count(*) from shop.orders").fetchall() == [(20,)]
    other = lake.storage.url("shop/orders/00000001.parquet")
    with pytest.raises(duckdb.Error):
        query(connection, f"select count(*) from read_parquet('{other}')")


def test_of_many_writers_each_gets_a_number_of_its_own(lake: Lake) -> None:
    log = RecordLog(lake.storage, "log", ".json")
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda text: log.append(text.encode()), [f"record {n}" for n in range(24)]))
    if lake.storage.url("").startswith("memory"):
        # A store inside one process only imitates the exclusive create; that is enough for the other tests.
        assert len(log.numbers()) == len(set(numbers))
        return
    assert sorted(numbers) == list(range(1, 25))
    assert {data.decode() for _, data in log.records()} == {f"record {n}" for n in range(24)}


def test_a_record_that_stands_is_not_replaced(lake: Lake) -> None:
    lake.storage.create("log/00000001.json", b"first")
    with pytest.raises(FileExistsError):
        lake.storage.create("log/00000001.json", b"second")
    assert lake.storage.read("log/00000001.json") == b"first"
    assert probe_exclusive_create(lake.storage, "probe")


def test_rows_are_appended_and_read(lake: Lake) -> None:
    import pyarrow as pa

    for text in ("first", "second"):
        lake.log(NOTES).append(pa.table({"order_id": ["0001"], "note": [text]}))
    assert lake.read(NOTES).column("note").to_pylist() == ["first", "second"]


def test_a_store_that_is_not_installed_is_named() -> None:
    with pytest.raises(LakeError, match="nosuchstore://bucket cannot be opened"):
        open_storage("nosuchstore://bucket")
