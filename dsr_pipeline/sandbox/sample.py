"""The small world that comes with the project, for the demo and the tests.

The data lie in `data/samples/world` of a source checkout; its README says what is in them. Beside the sheets
of the field it has those of the billing office, to which reports are attached (`sample_targets`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.sandbox.sample_targets import load_targets
from dsr_pipeline.sandbox.world import open_world
from dsr_pipeline.sandbox.world_seed import load_world

if TYPE_CHECKING:
    from dsr_pipeline.sandbox.store import Store

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "world"


def load_sample(store: Store, snapshot: int = 0, *, token: str = "sandbox-token") -> None:
    """Make the sample's sheets live as of a snapshot. Raises `WorldError` where the sample is not there."""
    load_world(store, SAMPLE, snapshot, token=token)
    load_office(store, token=token)


def load_office(store: Store, *, token: str = "sandbox-token") -> None:
    """Add the sheets of the billing office to a store with the sample; it may have them already."""
    load_targets(store, open_world(SAMPLE), token=token)
