"""The manifest of what this program attached: the log publish/publications and the table folded from it.

Lives here: one attachment as it is recorded, the fold, and the records. An attachment belongs to this program
where its id stands here, and nowhere else; which step comes next is `publication_plan`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from dsr_pipeline.lake.contracts.reports import ATTACHMENTS, PUBLICATIONS, PUBLISH, STATES

if TYPE_CHECKING:
    from dsr_pipeline.lake.state import GroupState
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.lake.writing import GroupWriter

State = Literal["planned", "uploaded", "verified", "live", "replaced", "removed"]
Key = tuple[str, str, int, str]
"""Group, target, row, SHA-256 of the file."""
RECORDS = "records"
"""In the inputs of the group's switch: the number of the last record that is folded."""

_RANK = {state: rank for rank, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Publication:
    """One report on one row, at one step; the fields are the columns of the log."""

    group_id: str
    work_request: str
    week_ending: date
    variant: str
    claimer: str | None
    claimer_id: str | None
    target: str
    target_sheet_id: int
    target_row_id: int
    report_sha256: str
    content_hash: str
    revision: int
    amount: Decimal
    file_name: str
    size: int
    attachment_id: int | None
    foreign_ids: str | None
    verified_sha256: str | None
    state: State
    run_id: str
    at_utc: datetime

    @property
    def key(self) -> Key:
        """What it is, whatever became of it."""
        return self.group_id, self.target, self.target_row_id, self.report_sha256

    @property
    def foreign(self) -> frozenset[int]:
        """Attachments of its name that are somebody else's."""
        return frozenset(int(one) for one in (self.foreign_ids or "").split())

    def stepped(self, state: State, run_id: str, at: datetime) -> Publication:
        """The same one step further; what is verified or live was read back, and is the report."""
        read_back = self.report_sha256 if state in ("verified", "live") else self.verified_sha256
        return replace(self, state=state, run_id=run_id, at_utc=at, verified_sha256=read_back)


class Manifest:
    """What is known of every attachment that is ours, from its plan to its removal."""

    def __init__(self, lake: Lake, state: GroupState) -> None:
        """Read the folded table of a state of the group, and the records after it."""
        self._log = lake.log(PUBLICATIONS)
        self._rows: dict[Key, Publication] = {}
        self._folded = self._records = 0
        self._by_group: dict[str, dict[Key, Publication]] = {}
        folded = state.tables.get(ATTACHMENTS.table)
        if folded is not None and folded.contract_hash == ATTACHMENTS.hash:
            self._fold(lake.group(PUBLISH).read(ATTACHMENTS, state=state))
            self._folded = self._records = int(state.inputs.get(RECORDS, 0))
        for number, table in self._log.records(self._records):
            self._fold(table)
            self._records = number
        self._is_new = folded is None

    @property
    def moved(self) -> bool:
        """Whether the folded table is behind the log, or not there."""
        return self._is_new or self._records != self._folded

    def __iter__(self) -> Iterator[Publication]:
        return iter(self._rows.values())

    def find(self, key: Key) -> Publication | None:
        """The last step of one."""
        return self._rows.get(key)

    def of_group(self, group_id: str) -> list[Publication]:
        """Everything of ours that belongs to a group."""
        return list(self._by_group.get(group_id, {}).values())

    @property
    def ids(self) -> frozenset[int]:
        """The attachments that are ours."""
        return frozenset(one.attachment_id for one in self._rows.values() if one.attachment_id is not None)

    def record(self, steps: Iterable[Publication]) -> None:
        """Append the steps to the log as one record; none of them is a record of its own."""
        steps = list(steps)
        if steps:
            table = pa.Table.from_pylist([asdict(step) for step in steps], schema=PUBLICATIONS.schema)
            self._records = self._log.append(table)
            self._fold(table)

    def put(self, writer: GroupWriter) -> None:
        """Stage the folded table and switch to it."""
        rows = [asdict(one) for one in self._rows.values()]
        writer.put(ATTACHMENTS, pa.Table.from_pylist(rows, schema=ATTACHMENTS.schema))
        writer.inputs[RECORDS] = self._records
        writer.switch().raise_if_refused()

    def _fold(self, table: pa.Table) -> None:
        """The steps of one record, in the order of the life of an attachment: it has each step once."""
        rows: list[dict[str, Any]] = table.to_pylist()
        for row in sorted(rows, key=lambda one: _RANK[one["state"]]):
            step = Publication(**row)
            if step.state == "removed":
                self._rows.pop(step.key, None)
                self._by_group.get(step.group_id, {}).pop(step.key, None)
            else:
                self._rows[step.key] = step
                self._by_group.setdefault(step.group_id, {})[step.key] = step
