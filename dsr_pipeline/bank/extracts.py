"""What was read from bank files, kept so that no file is read twice and none is forgotten.

Lives here: segments (Parquet: parsed rows, excluded lines, quarantined records) and their manifest, which tells
what became of each content under each rule set. A content that leaves the inbox stays here: missing is unknown,
not empty. Written and read by `bank.ingest` alone, under the lock of the bank group.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.bank.inbox import Signature
from dsr_pipeline.bank.outcome import FileOutcome
from dsr_pipeline.bank.parsed import PARSED_SCHEMA

if TYPE_CHECKING:
    from dsr_pipeline.bank.parsing import Excluded, Quarantined, Row

FORMAT = 1  # of the manifest and the segments; another one is read anew
MANIFEST = "manifest.json"
EXCLUDED_SCHEMA = pa.schema(
    [("file_sha256", pa.string()), ("line_no", pa.int64()), ("reason", pa.string()), ("text", pa.string())]
)
QUARANTINE_SCHEMA = pa.schema(
    [
        ("file_sha256", pa.string()),
        ("line_no", pa.int64()),
        ("reason", pa.string()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("raw", pa.binary()),
    ]
)
_FLUSH_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Segment:
    """Where the rows of one or more contents lie.

    `rows` is a Parquet file in PARSED_SCHEMA, or with `relation` the stage of one large file that the relation
    (a SELECT with `{stage}` for the path) turns into parsed rows without the constant columns.
    """

    name: str
    relation: str | None = None
    constants: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Manifest:
    """Outcomes by content and name, segments by name, and what the names held when last seen."""

    rule_set: str = ""
    outcomes: dict[str, FileOutcome] = field(default_factory=dict[str, FileOutcome])  # by `entry_key`
    segments: dict[str, Segment] = field(default_factory=dict[str, Segment])
    seen: dict[str, tuple[Signature, str]] = field(default_factory=dict[str, tuple[Signature, str]])
    seen_at_ns: int = 0


def entry_key(sha256: str, name: str) -> str:
    """One content under one name: the account may come from the name, so both belong to the key."""
    return f"{sha256} {name}"


class ExtractStore:
    """The folder of extracts; the manifest is replaced last, so that a crash leaves the old one whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = self._read()
        self._rows: list[tuple[FileOutcome, list[Row], list[int]]] = []
        self._excluded: list[tuple[str, Sequence[Excluded]]] = []
        self._quarantined: list[tuple[str, Sequence[Quarantined]]] = []
        self._pending_rows = 0
        self._serial = max((int(name.split("-")[0]) for name in self.manifest.segments), default=0)

    def next_segment(self) -> str:
        """A name for a new segment."""
        self._serial += 1
        return f"{self._serial:08d}"

    def path(self, segment: str, part: str = "rows") -> Path:
        """The file of a part (rows, excluded, quarantine) of a segment."""
        return self.folder / f"{segment}.{part}.parquet"

    def add(
        self,
        outcome: FileOutcome,
        rows: list[Row],
        positions: list[int],
        excluded: Sequence[Excluded],
        quarantined: Sequence[Quarantined],
        segment: str,
    ) -> None:
        """Take the parts of one small file into the segment that is being filled."""
        if outcome.sha256 is None:
            raise ValueError(f"{outcome.file} was not read")
        if rows:
            self._rows.append((outcome, rows, positions))
        if excluded:
            self._excluded.append((outcome.sha256, excluded))
        if quarantined:
            self._quarantined.append((outcome.sha256, quarantined))
        self._pending_rows += len(rows) + len(excluded) + len(quarantined)
        self.manifest.outcomes[entry_key(outcome.sha256, outcome.file)] = outcome
        self.manifest.segments.setdefault(segment, Segment(segment))

    @property
    def is_full(self) -> bool:
        """Whether the segment that is being filled should be written now."""
        return self._pending_rows >= _FLUSH_ROWS

    def flush(self, segment: str) -> None:
        """Write the segment that was being filled."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._rows:
            _write(self.path(segment), rows_table(self._rows))
        if self._excluded:
            _write(self.path(segment, "excluded"), excluded_table(self._excluded))
        if self._quarantined:
            _write(self.path(segment, "quarantine"), quarantine_table(self._quarantined))
        self._rows, self._excluded, self._quarantined = [], [], []
        self._pending_rows = 0

    def stream_excluded(self, segment: str, batches: Iterable[pa.RecordBatch]) -> None:
        """Write the lines of a large file that was not accepted, batch by batch."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.path(segment, "excluded")
        with pq.ParquetWriter(target, EXCLUDED_SCHEMA, compression="zstd", compression_level=1) as writer:
            for batch in batches:
                writer.write_batch(batch)

    def save(self) -> None:
        """Replace the manifest, then remove the segments that it no longer names."""
        self.folder.mkdir(parents=True, exist_ok=True)
        manifest = self.manifest
        used = {outcome.segment for outcome in manifest.outcomes.values()}
        manifest.segments = {name: part for name, part in manifest.segments.items() if name in used}
        text = json.dumps(
            {
                "format": FORMAT,
                "rule_set": manifest.rule_set,
                "seen_at_ns": manifest.seen_at_ns,
                "outcomes": {key: outcome.to_json() for key, outcome in sorted(manifest.outcomes.items())},
                "segments": {name: asdict(part) for name, part in sorted(manifest.segments.items())},
                "seen": {
                    name: [*asdict(signature).values(), sha256]
                    for name, (signature, sha256) in sorted(manifest.seen.items())
                },
            },
            ensure_ascii=False,
        )
        staged = self.folder / f".{MANIFEST}.{os.getpid()}"
        with staged.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(self.folder / MANIFEST)
        for file in self.folder.glob("*.parquet"):
            if file.name.split(".")[0] not in manifest.segments:
                file.unlink()

    def existing(self, part: str, names: Iterable[str]) -> list[Path]:
        """The files of a part among the given segments."""
        return [path for name in sorted(set(names)) if (path := self.path(name, part)).exists()]

    def _read(self) -> Manifest:
        try:
            value = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Manifest()
        if value.get("format") != FORMAT:
            return Manifest()
        return Manifest(
            rule_set=value["rule_set"],
            seen_at_ns=value["seen_at_ns"],
            outcomes={key: FileOutcome.from_json(item) for key, item in value["outcomes"].items()},
            segments={name: Segment(**item) for name, item in value["segments"].items()},
            seen={name: (Signature(*item[:4]), item[4]) for name, item in value["seen"].items()},
        )


