"""The rows of reports/report_files: read for a decision, and made from what was written.

Lives here: the shape of that table between a build and the lake. Called by `weekly_build`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.lake.contracts.reports import REPORT_FILES, REPORTS
from dsr_pipeline.lake.errors import SchemaMoved
from dsr_pipeline.reports.archive import Archive, file_sha256, pdf_file, workbook_file
from dsr_pipeline.reports.journal import Kept, Revision
from dsr_pipeline.reports.report_names import pdf_path
from dsr_pipeline.reports.weekly_plan import Decision, Standing

if TYPE_CHECKING:
    from dsr_pipeline.lake.state import GroupState
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.archive import Archived
    from dsr_pipeline.reports.weekly_writing import Written

Row = dict[str, Any]
_STANDING = tuple(field.name for field in fields(Standing))
_PUBLISHED = (
    "published_at_utc",
    "published_revision",
    "published_hash",
    "published_amount",
    "last_published_at_utc",
)


def read_rows(lake: Lake, state: GroupState) -> pa.Table:
    """The table as it stands, empty before the first build.

    A column that the contract has got since is null: what was published must outlive the contract.
    """
    known = state.tables.get(REPORT_FILES.table)
    if known is None:
        return REPORT_FILES.schema.empty_table()
    try:
        return lake.group(REPORTS).read(REPORT_FILES, state=state)
    except SchemaMoved:
        with lake.storage.open(f"{REPORTS}/{known.path}") as file:
            found = pq.read_table(file)
    rows: list[Row] = found.to_pylist()
    return pa.Table.from_pylist(
        [{name: row.get(name) for name in REPORT_FILES.names} for row in rows], schema=REPORT_FILES.schema
    )


def standing_of(row: Mapping[str, Any]) -> Standing:
    """A row as the decision sees it."""
    return Standing(**{name: row[name] for name in _STANDING})


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one report as they are now."""

    sha256: str
    size: int
    pdf_sha256: str | None


def files_of(written: Written | Archived) -> Files:
    """The files of what was written, or of what the archive gave back."""
    return Files(written.sha256, written.size, written.pdf_sha256)


def row_of(
    decision: Decision,
    before: Mapping[str, Any] | None,
    path: str,
    files: Files,
    *,
    data_as_of: datetime,
    now: datetime,
    run_id: str,
) -> Row:
    """The row of a report that was built, withdrawn or restored."""
    group, standing = decision.group, decision.standing
    of_group = group or standing
    if of_group is None:
        raise ValueError(f"{decision.group_id}: there is neither a group nor a workbook of it")
    published = {name: before[name] if before else None for name in _PUBLISHED}
    same = (
        before is not None
        and (before["content_hash"], before["revision"]) == (decision.content_hash, decision.revision)
        and before["sha256"] == files.sha256
    )
    if not same:
        # Also of a content that was live everywhere once: what came between may hang at some target.
        published["published_at_utc"] = None
    return {
        "group_id": decision.group_id,
        "work_request": of_group.work_request,
        "week_ending": of_group.week_ending,
        "variant": of_group.variant,
        "claimer": of_group.claimer,
        "claimer_id": of_group.claimer_id,
        "money": of_group.money,
        "path": path,
        "sha256": files.sha256,
        "size": files.size,
        "pdf_path": None if files.pdf_sha256 is None else pdf_path(path),
        "pdf_sha256": files.pdf_sha256,
        "revision": decision.revision,
        "withdrawn": group is None,
        "rows": group.rows if group else 0,
        "amount": group.amount if group else Decimal(0),
        "currency": of_group.currency,
        "content_hash": decision.content_hash,
        "data_as_of_utc": data_as_of,
        "closed": of_group.closed,
        "built_at_utc": now,
        "run_id": run_id,
        **published,
    }


def named_files(rows: Iterable[Mapping[str, Any]], archive: Archive) -> dict[str, Kept]:
    """Every file that rows name, with the place at which the archive has it."""
    named: dict[str, Kept] = {}
    for row in rows:
        stem = archive.stem(row["group_id"], row["content_hash"], row["revision"])
        named[row["path"]] = Kept(row["sha256"], workbook_file(stem))
        if row["pdf_path"] is not None:
            named[row["pdf_path"]] = Kept(row["pdf_sha256"], pdf_file(stem))
    return named


def kept_revisions(rows: Iterable[Mapping[str, Any]]) -> list[Revision]:
    """The revisions that the archive keeps for rows: what is built now, and what is published."""
    kept: list[Revision] = []
    for row in rows:
        kept.append(Revision(row["group_id"], row["content_hash"], row["revision"]))
        if row["published_revision"] is not None:
            kept.append(Revision(row["group_id"], row["published_hash"], row["published_revision"]))
    return kept


@dataclass(frozen=True, slots=True)
class DiskShelf:
    """What decisions ask of the files."""

    folder: Path
    archive: Archive
    makes_pdf: bool
    """Whether PDFs are wanted and can be made."""

    def lacks_pdf(self, standing: Standing) -> bool:
        """Whether a PDF could be made that there was none of when the workbook was built."""
        return self.makes_pdf and standing.pdf_path is None

    def whole(self, standing: Standing) -> bool:
        """Whether the workbook and its PDF are there as recorded, and in the archive, which is published."""
        if file_sha256(self.folder / standing.path) != standing.sha256:
            return False
        if self.archived(standing.group_id, standing.content_hash, standing.revision) != standing.sha256:
            return False
        if standing.pdf_path is None:
            return True
        return file_sha256(self.folder / standing.pdf_path) == standing.pdf_sha256

    def archived(self, group_id: str, content_hash: str, revision: int) -> str | None:
        """SHA-256 of a workbook that the archive can give back whole, with its PDF."""
        found = self.archive.read(group_id, content_hash, revision)
        if found is None:
            return None
        stem = self.archive.stem(group_id, content_hash, revision)
        if file_sha256(workbook_file(stem)) != found.sha256:
            return None
        if found.pdf_sha256 is not None and file_sha256(pdf_file(stem)) != found.pdf_sha256:
            return None
        return found.sha256
