"""`dsr doctor`: every fault has its line with the mend, and the exit code says how bad it is."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.cli import doctor as module
from dsr_pipeline.cli import examinations
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.bank_world import lake_with
from dsr_pipeline_tests.cli.conftest import Dsr, Said
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]

NOBODY = "http://127.0.0.1:9/2.0"
"""An address at which nothing answers."""


def line(said: Said, subject: str) -> dict[str, Any]:
    (found,) = [one for one in said.json if one["subject"] == subject]
    return found


def test_a_sound_home_is_all_well(home: Path, dsr: Dsr) -> None:
    lake_with(Lake(home / "data" / "lake"), [{}])
    said = dsr("doctor", "--json")
    assert said.code == 0, said.out
    assert line(said, "Smartsheet")["told"] == "no token is set: nothing remote will be contacted"
    assert line(said, "rules/billing/sources.yaml")["told"] == "not there, and not needed"
    assert line(said, "rules/billing/columns.yaml")["told"] == "not there, and not needed"
    assert line(said, "lake")["told"].endswith("1 tables")
    assert line(said, "locks")["told"] == "nobody is writing"
    assert dsr("doctor").out.count("\n") == len(said.json)


def test_it_changes_nothing(home: Path, dsr: Dsr) -> None:
    before = sorted(home.rglob("*"))
    dsr("doctor")
    assert sorted(home.rglob("*")) == before


def test_a_bad_setting_is_told_and_stops_the_rest(
    home: Path, dsr: Dsr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DSR_TIMEZONE", "Mars/Base")
    said = dsr("doctor", "--json")
    assert said.code == 2
    assert [one["subject"] for one in said.json] == ["settings"]


def test_a_misspelt_setting_and_a_secret(home: Path, dsr: Dsr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", "hush-hush")
    monkeypatch.setenv("SMARTSHEET_TOKEN", "hush-hush")
    monkeypatch.setenv("SMARTSHEET_API_BASE", NOBODY)
    monkeypatch.setattr(examinations, "SERVICE_SECONDS", 0.2)
    said = dsr("doctor", "--json")
    assert said.code == 1
    assert line(said, "settings")["told"] == "SMARTSHEET_TOKEN means nothing here"
    assert line(said, "Smartsheet")["state"] == "warning"
    assert "the server refused the connection" in line(said, "Smartsheet")["told"]
    assert "hush" not in said.out


def test_the_user_of_the_token_is_told_and_a_refused_token_is_a_fault(
    home: Path, dsr: Dsr, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", stand_in.token)
    monkeypatch.setenv("SMARTSHEET_API_BASE", stand_in.base)
    before = sorted(home.rglob("*"))
    told = line(dsr("doctor", "--json"), "Smartsheet")
    assert told["state"] == "ok"
    assert told["told"].endswith("the token is that of etl.reader@example.com (ETL Reader)")
    assert [f"{entry.method} {entry.path}" for entry in stand_in.journal()] == ["GET /users/me"]
    assert sorted(home.rglob("*")) == before
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", "another")
    said = dsr("doctor", "--json")
    assert (said.code, line(said, "Smartsheet")["state"]) == (2, "fault")


def test_sources_without_columns_are_a_fault(home: Path, dsr: Dsr) -> None:
    folder = home / "rules" / "billing"
    folder.mkdir()
    (folder / "sources.yaml").write_text("sources: [{name: field, workspace: Field}]\n")
    said = dsr("doctor", "--json")
    assert line(said, "rules/billing/sources.yaml")["state"] == "ok"
    assert line(said, "rules/billing/columns.yaml")["state"] == "fault"
    (folder / "sources.yaml").write_text("sources: [{name: field}]\n")
    said = dsr("doctor", "--json")
    assert "names neither a workspace nor sheets" in line(said, "rules/billing/sources.yaml")["told"]


def test_rules_of_billing_are_looked_at(home: Path, project: Path, dsr: Dsr) -> None:
    shutil.copytree(project / "rules" / "billing", home / "rules" / "billing")
    shutil.copytree(project / "rules" / "reports", home / "rules" / "reports")
    rates = home / "rules" / "billing" / "rates" / "price_list.csv"
    rates.write_text(rates.read_text().replace("1270.9", "12,70.9", 1))
    (home / "rules" / "billing" / "policy.yaml").write_text("currency: dollars\n")
    said = dsr("doctor", "--json")
    assert said.code == 2
    assert "policy.yaml:1" in line(said, "rules/billing/policy.yaml")["told"]
    assert line(said, "rules/billing/variants.yaml")["state"] == "ok"
    assert line(said, "rules/reports/weekly.yaml")["state"] == "ok"
    (home / "rules" / "billing" / "policy.yaml").unlink()
    assert "price_list.csv:2" in line(dsr("doctor", "--json"), "rules/billing/rates")["told"]


def test_a_broken_rule_is_named_with_file_and_line(home: Path, dsr: Dsr) -> None:
    rule = home / "rules" / "banks" / "us_chase_card.yaml"
    rule.write_text(rule.read_text().replace("kind: card", "kind: cards"))
    (home / "rules" / "accounts.yaml").write_text("accounts: {}\ncolour: red\n")
    said = dsr("doctor", "--json")
    assert said.code == 2
    assert str(rule) in line(said, "rules/banks")["told"]
    assert "accounts.yaml:2" in line(said, "rules/accounts.yaml")["told"]


def test_a_table_of_another_contract_names_the_columns_and_the_mend(home: Path, dsr: Dsr) -> None:
    import pyarrow.parquet as pq

    lake = lake_with(Lake(home / "data" / "lake"), [{}])
    path = str(lake.table_path("bank/transactions"))
    pq.write_table(pq.read_table(path).drop_columns(["owner"]), path)
    said = dsr("doctor", "--json")
    assert said.code == 1
    assert "column owner" in line(said, "bank/transactions")["told"]
    assert line(said, "bank/transactions")["mend"]


def test_who_is_writing_is_told(home: Path, dsr: Dsr) -> None:
    lake = lake_with(Lake(home / "data" / "lake"), [{}])
    with lake.group("bank").writing([], run_id="x"):
        told = line(dsr("doctor", "--json"), "locks")["told"]
    assert told.startswith(f"bank by process {os.getpid()}")


@pytest.mark.parametrize(
    ("now", "state"),
    [(datetime(1970, 1, 1), "fault"), (datetime(2026, 6, 1), "warning"), (datetime(2199, 1, 1), "ok")],  # noqa: DTZ001
)
def test_a_clock_that_went_back_is_noticed(
    home: Path, dsr: Dsr, monkeypatch: pytest.MonkeyPatch, now: datetime, state: str
) -> None:
    lake_with(Lake(home / "data" / "lake"), [{}])
    monkeypatch.setattr(module, "utc_now", lambda: now)
    assert line(dsr("doctor", "--json"), "clock")["state"] == state


def test_a_full_disk_is_noticed(home: Path, dsr: Dsr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examinations, "ENOUGH_BYTES", 2**62)
    assert line(dsr("doctor", "--json"), "disk")["state"] == "warning"
    monkeypatch.setattr(examinations, "TOO_FEW_BYTES", 2**61)
    assert dsr("doctor", "--json").code == 2


def test_a_home_that_is_not_there_is_a_fault_and_a_missing_inbox_a_warning(
    home: Path, dsr: Dsr, tmp_path: Path
) -> None:
    (home / "csv_inbox").rmdir()
    assert line(dsr("doctor", "--json"), "inbox")["state"] == "warning"
    assert line(dsr("doctor", "--json", "--home", tmp_path / "no"), "home")["state"] == "fault"


@pytest.mark.parametrize(
    ("text", "state"),
    [("telemetry: {enabled: false}\n", "ok"), ("", "warning"), ("telemetry: [", "fault"), ("a", "warning")],
)
def test_an_instance_that_would_send_telemetry_is_noticed(
    home: Path, dsr: Dsr, text: str, state: str
) -> None:
    file = home / "data" / ".dagster" / "dagster.yaml"
    file.parent.mkdir()
    file.write_text(text)
    assert line(dsr("doctor", "--json"), "Dagster")["state"] == state
