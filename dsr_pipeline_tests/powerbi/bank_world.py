"""A small invented bank group in a lake, made by hand so that each test says which rows matter to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from dsr_pipeline.lake.contracts.bank import TRANSACTIONS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.text import canonical_hash

PLAIN: Mapping[str, Any] = {
    "account": "riverbank:1",
    "owner": "alex",
    "date": date(2026, 1, 5),
    "post_date": date(2026, 1, 6),
    "amount": Decimal("-5.45"),
    "currency": "USD",
    "description": "SQ *BLUE HERON COFFEE",
    "payee": None,
    "merchant": "Blue Heron Coffee",
    "event_type": "purchase",
    "category": "coffee",
    "category_src": None,
    "balance": None,
    "pending": False,
    "source_id": None,
    "status": "posted",
    "transfer_id": None,
    "extras": "{}",
    "rule": "riverbank",
    "rule_version": 1,
    "file": "a.csv",
    "file_sha256": "a" * 64,
    "occurrence": 1,
    "seen_in": '["a.csv"]',
}


def transactions(*rows: Mapping[str, Any]) -> pa.Table:
    """Rows that differ from the plain one as told; keys and line numbers are given in order."""
    full = [
        {**PLAIN, "txn_key": canonical_hash("test", number), "line_no": number + 2, **row}
        for number, row in enumerate(rows)
    ]
    return pa.Table.from_pylist(full, schema=TRANSACTIONS.schema)


def lake_with(lake: Lake, rows: Sequence[Mapping[str, Any]], run_id: str = "made") -> Lake:
    """The lake with these transactions as the current ones."""
    with lake.group("bank").writing([TRANSACTIONS], run_id=run_id) as writer:
        writer.put(TRANSACTIONS, transactions(*rows))
        writer.switch().raise_if_refused()
    return lake
