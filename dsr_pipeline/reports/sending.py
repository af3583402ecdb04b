"""The steps of a publication that change something: send, verify, switch, remove, each of them recorded.

Lives here: everything that writes into Smartsheet or the log; whoever does not call it changes nothing. What
is to be done comes from `publication_plan`; `publishing` calls it under the lock of the group.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from dsr_pipeline.reports.archive import Archive, workbook_file
from dsr_pipeline.reports.manifest import PublishedReport, mark_published
from dsr_pipeline.smartsheet.errors import AccessDenied, SentOtherwise, SmartsheetError, TokenRefused

if TYPE_CHECKING:
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.due_reports import Report
    from dsr_pipeline.reports.publication_plan import Leg, ReportPlan
    from dsr_pipeline.reports.publications import Manifest, Publication, State
    from dsr_pipeline.reports.targets import TargetSheet
    from dsr_pipeline.smartsheet.client import SmartsheetClient

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BATCH = 25
"""Uploads before what became of them is recorded. A crash in between costs two reads for each of them."""
FAILURES_IN_A_ROW = 3
"""Reports that fail one after the other before the rest is left for the next run: Smartsheet is down."""


class FileRefused(Exception):
    """The workbook in the archive is not the one that the tables tell of."""


@dataclass(slots=True)
class Sent:
    """What was done."""

    uploaded: int = 0
    adopted: int = 0
    verified: int = 0
    live: int = 0
    restored: int = 0
    removed: int = 0
    not_tried: int = 0
    problems: list[str] = field(default_factory=list[str])


def workbook(archive: Archive, report: Report) -> bytes:
    """The archived workbook of a report. Raises `FileRefused` where it is not what report_files tells."""
    file = workbook_file(archive.stem(report.group_id, report.content_hash, report.revision))
    mend = f"build it again with dsr report weekly --week {report.week_ending}"
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise FileRefused(f"{report.file_name}: {file} is missing; {mend}") from None
    if len(data) != report.size or hashlib.sha256(data).hexdigest() != report.sha256:
        raise FileRefused(f"{report.file_name}: {file} is not what was built; {mend}")
    return data


class Sending:
    """One run's way through the plans of its reports."""

    def __init__(
        self,
        client: SmartsheetClient,
        lake: Lake,
        archive: Archive,
        manifest: Manifest,
        sheets: Mapping[str, TargetSheet],
        *,
        run_id: str,
        now: datetime,
        on_wait: Callable[[str], None] | None = None,
        on_step: Callable[[str], None],
    ) -> None:
        self._client = client
        self._lake = lake
        self._archive = archive
        self._manifest = manifest
        self._sheets = sheets
        self._run_id = run_id
        self._now = now
        self._on_wait = on_wait
        self._step = on_step
        self._steps: list[Publication] = []
        self._switch: list[Publication] = []
        self._live: list[Report] = []
        self._to_remove: list[Publication] = []
        self._unrecorded = self._failed = 0
        self._denied: dict[str, str] = {}
        self._adopted: set[int] = set()
        self.sent = Sent()

    def run(
        self, plans: Sequence[ReportPlan], progress: Callable[[str, int, int], None] | None = None
    ) -> Sent:
        """Do everything that is planned. A report that fails stays as it is everywhere; the others go on."""
        self._manifest.record([leg.publication for plan in plans for leg in plan.legs if leg.new])
        self._step("planned")
        for done, plan in enumerate(plans):
            if (reason := self._why_not(plan)) is None:
                reason = self._publish(plan)
            if reason is not None:
                self.sent.problems.append(f"{plan.report.file_name} is not published: {reason}")
            if self._unrecorded >= BATCH:
                self._record()
            if self._failed >= FAILURES_IN_A_ROW:
                self.sent.not_tried = len(plans) - done - 1
                break
            if progress is not None:
                progress("reports published", done + 1, len(plans))
        self._record()
        if self._steps:
            self._record()
        if self.sent.not_tried:
            self.sent.problems.append(
                f"{self.sent.not_tried:,} more were not tried, because Smartsheet failed: publish again later"
            )
        return self.sent

    def _why_not(self, plan: ReportPlan) -> str | None:
        """A target that refused to be written is not asked again in this run."""
        names = [leg.publication.target for leg in plan.legs if leg.to_send]
        return next((self._denied[name] for name in names if name in self._denied), None)

    def _publish(self, plan: ReportPlan) -> str | None:
        """Bring a report onto all of its rows, and switch; gives why it failed."""
        legs: list[Publication] = []
        try:
            legs = [self._arrived(leg, plan.report) for leg in plan.legs]
            lost = [self._lost(one) for one in plan.old if one.attachment_id is None]
        except FileRefused as error:
            return str(error)
        except SmartsheetError as error:
            self._failed = FAILURES_IN_A_ROW if isinstance(error, TokenRefused) else self._failed + 1
            if not error.transient and not isinstance(error, TokenRefused):
                self._failed = 0
            if isinstance(error, AccessDenied):
                self._denied[plan.legs[len(legs)].publication.target] = str(error)
            return str(error)
        self._failed = 0
        news = [one for leg, one in zip(plan.legs, legs, strict=True) if not leg.done]
        self._switch += [self._at(one, "live") for one in news]
        self.sent.live += bool(news)
        self.sent.restored += sum(item.action == "restore" for item in plan.items)
        if not plan.report.marked:
            self._live.append(plan.report)
        for one in plan.old:
            if one.attachment_id is not None:
                self._replace(one)
        for before, found in zip([one for one in plan.old if one.attachment_id is None], lost, strict=True):
            if found is None:
                self._steps.append(self._at(before, "removed"))
            else:
                self._replace(found)
        return None

    def _arrived(self, leg: Leg, report: Report) -> Publication:
        """The report on the row of a leg, verified."""
        held = leg.publication
        if leg.hangs:
            if held.state in ("verified", "live"):
                return held
            self._verify(held)
        else:
            found = None if leg.new else self._lost(held)
            held = found or self._upload(held, report)
            self._steps.append(self._at(held, "uploaded"))
            self._unrecorded += 1
            self._step("sent")
        self._steps.append(self._at(held, "verified"))
        self.sent.verified += 1
        return held

    def _upload(self, planned: Publication, report: Report) -> Publication:
        data = workbook(self._archive, report)
        there = self._sheets[planned.target].attached.get(planned.target_row_id, ())
        try:
            made = self._client.attach_to_row(
                planned.target_sheet_id,
                planned.target_row_id,
                planned.file_name,
                data,
                XLSX,
                foreign=[one.id for one in there],
            )
        except SentOtherwise as wrong:
            self._replace(replace(planned, attachment_id=wrong.attachment_id))
            raise
        self.sent.uploaded += 1
        return replace(planned, attachment_id=made.id)

    def _verify(self, held: Publication) -> None:
        """Read back what an earlier run sent; what is not the report is taken away."""
        assert held.attachment_id is not None
        if not self._client.holds(held.target_sheet_id, held.attachment_id, held.report_sha256):
            self._replace(held)
            raise SentOtherwise(
                f"attachment {held.attachment_id} is not what was sent; it is removed, and the next run "
                "sends the file again"
            )

    def _lost(self, planned: Publication) -> Publication | None:
        """What an earlier run sent for a plan without living to record it: of that name, with those bytes,
        made by the user of the token, not ours yet, and not there before the plan."""
        there = self._sheets[planned.target].attached.get(planned.target_row_id, ())
        for one in sorted(there, key=lambda one: (one.created_at, one.id)):
            if one.name != planned.file_name or one.id in planned.foreign | self._adopted:
                continue
            if one.id in self._manifest.ids:
                continue
            if one.kilobytes is not None and abs(one.kilobytes - planned.size / 1024) > 1:
                continue
            if one.created_by not in (None, self._user):
                continue
            if self._client.holds(planned.target_sheet_id, one.id, planned.report_sha256):
                self.sent.adopted += 1
                self._adopted.add(one.id)
                return replace(planned, attachment_id=one.id)
        return None

    @cached_property
    def _user(self) -> str:
        """Address of the user of the token: asked only where a lost upload is looked for."""
        return self._client.me().email.casefold()

    def _replace(self, old: Publication) -> None:
        """Ours, and not wanted any more: recorded before it goes."""
        if old.state == "planned":  # adopted, or not what was sent: its record comes with this one
            self._steps.append(self._at(old, "uploaded"))
        if old.state != "replaced":
            self._switch.append(self._at(old, "replaced"))
        self._to_remove.append(old)

    def _record(self) -> None:
        """Record what was done, switch, and only then remove what is replaced.

        `report_files` hears of a report before the log calls it live: a build that comes in between numbers
        its revisions right.
        """
        steps, self._steps = self._steps, []
        self._manifest.record(steps)
        self._unrecorded = 0
        self._step("recorded")
        live, self._live = self._live, []
        told = [PublishedReport(one.group_id, one.revision, one.content_hash, one.amount) for one in live]
        if told:
            mark_published(
                self._lake,
                told,
                at=self._now,
                run_id=self._run_id,
                on_wait=self._on_wait,
                on_step=self._step,
            )
            self._step("marked")
        switch, self._switch = self._switch, []
        self._manifest.record(switch)
        self._step("live")
        old, self._to_remove = self._to_remove, []
        for place, one in enumerate(old):
            if self._failed >= FAILURES_IN_A_ROW:
                left = len(old) - place
                self.sent.problems.append(
                    f"{left:,} replaced ones stay until the next run: Smartsheet failed"
                )
                break
            self._remove(one)

    def _remove(self, old: Publication) -> None:
        assert old.attachment_id is not None
        try:
            if self._may_hang(old):
                self._client.delete_attachment(old.target_sheet_id, old.attachment_id)
        except SmartsheetError as error:
            self.sent.problems.append(
                f"{old.file_name}: revision {old.revision} is replaced but could not be removed: {error}; "
                "the next run tries again"
            )
            self._failed += error.transient
            return
        self.sent.removed += 1
        self._steps.append(self._at(old, "removed"))
        self._step("removed")

    def _may_hang(self, old: Publication) -> bool:
        """What was not there when the sheet was read was deleted by somebody; of another sheet, ask."""
        sheet = self._sheets[old.target]
        if sheet.sheet_id != old.target_sheet_id or old.state == "planned":
            return True
        return sheet.hangs(old.target_row_id, old.attachment_id)

    def _at(self, publication: Publication, state: State) -> Publication:
        return publication.stepped(state, self._run_id, self._now)
