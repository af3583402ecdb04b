"""The running balances of a large file, checked in a stream: order of the rows, first break, both ends.

The same question as `bank.verification` answers for rows in memory, over Arrow batches of a stage. It tells
whether every row chains in one order; what a day put in another order would prove is left to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.bank.chronology import Declared, Order, decide

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_SCALE = 4  # of decimal(18,4)


@dataclass(frozen=True, slots=True)
class Chain:
    """What a stream of rows shows. `breaks` counts rows that do not chain to the row before them (in time);
    `first_break` is the ordinal in the stage of the first of them."""

    order: Order
    rows: int
    balances: bool
    breaks: int
    first_break: int | None
    opening: Decimal | None
    closing: Decimal | None
    inflow: Decimal
    outflow: Decimal


def chain_of(stage: Path, *, balances: bool, pending: bool, declared: Declared) -> Chain:
    """Stream a stage (columns date, amount, ok, and balance and pending where it has them).

    Rows that are not ok, or pending, are passed over. Without `balances` only order and sums are told.
    """
    names = ["date", "amount", "ok", *(["balance"] if balances else []), *(["pending"] if pending else [])]
    rises = falls = False
    last_day: int | None = None
    previous: tuple[int, int] | None = None  # amount and balance of the last row
    first: tuple[int, int] | None = None
    rows = ordinal = inflow = outflow = 0
    forward = backward = 0
    first_forward: int | None = None
    first_backward: int | None = None
    complete = balances
    for batch in pq.ParquetFile(stage).iter_batches(batch_size=1 << 18, columns=names):
        keep = _bools(_column(batch, "ok"))
        if pending:
            keep &= ~_bools(_column(batch, "pending"))
        places = np.flatnonzero(keep)
        base = ordinal
        ordinal += batch.num_rows
        if not len(places):
            continue
        days = _column(batch, "date").cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)[places]
        line = days if last_day is None else np.concatenate(([last_day], days))
        steps = np.diff(line)
        rises |= bool((steps > 0).any())
        falls |= bool((steps < 0).any())
        last_day = int(days[-1])
        amounts = scaled(_column(batch, "amount"))[places]
        rows += len(places)
        inflow += int(amounts[amounts > 0].sum())
        outflow += int(amounts[amounts < 0].sum())
        if not complete:
            continue
        balance = _column(batch, "balance")
        if balance.null_count and not np.asarray(balance.is_valid())[places].all():
            complete = False
            continue
        levels = scaled(balance)[places]
        if previous is not None:
            amounts = np.concatenate(([previous[0]], amounts))
            levels = np.concatenate(([previous[1]], levels))
            places = np.concatenate(([places[0]], places))
        else:
            first = (int(amounts[0]), int(levels[0]))
        onward = levels[:-1] + amounts[1:] != levels[1:]  # the later line is the later row
        inward = levels[1:] + amounts[:-1] != levels[:-1]  # the later line is the earlier row
        if onward.any():
            forward += int(onward.sum())
            if first_forward is None:
                first_forward = base + int(places[1:][onward][0])
        if inward.any():
            backward += int(inward.sum())
            first_backward = base + int(places[:-1][inward][-1])
        previous = (int(amounts[-1]), int(levels[-1]))
    order = decide(rises=rises, falls=falls, declared=declared)
    if not complete or first is None or previous is None:
        return Chain(order, rows, False, 0, None, None, None, money(inflow), money(outflow))
    if declared == "any" and rises == falls:
        order = "newest_first" if backward < forward else "oldest_first"
    oldest, newest = (previous, first) if order == "newest_first" else (first, previous)
    breaks, place = (backward, first_backward) if order == "newest_first" else (forward, first_forward)
    opening, closing = money(oldest[1] - oldest[0]), money(newest[1])
    return Chain(order, rows, True, breaks, place, opening, closing, money(inflow), money(outflow))


def scaled(column: pa.Array[Any]) -> NDArray[np.int64]:
    """A decimal(18,4) column as int64 ten-thousandths; nulls become 0. Eighteen digits fit 64 bits."""
    data = column.buffers()[1]
    if data is None:
        return np.zeros(len(column), np.int64)
    words = np.frombuffer(memoryview(data), dtype=np.int64)
    values: NDArray[np.int64] = words[2 * column.offset : 2 * (column.offset + len(column)) : 2]
    return values if not column.null_count else np.where(_valid(column), values, 0)


def money(units: int) -> Decimal:
    """Ten-thousandths as a Decimal."""
    return Decimal(units).scaleb(-_SCALE)


def _column(batch: pa.RecordBatch, name: str) -> pa.Array[Any]:
    return cast("pa.Array[Any]", batch.column(name))


def _valid(column: pa.Array[Any]) -> NDArray[np.bool_]:
    return column.is_valid().to_numpy(zero_copy_only=False)


def _bools(column: pa.Array[Any]) -> NDArray[np.bool_]:
    return column.fill_null(False).to_numpy(zero_copy_only=False).copy()
