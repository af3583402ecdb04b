"""A home with the shipped rules, an instance in memory, and the runs and ticks that are asked for in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.defs.headless import Outcome, outcome_of
from dsr_pipeline.defs.partitions import PARTITION, RANGE_END, RANGE_START
from dsr_pipeline.defs.resources import Clock
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.sandbox.sample import load_sample
from dsr_pipeline.settings import Settings
from dsr_pipeline_tests.conftest import PROJECT
from dsr_pipeline_tests.smartsheet.account import Account

LATER = Clock(fixed="2026-10-01T12:00:00")


class Office:
    """A home with an instance, the runs that are asked for in it, and the ticks of the sensor."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.settings = settings
        self.defs = build_defs(settings, clock=LATER)
        self.instance = instance
        self.cursor: str | None = None
        self.lake = Lake(settings.lake_url)

    def run(self, job: str, **tags: str) -> Outcome:
        result = self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            raise_on_error=False,
            tags=tags,
            partition_key=tags.get(PARTITION),
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        return outcome_of(job, result)

    def tick(self) -> dg.SensorExecutionData:
        resources = self.defs.resources or {}
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            definitions=self.defs,
            sensor_name="changed_weeks",
            resources={"home": resources["home"], "clock": resources["clock"]},
        ) as context:
            data = self.defs.resolve_sensor_def("changed_weeks").evaluate_tick(context)
        self.cursor = data.cursor or self.cursor
        return data

    def asked(self) -> list[tuple[str, str]]:
        """First and last partition of every run that a tick asks for."""
        return [_span(request) for request in self.tick().run_requests or ()]

    def build(self, first: str, last: str | None = None) -> Outcome:
        """The weekly job for one week, or for a range in one run."""
        if last is None:
            return self.run("weekly_reports", **{PARTITION: first})
        return self.run("weekly_reports", **{RANGE_START: first, RANGE_END: last})


def _span(request: dg.RunRequest) -> tuple[str, str]:
    if request.partition_key is not None:
        return request.partition_key, request.partition_key
    return request.tags[RANGE_START], request.tags[RANGE_END]


@pytest.fixture
def office(account: Account, settings: Settings) -> Iterator[Office]:
    load_sample(account.stand_in.store, token=account.stand_in.token)
    shutil.copytree(PROJECT / "rules" / "billing", settings.rules / "billing", dirs_exist_ok=True)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Office(settings, instance)


@pytest.fixture
def home(unconnected: Settings) -> Iterator[Office]:
    """A home with the shipped rules, and neither token nor rows."""
    shutil.copytree(PROJECT / "rules" / "billing", unconnected.rules / "billing", dirs_exist_ok=True)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Office(unconnected, instance)


def figures(outcome: Outcome, asset: str) -> dict[str, Any]:
    """The metadata of the only materialisation of an asset."""
    (found,) = [one.metadata for one in outcome.written if one.asset == asset]
    return dict(found)
