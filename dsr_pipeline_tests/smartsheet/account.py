"""A billing account on the stand-in with a lake beside it: what the tests of the sync work on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dsr_pipeline.lake.contracts.smartsheet import ROW_VERSIONS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.rule_files import Document, validate
from dsr_pipeline.smartsheet.as_of import rows_at
from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.column_map import ColumnRules
from dsr_pipeline.smartsheet.limiter import NoLimiter
from dsr_pipeline.smartsheet.report import SyncReport
from dsr_pipeline.smartsheet.retry import RetryPolicy
from dsr_pipeline.smartsheet.sources import Sources
from dsr_pipeline.smartsheet.sync import sync
from dsr_pipeline_tests.standin import SheetMade, StandIn

GATES = ("Work Request #", "Weekly Reference Logged Date", "Units Completed?", "Units Total Price")
COLUMNS: tuple[Any, ...] = (
    "Work Request #",
    ("Weekly Reference Logged Date", "DATE"),
    ("Units Completed?", "CHECKBOX"),
    "Units Total Price",
    "Quantity",
    ("Foreman", "CONTACT_LIST"),
    "Remarks",
)
RULES: dict[str, Any] = {
    "columns": {
        "work_request": {"titles": ["Work Request #"], "gate": True, "billing": True},
        "reference_date": {
            "titles": ["Weekly Reference Logged Date"],
            "kind": "date",
            "gate": True,
            "billing": True,
        },
        "completed": {"titles": ["Units Completed?"], "kind": "flag", "gate": True, "billing": True},
        "price": {
            "titles": ["Units Total Price", "Total Price"],
            "kind": "number",
            "gate": True,
            "billing": True,
        },
        "quantity": {"titles": ["Quantity", "Qty"], "kind": "number", "billing": True},
        "foreman": {"titles": ["Foreman"], "kind": "contact", "billing": True},
    }
}
FAST = RetryPolicy(
    attempts=2,
    backoff_seconds=0.001,
    rate_limit_seconds=0.001,
    maintenance_seconds=0.001,
    deadline_seconds=30.0,
    read_seconds=5.0,
)


def unit(number: int, **more: Any) -> dict[str, Any]:
    """One completed unit as a row of cells."""
    return {
        "Work Request #": 90_000_000 + number // 10,
        "Weekly Reference Logged Date": "2026-03-08",
        "Units Completed?": True,
        "Units Total Price": 10.5 * (number + 1),
        "Quantity": number % 5 + 1,
        "Remarks": f"unit {number}",
    } | more


def column_rules(given: Mapping[str, Any] | None = None) -> ColumnRules:
    """Column rules from plain values."""
    return validate(Document(Path("columns.yaml"), dict(given or RULES), {}), ColumnRules)


def source_rules(**given: Any) -> Sources:
    """Source rules from plain values; the workspace of the fixture where none is named."""
    given.setdefault("sources", [{"name": "field", "workspace": "Field billing"}])
    return validate(Document(Path("sources.yaml"), given, {}), Sources)


@dataclass
class Account:
    """The stand-in, a client, a lake, and the rules under which they meet."""

    stand_in: StandIn
    lake: Lake
    sources: Sources = field(default_factory=source_rules)
    columns: ColumnRules = field(default_factory=column_rules)
    now: datetime = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the tables keep UTC without a zone
    client: Any = None

    def __post_init__(self) -> None:
        self.client = self.client or self.new_client()

    def new_client(self, token: str | None = None) -> SmartsheetClient:
        """A client that repeats at once."""
        return SmartsheetClient(
            token or self.stand_in.token,
            self.stand_in.base,
            limiter=NoLimiter(),
            policy=FAST,
            sleep=lambda seconds: None,
        )

    def sheet(
        self, name: str = "Work units", rows: int | Sequence[Mapping[str, Any]] = 6, **more: Any
    ) -> SheetMade:
        """A billing sheet in the workspace."""
        cells = [unit(number) for number in range(rows)] if isinstance(rows, int) else rows
        return self.stand_in.sheet(name, more.pop("columns", COLUMNS), cells, **more)

    def sync(self, **more: Any) -> SyncReport:
        """One sync, two hours after the last."""
        self.now += timedelta(hours=2)
        report = sync(
            more.pop("client", self.client),
            self.lake,
            self.sources,
            self.columns,
            now=self.now,
            run_id=f"run-{self.now:%d-%H}",
            **more,
        )
        self.stand_in.clock.advance(60)
        return report

    def set(self, sheet: SheetMade, row: int, **cells: Any) -> None:
        """Change cells of one row through the API, by title."""
        body = [{"id": row, "cells": [_cell(sheet, title, value) for title, value in cells.items()]}]
        self._ok("PUT", f"/sheets/{sheet.id}/rows", body)

    def add(self, sheet: SheetMade, cells: Mapping[str, Any]) -> int:
        """A new row at the bottom; gives its id."""
        body = [{"toBottom": True, "cells": [_cell(sheet, title, value) for title, value in cells.items()]}]
        return int(self._ok("POST", f"/sheets/{sheet.id}/rows", body)["result"][0]["id"])

    def delete(self, sheet: SheetMade, *rows: int) -> None:
        """Delete rows."""
        ids = ",".join(str(row) for row in rows)
        self._ok("DELETE", f"/sheets/{sheet.id}/rows?ids={ids}", None)

    def rename(self, sheet: SheetMade, column: str, title: str) -> None:
        """Give a column another title."""
        self._ok("PUT", f"/sheets/{sheet.id}/columns/{sheet.columns[column]}", {"title": title})

    def live(self) -> dict[tuple[int, int], dict[str, Any]]:
        """Every row of every sheet as the stand-in holds it: row id to cells that hold something."""
        db = self.stand_in.store.connection()
        return {
            (sheet_id, row_id): {
                key: cell for key, cell in json.loads(cells).items() if cell.get("value") not in (None, "")
            }
            for sheet_id, row_id, cells in db.execute("SELECT sheet_id, id, cells FROM rows")
        }

    def known(self) -> set[tuple[int, int]]:
        """The keys of the live rows in the tables."""
        table = self.lake.read("smartsheet/row_state", ["sheet_id", "row_id"])
        return {(row["sheet_id"], row["row_id"]) for row in table.to_pylist()}

    def rows(self) -> dict[int, dict[str, Any]]:
        """The rows of the tables by id."""
        return {row["row_id"]: row for row in self.lake.read("smartsheet/rows").to_pylist()}

    def versions(self, row: int) -> list[dict[str, Any]]:
        """Everything recorded of one row, oldest first."""
        return [one for one in self.lake.read(ROW_VERSIONS).to_pylist() if one["row_id"] == row]

    def as_of(self, seq: int) -> dict[tuple[int, int], str]:
        """The cells of every row as a past sync left them."""
        return {(one["sheet_id"], one["row_id"]): one["cells"] for one in rows_at(self.lake, seq).to_pylist()}

    def calls(self) -> list[str]:
        """The requests since the journal was emptied last: method and path."""
        return [f"{entry.method} {entry.path}" for entry in self.stand_in.journal()]

    def share_only(self, sheet: SheetMade, level: str | None) -> None:
        """Take the workspace away from the token's user and leave single sheets; None unshares the sheet."""
        with self.stand_in.store.writing() as db:
            db.execute("DELETE FROM access WHERE object='sheet' AND object_id=?", (sheet.id,))
        if level:
            self.stand_in.share("etl.reader@example.com", level, sheet=sheet.id)

    def _ok(self, method: str, path: str, body: Any) -> Any:
        answer = self.stand_in.http(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def _cell(sheet: SheetMade, title: str, value: Any) -> dict[str, Any]:
    return {"columnId": sheet.columns[title], "value": value, "strict": False}
