"""The Smartsheet group: every sheet as it is now, what every sync saw, and the history of single cells.

Lives here: the assets; the work is `smartsheet.sync` and `smartsheet.history`. The tables of a sync are one
step because they are switched together; the history of cells has its own budget of calls, and its own step.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dsr_pipeline.defs.metadata import table_metadata
from dsr_pipeline.defs.progress import logged
from dsr_pipeline.defs.registry import ACCOUNT, account_spec, key_of, table_spec
from dsr_pipeline.defs.resources import Clock, Home, Smartsheet
from dsr_pipeline.lake.contracts.smartsheet import (
    CELL_HISTORY,
    COLUMNS,
    HISTORY_REQUESTS,
    HOLDS,
    ROW_STATE,
    ROW_VERSIONS,
    ROWS,
    RUNS,
    SHEET_READS,
    SHEETS,
)

LINEAGE = {  # in the order in which they follow from each other
    ROW_VERSIONS: (ACCOUNT,),
    SHEET_READS: (ACCOUNT,),
    RUNS: (key_of(ROW_VERSIONS), key_of(SHEET_READS)),
    SHEETS: (key_of(SHEET_READS),),
    COLUMNS: (key_of(SHEET_READS),),
    ROW_STATE: (key_of(ROW_VERSIONS),),
    ROWS: (key_of(ROW_STATE), key_of(COLUMNS)),
    HOLDS: (key_of(SHEETS), key_of(ROWS)),
}
ONE_SYNC = tuple(LINEAGE)
HISTORY_CALLS = 240
"""Cells whose history one run fetches at most: ten minutes of the budget that the rules give it."""


@dg.multi_asset(
    name="smartsheet_tables",
    specs=[table_spec(contract, LINEAGE[contract]) for contract in ONE_SYNC],
    description="Reads the sheets that have moved, records their rows for ever and folds the current tables.",
)
def smartsheet_tables(
    context: dg.AssetExecutionContext, home: Home, clock: Clock, smartsheet: Smartsheet
) -> Iterator[dg.MaterializeResult[Any]]:
    """One sync; without a token the tables stay as they are, and say so."""
    from dsr_pipeline.defs.smartsheet_reading import bring_up_to_date

    done = bring_up_to_date(
        smartsheet,
        home,
        now=clock.now(),
        run_id=context.run.run_id,
        say=context.log.info,
        progress=logged(context.log),
    )
    lake = home.open_lake()
    for contract in ONE_SYNC:
        yield dg.MaterializeResult(
            asset_key=key_of(contract), metadata={**table_metadata(lake, contract), **done.figures()}
        )


@dg.multi_asset(
    name="smartsheet_history",
    specs=[
        table_spec(HISTORY_REQUESTS, (key_of(ROWS),)),
        table_spec(CELL_HISTORY, (key_of(HISTORY_REQUESTS), ACCOUNT)),
    ],
    description="Fetches the history of the cells that somebody asked for, within a budget of calls.",
)
def smartsheet_history(
    context: dg.AssetExecutionContext, home: Home, clock: Clock, smartsheet: Smartsheet
) -> Iterator[dg.MaterializeResult[Any]]:
    """One turn of the queue; an empty one costs no call."""
    from dsr_pipeline.defs.smartsheet_reading import serve_history

    turn = serve_history(
        smartsheet,
        home,
        now=clock.now(),
        run_id=context.run.run_id,
        budget=HISTORY_CALLS,
        say=context.log.info,
    )
    lake = home.open_lake()
    for contract in (HISTORY_REQUESTS, CELL_HISTORY):
        yield dg.MaterializeResult(
            asset_key=key_of(contract), metadata={**table_metadata(lake, contract), **turn}
        )


ASSETS = (account_spec(), smartsheet_tables, smartsheet_history)
