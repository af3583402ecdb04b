-- The ledger of what is not billed, every row with its reason in a sentence that says what is written there and what
-- to do. Grain: one row per rejected or held row.
create or replace temp table ledger as
with found as (
    select r.*, t.* exclude (sheet_id, row_id), j.status, coalesce(j.reason, 'held') as why, j.hold_reason, j.of_sheet_id, j.of_row_id,
        coalesce(told_errors.words, 'a cell') as wrong_cells,
        other.sheet_name as other_sheet, other.row_number as other_number
    from {left_rows} r
    join (
        select sheet_id, row_id, status, reason, hold_reason, of_sheet_id, of_row_id from judged where status <> 'billable'
    ) j on j.sheet_id = r.sheet_id and j.row_id = r.row_id
    join typed t on t.sheet_id = r.sheet_id and t.row_id = r.row_id
    left join told_errors on told_errors.text = t.errors
    left join (
        select r.sheet_id, s.name as sheet_name, r.row_id, r.row_number from {rows} r
        left join told_sheets s on s.sheet_id = r.sheet_id
        semi join (select of_sheet_id, of_row_id from judged where of_row_id is not null) j
            on j.of_sheet_id = r.sheet_id and j.of_row_id = r.row_id
    ) other on other.sheet_id = j.of_sheet_id and other.row_id = j.of_row_id
)
select sheet_id, sheet_name, row_id, row_number, work_request, week_ending, status, why as reason,
    case why
        when 'not_completed' then 'Units Completed? is not checked. It is billed once it is.'
        when 'missing_work_request' then 'The row names no work request. Fill it in.'
        when 'missing_week' then 'The row has no weekly reference date. Fill it in.'
        when 'bad_week' then format('The weekly reference date says ''{}'', which is no day of a year that can be meant. '
            || 'Write it like 2026-03-08.', reference_text)
        when 'bad_completed' then format('{} says ''{}'', which is neither checked nor unchecked. Check the box, or clear it.',
            case when is_completed is null and completed_text is not null then 'Units Completed?'
                when is_helper_completed is null then 'The box of the helping foreman'
                else 'The box of the vacuum crew' end,
            coalesce(case when is_completed is null then completed_text end,
                case when is_helper_completed is null then helper_completed end, vac_completed, ''))
        when 'cell_error' then format('An error of Smartsheet stands in {}. Mend the formula, or type the value.', wrong_cells)
        when 'missing_code' then 'The row has no billable unit code. Fill it in.'
        when 'no_match' then format('The billable unit code says ''{}''. Look up the code and correct it.', cu)
        when 'bad_quantity' then format('The quantity says ''{}'', which is no number, and the price {}. Write the number '
            || 'of units.', quantity_text, case when price_text is null then 'is blank' else 'does not help' end)
        when 'bad_price' then format('The price says ''{}'', which is no amount of {}. Write it '
            || 'like {}.', price_text, {currency}, {example})
        when 'missing_price' then format('There is no price, {}. Fill in the price.', case when stake = 0
            then format('and no rate for {} gives one', told_code(cu))
            else format('and the sheet gives it here (the rate of {} would give {})', told_code(cu), stake::decimal(18, 2)) end)
        when 'zero_price' then format('The price is zero, {}. Correct the price.', case when stake = 0
            then format('and no rate for {} gives another', told_code(cu))
            else format('and the sheet gives it here (the rate of {} would give {})', told_code(cu), stake::decimal(18, 2)) end)
        when 'too_large' then format('The amount is larger than any table can hold: the price says {}, the quantity {}. '
            || 'Correct it.', told_text(price_text), told_text(quantity_text))
        when 'no_variant' then 'No variant in rules/billing/variants.yaml takes this row. Add one there, or correct the row.'
        when 'duplicate' then format('The same unit is billed by {}{}. If both were done, let the rows differ '
            || '(pole, code, work type or scope); else delete one.', coalesce(other_sheet, 'another sheet'),
            case when other_number is null then '' else ', row ' || other_number end)
        else 'Held: ' || hold_reason
    end as sentence,
    stake::decimal(18, 4) as amount_at_stake, {currency} as currency,
    foreman, customer, pole, cu, work_type, quantity_text, price_text, reference_text, snapshot_text,
    of_sheet_id as duplicate_of_sheet_id, of_row_id as duplicate_of_row_id,
    modified_at_utc as source_modified_at_utc, modified_by as source_modified_by,
    coalesce(is_completed, false) as completed
from found;
