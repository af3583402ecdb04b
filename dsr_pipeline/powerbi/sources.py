"""What the rule files say of accounts and categories, as the star needs it.

Lives here: reading `rules/` for the star and nothing else. Called by `defs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsr_pipeline.bank import accounts as account_file
from dsr_pipeline.bank.rule_set import load_rules
from dsr_pipeline.powerbi.calendar import Calendar
from dsr_pipeline.powerbi.star import AccountFacts, RuleFacts, StarSources

if TYPE_CHECKING:
    from pathlib import Path


def star_sources(rules_root: Path) -> StarSources:
    """The facts beside the transactions. Raises `RuleFileError`."""
    rules = load_rules(rules_root).rules
    accounts = account_file.load_accounts(rules_root / account_file.FILE).accounts
    return StarSources(
        accounts={
            key: AccountFacts(account.institution, account.kind, account.currency)
            for key, account in accounts.items()
        },
        rules={rule.rule: RuleFacts(rule.bank, rule.account.kind) for rule in rules.values()},
        category_groups={},
        calendar=Calendar(),
    )
