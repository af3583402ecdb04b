"""Who asks and what they may do: tokens, shares of sheets and workspaces, access levels.

Called by `app.py` for the token, and by every endpoint that touches a sheet, folder or workspace.
"""

import sqlite3
from typing import Any

from dsr_pipeline.sandbox.answers import User
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.options import Options
from dsr_pipeline.sandbox.store import Store

LEVELS = ("VIEWER", "COMMENTER", "EDITOR", "EDITOR_SHARE", "ADMIN", "OWNER")


def identify(store: Store, header: str | None, options: Options) -> User:
    """The user of an Authorization header; 401/1001 without one, 401/1002 unknown, 401/1003 expired."""
    if header is None or not header.strip():
        raise ApiProblem(1001) if options.missing_header_status == 401 else ApiProblem(1004)
    kind, _, token = header.strip().partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise ApiProblem(1002)
    found = (
        store.connection()
        .execute(
            "SELECT u.id, u.email, u.first_name, u.last_name, t.expired"
            " FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.token = ?",
            (token.strip(),),
        )
        .fetchone()
    )
    if found is None:
        raise ApiProblem(1002)
    if found["expired"]:
        raise ApiProblem(1003)
    return User(found["id"], found["email"], found["first_name"], found["last_name"])


def sheet_level(connection: sqlite3.Connection, user: User, sheet: sqlite3.Row) -> str | None:
    """The higher one of the user's levels on a sheet and on its workspace; None where neither is shared."""
    found = connection.execute(
        "SELECT level FROM access WHERE user_id = ? AND (object = 'sheet' AND object_id = ?"
        " OR object = 'workspace' AND object_id = ?)",
        (user.id, sheet["id"], sheet["workspace_id"]),
    ).fetchall()
    return max((row["level"] for row in found), key=LEVELS.index, default=None)


def open_sheet(
    connection: sqlite3.Connection, user: User, sheet_id: int, least: str = "VIEWER"
) -> tuple[sqlite3.Row, str]:
    """A sheet and the user's level on it; 404/1006 when not shared, 403/1004 when the level is too low."""
    sheet = connection.execute("SELECT * FROM sheets WHERE id = ?", (sheet_id,)).fetchone()
    level = None if sheet is None else sheet_level(connection, user, sheet)
    if sheet is None or level is None:
        raise ApiProblem(1006)
    if LEVELS.index(level) < LEVELS.index(least):
        raise ApiProblem(1004)
    return sheet, level


def workspace_level(
    connection: sqlite3.Connection, user: User, workspace_id: int, least: str = "VIEWER"
) -> str:
    """The user's level on a workspace; 404/1006 when not shared, 403/1004 when the level is too low."""
    found = connection.execute(
        "SELECT level FROM access WHERE user_id = ? AND object = 'workspace' AND object_id = ?",
        (user.id, workspace_id),
    ).fetchone()
    if found is None:
        raise ApiProblem(1006)
    if LEVELS.index(found["level"]) < LEVELS.index(least):
        raise ApiProblem(1004)
    return found["level"]


def shown(level: str, access_api_level: int) -> str:
    """The level as it is sent: commenters are viewers to callers that do not ask for level 1."""
    return "VIEWER" if level == "COMMENTER" and access_api_level < 1 else level


def owners_of(connection: sqlite3.Connection) -> dict[tuple[str, int | None], dict[str, Any]]:
    """Who owns what, as attributes of a sheet, by ("sheet" or "workspace", id)."""
    found = connection.execute(
        "SELECT a.object, a.object_id, u.email, u.id FROM access a JOIN users u ON u.id = a.user_id"
        " WHERE a.level = 'OWNER'"
    ).fetchall()
    return {(row["object"], row["object_id"]): {"owner": row["email"], "ownerId": row["id"]} for row in found}
