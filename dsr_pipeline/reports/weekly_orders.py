"""The reports of a build, week by week: made, proven, and handed on to be written; or the week refused.

Lives here: what happens between a decision and a file. A week is taken as a whole: where one of its sums does
not agree, nothing of it is touched. Called by `weekly_work`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from dsr_pipeline.lake.contracts.smartsheet import RUNS
from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.reports.archive import Archive, pdf_file, workbook_file, write_file
from dsr_pipeline.reports.report_names import pdf_path
from dsr_pipeline.reports.report_rows import Row, files_of, row_of
from dsr_pipeline.reports.weekly_lines import WEEK
from dsr_pipeline.reports.weekly_plan import Decision, Group, Step
from dsr_pipeline.reports.weekly_reports import Base, Frame, make_report, make_withdrawal, unequal
from dsr_pipeline.reports.weekly_writing import Order
from dsr_pipeline.text import canonical_hash

if TYPE_CHECKING:
    from dsr_pipeline.billing.billing_rules import BillingRules
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.report_rows import Files
    from dsr_pipeline.reports.weekly_content import Report
    from dsr_pipeline.reports.weekly_read import Batch, BillingTables
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

LINES_AT_ONCE = 40_000
"""Lines that are read together: their reports take about 100 MB."""


@dataclass(frozen=True)
class Setting:
    """What a build is given."""

    lake: Lake
    tables: BillingTables
    billing: BillingRules
    look: WeeklyLook
    folder: Path
    now: datetime
    run_id: str
    workers: int
    progress: Callable[[str, int, int], None]
    on_step: Callable[[str], None]

    @cached_property
    def makes_pdf(self) -> bool:
        """Whether PDFs are wanted and can be made here."""
        return self.look.rules.pdf and find_spec("typst") is not None

    @cached_property
    def archive(self) -> Archive:
        """Where every revision is kept."""
        return Archive(self.folder)

    @cached_property
    def frame(self) -> Frame:
        """What all reports have in common."""
        labels = self.look.labels
        words = {
            "day": labels.line_day,
            "point": labels.point,
            "code": labels.code,
            "work_type": labels.work_type,
            "description": labels.description,
            "uom": labels.uom,
            "quantity": labels.units,
            "unit_price": labels.unit_price,
            "amount": labels.amount,
            "dept": labels.line_dept,
            "job": labels.line_job,
            "scope": labels.line_scope,
        }
        return Frame(self.billing.variants, ZoneInfo(self.billing.zone), words)


class WeeklyOrders:
    """Turns decisions into files to write, and into rows of the table.

    `rows` are those of the weeks in question by group and become what they must be; `paths` says where each
    workbook goes.
    """

    def __init__(self, setting: Setting, rows: dict[str, Row], paths: Mapping[str, str]) -> None:
        self._set = setting
        self._rows = rows
        self._paths = paths
        self.refused: dict[date, list[str]] = {}
        """The weeks that are left as they are, and why."""
        self.made: list[str] = []
        """Groups whose workbook was written or restored."""

    def orders(self, to_do: Iterable[Decision]) -> Generator[Order]:
        """The reports to write. On the way workbooks are restored, and rows of groups that are gone go."""
        for weeks in _batches(to_do):
            groups = [
                one.group for week in weeks.values() for one in week if one.step is Step.BUILD and one.group
            ]
            batch = self._set.tables.batch(groups)
            prior = self._set.tables.amounts([_a_week_before(group) for group in groups])
            for week, decisions in weeks.items():
                reports = list(self._reports(decisions, batch, prior))
                if week in self.refused:
                    continue
                self._without_writing(decisions)
                if any(one.step is Step.RESTORE for one in decisions):
                    self._set.on_step("restored")
                yield from (self._order(report) for report in reports)

    def take(self, decision: Decision, files: Files) -> None:
        """The files of a report are there: this is its row now."""
        before = self._rows.get(decision.group_id)
        self._rows[decision.group_id] = row_of(
            decision,
            before,
            self._paths[decision.group_id],
            files,
            data_as_of=self._data_as_of(decision),
            now=self._set.now,
            run_id=self._set.run_id,
        )
        self.made.append(decision.group_id)

    def _reports(
        self, decisions: Iterable[Decision], batch: Batch, prior: Mapping[str, Decimal]
    ) -> Iterator[Report]:
        for one in decisions:
            if one.step is Step.BUILD and one.group is not None:
                amount = prior.get(_a_week_before(one.group))
                report = make_report(one, batch, self._base(one), amount, self._set.frame)
                reason = unequal(report, one.group, batch.sums.get(one.group_id))
                if reason is not None:
                    self.refused.setdefault(one.group.week_ending, []).append(reason)
                yield report
            elif one.step is Step.WITHDRAW:
                yield make_withdrawal(one, self._base(one), self._data_as_of(one), self._set.frame)

    def _without_writing(self, decisions: Iterable[Decision]) -> None:
        for one in decisions:
            if one.step is Step.RESTORE:
                self._restore(one)
            elif one.step is Step.DROP:
                del self._rows[one.group_id]

    def _restore(self, decision: Decision) -> None:
        found = self._set.archive.read(decision.group_id, decision.content_hash, decision.revision)
        if found is None:
            raise LostRevision(decision)
        stem = self._set.archive.stem(decision.group_id, decision.content_hash, decision.revision)
        path = self._paths[decision.group_id]
        write_file(self._set.folder / path, workbook_file(stem).read_bytes())
        if found.pdf_sha256 is not None:
            write_file(self._set.folder / pdf_path(path), pdf_file(stem).read_bytes())
        self.take(decision, files_of(found))

    def _order(self, report: Report) -> Order:
        path = self._paths[report.group_id]
        return Order(
            report=report,
            workbook=self._set.folder / path,
            pdf=self._set.folder / pdf_path(path),
            archived=self._set.archive.stem(report.group_id, report.content_hash, report.revision),
        )

    def _base(self, decision: Decision) -> Base | None:
        """The revision that a report is compared with: the one published last."""
        standing = decision.standing
        if standing is None or decision.revision == 1:
            return None
        number, content = standing.published_revision, standing.published_hash
        if number is None or content is None or number >= decision.revision:
            # What is published now is built once more because it was lost: the one before is not known.
            return Base(decision.revision - 1, None)
        return Base(number, self._set.archive.read(decision.group_id, content, number))

    def _data_as_of(self, decision: Decision) -> datetime:
        if decision.group is not None:
            return decision.group.data_as_of_utc
        return self._data_instant

    @cached_property
    def _data_instant(self) -> datetime:
        """When the newest data were read; without any record of that, now."""
        log = self._set.lake.log(RUNS)
        for _, table in log.records(after=max(log.last() - 1, 0)):
            instants = cast("list[datetime]", table["started_at_utc"].to_pylist())
            if instants:
                return max(instants)
        return self._set.now


class LostRevision(LakeError):
    """A revision vanished from the archive between two looks."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(
            f"revision {decision.revision} of {decision.group_id} vanished from the archive while it was "
            "brought back: run the build again"
        )


def _batches(to_do: Iterable[Decision]) -> Iterator[dict[date, list[Decision]]]:
    """Whole weeks, oldest first, so many at once as their lines may be."""
    weeks: dict[date, list[Decision]] = {}
    for one in to_do:
        of_group = one.group or one.standing
        if of_group is not None:
            weeks.setdefault(of_group.week_ending, []).append(one)
    gathered: dict[date, list[Decision]] = {}
    lines = 0
    for week, decisions in sorted(weeks.items()):
        of_week = sum(one.group.rows for one in decisions if one.group and one.step is Step.BUILD)
        if gathered and lines + of_week > LINES_AT_ONCE:
            yield gathered
            gathered, lines = {}, 0
        gathered[week] = decisions
        lines += of_week
    if gathered:
        yield gathered


def _a_week_before(group: Group) -> str:
    """Id of the group of the same work request, variant and claimer a week before."""
    return canonical_hash(
        "work group", group.work_request, group.week_ending - WEEK, group.variant, group.claimer_id
    )
