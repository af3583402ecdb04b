"""Everything that a person decides about billing, read once: policy, variants, rates, zone and layout.

Lives here: what a billing run and the reports are given as one. Called by the command line and by the assets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dsr_pipeline.billing.assignment import basis_of
from dsr_pipeline.billing.policy import Policy, load_policy
from dsr_pipeline.billing.rates import RateTables, load_rates
from dsr_pipeline.billing.variants import Variants, load_variants
from dsr_pipeline.text import canonical_hash
from dsr_pipeline.weeks import WeekCalendar

ENGINE = 1
"""Raised when the same rows under the same rules would be judged differently, so that they are."""


@dataclass(frozen=True)
class BillingRules:
    """The rules of one run. `zone` is the IANA zone of the office, `layout` stands for how workbooks look."""

    policy: Policy
    variants: Variants
    rates: RateTables
    zone: str
    layout: str

    @cached_property
    def hash(self) -> str:
        """Changes with anything that may change a unit or a group."""
        return canonical_hash(
            "billing rules",
            ENGINE,
            self.policy.model_dump_json(),
            self.variants.model_dump_json(),
            self.rates.hash,
            self.zone,
            self.layout,
        )

    @cached_property
    def calendar(self) -> WeekCalendar:
        """How weeks are counted."""
        return WeekCalendar(self.policy.week.ends_on, self.zone)

    def problems(self) -> list[str]:
        """What a person should know of rules that can be used, as sentences."""
        known = {str(basis).casefold() for basis in self.rates.table["basis"].unique().to_pylist()}
        missing = {
            basis: one.name
            for one in reversed(self.variants.variants)
            if (basis := basis_of(one)) is not None and basis.casefold() not in known
        }
        return [
            f"no rate list names the basis '{basis}' of the variant {name}: its lines keep the sheet's price"
            for basis, name in sorted(missing.items())
        ]


def load_billing_rules(rules_root: Path, *, zone: str, layout: str) -> BillingRules:
    """Read `rules/billing`. Raises `RuleFileErrors`, and `WeekError` where the zone is none."""
    policy = load_policy(rules_root)
    WeekCalendar(policy.week.ends_on, zone)  # a wrong zone is told now, not in the middle of a run
    return BillingRules(policy, load_variants(rules_root), load_rates(rules_root, policy), zone, layout)
