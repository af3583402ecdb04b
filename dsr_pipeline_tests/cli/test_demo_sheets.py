"""The stand-in of the demo: kept from one demo to the next, never two on one file, never back in time."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from dsr_pipeline.cli.demo import NOTHING_REMOTE
from dsr_pipeline.cli.demo_home import DemoRefused
from dsr_pipeline.cli.demo_sheets import LOOKS, StandIn, stand_in
from dsr_pipeline.cli.serving import _environment
from dsr_pipeline.sandbox.world_seed import advance
from dsr_pipeline.settings import Settings


def ask(sheets: StandIn) -> requests.Response:
    access = sheets.access
    headers = {"Authorization": f"Bearer {access['SMARTSHEET_API_TOKEN']}"}
    return requests.get(
        f"{access['SMARTSHEET_API_BASE']}/sheets",
        params={"includeAll": "true", "include": "sheetVersion"},
        headers=headers,
        timeout=10,
    )


def versions(sheets: StandIn) -> list[int]:
    return [sheet["version"] for sheet in ask(sheets).json()["data"]]


def test_the_looks_come_once_and_the_next_demo_goes_on_from_the_last(tmp_path: Path) -> None:
    file = tmp_path / "data" / "stand_in.sqlite"
    with stand_in(file, already_read=False) as sheets:
        seen = [(look, versions(sheets)) for look in sheets.looks()]
        assert [look for look, _ in seen] == list(LOOKS)
        assert seen[0][1] < seen[1][1]
        assert not sheets.edited
    with stand_in(file, already_read=True) as sheets:
        assert [(look, versions(sheets)) for look in sheets.looks()] == seen[-1:]


def test_sheets_that_were_read_before_do_not_go_back_when_their_file_is_lost(tmp_path: Path) -> None:
    with stand_in(tmp_path / "one.sqlite", already_read=False) as sheets:
        left = [versions(sheets) for _ in sheets.looks()][-1]
    with stand_in(tmp_path / "two.sqlite", already_read=True) as sheets:
        assert list(sheets.looks()) == [LOOKS[-1]]
        assert versions(sheets) == left


@pytest.mark.parametrize(("steps", "rest"), [(0, LOOKS), (1, LOOKS[1:])])
def test_a_demo_that_was_stopped_half_way_takes_the_rest(
    tmp_path: Path, steps: int, rest: tuple[int, ...]
) -> None:
    file = tmp_path / "stand_in.sqlite"
    with stand_in(file, already_read=False) as sheets:
        next(sheets.looks())
        for _ in range(steps):
            advance(sheets.store)
    with stand_in(file, already_read=True) as sheets:
        assert tuple(sheets.looks()) == rest


def test_work_in_the_sheets_is_noticed_and_reading_is_none(tmp_path: Path) -> None:
    with stand_in(tmp_path / "stand_in.sqlite", already_read=True) as sheets:
        assert ask(sheets).ok
        assert not sheets.edited
        assert requests.post(f"{sheets.running.root}/sandbox/advance", timeout=10).status_code == 200
        assert sheets.edited


def test_a_second_demo_on_the_same_home_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "home" / "data" / "stand_in.sqlite"
    with (
        stand_in(file, already_read=True),
        pytest.raises(DemoRefused, match=r"another demo is running in .*home: end it"),
        stand_in(file, already_read=True),
    ):
        pass


def test_a_file_that_is_none_of_ours_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "stand_in.sqlite"
    file.write_text("no database, but long enough to be read as the header of one" * 20)
    with (
        pytest.raises(DemoRefused, match=r"stand_in.sqlite is not what a demo left there .*: delete it"),
        stand_in(file, already_read=False),
    ):
        pass
    assert file.read_text().startswith("no database")


def test_the_invitation_names_what_a_shell_needs(tmp_path: Path) -> None:
    with stand_in(tmp_path / "stand_in.sqlite", already_read=True) as sheets:
        told = sheets.invitation(tmp_path)
        assert f"SMARTSHEET_API_BASE={sheets.running.base}" in told
        assert "SMARTSHEET_API_TOKEN=sandbox-token" in told
        assert f"sync --home {tmp_path}" in told


def test_the_ui_gets_the_stand_in_and_nothing_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", "hush-hush")
    monkeypatch.setenv("SMARTSHEET_API_BASE", "https://api.smartsheet.com/2.0")
    monkeypatch.setenv("DSR_NOTIFY_URLS", "mailto://hush@example.com")
    with stand_in(tmp_path / "data" / "stand_in.sqlite", already_read=True) as sheets:
        given = _environment(Settings.load(tmp_path, **NOTHING_REMOTE, **sheets.access))
        assert {name: given[name] for name in sheets.access} == sheets.access
    assert not [name for name, value in given.items() if "hush" in value]
