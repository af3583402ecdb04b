"""Puts a world into a store: its sheets as of a snapshot with all that happened before, then step by step.

What a step does to rows and histories is decided in `world_changes`; here it becomes sheets, columns, users,
versions and stored rows. Called by the command line, by `POST /sandbox/advance` and by tests.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.sandbox.clock import from_text
from dsr_pipeline.sandbox.world import World, open_world, read_history, snapshot_rows
from dsr_pipeline.sandbox.world_cells import CellWriter, WorldError, made_id
from dsr_pipeline.sandbox.world_changes import CellEvent, LiveRow, Step, Target, take_step
from dsr_pipeline.sandbox.world_store import (
    LiveSheet,
    LiveWorld,
    People,
    mark,
    meta,
    read_live,
    write,
    write_containers,
    write_sheets,
)

if TYPE_CHECKING:
    from datetime import datetime

    from dsr_pipeline.sandbox.store import Store


def load_world(store: Store, world: Path, snapshot: int = 0, *, token: str = "sandbox-token") -> None:
    """Make the sheets of a world live as its snapshot shows them, with the history of all up to it.

    The result is the same as loading the first snapshot and advancing. The token, also one that is known
    already, administers the workspace; the people of `actors.csv` may edit. Raises `WorldError`, also for a
    store with a world.
    """
    opened = open_world(world)
    if snapshot not in opened.taken_at:
        raise WorldError(f"{world} has no snapshot {snapshot}: it has {_numbers(opened)}")
    with store.writing() as connection:
        if meta(connection, "world") is not None:
            raise WorldError(f"{store.path} holds a world already: start with a new file")
        live = LiveWorld(opened, CellWriter(opened.contacts))
        written: set[int] = set()
        histories: set[tuple[int, int]] = set()
        for number in sorted(each for each in opened.taken_at if each <= snapshot):
            step = _step(live, number)
            written = (written | step.written) - step.removed
            histories |= step.histories
        people = People(connection)
        write_containers(connection, live, people, token)
        whole = Step(
            written=written,
            histories={key for key in histories if key[1] in live.board.history.get(key[0], {})},
        )
        write(connection, live, whole, people)
        mark(connection, live, snapshot)


def advance(store: Store) -> int | None:
    """Apply the next snapshot. Returns its number, None at the end. Raises `WorldError` without a world."""
    with store.writing() as connection:
        folder, number = meta(connection, "world"), meta(connection, "snapshot")
        if folder is None or number is None:
            raise WorldError("this stand-in holds no world: start it with one to step through its snapshots")
        opened = open_world(Path(folder))
        following = opened.next_after(int(number))
        if following is None:
            return None
        live = read_live(connection, opened, int(number))
        known = set(live.sheets)
        step = _step(live, following)
        people = People(connection)
        write_sheets(connection, live, set(live.sheets) - known)
        write(connection, live, step, people)
        mark(connection, live, following)
        return following


def taken_at(store: Store) -> datetime | None:
    """When the live snapshot was taken: the time of the world. None without a world."""
    text = meta(store.connection(), "taken_at")
    return None if text is None else from_text(text)


def _step(live: LiveWorld, number: int) -> Step:
    """Bring the board and the sheets to a snapshot."""
    world, at = live.world, live.world.taken_at[number]
    titles = world.titles(number)
    targets: list[Target] = []
    layouts: dict[int, tuple[list[tuple[int, str]], frozenset[int]]] = {}
    live.laid_out_anew.clear()
    for sheet_id in world.sheets:
        layouts[sheet_id] = _lay_out(live, sheet_id, titles)
    for row in snapshot_rows(world.folder, number):
        if row.sheet_id not in layouts:
            layouts[row.sheet_id] = _lay_out(live, row.sheet_id, titles)
        layout, columns = layouts[row.sheet_id]
        created = row.created_at or row.modified_at or at
        cells = {
            column: text
            for (column, kind), value in zip(layout, row.values, strict=True)
            if (text := live.writer.text(kind, value)) is not None
        }
        new = LiveRow(
            row.sheet_id, 0.0, created, row.created_by, row.modified_at or created, row.modified_by, cells
        )
        targets.append(Target(row.row_id, new, columns))
    if len({target.row_id for target in targets}) < len(targets):
        twice = Counter(target.row_id for target in targets).most_common(1)[0][0]
        raise WorldError(f"row {twice} stands twice in snapshot {number} of {world.folder}: ids are unique")
    events: dict[int, list[CellEvent]] = defaultdict(list)
    for event in read_history(world.folder, number):
        sheet = live.sheets.get(event.sheet_id)
        column = sheet.columns.get(event.column) if sheet else None
        if column:
            cell = live.writer.text(column[1], event.text)
            events[event.row_id].append(CellEvent(column[0], cell, event.at or at, event.by))
    stripped = _strip(live)
    step = take_step(live.board, targets, events, at)
    step.written |= stripped - step.removed
    for sheet_id in live.laid_out_anew:
        step.save(sheet_id, [at])
    _count(live, step, at)
    return step


def _lay_out(
    live: LiveWorld, sheet_id: int, titles: list[str]
) -> tuple[list[tuple[int, str]], frozenset[int]]:
    """Columns of a sheet as this snapshot has them; one that it has no more is dropped, a new one added."""
    sheet = live.sheets.get(sheet_id)
    if sheet is None:
        sheet = live.sheets[sheet_id] = LiveSheet(sheet_id, {})
    elif list(sheet.columns) != titles:
        live.laid_out_anew.add(sheet_id)
    for title in [title for title in sheet.columns if title not in titles]:
        live.dropped_columns.add(sheet.columns.pop(title)[0])
    for title in titles:
        if title not in sheet.columns:
            if title not in live.types:
                live.types[title] = live.world.column_type(title)
            column = made_id("column", sheet_id, title)
            sheet.columns[title] = (column, live.types[title])
            live.dropped_columns.discard(column)
    sheet.columns = {title: sheet.columns[title] for title in titles}
    layout = [sheet.columns[title] for title in titles]
    return layout, frozenset(column for column, _ in layout)


def _strip(live: LiveWorld) -> set[int]:
    """Take the cells of dropped columns out of all rows; returns the rows that had some."""
    if not live.dropped_columns:
        return set()
    found: set[int] = set()
    for row_id, row in live.board.rows.items():
        if gone := live.dropped_columns & row.cells.keys():
            row.cells = {column: cell for column, cell in row.cells.items() if column not in gone}
            found.add(row_id)
        for column in live.dropped_columns:
            live.board.history.get(row_id, {}).pop(column, None)
    return found


def _count(live: LiveWorld, step: Step, at: str) -> None:
    """One version for each save, in the order of time; a sheet was modified by its newest one."""
    for sheet in live.sheets.values():
        saves = sorted(step.saves.get(sheet.id, ()))
        if not sheet.created_at:
            sheet.created_at = sheet.modified_at = min(saves, default=at)
        for save in saves:
            sheet.version += 1
            sheet.modified_at = max(sheet.modified_at, save)
            sheet.changes.append((sheet.version, sheet.modified_at))


def _numbers(world: World) -> str:
    return f"{min(world.taken_at)} to {max(world.taken_at)}"
