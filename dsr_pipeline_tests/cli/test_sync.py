"""`dsr sync`: what moved, in a few lines, with exit codes that say whether a person is needed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline.sandbox.faults import FaultRule
from dsr_pipeline_tests.cli.conftest import Dsr
from dsr_pipeline_tests.defs.smartsheet_home import write_rules
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]


@pytest.fixture
def account(home: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Account:
    """A home that reads the stand-in's workspace."""
    write_rules(home)
    monkeypatch.setenv("SMARTSHEET_API_BASE", stand_in.base)
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", stand_in.token)
    return Account(stand_in, Lake(home / "data" / "lake"))


def test_what_moved_is_told_and_nothing_moved_costs_one_call(account: Account, dsr: Dsr) -> None:
    east = account.sheet("East", 6)
    account.sheet("West", 4)
    said = dsr("sync")
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        "2 sheets: 2 read, 0 unchanged, 0 unknown, 0 held",
        "10 rows new or changed, 0 removed, 10 in all",
        "5 calls, 5 units of the rate limit; sync 1",
    ]
    assert dsr("sync").out.splitlines()[2] == "1 call, 1 unit of the rate limit; sync 2"
    account.delete(east, east.rows[0])
    account.stand_in.clock.advance(60)
    told = dsr("sync", "--json").json
    assert (told["sheets_read"], told["sheets_unchanged"]) == (1, 1)
    assert (told["rows_new_or_changed"], told["rows_removed"], told["exit_code"]) == (0, 1, 0)
    sheets = {one["name"]: one for one in told["sheets"]}
    assert (sheets["East"]["live_rows"], sheets["East"]["total_row_count"]) == (5, 5)
    assert dsr("sync", "--full").out.startswith("2 sheets: 2 read, 0 unchanged")


def test_a_sheet_that_cannot_be_read_or_is_held_is_one_sentence_each_and_1(
    account: Account, dsr: Dsr
) -> None:
    east, west = account.sheet("East", 3), account.sheet("West", 2)
    dsr("sync")
    account.set(east, east.rows[0], Quantity=9)
    account.rename(west, "Work Request #", "Work Requests Nr")
    account.stand_in.clock.advance(60)
    account.stand_in.faults.add(FaultRule(kind="forbidden", path=f"/sheets/{east.id}", times=None))
    said = dsr("sync")
    assert said.code == 1
    assert "2 sheets: 1 read, 0 unchanged, 1 unknown, 1 held" in said.out
    (unknown,) = [line for line in said.out.splitlines() if "share it as Viewer" in line]
    assert unknown.startswith("  sheet 'East': the token lacks access to sheet")
    (held,) = [line for line in said.out.splitlines() if "Work Requests Nr" in line]
    assert held.startswith("  sheet 'West': no column maps to 'work_request'")
    assert "5 in all" in said.out


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SMARTSHEET_API_TOKEN", "", "no token is set, so nothing is read: set SMARTSHEET_API_TOKEN"),
        ("SMARTSHEET_API_TOKEN", "hush-hush", "Smartsheet does not accept the token"),
    ],
)
def test_what_cannot_run_is_one_sentence_and_2(
    account: Account, dsr: Dsr, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    said = dsr("sync")
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert "hush" not in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_without_sources_nobody_is_asked(account: Account, dsr: Dsr, home: Path) -> None:
    (home / "rules" / "billing" / "sources.yaml").unlink()
    said = dsr("sync")
    assert said.code == 2
    assert "rules/billing/sources.yaml names no sources" in said.err
    assert account.calls() == []


def test_with_no_wait_a_second_sync_ends_with_2(account: Account, dsr: Dsr) -> None:
    with account.lake.group("smartsheet").writing([], run_id="other"):
        said = dsr("sync", "--no-wait")
    assert said.code == 2
    assert "smartsheet" in said.err


def test_a_token_in_the_homes_own_file_counts(
    account: Account, dsr: Dsr, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.sheet("East", 2)
    monkeypatch.delenv("SMARTSHEET_API_TOKEN")
    (home / ".env").write_text(f"SMARTSHEET_API_TOKEN={account.stand_in.token}\n", encoding="utf-8")
    assert dsr("sync").code == 0
    said = dsr("run", "smartsheet", "--json")
    assert said.code == 0, said.err
    assert said.json["assets"]["smartsheet/rows"]["rows"] == 2


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_of_two_processes_the_second_waits_for_the_first_or_ends_with_2(account: Account) -> None:
    """Nothing is doubled: the second one finds what the first one recorded."""
    account.sheet("East", 6)
    account.stand_in.faults.add(FaultRule(kind="slow_first_byte", path="/workspaces", seconds=8))
    note = Path(account.lake.storage.url("_locks")) / "smartsheet.holder.json"
    first = started("sync", "--json")
    end = time.monotonic() + 60
    while not note.exists():
        assert first.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)
    waiting, refused = started("sync", "--json"), started("sync", "--no-wait")
    _, said = refused.communicate(timeout=60)
    assert refused.returncode == 2
    assert f"process {first.pid} (dsr sync)" in said
    outs = [process.communicate(timeout=60) for process in (first, waiting)]
    assert [first.returncode, waiting.returncode] == [0, 0], outs
    assert f"waiting for process {first.pid}" in outs[1][1]
    told = [json.loads(out) for out, _ in outs]
    assert [one["sync"] for one in told] == [1, 2]
    assert [one["rows_new_or_changed"] for one in told] == [6, 0]
    assert len(account.known()) == 6


def started(*words: str) -> subprocess.Popen[str]:
    """`dsr` as a process of its own, with the settings of the test."""
    program = Path(sys.executable).parent / "dsr"
    return subprocess.Popen([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
