"""Real processes: one that is killed in the middle of a run, and two that want to write at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.scenarios.inboxes import write_exports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

DSR = Path(sys.executable).parent / "dsr"
ACCOUNTS, ROWS, BEFORE = 40, 2_000, 10
"""Enough to read that a run is busy for some seconds and can be met in the middle."""
ALL_ROWS = ACCOUNTS * ROWS + BEFORE
WAIT_SECONDS = 120


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    inbox = tmp_path_factory.mktemp("exports")
    write_exports(inbox, ACCOUNTS, ROWS)
    return inbox


@pytest.fixture
def home(tmp_path: Path, project: Path, exports: Path) -> Path:
    """A home with one small export imported, and forty larger ones that have just arrived."""
    place = tmp_path / "home"
    shutil.copytree(project / "rules", place / "rules")
    write_exports(place / "csv_inbox", 1, BEFORE, first=9000)
    done = start(place, "run").wait(WAIT_SECONDS)
    assert done == 0
    for file in exports.iterdir():
        shutil.copy(file, place / "csv_inbox" / file.name)
    return place


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Whatever a test starts is ended with it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DSR_", "DAGSTER_"))}
    return subprocess.Popen(
        [DSR, *words, *(["--home", str(home)] if words[0] == "run" else [])],
        env=environment | {"DSR_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(what: str, holds: object) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.01)


def rows(lake: Path) -> int:
    path = Lake(lake).table_path("bank/transactions")
    return duckdb.sql(f"select count(*) from read_parquet('{path}')").fetchall()[0][0]


def test_after_a_run_was_killed_the_old_tables_stand_and_the_next_run_recovers(
    home: Path, processes: list[subprocess.Popen[str]]
) -> None:
    lake = home / "data" / "lake"
    note = lake / "_locks" / "bank.holder.json"
    killed = start(home, "run", "bank")
    processes.append(killed)
    until("the writer's lock", note.exists)
    time.sleep(0.5)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert rows(lake) == BEFORE

    again = start(home, "run", "bank", "--json")
    out, err = again.communicate(timeout=WAIT_SECONDS)
    assert again.returncode == 0, err
    assert rows(lake) == ALL_ROWS
    assert not list(lake.glob("bank/.staging/*"))
    told = json.loads(out)
    assert told["assets"]["powerbi/fact_transactions"]["rows"] == ALL_ROWS

    # The killed run is closed: nothing waits for it.
    import dagster as dg

    with dg.DagsterInstance.from_config(str(home / "data" / ".dagster")) as instance:
        states = sorted(run.status.value for run in instance.get_runs())
    assert states == ["FAILURE", "SUCCESS", "SUCCESS"]


def test_the_second_of_two_runs_waits_and_says_for_whom(
    home: Path, processes: list[subprocess.Popen[str]]
) -> None:
    note = home / "data" / "lake" / "_locks" / "bank.holder.json"
    first = start(home, "run", "bank")
    processes.append(first)
    until("the first run's lock", note.exists)
    second = start(home, "run", "bank", "--json")
    processes.append(second)
    first.communicate(timeout=WAIT_SECONDS)
    out, err = second.communicate(timeout=WAIT_SECONDS)
    assert (first.returncode, second.returncode) == (0, 0), err
    assert json.loads(out)["assets"]["bank/transactions"]["rows"] == ALL_ROWS
    assert rows(home / "data" / "lake") == ALL_ROWS


def test_two_ingests_into_one_folder(
    home: Path, tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    out = tmp_path / "out"
    words = ("ingest", str(home / "csv_inbox"), "--out", str(out), "--rules", str(home / "rules"))
    first = start(home, *words)
    processes.append(first)
    until("the first ingest's lock", (out / ".lake" / "_locks" / "bank.holder.json").exists)
    refused = start(home, *words, "--no-wait")
    processes.append(refused)
    _, err = refused.communicate(timeout=WAIT_SECONDS)
    assert refused.returncode == 2
    assert f"process {first.pid} (dsr ingest" in err
    waiting = start(home, *words, "--json")
    processes.append(waiting)
    said, err = waiting.communicate(timeout=WAIT_SECONDS)
    first.communicate(timeout=WAIT_SECONDS)
    assert (first.returncode, waiting.returncode) == (0, 0), err
    assert f"waiting for process {first.pid}" in err
    assert json.loads(said)["tables"]["transactions"]["rows"] == ALL_ROWS
    assert json.loads(said)["changed"] is False
