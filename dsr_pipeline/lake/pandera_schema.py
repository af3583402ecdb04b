"""A contract as a pandera schema over Arrow-backed pandas, which are seven times faster than object columns.

Called by `validation.py`, and by anyone in a notebook who wants pandera's own report. Keys and sort order are
not in it: they span batches and are checked by `keys.py`. Importing pandera takes two seconds, so it happens
inside the functions.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from dsr_pipeline.lake.arrow import AnyColumn, as_column
from dsr_pipeline.lake.constraints import ColumnCheck, RowCheck, UniqueAmong
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.masks import column_mask, row_mask

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pandera

REPORTED_CASES = 1
"""Failing cases that pandera itself lists: its report grows slow with failures, and ours names every row."""


def pandera_schema(
    contract: Contract,
    *,
    columns: Sequence[str] | None = None,
    column_checks: Mapping[str, Sequence[ColumnCheck]] | None = None,
    row_checks: Sequence[RowCheck] | None = None,
) -> "pandera.DataFrameSchema":
    """The schema of a contract's rows; the arguments narrow it to what is still unproven.

    Dictionary-encoded columns are accepted too, hence no dtypes: the Arrow schema is compared first, and
    pandera takes seconds to report a wrong type.
    """
    import pandera.pandas as pandera

    chosen = contract.names if columns is None else columns
    by_column = {c.name: c.checks for c in contract.columns} if column_checks is None else column_checks
    if row_checks is None:
        row_checks = [check for check in contract.checks if not isinstance(check, UniqueAmong)]
    return pandera.DataFrameSchema(
        {
            name: pandera.Column(
                nullable=contract.column(name).nullable,
                checks=[_column_check(check) for check in by_column.get(name, ())],
                description=contract.column(name).meaning,
            )
            for name in chosen
        },
        checks=[_row_check(check) for check in row_checks],
        name=contract.key,
        strict=True,
    )


def arrow_frame(table: pa.Table) -> "pd.DataFrame":
    """The table as pandas without a copy, every column still Arrow."""
    import pandas as pd

    return table.to_pandas(types_mapper=pd.ArrowDtype)


def _column_check(check: ColumnCheck) -> "pandera.Check":
    import pandera.pandas as pandera

    def keeps(series: "pd.Series") -> "pd.Series":
        return _boolean(column_mask(check, _chunked(series)), series)

    # Nulls are judged by the mask: dropping them first would copy the column.
    return pandera.Check(keeps, name=str(check), ignore_na=False, n_failure_cases=REPORTED_CASES)


def _row_check(check: RowCheck) -> "pandera.Check":
    import pandera.pandas as pandera

    def keeps(frame: "pd.DataFrame") -> "pd.Series":
        columns = {str(name): _chunked(frame[name]) for name in frame.columns}
        # One failing row beside a null would hide them all, were the nulls left in.
        return _boolean(row_mask(check, columns), frame).fillna(True).astype(bool)

    return pandera.Check(keeps, name=str(check), ignore_na=False, n_failure_cases=REPORTED_CASES)


def _chunked(series: "pd.Series") -> AnyColumn:
    return as_column(pa.array(series.array))


def _boolean(mask: AnyColumn, like: "pd.Series | pd.DataFrame") -> "pd.Series":
    import pandas as pd

    return pd.Series(mask.to_numpy(), index=like.index, dtype=bool)
