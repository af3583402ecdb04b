"""Tables of the lake as inputs of assets: the annotation of the parameter says in which form.

Lives here: loading. Assets write through the lake themselves, a group of tables at a time, and return
`MaterializeResult`; there is nothing for an IO manager to store.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from dsr_pipeline.defs.registry import contract_of
from dsr_pipeline.defs.resources import Home

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class TablePath(str):
    """Path or URL of a table's current version, for DuckDB."""

    __slots__ = ()


class LakeIO(dg.ConfigurableIOManager):
    """Reads a table of the lake: as `TablePath`, `pyarrow.Table` or Arrow-backed `pandas.DataFrame`."""

    home: dg.ResourceDependency[Home]

    def load_input(self, context: dg.InputContext) -> "TablePath | pa.Table | pd.DataFrame":
        """The table of the upstream asset. Raises `MissingTable` and `SchemaMoved`."""
        import pandas as pd
        import pyarrow as pa

        from dsr_pipeline.lake.errors import MissingTable
        from dsr_pipeline.lake.pandera_schema import arrow_frame

        contract = contract_of(context.asset_key)
        lake = self.home.open_lake()
        wanted = context.dagster_type.typing_type
        if wanted is TablePath:
            # Reading no column still compares the file's schema with the contract's.
            lake.read(contract, columns=[])
            if (path := lake.table_path(contract)) is None:
                raise MissingTable(contract.key)
            return TablePath(path)
        if wanted is pa.Table:
            return lake.read(contract)
        if wanted is pd.DataFrame:
            return arrow_frame(lake.read(contract))
        raise TypeError(
            f"{contract.key} is asked for as {wanted}: annotate the parameter with TablePath, pyarrow.Table "
            "or pandas.DataFrame"
        )

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Nothing is stored here: a table takes its name only together with its group."""
        raise TypeError(
            f"{context.asset_key.to_user_string()} returns a {type(obj).__name__}: write it through the lake "
            "and return MaterializeResult"
        )
