"""`dsr sandbox`: the Smartsheet stand-in on this machine until Ctrl-C, filled with a world or an old file.

Lives here: the options, what the data comes from, and the two lines that a shell can take over. The server
itself is in the room `sandbox`; the clock and the randomness that it needs are read here.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.cli import screen
from dsr_pipeline.cli.entry import CLEAN

if TYPE_CHECKING:
    from collections.abc import Generator

    from dsr_pipeline.sandbox.clock import Clock
    from dsr_pipeline.sandbox.options import Options, RateLimit
    from dsr_pipeline.sandbox.store import Store

TOKEN = "sandbox-token"
GENERATED_SEED = 20260302
MOST_ROWS = 20_000
"""The vendor's example of a full sheet: 500,000 cells are 20,000 rows of 25 columns."""


WRITE_SECONDS = 0.05
"""A write of the service takes its time, in which another one to its sheet collides with it."""


class SandboxRefused(ValueError):
    """Options of `dsr sandbox` that contradict each other or name nothing; the text says the mend."""


@dataclass(frozen=True, slots=True)
class Seed:
    """What an empty store is filled with; without world and sheets the sample world."""

    world: Path | None = None
    snapshot: int | None = None
    sheets: int | None = None
    rows: int | None = None

    def __post_init__(self) -> None:
        if self.world is not None and self.sheets is not None:
            raise SandboxRefused("--world and --sheets exclude each other: choose one")
        if self.snapshot is not None and self.world is None:
            raise SandboxRefused("--snapshot needs --world: it is a number of that world")
        if self.rows is not None and self.sheets is None:
            raise SandboxRefused("--rows needs --sheets: say how many sheets to make")
        if self.rows is not None and self.rows > MOST_ROWS:
            raise SandboxRefused(
                f"--rows {self.rows}: a sheet holds at most {MOST_ROWS:,} rows of this width"
            )
        if self.world is not None and not self.world.is_dir():
            raise SandboxRefused(f"{self.world} is no folder: --world names the folder of a world")


def sandbox(
    *,
    port: int,
    db: Path | None,
    token: str | None,
    seed: Seed,
    rate_limit: str | None,
    faults: Path | None,
) -> int:
    """Fill a store unless it holds data, serve it, and print what a client needs to find it."""
    options = _options(rate_limit, faults)
    if db is not None and db.is_dir():
        raise SandboxRefused(f"{db} is a folder: --db names a file")
    with tempfile.TemporaryDirectory(prefix="dsr-sandbox-") as folder:
        from dsr_pipeline.sandbox.store import Store

        file = db if db is not None else Path(folder) / "sandbox.sqlite"
        with _alone(file):
            store = _opened(Store, file)
            try:
                used = _fill(store, seed, token)
                _serve(store, options, port, used)
            finally:
                store.close()
    return CLEAN


def _serve(store: Store, options: Options, port: int, token: str) -> None:
    from dsr_pipeline.sandbox.app import build_app
    from dsr_pipeline.sandbox.serve import serve_in_foreground

    def ready(root: str) -> None:
        print(f"SMARTSHEET_API_BASE={root}/2.0")
        print(f"SMARTSHEET_API_TOKEN={token}", flush=True)
        count = store.connection().execute("SELECT count(*) FROM sheets").fetchone()[0]
        screen.stderr().print(
            f"{screen.count(count, 'sheet')} served; {root}/sandbox/health tells more (Ctrl-C ends it)"
        )

    app = build_app(store, clock=_clock(store), options=options)
    serve_in_foreground(app, port=port, ready=ready)


@contextlib.contextmanager
def _alone(file: Path) -> Generator[None]:
    """Hold the file against a second server: each would number the lines of the journal by itself."""
    from filelock import FileLock, Timeout

    file.absolute().parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{file}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise SandboxRefused(f"{file} is served by another `dsr sandbox`: end that one first") from error
    try:
        yield
    finally:
        lock.release()


def _opened(store: type[Store], file: Path) -> Store:
    import sqlite3

    try:
        return store(file)
    except sqlite3.DatabaseError as error:
        raise SandboxRefused(
            f"{file} is not a file of the sandbox ({error}): name another with --db"
        ) from error


def _fill(store: Store, seed: Seed, token: str | None) -> str:
    """Seed an empty store; the token that the server answers to."""
    if _is_being_filled(store):
        raise SandboxRefused(f"{store.path} was left half filled: delete it and start again")
    if _count(store, "sheets") or _count(store, "tokens"):
        if seed != Seed():
            screen.stderr().print(f"{store.path} holds data already: served as it is, not filled again")
        return _known_token(store, token)
    chosen = token or TOKEN
    _mark(store, "INSERT INTO meta VALUES('filling', '1')")
    _seed(store, seed, chosen)
    _mark(store, "DELETE FROM meta WHERE key = 'filling'")
    return chosen


def _seed(store: Store, seed: Seed, token: str) -> None:
    if seed.world is not None:
        from dsr_pipeline.sandbox.world_seed import load_world

        load_world(store, seed.world, seed.snapshot or 0, token=token)
    elif seed.sheets is not None:
        from dsr_pipeline.sandbox.generated import generate

        generate(store, seed.sheets, 550 if seed.rows is None else seed.rows, GENERATED_SEED, token=token)
    else:
        from dsr_pipeline.sandbox.sample import load_sample

        load_sample(store, token=token)


def _is_being_filled(store: Store) -> bool:
    return store.connection().execute("SELECT 1 FROM meta WHERE key = 'filling'").fetchone() is not None


def _mark(store: Store, statement: str) -> None:
    with store.writing() as connection:
        connection.execute(statement)


def _known_token(store: Store, token: str | None) -> str:
    found = store.connection().execute("SELECT token FROM tokens WHERE NOT expired ORDER BY rowid").fetchall()
    known = [str(row[0]) for row in found]
    if token is None and known:
        return known[0]
    if token not in known:
        raise SandboxRefused(
            f"{store.path} knows no such token: leave --token out, or add one with POST /sandbox/tokens"
        )
    return token


def _count(store: Store, table: str) -> int:
    return int(store.connection().execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _clock(store: Store) -> Clock:
    """A world's time goes on from its snapshot; anything else runs on the machine's time."""
    from dsr_pipeline.sandbox.control import set_to_snapshot
    from dsr_pipeline.sandbox.running_clock import RunningClock

    clock = RunningClock(lambda: datetime.now(UTC))
    if store.connection().execute("SELECT 1 FROM meta WHERE key = 'world'").fetchone() is not None:
        set_to_snapshot(store, clock)
    return clock


def _options(rate_limit: str | None, faults: Path | None) -> Options:
    from dsr_pipeline.sandbox.faults import read_faults
    from dsr_pipeline.sandbox.options import Options

    return Options(
        token_for_urls=lambda: secrets.token_urlsafe(24),
        rate_limit=None if rate_limit is None else _rate_limit(rate_limit),
        faults=() if faults is None else read_faults(faults),
        write_seconds=WRITE_SECONDS,
    )


def _rate_limit(text: str) -> RateLimit:
    from dsr_pipeline.sandbox.options import RateLimit

    found = re.fullmatch(r"([1-9]\d{0,8})/(\d{1,6}(?:\.\d{1,3})?)", text, re.ASCII)
    if found is None or float(found[2]) == 0:
        raise SandboxRefused(f"--rate-limit '{text}': say UNITS/SECONDS, such as 300/60")
    return RateLimit(units=int(found[1]), seconds=float(found[2]))
