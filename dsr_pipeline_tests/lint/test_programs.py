"""A test that needs a system program is skipped by that program's name, and fails under CI instead."""

from __future__ import annotations

import re

import pytest

from dsr_pipeline_tests import conftest
from dsr_pipeline_tests.conftest import PROGRAMS, PROJECT, needs_program

NAMED = re.compile(r"needs_program\(([^)]*)\)")
OURS = "lint/test_programs.py"
# Not written into the calls below: `make system` would take them for programs that this file needs.
UNKNOWN, SOME = "frobnicator", "chromium"


def test_an_unknown_program_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not in \.ci/programs\.toml: frobnicator"):
        needs_program(UNKNOWN)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_says_how_it_is_found_and_installed(name: str) -> None:
    assert PROGRAMS[name].keys() == {"commands", "apt"}
    assert all(PROGRAMS[name].values())


def test_programs_are_named_literally_so_that_make_system_finds_them() -> None:
    files = [path for path in (PROJECT / "dsr_pipeline_tests").rglob("test_*.py") if not path.match(OURS)]
    named = [text for path in files for text in NAMED.findall(path.read_text(encoding="utf-8"))]
    wrong = [text for text in named if not re.fullmatch(r'(\s*"[a-z0-9_-]+"\s*,?)+\s*', text)]
    assert not wrong


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    """What the hook does to a test that needs chromium, with or without it, under CI or not."""

    def decide(*, present: bool, ci: str) -> str:
        monkeypatch.setattr(conftest.shutil, "which", lambda command: f"/bin/{command}" if present else None)
        monkeypatch.setenv("CI", ci)
        item = pytest.Function.from_parent(request.node.parent, name="it", callobj=lambda: None)
        item.add_marker(needs_program(SOME))
        try:
            conftest.pytest_runtest_setup(item)
        except pytest.skip.Exception as skipped:
            return f"skipped: {skipped}"
        except pytest.fail.Exception as failed:
            return f"failed: {failed}"
        return "runs"

    return decide


def test_with_the_program_the_test_runs(outcome) -> None:
    assert outcome(present=True, ci="true") == "runs"


def test_without_it_the_test_is_skipped_by_name(outcome) -> None:
    assert outcome(present=False, ci="").startswith("skipped: needs the program chromium")


def test_under_ci_the_same_is_a_failure(outcome) -> None:
    assert outcome(present=False, ci="true").startswith("failed: needs the program chromium")
