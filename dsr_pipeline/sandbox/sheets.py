"""The endpoints of whole sheets: the list, one sheet, its version, its name, its end.

What is inside a sheet is read in `reading.py`. Called through `ROUTES`.
"""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dsr_pipeline.sandbox.access import LEVELS, open_sheet, owners_of, shown
from dsr_pipeline.sandbox.answers import Answer, Call, Route, cut, success
from dsr_pipeline.sandbox.attributes import check_attributes
from dsr_pipeline.sandbox.clock import as_text
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.params import ACCESS, LEVEL, PAGING, ids, instant, whole, words
from dsr_pipeline.sandbox.reading import get_sheet
from dsr_pipeline.sandbox.rows import EXCLUDES, INCLUDES
from dsr_pipeline.sandbox.texts import as_object, permalink

LONGEST_NAME = 50
LONGEST_NAME_OF_A_FOLDER = 100
# What a sheet is read with, or made of elsewhere, but is neither made nor changed with here.
OF_SHEETS = frozenset(
    "accessLevel attachments cellImageUploadEnabled dependenciesEnabled discussions favorite filters fromId"
    " effectiveAttachmentOptions ganttEnabled hasSummaryFields id isMultiPicklistEnabled owner ownerId"
    " permalink projectSettings readOnly resourceManagementEnabled resourceManagementType rows source"
    " totalRowCount userPermissions userSettings version workspace".split()
)
# The sheets that are shared with a user, each with the higher one of its two possible levels.
_SHARED = """
WITH shares AS (
  SELECT s.id AS sheet_id, a.level
  FROM sheets s JOIN access a ON a.object = 'sheet' AND a.object_id = s.id WHERE a.user_id = :user
  UNION ALL
  SELECT s.id, a.level
  FROM sheets s JOIN access a ON a.object = 'workspace' AND a.object_id = s.workspace_id
  WHERE a.user_id = :user)
SELECT s.*, group_concat(shares.level) AS levels
FROM shares JOIN sheets s ON s.id = shares.sheet_id GROUP BY s.id ORDER BY s.id
"""


def list_sheets(call: Call) -> Answer:
    """GET /sheets: what is shared with the user; the list may lag behind the sheets themselves."""
    since = call.query.get("modifiedSince")
    with call.store.reading() as connection:
        found = connection.execute(_SHARED, {"user": call.user.id}).fetchall()
        seen = [(sheet, *_seen(call, connection, sheet)) for sheet in found]
        if since is not None:
            edge = as_text(since)
            seen = [item for item in seen if item[2] >= edge]
        part = cut(call, len(seen))
        chosen = seen[part.start : part.stop]
        owners = owners_of(connection) if "ownerInfo" in call.words("include") else {}
    items: list[dict[str, Any]] = []
    for sheet, version, modified_at in chosen:
        level = max(sheet["levels"].split(","), key=LEVELS.index)
        item: dict[str, Any] = {
            "id": sheet["id"],
            "name": sheet["name"],
            "accessLevel": shown(level, call.query.get("accessApiLevel", 0)),
            "permalink": permalink("sheets", sheet["id"]),
            "createdAt": sheet["created_at"],
            "modifiedAt": modified_at,
        }
        if "sheetVersion" in call.words("include"):
            item["version"] = version
        item.update(
            owners.get(("sheet", sheet["id"])) or owners.get(("workspace", sheet["workspace_id"])) or {}
        )
        items.append(item)
    return Answer({**part.head, "data": items})


def _seen(call: Call, connection: sqlite3.Connection, sheet: sqlite3.Row) -> tuple[int, str]:
    """Version and time of a sheet as the list knows them: changes younger than the lag are not in it yet."""
    lag = call.options.list_lag_seconds
    edge = as_text(call.now - timedelta(seconds=lag))
    if lag <= 0 or sheet["modified_at"] <= edge:
        return sheet["version"], sheet["modified_at"]
    known = connection.execute(
        "SELECT version, at FROM sheet_changes WHERE sheet_id = ? AND at <= ? ORDER BY version DESC LIMIT 1",
        (sheet["id"], edge),
    ).fetchone()
    if known is not None:
        return known["version"], known["at"]
    first = connection.execute(
        "SELECT min(version) FROM sheet_changes WHERE sheet_id = ?", (sheet["id"],)
    ).fetchone()[0]
    return (sheet["version"] if first is None else first - 1), sheet["created_at"]


