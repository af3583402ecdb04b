"""What a proof over tables found, and the questions to the tables that proofs ask.

Lives here: the finding and how SQL is put to the tables of a group; no dagster. What is proven is told in
the modules `*_proofs`; `checks` turns a finding into what the UI shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsr_pipeline.lake.store import Lake

Verdict = Literal["holds", "needs a person", "broken"]
SHOWN = 20
"""Rows of a finding that are shown; a finding with more is counted in its sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a proof found: a sentence, figures, and the rows that do not hold."""

    verdict: Verdict
    sentence: str
    figures: Mapping[str, int] = field(default_factory=dict[str, int])
    rows: Sequence[Mapping[str, Any]] = ()


def count(number: int, thing: str) -> str:
    """A count with its word."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def rows_of(lake: Lake, group: str, query: str) -> tuple[list[dict[str, Any]], int]:
    """The first rows of a query over the tables of a group, and how many there are."""
    return rows_of_groups(lake, (group,), query)


def rows_of_groups(lake: Lake, groups: Sequence[str], query: str) -> tuple[list[dict[str, Any]], int]:
    """The same over the tables of several groups."""
    import duckdb

    from dsr_pipeline.lake.views import add_views

    with duckdb.connect() as connection:
        add_views(connection, lake, groups)
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        found = cursor.fetchall()
        return [dict(zip(names, row, strict=True)) for row in found[:SHOWN]], len(found)


def row_of(lake: Lake, group: str, query: str) -> dict[str, Any]:
    """The only row of a query, such as one of sums."""
    return rows_of(lake, group, query)[0][0]
