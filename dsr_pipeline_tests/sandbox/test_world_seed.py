"""A world in the stand-in: each snapshot exactly, with the versions, instants and histories of Smartsheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dsr_pipeline.sandbox.clock import as_text
from dsr_pipeline.sandbox.store import Store
from dsr_pipeline.sandbox.world import canonical_inputs
from dsr_pipeline.sandbox.world_cells import WorldError
from dsr_pipeline.sandbox.world_seed import advance, load_world, taken_at
from dsr_pipeline_tests.sandbox.world_files import ANN, BEN, OTHER_SHEET, SHEET, Look, event, row, write_world

MORNING = "2026-04-01T06:00:00Z"
EVENING = "2026-04-01T18:00:00Z"
NIGHT = "2026-04-02T06:00:00Z"
TABLES = {
    "users": "id",
    "tokens": "token",
    "access": "user_id",
    "folders": "id",
    "sheets": "id",
    "sheet_changes": "sheet_id, version",
    "columns": "id",
    "rows": "id",
    "cell_history": "row_id, column_id, seq",
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "stand_in.sqlite")


def cells(store: Store) -> dict[int, dict[str, Any]]:
    """Row id → title → value of all live rows."""
    titles = dict(store.connection().execute("SELECT id, title FROM columns").fetchall())
    return {
        number: {titles[int(column)]: cell["value"] for column, cell in json.loads(text).items()}
        for number, text in store.connection().execute("SELECT id, cells FROM rows")
    }


def history(store: Store, number: int, title: str) -> list[tuple[Any, str, str]]:
    """Value (None when cleared), instant and person of each entry."""
    found = store.connection().execute(
        "SELECT h.cell, h.modified_at, u.email FROM cell_history h JOIN columns c ON c.id = h.column_id "
        "LEFT JOIN users u ON u.id = h.modified_by WHERE h.row_id = ? AND c.title = ? ORDER BY h.seq",
        (number, title),
    )
    return [(json.loads(cell).get("value"), at, email) for cell, at, email in found]


def sheet(store: Store, number: int = SHEET) -> tuple[int, str]:
    """Version and instant of the last change."""
    found = store.connection().execute("SELECT version, modified_at FROM sheets WHERE id = ?", (number,))
    return tuple(found.fetchone())


def saved(store: Store, number: int) -> tuple[str, str]:
    """When and by whom a row was saved last."""
    return tuple(
        store.connection()
        .execute(
            "SELECT modified_at, email FROM rows JOIN users ON users.id = modified_by WHERE rows.id = ?",
            (number,),
        )
        .fetchone()
    )


def test_an_edit_moves_its_row_its_sheet_and_nothing_else(store: Store, tmp_path: Path) -> None:
    at = "2026-04-01T12:00:00Z"
    first = [
        row(1, Quantity="1", CU="POL"),
        row(2, Quantity="7", CU="ANC"),
        row(3, sheet=OTHER_SHEET, CU="X"),
    ]
    second = [row(1, at, Quantity="2.5", CU="POL"), *first[1:]]
    world = write_world(
        tmp_path / "w", [Look(MORNING, first), Look(EVENING, second, [event(1, "Quantity", "2.5", at)])]
    )
    load_world(store, world)
    version, _ = sheet(store)
    other = sheet(store, OTHER_SHEET)
    assert cells(store)[1] == {"Quantity": 1, "CU": "POL"}
    assert advance(store) == 1
    assert cells(store)[1] == {"Quantity": 2.5, "CU": "POL"}
    assert saved(store, 1) == (at, BEN)
    assert saved(store, 2) == ("2026-04-01T01:00:00Z", ANN)
    assert sheet(store) == (version + 1, at)
    assert sheet(store, OTHER_SHEET) == other
    assert history(store, 1, "Quantity") == [(1, "2026-04-01T01:00:00Z", ANN), (2.5, at, BEN)]
    assert history(store, 1, "CU") == []
    now = taken_at(store)
    assert now is not None
    assert as_text(now) == EVENING
    assert advance(store) is None
    assert sheet(store) == (version + 1, at)


def test_an_edit_that_was_taken_back_leaves_its_mark(store: Store, tmp_path: Path) -> None:
    there, back = "2026-04-01T12:00:00Z", "2026-04-01T13:00:00Z"
    events = [event(1, "Quantity", "9", there), event(1, "Quantity", "1", back)]
    world = write_world(
        tmp_path / "w",
        [Look(MORNING, [row(1, Quantity="1")]), Look(EVENING, [row(1, back, Quantity="1")], events)],
    )
    load_world(store, world)
    version, _ = sheet(store)
    advance(store)
    assert cells(store)[1] == {"Quantity": 1}
    assert saved(store, 1) == (back, BEN)
    assert sheet(store) == (version + 2, back)
    assert [value for value, _, _ in history(store, 1, "Quantity")] == [1, 9, 1]


def test_a_row_moves_in_time_even_where_the_world_forgot_to_say_so(store: Store, tmp_path: Path) -> None:
    """A reader that asks for what changed since the last time must see each of these rows."""
    at = "2026-04-01T12:00:00Z"
    first = [row(1, Quantity="1"), row(2, Quantity="2")]
    second = [row(1, Quantity="1"), row(2, Quantity="3")]
    events = [event(1, "Quantity", "5", "2026-04-01T11:00:00Z"), event(1, "Quantity", "1", at)]
    world = write_world(
        tmp_path / "w", [Look(MORNING, first), Look(EVENING, second, events), Look(NIGHT, second)]
    )
    load_world(store, world)
    advance(store)
    assert saved(store, 1) == (at, BEN)
    assert saved(store, 2)[0] == EVENING
    assert history(store, 2, "Quantity")[-1][:2] == (3, EVENING)
    reached = sheet(store)
    advance(store)
    assert sheet(store) == reached


def test_rows_come_go_and_change_sheets(store: Store, tmp_path: Path) -> None:
    made = "2026-04-01T09:00:00Z"
    new = row(4, made, Quantity="4") | {"__created_at": made, "__created_by": BEN}
    first = [row(1, Quantity="1"), row(2, Quantity="2"), row(3, Quantity="3")]
    moved = row(3, "2026-04-01T10:00:00Z", OTHER_SHEET, Quantity="3")
    events = [event(2, "Quantity", "8", "2026-04-01T08:00:00Z"), event(77, "Quantity", "1", made)]
    world = write_world(tmp_path / "w", [Look(MORNING, first), Look(EVENING, [first[0], moved, new], events)])
    load_world(store, world)
    version, other = sheet(store)[0], sheet(store, OTHER_SHEET)[0]
    advance(store)
    assert cells(store) == {1: {"Quantity": 1}, 3: {"Quantity": 3}, 4: {"Quantity": 4}}
    assert history(store, 2, "Quantity") == []
    # Gone: an edit, then the deletion. Moved away: one. New: one. The row nobody ever saw does not count.
    assert sheet(store) == (version + 4, EVENING)
    assert sheet(store, OTHER_SHEET)[0] == other + 2
    order = store.connection().execute("SELECT id FROM rows WHERE sheet_id = ? ORDER BY position", (SHEET,))
    assert [each[0] for each in order] == [1, 4]


def test_nothing_is_left_of_a_row_that_goes(store: Store, tmp_path: Path) -> None:
    at = "2026-04-01T12:00:00Z"
    others = [row(n, sheet=OTHER_SHEET) for n in (7, 8, 9)]
    first = [row(n, Quantity="1") for n in (1, 2, 3)] + others
    second = [row(n, at, Quantity="2") for n in (1, 2, 3)] + others
    events = [event(n, "Quantity", "2", at) for n in (1, 2, 3)]
    moved = row(2, "2026-04-01T20:00:00Z", OTHER_SHEET, Quantity="2")
    looks = [Look(MORNING, first), Look(EVENING, second, events), Look(NIGHT, [second[0], moved, *others])]
    load_world(store, write_world(tmp_path / "w", looks), 1)
    with store.writing() as connection:
        for number in (1, 3):
            connection.execute(
                "INSERT INTO attachments VALUES(?, ?, ?, 1, 1, 'a', 'text/plain', 1, ?, NULL, x'00')",
                (number, SHEET, number, at),
            )
    advance(store)
    kept = store.connection().execute("SELECT row_id FROM attachments")
    assert [each[0] for each in kept] == [1]
    told = store.connection().execute("SELECT DISTINCT row_id FROM cell_history")
    assert [each[0] for each in told] == [1]
    order = store.connection().execute(
        "SELECT id FROM rows WHERE sheet_id = ? ORDER BY position", (OTHER_SHEET,)
    )
    assert [each[0] for each in order] == [7, 8, 9, 2]


def test_cells_filled_and_cleared(store: Store, tmp_path: Path) -> None:
    at, later = "2026-04-01T12:00:00Z", "2026-04-01T20:00:00Z"
    world = write_world(
        tmp_path / "w",
        [
            Look(MORNING, [row(1, A="x", B=None)]),
            Look(EVENING, [row(1, at, A=None, B="y")], [event(1, "A", None, at), event(1, "B", "y", at)]),
            Look(NIGHT, [row(1, later, A=None, B=None)]),
        ],
    )
    load_world(store, world)
    version = sheet(store)[0]
    advance(store)
    # Two cells that one person saves at one instant are one change.
    assert sheet(store)[0] == version + 1
    assert history(store, 1, "A") == [("x", "2026-04-01T01:00:00Z", ANN), (None, at, BEN)]
    assert history(store, 1, "B") == [("y", at, BEN)]
    advance(store)
    assert history(store, 1, "B")[-1] == (None, later, BEN)
    assert store.connection().execute("SELECT blank, cells FROM rows").fetchone()[:] == (1, "{}")


def test_a_late_entry_does_not_stand_before_an_earlier_one(store: Store, tmp_path: Path) -> None:
    """Readers sort a history by time, and the last entry is what the cell holds."""
    late, early = "2026-04-01T12:00:00Z", "2026-04-01T11:00:00Z"
    events = [event(1, "A", "2", late), event(1, "A", "3", early)]
    world = write_world(
        tmp_path / "w", [Look(MORNING, [row(1, A="1")]), Look(EVENING, [row(1, late, A="3")], events)]
    )
    load_world(store, world, 1)
    assert [(value, at) for value, at, _ in history(store, 1, "A")][1:] == [(2, late), (3, late)]


def test_types_of_columns(store: Store, tmp_path: Path) -> None:
    first = row(
        1,
        Done=True,
        Day="2026-04-01",
        Foreman="Ann Moss",
        Dept="0090",
        Late=None,
        Mixed="2026-04-01",
        Empty=None,
    )
    looks = [
        Look(MORNING, [first, row(2, Mixed="soon")]),
        Look(EVENING, [first | {"Late": "2026-04-02", "Day": "unknown"}, row(2, Mixed="soon")]),
    ]
    world = write_world(tmp_path / "w", looks, columns={"Done": pa.bool_()})
    load_world(store, world)
    types = dict(store.connection().execute("SELECT title, type FROM columns WHERE sheet_id = ?", (SHEET,)))
    assert types == {
        "Done": "CHECKBOX",
        "Day": "DATE",
        "Foreman": "CONTACT_LIST",
        "Dept": "TEXT_NUMBER",
        "Late": "DATE",
        "Mixed": "TEXT_NUMBER",
        "Empty": "TEXT_NUMBER",
    }
    primary = store.connection().execute(
        "SELECT title FROM columns WHERE is_primary AND sheet_id = ?", (SHEET,)
    )
    assert [each[0] for each in primary] == ["Dept"]
    assert cells(store)[1] == {
        "Done": True,
        "Day": "2026-04-01",
        "Foreman": ANN,
        "Dept": "0090",
        "Mixed": "2026-04-01",
    }
    advance(store)
    assert cells(store)[1]["Day"] == "unknown"


def test_a_column_comes_and_another_goes(store: Store, tmp_path: Path) -> None:
    world = write_world(
        tmp_path / "w", [Look(MORNING, [row(1, A="1", Old="x")]), Look(EVENING, [row(1, A="1", New="y")])]
    )
    load_world(store, world)
    version = sheet(store)[0]
    advance(store)
    assert cells(store)[1] == {"A": 1, "New": "y"}
    titles = store.connection().execute("SELECT title FROM columns WHERE sheet_id = ?", (SHEET,))
    assert {each[0] for each in titles} == {"A", "New"}
    assert sheet(store)[0] > version


def test_columns_change_places(store: Store, tmp_path: Path) -> None:
    looks = [
        Look(MORNING, [row(1, A="1", B="2", Unused=None)]),
        Look(EVENING, [row(1, B="2", A="1")]),
        Look(NIGHT, [row(1, B="2", A="1")]),
    ]
    world = write_world(tmp_path / "w", looks)
    load_world(store, world)
    version = sheet(store)[0]
    advance(store)
    advance(store)
    order = store.connection().execute(
        "SELECT title FROM columns WHERE sheet_id = ? ORDER BY position", (SHEET,)
    )
    assert [each[0] for each in order] == ["B", "A"]
    assert sheet(store) == (version + 1, EVENING)
    loaded = Store(tmp_path / "loaded.sqlite")
    load_world(loaded, world, 2)
    assert sheet(loaded) == sheet(store)


def test_what_was_written_through_the_api_gives_way_to_the_world(store: Store, tmp_path: Path) -> None:
    world = write_world(tmp_path / "w", [Look(MORNING, [row(1, A="1")]), Look(EVENING, [row(1, A="1")])])
    load_world(store, world)
    column = store.connection().execute("SELECT id FROM columns WHERE sheet_id = ?", (SHEET,)).fetchone()[0]
    with store.writing() as connection:
        connection.execute("INSERT INTO columns VALUES(5, ?, 9, 'Flag', 'TEXT_NUMBER', 0, '{}')", (SHEET,))
        edited = json.dumps({str(column): {"value": 3}, "5": {"value": "seen"}})
        connection.execute("UPDATE rows SET cells = ?, modified_at = '2026-04-01T07:00:00Z'", (edited,))
    advance(store)
    assert cells(store)[1] == {"A": 1, "Flag": "seen"}
    assert saved(store, 1)[0] == EVENING


def test_a_world_with_less_in_it(store: Store, tmp_path: Path) -> None:
    """No names, no people, ids that Smartsheet would not give, rows without a past."""
    world = write_world(
        tmp_path / "w",
        [Look(MORNING, [{"__sheet_id": "north", "__row_id": "r-1", "A": "1"}])],
        columns={"__sheet_id": pa.string(), "__row_id": pa.string()},
    )
    for name in ("sheets.csv", "actors.csv"):
        (world / name).unlink()
    (world / "history" / "0000.parquet").unlink()
    load_world(store, world)
    ((sheet_id, row_id, read),) = canonical_inputs(world, 0)
    assert read == {"A": {"value": 1}}
    assert cells(store) == {row_id: {"A": 1}}
    assert sheet(store, sheet_id)[1] == MORNING


def test_loading_is_the_same_as_stepping(tmp_path: Path, project: Path) -> None:
    sample = project / "data" / "samples" / "world"
    stepped, loaded = Store(tmp_path / "stepped.sqlite"), Store(tmp_path / "loaded.sqlite")
    load_world(stepped, sample, 2)
    while (reached := advance(stepped)) is not None:
        last = reached
    load_world(loaded, sample, last)
    for table, order in TABLES.items():
        query = f"SELECT * FROM {table} ORDER BY {order}"
        one, other = (
            [tuple(each) for each in store.connection().execute(query)] for store in (stepped, loaded)
        )
        assert one == other, table


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("snapshots.csv", "snapshots.csv does not exist"),
        ("snapshots/0000.parquet", "0000.parquet does not exist: snapshots.csv promises it"),
    ],
)
def test_a_folder_that_is_no_world_is_refused(store: Store, tmp_path: Path, spoil: str, message: str) -> None:
    world = write_world(tmp_path / "w", [Look(MORNING, [row(1, A="1")])])
    (world / spoil).unlink()
    with pytest.raises(WorldError, match=message):
        load_world(store, world)
    assert cells(store) == {}


def test_a_row_that_stands_twice_is_refused(store: Store, tmp_path: Path) -> None:
    world = write_world(tmp_path / "w", [Look(MORNING, [row(1, A="1"), row(1, sheet=OTHER_SHEET, A="1")])])
    with pytest.raises(WorldError, match="row 1 stands twice in snapshot 0"):
        load_world(store, world)


def test_a_snapshot_that_is_no_table_of_cells_is_refused(store: Store, tmp_path: Path) -> None:
    tags = {"Tags": pa.list_(pa.string())}
    world = write_world(tmp_path / "w", [Look(MORNING, [row(1, Tags=["a", "b"])])], columns=tags)
    with pytest.raises(WorldError, match="the column Tags holds lists or objects"):
        load_world(store, world)
    (world / "snapshots" / "0000.parquet").write_bytes(b"no table")
    with pytest.raises(WorldError, match="cannot be read as Parquet"):
        load_world(store, world)
    assert cells(store) == {}


@pytest.mark.parametrize(
    ("spoil", "content", "message"),
    [
        ("snapshots.csv", b"snapshot,taken_at\none,2026-04-01T06:00:00Z\n", "'one' is no number"),
        ("snapshots.csv", b"snapshot,taken_at\n0,noon\n", "'noon' is no instant"),
        ("actors.csv", b"email\n\xff\xfe@example.com\n", "actors.csv is no text in UTF-8"),
        ("history/0000.parquet", b"PAR1 no table PAR1", "0000.parquet cannot be read as Parquet"),
    ],
)
def test_a_world_with_a_spoilt_file_is_refused_in_a_sentence(
    store: Store, tmp_path: Path, spoil: str, content: bytes, message: str
) -> None:
    world = write_world(tmp_path / "w", [Look(MORNING, [row(1, A="1")])])
    (world / spoil).parent.mkdir(exist_ok=True)
    (world / spoil).write_bytes(content)
    with pytest.raises(WorldError, match=message):
        load_world(store, world)
    assert cells(store) == {}


def test_one_store_holds_one_world(store: Store, tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="holds no world"):
        advance(store)
    world = write_world(tmp_path / "w", [Look(MORNING, [row(1, A="1")])])
    with pytest.raises(WorldError, match="no snapshot 4: it has 0 to 0"):
        load_world(store, world, 4)
    load_world(store, world)
    with pytest.raises(WorldError, match="holds a world already"):
        load_world(store, world)
