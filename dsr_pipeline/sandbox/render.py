"""How stored cells and rows are sent: values, display values, object values and the views of the levels.

Reads only what it is given. Called by the sheet, row and history endpoints; the fast path of reading a sheet.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsr_pipeline.sandbox.answers import User
from dsr_pipeline.sandbox.formats import NAME
from dsr_pipeline.sandbox.project_values import is_moment
from dsr_pipeline.sandbox.schema import Column
from dsr_pipeline.sandbox.texts import as_object, is_date, milliseconds, permalink, plain_text

Cell = dict[str, Any]
_DAYS = frozenset("ABSTRACT_DATETIME DATE DATETIME".split())
# These columns have no display value, whatever stands in them, free text included.
_WITHOUT_DISPLAY = _DAYS | {"CHECKBOX"}


@dataclass(frozen=True, slots=True)
class View:
    """What a reader asked to be shown."""

    level: int = 0
    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    admin: bool = True
    people: Mapping[int, User] = field(default_factory=dict[int, User])
    numeric_dates: bool = False
    """Days and instants in cells as epoch milliseconds, as the times of rows and sheets are elsewhere."""


def cell_renderer(column: Column, view: View) -> Callable[[Cell | None], Cell]:
    """The function that turns a stored cell of this column into the one that is sent."""
    base: Cell = {"columnId": column.id}
    if "columnType" in view.include:
        base["columnType"] = column.type_at(view.level)
    with_object = "objectValue" in view.include
    as_text = column.type_at(view.level) != column.type
    display = column.type not in _WITHOUT_DISPLAY
    with_format = NAME in view.include
    in_milliseconds = view.numeric_dates and column.type in _DAYS

    def render(stored: Cell | None) -> Cell:
        sent = base.copy()
        if not stored:
            return sent
        value = stored.get("value")
        shown = stored.get("displayValue")
        if value is None and "objectValue" in stored:
            value = shown = _joined(stored["objectValue"])
        if value is not None:
            sent["value"] = value
            if with_object:
                sent["objectValue"] = _object(column, stored, value, as_text=as_text)
            if display:
                sent["displayValue"] = plain_text(value) if shown is None else shown
            if in_milliseconds:
                sent["value"] = milliseconds(value)
        if "formula" in stored:
            sent["formula"] = stored["formula"]
        if "hyperlink" in stored:
            sent["hyperlink"] = stored["hyperlink"]
        if with_format and NAME in stored:
            sent[NAME] = stored[NAME]
        return sent

    return render


def _joined(inner: Mapping[str, Any]) -> str:
    values: list[Any] = inner.get("values") or []
    parts = [(as_object(item), item) for item in values]
    return ", ".join(
        str(item) if fields is None else str(fields.get("name") or fields.get("email"))
        for fields, item in parts
    )


def _object(column: Column, stored: Cell, value: Any, *, as_text: bool) -> Any:
    inner = stored.get("objectValue")
    if inner is not None:
        return value if as_text else inner
    if column.type == "DATE" and isinstance(value, str) and is_date(value):
        return {"objectType": "DATE", "value": value}
    if column.type in ("DATETIME", "ABSTRACT_DATETIME") and isinstance(value, str) and is_moment(value):
        return {"objectType": column.type, "value": value}
    if column.type == "CONTACT_LIST" and isinstance(value, str) and "@" in value:
        return {"objectType": "CONTACT", "email": value, "name": stored.get("displayValue", value)}
    return value


def system_cell(column: Column, row: sqlite3.Row, people: Mapping[int, User]) -> Cell | None:
    """What the service itself puts into a system column of a row; None for the columns that are stored."""
    kind = column.system
    if kind in ("CREATED_DATE", "MODIFIED_DATE"):
        return {"value": row["created_at" if kind == "CREATED_DATE" else "modified_at"]}
    if kind in ("CREATED_BY", "MODIFIED_BY"):
        user = people.get(row["created_by" if kind == "CREATED_BY" else "modified_by"] or 0)
        return None if user is None else {"value": user.email, "displayValue": user.name or user.email}
    return None


def person(people: Mapping[int, User], user_id: int | None) -> dict[str, str] | None:
    """A user as shown beside a change."""
    user = people.get(user_id or 0)
    return None if user is None else {"name": user.name, "email": user.email}


class RowRenderer:
    """Turns stored rows into the ones that are sent, for one choice of columns and one view."""

    def __init__(self, columns: Sequence[Column], view: View) -> None:
        self._view = view
        self._renderers = [
            (str(column.id), column if column.system else None, cell_renderer(column, view))
            for column in columns
        ]
        self._sparse = "nonexistentCells" in view.exclude
        # The second word is the older one, still taken.
        self._writers = bool({"writerInfo", "rowWriterInfo"} & view.include)
        self._permalinks = "rowPermalink" in view.include
        self._formats = NAME in view.include

    def cells(self, row: sqlite3.Row, stored: Mapping[str, Cell]) -> list[Cell]:
        """The cells of a row in the order of the columns."""
        sent: list[Cell] = []
        for key, system, render in self._renderers:
            cell = stored.get(key)
            if system is not None:
                cell = system_cell(system, row, self._view.people) or cell
            if cell or not self._sparse:
                sent.append(render(cell))
        return sent

    def row(
        self, row: sqlite3.Row, stored: Mapping[str, Cell], number: int, sibling: int | None
    ) -> dict[str, Any]:
        """A whole row; `sibling` is the row above it on the same level of the hierarchy."""
        sent: dict[str, Any] = {"id": row["id"], "rowNumber": number}
        if row["parent_id"] is not None:
            sent["parentId"] = row["parent_id"]
        if sibling is not None:
            sent["siblingId"] = sibling
        if self._permalinks:
            sent["permalink"] = f"{permalink('sheets', row['sheet_id'])}?rowId={row['id']}"
        sent["expanded"] = bool(row["expanded"])
        if row["locked"]:
            sent["locked"] = True
            sent["lockedForUser"] = not self._view.admin
        if self._formats and row["format"]:
            sent[NAME] = row["format"]
        sent["createdAt"] = row["created_at"]
        sent["modifiedAt"] = row["modified_at"]
        if self._writers:
            for name, user_id in (("createdBy", row["created_by"]), ("modifiedBy", row["modified_by"])):
                if shown := person(self._view.people, user_id):
                    sent[name] = shown
        sent["cells"] = self.cells(row, stored)
        return sent
