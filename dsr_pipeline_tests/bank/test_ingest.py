"""The inbox as a person uses it: files come, are copied, grow, are renamed, replaced and deleted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from dsr_pipeline.bank.ingest import IngestReport, ingest
from dsr_pipeline.lake.contracts.bank import (
    EXCLUDED,
    FILES,
    QUARANTINE,
    REVIEW_ITEMS,
    TRANSACTIONS,
    TRANSFERS,
)
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.conftest import PROJECT

NOW = datetime(2026, 3, 1, 12, 0, 0)  # noqa: DTZ001 - naive UTC is what the program takes
CHASE = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"


class Office:
    """An inbox, a copy of the project's rules and a lake, in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.rules = folder / "rules"
        shutil.copytree(PROJECT / "rules", self.rules)
        self.lake = Lake(folder / "lake")
        self.runs = 0

    def put(self, name: str, text: str | bytes) -> Path:
        path = self.inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def ingest(self, *, now: datetime | None = None) -> IngestReport:
        self.runs += 1
        return ingest(
            self.inbox,
            self.rules,
            self.lake,
            now=now or NOW + timedelta(hours=self.runs),
            run_id=f"run-{self.runs}",
        )

    def rows(self, contract: object) -> list[dict[str, object]]:
        return self.lake.read(contract).to_pylist()  # type: ignore[arg-type]

    def live(self) -> list[dict[str, object]]:
        return [row for row in self.rows(TRANSACTIONS) if row["status"] != "superseded"]

    def statuses(self) -> dict[object, object]:
        return {row["file"]: row["status"] for row in self.rows(FILES)}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def chase(*rows: tuple[str, str, str, str]) -> str:
    """Rows of date, text, amount, balance; newest first."""
    return CHASE + "".join(
        f'DEBIT,{day},"{text}",{amount},DEBIT_CARD,{level},,\n' for day, text, amount, level in rows
    )


JANUARY = chase(
    ("01/20/2026", "HARBOR FUEL", "-46.08", "953.92"),
    ("01/13/2026", "BLUE HERON COFFEE", "-5.00", "1000.00"),
    ("01/13/2026", "BLUE HERON COFFEE", "-5.00", "1005.00"),
)
FEBRUARY = chase(
    ("02/10/2026", "COPPER KETTLE", "-20.00", "933.92"),
    ("01/20/2026", "HARBOR FUEL", "-46.08", "953.92"),
)


def assert_ties_out(office: Office) -> None:
    excluded: dict[object, int] = {}
    for row in office.rows(EXCLUDED):
        excluded[row["file"]] = excluded.get(row["file"], 0) + 1
    for row in office.rows(FILES):
        assert row["accepted"] + row["excluded"] + row["quarantined"] == row["lines"], row
        assert excluded.get(row["file"], 0) == row["excluded"], row


def test_overlapping_exports_give_each_transaction_once(office: Office) -> None:
    office.put("Chase4321_Activity_1.CSV", JANUARY)
    office.put("Chase4321_Activity_2.CSV", FEBRUARY)
    report = office.ingest()
    assert report.exit_code == 0
    assert sorted(str(row["amount"]) for row in office.live()) == [
        "-20.0000",
        "-46.0800",
        "-5.0000",
        "-5.0000",
    ]
    assert_ties_out(office)


