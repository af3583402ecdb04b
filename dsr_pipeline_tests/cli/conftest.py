"""A home for commands, and a way to run them that keeps what they print apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dsr_pipeline.cli.entry import main


@dataclass(frozen=True)
class Said:
    """What a command returned and printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Dsr = Callable[..., Said]


@pytest.fixture
def dsr(capsys: pytest.CaptureFixture[str]) -> Dsr:
    """Run `dsr` with these words."""

    def run(*words: object) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Said(code, out, err)

    return run


@pytest.fixture
def home(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the project's bank rules, an empty inbox, and none of this machine's settings."""
    import shutil

    for name in ("DSR_HOME", "DSR_LAKE", "DSR_TIMEZONE", "SMARTSHEET_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    place = tmp_path / "home"
    (place / "csv_inbox").mkdir(parents=True)
    (place / "data").mkdir()
    shutil.copytree(project / "rules" / "banks", place / "rules" / "banks")
    monkeypatch.setenv("DSR_HOME", str(place))
    return place
