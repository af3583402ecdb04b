"""The final rows: what was decided about a few rows joined to all rows, and written.

Lives here: the one statement that every row passes, and the tables that follow from it. Decisions are made before,
in the modules of their names; called by `bank.consolidation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from dsr_pipeline.bank.categories import UNCATEGORISED
from dsr_pipeline.bank.classification import Classifier, category_events
from dsr_pipeline.bank.keys import key_sql
from dsr_pipeline.bank.workbench import is_empty, keep_table, run_script
from dsr_pipeline.lake.contracts.bank import KEY_ALIASES, TRANSACTIONS, TRANSFERS
from dsr_pipeline.lake.parquet import copy_parquet
from dsr_pipeline.text import canonical_hash_sql

if TYPE_CHECKING:
    from dsr_pipeline.bank.consolidation import Previous

SAMPLE = 32
"""Of rows that are not kept in memory, every so many-th line is looked at to learn which texts repeat."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows written, rows among them that are superseded, and parsed rows that were merged into others."""

    rows: int
    superseded: int
    merged: int


def write_transactions(
    con: duckdb.DuckDBPyConnection, classifier: Classifier, target: Path, *, in_memory: bool
) -> Counts:
    """Write the table of transactions in its sort order.

    Every row is read once more and passes one statement. What is known of a few rows comes from `exceptions`, what
    is known of a text that repeats from `text_classes`; a text that was not met before is classified on the way.
    """
    _learn_texts(con, classifier, in_memory=in_memory)
    _map_categories(con, classifier)
    _pair_legs(con)
    run_script(con, "exceptions")
    known = """(
        select r.*, t.stem is not null as known,
            t.merchant as known_merchant, t.merchant_category as known_category,
            t.event_out as known_out, t.event_in as known_in
        from statement_rows r
        left join text_classes t on t.stem = r.stem and t.payee is not distinct from r.payee
            and t.rule_class = r.rule_class)"""
    # Where all texts are known, nothing is left to classify on the way, and no pattern needs compiling again.
    rows = (
        f"(select *, null as merchant, null as merchant_category, null as event_out, null as event_in from {known})"
        if in_memory
        else f"({classifier.classified(known, where='not known')})"
    )
    copy_parquet(
        TRANSACTIONS,
        con,
        f"""
        select {key_sql("r", "s.key_prefix", "coalesce(x.occurrence, 1)")} as txn_key,
            s.account, {_owner(con)} as owner,
            r.date, r.post_date, r.amount, r.currency, r.description,
            coalesce(r.payee, x.payee) as payee,
            coalesce(r.known_merchant, r.merchant) as merchant,
            coalesce(x.event_type,
                case when r.amount > 0 then coalesce(c.event_in, r.known_in, r.event_in)
                    else coalesce(c.event_out, r.known_out, r.event_out) end) as event_type,
            coalesce(r.known_category, r.merchant_category, c.category, '{UNCATEGORISED}') as category,
            coalesce(r.category_src, x.category_src) as category_src,
            r.balance, r.pending, r.source_id,
            coalesce(x.status, 'posted') as status,
            x.transfer_id, r.extras, r.rule, r.rule_version, r.file, r.file_sha256, r.line_no,
            coalesce(x.occurrence, 1)::integer as occurrence,
            coalesce(x.seen_in, s.alone) as seen_in
        from {rows} r
        join sources s using (source)
        left join exceptions x using (rid)
        left join source_categories c on c.name = coalesce(r.category_src, x.category_src)
        {_OWNERS if not is_empty(con, "owner_periods") else ""}
        where x.merged is null or not x.merged""",
        target,
        presorted=not in_memory,
    )
    (rows,) = con.execute(f"select count(*) from {_parquet(target)}").fetchone() or (0,)
    kept, merged = con.execute(
        "select count(*) filter (kept), count(*) filter (not kept) from fallen"
    ).fetchone() or (0, 0)
    return Counts(rows, kept, merged)


def write_transfers(con: duckdb.DuckDBPyConnection, target: Path) -> int:
    """Write the pairs of `transfer_pairs`; gives their number."""
    copy_parquet(
        TRANSFERS,
        con,
        """
        select f.transfer_id, f.txn_key as from_key, t.txn_key as to_key, p.amount, p.currency, p.days_apart, p.evidence
        from transfer_pairs p
        join legs f on f.rid = p.from_rid
        join legs t on t.rid = p.to_rid""",
        target,
    )
    (count,) = con.execute("select count(*) from transfer_pairs").fetchone() or (0,)
    return count


