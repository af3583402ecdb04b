"""What happens between two snapshots of a world, as Smartsheet would record it: rows, histories, saves.

Pure: live rows and the rows of the next snapshot in, changed live rows and a list of what was done out.
Called by `world_seed`, which reads and stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from dsr_pipeline.sandbox.clock import as_text, from_text

if TYPE_CHECKING:
    from collections.abc import Iterable

Save = tuple[str, "str | None"]
"""When and by whom something was saved: cells that one person saves at one instant are one change."""


class Entry(NamedTuple):
    """One entry of a cell's history: the cell as JSON (`{}` when cleared), when, by whom."""

    cell: str
    at: str
    by: str | None


class CellEvent(NamedTuple):
    """An event of a world on the column it belongs to; `cell` is None when the cell was cleared."""

    column_id: int
    cell: str | None
    at: str
    by: str | None


@dataclass(slots=True)
class LiveRow:
    """A row as the stand-in holds it. `cells`: column id → cell as JSON, empty cells left out."""

    sheet_id: int
    position: float
    created_at: str
    created_by: str | None
    modified_at: str
    modified_by: str | None
    cells: dict[int, str]


@dataclass(slots=True)
class Target:
    """A row as the next snapshot has it, with the columns that the world speaks about."""

    row_id: int
    row: LiveRow
    columns: frozenset[int]


@dataclass(slots=True)
class Board:
    """All live rows of a world and the histories of their cells, by row and column."""

    rows: dict[int, LiveRow] = field(default_factory=dict[int, LiveRow])
    history: dict[int, dict[int, list[Entry]]] = field(default_factory=dict[int, dict[int, list[Entry]]])


@dataclass(slots=True)
class Step:
    """What one step did: rows to write, rows and histories to remove, histories that grew, saves by sheet."""

    written: set[int] = field(default_factory=set[int])
    removed: set[int] = field(default_factory=set[int])
    forgotten: set[int] = field(default_factory=set[int])
    histories: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    saves: dict[int, list[str]] = field(default_factory=dict[int, list[str]])

    def save(self, sheet_id: int, instants: Iterable[str]) -> None:
        """Count saved changes of a sheet."""
        self.saves.setdefault(sheet_id, []).extend(instants)


def take_step(
    board: Board, targets: Iterable[Target], events: dict[int, list[CellEvent]], taken_at: str
) -> Step:
    """Make the board equal to the targets. Events belong to rows; those of rows that are gone only count."""
    step = Step()
    arrivals: list[Target] = []
    present: set[int] = set()
    for target in targets:
        present.add(target.row_id)
        live = board.rows.get(target.row_id)
        if live is not None and live.sheet_id != target.row.sheet_id:
            _remove(board, step, target.row_id, target.row.modified_at)
            live = None
        if live is None:
            arrivals.append(target)
        else:
            _change(board, step, live, target, events.get(target.row_id, []), taken_at)
    for row_id in board.rows.keys() - present:
        sheet_id = board.rows[row_id].sheet_id
        step.save(sheet_id, (at for at, _ in _saves_of(events.get(row_id, []))))
        _remove(board, step, row_id, taken_at)
    _arrive(board, step, arrivals, events)
    return step


def _arrive(board: Board, step: Step, arrivals: list[Target], events: dict[int, list[CellEvent]]) -> None:
    """New rows go to the bottom of their sheet, in the order in which they were made."""
    bottom: dict[int, float] = {}
    for row in board.rows.values():
        bottom[row.sheet_id] = max(bottom.get(row.sheet_id, 0.0), row.position)
    for target in sorted(arrivals, key=lambda each: (each.row.created_at, each.row_id)):
        row = target.row
        bottom[row.sheet_id] = row.position = bottom.get(row.sheet_id, 0.0) + 1
        board.rows[target.row_id] = row
        step.written.add(target.row_id)
        step.removed.discard(target.row_id)
        saves = {(row.created_at, row.created_by)}
        happened = events.get(target.row_id, [])
        saves |= _record(board, step, target.row_id, {}, row, happened, set())
        if row.modified_at != row.created_at:
            saves.add((row.modified_at, row.modified_by))
        step.save(row.sheet_id, (at for at, _ in saves))


