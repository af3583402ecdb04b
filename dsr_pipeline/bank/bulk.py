"""Large, regular exports through DuckDB: the contract of `bank.parsing` at the cost of a typed copy.

The file is copied once into a stage (Parquet, file order) by the query of `bank.bulk_sql`; the few lines that
SQL refuses or doubts are judged by the exact code. Where lines and records cannot be told apart with
certainty the answer is None, and the file takes the exact path. Called by `bank.ingest`.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dsr_pipeline.bank.binding import BoundRule
from dsr_pipeline.bank.bulk_sql import BulkPlan, bulk_plan
from dsr_pipeline.bank.chain import Chain, chain_of
from dsr_pipeline.bank.matching import Candidate, dialect_of
from dsr_pipeline.bank.parsing import Excluded, Parsed, Quarantined, parse
from dsr_pipeline.bank.reading import MAX_LINE, Lines, UndecodableError, decode
from dsr_pipeline.bank.rejection import wrong_date_format
from dsr_pipeline.bank.verification import Step

if TYPE_CHECKING:
    from dsr_pipeline.bank.parsing import Row

_BLOCK = 1 << 20
# Where the empty text is the sign of NULL, DuckDB drops empty fields beyond the last column without a word.
_NO_TEXT = "\x01no text\x02"
_TAIL = 1 << 18  # bytes at the end that show whether the last row was cut
_MOST_DOUBTS = 200_000  # beyond this the exact path is no slower
_BLANK_LINE = re.compile(rb"\n(?=\r?\n)")


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over the bytes of a file tells."""

    sha256: str
    size: int
    lines: int  # physical lines
    ends_with_newline: bool
    has_nul: bool
    lone_returns: bool  # a CR that is not part of a CRLF
    longest: int  # a lower bound that tells whether a line is too long: bytes between two newlines


@dataclass(frozen=True, slots=True)
class Bulk:
    """A large file as read: a stage in file order, and what was judged line by line."""

    stage: Path
    relation: str  # SELECT over the stage, without the constant columns
    ok_rows: int
    lines: int
    excluded: list[Excluded]
    quarantined: list[Quarantined]
    rescued: list[Row]  # doubted by SQL, accepted by the exact code
    preamble: str
    footer: str
    stated_rows: list[tuple[str, str]]
    chain: Chain
    amount_sum: Decimal
    date_min: date | None
    date_max: date | None
    posted_rows: int
    window_min: date | None
    window_max: date | None
    rejection: str | None


def scan(path: Path) -> Scan:
    """Hash a file and look at its physical lines, in one pass and constant memory."""
    digest = hashlib.sha256()
    size = newlines = longest = since = returns = pairs = 0
    nul = False
    before = b""
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            nul = nul or b"\x00" in block
            newlines += block.count(b"\n")
            first = block.find(b"\n")
            if first >= 0:
                longest = max(longest, since + first)
                since = len(block) - block.rindex(b"\n") - 1
            else:
                since += len(block)
            if b"\r" in block or before == b"\r":
                returns += block.count(b"\r")
                pairs += (before + block).count(b"\r\n")
            before = block[-1:]
            size += len(block)
    ends = before == b"\n"
    lines = newlines + (0 if ends or not size else 1)
    return Scan(digest.hexdigest(), size, lines, ends, nul, returns != pairs, max(longest, since))


def blank_lines(path: Path) -> list[int]:
    """The byte offsets of empty lines; DuckDB passes over them without a word."""
    found: list[int] = []
    size = 0
    before = b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            tail = before + block
            found += [size - len(before) + match.end() for match in _BLANK_LINE.finditer(tail)]
            before = tail[-2:] if tail.endswith(b"\n\r") else tail[-1:]
            size += len(block)
    return found


def read(
    path: Path, name: str, candidate: Candidate, scanned: Scan, stage: Path, scratch: Path
) -> Bulk | None:
    """Read a file through DuckDB; None where only the exact path can be right.

    `candidate` comes from the beginning of the file; `stage` is the Parquet file to write, `scratch` a folder
    for spilling. Bounded memory: about 600 MB however large the file.
    """
    if scanned.lone_returns or scanned.has_nul or not _encoding_fits(candidate):
        return None
    if _is_cut(path, name, candidate, scanned):
        return None
    bound = BoundRule(candidate.rule, list(candidate.names) if candidate.names is not None else None)
    width = _raw_width(candidate)
    plan = bulk_plan(bound, width) if width is not None else None
    if plan is None:
        return None
    connection = duckdb.connect()
    try:
        connection.execute(
            f"set threads=2; set memory_limit='600MB'; set temp_directory='{_quoted(scratch)}'"
        )
        return _Reader(connection, path, name, candidate, bound, plan, scanned, stage).read()
    finally:
        connection.close()


