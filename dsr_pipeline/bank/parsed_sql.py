"""The kept extracts as SQL: parsed rows, excluded lines and quarantined records of the contents that count.

Lives here: relations over the segments, so that rows of millions are read once and never copied. Called by
`bank.bank_tables`; consolidation reads the parsed rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsr_pipeline.bank.extracts import EXCLUDED_SCHEMA, QUARANTINE_SCHEMA, ExtractStore, Segment
from dsr_pipeline.bank.normalised_sql import FUNCTION
from dsr_pipeline.bank.parsed import PARSED_SCHEMA

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from dsr_pipeline.bank.outcome import FileOutcome

IN_MEMORY_ROWS = 400_000
"""Up to so many rows all parsed rows are kept in memory; of more, large files are read again by each step."""


@dataclass(frozen=True, slots=True)
class ParsedSource:
    """Rows of some accepted files as a SELECT in PARSED_SCHEMA; `large` is one file, its rows in order."""

    relation: str
    contents: tuple[str, ...]
    large: bool


def parsed_sources(outcomes: Sequence[FileOutcome], store: ExtractStore) -> list[ParsedSource]:
    """The parsed rows of all accepted outcomes, each row once."""
    sources: list[ParsedSource] = []
    for name, files in _by_segment(o for o in outcomes if o.status == "accepted").items():
        segment = store.manifest.segments[name]
        if segment.relation is not None:
            (file,) = files.values()
            sources.append(ParsedSource(_staged(segment, segment.relation, file, store), tuple(files), True))
        if (path := store.path(name, "rows")).exists():
            renamed = {sha256: file.file for sha256, file in files.items()}
            relation = f"select * replace ({_case(renamed)} as file) from read_parquet({quoted(path)})"
            sources.append(ParsedSource(relation + _only(files, segment), tuple(files), False))
    return sources


def open_parsed(connection: duckdb.DuckDBPyConnection, sources: Sequence[ParsedSource], *, rows: int) -> None:
    """Make the relation `parsed`: every row of the sources, ordered by content hash and line.

    Few rows become a table. Of many, those of small files do, and large files stay where they are: their
    stages are in order already, so the whole is a sequence of both and nothing large is sorted.
    """
    small = [source for source in sources if not source.large]
    large = sorted((source for source in sources if source.large), key=lambda source: source.contents)
    beside = {content for source in small for content in source.contents}
    for source in [source for source in large if beside & set(source.contents)]:
        # Rows of the file that were rescued from doubt lie apart: this file has to be sorted.
        large.remove(source)
        small.append(source)
    if rows <= IN_MEMORY_ROWS or not large:
        large, small = [], list(sources)
    together = " union all by name ".join(f"({source.relation})" for source in small)
    together = together or _nothing(PARSED_SCHEMA)
    name = "parsed_small" if large else "parsed"
    connection.execute(
        f"create or replace temp table {name} as select * from ({together}) order by file_sha256, line_no"
    )
    if not large:
        return
    parts: list[str] = []
    before = ""
    for source in large:
        (content,) = source.contents
        between = f"file_sha256 > {quoted(before)} and file_sha256 < {quoted(content)}"
        parts += [f"select * from parsed_small where {between}", source.relation]
        before = content
    parts.append(f"select * from parsed_small where file_sha256 > {quoted(before)}")
    connection.execute(
        f"create or replace temp view parsed as {' union all by name '.join(f'({part})' for part in parts)}"
    )


def excluded_query(outcomes: Sequence[FileOutcome], store: ExtractStore) -> str:
    """Excluded lines of all outcomes: file, line_no, reason, text."""
    parts = _parts(outcomes, store, "excluded")
    # Files that were not accepted are listed from the first line on; their header is no line of data.
    listed = f"""
        select f.file, x.line_no, x.reason, x.text
        from ({_union(parts, EXCLUDED_SCHEMA)}) x join files_read f using (file_sha256, segment)
        where f.status = 'accepted' or x.line_no > coalesce(f.header_line, 0)"""
    return f"""{listed}
        union all
        select f.file, coalesce(f.header_line, 0) + place, f.status, ''
        from files_read f, unnest(generate_series(1, f.lines)) as lines(place) where f.status = 'same_file'"""


def quarantine_query(outcomes: Sequence[FileOutcome], store: ExtractStore) -> str:
    """Quarantined records of all outcomes: file, line_no, reason, column, value, raw."""
    parts = _parts(outcomes, store, "quarantine")
    return f"""
        select f.file, x.line_no, x.reason, x."column", x.value, x.raw
        from ({_union(parts, QUARANTINE_SCHEMA)}) x join files_read f using (file_sha256, segment)"""


def quoted(text: object) -> str:
    """A text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def _by_segment(outcomes: Iterable[FileOutcome]) -> dict[str, dict[str, FileOutcome]]:
    found: dict[str, dict[str, FileOutcome]] = {}
    for outcome in outcomes:
        if outcome.segment is not None and outcome.sha256 is not None:
            found.setdefault(outcome.segment, {})[outcome.sha256] = outcome
    return dict(sorted(found.items()))


