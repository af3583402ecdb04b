"""Builds parsed segments from a few words, and consolidates them: the ground of the tests beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline.bank.categories import Categories
from dsr_pipeline.bank.consolidation import Consolidated, ConsolidationPaths, Previous, consolidate
from dsr_pipeline.bank.merchants import Merchants
from dsr_pipeline.bank.parsed import PARSED_SCHEMA, FileFact
from dsr_pipeline.lake.contracts.bank import REVIEW_ITEMS, TRANSACTIONS, TRANSFERS
from dsr_pipeline.text import normalised

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One row of an export; `day` and `posted` are days of January 2026 or dates."""

    day: int | date | None
    amount: str
    description: str = "SHOP"
    posted: int | date | None = None
    balance: str | None = None
    pending: bool = False
    source_id: str | None = None
    reference: str | None = None
    label: str | None = None
    currency: str | None = "USD"
    payee: str | None = None
    category: str | None = None
    extras: str = "{}"

    @property
    def date(self) -> date | None:
        """The day as a date."""
        return _day(self.day)

    @property
    def post_date(self) -> date | None:
        """The posted day as a date."""
        return _day(self.posted)


@dataclass(frozen=True)
class File:
    """One export, rows oldest first. Its hash is made of its name and content, so that equal files are
    one."""

    name: str
    rows: Sequence[Row]
    rule: str = "my_bank"
    label: str = "4321"
    kind: str = "checking"
    verdict: str = "not_available"
    opening: str | None = None
    owner_hint: str | None = None
    sha256: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The content hash."""
        return self.sha256 or hashlib.sha256(repr((self.name, list(self.rows))).encode()).hexdigest()

    @property
    def fact(self) -> FileFact:
        """What the pipeline knows of the file."""
        posted = [row for row in self.rows if not row.pending]
        days = [row.date for row in self.rows if row.date is not None]
        opening = None if self.opening is None else Decimal(self.opening)
        closing = posted[-1].balance if posted and opening is not None else None
        return FileFact(
            sha256=self.digest,
            file=self.name,
            rule=self.rule,
            kind=self.kind,
            date_min=min(days, default=None),
            date_max=max(days, default=None),
            rows=len(posted),
            verdict=self.verdict,
            opening=opening,
            closing=None if closing is None else Decimal(closing),
            order="oldest_first",
        )


def chained(file: File, opening: str) -> File:
    """The file with running balances from an opening balance on."""
    balance = Decimal(opening)
    rows: list[Row] = []
    for row in file.rows:
        if row.pending:
            rows.append(row)
            continue
        balance += Decimal(row.amount)
        rows.append(replace(row, balance=str(balance)))
    return replace(file, rows=tuple(rows), opening=opening, verdict="chained")


def write_segment(file: File, folder: Path) -> Path:
    """The file as a parsed segment."""
    records = [
        {
            "file_sha256": file.digest,
            "file": file.name,
            "rule": file.rule,
            "rule_version": 1,
            "kind": file.kind,
            "line_no": number + 2,
            "span": 1,
            "position": number,
            "account_label": row.label or file.label,
            "account_default": f"{file.rule}:{row.label or file.label}",
            "owner_hint": file.owner_hint,
            "date": row.date,
            "post_date": row.post_date,
            "amount": Decimal(row.amount),
            "currency": row.currency,
            "description": row.description,
            "payee": row.payee,
            "category_src": row.category,
            "balance": None if row.balance is None else Decimal(row.balance),
            "pending": row.pending,
            "source_id": row.source_id,
            "reference": row.reference,
            "extras": row.extras,
            "norm": normalised(row.description),
        }
        for number, row in enumerate(file.rows)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file.digest}.parquet"
    columns = {
        name: pa.array([record.get(name) for record in records], PARSED_SCHEMA.field(name).type)
        for name in PARSED_SCHEMA.names
    }
    pq.write_table(pa.table(columns, schema=PARSED_SCHEMA), path)
    return path


@dataclass(frozen=True)
class Outcome:
    """The three tables, checked against their schemas, and what consolidation said."""

    transactions: list[dict[str, Any]]
    transfers: list[dict[str, Any]]
    review_items: list[dict[str, Any]]
    said: Consolidated
    path: Path

    @property
    def live(self) -> list[dict[str, Any]]:
        """Rows that count."""
        return [row for row in self.transactions if row["status"] != "superseded"]

    @property
    def superseded(self) -> list[dict[str, Any]]:
        """Rows that do not count."""
        return [row for row in self.transactions if row["status"] == "superseded"]

    def questions(self, kind: str) -> list[dict[str, Any]]:
        """Review items of a kind."""
        return [row for row in self.review_items if row["kind"] == kind]


def run(
    folder: Path,
    *files: File,
    accounts: Accounts | None = None,
    merchants: Merchants | None = None,
    categories: Categories | None = None,
    previous: Previous | None = None,
    now: datetime = NOW,
) -> Outcome:
    """Consolidate the files in the given order and read the tables back."""
    segments = [write_segment(file, folder / "segments") for file in files]
    out = ConsolidationPaths(
        *(folder / f"{name}.parquet" for name in ("transactions", "transfers", "review_items"))
    )
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        said = consolidate(
            con,
            segments,
            [file.fact for file in files],
            accounts or Accounts(),
            merchants or Merchants(),
            categories or Categories(),
            out,
            previous,
            now,
        )
    tables: list[list[dict[str, Any]]] = []
    for contract, path in zip(
        (TRANSACTIONS, TRANSFERS, REVIEW_ITEMS),
        (out.transactions, out.transfers, out.review_items),
        strict=True,
    ):
        table = pq.read_table(path)
        assert table.schema.names == list(contract.names)
        assert [field.type for field in table.schema] == [column.type for column in contract.columns]
        tables.append(table.to_pylist())
    keys = [row["txn_key"] for row in tables[0] if row["status"] != "superseded"]
    assert len(set(keys)) == len(keys), "a key counts twice"
    order = [(row["file_sha256"], row["line_no"]) for row in tables[0]]
    assert order == sorted(order), "rows do not stand in their sort order"
    return Outcome(tables[0], tables[1], tables[2], said, out.transactions)


def _day(day: int | date | None) -> date | None:
    return date(2026, 1, day) if isinstance(day, int) else day
