"""The order of a sheet's rows and who is whose child: numbers, siblings, and where a row can be put.

Holds ids only, no cells. Called by the endpoints that read or write rows, within their transaction.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from dsr_pipeline.sandbox.errors import ApiProblem


@dataclass(frozen=True, slots=True)
class Location:
    """Where rows go: the end of the sheet unless a parent, a sibling or the top is named."""

    top: bool = False
    bottom: bool = False
    parent_id: int | None = None
    sibling_id: int | None = None
    above: bool = False
    indent: bool = False
    outdent: bool = False

    def check(self) -> None:
        """400/1062 for attributes that contradict each other."""
        beside = self.sibling_id is not None
        steps = self.indent + self.outdent
        if (
            steps > 1
            or (steps and (self.top or self.bottom or self.above or beside or self.parent_id is not None))
            or (self.top and self.bottom)
            or (self.above and not beside)
            or (beside and (self.top or self.bottom or self.parent_id is not None))
        ):
            raise ApiProblem(1062)


class Outline:
    """The rows of one sheet from top to bottom, parents before their children."""

    def __init__(self, connection: sqlite3.Connection, sheet_id: int) -> None:
        self._connection = connection
        self._sheet_id = sheet_id
        found = connection.execute(
            "SELECT id, parent_id, position FROM rows WHERE sheet_id = ? ORDER BY position, id", (sheet_id,)
        ).fetchall()
        self._saved = {row["id"]: (row["position"], row["parent_id"]) for row in found}
        self._order: list[int] = [row["id"] for row in found]
        self._parents: dict[int, int | None] = {row["id"]: row["parent_id"] for row in found}

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._parents

    def parent(self, row_id: int) -> int | None:
        """The row above in the hierarchy."""
        return self._parents[row_id]

    def check(self, location: Location, row_ids: Sequence[int] = ()) -> None:
        """400/1063 or 400/1064 when the named row is not in this sheet, or goes along itself."""
        moved = {member for row_id in row_ids for member in self.family(row_id)}
        for code, row_id in ((1063, location.parent_id), (1064, location.sibling_id)):
            if row_id is not None and (row_id not in self or row_id in moved):
                raise ApiProblem(code, row_id)

    def put(self, row_ids: Sequence[int], location: Location) -> None:
        """Put rows, new or present (these with their children), at one place that was checked."""
        moved: list[int] = []
        for row_id in row_ids:
            moved += self.family(row_id) if row_id in self else [row_id]
        moved = list(dict.fromkeys(moved))
        gone = set(moved)
        self._order = [row_id for row_id in self._order if row_id not in gone]
        place, parent = self._place(location)
        self._order[place:place] = moved
        for row_id in row_ids:
            self._parents[row_id] = parent

    def _place(self, location: Location) -> tuple[int, int | None]:
        if location.parent_id is not None:
            at = self._order.index(location.parent_id)
            # Without a word the new child is the first one.
            return (at + len(self.family(location.parent_id)) if location.bottom else at + 1), (
                location.parent_id
            )
        if location.sibling_id is not None:
            at = self._order.index(location.sibling_id)
            after = 0 if location.above else len(self.family(location.sibling_id))
            return at + after, self._parents[location.sibling_id]
        return (0 if location.top else len(self._order)), None

    def family(self, row_id: int) -> list[int]:
        """A row and all below it in the hierarchy, in the order of the sheet."""
        start = self._order.index(row_id)
        members = {row_id}
        end = start + 1
        while end < len(self._order) and self._parents[self._order[end]] in members:
            members.add(self._order[end])
            end += 1
        return self._order[start:end]

    def shift(self, row_id: int, location: Location) -> None:
        """One level in, under the upper sibling, or one level out; the row keeps its place in the sheet."""
        parent = self._parents[row_id]
        if location.indent:
            sibling = self.places()[row_id][1]
            if sibling is None:
                raise ApiProblem(1062)
            self._parents[row_id] = sibling
            return
        if parent is None:
            raise ApiProblem(1062)
        # What stood below it under the same parent would be cut off from that parent: it goes under the row.
        below = self._order[self._order.index(row_id) + 1 :]
        for other in below:
            if self._parents[other] == parent:
                self._parents[other] = row_id
        self._parents[row_id] = self._parents[parent]

    def save(self) -> None:
        """Write order and parent of the rows where one of them is another now."""
        now = {row_id: (number, self._parents[row_id]) for number, row_id in enumerate(self._order, start=1)}
        self._connection.executemany(
            "UPDATE rows SET position = ?, parent_id = ? WHERE id = ?",
            [(*place, row_id) for row_id, place in now.items() if self._saved.get(row_id) != place],
        )
        self._saved = dict(now)

    def places(self) -> dict[int, tuple[int, int | None]]:
        """Row number and upper sibling of every row."""
        last: dict[int | None, int] = {}
        places: dict[int, tuple[int, int | None]] = {}
        for number, row_id in enumerate(self._order, start=1):
            parent = self._parents[row_id]
            places[row_id] = (number, last.get(parent))
            last[parent] = row_id
        return places
