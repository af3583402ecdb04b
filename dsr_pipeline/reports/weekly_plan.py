"""What becomes of the workbook of every group: left alone, skipped, restored, built, withdrawn or dropped.

Lives here: the decision and the number of the revision, as plain functions over plain values. The files are
looked at through `Shelf`, so that a decision can be tested without one. Called by `weekly_build`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from dsr_pipeline.text import canonical_hash


class Step(Enum):
    """What is done with the workbook of a group."""

    LEAVE = "leave"
    """Held: what is there stays as it is."""
    SKIP = "skip"
    """Everything is there already."""
    RESTORE = "restore"
    """The archive has exactly this revision."""
    BUILD = "build"
    WITHDRAW = "withdraw"
    """The group is gone after something of it was published."""
    DROP = "drop"
    """The group is gone, and nobody ever got anything of it."""


@dataclass(frozen=True, slots=True)
class Group:
    """A row of billing/work_groups, as far as a report needs it."""

    group_id: str
    work_request: str
    week_ending: date
    variant: str
    money: bool
    claimer: str | None
    claimer_id: str | None
    held: bool
    rows: int
    amount: Decimal
    currency: str
    closed: bool
    data_as_of_utc: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of reports/report_files, as far as the decision needs it."""

    group_id: str
    work_request: str
    week_ending: date
    variant: str
    claimer: str | None
    claimer_id: str | None
    money: bool
    currency: str
    path: str
    sha256: str
    pdf_path: str | None
    pdf_sha256: str | None
    revision: int
    withdrawn: bool
    content_hash: str
    closed: bool
    published_revision: int | None
    published_hash: str | None
    last_published_at_utc: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with one group. `group` is None where it is gone, `standing` where it never had a file."""

    step: Step
    group_id: str
    group: Group | None
    standing: Standing | None
    content_hash: str
    revision: int


class Shelf(Protocol):
    """What of the files a decision asks for."""

    def whole(self, standing: Standing) -> bool:
        """Whether the workbook, and the PDF where one is wanted, are there and archived as recorded."""
        ...

    def lacks_pdf(self, standing: Standing) -> bool:
        """Whether a PDF is wanted, can be made now, and was not when the workbook was built."""
        ...

    def archived(self, group_id: str, content_hash: str, revision: int) -> str | None:
        """SHA-256 of a workbook that the archive can give back whole; None where it cannot."""
        ...


def decide(group: Group, standing: Standing | None, shelf: Shelf) -> Decision:
    """What becomes of a group that there is."""
    revision = revision_of(group.content_hash, standing)
    step = Step.LEAVE if group.held else _as_wanted(group.content_hash, revision, standing, shelf)
    return Decision(step or Step.BUILD, group.group_id, group, standing, group.content_hash, revision)


def decide_gone(standing: Standing, shelf: Shelf, *, layout: str, held: bool, attached: bool) -> Decision:
    """What becomes of the workbook of a group that is not there any more.

    `held`: its work request is, so that the group may only be out of sight. `attached`: something of it was
    sent to some target, although not everywhere.
    """
    content = withdrawn_hash(standing, layout)
    revision = revision_of(content, standing)
    known = standing.withdrawn or attached or standing.published_revision is not None
    if held:
        step = Step.LEAVE
    elif not known:
        step = Step.DROP
    else:
        step = _as_wanted(content, revision, standing, shelf) or Step.WITHDRAW
    return Decision(step, standing.group_id, None, standing, content, revision)


def _as_wanted(content: str, revision: int, standing: Standing | None, shelf: Shelf) -> Step | None:
    """How that content comes about without building it; None where it must be built."""
    if standing is None:
        return None
    key = (standing.group_id, content, revision)
    is_published = (standing.published_hash, standing.published_revision) == (content, revision)
    if (standing.content_hash, standing.revision) == (content, revision):
        if not is_published and shelf.lacks_pdf(standing):
            return None  # what is published is never built again only for that
        if shelf.whole(standing):
            return Step.SKIP
        return Step.RESTORE if shelf.archived(*key) == standing.sha256 else None
    return Step.RESTORE if is_published and shelf.archived(*key) else None


def revision_of(content_hash: str, standing: Standing | None) -> int:
    """1 before a publication; the published one where the content is that again, else the one after."""
    if standing is None or standing.published_revision is None:
        return 1
    return standing.published_revision + (content_hash != standing.published_hash)


def withdrawn_hash(standing: Standing, layout: str) -> str:
    """Content hash of the withdrawal of a group; one that is published already stays as it is."""
    if standing.withdrawn and standing.content_hash == standing.published_hash:
        return standing.content_hash
    return canonical_hash("withdrawn", layout, standing.group_id)
