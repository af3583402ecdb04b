"""The rate of a unit, as SQL: written once, for the units, for the views, and for whoever prices later.

Lives here: which line of `told_rates` counts, and why none does. What a variant does with a rate is in
`units.sql` and `views.sql`; the rate tables themselves are `rates`.
"""

from __future__ import annotations


def rated_sql(source: str, *, basis: str, day: str) -> str:
    """The rows of `source` with `rate`, `is_negotiated` and `rate_name` (null or false where none counts).

    `source` has `cu`, `action`, `customer_id` and `negotiates` (whether rates negotiated with the customer
    count); `basis` and `day` are its columns with the price basis and the day that chooses the rate. A
    negotiated rate above zero wins over the general one.
    """
    joins = "\n".join(
        f"""    left join told_rates {name} on {name}.cu = upper(a.cu) and {name}.basis = lower(a.{basis})
        and {name}.action = a.action and {name}.customer_id = {customer}
        and a.{day} between {name}.effective_from and {name}.effective_until"""
        for name, customer in (
            ("general", "''"),
            ("negotiated", "case when a.negotiates then a.customer_id end"),
        )
    )
    return f"""select a.*,
        case when negotiated.price > 0 then negotiated.price
            else coalesce(general.price, negotiated.price) end as rate,
        coalesce(negotiated.price > 0, false) as is_negotiated,
        case when negotiated.price > 0 then negotiated.name
            else coalesce(general.name, negotiated.name) end as rate_name
    from {source} a
{joins}"""


UNRATED = """case when action is null then 'no_action'
            when quantity_state is distinct from 'ok' then 'bad_quantity'
            when rate is null then 'no_rate'
            when rate = 0 then 'zero_rate' end"""
"""The remark of a row that no rate prices, after `rated_sql`; null where one does."""
