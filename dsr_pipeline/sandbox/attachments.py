"""Files and links attached to rows and sheets: upload, lists, versions, removal, and the temporary address.

Endpoints of the stand-in; `uploads` reads what was sent. Called by `app` through `ROUTES`, and by the sheet
and row endpoints for `include=attachments`.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dsr_pipeline.sandbox.access import LEVELS, open_sheet
from dsr_pipeline.sandbox.answers import Answer, Call, Route, index_result, success
from dsr_pipeline.sandbox.asgi import FILES
from dsr_pipeline.sandbox.changes import saved_change
from dsr_pipeline.sandbox.clock import as_text, from_text
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.params import PAGING
from dsr_pipeline.sandbox.store import order_of_id
from dsr_pipeline.sandbox.uploads import LINK, Upload, disposition, uploaded

if TYPE_CHECKING:
    import sqlite3

    from dsr_pipeline.sandbox.store import Store

ANY_VERSION = """
SELECT a.id, a.sheet_id, a.row_id, a.chain, a.version_no, a.name, a.mime_type, a.size, a.created_at,
  a.created_by, CASE WHEN a.mime_type = :link THEN a.data END AS link, u.email, u.first_name, u.last_name
FROM attachments a LEFT JOIN users u ON u.id = a.created_by
WHERE a.sheet_id = :sheet AND (a.row_id IS NULL OR a.row_id IN (SELECT id FROM rows))
"""
"""What hung on a deleted row is gone with it."""
# An upload of a name that is there already is another attachment, not a version.
NEWEST = f"""{ANY_VERSION} AND a.id IN (
  SELECT id FROM (SELECT id, max(version_no) FROM attachments WHERE sheet_id = :sheet GROUP BY chain))
"""
REFUSED_DOWNLOAD = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
    b"<Message>Request has expired</Message></Error>"
)


def attachments_of(store: Store, sheet_id: int) -> dict[int, list[dict[str, Any]]]:
    """The attachments of every row of a sheet that has some, by row id."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in _select(store, "AND a.row_id IS NOT NULL", sheet=sheet_id):
        found.setdefault(row["row_id"], []).append(_shown(row))
    return found


def sheet_attachments_of(store: Store, sheet_id: int) -> list[dict[str, Any]]:
    """The attachments of the sheet itself, without those of its rows."""
    return [_shown(row) for row in _select(store, "AND a.row_id IS NULL", sheet=sheet_id)]


def list_of_sheet(call: Call) -> Answer:
    """GET /sheets/{id}/attachments: those of the sheet and of all its rows."""
    sheet_id = call.path["sheet_id"]
    open_sheet(call.store.connection(), call.user, sheet_id)
    return index_result(call, [_shown(row) for row in _select(call.store, "", sheet=sheet_id)])


def list_of_row(call: Call) -> Answer:
    """GET /sheets/{id}/rows/{row}/attachments."""
    sheet_id, row_id = call.path["sheet_id"], call.path["row_id"]
    open_sheet(call.store.connection(), call.user, sheet_id)
    _check_row(call.store.connection(), sheet_id, row_id)
    found = _select(call.store, "AND a.row_id = :row", sheet=sheet_id, row=row_id)
    return index_result(call, [_shown(row) for row in found])


def attach_to_sheet(call: Call) -> Answer:
    """POST /sheets/{id}/attachments."""
    return _attach(call, None)


def attach_to_row(call: Call) -> Answer:
    """POST /sheets/{id}/rows/{row}/attachments."""
    return _attach(call, call.path["row_id"])


def get(call: Call) -> Answer:
    """GET /sheets/{id}/attachments/{a}: with an address that works for a while and needs no token."""
    open_sheet(call.store.connection(), call.user, call.path["sheet_id"])
    found = _find(call)
    shown = _shown(found)
    if found["link"] is not None:
        return Answer(shown)
    seconds = call.options.url_expires_seconds
    key = call.options.token_for_urls()
    with call.store.writing() as connection:
        connection.execute(
            "INSERT INTO attachment_urls VALUES(?, ?, ?)",
            (key, found["id"], as_text(call.now + timedelta(seconds=seconds))),
        )
    return Answer(shown | {"url": f"{call.base}{FILES}{key}", "urlExpiresInMillis": seconds * 1000})


