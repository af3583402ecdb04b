"""What follows from the written transactions: the table of transfers, and the keys that were replaced.

Lives here: tables that name rows by the keys which the final statement gave them. Called by
`bank.consolidation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from dsr_pipeline.bank.workbench import is_empty
from dsr_pipeline.lake.contracts.bank import KEY_ALIASES, TRANSFERS
from dsr_pipeline.lake.parquet import copy_parquet


@dataclass(frozen=True, slots=True)
class Previous:
    """What the last run left: its transactions (None: never written), and the pairs of keys already
    aliased."""

    transactions: Path | None = None
    aliases: frozenset[tuple[str, str]] = field(default_factory=frozenset[tuple[str, str]])


def write_transfers(con: duckdb.DuckDBPyConnection, target: Path) -> int:
    """Write the pairs of `transfer_pairs`; gives their number."""
    copy_parquet(
        TRANSFERS,
        con,
        """ select f.transfer_id, f.txn_key as from_key, t.txn_key as to_key, p.amount, p.currency,
        p.days_apart, p.evidence from transfer_pairs p join legs f on f.rid = p.from_rid join legs t on t.rid
        = p.to_rid""",
        target,
    )
    (count,) = con.execute("select count(*) from transfer_pairs").fetchone() or (0,)
    return count


def key_aliases(con: duckdb.DuckDBPyConnection, target: Path, previous: Previous, now: datetime) -> pa.Table:
    """New rows of `key_aliases`: restated rows, and rows whose account is another one than in the previous
    table.

    `now` is written as UTC; without a zone it is taken as that.
    """
    con.execute("create or replace temp table aliases (old_key varchar, new_key varchar, reason varchar)")
    _restated(con, target)
    if previous.transactions is not None:
        _mapped_accounts(con, target, previous.transactions)
    rows = con.execute("select distinct * from aliases where old_key <> new_key order by all").fetchall()
    since = now if now.tzinfo is None else now.astimezone(UTC).replace(tzinfo=None)
    return pa.Table.from_pylist(
        [
            {"old_key": old, "new_key": new, "reason": reason, "since_utc": since}
            for old, new, reason in rows
            if (old, new) not in previous.aliases
        ],
        KEY_ALIASES.schema,
    )


def _restated(con: duckdb.DuckDBPyConnection, target: Path) -> None:
    if is_empty(con, "restated"):
        return
    con.execute(f"""
        insert into aliases
        with ends as (
            select old_rid as rid from restated union select new_rid from restated
        ), places as (
            select e.rid, e.rid & 4294967295 as line_no, s.file_sha256
            from ends e join (select distinct file_no, file_sha256 from sources) s on s.file_no = e.rid >> 32
        ), named as (
            select p.rid, t.txn_key from {parquet(target)} t join places p using (file_sha256, line_no)
        )
        select o.txn_key, n.txn_key, 'restated'
        from restated join named o on o.rid = old_rid join named n on n.rid = new_rid""")


def _mapped_accounts(con: duckdb.DuckDBPyConnection, target: Path, before: Path) -> None:
    """Old and new key of every row whose file's accounts are others than before; nothing is read of other
    files."""
    con.execute(f"""
        create or replace temp table moved_files as
        with old as (
            select file_sha256, list(distinct account) as accounts from {parquet(before)} group by file_sha256
        ), new as (
            select file_sha256, file_no, list(distinct account) as accounts from sources group by all
        )
        select file_sha256, new.file_no
        from old join new using (file_sha256)
        where not list_has_all(new.accounts, old.accounts)""")
    if is_empty(con, "moved_files"):
        return
    con.execute(f"""
        insert into aliases
        with old as (
            select p.txn_key, p.account, (f.file_no::bigint << 32) + p.line_no as rid
            from {parquet(before)} p join moved_files f using (file_sha256)
        ), placed as (
            select old.*, coalesce(again.into_rid, merged.into_rid, old.rid) as now_rid
            from old
            left join merged_into merged on merged.rid = old.rid
            left join merged_into again on again.rid = merged.into_rid
        ), places as (
            select p.*, p.now_rid & 4294967295 as line_no, s.file_sha256
            from placed p
            join (select distinct file_no, file_sha256 from sources) s on s.file_no = p.now_rid >> 32
        )
        select p.txn_key, t.txn_key, 'account_mapped'
        from {parquet(target)} t join places p using (file_sha256, line_no)
        where t.account <> p.account""")


def parquet(path: Path) -> str:
    """A Parquet file as an SQL relation."""
    return "read_parquet('" + str(path).replace("'", "''") + "')"
