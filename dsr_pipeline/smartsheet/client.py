"""Smartsheet as the project sees it: typed reads of sheets and careful writes, over the vendor's SDK.

Lives here: one method per thing that the project does with Smartsheet. How a call is sent, repeated and
refused is `transport`'s; what the answers look like is `wire`'s. The sync and the publishing call it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from dsr_pipeline.smartsheet.cell_values import ChangedRow, NewRow
from dsr_pipeline.smartsheet.limiter import Limiter
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline.smartsheet.wire import (
    Attachment,
    Children,
    Container,
    HistoryEntry,
    ListedSheet,
    NewSheet,
    Page,
    Row,
    User,
)


class SmartsheetClient:
    """One token's view of Smartsheet. Safe to share between threads."""

    def __init__(  # noqa: PLR0913 - each one is something a test or a setting replaces
        self,
        token: SecretStr | str,
        base: str,
        *,
        limiter: Limiter,
        policy: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        verify: bool | str = True,
        jitter: Callable[[], float] = lambda: 0.5,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        on_event: Callable[[str], None] | None = None,
        max_connections: int = 8,
    ) -> None: ...

    def me(self) -> User:
        """The user of the token."""
        raise NotImplementedError

    def list_sheets(self) -> list[ListedSheet]:
        """Every sheet that the token sees, with its version: one call."""
        raise NotImplementedError

    def workspaces(self) -> list[Container]:
        """Every workspace that the token sees."""
        raise NotImplementedError

    def children(self, kind: Literal["workspace", "folder"], container_id: int) -> Children:
        """The folders and sheets directly in a workspace or folder."""
        raise NotImplementedError

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
        """One page of a sheet, with its raw body."""
        raise NotImplementedError

    def sheet_version(self, sheet_id: int) -> int:
        """The version of a sheet, without the lag of the list."""
        raise NotImplementedError

    def row(self, sheet_id: int, row_id: int) -> Row:
        """One row."""
        raise NotImplementedError

    def cell_history(self, sheet_id: int, row_id: int, column_id: int) -> list[HistoryEntry]:
        """Everything one cell ever held, oldest first. Costs ten units."""
        raise NotImplementedError

    def attachments(self, sheet_id: int) -> list[Attachment]:
        """All attachments of a sheet and its rows."""
        raise NotImplementedError

    def row_attachments(self, sheet_id: int, row_id: int) -> list[Attachment]:
        """The attachments of one row."""
        raise NotImplementedError

    def attachment(self, sheet_id: int, attachment_id: int) -> Attachment:
        """One attachment with its temporary url."""
        raise NotImplementedError

    def download(self, url: str, limit: int) -> bytes:
        """The bytes behind a temporary url; more than `limit` bytes are refused."""
        raise NotImplementedError

    def add_rows(self, sheet_id: int, rows: Sequence[NewRow], *, key_column: int) -> list[int]:
        """Append rows once; the row ids in the order of `rows`, also of those that were there before."""
        raise NotImplementedError

    def update_rows(self, sheet_id: int, rows: Sequence[ChangedRow]) -> None:
        """Change cells of rows."""
        raise NotImplementedError

    def delete_rows(self, sheet_id: int, row_ids: Sequence[int]) -> None:
        """Delete rows; those that are gone already are no error."""
        raise NotImplementedError

    def attach_to_row(self, sheet_id: int, row_id: int, name: str, data: bytes, mime: str) -> Attachment:
        """Attach a file to a row and read it back."""
        raise NotImplementedError

    def attach_new_version(
        self, sheet_id: int, attachment_id: int, name: str, data: bytes, mime: str
    ) -> Attachment:
        """A new version of an attachment, read back."""
        raise NotImplementedError

    def delete_attachment(self, sheet_id: int, attachment_id: int) -> None:
        """Delete an attachment; one that is gone already is no error."""
        raise NotImplementedError

    def create_workspace(self, name: str) -> Container:
        """A new workspace."""
        raise NotImplementedError

    def create_folder(self, kind: Literal["workspace", "folder"], container_id: int, name: str) -> Container:
        """A new folder in a workspace or folder."""
        raise NotImplementedError

    def create_sheet(
        self,
        kind: Literal["workspace", "folder"],
        container_id: int,
        name: str,
        columns: Sequence[dict[str, object]],
    ) -> NewSheet:
        """A new sheet; `columns` as the API takes them (title, type, primary …)."""
        raise NotImplementedError
