"""GET one sheet: which rows and columns of it are sent, page by page, and what is said about the sheet.

The hot path of the stand-in: everything is read in one snapshot and nothing is kept between requests.
"""

import math
import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from dsr_pipeline.sandbox.access import LEVELS, open_sheet, owners_of, shown
from dsr_pipeline.sandbox.answers import Answer, Call
from dsr_pipeline.sandbox.attachments import attachments_of, sheet_attachments_of
from dsr_pipeline.sandbox.clock import as_text
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.render import RowRenderer, View
from dsr_pipeline.sandbox.row_store import view_of
from dsr_pipeline.sandbox.schema import Column, columns_of
from dsr_pipeline.sandbox.texts import permalink

# Where only `page` is sent.
PAGE_SIZE = 100


def get_sheet(call: Call) -> Answer:
    """A sheet, whole or in part; only its version where `ifVersionAfter` is not below it."""
    with call.store.reading() as connection:
        sheet, level = open_sheet(connection, call.user, call.path["sheet_id"])
        known = call.query.get("ifVersionAfter")
        if known is not None and known >= sheet["version"]:
            return Answer({"version": sheet["version"]})
        columns = _chosen_columns(call, columns_of(connection, sheet["id"]))
        view = view_of(call, connection, level)
        listed = connection.execute(
            "SELECT id, parent_id, modified_at, blank FROM rows WHERE sheet_id = ? ORDER BY position, id",
            (sheet["id"],),
        ).fetchall()
        rows = _rows(call, connection, sheet["id"], listed, RowRenderer(columns, view))
        body = _head(call, connection, sheet, level, len(listed))
    body["columns"] = [column.shown(view.level, admin=view.admin) for column in columns]
    body["rows"] = rows
    if "attachments" in view.include:
        _attach(call, sheet["id"], body, view)
    return Answer(body)


def _head(
    call: Call, connection: sqlite3.Connection, sheet: sqlite3.Row, level: str, total: int
) -> dict[str, Any]:
    rights = "READ_ONLY"
    if LEVELS.index(level) >= LEVELS.index("EDITOR"):
        rights = "ADMIN" if LEVELS.index(level) >= LEVELS.index("ADMIN") else "READ_WRITE"
    head: dict[str, Any] = {
        "id": sheet["id"],
        "name": sheet["name"],
        "version": sheet["version"],
        "totalRowCount": total,
        "accessLevel": shown(level, call.query.get("accessApiLevel", 0)),
        "effectiveAttachmentOptions": ["FILE"],
        "ganttEnabled": False,
        "dependenciesEnabled": False,
        "resourceManagementEnabled": False,
        "resourceManagementType": "NONE",
        "cellImageUploadEnabled": True,
        "userSettings": {"criticalPathEnabled": False, "displaySummaryTasks": True},
        "userPermissions": {"summaryPermissions": rights},
        "hasSummaryFields": False,
        "permalink": permalink("sheets", sheet["id"]),
        "createdAt": sheet["created_at"],
        "modifiedAt": sheet["modified_at"],
        "isMultiPicklistEnabled": True,
    }
    if sheet["workspace_id"] is not None:
        name = connection.execute(
            "SELECT name FROM workspaces WHERE id = ?", (sheet["workspace_id"],)
        ).fetchone()
        if name is not None:
            head["workspace"] = {"id": sheet["workspace_id"], "name": name["name"]}
    if "ownerInfo" in call.words("include"):
        owners = owners_of(connection)
        head.update(
            owners.get(("sheet", sheet["id"])) or owners.get(("workspace", sheet["workspace_id"])) or {}
        )
    return head


def _chosen_columns(call: Call, columns: list[Column]) -> list[Column]:
    wanted = call.query.get("columnIds")
    if wanted is None:
        return columns
    known = {column.id for column in columns}
    for column_id in wanted:
        if column_id not in known:
            raise ApiProblem(1036, column_id)
    return [column for column in columns if column.id in wanted]


def _rows(
    call: Call,
    connection: sqlite3.Connection,
    sheet_id: int,
    listed: Sequence[sqlite3.Row],
    renderer: RowRenderer,
) -> list[dict[str, Any]]:
    places: dict[int, tuple[int, int | None]] = {}
    last: dict[int | None, int] = {}
    for number, row in enumerate(listed, start=1):
        places[row["id"]] = (number, last.get(row["parent_id"]))
        last[row["parent_id"]] = row["id"]
    chosen = _chosen(call, listed, places)
    if len(chosen) == len(listed):
        found = connection.execute("SELECT * FROM rows WHERE sheet_id = ? ORDER BY position, id", (sheet_id,))
    else:
        wanted = msgspec.json.encode([row["id"] for row in chosen]).decode()
        found = connection.execute(
            "SELECT * FROM rows WHERE id IN (SELECT value FROM json_each(?)) ORDER BY position, id", (wanted,)
        )
    decode = msgspec.json.Decoder(dict[str, dict[str, Any]]).decode
    return [renderer.row(row, decode(row["cells"]), *places[row["id"]]) for row in found]


def _chosen(
    call: Call, listed: Sequence[sqlite3.Row], places: dict[int, tuple[int, int | None]]
) -> list[sqlite3.Row]:
    """The rows of this request. The page is cut before `rowsModifiedSince` looks: it may come out empty."""
    chosen = list(listed)
    if "rowIds" in call.query or "rowNumbers" in call.query:
        wanted = set(call.query.get("rowIds", ()))
        numbers = set(call.query.get("rowNumbers", ()))
        chosen = [row for row in chosen if row["id"] in wanted or places[row["id"]][0] in numbers]
    if "page" in call.query or "pageSize" in call.query:
        size = call.query.get("pageSize", PAGE_SIZE)
        pages = max(1, math.ceil(len(chosen) / size))
        # A page past the end repeats the last one.
        page = min(max(1, call.query.get("page", 1)), pages)
        chosen = chosen[(page - 1) * size : page * size]
    since = call.query.get("rowsModifiedSince")
    if since is not None:
        edge = as_text(since)
        chosen = [row for row in chosen if row["modified_at"] > edge and not row["blank"]]
    return chosen


def _attach(call: Call, sheet_id: int, body: dict[str, Any], view: View) -> None:
    if own := sheet_attachments_of(call.store, sheet_id):
        body["attachments"] = own
    by_row = attachments_of(call.store, sheet_id)
    for row in body["rows"]:
        if found := by_row.get(row["id"]):
            row["attachments"] = found
