"""The questions that exports leave open, as rows of `review_items`.

Lives here: the last questions (equal or nearly equal rows, transfers without a partner) and the table itself.
The steps before have noted theirs while they decided; what a person answers is read elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dsr_pipeline.bank.aftermath import parquet
from dsr_pipeline.lake.contracts.bank import REVIEW_ITEMS
from dsr_pipeline.lake.parquet import copy_parquet


def ask_about_likenesses(con: duckdb.DuckDBPyConnection) -> None:
    """Questions about rows that may be one purchase told twice; they are kept and counted all the same.

    Equal rows of one export, unless its running balance proves each of them; and rows with the same words and
    amount at the seam of two exports, one to three days apart.
    """
    con.execute("""
        insert into questions
        with counted as (
            select m.*, e.chained, max(occurrence) over (partition by kh, k2) as most
            from members m
            join exports e using (file_no)
            semi join (
                select distinct stream from sources join exports using (file_no) where not chained
            ) unproven on unproven.stream = m.stream
            where not m.has_id
        )
        select 'possible_duplicate', list_sort(list(distinct rep)),
            format('{} equal rows of {} on {} stand in one export, and no balance proves that they are '
                || 'different purchases. All are counted.',
                any_value(most), shown(any_value(amount)), any_value(key_date)),
            0.2
        from counted
        where most > 1
        group by kh, k2
        having not bool_or(chained and occurrence = most)""")
    con.execute("""
        insert into questions
        with seams as (
            select a.stream, a.file_no as left_file, b.file_no as right_file,
                x.last_key_day as left_end, y.first_key_day as right_begin
            from (select distinct stream, file_no from sources) a
            join (select distinct stream, file_no from sources) b
                on b.stream = a.stream and b.file_no <> a.file_no
            join exports x on x.file_no = a.file_no
            join exports y on y.file_no = b.file_no
            where abs(y.first_key_day - x.last_key_day) <= getvariable('near_days')
                and x.first_key_day < y.first_key_day and x.last_key_day < y.last_key_day
        ), at_seams as (
            select r.rid, r.stream, r.file_no, r.key_date, r.amount, r.currency,
                norm_of(r.norm, r.description) as norm
            from statement_rows r
            semi join (
                select stream, left_file as file_no from seams union select stream, right_file from seams
            ) using (stream, file_no)
            anti join fallen using (rid)
            where not r.pending and r.source_id is null
        )
        select distinct on (a.rid, b.rid) 'possible_duplicate', list_sort([a.rid, b.rid]),
            format('{0} on {1} at the end of one export and on {2} at the beginning of another, in the same '
                || 'words: did the bank move the date? Both are counted.',
                shown(a.amount), a.key_date, b.key_date),
            0.3
        from seams s
        join at_seams a on a.stream = s.stream and a.file_no = s.left_file
            and s.left_end - a.key_date <= getvariable('near_days')
        join at_seams b on b.stream = s.stream and b.file_no = s.right_file
            and b.key_date - s.right_begin <= getvariable('near_days')
            and b.amount = a.amount and b.norm = a.norm and b.currency is not distinct from a.currency
            and abs(b.key_date - a.key_date) between 1 and getvariable('near_days')
        anti join sightings on sightings.rid = a.rid or sightings.rid = b.rid""")


def write_review_items(con: duckdb.DuckDBPyConnection, transactions: Path, target: Path) -> dict[str, int]:
    """Write all questions, each with the keys of its transactions; gives their number by kind.

    A row that says transfer and has no partner (`lone_legs`) is one too, unless it is already asked about.
    """
    con.execute(f"""
        create or replace temp table review_items as
        with asked as (
            select row_number() over () as question, * from questions
        ), parts as (
            select question, unnest(rids) as rid from asked
        ), places as (
            select p.question, p.rid, s.file_sha256, p.rid & 4294967295 as line_no
            from parts p
            join (select distinct file_no, file_sha256 from sources) s on s.file_no = p.rid >> 32
        ), named as (
            select p.question, to_json(list_sort(list(distinct t.txn_key)))::varchar as keys
            from {parquet(transactions)} t
            join places p using (file_sha256, line_no)
            group by p.question
        ), told as (
            select a.kind, n.keys, a.reason, a.score from asked a join named n using (question)
            union all
            select 'unmatched_transfer', to_json([txn_key])::varchar,
                format('{{}} on {{}} says transfer ({{}}), and no own account has the other half.',
                    shown(amount), coalesce(post_date, date), description),
                0.3
            from lone_legs
            where txn_key not in (
                select unnest(from_json(n.keys, '["VARCHAR"]'))
                from named n join asked a using (question) where a.kind = 'ambiguous_transfer')
        )
        select * from told
        qualify row_number() over (partition by kind, keys order by score desc, reason) = 1""")
    copy_parquet(REVIEW_ITEMS, con, "select * from review_items", target)
    return dict(con.execute("select kind, count(*) from review_items group by kind order by kind").fetchall())
