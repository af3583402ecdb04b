"""Write, check, switch: readers see all old tables or all new ones, and a bad table changes nothing."""

import json
import shutil
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsr_pipeline.lake.contracts.bank import TRANSFERS
from dsr_pipeline.lake.errors import (
    ContractBroken,
    DamagedTable,
    LakeError,
    MissingTable,
    NotStaged,
    SchemaMoved,
)
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import NOTES, ORDERS, TOTALS, orders, totals, write


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def counted(lake: Lake) -> tuple[int, int]:
    """Rows of the orders, and what the totals say of them."""
    return lake.read(ORDERS).num_rows, lake.read(TOTALS).column("orders")[0].as_py()


def files(lake: Lake, table: str) -> list[str]:
    return lake.storage.names(f"shop/{table}")


def test_tables_that_keep_their_contracts_are_switched_together(lake: Lake) -> None:
    write(lake, 10)
    assert counted(lake) == (10, 10)
    write(lake, 20)
    assert counted(lake) == (20, 20)
    assert lake.read(ORDERS).schema == ORDERS.schema
    assert lake.read(ORDERS, ["net"]).to_pylist()[3] == {"net": Decimal(3)}


def test_one_bad_table_leaves_all_of_them_as_they_were(lake: Lake, tmp_path: Path) -> None:
    write(lake, 10)
    before = lake.group("shop").state()
    with lake.group("shop").writing(
        [ORDERS, TOTALS], run_id="bad", quarantine=tmp_path / "quarantine"
    ) as writer:
        writer.put(ORDERS, orders(20, status=["lost"] * 20))
        writer.put(TOTALS, totals(20))
        switch = writer.switch()
    assert not switch.switched
    assert switch.verdicts["totals"].passed
    with pytest.raises(ContractBroken, match="status is one of open, paid, void \\(20 rows, first 0\\)"):
        switch.raise_if_refused()
    assert counted(lake) == (10, 10)
    assert lake.group("shop").state() == before
    assert pq.read_metadata(tmp_path / "quarantine" / "shop" / "orders" / "bad.parquet").num_rows == 20


def test_the_last_verdict_is_there_for_the_check_to_report(lake: Lake, tmp_path: Path) -> None:
    write(lake, 10)
    assert lake.group("shop").verdicts()["orders"].passed
    with lake.group("shop").writing([ORDERS], run_id="bad", quarantine=tmp_path / "quarantine") as writer:
        writer.put(ORDERS, orders(100, customer=[""] * 100))
        writer.switch()
    verdict = lake.group("shop").verdicts()["orders"]
    assert not verdict.passed
    assert verdict.run_id == "bad"
    assert verdict.failing_rows == 100
    assert verdict.failures[0].rule == "customer is not empty"
    assert 0 < len(verdict.sample) < 100
    assert verdict.sample[0]["order_id"] == "0000"
    assert verdict.quarantine == str(tmp_path / "quarantine" / "shop" / "orders" / "bad.parquet")
    assert "customer is not empty (100 rows, first 0)" in verdict.message
    assert lake.group("shop").verdicts()["totals"].passed
    write(lake, 5)
    assert lake.group("shop").verdicts()["orders"].passed


def test_a_null_where_none_may_be_is_a_failing_row_and_no_crash(lake: Lake) -> None:
    with lake.group("shop").writing([ORDERS], run_id="r") as writer:
        writer.put(ORDERS, orders(3, net=[Decimal(0), None, Decimal(2)]))
        switch = writer.switch()
    assert [failure.rule for failure in switch.verdicts["orders"].failures] == ["net is filled"]


def test_leaving_without_a_switch_changes_nothing(lake: Lake) -> None:
    write(lake, 10)
    with lake.group("shop").writing([ORDERS], run_id="r") as writer:
        writer.put(ORDERS, orders(20))
    assert counted(lake) == (10, 10)
    with suppress(ZeroDivisionError), lake.group("shop").writing([ORDERS], run_id="r") as writer:
        writer.put(ORDERS, orders(20))
        raise ZeroDivisionError
    assert counted(lake) == (10, 10)


def test_a_promised_table_must_be_written_or_kept(lake: Lake) -> None:
    with lake.group("shop").writing([ORDERS, TOTALS], run_id="r") as writer:
        writer.put(ORDERS, orders(1))
        with pytest.raises(NotStaged, match="totals not written"):
            writer.switch()
    write(lake, 10)
    with lake.group("shop").writing([ORDERS, TOTALS], run_id="r") as writer:
        writer.put(ORDERS, orders(20))
        writer.keep(TOTALS)
        writer.switch().raise_if_refused()
    assert counted(lake) == (20, 10)


def test_a_table_that_was_never_written_cannot_be_kept(lake: Lake) -> None:
    with lake.group("shop").writing([ORDERS], run_id="r") as writer, pytest.raises(MissingTable):
        writer.keep(ORDERS)


def test_tables_that_are_not_in_the_switch_stay_as_they_are(lake: Lake) -> None:
    write(lake, 10)
    with lake.group("shop").writing([TOTALS], run_id="r") as writer:
        writer.put(TOTALS, totals(99))
        writer.switch().raise_if_refused()
    assert counted(lake) == (10, 99)