def get_version(call: Call) -> Answer:
    """GET the version alone, which never lags."""
    sheet, _ = open_sheet(call.store.connection(), call.user, call.path["sheet_id"])
    return Answer({"version": sheet["version"]})


def update_sheet(call: Call) -> Answer:
    """PUT a sheet: its name. Settings of projects and users are not kept and refused."""
    sent = as_object(call.json())
    if sent is None:
        raise ApiProblem(1008, "A sheet must be an object.")
    check_attributes(sent, "sheet", {"name"}, OF_SHEETS | {"columns"})
    name = needed_name(sent, "sheet")
    with call.store.writing() as connection:
        sheet, level = open_sheet(connection, call.user, call.path["sheet_id"], "ADMIN")
        connection.execute(
            "UPDATE sheets SET name = ?, modified_at = ? WHERE id = ?", (name, call.at, sheet["id"])
        )
    result = {"id": sheet["id"], "name": name, "accessLevel": level}
    return success({**result, "permalink": permalink("sheets", sheet["id"])})


def needed_name(sent: dict[str, Any], kind: str) -> str:
    """The name of a new or renamed thing; 400/1012 without one, 400/1041 when it is too long."""
    name = sent.get("name")
    if name is None or name == "":
        raise ApiProblem(1012, f"{kind}.name")
    if not isinstance(name, str):
        raise ApiProblem(1008, 'Field "name" was of unexpected type.')
    longest = LONGEST_NAME if kind == "sheet" else LONGEST_NAME_OF_A_FOLDER
    if len(name) > longest:
        raise ApiProblem(1041, f"{kind}.name", longest, len(name))
    return name


def delete_sheet(call: Call) -> Answer:
    """DELETE a sheet with all that is in it."""
    with call.store.writing() as connection:
        sheet, _ = open_sheet(connection, call.user, call.path["sheet_id"], "ADMIN")
        forget_sheets(connection, [sheet["id"]])
    return success()


def forget_sheets(connection: sqlite3.Connection, sheet_ids: Sequence[int]) -> None:
    """Remove sheets with rows, history, attachments and shares."""
    for sheet_id in sheet_ids:
        connection.execute(
            "DELETE FROM attachment_urls WHERE attachment_id IN"
            " (SELECT id FROM attachments WHERE sheet_id = ?)",
            (sheet_id,),
        )
        for table in ("attachments", "rows", "columns", "sheet_changes"):
            connection.execute(f"DELETE FROM {table} WHERE sheet_id = ?", (sheet_id,))
        connection.execute("DELETE FROM cell_history WHERE sheet_id = ?", (sheet_id,))
        connection.execute("DELETE FROM access WHERE object = 'sheet' AND object_id = ?", (sheet_id,))
        connection.execute("DELETE FROM sheets WHERE id = ?", (sheet_id,))


# What a stand-in sheet never has (discussions, filters, references to other sheets, a source, Gantt settings,
# proofs, formats) is accepted as a word, because leaving it out is then the true answer.
_SHEET_INCLUDES = {
    *INCLUDES,
    "crossSheetReferences",
    "filterDefinitions",
    "ganttConfig",
    "ownerInfo",
    "proofs",
    "source",
} - {"columns"}
ROUTES = [
    Route(
        "/sheets",
        "GET",
        list_sheets,
        {
            **PAGING,
            **ACCESS,
            "modifiedSince": instant,
            "include": words("ownerInfo", "sheetVersion", "source"),
        },
    ),
    Route(
        "/sheets/{sheet_id}",
        "GET",
        get_sheet,
        {
            **ACCESS,
            **LEVEL,
            "columnIds": ids,
            "exclude": words(*EXCLUDES),
            "ifVersionAfter": whole(0),
            "include": words(*_SHEET_INCLUDES),
            "page": whole(),
            "pageSize": whole(1),
            "rowIds": ids,
            "rowNumbers": ids,
            "rowsModifiedSince": instant,
        },
    ),
    Route("/sheets/{sheet_id}", "PUT", update_sheet, ACCESS, writes_sheet=True),
    Route("/sheets/{sheet_id}", "DELETE", delete_sheet, writes_sheet=True),
    Route("/sheets/{sheet_id}/version", "GET", get_version),
]
