"""Recorded versions as rows with canonical names: what billing and audit read.

Lives here: the JSON of `row_versions.cells` under a column map, as the text columns of `smartsheet/rows`.
Which versions count is `fold`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import pyarrow as pa

from dsr_pipeline.lake.arrow import AnyField
from dsr_pipeline.lake.contracts.smartsheet import CANONICAL, CONTACTS, ROWS
from dsr_pipeline.smartsheet.cells import (
    Held,
    amount,
    contact,
    decode,
    encode,
    is_error,
    may_hold_errors,
    may_hold_formulas,
    texts,
)
from dsr_pipeline.smartsheet.column_map import ColumnMap, ColumnRules
from dsr_pipeline.text import canonical_hash_sql

NAMES = tuple(name for name, _ in CANONICAL)
AMOUNTS = ("quantity", "price")
"""Columns whose billing hash takes the number that is meant, so that "$1.00" and 1 are one amount."""

STAMPS = (
    "sheet_id",
    "row_id",
    "run_seq",
    "row_hash",
    "row_number",
    "parent_id",
    "created_at_utc",
    "created_by",
    "modified_at_utc",
    "modified_by",
)


@cache
def schema() -> pa.Schema:
    """The columns of `canonical_rows`: those of `smartsheet/rows` without the billing hash, and amounts."""
    fields: list[AnyField] = [ROWS.schema.field(name) for name in ROWS.names if name != "billing_hash"]
    return pa.schema([*fields, *(pa.field(f"{name}_amount", pa.string()) for name in AMOUNTS)])


def canonical_rows(versions: pa.Table, maps: Mapping[int, ColumnMap], rules: ColumnRules) -> pa.Table:
    """The rows of `versions` (in the schema of `row_versions`) under the maps of their sheets."""
    sheets: list[int] = versions["sheet_id"].to_pylist()  # pyright: ignore[reportAssignmentType]
    parts: list[pa.Table] = []
    start = 0
    for end in range(1, len(sheets) + 1):
        if end == len(sheets) or sheets[end] != sheets[start]:
            parts.append(_of_sheet(versions.slice(start, end - start), maps[sheets[start]], rules))
            start = end
    return pa.concat_tables([schema().empty_table(), *parts])


def billing_hash_sql(rules: ColumnRules) -> str:
    """The DuckDB expression of the billing hash over the columns of `canonical_rows`."""
    billed = [name for name in NAMES if name in rules.columns and rules.columns[name].billing]
    parts: list[tuple[Any, object]] = [("value", "billing row")]
    for name in billed:
        parts += [("value", name), ("str", f"coalesce({name}_amount, {name})" if name in AMOUNTS else name)]
    return canonical_hash_sql(*parts)


def with_stamps(shown: pa.Table, versions: pa.Table) -> pa.Table:
    """The columns of `shown_cells` beside those of the versions that they were made from."""
    columns: dict[str, Any] = {name: versions[name] for name in STAMPS}
    columns |= {name: shown[name] for name in shown.column_names}
    return pa.Table.from_arrays([columns[name] for name in schema().names], schema=schema())


def shown_cells(
    rows: Sequence[Mapping[str, Held]], told: Sequence[str], mapping: ColumnMap, rules: ColumnRules
) -> pa.Table:
    """The cells of the rows of one sheet as canonical text; `told` is the JSON of the same rows.

    Grain: one row per row given, in their order; the columns are those of `schema` without the stamps.
    """
    by_name = {name: str(column_id) for column_id, name in mapping.canonical.items()}
    named = {name: by_name[name] for name in NAMES if name in by_name}
    columns = {name: [row.get(key) for row in rows] for name, key in named.items()}
    shown = {name: texts(column, rules.columns[name].kind) for name, column in columns.items()}
    empty: list[str | None] = [None] * len(rows)
    data = {name: shown.get(name, empty) for name in NAMES}
    for name in CONTACTS:
        column = columns.get(name)
        data[f"{name}_contact"] = (
            [None if held is None else contact(held) for held in column] if column else empty
        )
    data["formulas"] = [
        _named(named, row, _is_formula) if may_hold_formulas(cells) else None
        for row, cells in zip(rows, told, strict=True)
    ]
    data["errors"] = [
        _named(named, row, is_error) if may_hold_errors(cells) else None
        for row, cells in zip(rows, told, strict=True)
    ]
    data["extras"] = _extras(rows, mapping)
    for name in AMOUNTS:
        data[f"{name}_amount"] = [None if one is None else amount(one) for one in data[name]]
    nulls = pa.nulls(len(rows), pa.string())
    return pa.table(
        {name: nulls if values is empty else pa.array(values, pa.string()) for name, values in data.items()}
    )


def _of_sheet(versions: pa.Table, mapping: ColumnMap, rules: ColumnRules) -> pa.Table:
    told = cast("list[str]", versions["cells"].to_pylist())
    return with_stamps(shown_cells([decode(cells) for cells in told], told, mapping, rules), versions)


def _named(named: Mapping[str, str], row: Mapping[str, Held], holds: Callable[[Held], bool]) -> str | None:
    """The canonical names of the cells of a row that `holds`, separated by commas."""
    return ",".join(name for name, key in named.items() if holds(row.get(key))) or None


def _is_formula(held: Held) -> bool:
    return type(held) is dict and "f" in held


def _extras(rows: Sequence[Mapping[str, Held]], mapping: ColumnMap) -> list[str | None]:
    titles = {str(one.id): one.title for one in mapping.columns if one.id not in mapping.canonical}
    twice = {title for title, count in Counter(titles.values()).items() if count > 1}
    named = [f"{title} ({key})" if title in twice else title for key, title in titles.items()]
    if not titles:
        return [None] * len(rows)
    keys = list(zip(titles, named, strict=True))
    extras = ({title: row[key] for key, title in keys if key in row} for row in rows)
    return [encode(extra) if extra else None for extra in extras]
