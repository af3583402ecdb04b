"""Who stands behind the rows of the parsed segments: file, account, owner, and which exports belong together.

Lives here: the first step of consolidation. It resolves labels once per source instead of once per row and
leaves the view `statement_rows`, which every later step reads. Called by `bank.consolidation` only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from dsr_pipeline.bank.accounts import Accounts, OwnerPeriod
from dsr_pipeline.bank.classification import SourceClass, source_class
from dsr_pipeline.bank.keys import key_prefix
from dsr_pipeline.bank.merchants import Merchants
from dsr_pipeline.bank.normalised_sql import FUNCTION as NORMALISED
from dsr_pipeline.bank.parsed import PARSED_SCHEMA, FileFact
from dsr_pipeline.bank.workbench import keep_table

AGGREGATOR = "aggregator"


@dataclass(frozen=True, slots=True)
class Span:
    """First and last of some days."""

    first: date
    last: date

    def joined(self, other: Span | None) -> Span:
        """The span that holds both."""
        return self if other is None else Span(min(self.first, other.first), max(self.last, other.last))


@dataclass(frozen=True, slots=True)
class Stream:
    """What may hold one transaction several times in the same words: all exports by the bank of one account,
    or all exports by one aggregator about it. `aggregator` is None for the bank's own."""

    number: int
    account: str
    account_no: int
    aggregator: str | None


