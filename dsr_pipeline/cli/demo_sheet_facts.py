"""What the demo read of its sheets, in figures: sheets, syncs, and what changed between two looks.

Lives here: the questions to the Smartsheet tables. How the answers look is `demo`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsr_pipeline.smartsheet.cells import Held, decode, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """The figures of the sheets; rows are dicts named as the columns of their query.

    `syncs` are those that found something; `changes` has one entry per row that came or went and per cell
    that changed.
    """

    sheets: list[Row]
    syncs: list[Row]
    changes: list[Row]

    @property
    def rows(self) -> int:
        """Rows that the sheets hold now."""
        return sum(sheet["rows"] for sheet in self.sheets)

    @property
    def versions(self) -> int:
        """Versions of rows that are kept, rows found gone included."""
        return sum(sheet["versions"] for sheet in self.sheets)

    def of_status(self, status: str) -> int:
        """How many sheets have this standing."""
        return sum(sheet["status"] == status for sheet in self.sheets)

    def as_plain(self) -> Row:
        """Everything, for programs."""
        return {"sheets": self.sheets, "syncs": self.syncs, "changes": self.changes}

    def as_designed(self) -> Row:
        """The figures that the demo is compared by, as JSON values."""
        kinds = [change["what"] for change in self.changes]
        return {
            "sheets": {
                sheet["name"]: [sheet["status"], sheet["version"], sheet["rows"], sheet["versions"]]
                for sheet in self.sheets
            },
            "syncs": [[sync[name] for name in _FOUND] for sync in self.syncs],
            "changes": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        }


def collect_sheets(ask: Callable[[str], list[Row]]) -> SheetFacts:
    """Ask the Smartsheet tables."""
    titles = {row["column_id"]: row for row in ask(_COLUMNS)}
    return SheetFacts(ask(_SHEETS), ask(_SYNCS), list(_changes(ask(_VERSIONS), titles)))


def _changes(versions: list[Row], titles: dict[int, Row]) -> Iterator[Row]:
    for new in versions:
        after, before = (decode(new[name]) if new[name] else {} for name in ("cells", "cells_before"))
        work_request = next(
            (text(held) for cell, held in (after or before).items() if _means(titles, cell, "work_request")),
            "",
        )
        entry = {name: new[name] for name in ("sync", "sheet", "row_id", "row_number", "by", "at_utc")}
        entry |= {"work_request": work_request, "column_id": None, "column": "", "before": "", "after": ""}
        if new["cells"] is None or new["cells_before"] is None:
            yield entry | {"what": "removed" if new["cells"] is None else "new"}
            continue
        for cell in sorted(after.keys() | before.keys(), key=lambda one: _place(titles, one)):
            if after.get(cell) != before.get(cell):
                column = titles[int(cell)]["title"] if int(cell) in titles else cell
                shown: Row = {
                    "column_id": int(cell),
                    "before": _text(before.get(cell)),
                    "after": _text(after.get(cell)),
                }
                yield entry | {"what": "changed", "column": column, **shown}


def _means(titles: dict[int, Row], cell: str, canonical: str) -> bool:
    column = titles.get(int(cell))
    return column is not None and column["canonical"] == canonical


def _place(titles: dict[int, Row], cell: str) -> int:
    column = titles.get(int(cell))
    return column["position"] if column else -1


def _text(held: Held) -> str:
    return text(held) or ""


_FOUND = ("read", "unchanged", "rows_seen", "rows_removed")

_SHEETS = """
with versions as (
    select sheet_id, count(*) as number from smartsheet.row_versions group by sheet_id
)
select name, source, status, version, live_rows as rows, coalesce(number, 0) as versions, reason
from smartsheet.sheets
left join versions using (sheet_id)
where status <> 'ignored'
order by name, sheet_id
"""

_SYNCS = """
select
    run_seq as sync, sheets_read as read, sheets_unchanged as unchanged, rows_seen, rows_removed, calls, cost
from smartsheet.sync_runs
where rows_seen + rows_removed > 0
order by run_seq
"""

_COLUMNS = "select column_id, title, canonical, position from smartsheet.columns"

# A row that is gone carries nothing of its own: who and when are not known of it.
_VERSIONS = """
with versions as (
    select
        *,
        lag(cells) over before as cells_before,
        lag(row_number) over before as number_before
    from smartsheet.row_versions
    window before as (partition by sheet_id, row_id order by run_seq)
)
select
    run_seq as sync, sheets.name as sheet, row_id, coalesce(versions.row_number, number_before) as row_number,
    coalesce(modified_by, '') as by, modified_at_utc as at_utc, cells, cells_before
from versions
join smartsheet.sheets using (sheet_id)
where versions.run_seq > (select min(run_seq) from smartsheet.row_versions)
order by run_seq, sheets.name, row_number, versions.row_id
"""
