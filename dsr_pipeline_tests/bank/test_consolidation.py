"""Consolidation as a whole: rows kept and rows read again give the same tables, equal content equal bytes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsr_pipeline.bank import normalised_sql
from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline.bank.categories import Categories
from dsr_pipeline.bank.consolidation import ConsolidationPaths, consolidate
from dsr_pipeline.bank.keys import transaction_key
from dsr_pipeline.bank.merchants import Merchants, load_merchants
from dsr_pipeline.lake.coded import write_coded
from dsr_pipeline.lake.contracts.bank import REVIEW_ITEMS, TRANSACTIONS, TRANSFERS
from dsr_pipeline.lake.validation import validate
from dsr_pipeline.text import normalised
from dsr_pipeline_tests.bank.bank_worlds import NOW, File, Row, chained, run, write_segment

ACCOUNTS = Accounts.model_validate(
    {
        "accounts": {
            "home": {
                "aliases": ["4321", "Total (...4321)"],
                "owners": [
                    {"person": "alex", "from": "2020-01-01"},
                    {"person": "alex", "share": "1/2", "from": "2026-01-15"},
                    {"person": "sam", "share": "1/2", "from": "2026-01-15"},
                ],
            }
        }
    }
)
CATEGORIES = Categories.model_validate(
    {"sources": {"Food": "eating out"}, "source_events": {"Payment": "card_payment"}}
)


def everything() -> list[File]:
    """Several accounts and sources with a bit of all that can happen, among many plain rows."""
    dice = random.Random(7)
    shops = [
        "SQ *BLUE HERON 0412 AUSTIN TX",
        "Bäckerei Weiß",
        "HARBOR FUEL #7",
        "ATM WITHDRAWAL",
        "MONTHLY FEE",
    ]

    def rows(count: int, first: int) -> list[Row]:
        days = sorted(dice.randint(first, 28) for _ in range(count))
        return [
            Row(
                day,
                f"-{dice.randint(1, 9)}.50",
                dice.choice(shops) + dice.choice(["", f" {dice.randint(1, 10**9)}"]),
            )
            for day in days
        ]

    whole = chained(
        File("x", [*rows(60, 2), Row(28, "-77", "XFER"), Row(28, "-500", "TRANSFER 12345678")]), "9000"
    )
    first = [*whole.rows[:40], Row(None, "-3", "soon", pending=True)]
    return [
        File("1.csv", first, verdict="chained", opening="9000"),
        File("2.csv", whole.rows[30:], verdict="chained", opening=whole.rows[29].balance),
        File(
            "card.csv", [*rows(30, 1), Row(28, "500", "12345678", category="Payment")], label="9", kind="card"
        ),
        File("ids.csv", [Row(5, "-1", source_id=str(i), category="Food") for i in range(9)], label="7"),
        File(
            "agg.csv",
            [Row(day, f"-{day}.50", "SOMETHING", category="Food", payee="Some") for day in range(1, 10)],
            rule="agg",
            label="Total (...4321)",
            kind="aggregator",
        ),
    ]


def consolidated(
    folder: Path,
    files: Sequence[File],
    prepare: Callable[[duckdb.DuckDBPyConnection, list[Path]], None],
    rules: Merchants,
) -> tuple[Path, ...]:
    """The three tables, made from a relation `parsed` that `prepare` opens."""
    segments = [
        write_segment(file, folder / "segments") for file in sorted(files, key=lambda file: file.digest)
    ]
    out = ConsolidationPaths(
        *(folder / f"{name}.parquet" for name in ("transactions", "transfers", "review_items"))
    )
    with duckdb.connect() as con:
        normalised_sql.register(con)
        prepare(con, segments)
        facts = [file.fact for file in files]
        consolidate(con, None, facts, ACCOUNTS, rules, CATEGORIES, out, None, NOW)
    return out.transactions, out.transfers, out.review_items


def as_table(con: duckdb.DuckDBPyConnection, segments: list[Path]) -> None:
    """All rows in memory."""
    con.execute(
        "create temp table parsed as select * from read_parquet(?) order by file_sha256, line_no",
        [[str(path) for path in segments]],
    )


def as_view(con: duckdb.DuckDBPyConnection, segments: list[Path]) -> None:
    """Rows that every step reads again, and whose normalised text is computed when it is asked for."""
    con.execute("set threads = 2")
    parts = " union all by name ".join(
        f"(select * replace ({normalised_sql.FUNCTION}(description) as norm) from read_parquet('{path}'))"
        for path in segments
    )
    con.execute(f"create temp view parsed as {parts}")


@pytest.fixture
def rules(tmp_path: Path) -> Merchants:
    """Two merchant rules."""
    file = tmp_path / "merchants.csv"
    file.write_text(
        "priority,pattern,canonical,category\n1,BLUE HERON,Blue Heron,coffee\n2,WEIß,Weiß,\n",
        encoding="utf-8",
    )
    return load_merchants(file)


def test_rows_read_again_give_the_same_tables_as_rows_in_memory(tmp_path: Path, rules: Merchants) -> None:
    kept = consolidated(tmp_path / "kept", everything(), as_table, rules)
    again = consolidated(tmp_path / "again", everything(), as_view, rules)
    for one, other in zip(kept, again, strict=True):
        assert pq.read_table(one).to_pylist() == pq.read_table(other).to_pylist()
    rows = pq.read_table(kept[0]).to_pylist()
    assert {"posted", "superseded"} <= {row["status"] for row in rows}
    assert {"Blue Heron", "Weiß", "HARBOR FUEL"} <= {row["merchant"] for row in rows}
    assert {"alex", "alex+sam", None} <= {row["owner"] for row in rows}
    assert pq.read_table(kept[1]).num_rows == 1
    assert pq.read_table(kept[2]).num_rows > 1


def test_texts_that_no_sample_held_are_classified_on_the_way(tmp_path: Path, rules: Merchants) -> None:
    """With a sample of one line in sixteen most of these texts are first met in the last pass."""
    rows = [
        Row(5, f"-{i}", f"{'BLUE HERON' if i % 3 else 'LATE FEE'} BRANCH {chr(65 + i % 26)}{i % 7}")
        for i in range(1, 90)
    ]
    kept = consolidated(tmp_path / "kept", [File("a.csv", rows)], as_table, rules)
    again = consolidated(tmp_path / "again", [File("a.csv", rows)], as_view, rules)
    assert pq.read_table(kept[0]).to_pylist() == pq.read_table(again[0]).to_pylist()
    assert {row["event_type"] for row in pq.read_table(again[0]).to_pylist()} == {"fee", "purchase"}


def test_the_tables_keep_their_contracts(tmp_path: Path, rules: Merchants) -> None:
    for contract, path in zip(
        (TRANSACTIONS, TRANSFERS, REVIEW_ITEMS),
        consolidated(tmp_path, everything(), as_view, rules),
        strict=True,
    ):
        verdict = validate(contract, path)
        assert verdict.passed, str(verdict)


def test_equal_content_gives_equal_bytes(tmp_path: Path, rules: Merchants) -> None:
    made = [consolidated(tmp_path / name, everything(), as_view, rules) for name in "ab"]
    digests = [[hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] for paths in made]
    assert digests[0] == digests[1]


def test_no_files_give_empty_tables(tmp_path: Path) -> None:
    outcome = run(tmp_path)
    assert (outcome.transactions, outcome.transfers, outcome.review_items) == ([], [], [])


def test_rows_of_files_that_do_not_count_are_left_out(tmp_path: Path) -> None:
    one, other = File("a.csv", [Row(5, "-1")]), File("b.csv", [Row(5, "-2")])
    out = ConsolidationPaths(*(tmp_path / f"{name}.parquet" for name in "abc"))
    segments = [write_segment(file, tmp_path / "segments") for file in (one, other)]
    with duckdb.connect() as con:
        consolidate(con, segments, [one.fact], Accounts(), Merchants(), Categories(), out, None, NOW)
    assert pq.read_table(out.transactions).column("file").to_pylist() == ["a.csv"]


def test_the_connection_gets_its_settings_back(tmp_path: Path) -> None:
    out = ConsolidationPaths(*(tmp_path / f"{name}.parquet" for name in "abc"))
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        before = con.execute(
            "select current_setting('threads'), current_setting('disabled_optimizers')"
        ).fetchall()
        consolidate(con, [], [], Accounts(), Merchants(), Categories(), out, None, NOW)
        after = con.execute(
            "select current_setting('threads'), current_setting('disabled_optimizers')"
        ).fetchall()
    assert before == after


def test_the_key_in_sql_is_the_key_in_python(tmp_path: Path) -> None:
    """Amounts with every number of digits, texts of every script, missing currency and date."""
    amounts = ["0", "-0.0001", "0.1", "-99999999999999.9999", "12345678901234.5", "7"]
    texts = ["", "x", "ÄÖÜ ß", "½ ﬁ", "日本", "a'b\"c\\d\ne", "🍞 bread"]
    rows = [
        Row(date(1970 + 9 * i, 1, 1 + i % 28), amount, text, currency=None if i % 2 else "USD")
        for i, (amount, text) in enumerate((a, t) for a in amounts for t in texts)
    ]
    for row in run(tmp_path, File("a.csv", rows)).transactions:
        assert row["txn_key"] == transaction_key(
            account="my_bank:4321",
            date=row["date"],
            amount=row["amount"],
            currency=row["currency"],
            norm=normalised(row["description"]),
            occurrence=row["occurrence"],
        )


class TestCodedRows:
    """The writer of repeated values."""

    def test_large_dictionaries_are_cut_to_what_a_group_needs(self, tmp_path: Path) -> None:
        outcome = run(
            tmp_path,
            File(
                "a.csv",
                [Row(5, f"-{i}", f"SHOP {chr(65 + i % 26)}{chr(65 + i // 26)}") for i in range(1, 30)],
            ),
        )
        table = pq.read_table(outcome.path)
        many = [f"merchant {i}" for i in range(5000)]
        place = table.schema.get_field_index("merchant")
        dictionary = duckdb.sql("select unnest(?)", params=[many]).to_arrow_table().column(0).combine_chunks()
        codes = pa.DictionaryArray.from_arrays(
            pa.array([4000 - i for i in range(table.num_rows)], pa.int32()), dictionary
        )
        coded = table.set_column(place, "merchant", codes)
        target = tmp_path / "coded.parquet"
        rows = write_coded(TRANSACTIONS, coded.to_batches(), target)
        assert rows == table.num_rows
        assert pq.read_table(target).column("merchant").to_pylist() == [
            f"merchant {4000 - i}" for i in range(rows)
        ]
        assert target.stat().st_size < 60_000
        assert (
            pq.read_schema(target).field("merchant").metadata
            == TRANSACTIONS.column("merchant").field.metadata
        )
