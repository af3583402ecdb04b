"""The star: every live transaction once, every key found in its dimension, names that stay."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dsr_pipeline.lake.contracts.powerbi import CONTRACTS, FACT_TRANSACTIONS, UNKNOWN_KEY
from dsr_pipeline.lake.errors import MissingTable
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.powerbi.build import Built, build
from dsr_pipeline.powerbi.calendar import Calendar
from dsr_pipeline.powerbi.star import AccountFacts, RuleFacts, StarSources
from dsr_pipeline_tests.bank_world import lake_with

ROWS: list[dict[str, Any]] = [
    {},
    {"occurrence": 2},
    {"status": "superseded", "pending": True},
    {
        "date": None,
        "post_date": None,
        "status": "pending",
        "pending": True,
        "merchant": None,
    },
    {
        "account": "hill:2",
        "owner": "alex",
        "currency": "EUR",
        "amount": Decimal("0.0001"),
        "transfer_id": "b" * 32,
    },
    {"account": "hill:2", "owner": "sam", "currency": "USD", "date": date(2027, 3, 1), "rule": "unheard_of"},
]
SOURCES = StarSources(
    accounts={"riverbank:1": AccountFacts("River Bank", "checking", "USD")},
    rules={"riverbank": RuleFacts("River Bank of the rule", "card")},
    category_groups={"coffee": "eating out"},
    calendar=Calendar(),
)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_with(Lake(tmp_path / "lake"), ROWS)


def made(lake: Lake, tmp_path: Path, sources: StarSources = SOURCES, run_id: str = "run") -> Built:
    return build(lake, sources, tmp_path / "powerbi", run_id=run_id)


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return pq.read_table(folder / f"{table}.parquet").to_pylist()


def test_the_fact_holds_every_live_transaction_once_with_its_amount(lake: Lake, tmp_path: Path) -> None:
    facts = rows(made(lake, tmp_path).folder, "fact_transactions")
    assert len(facts) == 5
    assert sum(fact["amount"] for fact in facts) == Decimal("-5.45") * 4 + Decimal("0.0001")
    assert [fact["is_transfer"] for fact in facts] == [False, False, False, True, False]


def test_every_key_of_the_fact_is_in_its_dimension_once(lake: Lake, tmp_path: Path) -> None:
    folder = made(lake, tmp_path).folder
    facts = rows(folder, "fact_transactions")
    for dimension, keys in {
        "date": ("date_key", "post_date_key"),
        "account": ("account_key",),
        "merchant": ("merchant_key",),
        "category": ("category_key",),
    }.items():
        members = [row[f"{dimension}_key"] for row in rows(folder, f"dim_{dimension}")]
        assert len(set(members)) == len(members)
        assert UNKNOWN_KEY in members
        for key in keys:
            assert {fact[key] for fact in facts} <= set(members)


def test_what_is_missing_points_to_unknown_and_is_never_blank(lake: Lake, tmp_path: Path) -> None:
    facts = rows(made(lake, tmp_path).folder, "fact_transactions")
    undated = next(fact for fact in facts if fact["date"] is None)
    assert [undated[key] for key in ("date_key", "post_date_key", "merchant_key")] == [-1] * 3
    assert facts[0]["date_key"] == 20260105


def test_accounts_are_described_by_accounts_yaml_then_by_their_rule_then_by_their_rows(
    lake: Lake, tmp_path: Path
) -> None:
    accounts = {row["account"]: row for row in rows(made(lake, tmp_path).folder, "dim_account")}
    assert accounts["riverbank:1"] | {"account_key": 0} == {
        "account_key": 0,
        "account": "riverbank:1",
        "institution": "River Bank",
        "kind": "checking",
        "currency": "USD",
        "owner": "alex",
    }
    assert (accounts["hill:2"]["institution"], accounts["hill:2"]["currency"]) == ("Unknown", None)
    assert accounts["hill:2"]["owner"] == "alex, sam"
    told_by_rule = StarSources({}, SOURCES.rules, {}, Calendar())
    again = {row["account"]: row for row in rows(made(lake, tmp_path, told_by_rule).folder, "dim_account")}
    assert (again["riverbank:1"]["institution"], again["riverbank:1"]["kind"]) == (
        "River Bank of the rule",
        "card",
    )


def test_dates_cover_whole_years_from_the_first_to_the_last(lake: Lake, tmp_path: Path) -> None:
    days = rows(made(lake, tmp_path).folder, "dim_date")
    assert (days[1]["date"], days[-1]["date"], len(days)) == (date(2026, 1, 1), date(2027, 12, 31), 731)


def test_power_bi_gets_plain_types_in_snappy_under_stable_names(lake: Lake, tmp_path: Path) -> None:
    folder = made(lake, tmp_path).folder
    assert sorted(file.name for file in folder.iterdir()) == [
        "_manifest.json",
        *sorted(f"{contract.table}.parquet" for contract in CONTRACTS),
    ]
    for contract in CONTRACTS:
        file = pq.ParquetFile(folder / f"{contract.table}.parquet")
        assert file.metadata.row_group(0).column(0).compression == "SNAPPY"
        # Arrow's own notes would make other readers take dictionaries for categories.
        assert b"ARROW:schema" not in (file.metadata.metadata or {})
        assert [field.name for field in file.schema_arrow] == list(contract.names)


def test_the_manifest_names_every_file_with_its_rows_and_hash(lake: Lake, tmp_path: Path) -> None:
    import hashlib

    folder = made(lake, tmp_path).folder
    manifest = json.loads((folder / "_manifest.json").read_text())
    assert manifest["data_as_of"] == "2027-03-01"
    for table in manifest["tables"]:
        content = (folder / table["file"]).read_bytes()
        assert table["sha256"] == hashlib.sha256(content).hexdigest()
        assert table["rows"] == pq.read_metadata(folder / table["file"]).num_rows


def test_nothing_new_writes_nothing_and_something_new_does(lake: Lake, tmp_path: Path) -> None:
    assert made(lake, tmp_path, run_id="one").written
    before = (tmp_path / "powerbi" / "_manifest.json").stat().st_mtime_ns
    assert not made(lake, tmp_path, run_id="two").written
    assert (tmp_path / "powerbi" / "_manifest.json").stat().st_mtime_ns == before
    assert made(lake, tmp_path, StarSources({}, {}, {}, Calendar()), run_id="three").written
    lake_with(lake, ROWS[:2], "later")
    assert made(lake, tmp_path, run_id="four").written
    assert len(rows(tmp_path / "powerbi", "fact_transactions")) == 2


def test_a_file_that_somebody_removed_comes_back(lake: Lake, tmp_path: Path) -> None:
    folder = made(lake, tmp_path).folder
    (folder / "dim_date.parquet").unlink()
    assert not made(lake, tmp_path).written
    assert (folder / "dim_date.parquet").exists()


def test_the_same_transactions_give_the_same_bytes(lake: Lake, tmp_path: Path) -> None:
    folder = made(lake, tmp_path).folder
    again = build(lake_with(Lake(tmp_path / "other"), ROWS), SOURCES, tmp_path / "again", run_id="x").folder
    for contract in CONTRACTS:
        name = f"{contract.table}.parquet"
        assert (folder / name).read_bytes() == (again / name).read_bytes()


def test_a_star_that_breaks_its_contract_leaves_the_old_one_in_place(lake: Lake, tmp_path: Path) -> None:
    """A refresh in Power BI must never meet half of a new star or a broken one."""
    folder = made(lake, tmp_path, run_id="good").folder
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    lake_with(lake, [{"merchant": ""}], "bad")
    built = build(lake, SOURCES, folder, run_id="bad", quarantine=tmp_path / "quarantine")
    assert built.written
    assert not built.switched
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    verdict = lake.group("powerbi").verdicts()["dim_merchant"]
    assert not verdict.passed
    assert verdict.quarantine is not None
    assert Path(verdict.quarantine).exists()


def test_before_the_first_import_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(MissingTable, match="bank/transactions was never written: run the job"):
        made(Lake(tmp_path / "empty"), tmp_path)


def test_an_empty_bank_gives_an_empty_fact_and_the_unknown_rows(tmp_path: Path) -> None:
    folder = made(lake_with(Lake(tmp_path / "lake"), []), tmp_path).folder
    assert rows(folder, "fact_transactions") == []
    assert [len(rows(folder, f"dim_{name}")) for name in ("date", "account", "merchant", "category")] == [
        1
    ] * 4
    assert pq.read_schema(folder / "fact_transactions.parquet").names == list(FACT_TRANSACTIONS.names)
