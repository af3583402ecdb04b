"""`dsr sql`: one read-only question to the tables of the lake."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING, Any

import duckdb

from dsr_pipeline.cli import screen
from dsr_pipeline.cli.entry import CLEAN
from dsr_pipeline.lake.views import connect, query
from dsr_pipeline.settings import Settings, open_lake

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SHOWN_ROWS = 200
"""Rows on the screen; `--csv` and `--json` print all of them."""
FETCHED_ROWS = 10_000
FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


class QueryFailed(ValueError):
    """The database's own sentence about a query, with the tables that there are."""


def sql(text: str, *, home: Path | None, as_json: bool, as_csv: bool) -> int:
    """Run the query and print its rows."""
    if as_json and as_csv:
        raise QueryFailed("--json and --csv exclude each other: choose one")
    settings = Settings.load(home)
    lake = open_lake(settings.lake_url, settings.locks)
    with connect(lake, spill=settings.data / ".spill") as connection:
        try:
            cursor = query(connection, text)
            names = [column[0] for column in cursor.description or ()]
            if as_json:
                screen.print_json([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])
            elif as_csv:
                _print_csv(names, cursor)
            else:
                _print_table(names, cursor)
        except duckdb.Error as error:
            raise QueryFailed(_sentence(error, connection)) from error
    return CLEAN


def _print_csv(names: Sequence[str], cursor: duckdb.DuckDBPyConnection) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    while rows := cursor.fetchmany(FETCHED_ROWS):
        writer.writerows([_exact(value) for value in row] for row in rows)


def _exact(value: object) -> object:
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    # A spreadsheet would run such a text as a formula. Programs that need it unchanged take --json.
    return f"'{text}" if isinstance(text, str) and text.startswith(FORMULA_MARKS) else text


def _print_table(names: Sequence[str], cursor: duckdb.DuckDBPyConnection) -> None:
    rows: list[tuple[Any, ...]] = cursor.fetchmany(SHOWN_ROWS + 1)
    figures = [name for place, name in enumerate(names) if _holds_figures(rows, place)]
    made = screen.table(None, names, right=figures)
    for row in rows[:SHOWN_ROWS]:
        made.add_row(*(screen.cell(value) for value in row))
    console = screen.stdout()
    console.print(made)
    if len(rows) > SHOWN_ROWS:
        screen.stderr().print(f"the first {SHOWN_ROWS} rows; --csv or --json prints all of them")


def _holds_figures(rows: Sequence[tuple[Any, ...]], place: int) -> bool:
    from decimal import Decimal

    values = [row[place] for row in rows if row[place] is not None]
    return bool(values) and all(
        isinstance(v, int | Decimal | float) and not isinstance(v, bool) for v in values
    )


def _sentence(error: duckdb.Error, connection: duckdb.DuckDBPyConnection) -> str:
    said = " ".join(str(error).split())
    if not isinstance(error, duckdb.CatalogException):
        return said
    views = connection.execute(
        "select schema_name || '.' || view_name from duckdb_views() where not internal order by 1"
    ).fetchall()
    there = ", ".join(name for (name,) in views)
    return f"{said.split(' LINE 1:')[0]} (there are {there}; `dsr run` makes the others)"
