"""From rows to units and groups: the scripts beside this module, run in their order.

Lives here: what each script is given, as SQL made from the rules. What the rows are read from and where the
tables go is `run`; a run on the same rows and rules gives the same tables, in whatever order the rows come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa

from dsr_pipeline.billing.assignment import (
    UNDECIDED,
    basis_of,
    by_variant,
    negotiates,
    shown_variants,
    variant_sql,
    view_places_sql,
)
from dsr_pipeline.billing.billing_rules import BillingRules
from dsr_pipeline.billing.credits import tell_credits
from dsr_pipeline.billing.hashes import EXCEPTION, GROUP_ID, LINE, VIEW_LINE, content_hash
from dsr_pipeline.billing.policy import Duplicates
from dsr_pipeline.billing.pricing import UNRATED, rated_sql
from dsr_pipeline.billing.remarks import remarks_sql
from dsr_pipeline.billing.texts import ADDRESSES, LARGEST_AMOUNT, tell_texts
from dsr_pipeline.billing.workbench import fetch, filled, keep_table, literal, run_script
from dsr_pipeline.lake.contracts.smartsheet import EVERY_WORK_REQUEST
from dsr_pipeline.weeks import week_window

_LEFT = {
    "row_number": "row_number",
    "work_order": "work_order",
    "customer": "customer",
    "area": "area",
    "cu_description": "cu_description",
    "uom": "uom",
    "dept": "dept",
    "job": "job",
    "helper_dept": "helper_dept",
    "helper_job": "helper_job",
    "vac_dept": "vac_dept",
    "vac_job": "vac_job",
    "vac_email": "vac_email",
    "foreman": "coalesce(foreman_assigned, foreman)",
    "foreman_assigned": "foreman_assigned",
    "helper": "helper",
    "vac_crew": "vac_crew",
    "foreman_contact": "foreman_contact",
    "foreman_assigned_contact": "foreman_assigned_contact",
    "helper_contact": "helper_contact",
    "vac_crew_contact": "vac_crew_contact",
    "completed_text": "completed",
    "helper_completed": "helper_completed",
    "vac_completed": "vac_completed",
    "quantity_text": "quantity",
    "price_text": "price",
    "reference_text": "reference_date",
    "modified_by": "modified_by",
}
"""What `typed` leaves in smartsheet/rows, with what it is there."""

_PREFERENCES = {
    "variant": "t.variant_no",
    "oldest": "t.created_at_utc nulls last",
    "newest": "t.modified_at_utc desc",
    "largest": "abs(t.amount) desc",
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run reads, each as something to select from; `data_at` is the instant of the data in UTC."""

    rows: str
    sheets: str
    holds: str
    groups_before: str
    claims: str
    data_at: datetime


def tell_inputs(con: duckdb.DuckDBPyConnection, inputs: Inputs, rules: BillingRules) -> None:
    """Make the small tables that the rows are joined with."""
    tell_texts(con, inputs.rows, rules.policy, rules.calendar)
    con.execute(f"""
        create or replace temp table told_sheets as
        select sheet_id, name, source, rate_basis from {inputs.sheets}""")
    con.execute(f"""
        create or replace temp table told_holds as
        select work_request, string_agg(distinct sheet_name || ': ' || reason, '; '
            order by sheet_name || ': ' || reason) as reason
        from {inputs.holds} group by work_request""")
    con.execute(f"create or replace temp view groups_before as select * from {inputs.groups_before}")
    con.register("rates_given", rules.rates.table)
    con.execute("""
        create or replace temp table told_rates as
        select cu, lower(basis) as basis, customer_id, action, effective_from,
            coalesce(effective_until, date '9999-12-31') as effective_until, price,
            rate_table || ' ' || effective_from as name
        from rates_given""")
    con.execute(f"create or replace temp view told_claims as select * from {inputs.claims}")
    tell_credits(con, inputs.rows, rules.policy)


def judge(con: duckdb.DuckDBPyConnection, rows: str, rules: BillingRules) -> None:
    """Make `typed`, `judged`, `group_ids`, `viewed` and `view_group_ids`."""
    variants = rules.variants.variants
    bases = [basis_of(one) for one in variants]
    claimed = _claimed("variant_no", rules)
    rated = [str(place) for place, basis in enumerate(bases) if basis is not None]
    codes = [f"contains(lower(cu), {literal(one.lower())})" for one in rules.policy.unmatched_codes]
    run_script(
        con,
        "units",
        rows=rows,
        variant=variant_sql(rules.variants),
        by_rate=f"coalesce(variant_no in ({', '.join(rated) or 'null'}), false)",
        largest=str(LARGEST_AMOUNT),
        unmatched=f"coalesce({' or '.join(codes) or 'false'}, false)",
        undecided=str(UNDECIDED),
        boxes="is_helper_completed is null or is_vac_completed is null",
        left=", ".join(_LEFT),
        name=claimed["name"],
        address=claimed["address"],
        rated=rated_sql("asked", basis="rate_of", day="rate_day"),
        unrated=UNRATED,
        **_priced("variant_no", rules),
    )
    run_script(con, "duplicates", **_duplicates(rules.policy.duplicates))
    every = literal(EVERY_WORK_REQUEST)
    run_script(con, "claimed", every=every, role=_claimed("t.variant_no", rules)["role"], **_named(rules))
    run_script(
        con,
        "views",
        chosen=_chosen(rows, rules),
        largest=str(LARGEST_AMOUNT),
        dept=by_variant([one.dept for one in variants], of="view_no"),
        job=by_variant([one.job for one in variants], of="view_no"),
        remarks=remarks_sql("", "", "at_view_rate"),
        rated=rated_sql("own", basis="view_basis", day="day"),
        unrated=UNRATED,
        **_named(rules),
        **_priced("view_no", rules),
        **_claimed("view_no", rules),
    )


