"""The checks as Dagster runs them: the verdict of the lake, the sample of failing rows, the path of all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import dagster as dg
import pyarrow.parquet as pq
import pytest

from dsr_pipeline.defs.bank_proofs import inbox_health
from dsr_pipeline.defs.checks import contract_check, contract_result, proof_check
from dsr_pipeline.defs.resources import Home
from dsr_pipeline.lake.contracts.bank import FILES, KEY_ALIASES, TRANSACTIONS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.settings import Settings
from dsr_pipeline_tests.bank_world import bank_lake, files, lake_with, transactions


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake(settings.lake_url)


def test_a_table_that_keeps_its_contract_passes(lake: Lake) -> None:
    lake_with(lake, [{}])
    result = contract_result(lake, TRANSACTIONS)
    assert result.passed
    assert result.metadata["rows"].value == 1


def test_a_refused_table_fails_with_a_sample_and_the_path_of_all_failing_rows(
    lake: Lake, tmp_path: Path
) -> None:
    lake_with(lake, [{}], run_id="good")
    with lake.group("bank").writing(
        [TRANSACTIONS], run_id="bad", quarantine=tmp_path / "quarantine"
    ) as writer:
        writer.put(TRANSACTIONS, transactions(*({"event_type": "gift"} for _ in range(30)), {}))
        assert not writer.switch().switched
    result = contract_result(lake, TRANSACTIONS)
    assert not result.passed
    assert "The table of bank/transactions before this run stays in place" in str(result.description)
    assert result.metadata["failing rows"].value == 30
    sample = result.metadata["first failing rows"]
    assert isinstance(sample, dg.TableMetadataValue)
    assert 0 < len(sample.records) < 30
    assert sample.records[0].data["event_type"] == "gift"
    path = result.metadata["all failing rows"]
    assert isinstance(path, dg.PathMetadataValue)
    assert pq.read_metadata(str(path.path)).num_rows == 30
    assert lake.read(TRANSACTIONS).num_rows == 1


def test_a_table_that_was_never_written_fails(lake: Lake) -> None:
    result = contract_result(lake, FILES)
    assert not result.passed
    assert "bank/files was never written" in str(result.description)


def test_a_log_is_checked_as_it_is(lake: Lake) -> None:
    assert contract_result(lake, KEY_ALIASES).passed


def run(check: dg.AssetChecksDefinition, home: Home) -> dg.ExecuteInProcessResult:
    """Run one check on a table that some other process wrote."""
    spec = dg.AssetSpec(next(iter(check.check_keys)).asset_key)
    made = dg.Definitions(
        assets=[spec],
        asset_checks=[check],
        jobs=[dg.define_asset_job("check", selection=dg.AssetSelection.checks(check))],
        resources={"home": home},
    )
    return made.resolve_job_def("check").execute_in_process(raise_on_error=False)


def test_a_failed_contract_ends_the_step_so_that_nothing_is_built_on_it(
    lake: Lake, settings: Settings
) -> None:
    assert not bank_lake(lake, {"files": files({"status": "odd"})})
    result = run(contract_check(FILES), Home.of(settings))
    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert not result.success


def test_a_finding_for_a_person_is_a_warning_and_does_not_end_the_run(lake: Lake, settings: Settings) -> None:
    rejected = files(
        {}, {"file": "b.csv", "status": "rejected", "reason": "is a PDF", "amount_sum": Decimal(0)}
    )
    assert bank_lake(lake, {"files": rejected, "transactions": transactions({}, {})})
    result = run(proof_check(FILES, "inbox_health", "said", inbox_health), Home.of(settings))
    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert evaluation.description == "1 file rejected, 0 lines quarantined"
    assert result.success


def test_files_without_any_row_end_the_run(lake: Lake, settings: Settings) -> None:
    assert bank_lake(lake, {"files": files({})})
    result = run(proof_check(FILES, "inbox_health", "said", inbox_health), Home.of(settings))
    assert not result.success
