"""`dsr report weekly`: what it bills, builds and tells, and how it ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dsr_pipeline.cli import main
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.billing.billing_world import RULES_ROOT, unit, write_sync


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two billed units and one that nobody can bill."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DSR_TIMEZONE", "America/Chicago")
    shutil.copytree(RULES_ROOT, tmp_path / "rules")
    write(tmp_path, "100")
    return tmp_path


def write(home: Path, price: str) -> None:
    rows = [unit(price=price), unit(work_request="90002"), unit(price=None, cu="NONE-1")]
    write_sync(Lake(home / "data" / "lake"), rows)


def weekly(*options: str) -> int:
    return main(["report", "weekly", "--home", ".", *options])


def test_it_bills_and_builds_and_names_the_files(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert weekly() == 1, "a row is rejected, and somebody should look at it"
    told = capsys.readouterr().out
    assert "3 rows: 2 billed (200.00), 0 not completed yet, 1 rejected, 0 held; 2 groups" in told
    week = next(line.split() for line in told.splitlines() if line.startswith("2026-05-10"))
    assert week == ["2026-05-10", "2", "0", "0", "0", "0", "200.00", "1", "0.00"]
    files = sorted((home / "data" / "reports" / "weekly" / "2026-05-10").iterdir())
    assert [path.suffix for path in files] == [".pdf", ".xlsx"] * 2
    for path in files[1::2]:
        assert str(path.relative_to(home)) in told
    assert "data/reports/rejected_units.xlsx has what is not billed" in told

    assert weekly() == 1
    assert "every workbook is as billing says" in capsys.readouterr().out

    write(home, "120")
    assert weekly("--json", "--week", "2026-05-06", "--work-request", "90001") == 1
    told = json.loads(capsys.readouterr().out)
    (built,) = told["weeks"]
    assert (built["built"], built["skipped"], built["amount"]) == (1, 0, "220.0000")
    assert [Path(file).name[:8] for file in told["files"]] == ["WR_90001"]


def test_the_backlog_is_not_told_as_rejected(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """207 rejected rows were told where 201 of them were only not done yet."""
    rows = [unit(), unit(pole="2", completed="false"), unit(price=None, cu="NONE-1")]
    write_sync(Lake(home / "data" / "lake"), rows)
    assert weekly() == 1
    told = capsys.readouterr().out
    assert "3 rows: 1 billed (100.00), 1 not completed yet, 1 rejected, 0 held; 1 group" in told


@pytest.mark.usefixtures("home")
def test_what_it_cannot_do_ends_with_2_and_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert weekly("--week", "soon") == 2
    assert capsys.readouterr().err == "dsr: --week soon: give a day of the week such as 2026-03-08\n"
    with Lake(Path("data/lake")).group("reports").writing((), run_id="other"):
        assert weekly("--no-wait") == 2
    assert "the tables of reports are being written by process" in capsys.readouterr().err


def test_a_work_request_that_nobody_named_is_no_empty_report(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert weekly("--work-request", "9000") == 2
    assert "no row names the work request 9000" in capsys.readouterr().err


def test_before_the_first_sync_it_says_what_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(RULES_ROOT, tmp_path / "rules")
    assert weekly() == 2
    assert "run `dsr sync` first" in capsys.readouterr().err
