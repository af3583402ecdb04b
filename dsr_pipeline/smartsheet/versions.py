"""From what was read to what is recorded: new versions of rows, and rows that are gone.

Lives here: received rows as a table, and its comparison with the live rows. Appending to the logs is `sync`,
the fold into the current tables `fold`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast

import duckdb
import pyarrow as pa
from pyarrow import compute

from dsr_pipeline.lake.contracts.smartsheet import ROW_STATE, ROW_VERSIONS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.canonical_rows import shown_cells, with_stamps
from dsr_pipeline.smartsheet.cells import Held, Keys, encode, held_cells, is_error, may_hold_errors
from dsr_pipeline.smartsheet.column_map import ColumnRules, map_columns
from dsr_pipeline.smartsheet.errors import BadAnswer
from dsr_pipeline.smartsheet.raw import Packed, pack
from dsr_pipeline.smartsheet.reading import SEVERAL_TYPES, SheetRead
from dsr_pipeline.smartsheet.wire import Person, Row
from dsr_pipeline.text import canonical_hash_sql

ROW_HASH = canonical_hash_sql(("value", "smartsheet row"), ("str", "cells"))

_RECEIVED = pa.schema(
    [
        ("sheet_id", pa.int64()),
        ("row_id", pa.int64()),
        ("row_number", pa.int64()),
        ("parent_id", pa.int64()),
        ("created_at_utc", pa.timestamp("us")),
        ("created_by", pa.string()),
        ("modified_at_utc", pa.timestamp("us")),
        ("modified_by", pa.string()),
        ("cells", pa.string()),
        ("raw_sha256", pa.string()),
    ]
)

_CHANGED = f"""
    with hashed as (select *, {ROW_HASH} as row_hash from received)
    select now.position, now.row_hash
    from hashed now
    left join live before using (sheet_id, row_id)
    where before.row_id is null
       or before.row_hash is distinct from now.row_hash
       or before.modified_at_utc is distinct from now.modified_at_utc
       or before.modified_by is distinct from now.modified_by
       or before.parent_id is distinct from now.parent_id
    order by now.position
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A read in compact form: its rows by id, their cells as canonical text, its answers packed."""

    read: SheetRead
    rows: pa.Table
    shown: pa.Table
    raw: tuple[Packed, ...]
    newest: datetime | None
    errors: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """The sync to which records belong; `at` is naive UTC."""

    seq: int
    run_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Events:
    """What is to be recorded (`row_versions`), and the same rows as they are shown, without those gone."""

    versions: pa.Table
    shown: pa.Table


def prepare(read: SheetRead, rules: ColumnRules) -> Prepared:
    """Turn the answers into tables. Raises `BadAnswer` where a row has no readable time."""
    raw = tuple(pack(page.raw) for page in read.pages)
    rows = sorted((row for page in read.pages for row in page.sheet.rows), key=attrgetter("id"))
    several = frozenset(column.id for column in read.columns if column.type in SEVERAL_TYPES)
    keys = Keys()
    held = [held_cells(row.cells, keys, several) for row in rows]
    cells = [encode(one) for one in held]
    modified = _instants(read.sheet_id, [row.modified_at for row in rows])
    if modified.null_count:
        raise BadAnswer(f"sheet {read.sheet_id}: {modified.null_count} rows came without modifiedAt")
    table = pa.Table.from_arrays(
        [
            pa.repeat(pa.scalar(read.sheet_id, pa.int64()), len(rows)),
            pa.array([row.id for row in rows], pa.int64()),
            pa.array([row.row_number for row in rows], pa.int64()),
            pa.array([row.parent_id for row in rows], pa.int64()),
            _instants(read.sheet_id, [row.created_at for row in rows]),
            pa.array([_address(row.created_by) for row in rows], pa.string()),
            modified,
            pa.array([_address(row.modified_by) for row in rows], pa.string()),
            pa.array(cells, pa.string()),
            _came_in(read, raw, rows),
        ],
        schema=_RECEIVED,
    )
    newest = cast("datetime | None", compute.max(modified).as_py())
    shown = shown_cells(held, cells, map_columns(rules, read.columns), rules)
    return Prepared(read, table, shown, raw, newest, _errors(held, cells))


class Comparison:
    """The live rows of the sheets that are to be read, against which every read is compared."""

    def __init__(self, con: duckdb.DuckDBPyConnection, lake: Lake, sheet_ids: Sequence[int]) -> None:
        self._con = con
        wanted = pa.table({"sheet_id": pa.array(sheet_ids, pa.int64())})
        con.register("wanted", wanted)
        path = lake.table_path(ROW_STATE)
        source = f"read_parquet('{path}')" if path else _empty_state()
        con.execute(
            f"create or replace temp table live as select * from {source} semi join wanted using (sheet_id)"
        )
        con.unregister("wanted")

    def live_rows(self, sheet_id: int) -> dict[int, datetime]:
        """The live rows of a sheet, and when each was changed last."""
        wanted = {"id": sheet_id}
        found = self._con.execute("select row_id, modified_at_utc from live where sheet_id = $id", wanted)
        return dict(found.fetchall())

    def events(self, prepared: Iterable[Prepared], stamp: Stamp) -> Events:
        """What has to be recorded of these reads, and the new versions as they are shown."""
        several = list(prepared)
        received = pa.concat_tables([_RECEIVED.empty_table(), *(one.rows for one in several)])
        numbers = pa.array(range(received.num_rows), pa.int64())
        self._con.register("received", received.append_column("position", numbers))
        try:
            found = cast("pa.Table", self._con.sql(_CHANGED).to_arrow_table())
        finally:
            self._con.unregister("received")
        shown = pa.concat_tables([one.shown for one in several])
        if found.num_rows < received.num_rows:
            received, shown = received.take(found["position"]), shown.take(found["position"])
        seen = received.append_column("row_hash", found["row_hash"])
        seen = _stamped(seen.append_column("event", pa.repeat("seen", seen.num_rows)), stamp)
        gone = [(one.read.sheet_id, row_id) for one in several for row_id in sorted(one.read.gone)]
        removed = pa.table(
            {
                "sheet_id": pa.array([sheet_id for sheet_id, _ in gone], pa.int64()),
                "row_id": pa.array([row_id for _, row_id in gone], pa.int64()),
                "event": pa.repeat("removed", len(gone)),
            }
        )
        versions = pa.concat_tables([seen, _stamped(removed, stamp)]) if gone else seen
        return Events(versions, with_stamps(shown, seen))

    def leaving(self, sheet_ids: Sequence[int], stamp: Stamp) -> pa.Table:
        """Every live row of these sheets as gone: the rules leave the sheets alone from now on."""
        wanted = pa.table({"sheet_id": pa.array(sheet_ids, pa.int64())})
        self._con.register("leaving", wanted)
        found = self._con.sql(
            "select sheet_id, row_id, 'removed' as event from live semi join leaving using (sheet_id)"
        )
        table = cast("pa.Table", found.to_arrow_table())
        self._con.unregister("leaving")
        return _stamped(table, stamp)


def _stamped(events: pa.Table, stamp: Stamp) -> pa.Table:
    """The events in the schema of `row_versions`, every column that they lack empty."""
    count = events.num_rows
    data: dict[str, Any] = dict.fromkeys(ROW_VERSIONS.names, [None] * count)
    data |= {name: events[name] for name in events.column_names}
    data["run_seq"] = [stamp.seq] * count
    data["run_id"] = [stamp.run_id] * count
    data["recorded_at_utc"] = [stamp.at] * count
    columns: list[Any] = [
        given.cast(column.type)
        if isinstance(given := data[column.name], pa.ChunkedArray)
        else pa.array(given, column.type)
        for column in ROW_VERSIONS.columns
    ]
    return pa.Table.from_arrays(columns, schema=ROW_VERSIONS.schema)


def _came_in(read: SheetRead, raw: Sequence[Packed], rows: Sequence[Row]) -> pa.Array[pa.StringScalar]:
    """The hash of the answer in which each row came."""
    if len(raw) == 1:
        return pa.repeat(raw[0].sha256, len(rows))
    answer = {
        row.id: one.sha256 for page, one in zip(read.pages, raw, strict=True) for row in page.sheet.rows
    }
    return pa.array([answer[row.id] for row in rows], pa.string())


def _instants(sheet_id: int, told: list[str | None]) -> pa.Array[pa.TimestampScalar]:
    texts = pa.array(told, pa.string())
    try:
        return texts.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))  # pyright: ignore[reportReturnType]
    except pa.ArrowInvalid as error:
        raise BadAnswer(f"sheet {sheet_id}: a row came with a time that is none ({error})") from error


def _address(person: Person | None) -> str | None:
    if person is None:
        return None
    return _folded(person.email) or person.name or None


@lru_cache(4096)
def _folded(address: str) -> str:
    return address.strip().casefold()


def _errors(held: Sequence[Mapping[str, Held]], cells: Sequence[str]) -> int:
    """Cells that show an error; few rows have a '#' at the beginning of a value at all."""
    return sum(
        is_error(value)
        for one, text in zip(held, cells, strict=True)
        if may_hold_errors(text)
        for value in one.values()
    )


def _empty_state() -> str:
    return (
        "(select null::bigint as sheet_id, null::bigint as row_id, null::bigint as run_seq, "
        "null::varchar as row_hash, null::bigint as parent_id, null::timestamp as modified_at_utc, "
        "null::varchar as modified_by where false)"
    )
