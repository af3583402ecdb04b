"""What publishing would do: pure functions from tables, manifest and target sheets to steps.

Lives here: per report and row what is to be sent, finished or removed. Nothing is contacted and nothing
written; which reports are due is told by `due_reports`, and `publishing` does what stands here, or prints it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from dsr_pipeline.reports.publications import Publication

if TYPE_CHECKING:
    from dsr_pipeline.reports.due_reports import Due, Report
    from dsr_pipeline.reports.publications import Manifest
    from dsr_pipeline.reports.targets import TargetSheet, TargetsRead

Action = Literal["publish", "revise", "withdraw", "restore", "finish", "remove", "forget", "record"]


@dataclass(frozen=True, slots=True)
class Leg:
    """A report on one row: what the manifest knows of it, or will."""

    publication: Publication
    new: bool
    """Its plan is not recorded yet."""
    hangs: bool
    """It is there."""
    renumbered: bool = False
    """The same bytes belong to another content or revision now, and the manifest shall say so."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to be done for it."""
        return self.hangs and self.publication.state == "live" and not self.renumbered

    @property
    def to_send(self) -> bool:
        """Whether the file has to be sent, unless a lost one is found."""
        return not self.hangs


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One step for people: what, where, why. Of what is removed, its own revision and amount are told."""

    action: Action
    why: str
    report: Report
    revision: int
    amount: Decimal
    target: str
    sheet_name: str | None
    row_id: int | None
    attachment_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReportPlan:
    """Everything to be done for one report: all of its rows, then what it replaces."""

    report: Report
    legs: tuple[Leg, ...]
    old: tuple[Publication, ...]
    """Ours, and to be removed once the report is live everywhere."""
    items: tuple[PlanItem, ...]

    @property
    def to_send(self) -> bool:
        """Whether anything has to be sent."""
        return any(leg.to_send for leg in self.legs)


@dataclass(slots=True)
class PublicationPlan:
    """The plan of a run."""

    reports: list[ReportPlan] = field(default_factory=list[ReportPlan])
    unchanged: int = 0
    blocked: int = 0
    left: int = 0
    """Attachments of ours in targets that no rule names for them any more: they stay."""
    items: list[PlanItem] = field(default_factory=list[PlanItem])
    problems: list[str] = field(default_factory=list[str])


def plan(
    due: Iterable[Due], manifest: Manifest, targets: TargetsRead, *, run_id: str, now: datetime
) -> PublicationPlan:
    """What is to be done for each report; a report that lacks one of its rows is not published anywhere."""
    made = PublicationPlan()
    ours = manifest.ids
    lacking: Counter[str] = Counter()
    for one in due:
        if reasons := _reasons(one, targets):
            made.blocked += 1
            lacking.update(reasons)
            continue
        sheets = [targets.sheets[name] for name in one.targets]
        planned = _report_plan(one.report, sheets, manifest, ours, run_id, now)
        made.left += sum(held.target not in one.targets for held in manifest.of_group(one.report.group_id))
        if planned.items:
            made.reports.append(planned)
            made.items += planned.items
        else:
            made.unchanged += 1
    made.problems = [
        f"{reason} ({'a report waits' if count == 1 else f'{count:,} reports wait'})"
        for reason, count in sorted(lacking.items())
    ]
    return made


def plan_unseen(due: Iterable[Due], manifest: Manifest) -> PublicationPlan:
    """The plan as far as it can be told without having seen the target sheets: no rows, nothing restored."""
    made = PublicationPlan()
    for report, names in ((one.report, one.targets) for one in due):
        held = manifest.of_group(report.group_id)
        items: list[PlanItem] = []
        for name in names:
            there = [one for one in held if one.target == name]
            if any(one.report_sha256 == report.sha256 and one.state == "live" for one in there):
                continue
            action, why = _action(report, there)
            items.append(_item(action, why, report, name, None, None))
        made.items += items
        made.unchanged += not items
    return made


def _reasons(due: Due, targets: TargetsRead) -> list[str]:
    """Why a report cannot be published; none where every target has its row."""
    reasons: list[str] = []
    for name in due.targets:
        if name not in targets.sheets:
            reasons.append(targets.refused[name])
        elif targets.sheets[name].row_of(due.report.work_request) is None:
            reasons.append(targets.sheets[name].why_not(due.report.work_request))
    return reasons


def _report_plan(
    report: Report,
    sheets: list[TargetSheet],
    manifest: Manifest,
    ours: frozenset[int],
    run_id: str,
    now: datetime,
) -> ReportPlan:
    legs: list[Leg] = []
    items: list[PlanItem] = []
    old: list[Publication] = []
    held = manifest.of_group(report.group_id)
    for sheet in sheets:
        there = [one for one in held if one.target == sheet.name]
        leg = _leg(report, sheet, manifest, ours, run_id, now)
        replaced = [one for one in there if one.key != leg.publication.key]
        legs.append(leg)
        old += replaced
        row_id = leg.publication.target_row_id
        if not leg.done:
            action, why = _action(report, there, leg)
            items.append(_item(action, why, report, sheet.name, sheet.sheet_name, row_id))
        items += [_removal(report, sheet, one) for one in replaced]
    if not items and not report.marked:
        items = [
            _item("record", "it is there already", report, sheet.name, sheet.sheet_name, None)
            for sheet in sheets
        ]
    return ReportPlan(report, tuple(legs), tuple(old), tuple(items))


def _removal(report: Report, sheet: TargetSheet, old: Publication) -> PlanItem:
    """What becomes of something of ours that the report replaces; it may hang in another sheet by now."""
    name = sheet.sheet_name if old.target_sheet_id == sheet.sheet_id else None
    place = (report, old.revision, old.amount, sheet.name, name, old.target_row_id, old.attachment_id)
    if old.attachment_id is None:
        return PlanItem("forget", "it was planned and never sent", *place)
    return PlanItem("remove", f"revision {report.revision} replaces it", *place)


def _item(
    action: Action, why: str, report: Report, target: str, sheet_name: str | None, row_id: int | None
) -> PlanItem:
    return PlanItem(action, why, report, report.revision, report.amount, target, sheet_name, row_id)


def _leg(
    report: Report,
    sheet: TargetSheet,
    manifest: Manifest,
    ours: frozenset[int],
    run_id: str,
    now: datetime,
) -> Leg:
    row_id = sheet.row_of(report.work_request)
    assert row_id is not None
    known = manifest.find((report.group_id, sheet.name, row_id, report.sha256))
    if known is not None and known.attachment_id is None:
        return Leg(known, new=False, hangs=False)
    if known is not None and sheet.hangs(row_id, known.attachment_id):
        told = replace(
            known, content_hash=report.content_hash, revision=report.revision, amount=report.amount
        )
        return Leg(told, new=False, hangs=True, renumbered=told != known)
    foreign = sorted(
        one.id
        for one in sheet.attached.get(row_id, ())
        if one.name == report.file_name and one.id not in ours
    )
    planned = Publication(
        group_id=report.group_id,
        work_request=report.work_request,
        week_ending=report.week_ending,
        variant=report.variant,
        claimer=report.claimer,
        claimer_id=report.claimer_id,
        target=sheet.name,
        target_sheet_id=sheet.sheet_id,
        target_row_id=row_id,
        report_sha256=report.sha256,
        content_hash=report.content_hash,
        revision=report.revision,
        amount=report.amount,
        file_name=report.file_name,
        size=report.size,
        attachment_id=None,
        foreign_ids=" ".join(str(one) for one in foreign) or None,
        verified_sha256=None,
        state="planned",
        run_id=run_id,
        at_utc=now,
    )
    return Leg(planned, new=True, hangs=False)


def _action(report: Report, there: list[Publication], leg: Leg | None = None) -> tuple[Action, str]:
    """What is done for a row and why; `there` is everything of ours of the group in that target."""
    same = [one for one in there if one.report_sha256 == report.sha256]
    if leg is not None and not leg.new:
        return "finish", "an earlier run began it"
    if leg is not None and (gone := [one for one in same if one.state == "live"]):
        here = gone[0].target_row_id == leg.publication.target_row_id
        why = f"attachment {gone[0].attachment_id} was deleted" if here else "its row is another one now"
        return "restore", why
    if leg is None and same:
        return "finish", "an earlier run began it"
    if report.withdrawn:
        return "withdraw", f"revision {report.revision} says that nothing is billed any more"
    live = [one.revision for one in there if one.state == "live"]
    if live:
        return "revise", f"revision {report.revision} replaces revision {max(live)}"
    return "publish", "it was never published here"
