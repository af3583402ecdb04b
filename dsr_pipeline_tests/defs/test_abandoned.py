"""Runs whose process is gone are closed, and no others."""

from __future__ import annotations

import subprocess
import sys

import dagster as dg
import psutil
import pytest

from dsr_pipeline.defs.abandoned import PROCESS_TAG, close_abandoned, this_process


@pytest.fixture
def instance() -> dg.DagsterInstance:
    return dg.DagsterInstance.ephemeral()


def started(instance: dg.DagsterInstance, tags: dict[str, str]) -> str:
    @dg.job
    def work() -> None: ...

    return instance.create_run_for_job(work, status=dg.DagsterRunStatus.STARTED, tags=tags).run_id


def test_a_run_whose_process_was_killed_is_closed(instance: dg.DagsterInstance) -> None:
    """One killed run kept every later one in the queue, for nothing ever ended it."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    host = this_process().split("/")[0]
    tag = f"{host}/{child.pid}/{psutil.Process(child.pid).create_time():.2f}"
    run = started(instance, {PROCESS_TAG: tag})
    assert close_abandoned(instance) == []
    child.kill()
    child.communicate()
    assert close_abandoned(instance) == [run]
    closed = instance.get_run_by_id(run)
    assert closed is not None
    assert closed.status is dg.DagsterRunStatus.FAILURE
    assert close_abandoned(instance) == []


def test_a_process_that_got_the_number_of_another_does_not_keep_its_run_open(
    instance: dg.DagsterInstance,
) -> None:
    host, pid, _ = this_process().split("/")
    run = started(instance, {PROCESS_TAG: f"{host}/{pid}/1000.00"})
    assert close_abandoned(instance) == [run]


def test_runs_of_other_machines_and_of_the_ui_are_left_alone(instance: dg.DagsterInstance) -> None:
    started(instance, {PROCESS_TAG: "elsewhere/1/1000.00"})
    started(instance, {})
    started(instance, {PROCESS_TAG: "not what we write"})
    started(instance, {PROCESS_TAG: this_process()})
    assert close_abandoned(instance) == []
