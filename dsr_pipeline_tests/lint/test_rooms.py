"""The import rules of pyproject.toml can fail: each is broken once, in a copy with empty rooms.

The rules themselves are run on the real package by `make lint`.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dsr_pipeline_tests.conftest import PROJECT

CONTRACTS = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]
MODULES = {"definitions", "settings", "weeks", "text", "rule_files", "money"}
ROOMS = {word.strip(" ()") for layer in CONTRACTS[0]["layers"] for word in layer.split("|")}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with every room, all empty but for what each rule allows, and the real rules."""
    (tmp_path / "pyproject.toml").write_text(
        (PROJECT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    root = tmp_path / "dsr_pipeline"
    root.mkdir()
    (root / "__init__.py").touch()
    for name in ROOMS:
        if name in MODULES:
            (root / f"{name}.py").touch()
        else:
            (root / name).mkdir()
            (root / name / "__init__.py").touch()
    add(root, "defs/__init__.py", "import dagster\nimport dsr_pipeline.settings\nimport dsr_pipeline.bank")
    add(root, "definitions.py", "import dagster\nimport dsr_pipeline.defs")
    add(root, "cli/__init__.py", "import dsr_pipeline.defs\nimport dsr_pipeline.settings")
    add(root, "bank/__init__.py", "import dsr_pipeline.lake")
    return root


def add(root: Path, file: str, text: str) -> None:
    with (root / file).open("a", encoding="utf-8") as stream:
        stream.write(f"{text}\n")


def judged(package: Path) -> tuple[int, str]:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-logo", "--no-cache"],
        cwd=package.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_is_allowed_passes(package: Path) -> None:
    code, said = judged(package)
    assert code == 0, said


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("lake/__init__.py", "import dsr_pipeline.bank", "Imports go down only"),
        ("money.py", "import dsr_pipeline.text", "Imports go down only"),
        ("bank/__init__.py", "import dsr_pipeline.smartsheet", "Imports go down only"),
        ("defs/__init__.py", "import dsr_pipeline.cli", "Imports go down only"),
        ("reports/__init__.py", "import dsr_pipeline.sandbox", "Imports go down only"),
        ("bank/__init__.py", "import dagster", "Only defs and definitions import dagster"),
        (
            "cli/__init__.py",
            "def f():\n    import dagster_graphql",
            "Only defs and definitions import dagster",
        ),
        ("definitions.py", "import dsr_pipeline.settings", "Only cli and defs import settings"),
        (
            "billing/__init__.py",
            "from dsr_pipeline.settings import Settings",
            "Only cli and defs import settings",
        ),
        ("sandbox/__init__.py", "import dsr_pipeline.billing", "The sandbox imports no domain room"),
        ("utils.py", "", "Imports go down only"),
    ],
)
def test_each_rule_can_be_broken(package: Path, file: str, line: str, broken: str) -> None:
    add(package, file, line)
    code, said = judged(package)
    assert code == 1, said
    assert f"{broken} BROKEN" in " ".join(said.split())
