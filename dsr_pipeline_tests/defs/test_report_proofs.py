"""What billing, workbooks and attachments must prove; every proof is shown to fail when it should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dsr_pipeline.defs.billing_proofs import billing_ties_out, rejected_rows, rules_read
from dsr_pipeline.defs.report_proofs import (
    closed_weeks_have_workbooks,
    files_as_recorded,
    published_is_live,
    sums_of_reports,
)
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.contracts.billing import DERIVED, WORK_GROUPS
from dsr_pipeline.lake.contracts.reports import ATTACHMENTS, REPORT_FILES
from dsr_pipeline_tests.billing.billing_world import RULES_ROOT, ZONE, hold, unit, write_sync
from dsr_pipeline_tests.reports.report_world import ReportWorld, report_world

WEEK = date(2026, 5, 10)
ROWS = [unit(), unit(), unit(work_request="90002", price="20")]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ReportWorld:
    """Two workbooks of one week; tests that change something make it anew."""
    world = report_world(tmp_path_factory.mktemp("built"))
    world.build(ROWS)
    return world


def put(
    world: ReportWorld, group: tuple[Contract, ...], wanted: Contract, change: Callable[..., Any]
) -> None:
    """Replace one table of a group as no run would."""
    with world.lake.group(wanted.group).writing(group, run_id="changed") as writer:
        for contract in group:
            if contract is wanted:
                rows = change(world.lake.read(contract).to_pylist())
                writer.put(contract, pa.Table.from_pylist(rows, schema=contract.schema))
            else:
                writer.keep(contract)
        writer.switch().raise_if_refused()


def test_before_anything_is_billed_or_built_every_proof_holds(tmp_path: Path) -> None:
    lake = report_world(tmp_path).lake
    for found in (
        billing_ties_out(lake),
        rejected_rows(lake),
        files_as_recorded(lake, tmp_path, None),
        sums_of_reports(lake),
        closed_weeks_have_workbooks(lake),
        published_is_live(lake, None, "no token is set"),
    ):
        assert found.verdict == "holds", found


def test_what_was_billed_and_built_proves_itself(built: ReportWorld) -> None:
    lake = built.lake
    tied = billing_ties_out(lake)
    assert (tied.verdict, tied.figures["billable"]) == ("holds", 3)
    assert "amounts: USD 220.00 in units, 220.00 in groups" in tied.sentence
    assert rejected_rows(lake).sentence == "every completed row is billed"
    files = files_as_recorded(lake, built.folder, None)
    assert (files.verdict, files.figures) == ("holds", {"files": 2, "files read": 2})
    assert files_as_recorded(lake, built.folder, {date(2026, 5, 3)}).figures["files read"] == 0
    assert sums_of_reports(lake).verdict == closed_weeks_have_workbooks(lake).verdict == "holds"


def test_a_unit_that_is_lost_or_billed_twice_breaks_the_tie_out(tmp_path: Path) -> None:
    world = report_world(tmp_path)
    world.bill(ROWS)
    put(world, DERIVED, WORK_GROUPS, lambda rows: rows[1:])
    found = billing_ties_out(world.lake)
    assert found.verdict == "broken"
    assert "amounts does not tie out" in found.sentence
    assert {row["comparison"] for row in found.rows} == {"amounts", "one group", "groups"}
    world.bill(ROWS, at=datetime(2026, 6, 2))  # noqa: DTZ001 - the tables keep UTC without a zone
    write_sync(world.lake, ROWS[:2])
    assert "rows does not tie out: 2 read, 3 billable" in billing_ties_out(world.lake).sentence


def test_completed_rows_that_are_not_billed_need_a_person_with_what_they_would_bill(tmp_path: Path) -> None:
    world = report_world(tmp_path)
    world.bill([unit(), unit(completed="false"), unit(reference_date=None), unit(cu=None, price="7.50")])
    found = rejected_rows(world.lake)
    assert (found.verdict, found.sentence) == ("needs a person", "2 rows not billed, USD 107.50 at stake")
    assert [row["reason"] for row in found.rows] == ["missing_week", "missing_code"]
    world.bill([unit(), unit(completed="false")])
    assert rejected_rows(world.lake).verdict == "holds", "what is not done yet waits for nobody"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("policy", "currency: USD\nweek: {ends_on: someday}\n", 2),
        ("variants", "variants:\n  - name: one\n    label: One\n    claimer: nobody\n    suffix: One\n", 4),
    ],
)
def test_a_rule_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    (tmp_path / "billing").mkdir()
    file = tmp_path / "billing" / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    broken = rules_read(tmp_path, ZONE)
    assert broken.verdict == "broken"
    assert broken.sentence.startswith(f"{file}:{line}: ")
    assert len(broken.sentence.splitlines()) == 1


def test_the_shipped_rules_can_be_read() -> None:
    found = rules_read(RULES_ROOT, ZONE)
    assert (found.verdict, found.figures["variants"]) == ("holds", 7)


def test_a_workbook_that_is_gone_or_edited_is_named(tmp_path: Path) -> None:
    world = report_world(tmp_path)
    world.build(ROWS)
    first, second = world.files()
    (world.folder / first["path"]).unlink()
    edited = world.folder / second["path"]
    edited.write_bytes(bytes(reversed(edited.read_bytes())))
    found = files_as_recorded(world.lake, world.folder, {WEEK})
    assert (found.verdict, found.sentence[:25]) == ("broken", "2 files not as recorded: ")
    assert [(row["file"], row["found"]) for row in found.rows] == [
        (first["path"], "No such file or directory"),
        (second["path"], "other bytes than recorded"),
    ]
    # Of other weeks the bytes are not read: after years they would be gigabytes at every run.
    assert len(files_as_recorded(world.lake, world.folder, {date(2026, 5, 3)}).rows) == 1


def test_a_workbook_with_another_sum_than_its_group_is_broken(tmp_path: Path) -> None:
    world = report_world(tmp_path)
    world.build(ROWS)
    put(
        world,
        (REPORT_FILES,),
        REPORT_FILES,
        lambda rows: [row | {"amount": row["amount"] + Decimal("0.01")} for row in rows[:1]] + rows[1:],
    )
    found = sums_of_reports(world.lake)
    assert (found.verdict, found.sentence) == ("broken", "1 workbook with another sum than its group")
    # A group that has moved since is not broken: its week is to be built, and the next check says so.
    world.bill([unit(price="1"), *ROWS[1:]])
    assert sums_of_reports(world.lake).verdict == "holds"


def test_a_closed_week_without_its_workbook_needs_a_person_and_an_open_or_held_one_does_not(
    tmp_path: Path,
) -> None:
    world = report_world(tmp_path)
    world.build(ROWS)
    more = [*ROWS, unit(work_request="90003"), unit(work_request="90004", reference_date="2026-06-07")]
    world.bill(more, holds=[hold("90003")])
    assert closed_weeks_have_workbooks(world.lake).verdict == "holds"
    world.bill(more)
    found = closed_weeks_have_workbooks(world.lake)
    assert found.verdict == "needs a person"
    assert found.sentence == "1 group of closed weeks without the workbook of now: 2026-05-10"
    assert found.rows[0]["work_request"] == "90003"


def test_a_report_that_is_published_and_not_live_everywhere_needs_a_person(tmp_path: Path) -> None:
    world = report_world(tmp_path)
    world.build(ROWS)
    world.publish()
    files = world.files()
    put_attachments(world, [attachment(row) for row in files])
    variants = world.rules.variants
    found = published_is_live(world.lake, variants, None)
    assert (found.verdict, found.sentence) == ("holds", "2 reports live at every target")
    assert published_is_live(world.lake, variants, "no token is set").verdict == "needs a person"
    put_attachments(world, [attachment(files[0]), attachment(files[1]) | {"state": "verified"}])
    found = published_is_live(world.lake, variants, None)
    assert found.sentence == "1 target without the report that is published"
    assert found.rows[0]["target"] == "billing"
    # The next revision is only built: what is live is the one that is published.
    put_attachments(world, [attachment(row) for row in files])
    world.build([unit(price="1"), *ROWS[1:]])
    assert published_is_live(world.lake, variants, None).verdict == "holds"


def attachment(row: dict[str, Any]) -> dict[str, Any]:
    """A live attachment of a workbook, as publishing records it."""
    names = (
        "group_id",
        "work_request",
        "week_ending",
        "variant",
        "claimer",
        "claimer_id",
        "content_hash",
        "amount",
    )
    return {name: row[name] for name in names} | {
        "target": "billing",
        "target_sheet_id": 1,
        "target_row_id": 1,
        "report_sha256": row["sha256"],
        "revision": row["revision"],
        "file_name": "a.xlsx",
        "size": row["size"],
        "attachment_id": 1,
        "verified_sha256": row["sha256"],
        "state": "live",
        "run_id": "publish-1",
        "at_utc": datetime(2026, 6, 1),  # noqa: DTZ001 - UTC
    }


def put_attachments(world: ReportWorld, rows: list[dict[str, Any]]) -> None:
    with world.lake.group(ATTACHMENTS.group).writing([ATTACHMENTS], run_id="publish-1") as writer:
        ordered = sorted(rows, key=lambda row: [row[name] for name in ATTACHMENTS.sort_key])
        writer.put(ATTACHMENTS, pa.Table.from_pylist(ordered, schema=ATTACHMENTS.schema))
        writer.switch().raise_if_refused()
