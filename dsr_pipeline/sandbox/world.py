"""Reads a world: a folder of snapshots of billing sheets, with the history of their cells between them.

Lives here: the files of a world and the types of its columns. Its values become cells in `world_cells`, what
changes between two snapshots is `world_changes`, and `world_seed` stores it. Nothing here writes.
"""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dsr_pipeline.sandbox.world_cells import CellWriter, Contacts, WorldError, instant, whole_id

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

META = ("__sheet_id", "__row_id", "__created_at", "__created_by", "__modified_at", "__modified_by")
# These hold people in the sheets that worlds imitate: the name is shown, the address is the value.
CONTACT_TITLES = frozenset({"Foreman", "Foreman Helping?", "VAC Crew Helping?"})
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A sheet as `sheets.csv` names it."""

    id: int
    name: str
    rate_basis: str


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a cell's history. `text` is the value as the world writes it; None = cleared."""

    sheet_id: int
    row_id: int
    column: str
    text: str | None
    at: str
    by: str | None


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One row of a snapshot; `values` in the order of the titles of its snapshot, as Parquet holds them."""

    sheet_id: int
    row_id: int
    created_at: str | None
    created_by: str | None
    modified_at: str | None
    modified_by: str | None
    values: tuple[object, ...]


@dataclass(frozen=True)
class World:
    """A world folder with its small tables read. Snapshots and histories are read when asked for."""

    folder: Path
    taken_at: dict[int, str]
    sheets: dict[int, SheetInfo]
    actors: tuple[str, ...]

    @cached_property
    def contacts(self) -> Contacts:
        """Whose address a name in a contact column gets."""
        return Contacts.of(self.actors)

    def titles(self, number: int) -> list[str]:
        """The titles of the cell columns of a snapshot, in its order."""
        return [name for name in _schema(self.folder, number).names if name not in META]

    def next_after(self, number: int) -> int | None:
        """The number of the snapshot that follows, None at the end."""
        return min((each for each in self.taken_at if each > number), default=None)

    def column_type(self, title: str) -> str:
        """The Smartsheet type of a column, from the first snapshot in which it has a value.

        Later values do not change it: as in Smartsheet, a typed column then holds free text.
        """
        if title in CONTACT_TITLES:
            return "CONTACT_LIST"
        for number in sorted(self.taken_at):
            if title in _schema(self.folder, number).names:
                file = _snapshot_file(self.folder, number)
                with _as_parquet(file):
                    column = pq.read_table(file, columns=[title]).column(0)
                if column.null_count < len(column):
                    return _type_of(column)
        return "TEXT_NUMBER"


def open_world(folder: Path) -> World:
    """Read the small tables of a world. Raises `WorldError` where the folder is none."""
    taken = {
        _number(folder, line["snapshot"]): instant(line["taken_at"]) or ""
        for line in _lines(folder / "snapshots.csv", "snapshot", "taken_at")
    }
    if not taken:
        raise WorldError(f"{folder / 'snapshots.csv'} names no snapshot: a world has at least one")
    sheets: dict[int, SheetInfo] = {}
    if (folder / "sheets.csv").exists():
        for line in _lines(folder / "sheets.csv", "__sheet_id"):
            number = whole_id(line["__sheet_id"])
            sheets[number] = SheetInfo(number, line.get("name") or "", line.get("rate_basis") or "")
    actors: tuple[str, ...] = ()
    if (folder / "actors.csv").exists():
        actors = tuple(line["email"] for line in _lines(folder / "actors.csv", "email") if line["email"])
    return World(folder, taken, sheets, actors)


def _number(folder: Path, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise WorldError(f"{folder / 'snapshots.csv'}: '{text}' is no number of a snapshot, say 0, 1, 2 …")
    return int(text)


def read_snapshot(folder: Path, number: int) -> pa.Table:
    """The table of a snapshot as it was written: the meta columns and the cell columns of all its sheets."""
    file = _snapshot_file(folder, number)
    _schema(folder, number)
    with _as_parquet(file):
        return pq.read_table(file)


def snapshot_rows(folder: Path, number: int) -> Iterator[SnapshotRow]:
    """The rows of a snapshot, in its order."""
    table = read_snapshot(folder, number)
    titles = [name for name in table.schema.names if name not in META]
    nothing: list[object] = [None] * table.num_rows
    meta = [_plain(table, name) if name in table.schema.names else nothing for name in META]
    columns = [_plain(table, title) for title in titles]
    cells: Iterator[tuple[object, ...]] = (
        zip(*columns, strict=True) if columns else iter([()] * table.num_rows)
    )
    for (sheet, row, made, maker, changed, changer), values in zip(
        zip(*meta, strict=True), cells, strict=True
    ):
        yield SnapshotRow(
            sheet_id=whole_id(sheet),
            row_id=whole_id(row),
            created_at=instant(made),
            created_by=_person(maker),
            modified_at=instant(changed),
            modified_by=_person(changer),
            values=values,
        )


def read_history(folder: Path, number: int) -> list[Event]:
    """What happened to cells between the snapshot before and this one, in the order of the file."""
    file = folder / "history" / f"{number:04d}.parquet"
    if not file.exists():
        return []
    with _as_parquet(file):
        table = pq.read_table(file)
    needed = ("__sheet_id", "__row_id", "column", "value", "modified_at", "modified_by")
    if missing := [name for name in needed if name not in table.schema.names]:
        raise WorldError(f"{file} lacks {', '.join(missing)}: a history has the columns {', '.join(needed)}")
    rows = zip(*(_plain(table, name) for name in needed), strict=True)
    return [
        Event(whole_id(sheet), whole_id(row), str(column), _text(value), instant(at) or "", _person(by))
        for sheet, row, column, value, at, by in rows
    ]


def canonical_inputs(folder: Path, number: int) -> Iterator[tuple[int, int, dict[str, dict[str, object]]]]:
    """Straight from the Parquet: sheet id, row id and title → cell as the API would hold it.

    Cells without a value are left out.
    """
    world = open_world(folder)
    titles = world.titles(number)
    types = [world.column_type(title) for title in titles]
    writer = CellWriter(world.contacts)
    for row in snapshot_rows(folder, number):
        cells = {
            title: cast("dict[str, object]", msgspec.json.decode(text))
            for title, kind, value in zip(titles, types, row.values, strict=True)
            if (text := writer.text(kind, value)) is not None
        }
        yield row.sheet_id, row.row_id, cells


def _snapshot_file(folder: Path, number: int) -> Path:
    return folder / "snapshots" / f"{number:04d}.parquet"


def _schema(folder: Path, number: int) -> pa.Schema:
    file = _snapshot_file(folder, number)
    if not file.exists():
        raise WorldError(f"{file} does not exist: snapshots.csv promises it")
    with _as_parquet(file):
        schema = pq.read_schema(file)
    if missing := [name for name in META[:2] if name not in schema.names]:
        raise WorldError(f"{file} lacks {', '.join(missing)}: without it a row belongs nowhere")
    kinds: list[tuple[str, Any]] = [(name, schema.field(name).type) for name in schema.names]
    if nested := [name for name, kind in kinds if pa.types.is_nested(kind)]:
        raise WorldError(f"{file}: the column {nested[0]} holds lists or objects; a cell holds one value")
    return schema


@contextmanager
def _as_parquet(file: Path) -> Generator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise WorldError(f"{file} cannot be read as Parquet: take it from where the world is from") from error


def _type_of(column: pa.ChunkedArray[Any]) -> str:
    kind = column.type
    if pa.types.is_boolean(kind):
        return "CHECKBOX"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "DATE"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        matches = pc.match_substring_regex(column, _DAY)
        return "DATE" if pc.all(matches).as_py() else "TEXT_NUMBER"
    return "TEXT_NUMBER"


def _plain(table: pa.Table, name: str) -> list[object]:
    return cast("list[object]", table.column(name).to_pylist())


def _text(value: object) -> str | None:
    return None if value is None or value != value else str(value)  # noqa: PLR0124


def _person(value: object) -> str | None:
    return _text(value) or None


def _lines(file: Path, *needed: str) -> list[dict[str, str]]:
    if not file.exists():
        raise WorldError(f"{file} does not exist: a world is a folder with snapshots.csv and snapshots/")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WorldError(f"{file} is no text in UTF-8: save it as one") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if missing := [name for name in needed if name not in (reader.fieldnames or ())]:
        raise WorldError(f"{file} lacks the column {', '.join(missing)}")
    return list(reader)
