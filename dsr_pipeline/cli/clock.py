"""The clock of the command line: rooms below are told the time and never look."""

from __future__ import annotations

import os
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, UTC without a zone, as the tables keep it."""
    return datetime.now(UTC).replace(tzinfo=None)


def run_id(command: str, now: datetime) -> str:
    """A name for what one command does, told apart from another process of the same second."""
    return f"{command}-{now:%Y%m%dT%H%M%S}-{os.getpid()}"