def delete(call: Call) -> Answer:
    """DELETE /sheets/{id}/attachments/{a}: this version; the one before it becomes the newest."""
    with call.store.writing() as connection:
        found = _find_to_delete(call, connection)
        return success(version=_remove(call, connection, "id", found["id"]))


def list_versions(call: Call) -> Answer:
    """GET /sheets/{id}/attachments/{a}/versions, newest first."""
    open_sheet(call.store.connection(), call.user, call.path["sheet_id"])
    chain = _find(call)["chain"]
    found = call.store.connection().execute(
        f"{ANY_VERSION} AND a.chain = :chain ORDER BY a.version_no DESC",
        {"sheet": call.path["sheet_id"], "chain": chain, "link": LINK},
    )
    return index_result(call, [_shown(row) for row in found])


def attach_version(call: Call) -> Answer:
    """POST /sheets/{id}/attachments/{a}/versions: of a file; the answer has a new id."""
    open_sheet(call.store.connection(), call.user, call.path["sheet_id"], "COMMENTER")
    older = _find(call)
    if older["link"] is not None:
        raise ApiProblem(1101)
    sent = uploaded(call)
    if sent.mime_type == LINK:
        raise ApiProblem(1101)
    return _save(call, sent, older["row_id"], older["chain"])


def delete_versions(call: Call) -> Answer:
    """DELETE /sheets/{id}/attachments/{a}/versions: the whole attachment."""
    with call.store.writing() as connection:
        _remove(call, connection, "chain", _find_to_delete(call, connection)["chain"])
        # The vendor's example of this answer, unlike that of a single removal, has no version.
        return success()


def download(call: Call) -> Answer:
    """GET the temporary address: the bytes as they were sent, or 403 in XML when its time is over."""
    found = (
        call.store.connection()
        .execute(
            "SELECT u.expires_at, a.name, a.mime_type, a.data FROM attachment_urls u "
            "JOIN attachments a ON a.id = u.attachment_id WHERE u.key = ?",
            (call.texts["key"],),
        )
        .fetchone()
    )
    if found is None:
        raise ApiProblem(1006)
    if call.now >= from_text(found["expires_at"]):
        return Answer(REFUSED_DOWNLOAD, status=403, content_type="application/xml")
    headers = {"Content-Disposition": disposition(found["name"])}
    return Answer(bytes(found["data"]), headers=headers, content_type=found["mime_type"])


def _attach(call: Call, row_id: int | None) -> Answer:
    connection = call.store.connection()
    open_sheet(connection, call.user, call.path["sheet_id"], "COMMENTER")
    if row_id is not None:
        _check_row(connection, call.path["sheet_id"], row_id)
    return _save(call, uploaded(call), row_id, None)


def _save(call: Call, sent: Upload, row_id: int | None, chain: int | None) -> Answer:
    """One more version of a chain, or the first of a new one; one saved change of the sheet."""
    sheet_id = call.path["sheet_id"]
    with call.store.writing() as connection:
        ident = call.store.new_id()
        if row_id is not None:
            # It may have gone while the file was read.
            _check_row(connection, sheet_id, row_id)
        (number,) = connection.execute(
            "SELECT coalesce(max(version_no), 0) + 1 FROM attachments WHERE sheet_id = ? AND chain = ?",
            (sheet_id, chain),
        ).fetchone()
        connection.execute(
            "INSERT INTO attachments VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                ident,
                sheet_id,
                row_id,
                ident if chain is None else chain,
                number,
                sent.name,
                sent.mime_type,
                len(sent.data),
                call.at,
                call.user.id,
                sent.data,
            ),
        )
        version = saved_change(connection, sheet_id, call.at)
        saved = connection.execute(
            f"{ANY_VERSION} AND a.id = :id", {"sheet": sheet_id, "id": ident, "link": LINK}
        ).fetchone()
    return success(_shown(saved), version=version)


