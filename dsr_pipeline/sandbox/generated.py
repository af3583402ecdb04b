"""Fills a store with as many sheets as one wants, always the same for the same seed, and edits some of them.

For measuring and for tests of size. What the cells look like is in `generated_columns`; a life that makes
sense as a whole is a world (`world_seed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec
import numpy as np

from dsr_pipeline.sandbox.changes import CellChange, remember, saved_change
from dsr_pipeline.sandbox.clock import as_text, from_text
from dsr_pipeline.sandbox.generated_columns import PEOPLE, plans, spelled
from dsr_pipeline.sandbox.world_cells import made_id

if TYPE_CHECKING:
    import sqlite3

    from dsr_pipeline.sandbox.store import Store

WORKSPACE = "Generated billing"
READER = "etl.reader@contacts.example"
OWNER = "sheet.owner@contacts.example"
SHEETS_IN_A_FOLDER = 250
# One transaction each: a single one of all sheets would hold half a gigabyte in the log.
_SHEETS_AT_ONCE = 100
# The past of generated sheets ends here; edits come later.
END = from_text("2026-04-06T06:00:00Z")
BLANK_ROWS = 0.01

_SHEET_IDS = 4_100_000_000_000_000
_COLUMN_IDS = 5_100_000_000_000_000
# Row ids rise with the sheets: rows of a sheet lie side by side in the file, which makes reading fast.
_ROW_IDS = 6_100_000_000_000_000
_ROOM = 1_000_000


@dataclass(frozen=True, slots=True)
class Touched:
    """What an edit of some sheets did."""

    sheets: tuple[int, ...]
    edited_rows: int
    deleted_rows: int
    at: str


def generate(
    store: Store, sheets: int, rows: int, seed: int, columns: int = 20, *, token: str = "sandbox-token"
) -> None:
    """Add a workspace of sheets with as many rows and columns each; the token may administer it.

    A store that has such sheets already gets more of them. Raises `ValueError` for impossible sizes.
    """
    if not (0 < columns <= 400 and 0 <= rows < _ROOM and sheets >= 0):
        raise ValueError("a sheet has 1 to 400 columns and fewer than a million rows")
    with store.writing() as connection:
        users = _write_people(connection, token)
        first = int(
            connection.execute(
                "SELECT count(*) FROM sheets WHERE id >= ? AND id < ?", (_SHEET_IDS, _COLUMN_IDS)
            ).fetchone()[0]
        )
        connection.execute("INSERT OR IGNORE INTO meta VALUES('taken_at', ?)", (as_text(END),))
    for start in range(first, first + sheets, _SHEETS_AT_ONCE):
        with store.writing() as connection:
            for number in range(start, min(start + _SHEETS_AT_ONCE, first + sheets)):
                folder = _write_folder(connection, number // SHEETS_IN_A_FOLDER)
                _write_sheet(connection, number, folder, rows, columns, seed, users)


def touch(store: Store, share: float, seed: int, *, deletions: int = 0) -> Touched:
    """Edit one to five rows in this share of the generated sheets, an hour after the last that happened.

    In `deletions` of these sheets one more row is deleted. Versions, instants and histories move as by edits
    through the API; the time of the store (`taken_at`) becomes that of the edits.
    """
    random = np.random.default_rng([seed, 7])
    with store.writing() as connection:
        people = _ids(connection, "SELECT id FROM users WHERE email LIKE '%@crew.example' ORDER BY id")
        all_sheets = _ids(
            connection, "SELECT id FROM sheets WHERE id >= ? AND id < ? ORDER BY id", _SHEET_IDS, _COLUMN_IDS
        )
        taken = str(connection.execute("SELECT value FROM meta WHERE key='taken_at'").fetchone()[0])
        at = as_text(from_text(taken) + timedelta(hours=1))
        wanted = max(1, round(share * len(all_sheets)))
        picked = tuple(all_sheets[place] for place in _some(random, len(all_sheets), wanted))
        edited = sum(
            _edit(connection, sheet, random, at, people[int(random.integers(0, len(people)))])
            for sheet in picked
        )
        deleted = sum(_delete_one(connection, sheet, random, at) for sheet in picked[:deletions])
        connection.execute("UPDATE meta SET value=? WHERE key='taken_at'", (at,))
    return Touched(picked, edited, deleted, at)


def _write_people(connection: sqlite3.Connection, token: str) -> list[int]:
    known = (("ETL Reader", READER), ("Sheet Owner", OWNER), *PEOPLE)
    users = [(made_id("user", mail), mail, *name.split()) for name, mail in known]
    connection.executemany("INSERT OR IGNORE INTO users VALUES(?, ?, ?, ?)", users)
    connection.execute("INSERT OR IGNORE INTO tokens VALUES(?, ?, 0)", (token, users[0][0]))
    reader = connection.execute("SELECT user_id FROM tokens WHERE token=?", (token,)).fetchone()[0]
    workspace, start = made_id("workspace", WORKSPACE), "2025-06-01T06:00:00Z"
    connection.execute(
        "INSERT OR IGNORE INTO workspaces VALUES(?, ?, ?, ?)", (workspace, WORKSPACE, start, start)
    )
    for user, level in ((reader, "ADMIN"), (users[1][0], "OWNER")):
        connection.execute(
            "INSERT OR IGNORE INTO access VALUES(?, 'workspace', ?, ?)", (user, workspace, level)
        )
    return [user for user, *_ in users[2:]]


def _write_folder(connection: sqlite3.Connection, number: int) -> int:
    name, start = f"Region {number + 1:02d}", "2025-06-01T06:00:00Z"
    folder = made_id("folder", WORKSPACE, name)
    connection.execute(
        "INSERT OR IGNORE INTO folders VALUES(?, ?, NULL, ?, ?, ?)",
        (folder, made_id("workspace", WORKSPACE), name, start, start),
    )
    return folder


def _write_sheet(
    connection: sqlite3.Connection,
    number: int,
    folder: int,
    rows: int,
    columns: int,
    seed: int,
    users: list[int],
) -> None:
    random = np.random.default_rng([seed, number])
    sheet = _SHEET_IDS + number * 7919
    # Now and then two sheets have one name.
    name = f"Promax Database {number - (number % 40 == 39) + 1}"
    filled: list[list[str]] = []
    for position, plan in enumerate(plans(columns, number)):
        column = _COLUMN_IDS + number * 1000 + position
        connection.execute(
            "INSERT INTO columns VALUES(?, ?, ?, ?, ?, ?, ?)",
            (
                column,
                sheet,
                position,
                spelled(plan, number),
                plan.type,
                int(position == 0),
                msgspec.json.encode(plan.extra).decode(),
            ),
        )
        key = f'"{column}":'
        filled.append([key + text if text else "" for text in plan.fill(random, rows)])
    made, changed = _instants(random, rows)
    makers: list[int] = random.integers(0, len(users), rows).tolist()
    changers: list[int] = random.integers(0, len(users), rows).tolist()
    blank: list[bool] = (random.random(rows) < BLANK_ROWS).tolist()
    parent = _ROW_IDS + number * _ROOM + 1 if number % 25 == 7 else None
    connection.executemany(
        "INSERT INTO rows(id, sheet_id, position, parent_id, created_at, created_by, modified_at, "
        "modified_by, blank, cells) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                _ROW_IDS + number * _ROOM + place + 1,
                sheet,
                place + 1,
                parent if 0 < place < 5 else None,
                made[place],
                users[makers[place]],
                changed[place],
                users[changers[place]],
                int(blank[place]),
                "{}" if blank[place] else "{" + ",".join(filter(None, cells)) + "}",
            )
            for place, cells in enumerate(zip(*filled, strict=True))
        ],
    )
    version = 2 * rows
    created, modified = min(made, default=as_text(END)), max(changed, default=as_text(END))
    connection.execute(
        "INSERT INTO sheets VALUES(?, ?, ?, ?, ?, ?, ?)",
        (sheet, name, made_id("workspace", WORKSPACE), folder, version, created, modified),
    )
    connection.execute("INSERT INTO sheet_changes VALUES(?, ?, ?)", (sheet, version, modified))


def _instants(random: np.random.Generator, rows: int) -> tuple[list[str], list[str]]:
    """When rows were made, in their order, and when they were changed last."""
    end = int(END.timestamp())
    made = np.sort(end - random.integers(20 * 86400, 280 * 86400, rows))
    changed = made + random.integers(0, 20 * 86400, rows)
    return _texts(made), _texts(changed)


def _some(random: np.random.Generator, count: int, wanted: int) -> list[int]:
    """That many different places below `count`, rising."""
    places: list[int] = random.permutation(count).tolist()
    return sorted(places[:wanted])


def _texts(seconds: np.ndarray[Any, Any]) -> list[str]:
    return [f"{each}Z" for each in seconds.astype("datetime64[s]").astype(str).tolist()]


def _edit(connection: sqlite3.Connection, sheet: int, random: np.random.Generator, at: str, by: int) -> int:
    """New quantities, or ticks, in a few rows of a sheet."""
    columns = _ids(
        connection, "SELECT id FROM columns WHERE sheet_id=? AND position IN (3, 4) ORDER BY position", sheet
    )
    rows = {
        row["id"]: row
        for row in connection.execute(
            "SELECT * FROM rows WHERE sheet_id=? AND NOT blank ORDER BY position", (sheet,)
        )
    }
    wanted = min(len(rows), int(random.integers(1, 6))) if columns else 0
    for place in _some(random, len(rows), wanted):
        number = list(rows)[place]
        cells = msgspec.json.decode(rows[number]["cells"], type=dict[str, Any])
        column = columns[-1]
        before = cast("dict[str, Any] | None", cells.get(str(column)))
        after = {"value": int(random.integers(1000, 9000)) / 8}
        cells[str(column)] = after
        connection.execute(
            "UPDATE rows SET cells=?, modified_at=?, modified_by=? WHERE id=?",
            (msgspec.json.encode(cells).decode(), at, by, number),
        )
        remember(connection, [CellChange(sheet, number, column, before, after)], rows=rows, at=at, by=by)
        saved_change(connection, sheet, at)
    return wanted


def _delete_one(connection: sqlite3.Connection, sheet: int, random: np.random.Generator, at: str) -> int:
    rows = _ids(
        connection,
        "SELECT id FROM rows WHERE sheet_id=? AND id NOT IN (SELECT parent_id FROM rows WHERE sheet_id=? AND "
        "parent_id NOT NULL) ORDER BY position",
        sheet,
        sheet,
    )
    if not rows:
        return 0
    gone = rows[int(random.integers(0, len(rows)))]
    connection.execute("DELETE FROM rows WHERE id=?", (gone,))
    connection.execute("DELETE FROM cell_history WHERE row_id=?", (gone,))
    saved_change(connection, sheet, at)
    return 1


def _ids(connection: sqlite3.Connection, query: str, *values: int) -> list[int]:
    return [int(row[0]) for row in connection.execute(query, values)]
