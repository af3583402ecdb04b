"""A few rows as a sync would have left them in a lake, and billed: what tests of billing and reports use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from dsr_pipeline.billing.policy import Policy
from dsr_pipeline.billing.rates import RateTables, load_rates
from dsr_pipeline.billing.run import BillingReport, BillingRules, bill
from dsr_pipeline.billing.variants import Variants, load_variants
from dsr_pipeline.lake.contracts.smartsheet import DERIVED, GROUP, HOLDS, ROWS, RUNS, SHEETS
from dsr_pipeline.lake.store import Lake

RULES_ROOT = Path(__file__).parents[2] / "rules"
ZONE = "America/Chicago"
NOW = datetime(2026, 6, 1, 12, 0)  # noqa: DTZ001 - the tables keep UTC without a zone
PRIMARY, SUBCONTRACTOR = 101, 202
"""Sheets of the world: one at the price basis primary, one at subcontractor."""

UNIT: dict[str, Any] = {
    "sheet_id": PRIMARY,
    "work_request": "90001",
    "work_order": "DE1",
    "customer": "Red River Power",
    "dept": "1000",
    "job": "J1",
    "area": "Corpus",
    "scope": "S1",
    "cu": "POL-A-3",
    "cu_description": "Pole,Wood,A-3",
    "work_type": "Inst",
    "uom": "EA",
    "quantity": "1",
    "price": "100",
    "foreman": "Jo Reyes",
    "foreman_contact": "jo.reyes@field.example",
    "completed": "true",
    "snapshot_date": "2026-05-06",
    "reference_date": "2026-05-10",
}
"""A completed unit; the 10th of May 2026 is a Sunday. Every row gets a pole of its own."""


def unit(**cells: Any) -> dict[str, Any]:
    """A row that bills 100.00, with other cells where they are given (None empties one)."""
    return UNIT | cells


def sheet(sheet_id: int, **values: Any) -> dict[str, Any]:
    """A row of the catalogue."""
    basis = "subcontractor" if sheet_id == SUBCONTRACTOR else "primary"
    return {
        "sheet_id": sheet_id,
        "name": f"Field sheet {sheet_id}",
        "source": basis,
        "rate_basis": basis,
        "status": "read",
        "live_rows": 0,
        "error_cells": 0,
    } | values


def hold(
    work_request: str, sheet_id: int = PRIMARY, reason: str = "could not be read: ask for access"
) -> dict[str, Any]:
    """A row of the holds."""
    return {
        "sheet_id": sheet_id,
        "sheet_name": f"Field sheet {sheet_id}",
        "work_request": work_request,
        "rows": 1,
        "reason": reason,
    }


def write_sync(
    lake: Lake,
    rows: Sequence[Mapping[str, Any]],
    *,
    holds: Sequence[Mapping[str, Any]] = (),
    sheets: Sequence[Mapping[str, Any]] = (),
    at: datetime = NOW,
) -> None:
    """Write the Smartsheet tables as a sync that began at `at` would.

    A row without `row_id` gets its place in the list, from 1, and with it its pole, where it names none.
    """
    filled = [_row(place, row) for place, row in enumerate(rows, start=1)]
    known = {one["sheet_id"]: one for one in sheets}
    catalogue = [known.get(one) or sheet(one) for one in sorted({*known, *(r["sheet_id"] for r in filled)})]
    given = {ROWS: filled, SHEETS: catalogue, HOLDS: list(holds)}
    seq = lake.log(RUNS).last() + 1
    written = lake.read(ROWS).to_pylist() if lake.table_path(ROWS) else []
    versions = {_content(row): row["run_seq"] for row in written}
    for row in filled:
        row["run_seq"] = versions.get(_content(row), seq)
    with lake.group(GROUP).writing(DERIVED, run_id=f"sync-{seq}") as writer:
        for contract in DERIVED:
            writer.put(contract, pa.Table.from_pylist(given.get(contract, []), schema=contract.schema))
        writer.switch().raise_if_refused()
    counts = [one.name for one in RUNS.columns if one.type == pa.int64() and one.name != "run_seq"]
    record = dict.fromkeys(counts, 0) | {
        "run_seq": seq,
        "run_id": f"sync-{seq}",
        "status": "done",
        "started_at_utc": at,
    }
    lake.log(RUNS).append(pa.Table.from_pylist([record], schema=RUNS.schema))


def _content(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a row holds: one that stays the same is no new version of it."""
    return tuple(row.get(name) for name in ROWS.names if name != "run_seq")


