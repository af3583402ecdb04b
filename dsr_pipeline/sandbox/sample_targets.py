"""The sheets of the sample world to which weekly reports are attached: one row per work request.

Lives here: the workspace of the billing office. A world of one's own has no such sheets. Called by `sample`,
and by the demo for a store that was filled before there were any.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dsr_pipeline.sandbox.world import snapshot_rows
from dsr_pipeline.sandbox.world_cells import made_id, number_or_text
from dsr_pipeline.sandbox.world_store import OWNER, READER, People

if TYPE_CHECKING:
    import sqlite3

    from dsr_pipeline.sandbox.store import Store
    from dsr_pipeline.sandbox.world import World

WORKSPACE = "Billing office"
SHEETS = {"Weekly billing": None, "Subcontractor billing": "subcontractor"}
"""Each sheet and the rate basis whose work requests it lists; None lists all."""

_TITLE, _CUSTOMER = "Work Request #", "Customer Name"
_STATUS = ("Open", "Billed", "Closed")


def load_targets(store: Store, world: World, *, token: str) -> None:
    """Add the workspace with its sheets; where it is already, nothing happens. The token's user may edit.

    Every work request that any snapshot names has its row from the beginning, under the first instant.
    """
    requests = _requests(world)
    workspace, at = made_id("workspace", WORKSPACE), world.taken_at[min(world.taken_at)]
    with store.writing() as connection:
        if connection.execute("SELECT 1 FROM workspaces WHERE id=?", (workspace,)).fetchone():
            return
        people = People(connection)
        owner = people.id_of(OWNER)
        known = connection.execute("SELECT user_id FROM tokens WHERE token=?", (token,)).fetchone()
        reader = people.id_of(READER) if known is None else int(known[0])
        connection.execute("INSERT INTO workspaces VALUES(?, ?, ?, ?)", (workspace, WORKSPACE, at, at))
        for user, level in ((reader, "EDITOR"), (owner, "OWNER")):
            connection.execute("INSERT INTO access VALUES(?, 'workspace', ?, ?)", (user, workspace, level))
        for name, basis in SHEETS.items():
            listed = {
                request: customer
                for request, (customer, bases) in requests.items()
                if basis is None or basis in bases
            }
            _write_sheet(connection, name, listed, workspace, owner, at)


def _write_sheet(
    connection: sqlite3.Connection,
    name: str,
    customers: dict[str, str],
    workspace: int,
    owner: int | None,
    at: str,
) -> None:
    sheet = made_id("sheet", WORKSPACE, name)
    connection.execute("INSERT INTO sheets VALUES(?, ?, ?, NULL, 1, ?, ?)", (sheet, name, workspace, at, at))
    connection.execute("INSERT INTO sheet_changes VALUES(?, 1, ?)", (sheet, at))
    columns = {title: made_id("column", sheet, title) for title in (_TITLE, _CUSTOMER, "Status")}
    for position, (title, column) in enumerate(columns.items()):
        kind, extra = ("PICKLIST", {"options": _STATUS}) if title == "Status" else ("TEXT_NUMBER", {})
        connection.execute(
            "INSERT INTO columns VALUES(?, ?, ?, ?, ?, ?, ?)",
            (column, sheet, position, title, kind, int(title == _TITLE), msgspec.json.encode(extra).decode()),
        )
    for position, (request, customer) in enumerate(sorted(customers.items()), start=1):
        values = {_TITLE: number_or_text(request), _CUSTOMER: customer, "Status": _STATUS[0]}
        cells = {str(columns[title]): {"value": value} for title, value in values.items()}
        connection.execute(
            "INSERT INTO rows(id, sheet_id, position, created_at, created_by, modified_at, modified_by, "
            "blank, cells) VALUES(?, ?, ?, ?, ?, ?, ?, 0, ?)",
            (
                made_id("row", sheet, request),
                sheet,
                position,
                at,
                owner,
                at,
                owner,
                msgspec.json.encode(cells).decode(),
            ),
        )


def _requests(world: World) -> dict[str, tuple[str, set[str]]]:
    """The work requests that any snapshot names: customer, and rate bases of the sheets that name them."""
    found: dict[str, tuple[str, set[str]]] = {}
    for number in sorted(world.taken_at):
        titles = world.titles(number)
        request, customer = titles.index(_TITLE), titles.index(_CUSTOMER)
        for row in snapshot_rows(world.folder, number):
            if row.values[request]:
                named = str(row.values[request]).strip()
                _, bases = found.setdefault(named, (str(row.values[customer] or ""), set()))
                bases.add(world.sheets[row.sheet_id].rate_basis)
    return found
