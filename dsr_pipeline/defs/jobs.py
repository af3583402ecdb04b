"""The jobs: what a person or a schedule runs in one go.

Lives here: selections of assets by name. When they run is `schedules` and `sensors`. The weekly products are
in a job of their own: a run is over weeks, or over tables that have none, and never over both.
"""

from __future__ import annotations

import dagster as dg

from dsr_pipeline.defs.registry import REJECTED_LEDGER, REPORT_ATTACHMENTS, RULES, WEEKLY_WORKBOOKS

BANK_GROUPS = ("bank", "powerbi")

_RULES_OF_BILLING = dg.AssetSelection.checks_for_assets(RULES)
_BILLED = dg.AssetSelection.groups("billing") | dg.AssetSelection.assets(REJECTED_LEDGER) | _RULES_OF_BILLING
_WEEKLY = dg.AssetSelection.assets(WEEKLY_WORKBOOKS, REPORT_ATTACHMENTS)

bank = dg.define_asset_job(
    "bank",
    selection=dg.AssetSelection.groups(*BANK_GROUPS),
    description="Bank exports to verified transactions, and on to what Power BI opens.",
    tags={"dsr/writes": "bank"},
)

smartsheet = dg.define_asset_job(
    "smartsheet",
    selection=dg.AssetSelection.groups("smartsheet") | _BILLED,
    description="The sheets that have moved, into the tables of now and the versions for ever, and on to "
    "what they bill.",
    tags={"dsr/writes": "smartsheet"},
)

billing = dg.define_asset_job(
    "billing",
    selection=_BILLED,
    description="Rows that are already read, judged, priced and grouped again: after an edit of "
    "rules/billing, or a decision about a claim.",
    tags={"dsr/writes": "billing"},
)

weekly_reports = dg.define_asset_job(
    "weekly_reports",
    selection=_WEEKLY,
    description="The workbooks of one week, or of a range of weeks, and their attachments.",
    tags={"dsr/writes": "reports"},
)

everything = dg.define_asset_job(
    "everything",
    selection=(dg.AssetSelection.all() - _WEEKLY) | _RULES_OF_BILLING,
    description="Every table, from what was received to what is billed. The weekly products follow by "
    "themselves: the sensor changed_weeks asks for the weeks that differ.",
    tags={"dsr/writes": "everything"},
)

JOBS = (bank, smartsheet, billing, weekly_reports, everything)
