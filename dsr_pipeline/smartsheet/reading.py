"""One sheet, read whole or not at all: pages of one version, only what changed, and who is gone.

Lives here: how many calls a sheet takes and when a read begins again. Calls and their repeats are `client`;
what is kept of the rows is `versions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from dsr_pipeline.smartsheet.column_map import SheetColumn
from dsr_pipeline.smartsheet.errors import BadAnswer, SmartsheetError
from dsr_pipeline.smartsheet.sources import Reading
from dsr_pipeline.smartsheet.wire import Page, Row

WHO = ("writerInfo",)
SEVERAL = ("writerInfo", "objectValue")
"""Asked for at first sight, and then only where a column holds several values: it makes answers larger."""

SEVERAL_TYPES = frozenset({"MULTI_CONTACT_LIST", "MULTI_PICKLIST"})


class Sheets(Protocol):
    """What of the client is needed here."""

    def sheet_page(
        self,
        sheet_id: int,
        *,
        page: int = 1,
        page_size: int = 5000,
        if_version_after: int | None = None,
        rows_modified_since: datetime | None = None,
        column_ids: Sequence[int] = (),
        include: Sequence[str] = WHO,
    ) -> Page: ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a sheet before it is read.

    `rows` are its live rows and when each was changed last, `columns` the ids and types of its columns.
    """

    version: int
    cursor: datetime | None
    rows: Mapping[int, datetime]
    columns: frozenset[tuple[int, str]]

    @property
    def several(self) -> bool:
        """Whether a column holds several values."""
        return any(kind in SEVERAL_TYPES for _, kind in self.columns)


@dataclass(frozen=True, slots=True)
class SheetRead:
    """A whole, consistent read. `rows` are those received; `gone` ids of known rows that are not there."""

    sheet_id: int
    mode: Literal["full", "changes", "unchanged"]
    version: int
    total: int = 0
    name: str = ""
    permalink: str | None = None
    access_level: str | None = None
    columns: tuple[SheetColumn, ...] = ()
    pages: tuple[Page, ...] = ()
    gone: frozenset[int] = frozenset()
    live: int = 0

    @property
    def received(self) -> int:
        """Rows in the answers."""
        return sum(len(page.sheet.rows) for page in self.pages)


class SheetMoves(SmartsheetError):
    """The sheet changed under every read; it is unknown until the next sync."""

    transient = True


class _Torn(Exception):
    """Pages of two states met, or rows are missing: what was read is thrown away."""


def read_sheet(
    client: Sheets, sheet_id: int, known: Known | None, reading: Reading, *, full: bool
) -> SheetRead:
    """Read what changed since `known`, or everything.

    Raises `SheetMoves` where no two pages would agree, and what the client raises.
    """
    told = ""
    for _ in range(reading.torn_reads):
        try:
            return _Read(client, sheet_id, known, reading).run(full)
        except _Torn as torn:
            told = str(torn)
    raise SheetMoves(
        f"sheet {sheet_id} changed under each of {reading.torn_reads} reads ({told}): it is read again at "
        "the next sync"
    )


