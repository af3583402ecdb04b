"""The questions of `dsr doctor`: settings, folders, disk, clock, rules, tables, locks, services, Dagster.

Lives here: one function per question; each only looks. A new room adds its own to `EXAMINATIONS`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from dsr_pipeline.settings import Settings, SettingsError, open_lake, open_smartsheet, unknown_settings

State = Literal["ok", "warning", "fault"]

ENOUGH_BYTES = 2 * 1024**3
"""Tables of ten million transactions, the version before them, and what a sort spills."""
TOO_FEW_BYTES = 100 * 1024**2
CLOCK_SLACK = timedelta(minutes=10)
"""File systems of other machines may be a little ahead."""
EARLIEST = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC; the program is younger than that
SHOWN_FAULTS = 5
SERVICE_SECONDS = 5.0
"""A service that takes longer to say who we are is told as such, and the other lines are not kept waiting."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do about it."""

    subject: str
    state: State
    told: str
    mend: str = ""


Examination = Callable[[Settings, datetime], Iterator[Finding]]


def settings_of(home: Path | None) -> tuple[Finding, Settings | None]:
    """The settings, and what is to be said of them."""
    try:
        settings = Settings.load(home)
        unknown = unknown_settings(settings.home)
    except SettingsError as error:
        return Finding("settings", "fault", str(error)), None
    if unknown:
        names = ", ".join(unknown)
        return Finding("settings", "warning", f"{names} means nothing here", "correct the spelling"), settings
    return Finding("settings", "ok", f"home {settings.home}, time zone {settings.timezone}"), settings


def folders(settings: Settings, now: datetime) -> Iterator[Finding]:
    """The home, its inbox and whether `data/` can be written."""
    del now
    if not settings.home.is_dir():
        yield Finding("home", "fault", f"{settings.home} is not a folder", "make it, or set DSR_HOME")
        return
    inbox = settings.inbox
    if not inbox.is_dir():
        yield Finding("inbox", "warning", f"{inbox} does not exist", "make it and drop bank exports into it")
    elif not os.access(inbox, os.R_OK | os.X_OK):
        yield Finding("inbox", "fault", f"{inbox} cannot be read", f"chmod u+rx {inbox}")
    else:
        yield Finding("inbox", "ok", str(inbox))
    place = _nearest(settings.data)
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding("data", "fault", f"{place} cannot be written", f"chmod u+wx {place}, or set DSR_HOME")
    else:
        yield Finding("data", "ok", str(settings.data))


