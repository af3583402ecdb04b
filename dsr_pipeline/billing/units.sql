-- Every row typed, assigned, priced and judged as far as it can be by itself. Grain: one row per row of
-- smartsheet/rows. Which rows are one unit is decided in duplicates.sql, who claims them in claimed.sql. What is only
-- shown is left where it is and read again: it is cheaper as the codes of the file than as texts in memory.
create or replace temp table typed as
with shown as (
    select
        r.sheet_id, s.name as sheet_name, r.row_id, r.row_number, s.source, s.rate_basis, r.errors,
        r.work_request, r.customer, customers.id as customer_id, r.work_order, r.scope, r.area, r.pole,
        r.cu, r.cu_description, r.work_type, actions.action, r.uom,
        r.dept, r.job, r.helper_dept, r.helper_job, r.vac_dept, r.vac_job, r.vac_email,
        r.foreman_assigned, coalesce(r.foreman_assigned, r.foreman) as foreman,
        r.helper, r.vac_crew, r.foreman_contact, r.foreman_assigned_contact, r.helper_contact, r.vac_crew_contact,
        r.completed as completed_text, done.value as is_completed,
        r.helper_completed,
        case when r.helper_completed is null then false else helped.value end as is_helper_completed,
        r.vac_completed,
        case when r.vac_completed is null then false else vacuumed.value end as is_vac_completed,
        r.quantity as quantity_text, quantities.value as quantity, quantities.state as quantity_state,
        r.price as price_text, prices.value as sheet_amount, prices.state as price_state,
        r.reference_date as reference_text, reference.day as reference_day, reference.week_ending,
        r.snapshot_date as snapshot_text, snapshot.day as snapshot_day,
        snapshot.week_ending as snapshot_week,
        r.created_at_utc, r.modified_at_utc, r.modified_by
    from {rows} r
    left join told_sheets s on s.sheet_id = r.sheet_id
    left join told_prices prices on prices.text = r.price
    left join told_quantities quantities on quantities.text = r.quantity
    left join told_days reference on reference.text = r.reference_date
    left join told_days snapshot on snapshot.text = r.snapshot_date
    left join told_flags done on done.text = r.completed
    left join told_flags helped on helped.text = r.helper_completed
    left join told_flags vacuumed on vacuumed.text = r.vac_completed
    left join told_actions actions on actions.text = r.work_type
    left join told_customers customers on customers.text = r.customer
), assigned as (
    select *, {variant} as variant_no from shown
), asked as (
    -- Which rate counts for the row; of a row at the sheet's price only to know what is at stake.
    select *, {by_rate} as by_rate, {negotiates} as negotiates,
        case when {by_rate} then {basis} when price_state is distinct from 'ok' then rate_basis end as rate_of,
        coalesce(snapshot_day, reference_day) as rate_day
    from assigned
), rated as (
    {rated}
), worth as (
    select *,
        case when rate > 0 and quantity_state = 'ok' then times(rate, quantity) end as rate_worth,
        -- A credit that the sheet gives in its price alone stays what it is: no rate knows it.
        by_rate and price_state = 'ok' and sheet_amount < 0 and quantity > 0 as sheet_credit,
        case when by_rate then {unrated} end as unrated
    from rated
), priced as (
    select *,
        by_rate and unrated is null and not coalesce(sheet_credit, false) as at_rate,
        case
            when by_rate and unrated is null and not coalesce(sheet_credit, false)
                then case when abs(rate_worth) <= {largest} then rate_worth::decimal(18, 4) end
            when price_state = 'ok' then sheet_amount
        end as amount,
        coalesce(case when abs(rate_worth) <= {largest} then rate_worth::decimal(18, 4) end, 0) as worth
    from worth
)
select * exclude (rate_worth, sheet_credit, worth, {left}),
    {name} as live_name, {address} as live_address,
    coalesce(amount < 0 or quantity < 0, false) as credit,
    -- What it would bill as far as it can be told.
    coalesce(amount, case when price_state = 'ok' then sheet_amount end, worth) as stake,
    case
        when is_completed is null and completed_text is null then 'not_completed'
        when is_completed = false then 'not_completed'
        when work_request is null then 'missing_work_request'
        when reference_text is null then 'missing_week'
        when reference_day is null and not shows_error(errors, 'reference_date') then 'bad_week'
        when is_completed is null and not shows_error(errors, 'completed') then 'bad_completed'
        when variant_no = {undecided} and ({boxes}) then 'bad_completed'
        when errors is not null and (
            shows_error(errors, 'work_request') or shows_error(errors, 'reference_date')
            or shows_error(errors, 'completed')
            or (shows_error(errors, 'cu') and not ({unmatched}))
            or (amount is null and shows_error(errors, 'price'))
            or (amount is null and by_rate and shows_error(errors, 'quantity'))) then 'cell_error'
        when variant_no = {undecided} then 'cell_error'
        when cu is null then 'missing_code'
        when {unmatched} then 'no_match'
        when amount is null and by_rate and quantity_state = 'bad' then 'bad_quantity'
        when amount is null and price_state = 'bad' then 'bad_price'
        when amount is null and price_state is null and not at_rate then 'missing_price'
        when amount is null and price_state = 'zero' and not at_rate then 'zero_price'
        when amount is null then 'too_large'
        when variant_no is null then 'no_variant'
    end as reason
from priced;
