"""A user without an account: the stand-in in one window, `dsr` in the other, and people at work between."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import smartsheet

from dsr_pipeline.cli.entry import main

pytestmark = pytest.mark.timeout(120)

DSR = Path(sys.executable).parent / "dsr"
GATE = "Units Total Price"


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`dsr sandbox` as a process of its own; its two lines go into the environment. Gives its address."""
    for name in [name for name in os.environ if name.startswith(("DSR_", "SMARTSHEET_"))]:
        monkeypatch.delenv(name)
    with subprocess.Popen(
        [DSR, "sandbox", "--db", tmp_path / "sandbox.sqlite"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            for name in ("SMARTSHEET_API_BASE", "SMARTSHEET_API_TOKEN"):
                told, _, value = process.stdout.readline().strip().partition("=")
                assert told == name
                monkeypatch.setenv(name, value)
            yield os.environ["SMARTSHEET_API_BASE"].removesuffix("/2.0")
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def home(tmp_path: Path, project: Path) -> Path:
    place = tmp_path / "home"
    shutil.copytree(project / "rules", place / "rules")
    return place


@pytest.fixture
def sdk(sandbox: str) -> Iterator[Any]:
    """The vendor's own client, as the people who work in the sheets."""
    client = smartsheet.Smartsheet(
        access_token=os.environ["SMARTSHEET_API_TOKEN"], api_base=os.environ["SMARTSHEET_API_BASE"]
    )
    client.errors_as_exceptions(True)
    client._session.trust_env = False
    yield client
    client._session.close()


def test_a_row_is_edited_a_column_renamed_and_renamed_back(
    sandbox: str, home: Path, sdk: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def dsr(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = main([*words, "--home", str(home), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else err

    def held(report: Any) -> list[tuple[str, str]]:
        return [(one["name"], one["reason"]) for one in report["sheets"] if one["status"] == "held"]

    # Everything once; the second time one call shows that nothing moved.
    code, first = dsr("sync")
    assert (code, first["sheets_read"], first["rows_new_or_changed"]) == (0, 4, 445)
    assert dsr("sync")[1]["calls"] == 1

    # Somebody corrects a quantity.
    listed = first["sheets"][0]
    sheet = sdk.Sheets.get_sheet(listed["sheet_id"])
    quantity = next(column.id for column in sheet.columns if column.title == "Quantity")
    row = next(one for one in sheet.rows if one.get_column(quantity).value is not None)
    before = row.get_column(quantity).value
    new = sdk.models.Row()
    new.id = row.id
    new.cells.append({"column_id": quantity, "value": before + 41})
    sdk.Sheets.update_rows(sheet.id, [new])
    code, report = dsr("sync")
    assert (code, report["sheets_read"], report["rows_new_or_changed"]) == (0, 1, 1)

    # Both versions are there, with who wrote the later one.
    code, versions = dsr(
        "sql",
        "select run_seq, modified_by, modified_at_utc, "
        f"cast(cells ->> '{quantity}' as double) as quantity "
        f"from smartsheet.row_versions where row_id = {row.id} order by run_seq",
    )
    assert [(one["run_seq"], one["quantity"]) for one in versions] == [(1, before), (3, before + 41)]
    assert versions[1]["modified_by"] == sdk.Users.get_current_user().email.casefold()
    assert versions[0]["modified_at_utc"] < versions[1]["modified_at_utc"]
    _, now = dsr("sql", f"select quantity from smartsheet.rows where row_id = {row.id}")
    assert float(now[0]["quantity"]) == before + 41

    # The world goes on, and somebody renames a column without which no row can be judged.
    assert requests.post(f"{sandbox}/sandbox/advance", timeout=20).status_code == 200
    column = next(one for one in sheet.columns if one.title == GATE)
    rename(sdk, sheet.id, column, "Unit Total Prise")
    code, report = dsr("sync")
    assert code == 1
    ((name, reason),) = held(report)
    assert name == listed["name"]
    assert "no column maps to 'price' (near: 'Unit Total Prise')" in reason
    assert "rename the column, or add its title to rules/billing/columns.yaml" in reason
    # Nothing of it is lost, and its work requests wait.
    _, kept = dsr("sql", f"select count(*) as n from smartsheet.rows where sheet_id = {sheet.id}")
    assert kept[0]["n"] >= listed["live_rows"] - 2
    _, waiting = dsr("sql", f"select count(*) as n from smartsheet.holds where sheet_id = {sheet.id}")
    assert waiting[0]["n"] > 0
    # It stays held until somebody acts, though nothing moves.
    assert dsr("sync")[0] == 1

    rename(sdk, sheet.id, column, GATE)
    code, report = dsr("sync")
    assert (code, held(report), report["sheets_unknown"]) == (0, [], 0)
    assert dsr("sql", "select count(*) as n from smartsheet.holds")[1] == [{"n": 0}]
    assert dsr("sync")[1]["calls"] == 1


def test_a_user_who_may_only_view_is_enough(
    sandbox: str, home: Path, sdk: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The least rights that the page asks for: Viewer, on the workspace alone; and every cell's history."""
    from dsr_pipeline.settings import Settings, open_smartsheet

    (workspace,) = [one for one in sdk.Workspaces.list_workspaces().data if one.name == "Field billing"]
    service = {"token": "viewer-token", "email": "service@example.com"}
    share = {"email": service["email"], "workspaceId": workspace.id, "level": "VIEWER"}
    for path, body in (("tokens", service), ("access", share)):
        assert requests.post(f"{sandbox}/sandbox/{path}", json=body, timeout=20).status_code == 200
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", service["token"])
    assert main(["sync", "--home", str(home)]) == 0
    assert "4 sheets: 4 read, 0 unchanged, 0 unknown, 0 held" in capsys.readouterr().out

    client = open_smartsheet(Settings.load(home), None)
    listed = client.list_sheets()
    assert {sheet.access_level for sheet in listed} == {"VIEWER"}
    page = client.sheet_page(listed[0].id).sheet
    assert client.cell_history(page.id, page.rows[0].id, page.columns[0].id)
    client.close()


def rename(sdk: Any, sheet_id: int, column: Any, title: str) -> None:
    sdk.Sheets.update_column(sheet_id, column.id, sdk.models.Column({"title": title}))
