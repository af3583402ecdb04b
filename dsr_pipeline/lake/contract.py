"""What a table promises: its grain, keys and columns, as plain data.

One contract drives the schema enforced on write, the blocking asset check, the column docs, `docs/tables.md`
and the Power BI types. The contracts themselves are declared in `contracts/`; nothing here touches a file.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow as pa

from dsr_pipeline.lake.arrow import AnyField
from dsr_pipeline.lake.constraints import AddsUp, ColumnCheck, NotAfter, RequiredWhen, TableCheck, UniqueAmong
from dsr_pipeline.text import canonical_hash

Kind = Literal["derived", "append_only"]
Compression = Literal["zstd", "snappy"]


class ContractError(ValueError):
    """A contract contradicts itself; raised while the contracts are loaded, so never met by a user."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it means, in which unit, and what its values obey.

    `repeats` says that few values stand in many rows, so that dictionary encoding pays.
    """

    name: str
    type: pa.DataType
    meaning: str
    nullable: bool = False
    unit: str | None = None
    checks: tuple[ColumnCheck, ...] = ()
    repeats: bool = False

    @property
    def field(self) -> AnyField:
        """The Arrow field, with the meaning and the unit in its metadata."""
        metadata = {"description": self.meaning} | ({"unit": self.unit} if self.unit else {})
        return pa.field(self.name, self.type, nullable=self.nullable, metadata=metadata)


@dataclass(frozen=True)
class Contract:
    """One table. Sort order is ascending in bytes, nulls last, over `sort_key`; every writer keeps to it."""

    group: str
    table: str
    meaning: str
    grain: str
    primary_key: tuple[str, ...]
    sort_key: tuple[str, ...]
    columns: tuple[Column, ...]
    kind: Kind
    owner: str
    checks: tuple[TableCheck, ...] = ()
    version: int = 1
    compression: Compression = "zstd"

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ContractError(f"{self.key} names a column twice")
        for used in (
            *self.primary_key,
            *self.sort_key,
            *(name for check in self.checks for name in check_columns(check)),
        ):
            if used not in names:
                raise ContractError(f"{self.key} has no column {used!r} that its keys or checks name")
        for name in self.primary_key:
            if self.column(name).nullable:
                raise ContractError(f"{self.key}: the key column {name!r} may not be null")
        for column in self.columns:
            if pa.types.is_floating(column.type) or pa.types.is_nested(column.type):
                raise ContractError(f"{self.key}.{column.name}: {column.type} is not a type of a table")

    @property
    def key(self) -> str:
        """The table's name everywhere: `bank/transactions`."""
        return f"{self.group}/{self.table}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema with nullability and the meaning of each column."""
        return pa.schema([column.field for column in self.columns])

    @cached_property
    def hash(self) -> str:
        """Changes exactly when the promise of the table changes; wording of meanings does not count."""
        return canonical_hash(
            self.key,
            self.version,
            list(self.primary_key),
            list(self.sort_key),
            [[c.name, str(c.type), c.nullable, [repr(check) for check in c.checks]] for c in self.columns],
            [repr(check) for check in self.checks],
        )

    def column(self, name: str) -> Column:
        """The column of that name; raises `ContractError` where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(f"{self.key} has no column {name!r}; it has {', '.join(self.names)}")


def check_columns(check: TableCheck) -> tuple[str, ...]:
    """The columns that a check over several columns reads."""
    match check:
        case AddsUp(parts, total):
            return (*parts, total)
        case NotAfter(first, second):
            return (first, second)
        case RequiredWhen(column, when, _):
            return (column, when)
        case UniqueAmong(columns, where, _):
            return (*columns, where)


@dataclass(frozen=True, slots=True)
class View:
    """A reading of one table that deserves a name; `sql` is a SELECT over `"group"."table"`."""

    key: str
    reads: str
    meaning: str
    sql: str
