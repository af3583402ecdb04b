-- Rows whose key stands in more than one row of their stream, and pending rows: only these need counting. They are
-- found by hashes, first of day and amount, then of the words too; everything below compares the values themselves.
create or replace temp table crowded as
select day_hash from statement_rows where not pending group by day_hash having count(*) > 1
union
select day_hash from statement_rows where pending;

create or replace temp table crowded_rows as
select rid, file_no, stream, newness, pending, position, day_hash, source_id, key_date, date, post_date, amount, currency,
    norm, description
from statement_rows semi join crowded using (day_hash);

create or replace temp table contested as
with hashed as (
    select rid, pending, key_hash(day_hash, source_id, norm_of(norm, description)) as kh from crowded_rows
)
select rid from hashed
where kh in (select kh from hashed group by kh having count(*) > 1 or bool_or(pending));

-- The key of a row: the bank's id alone, or else the day, the amount and the words.
create or replace temp table touched as
with told as (
    select * replace (norm_of(norm, description) as norm) from crowded_rows semi join contested using (rid)
)
select rid, file_no, stream, newness, pending, position, key_hash(day_hash, source_id, norm) as kh, source_id,
    case when source_id is null then key_date end as key_day,
    case when source_id is null then amount end as key_amount,
    case when source_id is null then currency end as key_currency,
    case when source_id is null then norm end as key_norm,
    date, post_date, amount, norm
from told;

drop table crowded_rows;

-- The nth equal row of one export is the nth equal row of any other; where two exports cut a day in two, the second
-- goes on counting (`day_offsets`). A bank's id tells one transaction, so it is always the first of its kind.
-- Equal rows are one transaction, and the newest export that holds it speaks for it (`rep`).
create or replace temp table members as
with counted as (
    select *,
        case when source_id is not null then 1
            else row_number() over (
                partition by file_no, stream, source_id, key_day, key_amount, key_currency, key_norm
                order by position, rid) end as nth
    from touched where not pending
), placed as (
    select counted.*, nth + coalesce(day_offsets.already, 0) as occurrence
    from counted left join day_offsets using (file_no, kh)
)
select *,
    first_value(rid) over (
        partition by stream, source_id, key_day, key_amount, key_currency, key_norm, occurrence
        order by newness desc, rid) as rep
from placed;

-- The same id with other content in an older export: the bank restated the row. Each such content is kept once.
create or replace temp table versions as
select v.rid, v.rep
from members v join members r on r.rid = v.rep
where v.rid <> v.rep and v.source_id is not null
    and (v.date, v.post_date, v.amount, v.norm) is distinct from (r.date, r.post_date, r.amount, r.norm)
qualify row_number() over (
    partition by v.rep, v.date, v.post_date, v.amount, v.norm order by v.newness desc, v.rid) = 1;

-- The rows that do not stand for themselves: merged into another, or kept beside the one that took their place.
create or replace temp table fallen as
select m.rid, v.rid is not null as kept
from members m left join versions v using (rid)
where m.rid <> m.rep;

-- Where the merged rows went.
create or replace temp table merged_into as
select m.rid, m.rep as into_rid from members m anti join versions using (rid) where m.rid <> m.rep;

-- Which files hold a transaction, for those that more than one holds.
create or replace temp table sightings as
select rep as rid, file_no
from members
where rep in (select rep from members where rid <> rep);
