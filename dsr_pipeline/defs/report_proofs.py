"""What workbooks and attachments must prove: files as recorded, sums as billed, nothing missing.

Lives here: SQL over the tables of billing, reports and publication, the bytes of the files, and the sentence
for a person; no dagster. Called by `checks`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from dsr_pipeline.defs.findings import SHOWN, Finding, count, rows_of_groups
from dsr_pipeline.lake.contracts.billing import GROUP as BILLING
from dsr_pipeline.lake.contracts.billing import WORK_GROUPS
from dsr_pipeline.lake.contracts.reports import ATTACHMENTS, PUBLISH, REPORT_FILES, REPORTS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from pathlib import Path

    from dsr_pipeline.billing.variants import Variants
    from dsr_pipeline.lake.store import Lake

NOTHING_BUILT = "no workbook was built yet"


def files_as_recorded(lake: Lake, folder: Path, weeks: Collection[date] | None) -> Finding:
    """Every workbook and PDF lies there with the bytes that were recorded; of other weeks than those of the
    run only that it lies there and how large it is."""
    if lake.table_path(REPORT_FILES) is None:
        return Finding("holds", NOTHING_BUILT)
    names = ["path", "sha256", "size", "pdf_path", "pdf_sha256", "week_ending"]
    wrong: list[dict[str, Any]] = []
    files = hashed = 0
    for row in lake.read(REPORT_FILES, names).to_pylist():
        read = weeks is None or row["week_ending"] in weeks
        for path, sha256, size in (
            (row["path"], row["sha256"], row["size"]),
            (row["pdf_path"], row["pdf_sha256"], None),
        ):
            if path is None:
                continue
            files, hashed = files + 1, hashed + read
            if why := _unlike(folder / path, sha256 if read else None, size):
                wrong.append({"week ending": row["week_ending"], "file": path, "found": why})
    figures = {"files": files, "files read": hashed}
    if wrong:
        told = f"{count(len(wrong), 'file')} not as recorded: build the week again, and it is written anew"
        return Finding("broken", told, figures, wrong[:SHOWN])
    return Finding("holds", f"{count(files, 'file')} as recorded", figures)


def sums_of_reports(lake: Lake) -> Finding:
    """A workbook of the content that is billed now says the rows and the amount of its group."""
    if not _are_there(lake, REPORT_FILES.key, WORK_GROUPS.key):
        return Finding("holds", NOTHING_BUILT)
    rows, total = rows_of_groups(lake, (BILLING, REPORTS), _SUMS)
    if total:
        return Finding("broken", f"{count(total, 'workbook')} with another sum than its group", {}, rows)
    return Finding("holds", "every workbook says what its group bills")


def closed_weeks_have_workbooks(lake: Lake) -> Finding:
    """No group that is ready, in a week that has ended, is without the workbook of its content."""
    if lake.table_path(WORK_GROUPS) is None:
        return Finding("holds", "nothing was billed yet")
    if lake.table_path(REPORT_FILES) is None:
        return Finding("holds", NOTHING_BUILT)
    rows, total = rows_of_groups(lake, (BILLING, REPORTS), _WITHOUT)
    if total:
        weeks = sorted({str(row["week_ending"]) for row in rows})
        told = f"{count(total, 'group')} of closed weeks without the workbook of now: {', '.join(weeks)}"
        return Finding("needs a person", told, {}, rows)
    return Finding("holds", "every group of a closed week has its workbook")


def published_is_live(lake: Lake, variants: Variants | None, why_not: str | None) -> Finding:
    """Every report that is recorded as published is live at every target of its variant.

    `why_not` says why nothing is attached here; where nothing ever was, that is a choice and no fault.
    """
    if not _are_there(lake, REPORT_FILES.key, ATTACHMENTS.key):
        return Finding("holds", why_not or "nothing was published yet")
    named = variants.variants if variants else ()
    targets = [(one.name, target) for one in named for target in one.targets]
    told = ", ".join(f"({_text(name)}, {_text(target)})" for name, target in targets) or "(null, null)"
    rows, total = rows_of_groups(lake, (REPORTS, PUBLISH), _LIVE.format(targets=told))
    published, _ = rows_of_groups(lake, (REPORTS, PUBLISH), _PUBLISHED)
    figures = {"published": int(published[0]["published"]), "live": int(published[0]["live"])}
    if total:
        return Finding(
            "needs a person", f"{count(total, 'target')} without the report that is published", figures, rows
        )
    if why_not is not None:
        verdict = "needs a person" if figures["published"] else "holds"
        return Finding(verdict, why_not, figures)
    return Finding("holds", f"{count(figures['published'], 'report')} live at every target", figures)


def _unlike(file: Path, sha256: str | None, size: int | None) -> str | None:
    """How a file differs from its record; None where it does not. Without a hash it is not read."""
    try:
        found = file.stat().st_size
        if size is not None and found != size:
            return f"{found:,} bytes, recorded with {size:,}"
        if sha256 is not None and hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
            return "other bytes than recorded"
    except OSError as error:
        return error.strerror or "cannot be read"
    return None


def _are_there(lake: Lake, *keys: str) -> bool:
    return all(lake.table_path(key) is not None for key in keys)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


_SUMS = """
select f.week_ending, f.path, f.rows, g.rows as rows_billed, f.amount, g.amount as amount_billed
from reports.report_files f
join billing.work_groups g using (group_id)
where not f.withdrawn and f.content_hash = g.content_hash
    and (f.amount <> g.amount or f.rows <> g.rows or f.currency <> g.currency or f.money <> g.money)
order by f.week_ending, f.path
"""

_WITHOUT = """
select g.week_ending, g.work_request, g.variant, g.claimer, g.amount, f.path as workbook_of_before
from billing.work_groups g
left join reports.report_files f using (group_id)
where g.status = 'ready' and g.closed and f.content_hash is distinct from g.content_hash
order by g.week_ending desc, g.work_request, g.variant, g.group_id
"""

# A published revision stays published while the next one is only built: what is live then is that revision.
_LIVE = """
with targets(variant, target) as (values {targets}),
published as (
    select group_id, week_ending, work_request, variant, path, published_revision, published_hash
    from reports.report_files where published_at_utc is not null
)
select p.week_ending, p.work_request, p.variant, t.target, p.path, p.published_revision
from published p
join targets t using (variant)
anti join publish.attachments a
    on a.group_id = p.group_id and a.target = t.target and a.state = 'live'
    and a.content_hash = p.published_hash and a.revision = p.published_revision
order by p.week_ending desc, p.work_request, p.variant, t.target
"""

_PUBLISHED = """
select
    (select count(*) from reports.report_files where published_at_utc is not null) as published,
    (select count(*) from publish.attachments where state = 'live') as live
"""
