"""The live part of a world in the store: what is read from it before a step, and what is written after one.

SQL only; what changes is decided in `world_changes`, when in `world_seed`, which calls this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from dsr_pipeline.sandbox.world_cells import CellWriter, made_id
from dsr_pipeline.sandbox.world_changes import Board, Entry, LiveRow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from dsr_pipeline.sandbox.world import World
    from dsr_pipeline.sandbox.world_changes import Step

WORKSPACE = "Field billing"
READER = "etl.reader@contacts.example"
OWNER = "sheet.owner@contacts.example"


@dataclass(slots=True)
class LiveSheet:
    """A live sheet of the world. `columns`: title → (column id, type), in the order of the sheet."""

    id: int
    columns: dict[str, tuple[int, str]]
    version: int = 0
    created_at: str = ""
    modified_at: str = ""
    changes: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


@dataclass(slots=True)
class LiveWorld:
    """What of a world is live: its board, its sheets, and how its values become cells."""

    world: World
    writer: CellWriter
    board: Board = field(default_factory=Board)
    sheets: dict[int, LiveSheet] = field(default_factory=dict[int, LiveSheet])
    dropped_columns: set[int] = field(default_factory=set[int])
    laid_out_anew: set[int] = field(default_factory=set[int])
    types: dict[str, str] = field(default_factory=dict[str, str])


class People:
    """Ids of users by address. Whoever has none yet becomes a user, named after the part before the @."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[str, int] = {
            email: number for number, email in connection.execute("SELECT id, email FROM users")
        }

    def id_of(self, address: str | None) -> int | None:
        if not address:
            return None
        if address not in self._ids:
            words = [word for word in re.split(r"[._\s-]+", address.partition("@")[0]) if word]
            first, last = (words[0], " ".join(words[1:])) if words else (address, "")
            self._ids[address] = made_id("user", address)
            self._connection.execute(
                "INSERT INTO users VALUES(?, ?, ?, ?)",
                (self._ids[address], address, first.title(), last.title()),
            )
        return self._ids[address]


def write_containers(connection: sqlite3.Connection, live: LiveWorld, people: People, token: str) -> None:
    """The workspace, a folder for each rate basis, the sheets, the people and the token."""
    start = min(
        (sheet.created_at for sheet in live.sheets.values()),
        default=live.world.taken_at[min(live.world.taken_at)],
    )
    workspace = made_id("workspace", WORKSPACE)
    connection.execute("INSERT INTO workspaces VALUES(?, ?, ?, ?)", (workspace, WORKSPACE, start, start))
    for basis in sorted({info.rate_basis for info in live.world.sheets.values()} - {""}):
        connection.execute(
            "INSERT INTO folders VALUES(?, ?, NULL, ?, ?, ?)",
            (made_id("folder", basis), workspace, basis, start, start),
        )
    known = connection.execute("SELECT user_id FROM tokens WHERE token=?", (token,)).fetchone()
    reader = people.id_of(READER) if known is None else int(known[0])
    connection.execute("INSERT OR IGNORE INTO tokens VALUES(?, ?, 0)", (token, reader))
    for user, level in ((reader, "ADMIN"), (people.id_of(OWNER), "OWNER")):
        connection.execute("INSERT INTO access VALUES(?, 'workspace', ?, ?)", (user, workspace, level))
    for actor in live.world.actors:
        connection.execute(
            "INSERT OR IGNORE INTO access VALUES(?, 'workspace', ?, 'EDITOR')",
            (people.id_of(actor), workspace),
        )
    write_sheets(connection, live, set(live.sheets))


def write_sheets(connection: sqlite3.Connection, live: LiveWorld, sheet_ids: Iterable[int]) -> None:
    """New sheets, each in the folder of its rate basis."""
    workspace = made_id("workspace", WORKSPACE)
    for sheet_id in sorted(sheet_ids):
        info = live.world.sheets.get(sheet_id)
        folder = made_id("folder", info.rate_basis) if info and info.rate_basis else None
        name = info.name if info and info.name else f"Sheet {sheet_id}"
        at = live.sheets[sheet_id].created_at
        connection.execute(
            "INSERT INTO sheets VALUES(?, ?, ?, ?, 0, ?, ?)", (sheet_id, name, workspace, folder, at, at)
        )


