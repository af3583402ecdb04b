"""What an upload may say about itself, and the order in which attachments are listed."""

from __future__ import annotations

import pytest

from dsr_pipeline_tests.standin import SheetMade, StandIn


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet(rows=[{"Work Request #": "WR-1"}])


def multipart(part_headers: str, data: str) -> tuple[dict[str, str], bytes]:
    """A body with one part that carries headers of its own."""
    named = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
    body = f"--edge\r\n{named}\r\n{part_headers}\r\n{data}\r\n--edge--\r\n"
    return {"Content-Type": "multipart/form-data; boundary=edge"}, body.encode()


def test_attachments_of_one_second_are_listed_as_they_came(stand_in: StandIn, sheet: SheetMade) -> None:
    names = [f"{number}.txt" for number in range(8)]
    path = f"/sheets/{sheet.id}/rows/{sheet.rows[0]}/attachments"
    for name in names:
        assert stand_in.http("POST", path, files={"file": (name, b"1", "text/plain")}).status_code == 200
    for where in (path, f"/sheets/{sheet.id}/attachments"):
        assert [item["name"] for item in stand_in.http("GET", where).json()["data"]] == names
    shown = stand_in.http("GET", f"/sheets/{sheet.id}?include=attachments").json()["rows"][0]
    assert [item["name"] for item in shown["attachments"]] == names
    second = stand_in.http("GET", f"{path}?pageSize=3&page=2").json()
    assert [item["name"] for item in second["data"]] == names[3:6]


@pytest.mark.parametrize(
    ("announced", "code"), [("Content-Length: 5\r\n", None), ("Content-Length: 6\r\n", 1075), ("", None)]
)
def test_a_part_of_another_size_than_it_says_is_refused(
    stand_in: StandIn, sheet: SheetMade, announced: str, code: int | None
) -> None:
    headers, body = multipart(announced, "12345")
    answer = stand_in.http("POST", f"/sheets/{sheet.id}/attachments", data=body, headers=headers)
    assert answer.json().get("errorCode") == code
    assert answer.json().get("version") == (None if code else 1)


def test_a_kind_of_attachment_that_is_none(stand_in: StandIn, sheet: SheetMade) -> None:
    sent = {"attachmentType": "FTP", "url": "https://files.example/a", "name": "a"}
    answer = stand_in.http("POST", f"/sheets/{sheet.id}/attachments", json=sent)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 1255)
    assert "'FTP'" in answer.json()["message"]
