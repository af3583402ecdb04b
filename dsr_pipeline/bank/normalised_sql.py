"""`text.normalised` as a DuckDB function over Arrow batches, for millions of rows.

Plain ASCII goes through two byte tables; a text with any other character takes the Python function, so that
both forms are one definition. Registered by `bank.ingest` on the connection that reads stages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from dsr_pipeline.text import normalised

if TYPE_CHECKING:
    import duckdb

FUNCTION = "dsr_normalised"

_ASCII = [normalised(chr(code)) if code < 128 else "" for code in range(256)]
_KEPT = bytes(1 if letter else 0 for letter in _ASCII)
_UPPER = bytes(ord(letter) if letter else code for code, letter in enumerate(_ASCII))
_DROPPED = bytes(code for code, letter in enumerate(_ASCII) if not letter)


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `dsr_normalised(text)` known to a connection; NULL stays NULL."""
    # Through a lambda: DuckDB evaluates annotations, and those of pyarrow exist for the type checker alone.
    connection.create_function(  # pyright: ignore[reportCallIssue]
        FUNCTION,
        lambda column: normalised_array(column),  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType]  # noqa: PLW0108
        ["VARCHAR"],
        "VARCHAR",
        type="arrow",  # pyright: ignore[reportArgumentType]
    )


def normalised_array(column: pa.Array[Any] | pa.ChunkedArray[Any]) -> pa.Array[Any]:
    """The normalised texts of a column without nulls."""
    texts = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    if texts.type != pa.string():
        texts = texts.cast(pa.string())
    _, offsets_buffer, data_buffer = texts.buffers()
    if offsets_buffer is None or data_buffer is None or not len(texts):
        return texts
    offsets = np.frombuffer(memoryview(offsets_buffer), np.int32)[
        texts.offset : texts.offset + len(texts) + 1
    ]
    data = memoryview(data_buffer)[offsets[0] : offsets[-1]].tobytes()
    if not data.isascii():
        return pa.array([normalised(str(text)) for text in texts.to_pylist()], pa.string())
    kept = np.frombuffer(data.translate(_KEPT), np.bool_)
    ends = np.zeros(len(kept) + 1, np.int32)
    np.cumsum(kept, out=ends[1:], dtype=np.int32)
    letters = data.translate(_UPPER, _DROPPED)
    starts = ends[offsets - offsets[0]]
    return pa.Array.from_buffers(
        pa.string(), len(texts), [None, pa.py_buffer(starts.tobytes()), pa.py_buffer(letters)]
    )
