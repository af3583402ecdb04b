"""The star schema that Power BI reads: plain types only, snappy, no nested column, no blank key.

Surrogate keys are int64 made from a hash of the natural key (`UNKNOWN_KEY` for what is missing), so that a
new member never renumbers an old one. The powerbi room fills these tables; nothing is computed here.
"""

import pyarrow as pa

from dsr_pipeline.lake.constraints import AtLeast, AtMost, ByteLength, NotBlank, OneOf
from dsr_pipeline.lake.contract import Column, Contract
from dsr_pipeline.lake.contracts.bank import EVENT_TYPES, TRANSACTION_STATUS
from dsr_pipeline.money import MONEY_TYPE
from dsr_pipeline.text import HASH_DIGITS

GROUP = "powerbi"
UNKNOWN_KEY = -1

_TEXT = pa.string()
_INT = pa.int64()
_SURROGATE = (AtLeast(UNKNOWN_KEY),)


def _key(name: str, meaning: str) -> Column:
    return Column(name, _INT, f"{meaning} (−1: unknown).", checks=_SURROGATE)


FACT_TRANSACTIONS = Contract(
    group=GROUP,
    table="fact_transactions",
    meaning="Bank transactions that count, with keys to the dimensions.",
    grain="one row per transaction that is not superseded",
    primary_key=("txn_key",),
    # The order of bank/transactions: sorting ten million wide rows anew costs more than writing them.
    sort_key=(),
    kind="derived",
    owner="powerbi",
    compression="snappy",
    columns=(
        Column("txn_key", _TEXT, "Stable key of the transaction.", checks=(ByteLength(HASH_DIGITS),)),
        _key("date_key", "Day of the transaction in dim_date"),
        _key("post_date_key", "Day of the booking in dim_date"),
        _key("account_key", "Account in dim_account"),
        _key("merchant_key", "Merchant in dim_merchant"),
        _key("category_key", "Category in dim_category"),
        Column("date", pa.date32(), "Date of the transaction, for incremental refresh.", True),
        Column("amount", MONEY_TYPE, "Amount; money out is negative.", unit="currency"),
        Column("currency", _TEXT, "ISO 4217 code.", True, checks=(ByteLength(3),), repeats=True),
        Column("event_type", _TEXT, "What kind of event it is.", checks=(OneOf(EVENT_TYPES),), repeats=True),
        Column("status", _TEXT, "Posted or pending.", checks=(OneOf(TRANSACTION_STATUS[:2]),), repeats=True),
        Column("is_transfer", pa.bool_(), "A leg of a transfer between own accounts."),
        Column("transfer_id", _TEXT, "That transfer.", True),
        Column("description", _TEXT, "Description exactly as the bank wrote it."),
        Column("payee", _TEXT, "Counterparty as the bank names it.", True),
    ),
)

DIM_DATE = Contract(
    group=GROUP,
    table="dim_date",
    meaning="Whole calendar years that cover every transaction, without a gap, and the unknown day.",
    grain="one row per day, and one for the unknown day",
    primary_key=("date_key",),
    sort_key=("date_key",),
    kind="derived",
    owner="powerbi",
    compression="snappy",
    columns=(
        _key("date_key", "The day as the number YYYYMMDD"),
        Column("date", pa.date32(), "The day; null on the unknown row alone.", True),
        Column("year", _INT, "Calendar year.", True),
        Column("quarter", _INT, "Calendar quarter.", True, checks=(AtLeast(1), AtMost(4))),
        Column("month", _INT, "Month of the year.", True, checks=(AtLeast(1), AtMost(12))),
        Column("month_name", _TEXT, "English name of the month."),
        Column("year_month", _TEXT, "Year and month as YYYY-MM, for sorting and labels."),
        Column("day", _INT, "Day of the month.", True, checks=(AtLeast(1), AtMost(31))),
        Column("weekday", _INT, "Day of the week, Monday is 1.", True, checks=(AtLeast(1), AtMost(7))),
        Column("weekday_name", _TEXT, "English name of the day of the week."),
        Column("is_weekend", pa.bool_(), "Saturday or Sunday."),
        Column("week_ending", pa.date32(), "Last day of its week.", True),
        Column("fiscal_year", _INT, "Fiscal year in which the day lies.", True),
        Column("fiscal_month", _INT, "Month of the fiscal year.", True, checks=(AtLeast(1), AtMost(12))),
    ),
)

DIM_ACCOUNT = Contract(
    group=GROUP,
    table="dim_account",
    meaning="Accounts that transactions belong to.",
    grain="one row per account, and one for the unknown account",
    primary_key=("account_key",),
    sort_key=("account_key",),
    kind="derived",
    owner="powerbi",
    compression="snappy",
    columns=(
        _key("account_key", "Key made from the account"),
        Column("account", _TEXT, "Account key of the bank tables, or Unknown.", checks=(NotBlank(),)),
        Column("institution", _TEXT, "Bank or card issuer.", checks=(NotBlank(),)),
        Column("kind", _TEXT, "Checking, savings, card, wallet or aggregator.", checks=(NotBlank(),)),
        Column("currency", _TEXT, "Currency of the account.", True),
        Column("owner", _TEXT, "Person or people who own it.", checks=(NotBlank(),)),
    ),
)

DIM_MERCHANT = Contract(
    group=GROUP,
    table="dim_merchant",
    meaning="Merchants that the merchant rules name.",
    grain="one row per merchant, and one for the unknown merchant",
    primary_key=("merchant_key",),
    sort_key=("merchant_key",),
    kind="derived",
    owner="powerbi",
    compression="snappy",
    columns=(
        _key("merchant_key", "Key made from the merchant"),
        Column("merchant", _TEXT, "Name of the merchant, or Unknown.", checks=(NotBlank(),)),
    ),
)

DIM_CATEGORY = Contract(
    group=GROUP,
    table="dim_category",
    meaning="Categories of transactions.",
    grain="one row per category, and one for the unknown category",
    primary_key=("category_key",),
    sort_key=("category_key",),
    kind="derived",
    owner="powerbi",
    compression="snappy",
    columns=(
        _key("category_key", "Key made from the category"),
        Column("category", _TEXT, "Name of the category, or Unknown.", checks=(NotBlank(),)),
        Column("category_group", _TEXT, "Group it is shown under.", checks=(NotBlank(),)),
    ),
)

CONTRACTS = (FACT_TRANSACTIONS, DIM_DATE, DIM_ACCOUNT, DIM_MERCHANT, DIM_CATEGORY)
