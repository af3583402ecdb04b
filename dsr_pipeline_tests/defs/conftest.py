"""A home with nothing in it, and definitions over it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home; nothing of this machine's own settings is in them."""
    home = tmp_path / "home"
    for folder in ("csv_inbox", "rules", "data"):
        (home / folder).mkdir(parents=True)
    return Settings.load(home, DSR_LAKE=None, DSR_TIMEZONE="Europe/Berlin", SMARTSHEET_API_TOKEN=None)


@pytest.fixture
def defs(settings: Settings) -> dg.Definitions:
    return build_defs(settings)
