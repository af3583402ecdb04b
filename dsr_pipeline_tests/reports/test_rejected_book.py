"""The workbook of what is not billed: what the people who mend it find there, and when it is written."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from dsr_pipeline.lake.contracts.billing import REMARKS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.views import connect
from dsr_pipeline.reports.rejected_book import FILE, write_rejected
from dsr_pipeline.reports.rejected_rows import Limits
from dsr_pipeline.reports.rejected_summary import QUERIES, REASONS
from dsr_pipeline.reports.weekly_lines import REMARK_WORDS
from dsr_pipeline_tests.billing.billing_world import BillingWorld, hold, unit
from dsr_pipeline_tests.reports.report_world import plain_look

LOOK = plain_look()
ROWS = (
    unit(),
    unit(completed="false", price="70"),
    unit(completed=None, price="30"),
    unit(cu=None, price="500"),
    unit(cu="=NO MATCH", price="25.50"),
    unit(price=None, cu="ZZZ-1"),
    unit(reference_date="soon", price="40"),
    unit(work_request=None, price="15"),
    unit(snapshot_date=None, price="60"),
    unit(snapshot_date="2026-05-20", price="80"),
    unit(price="-20"),
    unit(work_request="90009", price="900"),
)


HOLDS = [hold("90009")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> BillingWorld:
    """Billed once: these tests only read it."""
    world = BillingWorld(lake=Lake(tmp_path_factory.mktemp("billed") / "lake"))
    world.bill(ROWS, holds=HOLDS)
    return world


@pytest.fixture(scope="module")
def book(world: BillingWorld, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return _write(world, tmp_path_factory.mktemp("reports"))


def _write(world: BillingWorld, folder: Path, **more: Any) -> Any:
    path = write_rejected(world.lake, LOOK, folder, **more)
    assert path == folder / FILE
    return load_workbook(path)


def _list(book: Any, sheet: str) -> list[dict[str, Any]]:
    head, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _summary(book: Any) -> dict[str, tuple[Any, ...]]:
    return {str(row[0]): row[2:6] for row in book["Summary"].iter_rows(values_only=True) if row[0]}


def test_every_rejected_and_held_row_is_listed_with_reason_mend_and_amount(book: Any) -> None:
    assert book.sheetnames == ["Summary", "Rejected", "Backlog", "Remarks"]
    rejected = _list(book, "Rejected")
    assert [(row["Reason"], row["At stake"]) for row in rejected] == [
        ("Held", 900),
        ("Missing code", 500),
        ("Bad week", 40),
        ("No match", 25.5),
        ("Missing work request", 15),
        ("Missing price", 0),
    ]
    no_match = rejected[3]
    assert no_match["Billable unit"] == "=NO MATCH"
    assert (
        no_match["What to do"] == "The billable unit code says '=NO MATCH'. Look up the code and correct it."
    )
    assert no_match["Week ending"].date() == date(2026, 5, 10)
    assert (no_match["Sheet"], no_match["Row"]) == ("Field sheet 101", 5)
    assert no_match["Price as written"] == "25.50"
    assert rejected[2]["Reference date as written"] == "soon"
    assert rejected[2]["Week ending"] is None


def test_what_is_not_done_yet_stands_apart(book: Any) -> None:
    backlog = _list(book, "Backlog")
    assert [(row["Reason"], row["At stake"]) for row in backlog] == [
        ("Not completed", 70),
        ("Not completed", 30),
    ]


def test_billed_rows_that_a_person_should_look_at_are_listed_and_credits_are_not(book: Any) -> None:
    remarks = _list(book, "Remarks")
    assert [(row["Remarks"], row["Billed"]) for row in remarks] == [("Out of week", 80), ("Undated", 60)]
    assert remarks[0]["Snapshot date"].date() == date(2026, 5, 20)
    assert remarks[0]["# Units"] == 1


def test_the_summary_adds_up_to_the_billing(world: BillingWorld, book: Any) -> None:
    summary = _summary(book)
    report = world.report
    stake = report.rejected_amount + report.held_amount
    assert summary["Rejected"][:2] == (6, Decimal("1480.5"))
    assert summary["Backlog"][:2] == (2, 100)
    assert summary["Rejected"][0] + summary["Backlog"][0] == report.rejected + report.held
    assert summary["Rejected"][1] + summary["Backlog"][1] == pytest.approx(float(stake))
    assert summary["Remarks"][:2] == (2, 140)
    assert summary["Held"][:2] == (1, 900)
    assert summary["No week that can be read"][:4] == (1, 40, 0, 0)
    assert summary["None named"][:2] == (1, 15)


def test_totals_are_formulas_that_give_what_is_written_beside_them(
    world: BillingWorld, tmp_path: Path
) -> None:
    _write(world, tmp_path)
    formulas = load_workbook(tmp_path / FILE)["Summary"]
    values = load_workbook(tmp_path / FILE, data_only=True)["Summary"]
    seen = 0
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type != "f":
                continue
            match = re.fullmatch(r"=SUM\(([A-F])(\d+):[A-F](\d+)\)", cell.value)
            assert match is not None
            letter, first, last = match.groups()
            added = sum(values[f"{letter}{number}"].value for number in range(int(first), int(last) + 1))
            assert values[cell.coordinate].value == pytest.approx(added)
            seen += 1
    assert seen == 6


def test_lists_are_tables_with_a_fixed_header_and_real_types(book: Any) -> None:
    for name in ("Rejected", "Backlog", "Remarks"):
        sheet = book[name]
        (table,) = sheet.tables.values()
        assert table.ref.startswith("A1:")
        assert table.autoFilter is not None
        assert sheet.freeze_panes == "B2"
    assert book["Rejected"]["C2"].data_type == "n"
    assert book["Rejected"]["E4"].data_type in ("n", "d")
    assert book["Rejected"]["I5"].data_type == "s"


def test_the_workbook_is_written_when_the_ledger_changes_and_only_then(tmp_path: Path) -> None:
    world = BillingWorld(lake=Lake(tmp_path / "lake"))
    world.bill(ROWS, holds=HOLDS)
    reports = tmp_path / "reports"
    _write(world, reports)
    first = (reports / FILE).read_bytes()
    assert write_rejected(world.lake, LOOK, reports) is None
    mended = [row | {"cu": "POL-A-3"} if row["price"] == "500" else row for row in ROWS]
    world.bill(mended, holds=HOLDS)
    reasons = [row["Reason"] for row in _list(_write(world, reports), "Rejected")]
    assert len(reasons) == 5
    assert "Missing code" not in reasons
    world.bill(ROWS, holds=HOLDS)
    _write(world, reports)
    assert (reports / FILE).read_bytes() == first
    assert [path.name for path in reports.iterdir()] == [FILE]


@pytest.mark.parametrize("damage", [b"", b"no zip at all"])
def test_a_damaged_file_is_written_anew(world: BillingWorld, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE).write_bytes(damage)
    _write(world, tmp_path)


def test_before_the_first_billing_there_is_nothing_to_write(tmp_path: Path) -> None:
    assert write_rejected(Lake(tmp_path / "lake"), LOOK, tmp_path) is None
    assert not (tmp_path / FILE).exists()


def test_with_nothing_to_mend_the_workbook_says_so(tmp_path: Path) -> None:
    world = BillingWorld(lake=Lake(tmp_path / "lake"))
    world.bill([unit()])
    book = _write(world, tmp_path)
    assert "None: nothing that is completed waits to be mended." in _summary(book)
    assert not any(any(row.values()) for row in _list(book, "Rejected"))
    assert book["Rejected"].tables["RejectedRows"].ref.endswith("2")


def test_what_is_not_listed_is_said_with_where_it_is(world: BillingWorld, tmp_path: Path) -> None:
    book = _write(world, tmp_path, limits=Limits(2, 5, 1))
    assert [row["Reason"] for row in _list(book, "Rejected")] == ["Held", "Missing code"]
    texts = [str(row[1]) for row in book["Summary"].iter_rows(values_only=True) if row[1]]
    said = [text for text in texts if "dsr sql" in text]
    assert [text.split(" are")[0] for text in said] == [
        "Only the 2 rows with the largest amounts",
        "Only the 1 rows with the largest amounts",
    ]
    assert _summary(book)["Rejected"][:2] == (6, Decimal("1480.5"))


def test_the_named_queries_answer(world: BillingWorld) -> None:
    with connect(world.lake) as connection:
        assert [len(connection.execute(query).fetchall()) for query in QUERIES] == [6, 2, 2]


def test_every_remark_and_reason_has_words() -> None:
    assert set(REMARK_WORDS) == set(REMARKS)
    assert all(REASONS.values())
