"""What runs because something arrived.

Lives here: the sensors; each asks a pure function what changed and turns the answer into a run.
"""

import dagster as dg

from dsr_pipeline.bank.inbox import discover
from dsr_pipeline.defs.abandoned import close_abandoned
from dsr_pipeline.defs.inbox_changes import Changes, Listing, inbox_changes
from dsr_pipeline.defs.jobs import bank
from dsr_pipeline.defs.jobs import smartsheet as smartsheet_job
from dsr_pipeline.defs.resources import Home, Smartsheet

EVERY_SECONDS = 30
VERSIONS_EVERY_SECONDS = 300
"""One call each; the list lags an edit by about a minute, and the sync itself runs every two hours anyway."""
TICK_SECONDS = 20.0
"""A tick has 60 s, the vendor's library and the queue for the budget included."""
FILES_PER_TICK = 500
"""A tick has 60 s; one that only lists stays far below, and a run of 500 files ends within a minute."""


@dg.sensor(
    name="csv_inbox",
    job=bank,
    minimum_interval_seconds=EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs the bank job when an export in csv_inbox has stopped growing.",
)
def csv_inbox(context: dg.SensorEvaluationContext, home: Home) -> dg.SensorResult | dg.SkipReason:
    """One tick: list the inbox, compare it with the last tick, request at most one run."""
    if not home.inbox_path.is_dir():
        return dg.SkipReason(f"There is no folder {home.inbox}: make it, and drop bank exports into it.")
    listing: Listing = {
        file.name: (file.signature.size, file.signature.mtime_ns)
        for file in discover(home.inbox_path)
        if file.waiting is None
    }
    changes = inbox_changes(listing, context.cursor, FILES_PER_TICK)
    if changes.run_key is None:
        growing = (
            f" {len(changes.growing)} seen for the first time or still growing." if changes.growing else ""
        )
        return dg.SensorResult(
            skip_reason=dg.SkipReason(f"{len(listing)} files, nothing new that is complete.{growing}"),
            cursor=changes.cursor,
        )
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(
                run_key=changes.run_key,
                tags={"dsr/inbox": _why(changes)},
            )
        ],
        cursor=changes.cursor,
    )


@dg.sensor(
    name="abandoned_runs",
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Closes runs of `dsr run` whose process was killed: the queue would wait for them.",
)
def abandoned_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """One tick: close what has no process any more; no run is requested."""
    closed = close_abandoned(context.instance)
    return dg.SkipReason(f"Closed {', '.join(closed)}." if closed else "Every open run has its process.")


@dg.sensor(
    name="sheet_versions",
    job=smartsheet_job,
    minimum_interval_seconds=VERSIONS_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs the smartsheet job when the version of a sheet has moved; without a token asks nobody.",
)
def sheet_versions(home: Home, smartsheet: Smartsheet) -> dg.SensorResult | dg.SkipReason:
    """One tick: one call for the list of sheets, compared with the catalogue; at most one run."""
    from dsr_pipeline.defs.smartsheet_reading import look_for_changes, why_not
    from dsr_pipeline.smartsheet.errors import SmartsheetError

    if reason := why_not(smartsheet, home):
        return dg.SkipReason(f"{reason}.")
    try:
        moved = look_for_changes(smartsheet, home, TICK_SECONDS)
    except SmartsheetError as error:
        if not error.transient:
            raise
        return dg.SkipReason(f"Smartsheet could not be asked: {error}")
    if moved.run_key is None:
        return dg.SkipReason("No sheet has moved since it was read.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=moved.run_key, tags={"dsr/sheets": str(moved)})]
    )


SENSORS = (csv_inbox, sheet_versions, abandoned_runs)


def _why(changes: Changes) -> str:
    if not changes.ready:
        return "files were removed"
    later = f", {changes.left} more at the next tick" if changes.left else ""
    return f"{len(changes.ready)} new or changed files{later}"
