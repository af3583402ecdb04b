-- Rows of one aggregator (`aggregator_streams`) about accounts of which better sources tell (`grounds`).
create or replace temp table aggregator_rows as
select r.rid, r.file_no, r.account_no, r.date, r.post_date, r.key_date, r.amount, r.currency, r.source_id, r.pending,
    norm_of(r.norm, r.description) as norm, r.payee, r.category_src, r.description, coalesce(m.occurrence, p.occurrence, 1) as occurrence
from statement_rows r
left join members m using (rid)
left join pending_members p using (rid)
semi join aggregator_streams s on s.stream = r.stream
semi join grounds on grounds.account_no = r.account_no
anti join fallen using (rid);

-- Rows of one day that an aggregator may have made of one: all with the same words, or any two.
create or replace temp table aggregator_sums as
select account_no, key_date, sum(amount)::decimal(18, 4) as amount, list_sort(list(rid)) as rids
from aggregator_rows where not pending
group by account_no, key_date, norm having count(*) > 1
union
select a.account_no, a.key_date, (a.amount + b.amount)::decimal(18, 4), [a.rid, b.rid]
from aggregator_rows a join aggregator_rows b
    on b.account_no = a.account_no and b.key_date = a.key_date and b.rid > a.rid
where not a.pending and not b.pending;

create or replace temp table grounded_rows as
select r.rid, r.file_no, r.account_no, r.date, r.post_date, r.key_date, r.amount, r.currency, r.source_id, r.payee,
    r.description
from statement_rows r
semi join grounds using (stream)
semi join (
    select account_no, amount, null as source_id from aggregator_rows
    union select account_no, amount, null from aggregator_sums
    union select account_no, null, source_id from aggregator_rows where source_id is not null
) wanted on wanted.account_no = r.account_no and (wanted.amount = r.amount or wanted.source_id = r.source_id)
anti join fallen using (rid);

-- What an aggregator's row may be, the likeliest first: the same amount at most three days away from either date;
-- the nearer day, then the more words in common. The same id is the same transaction whatever else was changed.
create or replace temp table aggregator_candidates as
with near as (
    select a.rid as aggregator_rid, g.rid as ground_rid,
        coalesce(a.source_id = g.source_id, false) as same_id,
        least(abs(a.date - g.date), abs(a.date - g.post_date),
            abs(a.post_date - g.date), abs(a.post_date - g.post_date)) as days,
        len(list_intersect(
            words(a.description || ' ' || coalesce(a.payee, '')),
            words(g.description || ' ' || coalesce(g.payee, '')))) as shared_words,
        a.key_date as aggregator_day, g.key_date as ground_day, a.occurrence
    from aggregator_rows a
    join grounded_rows g on g.account_no = a.account_no and g.amount = a.amount
        and coalesce(g.currency = a.currency, true)
    union all
    select a.rid, g.rid, true, 0, 0, a.key_date, g.key_date, a.occurrence
    from aggregator_rows a
    join grounded_rows g on g.account_no = a.account_no and g.source_id = a.source_id and g.amount <> a.amount
)
select row_number() over (
        order by same_id desc, days, shared_words desc, ground_day, aggregator_day, ground_rid, occurrence,
            aggregator_rid) as place,
    aggregator_rid, ground_rid
from near
where same_id or days <= getvariable('near_days');
