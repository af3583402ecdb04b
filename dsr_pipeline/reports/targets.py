"""The sheets that reports are attached in: which row is whose, and what hangs on it.

Lives here: one read per target, and the sentences where a target or a row cannot be used. Nothing is written;
`publication_plan` decides what is, `publishing` calls both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsr_pipeline.smartsheet.cells import Keys, held_cells, text
from dsr_pipeline.smartsheet.column_map import normal_title
from dsr_pipeline.smartsheet.errors import SmartsheetError, TokenRefused

if TYPE_CHECKING:
    from dsr_pipeline.billing.variants import Target
    from dsr_pipeline.smartsheet.client import SmartsheetClient
    from dsr_pipeline.smartsheet.wire import AttachedPage, Attachment, ListedSheet

RULES = "rules/billing/variants.yaml"
READ_ONLY = "VIEWER"


@dataclass(frozen=True, slots=True)
class Hanging:
    """An attachment on a row, whoever made it."""

    id: int
    name: str
    kilobytes: float | None
    created_at: str
    created_by: str | None
    """Address of who attached it, in lower case, where Smartsheet tells it."""


@dataclass(frozen=True, slots=True)
class TargetSheet:
    """What a target sheet holds: the rows of each work request, and what hangs on each row."""

    name: str
    """Name of the target in the rules."""
    sheet_id: int
    sheet_name: str
    column: str
    rows: Mapping[str, tuple[tuple[int, int, str], ...]]
    """Work request to its rows: id, number and the cell as it is written."""
    attached: Mapping[int, tuple[Hanging, ...]]

    def row_of(self, work_request: str) -> int | None:
        """The one row of a work request; None where it has none, or several (`why_not` says so)."""
        rows = self.rows.get(work_request, ())
        return rows[0][0] if len(rows) == 1 else None

    def why_not(self, work_request: str) -> str:
        """Why a work request has no row to attach to, and the mend."""
        rows = self.rows.get(work_request, ())
        if not rows:
            return (
                f"work request {work_request} has no row in '{self.sheet_name}': "
                f"add one, or correct '{self.column}' of its row"
            )
        told = ", ".join(f"row {number} ('{written}')" for _, number, written in rows)
        return (
            f"work request {work_request} stands in {len(rows)} rows of '{self.sheet_name}': {told}; "
            "leave it in one of them"
        )

    def hangs(self, row_id: int, attachment_id: int | None) -> bool:
        """Whether an attachment hangs on a row now."""
        return any(one.id == attachment_id for one in self.attached.get(row_id, ()))


@dataclass(slots=True)
class TargetsRead:
    """The targets that could be read, and why the others could not."""

    sheets: dict[str, TargetSheet] = field(default_factory=dict[str, TargetSheet])
    refused: dict[str, str] = field(default_factory=dict[str, str])


def read_targets(client: SmartsheetClient, targets: Collection[Target]) -> TargetsRead:
    """Read each target once: one call for all names, one for each sheet (5,000 rows).

    A target that fails is refused with its reason. Raises `SmartsheetError` where the sheets cannot even be
    listed, and `TokenRefused`.
    """
    found = TargetsRead()
    listed = client.list_sheets() if any(isinstance(one.sheet, str) for one in targets) else []
    for target in targets:
        sheet_id = target.sheet if isinstance(target.sheet, int) else _named(target, listed)
        if isinstance(sheet_id, str):
            found.refused[target.name] = sheet_id
            continue
        try:
            page = client.attached_rows(sheet_id)
        except TokenRefused:
            raise
        except SmartsheetError as error:
            found.refused[target.name] = f"the target '{target.name}' cannot be read: {error}"
            continue
        sheet = _target_sheet(target, page)
        if isinstance(sheet, str):
            found.refused[target.name] = sheet
        else:
            found.sheets[target.name] = sheet
    return found


def _named(target: Target, listed: Collection[ListedSheet]) -> int | str:
    """The id of the sheet of that name, or why there is none."""
    ids = [one.id for one in listed if _words(one.name) == _words(str(target.sheet))]
    if len(ids) == 1:
        return ids[0]
    if not ids:
        return (
            f"the target '{target.name}' is missing: no sheet that the token sees is called "
            f"'{target.sheet}'; create it, share it with the user of the token as Editor, or correct {RULES}"
        )
    told = " and ".join(str(one) for one in ids)
    return (
        f"the target '{target.name}' is not clear: {len(ids)} sheets are called '{target.sheet}'; "
        f"write the id of the right one in {RULES}: {told}"
    )


def _target_sheet(target: Target, page: AttachedPage) -> TargetSheet | str:
    """The sheet as it is used, or why it cannot be."""
    if page.access_level == READ_ONLY:
        return (
            f"nothing can be attached in '{page.name}' (target '{target.name}'): the token may only read it; "
            "share it as Editor with the user of the token"
        )
    column_id = _column(target, page)
    if column_id is None:
        titles = ", ".join(f"'{one.title}'" for one in page.columns[:8])
        return (
            f"the sheet '{page.name}' (target '{target.name}') has no column '{target.column}': name the "
            f"column of the work requests in {RULES}; there are {titles}"
        )
    keys = Keys()
    rows: dict[str, list[tuple[int, int, str]]] = {}
    attached: dict[int, tuple[Hanging, ...]] = {}
    for row in page.rows:
        held = held_cells([cell for cell in row.cells if cell.column_id == column_id], keys)
        for value in held.values():
            if (work_request := text(value)) is not None:
                written = str(value["v"] if isinstance(value, dict) and "v" in value else value)
                rows.setdefault(work_request, []).append((row.id, row.row_number, written))
        if row.attachments:
            attached[row.id] = tuple(_hanging(one) for one in row.attachments)
    frozen = {work_request: tuple(places) for work_request, places in rows.items()}
    return TargetSheet(target.name, page.id, page.name, target.column, frozen, attached)


def _hanging(one: Attachment) -> Hanging:
    by = one.created_by.email.casefold() if one.created_by else None
    return Hanging(one.id, one.name, one.size_in_kb, one.created_at or "", by or None)


def _column(target: Target, page: AttachedPage) -> int | None:
    """The column of the work requests: the title as written, else the only one that reads like it."""
    exact = [one.id for one in page.columns if one.title.strip() == target.column]
    alike = [one.id for one in page.columns if normal_title(one.title) == normal_title(target.column)]
    return exact[0] if exact else alike[0] if len(alike) == 1 else None


def _words(name: str) -> str:
    return " ".join(name.split())
