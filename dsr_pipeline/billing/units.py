"""From rows to units and groups: the scripts beside this module, run in their order.

Lives here: what each script is given, as SQL made from the rules. What the rows are read from and where the
tables go is `run`; a run on the same rows and rules gives the same tables, in whatever order the rows come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa

from dsr_pipeline.billing.assignment import UNDECIDED, basis_of, by_variant, negotiates, variant_sql, view_sql
from dsr_pipeline.billing.billing_rules import BillingRules
from dsr_pipeline.billing.credits import tell_credits
from dsr_pipeline.billing.hashes import EXCEPTION, GROUP_ID, LINE, VIEW_LINE, content_hash
from dsr_pipeline.billing.policy import Duplicates
from dsr_pipeline.billing.remarks import remarks_sql
from dsr_pipeline.billing.texts import ADDRESSES, LARGEST_AMOUNT, tell_texts
from dsr_pipeline.billing.workbench import fetch, filled, keep_table, literal, run_script
from dsr_pipeline.lake.contracts.smartsheet import EVERY_WORK_REQUEST
from dsr_pipeline.weeks import week_window

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
        **_priced("variant_no", rules),
    )
    run_script(con, "duplicates", **_duplicates(rules.policy.duplicates))
    every = literal(EVERY_WORK_REQUEST)
    run_script(con, "claimed", every=every, **_named(rules), **_claimed("t.variant_no", rules))
    run_script(
        con,
        "views",
        chosen=_chosen(rules),
        largest=str(LARGEST_AMOUNT),
        dept=by_variant([one.dept for one in variants], of="view_no"),
        job=by_variant([one.job for one in variants], of="view_no"),
        remarks=remarks_sql("", "", "at_view_rate"),
        **_named(rules),
        **_priced("view_no", rules),
        **_claimed("view_no", rules),
    )


def units_sql(rules: BillingRules) -> str:
    """The rows of billing/work_units, after `judge`."""
    variants = rules.variants.variants
    of = "t.variant_no"
    return filled(
        "work_units",
        variant=by_variant([literal(one.name) for one in variants], of=of),
        dept=by_variant([f"t.{one.dept}" for one in variants], "t.dept", of),
        job=by_variant([f"t.{one.job}" for one in variants], "t.job", of),
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
    run_script(con, "rejected", currency=currency, example=example)
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


def _chosen(rules: BillingRules) -> str:
    """Every billable unit with every view that shows it."""
    joined = """from typed t
        join judged j on j.sheet_id = t.sheet_id and j.row_id = t.row_id and j.status = 'billable'"""
    none = f"select t.*, 0 as view_no, j.possible_duplicate {joined} where false"
    parts = [
        f"select t.*, {place}, j.possible_duplicate {joined} where {view_sql(place, rules.variants)}"
        for place, one in enumerate(rules.variants.variants)
        if not one.money
    ]
    return " union all ".join([none, *parts])


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