def _is_cut(path: Path, name: str, candidate: Candidate, scanned: Scan) -> bool:
    """Whether the file ends in the middle of a row, told by the exact code from the last rows."""
    if scanned.ends_with_newline:
        return False
    start = max(0, scanned.size - _TAIL)
    with path.open("rb") as file:
        file.seek(start)
        tail = file.read()
    lines = decode(tail[tail.find(b"\n") + 1 :] if start else tail, (candidate.lines.encoding,))
    last = replace(candidate, lines=lines, header=None, first=0 if start else candidate.first)
    return any(item.reason == "truncated" for item in parse(last, name).quarantined)


def _encoding_fits(candidate: Candidate) -> bool:
    return candidate.lines.encoding.lower().replace("_", "-") in {
        "utf-8",
        "utf-8-sig",
        "utf8",
        "ascii",
        "us-ascii",
    }


def _raw_width(candidate: Candidate) -> int | None:
    """The field count of most of the first rows."""
    dialect = dialect_of(candidate.rule)
    texts = candidate.lines.texts[candidate.first : candidate.first + 50]
    widths = Counter(
        len(fields) for text in texts if text.strip() and (fields := dialect.split(text)) is not None
    )
    return widths.most_common(1)[0][0] if widths else None


class _Reader:
    """One reading of one file; the steps of `read` in their order."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        name: str,
        candidate: Candidate,
        bound: BoundRule,
        plan: BulkPlan,
        scanned: Scan,
        stage: Path,
    ) -> None:
        self.connection = connection
        self.path = path
        self.name = name
        self.candidate = candidate
        self.rule = candidate.rule
        self.bound = bound
        self.plan = plan
        self.scanned = scanned
        self.stage = stage

    def read(self) -> Bulk | None:
        """All of it, or None."""
        try:
            self._copy()
        except duckdb.Error as error:
            if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
                raise
            return None  # the reader lost its place in the file: quotes that never close, lines too long
        odd = self._odd_lines()
        if odd is None:
            return None
        judged = self._judge(odd)
        if judged is None:
            return None
        if self.rule.dedup.id is not None and self._repeats_ids():
            return None
        return self._result(judged, odd)

    def _copy(self) -> None:
        plan = self.plan
        raw = {f"c{place}": "VARCHAR" for place in range(plan.width)}
        quote = self.rule.file.quote or ""
        source = (
            f"read_csv('{_quoted(self.path)}', header=false, skip={self.candidate.first}, all_varchar=true, "
            f"auto_detect=false, delim='{_quoted(self.rule.file.delimiter)}', quote='{_quoted(quote)}', "
            f"escape='{_quoted(quote)}', strict_mode=true, store_rejects=true, nullstr='{_NO_TEXT}', "
            f"rejects_limit={_MOST_DOUBTS}, max_line_size={MAX_LINE}, columns={raw})"
        )
        typed = ", ".join(f'{text} as "{name}"' for name, text in plan.columns.items())
        # The columns are named inside the condition of `ok`; DuckDB computes each expression once.
        self.connection.execute(
            f"copy (select {typed}, coalesce({plan.ok}, false) as ok from {source}) "
            f"to '{_quoted(self.stage)}' (format parquet, compression zstd, compression_level 1)"
        )

    def _odd_lines(self) -> list[int] | None:
        """Physical lines (1-based) that have no row in the stage; None where the count does not come out."""
        rejects = self.connection.execute(
            "select line_byte_position, bool_or(error_type = 'INVALID ENCODING') from reject_errors "
            "group by line_byte_position"
        ).fetchall()
        if len(rejects) >= _MOST_DOUBTS:
            return None
        if len(self.rule.file.encodings) > 1 and any(encoding for _, encoding in rejects):
            return None  # another of the declared encodings may read the whole file
        offsets = {int(position) for position, _ in rejects}
        staged = self._one("select count(*) from {stage}")[0]
        if self.candidate.first + staged + len(offsets) != self.scanned.lines:
            offsets.update(blank_lines(self.path))
        numbers = [n for n in _line_numbers(self.path, sorted(offsets)) if n > self.candidate.first]
        whole = self.candidate.first + staged + len(numbers)
        return numbers if whole == self.scanned.lines and len(set(numbers)) == len(numbers) else None

    def _one(self, query: str) -> tuple[Any, ...]:
        relation = f"read_parquet('{_quoted(self.stage)}', file_row_number=true)"
        row = self.connection.execute(query.format(stage=relation)).fetchone()
        assert row is not None
        return row

    def _judge(self, odd: Sequence[int]) -> tuple[Parsed, list[int]] | None:
        """The lines that SQL refused or doubts, under the exact code, with their true line numbers."""
        doubted = self.connection.execute(
            f"select file_row_number from read_parquet('{_quoted(self.stage)}', file_row_number=true) "
            f"where not ok limit {_MOST_DOUBTS}"
        ).fetchall()
        if len(doubted) >= _MOST_DOUBTS:
            return None
        breaks = _breaks(odd, self.candidate.first)
        numbers = sorted(
            [self.candidate.first + 1 + ordinal + bisect_right(breaks, ordinal) for (ordinal,) in doubted]
            + [*odd]
        )
        raw = _raw_lines(self.path, numbers)
        try:
            lines = decode(b"\n".join(raw) + b"\n" if raw else b"", (self.candidate.lines.encoding,))
        except UndecodableError:
            lines = decode(b"\n" + b"\n".join(raw) + b"\n", (self.candidate.lines.encoding,))
            lines = Lines(
                lines.encoding,
                lines.texts[1:],
                frozenset(place - 1 for place in lines.bad),
                b"\n".join(raw) + b"\n",
            )
        if len(lines.texts) != len(numbers):
            return None
        alone = replace(self.candidate, lines=lines, header=None, first=0)
        return parse(alone, self.name), numbers

    def _repeats_ids(self) -> bool:
        label = '"account_label", ' if "account_label" in self.plan.columns else ""
        found = self.connection.execute(
            f"select 1 from read_parquet('{_quoted(self.stage)}') where source_id is not null "
            f"group by {label}source_id having count(*) > 1 limit 1"
        ).fetchone()
        return found is not None

    def _result(self, judged: tuple[Parsed, list[int]], odd: Sequence[int]) -> Bulk | None:
        parsed, numbers = judged
        if parsed.other_header is not None:
            return None  # several exports in one file: the exact path says where
        rescued = [row._replace(line_no=numbers[row.line_no - 1]) for row in parsed.rows]
        excluded = [item._replace(line_no=numbers[item.line_no - 1]) for item in parsed.excluded]
        quarantined = [item._replace(line_no=numbers[item.line_no - 1]) for item in parsed.quarantined]
        texts = self.candidate.lines.texts
        if self.candidate.header is None:
            excluded += [
                Excluded(place + 1, "preamble", texts[place]) for place in range(self.candidate.first)
            ]
        posted = "ok and not pending" if "pending" in self.plan.columns else "ok"
        window = "coalesce(post_date, date)" if "post_date" in self.plan.columns else "date"
        ok_rows, total, first_day, last_day, posted_rows, first_window, last_window = self._one(
            f"select count(*) filter (ok), coalesce(sum(amount) filter (ok), 0), min(date) filter (ok), "
            f"max(date) filter (ok), count(*) filter ({posted}), min({window}) filter ({posted}), "
            f"max({window}) filter ({posted}) from {{stage}}"
        )
        if self._is_rejected(ok_rows + len(rescued), quarantined):
            return None
        lines = self.scanned.lines - (0 if self.candidate.header is None else self.candidate.first)
        chain = chain_of(
            self.stage,
            balances="balance" in self.plan.columns,
            pending="pending" in self.plan.columns,
            declared=self.rule.rows.order,
        )
        breaks = _breaks(odd, self.candidate.first)
        days = [row.date for row in rescued if row.date is not None]
        posts = [day for row in rescued if not row.pending and (day := row.post_date or row.date) is not None]
        return Bulk(
            stage=self.stage,
            relation=_relation(
                self.plan, self.candidate.first, breaks, lines + self.candidate.first, chain.order
            ),
            ok_rows=ok_rows,
            lines=lines,
            excluded=excluded,
            quarantined=quarantined,
            rescued=rescued,
            preamble="\n".join(texts[: self.candidate.first]),
            footer="",
            stated_rows=parsed.stated_rows,
            chain=chain,
            amount_sum=total + sum((row.amount for row in rescued), Decimal(0)),
            date_min=_least(days, first_day),
            date_max=_greatest(days, last_day),
            posted_rows=posted_rows + sum(not row.pending for row in rescued),
            window_min=_least(posts, first_window),
            window_max=_greatest(posts, last_window),
            rejection=None,
        )

    def _is_rejected(self, good: int, quarantined: Sequence[Quarantined]) -> bool:
        bad = len(quarantined)
        if bad > self.rule.file.max_bad_ratio * (good + bad):
            return True
        wrong = [item.value.strip() for item in quarantined if item.reason == "bad_date" and item.value]
        if not wrong:
            return False
        days = self.connection.execute(
            f"select distinct date from read_parquet('{_quoted(self.stage)}') where ok and date is not null"
        ).fetchall()
        date_format = self.rule.dates.formats[0]
        texts = [*wrong, *(day.strftime(date_format) for (day,) in days)]
        other = wrong_date_format(texts, self.bound.date_parsers[0])
        return other is not None and other.contradicts


def steps(read: Bulk) -> list[Step]:
    """The posted rows of a large file for the exact proof, oldest first; only for what fits memory."""
    connection = duckdb.connect()
    try:
        found = connection.execute(
            f"select line_no, coalesce(post_date, date), amount, balance from "
            f"({read.relation.replace('{stage}', _quoted(read.stage))}) where not pending"
        ).fetchall()
    finally:
        connection.close()
    taken = [Step(*row) for row in found]
    taken += [
        Step(row.line_no, row.post_date or row.date, row.amount, row.balance)
        for row in read.rescued
        if not row.pending
    ]
    return sorted(taken, key=lambda step: step.line_no, reverse=read.chain.order == "newest_first")


def _relation(plan: BulkPlan, first: int, breaks: Sequence[int], last: int, order: str) -> str:
    """The stage as parsed rows; `{stage}` stands for its path."""
    later = "".join(f" + (file_row_number >= {ordinal})::bigint" for ordinal in breaks)
    line = f"{first + 1} + file_row_number{later}"
    # The position only orders rows: the line number, counted from the other end in a file of newest first.
    position = f"{last} - ({line})" if order == "newest_first" else line
    columns = {
        name: f'"{name}"' if name in plan.columns else default
        for name, default in (
            ("date", "null::date"),
            ("post_date", "null::date"),
            ("amount", ""),
            ("currency", "null::varchar" if plan.currency is None else f"'{plan.currency}'"),
            ("description", ""),
            ("payee", "null::varchar"),
            ("category_src", "null::varchar"),
            ("balance", "null::decimal(18,4)"),
            ("pending", "false"),
            ("source_id", "null::varchar"),
            ("extras", "'{}'"),
            ("account_label", "null::varchar"),
            ("owner", "null::varchar"),
        )
    }
    chosen = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
    return (
        f"select ({line})::bigint as line_no, 1::integer as span, ({position})::bigint as position, {chosen} "
        "from read_parquet('{stage}', file_row_number=true) where ok"
    )


def _breaks(odd: Sequence[int], first: int) -> list[int]:
    """For each line without a row, the ordinal of the first row that stands after it."""
    return [number - first - 1 - place for place, number in enumerate(sorted(odd))]


def _line_numbers(path: Path, offsets: Sequence[int]) -> Iterator[int]:
    """The 1-based physical line that begins at, or holds, each of the sorted byte offsets."""
    if not offsets:
        return
    waiting = list(offsets)
    seen = newlines = 0
    with path.open("rb") as file:
        while waiting and (block := file.read(_BLOCK)):
            done = 0
            while waiting and waiting[0] < seen + len(block):
                inside = waiting.pop(0) - seen
                newlines += block.count(b"\n", done, inside)
                done = inside
                yield newlines + 1
            newlines += block.count(b"\n", done)
            seen += len(block)
    for _ in waiting:
        yield newlines + 1


def _raw_lines(path: Path, numbers: Sequence[int]) -> list[bytes]:
    """The bytes of the given 1-based physical lines, which are sorted."""
    found: list[bytes] = []
    if not numbers:
        return found
    wanted = set(numbers)
    last = numbers[-1]
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number in wanted:
                found.append(line.rstrip(b"\n").removesuffix(b"\r"))
                if number == last:
                    break
    return found


def _least(days: Sequence[date], other: date | None) -> date | None:
    known = [*days, *([other] if other is not None else [])]
    return min(known) if known else None


def _greatest(days: Sequence[date], other: date | None) -> date | None:
    known = [*days, *([other] if other is not None else [])]
    return max(known) if known else None


def _quoted(text: Path | str) -> str:
    return str(text).replace("'", "''")
