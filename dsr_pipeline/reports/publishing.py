"""One publication: which reports are due, where they belong, what is missing there, and then doing it.

Lives here: the order of the steps and the report. Due is `due_reports`, the sheets are `targets`, the plan is
`publication_plan`, and what changes anything is `sending` alone. Called by `dsr publish` and by the asset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.lake.contracts.reports import ATTACHMENTS, PUBLISH
from dsr_pipeline.reports.archive import Archive
from dsr_pipeline.reports.due_reports import (
    Due,
    Wait,
    billed_groups,
    built_reports,
    due_reports,
    overtaken,
)
from dsr_pipeline.reports.manifest import PublishedReport, mark_published
from dsr_pipeline.reports.publication_plan import (
    PlanItem,
    PublicationPlan,
    ReportPlan,
    plan,
    plan_unseen,
)
from dsr_pipeline.reports.publications import Manifest, Publication
from dsr_pipeline.reports.sending import FileRefused, Sending, workbook
from dsr_pipeline.reports.targets import TargetsRead, read_targets

if TYPE_CHECKING:
    from dsr_pipeline.billing.variants import Variants
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.lake.writing import GroupWriter
    from dsr_pipeline.smartsheet.client import SmartsheetClient

Progress = Callable[[str, int, int], None]


class NotConnected(Exception):
    """There is no token, so nothing can be published; the text says the mend."""


@dataclass(slots=True)
class PublishReport:
    """What a publication did, or would do. `problems` are sentences for a person."""

    dry_run: bool
    seen: bool = True
    """Whether the target sheets were looked at; a dry run without a token does not."""
    planned: list[PlanItem] = field(default_factory=list[PlanItem])
    unchanged: int = 0
    waiting: Counter[Wait] = field(default_factory=Counter[Wait])
    blocked: int = 0
    left: int = 0
    uploaded: int = 0
    adopted: int = 0
    verified: int = 0
    live: int = 0
    restored: int = 0
    removed: int = 0
    not_tried: int = 0
    calls: int = 0
    cost: int = 0
    problems: list[str] = field(default_factory=list[str])

    @property
    def exit_code(self) -> int:
        """0 clean · 1 something needs a person."""
        return 1 if self.problems else 0


def publish(  # noqa: PLR0913 - each is a place or a hook that some caller sets
    lake: Lake,
    client: SmartsheetClient | None,
    variants: Variants,
    folder: Path,
    *,
    weeks: Collection[date] | None = None,
    dry_run: bool,
    now: datetime,
    run_id: str,
    quarantine: Path | None = None,
    wait: bool = True,
    on_wait: Callable[[str], None] | None = None,
    progress: Progress | None = None,
    on_step: Callable[[str], None] | None = None,
) -> PublishReport:
    """Attach every report that is due to its rows, and remove what it replaces; `now` is naive UTC.

    `folder` holds the reports, `weeks` are last days of weeks (None: all). A dry run changes nothing, neither
    in Smartsheet nor here; it alone may do without a client. Raises `NotConnected`, `MissingTable` before the
    first build, `SmartsheetError` where not even the sheets can be listed, `GroupLocked` with `wait` off.
    """
    run = _Run(lake, client, variants, Archive(folder), weeks, now, run_id)
    if dry_run:
        run.prepare(Manifest(lake, lake.group(PUBLISH).state()))
        run.report.dry_run = True
        return run.told()
    if client is None:
        raise NotConnected(
            "no token is set, so nothing is published: set SMARTSHEET_API_TOKEN (docs/smartsheet.md), or "
            "look at the plan with --dry-run"
        )
    with lake.group(PUBLISH).writing(
        (ATTACHMENTS,), run_id=run_id, quarantine=quarantine, wait=wait, on_wait=on_wait, on_step=on_step
    ) as writer:
        run.publish(client, writer, progress, on_wait, on_step or _nothing)
    return run.told()


class _Run:
    """One publication."""

    def __init__(
        self,
        lake: Lake,
        client: SmartsheetClient | None,
        variants: Variants,
        archive: Archive,
        weeks: Collection[date] | None,
        now: datetime,
        run_id: str,
    ) -> None:
        self._lake = lake
        self._client = client
        self._variants = variants
        self._archive = archive
        self._weeks = weeks
        self._now = now
        self._run_id = run_id
        self._targets = TargetsRead()
        self._overtaken: dict[str, Publication] = {}
        self._calls = (client.calls.calls, client.calls.cost) if client else (0, 0)
        self.report = PublishReport(dry_run=False)

    def publish(
        self,
        client: SmartsheetClient,
        writer: GroupWriter,
        progress: Progress | None,
        on_wait: Callable[[str], None] | None,
        on_step: Callable[[str], None],
    ) -> None:
        """Plan, do it, and fold what was recorded; the one place from which anything is changed."""
        manifest = Manifest(self._lake, writer.before)
        plans = self.prepare(manifest)
        if self._overtaken:
            gone_out = [
                PublishedReport(one.group_id, one.revision, one.content_hash, one.amount)
                for one in self._overtaken.values()
            ]
            mark_published(self._lake, gone_out, at=self._now, run_id=self._run_id, on_wait=on_wait)
        if plans:
            sending = Sending(
                client,
                self._lake,
                self._archive,
                manifest,
                self._targets.sheets,
                run_id=self._run_id,
                now=self._now,
                on_wait=on_wait,
                on_step=on_step,
            )
            sent, report = sending.run(plans, progress), self.report
            report.uploaded, report.adopted, report.verified = sent.uploaded, sent.adopted, sent.verified
            report.live, report.removed, report.not_tried = sent.live, sent.removed, sent.not_tried
            report.restored = sent.restored
            report.problems += sent.problems
        if manifest.moved:
            manifest.put(writer)
            on_step("folded")

    def prepare(self, manifest: Manifest) -> list[ReportPlan]:
        """Look at everything and plan; changes nothing. Gives the reports that can go on."""
        built = built_reports(self._lake)
        self._overtaken = overtaken(built, self._variants, manifest, self._weeks)
        due, waiting = due_reports(
            built, self._variants, billed_groups(self._lake), manifest, self._weeks, self._overtaken
        )
        made = self._plan(due, manifest)
        report = self.report
        report.waiting, report.unchanged = waiting, made.unchanged
        report.blocked, report.left = made.blocked, made.left
        report.problems += made.problems
        plans = [one for one in made.reports if self._file_is_right(one)]
        whole = {one.report.group_id for one in made.reports} - {one.report.group_id for one in plans}
        report.planned = [item for item in made.items if item.report.group_id not in whole]
        return plans

    def told(self) -> PublishReport:
        """The report with what it cost."""
        if self._client is not None:
            calls, cost = self._calls
            self.report.calls = self._client.calls.calls - calls
            self.report.cost = self._client.calls.cost - cost
        return self.report

    def _plan(self, due: list[Due], manifest: Manifest) -> PublicationPlan:
        if self._client is None:
            self.report.seen = False
            return plan_unseen(due, manifest)
        named = {name for one in due for name in one.targets}
        wanted = [target for target in self._variants.targets if target.name in named]
        self._targets = read_targets(self._client, wanted)
        return plan(due, manifest, self._targets, run_id=self._run_id, now=self._now)

    def _file_is_right(self, one: ReportPlan) -> bool:
        """Whether the file that would be sent is the one that was built; told before anything is planned."""
        if not any(leg.to_send for leg in one.legs):
            return True
        try:
            workbook(self._archive, one.report)
        except FileRefused as error:
            self.report.blocked += 1
            self.report.problems.append(f"{error} (it is not published)")
            return False
        return True


def _nothing(step: str) -> None:
    del step