def write(connection: sqlite3.Connection, live: LiveWorld, step: Step, people: People) -> None:
    """Store what a step did: versions, columns, rows, histories."""
    board = live.board
    for sheet in live.sheets.values():
        connection.execute(
            "UPDATE sheets SET version=?, modified_at=? WHERE id=?",
            (sheet.version, sheet.modified_at, sheet.id),
        )
        connection.executemany(
            "INSERT INTO sheet_changes VALUES(?, ?, ?)", [(sheet.id, *change) for change in sheet.changes]
        )
        _write_columns(connection, sheet)
    for table, column, ids in (
        ("columns", "id", live.dropped_columns),
        ("cell_history", "column_id", live.dropped_columns),
        ("rows", "id", step.removed),
        ("cell_history", "row_id", step.forgotten),
        ("attachments", "row_id", step.removed),
    ):
        connection.executemany(f"DELETE FROM {table} WHERE {column}=?", [(each,) for each in ids])
    connection.executemany(
        "INSERT INTO rows(id, sheet_id, position, created_at, created_by, modified_at, modified_by, blank, "
        "cells) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET sheet_id=excluded.sheet_id, "
        "position=excluded.position, created_at=excluded.created_at, created_by=excluded.created_by, "
        "modified_at=excluded.modified_at, modified_by=excluded.modified_by, blank=excluded.blank, "
        "cells=excluded.cells",
        [
            (
                row_id,
                row.sheet_id,
                row.position,
                row.created_at,
                people.id_of(row.created_by),
                row.modified_at,
                people.id_of(row.modified_by),
                int(not row.cells),
                _joined(row.cells),
            )
            for row_id in sorted(step.written)
            for row in (board.rows[row_id],)
        ],
    )
    for row_id, column_id in sorted(step.histories):
        entries = board.history[row_id][column_id]
        sheet_id = board.rows[row_id].sheet_id
        connection.execute("DELETE FROM cell_history WHERE row_id=? AND column_id=?", (row_id, column_id))
        connection.executemany(
            "INSERT INTO cell_history VALUES(?, ?, ?, ?, ?, ?, ?)",
            [
                (sheet_id, row_id, column_id, seq, entry.cell, entry.at, people.id_of(entry.by))
                for seq, entry in enumerate(entries, start=1)
            ],
        )


def _write_columns(connection: sqlite3.Connection, sheet: LiveSheet) -> None:
    """New columns, and the order of all; the first text column of a new sheet is its primary one."""
    known = {row[0] for row in connection.execute("SELECT id FROM columns WHERE sheet_id=?", (sheet.id,))}
    kinds = [kind for _, kind in sheet.columns.values()]
    primary = kinds.index("TEXT_NUMBER") if "TEXT_NUMBER" in kinds else 0
    for position, (title, (column, kind)) in enumerate(sheet.columns.items()):
        connection.execute(
            "INSERT INTO columns VALUES(?, ?, ?, ?, ?, ?, '{}') "
            "ON CONFLICT(id) DO UPDATE SET position=excluded.position",
            (column, sheet.id, position, title, kind, int(not known and position == primary)),
        )


def read_live(connection: sqlite3.Connection, world: World, number: int) -> LiveWorld:
    """The world as it stands in the store, with what was done to it through the API."""
    live = LiveWorld(world, CellWriter(world.contacts))
    emails: dict[int | None, str] = dict(connection.execute("SELECT id, email FROM users"))
    marked = msgspec.json.decode(meta(connection, "world_sheets") or "[]", type=list[int])
    titles = world.titles(number)
    for sheet_id in marked:
        found = connection.execute(
            "SELECT version, created_at, modified_at FROM sheets WHERE id=?", (sheet_id,)
        ).fetchone()
        if found is None:
            continue
        kinds = dict(
            connection.execute("SELECT id, type FROM columns WHERE sheet_id=?", (sheet_id,)).fetchall()
        )
        ids = {title: made_id("column", sheet_id, title) for title in titles}
        columns = {title: (column, kinds[column]) for title, column in ids.items() if column in kinds}
        live.sheets[sheet_id] = LiveSheet(sheet_id, columns, *found)
        for row in connection.execute(
            "SELECT id, sheet_id, position, created_at, created_by, modified_at, modified_by, cells "
            "FROM rows WHERE sheet_id=?",
            (sheet_id,),
        ):
            cells = msgspec.json.decode(row[7], type=dict[int, msgspec.Raw])
            live.board.rows[row[0]] = LiveRow(
                row[1],
                row[2],
                row[3],
                emails.get(row[4]),
                row[5],
                emails.get(row[6]),
                {column: bytes(cell).decode() for column, cell in cells.items()},
            )
        for row_id, column_id, cell, at, by in connection.execute(
            "SELECT row_id, column_id, cell, modified_at, modified_by FROM cell_history WHERE sheet_id=? "
            "ORDER BY row_id, column_id, seq",
            (sheet_id,),
        ):
            chains = live.board.history.setdefault(row_id, {})
            chains.setdefault(column_id, []).append(Entry(cell, at, emails.get(by)))
    return live


def mark(connection: sqlite3.Connection, live: LiveWorld, number: int) -> None:
    """Note in the store which world is live, how far it has come, and what time that is."""
    values = {
        "world": str(live.world.folder.resolve()),
        "snapshot": str(number),
        "taken_at": live.world.taken_at[number],
        "world_sheets": msgspec.json.encode(sorted(live.sheets)).decode(),
    }
    connection.executemany("INSERT OR REPLACE INTO meta VALUES(?, ?)", values.items())


def meta(connection: sqlite3.Connection, key: str) -> str | None:
    """A note of the store, None where it has none."""
    found = connection.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
    return None if found is None else str(found[0])


def _joined(cells: dict[int, str]) -> str:
    return "{" + ",".join(f'"{column}":{cell}' for column, cell in cells.items()) + "}"