def _parts(outcomes: Sequence[FileOutcome], store: ExtractStore, part: str) -> list[str]:
    return [
        f"select *, {quoted(name)} as segment from read_parquet({quoted(path)})"
        for name in _by_segment(outcomes)
        if (path := store.path(name, part)).exists()
    ]


def _union(parts: Sequence[str], schema: pa.Schema) -> str:
    if parts:
        return " union all by name ".join(parts)
    return f"select *, null::varchar as segment from ({_nothing(schema)})"


def _nothing(schema: pa.Schema) -> str:
    columns = ", ".join(
        f'null::{_SQL_TYPES[str(kind)]} as "{name}"'
        for name, kind in zip(schema.names, schema.types, strict=True)
    )
    return f"select {columns} where false"


def _only(files: Mapping[str, FileOutcome], segment: Segment) -> str:
    if set(files) == set(segment.contents):
        return ""
    return f" where file_sha256 in ({', '.join(quoted(sha256) for sha256 in files)})"


def _case(names: Mapping[str, str]) -> str:
    # Only a content kept under a name that another file now has is shown under a longer one.
    whens = [
        f"when {quoted(sha)} then {quoted(name)}" for sha, name in names.items() if f"#{sha[:8]}" in name
    ]
    return f"case file_sha256 {' '.join(whens)} else file end" if whens else "file"


def _staged(segment: Segment, relation: str, file: FileOutcome, store: ExtractStore) -> str:
    stage = relation.replace("'{stage}'", quoted(store.path(segment.name, "stage")))
    label = "account_label" if file.account_label is None else quoted(file.account_label)
    default = f"{quoted(f'{file.rule}:')} || account_label"
    if file.account_default is not None:
        default = quoted(file.account_default)
    owner = "nullif(owner, '')"
    if segment.owner is not None:
        owner = f"coalesce({owner}, {quoted(segment.owner)})"
    expressions = {
        "file_sha256": quoted(file.sha256),
        "file": quoted(file.file),
        "rule": quoted(file.rule),
        "rule_version": f"{file.rule_version}::integer",
        "kind": quoted(file.kind),
        "account_label": label,
        "account_default": default,
        "owner_hint": owner,
        "source_id": "source_id" if file.ids else "null::varchar",
        "reference": "null::varchar" if file.ids else "source_id",
        "norm": f"{FUNCTION}(description)",
    }
    columns = ", ".join(f"{expressions.get(name, name)} as {name}" for name in PARSED_SCHEMA.names)
    return f"select {columns} from ({stage})"


_SQL_TYPES = {
    "string": "varchar",
    "int64": "bigint",
    "int32": "integer",
    "binary": "blob",
    "bool": "boolean",
    "date32[day]": "date",
    "decimal128(18, 4)": "decimal(18, 4)",
}
