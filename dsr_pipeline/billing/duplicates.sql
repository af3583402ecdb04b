-- Rows that are one unit: the same work request, week, pole, code, work done, scope, and credit or not. Only rows that
-- would be billed are compared. Of one unit on several sheets the sheet of the best row bills it; on one sheet rows are
-- one unit where the policy says so. `doubles` has one row per row whose unit stands in another row as well.
create or replace temp table unit_keys as
select sheet_id, row_id,
    hash(work_request, week_ending, upper(pole), upper(cu), coalesce(action, lower(work_type)), scope, credit) as unit
from typed
where reason is null {needed};

create or replace temp table doubles as
with meeting as (
    select unit from unit_keys group by unit having count(*) > 1
), members as (
    select t.sheet_id, t.row_id, t.work_request, t.week_ending, upper(t.pole) as pole, upper(t.cu) as cu,
        coalesce(t.action, lower(t.work_type)) as done, t.scope, t.credit, t.quantity, t.amount,
        row_number() over (order by {prefer}, t.sheet_id, t.row_id) as rank
    from typed t
    semi join (select sheet_id, row_id from unit_keys semi join meeting using (unit)) k
        on k.sheet_id = t.sheet_id and k.row_id = t.row_id
), placed as (
    select *,
        first_value(sheet_id) over whole as best_sheet, first_value(row_id) over whole as best_row,
        first_value(row_id) over same_sheet as first_row,
        count(*) over (partition by work_request, week_ending, pole, cu, done, scope, credit) as members
    from members
    window whole as (
            partition by work_request, week_ending, pole, cu, done, scope, credit order by rank),
        same_sheet as (
            partition by work_request, week_ending, pole, cu, done, scope, credit, sheet_id {equal} order by rank)
), decided as (
    select *,
        case
            when {one_sheet} and sheet_id <> best_sheet then best_sheet
            when {one_row} and row_id <> first_row then sheet_id
        end as of_sheet_id,
        case
            when {one_sheet} and sheet_id <> best_sheet then best_row
            when {one_row} and row_id <> first_row then first_row
        end as of_row_id
    from placed where members > 1
)
select sheet_id, row_id, of_sheet_id, of_row_id,
    of_row_id is null and count(*) filter (of_row_id is null) over (
        partition by work_request, week_ending, pole, cu, done, scope, credit) > 1 as possible
from decided;
