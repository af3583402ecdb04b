"""What the client reads: lists of sheets, pages of rows, versions, history, files.

Lives here: the reading half of `client.SmartsheetClient`, one method per thing. Every list is checked
against the count that it states, for a short list would make things vanish that are still there.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeVar

from dsr_pipeline.smartsheet import uploads
from dsr_pipeline.smartsheet.errors import BadAnswer, RequestRefused
from dsr_pipeline.smartsheet.transport import Transport
from dsr_pipeline.smartsheet.wire import (
    SHEET_PAGE,
    AttachedPage,
    AttachedRow,
    Attachment,
    CellValue,
    ChildPage,
    Children,
    Container,
    ContainerPage,
    HistoryEntry,
    HistoryList,
    ListedSheet,
    Page,
    Row,
    SheetList,
    User,
    Version,
    decoder,
)

Parent = Literal["workspace", "folder"]
Listed = TypeVar("Listed")
ITEMS_PER_CALL = 1000
"""Children asked for in one call. The vendor documents no most; one that refuses it is asked for fewer."""
SURE_ITEMS_PER_CALL = 100
"""The vendor's least and default."""
ATTACHED_ROWS = 5000
"""Rows asked for in one answer of a sheet with its attachments."""
TORN_READS = 5
"""How often a read of several pages starts again because the sheet was changed between two of them."""

_user, _version, _row = decoder(User), decoder(Version), decoder(Row)
_sheets, _history = decoder(SheetList), decoder(HistoryList)
_attached = decoder(AttachedPage)
_containers, _children = decoder(ContainerPage), decoder(ChildPage)


