"""Does a table keep its contract? One verdict, with every row that breaks a rule.

The Arrow schema is compared first; Parquet statistics then prove what they can, and only columns that they
leave open are read, by batches, through pandera; keys and order are checked over the whole table. Called by
`store.py` before a table takes its name, and by the asset checks.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from dsr_pipeline.lake.arrow import AnyColumn, compute
from dsr_pipeline.lake.constraints import (
    AddsUp,
    AtLeast,
    AtMost,
    ColumnCheck,
    NotAfter,
    NotBlank,
    RequiredWhen,
    RowCheck,
    UniqueAmong,
)
from dsr_pipeline.lake.contract import Contract, check_columns
from dsr_pipeline.lake.errors import ContractBroken
from dsr_pipeline.lake.failing_rows import collect
from dsr_pipeline.lake.keys import Rows, repeated_rows, unsorted_rows
from dsr_pipeline.lake.masks import column_mask, row_mask
from dsr_pipeline.lake.parquet import differences
from dsr_pipeline.lake.table_source import MemorySource, ParquetSource, TableSource

SAMPLE_ROWS = 20
KEY_MEMORY_MB = 384


@dataclass(frozen=True, slots=True)
class Failure:
    """One rule that rows break: how many, and the number of the first of them (from 0) in the table."""

    rule: str
    columns: tuple[str, ...]
    rows: int
    first_row: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check of one table found.

    `sample` holds the first failing rows: their values, `row_number` (from 0) and `broken_rules`. All of them
    are in the file `quarantine`, where one was asked for and rows failed.
    """

    key: str
    rows: int
    failures: tuple[Failure, ...]
    failing_rows: int
    sample: pa.Table = field(repr=False)
    quarantine: Path | None = None

    @property
    def passed(self) -> bool:
        return not self.failures

    def __str__(self) -> str:
        if self.passed:
            return f"{self.key}: {self.rows} rows keep the contract"
        told = "; ".join(
            failure.rule + (f" ({failure.rows} rows, first {failure.first_row})" if failure.rows else "")
            for failure in self.failures
        )
        where = f"; the failing rows are in {self.quarantine}" if self.quarantine else ""
        return f"{self.key} does not keep its contract: {told}{where}"

    def raise_if_broken(self) -> None:
        """Raises `ContractBroken` with this verdict's sentence where the table did not pass."""
        if not self.passed:
            raise ContractBroken(str(self))


def validate(
    contract: Contract,
    table: pa.Table | Path,
    *,
    quarantine: Path | None = None,
    sample_rows: int = SAMPLE_ROWS,
) -> Verdict:
    """Check a table, in memory or as a Parquet file, against its contract.

    `quarantine` is the Parquet file that receives every failing row; it is written only where rows fail.
    """
    source: TableSource = ParquetSource(table) if isinstance(table, Path) else MemorySource(table)
    moved = differences(contract, source.schema)
    if moved:
        failures = tuple(Failure(str(one), (one.column,), 0) for one in moved)
        return Verdict(contract.key, source.rows, failures, 0, source.schema.empty_table())
    broken = _Broken()
    _check_rows(contract, source, broken)
    _check_order_and_keys(contract, source, broken)
    if not broken.rules:
        return Verdict(contract.key, source.rows, (), 0, source.schema.empty_table())
    count, sample = collect(source, broken.merged(), quarantine, sample_rows)
    return Verdict(contract.key, source.rows, broken.failures(), count, sample, quarantine)


@dataclass(slots=True)
class _Broken:
    """Failing row numbers by rule, gathered batch by batch in ascending order."""

    rules: dict[str, list[Rows]] = field(default_factory=dict[str, list[Rows]])
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def add(self, rule: str, columns: tuple[str, ...], rows: Rows) -> None:
        if len(rows):
            self.rules.setdefault(rule, []).append(rows)
            self.columns[rule] = columns

    def merged(self) -> dict[str, Rows]:
        return {rule: np.concatenate(rows) for rule, rows in self.rules.items()}

    def failures(self) -> tuple[Failure, ...]:
        return tuple(
            Failure(rule, self.columns[rule], len(rows), int(rows.min()))
            for rule, rows in self.merged().items()
        )


