"""The endpoints of workspaces and folders: lists and children by token, metadata, and what is made in them.

The two ways to read a whole tree in one call are retired (410/4005). Called through `ROUTES`.
"""

import base64
import binascii
import sqlite3
from collections.abc import Sequence
from typing import Any

from dsr_pipeline.sandbox.access import LEVELS, owners_of, shown, workspace_level
from dsr_pipeline.sandbox.answers import Answer, Call, Route, success
from dsr_pipeline.sandbox.attributes import check_attributes
from dsr_pipeline.sandbox.column_bodies import read_new_sheet
from dsr_pipeline.sandbox.columns import insert_columns
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.params import ACCESS, Param, text, whole, words
from dsr_pipeline.sandbox.sheets import OF_SHEETS, forget_sheets, needed_name
from dsr_pipeline.sandbox.texts import as_object, permalink

PAGE_ITEMS = 100
# The order of children in a list. Reports, dashboards and templates do not exist in a stand-in.
_KINDS = ("folders", "sheets")
_NOT_HERE = ("reports", "sights", "templates")
# What a folder or workspace is read with, but is not made with.
_OF_CONTAINERS = frozenset("accessLevel favorite folders id permalink sheets".split()) | {*_NOT_HERE}


def list_workspaces(call: Call) -> Answer:
    """GET the workspaces that are shared with the user, page by page with a token."""
    found = (
        call.store.connection()
        .execute(
            "SELECT w.*, a.level FROM workspaces w JOIN access a ON a.object = 'workspace'"
            " AND a.object_id = w.id WHERE a.user_id = ? ORDER BY w.id",
            (call.user.id,),
        )
        .fetchall()
    )
    items = [((0, row["id"]), _workspace(call, row, row["level"])) for row in found]
    return _token_page(call, items, "workspaces")


def children(call: Call) -> Answer:
    """GET the folders and sheets directly in a workspace or folder, page by page with a token."""
    kinds = call.words("childrenResourceTypes") or {*_KINDS, *_NOT_HERE}
    if "templates" in kinds and "sheets" not in kinds:
        raise ApiProblem(1018, "templates", "childrenResourceTypes")
    with call.store.reading() as connection:
        workspace_id, folder_id = _container(call, connection)
        level = workspace_level(connection, call.user, workspace_id)
        items: list[tuple[tuple[int, int], dict[str, Any]]] = []
        if "folders" in kinds:
            folders = connection.execute(
                "SELECT * FROM folders WHERE workspace_id = ? AND parent_id IS ? ORDER BY id",
                (workspace_id, folder_id),
            )
            items += [((0, row["id"]), _child(row, "folder")) for row in folders]
        if "sheets" in kinds:
            sheets = connection.execute(
                "SELECT s.*, (SELECT level FROM access a WHERE a.user_id = ? AND a.object = 'sheet'"
                " AND a.object_id = s.id) AS own FROM sheets s"
                " WHERE workspace_id = ? AND folder_id IS ? ORDER BY id",
                (call.user.id, workspace_id, folder_id),
            )
            owners = owners_of(connection) if "ownerInfo" in call.words("include") else {}
            for row in sheets:
                best = max((row["own"] or level, level), key=LEVELS.index)
                sent = _child(row, "sheet")
                sent["accessLevel"] = shown(best, call.query.get("accessApiLevel", 0))
                sent.update(owners.get(("sheet", row["id"])) or owners.get(("workspace", workspace_id)) or {})
                items.append(((1, row["id"]), sent))
    return _token_page(call, items, f"{workspace_id}/{folder_id}/{'+'.join(sorted(kinds))}")


def metadata(call: Call) -> Answer:
    """GET what is known of a workspace or folder without its content."""
    with call.store.reading() as connection:
        workspace_id, folder_id = _container(call, connection)
        level = workspace_level(connection, call.user, workspace_id)
        if folder_id is not None:
            return Answer(_named(_row(connection, "folders", folder_id), "folders", times=True))
        row = _row(connection, "workspaces", workspace_id)
    return Answer(
        {**_workspace(call, row, level), "createdAt": row["created_at"], "modifiedAt": row["modified_at"]}
    )


def retired(call: Call) -> Answer:
    """GET /workspaces/{id} and /folders/{id}: announced in 2025, out of service since 2026-06-03."""
    raise ApiProblem(4005)