def test_the_version_before_stays_for_its_readers_and_older_ones_go(lake: Lake) -> None:
    write(lake, 1)
    path = lake.table_path(ORDERS)
    assert path is not None
    write(lake, 2)
    assert duckdb.execute(f"select count(*) from '{path}'").fetchone() == (1,)
    write(lake, 3)
    assert not Path(path).exists()
    assert files(lake, "orders") == ["00000002.parquet", "00000003.parquet"]


def test_what_a_crash_left_behind_is_removed(lake: Lake) -> None:
    write(lake, 1)
    staging = lake.storage.path("shop/.staging")
    staging.mkdir()
    (staging / "orders.parquet").write_bytes(b"half")
    orphan = lake.storage.path("shop/orders/00000002.parquet")
    orphan.write_bytes(b"half")
    write(lake, 2)
    write(lake, 3)
    assert not staging.exists()
    assert files(lake, "orders") == ["00000002.parquet", "00000003.parquet"]
    assert counted(lake) == (3, 3)


def test_a_version_is_read_only_so_that_an_export_cannot_change_it(lake: Lake) -> None:
    write(lake, 1)
    assert Path(lake.table_path(ORDERS)).stat().st_mode & 0o222 == 0


def test_inputs_are_found_again(lake: Lake) -> None:
    with lake.group("shop").writing([TOTALS], run_id="r") as writer:
        assert writer.inputs == {}
        writer.inputs["seen"] = ["a.csv"]
        writer.put(TOTALS, totals(1))
        writer.switch()
    with lake.group("shop").writing([TOTALS], run_id="s") as writer:
        assert writer.inputs == {"seen": ["a.csv"]}
        assert writer.before.run_id == "r"
        writer.inputs["seen"] = []
        writer.put(TOTALS, pa.table({"name": ["a", "a"], "orders": [1, 2]}))
        assert not writer.switch().switched
    assert lake.group("shop").state().inputs == {"seen": ["a.csv"]}


def test_duckdb_writes_a_staged_table_itself(lake: Lake) -> None:
    with duckdb.connect() as connection, lake.group("shop").writing([ORDERS], run_id="r") as writer:
        connection.register("given", orders(50).take(list(range(49, -1, -1))))
        writer.copy(ORDERS, connection, "select * from given where net < 30")
        writer.switch().raise_if_refused()
    assert lake.read(ORDERS).column("order_id").to_pylist() == [f"{n:04d}" for n in range(30)]


def test_rows_that_were_promised_in_order_and_are_not_do_not_pass(lake: Lake) -> None:
    with duckdb.connect() as connection, lake.group("shop").writing([ORDERS], run_id="r") as writer:
        connection.register("given", orders(50).take(list(range(49, -1, -1))))
        writer.copy(ORDERS, connection, "from given", presorted=True)
        switch = writer.switch()
    assert [f.rule for f in switch.verdicts["orders"].failures] == ["rows sorted by day, order_id, version"]


def test_a_staged_file_of_another_schema_is_refused_by_name(lake: Lake) -> None:
    with lake.group("shop").writing([ORDERS], run_id="r") as writer:
        pq.write_table(orders(2).drop_columns(["tax"]), writer.stage_path(ORDERS))
        with pytest.raises(SchemaMoved, match="column tax"):
            writer.adopt(ORDERS)
        with pytest.raises(NotStaged):
            writer.switch()


def test_a_table_whose_schema_moved_names_file_column_both_types_and_the_mend(lake: Lake) -> None:
    write(lake, 3)
    path = Path(lake.table_path(ORDERS))
    moved = orders(3).set_column(1, "version", pa.array([1, 1, 1], pa.int64()))
    path.unlink()
    pq.write_table(moved, path)
    with pytest.raises(SchemaMoved) as refused:
        lake.read(ORDERS)
    error = refused.value
    assert (error.file, error.column, error.expected, error.found) == (str(path), "version", "int32", "int64")
    assert str(error) == (
        f"shop/orders in {path}: column version is int64, the contract says int32; "
        "the contract has changed since it was written: run the job that makes the table"
    )
    write(lake, 4)
    assert lake.read(ORDERS).num_rows == 4


def test_a_table_under_another_promise_cannot_be_kept(lake: Lake) -> None:
    write(lake, 3)
    path = lake.storage.path("shop/_current.json")
    state = json.loads(path.read_text())
    state["tables"]["orders"]["contract_hash"] = "another"
    path.write_text(json.dumps(state))
    with lake.group("shop").writing([ORDERS], run_id="r") as writer, pytest.raises(MissingTable):
        writer.keep(ORDERS)


def test_a_table_that_was_never_written_says_so(lake: Lake) -> None:
    with pytest.raises(MissingTable, match="bank/transfers was never written"):
        lake.read("bank/transfers")
    assert lake.table_path(TRANSFERS) is None
    assert lake.tables() == {}
    with pytest.raises(LakeError, match="there is no table bank/nothing"):
        lake.read("bank/nothing")


