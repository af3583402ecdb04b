"""A home whose rules name the workspace of the stand-in, with and without a token."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from dsr_pipeline.lake.store import Lake
from dsr_pipeline.settings import Settings
from dsr_pipeline_tests.conftest import PROJECT
from dsr_pipeline_tests.smartsheet.account import RULES, Account
from dsr_pipeline_tests.standin import StandIn

SOURCES = {"version": 1, "sources": [{"name": "field", "workspace": "Field billing"}]}


def connected(home: Path, base: str, token: str | None) -> Settings:
    """Settings of a home, and nothing of this machine's own."""
    return Settings.load(
        home,
        DSR_LAKE=None,
        DSR_TIMEZONE="Europe/Berlin",
        SMARTSHEET_API_BASE=base,
        SMARTSHEET_API_TOKEN=token,
    )


def write_rules(home: Path) -> None:
    """The rules of a home that reads the workspace `Field billing`."""
    folder = home / "rules" / "billing"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.yaml").write_text(yaml.safe_dump(SOURCES, sort_keys=False), encoding="utf-8")
    (folder / "columns.yaml").write_text(
        yaml.safe_dump({"version": 1, **RULES}, sort_keys=False), encoding="utf-8"
    )


@pytest.fixture
def settings(stand_in: StandIn, tmp_path: Path) -> Settings:
    """A home that reads the stand-in's workspace."""
    home = tmp_path / "home"
    for folder in ("csv_inbox", "data"):
        (home / folder).mkdir(parents=True)
    shutil.copytree(PROJECT / "rules" / "banks", home / "rules" / "banks")
    write_rules(home)
    return connected(home, stand_in.base, stand_in.token)


@pytest.fixture
def unconnected(settings: Settings) -> Settings:
    """The same home without a token."""
    return connected(settings.home, settings.smartsheet_base, None)


@pytest.fixture
def account(stand_in: StandIn, settings: Settings) -> Account:
    """The stand-in, with the lake of the home."""
    return Account(stand_in, Lake(settings.lake_url))
