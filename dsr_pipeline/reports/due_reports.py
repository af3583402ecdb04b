"""Which workbooks are due to be published, and why the others wait.

Lives here: what the tables say of a report, and the judgement. Where it goes is `publication_plan`'s; called
by `publishing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from dsr_pipeline.lake.contracts.billing import WORK_GROUPS
from dsr_pipeline.lake.contracts.reports import REPORT_FILES

if TYPE_CHECKING:
    from dsr_pipeline.billing.variants import Variants
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.publications import Manifest, Publication

Wait = Literal["open_week", "held", "outdated", "view", "no_target"]


@dataclass(frozen=True, slots=True)
class Report:
    """A workbook as it was built; the fields are columns of reports/report_files."""

    group_id: str
    work_request: str
    week_ending: date
    variant: str
    claimer: str | None
    claimer_id: str | None
    money: bool
    path: str
    sha256: str
    size: int
    revision: int
    withdrawn: bool
    amount: Decimal
    content_hash: str
    closed: bool
    published_at_utc: datetime | None
    published_revision: int | None
    published_hash: str | None

    @property
    def file_name(self) -> str:
        """Name of the attachment; nothing ever reads it back."""
        return PurePosixPath(self.path).name

    @property
    def marked(self) -> bool:
        """Whether report_files says that this very content is published."""
        told = (self.published_revision, self.published_hash)
        return self.published_at_utc is not None and told == (self.revision, self.content_hash)


@dataclass(frozen=True, slots=True)
class Billed:
    """What billing says of a group now."""

    held: bool
    content_hash: str


@dataclass(frozen=True, slots=True)
class Due:
    """A report that is to be published, and in which targets."""

    report: Report
    targets: tuple[str, ...]


def built_reports(lake: Lake) -> list[Report]:
    """Every workbook, by week and work request. Raises `MissingTable` before the first build."""
    names = [field.name for field in fields(Report)]
    return [Report(**row) for row in lake.read(REPORT_FILES, names).to_pylist()]


def billed_groups(lake: Lake) -> dict[str, Billed] | None:
    """What billing says of every group now; None where nothing was ever billed."""
    if lake.table_path(WORK_GROUPS) is None:
        return None
    rows = lake.read(WORK_GROUPS, ["group_id", "status", "content_hash"]).to_pylist()
    return {row["group_id"]: Billed(row["status"] == "held", row["content_hash"]) for row in rows}


def overtaken(
    reports: Iterable[Report],
    variants: Variants,
    manifest: Manifest,
    weeks: Collection[date] | None,
) -> dict[str, Publication]:
    """Reports built without knowing that another content had gone out meanwhile: a run was killed after it
    had sent that everywhere, and before it could tell. By group; the revision that went out is told."""
    found: dict[str, Publication] = {}
    for report in reports:
        if weeks is not None and report.week_ending not in weeks:
            continue
        places: dict[tuple[int, str], dict[str, Publication]] = {}
        for one in manifest.of_group(report.group_id):
            if one.state in ("verified", "live"):
                places.setdefault((one.revision, one.content_hash), {})[one.target] = one
        known = {(report.published_revision, report.published_hash), (report.revision, report.content_hash)}
        wanted = set(_targets_of(report, variants, manifest))
        for told, sent in sorted(places.items()):
            if told not in known and told[0] > (report.published_revision or 0) and wanted <= sent.keys():
                found[report.group_id] = next(iter(sent.values()))
    return found


def due_reports(
    reports: Iterable[Report],
    variants: Variants,
    billed: Mapping[str, Billed] | None,
    manifest: Manifest,
    weeks: Collection[date] | None,
    overtaken: Collection[str] = (),
) -> tuple[list[Due], Counter[Wait]]:
    """The reports to be published now in the order of the table, and why how many others are not.

    `billed` None: there is no table of groups to compare with. `overtaken` are groups to be built anew.
    """
    due: list[Due] = []
    waiting: Counter[Wait] = Counter()
    for report in reports:
        if weeks is not None and report.week_ending not in weeks:
            continue
        targets = _targets_of(report, variants, manifest)
        wait = _why_wait(report, variants, billed, targets)
        if wait is None and report.group_id in overtaken:
            wait = "outdated"
        if wait is not None:
            waiting[wait] += 1
        else:
            due.append(Due(report, targets))
    return due, waiting


def _targets_of(report: Report, variants: Variants, manifest: Manifest) -> tuple[str, ...]:
    """Where a report belongs; one of a variant that is gone belongs where it was published."""
    variant = variants.named(report.variant)
    if variant is not None:
        return variant.targets
    known = {target.name for target in variants.targets}
    return tuple(sorted({one.target for one in manifest.of_group(report.group_id)} & known))


def _why_wait(
    report: Report, variants: Variants, billed: Mapping[str, Billed] | None, targets: tuple[str, ...]
) -> Wait | None:
    if not targets:
        return "no_target"
    if not report.money and not variants.publishing.views:
        return "view"
    if not report.closed and not variants.publishing.open_weeks:
        return "open_week"
    if billed is None:
        return None
    group = billed.get(report.group_id)
    if group is None:
        return None if report.withdrawn else "outdated"
    if group.held:
        return "held"
    return None if group.content_hash == report.content_hash else "outdated"
