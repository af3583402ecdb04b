"""Which sheets a sync reads, which it may leave alone, and which it cannot know.

Lives here: the comparison of what is listed with what is known, and the turn of each sheet to be read whole.
Nothing here contacts Smartsheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dsr_pipeline.smartsheet.catalogue import Catalogue, Sheet
from dsr_pipeline.smartsheet.discovery import Discovery, Found
from dsr_pipeline.smartsheet.reading import instant
from dsr_pipeline.smartsheet.sources import Sources


@dataclass(frozen=True, slots=True)
class Task:
    """One sheet to read. `sheet` is what is known of it, None at the first sight."""

    found: Found
    sheet: Sheet | None
    full: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What one sync does with each sheet."""

    tasks: tuple[Task, ...]
    unchanged: int
    unknown: tuple[Found, ...]
    ignored: Mapping[int, str]


def plan(
    found: Discovery, catalogue: Catalogue, sources: Sources, now: datetime, *, turn: int, full: bool
) -> Plan:
    """Decide for every sheet; tasks come in the order of the sheets' ids, those that failed last at the end.

    Among these another one is the first at every sync (`turn`), so that a few that always fail, after which
    reading stops, never keep the others from being read.
    """
    tasks: list[Task] = []
    unknown: list[Found] = []
    unchanged = 0
    for one in found.sheets:
        sheet = catalogue.sheets.get(one.sheet_id)
        if one.listed is None or one.reason is not None:
            unknown.append(one)
            continue
        whole = full or sheet is None or _due(sheet, now, sources.reading.full_read_days)
        if whole or _moved(one, sheet):
            tasks.append(Task(one, sheet, whole))
        else:
            unchanged += 1
    reasons = {one.sheet: one.reason for one in sources.ignore}
    ignored = {
        sheet_id: reasons[sheet_id]
        for sheet_id, sheet in catalogue.sheets.items()
        if sheet_id in reasons and sheet.status != "ignored"
    }
    failed = [task for task in tasks if task.sheet is not None and task.sheet.status == "unknown"]
    sound = [task for task in tasks if task.sheet is None or task.sheet.status != "unknown"]
    first = turn % len(failed) if failed else 0
    tasks = [*sound, *failed[first:], *failed[:first]]
    return Plan(tuple(tasks), unchanged, tuple(unknown), ignored)


def _moved(found: Found, sheet: Sheet | None) -> bool:
    """Whether the list tells something else than what was read, or the last read failed.

    The list may lag behind an edit for a minute; it catches up, and then the pair differs.
    """
    if sheet is None or sheet.version is None or sheet.status not in ("read", "held") or found.listed is None:
        return True
    listed = (found.listed.version, instant(found.listed.modified_at), found.listed.name)
    named = (found.source.name, found.source.rate_basis)
    return listed != (sheet.version, sheet.sheet_modified_at_utc, sheet.name) or named != (
        sheet.source,
        sheet.rate_basis,
    )


def _due(sheet: Sheet, now: datetime, days: int) -> bool:
    """Whether its day to be read whole has come since that was done last: each day some of the sheets."""
    if sheet.full_read_at_utc is None:
        return True
    today = now.date().toordinal()
    turn = today - (today - sheet.sheet_id) % days
    return sheet.full_read_at_utc.date().toordinal() < turn
