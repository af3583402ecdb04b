"""`dsr bench billing`: as many rows as an office has, billed, and the workbooks of all of them.

Rows are invented (`bench_billing_rows`); all measured work runs in processes of its own. Figures are CPU
seconds (user and system, all threads) of the work itself: interpreter and imports are told apart.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsr_pipeline.cli.bench_bank import Figure
from dsr_pipeline.cli.measure import Cost, told

if TYPE_CHECKING:
    from dsr_pipeline.billing.run import BillingRules
    from dsr_pipeline.reports.book import Book
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

ROUNDS = 3
BILL_LIMIT = 3.0
"""CPU seconds from rows to groups, and of a run with one changed row with its workbook."""
BOOK_LIMIT_MS = 60.0
PEAK_LIMIT_MB = 1_024
UNCHANGED_LIMIT = 0.5
COMPARED_BOOKS = 100

ZONE = "America/Chicago"
NOW = datetime(2026, 6, 1, 7, 0)  # noqa: DTZ001 - the tables keep UTC without a zone
_SELF = (sys.executable, "-m", "dsr_pipeline.cli.bench_billing")


def bench_billing(tell: Callable[[str], None], rows: int | None = None) -> list[Figure]:
    """Run all of it in a temporary folder (about 1 GB); `tell` gets progress."""
    from dsr_pipeline.cli.bench_billing_rows import ROW_COUNT, SHEET_COUNT

    count = rows or ROW_COUNT
    with tempfile.TemporaryDirectory(prefix="dsr-bench-") as name:
        folder = Path(name)
        tell(f"writing {count:,} rows on {SHEET_COUNT} sheets")
        told([*_SELF, "write", name, str(count), "0"])
        tell("first run")
        first, billed = _part("bill", folder)
        tell("nothing changed")
        unchanged = [_part("bill", folder)[1] for _ in range(ROUNDS)]
        changed: list[tuple[Cost, dict[str, Any]]] = []
        for touched in range(1, ROUNDS + 1):
            tell(f"one changed row, round {touched}")
            told([*_SELF, "write", name, str(count), str(touched)])
            changed.append(_part("whole", folder))
        tell("one changed row, what moved alone")
        told([*_SELF, "write", name, str(count), str(ROUNDS + 1)])
        moved = _part("bill", folder)[1]
        figures = _billing(count, (first, billed), unchanged, changed)
        figures.insert(-2, Figure("the same, what moved alone", f"{moved['cpu']:.2f} CPU s", "–", True))
        tell("all workbooks (some minutes)")
        figures += _workbooks(folder, count, tell)
    return figures


def _billing(
    rows: int,
    first: tuple[Cost, dict[str, Any]],
    unchanged: list[dict[str, Any]],
    changed: list[tuple[Cost, dict[str, Any]]],
) -> list[Figure]:
    cost, billed = first
    again = min(one["cpu"] for one in unchanged)
    cpu = sorted(one["cpu"] for _, one in changed)[len(changed) // 2]
    steps = next(one["steps"] for _, one in changed if one["cpu"] == cpu)
    peak = max(cost.peak_mb, *(one.peak_mb for one, _ in changed))
    return [
        Figure(
            "start-up (interpreter, imports, pandera)", f"{cost.cpu - billed['cpu']:.2f} CPU s", "–", True
        ),
        Figure(
            "rows, units billed, groups", f"{rows:,}, {billed['billable']:,}, {billed['groups']:,}", "–", True
        ),
        Figure(
            f"first run, {billed['claims_seen']:,} claims recorded", f"{billed['cpu']:.2f} CPU s", "–", True
        ),
        _at_most("rows to units to groups, all rows judged", cpu, BILL_LIMIT, "CPU s"),
        Figure("of it, by step", ", ".join(f"{step} {spent:.2f}" for step, spent in steps), "–", True),
        _at_most("nothing changed", again, UNCHANGED_LIMIT, "CPU s"),
        Figure("peak memory", f"{peak:,.0f} MB", f"≤ {PEAK_LIMIT_MB:,} MB", peak <= PEAK_LIMIT_MB),
    ]


def _workbooks(folder: Path, rows: int, tell: Callable[[str], None]) -> list[Figure]:
    """A full set of workbooks, the two writers on the same sheets, and one changed row from end to end."""
    cost, built = _part("books", folder)
    per_book = 1000 * built["cpu"] / built["books"]
    tell("one changed row, with its workbook")
    told([*_SELF, "write", str(folder), str(rows), str(ROUNDS + 2)])
    one_cost, one = _part("report", folder)
    return [
        _at_most(
            f"{built['books']:,} workbooks, each with all that belongs to it",
            per_book,
            BOOK_LIMIT_MS,
            "ms CPU",
        ),
        Figure(
            f"the writer alone, {built['compared']} of them",
            f"openpyxl {built['openpyxl_ms']:.1f} ms CPU, XlsxWriter {built['xlsxwriter_ms']:.1f}",
            "–",
            True,
        ),
        Figure(
            "peak memory of the full set",
            f"{cost.peak_mb:,.0f} MB",
            f"≤ {PEAK_LIMIT_MB:,} MB",
            cost.peak_mb <= PEAK_LIMIT_MB,
        ),
        Figure("workbooks built after one changed row", f"{one['books']}", "1", one["books"] == 1),
        _at_most("one changed row: billed, built", one["cpu"], BILL_LIMIT, "CPU s"),
        Figure(
            "peak memory of it",
            f"{one_cost.peak_mb:,.0f} MB",
            f"≤ {PEAK_LIMIT_MB:,} MB",
            one_cost.peak_mb <= PEAK_LIMIT_MB,
        ),
    ]


def _part(part: str, folder: Path) -> tuple[Cost, dict[str, Any]]:
    """One part in a process of its own: what the process cost, and what it told of the work."""
    cost, out = told([*_SELF, part, str(folder)])
    return cost, json.loads(out)


def _at_most(name: str, value: float, limit: float, unit: str) -> Figure:
    return Figure(name, f"{value:.2f} {unit}", f"≤ {limit:g} {unit}", value <= limit)


# What follows runs in the processes that are measured.


def _write(folder: Path, rows: int, touched: int) -> None:
    from dsr_pipeline.cli.bench_billing_rows import write_rows
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.settings import project_folder

    prices = project_folder() / "rules" / "billing" / "rates" / "price_list.csv"
    write_rows(Lake(folder / "lake"), prices, rows=rows, touched=touched)


def _rules() -> tuple[BillingRules, WeeklyLook]:
    """The shipped rules, without PDFs: the workbooks are measured."""

    from dsr_pipeline.billing.run import load_billing_rules
    from dsr_pipeline.lake.contracts.billing import RATES
    from dsr_pipeline.lake.validation import validate
    from dsr_pipeline.reports.weekly_rules import load_look, look_hash
    from dsr_pipeline.settings import project_folder

    root = project_folder() / "rules"
    look = load_look(root)
    look = replace(look, rules=look.rules.model_copy(update={"pdf": False}))
    rules = load_billing_rules(root, zone=ZONE, layout=look_hash(look))
    validate(RATES, rules.rates.table)  # the checks load what they need when they are asked first
    return rules, look


def _bill(folder: Path, *, whole: bool = False) -> None:
    from dsr_pipeline.billing.run import bill
    from dsr_pipeline.lake.store import Lake

    rules, _ = _rules()
    marks: list[tuple[str, float]] = []
    begun = last = time.process_time()

    def step(name: str) -> None:
        nonlocal last
        now = time.process_time()
        marks.append((name, now - last))
        last = now

    report = bill(Lake(folder / "lake"), rules, now=NOW, run_id="bench", on_step=step, whole=whole)
    spent = time.process_time() - begun
    assert not report.failures, report.failures
    told_ = {"billable": report.billable, "groups": report.groups, "claims_seen": report.claims_seen}
    print(json.dumps({"cpu": spent, "steps": marks} | told_))


def _books(folder: Path) -> None:
    """All workbooks in this one process, and some of them once more with either writer."""
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports import weekly_layout
    from dsr_pipeline.reports.weekly_build import build_weekly
    from dsr_pipeline.reports.xlsx import write_xlsx
    from dsr_pipeline.reports.xlsxwriter_book import write_with_xlsxwriter

    rules, look = _rules()
    kept: list[Book] = []
    layout = weekly_layout.weekly_book

    def kept_layout(*given: Any) -> Book:
        book = layout(*given)
        if len(kept) < COMPARED_BOOKS:
            kept.append(book)
        return book

    weekly_layout.weekly_book = kept_layout
    begun = time.process_time()
    report = build_weekly(
        Lake(folder / "lake"), rules, look, folder / "reports", weeks=None, now=NOW, run_id="bench"
    )
    spent = time.process_time() - begun
    found: dict[str, Any] = {"cpu": spent, "books": len(report.files), "compared": len(kept)}
    for name, write in (("openpyxl_ms", write_xlsx), ("xlsxwriter_ms", write_with_xlsxwriter)):
        begun = time.process_time()
        for book in kept:
            write(book)
        found[name] = 1000 * (time.process_time() - begun) / max(1, len(kept))
    print(json.dumps(found))


def _report(folder: Path) -> None:
    """What `dsr report weekly` does: bill, and build what differs."""
    from dsr_pipeline.billing.run import bill
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.weekly_build import build_weekly

    rules, look = _rules()
    lake, now = Lake(folder / "lake"), NOW + timedelta(hours=2)
    begun = time.process_time()
    bill(lake, rules, now=now, run_id="bench")
    report = build_weekly(lake, rules, look, folder / "reports", weeks=None, now=now, run_id="bench")
    print(json.dumps({"cpu": time.process_time() - begun, "books": len(report.files)}))


def _main(words: list[str]) -> None:
    match words:
        case ["write", folder, rows, touched]:
            _write(Path(folder), int(rows), int(touched))
        case ["bill", folder]:
            _bill(Path(folder))
        case ["whole", folder]:
            _bill(Path(folder), whole=True)
        case ["books", folder]:
            _books(Path(folder))
        case ["report", folder]:
            _report(Path(folder))
        case _:
            raise SystemExit(f"unknown part of the benchmark: {words}")


if __name__ == "__main__":
    _main(sys.argv[1:])
