"""The constraints of a contract as vectorised Arrow masks: True keeps the rule, a null always does.

Called by `pandera_schema.py` for the verdict and by `validation.py` for the rows that broke a rule, so that
both follow one definition.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

import pyarrow as pa

from dsr_pipeline.lake.arrow import AnyArray, AnyColumn, AnyScalar, compute
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


def column_mask(check: ColumnCheck, values: AnyColumn) -> AnyColumn:
    """Which values of one column keep the check; repeated texts are looked at once per batch."""
    chunks = [_chunk_mask(check, chunk) for chunk in values.chunks]
    return pa.chunked_array(chunks, type=pa.bool_())


def row_mask(check: RowCheck, columns: Mapping[str, AnyColumn]) -> AnyColumn:
    """Which rows keep a check over several columns."""
    match check:
        case AddsUp(parts, total):
            summed = reduce(compute.add_checked, (columns[part] for part in parts))
            return compute.fill_null(compute.equal(summed, columns[total]), True)
        case NotAfter(first, second):
            return compute.fill_null(compute.less_equal(columns[first], columns[second]), True)
        case RequiredWhen(column, when, values):
            asked = column_mask(OneOf(values), columns[when])
            asked = compute.and_(asked, compute.is_valid(columns[when]))
            return compute.or_(compute.is_valid(columns[column]), compute.invert(asked))


def _chunk_mask(check: ColumnCheck, values: AnyArray) -> AnyArray:
    if pa.types.is_dictionary(values.type):
        coded: Any = values
        return compute.fill_null(_plain_mask(check, coded.dictionary).take(coded.indices), True)
    return compute.fill_null(_plain_mask(check, values), True)


def _plain_mask(check: ColumnCheck, values: AnyArray) -> AnyArray:
    match check:
        case OneOf(allowed):
            known = compute.is_in(values, value_set=pa.array(allowed, type=values.type))
            return compute.or_(known, compute.is_null(values))
        case Matches(pattern, _):
            return compute.match_substring_regex(values, pattern=f"^(?:{pattern})$")
        case ByteLength(length):
            return compute.equal(compute.binary_length(values), length)
        case NotBlank():
            return compute.greater(compute.binary_length(values), 0)
        case AtLeast(bound):
            return compute.greater_equal(values, _bound(bound, values.type))
        case AtMost(bound):
            return compute.less_equal(values, _bound(bound, values.type))


def _bound(bound: int | Decimal | date, of_type: pa.DataType) -> AnyScalar:
    return pa.scalar(
        Decimal(bound) if pa.types.is_decimal(of_type) and isinstance(bound, int) else bound, of_type
    )
