-- Rows whose key stands in more than one row of their stream, and pending rows: only these need counting. They are found
-- by hashes, first of day and amount, then of the words too.
create or replace temp table crowded as
select day_hash from statement_rows where not pending group by day_hash having count(*) > 1
union
select day_hash from statement_rows where pending;

create or replace temp table crowded_rows as
select rid, file_no, stream, newness, pending, position, day_hash, source_id, key_date, amount, norm, description,
    hash(date, post_date, amount) as content
from statement_rows semi join crowded using (day_hash);

-- From here on a key is two hashes of it, 128 bits as in the key of a transaction: its stream and the bank's id, or else
-- its stream, day, amount, currency and words.
create or replace temp table hashed as
select rid, file_no, stream, newness, pending, position, key_date, amount, source_id is not null as has_id,
    key_hash(day_hash, source_id, norm) as kh,
    case when source_id is null then hash(norm || '.', day_hash) else hash(source_id || '.', stream) end as k2,
    hash(content, norm) as content
from (select * replace (norm_of(norm, description) as norm) from crowded_rows);

drop table crowded_rows;

create or replace temp table touched as
select * from hashed semi join (
    select kh from hashed group by kh having count(*) > 1 or bool_or(pending)
) using (kh);

drop table hashed;

-- The nth equal row of one export is the nth equal row of any other; where two exports cut a day in two, the second
-- goes on counting (`day_offsets`). A bank's id tells one transaction, so it is always the first of its kind. Equal rows
-- are one transaction, and the newest export that holds it speaks for it (`rep`).
create or replace temp table members as
with counted as (
    select *, case when has_id then 1
        else row_number() over (partition by kh, k2, file_no order by position, rid) end as nth
    from touched where not pending
), placed as (
    select counted.*, (nth + coalesce(day_offsets.already, 0))::integer as occurrence
    from counted left join day_offsets using (file_no, kh)
)
select rid, file_no, stream, newness, has_id, kh, k2, content, key_date, amount, occurrence,
    first_value(rid) over (partition by kh, k2, occurrence order by newness desc, rid) as rep
from placed;

-- The same id with other content in an older export: the bank restated the row. Each such content is kept once.
create or replace temp table versions as
select v.rid, v.rep
from members v join members r on r.rid = v.rep
where v.has_id and v.rid <> v.rep and v.content <> r.content
qualify row_number() over (partition by v.rep, v.content order by v.newness desc, v.rid) = 1;

-- Where the merged rows went.
create or replace temp table merged_into as
select m.rid, m.rep as into_rid from members m anti join versions using (rid) where m.rid <> m.rep;

-- The rows that do not stand for themselves: merged into another, or kept beside the one that took their place.
create or replace temp table fallen as
select rid, false as kept from merged_into union all select rid, true from versions;

-- Which files hold a transaction, for those that more than one holds.
create or replace temp table sightings as
select rep as rid, file_no
from members
where rep in (select rep from members where rid <> rep);
