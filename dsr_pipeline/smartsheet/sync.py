"""One sync: find the sheets, read what moved, record it for ever, fold it into the current tables.

Lives here: the order of the steps. What is to be read is `plan`, what is recorded of it `recorder`, the
current tables are `fold`. Called by `dsr sync` and by the Dagster asset; both are this function.
"""

from __future__ import annotations

import gc
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb

from dsr_pipeline.lake.contracts.smartsheet import DERIVED, GROUP, ROW_VERSIONS, RUNS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.writing import GroupWriter
from dsr_pipeline.smartsheet.catalogue import Catalogue, Sheet
from dsr_pipeline.smartsheet.catching_up import PREFIX, fold_killed
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.column_map import ColumnRules
from dsr_pipeline.smartsheet.discovery import Discovery, Tree, discover
from dsr_pipeline.smartsheet.errors import SmartsheetError, TokenRefused
from dsr_pipeline.smartsheet.fold import RUN, before, behind, fold
from dsr_pipeline.smartsheet.plan import Task, plan
from dsr_pipeline.smartsheet.reading import Known, SheetMoves, read_sheet
from dsr_pipeline.smartsheet.recorder import Recorder
from dsr_pipeline.smartsheet.report import SyncReport, last_run, run_record
from dsr_pipeline.smartsheet.sources import Reading, Sources
from dsr_pipeline.smartsheet.versions import Comparison, Prepared, Stamp, prepare

TREE = "tree"
"""Key of the inputs of the group: the places as they were listed last."""

FAILURES_IN_A_ROW = 3
"""Sheets that fail one after the other before the rest is left for the next sync: Smartsheet is down."""

MEMORY = "200MB"

Progress = Callable[[str, int, int], None]


def sync(  # noqa: PLR0913 - each is a place or a hook that some caller sets
    client: SmartsheetClient,
    lake: Lake,
    sources: Sources,
    columns: ColumnRules,
    *,
    now: datetime,
    run_id: str,
    full: bool = False,
    quarantine: Path | None = None,
    wait: bool = True,
    on_wait: Callable[[str], None] | None = None,
    progress: Progress | None = None,
    on_step: Callable[[str], None] | None = None,
) -> SyncReport:
    """Bring the Smartsheet tables up to what the account holds; `now` is naive UTC.

    `full` reads every row of every sheet. Raises `SmartsheetError` where not even the list of sheets can be
    had (nothing is changed then), `GroupLocked` with `wait` off; a sheet that fails by itself is unknown.
    """
    opened = partial(
        lake.group(GROUP).writing,
        DERIVED,
        run_id=run_id,
        quarantine=quarantine,
        wait=wait,
        on_wait=on_wait,
    )
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, _no_cycles():
        interrupted = fold_killed(lake, opened, columns, Path(folder), now, run_id)
        with opened() as writer:
            run = _Run(client, lake, sources, columns, writer, Path(folder), on_step or _nothing)
            return run.run(now, run_id, full=full, interrupted=interrupted, progress=progress)