def _row(place: int, row: Mapping[str, Any]) -> dict[str, Any]:
    row_id = row.get("row_id", place)
    made = {
        "row_id": row_id,
        "run_seq": 1,
        "row_hash": f"{row_id:032d}",
        "billing_hash": f"{row_id:032d}",
        "row_number": place,
        "created_at_utc": datetime(2026, 5, 1) + timedelta(minutes=row_id % 100_000),  # noqa: DTZ001 - UTC
        "modified_at_utc": datetime(2026, 5, 7, 9, 30),  # noqa: DTZ001 - UTC
        "modified_by": "automation@smartsheet.com",
        "pole": f"10-{row_id}",
    }
    return made | dict(row)


def billing_rules(
    *,
    policy: Mapping[str, Any] | None = None,
    variants: Sequence[Mapping[str, Any]] | None = None,
    layout: str = "layout 1",
    rates: RateTables | None = None,
) -> BillingRules:
    """The shipped rules, with other values of the policy or other variants where they are given."""
    own_policy = Policy.model_validate(dict(policy or {}))
    own_variants = (
        load_variants(RULES_ROOT)
        if variants is None
        else Variants.model_validate({"variants": [dict(one) for one in variants]})
    )
    return BillingRules(own_policy, own_variants, rates or load_rates(RULES_ROOT, Policy()), ZONE, layout)


@dataclass
class BillingWorld:
    """A lake whose Smartsheet tables a test writes, and the billing of them."""

    lake: Lake
    rules: BillingRules = field(default_factory=billing_rules)
    now: datetime = NOW
    runs: int = 0
    report: BillingReport = field(default_factory=BillingReport)

    def bill(self, rows: Sequence[Mapping[str, Any]] | None = None, **sync: Any) -> BillingReport:
        """Write the rows (more as `write_sync` takes it) and bill them; without rows only bill."""
        if rows is not None:
            write_sync(self.lake, rows, **sync)
        self.runs += 1
        self.report = bill(self.lake, self.rules, now=self.now, run_id=f"bill-{self.runs}")
        return self.report

    def with_rules(self, **given: Any) -> None:
        """Go on under other rules, as `billing_rules` takes them."""
        self.rules = billing_rules(**given)

    def with_layout(self, layout: str) -> None:
        """Go on under another layout."""
        self.rules = replace(self.rules, layout=layout)

    def table(self, name: str) -> list[dict[str, Any]]:
        """The rows of a billing table."""
        return self.lake.read(f"billing/{name}").to_pylist()

    def units(self) -> dict[int, dict[str, Any]]:
        """The units by row id."""
        return {one["row_id"]: one for one in self.table("work_units")}

    def unit(self, row_id: int = 1) -> dict[str, Any]:
        """One unit."""
        return self.units()[row_id]

    def groups(self) -> list[dict[str, Any]]:
        """The groups."""
        return self.table("work_groups")

    def group(self, variant: str = "primary", **values: Any) -> dict[str, Any]:
        """The one group of a variant that has these values."""
        found = [
            one
            for one in self.groups()
            if one["variant"] == variant and all(one[name] == value for name, value in values.items())
        ]
        assert len(found) == 1, found
        return found[0]


def bill_rows(folder: Path, rows: Sequence[Mapping[str, Any]], **sync: Any) -> Lake:
    """A lake in the folder in which these rows are billed under the shipped rules."""
    world = BillingWorld(Lake(folder))
    report = world.bill(rows, **sync)
    assert not report.failures, report.failures
    return world.lake


def money(text: str) -> Decimal:
    """An amount as the tables hold it."""
    return Decimal(text).quantize(Decimal("0.0001"))


SUNDAY = date(2026, 5, 10)
"""The week ending of `unit()`."""
