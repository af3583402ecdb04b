"""One build of weekly workbooks, step by step: look, decide, journal, write, switch, settle.

Lives here: the order of the steps, which is what makes a killed build harmless. Called by `weekly_build`,
under the lock of the group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dsr_pipeline.lake.arrow import compute
from dsr_pipeline.lake.contracts.reports import PUBLISH, REPORT_FILES
from dsr_pipeline.reports.archive import pdf_file
from dsr_pipeline.reports.build_report import BuildReport, WeekBuilt
from dsr_pipeline.reports.journal import Journal, Revision, read_journal, settle
from dsr_pipeline.reports.manifest import WAITING, WEEKS, differing_weeks, is_held, known_weeks
from dsr_pipeline.reports.publications import Manifest
from dsr_pipeline.reports.report_names import pdf_path, workbook_path
from dsr_pipeline.reports.report_rows import (
    DiskShelf,
    Row,
    files_of,
    kept_revisions,
    named_files,
    read_rows,
    standing_of,
)
from dsr_pipeline.reports.weekly_orders import WeeklyOrders
from dsr_pipeline.reports.weekly_plan import Decision, Step, decide, decide_gone
from dsr_pipeline.reports.weekly_writing import write_orders

if TYPE_CHECKING:
    from pathlib import Path

    from dsr_pipeline.lake.writing import GroupWriter
    from dsr_pipeline.reports.weekly_orders import Setting
    from dsr_pipeline.reports.weekly_read import WeekRejected

_MADE = frozenset({Step.BUILD, Step.WITHDRAW, Step.RESTORE})


class WeeklyWork:
    """One build."""

    def __init__(self, setting: Setting, writer: GroupWriter) -> None:
        self._set = setting
        self._writer = writer
        self._before = read_rows(setting.lake, writer.before)
        self._rows: dict[str, Row] = {}
        """The rows of the weeks in question by group, as they become."""
        self._paths: dict[str, str] = {}
        self._orders = WeeklyOrders(setting, self._rows, self._paths)
        self._report = BuildReport()

    def run(self, weeks: Collection[date] | None, work_request: str | None) -> BuildReport:
        """Bring the weeks (None: all that differ) to what billing says."""
        current = self._set.tables.week_hashes()
        lost = self._recover()
        if weeks is None:
            weeks = differing_weeks(known_weeks(self._set.lake, self._writer.before.inputs), current)
            lost |= self._weeks_without_files()
        chosen = sorted({*weeks, *lost})
        decisions = self._decide(chosen, work_request)
        to_do = [one for one in decisions if one.step in {*_MADE, Step.DROP}]
        journal = self._journal(to_do)
        if to_do:
            journal.write(self._set.folder)
            self._set.on_step("journal")
            self._make(to_do)
        if work_request is None:
            self._remember(chosen, decisions, current)
        self._switch(chosen, to_do)
        if to_do:
            self._settle(journal)
        self._report.files = tuple(str(self._set.folder / self._paths[one]) for one in self._orders.made)
        self._report.weeks = self._figures(chosen, decisions, current, work_request)
        return self._report

    # --- looking ------------------------------------------------------------------------------------------

    def _recover(self) -> set[date]:
        """Take back what a killed build left; gives the weeks that lost a workbook by it."""
        journal = read_journal(self._set.folder)
        if journal is None:
            return set()
        rows: list[Row] = self._before.to_pylist()
        named = named_files(rows, self._set.archive)
        lost = set(settle(self._set.folder, journal, named, kept_revisions(rows)))
        self._set.on_step("recovered")
        return {row["week_ending"] for row in rows if not lost.isdisjoint((row["path"], row["pdf_path"]))}

    def _weeks_without_files(self) -> set[date]:
        """The weeks of which somebody removed a workbook."""
        there: dict[Path, set[str]] = {}
        found: set[date] = set()
        rows: list[Row] = self._before.select(["path", "week_ending"]).to_pylist()
        for row in rows:
            file = self._set.folder / row["path"]
            folder = file.parent
            if folder not in there:
                there[folder] = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
            if file.name not in there[folder]:
                found.add(row["week_ending"])
        return found

    def _decide(self, chosen: Sequence[date], work_request: str | None) -> list[Decision]:
        rows: list[Row] = self._before.filter(self._is_of(chosen)).to_pylist()
        self._rows.update((row["group_id"], row) for row in rows)
        standing = {row["group_id"]: standing_of(row) for row in rows}
        shelf = DiskShelf(self._set.folder, self._set.archive, self._set.makes_pdf)
        groups = self._set.tables.groups(chosen, work_request)
        decisions: list[Decision] = []
        for done, group in enumerate(groups):
            self._set.progress("looking at workbooks", done, len(groups))
            decisions.append(decide(group, standing.get(group.group_id), shelf))
        present = {group.group_id for group in groups}
        for one in standing.values():
            if one.group_id not in present and work_request in {None, one.work_request}:
                held = is_held(one.work_request, self._set.tables.held)
                attached = one.published_revision is None and bool(self._manifest.of_group(one.group_id))
                layout = self._set.billing.layout
                decisions.append(decide_gone(one, shelf, layout=layout, held=held, attached=attached))
        return decisions

    @cached_property
    def _manifest(self) -> Manifest:
        """What was ever sent to a target, be it everywhere or not."""
        return Manifest(self._set.lake, self._set.lake.group(PUBLISH).state())

    # --- writing ------------------------------------------------------------------------------------------

    def _journal(self, to_do: Iterable[Decision]) -> Journal:
        """Everything that this build writes or gives up."""
        paths: dict[str, None] = {}
        revisions: dict[Revision, None] = {}
        taken = {row["path"].lower(): group_id for group_id, row in self._rows.items()}
        for one in to_do:
            old = one.standing
            if old is not None:
                paths |= dict.fromkeys((old.path, *((old.pdf_path,) if old.pdf_path else ())))
                revisions[Revision(one.group_id, old.content_hash, old.revision)] = None
            if one.step is not Step.DROP:
                path = self._path(one, taken)
                taken[path.lower()] = one.group_id
                self._paths[one.group_id] = path
                # A PDF that we do not write is somebody's, for so Excel names it.
                paths |= dict.fromkeys((path, pdf_path(path)) if self._has_pdf(one) else (path,))
                revisions[Revision(one.group_id, one.content_hash, one.revision)] = None
        return Journal(tuple(paths), tuple(revisions))

    def _has_pdf(self, decision: Decision) -> bool:
        if decision.step is not Step.RESTORE:
            return self._set.makes_pdf
        stem = self._set.archive.stem(decision.group_id, decision.content_hash, decision.revision)
        return pdf_file(stem).exists()

    def _path(self, decision: Decision, taken: Mapping[str, str]) -> str:
        of_group = decision.group or decision.standing
        if of_group is None:
            raise ValueError(f"{decision.group_id}: there is neither a group nor a workbook of it")
        variant = self._set.billing.variants.named(of_group.variant)
        return workbook_path(
            work_request=of_group.work_request,
            week_ending=of_group.week_ending,
            suffix=variant.suffix if variant else of_group.variant,
            claimer=of_group.claimer,
            group_id=of_group.group_id,
            taken=taken,
        )

    def _make(self, to_do: Sequence[Decision]) -> None:
        by_group = {one.group_id: one for one in to_do}
        expected = sum(one.step in {Step.BUILD, Step.WITHDRAW} for one in to_do)
        problems: dict[str, None] = {}
        orders = self._orders.orders(to_do)
        written = write_orders(orders, self._set.look, workers=self._set.workers, expected=expected)
        for done, files in enumerate(written, start=1):
            self._orders.take(by_group[files.group_id], files_of(files))
            if files.pdf_problem is not None:
                problems[files.pdf_problem] = None
            self._set.progress("workbooks written", done, expected)
        self._set.on_step("written")
        self._report.problems += problems

    # --- switching ----------------------------------------------------------------------------------------

    def _remember(
        self, chosen: Iterable[date], decisions: Iterable[Decision], current: Mapping[date, str]
    ) -> None:
        """Note what the weeks were built from; of a week that was refused, nothing."""
        weeks = dict(self._writer.inputs.get(WEEKS, {}))
        waiting = dict(self._writer.inputs.get(WAITING, {}))
        held: dict[date, set[str]] = {}
        for one in decisions:
            if one.step is Step.LEAVE and one.group is None and one.standing is not None:
                held.setdefault(one.standing.week_ending, set()).add(one.standing.work_request)
        for week in chosen:
            if week in self._orders.refused:
                continue
            for noted, value in ((weeks, current.get(week)), (waiting, sorted(held.get(week, ())))):
                if value:
                    noted[week.isoformat()] = value
                else:
                    noted.pop(week.isoformat(), None)
        self._writer.inputs[WEEKS] = weeks
        self._writer.inputs[WAITING] = waiting

    def _switch(self, chosen: Sequence[date], to_do: Iterable[Decision]) -> None:
        """Let the new rows count, where anything changed."""
        touched = any(self._week_of(one) not in self._orders.refused for one in to_do)
        state = self._writer.before
        known = state.tables.get(REPORT_FILES.table)
        if not touched and known is not None and self._writer.inputs == state.inputs:
            return
        if touched or known is None or known.contract_hash != REPORT_FILES.hash:
            others = self._before.filter(compute.invert(self._is_of(chosen)))
            rows = pa.Table.from_pylist(list(self._rows.values()), schema=REPORT_FILES.schema)
            self._writer.put(REPORT_FILES, pa.concat_tables([others, rows]))
        else:
            self._writer.keep(REPORT_FILES)
        switch = self._writer.switch()
        if not switch.switched:
            self._recover()
        switch.raise_if_refused()

    def _settle(self, journal: Journal) -> None:
        """Remove what no row names any more, and forget the journal."""
        rows = self._rows.values()
        settle(self._set.folder, journal, named_files(rows, self._set.archive), kept_revisions(rows))
        self._set.on_step("settled")

    def _is_of(self, weeks: Sequence[date]) -> Any:
        return compute.is_in(self._before["week_ending"], pa.array(weeks, pa.date32()))

    def _week_of(self, decision: Decision) -> date:
        of_group = decision.group or decision.standing
        if of_group is None:
            raise ValueError(f"{decision.group_id}: there is neither a group nor a workbook of it")
        return of_group.week_ending

    # --- telling ------------------------------------------------------------------------------------------

    def _figures(
        self,
        chosen: Sequence[date],
        decisions: Iterable[Decision],
        current: Mapping[date, str],
        work_request: str | None,
    ) -> tuple[WeekBuilt, ...]:
        rejected = self._set.tables.rejected(chosen, work_request)
        by_week: dict[date, list[Decision]] = {week: [] for week in chosen}
        for one in decisions:
            by_week[self._week_of(one)].append(one)
        return tuple(
            self._of_week(week, of_week, rejected.get(week), current.get(week, ""))
            for week, of_week in by_week.items()
        )

    def _of_week(
        self, week: date, decisions: Sequence[Decision], rejected: WeekRejected | None, known: str
    ) -> WeekBuilt:
        refused = tuple(self._orders.refused.get(week, ()))
        made = [one for one in decisions if one.step in _MADE and not refused]
        rows = [row for row in self._rows.values() if row["week_ending"] == week]
        steps = Counter(one.step for one in decisions)
        return WeekBuilt(
            week_ending=week,
            built=len(made),
            skipped=steps[Step.SKIP],
            revised=sum(one.revision > 1 and one.group is not None for one in made),
            withdrawn=sum(one.group is None for one in made),
            held=steps[Step.LEAVE],
            amount=sum((row["amount"] for row in rows if row["money"]), Decimal(0)),
            rejected=rejected.rows if rejected else 0,
            rejected_amount=rejected.amount if rejected else Decimal(0),
            refused=refused,
            hash=known,
            restored=sum(one.step is Step.RESTORE for one in made),
            dropped=0 if refused else steps[Step.DROP],
        )
