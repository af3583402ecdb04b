"""`dsr run`: jobs and selections without the UI, in the instance that the UI shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest

from dsr_pipeline_tests.cli.conftest import Dsr

SAMPLE = "data/samples/bank/us_chase_checking/Chase4321_Activity_20260131.CSV"


@pytest.fixture
def ready(home: Path, project: Path) -> Path:
    """A home with one sound export."""
    shutil.copy(project / SAMPLE, home / "csv_inbox")
    return home


def test_a_run_writes_everything_and_is_seen_in_the_instance(ready: Path, dsr: Dsr) -> None:
    said = dsr("run", "--json")
    assert said.code == 0, said.err
    assert said.json["assets"]["powerbi/fact_transactions"]["rows"] == 11
    assert all(check["passed"] for check in said.json["checks"])
    with dg.DagsterInstance.from_config(str(ready / "data" / ".dagster")) as instance:
        (run,) = instance.get_runs()
        assert (run.run_id, run.status) == (said.json["run_id"], dg.DagsterRunStatus.SUCCESS)
        event = instance.get_latest_materialization_event(dg.AssetKey(["bank", "transactions"]))
    assert event is not None
    assert event.asset_materialization is not None
    metadata = event.asset_materialization.metadata
    assert metadata["dagster/row_count"].value == 11
    assert metadata["amount"].value == "USD 1,512.28"
    assert metadata["window"].value == "2026-01-05 to 2026-01-17"
    assert "| txn_key |" in str(metadata["preview"].value)


def test_for_people_it_is_a_table_and_the_checks(ready: Path, dsr: Dsr) -> None:
    said = dsr("run", "bank")
    assert said.code == 0
    assert "USD 1,512.28" in said.out
    assert "16 of 16 checks hold" in said.out


def test_a_selection_runs_a_part(ready: Path, dsr: Dsr) -> None:
    assert dsr("run", "bank").code == 0
    said = dsr("run", "bank", "--select", "group:powerbi", "--json")
    assert {name.split("/")[0] for name in said.json["assets"]} == {"powerbi"}
    assert {check["asset"].split("/")[0] for check in said.json["checks"]} == {"powerbi"}


def test_a_rejected_file_is_1_and_said(ready: Path, dsr: Dsr) -> None:
    (ready / "csv_inbox" / "x.csv").write_bytes(b"%PDF-1.7\n")
    said = dsr("run", "bank")
    assert said.code == 1
    assert "bank/files inbox_health: 1 file rejected" in said.out


def test_files_without_any_row_stop_the_run_before_power_bi(home: Path, dsr: Dsr) -> None:
    (home / "csv_inbox" / "x.csv").write_bytes(b"%PDF-1.7\n")
    said = dsr("run", "bank", "--json")
    assert said.code == 1
    (health,) = [check for check in said.json["checks"] if check["check"] == "inbox_health"]
    assert (health["passed"], health["severity"]) == (False, "error")
    assert said.json["failures"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["nothing"],
            "there is no job 'nothing': say one of bank, billing, everything, smartsheet, weekly_reports",
        ),
        (["--select", "group:nothing"], "'group:nothing' selects no asset"),
        (["--select", "((("], "the selection '(((' cannot be read"),
        (["--partition", "2026-01-01"], "the job 'everything' has no partitions: leave --partition out"),
    ],
)
def test_what_cannot_be_asked_for_is_one_sentence_and_2(
    home: Path, dsr: Dsr, words: list[str], says: str
) -> None:
    said = dsr("run", *words)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_a_step_that_breaks_is_told_in_the_words_of_its_error_and_2(ready: Path, dsr: Dsr) -> None:
    rule = ready / "rules" / "banks" / "us_chase_card.yaml"
    rule.write_text(rule.read_text().replace("kind: card", "kind: cards"))
    said = dsr("run", "bank")
    assert said.code == 2
    assert "us_chase_card.yaml:" in said.err
    assert "Stack Trace" not in said.err
    told = dsr("run", "bank", "--json")
    assert told.code == told.json["exit_code"] == 2
    assert told.json["failures"][0]["step"] == "bank_tables"


def test_an_instance_that_somebody_configured_is_left_as_it_is(ready: Path, dsr: Dsr) -> None:
    file = ready / "data" / ".dagster" / "dagster.yaml"
    file.parent.mkdir()
    file.write_text("telemetry: {enabled: false}\n")
    assert dsr("run", "bank").code == 0
    assert file.read_text() == "telemetry: {enabled: false}\n"