def create_workspace(call: Call) -> Answer:
    """POST a workspace: the user owns it."""
    name = needed_name(_body(call, {"name"}, "workspace"), "workspace")
    with call.store.writing() as connection:
        new_id = call.store.new_id()
        connection.execute("INSERT INTO workspaces VALUES (?, ?, ?, ?)", (new_id, name, call.at, call.at))
        connection.execute("INSERT INTO access VALUES (?, 'workspace', ?, 'OWNER')", (call.user.id, new_id))
        row = _row(connection, "workspaces", new_id)
    return success(_workspace(call, row, "OWNER"))


def create_folder(call: Call) -> Answer:
    """POST a folder into a workspace or folder."""
    name = needed_name(_body(call, {"name"}, "folder"), "folder")
    with call.store.writing() as connection:
        workspace_id, folder_id = _container(call, connection)
        workspace_level(connection, call.user, workspace_id, "EDITOR")
        new_id = call.store.new_id()
        connection.execute(
            "INSERT INTO folders VALUES (?, ?, ?, ?, ?, ?)",
            (new_id, workspace_id, folder_id, name, call.at, call.at),
        )
        row = _row(connection, "folders", new_id)
    return success(_named(row, "folders"))


def create_sheet(call: Call) -> Answer:
    """POST a sheet into a workspace, a folder, or (deprecated) the user's own sheets."""
    body = _body(call, {"name", "columns"}, "sheet")
    name = needed_name(body, "sheet")
    bodies = read_new_sheet(body.get("columns"))
    with call.store.writing() as connection:
        new_id = call.store.new_id()
        if call.path:
            workspace_id, folder_id = _container(call, connection)
            level = workspace_level(connection, call.user, workspace_id, "EDITOR")
        else:
            workspace_id, folder_id, level = None, None, "OWNER"
            connection.execute("INSERT INTO access VALUES (?, 'sheet', ?, 'OWNER')", (call.user.id, new_id))
        connection.execute(
            "INSERT INTO sheets VALUES (?, ?, ?, ?, 0, ?, ?)",
            (new_id, name, workspace_id, folder_id, call.at, call.at),
        )
        made = insert_columns(call, connection, new_id, bodies)
    result: dict[str, Any] = {"id": new_id, "name": name}
    result["accessLevel"] = shown(level, call.query.get("accessApiLevel", 0))
    result["permalink"] = permalink("sheets", new_id)
    result["columns"] = [column.shown(2) for column in made]
    return success(result)


def rename(call: Call) -> Answer:
    """PUT another name on a workspace or folder."""
    kind = "folder" if "folder_id" in call.path else "workspace"
    name = needed_name(_body(call, {"name"}, kind), kind)
    with call.store.writing() as connection:
        workspace_id, folder_id = _container(call, connection)
        level = workspace_level(connection, call.user, workspace_id, "ADMIN")
        connection.execute(
            f"UPDATE {kind}s SET name = ?, modified_at = ? WHERE id = ?",
            (name, call.at, folder_id if kind == "folder" else workspace_id),
        )
        if folder_id is not None:
            return success(_named(_row(connection, "folders", folder_id), "folders"))
        return success(_workspace(call, _row(connection, "workspaces", workspace_id), level))


def delete(call: Call) -> Answer:
    """DELETE a workspace or folder with everything in it."""
    with call.store.writing() as connection:
        workspace_id, folder_id = _container(call, connection)
        workspace_level(connection, call.user, workspace_id, "ADMIN" if folder_id else "OWNER")
        if folder_id is None:
            inside = connection.execute("SELECT id FROM sheets WHERE workspace_id = ?", (workspace_id,))
            forget_sheets(connection, [row["id"] for row in inside.fetchall()])
            connection.execute("DELETE FROM folders WHERE workspace_id = ?", (workspace_id,))
            connection.execute(
                "DELETE FROM access WHERE object = 'workspace' AND object_id = ?", (workspace_id,)
            )
            connection.execute("DELETE FROM workspaces WHERE id = ?", (workspace_id,))
            return success()
        for row_id in _below(connection, folder_id):
            inside = connection.execute("SELECT id FROM sheets WHERE folder_id = ?", (row_id,))
            forget_sheets(connection, [row["id"] for row in inside.fetchall()])
            connection.execute("DELETE FROM folders WHERE id = ?", (row_id,))
    return success()


