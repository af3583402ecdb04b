"""Which revision of a report is out, and which weeks were built: what `reports/report_files` remembers.

Lives here: the one change that publishing makes to that table, and the weeks in the inputs of its switch.
Building it is `weekly_build`; the steps of every attachment are the log publish/publications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dsr_pipeline.lake.contracts.reports import REPORT_FILES, REPORTS
from dsr_pipeline.lake.contracts.smartsheet import EVERY_WORK_REQUEST, HOLDS
from dsr_pipeline.lake.errors import MissingTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from decimal import Decimal

    from dsr_pipeline.lake.store import Lake

WEEKS = "weeks"
"""In the inputs of the group's switch: the hash of every week as it was built last, by its ISO day."""

WAITING = "waiting"
"""There, too: work requests by week whose groups are gone while they are held. Once they are not held, the
groups are withdrawn."""


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """A report that every one of its targets has now."""

    group_id: str
    revision: int
    content_hash: str
    amount: Decimal


def known_weeks(lake: Lake, inputs: Mapping[str, Any]) -> dict[date, str]:
    """What every week was built from, out of the inputs of a switch.

    A week that waited for work requests to be known again has no such hash once one of them is.
    """
    weeks = {date.fromisoformat(week): str(known) for week, known in inputs.get(WEEKS, {}).items()}
    waiting: dict[str, list[str]] = inputs.get(WAITING, {})
    if waiting:
        held = held_work_requests(lake)
        for week, requests in waiting.items():
            if any(not is_held(request, held) for request in requests):
                weeks[date.fromisoformat(week)] = ""
    return weeks


def held_work_requests(lake: Lake) -> frozenset[str]:
    """The work requests of smartsheet/holds."""
    try:
        table = lake.read(HOLDS, ["work_request"])
    except MissingTable:
        return frozenset()
    return frozenset(str(name) for name in table.column(0).to_pylist())


def is_held(work_request: str, held: frozenset[str]) -> bool:
    """Whether a sheet that names the work request, or may name it, is not known as it is now."""
    return not held.isdisjoint((work_request, EVERY_WORK_REQUEST))


def differing_weeks(built: Mapping[date, str], current: Mapping[date, str]) -> list[date]:
    """The weeks to build, oldest first: also those that every group has left."""
    return sorted(week for week in {*built, *current} if built.get(week) != current.get(week))


def mark_published(
    lake: Lake,
    published: Iterable[PublishedReport],
    *,
    at: datetime,
    run_id: str,
    wait: bool = True,
    on_wait: Callable[[str], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> int:
    """Record that these reports are live at every target (`at` is UTC without a zone); gives how many moved.

    A report that was built anew while it was uploaded is not published by that, but what went out is its
    last published revision all the same; its week then counts as not built, so that the next build numbers
    it as the revision after. A revision that is live again keeps the day on which it was live first. Raises
    `MissingTable` before the first build, and `ContractBroken` where the table would break its contract.
    """
    by_group = {one.group_id: one for one in published}
    if not by_group:
        return 0
    group = lake.group(REPORTS)
    with group.writing((REPORT_FILES,), run_id=run_id, wait=wait, on_wait=on_wait, on_step=on_step) as writer:
        rows: list[dict[str, Any]] = group.read(REPORT_FILES).to_pylist()
        weeks = dict(writer.inputs.get(WEEKS, {}))
        moved = 0
        for row in rows:
            report = by_group.get(row["group_id"])
            if report is None or not _record(row, report, at):
                continue
            moved += 1
            if row["published_at_utc"] is None:
                weeks.pop(row["week_ending"].isoformat(), None)
        if moved:
            writer.inputs[WEEKS] = weeks
            writer.put(REPORT_FILES, pa.Table.from_pylist(rows, schema=REPORT_FILES.schema))
            writer.switch().raise_if_refused()
    return moved


def _record(row: dict[str, Any], report: PublishedReport, at: datetime) -> bool:
    """Put a publication into a row; whether that changed it."""
    told = (report.revision, report.content_hash)
    again = (row["published_revision"], row["published_hash"]) == told
    as_built = (row["revision"], row["content_hash"]) == told
    if again and (row["published_at_utc"] is not None or not as_built):
        return False
    row["published_at_utc"] = at if as_built else None
    if not again:
        row["published_revision"], row["published_hash"] = told
        row["published_amount"] = report.amount
        row["last_published_at_utc"] = at
    return True
