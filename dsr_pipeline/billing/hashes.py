"""The hashes of billing as SQL: what a line, an exception and a group are, in the one canonical form.

Lives here: which values go into which hash. A value that the workbook shows and that is not named here would
change without a new workbook. The place of a row in its sheet is left out: rows move without a change.
So are the week and the currency of a line, which are those of its group, and where its price comes from,
which the rate table tells.
"""

from __future__ import annotations

from typing import Any

from dsr_pipeline.text import SqlKind, canonical_hash_sql

_SHOWN: tuple[tuple[SqlKind, str], ...] = (
    ("int", "sheet_id"),
    ("int", "row_id"),
    ("str", "sheet_name"),
    ("date", "snapshot_date"),
    ("date", "nullif(reference_date, week_ending)"),
    ("str", "pole"),
    ("str", "cu"),
    ("str", "cu_description"),
    ("str", "work_type"),
    ("str", "uom"),
    ("rate", "quantity"),
    ("rate", "unit_rate"),
    ("money", "amount"),
    ("str", "rate_table"),
    ("str", "dept"),
    ("str", "job"),
    ("str", "work_order"),
    ("str", "scope"),
    ("str", "customer"),
    ("str", "area"),
    ("str", "foreman"),
    ("str", "remarks"),
    ("str", "credit_reason"),
)

LINE = canonical_hash_sql(("value", "work line"), *_SHOWN)
"""Of one billed line."""
VIEW_LINE = canonical_hash_sql(("value", "view line"), *_SHOWN)
"""Of one line of a view."""
GROUP_ID = canonical_hash_sql(
    ("value", "work group"),
    ("str", "work_request"),
    ("date", "week_ending"),
    ("str", "variant"),
    ("str", "claimer_id"),
)
"""Which group it is."""
EXCEPTION = canonical_hash_sql(
    ("value", "exception"),
    ("int", "sheet_id"),
    ("int", "row_id"),
    ("str", "sheet_name"),
    ("str", "reason"),
    ("str", "sentence"),
    ("str", "pole"),
    ("str", "cu"),
    ("str", "work_type"),
    ("str", "quantity_text"),
    ("str", "snapshot_text"),
    ("money", "amount_at_stake"),
)
"""Of one row of the ledger, as an Exceptions sheet shows it."""


def content_hash(layout: str) -> str:
    """Of what the workbook of a group says, under a layout."""
    parts: list[Any] = [
        ("value", "group content"),
        ("value", layout),
        ("str", "work_request"),
        ("date", "week_ending"),
        ("str", "variant"),
        ("str", "label"),
        ("str", "claimer"),
        ("str", "currency"),
        ("bool", "closed"),
        ("str", "lines_hash"),
        ("str", "odd_hash"),
    ]
    return canonical_hash_sql(*parts)
