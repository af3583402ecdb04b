"""The files themselves: exact types, bytes that repeat, descriptions inside, and nothing cast with loss."""

import hashlib
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsr_pipeline.lake import parquet
from dsr_pipeline.lake.contract import Column, Contract
from dsr_pipeline.lake.errors import SchemaMoved
from dsr_pipeline.lake.parquet import copy_parquet, write_parquet
from dsr_pipeline_tests.lake.tables import ORDERS, orders


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shuffled(table: pa.Table) -> pa.Table:
    rows = list(range(table.num_rows))
    return table.take(rows[1::2] + rows[::2])


def test_equal_content_gives_equal_bytes_in_whatever_order_it_came(tmp_path: Path) -> None:
    for name, table in [("a", orders(500)), ("b", shuffled(orders(500))), ("c", orders(501))]:
        write_parquet(ORDERS, table, tmp_path / name)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert digest(tmp_path / "a") != digest(tmp_path / "c")


def test_duckdb_writes_equal_bytes_too_with_any_number_of_threads(tmp_path: Path) -> None:
    given = orders(4000)
    for name, threads in [("a", 1), ("b", 2), ("c", 2)]:
        with duckdb.connect(config={"threads": threads}) as connection:
            connection.register("given", given)
            copy_parquet(ORDERS, connection, "select g.* from given g, range(1)", tmp_path / name)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") == digest(tmp_path / "c")


@pytest.mark.parametrize("way", ["pyarrow", "duckdb"])
def test_the_file_says_what_its_columns_mean(tmp_path: Path, way: str) -> None:
    path = tmp_path / "t.parquet"
    if way == "pyarrow":
        write_parquet(ORDERS, orders(3), path)
    else:
        with duckdb.connect() as connection:
            connection.register("given", orders(3))
            copy_parquet(ORDERS, connection, "from given", path)
    schema = pq.read_schema(path)
    assert schema.field("net").type == pa.decimal128(18, 4)
    assert schema.field("net").metadata[b"description"] == b"Before tax."
    assert schema.field("net").metadata[b"unit"] == b"currency"
    assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"
    assert pq.read_table(path).cast(orders(3).schema).to_pylist() == orders(3).to_pylist()


@pytest.mark.parametrize("way", ["pyarrow", "duckdb"])
def test_power_bi_gets_snappy_and_plain_columns(tmp_path: Path, way: str) -> None:
    contract = replace(ORDERS, compression="snappy")
    path = tmp_path / "t.parquet"
    if way == "pyarrow":
        write_parquet(contract, orders(3), path)
    else:
        with duckdb.connect() as connection:
            connection.register("given", orders(3))
            copy_parquet(contract, connection, "from given", path)
    metadata = pq.read_metadata(path)
    assert metadata.row_group(0).column(0).compression == "SNAPPY"
    assert b"ARROW:schema" not in (metadata.metadata or {})
    assert pq.read_schema(path).types == list(ORDERS.schema.types)


def test_dictionary_encoding_stands_where_values_repeat_and_nowhere_else(tmp_path: Path) -> None:
    write_parquet(ORDERS, orders(1000), tmp_path / "t.parquet")
    group = pq.read_metadata(tmp_path / "t.parquet").row_group(0)
    encoded = {
        group.column(i).path_in_schema: "RLE_DICTIONARY" in group.column(i).encodings
        for i in range(group.num_columns)
    }
    assert [name for name, has in encoded.items() if has] == ["status", "customer"]


