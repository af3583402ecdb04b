-- Who claims every row as its variant says: what was recorded first (or decided since) counts, else the live cell.
-- Grain: one row per row of smartsheet/rows.
create or replace temp table judged as
with found as (
    select t.sheet_id, t.row_id, t.variant_no, t.work_request, t.week_ending,
        case when d.of_row_id is not null then 'duplicate' else t.reason end as reason,
        d.of_sheet_id, d.of_row_id, coalesce(d.possible, false) as possible_duplicate,
        coalesce(own_hold.reason, any_hold.reason) as held,
        {role} as role, t.live_name, t.live_address
    from typed t
    left join doubles d on d.sheet_id = t.sheet_id and d.row_id = t.row_id
    left join told_holds own_hold on own_hold.work_request = t.work_request
    left join told_holds any_hold on any_hold.work_request = {every}
), named as (
    select f.*, case when people.id is null then null else f.live_name end as live, people.id as live_id,
        claims.claimer as frozen, claims.claimer_id as frozen_id
    from found f
    left join told_people people on people.name = f.live_name and people.address = coalesce(f.live_address, '')
    left join told_claims claims on claims.sheet_id = f.sheet_id and claims.row_id = f.row_id and claims.role = f.role
)
select sheet_id, row_id, variant_no, work_request, week_ending, reason, of_sheet_id, of_row_id, possible_duplicate, role,
    case when reason is not null then 'rejected' when held is not null then 'held' else 'billable' end as status,
    case when reason is null then held end as hold_reason,
    coalesce(frozen, live) as claimer, coalesce(frozen_id, live_id) as claimer_id,
    live, live_id, frozen_id is null as unfrozen,
    coalesce(frozen_id <> live_id, false) as claim_changed
from named;

-- What is billed together.
create or replace temp table group_ids as
with met as (
    select distinct work_request, week_ending, variant_no, claimer_id from judged where reason is null
), named as (
    select *, {variant} as variant from met
)
select *, {group_id} as group_id from named;
