"""The repository holds what belongs in it, and speaks of no machine that it was made on."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from dsr_pipeline_tests.conftest import PROJECT

TOP = {
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "csv_inbox",
    "data",
    "docs",
    "dsr_pipeline",
    "dsr_pipeline_tests",
    "pyproject.toml",
    "requirements",
    "rules",
    "workspace.yaml",
}


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file of the repository."""
    if not (PROJECT / ".git").exists():
        pytest.skip("this copy of the project is no git checkout")
    done = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True)
    return [PROJECT / name for name in done.stdout.split("\0") if name and (PROJECT / name).is_file()]


def test_the_top_level_holds_nothing_else(tracked: list[Path]) -> None:
    assert {path.relative_to(PROJECT).parts[0] for path in tracked} <= TOP


def test_no_file_names_the_machine_it_was_made_on(tracked: list[Path]) -> None:
    places = [f"{folder}/".encode() for folder in (PROJECT, Path.home()) if len(folder.parts) > 1]
    wrong = [path for path in tracked if any(place in path.read_bytes() for place in places)]
    assert not wrong


def test_nothing_derived_or_recorded_is_in_the_repository(tracked: list[Path]) -> None:
    below_data = {
        path.relative_to(PROJECT).parts[1] for path in tracked if path.is_relative_to(PROJECT / "data")
    }
    in_inbox = {path.name for path in tracked if path.is_relative_to(PROJECT / "csv_inbox")}
    assert below_data <= {".gitkeep", "samples"}
    assert in_inbox <= {".gitkeep"}


def test_every_way_to_start_dagster_loads_the_same_definitions() -> None:
    tools = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    workspace = yaml.safe_load((PROJECT / "workspace.yaml").read_text(encoding="utf-8"))
    (location,) = workspace["load_from"]
    assert location == {
        "python_module": {
            "module_name": tools["dagster"]["module_name"],
            "location_name": tools["dagster"]["code_location_name"],
        }
    }
    assert tools["dg"]["project"]["code_location_target_module"] == tools["dagster"]["module_name"]
    assert tools["dg"]["project"]["code_location_name"] == tools["dagster"]["code_location_name"]