@contextmanager
def _no_cycles() -> Generator[None]:
    """No search for cycles of garbage meanwhile: millions of decoded cells hold none, and it reads them all.

    Measured: decoding takes half the time. What is not needed any more is freed by its reference count.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Run:
    """The state of one sync, under the lock of the group."""

    def __init__(
        self,
        client: SmartsheetClient,
        lake: Lake,
        sources: Sources,
        columns: ColumnRules,
        writer: GroupWriter,
        folder: Path,
        on_step: Callable[[str], None],
    ) -> None:
        self._client = client
        self._lake = lake
        self._sources = sources
        self._columns = columns
        self._writer = writer
        self._folder = folder
        self._step = on_step

    def run(
        self,
        now: datetime,
        run_id: str,
        *,
        full: bool,
        interrupted: tuple[int, ...],
        progress: Progress | None,
    ) -> SyncReport:
        """The steps in order."""
        calls, cost = self._client.calls.calls, self._client.calls.cost
        catalogue = before(self._lake, self._writer)
        seq = max(last_run(self._lake), self._writer.inputs.get(RUN, 0)) + 1
        stamp = Stamp(seq, run_id, now)
        report = SyncReport(seq, interrupted=interrupted)
        tree = self._writer.inputs.get(TREE)
        known = {one.sheet_id: one.source for one in catalogue.sheets.values() if one.status != "ignored"}
        found = discover(self._client, self._sources, Tree.from_json(tree) if tree else None, known, now)
        report.problems += found.problems
        work = plan(found, catalogue, self._sources, now, turn=seq, full=full)
        report.unchanged = work.unchanged
        with closing(self._connect()) as con:
            ids = [*(task.found.sheet_id for task in work.tasks), *work.ignored]
            comparison = Comparison(con, self._lake, ids)
            recorder = Recorder(self._lake, comparison, stamp, self._columns, self._step, self._folder)
            recorder.unknown(work.unknown, catalogue)
            for task, outcome in self._results(work.tasks, catalogue, comparison, progress):
                recorder.add(task, outcome)
            recorder.leave(work.ignored, catalogue)
            recorder.flush()
        report.read, report.unchanged = recorder.read, report.unchanged + recorder.unchanged
        report.rows_seen, report.rows_removed = recorder.rows_seen, recorder.rows_removed
        report.calls, report.cost = self._client.calls.calls - calls, self._client.calls.cost - cost
        self._finish(report, catalogue, found, stamp, recorder.shown)
        return report

    def _results(
        self,
        tasks: Sequence[Task],
        catalogue: Catalogue,
        comparison: Comparison,
        progress: Progress | None,
    ) -> Iterator[tuple[Task, Prepared | SmartsheetError]]:
        """Every sheet's read in the order of the tasks, a few of them under way at the same time."""
        reading = self._sources.reading
        failed = 0
        down: SmartsheetError | None = None
        waiting: deque[tuple[Task, Future[Prepared]]] = deque()
        left = iter(tasks)
        pool = ThreadPoolExecutor(reading.workers, thread_name_prefix="smartsheet")
        try:
            for done in range(len(tasks)):
                while down is None and len(waiting) < 2 * reading.workers:
                    task = next(left, None)
                    if task is None:
                        break
                    known = _known(task.sheet, catalogue, comparison)
                    waiting.append(
                        (task, pool.submit(_read, self._client, task, known, reading, self._columns))
                    )
                if not waiting:
                    assert down is not None
                    yield next(left), _not_tried(down)
                    continue
                task, future = waiting.popleft()
                outcome = _outcome(future)
                yield task, outcome
                failed = failed + 1 if _may_be_down(outcome) else 0
                if isinstance(outcome, TokenRefused) or failed >= FAILURES_IN_A_ROW:
                    down = outcome if isinstance(outcome, SmartsheetError) else None
                if progress is not None:
                    progress("sheets read", done + 1, len(tasks))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _finish(
        self,
        report: SyncReport,
        catalogue: Catalogue,
        found: Discovery,
        stamp: Stamp,
        shown: Sequence[Path],
    ) -> None:
        """Fold, switch, and record the sync itself."""
        writer, lake = self._writer, self._lake
        tree = found.tree.as_json()
        moved = behind(lake, writer, self._columns)
        if moved or writer.inputs.get(TREE) != tree:
            writer.inputs |= {TREE: tree, RUN: stamp.seq}
            if moved:
                folded = fold(lake, writer, self._columns, self._folder, shown)
                catalogue = folded.catalogue
                report.failures = folded.failures
            else:
                for contract in DERIVED:
                    writer.keep(contract)
                writer.switch()
        self._step("folded")
        report.sheets = catalogue.sheets
        lake.log(RUNS).append(run_record(report, stamp, len(lake.log(ROW_VERSIONS).urls())))
        self._step("recorded")

    def _connect(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(":memory:")
        con.execute("set memory_limit = $memory", {"memory": MEMORY})
        con.execute("set temp_directory = $folder", {"folder": str(self._folder)})
        self._lake.storage.register(con)
        return con


def _read(
    client: SmartsheetClient, task: Task, known: Known | None, reading: Reading, columns: ColumnRules
) -> Prepared:
    return prepare(read_sheet(client, task.found.sheet_id, known, reading, full=task.full), columns)


def _outcome(future: Future[Prepared]) -> Prepared | SmartsheetError:
    try:
        return future.result()
    except SmartsheetError as error:
        return error


def _may_be_down(outcome: Prepared | SmartsheetError) -> bool:
    """Whether it may be Smartsheet that fails, and not this sheet alone."""
    return isinstance(outcome, SmartsheetError) and outcome.transient and not isinstance(outcome, SheetMoves)


def _not_tried(down: SmartsheetError) -> SmartsheetError:
    return SmartsheetError(f"not tried, because reading stopped before: {down}")


def _known(sheet: Sheet | None, catalogue: Catalogue, comparison: Comparison) -> Known | None:
    if sheet is None or sheet.version is None:
        return None
    return Known(
        sheet.version,
        sheet.cursor_utc,
        comparison.live_rows(sheet.sheet_id),
        frozenset((one.id, one.type) for one in catalogue.columns.get(sheet.sheet_id, ())),
    )


def _nothing(step: str) -> None:
    del step
