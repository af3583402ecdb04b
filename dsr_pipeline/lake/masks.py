"""The constraints of a contract as vectorised Arrow masks: True keeps the rule, a null always does.

Called by `pandera_schema.py` for the verdict and by `validation.py` for the rows that broke a rule, so that
both follow one definition.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from dsr_pipeline.lake.constraints import (
    AddsUp,
    AtLeast,
    AtMost,
    ByteLength,
    ColumnCheck,
    Matches,
    NotAfter,
    NotBlank,
    OneOf,
    RequiredWhen,
    RowCheck,
)


def column_mask(check: ColumnCheck, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which values of one column keep the check; repeated texts are looked at once per batch."""
    chunks = [_chunk_mask(check, chunk) for chunk in values.chunks]
    return pa.chunked_array(chunks, type=pa.bool_())


def row_mask(check: RowCheck, columns: Mapping[str, pa.ChunkedArray]) -> pa.ChunkedArray:
    """Which rows keep a check over several columns."""
    match check:
        case AddsUp(parts, total):
            summed = reduce(pc.add_checked, (columns[part] for part in parts))
            return pc.fill_null(pc.equal(summed, columns[total]), True)
        case NotAfter(first, second):
            return pc.fill_null(pc.less_equal(columns[first], columns[second]), True)
        case RequiredWhen(column, when, values):
            asked = column_mask(OneOf(values), columns[when])
            asked = pc.and_(asked, pc.is_valid(columns[when]))
            return pc.or_(pc.is_valid(columns[column]), pc.invert(asked))


def _chunk_mask(check: ColumnCheck, values: pa.Array) -> pa.Array:
    if isinstance(values, pa.DictionaryArray):
        kept = _plain_mask(check, values.dictionary)
        return pc.fill_null(kept.take(values.indices), True)
    return pc.fill_null(_plain_mask(check, values), True)


def _plain_mask(check: ColumnCheck, values: pa.Array) -> pa.Array:
    match check:
        case OneOf(allowed):
            known = pc.is_in(values, value_set=pa.array(allowed, type=values.type))
            return pc.or_(known, pc.is_null(values))
        case Matches(pattern, _):
            return pc.match_substring_regex(values, pattern=f"^(?:{pattern})$")
        case ByteLength(length):
            return pc.equal(pc.binary_length(values), length)
        case NotBlank():
            return pc.greater(pc.binary_length(values), 0)
        case AtLeast(bound):
            return pc.greater_equal(values, _bound(bound, values.type))
        case AtMost(bound):
            return pc.less_equal(values, _bound(bound, values.type))


def _bound(bound: int | Decimal | date, of_type: pa.DataType) -> pa.Scalar:
    return pa.scalar(
        Decimal(bound) if pa.types.is_decimal(of_type) and isinstance(bound, int) else bound, of_type
    )
