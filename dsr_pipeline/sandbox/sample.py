"""The small world that comes with the project, for the demo and the tests.

The data lie in `data/samples/world` of a source checkout; its README says what is in them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.sandbox.world_seed import load_world

if TYPE_CHECKING:
    from dsr_pipeline.sandbox.store import Store

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "world"


def load_sample(store: Store, snapshot: int = 0, *, token: str = "sandbox-token") -> None:
    """Make the sample's sheets live as of a snapshot. Raises `WorldError` where the sample is not there."""
    load_world(store, SAMPLE, snapshot, token=token)
