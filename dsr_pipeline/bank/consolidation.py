"""From parsed segments to the tables of the bank: every transaction once, with merchant, event and category.

Lives here: the order of the steps and the assembly of the final rows; each decision is made in the module of
its name. Called by `bank.ingest`; it reads files and writes files, and knows neither the lake's versions nor
Dagster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline.bank.aftermath import Previous, key_aliases, write_transfers
from dsr_pipeline.bank.aggregators import fold_in_aggregators
from dsr_pipeline.bank.assembly import write_transactions
from dsr_pipeline.bank.categories import Categories
from dsr_pipeline.bank.classification import Classifier
from dsr_pipeline.bank.deduplication import deduplicate
from dsr_pipeline.bank.merchants import Merchants
from dsr_pipeline.bank.parsed import FileFact
from dsr_pipeline.bank.restatements import restate
from dsr_pipeline.bank.review import ask_about_likenesses, write_review_items
from dsr_pipeline.bank.sources import open_segments, open_sources
from dsr_pipeline.bank.transfers import pair_transfers
from dsr_pipeline.bank.workbench import workbench

__all__ = ["Consolidated", "ConsolidationPaths", "Previous", "consolidate"]


@dataclass(frozen=True, slots=True)
class ConsolidationPaths:
    """Where the three tables are staged."""

    transactions: Path
    transfers: Path
    review_items: Path


@dataclass(frozen=True, slots=True)
class Consolidated:
    """What consolidation did. `key_aliases` are the new rows of that table; `review_items` counts by kind."""

    transactions: int
    superseded: int
    merged: int
    transfers: int
    review_items: dict[str, int]
    key_aliases: pa.Table


def consolidate(
    con: duckdb.DuckDBPyConnection,
    parsed: Sequence[Path] | None,
    files: Sequence[FileFact],
    accounts: Accounts,
    merchants: Merchants,
    categories: Categories,
    out: ConsolidationPaths,
    previous: Previous | None,
    now: datetime,
) -> Consolidated:
    """Make `transactions`, `transfers` and `review_items` of all accepted files.

    `parsed` are segments under `PARSED_SCHEMA`; None says that `con` already holds a relation `parsed` in
    that schema, ordered by content hash and line: a table or, for millions of rows, a view that every step
    reads again. Rows of files that are not in `files` are left out. The result depends on nothing but these
    arguments: not on the order of files, nor on what was consolidated before (`previous` only tells which
    keys a changed mapping replaced). `con` is an in-memory connection whose memory limit and temporary
    directory the caller has set; its temporary tables are overwritten. `now` is the instant written beside
    new aliases.
    """
    with workbench(con):
        if parsed is not None:
            open_segments(con, parsed)
        sources = open_sources(con, files, accounts, merchants)
        classifier = Classifier(merchants, categories, sources.classes)
        deduplicate(con, sources)
        restate(con, sources)
        fold_in_aggregators(con, sources, accounts)
        pair_transfers(con, sources, accounts, classifier)
        ask_about_likenesses(con)
        counts = write_transactions(con, sources, classifier, out.transactions)
        transfers = write_transfers(con, out.transfers)
        questions = write_review_items(con, out.transactions, out.review_items)
        aliases = key_aliases(con, out.transactions, previous or Previous(), now)
    return Consolidated(
        transactions=counts.rows,
        superseded=counts.superseded,
        merged=counts.merged,
        transfers=transfers,
        review_items=questions,
        key_aliases=aliases,
    )
