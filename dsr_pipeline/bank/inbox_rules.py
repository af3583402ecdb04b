"""What the office says about single files of the inbox: `rules/inbox.yaml`.

Rows that were once read stay, also when their file leaves the inbox; a file that should never have been there
is therefore named here, with the reason, and its rows go. Called by `bank.ingest`.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from dsr_pipeline.rule_files import load

FILE = "inbox.yaml"


class Ignored(BaseModel):
    """One content (sha256) or one name (`*` and `?` allowed) that is left out, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] | None = None
    file: Annotated[str, StringConstraints(min_length=1)] | None = None
    reason: Annotated[str, StringConstraints(min_length=1)]

    @model_validator(mode="after")
    def _names_one(self) -> Ignored:
        if (self.sha256 is None) == (self.file is None):
            raise ValueError("name either the sha256 or the file")
        return self


class InboxRules(BaseModel):
    """The whole file; absent means empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ignore: list[Ignored] = []

    def ignored(self, name: str, sha256: str) -> str | None:
        """The reason for which a file is left out, or None."""
        for item in self.ignore:
            if item.sha256 == sha256 or (item.file is not None and fnmatchcase(name, item.file)):
                return item.reason
        return None


def load_inbox_rules(rules_root: Path) -> InboxRules:
    """Read `inbox.yaml` of a rules root; raises `RuleFileError` as every rule file does."""
    file = rules_root / FILE
    return load(file, InboxRules) if file.exists() else InboxRules()