def rows_table(parts: Sequence[tuple[FileOutcome, list[Row], list[int]]]) -> pa.Table:
    """Rows of several files as one table in PARSED_SCHEMA, in file order."""
    rows = [row for _, part, _ in parts for row in part]
    columns = list(zip(*rows, strict=True))
    (line_no, span, label, owner, day, post, amount, currency, text, payee, category, balance, pending, ids, extras,
     norm) = columns  # fmt: skip
    sizes = [len(part) for _, part, _ in parts]

    def constant(values: Iterable[Any], kind: pa.DataType) -> pa.Array:
        each = pa.array(list(values), kind)
        return each.take(pa.array([place for place, size in enumerate(sizes) for _ in range(size)], pa.int32()))

    defaults = [
        outcome.account_default or f"{outcome.rule}:{row.account_label}" for outcome, part, _ in parts for row in part
    ]
    arrays = [
        constant((o.sha256 for o, _, _ in parts), pa.string()),
        constant((o.file for o, _, _ in parts), pa.string()),
        constant((o.rule for o, _, _ in parts), pa.string()),
        constant((o.rule_version for o, _, _ in parts), pa.int32()),
        constant((o.kind for o, _, _ in parts), pa.string()),
        line_no,
        span,
        [place for _, _, positions in parts for place in positions],
        label,
        defaults,
        [name or None for name in owner],
        day,
        post,
        amount,
        currency,
        text,
        payee,
        category,
        balance,
        pending,
        ids,
        extras,
        norm,
    ]
    return pa.Table.from_arrays(
        [
            values if isinstance(values, pa.Array) else pa.array(values, field.type)
            for values, field in zip(arrays, PARSED_SCHEMA, strict=True)
        ],
        schema=PARSED_SCHEMA,
    )


def excluded_table(parts: Sequence[tuple[str, Sequence[Excluded]]]) -> pa.Table:
    """Excluded lines of several files as one table."""
    items = [(sha256, *item) for sha256, part in parts for item in part]
    return _table(items, EXCLUDED_SCHEMA)


def quarantine_table(parts: Sequence[tuple[str, Sequence[Quarantined]]]) -> pa.Table:
    """Quarantined records of several files as one table."""
    items = [
        (sha256, item.line_no, item.reason, item.column, item.value, item.raw) for sha256, part in parts for item in part
    ]
    return _table(items, QUARANTINE_SCHEMA)


def _table(items: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*items, strict=True)) if items else [() for _ in schema]
    return pa.Table.from_arrays(
        [pa.array(list(values), part.type) for values, part in zip(columns, schema, strict=True)], schema=schema
    )


def _write(path: Path, table: pa.Table) -> None:
    staged = path.with_name(f".{path.name}")
    pq.write_table(table, staged, compression="zstd", compression_level=1)
    staged.replace(path)


def line_batches(path: Path, sha256: str, reason: str, *, most: int = 1_000) -> Iterator[pa.RecordBatch]:
    """Every physical line of a file that was not accepted, as excluded lines; long texts are cut.

    Constant memory; the text is UTF-8 where it is that, with other bytes escaped.
    """
    block = 4 << 20
    number = 0
    rest = b""
    with path.open("rb") as file:
        while data := file.read(block):
            whole, newline, rest = (rest + data).rpartition(b"\n")
            if not newline:
                # One line longer than a block: only its beginning is kept.
                rest = rest[: most * 4]
                continue
            lines = whole.split(b"\n")
            yield _line_batch(lines, number, sha256, reason, most)
            number += len(lines)
    if rest:
        pieces = rest.split(b"\r") if number == 0 and b"\r" in rest else [rest]
        if number == 0 and not pieces[-1]:
            pieces.pop()
        yield _line_batch(pieces, number, sha256, reason, most)


def _line_batch(lines: list[bytes], before: int, sha256: str, reason: str, most: int) -> pa.RecordBatch:
    texts = [line[: most * 4].removesuffix(b"\r").decode("utf-8", "backslashreplace")[:most] for line in lines]
    count = len(lines)
    return pa.RecordBatch.from_arrays(
        [
            pa.array([sha256] * count, pa.string()),
            pa.array(range(before + 1, before + 1 + count), pa.int64()),
            pa.array([reason] * count, pa.string()),
            pa.array([text.replace("\x00", "\\x00") for text in texts], pa.string()),
        ],
        schema=EXCLUDED_SCHEMA,
    )
