"""Runs of the command line whose process is gone: they are closed, so that nothing waits for them.

Lives here: the tag that says in which process a run lives, and the closing. A run that was killed stays
"started" in the instance, and the queue would hold back every run that writes until somebody noticed. Runs
that the UI started are watched by Dagster itself. Called by `headless` and by a sensor.
"""

from __future__ import annotations

import socket

import dagster as dg
import psutil

PROCESS_TAG = ".dagster/dsr_process"
"""With this prefix a tag is kept and not shown: it is of no use to a person."""
_OPEN = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]


def this_process() -> str:
    """The tag of a run that lives in this process: machine, process, and when it began."""
    return _tag(psutil.Process())


def close_abandoned(instance: dg.DagsterInstance) -> list[str]:
    """Report every run as failed whose process on this machine has ended; gives their ids."""
    open_runs = instance.get_runs(dg.RunsFilter(statuses=_OPEN))
    gone = [run for run in open_runs if PROCESS_TAG in run.tags and _has_ended(run.tags[PROCESS_TAG])]
    for run in gone:
        instance.report_run_failed(
            run, "Its process ended without a word: it was killed, or the machine stopped."
        )
    return [run.run_id for run in gone]


def _has_ended(tag: str) -> bool:
    machine, _, rest = tag.partition("/")
    if machine != socket.gethostname():
        return False  # nothing is known here of another machine
    pid = rest.partition("/")[0]
    try:
        return _tag(psutil.Process(int(pid))) != tag
    except psutil.NoSuchProcess:
        return True
    except (ValueError, psutil.AccessDenied):
        return False


def _tag(process: psutil.Process) -> str:
    # A number is used again by later processes; with the time of its beginning it is unique.
    return f"{socket.gethostname()}/{process.pid}/{process.create_time():.2f}"
