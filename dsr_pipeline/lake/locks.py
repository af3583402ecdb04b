"""One writer per group of tables: the lock, and the note that says who holds it.

The system frees the lock of a process that died; the note beside it is only for messages. Used by
`TableGroup.writing`; a service that runs on several machines passes its own `Locks`.
"""

import json
import os
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import filelock
import psutil

from dsr_pipeline.lake.errors import GroupLocked

LOOK_AGAIN_SECONDS = 0.5


class Locks(Protocol):
    """Where the locks of a lake's groups are kept."""

    def hold(
        self, group: str, *, wait: bool = True, on_wait: Callable[[str], None] | None = None
    ) -> AbstractContextManager[None]:
        """Hold the group's lock inside a `with`.

        While another holds it: with `wait`, `on_wait` gets a sentence that names the holder, once for each
        holder; without, `GroupLocked` is raised.
        """
        ...


class FileLocks:
    """Locks as files in one folder of this machine (not on a store that several machines write)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def hold(
        self, group: str, *, wait: bool = True, on_wait: Callable[[str], None] | None = None
    ) -> Generator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        # The fallback would be a lock that outlives its process.
        lock = filelock.FileLock(self.folder / f"{group}.lock", fallback_to_soft=False)
        self._acquire(lock, group, wait, on_wait)
        note = self._note(group)
        note.write_text(json.dumps({"pid": os.getpid(), "command": _command()}), encoding="utf-8")
        try:
            yield
        finally:
            note.unlink(missing_ok=True)
            lock.release()

    def holder(self, group: str) -> str:
        """Who holds the lock, in words, as far as the note tells."""
        try:
            note = json.loads(self._note(group).read_text(encoding="utf-8"))
            since = datetime.fromtimestamp(self._note(group).stat().st_mtime, UTC)
        except (FileNotFoundError, ValueError):  # between the lock and its note
            return "another process"
        if not psutil.pid_exists(
            note["pid"]
        ):  # left by one that was killed; the holder has yet to write its own
            return "another process"
        return f"process {note['pid']} ({note['command']}) since {since:%Y-%m-%d %H:%M:%S} UTC"

    def _acquire(
        self, lock: filelock.BaseFileLock, group: str, wait: bool, on_wait: Callable[[str], None] | None
    ) -> None:
        told: set[str] = set()
        while True:
            try:
                lock.acquire(timeout=LOOK_AGAIN_SECONDS if wait and told else 0)
            except filelock.Timeout:
                holder = self.holder(group)
                if not wait:
                    raise GroupLocked(group, holder) from None
                if holder not in told and on_wait is not None:
                    on_wait(f"waiting for {holder}, which writes the tables of {group}")
                told.add(holder)
            else:
                return

    def _note(self, group: str) -> Path:
        return self.folder / f"{group}.holder.json"


def _command() -> str:
    """The program and its subcommand; options are left out, for one of them could be a secret."""
    words = [Path(sys.argv[0]).name or "python"]
    for word in sys.argv[1:3]:
        if word.startswith("-"):
            break
        words.append(word)
    return " ".join(words)[:100]
