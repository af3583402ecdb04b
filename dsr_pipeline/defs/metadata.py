"""What every materialisation reports of its table: rows, amount, window, path and a preview.

Lives here: figures for the UI, read from the table as it stands in the lake. Called by the assets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg

from dsr_pipeline.defs.registry import column_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from dsr_pipeline.lake.contract import Contract
    from dsr_pipeline.lake.store import Lake

WINDOWS = (
    ("date", "date"),
    ("date_min", "date_max"),
    ("modified_at_utc", "modified_at_utc"),
    ("week_ending", "week_ending"),
)
"""Columns that tell over which time a table reaches; the first pair that it has counts."""
COUNTED = {
    "billing/work_units": "status = 'billable'",
    "billing/work_groups": "money and status = 'ready'",
    "reports/report_files": "money and not withdrawn",
}
"""Rows whose amount counts, in tables that also hold others; elsewhere every row that is not superseded."""
PREVIEW_ROWS = 8
PREVIEW_COLUMNS = 10
PREVIEW_CHARACTERS = 36
"""A preview is stored with every materialisation: it is there to recognise the table, not to read it."""


def table_metadata(lake: Lake, contract: Contract) -> Mapping[str, Any]:
    """The figures of a table's current version; without one, only that it was never written."""
    import duckdb

    from dsr_pipeline.lake.views import add_views

    with duckdb.connect() as connection:
        add_views(connection, lake, [contract.group])
        if contract.kind == "derived" and lake.table_path(contract) is None:
            return {"dagster/row_count": 0, "path": "never written"}
        relation = f'"{contract.group}"."{contract.table}"'
        rows = _one(connection, f"select count(*) from {relation}")
        return {
            "dagster/row_count": rows,
            "rows": rows,
            "path": dg.MetadataValue.path(_path(lake, contract)),
            **_amount(connection, relation, contract),
            **_window(connection, relation, contract),
            "preview": dg.MetadataValue.md(_preview(connection, relation, contract)),
            "dagster/column_schema": column_schema(contract),
        }


def markdown_table(columns: list[str], rows: list[tuple[object, ...]]) -> str:
    """A Markdown table with short cells; what a cell holds cannot break it."""
    if not rows:
        return "*no rows*"
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _path(lake: Lake, contract: Contract) -> str:
    return lake.table_path(contract) or lake.storage.url(f"_logs/{contract.key}")


def _amount(connection: duckdb.DuckDBPyConnection, relation: str, contract: Contract) -> dict[str, Any]:
    if not {"amount", "currency"} <= set(contract.names):
        return {}
    otherwise = "status <> 'superseded'" if "status" in contract.names else "true"
    counts = COUNTED.get(contract.key, otherwise)
    sums = connection.execute(
        f"select coalesce(currency, 'no currency'), sum(amount) from {relation} where {counts} "
        "group by 1 order by 1"
    ).fetchall()
    return {"amount": ", ".join(f"{currency} {amount:,.2f}" for currency, amount in sums)} if sums else {}


def _window(connection: duckdb.DuckDBPyConnection, relation: str, contract: Contract) -> dict[str, Any]:
    if contract.kind == "append_only":
        return {}  # a log grows for ever: nothing reads all of it at every run
    spans = (span for span in WINDOWS if span[0] in contract.names)
    if (span := next(spans, None)) is None:
        return {}
    first, last = span
    found = connection.execute(f"select min({first}), max({last}) from {relation}").fetchall()[0]
    return {"window": f"{found[0]} to {found[1]}" if found[0] else "no dated row"}


def _preview(connection: duckdb.DuckDBPyConnection, relation: str, contract: Contract) -> str:
    names = list(contract.names[:PREVIEW_COLUMNS])
    columns = ", ".join(f'"{name}"' for name in names)
    rows = connection.execute(f"select {columns} from {relation} limit {PREVIEW_ROWS}").fetchall()
    return markdown_table(names, rows)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    short = text if len(text) <= PREVIEW_CHARACTERS else f"{text[: PREVIEW_CHARACTERS - 1]}…"
    return "".join(_escaped(short))


def _escaped(text: str) -> Iterator[str]:
    for character in text:
        if character.isspace() or not character.isprintable():
            yield " "
        else:
            yield f"\\{character}" if character in "|`*_<>[]\\" else character


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return connection.execute(query).fetchall()[0][0]
