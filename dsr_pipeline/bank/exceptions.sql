-- The parsed rows that are no rows of the table: another one speaks for them.
create or replace temp table dropped as
select rid from fallen where not kept;

-- The lists of files in which transactions were seen are few; each becomes text once.
create or replace temp table seen as
select rid, string_agg(distinct file_no::varchar, ',' order by file_no::varchar) as files
from sightings group by rid;

create or replace temp table file_lists as
select files, to_json(list_sort(list(e.file)))::varchar as seen_in
from (select files, unnest(string_split(files, ','))::integer as file_no from (select distinct files from seen))
join exports e using (file_no)
group by files;

-- Everything that was decided about single rows, one line per row. Rows that do not stand here are posted, the first
-- of their kind, seen in their own file only.
create or replace temp table exceptions as
with decided as (
    select rid from fallen where kept
    union select rid from members where occurrence > 1
    union select rid from pending_members
    union select rid from sightings
    union select rid from legs
    union select rid from enriched
), added as (
    select rid, arg_min(category_src, rank) as category_src, arg_min(payee, rank) as payee
    from enriched group by rid
)
select d.rid,
    case when f.rid is not null then 'superseded' when p.rid is not null then 'pending' end as status,
    coalesce(m.occurrence, p.occurrence, 1) as occurrence,
    file_lists.seen_in, added.category_src, added.payee, legs.transfer_id, legs.event_type
from (from decided anti join dropped using (rid)) d
left join fallen f using (rid)
left join members m using (rid)
left join pending_members p using (rid)
left join seen using (rid)
left join file_lists using (files)
left join added using (rid)
left join legs using (rid);
