-- Pending rows are counted like posted ones, but live only in the newest export of their stream. A pending row stands
-- behind the posted rows with the same key: when it is booked, it takes the next occurrence and so keeps its key.
create or replace temp table pending_members as
with ranked as (
    select *, row_number() over (
        partition by file_no, stream, source_id, key_day, key_amount, key_currency, key_norm
        order by position, rid) as nth
    from touched where pending
), zipped as (
    select *, first_value(rid) over (
        partition by stream, source_id, key_day, key_amount, key_currency, key_norm, nth
        order by newness desc, rid) as rep
    from ranked
), newest as (
    select stream, max(newness) as newness from sources group by stream
), posted as (
    select stream, source_id, key_day, key_amount, key_currency, key_norm, file_no, max(occurrence) as occurrence
    from members
    group by grouping sets (
        (stream, source_id, key_day, key_amount, key_currency, key_norm),
        (stream, source_id, key_day, key_amount, key_currency, key_norm, file_no))
)
select z.rid, z.rep, z.file_no,
    r.newness = newest.newness and (z.source_id is null or in_all.occurrence is null) as live,
    case when z.source_id is not null then 1
        when r.newness = newest.newness then coalesce(in_all.occurrence, 0) + z.nth
        else coalesce(in_file.occurrence, 0) + z.nth end as occurrence
from zipped z
join zipped r on r.rid = z.rep
join newest on newest.stream = z.stream
left join posted in_all on in_all.file_no is null and in_all.stream = z.stream
    and in_all.source_id is not distinct from z.source_id and in_all.key_day is not distinct from z.key_day
    and in_all.key_amount is not distinct from z.key_amount
    and in_all.key_currency is not distinct from z.key_currency
    and in_all.key_norm is not distinct from z.key_norm
left join posted in_file on in_file.file_no = r.file_no and in_file.stream = z.stream
    and in_file.source_id is not distinct from z.source_id and in_file.key_day is not distinct from z.key_day
    and in_file.key_amount is not distinct from z.key_amount
    and in_file.key_currency is not distinct from z.key_currency
    and in_file.key_norm is not distinct from z.key_norm;

insert into fallen
select rid, rid = rep as kept from pending_members where rid <> rep or not live;

insert into merged_into
select rid, rep from pending_members where rid <> rep;

insert into sightings
select rep, file_no from pending_members
where rep in (select rep from pending_members where rid <> rep);
