"""What a run is given from outside: where things lie, and what time it is.

Lives here: the resources and nothing that uses them. Tests hand other ones to `build_defs`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.settings import Settings


class Home(dg.ConfigurableResource["Home"]):
    """The folders of one installation, as the settings give them; the UI shows them on its resource page."""

    inbox: str
    rules: str
    lake: str
    locks: str
    extracts: str | None
    quarantine: str
    powerbi: str
    timezone: str

    @classmethod
    def of(cls, settings: Settings) -> Home:
        """The home that the settings describe."""
        return cls(
            inbox=str(settings.inbox),
            rules=str(settings.rules),
            lake=settings.lake_url,
            locks=str(settings.locks),
            extracts=str(settings.extracts) if settings.extracts else None,
            quarantine=str(settings.quarantine),
            powerbi=str(settings.powerbi),
            timezone=settings.timezone,
        )

    @property
    def inbox_path(self) -> Path:
        """Where bank exports are dropped; read-only for the program."""
        return Path(self.inbox)

    @property
    def rules_path(self) -> Path:
        """The root of the rule files."""
        return Path(self.rules)

    @property
    def extracts_path(self) -> Path | None:
        """Where parsed bank files are kept when the lake is not a local one."""
        return Path(self.extracts) if self.extracts else None

    @property
    def quarantine_path(self) -> Path:
        """Where rows that broke a contract are kept."""
        return Path(self.quarantine)

    @property
    def powerbi_path(self) -> Path:
        """The folder that Power BI opens."""
        return Path(self.powerbi)

    def open_lake(self) -> Lake:
        """The lake; pyarrow and duckdb are loaded here and not when the code location starts."""
        from dsr_pipeline.settings import open_lake

        return open_lake(self.lake, Path(self.locks))


class Clock(dg.ConfigurableResource["Clock"]):
    """The time of the run; `fixed` (ISO, UTC) makes a run repeat to the byte."""

    fixed: str | None = None

    def now(self) -> datetime:
        """The instant, UTC without a zone, as the tables keep it."""
        if self.fixed is not None:
            return datetime.fromisoformat(self.fixed)
        return datetime.now(UTC).replace(tzinfo=None)