class Reads:
    """The calls that change nothing; each may be repeated."""

    _transport: Transport
    _items = ITEMS_PER_CALL

    def me(self) -> User:
        """The user of the token."""
        return self._transport.call("GET", "/users/me", _user.decode)

    def list_sheets(self) -> list[ListedSheet]:
        """Every sheet that the token sees, with its version: one call.

        The vendor's index behind it lags an edit by up to 65 s.
        """
        params = {"includeAll": "true", "include": "sheetVersion"}
        return self._transport.call("GET", "/sheets", _whole_list, params=params)

    def workspaces(self) -> list[Container]:
        """Every workspace that the token sees."""
        found: list[Container] = []
        key: str | None = None
        while True:
            page: ContainerPage = self._listed(
                "/workspaces", _containers.decode, key, {"paginationType": "token"}
            )
            found += page.data
            if not page.last_key:
                return found
            key = _next_key(key, page.last_key, "the list of workspaces")

    def children(self, kind: Parent, container_id: int) -> Children:
        """The folders and sheets directly in a workspace or folder; the sheets come without versions."""
        path = f"/{kind}s/{container_id}/children"
        folders: list[Container] = []
        sheets: list[ListedSheet] = []
        key: str | None = None
        while True:
            page: ChildPage = self._listed(
                path, _children.decode, key, {"childrenResourceTypes": "sheets,folders"}
            )
            folders += [child for child in page.data if child.resource_type == "folder"]
            sheets += [
                ListedSheet(
                    id=child.id,
                    name=child.name,
                    modified_at=child.modified_at,
                    created_at=child.created_at,
                    access_level=child.access_level,
                    permalink=child.permalink,
                )
                for child in page.data
                if child.resource_type == "sheet"
            ]
            if not page.last_key:
                return Children(folders, sheets)
            key = _next_key(key, page.last_key, f"{kind} {container_id}")

    def _listed(
        self, path: str, decode: Callable[[bytes], Listed], key: str | None, params: Mapping[str, str]
    ) -> Listed:
        """One page of a list by token, as long as the server gives them."""
        while True:
            paging = {"maxItems": str(self._items)} | ({"lastKey": key} if key else {})
            try:
                return self._transport.call("GET", path, decode, params={**params, **paging})
            except RequestRefused:
                if self._items == SURE_ITEMS_PER_CALL:
                    raise
                self._items = SURE_ITEMS_PER_CALL

    def sheet_page(
        self,
        sheet_id: int,
        *,
        page: int = 1,
        page_size: int = 5000,
        if_version_after: int | None = None,
        rows_modified_since: datetime | None = None,
        column_ids: Sequence[int] = (),
        include: Sequence[str] = ("writerInfo",),
        exclude: Sequence[str] = (),
        level: int = 2,
    ) -> Page:
        """One page of a sheet, with its raw body.

        With `if_version_after`, an answer without rows may say that nothing changed (`unchanged`).
        `rows_modified_since` is strict and applied after paging: a page may be empty while a later one is
        not, and deleted rows leave no trace. A page past the end repeats the last one: count the rows.
        """
        params = {"level": str(level), "page": str(page), "pageSize": str(page_size)}
        lists: Mapping[str, Sequence[int | str]] = {
            "include": include,
            "exclude": exclude,
            "columnIds": column_ids,
        }
        params |= {name: ",".join(map(str, given)) for name, given in lists.items() if given}
        if if_version_after is not None:
            params["ifVersionAfter"] = str(if_version_after)
        if rows_modified_since is not None:
            params["rowsModifiedSince"] = _utc(rows_modified_since)

        def decode(body: bytes) -> Page:
            found = Page(body, SHEET_PAGE.decode(body))
            if found.sheet.id != sheet_id and not (found.unchanged and if_version_after is not None):
                raise BadAnswer(f"the body holds sheet {found.sheet.id or 'nothing'} instead of {sheet_id}")
            if not found.unchanged and found.sheet.total_row_count is None:
                raise BadAnswer("the body does not say how many rows the sheet has (totalRowCount)")
            return found

        return self._transport.call("GET", f"/sheets/{sheet_id}", decode, params=params)

    def sheet_version(self, sheet_id: int) -> int:
        """The version of a sheet, without the lag of the list."""
        found: Version = self._transport.call("GET", f"/sheets/{sheet_id}/version", _version.decode)
        return found.version

    def row(self, sheet_id: int, row_id: int) -> Row:
        """One row with its cells."""
        return self._transport.call(
            "GET", f"/sheets/{sheet_id}/rows/{row_id}", _row.decode, params={"level": "2"}
        )

    def column_values(self, sheet_id: int, column_id: int) -> list[tuple[int, CellValue]]:
        """(row id, value) of one column for every row, all of one version of the sheet."""
        for _ in range(TORN_READS):
            pages: list[Page] = []
            read, total = 0, 1
            while read < total:
                page = self.sheet_page(sheet_id, page=len(pages) + 1, column_ids=[column_id], include=())
                total = page.sheet.total_row_count or 0
                if not page.sheet.rows or page.sheet.version != (pages or [page])[0].sheet.version:
                    break
                pages.append(page)
                read += len(page.sheet.rows)
            if read == total:
                rows = [row for page in pages for row in page.sheet.rows]
                return [(row.id, next((cell.value for cell in row.cells), None)) for row in rows]
        raise BadAnswer(f"sheet {sheet_id} was changed in every one of {TORN_READS} reads: try again later")

    def attached_rows(self, sheet_id: int) -> AttachedPage:
        """Every row of a sheet with its cells and attachments (without urls), all of one version.

        One call per 5,000 rows; the page that is given has the rows of all of them.
        """
        for _ in range(TORN_READS):
            rows: list[AttachedRow] = []
            number, version = 1, None
            while True:
                page = self._attached_page(sheet_id, number)
                if page.version != (version or page.version):
                    break
                rows += page.rows
                if len(rows) == page.total_row_count:
                    page.rows = rows
                    return page
                if not page.rows or len(rows) > page.total_row_count:
                    break
                number, version = number + 1, page.version
        raise BadAnswer(f"sheet {sheet_id} was changed in every one of {TORN_READS} reads: try again later")

    def _attached_page(self, sheet_id: int, number: int) -> AttachedPage:
        params = {"level": "2", "include": "attachments", "page": str(number), "pageSize": str(ATTACHED_ROWS)}

        def decode(body: bytes) -> AttachedPage:
            found: AttachedPage = _attached.decode(body)
            if found.id != sheet_id:
                raise BadAnswer(f"the body holds sheet {found.id} instead of {sheet_id}")
            return found

        return self._transport.call("GET", f"/sheets/{sheet_id}", decode, params=params)

    def cell_history(self, sheet_id: int, row_id: int, column_id: int) -> list[HistoryEntry]:
        """Everything one cell ever held, oldest first. A heavy call: ten units of the budget."""

        def decode(body: bytes) -> list[HistoryEntry]:
            answer: HistoryList = _history.decode(body)
            _complete(answer.total_count, len(answer.data), "entries")
            return sorted(answer.data, key=lambda entry: entry.modified_at)

        path = f"/sheets/{sheet_id}/rows/{row_id}/columns/{column_id}/history"
        return self._transport.call("GET", path, decode, params={"includeAll": "true"})

    def attachments(self, sheet_id: int) -> list[Attachment]:
        """All attachments of a sheet and its rows, without urls."""
        return uploads.attachments(self._transport, f"/sheets/{sheet_id}/attachments")

    def row_attachments(self, sheet_id: int, row_id: int) -> list[Attachment]:
        """The attachments of one row, without urls."""
        return uploads.attachments(self._transport, f"/sheets/{sheet_id}/rows/{row_id}/attachments")

    def attachment(self, sheet_id: int, attachment_id: int) -> Attachment:
        """One attachment with its temporary url: a secret, for it needs no token."""
        return uploads.attachment(self._transport, sheet_id, attachment_id)

    def contents(self, sheet_id: int, attachment_id: int) -> bytes:
        """The bytes of an attachment, at most 30 MiB: two requests, of which one counts."""
        return uploads.contents(self._transport, sheet_id, attachment_id)

    def holds(self, sheet_id: int, attachment_id: int, sha256: str) -> bool:
        """Whether an attachment holds the bytes of this hash; what seems to hold others is read twice."""
        return uploads.holds(self._transport, sheet_id, attachment_id, sha256)

    def download(self, url: str, limit: int) -> bytes:
        """The bytes behind a temporary url, fetched without the token; more than `limit` are refused."""
        return self._transport.download(url, limit)


def _whole_list(body: bytes) -> list[ListedSheet]:
    answer: SheetList = _sheets.decode(body)
    _complete(answer.total_count, len(answer.data), "sheets")
    return answer.data


def _complete(total: int | None, count: int, what: str) -> None:
    """A list that holds less than it says would make things vanish that are still there."""
    if total is not None and total not in (-1, count):
        raise BadAnswer(f"the list holds {count} of {total} {what}")


def _next_key(key: str | None, following: str, what: str) -> str:
    if following == key:
        raise BadAnswer(f"{what} does not end: the same page comes again")
    return following


def _utc(instant: datetime) -> str:
    """The instant as the API reads it: whole seconds, rounded down so that no row is missed."""
    if instant.tzinfo is None:
        raise ValueError("rows_modified_since needs a time zone, or its meaning would depend on the machine")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