def _remove(call: Call, connection: sqlite3.Connection, by: str, value: int) -> int:
    sheet_id = call.path["sheet_id"]
    chosen = f"FROM attachments WHERE sheet_id = ? AND {by} = ?"
    connection.execute(
        f"DELETE FROM attachment_urls WHERE attachment_id IN (SELECT id {chosen})", (sheet_id, value)
    )
    connection.execute(f"DELETE {chosen}", (sheet_id, value))
    return saved_change(connection, sheet_id, call.at)


def _find_to_delete(call: Call, connection: sqlite3.Connection) -> sqlite3.Row:
    """Editors delete any attachment, commenters their own."""
    _, level = open_sheet(connection, call.user, call.path["sheet_id"], "COMMENTER")
    found = _find(call)
    if LEVELS.index(level) < LEVELS.index("EDITOR") and found["created_by"] != call.user.id:
        raise ApiProblem(1004)
    return found


def _find(call: Call) -> sqlite3.Row:
    found = (
        call.store.connection()
        .execute(
            f"{ANY_VERSION} AND a.id = :id",
            {"sheet": call.path["sheet_id"], "id": call.path["attachment_id"], "link": LINK},
        )
        .fetchone()
    )
    if found is None:
        raise ApiProblem(1006)
    return found


def _select(store: Store, more: str, **values: int) -> list[sqlite3.Row]:
    found = store.connection().execute(f"{NEWEST} {more}", {**values, "link": LINK}).fetchall()
    return sorted(found, key=lambda row: (row["created_at"], order_of_id(row["chain"])))


def _check_row(connection: sqlite3.Connection, sheet_id: int, row_id: int) -> None:
    found = connection.execute("SELECT 1 FROM rows WHERE id = ? AND sheet_id = ?", (row_id, sheet_id))
    if found.fetchone() is None:
        raise ApiProblem(1006)


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": row["id"], "name": row["name"]}
    if row["link"] is not None:
        shown |= json.loads(row["link"])
    else:
        shown |= {"attachmentType": "FILE", "mimeType": row["mime_type"], "sizeInKb": -(-row["size"] // 1024)}
    on_row = row["row_id"] is not None
    shown |= {
        "parentType": "ROW" if on_row else "SHEET",
        "parentId": row["row_id"] if on_row else row["sheet_id"],
        "createdAt": row["created_at"],
    }
    if row["email"] is not None:
        name = f"{row['first_name']} {row['last_name']}".strip()
        shown["createdBy"] = {"name": name, "email": row["email"]}
    return shown


_SHEET, _ROW = "/sheets/{sheet_id}/attachments", "/sheets/{sheet_id}/rows/{row_id}/attachments"
_ONE = "/sheets/{sheet_id}/attachments/{attachment_id}"
ROUTES = [
    Route(_SHEET, "GET", list_of_sheet, PAGING),
    Route(_SHEET, "POST", attach_to_sheet, writes_sheet=True, form=True),
    Route(_ROW, "GET", list_of_row, PAGING),
    Route(_ROW, "POST", attach_to_row, writes_sheet=True, form=True),
    Route(_ONE, "GET", get),
    Route(_ONE, "DELETE", delete, writes_sheet=True),
    Route(f"{_ONE}/versions", "GET", list_versions, PAGING),
    Route(f"{_ONE}/versions", "POST", attach_version, writes_sheet=True, form=True),
    Route(f"{_ONE}/versions", "DELETE", delete_versions, writes_sheet=True),
    Route(f"{FILES}{{key}}", "GET", download, open=True, text_path=True),
]
