"""GET the way to a sheet or folder: its workspace, with the folders that lead to it nested inside.

Called through `ROUTES`.
"""

import sqlite3
from typing import Any

from dsr_pipeline.sandbox.access import open_sheet, shown, workspace_level
from dsr_pipeline.sandbox.answers import Answer, Call, Route
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.texts import permalink


def sheet_path(call: Call) -> Answer:
    """The workspace of a sheet, down to the sheet."""
    with call.store.reading() as connection:
        sheet, level = open_sheet(connection, call.user, call.path["sheet_id"])
        if sheet["workspace_id"] is None:
            raise ApiProblem(1006)
        leaf = {**_node(sheet, "sheets"), "accessLevel": shown(level, 0)}
        return _down(call, connection, sheet["workspace_id"], sheet["folder_id"], {"sheets": [leaf]})


def folder_path(call: Call) -> Answer:
    """The workspace of a folder, down to the folder."""
    with call.store.reading() as connection:
        folder = connection.execute(
            "SELECT * FROM folders WHERE id = ?", (call.path["folder_id"],)
        ).fetchone()
        if folder is None:
            raise ApiProblem(1006)
        below = {"folders": [_node(folder, "folders")]}
        return _down(call, connection, folder["workspace_id"], folder["parent_id"], below)


def _down(
    call: Call,
    connection: sqlite3.Connection,
    workspace_id: int,
    folder_id: int | None,
    inside: dict[str, Any],
) -> Answer:
    level = workspace_level(connection, call.user, workspace_id)
    while folder_id is not None:
        folder = connection.execute("SELECT * FROM folders WHERE id = ?", (folder_id,)).fetchone()
        inside = {"folders": [{**_node(folder, "folders"), **inside}]}
        folder_id = folder["parent_id"]
    workspace = connection.execute("SELECT * FROM workspaces WHERE id = ?", (workspace_id,)).fetchone()
    return Answer({**_node(workspace, "workspaces"), "accessLevel": shown(level, 0), **inside})


def _node(row: sqlite3.Row, kind: str) -> dict[str, Any]:
    return {"id": row["id"], "name": row["name"], "permalink": permalink(kind, row["id"])}


ROUTES = [
    Route("/sheets/{sheet_id}/path", "GET", sheet_path),
    Route("/folders/{folder_id}/path", "GET", folder_path),
]
