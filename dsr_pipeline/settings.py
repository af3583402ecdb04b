"""Every setting of the program, and the folders that follow from them.

Lives here: the one class that reads the environment and `.env`. Called by `cli` and `defs` alone; every room
below them gets plain values. What the office may change without touching code is in `rules/`, not here.
"""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.smartsheet.client import SmartsheetClient
    from dsr_pipeline.smartsheet.sources import Limits

SMARTSHEET_API = "https://api.smartsheet.com/2.0"
_DEFAULTS_IN_WORDS = {"DSR_HOME": "the project folder", "DSR_LAKE": "`$DSR_HOME/data/lake`"}
_PREFIXES = ("DSR_", "SMARTSHEET_", "SENTRY_")


class SettingsError(ValueError):
    """A setting that cannot be used; the text names the setting and the mend, never a secret value."""


def project_folder() -> Path:
    """The checkout (the parent of this package, where it holds `rules/`), else the current folder."""
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "rules").is_dir() else Path.cwd()


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is not an IANA time zone such as America/Chicago") from error
    return name


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://\S+", text):
        raise ValueError(f"'{text}' is not a web address that begins with https:// or http://")
    return text


class Settings(BaseSettings):
    """The settings; empty means not set. `Settings.load()` is the way to make one."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_ignore_empty=True, env_file_encoding="utf-8", extra="ignore", frozen=True, populate_by_name=True
    )

    home: Path = Field(
        alias="DSR_HOME",
        default_factory=project_folder,
        description="Folder that holds `csv_inbox/`, `rules/` and `data/`.",
    )
    lake: str | None = Field(
        alias="DSR_LAKE",
        default=None,
        description="Where the tables are kept: a folder or any fsspec URL such as `s3://bucket/lake` or "
        "`abfss://…`.",
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        alias="DSR_TIMEZONE",
        default="UTC",
        description="IANA time zone of the office: weeks end and schedules run by its clock.",
    )
    smartsheet_token: SecretStr | None = Field(
        alias="SMARTSHEET_API_TOKEN",
        default=None,
        description="Token of the Smartsheet API. Without it nothing remote is ever contacted.",
    )
    smartsheet_base: Annotated[str, AfterValidator(_web_address)] = Field(
        alias="SMARTSHEET_API_BASE",
        default=SMARTSHEET_API,
        description="Address of the Smartsheet API, or of its stand-in.",
    )
    sentry_dsn: SecretStr | None = Field(
        alias="SENTRY_DSN", default=None, description="Where faults are reported; without it nowhere."
    )
    notify: SecretStr | None = Field(
        alias="DSR_NOTIFY_URLS",
        default=None,
        description="Apprise addresses that alerts go to, separated by blanks; without them nobody is told.",
    )
    signing_key: SecretStr | None = Field(
        alias="DSR_SIGNING_KEY", default=None, description="Key that signs the audit ledger."
    )
    backup_key: SecretStr | None = Field(
        alias="DSR_BACKUP_KEY", default=None, description="Key that backups are encrypted with."
    )
    postgres_url: SecretStr | None = Field(
        alias="DSR_POSTGRES_URL",
        default=None,
        description="PostgreSQL of a Dagster instance on several machines; one machine needs none.",
    )

    @classmethod
    def load(cls, home: Path | str | None = None, **overrides: Any) -> Settings:
        """Read the environment and `.env`, and make every path absolute.

        Order, the first one wins: `overrides` and `home`, the environment, `.env` of the home, and, unless
        another home was named by argument or environment, `.env` of the project folder, which may name the
        home. So a second home never gets the secrets of the first. Raises `SettingsError`.
        """
        if "home" in overrides or "DSR_HOME" in overrides:
            raise TypeError("the home is given by its own argument")
        project = project_folder()
        if named := home or os.environ.get("DSR_HOME"):
            place = _absolute(Path(named))
            env_files = (place / ".env",)
        else:
            # A relative path in a file is meant from that file, whichever folder the shell stands in.
            told = Path(_env_file(project / ".env").get("DSR_HOME") or "").expanduser()
            place = _absolute(project / told)
            env_files = (project / ".env", place / ".env")  # of several files the last one wins
        try:
            return cls(_env_file=env_files, DSR_HOME=place, **overrides)  # pyright: ignore[reportCallIssue]
        except ValidationError as error:
            raise SettingsError("; ".join(_sentence(problem) for problem in error.errors())) from None
        except UnicodeDecodeError as error:
            raise SettingsError(f".env is not UTF-8 text (byte {error.start}): save it as UTF-8") from None

    @property
    def inbox(self) -> Path:
        """Where bank exports are dropped; nothing here is ever changed by the program."""
        return self.home / "csv_inbox"

    @property
    def rules(self) -> Path:
        """The root of the rule files."""
        return self.home / "rules"

    @property
    def data(self) -> Path:
        """Everything derived or recorded."""
        return self.home / "data"

    @property
    def lake_url(self) -> str:
        """The lake as an absolute path or a URL."""
        if self.lake is None:
            return str(self.data / "lake")
        return self.lake if "://" in self.lake else str(_absolute(self.home / Path(self.lake).expanduser()))

    @property
    def extracts(self) -> Path | None:
        """Where parsed bank files are kept for a lake elsewhere; a local one keeps them beside its tables."""
        return self.data / "extracts" if self.lake_is_remote else None

    @property
    def lake_is_remote(self) -> bool:
        """Whether the lake is on an object store."""
        return "://" in self.lake_url and not self.lake_url.startswith(("file://", "local://"))

    @property
    def locks(self) -> Path:
        """Where the writers' locks of a lake elsewhere are kept. They hold on this machine alone."""
        return self.data / "locks"

    @property
    def budgets(self) -> Path:
        """Where the processes of this machine share what a token may ask of Smartsheet in a minute."""
        return self.data / "budgets"

    @property
    def quarantine(self) -> Path:
        """Where rows that broke a contract are written."""
        return self.data / "quarantine"

    @property
    def powerbi(self) -> Path:
        """The folder that Power BI opens."""
        return self.data / "powerbi"

    @property
    def reports(self) -> Path:
        """Workbooks and PDFs, and the archive of what was published."""
        return self.data / "reports"

    @property
    def drafts(self) -> Path:
        """Where drafted rules go unless told otherwise."""
        return self.data / "drafts"

    @property
    def dagster_home(self) -> Path:
        """Runs, events and logs of Dagster."""
        return self.data / ".dagster"

    @property
    def notify_urls(self) -> tuple[str, ...]:
        """The addresses that alerts go to."""
        return tuple(self.notify.get_secret_value().split()) if self.notify else ()


