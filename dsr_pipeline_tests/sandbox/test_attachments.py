"""Attachments through the real SDK and raw requests: upload, lists, versions, addresses, refusals."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import requests
from smartsheet.exceptions import ApiError
from smartsheet.models import Attachment

from dsr_pipeline.sandbox.attachments import attachments_of, sheet_attachments_of
from dsr_pipeline_tests.standin import SheetMade, StandIn

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTES = bytes(range(256)) * 9


@pytest.fixture
def sheet(stand_in: StandIn) -> SheetMade:
    return stand_in.sheet(rows=[{"Work Request #": "WR-1"}, {"Work Request #": "WR-2"}])


def version(stand_in: StandIn, sheet: SheetMade) -> int:
    return int(stand_in.http("GET", f"/sheets/{sheet.id}/version").json()["version"])


def post(stand_in: StandIn, sheet: SheetMade, name: str = "a.txt", data: bytes = b"1", **more: object) -> int:
    answer = stand_in.http("POST", f"/sheets/{sheet.id}/attachments", files={"file": (name, data)}, **more)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["result"]["id"])


def test_a_workbook_on_a_row_comes_back_byte_for_byte(
    stand_in: StandIn, sheet: SheetMade, tmp_path: Path
) -> None:
    sdk, row = stand_in.sdk(), sheet.rows[0]
    made = sdk.Attachments.attach_file_to_row(sheet.id, row, ("wk46.xlsx", io.BytesIO(BYTES), XLSX))
    assert made.message == "SUCCESS"
    assert made.version == 1
    file = made.result
    assert (file.name, file.mime_type, file.size_in_kb) == ("wk46.xlsx", XLSX, 3)
    assert (file.parent_type.value.name, file.parent_id) == ("ROW", row)
    assert file.attachment_type.value.name == "FILE"
    found = sdk.Attachments.get_attachment(sheet.id, file.id)
    assert found.url_expires_in_millis == 120_000
    downloaded = sdk.Attachments.download_attachment(found, str(tmp_path))
    assert Path(downloaded.download_directory, downloaded.filename).read_bytes() == BYTES


def test_the_shapes_are_those_of_the_service(stand_in: StandIn, sheet: SheetMade) -> None:
    answer = stand_in.http(
        "POST", f"/sheets/{sheet.id}/attachments", files={"file": ("a.txt", b"1", "text/plain")}
    ).json()
    made = answer["result"]
    assert answer == {"message": "SUCCESS", "resultCode": 0, "version": 1, "result": made}
    assert made == {
        "id": made["id"],
        "name": "a.txt",
        "attachmentType": "FILE",
        "mimeType": "text/plain",
        "sizeInKb": 1,
        "parentType": "SHEET",
        "parentId": sheet.id,
        "createdAt": "2026-03-02T08:00:00Z",
        "createdBy": {"name": "ETL Reader", "email": "etl.reader@example.com"},
    }
    path = f"/sheets/{sheet.id}/attachments"
    assert stand_in.http("GET", path).json() == {
        "pageNumber": 1,
        "pageSize": 100,
        "totalPages": 1,
        "totalCount": 1,
        "data": [made],
    }
    one = stand_in.http("GET", f"{path}/{made['id']}").json()
    assert one == made | {"url": one["url"], "urlExpiresInMillis": 120_000}


def test_the_address_needs_no_token_and_expires_by_the_clock(stand_in: StandIn, sheet: SheetMade) -> None:
    ident = post(stand_in, sheet, data=BYTES)
    url = stand_in.http("GET", f"/sheets/{sheet.id}/attachments/{ident}").json()["url"]
    assert requests.get(url, timeout=5).content == BYTES
    stand_in.clock.advance(119)
    assert requests.get(url, timeout=5).status_code == 200
    stand_in.clock.advance(1)
    assert requests.get(url, timeout=5).status_code == 403
    fresh = stand_in.http("GET", f"/sheets/{sheet.id}/attachments/{ident}").json()["url"]
    assert fresh != url
    assert requests.get(fresh, timeout=5).content == BYTES
    assert requests.get(f"{stand_in.root}/files/guessed", timeout=5).status_code == 404
    assert [entry.cost for entry in stand_in.journal() if entry.path.startswith("/files/")] == [0] * 5


def test_the_same_name_twice_is_two_attachments_and_a_version_is_one(
    stand_in: StandIn, sheet: SheetMade
) -> None:
    sdk, row = stand_in.sdk(), sheet.rows[0]
    for _ in range(2):
        sdk.Attachments.attach_file_to_row(sheet.id, row, ("a.txt", io.BytesIO(b"1"), "text/plain"))
    first, second = sdk.Attachments.list_row_attachments(sheet.id, row).data
    assert (first.name, second.name) == ("a.txt", "a.txt")
    newer = sdk.Attachments.attach_new_version(sheet.id, first.id, ("a.txt", io.BytesIO(b"22"), "text/plain"))
    assert newer.version == 3
    assert newer.result.id not in {first.id, second.id}
    assert (newer.result.parent_type.value.name, newer.result.parent_id) == ("ROW", row)
    listed = {each.id for each in sdk.Attachments.list_all_attachments(sheet.id, include_all=True).data}
    assert listed == {newer.result.id, second.id}
    versions = sdk.Attachments.list_attachment_versions(sheet.id, first.id).data
    assert [each.id for each in versions] == [newer.result.id, first.id]


def test_deleting_one_version_uncovers_the_one_before_and_deleting_all_removes_it(
    stand_in: StandIn, sheet: SheetMade
) -> None:
    first = post(stand_in, sheet)
    path = f"/sheets/{sheet.id}/attachments"
    newer = stand_in.http("POST", f"{path}/{first}/versions", files={"file": ("b.txt", b"2")}).json()
    gone = stand_in.http("DELETE", f"{path}/{newer['result']['id']}").json()
    assert gone == {"message": "SUCCESS", "resultCode": 0, "version": 3}
    assert [each["id"] for each in stand_in.http("GET", path).json()["data"]] == [first]
    stand_in.http("POST", f"{path}/{first}/versions", files={"file": ("b.txt", b"2")})
    answer = stand_in.http("DELETE", f"{path}/{first}/versions").json()
    assert answer == {"message": "SUCCESS", "resultCode": 0}
    assert stand_in.http("GET", path).json()["totalCount"] == 0
    assert stand_in.http("GET", f"{path}/{first}").json()["errorCode"] == 1006
    assert version(stand_in, sheet) == 5


def test_lists_are_paged_and_a_page_out_of_range_is_the_last_one(stand_in: StandIn, sheet: SheetMade) -> None:
    for n in range(3):
        stand_in.clock.advance(1)
        post(stand_in, sheet, f"{n}.txt")
    path = f"/sheets/{sheet.id}/attachments"
    assert [each["name"] for each in stand_in.http("GET", f"{path}?pageSize=2&page=1").json()["data"]] == [
        "0.txt",
        "1.txt",
    ]
    last = stand_in.http("GET", f"{path}?pageSize=2&page=9").json()
    assert (last["pageNumber"], last["totalPages"], [each["name"] for each in last["data"]]) == (
        2,
        2,
        ["2.txt"],
    )
    everything = stand_in.http("GET", f"{path}?includeAll=True&pageSize=1").json()
    assert "pageSize" not in everything
    assert len(everything["data"]) == 3


def test_a_raw_body_takes_its_name_from_the_header(stand_in: StandIn, sheet: SheetMade) -> None:
    path = f"/sheets/{sheet.id}/rows/{sheet.rows[0]}/attachments"
    headers = {
        "Content-Type": "text/csv",
        "Content-Disposition": 'attachment; filename="Week%2046%20%C3%BC.csv"',
    }
    made = stand_in.http("POST", path, data=b"a,b", headers=headers).json()["result"]
    assert (made["name"], made["mimeType"]) == ("Week 46 ü.csv", "text/csv")
    url = stand_in.http("GET", f"/sheets/{sheet.id}/attachments/{made['id']}").json()["url"]
    assert requests.get(url, timeout=5).content == b"a,b"
    nameless = stand_in.http("POST", path, data=b"a,b", headers={"Content-Type": "text/csv"})
    assert (nameless.status_code, nameless.json()["errorCode"]) == (400, 1011)


@pytest.mark.parametrize("name", ["Übersicht 46.xlsx", "..\\..\\evil.txt", "x" * 300, "a;b=\x7f.txt"])
def test_odd_names_are_kept_as_they_are(stand_in: StandIn, sheet: SheetMade, name: str) -> None:
    made = stand_in.sdk().Attachments.attach_file_to_sheet(
        sheet.id, (name, io.BytesIO(b"1"), "application/octet-stream")
    )
    assert made.result.name == name
    url = stand_in.http("GET", f"/sheets/{sheet.id}/attachments/{made.result.id}").json()["url"]
    assert requests.get(url, timeout=5).content == b"1"


def test_a_link_is_attached_by_json_and_a_file_is_not(stand_in: StandIn, sheet: SheetMade) -> None:
    sdk = stand_in.sdk()
    link = Attachment({"name": "Map", "attachmentType": "LINK", "url": "https://example.com/map"})
    made = sdk.Attachments.attach_url_to_row(sheet.id, sheet.rows[0], link).result
    found = sdk.Attachments.get_attachment(sheet.id, made.id)
    assert (found.url, found.name, found.attachment_type.value.name) == (
        "https://example.com/map",
        "Map",
        "LINK",
    )
    assert found.size_in_kb is None
    file = {"attachmentType": "FILE", "name": "a", "url": "https://example.com"}
    path = f"/sheets/{sheet.id}/attachments"
    codes = {
        stand_in.http("POST", path, json=body).json()["errorCode"]: number
        for number, body in enumerate([file, {"attachmentType": "LINK"}, {**file, "attachmentType": "FAX"}])
    }
    assert list(codes) == [1051, 1012, 1255]
    versioned = stand_in.http("POST", f"{path}/{made.id}/versions", files={"file": ("a", b"1")})
    assert versioned.json()["errorCode"] == 1101


def test_30_mb_is_the_most(stand_in: StandIn, sheet: SheetMade) -> None:
    path, most = f"/sheets/{sheet.id}/attachments", 30 * 1024 * 1024
    over = stand_in.http("POST", path, files={"file": ("a.bin", bytes(most + 1))})
    assert (over.status_code, over.json()["errorCode"]) == (400, 1128)
    assert version(stand_in, sheet) == 0
    assert stand_in.http("POST", path, files={"file": ("a.bin", bytes(most))}).json()["version"] == 1


@pytest.mark.parametrize(
    ("files", "data"),
    [({"other": ("a.txt", b"1")}, None), ({"x": ("a.txt", b"1")}, {"file": "a text, not a file"})],
)
def test_a_multipart_body_without_the_part_is_refused(
    stand_in: StandIn, sheet: SheetMade, files: object, data: object
) -> None:
    answer = stand_in.http("POST", f"/sheets/{sheet.id}/attachments", files=files, data=data)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 1127)
    assert version(stand_in, sheet) == 0


def test_a_form_without_a_chosen_file_is_refused(stand_in: StandIn, sheet: SheetMade) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = stand_in.http("POST", f"/sheets/{sheet.id}/attachments", data=body, headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 1127)


def test_a_broken_multipart_body_has_the_envelope_too(stand_in: StandIn, sheet: SheetMade) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = stand_in.http("POST", f"/sheets/{sheet.id}/attachments", data=b"no part", headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, 1127)


def test_who_may_do_what(stand_in: StandIn, sheet: SheetMade) -> None:
    for level in ("VIEWER", "COMMENTER", "EDITOR"):
        stand_in.user(f"{level.lower()}@example.com", level)
        stand_in.share(f"{level.lower()}@example.com", level, sheet=sheet.id)
    stand_in.user("stranger@example.com", "STRANGER")
    ours = post(stand_in, sheet)
    path = f"/sheets/{sheet.id}/attachments"

    def code(method: str, token: str, where: str = path) -> int:
        files = {"file": ("a.txt", b"1")} if method == "POST" else None
        return int(stand_in.http(method, where, token, files=files).json().get("errorCode", 0))

    assert [code("GET", level) for level in ("VIEWER", "COMMENTER", "EDITOR", "STRANGER")] == [0, 0, 0, 1006]
    assert [code("POST", level) for level in ("VIEWER", "COMMENTER", "EDITOR", "STRANGER")] == [
        1004,
        0,
        0,
        1006,
    ]
    levels = ("VIEWER", "COMMENTER", "STRANGER", "EDITOR")
    assert [code("DELETE", level, f"{path}/{ours}") for level in levels] == [1004, 1004, 1006, 0]


def test_ids_of_other_sheets_and_rows_are_not_found(stand_in: StandIn, sheet: SheetMade) -> None:
    other = stand_in.sheet("Other", rows=[{"Work Request #": "WR-9"}])
    ident = post(stand_in, other)
    for method, path in (
        ("GET", f"/sheets/{sheet.id}/attachments/{ident}"),
        ("DELETE", f"/sheets/{sheet.id}/attachments/{ident}"),
        ("GET", f"/sheets/{sheet.id}/rows/{other.rows[0]}/attachments"),
        ("POST", f"/sheets/{sheet.id}/rows/{other.rows[0]}/attachments"),
        ("POST", f"/sheets/{sheet.id}/attachments/{ident}/versions"),
    ):
        files = {"file": ("a.txt", b"1")} if method == "POST" else None
        answer = stand_in.http(method, path, files=files)
        assert (answer.status_code, answer.json()["errorCode"]) == (404, 1006), path
    assert version(stand_in, sheet) == 0


def test_an_upload_costs_ten(stand_in: StandIn, sheet: SheetMade) -> None:
    post(stand_in, sheet)
    with pytest.raises(ApiError):
        stand_in.sdk().Attachments.attach_new_version(sheet.id, 1, ("a", io.BytesIO(b"1"), "text/plain"))
    assert [entry.cost for entry in stand_in.journal()] == [10, 10]


def test_what_the_sheet_shows_by_row(stand_in: StandIn, sheet: SheetMade) -> None:
    on_sheet = post(stand_in, sheet, "s.txt")
    row = sheet.rows[1]
    stand_in.http("POST", f"/sheets/{sheet.id}/rows/{row}/attachments", files={"file": ("r.txt", b"1")})
    assert [each["id"] for each in sheet_attachments_of(stand_in.store, sheet.id)] == [on_sheet]
    (found,) = attachments_of(stand_in.store, sheet.id)[row]
    assert found["name"] == "r.txt"
    shown = stand_in.sdk().Sheets.get_sheet(sheet.id, include="attachments")
    assert [each.name for each in shown.attachments] == ["s.txt"]
    assert [[each.name for each in row.attachments] for row in shown.rows] == [[], ["r.txt"]]


def test_attachments_of_a_deleted_row_are_gone(stand_in: StandIn, sheet: SheetMade) -> None:
    """Also of a row that a world took away: it knows nothing of attachments."""
    path = f"/sheets/{sheet.id}/attachments"
    for row in sheet.rows:
        files = {"file": ("r.txt", b"1")}
        stand_in.http("POST", f"/sheets/{sheet.id}/rows/{row}/attachments", files=files)
    assert stand_in.http("DELETE", f"/sheets/{sheet.id}/rows?ids={sheet.rows[0]}").status_code == 200
    assert stand_in.http("GET", path).json()["totalCount"] == 1
    with stand_in.store.writing() as connection:
        connection.execute("DELETE FROM rows WHERE id = ?", (sheet.rows[1],))
    assert stand_in.http("GET", path).json()["totalCount"] == 0
