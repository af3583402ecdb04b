"""`dsr sql`: every table is there to read, and nothing else can be done."""

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from dsr_pipeline.lake.contracts.bank import KEY_ALIASES, TRANSACTIONS, TRANSFERS
from dsr_pipeline.lake.errors import NotReadOnly
from dsr_pipeline.lake.locks import FileLocks
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.views import add_views, connect, query

INSTANT = datetime.fromisoformat("2026-01-17T08:00")
TRANSFER = pa.table(
    {
        "transfer_id": ["a" * 32],
        "from_key": ["b" * 32],
        "to_key": ["c" * 32],
        "amount": pa.array([Decimal("12.50")], pa.decimal128(18, 4)),
        "currency": ["EUR"],
        "days_apart": pa.array([1], pa.int32()),
        "evidence": ["reference 123"],
    }
)


def transactions() -> pa.Table:
    """Two transactions, one of which was restated."""
    values: dict[str, object] = {
        "txn_key": ["a" * 32, "b" * 32, "b" * 32],
        "account": "bank:1",
        "amount": [Decimal(-1), Decimal(2), Decimal(3)],
        "description": "Coffee",
        "event_type": "purchase",
        "category": "food",
        "pending": False,
        "status": ["posted", "posted", "superseded"],
        "date": [date(2026, 1, day) for day in (1, 2, 2)],
        "rule": "bank",
        "rule_version": 1,
        "file": "a.csv",
        "file_sha256": "f" * 64,
        "line_no": [2, 3, 4],
        "occurrence": 1,
        "seen_in": '["a.csv"]',
    }
    arrays = [
        pa.array(value if isinstance(value := values.get(c.name), list) else [value] * 3, c.type)
        for c in TRANSACTIONS.columns
    ]
    return pa.Table.from_arrays(arrays, names=list(TRANSACTIONS.names))


@pytest.fixture(params=["local", "memory"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    url = tmp_path / "lake" if request.param == "local" else f"memory://{tmp_path}/lake"
    lake = Lake(url, locks=FileLocks(tmp_path / "locks"))
    with lake.group("bank").writing([TRANSFERS, TRANSACTIONS], run_id="r") as writer:
        writer.put(TRANSFERS, TRANSFER)
        writer.put(TRANSACTIONS, transactions())
        writer.switch().raise_if_refused()
    return lake


@pytest.fixture
def connection(lake: Lake, tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return connect(lake, spill=tmp_path / "spill")


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select amount from bank.transfers", [(Decimal("12.5000"),)]),
        ('select sum(amount) from "bank"."live_transactions"', [(Decimal("1.0000"),)]),
        ("with t as (from bank.transactions) select count(*) from t", [(3,)]),
        ("select count(*) from bank.key_aliases", [(0,)]),
        ("select count(*) from bank.transfers; select 7", [(7,)]),
        ("values (1)", [(1,)]),
    ],
)
def test_tables_views_and_logs_can_be_asked(
    connection: duckdb.DuckDBPyConnection, sql: str, rows: list[tuple[object, ...]]
) -> None:
    assert query(connection, sql).fetchall() == rows


@pytest.mark.parametrize(
    "sql",
    ["describe bank.transfers", "show all tables", "summarize bank.transfers", "explain from bank.transfers"],
)
def test_what_describes_the_tables_is_reading_too(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert query(connection, sql).fetchall()


def test_a_log_shows_what_was_appended(lake: Lake) -> None:
    row = {"old_key": "a" * 32, "new_key": "b" * 32, "reason": "account mapped", "since_utc": INSTANT}
    lake.log(KEY_ALIASES).append(pa.Table.from_pylist([row], schema=KEY_ALIASES.schema))
    assert query(connect(lake), "select new_key from bank.key_aliases").fetchall() == [("b" * 32,)]


@pytest.mark.parametrize(
    "sql",
    [
        "create table x as select 1",
        "create view bank.x as select 1",
        "insert into bank.transfers select * from bank.transfers",
        "update bank.transfers set amount = 0",
        "delete from bank.transfers",
        "drop view bank.transfers",
        "copy bank.transfers to '{out}'",
        "export database '{out}'",
        "attach '{out}' as other",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "set enable_external_access = true",
        "reset lock_configuration",
        "pragma database_list",
        "call pragma_version()",
        "use bank",
        "begin",
        "vacuum",
        "prepare p as select 1",
        "explain analyze copy bank.transfers to '{out}'",
        "explain analyze create table x as select 1",
        "explain (analyze) copy bank.transfers to '{out}'",
        "/* */ explain analyze copy bank.transfers to '{out}'",
        "select 1; drop view bank.transfers",
        "",
        "-- nothing",
    ],
)
def test_everything_else_is_refused_by_its_kind(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, sql: str
) -> None:
    with pytest.raises(NotReadOnly):
        query(connection, sql.format(out=tmp_path / "out.csv"))
    assert not (tmp_path / "out.csv").exists()
    assert query(connection, "select count(*) from bank.transfers").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "source",
    [
        "read_text('{secret}')",
        "read_csv('{secret}')",
        "read_blob('{secret}')",
        "'{secret}'",
        "glob('{folder}/*')",
        "read_text('{folder}/*')",
        "read_parquet('{folder}/other.parquet')",
    ],
)
def test_no_other_file_can_be_read(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, source: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("token\nhush\n")
    duckdb.execute(f"copy (select 1) to '{tmp_path / 'other.parquet'}' (format parquet)")
    with pytest.raises(duckdb.PermissionException):
        query(connection, f"select * from {source.format(secret=secret, folder=tmp_path)}")


def test_nothing_can_be_written_even_past_the_statement_check(
    connection: duckdb.DuckDBPyConnection, lake: Lake, tmp_path: Path
) -> None:
    """The connection itself is shut: the check of statements is the second door, not the only one."""
    for sql in (
        f"copy bank.transfers to '{tmp_path / 'out.csv'}'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        f"attach '{tmp_path / 'other.db'}'",
        "load httpfs",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(sql)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == []
    del lake


def test_variables_of_the_program_are_not_tables(connection: duckdb.DuckDBPyConnection) -> None:
    private = pa.table({"token": ["hush"]})
    with pytest.raises(duckdb.CatalogException):
        query(connection, "select * from private")
    del private


def test_the_environment_cannot_be_asked(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "DSR_TEST_TOKEN", "hush")
    with pytest.raises(duckdb.CatalogException):
        query(connection, "select getenv('DSR_TEST_TOKEN')")


def test_a_large_sort_may_spill(lake: Lake, tmp_path: Path) -> None:
    connection = connect(lake, memory="100MB", spill=tmp_path / "spill")
    found = query(
        connection,
        "select x from (select hash(i) x from range(20_000_000) r(i)) order by x limit 1 offset 15_000_000",
    )
    assert len(found.fetchall()) == 1


def test_a_room_gets_the_same_views_on_its_own_connection(lake: Lake) -> None:
    with duckdb.connect() as connection:
        assert len(add_views(connection, lake, ["bank"])) == 2
        assert connection.execute("select count(*) from bank.live_transactions").fetchone() == (2,)


def test_a_lake_without_tables_has_the_logs_alone(tmp_path: Path) -> None:
    connection = connect(Lake(tmp_path / "empty"))
    assert query(connection, "select count(*) from bank.key_aliases").fetchall() == [(0,)]
    with pytest.raises(duckdb.CatalogException):
        query(connection, "from bank.transfers")
