"""What an aggregator tells about accounts whose own exports we have: it adds words, never money.

Lives here: matching an aggregator's rows one to one with better rows (`aggregators.sql`), taking over
category and payee where the bank gives none, and asking about the rest. Called by `bank.consolidation` after
each stream stands for itself.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline.bank.pairing import greedy_pairs
from dsr_pipeline.bank.sources import Sources, Span, Stream
from dsr_pipeline.bank.workbench import keep_table, run_script


def fold_in_aggregators(con: duckdb.DuckDBPyConnection, sources: Sources, accounts: Accounts) -> None:
    """Match the aggregators in the order of trust, each against the bank's rows and the aggregators before
    it.

    A matched row falls and enriches the better one (`enriched`: rid, rank, category_src, payee). A row that
    matches nothing falls too where better exports cover its day, and becomes a question; elsewhere it stands
    as a transaction of its own.
    """
    con.execute("""
        create or replace temp table enriched (
            rid bigint, rank integer, category_src varchar, payee varchar)""")
    grounds = [stream for stream in sources.streams if stream.aggregator is None]
    rules = {stream.aggregator for stream in sources.streams if stream.aggregator is not None}
    for rank, rule in enumerate(sorted(rules, key=accounts.aggregator_rank)):
        told = [stream for stream in sources.streams if stream.aggregator == rule]
        known = {stream.account_no for stream in grounds}
        if any(stream.account_no in known for stream in told):
            _fold_in(con, sources, told, grounds, rank)
        grounds += told


def _fold_in(
    con: duckdb.DuckDBPyConnection, sources: Sources, told: list[Stream], grounds: list[Stream], rank: int
) -> None:
    keep_table(con, "aggregator_streams", _streams(told))
    keep_table(con, "grounds", _streams(grounds))
    keep_table(con, "grounded_days", _covered_days(sources, grounds))
    run_script(con, "aggregators")
    found = con.execute(
        "select aggregator_rid, ground_rid from aggregator_candidates order by place"
    ).fetchnumpy()
    mine, theirs = np.asarray(found["aggregator_rid"], np.int64), np.asarray(found["ground_rid"], np.int64)
    taken = greedy_pairs(mine, theirs)
    keep_table(
        con,
        "matches",
        pa.table([pa.array(mine[taken]), pa.array(theirs[taken])], names=["aggregator_rid", "ground_rid"]),
    )
    con.execute(
        """
        insert into enriched
        select m.ground_rid, ?, a.category_src, a.payee
        from matches m join aggregator_rows a on a.rid = m.aggregator_rid""",
        [rank],
    )
    con.execute("""
        insert into sightings
        select m.ground_rid, coalesce(s.file_no, a.file_no)
        from matches m join aggregator_rows a on a.rid = m.aggregator_rid
        left join sightings s on s.rid = m.aggregator_rid
        union
        select g.rid, g.file_no from grounded_rows g where g.rid in (select ground_rid from matches)""")
    con.execute("""
        create or replace temp table unmatched as
        select * from aggregator_rows a
        where a.rid not in (select aggregator_rid from matches)
            and exists (select 1 from grounded_days d
                where d.account_no = a.account_no and a.key_date between d.first_day and d.last_day)""")
    con.execute("""
        insert into fallen
        select aggregator_rid, false from matches union all select rid, true from unmatched""")
    con.execute("insert into merged_into select aggregator_rid, ground_rid from matches")
    _ask(con)


def _ask(con: duckdb.DuckDBPyConnection) -> None:
    """One question per row that only the aggregator has; rows that add up to one of the bank's are asked
    together."""
    con.execute("""
        create or replace temp table splits as
        with possible as (
            select s.rids, g.rid as ground_rid, g.amount, g.key_date as day,
                abs(g.key_date - s.key_date) as days
            from aggregator_sums s
            join grounded_rows g on g.account_no = s.account_no and g.amount = s.amount
            where abs(g.key_date - s.key_date) <= getvariable('near_days')
                and g.rid not in (select ground_rid from matches)
                and not exists (
                    select 1 from unnest(s.rids) part(rid) where rid not in (select rid from unmatched))
        ), ranked as (
            select *, row_number() over (order by days, len(rids) desc, ground_rid, rids) as place
            from possible
        )
        select * from ranked r
        where not exists (select 1 from ranked better
            where better.place < r.place
                and (better.ground_rid = r.ground_rid or list_has_any(better.rids, r.rids)))""")
    con.execute("""
        insert into questions
        select 'aggregator_only', list_sort(list_append(s.rids, s.ground_rid)),
            format('{} has no row of its own at the bank, but together they are the {} of {}: one payment '
                || 'that the aggregator split.', string_agg(shown(u.amount), ' and ' order by u.rid),
                shown(any_value(s.amount)), any_value(s.day)), 0.8
        from splits s, unnest(s.rids) part(rid)
        join unmatched u on u.rid = part.rid
        group by s.place, s.rids, s.ground_rid""")
    con.execute("""
        insert into questions
        select 'aggregator_only', [u.rid],
            format('The aggregator has {} on {} ({}); no row of the bank within {} days has that amount, '
                || 'though its exports cover the day. It is not counted.',
                shown(u.amount), u.key_date, u.description, getvariable('near_days')), 0.5
        from unmatched u
        where not u.pending and u.rid not in (select unnest(rids) from splits)""")


def _streams(streams: list[Stream]) -> pa.Table:
    return pa.table(
        {
            "stream": pa.array([stream.number for stream in streams], pa.int32()),
            "account_no": pa.array([stream.account_no for stream in streams], pa.int32()),
        }
    )


def _covered_days(sources: Sources, grounds: list[Stream]) -> pa.Table:
    """The spans of days that the better exports of each account cover, from the first row's day to the last
    one's."""
    numbers: list[int] = []
    spans: list[Span] = []
    for stream in grounds:
        for export in sources.exports_of(stream):
            span = export.days.joined(export.key_days) if export.days is not None else export.key_days
            if span is not None:
                numbers.append(stream.account_no)
                spans.append(span)
    return pa.table(
        {
            "account_no": pa.array(numbers, pa.int32()),
            "first_day": pa.array([span.first for span in spans], pa.date32()),
            "last_day": pa.array([span.last for span in spans], pa.date32()),
        }
    )
