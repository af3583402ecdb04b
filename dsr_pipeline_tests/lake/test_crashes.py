"""A writer that dies at any step, and readers that read while others write."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import ORDERS, TOTALS, write

FAULTS = (OSError, LakeError, duckdb.Error, pa.ArrowException, ValueError)

WRITER = """
import os, signal, sys
from pathlib import Path
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import ORDERS, TOTALS, orders, totals

def die(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

with Lake(Path(sys.argv[1])).group("shop").writing([ORDERS, TOTALS], run_id="dies", on_step=die) as writer:
    writer.put(ORDERS, orders(20))
    writer.put(TOTALS, totals(20))
    writer.switch()
"""

WRITE_ON = """
import sys
from pathlib import Path
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.lake.tables import write

lake = Lake(Path(sys.argv[1]))
for count in range(2, 40):
    write(lake, count)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize(
    ("step", "rows"), [("staged", 10), ("checked", 10), ("in place", 10), ("switched", 20)]
)
def test_a_killed_writer_leaves_the_old_tables_or_the_new_ones(
    tmp_path: Path, project: Path, step: str, rows: int
) -> None:
    lake = Lake(tmp_path / "lake")
    write(lake, 10)
    ended = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path / "lake"), step], cwd=project, check=False, timeout=120
    )
    assert ended.returncode == -signal.SIGKILL
    assert lake.read(ORDERS).num_rows == rows
    assert lake.read(TOTALS).column("orders").to_pylist() == [rows]
    # The lock of the dead is free, and what it left behind is no obstacle.
    write(lake, 30)
    assert lake.read(ORDERS).num_rows == 30
    assert not lake.storage.path("shop/.staging").exists()
    write(lake, 31)
    assert len(lake.storage.names("shop/orders")) == 2


def test_readers_never_see_a_half_switched_group(tmp_path: Path, project: Path) -> None:
    """Orders and totals are read in pairs while another process switches them as fast as it can."""
    lake = Lake(tmp_path / "lake")
    write(lake, 1)
    seen: list[tuple[int, int]] = []
    faults: list[Exception] = []
    done = threading.Event()

    def read_pairs() -> None:
        group = Lake(tmp_path / "lake").group("shop")
        while not done.is_set():
            state = group.state()
            try:
                rows = group.read(ORDERS, ["order_id"], state).num_rows
                seen.append((rows, group.read(TOTALS, state=state).column("orders")[0].as_py()))
            except FAULTS as error:
                if "replaced twice" not in str(error):
                    faults.append(error)

    def read_one() -> None:
        own = Lake(tmp_path / "lake")
        while not done.is_set():
            try:
                rows = own.read(ORDERS).num_rows
                path = own.table_path(ORDERS)
                with duckdb.connect() as connection:
                    again = connection.execute(f"select count(*) from '{path}'").fetchone()
                assert again is not None
                assert again[0] >= rows
            except FAULTS as error:
                faults.append(error)

    readers = [threading.Thread(target=read_pairs), threading.Thread(target=read_one)]
    for reader in readers:
        reader.start()
    try:
        subprocess.run(
            [sys.executable, "-c", WRITE_ON, str(tmp_path / "lake")], cwd=project, check=True, timeout=240
        )
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert all(rows == told for rows, told in seen)
    assert len({rows for rows, _ in seen}) > 3, "the readers saw too few switches to prove anything"
