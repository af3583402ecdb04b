"""What would become of one file: the dry run behind `dsr inbox check`. Nothing is written or kept.

Lives here: the questions of `file_reading` asked once, and the answers in the order in which a person wants
them. Called by `dsr inbox check`.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from dsr_pipeline.bank.file_reading import Opened, open_file, read_opened
from dsr_pipeline.bank.inbox import InboxFile, Signature
from dsr_pipeline.bank.outcome import FileOutcome
from dsr_pipeline.bank.parsing import Excluded, Quarantined
from dsr_pipeline.bank.rule_set import RuleSet

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The outcome of a file, its first rows (as dicts of parsed values) and what was left out or refused."""

    outcome: FileOutcome
    first_rows: tuple[dict[str, object], ...]
    excluded: tuple[Excluded, ...]
    quarantined: tuple[Quarantined, ...]


def check_file(path: Path, rules: RuleSet) -> FileCheck:
    """Read one file under the rules. Raises `FileNotFoundError` where there is none."""
    file = InboxFile(path, path.name, None, Signature.of(path.stat()))
    with tempfile.TemporaryDirectory(prefix="dsr-check-") as folder:
        opened = open_file(file)
        stage = Path(folder) / "stage.parquet"
        reading = read_opened(opened, rules, stage, Path(folder)) if isinstance(opened, Opened) else opened
        first: list[dict[str, object]] = [
            {name: value for name, value in row._asdict().items() if name not in _NOT_SHOWN}
            for row in reading.rows[:SHOWN_ROWS]
        ]
        if reading.bulk is not None and len(first) < SHOWN_ROWS:
            first = _staged_rows(stage)
    return FileCheck(reading.outcome, tuple(first), tuple(reading.excluded), tuple(reading.quarantined))


_NOT_SHOWN = frozenset({"norm", "span"})


def _staged_rows(stage: Path) -> list[dict[str, object]]:
    import pyarrow.parquet as pq

    batch = next(pq.ParquetFile(stage).iter_batches(batch_size=SHOWN_ROWS))
    return pa.Table.from_batches([batch]).drop_columns(["ok"]).to_pylist()
