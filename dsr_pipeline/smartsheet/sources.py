"""`rules/billing/sources.yaml`: which sheets are read, and how carefully.

Lives here: the model of the file and nothing that contacts Smartsheet; `discovery` finds the sheets that it
names. Names and ids of a company's sheets stand in this file alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from dsr_pipeline.rule_files import load, write_schema

FILE = "billing/sources.yaml"
SCHEMA = "schema/billing_sources.schema.json"

Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Id = Annotated[int, Field(ge=1, lt=2**53)]
NameOrId = Annotated[Word | Id, Field(description="A name as it is written in Smartsheet, or the id.")]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Rule):
    """Sheets that belong together: all of a workspace, all below one of its folders, or named ones."""

    name: Word = Field(description="What the tables call this source.")
    workspace: NameOrId | None = Field(default=None, description="Workspace whose sheets are read.")
    folder: Word | Id | None = Field(
        default=None,
        description="Only below this folder of the workspace: its path, such as 'Field/2026', or its id.",
    )
    sheets: tuple[Id, ...] = Field(default=(), description="Single sheets by id, wherever they lie.")
    rate_basis: Word | None = Field(
        default=None, description="Price basis of these sheets, for rules and reports."
    )

    @model_validator(mode="after")
    def _names_a_place(self) -> Source:
        if self.workspace is None and not self.sheets:
            raise ValueError(f"the source '{self.name}' names neither a workspace nor sheets")
        if self.folder is not None and self.workspace is None:
            raise ValueError(f"the source '{self.name}' names a folder: name its workspace too")
        return self


class SheetReason(_Rule):
    """A sheet that is left alone, and why."""

    sheet: Id
    reason: Word


class Reading(_Rule):
    """How sheets are read."""

    page_size: int = Field(default=5000, ge=1, le=5000, description="Rows asked for in one answer.")
    workers: int = Field(default=4, ge=1, le=8, description="Sheets read at the same time.")
    overlap_seconds: int = Field(
        default=2, ge=1, le=3600, description="How far before the newest change seen the next read begins."
    )
    full_read_days: int = Field(
        default=7, ge=1, le=31, description="Every sheet is read whole at least once in so many days."
    )
    tree_hours: int = Field(default=24, ge=1, le=168, description="How long a listing of folders is trusted.")
    changed_rows_only: bool = Field(
        default=True,
        description="Ask a changed sheet for its changed rows only; off: always for all its rows.",
    )
    torn_reads: int = Field(
        default=5, ge=1, le=50, description="How often a read begins again when the sheet changes under it."
    )


class Limits(_Rule):
    """What the program takes of the account's rate limit; Smartsheet may change it."""

    units_per_minute: int = Field(default=240, ge=1, description="Of the 300 that a token has.")
    history_per_minute: int = Field(
        default=24, ge=1, description="Reads of a cell's history, of the 30 allowed."
    )


class Sources(_Rule):
    """The whole file."""

    version: int = Field(default=1, ge=1, le=1)
    sources: tuple[Source, ...] = Field(default=(), description="Without any, Smartsheet is not contacted.")
    ignore: tuple[SheetReason, ...] = Field(
        default=(), description="Sheets that are not read; rows that were read of them leave the tables."
    )
    reading: Reading = Reading()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _names_are_single(self) -> Sources:
        names = [source.name for source in self.sources]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are called '{name}'")
        named = [sheet for source in self.sources for sheet in source.sheets]
        for sheet in named:
            if named.count(sheet) > 1:
                raise ValueError(f"the sheet {sheet} is named twice")
        left = {one.sheet for one in self.ignore}
        if both := sorted(left & set(named)):
            raise ValueError(f"the sheet {both[0]} is named by a source and ignored as well")
        return self


def load_sources(rules_root: Path) -> Sources:
    """Read the file; without it nothing is read from Smartsheet. Raises `RuleFileErrors`."""
    file = rules_root / FILE
    return load(file, Sources) if file.exists() else Sources()


def write_sources_schema(rules_root: Path) -> None:
    """The JSON Schema by which editors complete and check the file."""
    write_schema(rules_root / SCHEMA, Sources)
