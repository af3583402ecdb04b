"""What the demo made, in figures, and whether they are the designed ones.

Lives here: the questions to the tables. How the answers look is `demo`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsr_pipeline.cli.demo_billing_facts import BillingFacts, collect_billing
from dsr_pipeline.cli.demo_sheet_facts import SheetFacts, collect_sheets
from dsr_pipeline.lake.views import connect

if TYPE_CHECKING:
    import duckdb

    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.smartsheet.client import SmartsheetClient

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The figures of the demo; rows are dicts named as the columns of their query."""

    files: list[Row]
    bad_lines: list[Row]
    accounts: list[Row]
    transfers: list[Row]
    review: list[Row]
    tables: int
    fact_rows: int
    sheets: SheetFacts
    billing: BillingFacts

    @property
    def lines(self) -> int:
        """Physical lines of all files."""
        return sum(file["lines"] for file in self.files)

    @property
    def accepted(self) -> int:
        """Lines that became transactions."""
        return sum(file["accepted"] for file in self.files)

    @property
    def excluded(self) -> int:
        """Lines left out for a stated reason."""
        return sum(file["excluded"] for file in self.files)

    @property
    def quarantined(self) -> int:
        """Lines that could not be read."""
        return sum(file["quarantined"] for file in self.files)

    def as_plain(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "files": self.files,
            "quarantine": self.bad_lines,
            "accounts": self.accounts,
            "transfers": self.transfers,
            "review_items": self.review,
            "fact_transactions": self.fact_rows,
            "smartsheet": self.sheets.as_plain(),
            "billing": self.billing.as_plain(),
            "designed": self.as_designed(),
        }

    def as_designed(self) -> dict[str, Any]:
        """The figures that the demo is compared by, as JSON values."""
        return {
            "files": {
                file["file"]: [file["status"], *(file[name] for name in _COUNTS)] for file in self.files
            },
            "accounts": {
                f"{row['account']} {row['currency']}": [row["transactions"], f"{row['net']:.2f}"]
                for row in self.accounts
            },
            "transfers": [
                [row["from_account"], row["to_account"], f"{row['amount']:.2f}"] for row in self.transfers
            ],
            "review_items": {row["kind"]: row["number"] for row in self.review},
            "fact_transactions": self.fact_rows,
            "smartsheet": self.sheets.as_designed(),
            "billing": self.billing.as_designed(),
        }


def collect(lake: Lake, client: SmartsheetClient) -> Facts:
    """Ask the tables of the demo, and the stand-in for what hangs on its rows; closes the client."""
    with connect(lake) as connection:
        return Facts(
            files=_rows(connection, "select * from bank.files order by file"),
            bad_lines=_rows(
                connection, 'select file, line_no, reason, "column", value from bank.quarantine order by all'
            ),
            accounts=_rows(connection, _ACCOUNTS),
            transfers=_rows(connection, _TRANSFERS),
            review=_rows(connection, _REVIEW),
            tables=_rows(connection, _TABLES)[0]["number"],
            fact_rows=_rows(connection, "select count(*) as number from powerbi.fact_transactions")[0][
                "number"
            ],
            sheets=collect_sheets(partial(_rows, connection)),
            billing=collect_billing(partial(_rows, connection), client),
        )


def differences(facts: Facts, expected: Path) -> list[str]:
    """Sentences about what is not as designed; none when all is."""
    designed = json.loads(expected.read_text(encoding="utf-8"))
    made = json.loads(json.dumps(facts.as_designed()))
    return [
        f"{part}: designed {_short(designed.get(part))}, made {_short(made.get(part))}"
        for part in sorted(designed.keys() | made.keys())
        if designed.get(part) != made.get(part)
    ]


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 400 else f"{text[:400]}…"


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


_TABLES = "select count(*) as number from duckdb_views() where not internal"

_COUNTS = ("lines", "accepted", "excluded", "quarantined")

_ACCOUNTS = """
with verdicts as (
    select account, arg_max(balance_verdict, (date_max, file)) as balance
    from bank.files
    where status = 'accepted'
    group by account
)
select
    account,
    coalesce(string_agg(distinct owner, ', ' order by owner), '') as owner,
    count(*) as transactions,
    coalesce(sum(amount) filter (amount > 0), 0) as money_in,
    coalesce(sum(amount) filter (amount < 0), 0) as money_out,
    sum(amount) as net,
    coalesce(currency, '') as currency,
    coalesce(any_value(verdicts.balance), 'not_available') as balance
from bank.live_transactions
left join verdicts using (account)
group by account, currency
order by account, currency
"""

_TRANSFERS = """
select
    source.account as from_account, target.account as to_account,
    transfers.amount, days_apart, evidence
from bank.transfers
join bank.live_transactions as source on source.txn_key = from_key
join bank.live_transactions as target on target.txn_key = to_key
order by coalesce(source.post_date, source.date), from_account, transfers.amount
"""

_REVIEW = """
select kind, count(*) as number, arg_min(reason, keys) as example
from bank.review_items
group by kind
order by kind
"""
