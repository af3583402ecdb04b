"""The home of the demo: filled once, kept as edited, and never somebody's real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.cli.demo_home import MARKER, DemoRefused, prepare


def test_a_new_home_gets_exports_and_rules(tmp_path: Path, project: Path) -> None:
    prepared = prepare(tmp_path / "demo", project)
    inbox = prepared.path / "csv_inbox"
    assert (inbox / "alex" / "Chase4321_Activity_20260131.CSV").is_file()
    assert not list(inbox.rglob("expected.json"))
    assert (prepared.path / "rules" / "banks" / "us_chase_card.yaml").is_file()
    assert prepared.edited == ()


def test_a_second_demo_keeps_what_was_edited_and_renews_the_rest(tmp_path: Path, project: Path) -> None:
    home = prepare(tmp_path / "demo", project).path
    edited = home / "rules" / "merchants.csv"
    edited.write_text(edited.read_text() + "\n")
    (home / "csv_inbox" / "sam" / "statement.csv").unlink()
    (home / "csv_inbox" / "mine.csv").write_text("Date,Amount\n")
    again = prepare(home, project)
    assert again.edited == ("rules/merchants.csv",)
    assert edited.read_text().endswith("\n\n")
    assert (home / "csv_inbox" / "sam" / "statement.csv").is_file()
    assert (home / "csv_inbox" / "mine.csv").is_file()
    assert prepare(home, project).edited == ("rules/merchants.csv",)


def test_a_home_that_holds_anything_else_is_refused_and_left_alone(tmp_path: Path, project: Path) -> None:
    real = tmp_path / "real"
    (real / "csv_inbox").mkdir(parents=True)
    (real / "csv_inbox" / "bank.csv").write_text("x")
    with pytest.raises(DemoRefused, match="holds files that are not of the demo: name an empty folder"):
        prepare(real, project)
    assert [path.name for path in real.rglob("*")] == ["csv_inbox", "bank.csv"]
    with pytest.raises(DemoRefused, match="is not a folder"):
        prepare(real / "csv_inbox" / "bank.csv", project)


def test_a_demo_that_was_stopped_half_way_goes_on(tmp_path: Path, project: Path) -> None:
    home = prepare(tmp_path / "demo", project).path
    for path in (home / "csv_inbox").rglob("*.CSV"):
        path.unlink()
    assert (home / MARKER).is_file()
    assert prepare(home, project).edited == ()
    assert list((home / "csv_inbox").rglob("*.CSV"))


def test_without_the_samples_it_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DemoRefused, match="the demo needs the samples of a source checkout"):
        prepare(tmp_path / "demo", tmp_path / "nothing")
