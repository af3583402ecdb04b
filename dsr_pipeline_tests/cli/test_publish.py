"""`dsr publish`: what went out in a few lines, the plan of a dry run, and exit codes that name the mend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.cli.conftest import Dsr
from dsr_pipeline_tests.reports.office import RULES, Office
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]


@pytest.fixture
def office(home: Path, project: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A home with two built reports, whose targets are on the stand-in."""
    monkeypatch.setenv("SMARTSHEET_API_BASE", stand_in.base)
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", stand_in.token)
    folder = home / "rules" / "billing"
    folder.mkdir(parents=True)
    (folder / "variants.yaml").write_text(yaml.safe_dump(RULES, sort_keys=False), encoding="utf-8")
    shutil.copy(project / "rules" / "billing" / "policy.yaml", folder)
    made = Office(stand_in, Lake(home / "data" / "lake"), home / "data" / "reports")
    made.target()
    made.target("Second billing")
    made.build("1", variant="sub")
    made.build("2", claimer=None, closed=False)
    made.stand_in.forget()
    return made


def test_what_went_out_is_told_and_nothing_new_costs_three_calls(office: Office, dsr: Dsr) -> None:
    said = dsr("publish")
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        "1 report published, 0 unchanged: 2 attachments sent, 2 read back, 0 replaced ones removed",
        "1 report not due: of weeks that have not ended",
        "9 calls, 25 units of the rate limit",
    ]
    assert dsr("publish").out.splitlines()[0].startswith("0 reports published, 1 unchanged")
    assert dsr("publish", "--json").json["calls"] == 3
    office.build("1", "second", variant="sub")
    told = dsr("publish", "--json").json
    assert (told["live"], told["removed"], told["exit_code"]) == (1, 2, 0)
    assert told["not_due"] == {"open_week": 1}
    assert [step["action"] for step in told["plan"]] == ["revise", "remove", "revise", "remove"]
    assert told["plan"][0]["amount"] == "106.0000"


def test_a_dry_run_prints_the_plan_and_asks_nothing_but_reads(office: Office, dsr: Dsr) -> None:
    said = dsr("publish", "--dry-run")
    assert said.code == 0, said.err
    assert said.out.startswith("dry run, nothing is changed: 2 steps, 0 reports unchanged")
    assert "'Second billing', work request 1" in said.out
    assert "it was never published here" in said.out
    assert {entry.method for entry in office.stand_in.journal()} == {"GET"}
    assert not (Path(office.lake.storage.url("publish"))).exists()
    assert not (Path(office.lake.storage.url("_logs/publish"))).exists()


def test_without_a_token_only_a_dry_run_can_be_had(
    office: Office, dsr: Dsr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMARTSHEET_API_TOKEN")
    said = dsr("publish")
    assert (said.code, said.out) == (2, "")
    assert "no token is set, so nothing is published: set SMARTSHEET_API_TOKEN" in said.err
    said = dsr("publish", "--dry-run")
    assert said.code == 0
    assert "no token is set: the target sheets were not looked at" in said.out
    assert dsr("publish", "--dry-run", "--json").json["plan"][0]["row_id"] is None
    assert office.calls() == []


def test_a_report_without_its_row_is_one_sentence_and_1(office: Office, dsr: Dsr) -> None:
    office.build("9")
    said = dsr("publish")
    assert said.code == 1
    assert "  work request 9 has no row in 'Weekly billing': add one" in said.out
    assert json.loads(dsr("publish", "--json").out)["problems"][0].endswith("(a report waits)")


def test_a_week_is_named_by_any_of_its_days(office: Office, dsr: Dsr) -> None:
    assert dsr("publish", "--week", "2026-02-14", "--json").json["plan"] == []
    assert len(dsr("publish", "--week", "2026-02-17", "--week", "2026-01-01", "--json").json["plan"]) == 2
    said = dsr("publish", "--week", "last")
    assert said.code == 2
    assert "--week last: give a day of the week such as 2026-03-08" in said.err


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_before_the_first_build_there_is_nothing_to_publish(
    office: Office, dsr: Dsr, options: tuple[str, ...]
) -> None:
    shutil.rmtree(office.lake.storage.url("reports"))
    said = dsr("publish", *options)
    assert said.code == 2
    assert "reports/report_files was never written: run the job that makes it first" in said.err


def test_with_no_wait_a_second_publication_ends_with_2(office: Office, dsr: Dsr) -> None:
    with office.lake.group("publish").writing([], run_id="other"):
        said = dsr("publish", "--no-wait")
    assert said.code == 2
    assert "publish" in said.err
