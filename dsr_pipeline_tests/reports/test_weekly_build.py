"""Weekly workbooks follow what is billed: built, skipped, revised, restored, withdrawn, held, refused."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsr_pipeline.billing.run import week_hashes
from dsr_pipeline.lake.contracts.billing import WORK_UNITS
from dsr_pipeline.lake.contracts.reports import PUBLICATIONS
from dsr_pipeline.lake.errors import GroupLocked, MissingTable
from dsr_pipeline.reports import pdf
from dsr_pipeline.reports.archive import Archive
from dsr_pipeline.reports.manifest import PublishedReport, differing_weeks, mark_published
from dsr_pipeline.reports.weekly_build import built_week_hashes
from dsr_pipeline.reports.weekly_rules import load_look
from dsr_pipeline.weeks import WeekError
from dsr_pipeline_tests.billing.billing_world import NOW, RULES_ROOT, SUBCONTRACTOR, SUNDAY, hold, unit
from dsr_pipeline_tests.reports.report_world import ReportWorld, report_world

BEFORE, AFTER = date(2026, 5, 3), date(2026, 5, 17)


@pytest.fixture
def world(tmp_path: Path) -> ReportWorld:
    return report_world(tmp_path)


def other_week(**cells: Any) -> dict[str, Any]:
    """A unit of the week after."""
    return unit(reference_date="2026-05-17", snapshot_date="2026-05-13", **cells)


def test_a_first_build_makes_one_workbook_per_group_and_a_second_touches_nothing(world: ReportWorld) -> None:
    report = world.build([unit(), unit(work_request="90002"), unit(sheet_id=SUBCONTRACTOR)])

    rows = world.files()
    groups = {one["group_id"]: one for one in world.groups()}
    assert {row["group_id"] for row in rows} == set(groups)
    assert len(rows) == 4  # two of foremen, a subcontractor and its view
    for row in rows:
        group = groups[row["group_id"]]
        assert world.bytes_of(row).startswith(b"PK")
        assert (row["revision"], row["withdrawn"], row["closed"]) == (1, False, True)
        for name in (
            "work_request",
            "week_ending",
            "variant",
            "claimer_id",
            "amount",
            "rows",
            "content_hash",
        ):
            assert row[name] == group[name]
    (week,) = report.weeks
    assert (week.week_ending, week.built, week.skipped, week.revised) == (SUNDAY, 4, 0, 0)
    assert week.amount == world.report.amount
    assert len(report.files) == 4
    assert all(Path(file).is_file() for file in report.files)
    assert report.exit_code == 0

    before = world.tree()
    serial = world.lake.group("reports").state().serial
    assert world.build().weeks == ()
    (week,) = world.build(weeks=[SUNDAY]).weeks
    assert (week.built, week.skipped) == (0, 4)
    assert world.tree() == before
    assert world.lake.group("reports").state().serial == serial


def test_only_the_changed_group_is_written(world: ReportWorld) -> None:
    rows = [unit(), unit(work_request="90002"), other_week()]
    world.build(rows)
    rows[1] = unit(work_request="90002", price="120")

    report = world.build(rows)

    assert [Path(file).name[:8] for file in report.files] == ["WR_90002"]
    (week,) = report.weeks
    assert (week.week_ending, week.built, week.skipped, week.revised) == (SUNDAY, 1, 1, 0)


def test_a_changed_draft_stays_revision_1_and_its_old_content_leaves_the_archive(world: ReportWorld) -> None:
    world.build([unit()])
    (first,) = world.files()
    world.build([unit(price="120")])

    (row,) = world.files()
    assert row["revision"] == 1
    assert row["path"] == first["path"]
    assert row["amount"] == Decimal(120)
    archive = Archive(world.folder)
    assert archive.read(row["group_id"], first["content_hash"], 1) is None
    kept = archive.read(row["group_id"], row["content_hash"], 1)
    assert kept is not None
    assert [line.amount for line in kept.lines] == [Decimal(120)]
    assert len(world.tree()) == 3  # workbook, its copy, its lines


def test_content_as_it_was_published_is_that_revision_again_with_the_same_bytes(world: ReportWorld) -> None:
    world.build([unit()])
    world.publish()
    (first,) = world.files()
    data = world.bytes_of(first)
    world.build([unit(price="120")])
    (second,) = world.files()
    assert second["revision"] == 2
    assert world.bytes_of(second) != data

    report = world.build([unit()])

    (row,) = world.files()
    assert row["revision"] == 1
    assert world.bytes_of(row) == data
    assert row["content_hash"] == first["content_hash"]
    assert row["amount"] == Decimal(100)
    assert row["last_published_at_utc"] == first["last_published_at_utc"]
    assert row["published_at_utc"] is None, "what came between may hang at some target"
    assert report.weeks[0].restored == 1
    # Nothing was published in between: the content after that is revision 2 again.
    world.build([unit(price="130")])
    assert world.file()["revision"] == 2


def test_a_published_revision_whose_archive_is_lost_is_built_again(world: ReportWorld) -> None:
    world.build([unit()])
    world.publish()
    (first,) = world.files()
    world.build([unit(price="120")])
    for file in (world.folder / "archive" / first["group_id"]).glob(f"{first['content_hash']}-*"):
        file.unlink()

    world.build([unit()])

    assert world.file()["revision"] == 1
    assert world.bytes_of(world.file())
    # The lines that a later revision would be marked against are back as well.
    world.build([unit(price="130")])
    assert world.file()["revision"] == 2


def test_a_file_that_somebody_removed_or_changed_comes_back(world: ReportWorld) -> None:
    world.build([unit(), unit(work_request="90002")])
    before = world.tree()
    gone, changed = world.workbooks()
    (world.folder / changed).write_bytes(b"changed by hand")
    assert world.build().weeks == (), "every workbook is there, and nothing differs in what is billed"
    (world.folder / gone).unlink()

    (week,) = world.build().weeks

    assert (week.built, week.restored) == (2, 2)
    assert world.tree() == before
    shutil.rmtree(world.folder / "weekly")
    world.build()
    assert world.tree() == before


@pytest.mark.parametrize("ending", [".xlsx", ".lines.json"])
def test_a_week_that_is_asked_for_mends_the_archive_too(world: ReportWorld, ending: str) -> None:
    """Publishing sends what the archive has, and asks for this build where that is damaged."""
    world.build([unit()])
    world.publish()
    before, row = world.tree(), world.files()[0]
    (archived,) = (path for path in (world.folder / "archive").rglob(f"*{ending}"))
    archived.write_bytes(b"damaged")

    (week,) = world.build(weeks=[row["week_ending"]]).weeks

    assert (week.built, week.skipped) == (1, 0)
    assert world.tree() == before
    assert world.files()[0]["published_at_utc"] == row["published_at_utc"]
    (week,) = world.build(weeks=[row["week_ending"]]).weeks
    assert (week.built, week.skipped) == (0, 1)


def test_unknown_files_in_the_folders_are_never_touched(world: ReportWorld) -> None:
    world.build([unit()])
    folder = world.folder / "weekly" / SUNDAY.isoformat()
    stranger = folder / "WR_90001_WE_2026-05-10_User_Jo-Reyes_ffffff.xlsx"
    stranger.write_bytes(b"of a person")
    (folder / "notes.txt").write_text("mine")

    world.build([unit(price="120")])
    world.build([other_week()])

    assert stranger.read_bytes() == b"of a person"
    assert sorted(path.name for path in folder.iterdir()) == sorted([stranger.name, "notes.txt"])


def test_a_unit_that_moves_to_another_week_rebuilds_both_weeks(world: ReportWorld) -> None:
    rows = [unit(), unit(), other_week()]
    world.build(rows)
    world.publish()
    rows[1] = other_week()

    report = world.build(rows)

    assert [week.week_ending for week in report.weeks] == [SUNDAY, AFTER]
    assert [world.file(week_ending=week)["amount"] for week in (SUNDAY, AFTER)] == [100, 200]
    assert {row["revision"] for row in world.files()} == {2}


def test_the_week_that_all_units_left_counts_as_differing(world: ReportWorld) -> None:
    world.build([unit()])
    world.bill([other_week()])

    built, current = built_week_hashes(world.lake), week_hashes(world.lake)
    assert differing_weeks(built, current) == [SUNDAY, AFTER]

    world.build()
    assert built_week_hashes(world.lake) == current
    assert [row["week_ending"] for row in world.files()] == [AFTER]
    assert len(world.workbooks()) == 1, "nobody ever got the other one"


def test_another_claimer_and_another_work_request_are_other_groups(world: ReportWorld) -> None:
    world.build([unit(), unit(work_request="90002")])
    world.publish()
    world.build([unit(work_request="90003"), unit(work_request="90002")])

    gone = world.file(work_request="90001")
    assert (gone["withdrawn"], gone["revision"], gone["rows"], gone["amount"]) == (True, 2, 0, 0)
    assert world.file(work_request="90003")["revision"] == 1
    assert world.file(work_request="90002")["revision"] == 1


def test_a_published_group_that_is_gone_is_withdrawn_once_and_comes_back(world: ReportWorld) -> None:
    world.build([unit(), unit(work_request="90002")])
    world.publish()
    first = world.bytes_of(world.file(work_request="90001"))
    report = world.build([unit(work_request="90002", row_id=2)])

    gone = world.file(work_request="90001")
    (week,) = report.weeks
    assert (week.withdrawn, week.revised, week.amount) == (1, 0, 100)
    assert (gone["withdrawn"], gone["revision"], gone["rows"]) == (True, 2, 0)
    withdrawal = world.bytes_of(gone)
    assert world.build(weeks=[SUNDAY]).weeks[0].skipped == 2

    # It comes back before the withdrawal was published: nothing ever happened.
    world.build([unit(), unit(work_request="90002")])
    assert world.bytes_of(world.file(work_request="90001")) == first
    # It goes again, that is published, and then it comes back: a third revision, and gone once more a fourth.
    world.build([unit(work_request="90002", row_id=2)])
    assert world.bytes_of(world.file(work_request="90001")) == withdrawal
    world.publish()
    world.build([unit(), unit(work_request="90002")])
    back = world.file(work_request="90001")
    assert (back["withdrawn"], back["revision"], back["rows"]) == (False, 3, 1)
    world.build([unit(work_request="90002", row_id=2)])
    assert world.bytes_of(world.file(work_request="90001")) == withdrawal, "as it was published"
    world.build([unit(), unit(work_request="90002")])
    world.publish()
    world.build([unit(work_request="90002", row_id=2)])
    assert world.file(work_request="90001")["revision"] == 4


def test_a_held_group_is_left_as_it_is(world: ReportWorld) -> None:
    world.build([unit(), unit(work_request="90002")])
    world.publish()
    before = world.file(work_request="90001")
    held = {"holds": [hold("90001")]}

    report = world.build([unit(price="120"), unit(work_request="90002")], sync=held)

    (week,) = report.weeks
    assert (week.held, week.built, week.skipped) == (1, 0, 1)
    assert world.file(work_request="90001") == before
    assert world.bytes_of(before)
    world.build([unit(price="120"), unit(work_request="90002")])
    assert world.file(work_request="90001")["revision"] == 2


def test_a_group_that_is_out_of_sight_is_withdrawn_only_when_its_work_request_is_known(
    world: ReportWorld,
) -> None:
    world.build([unit(), other_week(work_request="90002")])
    world.publish()
    left = [other_week(work_request="90002", row_id=2)]

    for everything in ("90001", "*"):
        world.build(left, sync={"holds": [hold(everything)]})
        assert not world.file(work_request="90001")["withdrawn"]
        waiting = differing_weeks(built_week_hashes(world.lake), week_hashes(world.lake))
        assert SUNDAY not in waiting

    world.bill(left)
    waiting = differing_weeks(built_week_hashes(world.lake), week_hashes(world.lake))
    assert SUNDAY in waiting, "no group of that week differs, but it waited"
    world.build()
    assert world.file(work_request="90001")["withdrawn"]
    assert differing_weeks(built_week_hashes(world.lake), week_hashes(world.lake)) == []


def test_a_week_whose_sums_do_not_agree_stays_as_it_was_and_is_named(world: ReportWorld) -> None:
    world.build([unit(), other_week()])
    before, tree = world.file(week_ending=SUNDAY), world.tree()
    world.bill([unit(price="120"), unit(work_request="90002"), other_week(), other_week()])
    units = world.lake.read(WORK_UNITS)
    wrong = [one | {"amount": one["amount"] + 1} if one["row_id"] == 1 else one for one in units.to_pylist()]
    with world.lake.group("billing").writing((WORK_UNITS,), run_id="forged") as writer:
        writer.put(WORK_UNITS, pa.Table.from_pylist(wrong, schema=WORK_UNITS.schema))
        assert writer.switch().switched

    report = world.build()

    refused, done = report.weeks
    assert (refused.week_ending, refused.built, len(refused.refused)) == (SUNDAY, 0, 1)
    assert "work request 90001" in refused.refused[0]
    assert "121.00" in refused.refused[0]
    assert (done.week_ending, done.built, done.refused) == (AFTER, 1, ())
    assert report.exit_code == 1
    assert world.file(week_ending=SUNDAY) == before
    assert {path: data for path, data in world.tree().items() if "2026-05-17" not in path}.items() >= {
        path: data for path, data in tree.items() if "2026-05-10" in path
    }.items()
    assert SUNDAY in differing_weeks(built_week_hashes(world.lake), week_hashes(world.lake))


def test_one_work_request_alone_leaves_the_week_to_be_built(world: ReportWorld) -> None:
    report = world.build([unit(), unit(work_request="90002")], work_request="90002")

    assert [row["work_request"] for row in world.files()] == ["90002"]
    assert report.weeks[0].built == 1
    (week,) = world.build().weeks
    assert (week.built, week.skipped) == (1, 1)


def test_a_report_that_was_built_anew_while_it_was_sent_is_not_published_by_that(world: ReportWorld) -> None:
    world.build([unit()])
    (sent,) = world.files()
    world.build([unit(price="120")])

    told = PublishedReport(sent["group_id"], 1, sent["content_hash"], sent["amount"])
    assert mark_published(world.lake, [told], at=world.now, run_id="p") == 1

    row = world.file()
    assert (row["published_at_utc"], row["published_revision"]) == (None, 1)
    (week,) = world.build().weeks
    assert week.revised == 1
    assert world.file()["revision"] == 2


def test_publishing_again_what_is_published_keeps_its_day(world: ReportWorld) -> None:
    world.build([unit()])
    assert world.publish(NOW) == 1
    assert world.publish(NOW + timedelta(days=1)) == 0
    assert world.file()["last_published_at_utc"] == NOW


def test_a_name_that_changes_moves_the_file(world: ReportWorld) -> None:
    world.build([unit()])
    (old,) = world.files()
    decided = {**old}
    world.with_layout("layout 2")
    variants = [one.model_dump(mode="json") for one in world.rules.variants.variants]
    for one in variants:
        one |= {"suffix": f"{one['suffix']}X", "targets": []}
    world.with_rules(variants=variants, layout="layout 2")

    world.build([unit()])

    (row,) = world.files()
    assert row["group_id"] == decided["group_id"]
    assert row["path"] != old["path"]
    assert world.workbooks() == [row["path"]]


def test_what_cannot_be_built_is_told_before_anything_is_done(world: ReportWorld) -> None:
    with pytest.raises(MissingTable, match="billing/work_groups"):
        world.build()
    world.bill([unit()])
    with pytest.raises(WeekError, match="no week ends on 2026-05-09"):
        world.build(weeks=[date(2026, 5, 9)])
    with world.lake.group("reports").writing((), run_id="other"), pytest.raises(GroupLocked):
        world.build(wait=False)
    assert not world.folder.exists() or not world.tree()


def test_what_hangs_at_one_target_only_is_withdrawn_too(world: ReportWorld) -> None:
    world.build([unit(), unit(work_request="90002")])
    row = world.file(work_request="90001")
    step = {name: row.get(name) for name in PUBLICATIONS.names} | {
        "target": "billing",
        "target_sheet_id": 5,
        "target_row_id": 6,
        "report_sha256": row["sha256"],
        "file_name": "a.xlsx",
        "state": "planned",
        "run_id": "publish-1",
        "at_utc": NOW,
    }
    world.lake.log(PUBLICATIONS).append(pa.Table.from_pylist([step], schema=PUBLICATIONS.schema))

    world.build([unit(work_request="90002", row_id=2)])

    row = world.file(work_request="90001")
    assert (row["withdrawn"], row["revision"], row["rows"]) == (True, 1, 0)


def test_a_pdf_beside_the_workbook_is_ours_only_where_we_make_them(world: ReportWorld) -> None:
    world.build([unit()])
    ours = world.folder / world.file()["path"]
    ours.with_suffix(".pdf").write_bytes(b"saved from Excel")
    world.build([unit(price="120")])
    world.build([unit(work_request="90002")])
    assert not ours.exists()
    assert ours.with_suffix(".pdf").read_bytes() == b"saved from Excel"


def test_pdfs_come_along_once_they_can_be_made(world: ReportWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(book: object) -> bytes:
        raise pdf.PdfUnavailable

    world.look = load_look(RULES_ROOT)
    with monkeypatch.context() as without:
        without.setattr(pdf, "write_pdf", unavailable)
        report = world.build([unit()])
    assert report.problems == [str(pdf.PdfUnavailable())]
    assert report.exit_code == 1
    assert world.file()["pdf_path"] is None
    data = world.bytes_of(world.file())

    world.build(weeks=[SUNDAY])
    row = world.file()
    assert row["pdf_path"] == row["path"].replace(".xlsx", ".pdf")
    assert (world.folder / row["pdf_path"]).read_bytes().startswith(b"%PDF")
    assert world.bytes_of(row) == data
    # It goes with its workbook.
    world.build([unit(work_request="90002")])
    assert sorted(Path(path).suffix for path in world.workbooks()) == [".pdf", ".xlsx"]


def test_what_was_published_outlives_a_new_column_of_the_table(world: ReportWorld) -> None:
    world.build([unit()])
    world.publish()
    state = world.lake.group("reports").state()
    path = Path(world.lake.storage.url(f"reports/{state.tables['report_files'].path}"))
    older = pq.read_table(path).drop_columns(["pdf_path"])
    path.chmod(0o644)
    pq.write_table(older, path)

    world.build([unit(price="120")])

    assert world.file()["revision"] == 2
