"""The endpoints of single rows and of batches of rows: read, add, change, delete.

What a request says is read in `row_bodies.py`, how a row is sent in `render.py`. Called through `ROUTES`.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dsr_pipeline.sandbox.access import open_sheet, shown
from dsr_pipeline.sandbox.answers import Answer, Call, Route, success
from dsr_pipeline.sandbox.attachments import attachments_of
from dsr_pipeline.sandbox.changes import CellChange, StoredCell, remember, saved_change
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.formats import bare, formatted
from dsr_pipeline.sandbox.numbering import numbered_cells
from dsr_pipeline.sandbox.outline import Location, Outline
from dsr_pipeline.sandbox.params import ACCESS, LEVEL, flag, ids, words
from dsr_pipeline.sandbox.people import people_of
from dsr_pipeline.sandbox.render import RowRenderer, View
from dsr_pipeline.sandbox.row_bodies import Batch, RowBody, read_batch
from dsr_pipeline.sandbox.row_store import as_json, forget_rows, is_admin, is_blank, rows_by_id, view_of
from dsr_pipeline.sandbox.schema import Column, columns_of
from dsr_pipeline.sandbox.values import Writer

INCLUDES = (
    *"attachments columns columnType discussions filters format".split(),
    *"objectValue rowPermalink rowWriterInfo writerInfo".split(),
)
EXCLUDES = "filteredOutRows linkInFromCellDetails linksOutToCellsDetails nonexistentCells".split()


def get_row(call: Call) -> Answer:
    """GET one row with the version of its sheet; `include=columns` adds the columns."""
    with call.store.reading() as connection:
        sheet, level = open_sheet(connection, call.user, call.path["sheet_id"])
        row = rows_by_id(connection, sheet["id"], [call.path["row_id"]]).get(call.path["row_id"])
        if row is None:
            raise ApiProblem(1006)
        columns = columns_of(connection, sheet["id"])
        view = view_of(call, connection, level)
        number, sibling = Outline(connection, sheet["id"]).places()[row["id"]]
        sent = RowRenderer(columns, view).row(row, msgspec.json.decode(row["cells"]), number, sibling)
        sent = {"id": sent.pop("id"), "sheetId": sheet["id"], "version": sheet["version"], **sent}
        sent["accessLevel"] = shown(level, call.query.get("accessApiLevel", 0))
        if "columns" in view.include:
            sent["columns"] = [column.shown(view.level, admin=view.admin) for column in columns]
    if "attachments" in view.include and (found := attachments_of(call.store, sheet["id"]).get(row["id"])):
        sent["attachments"] = found
    return Answer(sent)


def add_rows(call: Call) -> Answer:
    """POST rows: all of them or none, unless `allowPartialSuccess`; at the bottom unless told otherwise."""
    body = call.json()
    with call.store.writing() as connection:
        sheet, columns, batch, writer = _begin(call, connection, body, updating=False)
        outline = Outline(connection, sheet["id"])
        location = next((row.location for row in batch.rows if row.location), None) or Location(bottom=True)
        if batch.rows:
            _check_place(outline, location, batch, (), partial=call.flag("allowPartialSuccess"))
        new_ids = call.store.new_ids(len(batch.rows)) if batch.rows else []
        made: list[tuple[Any, ...]] = []
        for row, row_id in zip(batch.rows, new_ids, strict=True):
            cells = {
                str(column_id): cell
                for column_id in row.columns
                if (cell := formatted(row.cells.get(column_id), row.formats.get(column_id)))
            }
            cells.update(numbered_cells(connection, columns.values(), writer.formula_value, call.at))
            made.append(
                (
                    row_id,
                    sheet["id"],
                    row.expanded is not False,
                    bool(row.locked),
                    call.at,
                    call.user.id,
                    call.at,
                    call.user.id,
                    is_blank(cells, columns),
                    as_json(cells),
                    row.format or None,
                )
            )
        connection.executemany(
            "INSERT INTO rows(id, sheet_id, position, expanded, locked, created_at, created_by, modified_at,"
            " modified_by, blank, cells, format) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            made,
        )
        if new_ids:
            outline.put(new_ids, location)
            outline.save()
        return _written(call, connection, sheet, list(columns.values()), new_ids, batch)


def update_rows(call: Call) -> Answer:
    """PUT rows: the named cells change, every other cell stays; a location moves the row and its children."""
    body = call.json()
    partial = call.flag("allowPartialSuccess")
    with call.store.writing() as connection:
        sheet, columns, batch, writer = _begin(call, connection, body, updating=True)
        before = rows_by_id(connection, sheet["id"], [row.id for row in batch.rows if row.id])
        for row in list(batch.rows):
            problem = _cannot_change(row, before, admin=writer.admin)
            if problem is not None:
                if not partial:
                    raise problem
                batch.failed.append(problem)
                batch.rows.remove(row)
        moved = [row.id for row in batch.rows if row.location and row.id]
        outline = Outline(connection, sheet["id"])
        location = next((row.location for row in batch.rows if row.location), None)
        if location is not None:
            _check_place(outline, location, batch, moved, partial=partial)
        changes: list[CellChange] = []
        for row in batch.rows:
            changes += _change(call, connection, before[row.id or 0], row, columns)
        remember(connection, changes, rows=before, at=call.at, by=call.user.id)
        if location is not None and batch.rows:
            _move(outline, moved, location)
            outline.save()
        row_ids = [row.id for row in batch.rows if row.id]
        return _written(call, connection, sheet, list(columns.values()), row_ids, batch)


def delete_rows(call: Call) -> Answer:
    """DELETE rows by id, with their children; one unknown id refuses all, unless `ignoreRowsNotFound`."""
    if "ids" not in call.query:
        raise ApiProblem(1009, "ids")
    wanted: tuple[int, ...] = call.query["ids"]
    with call.store.writing() as connection:
        sheet, level = open_sheet(connection, call.user, call.path["sheet_id"], "EDITOR")
        outline = Outline(connection, sheet["id"])
        if not call.flag("ignoreRowsNotFound") and any(row_id not in outline for row_id in wanted):
            raise ApiProblem(1006)
        gone: list[int] = []
        for row_id in wanted:
            if row_id in outline:
                gone += outline.family(row_id)
        gone = list(dict.fromkeys(gone))
        if not gone:
            return success([], sheet["version"])
        if not is_admin(level) and any(
            row["locked"] for row in rows_by_id(connection, sheet["id"], gone).values()
        ):
            raise ApiProblem(1092)
        forget_rows(connection, gone)
        return success(gone, saved_change(connection, sheet["id"], call.at))


def _begin(
    call: Call, connection: sqlite3.Connection, body: Any, *, updating: bool
) -> tuple[sqlite3.Row, dict[int, Column], Batch, Writer]:
    sheet, level = open_sheet(connection, call.user, call.path["sheet_id"], "EDITOR")
    override = call.flag("overrideValidation")
    if override and not is_admin(level):
        raise ApiProblem(1212)
    columns = {column.id: column for column in columns_of(connection, sheet["id"])}
    names = {user.email.lower(): user.name for user in people_of(connection).values()}
    writer = Writer(
        admin=is_admin(level),
        override_validation=override,
        formula_value=call.options.default_formula_value,
        numeric_dates=call.flag("numericDates"),
        name_of=lambda address: names.get(address.lower()) or None,
        row_number=lambda row_id: Outline(connection, sheet["id"]).places().get(row_id, (None, None))[0],
    )
    partial = call.flag("allowPartialSuccess")
    batch = read_batch(body, columns, writer, updating=updating, partial=partial)
    return sheet, columns, batch, writer


def _check_place(
    outline: Outline, location: Location, batch: Batch, moved: Sequence[int], *, partial: bool
) -> None:
    """The place of a batch is one for all its rows: where it does not exist, no row has one."""
    try:
        outline.check(location, moved)
    except ApiProblem as problem:
        if not partial:
            raise problem.at(batch.rows[0].index, batch.rows[0].id) from None
        batch.failed += [problem.at(row.index, row.id) for row in batch.rows]
        batch.rows.clear()


def _move(outline: Outline, moved: Sequence[int], location: Location) -> None:
    if not (location.indent or location.outdent):
        outline.put(moved, location)
        return
    for index, row_id in enumerate(moved):
        try:
            outline.shift(row_id, location)
        except ApiProblem as problem:
            raise problem.at(index, row_id) from None


def _cannot_change(row: RowBody, known: Mapping[int, sqlite3.Row], *, admin: bool) -> ApiProblem | None:
    found = known.get(row.id or 0)
    if found is None:
        return ApiProblem(1006).at(row.index, row.id)
    if found["locked"] and not admin:
        return ApiProblem(1050).at(row.index, row.id)
    return None


def _change(
    call: Call,
    connection: sqlite3.Connection,
    found: sqlite3.Row,
    row: RowBody,
    columns: Mapping[int, Column],
) -> list[CellChange]:
    cells: dict[str, StoredCell] = msgspec.json.decode(found["cells"])
    changes: list[CellChange] = []
    for column_id in row.columns:
        found_cell = cells.pop(str(column_id), None)
        before = bare(found_cell)
        after = row.cells.get(column_id, before)
        descriptor = row.formats.get(column_id, (found_cell or {}).get("format"))
        if kept := formatted(after, descriptor):
            cells[str(column_id)] = kept
        if before != after:
            changes.append(CellChange(found["sheet_id"], found["id"], column_id, before, after))
    connection.execute(
        "UPDATE rows SET cells = ?, blank = ?, expanded = ?, locked = ?, format = ?, modified_at = ?,"
        " modified_by = ? WHERE id = ?",
        (
            as_json(cells),
            is_blank(cells, columns),
            found["expanded"] if row.expanded is None else row.expanded,
            found["locked"] if row.locked is None else row.locked,
            found["format"] if row.format is None else row.format or None,
            call.at,
            call.user.id,
            found["id"],
        ),
    )
    return changes


def _written(
    call: Call,
    connection: sqlite3.Connection,
    sheet: sqlite3.Row,
    columns: Sequence[Column],
    row_ids: Sequence[int],
    batch: Batch,
) -> Answer:
    version = saved_change(connection, sheet["id"], call.at) if row_ids else sheet["version"]
    found = rows_by_id(connection, sheet["id"], row_ids)
    places = Outline(connection, sheet["id"]).places()
    view = View(
        # Whoever writes objects reads them back.
        level=2 if call.words("include") else 0,
        include=call.words("include"),
        people=people_of(connection),
        numeric_dates=call.flag("numericDates"),
    )
    renderer = RowRenderer(columns, view)
    result: list[Any] = [
        renderer.row(found[row_id], msgspec.json.decode(found[row_id]["cells"]), *places[row_id])
        for row_id in row_ids
    ]
    if not batch.failed:
        return success(result[0] if batch.single else result, version)
    body = {"message": "PARTIAL_SUCCESS", "resultCode": 3, "version": version, "result": result}
    return Answer({**body, "failedItems": batch.failed_items(call.at)})


_WRITING = {
    **ACCESS,
    "allowPartialSuccess": flag,
    "include": words("objectValue"),
    "overrideValidation": flag,
}
ROUTES = [
    Route(
        "/sheets/{sheet_id}/rows/{row_id}",
        "GET",
        get_row,
        {**ACCESS, **LEVEL, "include": words(*INCLUDES), "exclude": words(*EXCLUDES)},
    ),
    Route("/sheets/{sheet_id}/rows", "POST", add_rows, _WRITING, writes_sheet=True),
    Route("/sheets/{sheet_id}/rows", "PUT", update_rows, _WRITING, writes_sheet=True),
    Route(
        "/sheets/{sheet_id}/rows",
        "DELETE",
        delete_rows,
        {"ids": ids, "ignoreRowsNotFound": flag},
        writes_sheet=True,
    ),
]
