"""One writer per group: the second waits and says for whom, or is refused by name; the dead hold nothing."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dsr_pipeline.lake.errors import GroupLocked, LakeError
from dsr_pipeline.lake.locks import FileLocks
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import ORDERS, TOTALS, totals

HOLDER = """
import sys
from pathlib import Path
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import TOTALS, totals

with Lake(Path(sys.argv[-1])).group("shop").writing([TOTALS], run_id="first") as writer:
    print("held", flush=True)
    sys.stdin.readline()
    writer.put(TOTALS, totals(1))
    writer.switch()
"""


@contextmanager
def another_process(folder: Path, project: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock of the group until it is told to go on."""
    script = folder / "holder.py"
    script.write_text(HOLDER)
    with subprocess.Popen(
        [sys.executable, str(script), "ingest", "--token", "hidden-value", str(folder / "lake")],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(project), "PATH": ""},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_without_waiting_the_second_writer_is_told_who_writes(tmp_path: Path, project: Path) -> None:
    group = Lake(tmp_path / "lake").group("shop")
    with another_process(tmp_path, project) as process:
        with (
            pytest.raises(GroupLocked) as refused,
            group.writing([TOTALS], run_id="second", wait=False),
        ):
            pass
        told = str(refused.value)
        assert f"process {process.pid} (holder.py ingest) since 20" in told
        assert "hidden" not in told
        assert group.state().serial == 0


def test_the_second_writer_waits_says_for_whom_and_finds_what_the_first_wrote(
    tmp_path: Path, project: Path
) -> None:
    messages: list[str] = []
    found: list[str] = []
    with another_process(tmp_path, project) as process:

        def second() -> None:
            group = Lake(tmp_path / "lake").group("shop")
            with group.writing([TOTALS], run_id="second", on_wait=go_on) as writer:
                found.append(writer.before.run_id)
                writer.put(TOTALS, totals(2))
                writer.switch()

        def go_on(message: str) -> None:
            messages.append(message)
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()

        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(60)
        assert not waiting.is_alive()
        assert process.wait(60) == 0
    assert len(messages) == 1
    assert f"waiting for process {process.pid} (holder.py ingest)" in messages[0]
    assert found == ["first"]
    assert Lake(tmp_path / "lake").read(TOTALS).column("orders").to_pylist() == [2]


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path, project: Path) -> None:
    with another_process(tmp_path, project) as process:
        process.kill()
        process.wait(30)
        with Lake(tmp_path / "lake").group("shop").writing([TOTALS], run_id="second", wait=False):
            pass


def test_another_group_is_not_locked(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    with locks.hold("shop"), locks.hold("bank", wait=False):
        pass


def test_the_note_goes_with_the_lock(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    with locks.hold("shop"):
        assert (tmp_path / "shop.holder.json").exists()
    assert not (tmp_path / "shop.holder.json").exists()
    assert locks.holder("shop") == "another process"


def test_two_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    refused: list[GroupLocked] = []

    def second() -> None:
        try:
            with locks.hold("shop", wait=False):
                pass
        except GroupLocked as error:
            refused.append(error)

    with locks.hold("shop"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_lake_on_an_object_store_is_not_written_without_locks() -> None:
    group = Lake("memory://unlocked").group("shop")
    with pytest.raises(LakeError, match="give the lake its locks"), group.writing([ORDERS], run_id="r"):
        pass


def test_the_note_of_a_killed_process_accuses_nobody(tmp_path: Path, project: Path) -> None:
    with another_process(tmp_path, project) as process:
        process.kill()
        process.wait(30)
    folder = tmp_path / "lake" / "_locks"
    assert str(process.pid) in (folder / "shop.holder.json").read_text()
    assert FileLocks(folder).holder("shop") == "another process"
