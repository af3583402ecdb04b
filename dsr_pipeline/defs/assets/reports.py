"""The products: the workbooks of every week, the ledger of what is not billed, and what is attached.

Lives here: the assets; the work is the room `reports`. All workbooks of the weeks of a run are one step, and
many weeks are one run: a workbook costs milliseconds, a step of its own would cost seconds.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dsr_pipeline.defs.progress import logged
from dsr_pipeline.defs.registry import (
    ACCOUNT,
    REJECTED_LEDGER,
    REPORT_ATTACHMENTS,
    WEEKLY_WORKBOOKS,
    key_of,
    product_spec,
)
from dsr_pipeline.defs.resources import Clock, Home, Smartsheet
from dsr_pipeline.defs.weekly_results import weekly_result
from dsr_pipeline.lake.contracts.billing import REJECTED_UNITS, VIEW_LINES, WORK_GROUPS, WORK_UNITS

WITHHELD = "weeks_tie_out"
"""The check that the asset of the workbooks answers itself: it alone knows which weeks it withheld."""


def assets(weeks: dg.WeeklyPartitionsDefinition) -> tuple[dg.AssetsDefinition, ...]:
    """The assets of this module; the weeks are those of the rules and of the office's zone."""
    return weekly_workbooks(weeks), report_attachments(weeks), rejected_ledger


def weekly_workbooks(weeks: dg.WeeklyPartitionsDefinition) -> dg.AssetsDefinition:
    """One workbook per group of every week asked for; those whose content has not changed stay."""

    @dg.multi_asset(
        name="weekly_workbooks",
        specs=[
            product_spec(
                WEEKLY_WORKBOOKS,
                "One workbook per work request, week and claimer, in `data/reports/weekly/`. A group whose "
                "content has not changed is skipped; a week that does not tie out is withheld.",
                owner="billing",
                deps=[key_of(contract) for contract in (WORK_GROUPS, WORK_UNITS, VIEW_LINES, REJECTED_UNITS)],
            )
        ],
        check_specs=[
            dg.AssetCheckSpec(
                WITHHELD,
                asset=WEEKLY_WORKBOOKS,
                description="Lines, group and units of a workbook have one sum; a week withheld is named.",
            )
        ],
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def build(
        context: dg.AssetExecutionContext, home: Home, clock: Clock
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        """All weeks of the run in one step; a run without --partition would have none."""
        from dsr_pipeline.defs.report_work import build_weeks

        done = build_weeks(
            home,
            list(context.partition_keys),
            now=clock.now(),
            run_id=context.run.run_id,
            say=context.log.info,
            progress=logged(context.log),
        )
        yield weekly_result(context, WEEKLY_WORKBOOKS, done.weeks)
        yield dg.AssetCheckResult(
            passed=not done.withheld,
            check_name=WITHHELD,
            asset_key=WEEKLY_WORKBOOKS,
            severity=dg.AssetCheckSeverity.WARN,
            description=done.sentence(),
            metadata={"weeks built": len(done.weeks), "weeks withheld": len(done.withheld)},
        )

    return build


def report_attachments(weeks: dg.WeeklyPartitionsDefinition) -> dg.AssetsDefinition:
    """The workbooks of every week asked for, attached to the rows of their work requests."""

    @dg.multi_asset(
        name="report_attachments",
        specs=[
            product_spec(
                REPORT_ATTACHMENTS,
                "The workbooks as attachments in Smartsheet: uploaded, read back, switched, and only then "
                "the one before removed. Without a token nobody is asked.",
                owner="billing",
                deps=[WEEKLY_WORKBOOKS, ACCOUNT],
            )
        ],
        partitions_def=weeks,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def publish(
        context: dg.AssetExecutionContext, home: Home, clock: Clock, smartsheet: Smartsheet
    ) -> Iterator[dg.MaterializeResult[Any]]:
        """All weeks of the run in one step."""
        from dsr_pipeline.defs.report_work import publish_weeks

        done = publish_weeks(
            home,
            smartsheet,
            list(context.partition_keys),
            now=clock.now(),
            run_id=context.run.run_id,
            say=context.log.info,
            progress=logged(context.log),
        )
        yield weekly_result(context, REPORT_ATTACHMENTS, done.weeks)

    return publish


@dg.multi_asset(
    name="rejected_ledger",
    specs=[
        product_spec(
            REJECTED_LEDGER,
            "`billing/rejected_units` as a workbook for people: sums by reason and by week, then every row.",
            owner="billing",
            deps=[key_of(REJECTED_UNITS)],
        )
    ],
)
def rejected_ledger(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult[Any]]:
    """One workbook, written again where the ledger has changed."""
    from dsr_pipeline.defs.report_work import write_ledger

    yield dg.MaterializeResult(asset_key=REJECTED_LEDGER, metadata=write_ledger(home, say=context.log.info))
