"""Progress of long work inside a step, as lines of the run's log.

Lives here: when a line is written. Rooms below report to a callable and know nothing of logs.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import dagster as dg

EVERY_SECONDS = 5.0
"""Every line is an event in the run's storage."""


def logged(log: dg.DagsterLogManager) -> Callable[[str, int, int], None]:
    """A callable `(what, done, total)` that writes at most one line in five seconds."""
    following = time.monotonic() + EVERY_SECONDS

    def report(what: str, done: int, total: int) -> None:
        nonlocal following
        if (now := time.monotonic()) < following:
            return
        following = now + EVERY_SECONDS
        log.info("%s %s of %s" if total else "%s", *((what, f"{done:,}", f"{total:,}") if total else (what,)))

    return report
