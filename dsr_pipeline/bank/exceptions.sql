-- Everything that was decided about single rows, one line per row. Rows that do not stand here are posted, the first
-- of their kind, seen in their own file only.
create or replace temp table exceptions as
with decided as (
    select rid from fallen
    union select rid from members where occurrence > 1
    union select rid from pending_members
    union select rid from sightings
    union select rid from legs
    union select rid from enriched
), seen as (
    select s.rid, to_json(list_sort(list(distinct e.file)))::varchar as seen_in
    from sightings s join exports e using (file_no)
    group by s.rid
), added as (
    select rid, arg_min(category_src, rank) as category_src, arg_min(payee, rank) as payee
    from enriched group by rid
)
select d.rid,
    coalesce(not f.kept, false) as merged,
    case when f.rid is not null then 'superseded' when p.rid is not null then 'pending' end as status,
    coalesce(m.occurrence, p.occurrence, 1) as occurrence,
    seen.seen_in, added.category_src, added.payee, legs.transfer_id, legs.event_type
from decided d
left join fallen f using (rid)
left join members m using (rid)
left join pending_members p using (rid)
left join seen using (rid)
left join added using (rid)
left join legs using (rid);