def test_the_tables_of_a_lake_are_listed(lake: Lake) -> None:
    write(lake, 7, run_id="monday")
    listed = lake.tables()
    assert list(listed) == ["shop/orders", "shop/totals"]
    assert listed["shop/orders"].rows == 7
    assert listed["shop/orders"].run_id == "monday"
    assert listed["shop/orders"].bytes == Path(lake.table_path(ORDERS)).stat().st_size


def test_a_lake_can_be_moved(lake: Lake, tmp_path: Path) -> None:
    write(lake, 7)
    shutil.move(tmp_path / "lake", tmp_path / "elsewhere")
    assert counted(Lake(tmp_path / "elsewhere")) == (7, 7)
    assert counted(Lake((tmp_path / "elsewhere").as_uri())) == (7, 7)


def test_two_tables_are_read_from_one_switch(lake: Lake) -> None:
    write(lake, 1)
    group = lake.group("shop")
    state = group.state()
    write(lake, 2)
    assert group.read(ORDERS, state=state).num_rows == 1
    assert group.read(TOTALS, state=state).column("orders").to_pylist() == [1]
    write(lake, 3)
    with pytest.raises(LakeError, match="replaced twice"):
        group.read(ORDERS, state=state)


def test_a_state_file_that_something_else_wrote_is_named(lake: Lake) -> None:
    write(lake, 1)
    path = lake.storage.path("shop/_current.json")
    path.write_text('{"tables": 3}')
    with pytest.raises(LakeError, match=r"shop/_current\.json is not what the program writes"):
        lake.read(ORDERS)


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", ".hidden"])
def test_a_run_id_that_cannot_name_a_file_is_refused(lake: Lake, run_id: str) -> None:
    with pytest.raises(LakeError, match="run id"), lake.group("shop").writing([ORDERS], run_id=run_id):
        pass


@pytest.mark.parametrize("contract", [TRANSFERS, NOTES], ids=["of another group", "append-only"])
def test_a_group_switches_its_own_derived_tables_only(lake: Lake, contract) -> None:
    with (
        pytest.raises(LakeError, match="cannot be switched with"),
        lake.group("shop").writing([contract], run_id="r"),
    ):
        pass


def test_a_table_that_was_not_promised_is_not_written(lake: Lake) -> None:
    with (
        lake.group("shop").writing([ORDERS], run_id="r") as writer,
        pytest.raises(LakeError, match="not among the tables"),
    ):
        writer.put(TOTALS, totals(1))


def test_a_writer_switches_once(lake: Lake) -> None:
    with lake.group("shop").writing([TOTALS], run_id="r") as writer:
        writer.put(TOTALS, totals(1))
        writer.switch().raise_if_refused()
        writer.put(TOTALS, totals(2))
        with pytest.raises(LakeError, match="switched already"):
            writer.switch()
    assert lake.read(TOTALS).column("orders").to_pylist() == [1]


def test_inputs_that_are_no_json_change_nothing(lake: Lake) -> None:
    write(lake, 1)
    with lake.group("shop").writing([TOTALS], run_id="r") as writer:
        writer.put(TOTALS, totals(2))
        writer.inputs["seen"] = {1, 2}
        with pytest.raises(TypeError):
            writer.switch()
    assert counted(lake) == (1, 1)
    assert files(lake, "totals") == ["00000001.parquet"]


def test_a_long_value_is_cut_in_the_verdict_and_whole_in_quarantine(lake: Lake, tmp_path: Path) -> None:
    with lake.group("shop").writing([ORDERS], run_id="r", quarantine=tmp_path) as writer:
        writer.put(ORDERS, orders(1, status=["x" * 10_000]))
        writer.switch()
    assert len(str(lake.group("shop").verdicts()["orders"].sample[0]["status"])) == 300
    kept = pq.read_table(tmp_path / "shop" / "orders" / "r.parquet").column("status")
    assert len(kept[0].as_py()) == 10_000


def test_a_reader_that_two_switches_overtook_asks_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write(lake, 1)
    opened = lake.storage.open
    overtaken = iter([2, 3])

    def overtake(path: str) -> object:
        for count in overtaken:
            write(lake, count)
        return opened(path)

    monkeypatch.setattr(lake.storage, "open", overtake)
    assert lake.read(ORDERS).num_rows == 3


def test_a_version_that_is_gone_for_good_is_an_error(lake: Lake) -> None:
    write(lake, 1)
    Path(lake.table_path(ORDERS)).unlink()
    with pytest.raises(LakeError, match=r"00000001\.parquet is gone: run the job that makes shop/orders"):
        lake.read(ORDERS)


def test_a_file_that_was_cut_off_is_named_with_its_table(lake: Lake) -> None:
    write(lake, 20)
    file = Path(lake.table_path(ORDERS))
    whole = file.read_bytes()
    file.chmod(0o644)
    for damaged in (whole[: len(whole) // 2], b""):
        file.write_bytes(damaged)
        with pytest.raises(DamagedTable, match=r"shop/orders: .*00000001\.parquet is damaged .* backup"):
            lake.read(ORDERS)
