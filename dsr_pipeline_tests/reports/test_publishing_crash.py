"""A publication that is killed anywhere, and two at once: no report is missing meanwhile, none is doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.lake.contracts.reports import PUBLICATIONS
from dsr_pipeline.lake.log import AppendLog
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline_tests.reports.office import Office, variants
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]
SHEETS = ("Weekly billing", "Second billing")
KILLED = 9


class Killed(BaseException):
    """The process is gone: nothing of ours catches it."""


class Deaths:
    """Counts the moments at which a process can die, and dies at one of them."""

    def __init__(self, at: int | None, watch: Callable[[], None]) -> None:
        self.moments: list[str] = []
        self._at = at
        self._watch = watch

    def __call__(self, moment: str) -> None:
        self._watch()
        self.moments.append(moment)
        if len(self.moments) - 1 == self._at:
            raise Killed(moment)


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, deaths: Deaths) -> Iterator[None]:
    """Die also right after anything that changes Smartsheet or the log, before it is noted anywhere."""
    with monkeypatch.context() as patched:
        for kind, name in (
            (SmartsheetClient, "attach_to_row"),
            (SmartsheetClient, "delete_attachment"),
            (AppendLog, "append"),
        ):
            patched.setattr(kind, name, _then(getattr(kind, name), deaths, name))
        yield


def _then(real: Callable[..., Any], deaths: Deaths, name: str) -> Callable[..., Any]:
    def done(*words: Any, **more: Any) -> Any:
        made = real(*words, **more)
        deaths(name)
        return made

    return done


class World:
    """An office in the middle of its week: revised, new, deleted by somebody, and a file of somebody else."""

    def __init__(self, stand_in: StandIn, folder: Path, number: int) -> None:
        self.office = Office(stand_in, Lake(folder / f"lake{number}"), folder / f"reports{number}")
        names = {name: f"{name} {number}" for name in SHEETS}
        for name, title in names.items():
            self.office.sheets[name] = self.office.target(title, [1, 2, 3])
        self.office.rules = variants(
            targets=[
                {"name": "billing", "sheet": self.office.sheets[SHEETS[0]].id},
                {"name": "second", "sheet": self.office.sheets[SHEETS[1]].id},
            ]
        )
        self.revised = self.office.build("1", variant="sub")
        self.deleted = self.office.build("2")
        assert self.office.publish().exit_code == 0
        self.good = {(self.revised, self.office.file_of(self.revised)[1])}
        self.office.build("1", "second", variant="sub")
        self.good |= {(self.revised, self.office.file_of(self.revised)[1])}
        sheet = self.office.sheets[SHEETS[0]]
        self.office.client.delete_attachment(sheet.id, self.office.hung(sheet)["2"][0][0])
        self.fresh = self.office.build("3")
        name, data = self.office.file_of(self.fresh)
        self.theirs = self.office.attach(sheet, sheet.rows[2], name, data)

    def nothing_is_missing(self) -> None:
        """What was live once hangs on every one of its rows, in one revision or the next, whole."""
        data = {data for group, data in self.good if group == self.revised}
        for name in SHEETS:
            there = self.office.hung(self.office.sheets[name])["1"]
            assert data & {one[2] for one in there}, name

    def all_is_well(self) -> None:
        """Every report hangs once on each of its rows, and beside it only what is somebody else's."""
        office, first = self.office, self.office.sheets[SHEETS[0]]
        office.hangs_once(self.revised, *SHEETS)
        office.hangs_once(self.deleted, SHEETS[0])
        there = {one[0]: one[2] for one in office.hung(first)["3"]}
        data = office.file_of(self.fresh)[1]
        assert there.pop(self.theirs) == data
        assert list(there.values()) == [data]
        assert [len(office.hung(office.sheets[name])["1"]) for name in SHEETS] == [1, 1]
        for group in (self.revised, self.deleted, self.fresh):
            row = office.files()[group]
            assert (row["published_revision"], row["published_hash"]) == (
                row["revision"],
                row["content_hash"],
            )
            assert row["published_at_utc"] is not None
        assert [state for _, state, _ in office.states()] == ["live"] * 4


