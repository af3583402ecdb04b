"""In which order the rows of an export stand: oldest first or newest first.

The rule declares it; the dates of the file overrule it where they run one way throughout (a person may have
sorted the file), and a balance chain overrules both. Called by `bank.ingest` and `bank.bulk`.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Order = Literal["newest_first", "oldest_first"]
Declared = Literal["newest_first", "oldest_first", "any"]


def order_of(days: Sequence[date | None], declared: Declared) -> Order:
    """The order of rows whose dates are given in file order."""
    known = [day for day in days if day is not None]
    rises = any(later > earlier for earlier, later in pairwise(known))
    falls = any(later < earlier for earlier, later in pairwise(known))
    return decide(rises=rises, falls=falls, declared=declared)


def decide(*, rises: bool, falls: bool, declared: Declared) -> Order:
    """The order, from whether the dates ever rise and ever fall from row to row."""
    if rises != falls:
        return "oldest_first" if rises else "newest_first"
    return "newest_first" if declared == "newest_first" else "oldest_first"
