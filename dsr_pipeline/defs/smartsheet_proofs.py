"""What the Smartsheet tables must prove together: rows counted, sheets present, columns mapped, syncs whole.

Lives here: SQL over the tables of the lake and the sentence for a person; no dagster. Called by `checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsr_pipeline.defs.findings import Finding, count, row_of, rows_of
from dsr_pipeline.lake.contracts.smartsheet import GROUP, RUNS

if TYPE_CHECKING:
    from dsr_pipeline.lake.store import Lake


def row_counts(lake: Lake) -> Finding:
    """Every sheet has as many rows in the tables as Smartsheet said that it has."""
    figures = row_of(lake, GROUP, _ROW_FIGURES)
    rows, total = rows_of(lake, GROUP, _ROW_COUNTS)
    if total:
        told = f"{total} of {count(figures['sheets'], 'sheet')} hold other rows than Smartsheet counts"
        return Finding("broken", told, figures, rows)
    told = f"all {count(figures['rows_known'], 'row')} of {count(figures['sheets'], 'sheet')} are there"
    return Finding("holds", told, figures)


def sheets_present(lake: Lake) -> Finding:
    """No sheet that the sources name is unknown; of one that is, nothing was deleted."""
    figures = row_of(lake, GROUP, _STANDING)
    rows, total = rows_of(lake, GROUP, _UNKNOWN)
    if total:
        names = _names(rows, total)
        return Finding("needs a person", f"{count(total, 'sheet')} could not be read: {names}", figures, rows)
    return Finding("holds", f"none of {count(figures['sheets'], 'sheet')} is unknown", figures)


def columns_mapped(lake: Lake) -> Finding:
    """No sheet is held because a column that it needs has another title; near misses are named."""
    figures = row_of(lake, GROUP, _MAPPED)
    held, total = rows_of(lake, GROUP, _HELD)
    if total:
        reasons = "; ".join(str(row["reason"]) for row in held)
        return Finding("needs a person", f"{count(total, 'sheet')} held: {reasons}", figures, held)
    notes, _ = rows_of(lake, GROUP, _NOTES)
    mapped = f"{count(figures['mapped'], 'column')} mapped, {figures['others']} not needed"
    told = f"no sheet lacks a column that it needs: {mapped}"
    return Finding("holds", told, figures, notes)


def last_sync(lake: Lake, why_not: str | None) -> Finding:
    """The last sync reached everything; `why_not` says why there is none now.

    Where nothing was ever read, doing without Smartsheet is a choice and no fault.
    """
    log = lake.log(RUNS)
    records = len(log.urls())
    if not records:
        return Finding("holds", why_not or "nothing was read yet")
    last: dict[str, Any] = log.read(after=records - 1).to_pylist()[-1]
    figures = {name.replace("_", " "): last[name] for name in _FIGURES}
    when = f"sync {last['run_seq']} of {last['started_at_utc']:%Y-%m-%d %H:%M} UTC"
    if why_not is not None:
        return Finding("needs a person", f"{why_not}. The tables are those of {when}", figures)
    if last["status"] != "done":
        return Finding("needs a person", f"{when} is {last['status']}: {last['message']}", figures)
    told = f"{when}: {count(last['sheets_read'], 'sheet')} read, {last['sheets_unchanged']} unchanged"
    return Finding("holds", f"{told}, {count(last['calls'], 'call')}", figures)


_FIGURES = ("sheets", "sheets_read", "sheets_unchanged", "rows_seen", "rows_removed", "calls", "cost")

_KNOWN = """
state as (select sheet_id, count(*) as rows from smartsheet.row_state group by sheet_id),
shown as (select sheet_id, count(*) as rows from smartsheet.rows group by sheet_id)
"""

# A sheet that is held shows the rows of its last good mapping; one that is unknown stays as it was known.
_ROW_COUNTS = f"""
with {_KNOWN},
counted as (
    select
        sheet_id, coalesce(name, 'no such sheet') as sheet, status, total_row_count as rows_in_smartsheet,
        live_rows as rows_known, coalesce(state.rows, 0) as rows_current,
        coalesce(shown.rows, 0) as rows_shown
    from smartsheet.sheets
    full join state using (sheet_id)
    full join shown using (sheet_id)
)
select * from counted
where
    status is null
    or (status = 'ignored' and rows_current + rows_shown > 0)
    or (status <> 'ignored' and rows_current <> rows_known)
    or (status in ('read', 'held') and rows_in_smartsheet is distinct from rows_known)
    or (status = 'read' and rows_shown <> rows_known)
order by sheet_id
"""

_ROW_FIGURES = """
select
    count(*) filter (status <> 'ignored') as sheets,
    coalesce(sum(live_rows) filter (status <> 'ignored'), 0)::bigint as rows_known,
    (select count(*) from smartsheet.rows) as rows_shown
from smartsheet.sheets
"""

_STANDING = """
select
    count(*) filter (status <> 'ignored') as sheets,
    count(*) filter (status = 'read') as read,
    count(*) filter (status = 'held') as held,
    count(*) filter (status = 'unknown') as unknown,
    count(*) filter (status = 'ignored') as ignored
from smartsheet.sheets
"""

_UNKNOWN = """
select name as sheet, source, live_rows as rows_kept, read_at_utc as last_read, reason
from smartsheet.sheets
where status = 'unknown'
order by name, sheet_id
"""

_HELD = """
with near as (
    select sheet_id, string_agg(title || ': ' || note, '; ' order by position) as near_misses
    from smartsheet.columns
    where note is not null
    group by sheet_id
)
select name as sheet, source, reason, near_misses
from smartsheet.sheets
left join near using (sheet_id)
where status = 'held'
order by name, sheet_id
"""

_MAPPED = """
select
    count(canonical) as mapped,
    count(*) filter (canonical is null) as others,
    count(note) as notes
from smartsheet.columns
"""

_NOTES = """
select sheets.name as sheet, title as column, note
from smartsheet.columns
join smartsheet.sheets using (sheet_id)
where note is not null
order by sheets.name, position
"""


def _names(rows: list[dict[str, Any]], total: int) -> str:
    named = ", ".join(f"'{row['sheet']}'" for row in rows[:5])
    return named if total <= 5 else f"{named} and {total - 5} more"
