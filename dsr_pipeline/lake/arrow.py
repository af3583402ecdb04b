"""Names for Arrow's generic types, and its compute functions free of stubs that narrow them wrongly.

Only for the checker's sake: at run time `compute` is `pyarrow.compute` and the names are never looked at.
"""

from typing import Any, TypeAlias, cast

import pyarrow as pa
import pyarrow.compute as pc

AnyArray: TypeAlias = "pa.Array[Any]"
AnyColumn: TypeAlias = "pa.ChunkedArray[Any]"
AnyField: TypeAlias = "pa.Field[Any]"
AnyScalar: TypeAlias = "pa.Scalar[Any]"

compute: Any = pc
"""The stubs know neither Python values as arguments nor chunked results."""


def as_column(values: Any) -> AnyColumn:
    """An array, or what is in chunks already, as a chunked one."""
    chunked = isinstance(values, pa.ChunkedArray)
    return cast("AnyColumn", values if chunked else pa.chunked_array([values]))
