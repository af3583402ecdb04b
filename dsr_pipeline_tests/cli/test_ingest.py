"""`dsr ingest`: a folder of exports becomes Parquet, and every file gets its verdict."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dsr_pipeline.lake.contracts.bank import CONTRACTS
from dsr_pipeline_tests.cli.conftest import Dsr

SAMPLE = "data/samples/bank/us_chase_checking/Chase4321_Activity_20260131.CSV"


@pytest.fixture
def inbox(home: Path, project: Path) -> Path:
    """An inbox with one sound export."""
    shutil.copy(project / SAMPLE, home / "csv_inbox")
    return home / "csv_inbox"


def test_a_sound_export_gives_every_table_and_0(inbox: Path, dsr: Dsr, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = dsr("ingest", inbox, "--out", out)
    assert said.code == 0, said.out
    assert "11 lines = 11 accepted + 0 excluded + 0 quarantined" in said.out
    for contract in CONTRACTS:
        assert pq.read_schema(out / f"{contract.table}.parquet").names == list(contract.names)
    amounts = pq.read_table(out / "transactions.parquet")["amount"].to_pylist()
    assert (len(amounts), sum(amounts)) == (11, Decimal("1512.28"))
    assert (out / "_manifest.json").is_file()


def test_json_is_all_that_is_printed(inbox: Path, dsr: Dsr, tmp_path: Path) -> None:
    said = dsr("ingest", inbox, "--out", tmp_path / "out", "--json")
    assert said.json["changed"] is True
    assert said.json["tables"]["transactions"] == {"file": "transactions.parquet", "rows": 11}
    (file,) = said.json["files"]
    assert (file["status"], file["amount_sum"], file["balance_verdict"]) == (
        "accepted",
        "1512.2800",
        "chained",
    )


def test_a_second_time_nothing_is_new_and_the_files_stay(inbox: Path, dsr: Dsr, tmp_path: Path) -> None:
    out = tmp_path / "out"
    dsr("ingest", inbox, "--out", out)
    before = {file.name: file.stat().st_ino for file in out.glob("*.parquet")}
    said = dsr("ingest", inbox, "--out", out)
    assert said.code == 0
    assert "nothing new in the inbox" in said.out
    assert {file.name: file.stat().st_ino for file in out.glob("*.parquet")} == before | {
        # The log has no version of its own in the lake: it is written out each time.
        "key_aliases.parquet": (out / "key_aliases.parquet").stat().st_ino
    }


def test_one_bad_file_is_told_with_its_reason_and_the_others_are_read(
    inbox: Path, dsr: Dsr, tmp_path: Path
) -> None:
    (inbox / "statement.csv").write_bytes(b"%PDF-1.7\n...")
    said = dsr("ingest", inbox, "--out", tmp_path / "out")
    assert said.code == 1
    assert "statement.csv: is a PDF document" in said.out
    assert "11 accepted" in said.out


def test_of_many_files_only_those_that_need_a_look_are_listed(inbox: Path, dsr: Dsr, tmp_path: Path) -> None:
    text = (inbox / "Chase4321_Activity_20260131.CSV").read_text()
    for number in range(50):
        (inbox / f"Chase{1000 + number}_Activity_20260131.CSV").write_text(text)
    (inbox / "page.csv").write_text("<!DOCTYPE html><html></html>")
    said = dsr("ingest", inbox, "--out", tmp_path / "out")
    assert "52 files; these need a look:" in said.out
    assert "Chase1007" not in said.out
    assert "page.csv" in said.out


def test_an_empty_inbox_gives_empty_tables(home: Path, dsr: Dsr, tmp_path: Path) -> None:
    said = dsr("ingest", home / "csv_inbox", "--out", tmp_path / "out")
    assert said.code == 0
    assert pq.read_metadata(tmp_path / "out" / "transactions.parquet").num_rows == 0


def test_a_file_name_is_never_taken_for_markup(inbox: Path, dsr: Dsr, tmp_path: Path) -> None:
    (inbox / "[red]x[bold].csv").write_bytes(b"PK\x03\x04")
    said = dsr("ingest", inbox, "--out", tmp_path / "out")
    assert said.code == 1
    assert "[red]x[bold].csv" in said.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["{home}/nowhere", "--out", "{home}/out"], "nowhere is not a folder"),
        (["{home}/csv_inbox", "--out", "{home}/out", "--rules", "{home}"], "banks"),
        (["{home}/csv_inbox", "--out", "{home}/csv_inbox/x.csv"], "x.csv"),
    ],
)
def test_what_cannot_run_is_one_sentence_and_2(
    inbox: Path, home: Path, dsr: Dsr, words: list[str], says: str
) -> None:
    (inbox / "x.csv").write_text("x")
    said = dsr("ingest", *(word.format(home=home) for word in words))
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_every_mistake_of_a_rule_file_is_told_with_its_line(
    inbox: Path, home: Path, dsr: Dsr, tmp_path: Path
) -> None:
    rule = home / "rules" / "banks" / "us_chase_card.yaml"
    rule.write_text(rule.read_text().replace("kind: card", "kind: cards").replace("rows:", "rowz:"))
    said = dsr("ingest", inbox, "--out", tmp_path / "out")
    assert said.code == 2
    assert said.err.count("us_chase_card.yaml:") >= 2
    assert not (tmp_path / "out").exists()
