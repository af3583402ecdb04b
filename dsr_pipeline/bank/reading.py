"""Bytes of an export → decoded physical lines → records of fields, every line accounted for.

Lives here: declared encodings tried strictly, line ends, quoting. What the fields mean is `parsing`; which
rule applies is `matching`. A record whose quotes do not close takes its own line into quarantine and no other.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_LINE = 1 << 20  # bytes; a longer line is no row of a bank export
_MAX_SPAN = 50  # physical lines of one record, beyond which a quote was never meant to stay open
_WIDE = ("utf-16", "utf-32")


class UndecodableError(Exception):
    """None of the declared encodings reads the header of the file."""


class Record(NamedTuple):
    """One record: where it starts, how many physical lines it takes, its fields, or what is wrong with it."""

    line_no: int  # physical line in the file, 1-based
    span: int
    fields: list[str] | None
    fault: str | None  # newline_in_field, bad_quote, encoding
    text: str


@dataclass(frozen=True)
class Lines:
    """The physical lines of a file, decoded under one encoding.

    `bad` holds the 0-based numbers of lines that the encoding cannot read; their text is escaped.
    """

    encoding: str
    texts: list[str]
    bad: frozenset[int]
    data: bytes

    @cached_property
    def _raw(self) -> list[bytes]:
        if is_wide(self.encoding):
            return [text.encode(self.encoding, "replace") for text in self.texts]
        return split_lines(self.data)

    def raw(self, start: int, span: int = 1) -> bytes:
        """The bytes of `span` lines from the 0-based line `start`, without the last line end."""
        return b"\n".join(self._raw[start : start + span])


def is_wide(encoding: str) -> bool:
    """Whether the encoding takes more than one byte for an ASCII character."""
    return encoding.lower().replace("_", "-").startswith(_WIDE)


def split_lines(data: bytes) -> list[bytes]:
    """The physical lines, without their ends (LF, CRLF, or CR where the file has no LF)."""
    if not data:
        return []
    if b"\n" in data:
        lines = data.split(b"\n")
        if b"\r" in data:
            lines = [line[:-1] if line.endswith(b"\r") else line for line in lines]
    else:
        lines = data.split(b"\r")
    if not lines[-1]:
        lines.pop()
    return lines


def decode(data: bytes, encodings: Sequence[str]) -> Lines:
    """Decode under the first declared encoding that reads every byte.

    Where none does, the first one that reads the opening lines is taken and the lines that it cannot read are
    marked. Raises `UndecodableError` where there is none.
    """
    for encoding in encodings:
        if not _mark_allows(data, encoding):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return Lines(encoding, _text_lines(text), frozenset(), data)
    for encoding in encodings:
        if is_wide(encoding) or not _mark_allows(data, encoding):
            continue
        lines = _decode_by_line(data, encoding)
        if not any(place in lines.bad for place in range(min(len(lines.texts), 1))):
            return lines
    raise UndecodableError(f"its first line is not {' or '.join(encodings)} text")


def _mark_allows(data: bytes, encoding: str) -> bool:
    # A byte order mark is a declaration of the file itself; reading it under another width makes no sense.
    return is_wide(encoding) == data.startswith((b"\xff\xfe", b"\xfe\xff")) or (
        is_wide(encoding) and encoding.lower().endswith(("le", "be"))
    )


def _text_lines(text: str) -> list[str]:
    text = text.removeprefix("\ufeff")
    if not text:
        return []
    lines = text.split("\n") if "\n" in text else text.split("\r")
    if "\r" in text and "\n" in text:
        lines = [line[:-1] if line.endswith("\r") else line for line in lines]
    if not lines[-1]:
        lines.pop()
    return lines


def _decode_by_line(data: bytes, encoding: str) -> Lines:
    texts: list[str] = []
    bad: set[int] = set()
    for place, raw in enumerate(split_lines(data)):
        try:
            texts.append(raw.decode(encoding))
        except UnicodeDecodeError:
            bad.add(place)
            texts.append(raw.decode("ascii", "backslashreplace"))
    if texts:
        texts[0] = texts[0].removeprefix("\ufeff")
    return Lines(encoding, texts, frozenset(bad), data)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields are separated and quoted; hashable, so that files are split once per dialect."""

    delimiter: str
    quote: str | None
    skip_initial_space: bool

    def split(self, line: str) -> list[str] | None:
        """The fields of one line; None where its quotes do not close or text follows a closing quote."""
        if self.quote is None or self.quote not in line:
            fields = line.split(self.delimiter)
            return [field.lstrip(" ") for field in fields] if self.skip_initial_space else fields
        rows = self._rows([line])
        return rows[0] if rows is not None and len(rows) == 1 else None

    def split_many(self, lines: list[str]) -> list[list[str]] | None:
        """The fields of many lines at once; None where any line needs to be looked at by itself."""
        if self.quote is not None and any(line.count(self.quote) & 1 for line in lines):
            return None
        rows = self._rows(lines)
        return rows if rows is not None and len(rows) == len(lines) else None

    def _rows(self, lines: list[str]) -> list[list[str]] | None:
        reader = csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            skipinitialspace=self.skip_initial_space,
            doublequote=True,
            strict=True,
        )
        try:
            return list(reader)
        except csv.Error:
            return None


def records(
    lines: Lines,
    first: int,
    dialect: Dialect,
    *,
    multiline: bool,
    looks_whole: Callable[[list[str]], bool],
) -> Iterator[Record]:
    """The records from the 0-based line `first` to the end of the file.

    Without `multiline` each physical line is a record of its own, so that a stray quote costs one line. With
    it a quoted field may go on over lines; where the record so made does not pass `looks_whole`, or swallows
    a line that passes by itself, its first line is given back alone as `newline_in_field`.
    """
    texts = lines.texts
    if not lines.bad and not multiline:
        together = dialect.split_many(texts[first:])
        if together is not None:
            for place, fields in enumerate(together, first):
                yield Record(place + 1, 1, fields, None, texts[place])
            return
    place = first
    while place < len(texts):
        text = texts[place]
        if place in lines.bad:
            yield Record(place + 1, 1, None, "encoding", text)
        elif (fields := dialect.split(text)) is not None:
            yield Record(place + 1, 1, fields, None, text)
        elif not _stays_open(text, dialect):
            yield Record(place + 1, 1, None, "bad_quote", text)
        elif multiline and (whole := _spanning(lines, place, dialect, looks_whole)) is not None:
            yield whole
            place += whole.span
            continue
        else:
            yield Record(place + 1, 1, None, "newline_in_field", text)
        place += 1


def _stays_open(text: str, dialect: Dialect) -> bool:
    return dialect.quote is not None and text.count(dialect.quote) % 2 == 1


def _spanning(
    lines: Lines, start: int, dialect: Dialect, looks_whole: Callable[[list[str]], bool]
) -> Record | None:
    texts = lines.texts
    for end in range(start + 1, min(start + _MAX_SPAN, len(texts))):
        if end in lines.bad:
            return None
        alone = dialect.split(texts[end])
        if alone is not None and looks_whole(alone):
            return None  # a whole row stands inside: the quote above it was never meant to stay open
        if not _stays_open(texts[end], dialect):
            continue
        # The reader is handed the line ends, because inside quotes they belong to the field.
        joined = "\n".join(texts[start : end + 1])
        rows = dialect._rows([line + "\n" for line in texts[start:end]] + [texts[end]])
        if rows is not None and len(rows) == 1 and looks_whole(rows[0]):
            return Record(start + 1, end + 1 - start, rows[0], None, joined)
    return None
