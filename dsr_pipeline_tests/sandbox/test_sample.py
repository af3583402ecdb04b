"""The sample world: whole, small, and through the stand-in exactly what its Parquet says at every step."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dsr_pipeline.sandbox.sample import SAMPLE, load_office, load_sample
from dsr_pipeline.sandbox.sample_targets import SHEETS, WORKSPACE
from dsr_pipeline.sandbox.store import Store
from dsr_pipeline.sandbox.world import canonical_inputs, open_world, read_history, snapshot_rows
from dsr_pipeline.sandbox.world_seed import advance

ROWS = (
    "SELECT r.id, r.sheet_id, r.cells, r.created_at, c.email, r.modified_at, m.email FROM rows r "
    "LEFT JOIN users c ON c.id = r.created_by LEFT JOIN users m ON m.id = r.modified_by "
    "JOIN sheets s ON s.id = r.sheet_id JOIN workspaces w ON w.id = s.workspace_id "
    "WHERE w.name = 'Field billing'"
)


@pytest.fixture(scope="module")
def stepped(tmp_path_factory: pytest.TempPathFactory) -> list[dict[int, tuple[object, ...]]]:
    """All rows after loading and after each step: sheet, cells by title, and who made and changed them."""
    store = Store(tmp_path_factory.mktemp("sample") / "stand_in.sqlite")
    load_sample(store)
    seen: list[dict[int, tuple[object, ...]]] = []
    reached: int | None = 0
    while reached is not None:
        titles = dict(store.connection().execute("SELECT id, title FROM columns").fetchall())
        seen.append(
            {
                number: (sheet, {titles[int(key)]: cell for key, cell in json.loads(text).items()}, *meta)
                for number, sheet, text, *meta in store.connection().execute(ROWS)
            }
        )
        reached = advance(store)
    return seen


def test_every_step_is_exactly_its_snapshot(stepped: list[dict[int, tuple[object, ...]]]) -> None:
    assert len(stepped) == 8
    for number, seen in enumerate(stepped):
        meta = {
            each.row_id: (each.created_at, each.created_by, each.modified_at, each.modified_by)
            for each in snapshot_rows(SAMPLE, number)
        }
        expected = {key: (sheet, found, *meta[key]) for sheet, key, found in canonical_inputs(SAMPLE, number)}
        # As text, because 1, 1.0 and true are equal in Python and are not for a reader.
        assert json.dumps(seen, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_its_steps_are_worth_watching(stepped: list[dict[int, tuple[object, ...]]]) -> None:
    steps = list(itertools.pairwise(stepped))
    assert sum(len(after.keys() - before.keys()) for before, after in steps) >= 5
    assert sum(len(before.keys() - after.keys()) for before, after in steps) >= 2
    assert (
        sum(before[key] != after[key] for before, after in steps for key in before.keys() & after.keys()) > 20
    )
    taken_back = [
        event
        for number, (before, after) in enumerate(steps, start=1)
        for event in read_history(SAMPLE, number)
        if event.row_id in before
        and event.row_id in after
        and before[event.row_id][1] == after[event.row_id][1]
    ]
    assert taken_back


def test_it_is_small_and_whole() -> None:
    files = [path for path in SAMPLE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000
    assert not (SAMPLE / "labels.json").exists()
    world = open_world(SAMPLE)
    rows = [each for number in world.taken_at for each in snapshot_rows(SAMPLE, number)]
    titles = pq.read_schema(SAMPLE / "snapshots" / "0000.parquet").names[6:]
    requests = {str(each.values[titles.index("Work Request #")]) for each in rows}
    units = {str(each.values[titles.index("CU")]) for each in rows}
    assert {each.sheet_id for each in rows} == set(world.sheets)
    assert {line["work_request"] for line in table("invoices.csv")} <= requests
    assert {line["Work Request #"] for line in table("budgets.csv")} == requests
    assert units <= {line["CU"] for line in table("price_list.csv")}
    invoices = {line["invoice_no"] for line in table("invoices.csv")}
    assert {line["invoice_no"] for line in table("payments.csv")} <= invoices
    assert {line["reference"] for line in table("bank.csv")} <= {
        line["payment_id"] for line in table("payments.csv")
    }
    known = {str(each.row_id) for each in rows} | {line["__row_id"] for line in table("invoices.csv")}
    assert {line["__row_id"] for line in table("approvals.csv")} <= known


def table(name: str) -> list[dict[str, str]]:
    """The lines of one of its tables."""
    with Path(SAMPLE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def office(store: Store) -> dict[str, list[dict[str, object]]]:
    """The rows of the billing office's sheets, cells by title."""
    connection = store.connection()
    titles = dict(connection.execute("SELECT id, title FROM columns").fetchall())
    found = connection.execute(
        "SELECT s.name, r.cells FROM sheets s JOIN workspaces w ON w.id = s.workspace_id "
        "JOIN rows r ON r.sheet_id = s.id WHERE w.name = ? ORDER BY s.name, r.position",
        (WORKSPACE,),
    )
    rows: dict[str, list[dict[str, object]]] = {}
    for name, cells in found:
        row = {titles[int(column)]: cell["value"] for column, cell in json.loads(cells).items()}
        rows.setdefault(name, []).append(row)
    return rows


def test_the_billing_office_has_a_row_for_every_work_request(tmp_path: Path) -> None:
    """Of all looks, so that a report of a later one finds its row."""
    store = Store(tmp_path / "office.sqlite")
    load_sample(store)
    seen: dict[str, set[str]] = {"primary": set(), "subcontractor": set()}
    world = open_world(SAMPLE)
    for number in world.taken_at:
        place = world.titles(number).index("Work Request #")
        for row in snapshot_rows(SAMPLE, number):
            seen[world.sheets[row.sheet_id].rate_basis].add(str(row.values[place]))
    listed = office(store)
    assert list(listed) == sorted(SHEETS)
    requests = {name: [str(row["Work Request #"]) for row in rows] for name, rows in listed.items()}
    assert requests["Weekly billing"] == sorted(seen["primary"] | seen["subcontractor"])
    assert requests["Subcontractor billing"] == sorted(seen["subcontractor"])
    assert 0 < len(seen["subcontractor"]) < len(requests["Weekly billing"])
    assert all(row["Customer Name"] and row["Status"] == "Open" for rows in listed.values() for row in rows)


def test_the_billing_office_stays_as_it_is(tmp_path: Path) -> None:
    """The same ids in every store; a look further, or loading it again, changes nothing of it."""
    stores = [Store(tmp_path / name) for name in ("one.sqlite", "two.sqlite")]
    load_sample(stores[0], token="one")
    load_sample(stores[1], 7, token="two")
    advance(stores[0])
    load_office(stores[0], token="one")
    ids = [
        {
            table: sorted(each[0] for each in store.connection().execute(f"SELECT id FROM {table}"))
            for table in ("workspaces", "sheets", "columns")
        }
        for store in stores
    ]
    assert ids[0] == ids[1]
    assert office(stores[0]) == office(stores[1])
    versions = (
        stores[0].connection().execute("SELECT version FROM sheets WHERE name IN (?, ?)", tuple(SHEETS))
    )
    assert [row[0] for row in versions] == [1, 1]
    everything = " UNION ALL ".join(
        f"SELECT id FROM {table}" for table in ("workspaces", "folders", "sheets", "columns", "rows", "users")
    )
    found = [row[0] for row in stores[0].connection().execute(everything)]
    assert len(set(found)) == len(found)
    assert all(0 < number < 2**53 for number in found)
