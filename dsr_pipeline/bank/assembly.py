"""The final rows: what was decided about a few rows joined to all rows, and written.

Lives here: the one statement that every row passes. Decisions are made before, in the modules of their names;
called by `bank.consolidation`. The tables that follow from it are in `bank.aftermath`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dsr_pipeline.bank.accounts import OwnerPeriod
from dsr_pipeline.bank.categories import UNCATEGORISED, Categories
from dsr_pipeline.bank.classification import Classifier, category_events, stem_sql
from dsr_pipeline.bank.keys import key_sql
from dsr_pipeline.bank.sources import Sources
from dsr_pipeline.bank.transfers import TRANSFER_EVENTS
from dsr_pipeline.bank.workbench import is_empty, keep_table, run_script
from dsr_pipeline.lake.arrow import AnyArray, compute
from dsr_pipeline.lake.coded import write_coded
from dsr_pipeline.lake.contracts.bank import EVENT_TYPES, TRANSACTION_STATUS, TRANSACTIONS
from dsr_pipeline.lake.parquet import ROW_GROUP_ROWS
from dsr_pipeline.text import canonical_hash_sql

SAMPLE = 16
"""Of rows that are not kept in memory, every so many-th line is looked at to learn which texts repeat."""


_LONE_LEG = ("txn_key", "date", "post_date", "amount", "description")


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows written, rows among them that are superseded, and parsed rows that were merged into others."""

    rows: int
    superseded: int
    merged: int


def write_transactions(
    con: duckdb.DuckDBPyConnection, sources: Sources, classifier: Classifier, target: Path
) -> Counts:
    """Write the table of transactions in its sort order, which is the order in which rows are read.

    Every row is read once more and passes one statement. What is known of a few rows comes from `exceptions`,
    what is known of a text that repeats from `text_classes`; a text that was not met before is classified on
    the way. Columns whose values repeat come as codes (`assembly.sql`). One thread reads, because only so
    rows stay in order; another one writes.
    """
    _learn_texts(con, classifier, in_memory=sources.in_memory)
    keep_table(con, "told_categories", _told_categories(con, classifier.categories))
    _pair_legs(con)
    run_script(con, "exceptions")
    events, statuses = ("', '".join(values) for values in (EVENT_TYPES, TRANSACTION_STATUS))
    run_script(
        con,
        "assembly",
        events=f"'{events}'",
        statuses=f"'{statuses}'",
        uncategorised=UNCATEGORISED,
        owners=", ".join(
            _literal(period.owner, "varchar") for s in sources.sources for period in s.owners if period.owner
        ),
        rule_categories=f"list_filter({classifier.rule_categories}, lambda name: name is not null)",
    )
    lone_legs: list[pa.RecordBatch] = []
    threads = con.execute("select current_setting('threads')").fetchone()
    con.execute("set threads = 1")
    try:
        reader = con.sql(_statement(sources, classifier)).to_arrow_reader(ROW_GROUP_ROWS)
        rows = write_coded(TRANSACTIONS, _passed(reader, lone_legs), target)
    finally:
        con.execute(f"set threads = {threads[0] if threads else 1}")
    keep_table(con, "lone_legs", _gathered(lone_legs))
    kept, merged = con.execute(
        "select count(*) filter (kept), count(*) filter (not kept) from fallen"
    ).fetchone() or (0, 0)
    return Counts(rows, kept, merged)


def _statement(sources: Sources, classifier: Classifier) -> str:
    rows = f"""(
        select r.* replace (norm_of(r.norm, r.description) as norm), {stem_sql("r.description")} as stem
        from statement_rows r)"""
    known = f"""(
        select r.*, t.stem is not null as known, t.merchant as known_merchant, t.category as known_category,
            t.event_out as known_out, t.event_in as known_in
        from {rows} r
        left join text_codes t on t.stem = r.stem and t.payee is not distinct from r.payee
            and t.rule_class = r.rule_class)"""
    # Where all texts are known, nothing is left to classify on the way, and no pattern needs compiling again.
    nothing = ("merchant", "merchant_category", "event_out", "event_in")
    told = f"(select *, {', '.join(f'null::varchar as {name}' for name in nothing)} from {known})"
    if not sources.in_memory:
        told = f"({classifier.classified(known, where='not known')})"
    key = key_sql("r", prefix="s.key_prefix", norm="r.norm", occurrence="coalesce(x.occurrence, 1)")
    return f"""
        select r.rid, {key} as txn_key,
            s.account, {_owner(sources)} as owner, r.date, r.post_date, r.amount, r.currency, r.description,
            coalesce(r.payee, x.payee) as payee,
            r.known_merchant as merchant, r.merchant as late_merchant,
            coalesce(x.event_type,
                case when r.amount > 0 then coalesce(c.event_in, r.known_in, r.event_in::event_code)
                    else coalesce(c.event_out, r.known_out, r.event_out::event_code) end) as event_type,
            coalesce(r.known_category, r.merchant_category::category_code, c.category,
                '{UNCATEGORISED}'::category_code) as category,
            coalesce(r.category_src, x.category_src) as category_src,
            r.balance, r.pending, coalesce(r.source_id, r.reference) as source_id,
            coalesce(x.status, 'posted'::status_code) as status,
            x.transfer_id, r.extras, s.rule, r.rule_version, s.file, s.file_sha256, r.line_no,
            coalesce(x.occurrence, 1)::integer as occurrence,
            coalesce(x.seen_in, s.alone) as seen_in
        from {told} r
        anti join dropped using (rid)
        join source_codes s using (source)
        left join exception_codes x using (rid)
        left join category_codes c on c.name = coalesce(r.category_src, x.category_src)"""


