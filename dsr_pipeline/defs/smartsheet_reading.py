"""What the Smartsheet assets do: read where there is a token, keep the tables where there is none.

Lives here: the resources put together with the room `smartsheet`, and what a run reports of it. Called by
`assets.smartsheet` and by the sensor and schedule, which ask the same question before they start anything.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsr_pipeline.smartsheet.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from dsr_pipeline.defs.resources import Home, Smartsheet
    from dsr_pipeline.defs.sheet_changes import Moved
    from dsr_pipeline.smartsheet.discovery import Tree
    from dsr_pipeline.smartsheet.report import SyncReport
    from dsr_pipeline.smartsheet.sources import Sources

SHOWN_PROBLEMS = 20
"""Sentences that are stored with a materialisation; all of them stand in `smartsheet/sync_runs`."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one run did: a sync, or the reason why there was none."""

    report: SyncReport | None
    why_not: str | None = None

    def figures(self) -> dict[str, Any]:
        """For the metadata of every table of the sync."""
        if self.report is None:
            return {"new content": False, "not read": self.why_not or ""}
        report = self.report
        figures: dict[str, Any] = {
            "new content": bool(report.rows_seen or report.rows_removed) and not report.failures,
            "sync": report.run_seq,
            "sheets read": report.read,
            "sheets unchanged": report.unchanged,
            "sheets unknown": len(report.of_status("unknown")),
            "sheets held": len(report.of_status("held")),
            "rows new or changed": report.rows_seen,
            "rows removed": report.rows_removed,
            "calls": report.calls,
            "units": report.cost,
        }
        told = problems(report)
        if told:
            figures["problems"] = "\n".join(told[:SHOWN_PROBLEMS])
        return figures


def problems(report: SyncReport) -> list[str]:
    """Everything that a person should know, one sentence each."""
    blocked = (*report.of_status("unknown"), *report.of_status("held"))
    killed = [
        f"sync {seq} was killed; what it had recorded counts, and this one read the rest"
        for seq in report.interrupted
    ]
    return [*report.problems, *(one.reason for one in blocked if one.reason), *report.failures, *killed]


def why_not(smartsheet: Smartsheet, home: Home) -> str | None:
    """Why nothing is asked of Smartsheet here; None where it is read. Raises `RuleFileError`s."""
    from dsr_pipeline.smartsheet.standing import why_not_read

    return why_not_read(load_sources(home.rules_path), has_token=smartsheet.has_token)


def look_for_changes(smartsheet: Smartsheet, home: Home, seconds: float) -> Moved:
    """The sheets that have moved since they were read: one call, given up after so many seconds."""
    from dsr_pipeline.defs.sheet_changes import sheet_changes
    from dsr_pipeline.lake.contracts.smartsheet import COLUMNS, GROUP, SHEETS
    from dsr_pipeline.smartsheet.catalogue import Catalogue
    from dsr_pipeline.smartsheet.discovery import Tree
    from dsr_pipeline.smartsheet.sync import TREE

    sources = load_sources(home.rules_path)

    group = home.open_lake().group(GROUP)
    state = group.state()
    sheets = group.read(SHEETS, state=state) if SHEETS.table in state.tables else SHEETS.schema.empty_table()
    tree = Tree.from_json(state.inputs[TREE]) if TREE in state.inputs else None
    with closing(smartsheet.open(sources.limits, patience=seconds)) as client:
        listed = client.list_sheets()
    return sheet_changes(
        listed,
        Catalogue.from_tables(sheets, COLUMNS.schema.empty_table()).sheets,
        tree.listed if tree else None,
        _other_rules(home, sources, tree, state.inputs) if tree else None,
    )


def _other_rules(home: Home, sources: Sources, tree: Tree, inputs: Mapping[str, Any]) -> str | None:
    """The hash of the rules where they are not those of the last sync: a mended title is not left waiting."""
    from dsr_pipeline.smartsheet.column_map import load_columns
    from dsr_pipeline.smartsheet.discovery import sources_hash
    from dsr_pipeline.smartsheet.fold import RULES, rules_hash
    from dsr_pipeline.text import canonical_hash

    named, mapped = sources_hash(sources), rules_hash(load_columns(home.rules_path))
    same = (named, mapped) == (tree.sources_hash, inputs.get(RULES))
    return None if same else canonical_hash(named, mapped)


def bring_up_to_date(
    smartsheet: Smartsheet,
    home: Home,
    *,
    now: datetime,
    run_id: str,
    say: Callable[[str], None],
    progress: Callable[[str, int, int], None],
) -> Done:
    """One sync. Raises `SmartsheetError` where Smartsheet cannot be asked, and `RuleFileError`s."""
    from dsr_pipeline.smartsheet.column_map import load_columns
    from dsr_pipeline.smartsheet.standing import keep_tables, why_not_read
    from dsr_pipeline.smartsheet.sync import sync

    lake, sources = home.open_lake(), load_sources(home.rules_path)
    if reason := why_not_read(sources, has_token=smartsheet.has_token):
        say(reason)
        keep_tables(
            lake, home.rules_path, now=now, run_id=run_id, quarantine=home.quarantine_path, on_wait=say
        )
        return Done(None, reason)
    columns = load_columns(home.rules_path)
    with closing(smartsheet.open(sources.limits, on_event=say)) as client:
        return Done(
            sync(
                client,
                lake,
                sources,
                columns,
                now=now,
                run_id=run_id,
                quarantine=home.quarantine_path,
                on_wait=say,
                progress=progress,
            )
        )


def serve_history(
    smartsheet: Smartsheet,
    home: Home,
    *,
    now: datetime,
    run_id: str,
    budget: int,
    say: Callable[[str], None],
) -> Mapping[str, Any]:
    """One turn of the queue of histories, and its figures; without a token the queue waits."""
    from dsr_pipeline.smartsheet.history import fetch_history

    if reason := why_not(smartsheet, home):
        return {"new content": False, "not read": reason}
    limits = load_sources(home.rules_path).limits
    with closing(smartsheet.open(limits, on_event=say)) as client:
        turn = fetch_history(client, home.open_lake(), budget=budget, now=now, run_id=run_id)
        figures = {
            "new content": turn.fetched > 0,
            "histories fetched": turn.fetched,
            "histories waiting": turn.waiting,
        }
        spent = {"calls": client.calls.calls, "units": client.calls.cost}
    told = {"problems": "\n".join(turn.problems[:SHOWN_PROBLEMS])} if turn.problems else {}
    return {**figures, **spent, **told}
