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
from dsr_pipeline.defs.registry import (
    ACCOUNT,
    GROUPS,
    INBOX,
    PRODUCTS,
    REJECTED_LEDGER,
    REPORT_ATTACHMENTS,
    RULES,
    WEEKLY_WORKBOOKS,
    contracts_of,
    key_of,
)
from dsr_pipeline.defs.resources import Clock, Home
from dsr_pipeline.lake.contracts import ALL
from dsr_pipeline.settings import Settings

IMPORT_SECONDS = 1.0
"""What our definitions may add to `import dagster`; a code location is loaded by every process of the UI."""


def test_the_definitions_load(defs: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_has_a_contract_and_every_contract_an_asset(defs: dg.Definitions) -> None:
    """A product (workbooks, attachments) has the contract of its record; only a printed table has none."""
    keys = defs.resolve_asset_graph().executable_asset_keys
    written = [contract.key for key in keys for contract in contracts_of(key)]
    assert sorted(written) == sorted(ALL)
    assert {key for key in keys if not contracts_of(key)} == {REJECTED_LEDGER}
    assert all(key in keys for key in PRODUCTS)
    assert all(contract in contracts_of(key_of(contract)) for contract in ALL.values())


def test_every_asset_is_described_owned_grouped_and_tagged(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.owners, key
        assert node.kinds, key
        assert node.group_name not in (None, "default"), key
        assert node.tags.get("dsr/group") == node.group_name, key
        if key in (INBOX, ACCOUNT, RULES):
            assert node.is_external, key
            continue
        assert node.group_name in GROUPS
        assert all(contract.grain in node.description for contract in contracts_of(key))
        for contract in contracts_of(key)[:1]:
            columns = node.metadata["dagster/column_schema"].columns
            assert [column.name for column in columns] == list(contract.names)
            assert all(column.description for column in columns)


def test_every_contract_has_its_blocking_check(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for key in graph.executable_asset_keys:
        names = [check.name for check in graph.asset_check_keys if check.asset_key == key]
        wanted = [CONTRACT_CHECK, *(f"{CONTRACT_CHECK}_{one.table}" for one in contracts_of(key)[1:])]
        assert sorted(name for name in names if name.startswith(CONTRACT_CHECK)) == sorted(
            wanted if contracts_of(key) else []
        )
    for check in graph.asset_check_keys:
        if check.name.startswith(CONTRACT_CHECK):
            assert graph.get_check_spec(check).blocking


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


def test_lineage_reads_from_the_rows_to_the_attachments(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()

    def parents(name: str) -> set[str]:
        return {key.to_user_string() for key in graph.get(dg.AssetKey(name.split("/"))).parent_keys}

    assert {"smartsheet/rows", "smartsheet/holds", "billing/rates", "billing/current_claims"} <= parents(
        "billing/work_units"
    )
    assert parents("billing/rates") == {"rules/billing_rules"}
    assert parents("billing/rejected_units") == {"billing/work_units"}
    assert parents("billing/work_groups") == {"billing/work_units", "billing/view_lines"}
    assert "billing/work_groups" in parents("reports/weekly_workbooks")
    assert parents("reports/rejected_ledger") == {"billing/rejected_units"}
    assert parents("publish/report_attachments") == {
        "reports/weekly_workbooks",
        "account/smartsheet_sheets",
    }


def test_only_the_weekly_products_have_partitions(defs: dg.Definitions) -> None:
    """Ten tables of one week each would be ten tables too many: rows are rows."""
    graph = defs.resolve_asset_graph()
    partitioned = {key for key in graph.executable_asset_keys if graph.get(key).is_partitioned}
    assert partitioned == {WEEKLY_WORKBOOKS, REPORT_ATTACHMENTS}
    for key in partitioned:
        assert graph.get(key).backfill_policy == dg.BackfillPolicy.single_run()


def test_jobs_schedules_and_sensors(defs: dg.Definitions) -> None:
    jobs = {job.name: defs.resolve_job_def(job.name) for job in defs.jobs or ()}
    every = defs.resolve_asset_graph().executable_asset_keys
    weekly = {WEEKLY_WORKBOOKS, REPORT_ATTACHMENTS}
    assert set(jobs["everything"].asset_layer.executable_asset_keys) == set(every) - weekly
    assert set(jobs["weekly_reports"].asset_layer.executable_asset_keys) == weekly
    assert {key.path[0] for key in jobs["bank"].asset_layer.executable_asset_keys} == {"bank", "powerbi"}
    billed = {key for key in every if key.path[0] == "billing"} | {REJECTED_LEDGER}
    assert set(jobs["billing"].asset_layer.executable_asset_keys) == billed
    synced = {key for key in every if key.path[0] == "smartsheet"}
    assert set(jobs["smartsheet"].asset_layer.executable_asset_keys) == synced | billed
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
