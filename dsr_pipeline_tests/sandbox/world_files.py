"""Writes small worlds for tests: each snapshot a list of rows, each history a list of events."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SHEET = 2929829643483872
OTHER_SHEET = 1578962313546098
ANN = "ann.moss@contractor.example"
BEN = "ben.hill@contractor.example"
META = ["__sheet_id", "__row_id", "__created_at", "__created_by", "__modified_at", "__modified_by"]
HISTORY = ["__sheet_id", "__row_id", "column", "value", "modified_at", "modified_by"]


def row(
    number: int, modified: str = "2026-04-01T01:00:00Z", sheet: int = SHEET, **cells: Any
) -> dict[str, Any]:
    """A row made by Ann at the start of April; `modified` by Ben."""
    made = ("2026-04-01T01:00:00Z", ANN)
    changed = (modified, ANN if modified == made[0] else BEN)
    return dict(zip(META, (sheet, number, *made, *changed), strict=True)) | cells


def event(number: int, column: str, value: str | None, at: str, sheet: int = SHEET) -> tuple[Any, ...]:
    """Ben changed a cell."""
    return sheet, number, column, value, at, BEN


@dataclass
class Look:
    """One snapshot: when, its rows, and what happened to cells before it."""

    taken_at: str
    rows: list[dict[str, Any]]
    events: list[tuple[Any, ...]] = field(default_factory=list)


def write_world(folder: Path, looks: list[Look], *, columns: dict[str, pa.DataType] | None = None) -> Path:
    """A world with these looks in a new folder. Columns are those of the rows, texts unless given."""
    for part in ("snapshots", "history"):
        (folder / part).mkdir(parents=True)
    for number, look in enumerate(looks):
        names = list(dict.fromkeys(name for each in look.rows for name in each)) or META
        kinds = {"__sheet_id": pa.int64(), "__row_id": pa.int64()} | (columns or {})
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
        pq.write_table(
            pa.Table.from_pylist(look.rows, schema), folder / "snapshots" / f"{number:04d}.parquet"
        )
        told = [dict(zip(HISTORY, each, strict=True)) for each in look.events]
        schema = pa.schema([(name, kinds.get(name, pa.string())) for name in HISTORY])
        pq.write_table(pa.Table.from_pylist(told, schema), folder / "history" / f"{number:04d}.parquet")
    _table(
        folder / "snapshots.csv",
        ["snapshot", "taken_at"],
        [(n, look.taken_at) for n, look in enumerate(looks)],
    )
    _table(
        folder / "sheets.csv",
        ["__sheet_id", "name", "rate_basis"],
        [(SHEET, "Promax 1", "primary"), (OTHER_SHEET, "Promax 2", "subcontractor")],
    )
    _table(folder / "actors.csv", ["email", "role"], [(ANN, "coordinator"), (BEN, "foreman")])
    return folder


def _table(file: Path, header: list[str], lines: list[tuple[Any, ...]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *lines])
