"""The star: one fact of live transactions and its four dimensions, written into one group of the lake.

Lives here: which tables there are and in which order they are made. Keys are `keys`, the calendar is
`calendar`; where the files end up for Power BI is `publish`. Called by `defs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from dsr_pipeline.lake.contracts.powerbi import (
    DIM_ACCOUNT,
    DIM_CATEGORY,
    DIM_DATE,
    DIM_MERCHANT,
    FACT_TRANSACTIONS,
    UNKNOWN_KEY,
)
from dsr_pipeline.powerbi.calendar import Calendar, date_rows
from dsr_pipeline.powerbi.keys import surrogate_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import duckdb

    from dsr_pipeline.lake.contract import Contract

    Put = Callable[[Contract, pa.Table], None]
    Copy = Callable[[Contract, duckdb.DuckDBPyConnection, str], None]

UNKNOWN = "Unknown"
LIVE = "bank.live_transactions"


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What `accounts.yaml` says of an account; None where it says nothing."""

    institution: str | None
    kind: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What the rule of a format says of the accounts that it reads, for those that nobody described."""

    institution: str
    kind: str


@dataclass(frozen=True, slots=True)
class StarSources:
    """What is known beside the transactions: accounts by key, rules by name, the group of each category."""

    accounts: Mapping[str, AccountFacts]
    rules: Mapping[str, RuleFacts]
    category_groups: Mapping[str, str]
    calendar: Calendar


def write_star(connection: duckdb.DuckDBPyConnection, sources: StarSources, put: Put, copy: Copy) -> None:
    """Write the dimensions with `put` and the fact with `copy`; the caller switches them together.

    `connection` has the view `bank.live_transactions`. The fact keeps its order, so that the copy streams:
    ten million rows are never held in memory.
    """
    dimensions = (
        (DIM_ACCOUNT, account_table(connection, sources)),
        (DIM_MERCHANT, merchant_table(_distinct(connection, "merchant"))),
        (DIM_CATEGORY, category_table(_distinct(connection, "category"), sources.category_groups)),
        (DIM_DATE, date_table(connection, sources.calendar)),
    )
    for contract, table in dimensions:
        put(contract, table)
        connection.register(contract.table, table)
    try:
        copy(FACT_TRANSACTIONS, connection, _FACT.format(source=LIVE, unknown=UNKNOWN_KEY))
    finally:
        for contract, _ in dimensions:
            connection.unregister(contract.table)


def account_table(connection: duckdb.DuckDBPyConnection, sources: StarSources) -> pa.Table:
    """`dim_account`: the accounts that have transactions, and the unknown one.

    `accounts.yaml` is believed first, then the rule that read its rows, then the rows themselves.
    """
    found = {row[0]: row[1:] for row in connection.execute(_ACCOUNTS.format(source=LIVE)).fetchall()}
    rows: list[dict[str, object]] = [
        {
            "account_key": UNKNOWN_KEY,
            "account": UNKNOWN,
            "institution": UNKNOWN,
            "kind": UNKNOWN,
            "owner": UNKNOWN,
        }
    ]
    for account, key in surrogate_keys("account", found).items():
        rule_name, owner, currency = found[account]
        rule = sources.rules.get(rule_name, RuleFacts(UNKNOWN, UNKNOWN))
        stated = sources.accounts.get(account, AccountFacts(None, None, None))
        rows.append(
            {
                "account_key": key,
                "account": account,
                "institution": stated.institution or rule.institution,
                "kind": stated.kind or rule.kind,
                "currency": stated.currency or currency,
                "owner": owner or UNKNOWN,
            }
        )
    return _table(DIM_ACCOUNT, rows)


def merchant_table(merchants: Sequence[str]) -> pa.Table:
    """`dim_merchant`: the merchants that rules named, and the unknown one."""
    keys = surrogate_keys("merchant", merchants)
    rows = [{"merchant_key": UNKNOWN_KEY, "merchant": UNKNOWN}]
    return _table(DIM_MERCHANT, [*rows, *({"merchant_key": k, "merchant": m} for m, k in keys.items())])


def category_table(categories: Sequence[str], groups: Mapping[str, str]) -> pa.Table:
    """`dim_category`: the categories in use with the group each is shown under, and the unknown one."""
    keys = surrogate_keys("category", categories)
    rows = [{"category_key": UNKNOWN_KEY, "category": UNKNOWN, "category_group": UNKNOWN}]
    named = ({"category_key": k, "category": c, "category_group": groups.get(c, c)} for c, k in keys.items())
    return _table(DIM_CATEGORY, [*rows, *named])


def date_table(connection: duckdb.DuckDBPyConnection, calendar: Calendar) -> pa.Table:
    """`dim_date`: whole years from the first to the last date of any transaction, and the unknown day."""
    first, last = connection.execute(
        f"select min(least(date, post_date)), max(greatest(date, post_date)) from {LIVE}"
    ).fetchall()[0]
    return _table(DIM_DATE, date_rows(first, last, calendar, UNKNOWN_KEY, UNKNOWN))


# Few rows are left after the first step, so that ten million are read once and cheaply. An account that
# changed hands names all its owners; one that several rules read is described by the last of them by name;
# several currencies are no currency.
_ACCOUNTS = """
with told as (
    select account, rule, owner, currency
    from {source}
    group by all
)
select
    account,
    max(rule) as rule,
    string_agg(distinct owner, ', ' order by owner) as owner,
    case when min(currency) = max(currency) then min(currency) end as currency
from told
group by account
order by account
"""

# The day numbers are computed and not joined: two more joins over every row cost more than the arithmetic.
_FACT = """
with keyed as (
    select
        txn.*,
        coalesce(year(txn.date) * 10000 + month(txn.date) * 100 + day(txn.date), {unknown}) as date_key,
        coalesce(
            year(txn.post_date) * 10000 + month(txn.post_date) * 100 + day(txn.post_date), {unknown}
        ) as post_date_key,
        coalesce(dim_account.account_key, {unknown}) as account_key,
        coalesce(dim_merchant.merchant_key, {unknown}) as merchant_key,
        coalesce(dim_category.category_key, {unknown}) as category_key
    from {source} as txn
    left join dim_account on dim_account.account = txn.account
    left join dim_merchant on dim_merchant.merchant = txn.merchant
    left join dim_category on dim_category.category = txn.category
)
select
    txn_key,
    date_key::bigint as date_key,
    post_date_key::bigint as post_date_key,
    account_key,
    merchant_key,
    category_key,
    date,
    amount,
    currency,
    event_type,
    status,
    transfer_id is not null as is_transfer,
    transfer_id,
    description,
    payee
from keyed
"""


def _distinct(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    query = f"select distinct {column} from {LIVE} where {column} is not null order by {column}"
    return [value for (value,) in connection.execute(query).fetchall()]


def _table(contract: Contract, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], schema=contract.schema)
