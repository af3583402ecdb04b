"""Every word that a weekly report prints, by key: the English texts are the defaults.

Lives here: the texts alone. `weekly_rules` chooses the language and lays the overrides of
`rules/reports/weekly.yaml` over it; the layouts read it. A text in braces is filled by the layout.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """The texts of one language. Fields in braces must stay; their order is free."""

    # Names of the sheets: at most 31 characters, none of []:*?/\
    sheet_report: str = "Work Report"
    sheet_lines: str = "Line Items"
    sheet_exceptions: str = "Exceptions"
    sheet_about: str = "About"

    # Days, from Monday; months, from January.
    weekdays: tuple[str, ...] = (
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    )
    weekdays_short: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months: tuple[str, ...] = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )
    long_day: str = "{month} {day}, {year}"

    # Head of the page
    title: str = "Weekly Work Report"
    running_title: str = "WEEKLY UNITS COMPLETED PER SCOPE ID"
    running_place: str = "WR {work_request}   |   Week ending {week_ending}   |   Rev {revision}"
    footer_place: str = "WR {work_request} · WE {week_ending} · Rev {revision}"
    status_draft: str = "DRAFT"
    status_final: str = "FINAL"
    status_revised: str = "REVISED"
    status_withdrawn: str = "WITHDRAWN"
    replaces: str = "Replaces Rev {revision} of {day}"
    data_as_of: str = "Source data as of {instant}"
    scope: str = "Scope {scope}"
    work_order: str = "Work order {work_order}"
    billing_period: str = "Billing period {first} – {last}"
    view_notice: str = "{variant}: for information only, this report bills no money"
    withdrawn_notice: str = "Nothing is billed here any more: this revision takes back what was published"
    no_line_changed: str = "No line changed since revision {revision}: exceptions or details did"
    marks_missing: str = "Lines are not marked: {why}"
    logo: str = "Logo of {company}"
    unassigned: str = "Unassigned"

    # Summary and details
    summary: str = "SUMMARY"
    details: str = "DETAILS"
    total_billed: str = "Total billed"
    total_view: str = "Total (bills no money)"
    prior_week: str = "Prior week"
    change: str = "Change vs prior week"
    line_items: str = "Line items"
    days_worked: str = "Days worked"
    points_worked: str = "Points worked"
    credits: str = "Credits in the total"
    not_billed: str = "Not billed, to look at"
    dept: str = "Dept #"
    work_request: str = "Work request #"
    scope_id: str = "Scope ID"
    work_order_number: str = "Work order #"
    job: str = "Job #"
    customer: str = "Customer"
    area: str = "Area"

    # Daily totals and chart
    daily_totals: str = "DAILY TOTALS"
    items: str = "Items"
    points: str = "Points"
    amount: str = "Amount"
    week_total: str = "Week total"
    chart_title: str = "BILLED PER DAY ({currency})"
    chart_description: str = "Column chart of the amount billed on each day of the week"
    undated: str = "Undated"
    out_of_week: str = "Out of week"
    points_counted: str = "Counted by the program: these points cannot be told apart by a formula."

    # Blocks of lines
    one_item: str = "1 line item"
    many_items: str = "{count} line items"
    continued: str = "(continued)"
    undated_block: str = "UNDATED   no snapshot date"
    out_of_week_block: str = "OUT OF WEEK   snapshot date in another week"
    point: str = "Point #"
    code: str = "Billable unit"
    work_type: str = "Work type"
    description: str = "Unit description"
    uom: str = "UoM"
    units: str = "# Units"
    unit_price: str = "Unit price"
    not_available: str = "N/A"
    since_revision: str = "Since Rev {revision}"
    total_of: str = "Total {block}"
    snapshot_of: str = "snapshot {day}"
    no_lines: str = "No line is billed in this week."
    mark_new: str = "New"
    mark_changed: str = "Changed"
    mark_same: str = "Unchanged"
    mark_removed: str = "Removed"
    was: str = "Was {amount}"
    credit: str = "Credit: {reason}"
    credit_without_reason: str = "Credit: the sheet gives no reason"
    removed_block: str = "REMOVED SINCE REV {revision}   not in any total"
    removed_total: str = "Removed, not in the total"

    # End of the report
    grand_total: str = "TOTAL BILLED THIS WEEK"
    grand_total_view: str = "TOTAL (BILLS NO MONEY)"
    units_by_code: str = "UNITS BY CODE"
    units_total: str = "Total by code"
    sign_foreman: str = "Foreman signature"
    sign_customer: str = "Customer representative"
    sign_date: str = "Date"
    note_currency: str = "Amounts in {currency}."
    note_rates: str = "Priced from {tables}."
    note_sheet_prices: str = "Prices as recorded in the source sheets."
    note_credits: str = "Credits are shown in red and in parentheses."
    note_content: str = "Content {content}."

    # Line Items
    line_day: str = "Work date"
    line_block: str = "Block"
    line_mark: str = "Mark"
    line_was: str = "Was"
    line_changed: str = "What changed"
    line_dept: str = "Dept #"
    line_job: str = "Job #"
    line_scope: str = "Scope #"
    line_source: str = "Source row"
    line_remark: str = "Remark"

    # Exceptions
    exceptions_title: str = "Exceptions"
    exceptions_intro: str = "Rows of this work request and week that a person should look at."
    exceptions_none: str = "None: every row of this work request and week is billed as it stands."
    exception_kind: str = "Kind"
    exception_reason: str = "Reason"
    exception_source: str = "Source row"
    exception_snapshot: str = "Snapshot date"
    exception_billed: str = "Billed here"
    exception_at_stake: str = "Not billed"
    exceptions_total: str = "Sum"
    kind_undated: str = "Undated"
    kind_out_of_week: str = "Out of week"
    kind_duplicate: str = "Duplicate"
    kind_rejected: str = "Rejected"
    kind_held: str = "Held"
    kind_remark: str = "Remark"
    kind_rows: str = "Rows"

    # About
    about_title: str = "About this report"
    about_report: str = "REPORT"
    about_week: str = "Week ending"
    about_first_day: str = "First day of the week"
    about_variant: str = "Variant"
    about_money: str = "Bills money"
    about_yes: str = "Yes"
    about_no: str = "No, for information only"
    about_status: str = "Status"
    about_revision: str = "Revision"
    about_group: str = "Group id"
    about_content: str = "Content hash"
    about_data_as_of: str = "Source data as of"
    about_rates: str = "Rate tables"
    about_generator: str = "Made by"
    about_tie_out: str = "TIE-OUT"
    about_tie_lines: str = "Sum of the printed lines"
    about_tie_group: str = "Amount of the group"
    about_tie_units: str = "Sum of its source rows"
    about_tie_workbook: str = "Total of this workbook"
    about_tie_result: str = "Result"
    about_tie_holds: str = "All sums are equal"
    about_tie_broken: str = "The sums differ"
    about_sources: str = "SOURCE SHEETS"
    about_sheet: str = "Sheet"
    about_sheet_id: str = "Sheet id"
    about_sheet_rows: str = "Lines"
    about_reading: str = "HOW TO READ IT"
    about_read_marks: str = (
        "New, Changed and Removed compare each line with the last published revision. "
        "A changed line says what changed and what it billed before; a removed one is struck through "
        "and is in no total."
    )
    about_read_credits: str = (
        "A credit is red and in parentheses; the comment of its amount gives the reason."
    )
    about_read_blocks: str = (
        "A line without a snapshot date, or with one of another week, is billed in the week of its "
        "reference date and printed in a block of its own."
    )
    about_read_totals: str = (
        "Every total is a formula: change a line and they follow. The sums above are those of the program."
    )
    about_read_exceptions: str = (
        "Rows that are not billed are in the sheet {sheet}, with what they would bill."
    )
    back: str = "Back to {sheet}"


ENGLISH = Labels()