def disk(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Room for the tables."""
    del now
    free = shutil.disk_usage(_nearest(settings.data)).free
    told = f"{free / 1024**3:,.1f} GB free"
    if free < TOO_FEW_BYTES:
        yield Finding("disk", "fault", told, "make room: tables are written anew before the old ones go")
    elif free < ENOUGH_BYTES:
        yield Finding("disk", "warning", told, "make room before large imports")
    else:
        yield Finding("disk", "ok", told)


def clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    """The clock is not behind what was already recorded with it."""
    newest = max((_changed(file) for file in settings.data.glob("lake/*/_current.json")), default=None)
    told = f"{now:%Y-%m-%d %H:%M} UTC"
    mend = "set the clock of this machine"
    if now < EARLIEST:
        yield Finding("clock", "fault", f"{told} is before this program was written", mend)
    elif newest is not None and newest > now + CLOCK_SLACK:
        yield Finding("clock", "warning", f"{told}, but tables were written at {newest:%Y-%m-%d %H:%M}", mend)
    else:
        yield Finding("clock", "ok", told)


def rule_files(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Every rule file loads."""
    del now
    from dsr_pipeline.bank.accounts import load_accounts
    from dsr_pipeline.bank.categories import load_categories
    from dsr_pipeline.bank.inbox_rules import load_inbox_rules
    from dsr_pipeline.bank.merchants import load_merchants
    from dsr_pipeline.bank.rule_set import load_rules
    from dsr_pipeline.billing import policy, variants
    from dsr_pipeline.billing.rates import load_rates
    from dsr_pipeline.reports import weekly_rules
    from dsr_pipeline.rule_files import RuleFileError, RuleFileErrors
    from dsr_pipeline.smartsheet import column_map, sources

    rules = settings.rules
    loaders: tuple[tuple[str, Callable[[], object]], ...] = (
        ("banks", lambda: load_rules(rules)),
        ("accounts.yaml", lambda: load_accounts(rules / "accounts.yaml")),
        ("merchants.csv", lambda: load_merchants(rules / "merchants.csv")),
        ("categories.yaml", lambda: load_categories(rules / "categories.yaml")),
        ("inbox.yaml", lambda: load_inbox_rules(rules)),
        (sources.FILE, lambda: sources.load_sources(rules)),
        (column_map.FILE, lambda: _columns(rules)),
        (policy.FILE, lambda: policy.load_policy(rules)),
        (variants.FILE, lambda: variants.load_variants(rules) if (rules / variants.FILE).exists() else None),
        ("billing/rates", lambda: load_rates(rules, policy.load_policy(rules))),
        (weekly_rules.FILE, lambda: weekly_rules.load_look(rules)),
    )
    for name, load in loaders:
        subject = f"rules/{name}"
        try:
            load()
        except RuleFileErrors as several:
            for error in several.errors[:SHOWN_FAULTS]:
                yield Finding(subject, "fault", str(error))
        except RuleFileError as error:
            yield Finding(subject, "fault", str(error))
        else:
            there = (rules / name).exists()
            yield Finding(subject, "ok", "loads" if there else "not there, and not needed")


def _columns(rules: Path) -> object:
    """The columns are needed as soon as there are sources."""
    from dsr_pipeline.rule_files import RuleFileError
    from dsr_pipeline.smartsheet.column_map import FILE, load_columns
    from dsr_pipeline.smartsheet.sources import load_sources

    if not (rules / FILE).exists():
        try:
            if not load_sources(rules).sources:
                return None
        except RuleFileError:
            return None  # told by the line of that file
    return load_columns(rules)


def tables(settings: Settings, now: datetime) -> Iterator[Finding]:
    """The lake can be read, and its tables are of the contracts that the program has now."""
    del now
    from dsr_pipeline.lake.contracts import ALL
    from dsr_pipeline.lake.errors import LakeError

    try:
        lake = open_lake(settings.lake_url, settings.locks)
        current = lake.tables()
    except (LakeError, OSError) as error:
        yield Finding(
            "lake", "fault", f"{settings.lake_url}: {error}", "check DSR_LAKE and your access to it"
        )
        return
    if not current:
        yield Finding("lake", "ok", f"{settings.lake_url} is empty: nothing has run yet")
        return
    yield Finding("lake", "ok", f"{settings.lake_url}, {len(current)} tables")
    for key in current:
        if key not in ALL:
            continue  # a table of an older program is nobody's fault
        try:
            lake.read(key, columns=[])
        except (LakeError, OSError) as error:
            yield Finding(key, "warning", str(error), "run the job that makes it: dsr run")


def locks(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Who is writing; and whether locks and logs can be trusted where the lake lies."""
    del now
    from dsr_pipeline.lake.errors import GroupLocked, LakeError, NoExclusiveCreate
    from dsr_pipeline.lake.locks import FileLocks
    from dsr_pipeline.lake.log import require_exclusive_create

    try:
        lake = open_lake(settings.lake_url, settings.locks)
    except LakeError:
        return  # told by the question before
    if settings.lake_is_remote:
        try:
            require_exclusive_create(lake.storage)
        except NoExclusiveCreate as error:
            yield Finding("logs", "fault", str(error))
        told = "the lake is on an object store; its locks hold on this machine alone"
        yield Finding("locks", "warning", told, "let only this machine write")
    if not isinstance(lake.locks, FileLocks) or not lake.locks.folder.is_dir():
        return
    held: list[str] = []
    for file in sorted(lake.locks.folder.glob("*.lock")):
        try:
            with lake.locks.hold(file.stem, wait=False):
                pass
        except GroupLocked as locked:
            held.append(f"{file.stem} by {locked.holder}")
    yield Finding("locks", "ok", "; ".join(held) if held else "nobody is writing")


def services(settings: Settings, now: datetime) -> Iterator[Finding]:
    """What the program may talk to: one call, and only with a token."""
    del now
    if settings.smartsheet_token is None:
        yield Finding("Smartsheet", "ok", "no token is set: nothing remote will be contacted")
        return
    from dsr_pipeline.smartsheet.errors import SmartsheetError

    base = settings.smartsheet_base
    try:
        with closing(open_smartsheet(settings, None, patience=SERVICE_SECONDS)) as client:
            user = client.me()
    except SmartsheetError as error:
        state, mend = ("warning", f"look whether {base} can be reached") if error.transient else ("fault", "")
        yield Finding("Smartsheet", state, f"token set, {base}: {error}", mend)
    else:
        name = " ".join(part for part in (user.first_name, user.last_name) if part)
        who = f"{user.email} ({name})" if name else user.email or f"user {user.id}"
        yield Finding("Smartsheet", "ok", f"token set, {base} answers; the token is that of {who}")


def dagster_home(settings: Settings, now: datetime) -> Iterator[Finding]:
    """The instance that keeps runs, and that it sends nothing anywhere."""
    del now
    import yaml

    file = settings.dagster_home / "dagster.yaml"
    if not file.exists():
        yield Finding("Dagster", "ok", f"{settings.dagster_home} is made by the first run")
        return
    try:
        text = file.read_text(encoding="utf-8")
        said: Any = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, OSError) as error:
        yield Finding("Dagster", "fault", f"{file} cannot be read: {' '.join(str(error).split())}")
        return
    if _telemetry_is_off(said):
        yield Finding("Dagster", "ok", str(settings.dagster_home))
    else:
        mend = "set telemetry: {enabled: false} in it"
        yield Finding("Dagster", "warning", f"{file} lets Dagster send telemetry", mend)


def _telemetry_is_off(said: Any) -> bool:
    try:
        return said["telemetry"]["enabled"] is False
    except (KeyError, TypeError):
        return False


EXAMINATIONS: tuple[Examination, ...] = (
    folders,
    disk,
    clock,
    rule_files,
    tables,
    locks,
    services,
    dagster_home,
)


def _nearest(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def _changed(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(tzinfo=None)
