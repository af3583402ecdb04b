"""Writing a table whose repeated values come as codes: they reach Parquet as codes, and never become texts.

One writer beside `parquet.py`, for tables of millions of rows in which most columns repeat: what it saves is
the hashing of every repeated text of every row. The file is the same to every reader. Called by the room that
makes such rows as Arrow dictionaries; nothing here checks values.
"""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.arrow import AnyArray, compute
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.parquet import ZSTD_LEVEL, storage_schema

_SMALL_DICTIONARY = 1_024
"""A row group carries its whole dictionary; one that is larger is cut down to the values that it needs."""


def write_coded(contract: Contract, batches: Iterable[pa.RecordBatch], path: Path) -> int:
    """Write batches, one row group each, in the order in which they come; gives the number of rows.

    Every column has the type of the contract or is a dictionary of it. Batches must come sorted by the sort
    key.
    """
    described = base64.b64encode(storage_schema(contract).serialize().to_pybytes()).decode("ascii")
    rows = 0
    with pq.ParquetWriter(
        path,
        _coded_schema(contract),
        compression="zstd",
        compression_level=ZSTD_LEVEL,
        use_dictionary=[column.name for column in contract.columns if column.repeats],  # pyright: ignore[reportArgumentType]
        write_statistics=list(contract.sort_key),
        store_decimal_as_integer=True,
        store_schema=False,
    ) as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(_coded(contract, batch))
                rows += batch.num_rows
        writer.add_key_value_metadata({"ARROW:schema": described})
    return rows


def _coded_schema(contract: Contract) -> pa.Schema:
    return pa.schema(
        [
            pa.field(
                c.name, pa.dictionary(pa.int32(), pa.string()) if _is_coded(contract, c.name) else c.type
            )
            for c in contract.columns
        ]
    )


def _is_coded(contract: Contract, name: str) -> bool:
    column = contract.column(name)
    return column.repeats and column.type == pa.string()


def _coded(contract: Contract, batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = {name: cast("AnyArray", batch.column(name)) for name in contract.names}
    arrays = [_as_codes(values) if _is_coded(contract, name) else values for name, values in columns.items()]
    return pa.RecordBatch.from_arrays(arrays, schema=_coded_schema(contract))


def _as_codes(values: AnyArray) -> AnyArray:
    known = pa.types.is_dictionary(values.type)
    coded: Any = values if known else compute.dictionary_encode(values)
    indices = coded.indices.cast(pa.int32())
    dictionary = coded.dictionary
    if len(dictionary) > _SMALL_DICTIONARY:
        used = compute.unique(indices.drop_null())
        place = np.zeros(len(dictionary), np.int32)
        place[used.to_numpy()] = np.arange(len(used), dtype=np.int32)
        indices = compute.take(pa.array(place), indices)
        dictionary = dictionary.take(used)
    return cast("AnyArray", pa.DictionaryArray.from_arrays(indices, dictionary))
