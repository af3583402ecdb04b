"""The first thing that a new user does: one command, and every number of it can be followed."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dsr_pipeline.cli.entry import main
from dsr_pipeline.cli.run import exit_code
from dsr_pipeline.cli.sandbox import TOKEN
from dsr_pipeline.defs.headless import run_job
from dsr_pipeline.settings import Settings

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The home of one demo and what it said; the tests below only look."""
    import contextlib
    import io

    home = tmp_path_factory.mktemp("demo") / "home"
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = main(["demo", "--home", str(home), "--json"])
    told = json.loads(said.getvalue())
    assert told["differences"] == []
    assert code == 0
    return home, told


def test_every_line_of_every_file_is_accounted_for(demo: tuple[Path, dict[str, Any]]) -> None:
    _, told = demo
    for file in told["files"]:
        assert file["accepted"] + file["excluded"] + file["quarantined"] == file["lines"], file["file"]
    verdicts = {file["file"]: file["status"] for file in told["files"]}
    assert verdicts["sam/statement.csv"] == "rejected"
    assert verdicts["sam/hillside_20260228.csv"] == "rejected"
    assert verdicts["sam/activity (2).csv.crdownload"] == "waiting"
    twice = [
        status for name, status in verdicts.items() if name.startswith("alex/Chase4321_Activity_20260131")
    ]
    assert sorted(twice) == ["accepted", "same_file"]
    assert verdicts["sam/Discover-Statement-20260228.csv"] == "accepted"
    assert [row["reason"] for row in told["quarantine"]] == ["bad_date", "bad_amount"]


def test_overlapping_exports_count_once_and_real_repeats_twice(demo: tuple[Path, dict[str, Any]]) -> None:
    """The two exports of the checking account share three rows; the later one has two equal coffees."""
    _, told = demo
    (checking,) = [row for row in told["accounts"] if row["account"] == "chase:4321"]
    # 11 and 13 rows, of which 3 are the same; the balance moved from 2,500.00 to 3,765.85.
    assert checking["transactions"] == 11 + 13 - 3
    assert Decimal(checking["net"]) == Decimal("3765.85") - Decimal("2500.00")


def test_money_between_own_accounts_is_recognised(demo: tuple[Path, dict[str, Any]]) -> None:
    _, told = demo
    pairs = {(row["from_account"], row["to_account"], Decimal(row["amount"])) for row in told["transfers"]}
    assert ("chase:4321", "chase:7788", Decimal("1200.00")) in pairs
    assert ("chase:4321", "chase:7788", Decimal("400.00")) in pairs
    assert ("chase:4321", "chase:9876", Decimal("1349.00")) in pairs


def test_every_sheet_is_read_and_every_version_of_its_rows_is_kept(demo: tuple[Path, dict[str, Any]]) -> None:
    home, told = demo
    sheets, syncs = told["smartsheet"]["sheets"], told["smartsheet"]["syncs"]
    assert {sheet["status"] for sheet in sheets} == {"read"}
    # 445 rows at first; then 7 came, 2 went.
    assert sum(sheet["rows"] for sheet in sheets) == 445 + 7 - 2
    assert sum(sheet["versions"] for sheet in sheets) == sum(
        sync["rows_seen"] + sync["rows_removed"] for sync in syncs
    )
    assert [sync["read"] + sync["unchanged"] for sync in syncs] == [4, 4]
    assert (
        sum(sync["calls"] for sync in syncs) <= 9 + 1 + 2 * 3
    )  # a look at the row times of each changed sheet
    assets, lake = told["run"]["assets"], home / "data" / "lake"
    assert assets["smartsheet/rows"]["rows"] == 450
    assert list((lake / "_raw" / "smartsheet").glob("*/*.json.zst"))


def test_a_changed_price_is_told_with_before_and_after_and_who(demo: tuple[Path, dict[str, Any]]) -> None:
    _, told = demo
    prices = [one for one in told["smartsheet"]["changes"] if one["column"] == "Units Total Price"]
    assert [(one["row_number"], one["before"], one["after"], one["by"]) for one in prices] == [
        (3, "12050.85", "19140.6", "coord1@contractor.example"),
        (97, "161.5", "165.12", "coord4@contractor.example"),
    ]


