"""A run that judges only what moved gives the tables of one that judges every row."""

from __future__ import annotations

import random
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.billing.run import bill
from dsr_pipeline.lake.contracts.smartsheet import RUNS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.billing.billing_world import (
    PRIMARY,
    SUBCONTRACTOR,
    BillingWorld,
    hold,
    money,
    sheet,
    unit,
    write_sync,
)
from dsr_pipeline_tests.billing.test_properties import CELLS, tables

ONLY_MOVED = "only what moved was judged"
Rows = list[dict[str, Any]]


class Twins:
    """Two lakes that see the same syncs; one judges what moved, the other one everything."""

    def __init__(self, folder: Path) -> None:
        self.moving, self.whole = BillingWorld(Lake(folder / "a")), BillingWorld(Lake(folder / "b"))
        self.runs = 0

    def bill(self, rows: Rows, **sync: Any) -> list[str]:
        """Bill the rows in both, compare all tables; the steps of the run that judges what moved."""
        steps: list[str] = []
        self.runs += 1
        for world, whole in ((self.moving, False), (self.whole, True)):
            write_sync(world.lake, [dict(row) for row in rows], **sync)
            report = bill(
                world.lake,
                world.rules,
                now=world.now,
                run_id=f"bill-{self.runs}",
                whole=whole,
                on_step=None if whole else steps.append,
            )
            assert not report.failures
            world.report = report
        assert tables(self.moving) == tables(self.whole)
        assert self.moving.report == self.whole.report
        return steps


@pytest.fixture
def twins(tmp_path: Path) -> Twins:
    return Twins(tmp_path)


def many(number: int = 40) -> Rows:
    """Rows of ten work requests on two sheets."""
    return [
        unit(
            row_id=place,
            row_number=place,
            sheet_id=(PRIMARY, SUBCONTRACTOR)[place % 2],
            work_request=str(90000 + place % 10),
            pole=f"10-{place}",
        )
        for place in range(1, number + 1)
    ]


def changed(rows: Rows, row_id: int, **cells: Any) -> Rows:
    return [row | cells if row["row_id"] == row_id else row for row in rows]


def test_one_changed_row_after_the_other(twins: Twins) -> None:
    edits: tuple[dict[str, Any], ...] = (
        {"price": "120"},
        {"completed": None},
        {"work_request": "90007"},
        {"work_request": "91000"},
        {"work_request": None},
        {"reference_date": "2026-05-17"},
        {"foreman": "Bo Hale", "foreman_contact": None},
        {"pole": "10-12", "cu": "POL-A-3"},
        {"snapshot_date": "2026-04-13", "reference_date": "2026-04-19"},
    )
    twins.bill(many())
    for cells in edits:
        assert ONLY_MOVED in twins.bill(changed(many(), 3, **cells)), cells


def test_rows_that_come_and_go(twins: Twins) -> None:
    twins.bill(many())
    assert ONLY_MOVED in twins.bill(many(41))
    assert ONLY_MOVED in twins.bill([row for row in many(41) if row["row_id"] != 5])
    assert ONLY_MOVED in twins.bill([row for row in many(41) if row["row_id"] not in {5, 15, 25, 35}])


def test_doubles_are_decided_anew_when_one_of_them_goes(twins: Twins) -> None:
    rows = [
        *many(),
        unit(row_id=99, row_number=99, sheet_id=SUBCONTRACTOR, work_request="90004", pole="10-4"),
    ]
    twins.bill(rows)
    assert ONLY_MOVED in twins.bill([row for row in rows if row["row_id"] != 4])
    assert ONLY_MOVED in twins.bill(rows)


def test_what_all_rows_depend_on_is_never_taken_over(twins: Twins) -> None:
    syncs: tuple[dict[str, Any], ...] = (
        {"holds": [hold("90003")]},
        {"holds": [hold("*")]},
        {"sheets": [sheet(PRIMARY, name="Renamed")]},
        {"sheets": [sheet(PRIMARY, rate_basis="subcontractor")]},
        {"sheets": [sheet(PRIMARY, mapping_hash="0" * 32)]},
    )
    twins.bill(many())
    for sync in syncs:
        assert ONLY_MOVED not in twins.bill(many(), **sync), sync
    assert ONLY_MOVED in twins.bill(changed(many(), 3, price="7"), **syncs[-1])


def test_other_rules_judge_every_row(twins: Twins) -> None:
    twins.bill(many())
    for world in (twins.moving, twins.whole):
        world.with_rules(policy={"duplicates": {"other_sheet": "bill_all"}})
    assert ONLY_MOVED not in twins.bill(changed(many(), 3, price="7"))
    for world in (twins.moving, twins.whole):
        world.with_layout("another")
    assert ONLY_MOVED not in twins.bill(changed(many(), 3, price="8"))


def test_when_most_rows_moved_all_are_judged(twins: Twins) -> None:
    twins.bill(many())
    assert ONLY_MOVED not in twins.bill([row | {"price": "9"} for row in many()])


def test_a_smartsheet_log_that_began_anew_counts_its_versions_from_one_again(twins: Twins) -> None:
    twins.bill(many())
    for world in (twins.moving, twins.whole):
        shutil.rmtree(Path(world.lake.storage.url("smartsheet")))
        shutil.rmtree(Path(world.lake.log(RUNS).urls()[0]).parent)
    later = twins.moving.now + timedelta(hours=1)
    assert ONLY_MOVED not in twins.bill(changed(many(), 4, price="120"), at=later)
    assert twins.moving.unit(4)["amount"] == money("120")
    assert ONLY_MOVED in twins.bill(changed(many(), 4, price="130"), at=later)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 12))])
def test_random_edits_over_several_syncs(seed: int) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        twins = Twins(Path(folder))
        rows = many(60)
        twins.bill(rows)
        taken = 0
        for _ in range(4):
            for _ in range(dice.randint(1, 3)):
                row = dice.choice(rows)
                name = dice.choice(sorted(CELLS))
                rows = changed(rows, row["row_id"], **{name: dice.choice(CELLS[name])})
            if dice.random() < 0.3:
                rows = [row for row in rows if row is not rows[dice.randrange(len(rows))]]
            dice.shuffle(rows)
            taken += ONLY_MOVED in twins.bill(rows)
        assert taken
