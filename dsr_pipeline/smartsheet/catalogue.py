"""The catalogue of sheets: what is known of each, brought forward by what every sync did with it.

Lives here: the fold of `sheet_reads` into `sheets` and `columns`. A sheet that could not be read keeps what
was known of it; only its standing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from dsr_pipeline.lake.contracts.smartsheet import COLUMNS, SHEETS
from dsr_pipeline.smartsheet.column_map import ColumnMap, ColumnRules, SheetColumn, map_columns


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it is known. The fields are those of `smartsheet/sheets`."""

    sheet_id: int
    name: str
    source: str
    rate_basis: str | None
    status: str
    reason: str | None = None
    version: int | None = None
    listed_version: int | None = None
    sheet_modified_at_utc: datetime | None = None
    total_row_count: int | None = None
    live_rows: int = 0
    error_cells: int = 0
    cursor_utc: datetime | None = None
    read_at_utc: datetime | None = None
    full_read_at_utc: datetime | None = None
    mapping_hash: str | None = None
    permalink: str | None = None
    access_level: str | None = None


@dataclass(slots=True)
class Catalogue:
    """All sheets with their columns."""

    sheets: dict[int, Sheet] = field(default_factory=dict[int, Sheet])
    columns: dict[int, tuple[SheetColumn, ...]] = field(default_factory=dict[int, tuple[SheetColumn, ...]])

    @classmethod
    def from_tables(cls, sheets: pa.Table, columns: pa.Table) -> Catalogue:
        """What the tables say."""
        found: dict[int, list[SheetColumn]] = {}
        for row in columns.to_pylist():
            found.setdefault(row["sheet_id"], []).append(
                SheetColumn(row["column_id"], row["title"], row["type"], row["position"], row["is_primary"])
            )
        return cls(
            {row["sheet_id"]: Sheet(**row) for row in sheets.to_pylist()},
            {sheet_id: tuple(one) for sheet_id, one in found.items()},
        )

    def apply(self, reads: Iterable[Mapping[str, Any]]) -> set[int]:
        """Bring the catalogue forward by rows of `sheet_reads`, oldest first; gives the sheets touched."""
        touched: set[int] = set()
        for read in reads:
            sheet_id: int = read["sheet_id"]
            touched.add(sheet_id)
            before = self.sheets.get(sheet_id) or Sheet(
                sheet_id, read["name"], read["source"], read["rate_basis"], read["status"]
            )
            self.sheets[sheet_id] = _brought_forward(before, read)
            if read["columns"] is not None:
                self.columns[sheet_id] = decode_columns(read["columns"])
            if read["status"] == "ignored":
                self.columns.pop(sheet_id, None)
        return touched

    def judge(self, rules: ColumnRules) -> dict[int, ColumnMap]:
        """Map the columns of every sheet, and hold those whose gate columns do not map.

        A sheet is released here as well, when its title or the rules were mended; gives all maps.
        """
        maps = {sheet_id: map_columns(rules, columns) for sheet_id, columns in self.columns.items()}
        for sheet_id, sheet in self.sheets.items():
            mapping = maps.get(sheet_id)
            if mapping is None or sheet.status not in ("read", "held"):
                continue
            reason = mapping.reason
            self.sheets[sheet_id] = replace(
                sheet,
                status="held" if reason else "read",
                reason=f"sheet '{sheet.name}': {reason}" if reason else None,
            )
        return maps

    def sheets_table(self) -> pa.Table:
        """The table `smartsheet/sheets`."""
        rows = [{name: getattr(sheet, name) for name in SHEETS.names} for sheet in self.sheets.values()]
        return pa.Table.from_pylist(rows, schema=SHEETS.schema)

    def columns_table(self, maps: Mapping[int, ColumnMap]) -> pa.Table:
        """The table `smartsheet/columns`."""
        rows = [
            {
                "sheet_id": sheet_id,
                "column_id": column.id,
                "position": column.index,
                "title": column.title,
                "type": column.type,
                "is_primary": column.primary,
                "canonical": maps[sheet_id].canonical.get(column.id),
                "note": maps[sheet_id].notes.get(column.id) or _near_miss(maps[sheet_id], column),
            }
            for sheet_id, columns in self.columns.items()
            for column in columns
        ]
        return pa.Table.from_pylist(rows, schema=COLUMNS.schema)


def encode_columns(columns: Iterable[SheetColumn]) -> str:
    """The JSON of `sheet_reads.columns`."""
    return msgspec.json.encode(list(columns)).decode("utf-8")


def decode_columns(columns: str) -> tuple[SheetColumn, ...]:
    """What `encode_columns` wrote."""
    return msgspec.json.decode(columns, type=tuple[SheetColumn, ...])


def _brought_forward(before: Sheet, read: Mapping[str, Any]) -> Sheet:
    standing = {name: read[name] for name in ("name", "source", "rate_basis", "status", "reason")}
    if read["status"] == "ignored":
        return Sheet(before.sheet_id, **standing)
    listed = {
        name: read[name] for name in ("listed_version", "sheet_modified_at_utc") if read[name] is not None
    }
    if read["mode"] == "none":
        return replace(before, **standing, **listed)
    full = {"full_read_at_utc": read["recorded_at_utc"]} if read["mode"] == "full" else {}
    return replace(
        before,
        **standing,
        **listed,
        **full,
        version=read["version"],
        total_row_count=read["total_row_count"],
        live_rows=read["live_rows"],
        error_cells=read["error_cells"],
        cursor_utc=read["cursor_utc"],
        read_at_utc=read["recorded_at_utc"],
        permalink=read["permalink"],
        access_level=read["access_level"],
    )


def _near_miss(mapping: ColumnMap, column: SheetColumn) -> str | None:
    for name, near in mapping.missing.items():
        if column.title in near and column.id not in mapping.canonical:
            return f"nearly '{name}'"
    return None
