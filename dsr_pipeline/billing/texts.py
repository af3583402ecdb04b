"""What people typed, as values: every distinct text is read once, and joined back to the rows by its text.

Lives here: the tables `told_*` of a run. How a text is read is `entered`; who a name is, is `rates`. Nothing
here looks at a row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa

from dsr_pipeline import entered
from dsr_pipeline.billing.policy import Policy
from dsr_pipeline.billing.rates import customer_id, person_id
from dsr_pipeline.billing.workbench import fetch, keep_table
from dsr_pipeline.lake.contracts.billing import ROLES
from dsr_pipeline.money import MONEY_TYPE, RATE_TYPE, round_half_away
from dsr_pipeline.weeks import WeekCalendar, week_ending

LARGEST_AMOUNT = Decimal("99999999999.99")
"""A line that is larger is refused: a thousand such lines still add up within a decimal(18,4)."""
LARGEST_QUANTITY = Decimal("999999999.999999")

NAMES = {
    "foreman": "coalesce(foreman_assigned, foreman)",
    "helper": "helper",
    "vac_crew": "vac_crew",
}
"""The expression of the name of each role, over the columns of `smartsheet/rows`."""
ADDRESSES = {
    "foreman": "case when foreman_assigned is null then foreman_contact else foreman_assigned_contact end",
    "helper": "helper_contact",
    "vac_crew": "vac_crew_contact",
}

_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_PLAIN = "-?(0|[1-9][0-9]{0,8})([.][0-9]{1,2})?"
_TEXT = pa.string()


def tell_texts(con: duckdb.DuckDBPyConnection, rows: str, policy: Policy, calendar: WeekCalendar) -> None:
    """Make the tables `told_prices`, `told_quantities`, `told_days`, `told_flags`, `told_actions`,
    `told_customers` and `told_people` of all texts in `rows` (something to select from)."""
    decimal, order = policy.entry.decimal, policy.entry.date_order

    def priced(text: str) -> Decimal | None:
        if _is_plain(text, decimal):
            return Decimal(text)
        return entered.amount(text, decimal, currency=policy.currency)

    def counted(text: str) -> Decimal | None:
        return Decimal(text) if _is_plain(text, decimal) else entered.quantity(text, decimal)

    _find_texts(con, rows, "price")
    _tell_numbers(con, "told_prices", priced, 2, LARGEST_AMOUNT)
    _find_texts(con, rows, "quantity")
    _tell_numbers(con, "told_quantities", counted, 6, LARGEST_QUANTITY)
    _tell_days(con, _distinct(con, rows, "reference_date", "snapshot_date"), order, calendar)
    flags = _distinct(con, rows, "completed", "helper_completed", "vac_completed")
    _keep(con, "told_flags", flags, value=([entered.flag(text) for text in flags], pa.bool_()))
    types = _distinct(con, rows, "work_type")
    _keep(con, "told_actions", types, action=([action(text, policy) for text in types], _TEXT))
    customers = _distinct(con, rows, "customer")
    _keep(con, "told_customers", customers, id=([customer_id(text, policy) for text in customers], _TEXT))
    _tell_people(con, rows, policy)
    errors = _distinct(con, rows, "errors")
    _keep(con, "told_errors", errors, words=([_cells(text) for text in errors], _TEXT))


def action(work_type: str, policy: Policy) -> str | None:
    """What was done, by the short texts of the policy; the first that the work type contains counts."""
    words = work_type.casefold()
    for name, parts in policy.actions.items():
        if any(part.casefold() in words for part in parts):
            return name
    return None


def stands_for_nobody(name: str, policy: Policy) -> bool:
    """Whether a name is a placeholder of the policy, or an error of the sheet."""
    known = {" ".join(one.split()).casefold() for one in policy.placeholders}
    return name.startswith("#") or " ".join(name.split()).casefold() in known


def _cells(errors: str) -> str:
    """The canonical names of cells for a reader: "reference date, code and price"."""
    words = ["code" if name == "cu" else name.replace("_", " ") for name in errors.split(",")]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _is_plain(text: str, decimal: str) -> bool:
    """Whether it is the text of a number cell, which has a point whatever mark people type.

    Only a text with three places is left to the reader of the office's own style: "1.250" may be a thousand.
    """
    return decimal == "," and bool(_NUMERAL.fullmatch(text)) and len(text.partition(".")[2]) != 3


def _distinct(con: duckdb.DuckDBPyConnection, rows: str, *columns: str) -> list[str]:
    """The texts that occur in the columns, in no order."""
    union = " union ".join(f"select distinct {name} as text from {rows}" for name in columns)
    return [text for (text,) in fetch(con, f"select text from ({union}) where text is not null")]


def _keep(
    con: duckdb.DuckDBPyConnection,
    name: str,
    texts: Iterable[str],
    **columns: tuple[Iterable[object], pa.DataType],
) -> None:
    data = {column: pa.array(list(values), kind) for column, (values, kind) in columns.items()}
    keep_table(con, name, pa.table({"text": pa.array(list(texts), _TEXT), **data}))


def _find_texts(con: duckdb.DuckDBPyConnection, rows: str, column: str) -> None:
    """`found_texts`: those of one column; `plain` are a few digits with at most two places."""
    con.execute(f"""
        create or replace temp table found_texts as
        select text, regexp_full_match(text, '{_PLAIN}') as plain
        from (select distinct {column} as text from {rows} where {column} is not null)""")


def _tell_numbers(
    con: duckdb.DuckDBPyConnection,
    name: str,
    read: Callable[[str], Decimal | None],
    places: int,
    largest: Decimal,
) -> None:
    """Each text with its value and its state: ok, zero, bad or too_large; only `ok` and `zero` have one.

    Plain texts mean the same to every reader, and are most of all: they need not become Python's.
    """
    texts = [text for (text,) in fetch(con, "select text from found_texts where not plain")]
    values: list[Decimal | None] = []
    states: list[str] = []
    for text in texts:
        value = read(text)
        if value is None:
            state = "bad"
        elif abs(value) > largest:
            value, state = None, "too_large"
        else:
            value = round_half_away(value, places)
            state = "ok" if value else "zero"
        values.append(value)
        states.append(state)
    kind = MONEY_TYPE if places == 2 else RATE_TYPE
    _keep(con, name, texts, value=(values, kind), state=(states, _TEXT))
    con.execute(f"""
        insert into {name}
        select text, text::decimal(18, 6), if(text::decimal(18, 6) = 0, 'zero', 'ok')
        from found_texts where plain""")


def _tell_days(con: duckdb.DuckDBPyConnection, texts: list[str], order: str, calendar: WeekCalendar) -> None:
    days = [entered.day(text, order, calendar.zone) for text in texts]
    weeks: list[date | None] = [None if day is None else week_ending(day, calendar) for day in days]
    _keep(con, "told_days", texts, day=(days, pa.date32()), week_ending=(weeks, pa.date32()))


def _tell_people(con: duckdb.DuckDBPyConnection, rows: str, policy: Policy) -> None:
    """`told_people`: name and address (empty where there is none) with the id; null for a placeholder."""
    pairs = " union ".join(
        f"select {NAMES[role]} as name, coalesce({ADDRESSES[role]}, '') as address from {rows}"
        for role in ROLES
    )
    found = fetch(con, f"select name, address from ({pairs}) where name is not null")
    ids = [
        None if stands_for_nobody(name, policy) else person_id(name, address or None, policy)
        for name, address in found
    ]
    table = {
        "name": pa.array([name for name, _ in found], _TEXT),
        "address": pa.array([address for _, address in found], _TEXT),
        "id": pa.array(ids, _TEXT),
    }
    keep_table(con, "told_people", pa.table(table))
