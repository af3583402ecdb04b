"""The jobs: what a person or a schedule runs in one go.

Lives here: selections of assets by name. When they run is `schedules` and `sensors`.
"""

from __future__ import annotations

import dagster as dg

BANK_GROUPS = ("bank", "powerbi")

bank = dg.define_asset_job(
    "bank",
    selection=dg.AssetSelection.groups(*BANK_GROUPS),
    description="Bank exports to verified transactions, and on to what Power BI opens.",
    tags={"dsr/writes": "bank"},
)

smartsheet = dg.define_asset_job(
    "smartsheet",
    selection=dg.AssetSelection.groups("smartsheet"),
    description="The sheets that have moved, into the tables of now and the versions for ever.",
    tags={"dsr/writes": "smartsheet"},
)

everything = dg.define_asset_job(
    "everything",
    selection=dg.AssetSelection.all(),
    description="Every asset, from what was received to what is published.",
    tags={"dsr/writes": "everything"},
)

JOBS = (bank, smartsheet, everything)
