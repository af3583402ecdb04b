"""Random weeks of an office: content moves, people delete and attach, runs are killed, Smartsheet fails.

Whatever happened, one calm publication ends with every report once on each of its rows, and with everything
that somebody else attached as it was.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.errors import SmartsheetError
from dsr_pipeline_tests.reports.office import Office
from dsr_pipeline_tests.reports.test_publishing_crash import Deaths, Killed, dying
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]
FAULTS = ("timeout", "reset_before", "reset_after", "truncated_body", "rate_limit", "forbidden", "empty_body")
TARGETS = {"primary": ("Weekly billing",), "sub": ("Weekly billing", "Second billing")}


class Weeks:
    """The office, what was ever built of each report, and what is somebody else's."""

    def __init__(self, office: Office, seed: int, patched: pytest.MonkeyPatch) -> None:
        self.office = office
        self.chance = random.Random(seed)
        self.patched = patched
        self.built: dict[str, tuple[str, str]] = {}
        self.revisions: dict[str, set[bytes]] = {}
        self.theirs: dict[int, bytes] = {}
        self.safe: set[tuple[str, str]] = set()
        """Reports that are live on a sheet, and that nobody deleted since."""

    def build(self) -> None:
        number, variant = self.chance.choice("123"), self.chance.choice(("primary", "sub"))
        group = self.office.build(number, self.chance.choice(("a", "b", "c")), variant=variant)
        self.built[group] = number, variant
        self.revisions.setdefault(group, set()).add(self.office.file_of(group)[1])

    def publish(self) -> None:
        with suppress(SmartsheetError):
            self.office.publish(dry_run=self.chance.random() < 0.1)
        self.note()

    def fail(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self.office.stand_in.faults.add(
                kind=self.chance.choice(FAULTS),
                method=self.chance.choice((None, "GET", "POST", "DELETE")),
                nth=self.chance.randint(1, 6),
                times=self.chance.choice((1, 2, None)),
            )
        self.publish()
        self.office.stand_in.forget()

    def kill(self) -> None:
        deaths = Deaths(self.chance.randint(0, 14), self.nothing_is_missing)
        with dying(self.patched, deaths), suppress(Killed):
            self.office.publish(on_step=deaths)
        self.note()

    def delete(self) -> None:
        """Somebody deletes a file, whoever made it."""
        sheet = self.office.sheets[name := self.chance.choice(TARGETS["sub"])]
        if there := [one for files in self.office.hung(sheet).values() for one in files]:
            gone = self.chance.choice(there)
            self.office.client.delete_attachment(sheet.id, gone[0])
            self.theirs.pop(gone[0], None)
            self.safe -= {(group, name) for group, known in self.revisions.items() if gone[2] in known}

    def attach(self) -> None:
        """Somebody attaches a file, be it under the name and with the bytes of a report."""
        if not self.built:
            return
        group = self.chance.choice(sorted(self.built))
        name, data = self.office.file_of(group)
        if self.chance.random() < 0.5:
            data = b"something else"
        sheet = self.office.sheets["Weekly billing"]
        row = sheet.rows["123".index(self.built[group][0])]
        self.theirs[self.office.attach(sheet, row, name, data)] = data

    def note(self) -> None:
        """What is live by the tables is safe from now on."""
        for group, (_, variant) in self.built.items():
            if self.office.files()[group]["published_at_utc"] is not None:
                self.safe |= {(group, name) for name in TARGETS[variant] if self.hangs(group, name)}
        self.nothing_is_missing()

    def hangs(self, group: str, sheet: str) -> bool:
        """Whether some revision of a report hangs on its row, made by us."""
        there = self.office.hung(self.office.sheets[sheet]).get(self.built[group][0], [])
        return any(data in self.revisions[group] for ident, _, data in there if ident not in self.theirs)

    def nothing_is_missing(self) -> None:
        for group, name in self.safe:
            assert self.hangs(group, name), (group, name)

    def end_well(self) -> None:
        office = self.office
        office.publish()
        for group in self.built:  # what was overtaken is numbered anew by the next build
            row = office.files()[group]
            if row["published_at_utc"] is None:
                office.build(row["work_request"], self.content(group), variant=row["variant"])
                self.revisions[group].add(office.file_of(group)[1])
        report = office.publish()
        assert (report.exit_code, report.problems) == (0, [])
        hung = {
            name: [one for files in office.hung(office.sheets[name]).values() for one in files]
            for name in TARGETS["sub"]
        }
        wanted = {
            name: sorted(
                office.file_of(group)
                for group, (_, variant) in self.built.items()
                if name in TARGETS[variant]
            )
            for name in TARGETS["sub"]
        }
        for name, files in hung.items():
            ours = sorted((one[1], one[2]) for one in files if one[0] not in self.theirs)
            assert ours == wanted[name], name
        assert {
            one[0]: one[2] for files in hung.values() for one in files if one[0] in self.theirs
        } == self.theirs
        assert {state for _, state, _ in office.states()} <= {"live"}
        assert office.publish().planned == []

    def content(self, group: str) -> str:
        """What the report was built from, as its bytes tell."""
        return self.office.file_of(group)[1].split()[1].decode()


@pytest.mark.parametrize(
    "seed", [3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 140))]
)
def test_whatever_happens_a_calm_run_makes_it_right(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    office = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    for name in TARGETS["sub"]:
        office.target(name)
    weeks = Weeks(office, seed, monkeypatch)
    weeks.build()
    acts: list[Callable[[], None]] = [weeks.build, weeks.build, weeks.publish, weeks.fail, weeks.kill]
    for _ in range(25):
        weeks.chance.choice([*acts, weeks.kill, weeks.delete, weeks.attach])()
        weeks.nothing_is_missing()
    weeks.end_well()