class _Read:
    """One attempt."""

    def __init__(self, client: Sheets, sheet_id: int, known: Known | None, reading: Reading) -> None:
        self._client = client
        self._id = sheet_id
        self._known = known
        self._reading = reading
        self._include = SEVERAL if known is None or known.several else WHO

    def run(self, full: bool) -> SheetRead:
        known = self._known
        if known is None or full:
            return self._whole(if_newer_than=None)
        if not self._reading.changed_rows_only or known.cursor is None:
            return self._whole(if_newer_than=known.version)
        return self._changes(known, known.cursor)

    def _whole(self, if_newer_than: int | None) -> SheetRead:
        pages = self._pages(if_newer_than, None)
        if pages is None:
            return self._unchanged()
        ids = [row.id for page in pages for row in page.sheet.rows]
        total = pages[0].sheet.total_row_count or 0
        if len(ids) != total or len(set(ids)) != total:
            raise _Torn(f"{len(set(ids))} of {total} rows came")
        gone = frozenset(self._known.rows.keys() - set(ids)) if self._known else frozenset[int]()
        return self._result("full", pages, gone, total)

    def _changes(self, known: Known, cursor: datetime) -> SheetRead:
        since = cursor.replace(tzinfo=UTC) - timedelta(seconds=self._reading.overlap_seconds)
        pages = self._pages(known.version, since)
        if pages is None:
            return self._unchanged()
        if frozenset((one.id, one.type) for one in _columns(pages[0])) != known.columns:
            return self._whole(if_newer_than=None)  # cells come, go and turn with a column, and no row tells
        sheet = pages[0].sheet
        total = sheet.total_row_count or 0
        rows = [row for page in pages for row in page.sheet.rows]
        received = {row.id: instant(row.modified_at) for row in rows}
        if len(received) != len(rows):
            raise _Torn("a row came twice")
        live = {**known.rows, **received}
        newer = [at for at in received.values() if at is not None and at > cursor]
        changed = instant(sheet.modified_at) or cursor
        explained = sheet.version - known.version <= len(newer) and changed <= max(newer, default=cursor)
        if len(live) == total and explained:
            return self._result("changes", pages, frozenset(), total)
        there = self._there(pages[0])
        if received.keys() - there.keys():
            raise _Torn("a row came that the sheet does not list")
        if any(live.get(row_id) != at for row_id, at in there.items()):
            return self._whole(if_newer_than=None)  # blank rows never show among the changed ones
        return self._result("changes", pages, frozenset(live.keys() - there.keys()), total)

    def _unchanged(self) -> SheetRead:
        assert self._known is not None
        return SheetRead(self._id, "unchanged", self._known.version)

    def _pages(self, if_newer_than: int | None, since: datetime | None) -> tuple[Page, ...] | None:
        """All pages of one version; None where the sheet has not moved since `if_newer_than`."""
        first = self._page(1, if_newer_than, since)
        if first.unchanged:
            if first.sheet.version == if_newer_than:
                return None
            return self._pages(None, None)  # an older version came back: what is known is of another past
        if self._include == WHO and any(column.type in SEVERAL_TYPES for column in first.sheet.columns):
            self._include = SEVERAL
            return self._pages(if_newer_than, since)
        pages = [first]
        size = self._reading.page_size
        for number in range(2, -(-(first.sheet.total_row_count or 0) // size) + 1):
            page = self._page(number, None, since)
            self._same_state(first, page)
            pages.append(page)
        return tuple(pages)

    def _there(self, first: Page) -> dict[int, datetime | None]:
        """All rows and when each was changed last, by reading one column."""
        column = next((c.id for c in first.sheet.columns if c.primary), first.sheet.columns[0].id)
        rows: list[Row] = []
        total = first.sheet.total_row_count or 0
        for number in range(1, max(1, -(-total // self._reading.page_size)) + 1):
            page = self._client.sheet_page(
                self._id,
                page=number,
                page_size=self._reading.page_size,
                column_ids=(column,),
                include=(),
            )
            if page.sheet.version != first.sheet.version:
                raise _Torn(f"version {first.sheet.version} became {page.sheet.version}")
            rows += page.sheet.rows
        there = {row.id: instant(row.modified_at) for row in rows}
        if len(rows) != total or len(there) != total:
            raise _Torn(f"{len(there)} of {total} row ids came")
        return there

    def _page(self, number: int, if_newer_than: int | None, since: datetime | None) -> Page:
        return self._client.sheet_page(
            self._id,
            page=number,
            page_size=self._reading.page_size,
            if_version_after=if_newer_than,
            rows_modified_since=since,
            include=self._include,
        )

    def _same_state(self, first: Page, page: Page) -> None:
        if page.sheet.version != first.sheet.version:
            raise _Torn(f"version {first.sheet.version} became {page.sheet.version}")
        if page.sheet.total_row_count != first.sheet.total_row_count:
            raise _Torn("the number of rows changed")
        if _columns(page) != _columns(first):
            raise _Torn("a column was renamed, moved or added")

    def _result(
        self, mode: Literal["full", "changes"], pages: tuple[Page, ...], gone: frozenset[int], live: int
    ) -> SheetRead:
        sheet = pages[0].sheet
        return SheetRead(
            sheet_id=self._id,
            mode=mode,
            version=sheet.version,
            total=sheet.total_row_count or 0,
            name=sheet.name,
            permalink=sheet.permalink,
            access_level=sheet.access_level,
            columns=_columns(pages[0]),
            pages=pages,
            gone=gone,
            live=live,
        )


def _columns(page: Page) -> tuple[SheetColumn, ...]:
    return tuple(
        SheetColumn(column.id, column.title, column.type, column.index, column.primary)
        for column in page.sheet.columns
    )


def instant(told: str | None) -> datetime | None:
    """A time as Smartsheet writes it ("2026-11-09T10:00:00Z"), as naive UTC; None stays None."""
    if told is None:
        return None
    try:
        parsed = datetime.fromisoformat(told)
    except ValueError as error:
        raise BadAnswer(f"Smartsheet gave the time '{told}', which is none") from error
    offset = parsed.utcoffset()
    return parsed.replace(tzinfo=None) - offset if offset else parsed.replace(tzinfo=None)
