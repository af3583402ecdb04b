"""Values on their way into cells: what a cell can hold exactly goes out, anything else is refused by name.

The vendor's SDK drops what it does not know (None, dates, numpy) without a word, so nothing reaches it that
did not pass here. Called by the writing part of `client` before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

Writable = str | int | float | bool | Decimal | date | None
"""What may be written; None clears the cell."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to append at the bottom: column id → value."""

    cells: Mapping[int, Writable]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row to change: only the named cells are touched."""

    row_id: int
    cells: Mapping[int, Writable]
