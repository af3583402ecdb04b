"""The sample world, read through the stand-in and billed: every total again from the raw files, to the cent.

The second way shares no code with the first: the Parquet of the world, the price list, and a few lines.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from dsr_pipeline.billing.run import bill
from dsr_pipeline.billing.tie_out import tie_out_lake
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.sandbox.sample import SAMPLE, load_sample
from dsr_pipeline.sandbox.world import read_snapshot
from dsr_pipeline.sandbox.world_seed import advance
from dsr_pipeline.smartsheet.column_map import load_columns
from dsr_pipeline.smartsheet.sources import load_sources
from dsr_pipeline_tests.billing.billing_world import RULES_ROOT, billing_rules
from dsr_pipeline_tests.smartsheet.account import Account
from dsr_pipeline_tests.standin import StandIn

LOOKS = (0, 3, 7)
ACTIONS = {"Inst": "Install Price", "Rem": "Removal Price", "Tran": "Transfer Price"}
ORDER = ("vac_crew", "subcontractor_helper", "subcontractor", "helper", "primary")

IDENTITY = ("Work Request #", "Weekly Reference Logged Date", "Pole #", "CU", "Work Type", "Scope #")

Totals = dict[tuple[str, date, str, str], Decimal]


@cache
def listed(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((SAMPLE / name).open(encoding="utf-8-sig")))


def rate(row: dict[str, Any], basis: str) -> Decimal:
    priced = [one for one in listed("price_list.csv") if (one["CU"], one["basis"]) == (row["CU"], basis)]
    days = {one["effective_from"]: one[ACTIONS[row["Work Type"]]] for one in priced}
    return Decimal(days[max(day for day in days if day <= row["Snapshot Date"])]) if days else Decimal(0)


def expected(number: int, claims: dict[tuple[int, str], str]) -> Totals:
    """The total of every work request, week, variant and claimer; `claims` remembers who came first."""
    bases = {one["__sheet_id"]: one["rate_basis"] for one in listed("sheets.csv")}
    found: list[tuple[int, str, dict[str, Any], Decimal, str]] = []
    for row in read_snapshot(SAMPLE, number).to_pylist():
        if row["Units Completed?"] is not True:
            continue
        sub = bases[str(row["__sheet_id"])] == "subcontractor"
        amount = Decimal(row["Units Total Price"].strip("$").replace(",", ""))
        role, variant = "Foreman", "subcontractor" if sub else "primary"
        if row["VAC Crew Helping?"] and row["Vac Crew Completed Unit?"]:
            role, variant = "VAC Crew Helping?", "vac_crew"
        elif row["Foreman Helping?"] and row["Helping Foreman Completed Unit?"] and row["Helper Dept #"]:
            role, variant = "Foreman Helping?", "subcontractor_helper" if sub else "helper"
        if variant.startswith("sub"):
            amount = rate(row, "subcontractor") * Decimal(row["Quantity"]) or amount
        if amount := amount.quantize(Decimal("0.01"), ROUND_HALF_UP):
            found.append((ORDER.index(variant), row["__created_at"], row, amount, role))
    found.sort(key=lambda one: one[:2])
    units: set[tuple[Any, ...]] = set()
    totals: Totals = defaultdict(Decimal)
    for place, _, row, amount, role in found:
        unit = tuple(row[name] for name in IDENTITY)
        if unit not in units:
            units.add(unit)
            claimer = claims.setdefault((row["__row_id"], role), row[role])
            week = date.fromisoformat(row["Weekly Reference Logged Date"])
            totals[(row["Work Request #"], week, ORDER[place], claimer)] += amount
    return totals


def test_every_total_of_the_world_is_the_sum_of_its_raw_rows(stand_in: StandIn, tmp_path: Path) -> None:
    load_sample(stand_in.store, token=stand_in.token)
    lake = Lake(tmp_path / "lake")
    account = Account(stand_in, lake, sources=load_sources(RULES_ROOT), columns=load_columns(RULES_ROOT))
    rules = billing_rules()
    claims: dict[tuple[int, str], str] = {}
    number: int | None = 0
    while number is not None:
        if number in LOOKS:
            assert account.sync().exit_code == 0
            report = bill(lake, rules, now=account.now, run_id=f"look-{number}")
            assert report.failures == []
            totals = expected(number, claims)
            groups = [one for one in lake.read("billing/work_groups").to_pylist() if one["money"]]
            billed = {
                (one["work_request"], one["week_ending"], one["variant"], one["claimer"]): one["amount"]
                for one in groups
            }
            assert billed == totals, number
            assert report.amount == sum(totals.values())
            assert all(one.holds for one in tie_out_lake(lake))
        number = advance(stand_in.store)
    assert report.billable > 350
    assert report.reasons.keys() == {"not_completed", "zero_price", "duplicate"}
