"""A build that dies at any step leaves the old table or the new one, and the next one mends the files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.lake.errors import ContractBroken
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.reports import weekly_layout
from dsr_pipeline.reports.journal import NAME
from dsr_pipeline_tests.billing.billing_world import unit
from dsr_pipeline_tests.reports.report_world import ReportWorld, report_world

PUBLISHED = ("90001", "90002", "90003")


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> ReportWorld:
    """Billed anew after a publication: what the next build has to do is one of everything.

    90001 changes (revision 2), 90002 is gone (withdrawn), 90003 is as published again (restored), 90004 is
    gone before anybody got it (dropped), 90005 is new, 90006 stays. `before` is the billing of the time
    before.
    """
    folder = tmp_path_factory.mktemp("prepared")
    world = report_world(folder)
    rows = {
        name: unit(work_request=name, row_id=int(name)) for name in (*PUBLISHED, "90004", "90005", "90006")
    }
    world.build([rows[name] for name in PUBLISHED])
    world.publish()
    price = rows["90003"] | {"price": "120"}
    world.build([rows["90001"], rows["90002"], price, rows["90004"], rows["90006"]])
    shutil.copytree(folder / "lake" / "billing", folder / "before")
    price = rows["90001"] | {"price": "130"}
    world.bill([price, rows["90003"], rows["90005"], rows["90006"]])
    return world


@pytest.fixture
def cheap_books(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks that cost nothing: their bytes are the report."""
    monkeypatch.setattr(weekly_layout, "weekly_book", lambda report, look: report)
    monkeypatch.setattr("dsr_pipeline.reports.xlsx.write_xlsx", lambda book: repr(book).encode())


def copy_of(world: ReportWorld, folder: Path) -> ReportWorld:
    """The same world in another folder."""
    source = world.folder.parent
    for name in ("lake", "reports", "before"):
        shutil.copytree(source / name, folder / name)
    return replace(world, lake=Lake(folder / "lake"), folder=folder / "reports")


def stopping_at(number: int, seen: list[str]) -> dict[str, Any]:
    """Hooks of a build that dies at the step of that number, counted from 1; a written file is a step."""

    def on_step(name: str) -> None:
        seen.append(name)
        if len(seen) == number:
            raise Killed(name)

    def progress(what: str, done: int, total: int) -> None:
        if what == "workbooks written":
            on_step(f"{done} of {total}")

    return {"on_step": on_step, "progress": progress}


def killed_at(number: int) -> dict[str, Any]:
    """The same, for who does not ask which steps there were."""
    return stopping_at(number, [])


def rows_of(world: ReportWorld) -> list[dict[str, Any]]:
    return [row | {"run_id": "", "built_at_utc": None} for row in world.files()]


@pytest.mark.usefixtures("cheap_books")
def test_a_build_killed_at_any_step_is_as_if_it_never_was_or_went_through(
    prepared: ReportWorld, tmp_path: Path
) -> None:
    steps: list[str] = []
    reference = copy_of(prepared, tmp_path / "reference")
    untouched = reference.tree()
    old = rows_of(reference)
    (week,) = reference.build(**stopping_at(0, steps)).weeks
    assert (week.built, week.revised, week.withdrawn, week.restored, week.dropped, week.skipped) == (
        4, 1, 1, 1, 1, 1,
    )  # fmt: skip
    final, new = reference.tree(), rows_of(reference)
    assert final != untouched
    assert not any(path.endswith((NAME, ".tmp")) for path in final)
    assert steps == [
        "journal", "restored", "1 of 3", "2 of 3", "3 of 3", "written",
        "staged", "checked", "in place", "switched", "settled",
    ]  # fmt: skip

    for number, name in enumerate(steps, start=1):
        world = copy_of(prepared, tmp_path / f"killed-{number}")
        with pytest.raises(Killed, match=name):
            world.build(**killed_at(number))
        switched = rows_of(world)
        assert switched == (new if name in {"switched", "settled"} else old), name

        # What was billed before comes back, as if the change had never been made.
        undone = copy_of(replace(prepared, folder=world.folder), tmp_path / f"undone-{number}")
        shutil.rmtree(tmp_path / f"undone-{number}" / "lake" / "billing")
        shutil.copytree(tmp_path / f"undone-{number}" / "before", tmp_path / f"undone-{number}/lake/billing")
        undone.build()
        if switched == old:
            assert undone.tree() == untouched, name
            assert rows_of(undone) == old, name
        else:
            assert {row["path"] for row in undone.files()} == set(undone.workbooks()), name
            for row in undone.files():
                undone.bytes_of(row)

        world.build()
        assert rows_of(world) == new, name
        assert world.tree() == final, name


@pytest.mark.usefixtures("cheap_books")
def test_a_recovery_that_dies_is_taken_up_again(prepared: ReportWorld, tmp_path: Path) -> None:
    world = copy_of(prepared, tmp_path / "killed")
    with pytest.raises(Killed):
        world.build(**killed_at(4))
    with pytest.raises(Killed, match="recovered"):
        world.build(**killed_at(1))
    reference = copy_of(prepared, tmp_path / "reference")
    world.build()
    reference.build()
    assert world.tree() == reference.tree()


@pytest.mark.usefixtures("cheap_books")
def test_half_written_files_of_a_crash_are_gone_after_the_next_build(
    prepared: ReportWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = copy_of(prepared, tmp_path / "killed")
    real = Path.replace

    def replaced(self: Path, target: Path) -> Path:
        if target.suffix == ".xlsx" and "90001" in target.name:
            raise Killed("between the temporary file and its name")
        return real(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replaced)
        with pytest.raises(Killed):
            world.build()
    assert any(path.endswith(".tmp") for path in world.tree())

    reference = copy_of(prepared, tmp_path / "reference")
    world.build()
    reference.build()
    assert world.tree() == reference.tree()


@pytest.mark.usefixtures("cheap_books")
def test_a_table_that_breaks_its_contract_leaves_the_files_as_they_were(
    prepared: ReportWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = copy_of(prepared, tmp_path / "broken")
    before = world.tree()
    from dsr_pipeline.reports import weekly_orders

    real = weekly_orders.row_of
    monkeypatch.setattr(
        weekly_orders, "row_of", lambda *given, **named: real(*given, **named) | {"sha256": "short"}
    )

    with pytest.raises(ContractBroken, match="sha256"):
        world.build()

    assert world.tree() == before
