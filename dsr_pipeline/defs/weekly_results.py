"""What a step over many weeks tells Dagster: one materialisation per week, and none of a week withheld.

Lives here: the form of the answer. Called by the assets of reports and publication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.definitions.source_asset import (  # it exports no name for "this output is no event"
    SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION as NO_EVENT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def weekly_result(
    context: dg.AssetExecutionContext, asset: dg.AssetKey, figures: Mapping[str, Mapping[str, Any]]
) -> dg.MaterializeResult[Any]:
    """The result of the step: `figures` per partition, for those of the run that were made.

    Dagster records every partition of a run as materialised. Where one was withheld, the others are recorded
    here one by one and the output itself is no event: what follows runs all the same, and the page of the
    asset shows the week as it was before.
    """
    made = [key for key in context.partition_keys if key in figures]
    if len(made) == len(context.partition_keys):
        for key in made:
            context.add_asset_metadata(figures[key], asset_key=asset, partition_key=key)
        return dg.MaterializeResult(asset_key=asset)
    for key in made:
        context.log_event(dg.AssetMaterialization(asset, partition=key, metadata=dict(figures[key])))
    return dg.MaterializeResult(asset_key=asset, metadata={NO_EVENT: True})
