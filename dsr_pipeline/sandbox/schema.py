"""The columns of a sheet as they are stored and as they are shown at a level.

Values of cells are elsewhere (`values.py` writes, `render.py` reads). Called by all endpoints of sheets.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

import msgspec

DEFAULT_WIDTH = 150
# The first level at which a type of several values shows itself; below it the column is TEXT_NUMBER.
LEVEL_OF_TYPE = {"MULTI_CONTACT_LIST": 1, "MULTI_PICKLIST": 2}
SYSTEM_TYPES = {
    "AUTO_NUMBER": "TEXT_NUMBER",
    "CREATED_BY": "CONTACT_LIST",
    "CREATED_DATE": "DATETIME",
    "MODIFIED_BY": "CONTACT_LIST",
    "MODIFIED_DATE": "DATETIME",
}
TYPES = (
    "ABSTRACT_DATETIME",
    "CHECKBOX",
    "CONTACT_LIST",
    "DATE",
    "DATETIME",
    "DURATION",
    "MULTI_CONTACT_LIST",
    "MULTI_PICKLIST",
    "PICKLIST",
    "PREDECESSOR",
    "TEXT_NUMBER",
)
# What is sent only where it is set, in this order.
_OPTIONAL = (
    "options",
    "symbol",
    "contactOptions",
    "systemColumnType",
    "autoNumberFormat",
    "tags",
    "description",
    "formula",
    "hidden",
    "locked",
)


@dataclass(slots=True)
class Column:
    """One column; `extra` holds what not every column has."""

    id: int
    sheet_id: int
    index: int
    title: str
    type: str
    primary: bool
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def system(self) -> str | None:
        """The kind of a column that the service fills by itself."""
        return self.extra.get("systemColumnType")

    @property
    def options(self) -> list[str]:
        """The choices of a picklist."""
        return self.extra.get("options") or []

    @property
    def contacts(self) -> dict[str, str]:
        """The names of the preferred contacts by address."""
        listed: list[dict[str, str]] = self.extra.get("contactOptions") or []
        return {option["email"]: option.get("name", "") for option in listed if "email" in option}

    def type_at(self, level: int) -> str:
        """The type that a reader of this level is shown."""
        return self.type if level >= LEVEL_OF_TYPE.get(self.type, 0) else "TEXT_NUMBER"

    def shown(self, level: int, *, admin: bool = True) -> dict[str, Any]:
        """The column as it is sent."""
        sent: dict[str, Any] = {
            "id": self.id,
            "version": LEVEL_OF_TYPE.get(self.type, 0),
            "index": self.index,
            "title": self.title,
            "type": self.type_at(level),
        }
        if self.primary:
            sent["primary"] = True
        for name in _OPTIONAL:
            value = self.extra.get(name)
            if value is not None and value is not False and value != []:
                sent[name] = value
        if self.extra.get("locked"):
            sent["lockedForUser"] = not admin
        sent["validation"] = bool(self.extra.get("validation", False))
        sent["width"] = self.extra.get("width", DEFAULT_WIDTH)
        return sent


def columns_of(connection: sqlite3.Connection, sheet_id: int) -> list[Column]:
    """The columns of a sheet from left to right."""
    found = connection.execute(
        "SELECT * FROM columns WHERE sheet_id = ? ORDER BY position, id", (sheet_id,)
    ).fetchall()
    return [
        Column(
            id=row["id"],
            sheet_id=sheet_id,
            index=index,
            title=row["title"],
            type=row["type"],
            primary=bool(row["is_primary"]),
            extra=msgspec.json.decode(row["extra"]),
        )
        for index, row in enumerate(found)
    ]
