"""Delimiter and quoting of a file: the pair under which most lines fall into a date, a figure and their like.

Lives here: trying the delimiters on the lines and reading the records under the best one. Where the table
begins and ends is `bank.draft.layout`. Nothing is sniffed from character counts: a delimiter inside a memo
makes no rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice

from dsr_pipeline.bank.draft.model import DraftError
from dsr_pipeline.bank.draft.shapes import figure, is_date
from dsr_pipeline.bank.reading import Dialect, Lines, Record, records

_DELIMITERS = (",", ";", "\t", "|", "^", "~")
_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
_TRIAL_LINES = 400  # enough to tell the delimiter; the whole file is then read under it
_LEAST_WIDTH = 2


@dataclass(frozen=True, slots=True)
class Split:
    """The records of a file under its dialect, and which of them look like rows of a table."""

    dialect: Dialect
    multiline: bool
    records: tuple[Record, ...]
    width: int  # fields of the rows
    evidence: dict[str, str]


def looks_like_row(fields: list[str]) -> bool:
    """Whether a record holds a date and, in another field, a figure."""
    dates = figures = 0
    for field in fields:
        text = field.strip()
        if not text:
            continue
        if is_date(text):
            dates += 1
            figures += dates > 1 and figure(text) is not None
        elif figure(text) is not None:
            figures += 1
    return dates > 0 and figures > 0


def infer_dialect(file: str, lines: Lines) -> Split:
    """Tell delimiter, quote and whether fields go over lines; raises `DraftError` where no table is found."""
    trial = Lines(lines.encoding, lines.texts[:_TRIAL_LINES], frozenset(), b"")
    found: list[_Trial] = []
    for dialect in _candidates(trial.texts):
        for multiline in (False, True) if _odd_quotes(trial.texts, dialect) else (False,):
            rows = _score(trial, dialect, multiline=multiline)
            if rows.total():
                found.append(_Trial(rows, dialect, multiline))
    if not found:
        raise DraftError(
            file,
            "holds no table of transactions: under no delimiter does a line fall into a date and an "
            "amount (an export with a header only proves nothing; export a period with transactions)",
        )
    best = max(found, key=lambda trial: trial.rank)
    dialect, width, count = best.dialect, best.width, best.rows.total()
    others = {
        trial.dialect.delimiter: trial.rows.total()
        for trial in found
        if trial.dialect.delimiter != dialect.delimiter
    }
    split = tuple(records(lines, 0, dialect, multiline=True, looks_whole=looks_like_row))
    spans = sum(record.span > 1 for record in split)
    return Split(
        dialect,
        spans > 0,
        split,
        width,
        {
            "delimiter": f"{_named(dialect.delimiter)} makes {count} of the first {len(trial.texts)} "
            f"lines rows of {width} fields with a date and a figure; {_others(others)}",
            "quote": _quote_evidence(lines.texts, dialect),
            "multiline_fields": f"{spans} quoted fields go on over lines"
            if spans
            else "no quoted field goes on over a line end",
            "skip_initial_space": "quoted fields stand after a blank"
            if dialect.skip_initial_space
            else "no quoted field stands after a blank",
        },
    )


def _candidates(texts: list[str]) -> list[Dialect]:
    joined = "\n".join(texts)
    found: list[Dialect] = []
    for delimiter in _DELIMITERS:
        if delimiter not in joined:
            continue
        quotes: list[str | None] = ['"'] if '"' in joined else []
        if sum(text.startswith("'") and text.rstrip().endswith("'") for text in texts) > len(texts) / 2:
            quotes.append("'")
        for quote in [*quotes, None] if quotes else ['"']:
            found.append(Dialect(delimiter, quote, False))
            if quote is not None and f"{delimiter} {quote}" in joined:
                found.append(Dialect(delimiter, quote, True))
    return found


def _odd_quotes(texts: list[str], dialect: Dialect) -> bool:
    return dialect.quote is not None and any(text.count(dialect.quote) % 2 for text in texts)


@dataclass(frozen=True, slots=True)
class _Trial:
    """Rows by their number of fields, under one dialect."""

    rows: Counter[int]
    dialect: Dialect
    multiline: bool

    @property
    def width(self) -> int:
        """The commonest number of fields; rows that end earlier or later still are rows."""
        return max(self.rows, key=lambda size: (self.rows[size], size))

    @property
    def rank(self) -> tuple[int, int, bool, bool, bool, int]:
        """More rows alike first, then more rows, then the plainer dialect."""
        quoted = self.dialect.quote is not None
        plain = not self.dialect.skip_initial_space
        return self.rows[self.width], self.rows.total(), quoted, not self.multiline, plain, self.width


def _score(lines: Lines, dialect: Dialect, *, multiline: bool) -> Counter[int]:
    widths: Counter[int] = Counter()
    for record in islice(
        records(lines, 0, dialect, multiline=multiline, looks_whole=looks_like_row), _TRIAL_LINES
    ):
        if record.fields is not None and len(record.fields) >= _LEAST_WIDTH and looks_like_row(record.fields):
            widths[len(record.fields)] += 1
    return widths


def _named(delimiter: str) -> str:
    return _NAMES.get(delimiter, repr(delimiter))


def _others(others: dict[str, int]) -> str:
    if not others:
        return "no other delimiter makes one"
    return ", ".join(f"{_named(delimiter)} {count}" for delimiter, count in others.items())


def _quote_evidence(texts: list[str], dialect: Dialect) -> str:
    if dialect.quote is None:
        return "quotation marks stand inside texts and enclose none"
    count = sum(dialect.quote in text for text in texts)
    return f"{count} lines hold quoted fields" if count else "no field is quoted; the usual mark is kept"
