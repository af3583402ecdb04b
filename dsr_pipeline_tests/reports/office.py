"""An office on the stand-in: two target sheets, a lake with built reports, a client that repeats at once."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from dsr_pipeline.billing.variants import Variants
from dsr_pipeline.lake.contracts.billing import WORK_GROUPS
from dsr_pipeline.lake.contracts.reports import ATTACHMENTS, PUBLICATIONS, REPORT_FILES
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.reports.archive import Archive, workbook_file
from dsr_pipeline.reports.publishing import PublishReport, publish
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.limiter import NoLimiter
from dsr_pipeline.text import canonical_hash
from dsr_pipeline_tests.smartsheet.account import FAST
from dsr_pipeline_tests.standin import SheetMade, StandIn

WEEK = date(2026, 2, 22)
RULES: dict[str, Any] = {
    "variants": [
        {
            "name": "primary",
            "label": "Foreman",
            "claimer": "foreman",
            "suffix": "User",
            "targets": ["billing"],
        },
        {
            "name": "sub",
            "label": "Subcontractor",
            "claimer": "foreman",
            "suffix": "Sub",
            "targets": ["billing", "second"],
        },
        {
            "name": "contract",
            "label": "Contract price",
            "view_of": ["sub"],
            "claimer": "foreman",
            "suffix": "Contract",
            "targets": ["billing"],
        },
        {"name": "quiet", "label": "Nowhere", "claimer": "helper", "suffix": "Quiet"},
    ],
    "targets": [
        {"name": "billing", "sheet": "Weekly billing"},
        {"name": "second", "sheet": "Second billing"},
    ],
}
RUN_AT = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - the tables keep UTC without a zone
COLUMNS = ("Work Request #", "Customer")
Hung = tuple[int, str, bytes]


def variants(**more: Any) -> Variants:
    """The rules of the office, with other parts."""
    return Variants.model_validate(RULES | more)


@dataclass
class Office:
    """The stand-in, the lake and the folder of the reports, and what was built last."""

    stand_in: StandIn
    lake: Lake
    folder: Path
    rules: Variants = field(default_factory=variants)
    now: datetime = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the tables keep UTC without a zone
    sheets: dict[str, SheetMade] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.client = self.new_client()

    def new_client(self, token: str | None = None) -> SmartsheetClient:
        return SmartsheetClient(
            token or self.stand_in.token,
            self.stand_in.base,
            limiter=NoLimiter(),
            policy=FAST,
            sleep=lambda seconds: None,
        )

    def target(
        self, name: str = "Weekly billing", requests: Sequence[Any] = (1, 2, 3), **more: Any
    ) -> SheetMade:
        """A target sheet with a row for each of these work requests."""
        rows = [{"Work Request #": one, "Customer": "Example Power"} for one in requests]
        self.sheets[name] = self.stand_in.sheet(name, more.pop("columns", COLUMNS), rows, **more)
        return self.sheets[name]

    def build(
        self,
        work_request: str,
        content: str = "first",
        *,
        variant: str = "primary",
        week: date = WEEK,
        closed: bool = True,
        withdrawn: bool = False,
        claimer: str | None = "Ada Reyes",
    ) -> str:
        """Build a report of that content as the week's build would; gives its group."""
        group_id = canonical_hash("test", work_request, week, variant, claimer)
        before = self.files().get(group_id, {})
        content_hash = canonical_hash(content, closed)
        published = before.get("published_revision")
        same = content_hash == before.get("published_hash")
        revision = 1 if published is None else published if same else published + 1
        data = f"{group_id} {content} {revision}".encode() * 40
        file = workbook_file(Archive(self.folder).stem(group_id, content_hash, revision))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        row = {
            "group_id": group_id,
            "work_request": work_request,
            "week_ending": week,
            "variant": variant,
            "claimer": claimer,
            "claimer_id": claimer and "name:ada reyes",
            "money": variant != "contract",
            "path": f"weekly/{week}/WR_{work_request}_WE_{week}_{variant}_{group_id[:6]}.xlsx",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
            "pdf_path": None,
            "pdf_sha256": None,
            "revision": revision,
            "withdrawn": withdrawn,
            "rows": 0 if withdrawn else 3,
            "amount": Decimal(0 if withdrawn else 100 + len(content)),
            "currency": "USD",
            "content_hash": content_hash,
            "data_as_of_utc": self.now,
            "closed": closed,
            "built_at_utc": self.now,
            "run_id": "build",
            "published_at_utc": before.get("last_published_at_utc") if same else None,
            **{
                name: before.get(name)
                for name in (
                    "published_revision",
                    "published_hash",
                    "published_amount",
                    "last_published_at_utc",
                )
            },
        }
        self.put_files({**self.files(), group_id: row})
        return group_id

    def put_files(self, rows: dict[str, dict[str, Any]]) -> None:
        """The table of reports, as it shall stand."""
        with self.lake.group("reports").writing((REPORT_FILES,), run_id="build") as writer:
            writer.put(REPORT_FILES, pa.Table.from_pylist(list(rows.values()), schema=REPORT_FILES.schema))
            writer.switch().raise_if_refused()

    def bill(self, **status: str) -> None:
        """Billing has the same groups as the reports, by group id of this status (or content)."""
        rows = [
            {
                **{
                    name: row[name]
                    for name in ("group_id", "work_request", "week_ending", "variant", "money")
                },
                **{name: row[name] for name in ("claimer", "claimer_id", "amount", "currency", "closed")},
                "status": "held" if status.get(group) == "held" else "ready",
                "hold_reason": "its sheet is held" if status.get(group) == "held" else None,
                "rows": 3,
                **dict.fromkeys(("credits", "undated", "out_of_week", "exceptions"), 0),
                "exceptions_amount": Decimal(0),
                "data_as_of_utc": self.now,
                "content_hash": canonical_hash("other")
                if status.get(group) == "newer"
                else row["content_hash"],
            }
            for group, row in self.files().items()
            if status.get(group) != "gone"
        ]
        with self.lake.group("billing").writing((WORK_GROUPS,), run_id="bill") as writer:
            writer.put(WORK_GROUPS, pa.Table.from_pylist(rows, schema=WORK_GROUPS.schema))
            writer.switch().raise_if_refused()

    def publish(self, **more: Any) -> PublishReport:
        """One publication, an hour after the last; a report in JSON is what a child would print."""
        self.now += timedelta(hours=1)
        self.stand_in.clock.advance(3600)
        return publish(
            self.lake,
            more.pop("client", self.client),
            more.pop("variants", self.rules),
            self.folder,
            dry_run=more.pop("dry_run", False),
            now=self.now,
            run_id=more.pop("run_id", f"run-{next(self.runs)}"),
            **more,
        )

    def files(self) -> dict[str, dict[str, Any]]:
        """The table of reports by group."""
        if self.lake.table_path(REPORT_FILES) is None:
            return {}
        return {row["group_id"]: row for row in self.lake.read(REPORT_FILES).to_pylist()}

    def hung(self, sheet: SheetMade | None = None) -> dict[str, list[Hung]]:
        """What hangs in a target sheet by work request (as it stands in the row): id, name, bytes."""
        sheet = sheet or self.sheets["Weekly billing"]
        db = self.stand_in.store.connection()
        found = db.execute(
            "SELECT a.id, a.name, a.data, r.cells FROM attachments a JOIN rows r ON r.id = a.row_id "
            "WHERE a.sheet_id = ? ORDER BY a.created_at, a.id",
            (sheet.id,),
        ).fetchall()
        made: dict[str, list[Hung]] = {}
        import json

        for ident, name, data, cells in found:
            key = str(json.loads(cells)[str(sheet.columns["Work Request #"])]["value"])
            made.setdefault(key, []).append((ident, name, bytes(data)))
        return made

    def file_of(self, group_id: str) -> tuple[str, bytes]:
        """Name and bytes under which a report should hang."""
        row = self.files()[group_id]
        stem = Archive(self.folder).stem(group_id, row["content_hash"], row["revision"])
        return Path(row["path"]).name, workbook_file(stem).read_bytes()

    def hangs_once(self, group_id: str, *names: str) -> None:
        """Each of these target sheets has the report as built, once, and nothing else of its name."""
        request = self.files()[group_id]["work_request"]
        name, data = self.file_of(group_id)
        for sheet in names or ("Weekly billing",):
            there = [one for one in self.hung(self.sheets[sheet]).get(request, []) if one[1] == name]
            assert [one[2] for one in there] == [data], (sheet, there)

    def states(self) -> list[tuple[str, str, int | None]]:
        """The folded table: work request, state, attachment."""
        rows = self.lake.read(ATTACHMENTS).to_pylist()
        return sorted((row["work_request"], row["state"], row["attachment_id"]) for row in rows)

    def log(self) -> list[str]:
        """States of the log in the order of recording."""
        return self.lake.read(PUBLICATIONS)["state"].to_pylist()

    def calls(self) -> list[str]:
        """The requests since the journal was emptied last; downloads without a token are left out."""
        return [f"{one.method} {one.path}" for one in self.stand_in.journal() if "/files/" not in one.path]

    def attach(self, sheet: SheetMade, row: int, name: str, data: bytes) -> int:
        """Somebody else attaches a file."""
        self.stand_in.user("office@example.com", "office-token", "Bo", "Chen")
        self.stand_in.share("office@example.com", "EDITOR", sheet=sheet.id)
        them = self.new_client("office-token")
        return them.attach_to_row(sheet.id, row, name, data, "application/octet-stream").id
