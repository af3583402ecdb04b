"""`rules/billing/policy.yaml`: how the office counts weeks, reads what people typed, and decides doubles.

Lives here: the model of the file. Prices are `rates`, which groups there are is `variants`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from dsr_pipeline.rule_files import load, write_schema
from dsr_pipeline.weeks import WEEKDAYS, Weekday

FILE = "billing/policy.yaml"
SCHEMA = "schema/billing_policy.schema.json"

Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Week(_Rule):
    """How weeks are counted. The zone is the setting DSR_TIMEZONE."""

    ends_on: Weekday = Field(default="sunday", description="Last day of a week.")
    first: date = Field(
        default=date(2025, 1, 6), description="First day of the first week that has workbooks; never moved."
    )

    @model_validator(mode="after")
    def _first_begins_a_week(self) -> Week:
        begins = WEEKDAYS[(WEEKDAYS.index(self.ends_on) + 1) % 7]
        if WEEKDAYS[self.first.weekday()] != begins:
            raise ValueError(
                f"first: {self.first} is no {begins}, and weeks that end on {self.ends_on} begin so"
            )
        return self


class Entry(_Rule):
    """How people write numbers and days."""

    decimal: Literal[".", ","] = Field(
        default=".", description="Decimal mark; the other one groups thousands."
    )
    date_order: Literal["mdy", "dmy"] = Field(default="mdy", description="What 03/04/2026 means.")


class Duplicates(_Rule):
    """Which rows are one unit, and which of them is billed. Identity: work request, week, pole, code, what
    was done, scope, and whether it is a credit."""

    other_sheet: Literal["bill_one", "bill_all"] = Field(
        default="bill_one", description="The same unit on several sheets."
    )
    same_sheet: Literal["bill_one", "bill_one_if_equal", "bill_all"] = Field(
        default="bill_one_if_equal",
        description="The same unit twice on one sheet; equal means the same quantity and amount. Those that "
        "are all billed carry the remark possible_duplicate.",
    )
    needs: tuple[Literal["pole", "cu", "scope", "action"], ...] = Field(
        default=("pole", "cu"), description="Without these a row is never taken for a duplicate."
    )
    prefer: tuple[Literal["variant", "oldest", "newest", "largest"], ...] = Field(
        default=("variant", "oldest"),
        description="Which one is billed: the first variant in variants.yaml, the row made first, the row "
        "changed last, the largest amount. What is still equal is decided by the ids.",
    )


class Named(_Rule):
    """One person or customer under the id that counts, and all names that mean it."""

    id: Word
    names: tuple[Word, ...]


class Policy(_Rule):
    """The whole file."""

    version: int = Field(default=1, ge=1, le=1)
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = Field(
        default="USD", description="ISO 4217 code of all amounts."
    )
    week: Week = Week()
    entry: Entry = Entry()
    duplicates: Duplicates = Duplicates()
    unmatched_codes: tuple[Word, ...] = Field(
        default=("NO MATCH",), description="A code that contains one of these texts is not billed."
    )
    placeholders: tuple[Word, ...] = Field(
        default=("Unknown Foreman", "Unknown", "TBD", "N/A", "None"),
        description="Names that stand for nobody: they are never recorded as who claimed a unit.",
    )
    actions: dict[Literal["install", "removal", "transfer"], tuple[Word, ...]] = Field(
        default={"install": ("inst",), "removal": ("rem",), "transfer": ("tran", "xfr")},
        description="Work types by the short texts that they contain; the first that fits counts.",
    )
    credit_reason_titles: tuple[Word, ...] = Field(
        default=("Credit Reason", "Credit Note", "Comments"),
        description="Columns of the sheets, by title, that say why a credit was given.",
    )
    people: tuple[Named, ...] = Field(
        default=(), description="Ids (mail addresses) of people that sheets name as plain text."
    )
    customers: tuple[Named, ...] = Field(default=(), description="Ids of customers by their names.")

    @model_validator(mode="after")
    def _names_are_single(self) -> Policy:
        for what in ("people", "customers"):
            names = [name.casefold() for one in getattr(self, what) for name in one.names]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what}: the name '{twice[0]}' stands under two ids")
        return self


def load_policy(rules_root: Path) -> Policy:
    """Read the file; without it the defaults count. Raises `RuleFileErrors`."""
    file = rules_root / FILE
    return load(file, Policy) if file.exists() else Policy()


def write_policy_schema(rules_root: Path) -> None:
    """Write the JSON Schema of the file for editors."""
    write_schema(rules_root / SCHEMA, Policy)
