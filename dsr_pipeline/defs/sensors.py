"""What runs because something arrived.

Lives here: the sensors; each asks a pure function what changed and turns the answer into a run.
"""

from collections.abc import Sequence
from datetime import UTC, date

import dagster as dg

from dsr_pipeline.bank.inbox import discover
from dsr_pipeline.defs.abandoned import close_abandoned
from dsr_pipeline.defs.inbox_changes import Changes, Listing, inbox_changes
from dsr_pipeline.defs.jobs import bank, weekly_reports
from dsr_pipeline.defs.jobs import smartsheet as smartsheet_job
from dsr_pipeline.defs.partitions import key_of_week, range_tags
from dsr_pipeline.defs.resources import Clock, Home, Smartsheet
from dsr_pipeline.defs.week_changes import WeekChanges, week_changes

EVERY_SECONDS = 30
VERSIONS_EVERY_SECONDS = 300
"""One call each; the list lags an edit by about a minute, and the sync itself runs every two hours anyway."""
TICK_SECONDS = 20.0
"""A tick has 60 s, the vendor's library and the queue for the budget included."""
WEEKS_EVERY_SECONDS = 60
"""Two small queries; the groups change when a sync or a person has changed them."""
RUNS_PER_TICK = 8
"""Ranges of weeks; each is a process of five seconds before it does anything."""
NAMED_WEEKS = 6
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


def changed_weeks(weeks: dg.WeeklyPartitionsDefinition) -> dg.SensorDefinition:
    """The sensor of the weekly products, over the weeks that there are."""

    @dg.sensor(
        name="changed_weeks",
        job=weekly_reports,
        minimum_interval_seconds=WEEKS_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Runs the weekly reports for exactly the weeks whose groups differ from their workbooks: "
        "the week that a unit left as well as the one that it entered.",
    )
    def tick(
        context: dg.SensorEvaluationContext, home: Home, clock: Clock
    ) -> dg.SensorResult | dg.SkipReason:
        """One tick: two hashes per week are compared; one run per range of weeks that differ."""
        from dsr_pipeline.defs.billing_work import why_not_billed
        from dsr_pipeline.lake.contracts.billing import WORK_GROUPS

        if reason := why_not_billed(home):
            return dg.SkipReason(f"{reason}.")
        lake = home.open_lake()
        if lake.table_path(WORK_GROUPS) is None:
            return dg.SkipReason("Nothing was billed yet.")
        from dsr_pipeline.billing.run import week_hashes
        from dsr_pipeline.reports.weekly_build import built_week_hashes

        now = clock.now()
        keys = set(weeks.get_partition_keys(current_time=now.replace(tzinfo=UTC)))
        changes = week_changes(
            week_hashes(lake),
            built_week_hashes(lake),
            has_partition=lambda week: key_of_week(week) in keys,
            cursor=context.cursor,
            today=now.date(),
            limit=RUNS_PER_TICK,
        )
        told = _weeks_told(changes)
        if not changes.runs:
            return dg.SensorResult(skip_reason=dg.SkipReason(told), cursor=changes.cursor)
        if changes.outside:
            context.log.info(told)
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key=run.run_key,
                    partition_key=key_of_week(run.weeks[0]) if len(run.weeks) == 1 else None,
                    tags={**range_tags(run.weeks), "dsr/weeks": _named(run.weeks)},
                )
                for run in changes.runs
            ],
            cursor=changes.cursor,
        )

    return tick


def sensors(weeks: dg.WeeklyPartitionsDefinition) -> list[dg.SensorDefinition]:
    """Every sensor of the project."""
    return [csv_inbox, sheet_versions, changed_weeks(weeks), abandoned_runs]


def _why(changes: Changes) -> str:
    if not changes.ready:
        return "files were removed"
    later = f", {changes.left} more at the next tick" if changes.left else ""
    return f"{len(changes.ready)} new or changed files{later}"


def _weeks_told(changes: WeekChanges) -> str:
    differ = sum(len(run.weeks) for run in changes.runs) + len(changes.left)
    told = [f"{differ} weeks differ from their workbooks." if differ else "Every week is as it was built."]
    if changes.asked:
        told = [f"Asked for today already: {_named(changes.asked)}."]
    if changes.outside:
        told.append(f"Without workbooks, before the first week or not begun: {_named(changes.outside)}.")
    return " ".join(told)


def _named(weeks: Sequence[date]) -> str:
    """Weeks for people, by the day that ends them."""
    shown = ", ".join(str(week) for week in weeks[:NAMED_WEEKS])
    return shown if len(weeks) <= NAMED_WEEKS else f"{shown} and {len(weeks) - NAMED_WEEKS} more"