@dataclass(frozen=True, slots=True)
class Export:
    """One accepted file.

    `number` is its place by content hash; `newness` its place among all files, where the newest is the
    greatest by last date, posted rows and hash, never by name or time of the file. `days` are the days on
    which its rows happened, `key_days` those by which posted rows are keyed (posted date, or else date).
    """

    number: int
    newness: int
    fact: FileFact
    days: Span | None
    key_days: Span | None
    streams: frozenset[int]

    @property
    def chained(self) -> bool:
        """Whether its running balances prove order and distinctness of its rows, and say where it begins and
        ends."""
        fact = self.fact
        stated = fact.opening is not None and fact.closing is not None
        return fact.verdict in ("proven", "chained") and stated and len(self.streams) == 1


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of one file that carry one label. `owner` is None where it changes within the rows' days."""

    number: int
    export: Export
    label: str
    default: str
    owner_hint: str | None
    stream: Stream
    rule_class: int
    days: Span | None
    owners: tuple[OwnerPeriod, ...]

    @property
    def owner_is_constant(self) -> bool:
        """Whether one owner holds for all days of the rows."""
        if self.days is None:
            return len(self.owners) == 1
        changes = (period.since for period in self.owners if period.since is not None)
        return not any(self.days.first < day <= self.days.last for day in changes)

    def owner_on(self, day: date | None) -> str | None:
        """The owner of a row of that day; of a row without a day, the latest."""
        known = [p for p in self.owners if day is None or p.since is None or p.since <= day]
        return known[-1].owner


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that consolidation knows before it looks at a row."""

    sources: tuple[Source, ...]
    exports: tuple[Export, ...]
    streams: tuple[Stream, ...]
    classes: tuple[SourceClass, ...]
    in_memory: bool

    def exports_of(self, stream: Stream) -> list[Export]:
        """The files that hold rows of a stream, oldest first."""
        held = (export for export in self.exports if stream.number in export.streams)
        return sorted(held, key=lambda export: export.newness)


def open_sources(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[FileFact],
    accounts: Accounts,
    merchants: Merchants,
) -> Sources:
    """Make the tables `sources` and `exports` and the view `statement_rows` over `parsed`.

    `statement_rows` holds every parsed row of the given files, with `rid` (file and line as one number, the
    same in every run and in the sort order of the transactions), the numbers of its source, stream and
    account, `newness` of its export, `key_date` (posted date, or else date), and `day_hash`, which equal rows
    share; it serves to find candidates only. The normalised text comes from the macro `norm_of(row)`, which
    computes it where it is not kept: so it is computed for the rows that a step looks at, and not for all
    that it passes.
    """
    kept = con.execute("select 1 from duckdb_tables() where table_name = 'parsed'").fetchone() is not None
    sources = _resolve(con, files, accounts, merchants, in_memory=kept)
    keep_table(con, "sources", _source_table(sources))
    keep_table(con, "exports", _export_table(sources))
    con.execute(f"""
        create or replace temp macro norm_of(kept_norm, description) as
            {"kept_norm" if kept else f"{NORMALISED}(description)"};
        create or replace temp macro key_hash(day_hash, source_id, norm) as
            case when source_id is null then hash(day_hash, norm) else day_hash end;
        create or replace temp view statement_rows as
        select (s.file_no::bigint << 32) + p.line_no as rid,
            s.source, s.file_no, s.stream, s.account_no, s.newness, s.rule_class,
            {"p.*" if kept else "p.* replace (null::varchar as norm)"},
            coalesce(p.post_date, p.date) as key_date,
            hash(s.stream, case when p.source_id is null
                then hash(coalesce(p.post_date, p.date), p.amount, p.currency)
                else hash(p.source_id) end) as day_hash
        from parsed p join sources s
            on p.file_sha256 = s.file_sha256 and p.account_label = s.label
            and p.account_default = s.default_account and p.owner_hint is not distinct from s.owner_hint""")
    return sources


def open_segments(con: duckdb.DuckDBPyConnection, segments: Sequence[Path]) -> None:
    """Make the table `parsed` from Parquet files in PARSED_SCHEMA, sorted by content hash and line."""
    con.register("no_rows", PARSED_SCHEMA.empty_table())
    paths = ", ".join("'" + str(path).replace("'", "''") + "'" for path in dict.fromkeys(segments))
    rows = f"read_parquet([{paths}])" if segments else "no_rows"
    con.execute(f"create or replace temp table parsed as select * from {rows} order by file_sha256, line_no")
    con.unregister("no_rows")


def _resolve(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[FileFact],
    accounts: Accounts,
    merchants: Merchants,
    *,
    in_memory: bool,
) -> Sources:
    """One source per file and label, with everything that the rules say about it."""
    facts = {fact.sha256: fact for fact in files}
    found = [group for group in _groups(con) if group.sha256 in facts]
    streams: dict[tuple[str, str | None], Stream] = {}
    account_numbers: dict[str, int] = {}
    for group in found:
        fact = facts[group.sha256]
        account = accounts.resolve(group.label, group.default)
        aggregator = fact.rule if fact.kind == AGGREGATOR else None
        account_no = account_numbers.setdefault(account, len(account_numbers))
        streams.setdefault((account, aggregator), Stream(len(streams), account, account_no, aggregator))
    exports = _exports(facts, found, lambda group: _stream_of(group, facts[group.sha256], accounts, streams))
    classes: dict[SourceClass, int] = {}
    sources: list[Source] = []
    for group in found:
        fact = facts[group.sha256]
        stream = _stream_of(group, fact, accounts, streams)
        known = accounts.accounts.get(stream.account)
        kind = known.kind if known is not None and known.kind is not None else fact.kind
        rule_class = source_class(merchants, kind=kind, bank_rule=fact.rule, account=stream.account)
        sources.append(
            Source(
                number=len(sources),
                export=exports[group.sha256],
                label=group.label,
                default=group.default,
                owner_hint=group.owner_hint,
                stream=stream,
                rule_class=classes.setdefault(rule_class, len(classes)),
                days=group.days,
                owners=accounts.owner_periods(stream.account, group.owner_hint),
            )
        )
    return Sources(
        tuple(sources), tuple(exports.values()), tuple(streams.values()), tuple(classes), in_memory
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows of one file and label, as counted in the segments."""

    sha256: str
    label: str
    default: str
    owner_hint: str | None
    days: Span | None
    key_days: Span | None


def _groups(con: duckdb.DuckDBPyConnection) -> list[_Group]:
    """In the order of hash and label, so that every number given from it is the same in every run."""
    found = con.execute("""
        select file_sha256, account_label, account_default, owner_hint,
            min(coalesce(date, post_date)), max(coalesce(date, post_date)),
            min(coalesce(post_date, date)) filter (not pending),
            max(coalesce(post_date, date)) filter (not pending)
        from parsed group by all order by 1, 2, 3, 4 nulls first""").fetchall()
    return [
        _Group(sha256, label, default, hint, _span(first, last), _span(key_first, key_last))
        for sha256, label, default, hint, first, last, key_first, key_last in found
    ]


