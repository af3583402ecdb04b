"""One verdict per table: every rule finds its rows, whatever path the check takes."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_pipeline.lake import failing_rows, keys, table_source
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.errors import ContractBroken
from dsr_pipeline.lake.pandera_schema import arrow_frame, pandera_schema
from dsr_pipeline.lake.validation import Verdict, validate
from dsr_pipeline_tests.lake.tables import ORDERS, orders

ROWS = 40


def by_duckdb(table: pa.Table, path: Path) -> Path:
    with duckdb.connect() as connection:
        connection.register("given", table)
        connection.execute(f"copy given to '{path}' (format parquet)")
    return path


def by_pyarrow(table: pa.Table, path: Path) -> Path:
    # No statistics: nothing is proven without reading.
    pq.write_table(table, path, row_group_size=7, write_statistics=False)
    return path


def in_memory(table: pa.Table, path: Path) -> pa.Table:
    return table


WAYS = pytest.mark.parametrize("way", [by_duckdb, by_pyarrow, in_memory])


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that forty rows take the way of ten million: several batches, several passes over the hashes."""
    monkeypatch.setattr(table_source, "BATCH_ROWS", 9)
    monkeypatch.setattr(failing_rows, "COLLECTED_ROWS", 9)
    monkeypatch.setattr(keys, "HASHES_AT_ONCE", 11)


def failing(verdict: Verdict) -> dict[str, int]:
    return {failure.rule: failure.rows for failure in verdict.failures}


def changed(name: str, row: int, value: object) -> pa.Table:
    values = orders(ROWS).column(name).to_pylist()
    values[row] = value
    return orders(ROWS, **{name: values})


@WAYS
def test_a_table_that_keeps_its_contract_passes(way, tmp_path: Path) -> None:
    verdict = validate(ORDERS, way(orders(ROWS), tmp_path / "t.parquet"))
    assert verdict.passed, verdict
    assert verdict.rows == ROWS
    assert verdict.failing_rows == 0


@WAYS
def test_an_empty_table_passes(way, tmp_path: Path) -> None:
    assert validate(ORDERS, way(orders(0), tmp_path / "t.parquet")).passed


@WAYS
@pytest.mark.parametrize(
    ("name", "row", "value", "rule"),
    [
        ("order_id", 39, "00390", "order_id is 4 bytes long"),
        ("order_id", 39, "é039", "order_id is 4 bytes long"),
        ("version", 23, 0, "version is at least 1"),
        ("version", 23, 100, "version is at most 99"),
        ("status", 8, "lost", "status is one of open, paid, void"),
        ("customer", 8, "", "customer is not empty"),
        ("customer", 8, None, "customer is filled"),
        ("status", 8, None, "status is filled"),
        ("net", 8, None, "net is filled"),
        ("currency", 8, "EURO", "currency is three capitals"),
        ("currency", 8, "eur", "currency is three capitals"),
        ("currency", 8, "EUR\n", "currency is three capitals"),
        ("gross", 8, Decimal("8.18"), "net + tax = gross"),
        ("paid_day", 9, None, "paid_day is filled where status is paid"),
        ("paid_day", 8, date(1999, 1, 1), "day ≤ paid_day"),
    ],
)
def test_one_wrong_value_is_found_with_its_rule(
    way, tmp_path: Path, name: str, row: int, value: object, rule: str
) -> None:
    verdict = validate(ORDERS, way(changed(name, row, value), tmp_path / "t.parquet"))
    assert failing(verdict) == {rule: 1}
    assert verdict.failures[0].first_row == row
    sample = verdict.sample.to_pylist()
    assert [(one["row_number"], one["broken_rules"], one[name]) for one in sample] == [(row, rule, value)]


@WAYS
def test_a_failing_row_beside_a_null_is_not_hidden(way, tmp_path: Path) -> None:
    # Row 7 has no tax, so its sum is null: pandas would answer null for the whole check.
    table = changed("gross", 8, Decimal(1))
    assert orders(ROWS).column("tax").to_pylist()[7] is None
    assert failing(validate(ORDERS, way(table, tmp_path / "t.parquet"))) == {"net + tax = gross": 1}


