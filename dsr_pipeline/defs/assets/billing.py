"""The billing group: every recorded row judged, priced and claimed, and what is billed together.

Lives here: the assets; the work is `billing.run`. The tables are one step because they are switched together:
no reader ever sees groups of one run beside the units of another.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dsr_pipeline.defs.billing_figures import billing_figures
from dsr_pipeline.defs.metadata import table_metadata
from dsr_pipeline.defs.registry import RULES, key_of, rules_spec, table_spec
from dsr_pipeline.defs.resources import Clock, Home
from dsr_pipeline.lake.contracts.billing import (
    CLAIMS,
    CURRENT_CLAIMS,
    RATES,
    REJECTED_UNITS,
    VIEW_LINES,
    WORK_GROUPS,
    WORK_UNITS,
)
from dsr_pipeline.lake.contracts.smartsheet import HOLDS, ROWS, SHEETS

LINEAGE = {  # in the order in which they follow from each other
    RATES: (RULES,),
    CLAIMS: (key_of(ROWS),),
    CURRENT_CLAIMS: (key_of(CLAIMS),),
    WORK_UNITS: (
        key_of(ROWS),
        key_of(SHEETS),
        key_of(HOLDS),
        key_of(RATES),
        key_of(CURRENT_CLAIMS),
        RULES,
    ),
    REJECTED_UNITS: (key_of(WORK_UNITS),),
    VIEW_LINES: (key_of(WORK_UNITS), key_of(RATES)),
    WORK_GROUPS: (key_of(WORK_UNITS), key_of(VIEW_LINES)),
}

SWITCHED = "switched"
"""The check that the step answers itself: only it saw the tables that were refused."""


@dg.multi_asset(
    name="billing_tables",
    specs=[table_spec(contract, LINEAGE[contract]) for contract in LINEAGE],
    check_specs=[
        dg.AssetCheckSpec(
            SWITCHED,
            asset=key_of(WORK_UNITS),
            blocking=True,
            description="The sums of the run tied out, its tables kept their contracts, and they count now.",
        )
    ],
    description="Judges and prices every row, freezes who claimed it, and groups what is billed together.",
)
def billing_tables(
    context: dg.AssetExecutionContext, home: Home, clock: Clock
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """One run over the rows as they are; where nothing has moved the tables stay as they are."""
    from dsr_pipeline.defs.billing_work import bill_now

    done = bill_now(home, now=clock.now(), run_id=context.run.run_id, say=context.log.info)
    lake = home.open_lake()
    for contract in LINEAGE:
        yield dg.MaterializeResult(
            asset_key=key_of(contract),
            metadata={
                **table_metadata(lake, contract),
                **billing_figures(lake, contract),
                **done.figures(),
            },
        )
    yield dg.AssetCheckResult(
        passed=not done.refused,
        check_name=SWITCHED,
        asset_key=key_of(WORK_UNITS),
        description=done.sentence,
    )


ASSETS = (rules_spec(), billing_tables)
