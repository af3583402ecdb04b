"""Runs without the UI: a job or a selection, in this process, on the instance that the UI also shows.

Lives here: starting a run, following it, and its outcome as plain values, so that `cli` needs no dagster.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from dsr_pipeline.defs.abandoned import PROCESS_TAG, close_abandoned, this_process
from dsr_pipeline.defs.build import build_defs
from dsr_pipeline.defs.partitions import RANGE_END, RANGE_START, ending_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster._core.execution.execute_in_process_result import ExecuteInProcessResult

    from dsr_pipeline.settings import Settings

LOCAL_INSTANCE = Path(__file__).parent / "instance" / "local" / "dagster.yaml"
OWN_ERRORS = "dsr_pipeline."
CHECK_FAILED = "DagsterAssetCheckFailedError"
"""What Dagster raises after a blocking check failed; it does not export the class."""
RANGE = "..."
"""Between the first and the last partition of a range, as Dagster's own pages write it."""
Follow = Callable[[str, int, int], None]
"""What happens, how many steps are done, how many there are."""


class RunRefused(ValueError):
    """The job or the selection that was asked for does not exist; the text names those that do."""


@dataclass(frozen=True, slots=True)
class Written:
    """One asset that the run materialised, with the figures of its metadata as plain values.

    `partition` names the week, by its first day, of an asset that has one materialisation per week.
    """

    asset: str
    metadata: Mapping[str, Any]
    partition: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """One check of the run; `warning` says that a failed one does not stop what follows."""

    asset: str
    name: str
    passed: bool
    warning: bool
    description: str


@dataclass(frozen=True, slots=True)
class Failed:
    """One step that did not end well: the message is a whole sentence where the error is ours.

    `is_check` says that nothing broke: a blocking check found what it is there to find.
    """

    step: str
    message: str
    stack: str
    is_check: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did."""

    run_id: str
    job: str
    succeeded: bool
    written: tuple[Written, ...]
    checks: tuple[Checked, ...]
    failures: tuple[Failed, ...]
    skipped: tuple[str, ...]


def run_job(
    settings: Settings,
    job: str,
    *,
    select: str | None = None,
    partition: str | None = None,
    follow: Follow | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Outcome:
    """Run a job, or the part of it that `select` names, and wait for its end.

    `partition` is one key, or a range of them as `first...last`, which is one run. Raises `RunRefused`; what
    fails inside the run is in the outcome. Source of the selection's language:
    https://docs.dagster.io/guides/build/assets/asset-selection-syntax
    """
    defs = build_defs(settings, **(overrides or {}))
    definition = _job(defs, job)
    keys = _selected(defs, definition, select) if select else None
    keys_of_run = _partitions(definition, partition)
    with open_instance(settings.dagster_home) as instance:
        close_abandoned(instance)
        run_id = str(uuid.uuid4())
        if follow is not None:
            instance.add_event_listener(run_id, _Follower(definition, follow))
        result = definition.execute_in_process(
            run_id=run_id,
            instance=instance,
            raise_on_error=False,
            asset_selection=keys,
            partition_key=keys_of_run[0] if len(keys_of_run) == 1 else None,
            tags={PROCESS_TAG: this_process(), **_range(keys_of_run)},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        return outcome_of(job, result)


def open_instance(dagster_home: Path) -> dg.DagsterInstance:
    """The instance under DAGSTER_HOME; its `dagster.yaml` is put there when there is none."""
    dagster_home.mkdir(parents=True, exist_ok=True)
    if not (dagster_home / "dagster.yaml").exists():
        shutil.copyfile(LOCAL_INSTANCE, dagster_home / "dagster.yaml")
    return dg.DagsterInstance.from_config(str(dagster_home))


def _job(defs: dg.Definitions, name: str) -> dg.JobDefinition:
    known = sorted(job.name for job in defs.jobs or ())
    if name not in known:
        raise RunRefused(f"there is no job '{name}': say one of {', '.join(known)}")
    return defs.resolve_job_def(name)


def _selected(defs: dg.Definitions, job: dg.JobDefinition, select: str) -> Sequence[dg.AssetKey]:
    graph = defs.resolve_asset_graph()
    try:
        keys = set(dg.AssetSelection.from_string(select).resolve(graph))
    except dg.DagsterError as error:
        raise RunRefused(f"the selection '{select}' cannot be read: {_first_line(error)}") from error
    chosen = sorted(keys.intersection(job.asset_layer.executable_asset_keys))
    if not chosen:
        known = ", ".join(sorted(key.to_user_string() for key in graph.executable_asset_keys))
        raise RunRefused(f"'{select}' selects no asset of the job '{job.name}'; there are {known}")
    return chosen


def _partitions(job: dg.JobDefinition, given: str | None) -> tuple[str, ...]:
    """The key of a run, or the first and the last one; none for a job without partitions."""
    if job.partitions_def is None:
        if given is not None:
            raise RunRefused(f"the job '{job.name}' has no partitions: leave --partition out")
        return ()
    last = job.partitions_def.get_last_partition_key() or "none yet"
    if given is None:
        raise RunRefused(
            f"the job '{job.name}' runs over weeks: name the first day of one with --partition, such as "
            f"{last} for the open one, or a range as FIRST...LAST"
        )
    keys: tuple[str, ...] = tuple(key.strip() for key in given.split(RANGE))
    first, last_given = keys[0], keys[-1]
    if unknown := [key for key in keys if not job.partitions_def.has_partition_key(key)]:
        raise RunRefused(
            f"'{unknown[0]}' is no partition of the job '{job.name}'{_meant(job, unknown[0])}; "
            f"the last one is {last}"
        )
    if len(keys) > 2 or first > last_given:
        raise RunRefused(f"'{given}' is no range of partitions: write FIRST{RANGE}LAST")
    return (first,) if first == last_given else (first, last_given)


def _meant(job: dg.JobDefinition, given: str) -> str:
    """The week in which a day lies that is not the first of one."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return ", which are named by the first day of a week"
    known = job.partitions_def.get_partition_keys() if job.partitions_def else ()
    found = next((key for key in known if key <= given <= ending_of(key).isoformat()), None)
    return f": {day} lies in the week {found}" if found else ""


