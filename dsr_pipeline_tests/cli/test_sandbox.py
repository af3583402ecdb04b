"""`dsr sandbox`: what it prints, what it serves, what it refuses, and that it ends clean."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from dsr_pipeline_tests.cli.conftest import Dsr


@dataclass
class Started:
    """A `dsr sandbox` that has said where it is."""

    process: subprocess.Popen[str]
    base: str
    token: str

    def get(self, path: str) -> Any:
        answer = requests.get(self.base + path, headers={"Authorization": f"Bearer {self.token}"}, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def end(self, by: int = signal.SIGINT) -> tuple[int, str]:
        self.process.send_signal(by)
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, err


Start = Callable[..., Started]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def begin(*words: object) -> Started:
        process = subprocess.Popen(
            [sys.executable, "-m", "dsr_pipeline.cli", "sandbox", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        running.append(process)
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(2)]
        if not lines[1]:
            raise AssertionError(process.communicate(timeout=20)[1])
        values = dict(line.split("=", 1) for line in lines)
        return Started(process, values["SMARTSHEET_API_BASE"], values["SMARTSHEET_API_TOKEN"])

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="ends by a signal")
def test_the_sample_world_is_served_until_ctrl_c(start: Start) -> None:
    sandbox = start()
    assert sandbox.base.startswith("http://127.0.0.1:")
    assert sandbox.token == "sandbox-token"
    assert sandbox.get("/sheets?includeAll=true")["totalCount"] > 0
    control = f"{sandbox.base.removesuffix('/2.0')}/sandbox"
    assert requests.get(f"{control}/health", timeout=5).json()["time"].startswith("2026-03-31T06:00:")
    assert requests.post(f"{control}/advance", timeout=5).json()["time"].startswith("2026-03-31T18:00:")
    assert requests.get(f"{control}/options", timeout=5).json()["write_seconds"] > 0
    code, err = sandbox.end()
    assert code == 0
    assert "served" in err
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="ends by a signal")
def test_a_file_that_holds_data_is_served_as_it_is(start: Start, dsr: Dsr, tmp_path: Path) -> None:
    file, faults = tmp_path / "kept.sqlite", tmp_path / "faults.yaml"
    faults.write_text("- {kind: unexpected, path: /users/me}\n", encoding="utf-8")
    first = start("--db", file, "--sheets", 2, "--rows", 3, "--token", "T1")
    said = dsr("sandbox", "--db", file)
    assert (said.code, "is served by another `dsr sandbox`" in said.err) == (2, True)
    assert (first.token, first.get("/sheets?includeAll=true")["totalCount"]) == ("T1", 2)
    assert first.end(signal.SIGTERM)[0] == 0
    second = start("--db", file, "--sheets", 5, "--rate-limit", "2/60", "--faults", faults)
    assert second.token == "T1"
    headers = {"Authorization": "Bearer T1"}
    codes = [requests.get(f"{second.base}/users/me", headers=headers, timeout=5).status_code for _ in "1234"]
    assert codes == [500, 200, 200, 429]
    code, err = second.end()
    assert code == 0
    assert "holds data already: served as it is" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--world", "here", "--sheets", "2"], "--world and --sheets exclude each other"),
        (["--snapshot", "1"], "--snapshot needs --world"),
        (["--rows", "1"], "--rows needs --sheets"),
        (["--sheets", "1", "--rows", "20001"], "a sheet holds at most 20,000 rows"),
        (["--world", "nowhere"], "nowhere is no folder"),
        (["--world", "."], "snapshots.csv"),
        (["--rate-limit", "300"], "say UNITS/SECONDS, such as 300/60"),
        (["--rate-limit", "0/60"], "say UNITS/SECONDS"),
        (["--rate-limit", "3/0"], "say UNITS/SECONDS"),
        (["--faults", "missing.yaml"], "missing.yaml: cannot be read"),
        (["--faults", "bad.yaml"], "bad.yaml:2: fault 2.kind"),
        (["--db", "."], "--db names a file"),
        (["--db", "bad.yaml"], "is not a file of the sandbox"),
        (["--port", "70000"], "Invalid value for '--port'"),
        (["--sheets", "0"], "Invalid value for '--sheets'"),
        (["--sheets", "two"], "Invalid value for '--sheets'"),
    ],
)
def test_bad_options_are_one_sentence_and_2(
    dsr: Dsr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "bad.yaml").write_text("- kind: timeout\n- kind: tiemout\n" + "#" * 200, encoding="utf-8")
    said = dsr("sandbox", *words)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_a_file_that_was_left_half_filled_is_refused(
    dsr: Dsr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the half of a thousand sheets would be served as if it were all of them."""
    from dsr_pipeline.sandbox import generated

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generated, "_write_sheet", stop)
    file = tmp_path / "half.sqlite"
    assert dsr("sandbox", "--db", file, "--sheets", 3).code == 2
    said = dsr("sandbox", "--db", file)
    assert (said.code, said.err.strip()) == (
        2,
        f"dsr: {file} was left half filled: delete it and start again",
    )


def test_an_unknown_token_and_a_taken_port_are_told(
    dsr: Dsr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dsr_pipeline.sandbox.sample import load_sample
    from dsr_pipeline.sandbox.serve import serve
    from dsr_pipeline.sandbox.store import Store

    monkeypatch.chdir(tmp_path)
    store = Store(tmp_path / "s.sqlite")
    load_sample(store)
    store.close()
    said = dsr("sandbox", "--db", "s.sqlite", "--token", "other")
    assert said.code == 2
    assert "knows no such token" in said.err
    assert "sandbox-token" not in said.err

    async def app(*_: object) -> None: ...

    with serve(app, token="") as taken:
        said = dsr("sandbox", "--db", "s.sqlite", "--port", taken.port)
    assert said.code == 2
    assert f"port {taken.port} of 127.0.0.1 cannot be used" in said.err
