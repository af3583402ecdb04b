"""Two small invented tables that belong together, and lakes that hold them; shared by these tests."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from dsr_pipeline.lake.constraints import (
    AddsUp,
    AtLeast,
    AtMost,
    ByteLength,
    Matches,
    NotAfter,
    NotBlank,
    OneOf,
    RequiredWhen,
    UniqueAmong,
)
from dsr_pipeline.lake.contract import Column, Contract
from dsr_pipeline.lake.parquet import storage_schema
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.money import MONEY_TYPE

ORDERS = Contract(
    group="shop",
    table="orders",
    meaning="Orders.",
    grain="one row per order and version of it",
    primary_key=("order_id", "version"),
    sort_key=("day", "order_id", "version"),
    kind="derived",
    owner="shop",
    columns=(
        Column("order_id", pa.string(), "Id of the order.", checks=(ByteLength(4),)),
        Column("version", pa.int32(), "Version, from 1.", checks=(AtLeast(1), AtMost(99))),
        Column("day", pa.date32(), "Day of the order.", True),
        Column("paid_day", pa.date32(), "Day of the payment.", True),
        Column(
            "status",
            pa.string(),
            "Open, paid or void.",
            checks=(OneOf(("open", "paid", "void")),),
            repeats=True,
        ),
        Column("customer", pa.string(), "Customer.", checks=(NotBlank(),), repeats=True),
        Column(
            "currency", pa.string(), "ISO 4217 code.", True, checks=(Matches("[A-Z]{3}", "three capitals"),)
        ),
        Column("net", MONEY_TYPE, "Before tax.", unit="currency", checks=(AtLeast(0),)),
        Column("tax", MONEY_TYPE, "Tax.", True, unit="currency"),
        Column("gross", MONEY_TYPE, "With tax.", True, unit="currency"),
    ),
    checks=(
        AddsUp(("net", "tax"), "gross"),
        NotAfter("day", "paid_day"),
        RequiredWhen("paid_day", when="status", values=("paid",)),
        UniqueAmong(("order_id",), where="status", excluding=("void",)),
    ),
)

TOTALS = Contract(
    group="shop",
    table="totals",
    meaning="What the orders come to.",
    grain="one row",
    primary_key=("name",),
    sort_key=("name",),
    kind="derived",
    owner="shop",
    columns=(
        Column("name", pa.string(), "What is counted."),
        Column("orders", pa.int64(), "How many."),
    ),
)

NOTES = Contract(
    group="shop",
    table="notes",
    meaning="What people wrote about orders.",
    grain="one row per note",
    primary_key=("order_id", "note"),
    sort_key=("order_id", "note"),
    kind="append_only",
    owner="shop",
    columns=(
        Column("order_id", pa.string(), "Id of the order.", checks=(ByteLength(4),)),
        Column("note", pa.string(), "The note."),
    ),
)


def orders(count: int, **changed: list[object]) -> pa.Table:
    """So many orders that keep the contract, in the sort order; `changed` puts other values into a column."""
    table = pa.table(
        {
            "order_id": [f"{number:04d}" for number in range(count)],
            "version": pa.array([1] * count, pa.int32()),
            "day": pa.array([20_000 + number // 10 for number in range(count)], pa.int32()).cast(pa.date32()),
            "paid_day": pa.array([20_400] * count, pa.int32()).cast(pa.date32()),
            "status": ["paid" if number % 2 else "open" for number in range(count)],
            "customer": [f"customer {number % 3}" for number in range(count)],
            "currency": ["EUR" if number % 5 else None for number in range(count)],
            "net": pa.array([Decimal(number) for number in range(count)], MONEY_TYPE),
            "tax": pa.array([Decimal("0.19") if number % 7 else None for number in range(count)], MONEY_TYPE),
            "gross": pa.array([number + Decimal("0.19") for number in range(count)], MONEY_TYPE),
        },
        schema=storage_schema(ORDERS),
    )
    for name, values in changed.items():
        column = pa.array(values, ORDERS.column(name).type)
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def totals(count: int) -> pa.Table:
    """The total that belongs to so many orders."""
    return pa.table({"name": ["all"], "orders": [count]})


def write(lake: Lake, count: int, run_id: str = "run", quarantine: Path | None = None) -> None:
    """Switch both tables to so many orders."""
    with lake.group("shop").writing([ORDERS, TOTALS], run_id=run_id, quarantine=quarantine) as writer:
        writer.put(ORDERS, orders(count))
        writer.put(TOTALS, totals(count))
        writer.switch().raise_if_refused()
