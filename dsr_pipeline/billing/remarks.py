"""The remarks of a line as SQL, in the order of the contract.

Lives here: when each applies. They are asked of units and of the lines of views alike.
"""

from __future__ import annotations

from dsr_pipeline.lake.contracts.billing import REMARKS

_WHEN = {
    "undated": "{t}snapshot_text is null",
    "out_of_week": "{t}snapshot_week <> {t}week_ending",
    "week_snapped": "{t}reference_day <> {t}week_ending",
    "credit": "{t}credit",
    "no_rate": "{t}unrated = 'no_rate'",
    "zero_rate": "{t}unrated = 'zero_rate'",
    "no_action": "{t}unrated = 'no_action'",
    "no_claimer": "{j}claimer_id is null",
    "claim_changed": "{j}claim_changed",
    "possible_duplicate": "{j}possible_duplicate",
    "bad_quantity": "({t}unrated = 'bad_quantity' or {t}quantity_state in ('bad', 'too_large'))",
    "rated_by_week": "{at_rate} and {t}snapshot_day is null",
    "bad_snapshot": "{t}snapshot_text is not null and {t}snapshot_day is null",
}


def remarks_sql(typed: str, judged: str, at_rate: str) -> str:
    """The remarks separated by commas, null where there is none; the arguments say where the columns are."""
    cases = (
        f"case when {_WHEN[name].format(t=typed, j=judged, at_rate=at_rate)} then '{name}' end"
        for name in REMARKS
    )
    return f"nullif(concat_ws(',', {', '.join(cases)}), '')"
