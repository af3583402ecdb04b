"""A billed lake with a folder of reports beside it: what the tests of weekly reports work on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from dsr_pipeline.lake.store import Lake
from dsr_pipeline.reports.manifest import PublishedReport, mark_published
from dsr_pipeline.reports.weekly_build import BuildReport, build_weekly
from dsr_pipeline.reports.weekly_rules import WeeklyLook, WeeklyRules, load_look
from dsr_pipeline_tests.billing.billing_world import NOW, RULES_ROOT, BillingWorld, billing_rules


def plain_look(rules_root: Path = RULES_ROOT) -> WeeklyLook:
    """The shipped look without PDF, which most tests do not need."""
    look = load_look(rules_root)
    rules = WeeklyRules.model_validate(look.rules.model_dump() | {"pdf": False})
    return WeeklyLook(rules, look.logo, look.labels)


@dataclass
class ReportWorld(BillingWorld):
    """Rows, billing, workbooks and their publication."""

    folder: Path = field(default_factory=Path)
    look: WeeklyLook = field(default_factory=plain_look)
    builds: int = 0

    def build(
        self,
        rows: Sequence[Mapping[str, Any]] | None = None,
        *,
        weeks: Collection[date] | None = None,
        sync: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> BuildReport:
        """Bill the rows (None: as they are) and build what differs."""
        if rows is not None:
            report = self.bill(rows, **(sync or {}))
            assert not report.failures, report.failures
        self.builds += 1
        return build_weekly(
            self.lake,
            self.rules,
            self.look,
            self.folder,
            weeks=weeks,
            now=self.now,
            run_id=f"build-{self.builds}",
            **more,
        )

    def publish(self, at: datetime | None = None) -> int:
        """Say of every workbook as it stands that all its targets have it."""
        published = [
            PublishedReport(row["group_id"], row["revision"], row["content_hash"], row["amount"])
            for row in self.files()
        ]
        return mark_published(self.lake, published, at=at or self.now, run_id="publish-1")

    def later(self, days: int = 1) -> None:
        """Let time pass."""
        self.now += timedelta(days=days)

    def files(self) -> list[dict[str, Any]]:
        """The table of report files."""
        return self.lake.read("reports/report_files").to_pylist()

    def file(self, **values: Any) -> dict[str, Any]:
        """The one report file that has these values."""
        found = [row for row in self.files() if all(row[name] == value for name, value in values.items())]
        assert len(found) == 1, found
        return found[0]

    def bytes_of(self, row: Mapping[str, Any]) -> bytes:
        """The workbook of a row; it is as the row says."""
        data = (self.folder / row["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
        assert len(data) == row["size"]
        return data

    def tree(self) -> dict[str, bytes]:
        """Every file below the reports with its bytes."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def workbooks(self) -> list[str]:
        """The files that people open."""
        return [path for path in self.tree() if path.startswith("weekly/")]


def report_world(folder: Path, **rules: Any) -> ReportWorld:
    """An empty world below a folder."""
    return ReportWorld(
        lake=Lake(folder / "lake"), rules=billing_rules(**rules), now=NOW, folder=folder / "reports"
    )
