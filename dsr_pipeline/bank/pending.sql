-- Pending rows are counted like posted ones, but live only in the newest export of their stream. A pending row stands
-- behind the posted rows with the same key: when it is booked, it takes the next occurrence and so keeps its key.
create or replace temp table pending_members as
with ranked as (
    select *, row_number() over (partition by kh, k2, file_no order by position, rid) as nth
    from touched where pending
), zipped as (
    select *, first_value(rid) over (partition by kh, k2, nth order by newness desc, rid) as rep
    from ranked
), newest as (
    select stream, max(newness) as newness from sources group by stream
), posted as (
    select kh, k2, file_no, max(occurrence) as occurrence
    from members semi join zipped using (kh, k2)
    group by grouping sets ((kh, k2), (kh, k2, file_no))
)
select z.rid, z.rep, z.file_no,
    r.newness = newest.newness and (not z.has_id or in_all.occurrence is null) as live,
    (case when z.has_id then 1
        when r.newness = newest.newness then coalesce(in_all.occurrence, 0) + z.nth
        else coalesce(in_file.occurrence, 0) + z.nth end)::integer as occurrence
from zipped z
join zipped r on r.rid = z.rep
join newest on newest.stream = z.stream
left join posted in_all on in_all.file_no is null and in_all.kh = z.kh and in_all.k2 = z.k2
left join posted in_file on in_file.file_no = r.file_no and in_file.kh = z.kh and in_file.k2 = z.k2;

insert into fallen
select rid, rid = rep as kept from pending_members where rid <> rep or not live;

insert into merged_into
select rid, rep from pending_members where rid <> rep;

insert into sightings
select rep, file_no from pending_members
where rep in (select rep from pending_members where rid <> rep);
