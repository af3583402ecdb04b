"""What a weekly report says of the rows behind it: order, marks, exceptions, head, sums."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dsr_pipeline.reports import weekly_layout
from dsr_pipeline.reports.weekly_content import RemovedLine, Report
from dsr_pipeline.reports.weekly_lines import joined, natural, plain
from dsr_pipeline_tests.billing.billing_world import NOW, PRIMARY, SUBCONTRACTOR, ZONE, unit
from dsr_pipeline_tests.reports.report_world import ReportWorld, report_world


@pytest.fixture
def world(tmp_path: Path) -> ReportWorld:
    return report_world(tmp_path)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> list[Report]:
    """The reports that were laid out, in order."""
    seen: list[Report] = []
    real = weekly_layout.weekly_book

    def weekly_book(report: Report, look: object) -> object:
        seen.append(report)
        return real(report, look)  # type: ignore[arg-type]

    monkeypatch.setattr(weekly_layout, "weekly_book", weekly_book)
    return seen


def test_lines_stand_by_day_and_point_then_undated_then_of_another_week(
    world: ReportWorld, reports: list[Report]
) -> None:
    world.build(
        [
            unit(pole="P-10"),
            unit(pole="P-9"),
            unit(pole="P-1", snapshot_date="2026-05-09"),
            unit(pole="P-0", snapshot_date=None),
            unit(pole="P-2", snapshot_date="2026-05-11"),
            unit(pole="P-3", snapshot_date="2026-05-04"),
            unit(pole="P-4", snapshot_date="2026-05-03"),
        ]
    )

    (report,) = reports
    assert [(line.point, line.place) for line in report.lines] == [
        ("P-3", "day"),
        ("P-9", "day"),
        ("P-10", "day"),
        ("P-1", "day"),
        ("P-0", "undated"),
        ("P-4", "out_of_week"),
        ("P-2", "out_of_week"),
    ]
    assert [line.day for line in report.lines[-3:]] == [None, date(2026, 5, 3), date(2026, 5, 11)]
    assert (report.week_first, report.week_ending) == (date(2026, 5, 4), date(2026, 5, 10))
    assert report.amount == sum(line.amount for line in report.lines) == Decimal(700)
    assert report.tie_out.holds
    line = report.lines[0]
    assert (line.source, line.quantity, line.unit_price) == ("Field sheet 101 · row 6", 1, 100)
    assert str(line.amount) == "100.00"


def test_the_head_says_what_the_lines_say(world: ReportWorld, reports: list[Report]) -> None:
    world.build(
        [
            unit(customer="Red River Power", scope="S2", dept="1000"),
            unit(customer="Red River Power", scope="S10", dept="1000"),
            unit(customer="Ox Electric", scope="S1", dept=None),
            unit(customer=None, scope="S3"),
            unit(sheet_id=SUBCONTRACTOR, foreman="Al Ortiz", foreman_contact=None),
        ]
    )

    own = next(one for one in reports if one.variant == "primary")
    assert own.customer == "Ox Electric, Red River Power"
    assert own.scope == "S1, S2, S3, +1 more"
    assert (own.dept, own.claimer, own.variant_label) == ("1000", "Jo Reyes", "Foreman")
    assert [(source.sheet_id, source.rows) for source in own.sources] == [(PRIMARY, 4)]
    assert (own.revision, own.status, own.replaces, own.prior_week) == (1, "final", None, None)
    assert own.data_as_of == datetime(2026, 6, 1, 7, 0, tzinfo=ZoneInfo(ZONE))
    view = next(one for one in reports if one.variant == "contract")
    assert (view.money, view.foreman_label, view.claimer) == (False, "Foreman", "Al Ortiz")
    assert view.rate_tables
    for report in reports:
        group = world.group(report.variant)
        assert report.tie_out.holds
        assert report.amount == group["amount"]
        assert len(report.exceptions) == group["exceptions"]


def test_the_week_before_is_that_of_the_same_claimer(world: ReportWorld, reports: list[Report]) -> None:
    before = {"reference_date": "2026-05-03", "snapshot_date": "2026-04-29"}
    world.build(
        [
            unit(),
            unit(price="30", **before),
            unit(price="7", foreman="Ada Moss", foreman_contact=None, **before),
            unit(work_request="90002"),
        ]
    )

    prior = {(one.work_request, one.week_ending.day, one.claimer): one.prior_week for one in reports}
    assert prior == {
        ("90001", 10, "Jo Reyes"): Decimal(30),
        ("90001", 3, "Jo Reyes"): None,
        ("90001", 3, "Ada Moss"): None,
        ("90002", 10, "Jo Reyes"): None,
    }


def test_every_line_is_marked_against_the_published_revision(
    world: ReportWorld, reports: list[Report]
) -> None:
    world.build(
        [unit(quantity="3", price="30"), unit(price="50"), unit(price="70"), unit(price="1", cu="X-1")]
    )
    world.publish(NOW + timedelta(hours=15))
    world.build(
        [
            unit(quantity="2", price="24", work_type="Rem"),
            unit(price="50"),
            unit(price="80", row_id=9),
            unit(price="1", cu="X-1", row_id=4, area="Laredo"),
        ]
    )

    first, second = reports
    assert {line.mark for line in first.lines} == {None}
    assert (first.marks_from, first.removed) == (None, ())
    assert (second.revision, second.status, second.marks_from) == (2, "revised", 1)
    assert second.replaces == (1, date(2026, 6, 1)), "03:00 UTC is the evening before in the office"
    marked = {line.row_id: (line.mark, line.was, line.was_text) for line in second.lines}
    assert marked == {
        1: (
            "changed",
            Decimal(30),
            "Work type Inst → Rem, # Units 3 → 2, Unit price $10.00 → $12.00, Amount $30.00 → $24.00",
        ),
        2: ("same", None, ""),
        9: ("new", None, ""),
        4: ("changed", Decimal(1), "Other details of the row"),
    }
    assert second.removed == (
        RemovedLine(
            date(2026, 5, 6), "10-3", "POL-A-3", "Inst", "Pole,Wood,A-3", Decimal(1), Decimal(70),
            "Field sheet 101 · row 3",
        ),
    )  # fmt: skip


def test_without_the_archive_a_revision_says_why_it_has_no_marks(
    world: ReportWorld, reports: list[Report]
) -> None:
    world.build([unit()])
    world.publish()
    for file in (world.folder / "archive").rglob("*.json"):
        file.unlink()
    world.build([unit(price="120")])

    report = reports[-1]
    assert (report.revision, report.marks_from) == (2, None)
    assert report.marks_missing == "the lines of revision 1 are not in the archive any more"
    assert report.lines[0].mark is None


def test_a_withdrawal_lists_what_is_not_billed_any_more(world: ReportWorld, reports: list[Report]) -> None:
    world.build([unit(customer="Ox Electric"), unit(work_request="90002")])
    world.publish()
    world.build([unit(work_request="90002", row_id=2)])

    report = reports[-1]
    assert (report.status, report.revision, report.lines, report.amount) == ("withdrawn", 2, (), 0)
    assert [line.amount for line in report.removed] == [100]
    assert (report.customer, report.claimer, report.dept) == ("Ox Electric", "Jo Reyes", "1000")
    assert report.tie_out.holds


def test_rows_that_a_person_should_look_at_are_exceptions(world: ReportWorld, reports: list[Report]) -> None:
    world.build(
        [
            unit(pole="P-1"),
            unit(pole="P-2", snapshot_date=None),
            unit(pole="P-3", snapshot_date="2026-04-01", quantity="many"),
            unit(pole="P-4", price=None, cu="NONE-1"),
            unit(pole="P-1", sheet_id=102, row_id=50),
            unit(pole="P-6", reference_date=None, price="55"),
            unit(pole="P-7", completed="false"),
            unit(pole="P-8", price="-20"),
            unit(pole="P-9", price="nothing", work_request="90002"),
        ]
    )

    (report,) = [one for one in reports if one.work_request == "90001"]
    told = [(one.kind, one.point, one.billed, one.at_stake) for one in report.exceptions]
    assert told == [
        ("duplicate", "P-1", None, Decimal(100)),
        ("rejected", "P-4", None, Decimal(0)),
        ("rejected", "P-6", None, Decimal(55)),
        ("undated", "P-2", Decimal(100), Decimal(0)),
        ("out_of_week", "P-3", Decimal(100), Decimal(0)),
    ]
    group = world.group(work_request="90001")
    assert len(told) == group["exceptions"]
    assert sum(one.at_stake for one in report.exceptions) == group["exceptions_amount"]
    assert all(one.reason for one in report.exceptions)
    assert "quantity cannot be read" in report.exceptions[-1].reason


def test_a_credit_is_a_line_like_others_with_its_reason(world: ReportWorld, reports: list[Report]) -> None:
    world.build([unit(), unit(price="-20", extras='{"Credit Reason": "billed twice in April"}')])

    (report,) = reports
    assert [(line.amount, line.credit_reason) for line in report.lines] == [
        (Decimal(100), None),
        (Decimal(-20), "billed twice in April"),
    ]
    assert report.amount == Decimal(80)


def test_small_words() -> None:
    assert joined(["b", "a", "b"]) == "a, b"
    assert joined([]) == ""
    assert sorted(["P-10", "P-9", "P", "9", "10-2", "10-10"], key=natural) == [
        "9", "10-2", "10-10", "P", "P-9", "P-10",
    ]  # fmt: skip
    assert [f"{plain(Decimal(text)):f}" for text in ("3.000000", "2.500000", "100", "0.000000")] == [
        "3", "2.5", "100", "0",
    ]  # fmt: skip
