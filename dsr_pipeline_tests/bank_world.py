"""A small invented bank group in a lake, made by hand so that each test says which rows matter to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.contracts.bank import (
    CONTRACTS,
    EXCLUDED,
    FILES,
    QUARANTINE,
    REVIEW_ITEMS,
    TRANSACTIONS,
    TRANSFERS,
)
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.text import canonical_hash

Row = Mapping[str, Any]

TRANSACTION: Row = {
    "account": "riverbank:1",
    "owner": "alex",
    "date": date(2026, 1, 5),
    "post_date": date(2026, 1, 6),
    "amount": Decimal("-5.45"),
    "currency": "USD",
    "description": "SQ *BLUE HERON COFFEE",
    "merchant": "Blue Heron Coffee",
    "event_type": "purchase",
    "category": "coffee",
    "pending": False,
    "status": "posted",
    "extras": "{}",
    "rule": "riverbank",
    "rule_version": 1,
    "file": "a.csv",
    "file_sha256": "a" * 64,
    "occurrence": 1,
    "seen_in": '["a.csv"]',
}
FILE: Row = {
    "file": "a.csv",
    "sha256": "a" * 64,
    "status": "accepted",
    "rule": "riverbank",
    "rule_version": 1,
    "score": 90,
    "encoding": "utf-8",
    "lines": 2,
    "accepted": 2,
    "excluded": 0,
    "quarantined": 0,
    "date_min": date(2026, 1, 5),
    "date_max": date(2026, 1, 5),
    "amount_sum": Decimal("-10.90"),
    "account": "riverbank:1",
    "balance_verdict": "not_available",
}
DERIVED = tuple(contract for contract in CONTRACTS if contract.kind == "derived")


def transactions(*rows: Row) -> pa.Table:
    """Rows that differ from the plain one as told; keys and line numbers are given in order."""
    full = [
        {**TRANSACTION, "txn_key": canonical_hash("test", number), "line_no": number + 2, **row}
        for number, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(full, schema=TRANSACTIONS.schema)


def files(*rows: Row) -> pa.Table:
    """Files that differ from the plain one as told."""
    return pa.Table.from_pylist([{**FILE, **row} for row in rows], schema=FILES.schema)


def lake_with(lake: Lake, rows: Sequence[Row], run_id: str = "made") -> Lake:
    """The lake with these transactions as the current ones, and no other table."""
    with lake.group("bank").writing([TRANSACTIONS], run_id=run_id) as writer:
        writer.put(TRANSACTIONS, transactions(*rows))
        writer.switch().raise_if_refused()
    return lake


def bank_lake(lake: Lake, tables: Mapping[str, pa.Table], run_id: str = "made") -> bool:
    """Write a whole bank group: the tables given, the others empty. Says whether they count now."""
    with lake.group("bank").writing(list(DERIVED), run_id=run_id) as writer:
        for contract in DERIVED:
            writer.put(contract, tables.get(contract.table, contract.schema.empty_table()))
        return writer.switch().switched


def table(contract: Contract, *rows: Row) -> pa.Table:
    """Rows of any table as told; what is not told is null."""
    return pa.Table.from_pylist([dict(row) for row in rows], schema=contract.schema)


__all__ = [
    "EXCLUDED",
    "QUARANTINE",
    "REVIEW_ITEMS",
    "TRANSFERS",
    "bank_lake",
    "files",
    "lake_with",
    "table",
    "transactions",
]
