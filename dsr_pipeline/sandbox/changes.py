"""What every saved change of a sheet leaves behind: a version, a time, and the history of the changed cells.

Called by every endpoint that writes, within its transaction; reads nothing that is not about versions.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

StoredCell = Mapping[str, Any]


def saved_change(connection: sqlite3.Connection, sheet_id: int, at: str) -> int:
    """Count one saved change of a sheet and return its new version."""
    connection.execute(
        "UPDATE sheets SET version = version + 1, modified_at = ? WHERE id = ?", (at, sheet_id)
    )
    version = connection.execute("SELECT version FROM sheets WHERE id = ?", (sheet_id,)).fetchone()[0]
    connection.execute("INSERT OR REPLACE INTO sheet_changes VALUES (?, ?, ?)", (sheet_id, version, at))
    return version


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell before and after a change of its row; None is a cell without anything in it."""

    sheet_id: int
    row_id: int
    column_id: int
    before: StoredCell | None
    after: StoredCell | None


def remember(
    connection: sqlite3.Connection,
    changes: list[CellChange],
    *,
    rows: Mapping[int, sqlite3.Row],
    at: str,
    by: int,
) -> None:
    """Add to the history of cells. The first change of a cell also records what it held from the start."""
    entries: list[tuple[int, int, int, int, str, str, int | None]] = []
    for change in changes:
        last = connection.execute(
            "SELECT max(seq) FROM cell_history WHERE row_id = ? AND column_id = ?",
            (change.row_id, change.column_id),
        ).fetchone()[0]
        if last is None:
            last = 0
            if change.before is not None:
                row = rows[change.row_id]
                last = 1
                entries.append(
                    (
                        change.sheet_id,
                        change.row_id,
                        change.column_id,
                        last,
                        _text(change.before),
                        row["created_at"],
                        row["created_by"],
                    )
                )
        entries.append(
            (change.sheet_id, change.row_id, change.column_id, last + 1, _text(change.after or {}), at, by)
        )
    connection.executemany("INSERT INTO cell_history VALUES (?, ?, ?, ?, ?, ?, ?)", entries)


def _text(cell: StoredCell) -> str:
    return msgspec.json.encode(cell).decode()
