-- The rows of billing/view_lines.
with told as (
    select {variant} as variant, v.* exclude (variant_no), g.group_id, {currency} as currency,
        credits.reason as credit_reason
    from viewed v
    join view_group_ids g on g.work_request = v.work_request and g.week_ending = v.week_ending
        and g.variant_no = v.variant_no and g.claimer_id is not distinct from v.claimer_id
    left join told_credits credits on credits.sheet_id = v.sheet_id and credits.row_id = v.row_id
)
select *, {line_hash} as line_hash from told
