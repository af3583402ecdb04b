"""Smartsheet as the project sees it: typed reads of sheets and careful writes, over the vendor's SDK.

Lives here: one client per token, and its writes; the reads are in `reads`. How a call is sent, repeated and
judged is `transport`'s; what the answers look like is `wire`'s. The sync and the publishing call it.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from pydantic import SecretStr

from dsr_pipeline.smartsheet import uploads, writes
from dsr_pipeline.smartsheet.calls import Calls
from dsr_pipeline.smartsheet.cell_values import ChangedRow, NewRow
from dsr_pipeline.smartsheet.errors import NotFound, RequestRefused
from dsr_pipeline.smartsheet.limiter import Limiter
from dsr_pipeline.smartsheet.reads import Parent, Reads
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline.smartsheet.transport import Transport, Upload
from dsr_pipeline.smartsheet.wire import (
    Attachment,
    Container,
    ContainerMade,
    NewSheet,
    Plain,
    SheetMade,
    decoder,
)

_container_made, _sheet_made, _plain = decoder(ContainerMade), decoder(SheetMade), decoder(Plain)


class SmartsheetClient(Reads):
    """One token's view of Smartsheet. Safe to share between threads.

    What Smartsheet or the way to it gets wrong is raised as a `SmartsheetError`. `jitter` gives numbers in
    0 … 1 for the waits between attempts; `on_event` gets a sentence each time that something is tried again.
    """

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
    ) -> None:
        token = token if isinstance(token, SecretStr) else SecretStr(token)
        self._transport = Transport(
            token,
            base,
            limiter=limiter,
            policy=policy,
            verify=verify,
            jitter=jitter,
            sleep=sleep,
            monotonic=monotonic,
            on_event=on_event,
            max_connections=max_connections,
        )
        self.calls: Calls = self._transport.calls
        self._writers = defaultdict[int, threading.Lock](threading.Lock)
        self._writers_lock = threading.Lock()

    def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        self._transport.close()

    def add_rows(self, sheet_id: int, rows: Sequence[NewRow], *, key_column: int) -> list[int]:
        """Append rows once; the row ids in the order of `rows`, also of those that were there before.

        `key_column` holds a text that is made from the data and names the row. It is read before anything
        is sent, and again after a lost answer: whatever happens, only what is missing is sent. One writer
        per sheet is assumed.
        """
        with self._writing(sheet_id):
            return writes.add_rows(
                self._transport, sheet_id, rows, key_column, lambda: self.column_values(sheet_id, key_column)
            )

    def update_rows(self, sheet_id: int, rows: Sequence[ChangedRow]) -> None:
        """Change the named cells of rows, 500 rows a call."""
        with self._writing(sheet_id):
            writes.update_rows(self._transport, sheet_id, rows)

    def delete_rows(self, sheet_id: int, row_ids: Sequence[int]) -> None:
        """Delete rows and their children; those that are gone already are no error."""
        with self._writing(sheet_id):
            writes.delete_rows(self._transport, sheet_id, row_ids)

    def attach_to_row(
        self,
        sheet_id: int,
        row_id: int,
        name: str,
        data: bytes,
        mime: str,
        *,
        foreign: Collection[int] = (),
    ) -> Attachment:
        """Attach a file to a row and read it back; the same name twice makes two attachments.

        `foreign` are ids that are known to hang there: after a lost answer none of them is taken for it.
        """
        with self._writing(sheet_id):
            path = f"/sheets/{sheet_id}/rows/{row_id}/attachments"
            return uploads.upload(self._transport, sheet_id, path, Upload(name, data, mime), foreign)

    def attach_new_version(
        self, sheet_id: int, attachment_id: int, name: str, data: bytes, mime: str
    ) -> Attachment:
        """A new version of an attachment, read back; it has an id of its own."""
        with self._writing(sheet_id):
            path = f"/sheets/{sheet_id}/attachments/{attachment_id}/versions"
            return uploads.upload(self._transport, sheet_id, path, Upload(name, data, mime))

    def delete_attachment(self, sheet_id: int, attachment_id: int) -> None:
        """Delete an attachment; one that is gone already is no error."""
        with self._writing(sheet_id):
            try:
                self._transport.call(
                    "DELETE", f"/sheets/{sheet_id}/attachments/{attachment_id}", _plain.decode
                )
            except NotFound:
                self.sheet_version(sheet_id)  # raises where the sheet itself is not to be seen

    def create_workspace(self, name: str) -> Container:
        """A new workspace. `AnswerLost` where it may exist now: look with `workspaces`."""
        made: ContainerMade = self._transport.call(
            "POST", "/workspaces", _container_made.decode, json={"name": name}
        )
        return made.result

    def create_folder(self, kind: Parent, container_id: int, name: str) -> Container:
        """A new folder in a workspace or folder."""
        path = f"/{kind}s/{container_id}/folders"
        made: ContainerMade = self._transport.call("POST", path, _container_made.decode, json={"name": name})
        return made.result

    def create_sheet(
        self, kind: Parent, container_id: int, name: str, columns: Sequence[Mapping[str, object]]
    ) -> NewSheet:
        """A new sheet; `columns` as the API takes them (title, type, primary …)."""
        body = {"name": name, "columns": [dict(column) for column in columns]}
        try:
            json.dumps(body, allow_nan=False)
        except (TypeError, ValueError):
            raise RequestRefused(f"the columns of the new sheet {name!r} are not plain JSON values") from None
        path = f"/{kind}s/{container_id}/sheets"
        made: SheetMade = self._transport.call("POST", path, _sheet_made.decode, json=body)
        return made.result

    def _writing(self, sheet_id: int) -> threading.Lock:
        """Held while a sheet is written: parallel writes to one sheet are answered with errors (4004)."""
        with self._writers_lock:
            return self._writers[sheet_id]
