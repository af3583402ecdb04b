"""The inbox sensor on a real instance: what a person sees who drops a file while the daemon runs."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from dsr_pipeline.defs import sensors
from dsr_pipeline.settings import Settings


class Daemon:
    """Ticks as the daemon makes them: each gets the cursor that the one before left."""

    def __init__(self, defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.sensor = defs.resolve_sensor_def("csv_inbox")
        self.defs = defs
        self.instance = instance
        self.cursor: str | None = None

    def tick(self) -> dg.SensorExecutionData:
        context = dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            definitions=self.defs,
            sensor_name="csv_inbox",
            resources={"home": (self.defs.resources or {})["home"]},
        )
        data = self.sensor.evaluate_tick(context)
        self.cursor = data.cursor or self.cursor
        return data


@pytest.fixture
def daemon(defs: dg.Definitions) -> Daemon:
    return Daemon(defs, dg.DagsterInstance.ephemeral())


def test_a_dropped_file_starts_one_run_once_it_stopped_growing(daemon: Daemon, settings: Settings) -> None:
    assert daemon.tick().skip_message == "0 files, nothing new that is complete."
    export = settings.inbox / "a.csv"
    export.write_text("Date,Amount\n")
    first = daemon.tick()
    assert not first.run_requests
    assert "1 seen for the first time or still growing" in str(first.skip_message)
    export.write_text("Date,Amount\n01/05/2026,1.00\n")
    assert not daemon.tick().run_requests
    (request,) = daemon.tick().run_requests or ()
    assert request.tags["dsr/inbox"] == "1 new or changed files"
    assert request.run_key is not None
    assert not daemon.tick().run_requests


def test_files_in_owners_folders_count_and_other_folders_do_not(daemon: Daemon, settings: Settings) -> None:
    for name in ("alex/a.csv", "records/time.csv", "review/book.xlsx", "alex/b.csv.part"):
        file = settings.inbox / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("x")
    daemon.tick()
    (request,) = daemon.tick().run_requests or ()
    assert request.tags["dsr/inbox"] == "1 new or changed files"


def test_a_tick_takes_a_bounded_number_of_files(
    daemon: Daemon, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "FILES_PER_TICK", 2)
    for number in range(3):
        (settings.inbox / f"{number}.csv").write_text("x")
    daemon.tick()
    (request,) = daemon.tick().run_requests or ()
    assert request.tags["dsr/inbox"] == "2 new or changed files, 1 more at the next tick"
    assert len(daemon.tick().run_requests or ()) == 1
    assert not daemon.tick().run_requests


def test_a_tick_opens_no_file(daemon: Daemon, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing large files in the tick ran into its limit of 60 s elsewhere: reading is for the assets."""
    (settings.inbox / "a.csv").write_text("x")
    daemon.tick()

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the tick opened a file")

    monkeypatch.setattr(Path, "open", refused)
    monkeypatch.setattr(Path, "read_bytes", refused)
    assert daemon.tick().run_requests


def test_without_an_inbox_the_tick_says_what_to_do(daemon: Daemon, settings: Settings) -> None:
    settings.inbox.rmdir()
    assert "make it, and drop bank exports into it" in str(daemon.tick().skip_message)
