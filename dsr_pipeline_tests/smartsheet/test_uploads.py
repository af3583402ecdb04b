"""Files on rows against the stand-in: sent once, read back byte for byte, found again after a lost answer."""

from __future__ import annotations

import pytest

from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.errors import AnswerLost, BadAnswer, NotFound, RequestRefused
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline_tests.smartsheet.scripted import answer, client_of, serving
from dsr_pipeline_tests.standin import SheetMade, StandIn

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DATA = bytes(range(256)) * 300
NAME = "week 46 – 3f9a.xlsx"


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet("Targets", ("Key",), [{"Key": "a"}, {"Key": "b"}])


@pytest.fixture
def client(stand_in: StandIn) -> SmartsheetClient:
    return client_of(stand_in.base, token=stand_in.token, policy=RetryPolicy()).client


def test_a_file_is_sent_and_read_back(client: SmartsheetClient, sheet: SheetMade) -> None:
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    held = client.row_attachments(sheet.id, sheet.rows[0])
    assert [(one.id, one.name, one.mime_type) for one in held] == [(made.id, NAME, XLSX)]
    assert [one.id for one in client.attachments(sheet.id)] == [made.id]
    assert client.row_attachments(sheet.id, sheet.rows[1]) == []
    url = client.attachment(sheet.id, made.id).url
    assert url is not None
    assert client.download(url, len(DATA)) == DATA


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "timeout", "empty_body", "invalid_json"])
def test_a_lost_answer_to_an_upload_never_leaves_two_files(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade, kind: str
) -> None:
    stand_in.faults.add(kind=kind, method="POST")
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    held = client.row_attachments(sheet.id, sheet.rows[0])
    assert [one.id for one in held] == [made.id]


def test_uploads_whose_answers_stay_lost_end_in_a_sentence(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade
) -> None:
    stand_in.faults.add(kind="reset_before", method="POST", times=None)
    with pytest.raises(AnswerLost, match=f"row {sheet.rows[0]} of sheet {sheet.id}"):
        client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    assert client.row_attachments(sheet.id, sheet.rows[0]) == []


def test_another_file_of_the_same_name_is_not_taken_for_the_lost_one(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade
) -> None:
    other = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA[::-1], XLSX)
    stand_in.faults.add(kind="reset_before", method="POST")
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    assert made.id != other.id
    assert {one.id for one in client.row_attachments(sheet.id, sheet.rows[0])} == {made.id, other.id}


def test_a_file_that_hung_there_before_is_not_taken_for_the_lost_one_even_with_the_same_bytes(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade
) -> None:
    theirs = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    stand_in.faults.add(kind="reset_before", method="POST")
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX, foreign=[theirs.id])
    assert made.id != theirs.id
    assert client.contents(sheet.id, made.id) == DATA


@pytest.mark.parametrize("kind", ["empty_body", "invalid_json"])
def test_a_download_that_goes_wrong_unseen_never_leaves_two_files(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade, kind: str
) -> None:
    """The answer was lost, and what was found came cut with an OK: it used to be sent again."""
    stand_in.faults.add(kind="reset_after", method="POST")
    stand_in.faults.add(kind=kind, path="/files/.*")
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    assert [one.id for one in client.row_attachments(sheet.id, sheet.rows[0])] == [made.id]


def test_a_file_that_never_comes_whole_is_told(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade
) -> None:
    stand_in.faults.add(kind="empty_body", path="/files/.*", times=None)
    with pytest.raises(BadAnswer, match="does not come in the size that it has"):
        client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)


def test_the_rows_of_a_sheet_come_with_their_attachments_in_one_call_a_page(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = client.attach_to_row(sheet.id, sheet.rows[1], NAME, DATA, XLSX)
    stand_in.forget()
    found = client.attached_rows(sheet.id)
    assert [(row.id, [one.id for one in row.attachments]) for row in found.rows] == [
        (sheet.rows[0], []),
        (sheet.rows[1], [made.id]),
    ]
    assert (found.name, found.columns[0].title, len(stand_in.journal())) == ("Targets", "Key", 1)
    monkeypatch.setattr("dsr_pipeline.smartsheet.reads.ATTACHED_ROWS", 1)
    assert [row.id for row in client.attached_rows(sheet.id).rows] == sheet.rows


@pytest.mark.parametrize("kind", [None, "reset_after", "reset_before"])
def test_a_new_version_is_added_once(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade, kind: str | None
) -> None:
    first = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    if kind:
        stand_in.faults.add(kind=kind, method="POST")
    second = client.attach_new_version(sheet.id, first.id, NAME, DATA + b"more", XLSX)
    assert second.id != first.id
    held = client.row_attachments(sheet.id, sheet.rows[0])
    assert [one.id for one in held] == [second.id]
    url = client.attachment(sheet.id, second.id).url
    assert url is not None
    assert client.download(url, 10**6) == DATA + b"more"


def test_deleting_what_is_gone_is_no_error_but_a_sheet_unseen_is(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade
) -> None:
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    stand_in.faults.add(kind="reset_after", method="DELETE")
    client.delete_attachment(sheet.id, made.id)
    client.delete_attachment(sheet.id, made.id)
    assert client.attachments(sheet.id) == []
    with pytest.raises(NotFound, match="sheet 4711 was not found"):
        client.delete_attachment(4711, made.id)


def test_an_address_that_ran_out_is_refused_and_a_new_one_asked_for(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade
) -> None:
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    url = client.attachment(sheet.id, made.id).url
    assert url is not None
    stand_in.clock.advance(3600)
    with pytest.raises(RequestRefused, match="no longer valid: ask for the attachment again") as refused:
        client.download(url, 10**6)
    assert url.rpartition("/")[2] not in repr(refused.value)


def test_a_download_is_bounded(client: SmartsheetClient, sheet: SheetMade) -> None:
    made = client.attach_to_row(sheet.id, sheet.rows[0], NAME, DATA, XLSX)
    url = client.attachment(sheet.id, made.id).url
    assert url is not None
    with pytest.raises(RequestRefused, match="the file is larger than 1,000 bytes"):
        client.download(url, 1000)


def test_what_smartsheet_does_not_take_is_refused_before_it_is_sent(
    stand_in: StandIn, client: SmartsheetClient, sheet: SheetMade
) -> None:
    for name, data, sentence in (
        ("a/b.xlsx", DATA, "cannot be the name"),
        ("", DATA, "cannot be the name"),
        ("a.xlsx", b"", "is empty"),
        ("a.xlsx", bytes(30 * 1024 * 1024 + 1), "31,457,281 bytes"),
    ):
        with pytest.raises(RequestRefused, match=sentence):
            client.attach_to_row(sheet.id, sheet.rows[0], name, data, XLSX)
    assert stand_in.journal() == []


def test_what_arrived_otherwise_than_sent_is_told() -> None:
    made = {"result": {"id": 9, "name": NAME}, "resultCode": 0}
    with serving(answer(made)) as server:
        link = {"id": 9, "name": NAME, "url": f"http://127.0.0.1:{server.port}/files/secret"}
        server.then(answer(link), answer(b"something else"), answer(link), answer(b"something else"))
        with pytest.raises(BadAnswer, match=r"attachment 9 .* is not what was sent: delete it"):
            client_of(server.base).client.attach_to_row(5, 6, NAME, DATA, XLSX)
        assert "authorization" not in server.requests[2].headers
