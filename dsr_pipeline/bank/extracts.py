"""What was read from bank files, kept so that no file is read twice and none is forgotten.

Lives here: segments (Parquet: parsed rows, excluded lines, quarantined records) and their manifest, which
tells what became of each content under each rule set. A content that leaves the inbox stays here: missing is
unknown, not empty. Written and read by `bank.ingest` alone, under the lock of the bank group.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.parquet as pq

from dsr_pipeline.bank.inbox import Signature
from dsr_pipeline.bank.outcome import FileOutcome
from dsr_pipeline.bank.parsed import PARSED_SCHEMA
from dsr_pipeline.bank.parsing import Excluded
from dsr_pipeline.bank.reading import split_lines

if TYPE_CHECKING:
    from dsr_pipeline.bank.file_reading import Opened, Reading
    from dsr_pipeline.bank.parsing import Quarantined, Row

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
_BLOCK = 4 << 20
_LONGEST = 4_000  # bytes of a line that the list of excluded lines shows


@dataclass(frozen=True, slots=True)
class Segment:
    """Where the rows of one or more contents lie.

    Without `relation` the part `rows` is a Parquet file in PARSED_SCHEMA. With it the part `stage` holds the
    rows of one large file, and the relation (a SELECT with `{stage}` for the path) gives them without the
    columns that are constant for a file.
    """

    name: str
    contents: tuple[str, ...]  # SHA-256 of the files in it
    relation: str | None = None
    owner: str | None = None


class Seen(NamedTuple):
    """What a name held when it was last hashed, and when that was (nanoseconds since 1970, UTC)."""

    signature: Signature
    sha256: str
    at_ns: int


@dataclass(slots=True)
class Manifest:
    """Outcomes by content and name, segments by name, and what the names held when last seen."""

    rule_set: str = ""
    outcomes: dict[str, FileOutcome] = field(default_factory=dict[str, FileOutcome])  # by `entry_key`
    segments: dict[str, Segment] = field(default_factory=dict[str, Segment])
    seen: dict[str, Seen] = field(default_factory=dict[str, Seen])


def entry_key(sha256: str, name: str) -> str:
    """One content under one name: the account may come from the name, so both belong to the key."""
    return f"{sha256} {name}"


class ExtractStore:
    """The folder of extracts; the manifest is replaced last, so that a crash leaves the old one whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.manifest = self._read()
        self._rows: list[tuple[FileOutcome, Sequence[Row], Sequence[int]]] = []
        self._excluded: list[tuple[str, Sequence[Excluded]]] = []
        self._quarantined: list[tuple[str, Sequence[Quarantined]]] = []
        self._contents: list[str] = []
        self._waiting_rows = 0
        self._open: str | None = None
        self._serial = max(
            (int(file.name.split(".")[0]) for file in folder.glob("[0-9]*.parquet")), default=0
        )

    @property
    def scratch(self) -> Path:
        """Where DuckDB may spill while a large file is read."""
        return self.folder / ".spill"

    def path(self, segment: str, part: str) -> Path:
        """The file of a part (rows, stage, excluded, quarantine) of a segment."""
        return self.folder / f"{segment}.{part}.parquet"

    def stage(self) -> Path:
        """Where the next large file may be staged."""
        return self.folder / ".stage.parquet"

    def take(self, reading: Reading, opened: Opened) -> FileOutcome:
        """Keep what one file gave; the rows of small files share a segment."""
        if reading.outcome.sha256 is None:
            return reading.outcome
        if opened.scanned is not None:
            return self._take_large(reading, opened)
        if self._open is None:
            self._open = self._next_segment()
        outcome = replace(reading.outcome, segment=self._open)
        excluded = reading.excluded
        if reading.all_lines:
            excluded = _all_lines(opened.data or b"", reading)
        if reading.rows:
            self._rows.append((outcome, reading.rows, reading.positions))
        if excluded:
            self._excluded.append((opened.sha256, excluded))
        if reading.quarantined:
            self._quarantined.append((opened.sha256, reading.quarantined))
        self._contents.append(opened.sha256)
        self._waiting_rows += len(reading.rows) + len(excluded) + len(reading.quarantined)
        self.manifest.outcomes[entry_key(opened.sha256, outcome.file)] = outcome
        if self._waiting_rows >= _FLUSH_ROWS:
            self.flush()
        return outcome

    def flush(self) -> None:
        """Write the segment that is being filled."""
        if self._open is None:
            return
        if self._rows:
            _write(self.path(self._open, "rows"), rows_table(self._rows))
        if self._excluded:
            _write(self.path(self._open, "excluded"), excluded_table(self._excluded))
        if self._quarantined:
            _write(self.path(self._open, "quarantine"), quarantine_table(self._quarantined))
        self.manifest.segments[self._open] = Segment(self._open, tuple(self._contents))
        self._rows, self._excluded, self._quarantined, self._contents = [], [], [], []
        self._waiting_rows, self._open = 0, None

    def _take_large(self, reading: Reading, opened: Opened) -> FileOutcome:
        segment = self._next_segment()
        sha256 = opened.sha256
        outcome = replace(reading.outcome, segment=segment)
        relation = None
        if reading.bulk is not None:
            self.stage().replace(self.path(segment, "stage"))
            relation = reading.bulk.relation
        if reading.rows:  # the exact path, or rows that it rescued from doubt beside a stage
            _write(self.path(segment, "rows"), rows_table([(outcome, reading.rows, reading.positions)]))
        if reading.all_lines:
            batches = line_batches(opened.file.path, sha256, outcome.status)
            with pq.ParquetWriter(
                self.path(segment, "excluded"), EXCLUDED_SCHEMA, compression="zstd"
            ) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        elif reading.excluded:
            _write(self.path(segment, "excluded"), excluded_table([(sha256, reading.excluded)]))
        if reading.quarantined:
            _write(self.path(segment, "quarantine"), quarantine_table([(sha256, reading.quarantined)]))
        self.manifest.segments[segment] = Segment(segment, (sha256,), relation, reading.owner)
        self.manifest.outcomes[entry_key(sha256, outcome.file)] = outcome
        return outcome

    def save(self) -> None:
        """Replace the manifest, then remove the segments that it no longer names."""
        manifest = self.manifest
        used = {outcome.segment for outcome in manifest.outcomes.values()}
        manifest.segments = {name: part for name, part in manifest.segments.items() if name in used}
        text = json.dumps(
            {
                "format": FORMAT,
                "rule_set": manifest.rule_set,
                "outcomes": {key: outcome.to_json() for key, outcome in sorted(manifest.outcomes.items())},
                "segments": [asdict(part) for _, part in sorted(manifest.segments.items())],
                "seen": {
                    name: [*astuple(seen.signature), seen.sha256, seen.at_ns]
                    for name, seen in sorted(manifest.seen.items())
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

    def _next_segment(self) -> str:
        self._serial += 1
        return f"{self._serial:08d}"

    def _read(self) -> Manifest:
        try:
            value = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Manifest()
        if value.get("format") != FORMAT:
            return Manifest()
        segments = [
            Segment(item["name"], tuple(item["contents"]), item["relation"], item["owner"])
            for item in value["segments"]
        ]
        return Manifest(
            rule_set=value["rule_set"],
            outcomes={key: FileOutcome.from_json(item) for key, item in value["outcomes"].items()},
            segments={segment.name: segment for segment in segments},
            seen={name: Seen(Signature(*item[:4]), item[4], item[5]) for name, item in value["seen"].items()},
        )


def _all_lines(data: bytes, reading: Reading) -> list[Excluded]:
    """Every line after the header of a small file that was not accepted."""
    status = reading.outcome.status
    return [
        Excluded(number, status, shown(line))
        for number, line in enumerate(split_lines(data), 1)
        if number > reading.header_lines
    ]


def rows_table(parts: Sequence[tuple[FileOutcome, Sequence[Row], Sequence[int]]]) -> pa.Table:
    """Rows of several files as one table in PARSED_SCHEMA, in file order."""
    rows = [row for _, part, _ in parts for row in part]
    columns = list(zip(*rows, strict=True))
    (line_no, span, label, owner, day, post, amount, currency, text, payee, category, balance, pending, ids,
     extras, norm) = columns  # fmt: skip
    sizes = [len(part) for _, part, _ in parts]

    def constant(values: Iterable[Any], kind: pa.DataType) -> pa.Array[Any]:
        each = pa.array(list(values), kind)
        return each.take(
            pa.array([place for place, size in enumerate(sizes) for _ in range(size)], pa.int32())
        )

    defaults = [
        outcome.account_default or f"{outcome.rule}:{row.account_label}"
        for outcome, part, _ in parts
        for row in part
    ]
    declared = [outcome.ids for outcome, part, _ in parts for _ in part]
    arrays: list[Any] = [
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
        [source_id if by_id else None for source_id, by_id in zip(ids, declared, strict=True)],
        [None if by_id else source_id for source_id, by_id in zip(ids, declared, strict=True)],
        extras,
        norm,
    ]
    return pa.Table.from_arrays(
        [
            cast("pa.Array[Any]", values) if isinstance(values, pa.Array) else pa.array(list(values), kind)
            for values, kind in zip(arrays, PARSED_SCHEMA.types, strict=True)
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
        (sha256, item.line_no, item.reason, item.column, item.value, item.raw)
        for sha256, part in parts
        for item in part
    ]
    return _table(items, QUARANTINE_SCHEMA)


def _table(items: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*items, strict=True)) if items else [() for _ in schema.names]
    return pa.Table.from_arrays(
        [pa.array(list(values), kind) for values, kind in zip(columns, schema.types, strict=True)],
        schema=schema,
    )


def _write(path: Path, table: pa.Table) -> None:
    staged = path.with_name(f".{path.name}")
    pq.write_table(table, staged, compression="zstd", compression_level=1)
    staged.replace(path)


def line_batches(path: Path, sha256: str, reason: str) -> Iterator[pa.RecordBatch]:
    """Every physical line of a large file as an excluded line, in constant memory."""
    number = 0
    rest = b""
    with path.open("rb") as file:
        while data := file.read(_BLOCK):
            whole, newline, rest = (rest + data).rpartition(b"\n")
            if not newline:
                rest = rest[:_LONGEST]  # one line longer than a block: its beginning is shown
                continue
            lines = whole.split(b"\n")
            yield _line_batch(lines, number, sha256, reason)
            number += len(lines)
    if rest:
        yield _line_batch([rest], number, sha256, reason)


def _line_batch(lines: Sequence[bytes], before: int, sha256: str, reason: str) -> pa.RecordBatch:
    count = len(lines)
    return pa.RecordBatch.from_arrays(
        [
            pa.array([sha256] * count, pa.string()),
            pa.array(range(before + 1, before + 1 + count), pa.int64()),
            pa.array([reason] * count, pa.string()),
            pa.array([shown(line) for line in lines], pa.string()),
        ],
        schema=EXCLUDED_SCHEMA,
    )


def shown(line: bytes) -> str:
    """A line as people read it: UTF-8 where it is that, other bytes escaped, a long one cut."""
    return line[:_LONGEST].removesuffix(b"\r").decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