def _check_rows(contract: Contract, source: TableSource, broken: _Broken) -> None:
    required = [c.name for c in contract.columns if not c.nullable and source.nulls(c.name) != 0]
    open_checks = {
        column.name: left
        for column in contract.columns
        if (left := [check for check in column.checks if not _proven(source, column.name, check)])
    }
    row_checks = [
        check
        for check in contract.checks
        if not isinstance(check, UniqueAmong) and not _row_proven(source, check)
    ]
    needed = {*required, *open_checks, *(name for check in row_checks for name in check_columns(check))}
    if not needed or not source.rows:
        return
    columns = [name for name in contract.names if name in needed]
    from dsr_pipeline.lake.pandera_schema import arrow_frame, pandera_schema

    schema = pandera_schema(contract, columns=columns, column_checks=open_checks, row_checks=row_checks)
    import pandera.errors

    start = 0
    for batch in source.batches(columns, _repeated(contract, columns)):
        try:
            schema.validate(arrow_frame(batch), lazy=True)
        except pandera.errors.SchemaErrors:
            _name_rows(batch, start, required, open_checks, row_checks, broken)
        start += batch.num_rows


def _name_rows(
    batch: pa.Table,
    start: int,
    required: Sequence[str],
    column_checks: dict[str, list[ColumnCheck]],
    row_checks: Sequence[RowCheck],
    broken: _Broken,
) -> None:
    """Which rows of a batch that pandera refused break which rule."""

    def add(rule: str, columns: tuple[str, ...], kept: AnyColumn) -> None:
        broken.add(rule, columns, np.flatnonzero(~kept.to_numpy().astype(bool)) + start)

    for name in required:
        add(f"{name} is filled", (name,), compute.is_valid(batch.column(name)))
    for name, checks in column_checks.items():
        for check in checks:
            add(f"{name} is {check}", (name,), column_mask(check, batch.column(name)))
    columns = dict(zip(batch.column_names, batch.columns, strict=True))
    for check in row_checks:
        add(str(check), check_columns(check), row_mask(check, columns))


def _check_order_and_keys(contract: Contract, source: TableSource, broken: _Broken) -> None:
    wrong, strict = unsorted_rows(source, contract.sort_key, _repeated(contract, contract.sort_key))
    broken.add(f"rows sorted by {', '.join(contract.sort_key)}", contract.sort_key, wrong)
    with tempfile.TemporaryDirectory(prefix="dsr-keys-") as folder:
        spill = Path(folder)

        def repeated(columns: tuple[str, ...], where: str | None) -> Rows:
            return repeated_rows(source, columns, where=where, memory_mb=KEY_MEMORY_MB, spill=spill)

        # Rows that rise strictly in the sort order differ in it, so in any key that contains its columns.
        proven = strict and not len(wrong) and set(contract.sort_key) <= set(contract.primary_key)
        if contract.primary_key and not proven:
            rule = f"{', '.join(contract.primary_key)} unique"
            broken.add(rule, contract.primary_key, repeated(contract.primary_key, None))
        for check in contract.checks:
            if isinstance(check, UniqueAmong):
                broken.add(str(check), check.columns, repeated(check.columns, _among(check)))


def _among(check: UniqueAmong) -> str:
    values = ", ".join("'" + value.replace("'", "''") + "'" for value in check.excluding)
    return f'("{check.where}" is null or "{check.where}" not in ({values}))'


def _proven(source: TableSource, column: str, check: ColumnCheck) -> bool:
    """Whether the file's statistics alone show that no value breaks the check."""
    if not isinstance(check, AtLeast | AtMost | NotBlank):
        return False
    bounds = source.bounds(column)
    if bounds is None:
        return source.nulls(column) == source.rows
    low, high = bounds
    match check:
        case NotBlank():
            return isinstance(low, str | bytes) and len(low) > 0
        case AtLeast(bound):
            return _not_above(bound, low)
        case AtMost(bound):
            return _not_above(high, bound)


def _not_above(first: object, second: object) -> bool:
    """Whether two bounds are of one kind and in order; the statistics of decimals are not relied upon."""
    if isinstance(first, int) and isinstance(second, int):
        return first <= second
    return isinstance(first, date) and isinstance(second, date) and first <= second


def _row_proven(source: TableSource, check: RowCheck) -> bool:
    match check:
        case RequiredWhen(column, _, _):
            return source.nulls(column) == 0
        case AddsUp() | NotAfter():
            return False


def _repeated(contract: Contract, columns: Sequence[str]) -> list[str]:
    """The text columns that are worth reading as a dictionary."""
    chosen = (contract.column(name) for name in columns)
    return [column.name for column in chosen if column.repeats and pa.types.is_string(column.type)]
