"""Weekly reports into files: the workbook, its PDF, and both in the archive; here or in a pool of processes.

Lives here: writing. It is light on purpose, for every process of the pool loads it: no DuckDB, no pandas.
What is written where decides `weekly_work`.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from dsr_pipeline.reports.archive import lines_file, lines_text, pdf_file, workbook_file, write_file

if TYPE_CHECKING:
    from dsr_pipeline.reports.book import Book
    from dsr_pipeline.reports.weekly_content import Report
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

HANDFUL = 12
"""So many workbooks are written here: processes of their own take longer to start."""
CHUNK = 8
"""Workbooks that a process takes at once."""
WAITING = 3
"""Chunks per process that are made ahead; more would only lie in memory."""


@dataclass(frozen=True, slots=True)
class Order:
    """A report and where its files go."""

    report: Report
    workbook: Path
    pdf: Path
    archived: Path
    """Place in the archive, without an ending."""


@dataclass(frozen=True, slots=True)
class Written:
    """The files of one report."""

    group_id: str
    sha256: str
    size: int
    pdf_sha256: str | None
    pdf_problem: str | None
    """Why there is no PDF although one is wanted."""


def write_orders(
    orders: Iterable[Order], look: WeeklyLook, *, workers: int, expected: int
) -> Generator[Written]:
    """Write the files of all reports, in the order given; `expected` says how many there will be.

    The bytes do not depend on how many processes write them.
    """
    if workers < 2 or expected <= HANDFUL:
        for order in orders:
            yield write_order(order, look)
        return
    # Spawned, not forked: a fork would copy the threads of DuckDB and Arrow in the middle of their work.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(look,))
    waiting: deque[Future[list[Written]]] = deque()
    try:
        for chunk in _chunks(orders):
            waiting.append(pool.submit(_write_chunk, chunk))
            if len(waiting) >= WAITING * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def write_order(order: Order, look: WeeklyLook) -> Written:
    """Write the files of one report: first what the archive keeps of it, then the files that people open."""
    from dsr_pipeline.reports.weekly_layout import weekly_book
    from dsr_pipeline.reports.xlsx import write_xlsx

    book = weekly_book(order.report, look)
    data = write_xlsx(book)
    pdf, problem = _pdf(book) if look.rules.pdf else (None, None)
    sha256, pdf_sha256 = _sha256(data), None if pdf is None else _sha256(pdf)
    write_file(workbook_file(order.archived), data)
    if pdf is not None:
        write_file(pdf_file(order.archived), pdf)
    lines = lines_text(order.report, sha256=sha256, size=len(data), pdf_sha256=pdf_sha256)
    write_file(lines_file(order.archived), lines)
    write_file(order.workbook, data)
    if pdf is not None:
        write_file(order.pdf, pdf)
    return Written(order.report.group_id, sha256, len(data), pdf_sha256, problem)


def _pdf(book: Book) -> tuple[bytes | None, str | None]:
    from dsr_pipeline.reports.pdf import PdfFailed, PdfUnavailable, write_pdf

    try:
        return write_pdf(book), None
    except (PdfUnavailable, PdfFailed) as error:
        return None, str(error)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _chunks(orders: Iterable[Order]) -> Iterator[list[Order]]:
    left = iter(orders)
    while chunk := list(islice(left, CHUNK)):
        yield chunk


class _Worker:
    """What a process of the pool was told when it began."""

    look: WeeklyLook


def _begin(look: WeeklyLook) -> None:
    # Ctrl-C reaches every process of the terminal; the one that waits for the results ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()
    _Worker.look = look


def _leave_with_parent() -> None:
    """End as soon as the build is killed: its lock is free then, and nobody may write beside the next one."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _write_chunk(orders: list[Order]) -> list[Written]:
    return [write_order(order, _Worker.look) for order in orders]
