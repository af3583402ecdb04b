"""What can go wrong with a table, each fault with the sentence that its reader needs.

Every error names the table or file and the mend; the command line prints the message as it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class LakeError(Exception):
    """Any fault of a lake; the message is a whole sentence for a person."""


class MissingTable(LakeError):
    """A table is read that was never written."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the table {key} was never written: run the job that makes it first")
        self.key = key


@dataclass(frozen=True, slots=True)
class Difference:
    """One column that is not what the contract says; `found` or `expected` is None where it is absent."""

    column: str
    expected: str | None
    found: str | None

    def __str__(self) -> str:
        if self.found is None:
            return f"column {self.column} ({self.expected}) is missing"
        if self.expected is None:
            return f"column {self.column} ({self.found}) is not in the contract"
        return f"column {self.column} is {self.found}, the contract says {self.expected}"


class SchemaMoved(LakeError):
    """The columns of a file or of what is to be written are not those of the contract."""

    def __init__(self, key: str, file: str, differences: Sequence[Difference], mend: str) -> None:
        told = "; ".join(str(difference) for difference in differences[:5])
        more = f" (and {len(differences) - 5} more)" if len(differences) > 5 else ""
        super().__init__(f"{key} in {file}: {told}{more}; {mend}")
        self.key = key
        self.file = file
        self.differences = tuple(differences)
        self.column = differences[0].column
        self.expected = differences[0].expected
        self.found = differences[0].found
        self.mend = mend


class DamagedTable(LakeError):
    """The file of a table is not what was written: cut off, overwritten, or no Parquet at all."""

    def __init__(self, key: str, file: str, why: str) -> None:
        super().__init__(
            f"{key}: {file} is damaged ({why}): bring this file back from a backup, and run again"
        )
        self.key = key
        self.file = file


class GroupLocked(LakeError):
    """Another process writes the same group of tables, and this one was told not to wait."""

    def __init__(self, group: str, holder: str) -> None:
        super().__init__(f"the tables of {group} are being written by {holder}: wait for it, or stop it")
        self.group = group
        self.holder = holder


class NotStaged(LakeError):
    """A group is switched although one of the tables that it promised was not written."""


class ContractBroken(LakeError):
    """Rows do not keep their contract and the caller asked for an error instead of a verdict."""


class NotReadOnly(LakeError):
    """A statement given to the read-only connection would do more than read."""


class NoExclusiveCreate(LakeError):
    """A store cannot create a file only where none stands, so it may hold tables but no log."""