@WAYS
def test_a_key_that_repeats_is_found_in_both_rows_across_batches(way, tmp_path: Path) -> None:
    values = [f"{number:04d}" for number in range(ROWS)]
    values[39] = "0030"
    verdict = validate(ORDERS, way(orders(ROWS, order_id=values), tmp_path / "t.parquet"))
    assert failing(verdict) == {
        "rows sorted by day, order_id, version": 1,
        "order_id, version unique": 2,
        "order_id unique where status is not void": 2,
    }
    assert verdict.sample.column("row_number").to_pylist() == [30, 39]


@WAYS
def test_rows_outside_the_condition_may_repeat_a_key(way, tmp_path: Path) -> None:
    ids = ["0000"] * 3 + [f"{number:04d}" for number in range(3, ROWS)]
    status = ["void", "void", "open", *["open"] * (ROWS - 3)]
    table = orders(ROWS, order_id=ids, version=[1, 2, 3, *[1] * (ROWS - 3)], status=status)
    assert validate(ORDERS, way(table, tmp_path / "t.parquet")).passed
    status[1] = "paid"
    table = orders(ROWS, order_id=ids, version=[1, 2, 3, *[1] * (ROWS - 3)], status=status)
    verdict = validate(ORDERS, way(table, tmp_path / "t.parquet"))
    assert failing(verdict) == {"order_id unique where status is not void": 2}


@WAYS
@pytest.mark.parametrize("row", range(1, ROWS))
def test_a_row_out_of_order_is_found_wherever_the_batches_are_cut(way, tmp_path: Path, row: int) -> None:
    days = [date(2026, 1, 1)] * row + [date(2025, 12, 31)] * (ROWS - row)
    verdict = validate(
        ORDERS, way(orders(ROWS, day=days, paid_day=[date(2027, 1, 1)] * ROWS), tmp_path / "t")
    )
    assert failing(verdict) == {"rows sorted by day, order_id, version": 1}
    assert verdict.failures[0].first_row == row


@WAYS
def test_the_sort_order_puts_nulls_last(way, tmp_path: Path) -> None:
    days: list[object] = [None] * 20
    table = orders(20, day=days)
    assert validate(ORDERS, way(table, tmp_path / "t.parquet")).passed
    days[19] = date(2024, 1, 1)
    verdict = validate(ORDERS, way(orders(20, day=days), tmp_path / "t2.parquet"))
    assert failing(verdict) == {"rows sorted by day, order_id, version": 1}


@WAYS
def test_every_failing_row_goes_to_quarantine_and_the_first_into_the_verdict(way, tmp_path: Path) -> None:
    table = orders(ROWS, status=["lost"] * ROWS, customer=["", *["customer"] * (ROWS - 1)])
    target = tmp_path / "quarantine" / "orders.parquet"
    verdict = validate(ORDERS, way(table, tmp_path / "t.parquet"), quarantine=target, sample_rows=3)
    assert verdict.failing_rows == ROWS
    assert verdict.sample.num_rows == 3
    kept = pq.read_table(target)
    assert kept.num_rows == ROWS
    assert kept.drop_columns(["row_number", "broken_rules"]).to_pylist() == table.to_pylist()
    assert kept.column("broken_rules").to_pylist()[:2] == [
        "status is one of open, paid, void; customer is not empty",
        "status is one of open, paid, void",
    ]


def test_nothing_is_written_to_quarantine_where_all_is_well(tmp_path: Path) -> None:
    validate(ORDERS, orders(3), quarantine=tmp_path / "q" / "orders.parquet")
    assert not (tmp_path / "q").exists()


def test_a_schema_that_moved_is_told_column_by_column() -> None:
    moved = orders(3).drop_columns(["tax"]).append_column("extra", pa.array([1, 2, 3]))
    moved = moved.set_column(1, "version", pa.array([1, 1, 1], pa.int64()))
    verdict = validate(ORDERS, moved)
    assert {failure.rule for failure in verdict.failures} == {
        "column version is int64, the contract says int32",
        "column tax (decimal128(18, 4)) is missing",
        "column extra (int64) is not in the contract",
    }
    with pytest.raises(ContractBroken, match="column version is int64"):
        verdict.raise_if_broken()


@pytest.mark.parametrize("order", [("version", "order_id"), ("tax", "net")])
def test_columns_in_another_order_are_a_moved_schema(order: tuple[str, str]) -> None:
    names = list(ORDERS.names)
    at, other = names.index(order[0]), names.index(order[1])
    names[at], names[other] = names[other], names[at]
    assert not validate(ORDERS, orders(3).select(names)).passed


