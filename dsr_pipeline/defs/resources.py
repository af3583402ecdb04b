"""What a run is given from outside: where things lie, what time it is, and the way to Smartsheet.

Lives here: the resources and nothing that uses them. Tests hand other ones to `build_defs`.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from dsr_pipeline.settings import Settings, open_lake, open_smartsheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.smartsheet.client import SmartsheetClient
    from dsr_pipeline.smartsheet.sources import Limits


class Home(dg.ConfigurableResource["Home"]):
    """The folders of one installation, as the settings give them; the UI shows them on its resource page."""

    inbox: str
    rules: str
    lake: str
    locks: str
    extracts: str | None
    quarantine: str
    powerbi: str
    reports: str
    timezone: str

    @classmethod
    def of(cls, settings: Settings) -> "Home":
        """The home that the settings describe."""
        return cls(
            inbox=str(settings.inbox),
            rules=str(settings.rules),
            lake=settings.lake_url,
            locks=str(settings.locks),
            extracts=str(settings.extracts) if settings.extracts else None,
            quarantine=str(settings.quarantine),
            powerbi=str(settings.powerbi),
            reports=str(settings.reports),
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

    @property
    def reports_path(self) -> Path:
        """Where workbooks and PDFs are written."""
        return Path(self.reports)

    def open_lake(self) -> "Lake":
        """The lake; pyarrow and duckdb are loaded here and not when the code location starts."""
        return open_lake(self.lake, Path(self.locks))


class Clock(dg.ConfigurableResource["Clock"]):
    """The time of the run; `fixed` (ISO, UTC) makes a run repeat to the byte."""

    fixed: str | None = None

    def now(self) -> datetime:
        """The instant, UTC without a zone, as the tables keep it."""
        if self.fixed is not None:
            return datetime.fromisoformat(self.fixed)
        return datetime.now(UTC).replace(tzinfo=None)


class Smartsheet(dg.ConfigurableResource["Smartsheet"]):
    """The account that is read; the UI shows its address and whether a token is set.

    The token itself stands in the settings, which are no part of the configuration: Dagster neither stores
    nor shows it, and one from `.env` counts as well as one from the environment.
    """

    base: str
    token: str
    settings: dg.ResourceDependency[Settings]

    @classmethod
    def of(cls, settings: Settings) -> "Smartsheet":
        """The account that the settings name."""
        there = settings.smartsheet_token is not None
        return cls(
            base=settings.smartsheet_base,
            token="from SMARTSHEET_API_TOKEN" if there else "not set",
            settings=settings,
        )

    @property
    def has_token(self) -> bool:
        """Whether anything may be asked at all."""
        return self.settings.smartsheet_token is not None

    def open(
        self,
        limits: "Limits",
        *,
        patience: float | None = None,
        on_event: "Callable[[str], None] | None" = None,
    ) -> "SmartsheetClient":
        """The client; the vendor's library is loaded here and not when the code location starts."""
        return open_smartsheet(self.settings, limits, patience=patience, on_event=on_event)
