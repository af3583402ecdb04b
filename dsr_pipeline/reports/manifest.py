"""Which revision of a report is out: what `reports/report_files` says of publication, written down.

Lives here: the one change that publishing makes to that table. Building it is `weekly_build`; the steps of
every attachment are the log publish/publications.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dsr_pipeline.lake.contracts.reports import REPORT_FILES, REPORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from decimal import Decimal

    from dsr_pipeline.lake.store import Lake

WEEKS = "weeks"
"""In the inputs of the group's switch: the hash of every week as it was built last, by its ISO day."""


@dataclass(frozen=True, slots=True)
class PublishedReport:
    """A report that every one of its targets has now."""

    group_id: str
    revision: int
    content_hash: str
    amount: Decimal


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
