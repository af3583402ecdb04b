"""A world played through the stand-in and the sync is the world: cell for cell, snapshot for snapshot."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline.sandbox.sample import SAMPLE, load_sample
from dsr_pipeline.sandbox.sample_targets import SHEETS
from dsr_pipeline.sandbox.world import read_snapshot
from dsr_pipeline.sandbox.world_seed import advance
from dsr_pipeline.smartsheet.cells import text
from dsr_pipeline.smartsheet.column_map import load_columns, normal_title
from dsr_pipeline.smartsheet.sources import load_sources
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import StandIn

RULES_ROOT = Path(__file__).parents[2] / "rules"


@pytest.fixture
def played(stand_in: StandIn, tmp_path: Path) -> Account:
    """The sample world, as its first snapshot shows it, under the shipped rules."""
    load_sample(stand_in.store, token=stand_in.token)
    return Account(
        stand_in, Lake(tmp_path / "lake"), sources=load_sources(RULES_ROOT), columns=load_columns(RULES_ROOT)
    )


def straight(number: int, account: Account) -> dict[tuple[int, int], dict[str, str | None]]:
    """The canonical values of a snapshot without any Smartsheet: the Parquet's own values as text."""
    by_title = {
        normal_title(title): (name, rule.kind)
        for name, rule in account.columns.columns.items()
        for title in rule.titles
    }
    found: dict[tuple[int, int], dict[str, str | None]] = {}
    frame = read_snapshot(SAMPLE, number).to_pandas()
    for row in frame.to_dict("records"):
        values: dict[str, str | None] = {}
        for title, value in row.items():
            if normal_title(str(title)) in by_title:
                name, kind = by_title[normal_title(str(title))]
                values[name] = text(None if pd.isna(value) else value, kind)
        found[(row["__sheet_id"], row["__row_id"])] = values
    return found


def through(account: Account) -> dict[tuple[int, int], dict[str, Any]]:
    """The same values as they came through the stand-in, the SDK and the sync."""
    return {(row["sheet_id"], row["row_id"]): row for row in account.lake.read("smartsheet/rows").to_pylist()}


def test_every_snapshot_comes_through_as_it_is(played: Account) -> None:
    number: int | None = 0
    while number is not None:
        report = played.sync()
        assert report.exit_code == 0
        expected, found = straight(number, played), through(played)
        assert found.keys() == expected.keys(), number
        for key, values in expected.items():
            assert {name: found[key][name] for name in values} == values, (number, key)
        number = advance(played.stand_in.store)
    assert report.run_seq == 8


def test_who_and_when_are_the_world_s_own(played: Account) -> None:
    played.sync()
    found = through(played)
    frame = read_snapshot(SAMPLE, 0).to_pandas()
    for row in frame.to_dict("records"):
        seen = found[(row["__sheet_id"], row["__row_id"])]
        assert f"{seen['modified_at_utc']:%Y-%m-%dT%H:%M:%SZ}" == row["__modified_at"]
        assert seen["modified_by"] == row["__modified_by"].casefold()
        assert f"{seen['created_at_utc']:%Y-%m-%dT%H:%M:%SZ}" == row["__created_at"]


def test_one_sync_after_many_snapshots_ends_where_many_syncs_end(played: Account, tmp_path: Path) -> None:
    played.sync()
    for _ in range(7):
        advance(played.stand_in.store)
    played.now += timedelta(days=4)
    assert played.sync().exit_code == 0
    last = straight(7, played)
    assert through(played).keys() == last.keys()


def test_the_sheets_to_which_reports_are_attached_are_not_read(played: Account) -> None:
    """Whatever is written there must not come back as work that was done."""
    office = {
        row["id"]: row["name"]
        for row in played.stand_in.store.connection().execute("SELECT id, name FROM sheets")
        if row["name"] in SHEETS
    }
    assert len(office) == 2
    played.sync()
    assert not any(call.startswith(f"GET /sheets/{sheet}") for sheet in office for call in played.calls())
    read = {row["sheet_id"] for row in played.lake.read("smartsheet/sheets").to_pylist()}
    assert len(read) == 4
    assert not read & office.keys()
