"""The Smartsheet side of the demo: the stand-in in this process, and the looks that the demo takes at it.

Lives here: the stand-in's file in the home, its start, its steps and its end. What came of it is
`demo_sheet_facts`; the stand-in itself is the room `sandbox`. Called by `demo`.
"""

from __future__ import annotations

import secrets
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dsr_pipeline.cli import screen
from dsr_pipeline.cli.demo_home import DemoRefused
from dsr_pipeline.cli.sandbox import TOKEN

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from dsr_pipeline.sandbox.clock import SettableClock
    from dsr_pipeline.sandbox.serve import Running
    from dsr_pipeline.sandbox.store import Store

LOOKS = (0, 3)
"""Snapshots of the sample world at which the demo syncs; between them rows come and go, and prices change."""
FILE = "stand_in.sqlite"
"""Below `data/` of the home. The sheets are kept: a service whose versions go back would not be believed."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """The stand-in of one demo while it answers."""

    running: Running
    store: Store
    clock: SettableClock

    @property
    def access(self) -> dict[str, str]:
        """Address and token, by the names of the settings."""
        return {"SMARTSHEET_API_BASE": self.running.base, "SMARTSHEET_API_TOKEN": self.running.token}

    @property
    def edited(self) -> bool:
        """Whether somebody worked in the sheets, or went further than the demo does."""
        # What the demo itself attaches is no work in the sheets.
        count = (
            "SELECT count(*) FROM journal WHERE method <> 'GET' AND status = 200 "
            "AND path NOT LIKE '%/attachments%'"
        )
        return self._snapshot > LOOKS[-1] or self.store.connection().execute(count).fetchone()[0] > 0

    def invitation(self, home: Path) -> str:
        """What a person can do with it while it runs."""
        program, root = screen.program(), self.running.root
        told = "".join(f"  {name}={value}\n" for name, value in self.access.items())
        return (
            f"The stand-in of Smartsheet answers at {root}. With these two in the environment\n{told}"
            f"`{program} sync --home {screen.short(home)}` reads it. POST {root}/sandbox/advance lets people "
            "work in its sheets; the sensor sheet_versions then starts a run within five minutes."
        )

    def looks(self) -> Iterator[int]:
        """Go on from look to look; at each the caller syncs. An earlier demo's looks are behind us."""
        from dsr_pipeline.sandbox.control import set_to_snapshot
        from dsr_pipeline.sandbox.world_seed import advance

        for look in LOOKS:
            if look < self._snapshot and look != LOOKS[-1]:
                continue
            while self._snapshot < look:
                advance(self.store)
            set_to_snapshot(self.store, self.clock)
            yield look

    @property
    def _snapshot(self) -> int:
        found = self.store.connection().execute("SELECT value FROM meta WHERE key = 'snapshot'").fetchone()
        return int(found[0])


@contextmanager
def stand_in(file: Path, *, already_read: bool) -> Generator[StandIn]:
    """Serve the sample world on a free port of this machine.

    A file of an earlier demo is served as it is. Where there is none although its sheets were read
    (`already_read`) they begin as the demo left them. Raises `DemoRefused` where another demo serves it, or
    the file is none of ours.
    """
    from dsr_pipeline.sandbox.app import build_app
    from dsr_pipeline.sandbox.control import set_to_snapshot
    from dsr_pipeline.sandbox.options import Options
    from dsr_pipeline.sandbox.running_clock import RunningClock
    from dsr_pipeline.sandbox.sample import load_office, load_sample
    from dsr_pipeline.sandbox.serve import serve
    from dsr_pipeline.sandbox.store import Store

    file.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file), closing(_opened(Store, file)) as store:
        if store.connection().execute("SELECT 1 FROM meta WHERE key = 'world'").fetchone() is None:
            load_sample(store, LOOKS[-1] if already_read else LOOKS[0], token=TOKEN)
        load_office(store, token=TOKEN)  # a file of an older demo may be without
        clock = RunningClock(lambda: datetime.now(UTC))
        set_to_snapshot(store, clock)
        options = Options(token_for_urls=lambda: secrets.token_urlsafe(24))
        with serve(build_app(store, clock=clock, options=options), token=TOKEN) as running:
            yield StandIn(running, store, clock)


def _opened(store: type[Store], file: Path) -> Store:
    import sqlite3

    try:
        return store(file)
    except sqlite3.DatabaseError as error:
        raise DemoRefused(f"{file} is not what a demo left there ({error}): delete it") from error


@contextmanager
def _alone(file: Path) -> Generator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(f"{file}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise DemoRefused(
            f"another demo is running in {file.parent.parent}: end it, or name another folder with --home"
        ) from error
    try:
        yield
    finally:
        lock.release()
