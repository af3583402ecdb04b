"""What the billing and report assets do: the rules are loaded and one function of a room is called.

Lives here: the resources put together with `billing.run`, and what a run reports of it. Called by the assets
of billing and reports, which ask the same question before they do anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsr_pipeline.billing.variants import FILE as VARIANTS
from dsr_pipeline.lake.contracts.billing import DERIVED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dsr_pipeline.billing.run import BillingReport, BillingRules
    from dsr_pipeline.defs.resources import Home
    from dsr_pipeline.lake.contract import Contract
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

SHOWN_PROBLEMS = 20
"""Sentences that are stored with a materialisation."""


@dataclass(frozen=True, slots=True)
class Billed:
    """What one run did: it billed, or there is a reason why not."""

    report: BillingReport | None
    why_not: str | None = None

    @property
    def sentence(self) -> str:
        """What became of the tables, for a person."""
        if self.report is None:
            return self.why_not or ""
        if self.report.failures:
            return f"the tables before this run stay in place: {'; '.join(self.report.failures)}"
        if self.report.unchanged:
            return "nothing has moved since the last run"
        return "the tables are those of this run"

    @property
    def refused(self) -> bool:
        """Whether what was made was not good enough to take the place of what was there."""
        return self.report is not None and bool(self.report.failures)

    def figures(self) -> dict[str, Any]:
        """For the metadata of every table of the run."""
        if self.report is None:
            return {"new content": False, "not billed": self.why_not or ""}
        report = self.report
        figures: dict[str, Any] = {
            "new content": not report.unchanged and not report.failures,
            "claims seen first": report.claims_seen,
        }
        if told := [*report.problems, *report.failures]:
            figures["problems"] = "\n".join(told[:SHOWN_PROBLEMS])
        return figures


def why_not_billed(home: Home) -> str | None:
    """Why nothing is billed in this home; None where it is."""
    if not (home.rules_path / VARIANTS).exists():
        return f"rules/{VARIANTS} is not there, so nothing is billed: it says which groups there are"
    return None


def billing_rules(home: Home) -> tuple[BillingRules, WeeklyLook]:
    """Everything that decides what is billed, and how it looks. Raises `RuleFileErrors`."""
    from dsr_pipeline.billing.run import load_billing_rules
    from dsr_pipeline.reports.weekly_rules import load_look, look_hash

    look = load_look(home.rules_path)
    return load_billing_rules(home.rules_path, zone=home.timezone, layout=look_hash(look)), look


def bill_now(home: Home, *, now: datetime, run_id: str, say: Callable[[str], None]) -> Billed:
    """Bill the rows as they are. Raises `RuleFileErrors`."""
    if reason := why_not_billed(home):
        say(reason)
        keep_tables(home, DERIVED, run_id=run_id, say=say)
        return Billed(None, reason)
    from dsr_pipeline.billing.run import bill

    rules, _ = billing_rules(home)
    return Billed(
        bill(
            home.open_lake(),
            rules,
            now=now,
            run_id=run_id,
            quarantine=home.quarantine_path,
            on_wait=say,
            on_step=say,
        )
    )


def keep_tables(
    home: Home, contracts: Sequence[Contract], *, run_id: str, say: Callable[[str], None]
) -> None:
    """See to it that these tables of one group are there, empty where nothing was ever written."""
    group = home.open_lake().group(contracts[0].group)

    def are_there() -> bool:
        tables = group.state().tables
        return all(one.table in tables for one in contracts)

    if are_there():
        return
    with group.writing(contracts, run_id=run_id, quarantine=home.quarantine_path, on_wait=say) as writer:
        if are_there():  # another process was quicker
            return
        for contract in contracts:
            writer.put(contract, contract.schema.empty_table())
        writer.switch().raise_if_refused()
