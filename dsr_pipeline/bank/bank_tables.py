"""The tables of the bank group, staged from what is kept of all files.

Lives here: files, excluded and quarantine from the outcomes and their segments; transactions, transfers,
review items and key aliases through `bank.consolidation`. Called by `bank.ingest`, which holds the lock.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from dsr_pipeline.bank import normalised_sql
from dsr_pipeline.bank.accounts import load_accounts
from dsr_pipeline.bank.categories import load_categories
from dsr_pipeline.bank.consolidation import ConsolidationPaths, Previous, consolidate
from dsr_pipeline.bank.merchants import load_merchants
from dsr_pipeline.bank.parsed_sql import (
    excluded_query,
    open_parsed,
    parsed_sources,
    quarantine_query,
    quoted,
)
from dsr_pipeline.lake.contracts.bank import (
    EXCLUDED,
    FILES,
    KEY_ALIASES,
    QUARANTINE,
    REVIEW_ITEMS,
    TRANSACTIONS,
    TRANSFERS,
)

if TYPE_CHECKING:
    from dsr_pipeline.bank.accounts import Accounts
    from dsr_pipeline.bank.extracts import ExtractStore
    from dsr_pipeline.bank.outcome import FileOutcome
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.lake.writing import GroupWriter

MEMORY = "600MB"  # for DuckDB; the rest of the process stays below the gigabyte that a run may take


def write_tables(
    outcomes: Sequence[FileOutcome],
    store: ExtractStore,
    rules_root: Path,
    lake: Lake,
    writer: GroupWriter,
    *,
    now: datetime,
) -> None:
    """Stage every table of the group and record new key aliases; nothing is switched here.

    Raises `RuleFileError` where accounts, merchants or categories cannot be used.
    """
    accounts = load_accounts(rules_root / "accounts.yaml")
    merchants = load_merchants(rules_root / "merchants.csv")
    categories = load_categories(rules_root / "categories.yaml")
    facts = [outcome.fact for outcome in outcomes if outcome.status == "accepted"]
    writer.put(FILES, files_table(outcomes, accounts))
    with tempfile.TemporaryDirectory(prefix="dsr-bank-") as scratch:
        connection = duckdb.connect()
        try:
            connection.execute(
                f"set threads=2; set memory_limit='{MEMORY}'; set temp_directory={quoted(scratch)}"
            )
            normalised_sql.register(connection)
            connection.register("files_read", files_read(outcomes))
            writer.copy(EXCLUDED, connection, excluded_query(outcomes, store))
            writer.copy(QUARANTINE, connection, quarantine_query(outcomes, store))
            open_parsed(connection, parsed_sources(outcomes, store), rows=sum(fact.rows for fact in facts))
            done = consolidate(
                connection,
                None,
                facts,
                accounts,
                merchants,
                categories,
                ConsolidationPaths(
                    writer.stage_path(TRANSACTIONS),
                    writer.stage_path(TRANSFERS),
                    writer.stage_path(REVIEW_ITEMS),
                ),
                _previous(lake),
                now,
            )
        finally:
            connection.close()
    for contract in (TRANSACTIONS, TRANSFERS, REVIEW_ITEMS):
        writer.adopt(contract)
    if done.key_aliases.num_rows:
        # Before the switch: an alias too many does no harm, one too few orphans a decision.
        lake.log(KEY_ALIASES).append(done.key_aliases)


def _previous(lake: Lake) -> Previous:
    path = lake.table_path(TRANSACTIONS)
    known = lake.read(KEY_ALIASES, ["old_key", "new_key"]).to_pydict()
    aliases = frozenset(zip(known["old_key"], known["new_key"], strict=True))
    return Previous(Path(path) if path is not None else None, aliases)


def files_read(outcomes: Sequence[FileOutcome]) -> pa.Table:
    """What the queries over segments need to know of each file."""
    columns: dict[str, tuple[pa.DataType, list[Any]]] = {
        "file": (pa.string(), [o.file for o in outcomes]),
        "file_sha256": (pa.string(), [o.sha256 for o in outcomes]),
        "segment": (pa.string(), [o.segment for o in outcomes]),
        "status": (pa.string(), [o.status for o in outcomes]),
        "header_line": (pa.int64(), [o.header_line for o in outcomes]),
        "lines": (pa.int64(), [o.lines for o in outcomes]),
    }
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})


def files_table(outcomes: Sequence[FileOutcome], accounts: Accounts) -> pa.Table:
    """The table `bank/files`; `accounts` resolves an account label to its key."""
    rows = [
        {
            **{name: getattr(outcome, name, None) for name in FILES.names},
            "account": None
            if outcome.account_label is None or outcome.account_default is None
            else accounts.resolve(outcome.account_label, outcome.account_default),
        }
        for outcome in outcomes
    ]
    return pa.Table.from_pylist(rows, schema=FILES.schema)
