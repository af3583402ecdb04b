"""What Smartsheet's answers hold: one typed struct per JSON shape, decoded once from the bytes by msgspec.

Lives here: shapes and decoders; times stay text, numbers stay as sent, absent attributes get a default.
`client` decodes with them, the sync reads them. What a value means is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

CellValue = str | int | float | bool | None


class Person(msgspec.Struct, rename="camel", gc=False):
    """Who made or changed something. The address identifies; the name is what is shown."""

    email: str = ""
    name: str = ""


class Cell(msgspec.Struct, rename="camel", gc=False):
    """One cell. An empty cell has no value; `object_value` (only by include) is plain JSON."""

    column_id: int
    value: CellValue = None
    display_value: str | None = None
    formula: str | None = None
    object_value: Any = None


class Row(msgspec.Struct, rename="camel", gc=False):
    """One row. `row_number` is its place now, `id` its name for ever."""

    id: int
    row_number: int = 0
    parent_id: int | None = None
    created_at: str | None = None
    modified_at: str | None = None
    created_by: Person | None = None
    modified_by: Person | None = None
    cells: list[Cell] = []


class Column(msgspec.Struct, rename="camel", gc=False):
    """One column. The id is the only stable name; titles are renamed by people."""

    id: int
    title: str = ""
    index: int = 0
    type: str = "TEXT_NUMBER"
    primary: bool = False
    version: int = 0
    validation: bool = False
    options: list[str] = []
    system_column_type: str | None = None
    formula: str | None = None
    hidden: bool = False


class Place(msgspec.Struct, rename="camel", gc=False):
    """The workspace that a sheet lies in."""

    id: int
    name: str = ""


class SheetPage(msgspec.Struct, rename="camel", gc=False):
    """One page of a sheet. `total_row_count` counts all rows of the sheet, also under a filter by time."""

    version: int
    id: int = 0
    name: str = ""
    total_row_count: int | None = None
    columns: list[Column] = []
    rows: list[Row] = []
    access_level: str | None = None
    permalink: str | None = None
    created_at: str | None = None
    modified_at: str | None = None
    workspace: Place | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page as received and as decoded; `raw` is the whole body, byte for byte, after decompression."""

    raw: bytes
    sheet: SheetPage

    @property
    def unchanged(self) -> bool:
        """Whether the answer held only the version: nothing newer than `if_version_after`."""
        return self.sheet.id == 0

    def __repr__(self) -> str:
        return (
            f"Page(sheet={self.sheet.id}, version={self.sheet.version}, "
            f"rows={len(self.sheet.rows)}, bytes={len(self.raw)})"
        )


class ListedSheet(msgspec.Struct, rename="camel", gc=False):
    """A sheet in a list. `version` is 0 where the list does not carry it (children of a container)."""

    id: int
    name: str = ""
    version: int = 0
    modified_at: str | None = None
    created_at: str | None = None
    access_level: str | None = None
    permalink: str | None = None


class Container(msgspec.Struct, rename="camel", gc=False):
    """A workspace or a folder."""

    id: int
    name: str = ""
    access_level: str | None = None
    permalink: str | None = None
    created_at: str | None = None
    modified_at: str | None = None


@dataclass(frozen=True, slots=True)
class Children:
    """What lies directly in a workspace or folder."""

    folders: list[Container]
    sheets: list[ListedSheet]


class User(msgspec.Struct, rename="camel", gc=False):
    """The owner of the token."""

    id: int
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    time_zone: str | None = None


class HistoryEntry(msgspec.Struct, rename="camel", gc=False):
    """What one cell held from `modified_at` on, and who put it there."""

    column_id: int = 0
    value: CellValue = None
    display_value: str | None = None
    formula: str | None = None
    modified_at: str = ""
    modified_by: Person | None = None


class Attachment(msgspec.Struct, rename="camel", gc=False):
    """A file on a row or sheet. `url` is temporary and needs no token, so it is a secret and never shown."""

    id: int
    name: str = ""
    attachment_type: str = "FILE"
    mime_type: str | None = None
    size_in_kb: int | float | None = None
    parent_type: str | None = None
    parent_id: int | None = None
    created_at: str | None = None
    created_by: Person | None = None
    url: str | None = None
    url_expires_in_millis: int | None = None

    def __repr__(self) -> str:
        return f"Attachment(id={self.id}, name={self.name!r}, parent_id={self.parent_id})"


class AttachedRow(Row, rename="camel", gc=False):
    """One row with what hangs on it."""

    attachments: list[Attachment] = []


class AttachedPage(msgspec.Struct, rename="camel", gc=False):
    """One page of a sheet whose rows come with their attachments."""

    version: int
    id: int
    total_row_count: int
    name: str = ""
    columns: list[Column] = []
    rows: list[AttachedRow] = []
    access_level: str | None = None


class Version(msgspec.Struct, rename="camel", gc=False):
    """The version of a sheet: +1 for every saved change."""

    version: int


class NewSheet(msgspec.Struct, rename="camel", gc=False):
    """A sheet that was just made, with the ids that its columns got."""

    id: int
    name: str = ""
    permalink: str | None = None
    columns: list[Column] = []


class SheetList(msgspec.Struct, rename="camel"):
    """GET /sheets."""

    data: list[ListedSheet]
    total_count: int | None = None


class HistoryList(msgspec.Struct, rename="camel"):
    """GET …/history."""

    data: list[HistoryEntry]
    total_count: int | None = None


class AttachmentList(msgspec.Struct, rename="camel"):
    """GET …/attachments and …/versions."""

    data: list[Attachment]
    total_count: int | None = None


class ContainerPage(msgspec.Struct, rename="camel"):
    """GET /workspaces by token."""

    data: list[Container]
    last_key: str | None = None


class Child(Container, rename="camel", gc=False):
    """One thing in a container."""

    resource_type: str = ""


class ChildPage(msgspec.Struct, rename="camel"):
    """GET …/children."""

    data: list[Child]
    last_key: str | None = None


class RowsWritten(msgspec.Struct, rename="camel"):
    """POST and PUT …/rows."""

    result: list[Row]
    result_code: int = 0
    version: int = 0


class RowsDeleted(msgspec.Struct, rename="camel"):
    """DELETE …/rows: the ids that went, children included."""

    result: list[int]
    result_code: int = 0


class AttachmentWritten(msgspec.Struct, rename="camel"):
    """POST …/attachments and …/versions."""

    result: Attachment
    result_code: int = 0


class ContainerMade(msgspec.Struct, rename="camel"):
    """POST /workspaces and …/folders."""

    result: Container


class SheetMade(msgspec.Struct, rename="camel"):
    """POST …/sheets."""

    result: NewSheet


class Plain(msgspec.Struct, rename="camel"):
    """An answer of which only the success matters."""

    message: str
    result_code: int = 0


class Problem(msgspec.Struct, rename="camel"):
    """The body of a refusal."""

    error_code: int = 0
    message: str | None = None
    ref_id: str | None = None
    detail: Any = None


def decoder(shape: type[Any]) -> msgspec.json.Decoder[Any]:
    """A decoder for one shape; numbers written as text are taken where the shape asks for a number."""
    return msgspec.json.Decoder(shape, strict=False)


SHEET_PAGE: msgspec.json.Decoder[SheetPage] = msgspec.json.Decoder(SheetPage, strict=False)
PROBLEM: msgspec.json.Decoder[Problem] = msgspec.json.Decoder(Problem, strict=False)