def open_lake(url: str, locks: Path) -> Lake:
    """The lake of the settings, able to write; `locks` is used where the lake is on an object store."""
    from dsr_pipeline.lake.locks import FileLocks
    from dsr_pipeline.lake.storage import LocalStorage
    from dsr_pipeline.lake.store import Lake

    lake = Lake(url)
    return lake if isinstance(lake.storage, LocalStorage) else Lake(url, locks=FileLocks(locks))


def open_smartsheet(
    settings: Settings,
    limits: Limits | None,
    *,
    patience: float | None = None,
    on_event: Callable[[str], None] | None = None,
) -> SmartsheetClient:
    """The client of the token, within the budget that all processes of this machine share.

    `limits` None is for one single question that may leave no file behind. With `patience` a call ends
    after about so many seconds, and one that would have to queue longer for the budget is not made.
    Raises `SettingsError` where no token is set.
    """
    from dsr_pipeline.smartsheet.client import SmartsheetClient
    from dsr_pipeline.smartsheet.limiter import NoLimiter, SharedLimiter, token_id
    from dsr_pipeline.smartsheet.retry import RetryPolicy

    token = settings.smartsheet_token
    if token is None:
        raise SettingsError("SMARTSHEET_API_TOKEN is not set: set it in the environment or in .env")
    sleep = time.sleep if patience is None else _impatient(patience)
    limiter = NoLimiter()
    if limits is not None:
        limiter = SharedLimiter(
            settings.budgets,
            token_id(token.get_secret_value()),
            units_per_minute=limits.units_per_minute,
            history_per_minute=limits.history_per_minute,
            sleep=sleep,
        )
    policy = RetryPolicy()
    if patience is not None:
        policy = RetryPolicy(read_seconds=patience, deadline_seconds=patience, attempts=3)
    return SmartsheetClient(
        token,
        settings.smartsheet_base,
        limiter=limiter,
        policy=policy,
        jitter=random.random,
        sleep=sleep,
        on_event=on_event,
    )


def _impatient(patience: float) -> Callable[[float], None]:
    """A sleep that gives up where it would be a long one."""
    from dsr_pipeline.smartsheet.errors import RateLimited

    def sleep(seconds: float) -> None:
        if seconds > patience:
            raise RateLimited(f"the budget of calls is used up for another {seconds:.0f} s: ask again later")
        time.sleep(seconds)

    return sleep


def unknown_settings(home: Path) -> tuple[str, ...]:
    """Names in the environment or a `.env` that look like settings of ours but are none (spelling)."""
    known = {field.alias for field in Settings.model_fields.values()}
    files = {project_folder() / ".env", home / ".env"}
    names = {*os.environ, *(name for file in files for name in _env_file(file))}
    return tuple(sorted(name for name in names if name.startswith(_PREFIXES) and name not in known))


def settings_table() -> str:
    """The settings as a Markdown table: name, default, meaning. `docs/settings.md` holds it."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for field in Settings.model_fields.values():
        name = str(field.alias)
        default = _DEFAULTS_IN_WORDS.get(name) or (f"`{field.default}`" if field.default else "not set")
        secret = " Secret: never printed, never stored." if _is_secret(field.annotation) else ""
        lines.append(f"| `{name}` | {default} | {field.description}{secret} |")
    return "\n".join(lines) + "\n"


def _is_secret(annotation: Any) -> bool:
    return "SecretStr" in str(annotation)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links: a home may be one


def _env_file(file: Path) -> dict[str, str | None]:
    from dotenv import dotenv_values

    try:
        return dotenv_values(file) if file.is_file() else {}
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is not UTF-8 text: save it as UTF-8") from None


def _sentence(problem: Any) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    return f"{name}: {message}; correct it in the environment or in .env"
