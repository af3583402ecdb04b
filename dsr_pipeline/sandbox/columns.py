"""The endpoints of columns: list, read, add, change, delete.

What a request says is read in `column_bodies.py`. Called through `ROUTES`.
"""

import sqlite3
from typing import Any

import msgspec

from dsr_pipeline.sandbox.access import open_sheet
from dsr_pipeline.sandbox.answers import Answer, Call, Route, index_result, success
from dsr_pipeline.sandbox.changes import saved_change
from dsr_pipeline.sandbox.column_bodies import check_distinct, kept, read_column
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.numbering import NEXT, next_number
from dsr_pipeline.sandbox.params import LEVEL, PAGING, words
from dsr_pipeline.sandbox.row_store import as_json, is_admin, is_blank
from dsr_pipeline.sandbox.schema import Column, columns_of
from dsr_pipeline.sandbox.texts import as_list


def list_columns(call: Call) -> Answer:
    """GET the columns of a sheet, paged."""
    connection = call.store.connection()
    sheet, level = open_sheet(connection, call.user, call.path["sheet_id"])
    columns = columns_of(connection, sheet["id"])
    view_level = call.query.get("level", 0)
    return index_result(call, [column.shown(view_level, admin=is_admin(level)) for column in columns])


def get_column(call: Call) -> Answer:
    """GET one column."""
    connection = call.store.connection()
    sheet, level = open_sheet(connection, call.user, call.path["sheet_id"])
    column = _existing(connection, sheet["id"], call.path["column_id"])
    return Answer(column.shown(call.query.get("level", 0), admin=is_admin(level)))


def add_columns(call: Call) -> Answer:
    """POST one column or several beside each other; all of them name the same index."""
    body = call.json()
    listed = as_list(body)
    bodies = [read_column(item, new=True) for item in ([body] if listed is None else listed)]
    for given in bodies:
        if "index" not in given:
            raise ApiProblem(1012, "column.index")
        if given["index"] != bodies[0]["index"]:
            raise ApiProblem(1135, given["index"], bodies[0]["index"])
        if given.get("primary"):
            raise ApiProblem(1055)
    check_distinct(bodies)
    with call.store.writing() as connection:
        sheet, _ = open_sheet(connection, call.user, call.path["sheet_id"], "ADMIN")
        if not bodies:
            return success([], sheet["version"])
        columns = columns_of(connection, sheet["id"])
        _check_new(columns, bodies)
        at = min(bodies[0]["index"], len(columns))
        made = insert_columns(call, connection, sheet["id"], bodies)
        columns[at:at] = made
        _renumber(connection, columns)
        for column in made:
            _fill(connection, column, call)
        version = saved_change(connection, sheet["id"], call.at)
    result = [column.shown(2) for column in made]
    return success(result[0] if listed is None else result, version)


def update_column(call: Call) -> Answer:
    """PUT a column: title, place, type, options and the like. No stored cell is converted."""
    given = read_column(call.json(), new=False)
    if "primary" in given:
        raise ApiProblem(1032, "column.primary")
    with call.store.writing() as connection:
        sheet, _ = open_sheet(connection, call.user, call.path["sheet_id"], "ADMIN")
        columns = columns_of(connection, sheet["id"])
        column = _existing(connection, sheet["id"], call.path["column_id"])
        others = [other for other in columns if other.id != column.id]
        if any(other.title == given.get("title") for other in others):
            raise ApiProblem(1056)
        kind = given.get("type", column.type)
        if column.primary and (kind != "TEXT_NUMBER" or "systemColumnType" in given):
            raise ApiProblem(1057)
        system = given.get("systemColumnType")
        if system is not None and any(other.system == system for other in others):
            raise ApiProblem(1077, system)
        if "type" in given and given["type"] != column.type:
            # What belongs to the old type goes with it.
            for name in ("options", "symbol", "contactOptions", "systemColumnType", "autoNumberFormat", NEXT):
                column.extra.pop(name, None)
        column.title = given.get("title", column.title)
        column.type = kind
        column.extra.update(kept(given))
        connection.execute(
            "UPDATE columns SET title = ?, type = ?, extra = ? WHERE id = ?",
            (column.title, column.type, as_json(column.extra), column.id),
        )
        others.insert(min(given.get("index", column.index), len(others)), column)
        _renumber(connection, others)
        if system is not None or "formula" in given:
            _fill(connection, column, call)
        version = saved_change(connection, sheet["id"], call.at)
    return success(column.shown(2), version)


