"""GET the history of one cell: who put what into it, and when. Called through `ROUTES`.

Cells that were never changed have one entry, made up from the creation of their row.
"""

from typing import Any

import msgspec

from dsr_pipeline.sandbox.access import open_sheet
from dsr_pipeline.sandbox.answers import Answer, Call, Route, index_result
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.params import LEVEL, PAGING, words
from dsr_pipeline.sandbox.people import people_of
from dsr_pipeline.sandbox.render import cell_renderer, person, system_cell
from dsr_pipeline.sandbox.row_store import view_of
from dsr_pipeline.sandbox.schema import columns_of


def cell_history(call: Call) -> Answer:
    """The entries of a cell, newest first. The order is not documented: a client has to sort."""
    with call.store.reading() as connection:
        sheet, level = open_sheet(connection, call.user, call.path["sheet_id"])
        columns = {column.id: column for column in columns_of(connection, sheet["id"])}
        column = columns.get(call.path["column_id"])
        row = connection.execute(
            "SELECT * FROM rows WHERE id = ? AND sheet_id = ?", (call.path["row_id"], sheet["id"])
        ).fetchone()
        if column is None or row is None:
            raise ApiProblem(1006)
        people = people_of(connection)
        found = connection.execute(
            "SELECT cell, modified_at, modified_by FROM cell_history WHERE row_id = ? AND column_id = ?"
            " ORDER BY modified_at DESC, seq DESC",
            (row["id"], column.id),
        ).fetchall()
        render = cell_renderer(column, view_of(call, connection, level))
    if found:
        held = [
            (msgspec.json.decode(entry["cell"]), entry["modified_at"], entry["modified_by"])
            for entry in found
        ]
    else:
        cell = system_cell(column, row, people) or msgspec.json.decode(row["cells"]).get(str(column.id))
        held = [(cell, row["created_at"], row["created_by"])] if cell else []
    entries: list[dict[str, Any]] = []
    for cell, at, by in held:
        entry = {**render(cell), "modifiedAt": at}
        if who := person(people, by):
            entry["modifiedBy"] = who
        entries.append(entry)
    return index_result(call, entries)


ROUTES = [
    Route(
        "/sheets/{sheet_id}/rows/{row_id}/columns/{column_id}/history",
        "GET",
        cell_history,
        {**PAGING, **LEVEL, "include": words("columnType", "objectValue")},
    )
]
