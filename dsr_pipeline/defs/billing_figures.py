"""What the UI says of billing beside each table: the reasons, the remarks, and the sums of every week.

Lives here: SQL over the billing tables, and its answers as Markdown; no dagster but the kind of value that
shows it. Called by the assets of billing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg

from dsr_pipeline.defs.metadata import markdown_table
from dsr_pipeline.lake.contracts.billing import GROUP, REJECTED_UNITS, WORK_GROUPS, WORK_UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dsr_pipeline.lake.contract import Contract
    from dsr_pipeline.lake.store import Lake

SHOWN_WEEKS = 60
"""Weeks in the table of a materialisation, the newest first: every run stores them again."""


def billing_figures(lake: Lake, contract: Contract) -> Mapping[str, Any]:
    """Figures of one billing table that `table_metadata` does not know; of most tables none."""
    if contract.key not in _QUERIES or lake.table_path(contract) is None:
        return {}
    import duckdb

    from dsr_pipeline.lake.views import add_views

    with duckdb.connect() as connection:
        add_views(connection, lake, [GROUP])
        figures: dict[str, Any] = {}
        for title, query in _QUERIES[contract.key]:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall()
            if len(names) == 1:
                figures[title] = rows[0][0]
            elif title.startswith("amount"):
                figures[title] = ", ".join(f"{currency} {amount:,.2f}" for currency, amount in rows) or "none"
            else:
                figures[title] = dg.MetadataValue.md(markdown_table(names, rows))
        return figures


def _at_stake(status: str) -> str:
    return f"""
        select currency, sum(amount_at_stake) from billing.work_units
        where status = '{status}' group by currency order by currency
    """


_REASONS = """
    select reason, count(*) as "rows", round(sum(amount_at_stake), 2) as "at stake"
    from billing.rejected_units group by reason order by sum(amount_at_stake) desc, reason
"""

_REMARKS = """
    select remark, count(*) as "rows", round(sum(amount), 2) as amount
    from (
        select trim(unnest(string_split(remarks, ','))) as remark, amount
        from billing.work_units where status = 'billable' and remarks <> ''
    )
    group by remark order by remark
"""

_WEEKS = f"""
    with units as (
        select
            week_ending,
            count(*) filter (status = 'billable') as billable,
            sum(amount) filter (status = 'billable') as amount,
            count(*) filter (status = 'rejected') as rejected,
            sum(amount_at_stake) filter (status = 'rejected') as rejected_amount,
            count(*) filter (status = 'held') as held
        from billing.work_units group by week_ending
    ),
    groups as (
        select week_ending, count(*) as groups from billing.work_groups where money group by week_ending
    )
    select
        coalesce(cast(week_ending as varchar), 'no week') as "week ending",
        coalesce(groups, 0) as groups,
        billable as "rows",
        round(coalesce(amount, 0), 2) as amount,
        rejected,
        round(coalesce(rejected_amount, 0), 2) as "amount rejected",
        held
    from units left join groups using (week_ending)
    order by week_ending desc nulls first limit {SHOWN_WEEKS}
"""

_QUERIES = {
    WORK_UNITS.key: (
        ("rows billable", "select count(*) filter (status = 'billable') from billing.work_units"),
        ("rows rejected", "select count(*) filter (status = 'rejected') from billing.work_units"),
        ("rows held", "select count(*) filter (status = 'held') from billing.work_units"),
        ("amount rejected", _at_stake("rejected")),
        ("amount held", _at_stake("held")),
        ("remarks", _REMARKS),
    ),
    REJECTED_UNITS.key: (
        ("amount rejected", _at_stake("rejected")),
        ("amount held", _at_stake("held")),
        ("reasons", _REASONS),
    ),
    WORK_GROUPS.key: (("weeks", _WEEKS),),
}
