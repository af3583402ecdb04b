"""Work units and claims of an invented office, written straight into a lake."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from dsr_pipeline.lake.contracts.billing import CLAIMS, WORK_UNITS
from dsr_pipeline.lake.store import Lake

MONDAY = datetime(2026, 3, 9, 6)  # noqa: DTZ001 - as stored
WEEK = date(2026, 3, 8)
SHEET = 7001


def seen(row_id: int, claimer: str = "Ann Ames", role: str = "foreman", **given: Any) -> dict[str, Any]:
    """A row of billing/claims as a billing run records it."""
    return {
        "sheet_id": SHEET,
        "row_id": row_id,
        "role": role,
        "event": "seen",
        "work_request": "90001",
        "week_ending": WEEK,
        "claimer": claimer,
        "claimer_id": f"name:{claimer.casefold()}",
        "reason": None,
        "decided_by": None,
        "run_id": "billing-1",
        "recorded_at_utc": MONDAY,
        **given,
    }


def claims(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=CLAIMS.schema)


def unit(row_id: int, **given: Any) -> dict[str, Any]:
    """A billable unit."""
    billed: dict[str, Any] = {
        "sheet_id": SHEET,
        "sheet_name": "Sheet 1",
        "row_id": row_id,
        "work_request": "90001",
        "week_ending": WEEK,
        "variant": "primary",
        "claimer": "Ann Ames",
        "claimer_id": "name:ann ames",
        "amount": Decimal(10),
        "currency": "USD",
        "status": "billable",
        "group_id": "0" * 32,
        "line_hash": "0" * 32,
        "source_modified_at_utc": MONDAY,
        "run_seq": 1,
    }
    return dict.fromkeys(WORK_UNITS.names) | billed | given


def billed(folder: Path, *units: dict[str, Any]) -> Lake:
    """A lake with these units."""
    lake = Lake(folder)
    with lake.group("billing").writing([WORK_UNITS], run_id="billing-1") as writer:
        writer.put(WORK_UNITS, pa.Table.from_pylist(list(units), schema=WORK_UNITS.schema))
        writer.switch().raise_if_refused()
    return lake
