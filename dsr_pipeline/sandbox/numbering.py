"""What the service itself puts into the cells of a new row: automatic numbers and column formulas.

Called by `rows.py` and `columns.py` within their transaction.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from dsr_pipeline.sandbox.schema import Column

# Kept in `extra` of the column, never sent.
NEXT = "nextNumber"


def numbered_cells(
    connection: sqlite3.Connection, columns: Iterable[Column], formula_value: str, at: str
) -> dict[str, dict[str, Any]]:
    """The cells that a new row has without being told; the numbers are used up."""
    cells: dict[str, dict[str, Any]] = {}
    for column in columns:
        if column.system == "AUTO_NUMBER":
            cells[str(column.id)] = next_number(connection, column, at)
        elif column.extra.get("formula"):
            cells[str(column.id)] = {"value": formula_value, "formula": column.extra["formula"]}
    return cells


def next_number(connection: sqlite3.Connection, column: Column, at: str) -> dict[str, Any]:
    """The next number of an AUTO_NUMBER column in its format; `at` is the time of the row's creation."""
    form: dict[str, Any] = column.extra.get("autoNumberFormat") or {}
    number = int(column.extra.get(NEXT) or form.get("startingNumber") or 1)
    column.extra[NEXT] = number + 1
    connection.execute(
        "UPDATE columns SET extra = ? WHERE id = ?", (msgspec.json.encode(column.extra).decode(), column.id)
    )
    digits = str(number).zfill(len(form.get("fill") or ""))
    text = f"{_dated(form.get('prefix', ''), at)}{digits}{_dated(form.get('suffix', ''), at)}"
    return {"value": number if text == str(number) else text}


def _dated(text: str, at: str) -> str:
    """A prefix or suffix with the parts of the day in the place of `{YYYY}`, `{YY}`, `{MM}` and `{DD}`."""
    year, month, day = at[:10].split("-")
    for name, part in (("{YYYY}", year), ("{YY}", year[2:]), ("{MM}", month), ("{DD}", day)):
        text = text.replace(name, part)
    return text
