"""Whether Smartsheet is read at all, and what becomes of the tables where it is not.

Lives here: the reason in words, and the tables of an installation that has no token or names no sheets. The
sync itself is `sync`. Called by `dsr sync`, by the Dagster assets and their sensor.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from dsr_pipeline.lake.contracts.smartsheet import DERIVED, GROUP, ROW_VERSIONS, SHEET_READS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.smartsheet.catching_up import catch_up
from dsr_pipeline.smartsheet.column_map import load_columns
from dsr_pipeline.smartsheet.sources import FILE, Sources


def why_not_read(sources: Sources, *, has_token: bool) -> str | None:
    """Why nothing is asked of Smartsheet, with the mend; None where it is read."""
    if not sources.sources:
        return f"rules/{FILE} names no sources, so nothing is read: name the workspaces whose sheets count"
    if not has_token:
        return "no token is set, so nothing is read: set SMARTSHEET_API_TOKEN (docs/smartsheet.md)"
    return None


def keep_tables(
    lake: Lake,
    rules_root: Path,
    *,
    now: datetime,
    run_id: str,
    quarantine: Path | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> None:
    """See to it that the tables are there, contacting nobody; those that are there stay as they are.

    Without records they are empty; with records (of an earlier time, or out of a backup) they are folded.
    """
    if lake.log(SHEET_READS).urls() or lake.log(ROW_VERSIONS).urls():
        if not _are_there(lake):
            rules = load_columns(rules_root)
            catch_up(lake, rules, now=now, run_id=run_id, quarantine=quarantine, on_wait=on_wait)
        return
    if _are_there(lake):
        return
    group = lake.group(GROUP)
    with group.writing(DERIVED, run_id=run_id, quarantine=quarantine, on_wait=on_wait) as writer:
        if _are_there(lake):  # another process was quicker
            return
        for contract in DERIVED:
            writer.put(contract, contract.schema.empty_table())
        writer.switch().raise_if_refused()


def _are_there(lake: Lake) -> bool:
    tables = lake.group(GROUP).state().tables
    return all(one.table in tables and tables[one.table].contract_hash == one.hash for one in DERIVED)