def _owner(sources: Sources) -> str:
    """The owner of a row. Where owners change within a file the row's day decides, and a row without one has
    the latest; this is said in the statement itself, because a join over spans of days would put rows out of
    order."""
    cases: defaultdict[str, list[int]] = defaultdict(list)
    for source in sources.sources:
        if not source.owner_is_constant:
            cases[_owner_by_day(source.owners)].append(source.number)
    if not cases:
        return "s.owner"
    whens = (
        f"when r.source in ({', '.join(map(str, numbers))}) then {case}" for case, numbers in cases.items()
    )
    return f"case {' '.join(whens)} else s.owner end"


def _owner_by_day(periods: Sequence[OwnerPeriod]) -> str:
    day = "coalesce(r.date, r.post_date)"
    codes = [_literal(period.owner, "owner_code") for period in periods]
    whens = [
        f"when {day} >= date '{period.since}' then {code}"
        for period, code in zip(reversed(periods), reversed(codes), strict=True)
        if period.since is not None
    ]
    return f"case when {day} is null then {codes[-1]} {' '.join(whens)} else {codes[0]} end"


def _literal(text: str | None, kind: str) -> str:
    return f"null::{kind}" if text is None else "'" + text.replace("'", "''") + f"'::{kind}"


def _passed(batches: pa.RecordBatchReader, lone_legs: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches, in their order for certain, with the merchants of texts that were classified on the way.

    Rows that say transfer and have no partner are set aside in `lone_legs` while they pass.
    """
    last = -1
    for batch in batches:
        order = batch.column("rid").to_numpy()
        if len(order) and (order[0] <= last or (order[1:] <= order[:-1]).any()):
            raise RuntimeError("rows of consolidation came out of their order; nothing was written")
        last = int(order[-1]) if len(order) else last
        lone_legs.append(_lone_legs(batch))
        late = cast("AnyArray", batch.column("late_merchant"))
        if late.null_count < len(late):
            known = batch.column("merchant").cast(pa.string())
            place = batch.schema.get_field_index("merchant")
            yield batch.set_column(place, "merchant", compute.coalesce(known, late))
        else:
            yield batch


def _lone_legs(batch: pa.RecordBatch) -> pa.RecordBatch:
    transfers = [EVENT_TYPES.index(event) for event in TRANSFER_EVENTS]
    posted = _codes(batch, "status") == TRANSACTION_STATUS.index("posted")
    alone = compute.is_null(batch.column("transfer_id")).to_numpy(zero_copy_only=False)
    wanted = np.isin(_codes(batch, "event_type"), transfers) & posted & alone
    return batch.select(list(_LONE_LEG)).filter(cast("pa.BooleanArray", pa.array(wanted)))


def _gathered(lone_legs: list[pa.RecordBatch]) -> pa.Table:
    schema = pa.schema([(name, TRANSACTIONS.column(name).type) for name in _LONE_LEG])
    return pa.Table.from_batches(lone_legs, schema)


def _codes(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.integer[Any]]:
    """The codes of a column without nulls; they count the values of its type in their order."""
    return cast("Any", batch.column(name)).indices.to_numpy()


def _learn_texts(con: duckdb.DuckDBPyConnection, classifier: Classifier, *, in_memory: bool) -> None:
    """Classify once what may repeat: all texts of rows in memory, else those that a sample holds."""
    rows = "statement_rows"
    if not in_memory:
        # Kept for itself: an expression over a few rows of many is computed for all of them.
        con.execute(f"""
            create or replace temp table sampled as
            select description, payee, rule_class from statement_rows where line_no % {SAMPLE} = 0""")
        rows = "sampled"
    con.execute(f"""
        create or replace temp table texts as
        select {stem_sql("description")} as stem, payee, rule_class from {rows} group by all""")
    con.execute(f"create or replace temp table text_classes as {classifier.classified('texts')}")


def _told_categories(con: duckdb.DuckDBPyConnection, categories: Categories) -> pa.Table:
    """The source categories that occur, with what they tell."""
    found = con.execute("""
        select category_src from statement_rows where category_src is not null group by 1
        union select category_src from enriched where category_src is not null
        order by 1""").fetchall()
    rows = category_events(categories, [name for (name,) in found])
    names = ["name", "category", "event_out", "event_in"]
    return pa.table([pa.array([row[i] for row in rows], pa.string()) for i in range(len(names))], names=names)


def _pair_legs(con: duckdb.DuckDBPyConnection) -> None:
    """`legs`: the rows of transfers with their keys and the id of their pair."""
    con.execute("""
        create or replace temp table legs (
            rid bigint, txn_key varchar, transfer_id varchar, event_type varchar)""")
    if is_empty(con, "transfer_pairs"):
        return
    key = key_sql("r", prefix="s.key_prefix", norm="r.norm", occurrence="coalesce(m.occurrence, 1)")
    pair_id = canonical_hash_sql(
        ("str", "least(f.txn_key, t.txn_key)"), ("str", "greatest(f.txn_key, t.txn_key)")
    )
    con.execute(f"""
        insert into legs
        with paired_rows as (
            select r.* replace (norm_of(r.norm, r.description) as norm)
            from statement_rows r
            semi join (
                select from_rid as rid from transfer_pairs union select to_rid from transfer_pairs
            ) using (rid)
        ), keyed as (
            select r.rid, {key} as txn_key
            from paired_rows r join sources s using (source) left join members m using (rid)
        ), paired as (
            select p.from_rid, p.to_rid, f.txn_key as from_key, t.txn_key as to_key, {pair_id} as transfer_id,
                p.event_type
            from transfer_pairs p join keyed f on f.rid = p.from_rid join keyed t on t.rid = p.to_rid
        )
        select from_rid, from_key, transfer_id, event_type from paired
        union all select to_rid, to_key, transfer_id, event_type from paired""")
