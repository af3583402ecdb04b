"""How the demo shows its sheets: what stands there, what each sync cost, what changed between two looks.

Lives here: the page and nothing that asks the tables; that is `demo_sheet_facts`. Called by `demo`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from dsr_pipeline.cli import screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from dsr_pipeline.cli.demo_sheet_facts import Row, SheetFacts

SHOWN_ROWS = 9


def show_sheets(console: Console, facts: SheetFacts) -> None:
    """The page of the sheets."""
    console.rule("[bold]The sheets of the Smartsheet stand-in, and what is kept of them", align="left")
    sheets = screen.table(
        None, ["sheet", "source", "", "rows", "row versions kept"], right=["rows", "row versions kept"]
    )
    for sheet in facts.sheets:
        figures = (f"{sheet['rows']:,}", f"{sheet['versions']:,}")
        sheets.add_row(Text(sheet["name"]), Text(sheet["source"]), screen.cell(sheet["status"]), *figures)
    console.print(sheets)
    for sheet in facts.sheets:
        if sheet["reason"]:
            console.print(Text(f"  {sheet['name']}: {sheet['reason']}", style="yellow"), soft_wrap=True)
    console.print(
        f"{facts.rows:,} rows, {facts.versions:,} versions of them: no version is ever overwritten. "
        f"{facts.of_status('unknown')} sheets unknown, {facts.of_status('held')} held."
    )
    console.print()
    console.rule("[bold]What each sync found, and what it asked for", align="left")
    figures = ["read", "unchanged", "rows new or changed", "removed", "calls"]
    syncs = screen.table(None, ["sync", *figures], right=["sync", *figures])
    for sync in facts.syncs:
        names = ("sync", "read", "unchanged", "rows_seen", "rows_removed", "calls")
        syncs.add_row(*(f"{sync[name]:,}" for name in names))
    console.print(syncs)
    console.print()
    console.rule("[bold]What people did in the sheets between the syncs", align="left")
    _show_changes(console, facts)
    console.print()


def _show_changes(console: Console, facts: SheetFacts) -> None:
    wide = screen.is_wide(console)
    titles = ["sync", "work request", "row", "what", *(["who", "when (UTC)"] if wide else [])]
    page = screen.table(None, titles, right=["sync", "row"])
    rows = _by_row(facts.changes)
    chosen = _rarest(rows, SHOWN_ROWS)
    for cells in chosen:
        first = cells[0]
        texts = [str(first["sync"]), first["work_request"], str(first["row_number"] or ""), _what(cells)]
        when = f"{first['at_utc']:%Y-%m-%d %H:%M}" if first["at_utc"] else "not known"
        page.add_row(*(Text(one) for one in [*texts, *([first["by"] or "not known", when] if wide else [])]))
    console.print(page)
    if more := len(rows) - len(chosen):
        console.print(f"and {screen.count(more, 'row')} more, of the same kinds")


def _by_row(changes: Sequence[Row]) -> list[list[Row]]:
    """The changes of one row at one sync together, in their order."""
    rows: dict[tuple[int, int, str], list[Row]] = {}
    for change in changes:
        rows.setdefault((change["sync"], change["row_id"], change["what"]), []).append(change)
    return list(rows.values())


def _rarest(rows: list[list[Row]], number: int) -> list[list[Row]]:
    """So many rows whose kind of change is rare, so that every kind is seen; in their own order."""
    kinds = [tuple(cell["column"] or cell["what"] for cell in row) for row in rows]
    nth = [kinds[:place].count(kind) for place, kind in enumerate(kinds)]
    order = sorted(range(len(rows)), key=lambda place: (nth[place], place))[:number]
    return [rows[place] for place in sorted(order)]


def _what(cells: list[Row]) -> str:
    first = cells[0]
    if first["what"] != "changed":
        return f"{first['what']} row"
    return "; ".join(
        f"{one['column']}: {one['before'] or 'empty'} → {one['after'] or 'empty'}" for one in cells
    )
