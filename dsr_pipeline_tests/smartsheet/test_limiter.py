"""The budget of calls: its rate, its pauses, its file, and two processes that share it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dsr_pipeline.smartsheet.errors import RateLimited
from dsr_pipeline.smartsheet.limiter import SharedLimiter, token_id
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline_tests.smartsheet.scripted import client_of, problem, serving


@dataclass
class Clock:
    now: float = 5000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limiter(folder: Path, clock: Clock, **more: float) -> SharedLimiter:
    return SharedLimiter(folder, "abc", sleep=clock.sleep, monotonic=clock.monotonic, **more)


def most_in_a_minute(spent: list[tuple[float, int]]) -> int:
    return max(sum(cost for at, cost in spent if start <= at < start + 60) for start, _ in spent)


def test_no_minute_holds_more_than_the_vendor_allows(tmp_path: Path, clock: Clock) -> None:
    budget = limiter(tmp_path, clock)
    spent: list[tuple[float, int]] = []
    for _ in range(600):
        budget.acquire(1)
        spent.append((clock.now, 1))
    assert 240 <= most_in_a_minute(spent) <= 288
    assert clock.now - 5000 == pytest.approx((600 - 48) / 4, abs=1)


def test_heavy_calls_have_a_bound_of_their_own(tmp_path: Path, clock: Clock) -> None:
    budget = limiter(tmp_path, clock, units_per_minute=6000, history_per_minute=30)
    spent: list[tuple[float, int]] = []
    for _ in range(100):
        budget.acquire(10)
        spent.append((clock.now, 1))
        budget.acquire(1)
    assert 27 <= most_in_a_minute(spent) <= 30


def test_a_pause_holds_everybody_and_does_not_end_in_a_rush(tmp_path: Path, clock: Clock) -> None:
    budget, other = limiter(tmp_path, clock), limiter(tmp_path, clock)
    budget.acquire(1)
    other.pause(60)
    assert 60 <= budget.acquire(1) <= 61
    waits = [other.acquire(1) for _ in range(4)]
    assert all(0.2 <= wait <= 0.3 for wait in waits)


def test_a_pause_that_comes_while_somebody_waits_is_kept(tmp_path: Path, clock: Clock) -> None:
    other = limiter(tmp_path, clock)
    paused: list[float] = []

    def sleep(seconds: float) -> None:
        if not paused:
            paused.append(clock.now)
            other.pause(90)
        clock.sleep(seconds)

    budget = SharedLimiter(tmp_path, "abc", sleep=sleep, monotonic=clock.monotonic)
    for _ in range(49):
        budget.acquire(1)
    assert clock.now >= paused[0] + 90


def test_whoever_does_not_wait_gives_the_units_back(tmp_path: Path, clock: Clock) -> None:
    def impatient(seconds: float) -> None:
        raise TimeoutError(f"{seconds:.0f} s")

    budget = SharedLimiter(tmp_path, "abc", sleep=impatient, monotonic=clock.monotonic)
    for _ in range(48):
        budget.acquire(1)
    for _ in range(100):
        with pytest.raises(TimeoutError):
            budget.acquire(10)
    assert limiter(tmp_path, clock).acquire(10) <= 2.6


def test_a_shorter_pause_does_not_end_a_longer_one(tmp_path: Path, clock: Clock) -> None:
    budget = limiter(tmp_path, clock)
    budget.pause(120)
    budget.pause(5)
    assert budget.acquire(1) >= 120


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b"[]", b'{"units": "many"}', b"\xff\x00", b'{"units": 1e999}']
)
def test_a_corrupt_file_is_replaced_by_an_empty_bucket(tmp_path: Path, clock: Clock, rubbish: bytes) -> None:
    budget = limiter(tmp_path, clock)
    budget.acquire(1)
    (tmp_path / "smartsheet-abc.json").write_bytes(rubbish)
    assert 0.2 <= budget.acquire(1) <= 0.3
    assert json.loads((tmp_path / "smartsheet-abc.json").read_bytes())["at"] > 0


def test_a_file_from_before_a_restart_of_the_machine_is_not_believed(tmp_path: Path, clock: Clock) -> None:
    budget = limiter(tmp_path, clock)
    budget.pause(600)
    clock.now = 40.0
    assert budget.acquire(1) < 1


def test_tokens_have_budgets_of_their_own_and_the_file_does_not_tell_them(tmp_path: Path) -> None:
    first, second = token_id("tok-first"), token_id("tok-second")
    assert first != second
    assert len(first) == 16
    SharedLimiter(tmp_path, first).acquire(1)
    SharedLimiter(tmp_path, second).acquire(1)
    told = "".join(f"{path.name}{path.read_text()}" for path in tmp_path.iterdir())
    assert "tok-" not in told


def test_a_rate_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above zero"):
        SharedLimiter(tmp_path, "abc", units_per_minute=0)


def test_threads_share_one_limiter(tmp_path: Path) -> None:
    """1,200 heavy calls a minute: a burst of 120, then 18 a second, for all threads together."""
    budget = SharedLimiter(tmp_path, "abc", units_per_minute=60_000, history_per_minute=1200)
    started = time.monotonic()
    threads = [threading.Thread(target=lambda: [budget.acquire(10) for _ in range(33)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.5 <= time.monotonic() - started <= 3


SPENDER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from dsr_pipeline.smartsheet.limiter import SharedLimiter

    budget = SharedLimiter(Path(sys.argv[1]), "abc", units_per_minute=float(sys.argv[2]))
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(sys.argv[3])):
        budget.acquire(1)
        print(time.monotonic(), flush=True)
    """
)


