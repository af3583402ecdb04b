"""Whatever a world does between two looks, the stand-in shows it exactly, and a reader can follow."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_pipeline.sandbox.store import Store
from dsr_pipeline.sandbox.world import canonical_inputs
from dsr_pipeline.sandbox.world_seed import advance, load_world
from dsr_pipeline_tests.sandbox.world_files import OTHER_SHEET, SHEET, Look, event, row, write_world

TITLES = ("Work Request #", "Quantity", "Foreman", "Done", "Day")
VALUES = {
    "Work Request #": st.sampled_from([None, "90093002", "90093002.0", "0090", ""]),
    "Quantity": st.sampled_from([None, "1", "1.0", "$5", "-3.25", " "]),
    "Foreman": st.sampled_from([None, "Ann Moss", "ann moss ", "VAC Rowe", "???"]),
    "Done": st.sampled_from([None, True, False]),
    "Day": st.sampled_from([None, "2026-04-01", "2026-04-12", "soon"]),
}
INSTANTS = st.integers(0, 47).map(lambda hours: f"2026-04-{1 + hours // 24:02d}T{hours % 24:02d}:30:00Z")
CELLS = st.fixed_dictionaries(VALUES)
ROWS = st.dictionaries(st.integers(1, 6), st.tuples(st.sampled_from([SHEET, OTHER_SHEET]), INSTANTS, CELLS))
EVENTS = st.lists(
    st.sampled_from(TITLES).flatmap(
        lambda title: st.tuples(st.integers(1, 7), st.just(title), VALUES[title], INSTANTS)
    ),
    max_size=6,
)
LOOKS = st.lists(st.tuples(ROWS, EVENTS), min_size=2, max_size=4)


@contextmanager
def written(
    looks: list[tuple[dict[int, tuple[int, str, dict[str, Any]]], list[tuple[Any, ...]]]],
) -> Iterator[Path]:
    """The folder of a world with these looks, twelve hours apart."""
    with tempfile.TemporaryDirectory() as folder:
        write_world(
            Path(folder) / "w",
            [
                Look(
                    f"2026-04-{1 + number // 2:02d}T{6 + number % 2 * 12:02d}:00:00Z",
                    # All columns in every look, also where it has no rows.
                    [row(key, at, sheet, **cells) for key, (sheet, at, cells) in rows.items()]
                    or [row(99, **dict.fromkeys(TITLES))],
                    [
                        event(key, title, None if value is None else str(value), at)
                        for key, title, value, at in events
                    ],
                )
                for number, (rows, events) in enumerate(looks)
            ],
            columns={"Done": pa.bool_()},
        )
        yield Path(folder)


def live(store: Store) -> dict[int, tuple[int, str, str]]:
    """Row id → sheet, instant of its last change, and cells by title as text."""
    titles = dict(store.connection().execute("SELECT id, title FROM columns").fetchall())
    return {
        number: (sheet, at, by_title({titles[int(key)]: cell for key, cell in json.loads(text).items()}))
        for number, sheet, at, text in store.connection().execute(
            "SELECT id, sheet_id, modified_at, cells FROM rows"
        )
    }


def by_title(cells: dict[str, Any]) -> str:
    return json.dumps(cells, sort_keys=True)


def sheets(store: Store) -> dict[int, tuple[int, str]]:
    found = store.connection().execute("SELECT id, version, modified_at FROM sheets")
    return {number: (version, at) for number, version, at in found}


@settings(max_examples=40)
@given(LOOKS)
def test_any_world_is_shown_exactly_and_changes_can_be_followed(looks: Any) -> None:
    with written(looks) as folder:
        world, store = folder / "w", Store(folder / "stepped.sqlite")
        load_world(store, world)
        seen, versions = live(store), sheets(store)
        for number in range(1, len(looks)):
            advance(store)
            now, moved = live(store), sheets(store)
            assert {key: (sheet, cells) for key, (sheet, _, cells) in now.items()} == {
                key: (sheet, by_title(cells)) for sheet, key, cells in canonical_inputs(world, number)
            }
            for key in now.keys() & seen.keys():
                if now[key][0] == seen[key][0] and now[key][2] != seen[key][2]:
                    assert now[key][1] > seen[key][1]
            different = [key for key in now.keys() | seen.keys() if now.get(key) != seen.get(key)]
            touched = {each[key][0] for key in different for each in (now, seen) if key in each}
            assert all(moved[sheet][0] > versions[sheet][0] for sheet in touched)
            assert all(moved[sheet][1] >= versions[sheet][1] for sheet in moved)
            check_history(store)
            seen, versions = now, moved
        loaded = Store(folder / "loaded.sqlite")
        load_world(loaded, world, len(looks) - 1)
        assert (live(loaded), sheets(loaded)) == (seen, versions)
        for each in (store, loaded):
            each.close()


def check_history(store: Store) -> None:
    """Each history rises in time and ends with what the cell holds."""
    rows = {
        number: json.loads(text) for number, text in store.connection().execute("SELECT id, cells FROM rows")
    }
    last: dict[tuple[int, int], tuple[str, str]] = {}
    query = "SELECT row_id, column_id, cell, modified_at FROM cell_history ORDER BY row_id, column_id, seq"
    for number, column, cell, at in store.connection().execute(query):
        assert last.get((number, column), ("", ""))[1] <= at
        last[number, column] = (cell, at)
    for (number, column), (cell, _) in last.items():
        assert json.loads(cell) == rows[number].get(str(column), {})
