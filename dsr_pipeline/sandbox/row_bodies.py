"""What a request that writes rows says, checked attribute by attribute against the columns of the sheet.

Touches no stored row. Called by `rows.py`; `values.py` reads the single cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dsr_pipeline.sandbox.attributes import check_attributes
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.formats import read_format
from dsr_pipeline.sandbox.outline import Location
from dsr_pipeline.sandbox.schema import Column
from dsr_pipeline.sandbox.texts import as_list, as_object
from dsr_pipeline.sandbox.values import (
    CELL_ATTRIBUTES,
    REFUSED_CELL_ATTRIBUTES,
    VALUE_ATTRIBUTES,
    Stored,
    Writer,
    check_place,
    stored_cell,
)

LARGEST_BATCH = 500
_LOCATION = frozenset("toTop toBottom parentId siblingId above indent outdent".split())
_ATTRIBUTES = frozenset("cells expanded format locked".split()) | _LOCATION
_OF_ROWS_THAT_ARE_THERE = frozenset("id indent outdent".split())
_REFUSED = frozenset(
    "accessLevel attachments columns conditionalFormat discussions filteredOut inCriticalPath"
    " lockedForUser permalink proofs rowNumber sheetId version".split()
)


@dataclass(slots=True)
class RowBody:
    """One row of a request."""

    index: int
    id: int | None
    cells: dict[int, Stored | None] = field(default_factory=dict[int, Stored | None])
    location: Location | None = None
    expanded: bool | None = None
    locked: bool | None = None
    format: str | None = None
    formats: dict[int, str] = field(default_factory=dict[int, str])
    """Descriptors of cells, also of such whose value is not named; empty takes one away."""

    @property
    def columns(self) -> list[int]:
        """The columns whose cells are named."""
        return list(dict.fromkeys([*self.cells, *self.formats]))


@dataclass(slots=True)
class Batch:
    """The rows of a request, the good ones and the bad ones."""

    rows: list[RowBody]
    failed: list[ApiProblem]
    single: bool

    def failed_items(self, at: str) -> list[dict[str, Any]]:
        """What a partial success says about the bad rows."""
        items: list[dict[str, Any]] = []
        for problem in sorted(self.failed, key=lambda problem: (problem.detail or {}).get("index", 0)):
            error = {name: value for name, value in problem.body(at).items() if name != "detail"}
            items.append({**(problem.detail or {}), "error": error})
        return items


def read_batch(
    body: Any, columns: Mapping[int, Column], writer: Writer, *, updating: bool, partial: bool
) -> Batch:
    """Rows of a body, a list or a single one. Without `partial` the first bad row is the answer."""
    listed = as_list(body)
    single = listed is None
    items = [body] if listed is None else listed
    if len(items) > LARGEST_BATCH:
        raise ApiProblem(1061, "row")
    batch = Batch([], [], single)
    seen: set[int] = set()
    for index, item in enumerate(items):
        try:
            row = _row(index, item, columns, writer, updating=updating)
            if row.id is not None and row.id in seen:
                raise ApiProblem(1137)
        except ApiProblem as problem:
            row_id = as_id((as_object(item) or {}).get("id")) if updating else None
            placed = problem.at(index, row_id)
            if not partial:
                raise placed from None
            batch.failed.append(placed)
            continue
        if row.id is not None:
            seen.add(row.id)
        batch.rows.append(row)
    if len({row.location for row in batch.rows if row.location or not updating}) > 1:
        raise ApiProblem(1123)
    return batch


def as_id(value: Any) -> int | None:
    """An id sent as a number or as a text of digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def _row(index: int, item: Any, columns: Mapping[int, Column], writer: Writer, *, updating: bool) -> RowBody:
    if item is None:
        raise ApiProblem(1177)
    sent = as_object(item)
    if sent is None:
        raise ApiProblem(1008, "A row must be an object.")
    refused = _REFUSED if updating else _REFUSED | _OF_ROWS_THAT_ARE_THERE
    check_attributes(sent, "row", _ATTRIBUTES | {"id"}, refused)
    row = RowBody(index, None)
    if updating:
        row.id = _needed_id(sent)
    row.location = _location(sent)
    row.expanded = _boolean(sent, "expanded")
    row.locked = _boolean(sent, "locked")
    # To say that a row stays open is nothing that needs a right.
    if row.locked and not writer.admin:
        raise ApiProblem(1004)
    cells = as_list(sent.get("cells") or [])
    if cells is None:
        raise ApiProblem(1008, 'Field "cells" was of unexpected type.')
    linked = {(as_object(cell) or {}).get("linkInFromCell") is not None for cell in cells}
    if len(linked) > 1:
        raise ApiProblem(1115)
    row.format = read_format(sent, "row")
    for cell in cells:
        column = _column(cell, columns)
        if column.id in row.cells or column.id in row.formats:
            raise ApiProblem(1037, column.id)
        descriptor = read_format(cell, "cell")
        if descriptor is not None:
            row.formats[column.id] = descriptor
        if descriptor is None or cell.keys() & VALUE_ATTRIBUTES:
            row.cells[column.id] = stored_cell(cell, column, writer)
        else:
            check_place(column, writer)
    return row


def _needed_id(sent: Mapping[str, Any]) -> int:
    if sent.get("id") is None:
        raise ApiProblem(1012, "row.id")
    row_id = as_id(sent["id"])
    if row_id is None:
        raise ApiProblem(1008, 'Field "id" was of unexpected type.')
    if row_id <= 0:
        raise ApiProblem(1034)
    return row_id


def _column(cell: Any, columns: Mapping[int, Column]) -> Column:
    if cell is None:
        raise ApiProblem(1177)
    sent = as_object(cell)
    if sent is None:
        raise ApiProblem(1008, "A cell must be an object.")
    check_attributes(sent, "cell", CELL_ATTRIBUTES, REFUSED_CELL_ATTRIBUTES)
    if sent.get("columnId") is None:
        raise ApiProblem(1012, "cell.columnId")
    column_id = as_id(sent["columnId"])
    if column_id is None:
        raise ApiProblem(1008, 'Field "columnId" was of unexpected type.')
    if column_id not in columns:
        raise ApiProblem(1036, column_id)
    return columns[column_id]


def _boolean(sent: Mapping[str, Any], name: str) -> bool | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, bool):
        raise ApiProblem(1008, f'Field "{name}" was of unexpected type.')
    return value


def _location(sent: Mapping[str, Any]) -> Location | None:
    ids: dict[str, int | None] = {}
    for name in ("parentId", "siblingId"):
        value = sent.get(name)
        ids[name] = as_id(value)
        if value is not None and ids[name] is None:
            raise ApiProblem(1008, f'Field "{name}" was of unexpected type.')
    for name in ("indent", "outdent"):
        if sent.get(name) is not None and (sent[name] != 1 or isinstance(sent[name], bool)):
            raise ApiProblem(1031, sent[name], f"row.{name}")
    found = Location(
        top=bool(_boolean(sent, "toTop")),
        bottom=bool(_boolean(sent, "toBottom")),
        parent_id=ids["parentId"],
        sibling_id=ids["siblingId"],
        above=bool(_boolean(sent, "above")),
        indent=sent.get("indent") is not None,
        outdent=sent.get("outdent") is not None,
    )
    if found == Location():
        return None
    found.check()
    return found