def _change(
    board: Board, step: Step, live: LiveRow, target: Target, happened: list[CellEvent], taken_at: str
) -> None:
    wanted = target.row
    changed: set[int] = set()
    if live.cells != wanted.cells:
        both = (live.cells.keys() | wanted.cells.keys()) & target.columns
        changed = {each for each in both if not _same(live.cells.get(each), wanted.cells.get(each))}
    moved = (wanted.modified_at, wanted.modified_by) != (live.modified_at, live.modified_by)
    if not changed and not happened and not (moved and wanted.modified_at >= live.modified_at):
        return
    if (changed or happened) and wanted.modified_at <= live.modified_at:
        # Smartsheet moves the instant of a row with every save; a world that does not is set right here.
        newest = max(happened, key=lambda event: event.at, default=None)
        if newest and newest.at > live.modified_at:
            wanted.modified_at, wanted.modified_by = newest.at, newest.by
        elif changed:
            wanted.modified_at = taken_at if taken_at > live.modified_at else _next_second(live.modified_at)
        else:
            wanted.modified_at, wanted.modified_by = live.modified_at, live.modified_by
    was = live.cells
    live.cells = wanted.cells | {column: cell for column, cell in was.items() if column not in target.columns}
    live.created_at, live.created_by = wanted.created_at, wanted.created_by
    saves: set[Save] = set()
    if (live.modified_at, live.modified_by) != (wanted.modified_at, wanted.modified_by):
        saves.add((wanted.modified_at, wanted.modified_by))
        live.modified_at, live.modified_by = wanted.modified_at, wanted.modified_by
    saves |= _record(board, step, target.row_id, was, live, happened, changed)
    step.written.add(target.row_id)
    step.save(live.sheet_id, (at for at, _ in saves))


def _record(
    board: Board,
    step: Step,
    row_id: int,
    was: dict[int, str],
    new: LiveRow,
    happened: list[CellEvent],
    changed: set[int],
) -> set[Save]:
    """Write histories so that the last entry of each is the present cell. Returns the saves they tell of."""
    saves: set[Save] = set()
    by_column: dict[int, list[CellEvent]] = {column: [] for column in sorted(changed)}
    for event in happened:
        by_column.setdefault(event.column_id, []).append(event)
    for column, told in by_column.items():
        entries = board.history.setdefault(row_id, {}).setdefault(column, [])
        before = len(entries)
        if not entries and column in was:
            entries.append(Entry(was[column], new.created_at, new.created_by))
        for event in told:
            saves.add((event.at, event.by))
            entry = Entry(event.cell or "{}", event.at, event.by)
            if entry in entries:
                continue
            # A later entry never has an earlier instant: readers sort by it, and the last one is the cell.
            entries.append(entry._replace(at=max(entry.at, entries[-1].at)) if entries else entry)
        present = new.cells.get(column, "{}")
        if not entries or not _same(entries[-1].cell, present):
            last = entries[-1].at if entries else ""
            entries.append(Entry(present, max(new.modified_at, last), new.modified_by))
            saves.add((entries[-1].at, entries[-1].by))
        if len(entries) > before:
            step.histories.add((row_id, column))
    return saves


def _remove(board: Board, step: Step, row_id: int, at: str) -> None:
    step.save(board.rows.pop(row_id).sheet_id, [at])
    step.removed.add(row_id)
    step.forgotten.add(row_id)
    board.history.pop(row_id, None)


def _next_second(instant: str) -> str:
    return as_text(from_text(instant) + timedelta(seconds=1))


def _saves_of(events: list[CellEvent]) -> set[Save]:
    return {(event.at, event.by) for event in events}


def _same(one: str | None, other: str | None) -> bool:
    """Whether two cells are equal however they were written; 1 and 1.0 are not, as a reader can tell them."""
    if one == other:
        return True
    if one is None or other is None:
        return (one or other) == "{}"
    return _normal(one) == _normal(other)


def _normal(cell: str) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(cell), order="deterministic")
