"""The in-memory DuckDB on which consolidation works: its settings, its scripts, and the questions it
collects.

Nothing here knows what a step does; the steps (`deduplication`, `pending`, …) call it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from dsr_pipeline.bank.merchants import BREAK

NEAR_DAYS = 3
"""Days by which a bank or an aggregator moves the date of one and the same transaction."""

_MACROS = rf"""
    create or replace temp macro shown(amount) as
        regexp_replace(amount::varchar, '([.][0-9][0-9][0-9]*?)0*$', '\1');
    create or replace temp macro words(text) as
        list_distinct(string_split(trim(regexp_replace(upper(text), '{BREAK}+', ' ', 'g')), ' '));
    create or replace temp table questions (
        kind varchar, rids bigint[], reason varchar, score decimal(18, 6));
"""


@contextmanager
def workbench(con: duckdb.DuckDBPyConnection) -> Generator[None]:
    """Prepare the connection for consolidation, and put its settings back afterwards.

    Joins run as they are written: the many rows on the left are streamed past the few on the right. Left to
    itself the optimizer builds its hash table over the many when it misjudges a filter, and memory goes too.
    """
    (before,) = con.execute("select current_setting('disabled_optimizers')").fetchone() or ("",)
    con.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
    con.execute(_MACROS)
    con.execute(f"set variable near_days = {NEAR_DAYS}")
    try:
        yield
    finally:
        con.execute(f"set disabled_optimizers = '{before}'")


def run_script(con: duckdb.DuckDBPyConnection, name: str, **expressions: str) -> None:
    """Run the SQL script of that name which lies beside this module; `{name}` in it stands for an
    expression."""
    script = _script(name)
    for placeholder, expression in expressions.items():
        script = script.replace(f"{{{placeholder}}}", expression)
    con.execute(script)


def keep_table(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """A small Arrow table as a temporary table of the connection."""
    con.register("incoming", table)
    con.execute(f"create or replace temp table {name} as select * from incoming")
    con.unregister("incoming")


def is_empty(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table has no row."""
    return not con.execute(f"select 1 from {table} limit 1").fetchall()


@cache
def _script(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