def _span(first: date | None, last: date | None) -> Span | None:
    return None if first is None or last is None else Span(first, last)


def _stream_of(
    group: _Group, fact: FileFact, accounts: Accounts, streams: dict[tuple[str, str | None], Stream]
) -> Stream:
    aggregator = fact.rule if fact.kind == AGGREGATOR else None
    return streams[accounts.resolve(group.label, group.default), aggregator]


def _exports(
    facts: dict[str, FileFact], found: Sequence[_Group], stream_of: Callable[[_Group], Stream]
) -> dict[str, Export]:
    """The exports by content hash."""
    days: dict[str, Span] = {}
    key_days: dict[str, Span] = {}
    streams: dict[str, set[int]] = {}
    for group in found:
        for spans, span in ((days, group.days), (key_days, group.key_days)):
            if span is not None:
                spans[group.sha256] = span.joined(spans.get(group.sha256))
        streams.setdefault(group.sha256, set()).add(stream_of(group).number)
    newest_last = sorted(facts.values(), key=lambda fact: (fact.date_max or date.min, fact.rows, fact.sha256))
    newness = {fact.sha256: place for place, fact in enumerate(newest_last)}
    return {
        sha256: Export(
            number=number,
            newness=newness[sha256],
            fact=facts[sha256],
            days=days.get(sha256),
            key_days=key_days.get(sha256),
            streams=frozenset(streams.get(sha256, ())),
        )
        for number, sha256 in enumerate(sorted(facts))
    }


def _source_table(sources: Sources) -> pa.Table:
    columns: dict[str, tuple[pa.DataType, list[object]]] = {
        "source": (pa.int32(), [s.number for s in sources.sources]),
        "file_no": (pa.int32(), [s.export.number for s in sources.sources]),
        "newness": (pa.int32(), [s.export.newness for s in sources.sources]),
        "stream": (pa.int32(), [s.stream.number for s in sources.sources]),
        "account_no": (pa.int32(), [s.stream.account_no for s in sources.sources]),
        "rule_class": (pa.int32(), [s.rule_class for s in sources.sources]),
        "file_sha256": (pa.string(), [s.export.fact.sha256 for s in sources.sources]),
        "label": (pa.string(), [s.label for s in sources.sources]),
        "default_account": (pa.string(), [s.default for s in sources.sources]),
        "owner_hint": (pa.string(), [s.owner_hint for s in sources.sources]),
        "account": (pa.string(), [s.stream.account for s in sources.sources]),
        "key_prefix": (pa.string(), [key_prefix(s.stream.account) for s in sources.sources]),
        "owner": (pa.string(), [s.owner_on(s.days.last if s.days else None) for s in sources.sources]),
        "is_card": (pa.bool_(), [sources.classes[s.rule_class].card for s in sources.sources]),
        "file": (pa.string(), [s.export.fact.file for s in sources.sources]),
        "rule": (pa.string(), [s.export.fact.rule for s in sources.sources]),
        "alone": (
            pa.string(),
            [json.dumps([s.export.fact.file], ensure_ascii=False) for s in sources.sources],
        ),
    }
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})


def _export_table(sources: Sources) -> pa.Table:
    exports = sources.exports

    def edge(spans: Iterable[Span | None], end: Literal["first", "last"]) -> list[object]:
        return [None if span is None else getattr(span, end) for span in spans]

    columns: dict[str, tuple[pa.DataType, list[object]]] = {
        "file_no": (pa.int32(), [e.number for e in exports]),
        "newness": (pa.int32(), [e.newness for e in exports]),
        "file": (pa.string(), [e.fact.file for e in exports]),
        "chained": (pa.bool_(), [e.chained for e in exports]),
        "first_day": (pa.date32(), edge((e.days for e in exports), "first")),
        "last_day": (pa.date32(), edge((e.days for e in exports), "last")),
        "first_key_day": (pa.date32(), edge((e.key_days for e in exports), "first")),
        "last_key_day": (pa.date32(), edge((e.key_days for e in exports), "last")),
    }
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})
