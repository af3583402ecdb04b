"""What runs because something arrived.

Lives here: the sensors; each asks a pure function what changed and turns the answer into a run.
"""

import dagster as dg

from dsr_pipeline.bank.inbox import discover
from dsr_pipeline.defs.abandoned import close_abandoned
from dsr_pipeline.defs.inbox_changes import Changes, Listing, inbox_changes
from dsr_pipeline.defs.jobs import bank
from dsr_pipeline.defs.resources import Home

EVERY_SECONDS = 30
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


SENSORS = (csv_inbox, abandoned_runs)


def _why(changes: Changes) -> str:
    if not changes.ready:
        return "files were removed"
    later = f", {changes.left} more at the next tick" if changes.left else ""
    return f"{len(changes.ready)} new or changed files{later}"
