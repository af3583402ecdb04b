"""What the billing tables must prove together, and whether the rules that make them can be read.

Lives here: the comparisons of `billing.tie_out`, and SQL over the billing tables, as sentences for a person;
no dagster. Called by `checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsr_pipeline.defs.findings import Finding, count, row_of, rows_of
from dsr_pipeline.lake.contracts.billing import GROUP

if TYPE_CHECKING:
    from pathlib import Path

    from dsr_pipeline.lake.store import Lake


def billing_ties_out(lake: Lake) -> Finding:
    """Rows read = billable + rejected + held, and units = groups = ledger, in every way that is compared."""
    from dsr_pipeline.billing.tie_out import tie_out_lake

    if not _was_billed(lake):
        return Finding("holds", "nothing was billed yet")
    found = tie_out_lake(lake)
    figures = row_of(lake, GROUP, _FIGURES)
    broken = [one for one in found if not one.holds]
    rows = [{"comparison": one.name, "must hold": one.meaning, "found": one.told} for one in broken or found]
    if broken:
        return Finding("broken", "; ".join(str(one) for one in broken), figures, rows)
    return Finding("holds", "; ".join(f"{one.name}: {one.told}" for one in found[:2]), figures, rows)


def rejected_rows(lake: Lake) -> Finding:
    """Completed rows that are not billed, with what they would bill: each needs a person."""
    if not _was_billed(lake):
        return Finding("holds", "nothing was billed yet")
    rows, total = rows_of(lake, GROUP, _REASONS)
    figures = row_of(lake, GROUP, _FIGURES)
    if total:
        sums = rows_of(lake, GROUP, _AT_STAKE)[0]
        amount = " and ".join(f"{one['currency']} {one['at_stake']:,.2f}" for one in sums)
        waiting = sum(int(row["rows"]) for row in rows)
        return Finding(
            "needs a person", f"{count(waiting, 'row')} not billed, {amount} at stake", figures, rows
        )
    return Finding("holds", "every completed row is billed", figures)


def rules_read(rules_root: Path, zone: str) -> Finding:
    """Everything under `rules/` that billing and its reports need can be read; mistakes are named."""
    from dsr_pipeline.billing.run import load_billing_rules
    from dsr_pipeline.reports.weekly_rules import load_look, look_hash
    from dsr_pipeline.rule_files import RuleFileError

    try:
        rules = load_billing_rules(rules_root, zone=zone, layout=look_hash(load_look(rules_root)))
    except RuleFileError as error:
        return Finding("broken", str(error))
    if problems := rules.problems():
        return Finding("needs a person", "; ".join(problems))
    figures = {"variants": len(rules.variants.variants), "rates": rules.rates.table.num_rows}
    told = f"{count(len(rules.rates.files), 'rate list')} and every other rule file can be read"
    return Finding("holds", told, figures)


def _was_billed(lake: Lake) -> bool:
    """Whether a billing run made the tables; where nothing is billed they are only there, and empty."""
    return bool(lake.group(GROUP).state().inputs)


_FIGURES = """
select
    count(*) as "rows",
    count(*) filter (status = 'billable') as billable,
    count(*) filter (status = 'rejected') as rejected,
    count(*) filter (status = 'rejected' and reject_reason <> 'not_completed') as "rejected though completed",
    count(*) filter (status = 'held') as held,
    (select count(*) from billing.work_groups) as groups
from billing.work_units
"""

_REASONS = """
select reason, count(*)::bigint as "rows", round(sum(amount_at_stake), 2) as "at stake", currency
from billing.rejected_units
where reason <> 'not_completed'
group by reason, currency
order by sum(amount_at_stake) desc, reason
"""

_AT_STAKE = """
select currency, sum(amount_at_stake) as at_stake
from billing.rejected_units where reason <> 'not_completed' group by currency order by currency
"""
