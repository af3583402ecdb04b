"""`rules/billing/columns.yaml`: which title means which canonical column, and what a sheet's columns mean.

Lives here: the model of the file and the matching of titles. Reading sheets is not known here; `sync` asks
for the mapping of each sheet, and a sheet without its gate columns is held.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from dsr_pipeline.lake.contracts.smartsheet import CANONICAL
from dsr_pipeline.rule_files import load, write_schema
from dsr_pipeline.text import canonical_hash

FILE = "billing/columns.yaml"
SCHEMA = "schema/billing_columns.schema.json"
NAMES = tuple(name for name, _ in CANONICAL)

PROGRAM = 1
"""Raised when the same mapping would give other rows, so that they are folded anew."""
NEAR = 0.75
"""Likeness (0 to 1, difflib) from which a title is shown as a near miss."""

Kind = Literal["text", "number", "date", "flag", "contact"]
Title = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class ColumnRule(BaseModel):
    """One canonical column: the titles that mean it, the better one first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    titles: tuple[Title, ...] = Field(
        min_length=1, description="Accepted titles; the first that fits counts."
    )
    kind: Kind = Field(default="text", description="What its cells mean.")
    gate: bool = Field(
        default=False, description="A sheet without it is held: none of its rows could be judged."
    )
    billing: bool = Field(
        default=False, description="Part of what is billed: it counts in the billing hash of a row."
    )


class ColumnRules(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = Field(default=1, ge=1, le=1)
    columns: dict[str, ColumnRule] = Field(description="Canonical name to its rule.")

    @model_validator(mode="after")
    def _fits_the_tables(self) -> ColumnRules:
        for name in self.columns:
            if name not in NAMES:
                near = difflib.get_close_matches(name, NAMES, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else f"; there are {', '.join(NAMES)}"
                raise ValueError(f"there is no canonical column '{name}'{hint}")
        owner: dict[str, str] = {}
        for name, rule in self.columns.items():
            for title in rule.titles:
                if owner.setdefault(normal_title(title), name) != name:
                    other = owner[normal_title(title)]
                    raise ValueError(f"the title '{title}' stands for both '{other}' and '{name}'")
        if not any(rule.gate for rule in self.columns.values()):
            raise ValueError("no column is a gate: without one a sheet of another kind would pass unseen")
        return self


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column as Smartsheet gives it."""

    id: int
    title: str
    type: str
    index: int
    primary: bool


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What the columns of one sheet mean; `missing`: gate columns that no title fits, with near misses."""

    columns: tuple[SheetColumn, ...]
    canonical: Mapping[int, str]
    notes: Mapping[int, str]
    missing: Mapping[str, tuple[str, ...]]
    hash: str

    @property
    def reason(self) -> str | None:
        """Why the sheet is held, and the mend; None where every gate column maps."""
        if not self.missing:
            return None
        parts = [
            f"no column maps to '{name}'" + (f" (near: {', '.join(repr(t) for t in near)})" if near else "")
            for name, near in self.missing.items()
        ]
        return f"{'; '.join(parts)}: rename the column, or add its title to rules/{FILE}"


@lru_cache(8192)
def normal_title(title: str) -> str:
    """The title without what people vary: case, blanks, hyphens, and `?` or `#` at its end."""
    words = re.sub(r"[\s\-‐-―_]+", " ", unicodedata.normalize("NFKC", title).casefold())
    return re.sub(r"[\s?#]+$", "", words).strip()


def map_columns(rules: ColumnRules, columns: Sequence[SheetColumn]) -> ColumnMap:
    """Give each column of a sheet its canonical name.

    Of several columns that fit one name the one whose title stands first in the rules counts, then the first
    in the sheet; the others get a note and stay among the extras.
    """
    by_title: dict[str, list[SheetColumn]] = {}
    for column in sorted(columns, key=lambda one: one.index):
        by_title.setdefault(normal_title(column.title), []).append(column)
    canonical: dict[int, str] = {}
    notes: dict[int, str] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for name, rule in rules.columns.items():
        fitting = [column for title in rule.titles for column in by_title.get(normal_title(title), ())]
        fitting = list(dict.fromkeys(fitting))
        if fitting:
            canonical[fitting[0].id] = name
            for other in fitting[1:]:
                notes[other.id] = f"'{fitting[0].title}' counts as {name} instead"
        elif rule.gate:
            missing[name] = _near(rule, columns)
    fingerprint = [
        [c.id, canonical.get(c.id, ""), "" if c.id in canonical else c.title]
        for c in sorted(columns, key=lambda one: one.id)
    ]
    kinds = [[name, rule.kind, rule.billing] for name, rule in sorted(rules.columns.items())]
    return ColumnMap(tuple(columns), canonical, notes, missing, canonical_hash(PROGRAM, fingerprint, kinds))


def load_columns(rules_root: Path) -> ColumnRules:
    """Read the file. Raises `RuleFileErrors`, also where it is missing."""
    return load(rules_root / FILE, ColumnRules)


def write_columns_schema(rules_root: Path) -> None:
    """The JSON Schema by which editors complete and check the file."""
    write_schema(rules_root / SCHEMA, ColumnRules)


def _near(rule: ColumnRule, columns: Sequence[SheetColumn]) -> tuple[str, ...]:
    titles = {normal_title(column.title): column.title for column in columns}
    close = (
        match
        for title in rule.titles
        for match in difflib.get_close_matches(normal_title(title), titles, n=3, cutoff=NEAR)
    )
    return tuple(titles[match] for match in dict.fromkeys(close))
