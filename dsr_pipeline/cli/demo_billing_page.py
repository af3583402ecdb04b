"""How the demo shows what it billed: judged rows, weeks, one revised workbook, what hangs on the rows.

Lives here: the page and nothing that asks the tables; that is `demo_billing_facts`. Called by `demo`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from rich.text import Text

from dsr_pipeline.cli import screen

if TYPE_CHECKING:
    from rich.console import Console

    from dsr_pipeline.cli.demo_billing_facts import BillingFacts

SHOWN_ATTACHMENTS = 6


def show_billing(console: Console, facts: BillingFacts) -> None:
    """The page of billing."""
    console.rule("[bold]What is billed, and what is not", align="left")
    billable, rejected, held = (facts.of_status(one) for one in ("billable", "rejected", "held"))
    console.print(
        f"{facts.rows:,} rows = {billable['rows']:,} billed + {rejected['rows']:,} not billed + "
        f"{held['rows']:,} held: nothing is lost."
    )
    reasons = screen.table(
        None, ["not billed because", "rows", "at stake", "for example"], ["rows", "at stake"]
    )
    for one in facts.reasons:
        figures = (f"{one['rows']:,}", screen.money(one["amount"]))
        reasons.add_row(one["reason"].replace("_", " "), *figures, Text(one["example"]))
    console.print(reasons)
    console.print()
    console.rule("[bold]Weekly workbooks", align="left")
    figures = ["workbooks", "revised", "PDFs", "published", "billed"]
    weeks = screen.table(None, ["week ending", "", *figures], right=figures)
    for week in facts.weeks:
        counts = (f"{week[name]:,}" for name in ("workbooks", "revised", "pdfs", "published"))
        standing = "closed" if week["closed"] else "open"
        weeks.add_row(f"{week['week_ending']}", standing, *counts, screen.money(week["amount"]))
    console.print(weeks)
    total = sum((week["amount"] for week in facts.weeks), Decimal(0))
    console.print(
        f"{screen.money(total)} in the workbooks = {screen.money(billable['amount'])} of the billed rows."
    )
    _show_attachments(console, facts)
    console.print()


def _show_attachments(console: Console, facts: BillingFacts) -> None:
    console.print()
    console.rule("[bold]What hangs on the rows of the stand-in", align="left")
    targets = sorted({one["target"] for one in facts.attachments})
    for target in targets:
        files = [one for one in facts.attachments if one["target"] == target]
        console.print(f"{target}: {screen.count(len(files), 'attachment')}, such as")
        for one in files[:SHOWN_ATTACHMENTS]:
            console.print(Text(f"  {one['name']}  ({one['kb']} KB)"), soft_wrap=True)
