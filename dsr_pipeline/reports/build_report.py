"""What a build of weekly workbooks tells: per week, and in all.

Lives here: the figures alone. `weekly_build` makes them; the command line, the assets and their checks show
them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class WeekBuilt:
    """One week: what was done with its workbooks, and what they sum to now."""

    week_ending: date
    built: int
    """Written or restored in this build; the revised and the withdrawn ones are among them."""
    skipped: int
    revised: int
    withdrawn: int
    held: int
    amount: Decimal
    """Of the workbooks that bear money, as they stand now."""
    rejected: int
    rejected_amount: Decimal
    refused: tuple[str, ...]
    """Why nothing of the week was touched, where its sums do not agree."""
    hash: str
    """Of what billing says of the week; empty where it says nothing any more."""
    restored: int = 0
    dropped: int = 0
    """Groups that are gone before anything of them was published."""


@dataclass(slots=True)
class BuildReport:
    """One build."""

    weeks: tuple[WeekBuilt, ...] = ()
    files: tuple[str, ...] = ()
    """Workbooks that were written or restored."""
    problems: list[str] = field(default_factory=list[str])

    @property
    def exit_code(self) -> int:
        """1 where something needs a person."""
        return int(bool(self.problems) or any(week.refused for week in self.weeks))
