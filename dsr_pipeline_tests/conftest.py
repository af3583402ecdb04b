"""What every test shares: the marks, the programs some tests need, and the project folder.

`needs_program` marks a test with the system programs it needs. Without them it is skipped by their name;
with `CI=true` the same is a failure, so that a machine which should have them cannot stay silent.
"""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

# Properties are tried on the same examples in every run, so that a run that failed can be repeated and one
# that passed says something about the change; `HYPOTHESIS_PROFILE=explore` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

PROJECT = Path(__file__).resolve().parent.parent
PROGRAMS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (PROJECT / ".ci" / "programs.toml").read_text(encoding="utf-8")
)


def needs_program(*names: str) -> pytest.MarkDecorator:
    """Mark a test (or, as `pytestmark`, a module) with the programs of `.ci/programs.toml` it needs."""
    if unknown := [name for name in names if name not in PROGRAMS]:
        raise ValueError(f"not in .ci/programs.toml: {', '.join(unknown)}")
    return pytest.mark.needs_program(*names)


def find_program(name: str) -> str | None:
    """The path of a program under any of the commands it goes by, or None."""
    return next((found for command in PROGRAMS[name]["commands"] if (found := shutil.which(command))), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or under CI fail, a test whose programs are not all here."""
    names = [name for mark in item.iter_markers("needs_program") for name in mark.args]
    missing = [name for name in names if find_program(name) is None]
    if not missing:
        return
    reason = f"needs the program {', '.join(missing)} (`make system` installs it where it can)"
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(f"{reason}; with CI=true a test may not be skipped for it", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def project() -> Path:
    """The project folder, to read from; tests write elsewhere."""
    return PROJECT
