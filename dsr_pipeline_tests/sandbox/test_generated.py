"""Generated sheets: always the same, of every type, with what goes wrong in real ones, and editable."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.sandbox.generated import OWNER, READER, generate, touch
from dsr_pipeline.sandbox.store import Store
from dsr_pipeline_tests.standin import StandIn

SHEETS, ROWS = 20, 120


def made(folder: Path, seed: int = 1, **sizes: int) -> Store:
    """A store with generated sheets."""
    store = Store(folder / f"generated-{seed}.sqlite")
    generate(store, **({"sheets": SHEETS, "rows": ROWS} | sizes), seed=seed)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return made(tmp_path_factory.mktemp("generated"))


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything but the journal."""
    tables = ("users", "workspaces", "folders", "sheets", "columns", "rows", "access")
    read = store.connection().execute
    return {
        table: [tuple(row) for row in read(f"SELECT * FROM {table} ORDER BY 1, 2, 3")] for table in tables
    }


def by_title(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All cells that hold something, by the title of their column."""
    titles = dict(store.connection().execute("SELECT id, title FROM columns").fetchall())
    found: dict[str, list[dict[str, Any]]] = {}
    for (cells,) in store.connection().execute("SELECT cells FROM rows"):
        for column, cell in json.loads(cells).items():
            found.setdefault(titles[int(column)], []).append(cell)
    return found


def test_the_same_seed_gives_the_same_sheets(store: Store, tmp_path: Path) -> None:
    again, other = made(tmp_path), made(tmp_path, seed=2)
    assert content(again) == content(store)
    assert content(other)["rows"] != content(store)["rows"]
    # More sheets are more sheets: those that were there stay as they are.
    generate(again, 2, ROWS, seed=1)
    more = content(again)
    assert len(more["sheets"]) == SHEETS + 2
    assert set(more["rows"]) > set(content(store)["rows"])


def test_the_reader_administers_what_another_one_owns(store: Store) -> None:
    found = store.connection().execute(
        "SELECT u.email, a.level FROM access a JOIN users u ON u.id = a.user_id ORDER BY a.level"
    )
    assert [each[:] for each in found] == [(READER, "ADMIN"), (OWNER, "OWNER")]


def test_sizes_are_those_asked_for(store: Store, tmp_path: Path) -> None:
    count = store.connection().execute
    assert count("SELECT count(*) FROM sheets").fetchone()[0] == SHEETS
    assert {each[0] for each in count("SELECT count(*) FROM rows GROUP BY sheet_id")} == {ROWS}
    assert {each[0] for each in count("SELECT count(*) FROM columns GROUP BY sheet_id")} == {20}
    many = made(tmp_path, seed=4, sheets=260, rows=0, columns=1)
    inside = many.connection().execute("SELECT count(*) FROM sheets GROUP BY folder_id ORDER BY 1 DESC")
    assert [each[0] for each in inside] == [250, 10]
    wide = made(tmp_path, sheets=1, rows=3, columns=45)
    assert wide.connection().execute("SELECT count(*), count(DISTINCT title) FROM columns").fetchone()[:] == (
        45,
        45,
    )
    narrow = made(tmp_path, seed=3, sheets=1, rows=0, columns=1)
    assert narrow.connection().execute("SELECT title, is_primary FROM columns").fetchone()[:] == (
        "Work Request #",
        1,
    )
    with pytest.raises(ValueError, match="1 to 400 columns"):
        generate(narrow, 1, 1, 1, columns=401)


def test_every_type_of_column_is_there(store: Store) -> None:
    read = store.connection().execute
    assert {each[0] for each in read("SELECT DISTINCT type FROM columns")} == {
        *(
            "ABSTRACT_DATETIME",
            "CHECKBOX",
            "CONTACT_LIST",
            "DATE",
            "DATETIME",
            "DURATION",
            "MULTI_CONTACT_LIST",
        ),
        *("MULTI_PICKLIST", "PICKLIST", "PREDECESSOR", "TEXT_NUMBER"),
    }
    extras = [json.loads(each[0]) for each in read("SELECT extra FROM columns")]
    systems = {each["systemColumnType"] for each in extras if "systemColumnType" in each}
    assert systems == {"AUTO_NUMBER", "CREATED_DATE", "MODIFIED_BY"}
    assert {each[0] for each in read("SELECT type FROM columns WHERE is_primary")} == {"TEXT_NUMBER"}


def test_titles_differ_between_offices(store: Store) -> None:
    titles = Counter(each[0] for each in store.connection().execute("SELECT title FROM columns"))
    assert titles["Work Request #"] == SHEETS
    for usual, other in (("Quantity", "Qty"), ("Pole #", "Point #"), ("Units Completed?", "Units Completed")):
        assert titles[usual] > titles[other] > 0
    per_sheet = store.connection().execute(
        "SELECT count(*) - count(DISTINCT title) FROM columns GROUP BY sheet_id"
    )
    assert {each[0] for each in per_sheet} == {0}


def test_cells_are_as_careless_as_real_ones(store: Store) -> None:
    found = by_title(store)
    values = {title: [cell.get("value") for cell in cells] for title, cells in found.items()}
    prices = values["Units Total Price"]
    assert any(isinstance(price, float) and price < 0 for price in prices)
    assert any(str(price).startswith("$") and "," in str(price) for price in prices)
    assert "($12.50)" in prices
    errors = [cell for cell in found["Unit Rate"] if isinstance(cell["value"], str)]
    assert {cell["value"][0] for cell in errors} == {"#"}
    assert all(cell["formula"].startswith("=") for cell in found["Unit Rate"])
    assert {"TBD", "week 46"} & set(values["Weekly Reference Logged Date"])
    assert {type(value) for value in values["Units Completed?"]} == {bool, str}
    assert any("@" not in str(value) for value in values["Foreman"])
    assert all("value" in cell or "objectValue" in cell for cells in found.values() for cell in cells)
    blank = store.connection().execute("SELECT DISTINCT cells FROM rows WHERE blank").fetchall()
    assert [each[0] for each in blank] == ["{}"]


def test_two_sheets_may_have_one_name_and_rows_may_have_children(tmp_path: Path) -> None:
    read = made(tmp_path, sheets=40, rows=8).connection().execute
    assert read("SELECT count(*), count(DISTINCT name) FROM sheets").fetchone()[:] == (40, 39)
    (children,) = read("SELECT count(*) FROM rows WHERE parent_id NOT NULL").fetchone()
    assert children == 2 * 4
    strays = "SELECT count(*) FROM rows c LEFT JOIN rows p ON p.id = c.parent_id AND p.sheet_id = c.sheet_id"
    assert read(f"{strays} WHERE c.parent_id NOT NULL AND p.id IS NULL").fetchone()[0] == 0


def test_an_edit_moves_what_an_edit_moves(tmp_path: Path) -> None:
    store = made(tmp_path, sheets=10, rows=30)
    before = content(store)
    done = touch(store, 0.2, seed=5, deletions=1)
    after = content(store)
    assert len(done.sheets) == 2
    assert done.deleted_rows == 1
    versions = {row[0]: (row[4], row[6]) for row in before["sheets"]}
    moved = {
        row[0]: row[4] - versions[row[0]][0]
        for row in after["sheets"]
        if (row[4], row[6]) != versions[row[0]]
    }
    assert set(moved) == set(done.sheets)
    assert sum(moved.values()) == done.edited_rows + done.deleted_rows
    old, new = ({row[0]: row for row in each["rows"]} for each in (before, after))
    assert len(old.keys() - new.keys()) == 1
    edited = [row for number, row in new.items() if old[number] != row]
    assert 2 <= len(edited) <= done.edited_rows
    assert {row[8] for row in edited} == {done.at}
    assert done.at > max(row[8] for row in old.values())
    told = store.connection().execute("SELECT row_id, count(*) FROM cell_history GROUP BY row_id").fetchall()
    assert {count for _, count in told} <= {1, 2}
    assert {number for number, _ in told} == {row[0] for row in edited}
    again = touch(store, 0.2, seed=5)
    assert again.at > done.at
    assert again.sheets == done.sheets


def test_a_large_office_is_made_in_seconds(tmp_path: Path) -> None:
    """A thousand sheets of 550 rows must take less than a minute of CPU; this is a fiftieth of them."""
    start = time.process_time()
    made(tmp_path, sheets=20, rows=550)
    assert time.process_time() - start < 60 / 50


def test_the_sdk_reads_every_type_as_it_was_generated(stand_in: StandIn) -> None:
    generate(stand_in.store, 2, 60, seed=1)
    client = stand_in.sdk()
    kept = {
        (number, int(column)): cell
        for number, cells in stand_in.store.connection().execute("SELECT id, cells FROM rows")
        for column, cell in json.loads(cells).items()
    }
    for listed in client.Sheets.list_sheets(include_all=True).data:
        sheet = client.Sheets.get_sheet(listed.id, level=2, include="objectValue")
        systems = {
            column.id
            for column in sheet.columns
            if str(column.system_column_type) in {"CREATED_DATE", "MODIFIED_BY"}
        }
        assert len(sheet.rows) == 60
        for row in sheet.rows:
            for cell in row.cells:
                stored = kept.pop((row.id, cell.column_id), None)
                if cell.column_id in systems:
                    assert cell.value
                elif stored is None:
                    assert cell.value is None
                elif "value" in stored:
                    assert (cell.value, cell.formula) == (stored["value"], stored.get("formula"))
                else:
                    assert len(cell.object_value.values) == len(stored["objectValue"]["values"])
    assert not kept