def test_every_billed_dollar_stands_in_one_workbook_that_hangs_on_its_row(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    home, told = demo
    billing, reports = told["billing"], home / "data" / "reports"
    (billable,) = [one for one in billing["units"] if one["status"] == "billable"]
    money = [one for one in billing["files"] if not one["withdrawn"]]
    assert sum(Decimal(one["amount"]) for one in money) == Decimal(billable["amount"])
    assert sum(one["rows"] for one in money) == billable["rows"]
    assert all((reports / one["path"]).is_file() and (reports / one["pdf_path"]).is_file() for one in money)
    attached = [one["name"] for one in billing["attachments"] if one["target"] == "billing"]
    assert sorted(attached) == sorted(Path(one["path"]).name for one in money)


def test_what_moved_between_the_looks_became_revisions(demo: tuple[Path, dict[str, Any]]) -> None:
    _, told = demo
    revised = [one for one in told["billing"]["files"] if one["revision"] > 1]
    assert {one["revision"] for one in revised} == {2}
    assert len(revised) == sum(one["revised"] for one in told["billing"]["weeks"]) > 3


def test_the_token_of_the_demo_stands_in_no_file(demo: tuple[Path, dict[str, Any]]) -> None:
    """But in the stand-in's own: it must know whom it answers."""
    home, _ = demo
    files = [file for file in home.rglob("*") if file.is_file() and "stand_in.sqlite" not in file.name]
    assert not [file for file in files if TOKEN.encode() in file.read_bytes()]


def test_power_bi_gets_what_the_bank_tables_say(demo: tuple[Path, dict[str, Any]]) -> None:
    home, told = demo
    fact = pq.read_table(home / "data" / "powerbi" / "fact_transactions.parquet").to_pylist()
    assert len(fact) == told["fact_transactions"] == sum(row["transactions"] for row in told["accounts"])
    assert sum(row["amount"] for row in fact) == sum(Decimal(row["net"]) for row in told["accounts"])


def test_ingest_without_dagster_gives_the_same_tables(
    demo: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    home, _ = demo
    inbox, rules = home / "csv_inbox", home / "rules"
    assert main(["ingest", str(inbox), "--rules", str(rules), "--out", str(tmp_path / "out")]) == 1
    for table in ("transactions", "files", "excluded", "quarantine", "transfers", "review_items"):
        lake = next((home / "data" / "lake" / "bank" / table).glob("*.parquet"))
        ours = pq.read_table(tmp_path / "out" / f"{table}.parquet")
        assert ours.equals(pq.read_table(lake)), table


def test_a_second_run_finds_nothing_new_and_says_what_needs_a_person(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    home, _ = demo
    settings = Settings.load(home, DSR_LAKE=None, SMARTSHEET_API_TOKEN=None)
    outcome = run_job(settings, "everything")
    assert outcome.succeeded
    assert exit_code(outcome) == 1
    assert {one.metadata["new content"] for one in outcome.written} == {False}
    assert {check.name for check in outcome.checks if not check.passed} == {
        "inbox_health",
        "last_sync",  # no token is set, and there were sheets
        "rejected_rows",
    }


def test_a_second_demo_finds_its_sheets_as_it_left_them(
    demo: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    home, first = demo
    assert main(["demo", "--home", str(home)]) == 0
    told = capsys.readouterr().out
    assert "450 rows, 467 versions of them" in told
    assert "0 sheets unknown, 0 held" in told
    assert "designed to give" not in told
    assert first["designed"]["smartsheet"]["syncs"] == [[4, 0, 445, 0], [3, 1, 20, 2]]


def test_the_inbox_is_as_it_was(demo: tuple[Path, dict[str, Any]], project: Path, tmp_path: Path) -> None:
    from dsr_pipeline.cli.demo_home import prepare

    home, _ = demo
    fresh = prepare(tmp_path / "fresh", project).path / "csv_inbox"

    def content(inbox: Path) -> dict[str, bytes]:
        return {str(f.relative_to(inbox)): f.read_bytes() for f in inbox.rglob("*") if f.is_file()}

    assert content(home / "csv_inbox") == content(fresh)
