"""Progress: silent when work is short, plain lines when piped, a bar on a terminal, and stdout left alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dsr_pipeline.cli import progress as module
from dsr_pipeline.cli.progress import progress


class Clock:
    """A clock that a test moves."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module.time, "monotonic", made.monotonic)
    return made


def test_short_work_is_not_talked_about(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress("ingest") as report:
        clock.now += 1.9
        report("reading", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_long_work_gives_a_plain_line_now_and_then(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with progress("ingest") as report:
        for done in range(13):
            report("reading", done, 1200)
            clock.now += 1
        report("deduplicating", 0, 0)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "ingest: reading 2 of 1,200",
        "ingest: reading 7 of 1,200",
        "ingest: reading 12 of 1,200",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_terminal_gets_a_bar_and_stdout_only_the_result() -> None:
    code = (
        "from dsr_pipeline.cli.progress import progress\n"
        "import time\n"
        "with progress('ingest') as report:\n"
        "    for done in range(5):\n"
        "        report('reading', done, 5)\n"
        "        time.sleep(0.15)\n"
        "print('result')\n"
    )
    ours, theirs = os.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=theirs, env=environment, check=True
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.stdout == b"result\n"
    assert "ingest: reading" in shown
    assert "━" in shown
