"""Why credits were given: the cells of columns that only some sheets have, of the few rows that are credits.

Lives here: reading `smartsheet/rows.extras`, which is JSON by title.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pyarrow as pa

from dsr_pipeline.billing.policy import Policy
from dsr_pipeline.billing.workbench import fetch, keep_table
from dsr_pipeline.smartsheet.cells import text


def tell_credits(con: duckdb.DuckDBPyConnection, rows: str, policy: Policy) -> None:
    """Make `told_credits`: the reason of every row whose price or quantity is negative, where it has one."""
    found = fetch(
        con,
        f"""
        select sheet_id, row_id, extras from {rows}
        where extras is not null and (
            price in (select text from told_prices where value < 0)
            or quantity in (select text from told_quantities where value < 0))""",
    )
    told = [
        {"sheet_id": sheet_id, "row_id": row_id, "reason": reason}
        for sheet_id, row_id, extras in found
        if (reason := _reason(extras, policy))
    ]
    schema = pa.schema([("sheet_id", pa.int64()), ("row_id", pa.int64()), ("reason", pa.string())])
    keep_table(con, "told_credits", pa.Table.from_pylist(told, schema=schema))


def _reason(extras: str, policy: Policy) -> str | None:
    """The first column of the policy's titles that holds something."""
    given: dict[str, Any] = {_spelling(title): held for title, held in json.loads(extras).items()}
    for title in policy.credit_reason_titles:
        if words := text(given.get(_spelling(title))):
            return words
    return None


def _spelling(title: str) -> str:
    return " ".join(title.split()).casefold()
