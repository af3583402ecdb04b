-- Billable units shown once more, at the price and under the claimer of a view. Grain: one row per unit and view.
create or replace temp table viewed as
with chosen as (
    {chosen}
), asked as (
    select c.*, {basis} as view_basis, {negotiates} as negotiates, {role} as role, {name} as live_name,
        {address} as live_address, coalesce(snapshot_day, reference_day) as day
    from chosen c
), own as (
    select a.* exclude (rate, rate_name, is_negotiated, unrated),
        case when a.at_rate then case when a.is_negotiated then 'negotiated' else 'rate' end else 'sheet' end as own_source,
        case when a.at_rate then a.rate_name end as own_name
    from asked a
), rated as (
    {rated}
), worth as (
    select *,
        case when view_basis is null or (price_state = 'ok' and sheet_amount < 0 and quantity > 0) then null
            when rate > 0 and quantity_state = 'ok' and abs(times(rate, quantity)) <= {largest}
                then times(rate, quantity)::decimal(18, 4) end as rate_worth,
        case when view_basis is not null then {unrated} end as unrated
    from rated
), claimed as (
    select w.*, coalesce(claims.claimer, case when people.id is not null then w.live_name end) as claimer,
        coalesce(claims.claimer_id, people.id) as claimer_id,
        case when people.id is not null then w.live_name end as live, people.id as live_id,
        claims.claimer_id is null as unfrozen, coalesce(claims.claimer_id <> people.id, false) as claim_changed,
        rate_worth is not null as at_view_rate
    from worth w
    left join told_people people on people.name = w.live_name and people.address = coalesce(w.live_address, '')
    left join told_claims claims on claims.sheet_id = w.sheet_id and claims.row_id = w.row_id and claims.role = w.role
)
select sheet_id, row_id, work_request, week_ending,
    view_no as variant_no, claimer, claimer_id, live, live_id, unfrozen, role, {dept} as dept, {job} as job,
    sheet_name, snapshot_day as snapshot_date, snapshot_text, snapshot_week, reference_day as reference_date,
    pole, cu, cu_description, work_type, uom, quantity, customer, work_order, scope, area, foreman,
    case when rate_worth is not null then rate
        else unit_price(coalesce(case when price_state = 'ok' then sheet_amount end, amount), quantity)
        end::decimal(18, 6) as unit_rate,
    coalesce(rate_worth, case when price_state = 'ok' then sheet_amount end, amount)::decimal(18, 4) as amount,
    case when rate_worth is not null then case when is_negotiated then 'negotiated' else 'rate' end
        when price_state = 'ok' then 'sheet' else own_source end as price_source,
    case when rate_worth is not null then rate_name when price_state = 'ok' then null else own_name end as rate_table,
    {remarks} as remarks
from claimed;

create or replace temp table view_group_ids as
with met as (
    select distinct work_request, week_ending, variant_no, claimer_id from viewed
), named as (
    select *, {variant} as variant from met
)
select *, {group_id} as group_id from named;