def delete_column(call: Call) -> Answer:
    """DELETE a column with its cells and their history; the primary column stays."""
    with call.store.writing() as connection:
        sheet, _ = open_sheet(connection, call.user, call.path["sheet_id"], "ADMIN")
        column = _existing(connection, sheet["id"], call.path["column_id"])
        if column.primary:
            raise ApiProblem(1065)
        connection.execute("DELETE FROM columns WHERE id = ?", (column.id,))
        connection.execute(
            "DELETE FROM cell_history WHERE sheet_id = ? AND column_id = ?", (sheet["id"], column.id)
        )
        left = columns_of(connection, sheet["id"])
        by_id = {other.id: other for other in left}
        changed: list[tuple[str, bool, int]] = []
        for row_id, cells in _stored_cells(connection, sheet["id"]):
            if cells.pop(str(column.id), None) is not None:
                changed.append((as_json(cells), is_blank(cells, by_id), row_id))
        connection.executemany("UPDATE rows SET cells = ?, blank = ? WHERE id = ?", changed)
        _renumber(connection, left)
        version = saved_change(connection, sheet["id"], call.at)
    return success(version=version)


def insert_columns(
    call: Call, connection: sqlite3.Connection, sheet_id: int, bodies: list[dict[str, Any]]
) -> list[Column]:
    """Store new columns at the right end of a sheet, in this order."""
    last = connection.execute("SELECT count(*) FROM columns WHERE sheet_id = ?", (sheet_id,)).fetchone()[0]
    made = [
        Column(
            id=column_id,
            sheet_id=sheet_id,
            index=last + offset,
            title=given["title"],
            type=given["type"],
            primary=bool(given.get("primary")),
            extra=kept(given),
        )
        for offset, (column_id, given) in enumerate(zip(call.store.new_ids(len(bodies)), bodies, strict=True))
    ]
    connection.executemany(
        "INSERT INTO columns VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                column.id,
                sheet_id,
                column.index,
                column.title,
                column.type,
                column.primary,
                as_json(column.extra),
            )
            for column in made
        ],
    )
    return made


def _check_new(columns: list[Column], bodies: list[dict[str, Any]]) -> None:
    titles = {column.title for column in columns}
    systems = {column.system for column in columns if column.system}
    for given in bodies:
        if given["title"] in titles:
            raise ApiProblem(1056)
        if given.get("systemColumnType") in systems:
            raise ApiProblem(1077, given["systemColumnType"])


def _fill(connection: sqlite3.Connection, column: Column, call: Call) -> None:
    """Give the rows that are there already their automatic number or their column formula."""
    numbers = column.system == "AUTO_NUMBER"
    formula = column.extra.get("formula")
    if not numbers and not formula:
        return
    changed: list[tuple[str, int]] = []
    for row_id, cells in _stored_cells(connection, column.sheet_id):
        cells[str(column.id)] = (
            next_number(connection, column, call.at)
            if numbers
            else {"value": call.options.default_formula_value, "formula": formula}
        )
        changed.append((as_json(cells), row_id))
    connection.executemany("UPDATE rows SET cells = ? WHERE id = ?", changed)


def _stored_cells(connection: sqlite3.Connection, sheet_id: int) -> list[tuple[int, dict[str, Any]]]:
    found = connection.execute(
        "SELECT id, cells FROM rows WHERE sheet_id = ? ORDER BY position, id", (sheet_id,)
    ).fetchall()
    return [(row["id"], msgspec.json.decode(row["cells"])) for row in found]


def _existing(connection: sqlite3.Connection, sheet_id: int, column_id: int) -> Column:
    for column in columns_of(connection, sheet_id):
        if column.id == column_id:
            return column
    raise ApiProblem(1006)


def _renumber(connection: sqlite3.Connection, columns: list[Column]) -> None:
    for index, column in enumerate(columns):
        column.index = index
    connection.executemany(
        "UPDATE columns SET position = ? WHERE id = ?", [(column.index, column.id) for column in columns]
    )


_FILTERS = {"include": words("filters")}
ROUTES = [
    Route("/sheets/{sheet_id}/columns", "GET", list_columns, {**PAGING, **LEVEL, **_FILTERS}),
    Route("/sheets/{sheet_id}/columns", "POST", add_columns, writes_sheet=True),
    Route("/sheets/{sheet_id}/columns/{column_id}", "GET", get_column, {**LEVEL, **_FILTERS}),
    Route("/sheets/{sheet_id}/columns/{column_id}", "PUT", update_column, writes_sheet=True),
    Route("/sheets/{sheet_id}/columns/{column_id}", "DELETE", delete_column, writes_sheet=True),
]
