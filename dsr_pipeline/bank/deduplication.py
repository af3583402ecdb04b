"""Which rows of an account's exports are one transaction: equal rows are counted per export, and the most
counts.

Lives here: occurrences, the bank's own ids, and what pending rows become of them (`deduplication.sql`,
`pending.sql`). The reasons stand in `docs/deduplication.md`. Called by `bank.consolidation`; rewritten rows
are `bank.restatements`, other sources `bank.aggregators`.
"""

from __future__ import annotations

import duckdb

from dsr_pipeline.bank.edge_days import ask_about_edge_days, settle_edge_days
from dsr_pipeline.bank.sources import Sources
from dsr_pipeline.bank.workbench import run_script


def deduplicate(con: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Decide about every row of `statement_rows` whose key stands in more than one row.

    Leaves `members` (rid, rep, occurrence: the row that speaks for it, and which of several equal ones it
    is), `pending_members`, `fallen` (rid, kept: rows merged into another, or kept as superseded) and
    `sightings` (rid, file_no). A row that stands in none of these is a transaction of its own, the first of
    its kind.
    """
    settle_edge_days(con, sources)
    run_script(con, "deduplication")
    run_script(con, "pending")
    ask_about_edge_days(con)