def units_sql(rows: str, rules: BillingRules) -> str:
    """The rows of billing/work_units, after `judge`."""
    variants = rules.variants.variants
    of = "t.variant_no"
    return filled(
        "work_units",
        rows=rows,
        variant=by_variant([literal(one.name) for one in variants], of=of),
        dept=by_variant([f"r.{one.dept}" for one in variants], "r.dept", of),
        job=by_variant([f"r.{one.job}" for one in variants], "r.job", of),
        currency=literal(rules.policy.currency),
        remarks=remarks_sql("t.", "j.", "t.at_rate"),
        line_hash=LINE,
    )


def gather(con: duckdb.DuckDBPyConnection, units: str, inputs: Inputs, rules: BillingRules) -> None:
    """Make `view_rows`, `ledger` and `groups`; `units` is billing/work_units as something to select from."""
    policy, variants = rules.policy, rules.variants.variants
    currency = literal(policy.currency)
    con.execute(
        "create or replace temp table view_rows as "
        + filled("view_lines", currency=currency, line_hash=VIEW_LINE, **_named(rules, of="v.variant_no"))
    )
    example = literal("1.234,50" if policy.entry.decimal == "," else "1,234.50")
    run_script(
        con,
        "rejected",
        rows=inputs.rows,
        left_rows=_left_rows(inputs.rows),
        currency=currency,
        example=example,
    )
    _tell_weeks(con, inputs.data_at, rules)
    run_script(
        con,
        "groups",
        units=units,
        currency=currency,
        exception_hash=EXCEPTION,
        label=by_variant([literal(one.label) for one in variants]),
        content_hash=content_hash(rules.layout),
        data_at=f"timestamp '{inputs.data_at.isoformat(sep=' ')}'",
    )


def _named(rules: BillingRules, of: str = "variant_no") -> dict[str, str]:
    names = [literal(one.name) for one in rules.variants.variants]
    return {"variant": by_variant(names, of=of), "group_id": GROUP_ID}


def _priced(of: str, rules: BillingRules) -> dict[str, str]:
    variants = rules.variants.variants
    return {
        "basis": by_variant([literal(basis_of(one)) for one in variants], of=of),
        "negotiates": by_variant([str(negotiates(one)).lower() for one in variants], "false", of),
    }


def _claimed(of: str, rules: BillingRules) -> dict[str, str]:
    roles = [one.claimer for one in rules.variants.variants]
    return {
        "role": by_variant([literal(role) for role in roles], of=of),
        "name": by_variant(
            list(roles), of=of
        ),  # the foreman of `typed` is the assigned one, where there is one
        "address": by_variant([ADDRESSES[role] for role in roles], of=of),
    }


def _left_rows(rows: str) -> str:
    """What `typed` leaves in the file, under its names there."""
    columns = ", ".join(f"{source} as {name}" for name, source in _LEFT.items())
    return f"(select sheet_id, row_id, {columns} from {rows})"


def _chosen(rows: str, rules: BillingRules) -> str:
    """Every billable unit with every view that shows it."""
    shown, places = shown_variants(rules.variants), view_places_sql(rules.variants)
    return f"""
        select r.*, t.* exclude (sheet_id, row_id, live_name, live_address), j.possible_duplicate,
            unnest(list_filter({places}, lambda place: place is not null)) as view_no
        from {_left_rows(rows)} r
        join typed t on t.sheet_id = r.sheet_id and t.row_id = r.row_id and t.variant_no in ({shown})
        join judged j on j.sheet_id = r.sheet_id and j.row_id = r.row_id and j.status = 'billable'"""


def _tell_weeks(con: duckdb.DuckDBPyConnection, data_at: datetime, rules: BillingRules) -> None:
    """`told_weeks`: whether each week had ended when the data were read."""
    weeks = [week for (week,) in fetch(con, "select distinct week_ending from group_ids")]
    closed = [is_closed(week, data_at, rules) for week in weeks]
    table = pa.table({"week_ending": pa.array(weeks, pa.date32()), "closed": pa.array(closed, pa.bool_())})
    keep_table(con, "told_weeks", table)


def is_closed(ending: date, data_at: datetime, rules: BillingRules) -> bool:
    """Whether the week had ended at an instant (naive UTC)."""
    return data_at.replace(tzinfo=UTC) >= week_window(ending, rules.calendar).end_utc


def _duplicates(given: Duplicates) -> dict[str, str]:
    needed = " ".join(f"and {name} is not null" for name in given.needs)
    return {
        "needed": needed,
        "prefer": ", ".join(_PREFERENCES[one] for one in given.prefer) or "t.sheet_id",
        "equal": ", quantity, amount" if given.same_sheet == "bill_one_if_equal" else "",
        "one_sheet": str(given.other_sheet == "bill_one").lower(),
        "one_row": str(given.same_sheet != "bill_all").lower(),
    }
