"""The stand-in of every test in this folder, and an account on it."""

from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import StandIn, certificate, stand_in, stand_in_factory

__all__ = ["account", "certificate", "stand_in", "stand_in_factory"]


@pytest.fixture
def account(stand_in: StandIn, tmp_path: Path) -> Account:
    """A stand-in, a client and a lake that has nothing yet."""
    return Account(stand_in, Lake(tmp_path / "lake"))