def spender(folder: Path, rate: float, calls: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SPENDER, str(folder), str(rate), str(calls)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_two_processes_keep_one_rate_and_one_pause(tmp_path: Path) -> None:
    """1,200 units a minute: a burst of 240, then 20 a second, for both together."""
    budget = SharedLimiter(tmp_path, "abc", units_per_minute=1200)
    budget.acquire(200)
    both = [spender(tmp_path, 1200, 25) for _ in range(2)]
    started = time.monotonic()
    budget.pause(0.5)
    for process in both:
        go(process)
    told = [process.communicate()[0].split() for process in both]
    times = sorted(float(at) for lines in told for at in lines)
    assert len(times) == 50
    assert times[0] >= started + 0.5  # the pause was seen by both
    assert times[-1] - times[0] >= 49 / 20 - 0.2
    assert times[-1] - times[0] <= 49 / 20 + 2


def test_what_one_process_is_told_by_429_holds_the_other(tmp_path: Path) -> None:
    other = spender(tmp_path, 6000, 1)
    limiter = SharedLimiter(tmp_path, "abc", units_per_minute=6000)
    with serving(problem(429, 4003, Retry_After="1")) as server:
        client = client_of(server.base, limiter=limiter, policy=RetryPolicy(attempts=1)).client
        with pytest.raises(RateLimited):
            client.sheet_version(5)
    told = time.monotonic()
    go(other)
    assert float(other.communicate()[0]) >= told + 0.9


def test_a_killed_holder_frees_the_budget(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(
                """
                import sys, time
                from pathlib import Path
                from dsr_pipeline.smartsheet.limiter import SharedLimiter

                budget = SharedLimiter(Path(sys.argv[1]), "abc")
                with budget._held():
                    print("held", flush=True)
                    time.sleep(60)
                """
            ),
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waiting: list[float] = []
    thread = threading.Thread(target=lambda: waiting.append(SharedLimiter(tmp_path, "abc").acquire(1)))
    thread.start()
    thread.join(0.2)
    assert waiting == []
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    thread.join(5)
    assert waiting == [0.0]
    holder.stdout.close()