def test_statistics_prove_nothing_that_is_false(tmp_path: Path) -> None:
    """A column whose least value is fine in one row group and wrong in another is read."""
    table = orders(ROWS, version=[1] * 30 + [0] * 10, customer=["x"] * 30 + [""] * 10)
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=10)
    verdict = validate(ORDERS, tmp_path / "t.parquet")
    assert failing(verdict) == {"version is at least 1": 10, "customer is not empty": 10}


def test_what_statistics_prove_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    batches = table_source.ParquetSource.batches

    def spy(self, columns, *rest, **named):
        read.extend(columns)
        return batches(self, columns, *rest, **named)

    monkeypatch.setattr(table_source.ParquetSource, "batches", spy)
    pq.write_table(orders(ROWS), tmp_path / "t.parquet")
    assert validate(ORDERS, tmp_path / "t.parquet").passed
    assert "status" in read
    assert "customer" not in read


def test_a_decimal_bound_is_compared_with_its_scale(tmp_path: Path) -> None:
    net = [Decimal("-0.0001"), *[Decimal(number) for number in range(1, ROWS)]]
    table = orders(ROWS, net=net, tax=[None] * ROWS)
    assert failing(validate(ORDERS, by_duckdb(table, tmp_path / "t.parquet"))) == {"net is at least 0": 1}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["0001", "0002", "00023", None]),
            st.integers(0, 3),
            st.sampled_from(["open", "void", "lost", None]),
            st.sampled_from(["a", "", None]),
        ),
        max_size=30,
    )
)
def test_the_verdict_is_what_a_plain_loop_finds(rows: list[tuple[object, ...]]) -> None:
    ids, versions, statuses, customers = zip(*rows, strict=True) if rows else ((), (), (), ())
    table = orders(
        len(rows), order_id=list(ids), version=list(versions), status=list(statuses), customer=list(customers)
    )
    table = table.set_column(3, "paid_day", pa.array([None] * len(rows), pa.date32()))
    contract = replace(ORDERS, sort_key=(), checks=ORDERS.checks[3:])
    keyed = list(zip(ids, versions, strict=True))
    live = [one for one, status in zip(ids, statuses, strict=True) if status != "void"]
    wanted = {
        "order_id is filled": sum(one is None for one in ids),
        "status is filled": sum(one is None for one in statuses),
        "customer is filled": sum(one is None for one in customers),
        "order_id is 4 bytes long": ids.count("00023"),
        "version is at least 1": versions.count(0),
        "status is one of open, paid, void": statuses.count("lost"),
        "customer is not empty": customers.count(""),
        "order_id, version unique": sum(keyed.count(key) > 1 for key in keyed),
        "order_id unique where status is not void": sum(live.count(one) > 1 for one in live),
    }
    assert failing(validate(contract, table)) == {rule: rows for rule, rows in wanted.items() if rows}


def test_a_hash_that_two_keys_share_accuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "HASHES_AT_ONCE", 10**6)
    fetched = keys._fetched

    def colliding(connection, query, most):
        hashes = fetched(connection, query, most)
        hashes[:2] = hashes[0]  # the hashes of two different keys now meet
        return hashes

    monkeypatch.setattr(keys, "_fetched", colliding)
    assert validate(ORDERS, orders(ROWS)).passed


def test_the_pandera_schema_stands_alone() -> None:
    import pandera.errors

    schema = pandera_schema(ORDERS)
    schema.validate(arrow_frame(orders(ROWS)), lazy=True)
    with pytest.raises(pandera.errors.SchemaErrors) as refused:
        schema.validate(arrow_frame(changed("status", 8, "lost")), lazy=True)
    assert "one of open, paid, void" in str(refused.value)


def test_the_order_of_strings_is_that_of_their_bytes(tmp_path: Path) -> None:
    contract: Contract = replace(ORDERS, sort_key=("customer",), primary_key=("order_id",))
    names = sorted(["Zoe", "abe", "Ärger", "é", "z", "日本", "🍞", ""][:7], key=lambda text: text.encode())
    table = orders(7, customer=names, day=[None] * 7)
    assert validate(contract, by_duckdb(table, tmp_path / "t.parquet")).passed
    random.Random(1).shuffle(names)
    table = orders(7, customer=names, day=[None] * 7)
    assert not validate(contract, by_duckdb(table, tmp_path / "u.parquet")).passed