def key_aliases(con: duckdb.DuckDBPyConnection, target: Path, previous: Previous, now: datetime) -> pa.Table:
    """New rows of `key_aliases`: restated rows, and rows whose account is another one than in the previous table."""
    con.execute("create or replace temp table aliases (old_key varchar, new_key varchar, reason varchar)")
    if not is_empty(con, "restated"):
        con.execute(f"""
            insert into aliases
            with ends as (
                select old_rid as rid from restated union select new_rid from restated
            ), named as (
                select e.rid, t.txn_key
                from {_parquet(target)} t
                join (select e.rid, e.rid & 4294967295 as line_no, s.file_sha256
                    from ends e join (select distinct file_no, file_sha256 from sources) s on s.file_no = e.rid >> 32
                ) e using (file_sha256, line_no)
            )
            select o.txn_key, n.txn_key, 'restated'
            from restated join named o on o.rid = old_rid join named n on n.rid = new_rid""")
    if previous.transactions is not None:
        _mapped_accounts(con, target, previous.transactions)
    rows = con.execute("select distinct * from aliases where old_key <> new_key order by all").fetchall()
    fresh = [row for row in rows if (row[0], row[1]) not in previous.aliases]
    return pa.Table.from_pylist(
        [
            {"old_key": old, "new_key": new, "reason": reason, "since_utc": now.replace(tzinfo=None)}
            for old, new, reason in fresh
        ],
        KEY_ALIASES.schema,
    )


_OWNERS = """left join owner_periods o on o.source = r.source
            and coalesce(r.date, r.post_date) >= o.since and coalesce(r.date, r.post_date) < o.until"""


def _owner(con: duckdb.DuckDBPyConnection) -> str:
    """Owners that change within a file are looked up by the row's day; a row without one has the latest owner."""
    return "s.owner" if is_empty(con, "owner_periods") else "case when o.source is null then s.owner else o.owner end"


def _learn_texts(con: duckdb.DuckDBPyConnection, classifier: Classifier, *, in_memory: bool) -> None:
    """Classify once what repeats: all texts where they are few, else those that a sample holds more than once."""
    sample = "" if in_memory else f"where line_no % {SAMPLE} = 0"
    repeats = "" if in_memory else "having count(*) > 1"
    con.execute(f"""
        create or replace temp table text_classes as
        select * from ({classifier.classified(f'''(
            select stem, payee, rule_class from statement_rows {sample} group by all {repeats})''')})""")


def _map_categories(con: duckdb.DuckDBPyConnection, classifier: Classifier) -> None:
    found = con.execute("""
        select category_src from statement_rows where category_src is not null group by 1
        union select category_src from enriched where category_src is not null
        order by 1""").fetchall()
    rows = category_events(classifier.categories, [name for (name,) in found])
    names = ["name", "category", "event_out", "event_in"]
    columns = [pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))]
    keep_table(con, "source_categories", pa.table(columns, names=names))


def _pair_legs(con: duckdb.DuckDBPyConnection) -> None:
    """`legs`: the rows of transfers with their keys and the id of their pair."""
    if is_empty(con, "transfer_pairs"):
        con.execute("""
            create or replace temp table legs (
                rid bigint, txn_key varchar, transfer_id varchar, event_type varchar)""")
        return
    pair_id = canonical_hash_sql(("str", "least(f.txn_key, t.txn_key)"), ("str", "greatest(f.txn_key, t.txn_key)"))
    con.execute(f"""
        create or replace temp table legs as
        with keyed as (
            select r.rid, {key_sql("r", "s.key_prefix", "coalesce(m.occurrence, 1)")} as txn_key
            from statement_rows r
            join sources s using (source)
            semi join (select from_rid as rid from transfer_pairs union select to_rid from transfer_pairs) using (rid)
            left join members m using (rid)
        ), paired as (
            select p.from_rid, p.to_rid, f.txn_key as from_key, t.txn_key as to_key, {pair_id} as transfer_id,
                p.event_type
            from transfer_pairs p join keyed f on f.rid = p.from_rid join keyed t on t.rid = p.to_rid
        )
        select from_rid as rid, from_key as txn_key, transfer_id, event_type from paired
        union all select to_rid, to_key, transfer_id, event_type from paired""")


def _mapped_accounts(con: duckdb.DuckDBPyConnection, target: Path, before: Path) -> None:
    """Old and new key of every row whose file's accounts are others than before; nothing is read of other files."""
    con.execute(f"""
        create or replace temp table moved_files as
        with old as (select file_sha256, list_sort(list(distinct account)) as accounts
            from {_parquet(before)} group by file_sha256),
        new as (select file_sha256, list_sort(list(distinct account)) as accounts from sources group by file_sha256)
        select file_sha256, s.file_no
        from old join new using (file_sha256)
        join (select distinct file_no, file_sha256 from sources) s using (file_sha256)
        where not list_has_all(new.accounts, old.accounts)""")
    if is_empty(con, "moved_files"):
        return
    con.execute(f"""
        insert into aliases
        with old as (
            select p.txn_key, p.account, (f.file_no::bigint << 32) + p.line_no as rid
            from {_parquet(before)} p join moved_files f using (file_sha256)
        ), placed as (
            select old.*, coalesce(again.into_rid, merged.into_rid, old.rid) as now_rid
            from old
            left join merged_into merged on merged.rid = old.rid
            left join merged_into again on again.rid = merged.into_rid
        ), places as (
            select p.*, p.now_rid & 4294967295 as line_no, s.file_sha256
            from placed p join (select distinct file_no, file_sha256 from sources) s on s.file_no = p.now_rid >> 32
        )
        select p.txn_key, t.txn_key, 'account_mapped'
        from {_parquet(target)} t join places p using (file_sha256, line_no)
        where t.account <> p.account""")


def _parquet(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"
