"""The group that Power BI opens: a star over the live transactions, under names that never change.

Lives here: the assets; the work is the room `powerbi`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dsr_pipeline.defs.metadata import table_metadata
from dsr_pipeline.defs.registry import key_of, table_spec
from dsr_pipeline.defs.resources import Home
from dsr_pipeline.lake.contracts.bank import TRANSACTIONS
from dsr_pipeline.lake.contracts.powerbi import CONTRACTS, FACT_TRANSACTIONS

DIMENSIONS = tuple(contract for contract in CONTRACTS if contract is not FACT_TRANSACTIONS)


@dg.multi_asset(
    name="powerbi_star",
    specs=[
        *(table_spec(contract, [key_of(TRANSACTIONS)]) for contract in DIMENSIONS),
        table_spec(FACT_TRANSACTIONS, [key_of(TRANSACTIONS), *(key_of(contract) for contract in DIMENSIONS)]),
    ],
    description="Writes the star schema and replaces the files that Power BI opens, the manifest last.",
)
def powerbi_star(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """One build; without new transactions nothing is written."""
    from dsr_pipeline.powerbi.build import build
    from dsr_pipeline.powerbi.sources import star_sources

    lake = home.open_lake()
    built = build(
        lake,
        star_sources(home.rules_path),
        home.powerbi_path,
        run_id=context.run.run_id,
        quarantine=home.quarantine_path,
        on_wait=context.log.info,
    )
    for contract in (*DIMENSIONS, FACT_TRANSACTIONS):
        file = str(built.folder / f"{contract.table}.parquet")
        yield dg.MaterializeResult(
            asset_key=key_of(contract),
            metadata={
                **table_metadata(lake, contract),
                "file for Power BI": dg.MetadataValue.path(file),
                "new content": built.written and built.switched,
            },
        )


ASSETS = (powerbi_star,)