def _range(keys: Sequence[str]) -> dict[str, str]:
    return {RANGE_START: keys[0], RANGE_END: keys[-1]} if len(keys) > 1 else {}


class _Follower:
    """Turns events of the run into progress."""

    def __init__(self, job: dg.JobDefinition, follow: Follow) -> None:
        self._steps = len(job.graph.node_dict)
        self._done = 0
        self._follow = follow

    def __call__(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            self._follow(entry.user_message, self._done, self._steps)
        elif event.is_step_start:
            self._follow(_step(event), self._done, self._steps)
        elif event.is_step_success or event.is_step_failure or event.is_step_skipped:
            self._done += 1
            self._follow(_step(event), self._done, self._steps)


def _step(event: dg.DagsterEvent) -> str:
    """A step as people call it: checks are named `bank__files_tie_out`."""
    return str(event.step_key).replace("__", "/")


def outcome_of(job: str, result: ExecuteInProcessResult) -> Outcome:
    """What a run did, as plain values."""
    events = result.all_events
    written = (
        event.step_materialization_data.materialization for event in events if event.is_step_materialization
    )
    checks = result.get_asset_check_evaluations()
    return Outcome(
        run_id=result.run_id,
        job=job,
        succeeded=result.success,
        written=tuple(
            Written(
                one.asset_key.to_user_string(),
                {name: value.value for name, value in one.metadata.items()},
                one.partition,
            )
            for one in written
        ),
        checks=tuple(
            Checked(
                asset=check.asset_key.to_user_string(),
                name=check.check_name,
                passed=check.passed,
                warning=check.severity is dg.AssetCheckSeverity.WARN,
                description=check.description or "",
            )
            for check in checks
        ),
        failures=tuple(
            _failed(str(event.step_key or job), event.event_specific_data)
            # A run fails with its steps; only one that broke outside of them has words of its own.
            for event in [event for event in events if event.is_step_failure]
            or [event for event in events if event.is_run_failure]
        ),
        skipped=tuple(str(event.step_key) for event in events if event.is_step_skipped),
    )


def _failed(step: str, data: Any) -> Failed:
    error = getattr(data, "error", None)
    # Dagster wraps what a step raised, and what our own error was raised from says less than it does.
    while error is not None and error.cause is not None and not error.message.startswith(OWN_ERRORS):
        error = error.cause
    if error is None:
        return Failed(step, "the run failed", "", is_check=False)
    kind, _, message = error.message.strip().partition(": ")
    told = message if kind.startswith(OWN_ERRORS) else error.message.strip()
    is_check = error.cls_name == CHECK_FAILED
    return Failed(step, told, error.to_string(), is_check)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]