def moments_of(stand_in: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch, at: int | None) -> list[str]:
    """Publish and die at a moment; the next publication must heal it. Gives the moments until then."""
    world = World(stand_in, folder, -1 if at is None else at)
    deaths = Deaths(at, world.nothing_is_missing)
    with dying(monkeypatch, deaths):
        try:
            world.office.publish(on_step=deaths)
        except Killed:
            pass
        else:
            assert at is None
    world.nothing_is_missing()
    healed = world.office.publish(on_step=lambda step: world.nothing_is_missing())
    assert healed.exit_code == 0, healed.problems
    world.all_is_well()
    if at is None or at % 8 == 0:
        log = len(world.office.log())
        calm = world.office.publish()
        assert (calm.unchanged, calm.planned, len(world.office.log())) == (3, [], log)
    return deaths.moments


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_a_publication_that_is_killed_at_any_moment_is_healed_by_the_next(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    """Every fourth moment here, and all of them in the long tests."""
    whole = moments_of(stand_in, tmp_path, monkeypatch, None)
    assert {"planned", "sent", "recorded", "marked", "removed", "folded", "switched"} <= set(whole)
    assert [whole.count(name) for name in ("attach_to_row", "delete_attachment")] == [4, 2]
    for at in range(0, len(whole), every):
        assert moments_of(stand_in, tmp_path, monkeypatch, at) == whole[: at + 1]


@pytest.mark.parametrize("moment", ["attach_to_row", "sent", "recorded", "marked", "live"])
def test_content_that_moves_on_after_a_crash_leaves_nothing_behind(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """What had gone out everywhere keeps its number, so that what comes then is the revision after."""
    world = World(stand_in, tmp_path, 0)
    whole = Deaths(None, lambda: None)
    first = World(stand_in, tmp_path, 1)
    with dying(monkeypatch, whole):
        first.office.publish(on_step=whole)
    with (
        dying(monkeypatch, deaths := Deaths(whole.moments.index(moment), lambda: None)),
        pytest.raises(Killed),
    ):
        world.office.publish(on_step=deaths)
    world.office.build("1", "third", variant="sub")
    if moment == "recorded":
        report = world.office.publish(on_step=lambda step: world.nothing_is_missing())
        assert (report.exit_code, report.waiting) == (0, {"outdated": 1})
        world.office.build("1", "third", variant="sub")
    assert world.office.files()[world.revised]["revision"] == (
        2 if moment in ("attach_to_row", "sent") else 3
    )
    world.good.add((world.revised, world.office.file_of(world.revised)[1]))
    assert world.office.publish(on_step=lambda step: world.nothing_is_missing()).exit_code == 0
    world.all_is_well()


def test_a_crash_twice_in_a_row_is_healed_too(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(stand_in, tmp_path, 0)
    for at in (2, 1, 4, 3, 9):
        with dying(monkeypatch, deaths := Deaths(at, world.nothing_is_missing)), pytest.raises(Killed):
            world.office.publish(on_step=deaths)
    assert world.office.publish().exit_code == 0
    world.all_is_well()


def test_a_crash_between_many_uploads_sends_none_of_them_twice(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    office.target("Weekly billing", list(range(1, 41)))
    for number in range(1, 41):
        office.build(str(number))
    with dying(monkeypatch, deaths := Deaths(2 + 2 * 35, lambda: None)), pytest.raises(Killed):
        office.publish(on_step=deaths)
    assert office.log().count("live") == 25
    there = sum(map(len, office.hung().values()))
    assert there > 30
    report = office.publish()
    assert (report.exit_code, report.live) == (0, 15)
    assert (report.adopted, report.uploaded) == (there - 25, 40 - there)
    assert [len(one) for one in office.hung().values()] == [1] * 40


def child(base: str, token: str, folder: str, die_at: str) -> None:
    """One publication in a process of its own, which kills itself at a step."""
    from dsr_pipeline.reports.publishing import publish
    from dsr_pipeline.smartsheet.limiter import NoLimiter
    from dsr_pipeline_tests.reports.office import RUN_AT

    def on_step(step: str) -> None:
        if step == die_at:
            os._exit(KILLED)

    report = publish(
        Lake(f"{folder}/lake"),
        SmartsheetClient(token, base, limiter=NoLimiter()),
        variants(),
        Path(folder) / "reports",
        dry_run=False,
        now=RUN_AT,
        run_id=f"process-{os.getpid()}",
        on_step=on_step,
    )
    print(json.dumps({"exit_code": report.exit_code, "live": report.live, "uploaded": report.uploaded}))


def start(office: Office, folder: Path, die_at: str = "") -> subprocess.Popen[str]:
    code = f"from {__name__} import child; import sys; child(*sys.argv[1:])"
    words = [office.stand_in.base, office.stand_in.token, str(folder), die_at]
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def office(stand_in: StandIn, tmp_path: Path) -> Office:
    made = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    for name in SHEETS:
        made.target(name)
    for number in ("1", "2", "3"):
        made.build(number, variant="sub")
    made.build("1", week=date(2026, 2, 15))
    return made


def test_two_processes_at_once_publish_everything_once(office: Office, tmp_path: Path) -> None:
    both = [start(office, tmp_path) for _ in range(2)]
    ended = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], ended
    told = [json.loads(out.splitlines()[-1]) for out, _ in ended]
    assert sorted((one["live"], one["uploaded"]) for one in told) == [(0, 0), (4, 7)]
    for name, wanted in zip(SHEETS, ([2, 1, 1], [1, 1, 1]), strict=True):
        there = office.hung(office.sheets[name])
        assert [len(there[number]) for number in ("1", "2", "3")] == wanted


def test_a_process_that_is_killed_frees_the_tables_for_the_next(office: Office, tmp_path: Path) -> None:
    killed = start(office, tmp_path, "sent")
    _, told = killed.communicate(timeout=120)
    assert killed.returncode == KILLED, told
    report = office.publish()
    assert (report.exit_code, report.live, report.adopted, report.uploaded) == (0, 4, 1, 6)


def test_a_second_publication_that_may_not_wait_is_told_who_holds_the_tables(office: Office) -> None:
    from dsr_pipeline.lake.errors import GroupLocked

    with (
        office.lake.group("publish").writing((), run_id="other"),
        pytest.raises(GroupLocked, match="publish"),
    ):
        office.publish(wait=False)
    assert office.lake.read(PUBLICATIONS).num_rows == 0