def _below(connection: sqlite3.Connection, folder_id: int) -> list[int]:
    found = connection.execute(
        "WITH RECURSIVE below(id) AS (SELECT ? UNION ALL"
        " SELECT f.id FROM folders f JOIN below b ON f.parent_id = b.id) SELECT id FROM below",
        (folder_id,),
    )
    return [row["id"] for row in found]


def _container(call: Call, connection: sqlite3.Connection) -> tuple[int, int | None]:
    """Workspace and folder of the path; 404/1006 for a folder that does not exist."""
    if "workspace_id" in call.path:
        return call.path["workspace_id"], None
    folder = _row(connection, "folders", call.path["folder_id"])
    return folder["workspace_id"], folder["id"]


def _row(connection: sqlite3.Connection, table: str, row_id: int) -> sqlite3.Row:
    found = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (row_id,)).fetchone()
    if found is None:
        raise ApiProblem(1006)
    return found


def _body(call: Call, allowed: set[str], kind: str) -> dict[str, Any]:
    sent = as_object(call.json())
    if sent is None:
        raise ApiProblem(1008, f"A {kind} must be an object.")
    check_attributes(sent, kind, allowed, OF_SHEETS if kind == "sheet" else _OF_CONTAINERS)
    return sent


def _named(row: sqlite3.Row, kind: str, *, times: bool = False) -> dict[str, Any]:
    sent = {"id": row["id"], "name": row["name"], "permalink": permalink(kind, row["id"])}
    return {**sent, "createdAt": row["created_at"], "modifiedAt": row["modified_at"]} if times else sent


def _workspace(call: Call, row: sqlite3.Row, level: str) -> dict[str, Any]:
    seen = shown(level, call.query.get("accessApiLevel", 0))
    address = permalink("workspaces", row["id"])
    return {"id": row["id"], "name": row["name"], "accessLevel": seen, "permalink": address}


def _child(row: sqlite3.Row, kind: str) -> dict[str, Any]:
    return {**_named(row, f"{kind}s", times=True), "resourceType": kind}


def _token_page(call: Call, items: Sequence[tuple[tuple[int, int], dict[str, Any]]], about: str) -> Answer:
    """The items behind the one that the token names. A token belongs to one list and one choice of kinds."""
    size: int = call.query.get("maxItems", PAGE_ITEMS)
    after = _read_token(call.query.get("lastKey"), about)
    left = [item for item in items if after is None or item[0] > after]
    body: dict[str, Any] = {"data": [sent for _, sent in left[:size]]}
    if len(left) > size:
        rank, last_id = left[size - 1][0]
        body["lastKey"] = base64.urlsafe_b64encode(f"{about}|{rank}|{last_id}".encode()).decode().rstrip("=")
    return Answer(body)


def _read_token(token: str | None, about: str) -> tuple[int, int] | None:
    if token is None:
        return None
    try:
        parts = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split("|")
        if len(parts) != 3 or parts[0] != about:
            raise ValueError
        return int(parts[1]), int(parts[2])
    except (ValueError, binascii.Error):
        raise ApiProblem(1018, token, "lastKey") from None


def _only_token(value: str) -> str:
    if value != "token":
        raise ValueError
    return value


_TOKEN: dict[str, Param] = {"maxItems": whole(PAGE_ITEMS), "lastKey": text}
_CHILDREN: dict[str, Param] = {
    **_TOKEN,
    **ACCESS,
    "childrenResourceTypes": words(*_KINDS, *_NOT_HERE),
    "include": words("ownerInfo", "source"),
}
_METADATA: dict[str, Param] = {**ACCESS, "include": words("source")}
_WHOLE_TREE: dict[str, Param] = {**ACCESS, "include": text, "loadAll": text}


def _of(path: str) -> list[Route]:
    return [
        Route(path, "GET", retired, _WHOLE_TREE),
        Route(path, "PUT", rename, ACCESS),
        Route(path, "DELETE", delete),
        Route(f"{path}/children", "GET", children, _CHILDREN),
        Route(f"{path}/metadata", "GET", metadata, _METADATA),
        Route(f"{path}/folders", "POST", create_folder),
        Route(f"{path}/sheets", "POST", create_sheet, ACCESS),
    ]


ROUTES = [
    Route("/workspaces", "GET", list_workspaces, {**_TOKEN, **ACCESS, "paginationType": _only_token}),
    Route("/workspaces", "POST", create_workspace, ACCESS),
    Route("/sheets", "POST", create_sheet, ACCESS),
    *_of("/workspaces/{workspace_id}"),
    *_of("/folders/{folder_id}"),
]
