-- What is billed together, with a hash over everything that its workbook says, in whatever order the rows came.
create or replace temp table groups as
with lines as (
    select group_id, status = 'held' as held, hold_reason, claimer, amount, line_hash, remarks,
        snapshot_date is null as no_day
    from {units} where group_id is not null
    union all
    select group_id, false, null, claimer, amount, line_hash, remarks, snapshot_date is null
    from view_rows
), summed as (
    select group_id, bool_or(held) as held, min(hold_reason) as hold_reason, min(claimer) as claimer,
        count(*) as rows, count(*) filter (amount < 0) as credits,
        count(*) filter (no_day) as undated,
        count(*) filter (contains(coalesce(remarks, ''), 'out_of_week')) as out_of_week,
        sum(amount) as amount,
        count(*) filter (not held and remarks is not null and remarks <> 'credit') as remarked,
        sha256(string_agg(line_hash, '' order by line_hash)) as lines_hash
    from lines group by group_id
), ids as (
    select group_id, work_request, week_ending, variant_no, variant, claimer_id, true as money from group_ids
    union all
    select group_id, work_request, week_ending, variant_no, variant, claimer_id, false from view_group_ids
), odd as (
    select work_request, week_ending, amount_at_stake, {exception_hash} as odd_hash
    from ledger
    where reason <> 'not_completed' and work_request is not null and (week_ending is not null or completed)
), exceptions as (
    select g.group_id, count(*) as exceptions, sum(o.amount_at_stake) as amount,
        sha256(string_agg(o.odd_hash, '' order by o.odd_hash)) as odd_hash
    from ids g join odd o on o.work_request = g.work_request and coalesce(o.week_ending = g.week_ending, true)
    group by g.group_id
), told as (
    select i.*, {label} as label, {currency} as currency, s.claimer, case when s.held then 'held' else 'ready' end as status,
        s.hold_reason, s.rows, s.credits, s.undated, s.out_of_week, s.amount::decimal(18, 4) as amount,
        coalesce(e.exceptions, 0) + s.remarked as exceptions,
        coalesce(e.amount, 0)::decimal(18, 4) as exceptions_amount,
        coalesce(w.closed, false) as closed, s.lines_hash, e.odd_hash
    from ids i
    join summed s on s.group_id = i.group_id
    left join exceptions e on e.group_id = i.group_id
    left join told_weeks w on w.week_ending = i.week_ending
), hashed as (
    select *, {content_hash} as content_hash from told
)
select h.group_id, h.work_request, h.week_ending, h.variant, h.money, h.claimer, h.claimer_id, h.status, h.hold_reason,
    h.rows::bigint as rows, h.credits::bigint as credits, h.undated::bigint as undated, h.out_of_week::bigint as out_of_week,
    h.amount, h.currency, h.exceptions::bigint as exceptions, h.exceptions_amount, h.closed,
    coalesce(b.data_as_of_utc, {data_at}) as data_as_of_utc, h.content_hash
from hashed h
left join groups_before b on b.group_id = h.group_id and b.content_hash = h.content_hash;