def test_columns_are_put_in_order_and_widened_without_loss(tmp_path: Path) -> None:
    given = orders(5).select(list(reversed(ORDERS.names)))
    given = given.set_column(given.column_names.index("version"), "version", pa.array([1] * 5, pa.int64()))
    given = given.set_column(
        given.column_names.index("status"), "status", given.column("status").dictionary_encode()
    )
    given = given.set_column(
        given.column_names.index("net"), "net", given.column("net").cast(pa.decimal128(38, 10))
    )
    given = given.set_column(given.column_names.index("tax"), "tax", pa.nulls(5))
    given = given.set_column(given.column_names.index("day"), "day", orders(5).column("day"))
    write_parquet(ORDERS, given, tmp_path / "t.parquet")
    read = pq.read_table(tmp_path / "t.parquet")
    assert read.schema.names == list(ORDERS.names)
    assert read.column("net").to_pylist() == orders(5).column("net").to_pylist()


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("net", pa.array([0.5, 1.5]), "double"),
        ("net", pa.array(["0.5", "1.5"]), "string"),
        ("net", pa.array([1, 2]), "int64"),
        ("net", pa.array([Decimal("0.00001"), Decimal(1)]), "decimal128(6, 5)"),
        ("version", pa.array([1, 2**40]), "int64"),
        ("version", pa.array(["1", "2"]), "string"),
        ("order_id", pa.array([1, 2]), "int64"),
        ("day", pa.array([datetime(2026, 1, 1, 5), None], pa.timestamp("us")), "timestamp[us]"),  # noqa: DTZ001
        ("day", pa.array([1, 2], pa.int32()), "int32"),
    ],
)
def test_what_would_lose_its_meaning_is_refused(
    tmp_path: Path, name: str, values: pa.Array, found: str
) -> None:
    given = orders(2)
    given = given.set_column(given.column_names.index(name), name, values)
    with pytest.raises(SchemaMoved) as refused:
        write_parquet(ORDERS, given, tmp_path / "t.parquet")
    assert refused.value.column == name
    assert refused.value.found == found
    assert refused.value.expected == str(ORDERS.column(name).type)


def test_an_instant_with_a_zone_is_refused(tmp_path: Path) -> None:
    contract = Contract(
        group="shop",
        table="events",
        meaning="Events.",
        grain="one row per event",
        primary_key=("at_utc",),
        sort_key=("at_utc",),
        kind="derived",
        owner="shop",
        columns=(Column("at_utc", pa.timestamp("us"), "Instant.", unit="UTC"),),
    )
    zoned = pa.table({"at_utc": pa.array([0], pa.timestamp("us", tz="Europe/Berlin"))})
    with pytest.raises(SchemaMoved, match="Europe/Berlin"):
        write_parquet(contract, zoned, tmp_path / "t.parquet")
    finer = pa.table({"at_utc": pa.array([1], pa.timestamp("ns"))})
    with pytest.raises(SchemaMoved, match=r"timestamp\[ns\]"):
        write_parquet(contract, finer, tmp_path / "t.parquet")
    write_parquet(contract, pa.table({"at_utc": pa.array([1], pa.timestamp("ms"))}), tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet").column("at_utc").cast(pa.int64()).to_pylist() == [1000]


def test_the_file_does_not_depend_on_how_the_rows_were_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROW_GROUP_ROWS", 300)
    write_parquet(ORDERS, orders(1000), tmp_path / "whole")
    write_parquet(
        ORDERS, pa.concat_tables([orders(1000).slice(0, 1), orders(1000).slice(1)]), tmp_path / "two"
    )
    for size in (7, 100, 299, 700, 5000):
        batches = orders(1000).to_batches(max_chunksize=size)
        reader = pa.RecordBatchReader.from_batches(batches[0].schema, batches)
        assert write_parquet(ORDERS, reader, tmp_path / str(size)) == 1000
        assert digest(tmp_path / str(size)) == digest(tmp_path / "whole")
    assert digest(tmp_path / "two") == digest(tmp_path / "whole")
    metadata = pq.read_metadata(tmp_path / "7")
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [300, 300, 300, 100]


def test_a_reader_without_a_batch_makes_an_empty_table(tmp_path: Path) -> None:
    reader = pa.RecordBatchReader.from_batches(orders(0).schema, [])
    assert write_parquet(ORDERS, reader, tmp_path / "t.parquet") == 0
    assert pq.read_schema(tmp_path / "t.parquet").names == list(ORDERS.names)
