"""The two small JSON files of a group: which versions are current, and the last verdict on each table.

`_current.json` is the one switch of a group: whoever replaces it changes all its tables at once. Read and
written by `store.py` alone.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.validation import Failure, Verdict

CURRENT = "_current.json"
VERDICTS = "_verdicts.json"
SHOWN = 300
"""Characters of a value in a recorded sample; the quarantine file has it whole."""


@dataclass(frozen=True, slots=True)
class TableState:
    """One current version; `path` is relative to the group's folder, so that a lake can be moved."""

    path: str
    rows: int
    bytes: int
    schema_version: int
    contract_hash: str
    run_id: str


@dataclass(frozen=True, slots=True)
class GroupState:
    """The current versions of a group; `inputs` is what its writer wants to find again (any JSON)."""

    serial: int = 0
    run_id: str = ""
    tables: Mapping[str, TableState] = field(default_factory=dict[str, TableState])
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def as_json(self) -> bytes:
        """The text of `_current.json`; equal states give equal bytes."""
        return _dumped(asdict(self))

    @classmethod
    def from_json(cls, data: bytes, where: str) -> "GroupState":
        """The state of a `_current.json`; raises `LakeError` where it is not one."""
        try:
            given = json.loads(data)
            tables = {name: TableState(**state) for name, state in given["tables"].items()}
            return cls(given["serial"], given["run_id"], tables, given["inputs"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LakeError(
                f"{where} is not what the program writes ({error}): restore it from a backup, or remove the "
                "folder of the group and run its job again"
            ) from error


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """The last verdict on a table, passed or not, as an asset check reports it.

    `sample` holds the first failing rows as text, with `row_number` (from 0) and `broken_rules`.
    """

    key: str
    passed: bool
    rows: int
    run_id: str
    message: str
    failures: tuple[Failure, ...]
    failing_rows: int
    sample: tuple[Mapping[str, str | None], ...]
    quarantine: str | None


def recorded(verdict: Verdict, run_id: str) -> RecordedVerdict:
    """A verdict in the form in which it is kept."""
    sample = tuple(
        {name: None if value is None else str(value)[:SHOWN] for name, value in row.items()}
        for row in verdict.sample.to_pylist()
    )
    return RecordedVerdict(
        key=verdict.key,
        passed=verdict.passed,
        rows=verdict.rows,
        run_id=run_id,
        message=str(verdict),
        failures=verdict.failures,
        failing_rows=verdict.failing_rows,
        sample=sample,
        quarantine=str(verdict.quarantine) if verdict.quarantine and verdict.failing_rows else None,
    )


def verdicts_to_json(verdicts: Mapping[str, RecordedVerdict]) -> bytes:
    """The text of `_verdicts.json`, by table."""
    return _dumped({table: asdict(verdict) for table, verdict in verdicts.items()})


def verdicts_from_json(data: bytes) -> dict[str, RecordedVerdict]:
    """What `verdicts_to_json` wrote."""
    found: dict[str, RecordedVerdict] = {}
    for table, given in json.loads(data).items():
        failures = tuple(
            Failure(one["rule"], tuple(one["columns"]), one["rows"], one["first_row"])
            for one in given.pop("failures")
        )
        found[table] = RecordedVerdict(**(given | {"failures": failures, "sample": tuple(given["sample"])}))
    return found


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8")
