-- The rows of billing/work_units, in no order. What is only shown comes from the file once more.
with told as (
    select
        t.sheet_id, t.sheet_name, t.row_id, r.row_number, r.work_request, t.week_ending,
        t.reference_day as reference_date, t.snapshot_day as snapshot_date,
        coalesce(r.foreman_assigned, r.foreman) as foreman, r.helper, r.vac_crew, {variant} as variant,
        j.claimer, j.claimer_id,
        r.customer, t.customer_id, {dept} as dept, {job} as job, r.work_order, r.scope, r.area, r.pole,
        r.cu, r.cu_description, r.work_type, t.action, r.uom, t.quantity,
        case when t.amount is null then null when t.at_rate then t.rate
            else unit_price(t.amount, t.quantity) end::decimal(18, 6) as unit_rate,
        t.amount, {currency} as currency,
        case when t.amount is null then null when not t.at_rate then 'sheet'
            when t.is_negotiated then 'negotiated' else 'rate' end as price_source,
        case when t.amount is not null and t.at_rate then t.rate_name end as rate_table,
        t.is_completed as completed, j.status, j.reason as reject_reason, j.hold_reason,
        case when j.status <> 'billable' then t.stake end::decimal(18, 4) as amount_at_stake,
        case when j.status <> 'rejected' then {remarks} end as remarks,
        credits.reason as credit_reason,
        j.of_sheet_id as duplicate_of_sheet_id, j.of_row_id as duplicate_of_row_id,
        g.group_id,
        r.modified_at_utc as source_modified_at_utc, r.modified_by as source_modified_by, r.run_seq
    from {rows} r
    join typed t on t.sheet_id = r.sheet_id and t.row_id = r.row_id
    join judged j on j.sheet_id = r.sheet_id and j.row_id = r.row_id
    left join group_ids g on g.work_request = j.work_request and g.week_ending = j.week_ending
        and g.variant_no = j.variant_no and g.claimer_id is not distinct from j.claimer_id and j.reason is null
    left join told_credits credits on credits.sheet_id = t.sheet_id and credits.row_id = t.row_id
)
select *, case when status <> 'rejected' then {line_hash} end as line_hash
from told
