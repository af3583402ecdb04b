"""A lake to bill in."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.billing.billing_world import BillingWorld


@pytest.fixture
def world(tmp_path: Path) -> BillingWorld:
    """An empty lake under the shipped rules."""
    return BillingWorld(Lake(tmp_path / "lake"))
