"""A sync that is killed anywhere, and two at the same time: what is recorded counts once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from dsr_pipeline.lake.contracts.smartsheet import RUNS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.limiter import NoLimiter
from dsr_pipeline.smartsheet.sync import sync
from dsr_pipeline_tests.smartsheet.account import Account, column_rules, source_rules

STEPS = ("answers kept", "rows recorded", "sheets recorded", "folded", "recorded")
KILLED = 9


def child(base: str, token: str, lake: str, run_id: str, die_at: str) -> None:
    """One sync in a process of its own, which kills itself at a step."""

    def on_step(step: str) -> None:
        if step == die_at:
            os._exit(KILLED)

    report = sync(
        SmartsheetClient(token, base, limiter=NoLimiter()),
        Lake(lake),
        source_rules(),
        column_rules(),
        now=datetime(2026, 3, 2, 10, 0),  # noqa: DTZ001 - the tables keep UTC without a zone
        run_id=run_id,
        on_step=on_step,
    )
    print(json.dumps({"exit_code": report.exit_code, "read": report.read, "rows": report.rows_seen}))


def start(account: Account, run_id: str, die_at: str = "") -> subprocess.Popen[str]:
    """Start such a process."""
    url = account.lake.storage.url("")
    code = f"from {__name__} import child; import sys; child(*sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", code, account.stand_in.base, account.stand_in.token, url, run_id, die_at],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    "step", [one if one == "rows recorded" else pytest.param(one, marks=pytest.mark.slow) for one in STEPS]
)
def test_a_sync_that_is_killed_is_healed_by_the_next(account: Account, step: str) -> None:
    sheets = [account.sheet(f"Sheet {number}", rows=3) for number in range(2)]
    account.sync()
    for sheet in sheets:
        account.set(sheet, sheet.rows[0], Quantity=66)
        account.delete(sheet, sheet.rows[2])
    killed = start(account, "killed", step)
    _, told = killed.communicate(timeout=120)
    assert killed.returncode == KILLED, told
    report = account.sync()
    assert report.exit_code == 0
    assert account.known() == set(account.live())
    for sheet in sheets:
        assert account.rows()[sheet.rows[0]]["quantity"] == "66"
        assert [one["event"] for one in account.versions(sheet.rows[0])] == ["seen", "seen"]
        assert [one["event"] for one in account.versions(sheet.rows[2])] == ["seen", "removed"]
    runs = account.lake.read(RUNS).to_pylist()
    assert len({run["run_seq"] for run in runs}) == len(runs)
    if step in ("rows recorded", "sheets recorded"):
        assert report.interrupted == (2,)
        assert [run["status"] for run in runs] == ["done", "interrupted", "done"]
    versions = account.lake.read("smartsheet/row_versions").to_pylist()
    keys = {(one["sheet_id"], one["row_id"], one["run_seq"]) for one in versions}
    assert len(keys) == len(versions)


@pytest.mark.slow
def test_a_first_sync_that_is_killed_goes_on_where_it_was(account: Account) -> None:
    account.sheet(rows=4)
    killed = start(account, "killed", "sheets recorded")
    killed.communicate(timeout=120)
    account.stand_in.forget()
    report = account.sync()
    assert (report.exit_code, report.read, report.interrupted) == (0, 0, (1,))
    assert account.calls()[0] == "GET /sheets"
    assert len(account.known()) == 4


def test_two_processes_that_sync_at_once_record_everything_once(account: Account) -> None:
    for number in range(4):
        account.sheet(f"Sheet {number}", rows=5)
    both = [start(account, f"process-{number}") for number in range(2)]
    ended = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], ended
    told = [json.loads(out.splitlines()[-1]) for out, _ in ended]
    assert [one["exit_code"] for one in told] == [0, 0]
    assert sorted(one["rows"] for one in told) == [0, 20]
    assert account.lake.read("smartsheet/row_versions").num_rows == 20
    assert account.lake.read(RUNS)["run_seq"].to_pylist() == [1, 2]


def test_a_second_sync_that_may_not_wait_is_told_who_holds_the_tables(
    account: Account, tmp_path: Path
) -> None:
    from dsr_pipeline.lake.errors import GroupLocked

    account.sheet()
    with (
        account.lake.group("smartsheet").writing((), run_id="other"),
        pytest.raises(GroupLocked, match="smartsheet"),
    ):
        account.sync(wait=False)
