"""`dsr inbox check` and `dsr inbox draft`: a look, and a first rule; nothing is imported or changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dsr_pipeline.bank.rule_set import load_rule
from dsr_pipeline_tests.cli.conftest import Dsr

CHASE = "us_chase_checking/Chase4321_Activity_20260131.CSV"
UNKNOWN = "demo/csv_inbox/sam/hillside_20260228.csv"


@pytest.fixture
def samples(project: Path) -> Path:
    return project / "data" / "samples"


def test_a_known_export_shows_rule_rows_and_balances(samples: Path, home: Path, dsr: Dsr) -> None:
    said = dsr("inbox", "check", samples / "bank" / CHASE)
    assert said.code == 0
    for part in (
        "→ accepted",
        "us_chase_checking version 1, score",
        "11 accepted",
        "chained: 2,500.00 before",
    ):
        assert part in said.out
    assert "MONTHLY SERVICE FEE" in said.out


def test_a_check_writes_nothing_anywhere(samples: Path, home: Path, dsr: Dsr) -> None:
    file = home / "csv_inbox" / "Chase4321_Activity_20260131.CSV"
    shutil.copy(samples / "bank" / CHASE, file)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    assert dsr("inbox", "check", file).code == 0
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_several_files_are_1_when_one_of_them_needs_a_person(samples: Path, home: Path, dsr: Dsr) -> None:
    said = dsr("inbox", "check", "--json", samples / "bank" / CHASE, samples / UNKNOWN)
    assert said.code == 1
    good, bad = said.json
    assert (good["status"], good["rule"], len(good["first_rows"])) == ("accepted", "us_chase_checking", 5)
    assert good["first_rows"][0]["amount"] == "-4.95"
    assert bad["status"] == "rejected"
    assert "dsr inbox draft" in bad["reason"]


def test_damaged_rows_are_shown_with_line_column_and_value(samples: Path, home: Path, dsr: Dsr) -> None:
    said = dsr("inbox", "check", samples / "demo" / "csv_inbox" / "sam" / "Discover-Statement-20260228.csv")
    assert said.code == 1
    assert "line 5, column Trans. Date: bad_date: 02/30/2026" in said.out
    assert "line 8, column Amount: bad_amount: 1E3" in said.out


def test_a_draft_says_what_is_open_and_loads_once_that_is_answered(
    samples: Path, home: Path, dsr: Dsr, tmp_path: Path
) -> None:
    target = tmp_path / "banks" / "my_hill.yaml"
    said = dsr("inbox", "draft", samples / UNKNOWN, "--out", target)
    assert said.code == 1
    assert "columns.currency: In which currency" in said.out
    text = target.read_text()
    # The rule carries the name of its file, without which it would not load.
    assert "\nrule: my_hill " in text
    start, end = text.index("open_questions:"), text.index("\nrule:")
    target.write_text((text[:start] + text[end:]).replace("currency: null", "currency: {const: EUR}"))
    assert load_rule(target).rule == "my_hill"


def test_drafts_go_beside_each_other_and_never_over_one_that_is_there(
    samples: Path, home: Path, dsr: Dsr
) -> None:
    first = dsr("inbox", "draft", samples / UNKNOWN, "--json")
    edited = Path(first.json["file"])
    assert edited.parent == home / "data" / "drafts"
    edited.write_text("mine")
    second = dsr("inbox", "draft", samples / UNKNOWN, "--json")
    assert edited.read_text() == "mine"
    assert Path(second.json["file"]).stem == second.json["rule"] == f"{edited.stem}_2"
    assert second.json["questions"][0]["key"] == "columns.currency"


@pytest.mark.parametrize("command", ["check", "draft"])
def test_a_file_that_is_not_there_is_one_sentence_and_2(home: Path, dsr: Dsr, command: str) -> None:
    said = dsr("inbox", command, home / "no.csv")
    assert (said.code, said.out) == (2, "")
    assert "no.csv is not a file: name" in said.err


def test_a_file_that_is_no_text_cannot_be_drafted(home: Path, dsr: Dsr) -> None:
    (home / "x.csv").write_bytes(b"%PDF-1.7\n")
    said = dsr("inbox", "draft", home / "x.csv")
    assert said.code == 2
    assert "x.csv" in said.err
