"""The history of single cells: asked for by name, fetched within a budget, kept for ever.

Lives here: the queue and the cache. Each fetch is one heavy call, so nothing is fetched that nobody asked
for, and nothing twice: the key of the cache is the cell and the state of its row.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from dsr_pipeline.lake.contracts.smartsheet import CELL_HISTORY, GROUP, HISTORY_REQUESTS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.cells import encode, held_entry
from dsr_pipeline.smartsheet.errors import AccessDenied, NotFound, SmartsheetError, TokenRefused
from dsr_pipeline.smartsheet.reading import instant
from dsr_pipeline.smartsheet.wire import HistoryEntry

FAILURES_IN_A_ROW = 3
"""Cells that fail one after the other before the rest waits for the next turn: Smartsheet is down."""

_KEY = "sheet_id, row_id, column_id, row_modified_at_utc"


class Histories(Protocol):
    """What of the client is needed here."""

    def cell_history(self, sheet_id: int, row_id: int, column_id: int) -> list[HistoryEntry]: ...
    def sheet_version(self, sheet_id: int) -> int: ...


@dataclass(frozen=True, slots=True, order=True)
class CellState:
    """A cell in one state of its row (`row_modified_at`, naive UTC): what a history is asked for."""

    sheet_id: int
    row_id: int
    column_id: int
    row_modified_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """One request. The greater `priority` comes first; `reason` is for the person who reads the queue."""

    cell: CellState
    priority: int
    reason: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a turn of the queue did: cells fetched, cells still waiting, and what failed."""

    fetched: int
    waiting: int
    problems: tuple[str, ...]


def request_history(lake: Lake, wanted: Iterable[Wanted], *, now: datetime, run_id: str) -> int:
    """Put cells into the queue; gives how many are new (neither waiting nor fetched already)."""
    with lake.group(GROUP).writing((), run_id=run_id):
        return _enqueue(lake, wanted, now, run_id)


def _enqueue(lake: Lake, wanted: Iterable[Wanted], now: datetime, run_id: str) -> int:
    known = {cell for cell, _ in _all(lake, HISTORY_REQUESTS.key)} | {
        cell for cell, _ in _all(lake, CELL_HISTORY.key)
    }
    rows: dict[CellState, dict[str, Any]] = {}
    for one in sorted(wanted, key=lambda want: (-want.priority, want.cell)):
        if one.cell not in known and one.cell not in rows:
            rows[one.cell] = _key(one.cell) | {
                "priority": one.priority,
                "reason": one.reason,
                "run_id": run_id,
                "recorded_at_utc": now,
            }
    if rows:
        table = pa.Table.from_pylist(list(rows.values()), schema=HISTORY_REQUESTS.schema)
        lake.log(HISTORY_REQUESTS).append(table)
    return len(rows)


def fetch_history(client: Histories, lake: Lake, *, budget: int, now: datetime, run_id: str) -> Fetched:
    """Fetch at most `budget` of the waiting cells, the most wanted first.

    A cell that fails stays in the queue and is told, and so do the others of a sheet that is not to be seen;
    one whose row is gone is answered by an empty history.
    Holds the lock of the group, so that two never fetch the same cell.
    """
    with lake.group(GROUP).writing((), run_id=run_id):
        return _fetch(client, lake, budget, now, run_id)


def _fetch(client: Histories, lake: Lake, budget: int, now: datetime, run_id: str) -> Fetched:
    waiting = [cell for cell, _ in _waiting(lake)]
    rows: list[dict[str, Any]] = []
    problems: list[str] = []
    fetched = asked = failed = 0
    closed: set[int] = set()
    for cell in waiting:
        if asked >= budget or failed >= FAILURES_IN_A_ROW:
            break
        if cell.sheet_id in closed:
            continue
        asked += 1
        try:
            rows += _records(cell, _entries(client, cell), now, run_id)
        except SmartsheetError as error:
            problems.append(
                f"history of column {cell.column_id} in row {cell.row_id} of sheet {cell.sheet_id}: {error}"
            )
            if isinstance(error, TokenRefused):
                break
            if isinstance(error, AccessDenied | NotFound):
                closed.add(cell.sheet_id)
            failed = failed + 1 if error.transient else 0
            continue
        fetched, failed = fetched + 1, 0
    if rows:
        lake.log(CELL_HISTORY).append(pa.Table.from_pylist(rows, schema=CELL_HISTORY.schema))
    return Fetched(fetched, len(waiting) - fetched, tuple(problems))


def _entries(client: Histories, cell: CellState) -> list[HistoryEntry]:
    """The history of a cell; empty where the row or the column is gone.

    Raises `NotFound` where it is the sheet that is not to be seen: that tells nothing of the cell.
    """
    try:
        return client.cell_history(cell.sheet_id, cell.row_id, cell.column_id)
    except NotFound:
        client.sheet_version(cell.sheet_id)
        return []


def _records(
    cell: CellState, entries: Iterable[HistoryEntry], now: datetime, run_id: str
) -> list[dict[str, Any]]:
    stamp = {"run_id": run_id, "recorded_at_utc": now}
    none = dict.fromkeys(("value", "modified_at_utc", "modified_by", "modified_by_name"))
    found: list[dict[str, Any]] = []
    for position, entry in enumerate(entries):
        held, who = held_entry(entry), entry.modified_by
        found.append(
            _key(cell)
            | {
                "position": position,
                "value": None if held is None else encode(held),
                "modified_at_utc": instant(entry.modified_at),
                "modified_by": (who.email.casefold() or None) if who else None,
                "modified_by_name": (who.name or None) if who else None,
            }
            | stamp
        )
    return found or [_key(cell) | {"position": 0} | none | stamp]


def _key(cell: CellState) -> dict[str, Any]:
    return {
        "sheet_id": cell.sheet_id,
        "row_id": cell.row_id,
        "column_id": cell.column_id,
        "row_modified_at_utc": cell.row_modified_at,
    }


def _waiting(lake: Lake) -> list[tuple[CellState, int]]:
    """The queue: requested and not fetched, the most wanted first."""
    done = {cell for cell, _ in _all(lake, CELL_HISTORY.key)}
    queue = [(cell, priority) for cell, priority in _all(lake, HISTORY_REQUESTS.key) if cell not in done]
    return sorted(queue, key=lambda one: (-one[1], one[0]))


def _all(lake: Lake, key: str) -> list[tuple[CellState, int]]:
    """Every cell of a log once, with its priority."""
    urls = lake.log(key).urls()
    if not urls:
        return []
    priority = "max(priority)" if key == HISTORY_REQUESTS.key else "0"
    with closing(duckdb.connect(":memory:")) as con:
        lake.storage.register(con)
        found = con.execute(
            f"select {_KEY}, {priority} from read_parquet($urls) group by {_KEY}", {"urls": urls}
        )
        return [(CellState(*row[:4]), row[4]) for row in found.fetchall()]
