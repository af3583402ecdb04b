"""`rules/billing/variants.yaml`: which groups a unit falls into, at which price, and where they are attached.

Lives here: the model of the file. A new variant is a new entry there and needs no code; `assignment` turns
the entries into SQL.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from dsr_pipeline.rule_files import load, write_schema

FILE = "billing/variants.yaml"
SCHEMA = "schema/billing_variants.schema.json"

Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]*$")]
Suffix = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9]+$")]
Id = Annotated[int, Field(ge=1, lt=2**53)]
Role = Literal["foreman", "helper", "vac_crew"]
Filled = Literal[
    "helper", "helper_dept", "helper_job", "vac_crew", "vac_dept", "vac_job", "vac_email",
    "foreman", "foreman_assigned", "dept", "job", "scope", "customer", "area", "work_order", "pole",
]  # fmt: skip
Checked = Literal["helper_completed", "vac_completed"]
Matched = Literal["customer", "dept", "job", "area", "scope", "work_type", "uom", "sheet_name", "source"]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class When(_Rule):
    """All conditions must hold; a condition that is left out always does."""

    rate_basis: tuple[Word, ...] = Field(default=(), description="Price basis of the sheet (sources.yaml).")
    filled: tuple[Filled, ...] = Field(default=(), description="Columns that hold something.")
    checked: tuple[Checked, ...] = Field(default=(), description="Boxes that are checked.")
    equals: dict[Matched, tuple[Word, ...]] = Field(
        default={}, description="Columns that hold one of these texts (case does not matter)."
    )
    snapshot_from: date | None = Field(
        default=None, description="Snapshot date on this day or later; a row without one never qualifies."
    )
    snapshot_until: date | None = Field(default=None, description="Snapshot date on this day or before.")


class Price(_Rule):
    """Rates of a basis times the quantity; where no rate is known the price of the sheet stays, with a
    remark."""

    basis: Word = Field(description="Basis in rules/billing/rates.")
    negotiated: bool = Field(default=True, description="Whether rates negotiated with the customer count.")


class Variant(_Rule):
    """One kind of group."""

    name: Name = Field(description="What the tables call it; never change it once something is published.")
    label: Word = Field(description="What people read.")
    view_of: tuple[Name, ...] = Field(
        default=(),
        description="Shows units of these variants once more, at its own price, and bears no money.",
    )
    when: When = When()
    price: Literal["sheet"] | Price = Field(default="sheet", description="`sheet`, or `basis:` of the rates.")
    claimer: Role = Field(description="Column that names who claims the unit.")
    dept: Literal["dept", "helper_dept", "vac_dept"] = "dept"
    job: Literal["job", "helper_job", "vac_job"] = "job"
    suffix: Suffix = Field(description="Part of the file name.")
    targets: tuple[Name, ...] = Field(
        default=(), description="Where its workbooks are attached; may be none."
    )

    @property
    def money(self) -> bool:
        """Whether it bears money."""
        return not self.view_of


class Target(_Rule):
    """A sheet with one row per work request."""

    name: Name
    sheet: Word | Id = Field(description="Name of the sheet as Smartsheet shows it, or its id.")
    column: Word = Field(default="Work Request #", description="Column that holds the work request.")


class Publishing(_Rule):
    """What is published."""

    open_weeks: bool = Field(
        default=False, description="Whether workbooks of a week that has not ended are attached too."
    )
    views: bool = Field(default=True, description="Whether views are attached.")


class Variants(_Rule):
    """The whole file. The order of the money-bearing variants decides: the first that fits takes the unit."""

    version: int = Field(default=1, ge=1, le=1)
    variants: tuple[Variant, ...] = Field(min_length=1)
    targets: tuple[Target, ...] = ()
    publishing: Publishing = Publishing()

    @model_validator(mode="after")
    def _agrees(self) -> Variants:
        names = [one.name for one in self.variants]
        suffixes = [one.suffix.casefold() for one in self.variants]
        targets = [one.name for one in self.targets]
        for what, given in (("variant", names), ("suffix", suffixes), ("target", targets)):
            if twice := sorted({one for one in given if given.count(one) > 1}):
                raise ValueError(f"variants: the {what} '{twice[0]}' stands twice")
        money = {one.name for one in self.variants if one.money}
        for place, one in enumerate(self.variants):
            if wrong := [name for name in one.view_of if name not in money]:
                raise ValueError(
                    f"variants.{place}: '{one.name}' is a view of '{wrong[0]}', which bears no money"
                )
            if wrong := [name for name in one.targets if name not in targets]:
                raise ValueError(
                    f"variants.{place}: '{one.name}' names the target '{wrong[0]}', which is not there"
                )
        if not money:
            raise ValueError("variants: one of them must bear money")
        return self

    def named(self, name: str) -> Variant | None:
        """The variant of that name; None where the file does not name it any more."""
        return next((one for one in self.variants if one.name == name), None)


def load_variants(rules_root: Path) -> Variants:
    """Read the file. Raises `RuleFileErrors`, also where there is none: without it nothing can be billed."""
    return load(rules_root / FILE, Variants)


def write_variants_schema(rules_root: Path) -> None:
    """Write the JSON Schema of the file for editors."""
    write_schema(rules_root / SCHEMA, Variants)
