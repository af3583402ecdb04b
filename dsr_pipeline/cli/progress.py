"""Progress of work that takes long: a bar on a terminal, now and then a plain line when piped.

Lives here: the display. Rooms below report `(what, done, total)` to a callable and know nothing of screens.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator

QUIET_SECONDS = 2.0
"""Work that ends within this time is not talked about."""
LINE_EVERY_SECONDS = 5.0


class Report(Protocol):
    """How work tells where it is; `total` 0 means that the end is not known."""

    def __call__(self, what: str, done: int, total: int) -> None: ...


@contextmanager
def progress(title: str) -> Generator[Report]:
    """Show what the work inside reports, on stderr, so that stdout holds results alone."""
    if sys.stderr.isatty():
        with _bar(title) as report:
            yield report
    else:
        yield _Lines(title)


class _Lines:
    """Plain lines, the first after two seconds."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._next = time.monotonic() + QUIET_SECONDS

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + LINE_EVERY_SECONDS
        figures = f" {done:,} of {total:,}" if total else ""
        print(f"{self._title}: {what}{figures}", file=sys.stderr, flush=True)


@contextmanager
def _bar(title: str) -> Generator[Report]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    from dsr_pipeline.cli.screen import stderr

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr(), transient=True) as display:
        task = display.add_task(title, total=None)

        def report(what: str, done: int, total: int) -> None:
            display.update(task, description=f"{title}: {what}", completed=done, total=total or None)

        yield report
