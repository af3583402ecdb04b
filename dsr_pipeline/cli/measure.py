"""Whole processes measured: CPU seconds and peak memory of a command, as the operating system counts them.

Lives here: running one command as a child and reading what it cost. What is compared with what is decided by
the benchmarks (`bench_bank`). Wall time is not judged: the machines are shared.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


class MeasuredCommandFailed(Exception):
    """A measured command ended with an exit code that it should not have."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took."""

    cpu: float  # user + system seconds
    wall: float  # seconds
    peak_mb: float


def run(
    command: Sequence[str], *, allowed: Sequence[int] = (0,), env: Mapping[str, str] | None = None
) -> Cost:
    """Run a command to its end and give its cost; what it prints is shown only when it fails.

    Raises `MeasuredCommandFailed` with the last lines of its output.
    """
    return told(command, allowed=allowed, env=env)[0]


def told(
    command: Sequence[str], *, allowed: Sequence[int] = (0,), env: Mapping[str, str] | None = None
) -> tuple[Cost, str]:
    """Run a command as `run` does; its cost, and what it printed on stdout."""
    begun = time.perf_counter()
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=dict(os.environ if env is None else env),
        ) as process,
    ):
        output = process.stdout.read() if process.stdout is not None else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        complaints = errors.read()
    if process.returncode not in allowed:
        tail = (output + complaints).decode("utf-8", "replace").strip().splitlines()[-5:]
        raise MeasuredCommandFailed(
            f"{' '.join(command)} ended with {process.returncode}: {' | '.join(tail)}"
        )
    peak = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    cost = Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - begun, peak)
    return cost, output.decode("utf-8", "replace")


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure, and the highest peak."""
    return Cost(
        median(cost.cpu for cost in costs),
        median(cost.wall for cost in costs),
        max(cost.peak_mb for cost in costs),
    )


def dsr(*words: str) -> list[str]:
    """The command line of `dsr` under this interpreter."""
    return [sys.executable, "-m", "dsr_pipeline.cli", *words]