def test_a_second_run_changes_nothing_and_reads_no_file(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(3):
        office.put(f"Chase432{place}_Activity.CSV", JANUARY)
    first = office.ingest(now=NOW + timedelta(days=4000))
    tables = {name: state.path for name, state in office.lake.tables().items()}

    def refuse(*_: object, **__: object) -> bytes:
        raise AssertionError("a settled file was read again")

    monkeypatch.setattr("dsr_pipeline.bank.ingest.open_file", refuse)
    second = office.ingest(now=NOW + timedelta(days=4001))
    assert (first.changed, second.changed) == (True, False)
    assert [f.status for f in second.files] == [f.status for f in first.files]
    assert {name: state.path for name, state in office.lake.tables().items()} == tables


def test_the_same_content_under_two_names_counts_once(office: Office) -> None:
    office.put("Chase4321_Activity.CSV", JANUARY)
    office.put("Chase4321_Activity (1).CSV", JANUARY)
    office.ingest()
    assert sorted(office.statuses().values()) == ["accepted", "same_file"]
    assert len(office.live()) == 3
    assert_ties_out(office)


def test_a_file_that_leaves_the_inbox_takes_no_transaction_with_it(office: Office) -> None:
    path = office.put("Chase4321_Activity_1.CSV", JANUARY)
    office.ingest()
    path.unlink()
    office.put("Chase4321_Activity_2.CSV", FEBRUARY)
    office.ingest()
    assert len(office.live()) == 4
    kept = next(row for row in office.rows(FILES) if row["file"] == "Chase4321_Activity_1.CSV")
    assert kept["status"] == "accepted"
    assert "no longer in the inbox" in str(kept["reason"])
    assert_ties_out(office)


def test_a_name_that_gets_another_content_keeps_the_old_rows(office: Office) -> None:
    office.put("Chase4321_Activity.CSV", JANUARY)
    office.ingest()
    office.put("Chase4321_Activity.CSV", FEBRUARY)
    office.ingest()
    assert len(office.live()) == 4
    assert len(office.statuses()) == 2
    assert_ties_out(office)


def test_a_file_that_was_read_while_it_grew_is_read_anew(office: Office) -> None:
    whole = JANUARY.encode()
    half = whole[: whole.index(b"\n", whole.index(b"HARBOR")) + 1]
    office.put("Chase4321_Activity.CSV", half)
    office.ingest()
    assert len(office.live()) == 1
    office.put("Chase4321_Activity.CSV", whole)
    office.ingest()
    assert len(office.live()) == 3
    assert list(office.statuses()) == ["Chase4321_Activity.CSV"]


def test_a_file_that_another_program_is_writing_waits(office: Office) -> None:
    path = office.put("Chase4321_Activity.CSV", JANUARY)
    with path.open("ab"):
        report = office.ingest()
        assert office.statuses() == {"Chase4321_Activity.CSV": "waiting"}
        assert report.exit_code == 0
    office.ingest()
    assert office.statuses() == {"Chase4321_Activity.CSV": "accepted"}


def test_a_renamed_file_gets_the_account_of_its_new_name(office: Office) -> None:
    path = office.put("Chase4321_Activity.CSV", JANUARY)
    office.ingest()
    path.rename(office.inbox / "Chase7777_Activity.CSV")
    office.ingest()
    accounts = {row["account"] for row in office.live()}
    assert len(accounts) == 1
    assert "7777" in str(accounts.pop())
    assert len(office.live()) == 3


def test_a_file_that_the_rules_leave_out_loses_its_rows(office: Office) -> None:
    office.put("Chase4321_Activity.CSV", JANUARY)
    wrong = office.put("Chase9999_Activity.CSV", FEBRUARY)
    office.ingest()
    assert len(office.live()) == 5
    (office.rules / "inbox.yaml").write_text("ignore: [{file: Chase9999*, reason: not ours}]\n")
    report = office.ingest()
    assert len(office.live()) == 3
    assert report.exit_code == 0
    assert office.statuses()["Chase9999_Activity.CSV"] == "rejected"
    assert_ties_out(office)
    wrong.unlink()
    office.ingest()
    assert len(office.live()) == 3


HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "zip": ("a.csv", b"PK\x03\x04rest\nof\nit", "zip"),
    "pdf": ("b.csv", b"%PDF-1.7\nx", "PDF"),
    "html": ("c.csv", b"<!DOCTYPE html><html>\n<body>login</body>", "HTML"),
    "nul": ("d.csv", JANUARY.encode().replace(b"HARBOR", b"HAR\x00OR"), "NUL"),
    "empty": ("e.csv", b"", "empty"),
    "long line": ("f.csv", b"x" * (10 << 20), "longer than"),
    "unknown": ("g.csv", b"Some,Header,Nobody,Knows\n1,2,3,4\n", "no rule"),
    "workbook": ("h.xlsx", b"PK\x03\x04", ".xlsx"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_one_bad_file_gets_a_verdict_and_stops_no_other(office: Office, kind: str) -> None:
    name, data, told = HOSTILE[kind]
    bad = office.put(name, data)
    office.put("Chase4321_Activity.CSV", JANUARY)
    before = (bad.read_bytes(), bad.stat().st_mtime_ns)
    report = office.ingest()
    assert report.exit_code == 1
    verdict = next(row for row in office.rows(FILES) if row["file"] == name)
    assert verdict["status"] == "rejected"
    assert told in str(verdict["reason"])
    assert verdict["excluded"] == verdict["lines"]
    assert len(office.live()) == 3
    assert_ties_out(office)
    assert (bad.read_bytes(), bad.stat().st_mtime_ns) == before


def test_a_month_without_movements_is_no_fault(office: Office) -> None:
    office.put("Chase4321_Activity_1.CSV", JANUARY)
    office.put("Chase4321_Activity_2.CSV", CHASE)
    report = office.ingest()
    assert report.exit_code == 0
    verdict = next(row for row in office.rows(FILES) if row["file"] == "Chase4321_Activity_2.CSV")
    assert (verdict["status"], verdict["reason"]) == ("accepted", "holds no transaction")
    assert len(office.live()) == 3


def test_unfinished_downloads_and_other_folders_are_not_read(office: Office) -> None:
    office.put("Chase4321_Activity.CSV.crdownload", JANUARY)
    office.put("~$Chase4321_Activity.CSV", JANUARY)
    office.put("records/time.csv", "a,b\n")
    office.put("review/edited.csv", "a,b\n")
    office.put("alex/Chase4321_Activity.CSV", JANUARY)
    office.ingest()
    assert sorted(office.statuses().values()) == ["accepted", "waiting", "waiting"]
    assert len(office.live()) == 3


def test_too_many_bad_rows_reject_the_file_and_show_every_row(office: Office) -> None:
    lines = JANUARY.splitlines(keepends=True)
    bad = "".join([*lines, *(line.replace("01/", "31/") for line in lines[1:3])])
    office.put("Chase4321_Activity.CSV", bad)
    report = office.ingest()
    assert report.exit_code == 1
    assert office.live() == []
    assert len(office.rows(QUARANTINE)) == 5
    verdict = office.rows(FILES)[0]
    assert (verdict["lines"], verdict["excluded"], verdict["quarantined"]) == (5, 5, 0)
    assert_ties_out(office)


@pytest.mark.parametrize(
    "damage", [lambda text: text.replace("-46.08", "1e999"), lambda text: text.replace("01/20", "99/20")]
)
def test_a_bad_row_is_quarantined_with_its_bytes(office: Office, damage: Callable[[str], str]) -> None:
    more = "".join(f'DEBIT,01/0{day}/2026,"BOOKS",-1.00,DEBIT_CARD,,,\n' for day in range(1, 9))
    office.put("Chase4321_Activity.CSV", damage(JANUARY) + more)
    report = office.ingest()
    assert report.exit_code == 1
    (row,) = office.rows(QUARANTINE)
    assert row["line_no"] == 2
    assert b"HARBOR FUEL" in bytes(row["raw"])  # type: ignore[arg-type]
    assert_ties_out(office)


def test_a_changed_rule_is_applied_to_files_already_read(office: Office) -> None:
    office.put("Chase4321_Activity.CSV", JANUARY)
    office.ingest()
    rule = office.rules / "banks" / "us_chase_checking.yaml"
    text = rule.read_text()
    rule.write_text(text.replace("version: 1", "version: 2").replace("mode: signed", "mode: negate"))
    office.ingest()
    assert {str(row["amount"]) for row in office.live()} == {"46.0800", "5.0000"}
    assert {row["rule_version"] for row in office.live()} == {2}


def test_every_table_is_there_after_an_empty_inbox(office: Office) -> None:
    report = office.ingest()
    assert report.exit_code == 0
    for contract in (FILES, TRANSACTIONS, EXCLUDED, QUARANTINE, TRANSFERS, REVIEW_ITEMS):
        table = office.lake.read(contract)
        assert isinstance(table, pa.Table)
        assert table.num_rows == 0


def test_a_large_file_beside_small_ones(office: Office) -> None:
    rows = [
        (f"{1 + n // 28 % 12:02d}/{1 + n % 28:02d}/20{10 + n // 336:02d}", f"SHOP {n}", "-1.00", "7.00")
        for n in range(5000)
    ]
    big = chase(*rows[::-1])
    office.put(
        "Chase4321_Activity_1.CSV",
        big + "x,y\n" * 3 + big[len(CHASE) :].replace("SHOP", "LONGER NAME " * 15),
    )
    office.put("Chase4321_Activity_2.CSV", JANUARY)
    assert (office.inbox / "Chase4321_Activity_1.CSV").stat().st_size > 1 << 20
    report = office.ingest()
    assert report.exit_code == 1
    assert len(office.live()) == 10_003
    assert len(office.rows(QUARANTINE)) == 3
    assert_ties_out(office)
    assert office.ingest().changed is False


def test_an_id_that_the_rule_does_not_declare_never_merges_rows(office: Office) -> None:
    rule = office.rules / "banks" / "us_chase_checking.yaml"
    text = rule.read_text()
    rule.write_text(text.replace("columns:\n", "columns:\n  source_id: Type\n"))
    office.put("Chase4321_Activity.CSV", JANUARY)
    office.ingest()
    assert len(office.live()) == 3
    assert {row["source_id"] for row in office.live()} == {"DEBIT_CARD"}
