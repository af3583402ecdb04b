"""A lake to bill in, and the stand-in for the tests that come from Smartsheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.billing.billing_world import BillingWorld
from dsr_pipeline_tests.standin import certificate, stand_in, stand_in_factory

__all__ = ["certificate", "stand_in", "stand_in_factory", "world"]


@pytest.fixture
def world(tmp_path: Path) -> BillingWorld:
    """An empty lake under the shipped rules."""
    return BillingWorld(Lake(tmp_path / "lake"))
