"""The declared contracts: what the interfaces promise, and the page that is made from them."""

from pathlib import Path

import pyarrow as pa
import pytest

from dsr_pipeline.lake.constraints import NotAfter, UniqueAmong
from dsr_pipeline.lake.contract import Column, Contract, ContractError
from dsr_pipeline.lake.contracts import ALL, VIEWS, of_group
from dsr_pipeline.lake.table_docs import COMMAND, markdown

BANK_COLUMNS = {
    "files": "file sha256 status rule rule_version score runner_up reason encoding lines accepted excluded "
    "quarantined date_min date_max amount_sum account balance_verdict opening closing",
    "transactions": "txn_key account owner date post_date amount currency description payee merchant "
    "event_type category category_src balance pending source_id status transfer_id extras rule rule_version "
    "file file_sha256 line_no occurrence seen_in",
    "excluded": "file line_no reason text",
    "quarantine": "file line_no reason column value raw",
    "transfers": "transfer_id from_key to_key amount currency days_apart evidence",
    "review_items": "kind keys reason score",
    "key_aliases": "old_key new_key reason since_utc",
}
PLAIN_TYPES = {
    pa.string(),
    pa.int64(),
    pa.bool_(),
    pa.date32(),
    pa.timestamp("us"),
    pa.decimal128(18, 4),
    pa.decimal128(18, 6),
}


@pytest.mark.parametrize("table", BANK_COLUMNS)
def test_bank_tables_have_exactly_the_published_columns(table: str) -> None:
    # Users' queries and Power BI models name these columns: one is only ever added, at the end.
    assert ALL[f"bank/{table}"].names == tuple(BANK_COLUMNS[table].split())


def test_there_is_no_bank_table_that_is_not_published() -> None:
    assert {contract.table for contract in of_group("bank")} == set(BANK_COLUMNS)


@pytest.mark.parametrize("key", ALL)
def test_money_is_exact_and_instants_say_that_they_are_utc(key: str) -> None:
    for column in ALL[key].columns:
        assert not pa.types.is_floating(column.type)
        if pa.types.is_timestamp(column.type):
            assert column.name.endswith("_utc")
            assert column.type == pa.timestamp("us")
        if pa.types.is_decimal(column.type):
            assert column.type in (pa.decimal128(18, 4), pa.decimal128(18, 6))


@pytest.mark.parametrize("contract", of_group("powerbi"), ids=lambda contract: contract.table)
def test_power_bi_tables_have_plain_types_snappy_and_filled_keys(contract: Contract) -> None:
    assert contract.compression == "snappy"
    for column in contract.columns:
        assert column.type in PLAIN_TYPES
        if column.name.endswith("_key"):
            assert not column.nullable


@pytest.mark.parametrize("key", ALL)
def test_every_column_says_what_it_means(key: str) -> None:
    for field in ALL[key].schema:
        assert field.metadata is not None
        assert len(field.metadata[b"description"]) > 3


def test_views_read_a_declared_table() -> None:
    assert "bank/live_transactions" in VIEWS
    assert all(view.reads in ALL for view in VIEWS.values())


def test_the_page_of_tables_is_current(project: Path) -> None:
    written = (project / "docs" / "tables.md").read_text(encoding="utf-8")
    assert written == markdown(ALL.values()), f"run: {COMMAND}"


def test_the_page_tells_keys_nulls_units_and_rules() -> None:
    page = markdown([ALL["bank/transactions"]])
    assert "| `amount` | decimal128(18, 4) | Amount; money out is negative. | currency |" in page
    assert "| `payee` | string, *null* |" in page
    assert "key: `txn_key`, `status`, `file_sha256`, `line_no`" in page
    assert "txn_key unique where status is not superseded" in page


def contract(**changed: object) -> Contract:
    given: dict[str, object] = {
        "group": "shop",
        "table": "things",
        "meaning": "Things.",
        "grain": "one row per thing",
        "primary_key": ("a",),
        "sort_key": ("a",),
        "kind": "derived",
        "owner": "shop",
        "columns": (Column("a", pa.int64(), "A."), Column("b", pa.string(), "B.", True)),
    }
    return Contract(**(given | changed))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"primary_key": ("c",)}, "no column 'c'"),
        ({"sort_key": ("c",)}, "no column 'c'"),
        ({"primary_key": ("b",)}, "may not be null"),
        ({"checks": (NotAfter("a", "c"),)}, "no column 'c'"),
        ({"checks": (UniqueAmong(("a",), "c", ()),)}, "no column 'c'"),
        ({"columns": (Column("a", pa.int64(), "A."),) * 2}, "twice"),
        ({"columns": (Column("a", pa.float64(), "A."),)}, "not a type of a table"),
        ({"columns": (Column("a", pa.list_(pa.int64()), "A."),)}, "not a type of a table"),
    ],
)
def test_a_contract_that_contradicts_itself_does_not_load(changed: dict[str, object], told: str) -> None:
    with pytest.raises(ContractError, match=told):
        contract(**changed)


def test_the_hash_follows_the_promise_and_not_the_wording() -> None:
    said_otherwise = (Column("a", pa.int64(), "Another wording."), Column("b", pa.string(), "B.", True))
    promised_otherwise = (Column("a", pa.int64(), "A."), Column("b", pa.string(), "B."))
    assert contract(columns=said_otherwise).hash == contract().hash
    assert contract(columns=promised_otherwise).hash != contract().hash
    assert contract(checks=(NotAfter("a", "a"),)).hash != contract().hash
