"""What the demo billed and published, in figures: judged rows, weeks, workbooks, attachments.

Lives here: the questions to the billing and report tables, and to the stand-in for what really hangs on its
rows. How the answers look is `demo_billing_page`.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from dsr_pipeline.smartsheet.client import SmartsheetClient

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BillingFacts:
    """The figures of billing; rows are dicts named as the columns of their query.

    `attachments` are those that the stand-in itself lists.
    """

    units: list[Row]
    reasons: list[Row]
    weeks: list[Row]
    files: list[Row]
    attachments: list[Row]

    @property
    def rows(self) -> int:
        """Rows that were judged."""
        return sum(one["rows"] for one in self.units)

    def of_status(self, status: str) -> Row:
        """Rows and amount of a status."""
        none: Row = {"status": status, "rows": 0, "amount": 0}
        return next((one for one in self.units if one["status"] == status), none)

    def as_plain(self) -> Row:
        """Everything, for programs."""
        return {
            "units": self.units,
            "reasons": self.reasons,
            "weeks": self.weeks,
            "files": self.files,
            "attachments": self.attachments,
        }

    def as_designed(self) -> Row:
        """The figures that the demo is compared by, as JSON values."""
        live = sorted(one["name"] for one in self.attachments)
        return {
            "units": {one["status"]: [one["rows"], f"{one['amount']:.2f}"] for one in self.units},
            "reasons": {one["reason"]: [one["rows"], f"{one['amount']:.2f}"] for one in self.reasons},
            "weeks": {
                f"{one['week_ending']}": [one["workbooks"], one["revised"], f"{one['amount']:.2f}"]
                for one in self.weeks
            },
            "attachments": len(live),
        }


def collect_billing(ask: Callable[[str], list[Row]], client: SmartsheetClient) -> BillingFacts:
    """Ask the tables, and the stand-in."""
    targets = ask(_TARGETS)
    with closing(client):
        attachments = [
            {"target": one["target"], "name": held.name, "kb": held.size_in_kb, "row_id": held.parent_id}
            for one in targets
            for held in client.attachments(one["sheet_id"])
        ]
    attachments.sort(key=lambda one: (one["target"], one["name"]))
    return BillingFacts(ask(_UNITS), ask(_REASONS), ask(_WEEKS), ask(_FILES), attachments)


_UNITS = """
select
    status, count(*) as rows, sum(if(status = 'billable', amount, amount_at_stake))::decimal(18,4) as amount
from billing.work_units
group by status
order by status
"""

_REASONS = """
select reason, count(*) as rows, sum(amount_at_stake)::decimal(18,4) as amount, min(sentence) as example
from billing.rejected_units
group by reason
order by amount desc, reason
"""

_WEEKS = """
select
    week_ending, bool_or(closed) as closed, count(*) as workbooks, count(*) filter (revision > 1) as revised,
    count(*) filter (withdrawn) as withdrawn, count(pdf_path) as pdfs,
    count(published_at_utc) as published,
    coalesce(sum(amount) filter (money), 0)::decimal(18,4) as amount
from reports.report_files
group by week_ending
order by week_ending
"""

_FILES = """
select
    work_request, week_ending, variant, claimer, revision, withdrawn, rows, amount, published_amount, path,
    pdf_path
from reports.report_files
order by revision desc, week_ending, work_request, variant, claimer
"""

_TARGETS = """
select distinct target, target_sheet_id as sheet_id
from publish.attachments
order by target, sheet_id
"""
