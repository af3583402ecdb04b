"""Stored rows and what all their endpoints share: finding, forgetting, and the view of the one who asks.

Called by the endpoints of rows, sheets, columns and cell history.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dsr_pipeline.sandbox.access import LEVELS
from dsr_pipeline.sandbox.answers import Call
from dsr_pipeline.sandbox.changes import StoredCell
from dsr_pipeline.sandbox.formats import bare
from dsr_pipeline.sandbox.people import people_of
from dsr_pipeline.sandbox.render import View
from dsr_pipeline.sandbox.schema import Column


def rows_by_id(
    connection: sqlite3.Connection, sheet_id: int, row_ids: Sequence[int]
) -> dict[int, sqlite3.Row]:
    """Those of these rows that the sheet has, by id."""
    found = connection.execute(
        "SELECT * FROM rows WHERE id IN (SELECT value FROM json_each(?)) AND sheet_id = ?",
        (as_json(list(row_ids)), sheet_id),
    ).fetchall()
    return {row["id"]: row for row in found}


def forget_rows(connection: sqlite3.Connection, row_ids: Sequence[int]) -> None:
    """Remove rows with all that hangs on them."""
    wanted = (as_json(list(row_ids)),)
    chosen = "(SELECT value FROM json_each(?))"
    connection.execute(
        "DELETE FROM attachment_urls WHERE attachment_id IN"
        f" (SELECT id FROM attachments WHERE row_id IN {chosen})",
        wanted,
    )
    connection.execute(f"DELETE FROM attachments WHERE row_id IN {chosen}", wanted)
    connection.execute(f"DELETE FROM cell_history WHERE row_id IN {chosen}", wanted)
    connection.execute(f"DELETE FROM rows WHERE id IN {chosen}", wanted)


def view_of(call: Call, connection: sqlite3.Connection, level: str) -> View:
    """What the query asks to be shown."""
    return View(
        level=call.query.get("level", 0),
        include=call.words("include"),
        exclude=call.words("exclude"),
        admin=is_admin(level),
        people=people_of(connection),
        numeric_dates=call.flag("numericDates"),
    )


def is_admin(level: str) -> bool:
    """Whether a level may override locks and validation."""
    return LEVELS.index(level) >= LEVELS.index("ADMIN")


def is_blank(cells: Mapping[str, StoredCell], columns: Mapping[int, Column]) -> bool:
    """Whether nothing was ever put into a row: numbers and times of the service do not count."""
    return not any(
        bare(cell) for key, cell in cells.items() if int(key) in columns and not columns[int(key)].system
    )


def as_json(value: Any) -> str:
    """The text in which cells and lists of ids are stored."""
    return msgspec.json.encode(value).decode()
