"""A run is skipped when nothing moved, refused when sums do not tie out, and resumed when it was killed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dsr_pipeline.billing import run as billing_run
from dsr_pipeline.billing import units
from dsr_pipeline.billing.claims import decide
from dsr_pipeline.billing.run import bill
from dsr_pipeline.billing.tie_out import tie_out_lake
from dsr_pipeline.lake.contracts.billing import CLAIMS, DERIVED
from dsr_pipeline.lake.errors import GroupLocked, MissingTable, SchemaMoved
from dsr_pipeline_tests.billing.billing_world import (
    NOW,
    SUBCONTRACTOR,
    BillingWorld,
    billing_rules,
    hold,
    money,
    unit,
    write_sync,
)


class Killed(Exception):
    """The process ended here."""


def serial(world: BillingWorld) -> int:
    return world.lake.group("billing").state().serial


def test_nothing_is_done_while_nothing_moved_and_the_report_stays(world: BillingWorld) -> None:
    first = world.bill([unit(), unit(price="x"), unit(sheet_id=SUBCONTRACTOR)])
    assert not first.unchanged
    again = world.bill()
    assert again.unchanged
    assert replace(again, unchanged=False, claims_seen=first.claims_seen) == first
    assert (serial(world), again.claims_seen) == (1, 0)


def test_whatever_it_depends_on_makes_it_run_again(world: BillingWorld) -> None:
    rows = [unit()]
    world.bill(rows)
    world.bill(rows, at=NOW + timedelta(hours=2))
    assert not world.report.unchanged  # the rows were written anew
    world.with_rules(policy={"currency": "CAD"})
    assert not world.bill().unchanged
    decide(
        world.lake,
        sheet_id=101,
        row_id=1,
        role="foreman",
        claimer="Eve",
        claimer_id="eve@x.example",
        reason="swapped the crews",
        decided_by="office",
        now=NOW,
        run_id="d",
    )
    assert not world.bill().unchanged
    assert world.group()["claimer"] == "Eve"
    assert world.bill().unchanged


def test_the_end_of_a_week_makes_it_run_again_though_no_row_moved(world: BillingWorld) -> None:
    saturday = datetime(2026, 5, 9, 12, 0)  # noqa: DTZ001 - UTC
    world.bill([unit()], at=saturday)
    path = world.lake.table_path("smartsheet/rows")
    _record_sync(world, saturday + timedelta(hours=6))
    assert world.bill().unchanged
    _record_sync(world, saturday + timedelta(days=3))
    assert not world.bill().unchanged
    assert world.group()["closed"]
    assert world.lake.table_path("smartsheet/rows") == path


def _record_sync(world: BillingWorld, at: datetime) -> None:
    """A sync that found nothing new."""
    log = world.lake.log("smartsheet/sync_runs")
    row = log.read().to_pylist()[-1] | {"started_at_utc": at, "run_seq": log.last() + 1}
    log.append(type(log.read()).from_pylist([row], schema=log.contract.schema))


def test_before_any_sync_it_says_what_is_missing(world: BillingWorld) -> None:
    with pytest.raises(MissingTable, match="smartsheet/rows"):
        world.bill()


def test_no_rows_are_no_units(world: BillingWorld) -> None:
    report = world.bill([])
    assert (report.rows, report.groups, report.failures, report.exit_code) == (0, 0, [], 0)


@pytest.mark.parametrize("step", ["tables made", "claims recorded", "staged", "checked", "in place"])
def test_a_killed_run_is_made_good_by_the_next(world: BillingWorld, step: str) -> None:
    write_sync(world.lake, [unit(), unit(foreman="Kit", foreman_contact=None)])

    def stop(name: str) -> None:
        if name == step:
            raise Killed

    with pytest.raises(Killed):
        bill(world.lake, world.rules, now=NOW, run_id="killed", on_step=stop)
    assert serial(world) == 0
    recorded = world.lake.log(CLAIMS).last()
    assert recorded == (step != "tables made")
    report = world.bill()
    assert report.claims_seen == (0 if recorded else 2)
    assert [one["claimer"] for one in world.table("current_claims")] == ["Jo Reyes", "Kit"]
    assert world.lake.log(CLAIMS).last() == 1
    assert world.bill().unchanged


def test_a_decision_that_comes_in_while_it_runs_counts_in_the_next_run(world: BillingWorld) -> None:
    world.bill([unit()])
    write_sync(world.lake, [unit(), unit()])

    def meanwhile(name: str) -> None:
        if name == "claims recorded":
            decide(
                world.lake,
                claimer="Eve",
                claimer_id="eve@x.example",
                reason="r",
                decided_by="d",
                sheet_id=101,
                row_id=1,
                role="foreman",
                now=NOW,
                run_id="d",
            )

    bill(world.lake, world.rules, now=NOW, run_id="r2", on_step=meanwhile)
    assert world.unit()["claimer"] == "Jo Reyes"
    assert not world.bill().unchanged
    assert world.unit()["claimer"] == "Eve"
    assert world.bill().unchanged


def test_a_run_whose_sums_do_not_tie_out_changes_nothing(
    world: BillingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.bill([unit()])
    write_sync(world.lake, [unit(), unit(sheet_id=SUBCONTRACTOR)])
    right = billing_run.units_sql

    def breaking(change: str) -> Any:
        return lambda rows, rules: f"select * replace ({change}) from ({right(rows, rules)})"

    breaks = {
        "case when sheet_id = 101 then 'x' || group_id[2:] else group_id end as group_id": "one group",
        "(amount + 0.01)::decimal(18, 4) as amount": "amounts",
        "'held' as status": "amounts",
    }
    for change, told in breaks.items():
        with monkeypatch.context() as patch:
            patch.setattr(billing_run, "units_sql", breaking(change))
            patch.setattr(billing_run, "gather", _after(right, world))
            report = world.bill()
        assert any(one.startswith(f"{told} does not tie out") for one in report.failures), (
            change,
            report.failures,
        )
        assert report.exit_code == 1
        assert (serial(world), world.lake.log(CLAIMS).last()) == (1, 1)
    assert world.bill().failures == []
    assert serial(world) == 2


def _after(right: Any, world: BillingWorld) -> Any:
    """The groups as they follow from the right units, beside whatever was written of the units."""

    def gather(con: Any, staged: str, inputs: Any, rules: Any) -> None:
        del staged
        con.execute(f"create or replace temp table right_units as {right(inputs.rows, rules)}")
        units.gather(con, "right_units", inputs, rules)

    return gather


def test_a_lost_row_is_found(world: BillingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    right = billing_run.units_sql
    monkeypatch.setattr(
        billing_run, "units_sql", lambda rows, rules: f"select * from ({right(rows, rules)}) where row_id > 1"
    )
    report = world.bill([unit(), unit(completed="false")])
    assert any(
        "rows does not tie out: 2 read, 0 billable, 1 rejected, 0 held, 1 lost" in one
        for one in report.failures
    )
    assert serial(world) == 0


def test_a_broken_contract_keeps_the_old_tables(world: BillingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.bill([unit()])
    right = billing_run.units_sql
    monkeypatch.setattr(
        billing_run,
        "units_sql",
        lambda rows, rules: f"select * replace ('?' as currency) from ({right(rows, rules)})",
    )
    monkeypatch.setattr(billing_run, "tie_out", lambda con, tables: [])
    report = world.bill([unit(price="5")])
    assert "billing/work_units does not keep its contract" in report.failures[0]
    assert world.unit()["amount"] == money("100")


def test_the_tables_that_count_can_be_asked_again(world: BillingWorld) -> None:
    world.bill([unit(), unit(price="x"), unit(sheet_id=SUBCONTRACTOR)], holds=[hold("90009")])
    found = tie_out_lake(world.lake)
    assert [one.name for one in found] == ["rows", "amounts", "ledger", "one group", "groups", "views"]
    assert all(one.holds for one in found)
    assert found[0].told == "3 read, 2 billable, 1 rejected, 0 held"
    assert found[1].told == "USD 1,243.81 in units, 1,243.81 in groups"


def test_another_run_at_the_same_time_waits_or_is_told(world: BillingWorld) -> None:
    write_sync(world.lake, [unit()])
    opened = world.lake.group("billing").writing(DERIVED, run_id="other")
    with opened, pytest.raises(GroupLocked):
        bill(world.lake, world.rules, now=NOW, run_id="r", wait=False)


def test_the_same_rules_have_one_hash_and_others_another() -> None:
    assert billing_rules().hash == billing_rules().hash
    assert billing_rules().hash != billing_rules(layout="layout 2").hash
    assert billing_rules().hash != billing_rules(policy={"currency": "CAD"}).hash


def test_tables_of_an_older_program_are_told_with_the_mend(world: BillingWorld) -> None:
    write_sync(world.lake, [unit()])
    current = Path(world.lake.storage.url("smartsheet/_current.json"))
    state = json.loads(current.read_text())
    state["tables"]["rows"]["contract_hash"] = "0" * 32
    current.write_text(json.dumps(state))
    file = Path(world.lake.storage.url("smartsheet/" + state["tables"]["rows"]["path"]))
    pq.write_table(pq.read_table(file).drop_columns(["vac_email"]), file)
    with pytest.raises(SchemaMoved, match=r"vac_email.*is missing"):
        world.bill()
