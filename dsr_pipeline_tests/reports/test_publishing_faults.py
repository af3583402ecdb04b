"""What Smartsheet gets wrong while reports are published: nothing doubled, nothing lost, all of it told."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.errors import SmartsheetError, TokenRefused
from dsr_pipeline_tests.reports.office import Office
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]


@pytest.fixture
def office(stand_in: StandIn, tmp_path: Path) -> Office:
    """Two target sheets and one report that both have, revised."""
    made = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    made.target("Weekly billing", range(1, 9))
    made.target("Second billing")
    made.build("1", variant="sub")
    made.publish()
    made.build("1", "second", variant="sub")
    made.stand_in.forget()
    return made


KINDS = (
    "rate_limit unexpected timeout collision maintenance bad_gateway server_error_code_0 truncated_body "
    "invalid_json empty_body reset_before reset_after"
).split()


QUICK = {
    ("POST", "reset_after"), ("POST", "reset_before"), ("POST", "timeout"), ("POST", "empty_body"),
    ("DELETE", "reset_after"), ("DELETE", "unexpected"), ("GET", "truncated_body"), ("GET", "bad_gateway"),
}  # fmt: skip
CASES = [
    pytest.param(method, kind, marks=() if (method, kind) in QUICK else pytest.mark.slow)
    for method in ("POST", "DELETE", "GET")
    for kind in KINDS
]


@pytest.mark.parametrize(("method", "kind"), CASES)
def test_one_answer_that_goes_wrong_is_not_seen_in_the_end(office: Office, method: str, kind: str) -> None:
    for nth in (1, 2):
        office.stand_in.faults.add(kind=kind, method=method, path=".*/attachments.*", nth=nth)
    report = office.publish()
    # Two failures in a row are more than this client's patience: then the next run mends it.
    if report.exit_code:
        office.stand_in.forget()
        assert office.publish().exit_code == 0
    (group,) = office.files()
    office.hangs_once(group, "Weekly billing", "Second billing")
    assert [len(office.hung(sheet)["1"]) for sheet in office.sheets.values()] == [1, 1]
    assert [state for _, state, _ in office.states()] == ["live", "live"]
    assert office.files()[group]["published_revision"] == 2


@pytest.mark.parametrize("kind", ["unexpected", "rate_limit", "reset_before", "forbidden", "expired_token"])
def test_smartsheet_down_in_the_middle_removes_nothing_and_stops(office: Office, kind: str) -> None:
    for number in range(2, 9):
        office.build(str(number))
    before = office.hung()["1"]
    office.stand_in.faults.add(kind=kind, method="POST", path=".*/attachments", nth=3, times=None)
    office.stand_in.faults.add(kind="timeout", method="DELETE", times=None)
    report = office.publish()
    assert report.exit_code == 1
    assert office.hung()["1"][: len(before)] == before
    if kind == "forbidden":
        assert "share it as Editor" in report.problems[0]
    else:
        assert report.not_tried == (6 if kind == "expired_token" else 4)
        assert any("more were not tried, because Smartsheet failed" in one for one in report.problems)
    assert len(office.stand_in.journal()) < 60
    office.stand_in.forget()
    report = office.publish()
    assert (report.exit_code, report.problems) == (0, [])
    assert [len(one) for one in office.hung().values()] == [1] * 8
    assert {state for _, state, _ in office.states()} == {"live"}


def test_what_could_not_be_removed_is_told_and_removed_by_the_next_run(office: Office) -> None:
    office.stand_in.faults.add(kind="forbidden", method="DELETE")
    report = office.publish()
    assert (report.exit_code, report.live, report.removed) == (1, 1, 1)
    assert "is replaced but could not be removed: the token lacks access" in report.problems[0]
    report = office.publish()
    assert (report.exit_code, report.removed, [one.action for one in report.planned]) == (0, 1, ["remove"])
    assert [len(office.hung(sheet)["1"]) for sheet in office.sheets.values()] == [1, 1]


def test_removing_stops_when_smartsheet_fails_and_goes_on_in_the_next_run(office: Office) -> None:
    for content in ("first", "second"):
        for number in range(2, 9):
            office.build(str(number), content)
        office.stand_in.forget()
        if content == "second":
            office.stand_in.faults.add(kind="timeout", method="DELETE", times=None)
        report = office.publish()
    assert (report.exit_code, report.live, report.removed) == (1, 7, 0)
    assert report.problems[-1] == "4 replaced ones stay until the next run: Smartsheet failed"
    assert sum(entry.method == "DELETE" for entry in office.stand_in.journal()) == 6
    office.stand_in.forget()
    assert office.publish().removed == 7
    assert [len(one) for one in office.hung().values()] == [1] * 8


@pytest.mark.parametrize("path", ["/sheets", "/sheets/.*"])
def test_a_list_that_cannot_be_had_changes_nothing(office: Office, path: str) -> None:
    before = office.hung()
    office.stand_in.faults.add(kind="timeout", path=path, times=None)
    if path == "/sheets":
        with pytest.raises(SmartsheetError, match="try again later"):
            office.publish()
    else:
        report = office.publish()
        assert (report.exit_code, report.live, report.blocked) == (1, 0, 1)
        assert "cannot be read" in report.problems[0]
    assert office.hung() == before


def test_a_token_that_is_refused_is_the_end_of_it(office: Office) -> None:
    with pytest.raises(TokenRefused):
        office.publish(client=office.new_client("unknown"))
    assert len(office.hung()["1"]) == 1


def test_a_row_that_goes_while_reports_are_sent_is_told(office: Office) -> None:
    office.build("2")
    sheet = office.sheets["Weekly billing"]

    def on_step(step: str) -> None:
        if step == "planned":
            path = f"/sheets/{sheet.id}/rows?ids={sheet.rows[1]}"
            assert office.stand_in.http("DELETE", path).status_code == 200

    report = office.publish(on_step=on_step)
    assert (report.exit_code, report.live) == (1, 1)
    assert "was not found" in report.problems[0]
    report = office.publish()
    assert report.problems[0].startswith("work request 2 has no row in 'Weekly billing'")
