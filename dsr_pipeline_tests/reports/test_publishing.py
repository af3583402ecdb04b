"""Publishing against the stand-in: every report on every row of it once, and never missing meanwhile."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.lake.contracts.reports import ATTACHMENTS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.reports.archive import Archive, workbook_file
from dsr_pipeline.reports.publishing import NotConnected
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.errors import SentOtherwise
from dsr_pipeline_tests.reports.office import RULES, WEEK, Office, variants
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]


@pytest.fixture
def office(stand_in: StandIn, tmp_path: Path) -> Office:
    """Two target sheets and nothing built."""
    made = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    made.target()
    made.target("Second billing")
    return made


def test_a_first_publication_attaches_each_report_to_its_row_and_a_second_asks_three_times(
    office: Office,
) -> None:
    one, both = office.build("1"), office.build("2", variant="sub")
    report = office.publish()
    assert (report.exit_code, report.problems) == (0, [])
    assert (report.live, report.uploaded, report.verified, report.removed) == (2, 3, 3, 0)
    office.hangs_once(one)
    office.hangs_once(both, "Weekly billing", "Second billing")
    assert "1" not in office.hung(office.sheets["Second billing"])
    row = office.files()[both]
    assert (row["published_revision"], row["published_hash"]) == (1, row["content_hash"])
    assert row["published_at_utc"] == row["last_published_at_utc"] == office.now
    assert row["published_amount"] == row["amount"]
    assert office.log().count("planned") == office.log().count("live") == 3
    office.stand_in.forget()
    log = len(office.log())
    again = office.publish()
    assert (again.exit_code, again.unchanged, again.live, again.planned) == (0, 2, 0, [])
    assert (len(office.calls()), again.calls, again.cost) == (3, 3, 3)
    assert len(office.log()) == log


def test_a_new_revision_goes_up_before_the_old_one_goes(office: Office) -> None:
    group = office.build("2", variant="sub")
    office.publish()
    first = office.hung()["2"][0][0]
    office.build("2", "second", variant="sub")
    assert office.files()[group]["revision"] == 2
    office.stand_in.forget()
    report = office.publish()
    assert (report.exit_code, report.live, report.uploaded, report.removed) == (0, 1, 2, 2)
    assert [item.action for item in report.planned] == ["revise", "remove", "revise", "remove"]
    assert report.planned[0].why == "revision 2 replaces revision 1"
    writes = [call.split()[0] for call in office.calls() if not call.startswith("GET")]
    assert writes == ["POST", "POST", "DELETE", "DELETE"]
    assert first not in [one[0] for one in office.hung()["2"]]
    office.hangs_once(group, "Weekly billing", "Second billing")
    row = office.files()[group]
    assert (row["published_revision"], row["published_amount"]) == (2, row["amount"])
    assert [state for _, state, _ in office.states()] == ["live", "live"]
    office.stand_in.forget()
    assert office.publish().unchanged == 1
    assert len(office.calls()) == 3


def test_a_revision_that_comes_back_is_published_again(office: Office) -> None:
    group = office.build("1")
    for content, revision in (("first", 1), ("second", 2), ("first", 3), ("first", 3)):
        office.build("1", content)
        assert office.publish().exit_code == 0
        assert office.files()[group]["published_revision"] == revision
        office.hangs_once(group)
        assert len(office.hung()["1"]) == 1


def test_a_withdrawn_report_replaces_the_one_that_was_published(office: Office) -> None:
    group = office.build("1")
    office.publish()
    office.build("1", "nothing", withdrawn=True)
    office.bill(**{group: "gone"})
    report = office.publish()
    assert [item.action for item in report.planned] == ["withdraw", "remove"]
    office.hangs_once(group)
    assert office.files()[group]["published_amount"] == 0


def test_a_withdrawn_report_of_a_variant_that_is_gone_goes_where_it_was_published(office: Office) -> None:
    group = office.build("1", variant="sub")
    office.publish()
    office.build("1", "nothing", variant="sub", withdrawn=True)
    office.rules = variants(variants=[RULES["variants"][0]])
    assert office.publish().live == 1
    office.hangs_once(group, "Weekly billing", "Second billing")


def test_one_target_that_fails_holds_the_report_back_everywhere(office: Office) -> None:
    group, other = office.build("1", variant="sub"), office.build("2")
    office.publish()
    office.build("1", "second", variant="sub")
    second = office.sheets["Second billing"]
    path = f"/sheets/{second.id}/rows/.*/attachments"
    office.stand_in.faults.add(kind="timeout", method="POST", path=path, times=None)
    report = office.publish()
    assert (report.exit_code, report.live, report.unchanged) == (1, 0, 1)
    assert "is not published: it is not known whether a write to row" in report.problems[0]
    assert office.files()[group]["published_revision"] == 1
    assert len(office.hung()["1"]) == 2
    assert len(office.hung(second)["1"]) == 1
    office.stand_in.forget()
    report = office.publish()
    assert (report.exit_code, report.live, report.uploaded, report.removed) == (0, 1, 1, 2)
    assert [item.action for item in report.planned] == ["finish", "remove", "finish", "remove"]
    office.hangs_once(group, "Weekly billing", "Second billing")
    office.hangs_once(other)


def test_what_was_sent_and_never_went_live_goes_when_the_content_moved_on(office: Office) -> None:
    group = office.build("1", variant="sub")
    office.publish()
    office.build("1", "second", variant="sub")
    second = office.sheets["Second billing"]
    office.stand_in.faults.add(
        kind="timeout", method="POST", path=f"/sheets/{second.id}/rows/.*/attachments", times=None
    )
    office.publish()
    office.stand_in.forget()
    office.build("1", "third", variant="sub")
    report = office.publish()
    assert (report.exit_code, report.live, report.removed) == (0, 1, 3)
    assert [item.action for item in report.planned].count("forget") == 1
    assert [len(office.hung(sheet)["1"]) for sheet in office.sheets.values()] == [1, 1]
    office.hangs_once(group, "Weekly billing", "Second billing")
    assert len(office.states()) == 2


def test_an_attachment_of_the_same_name_that_is_not_ours_is_never_touched(office: Office) -> None:
    group = office.build("1")
    name, data = office.file_of(group)
    sheet = office.sheets["Weekly billing"]
    theirs = [office.attach(sheet, sheet.rows[0], name, one) for one in (data, b"another file")]
    office.stand_in.faults.add(kind="reset_before", method="POST")
    office.publish()
    assert len(office.hung()["1"]) == 3
    office.build("1", "second")
    office.publish()
    office.build("1", "third")
    office.stand_in.faults.add(kind="reset_before", method="POST")
    report = office.publish()
    assert report.exit_code == 0
    there = {one[0]: one[2] for one in office.hung()["1"]}
    assert [there.pop(one) for one in theirs] == [data, b"another file"]
    assert list(there.values()) == [office.file_of(group)[1]]


def test_what_a_person_deleted_is_sent_again(office: Office) -> None:
    group, other = office.build("1", variant="sub"), office.build("2")
    office.publish()
    gone = office.hung()["1"][0][0]
    office.client.delete_attachment(office.sheets["Weekly billing"].id, gone)
    office.stand_in.forget()
    report = office.publish()
    assert (report.exit_code, report.restored, report.uploaded, report.unchanged) == (0, 1, 1, 1)
    (item,) = report.planned
    assert (item.action, item.why) == ("restore", f"attachment {gone} was deleted")
    assert [call.split()[0] for call in office.calls() if not call.startswith("GET")] == ["POST"]
    office.hangs_once(group, "Weekly billing", "Second billing")
    office.hangs_once(other)
    assert office.files()[group]["published_revision"] == 1


def test_a_work_request_that_moved_to_another_row_takes_its_report_along(office: Office) -> None:
    group = office.build("1")
    office.publish()
    sheet = office.sheets["Weekly billing"]
    column = sheet.columns["Work Request #"]
    cells = [(sheet.rows[0], "9"), (sheet.rows[2], "1")]
    body = [{"id": row, "cells": [{"columnId": column, "value": value}]} for row, value in cells]
    assert office.stand_in.http("PUT", f"/sheets/{sheet.id}/rows", json=body).status_code == 200
    report = office.publish()
    assert (report.exit_code, report.removed) == (0, 1)
    assert report.planned[0].why == "its row is another one now"
    office.hangs_once(group)
    assert "9" not in office.hung()


def test_a_target_that_is_another_sheet_now_is_filled_and_the_old_one_emptied(office: Office) -> None:
    group = office.build("1")
    office.publish()
    office.target("New billing")
    office.rules = variants(
        targets=[{"name": "billing", "sheet": office.sheets["New billing"].id}, RULES["targets"][1]]
    )
    assert office.publish().removed == 1
    office.hangs_once(group, "New billing")
    assert office.hung() == {}


def test_a_target_that_a_variant_does_not_name_any_more_keeps_what_it_has(office: Office) -> None:
    group = office.build("1", variant="sub")
    office.publish()
    office.rules = variants(variants=[RULES["variants"][0], RULES["variants"][1] | {"targets": ["billing"]}])
    office.build("1", "second", variant="sub")
    report = office.publish()
    assert (report.exit_code, report.left, report.removed) == (0, 1, 1)
    office.hangs_once(group)
    assert len(office.hung(office.sheets["Second billing"])["1"]) == 1


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ([1, 2], "work request 3 has no row in 'Weekly billing': add one, or correct 'Work Request #'"),
        ([1, 2, "3", 3], "work request 3 stands in 2 rows of 'Weekly billing': row 3 ('3'), row 4 ('3')"),
        ([1, 2, "3.0", 3], "work request 3 stands in 2 rows of 'Weekly billing': row 3 ('3.0'), row 4 ('3')"),
    ],
)
def test_a_work_request_without_its_one_row_is_a_problem_and_the_others_go_on(
    stand_in: StandIn, tmp_path: Path, written: list[object], says: str
) -> None:
    office = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    office.target("Weekly billing", written)
    office.target("Second billing", [1, 2, 3])
    good, bad = office.build("1"), office.build("3", variant="sub")
    office.build("3", claimer="Bo Chen")
    report = office.publish()
    assert (report.exit_code, report.live, report.blocked) == (1, 1, 2)
    (problem,) = report.problems
    assert problem.startswith(says)
    assert problem.endswith("(2 reports wait)")
    office.hangs_once(good)
    assert office.hung(office.sheets["Second billing"]) == {}
    assert office.files()[bad]["published_revision"] is None


def test_a_number_with_a_needless_zero_is_the_same_work_request(stand_in: StandIn, tmp_path: Path) -> None:
    office = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    office.target("Weekly billing", [90093002.0, " 90093003.0 "])
    office.build("90093002")
    office.build("90093003")
    assert office.publish().live == 2


def test_a_target_that_cannot_be_used_is_named_with_its_mend(office: Office) -> None:
    office.build("1")
    office.build("1", variant="sub")
    second = office.sheets["Second billing"]
    cases = {
        "Third billing": "the target 'second' is missing: no sheet that the token sees",
        4711: "the target 'second' cannot be read: sheet 4711 was not found",
        "Weekly billing": None,
    }
    for sheet, says in cases.items():
        office.rules = variants(targets=[RULES["targets"][0], {"name": "second", "sheet": sheet}])
        if says is not None:
            report = office.publish()
            assert (report.exit_code, report.blocked) == (1, 1)
            assert report.problems[0].startswith(says)
            assert "(a report waits)" in report.problems[0]
    office.rules = variants(targets=[RULES["targets"][0], RULES["targets"][1] | {"column": "Request"}])
    assert "has no column 'Request': name the column" in office.publish().problems[0]
    office.rules = variants()
    office.stand_in.sheet("Second billing", ("Work Request #",), [])
    assert "2 sheets are called 'Second billing'; write the id" in office.publish().problems[0]
    office.rules = variants(targets=[RULES["targets"][0], {"name": "second", "sheet": second.id}])
    assert office.publish().exit_code == 0


def test_a_target_that_the_token_may_only_read_is_not_written(stand_in: StandIn, tmp_path: Path) -> None:
    office = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    office.target("Weekly billing", [1])
    office.target("Second billing", [1], workspace="Elsewhere")
    with stand_in.store.writing() as db:
        db.execute("DELETE FROM access WHERE object='workspace' AND object_id IN "
                   "(SELECT id FROM workspaces WHERE name='Elsewhere')")  # fmt: skip
    stand_in.share("etl.reader@example.com", "VIEWER", sheet=office.sheets["Second billing"].id)
    office.build("1", variant="sub")
    report = office.publish()
    assert "the token may only read it; share it as Editor" in report.problems[0]
    assert office.hung() == {}


def test_reports_that_are_not_due_wait_and_are_counted(office: Office) -> None:
    due, held, newer, gone = (office.build(one) for one in ("1", "2", "3", "4"))
    office.build("1", variant="contract")
    office.build("1", variant="quiet")
    office.build("1", claimer=None, closed=False)
    office.bill(**{held: "held", newer: "newer", gone: "gone"})
    office.rules = variants(publishing={"views": False})
    report = office.publish()
    assert (report.exit_code, report.live) == (0, 1)
    assert report.waiting == {"held": 1, "outdated": 2, "view": 1, "no_target": 1, "open_week": 1}
    office.hangs_once(due)
    office.rules = variants(publishing={"views": True, "open_weeks": True})
    report = office.publish()
    assert (report.live, report.unchanged) == (2, 1)
    assert len(office.hung()["1"]) == 3


def test_a_published_report_that_is_held_now_stays_as_it_is(office: Office) -> None:
    group = office.build("1")
    office.publish()
    office.build("1", "second")
    office.bill(**{group: "held"})
    office.stand_in.forget()
    assert office.publish().waiting == {"held": 1}
    assert office.calls() == []
    assert len(office.hung()["1"]) == 1


def test_only_the_weeks_that_are_named_are_published(office: Office) -> None:
    old, new = office.build("1", week=date(2026, 2, 15)), office.build("1")
    assert office.publish(weeks=[WEEK]).live == 1
    office.hangs_once(new)
    assert office.files()[old]["published_revision"] is None
    office.build("1", "second")
    assert office.publish(weeks=[date(2026, 2, 15)]).removed == 0
    assert len(office.hung()["1"]) == 2


def test_a_file_that_is_not_what_was_built_is_refused(office: Office) -> None:
    spoilt, lost, good = (office.build(one) for one in ("1", "2", "3"))
    for group, data in ((spoilt, b"something else"), (lost, None)):
        row = office.files()[group]
        file = workbook_file(Archive(office.folder).stem(group, row["content_hash"], 1))
        if data is None:
            file.unlink()
        else:
            file.write_bytes(data)
    report = office.publish()
    assert (report.exit_code, report.live, report.blocked) == (1, 1, 2)
    assert (
        "is not what was built; build it again with dsr report weekly --week 2026-02-22" in report.problems[0]
    )
    assert "is missing; build it again with dsr report weekly --week 2026-02-22" in report.problems[1]
    office.hangs_once(good)
    assert list(office.hung()) == ["3"]
    assert len(office.states()) == 1


def test_a_dry_run_reads_only_and_prints_what_a_run_then_does(office: Office) -> None:
    office.build("1", variant="sub")
    office.publish()
    office.build("1", "second", variant="sub")
    office.build("2")
    before, hung = snapshot(office), office.hung()
    office.stand_in.forget()
    told = office.publish(dry_run=True)
    assert (told.exit_code, told.dry_run, told.uploaded, told.live) == (0, True, 0, 0)
    assert {entry.method for entry in office.stand_in.journal()} == {"GET"}
    assert (snapshot(office), office.hung()) == (before, hung)
    done = office.publish()
    shown = [(one.action, one.why, one.target, one.sheet_name, one.row_id) for one in told.planned]
    assert shown == [(one.action, one.why, one.target, one.sheet_name, one.row_id) for one in done.planned]
    assert [one.action for one in told.planned] == ["revise", "remove", "revise", "remove", "publish"]


def test_a_dry_run_without_a_token_tells_the_plan_without_rows(office: Office) -> None:
    office.build("1", variant="sub")
    told = office.publish(client=None, dry_run=True)
    assert not told.seen
    assert [(one.action, one.target, one.row_id) for one in told.planned] == [
        ("publish", "billing", None),
        ("publish", "second", None),
    ]
    with pytest.raises(NotConnected, match="no token is set, so nothing is published"):
        office.publish(client=None)
    assert not (tmp := Path(office.lake.storage.url("publish"))).exists(), tmp
    office.publish()
    assert office.publish(client=None, dry_run=True).planned == []


def test_the_table_of_attachments_is_made_again_from_the_log(office: Office) -> None:
    office.build("1", variant="sub")
    office.publish()
    before = office.lake.read(ATTACHMENTS)
    shutil.rmtree(office.lake.storage.url("publish"))
    assert office.publish().unchanged == 1
    assert office.lake.read(ATTACHMENTS).equals(before)


def test_what_the_table_of_reports_forgot_is_recorded_again(office: Office) -> None:
    group = office.build("1")
    office.publish()
    rows = office.files()
    names = ("published_at_utc", "published_revision", "published_hash", "published_amount")
    office.put_files({group: rows[group] | dict.fromkeys((*names, "last_published_at_utc"))})
    report = office.publish()
    assert ([one.action for one in report.planned], report.uploaded) == (["record"], 0)
    assert office.files()[group]["published_revision"] == 1


def test_the_same_bytes_under_another_content_are_not_sent_again_and_the_manifest_says_so(
    office: Office,
) -> None:
    group = office.build("1")
    office.publish()
    row = office.files()[group]
    office.put_files({group: row | {"content_hash": "f" * 32, "published_at_utc": None}})
    report = office.publish()
    assert (report.uploaded, report.live, report.exit_code) == (0, 1, 0)
    assert office.files()[group]["published_hash"] == "f" * 32
    assert office.lake.read(ATTACHMENTS)["content_hash"].to_pylist() == ["f" * 32]
    assert office.publish().unchanged == 1


def test_an_old_revision_that_somebody_deleted_needs_no_deleting(office: Office) -> None:
    group = office.build("1")
    office.publish()
    office.build("1", "second")
    office.client.delete_attachment(office.sheets["Weekly billing"].id, office.hung()["1"][0][0])
    office.stand_in.forget()
    assert office.publish().removed == 1
    assert [call.split()[0] for call in office.calls() if not call.startswith("GET")] == ["POST"]
    office.hangs_once(group)


@pytest.mark.parametrize("spoilt", [False, True])
def test_a_replaced_file_that_is_wanted_again_is_read_back_before_it_counts(
    office: Office, spoilt: bool
) -> None:
    group = office.build("1")
    first = office.files()[group]
    office.publish()
    attachment = office.hung()["1"][0][0]
    office.build("1", "second")
    office.stand_in.faults.add(kind="forbidden", method="DELETE")
    office.publish()
    now = office.files()[group]
    office.put_files({group: first | {name: now[name] for name in now if "published_" in name}})
    if spoilt:
        with office.stand_in.store.writing() as db:
            db.execute("UPDATE attachments SET data=? WHERE id=?", (bytes(first["size"]), attachment))
    office.stand_in.forget()
    report = office.publish()
    posts = [call for call in office.calls() if call.startswith("POST")]
    if spoilt:
        assert (
            "is not what was sent; it is removed, and the next run sends the file again" in report.problems[0]
        )
        assert bytes(first["size"]) not in [one[2] for one in office.hung()["1"]]
        assert office.publish().exit_code == 0
    else:
        assert (report.exit_code, report.verified, report.uploaded, posts) == (0, 1, 0, [])
        assert office.hung()["1"][0][0] == attachment
    office.hangs_once(group)
    assert len(office.hung()["1"]) == 1


def test_what_arrived_otherwise_than_sent_is_taken_away_and_sent_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = office.build("1")
    real = SmartsheetClient.attach_to_row

    def spoilt(self: SmartsheetClient, *words: Any, **more: Any) -> Any:
        made = real(self, *words[:3], words[3][:-1] + b"?", *words[4:], **more)
        wrong = SentOtherwise("attachment is not what was sent")
        wrong.attachment_id = made.id
        raise wrong

    monkeypatch.setattr(SmartsheetClient, "attach_to_row", spoilt)
    report = office.publish()
    assert (report.exit_code, report.live, report.removed) == (1, 0, 1)
    assert office.hung() == {}
    monkeypatch.undo()
    assert office.publish().live == 1
    office.hangs_once(group)


def snapshot(office: Office) -> dict[str, bytes]:
    """Every file of the lake and of the reports."""
    roots = (Path(office.lake.storage.url("")), office.folder)
    return {str(file): file.read_bytes() for root in roots for file in root.rglob("*") if file.is_file()}
