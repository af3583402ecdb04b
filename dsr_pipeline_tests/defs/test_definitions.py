"""The definitions as a whole: complete, documented, quick to load, and open to other resources."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import dagster as dg
import pytest

from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.defs.checks import CONTRACT_CHECK
from dsr_pipeline.defs.registry import ACCOUNT, GROUPS, INBOX, contract_of
from dsr_pipeline.defs.resources import Clock, Home
from dsr_pipeline.lake.contracts import ALL
from dsr_pipeline.settings import Settings

IMPORT_SECONDS = 1.0
"""What our definitions may add to `import dagster`; a code location is loaded by every process of the UI."""


def test_the_definitions_load(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_has_a_contract_and_every_contract_an_asset(defs: dg.Definitions) -> None:
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().executable_asset_keys}
    assert keys == set(ALL)


def test_every_asset_is_described_owned_grouped_and_tagged(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        assert node.kinds, key
        assert node.group_name not in (None, "default"), key
        assert node.tags.get("dsr/group") == node.group_name, key
        if key not in (INBOX, ACCOUNT):
            contract = contract_of(key)
            assert node.group_name in GROUPS
            assert contract.grain in node.description
            columns = node.metadata["dagster/column_schema"].columns
            assert [column.name for column in columns] == list(contract.names)
            assert all(column.description for column in columns)


def test_every_asset_has_the_blocking_check_of_its_contract(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.executable_asset_keys:
        (spec,) = [
            check
            for check in graph.asset_check_keys
            if check.asset_key == key and check.name == CONTRACT_CHECK
        ]
        assert graph.get_check_spec(spec).blocking


def test_lineage_reads_from_the_inbox_to_power_bi(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()

    def parents(name: str) -> set[str]:
        return {key.to_user_string() for key in graph.get(dg.AssetKey(name.split("/"))).parent_keys}

    assert parents("bank/files") == {"inbox/bank_exports"}
    assert parents("bank/transactions") == {"bank/files"}
    assert parents("bank/transfers") == {"bank/transactions"}
    assert parents("bank/review_items") == {"bank/transactions", "bank/transfers"}
    assert "bank/transactions" in parents("powerbi/fact_transactions")
    assert graph.get(INBOX).is_external


def test_lineage_reads_from_the_account_to_the_rows_and_what_they_hold_back(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()

    def parents(name: str) -> set[str]:
        key = dg.AssetKey(["smartsheet", name])
        return {parent.to_user_string().removeprefix("smartsheet/") for parent in graph.get(key).parent_keys}

    assert graph.get(ACCOUNT).is_external
    assert parents("row_versions") == parents("sheet_reads") == {ACCOUNT.to_user_string()}
    assert parents("sync_runs") == {"row_versions", "sheet_reads"}
    assert parents("sheets") == parents("columns") == {"sheet_reads"}
    assert parents("rows") == {"row_state", "columns"}
    assert parents("holds") == {"sheets", "rows"}
    assert parents("cell_history") == {"history_requests", ACCOUNT.to_user_string()}


def test_jobs_schedules_and_sensors(defs: dg.Definitions) -> None:
    jobs = {job.name: defs.resolve_job_def(job.name) for job in defs.jobs or ()}
    everything = {key.to_user_string() for key in jobs["everything"].asset_layer.executable_asset_keys}
    assert everything == set(ALL)
    assert {key.path[0] for key in jobs["bank"].asset_layer.executable_asset_keys} == {"bank", "powerbi"}
    assert {key.path[0] for key in jobs["smartsheet"].asset_layer.executable_asset_keys} == {"smartsheet"}
    two_hourly = defs.resolve_schedule_def("sync_sheets")
    assert (two_hourly.cron_schedule, two_hourly.execution_timezone) == ("20 */2 * * *", "Europe/Berlin")
    schedule = defs.resolve_schedule_def("daily")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 * * *", "Europe/Berlin")
    tick = schedule.evaluate_tick(
        dg.build_schedule_context(scheduled_execution_time=datetime(2026, 3, 2, 6, tzinfo=UTC))
    )
    assert len(tick.run_requests or ()) == 1
    assert defs.resolve_sensor_def("csv_inbox").default_status is dg.DefaultSensorStatus.RUNNING


def test_steps_run_in_the_process_of_their_run(defs: dg.Definitions) -> None:
    """Ten small steps took 23 s with a process each, and half a second in one."""
    assert defs.resolve_job_def("everything").executor_def is dg.in_process_executor


def test_a_test_swaps_a_resource_without_patching(settings: Settings) -> None:
    elsewhere = Home.of(settings).model_copy(update={"lake": "/elsewhere"})
    made = build_defs(settings, clock=Clock(fixed="2026-01-31T06:00:00"), home=elsewhere)
    resources = made.resources or {}
    assert resources["clock"].now().isoformat() == "2026-01-31T06:00:00"
    assert resources["io_manager"].home.lake == "/elsewhere"
    with pytest.raises(TypeError, match="no such resource: clok"):
        build_defs(settings, clok=Clock())


def test_loading_the_definitions_adds_little_to_dagster_itself() -> None:
    code = (
        "import json, sys, time\n"
        "import dagster\n"
        "start = time.process_time()\n"
        "import dsr_pipeline.definitions\n"
        "heavy = [n for n in ('pandas', 'duckdb', 'pandera', 'openpyxl', 'smartsheet') if n in sys.modules]\n"
        "print(json.dumps([time.process_time() - start, heavy]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, heavy = json.loads(done.stdout)
    assert heavy == []
    assert seconds < IMPORT_SECONDS
