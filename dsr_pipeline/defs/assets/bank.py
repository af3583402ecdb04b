"""The bank group: exports become transactions, and everything that was left out is listed beside them.

Lives here: the assets; the work is `bank.ingest`. The seven tables are one step because they are switched
together: no reader ever sees transactions of one run beside the files of another.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dsr_pipeline.defs.metadata import table_metadata
from dsr_pipeline.defs.progress import logged
from dsr_pipeline.defs.registry import INBOX, inbox_spec, key_of, table_spec
from dsr_pipeline.defs.resources import Clock, Home
from dsr_pipeline.lake.contracts.bank import (
    CONTRACTS,
    EXCLUDED,
    FILES,
    KEY_ALIASES,
    QUARANTINE,
    REVIEW_ITEMS,
    TRANSACTIONS,
    TRANSFERS,
)

LINEAGE = {
    FILES: (INBOX,),
    TRANSACTIONS: (key_of(FILES),),
    EXCLUDED: (key_of(FILES),),
    QUARANTINE: (key_of(FILES),),
    TRANSFERS: (key_of(TRANSACTIONS),),
    REVIEW_ITEMS: (key_of(TRANSACTIONS), key_of(TRANSFERS)),
    KEY_ALIASES: (key_of(TRANSACTIONS),),
}


@dg.multi_asset(
    name="bank_tables",
    specs=[table_spec(contract, LINEAGE[contract]) for contract in CONTRACTS],
    description="Reads the inbox: new exports are parsed, all of them are deduplicated, paired and checked.",
)
def bank_tables(
    context: dg.AssetExecutionContext, home: Home, clock: Clock
) -> Iterator[dg.MaterializeResult[Any]]:
    """One run over the inbox; the tables are switched together by the lake."""
    from dsr_pipeline.bank.ingest import ingest

    lake = home.open_lake()
    report = ingest(
        home.inbox_path,
        home.rules_path,
        lake,
        now=clock.now(),
        run_id=context.run.run_id,
        extracts=home.extracts_path,
        quarantine=home.quarantine_path,
        on_wait=context.log.info,
        progress=logged(context.log),
    )
    for contract in CONTRACTS:
        yield dg.MaterializeResult(
            asset_key=key_of(contract),
            metadata={
                **table_metadata(lake, contract),
                "new content": report.changed and not report.failures,
            },
        )


ASSETS = (inbox_spec(), bank_tables)
