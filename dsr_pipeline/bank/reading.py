"""Bytes of an export → decoded physical lines → records of fields, every line accounted for.

Lives here: declared encodings tried strictly, line ends, quoting. What the fields mean is `parsing`; which
rule applies is `matching`. A record whose quotes do not close takes its own line into quarantine, no other.
"""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_LINE = 1 << 20  # bytes; a longer line is no row of a bank export
_MAX_SPAN = 50  # physical lines of one record, beyond which a quote was never meant to stay open
_SMALL = 1_000  # lines up to which split records are kept: the probe and the parse then share them
_WIDE = ("utf-16", "utf-32")
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class UndecodableError(Exception):
    """None of the declared encodings reads the file."""


class Record(NamedTuple):
    """One record: where it starts, how many physical lines it takes, its fields, or what is wrong with it."""

    line_no: int  # physical line in the file, 1-based
    span: int
    fields: list[str] | None
    fault: str | None  # newline_in_field, bad_quote, encoding, nul
    text: str


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
        rows = self.rows([line])
        return rows[0] if rows is not None and len(rows) == 1 else None

    def split_many(self, lines: list[str]) -> list[list[str]] | None:
        """The fields of many lines at once; None where any line needs to be looked at by itself."""
        if self.quote is not None and any(line.count(self.quote) & 1 for line in lines):
            return None
        # Two lines merged by a quote that stays open show in the count, which nothing else can make up.
        rows = self.rows(lines)
        return rows if rows is not None and len(rows) == len(lines) else None

    def rows(self, lines: list[str]) -> list[list[str]] | None:
        """What the CSV reader makes of the lines, or None where it takes offence."""
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


@dataclass(frozen=True)
class Lines:
    """The physical lines of a file, decoded under one encoding.

    `bad` holds the 0-based numbers of lines that the encoding cannot read; their text is escaped.
    """

    encoding: str
    texts: list[str]
    bad: frozenset[int]
    data: bytes
    _singles: dict[tuple[int, Dialect], list[Record]] = field(
        default_factory=dict[tuple[int, Dialect], list[Record]], compare=False, repr=False
    )

    @cached_property
    def has_nul(self) -> bool:
        """Whether any line holds a NUL character."""
        if is_wide(self.encoding):
            return any("\x00" in text for text in self.texts)
        return b"\x00" in self.data

    @cached_property
    def has_returns(self) -> bool:
        """Whether a CR stands inside a line."""
        if b"\r" not in self.data:
            return False
        return any("\r" in text for text in self.texts)

    @cached_property
    def ends_with_newline(self) -> bool:
        """Whether the last line is ended; where it is not, the file may have been cut in the middle of it."""
        if not self.data:
            return True
        if is_wide(self.encoding):
            return any(
                self.data.endswith(end.encode(_without_mark(self.encoding, self.data))) for end in "\n\r"
            )
        return self.data.endswith((b"\n", b"\r"))

    def raw(self, start: int, span: int = 1) -> bytes:
        """The bytes of `span` lines from the 0-based line `start`, without the last line end."""
        end, pieces = self._pieces
        return end.join(pieces[start : start + span]).rstrip(b"\r")

    @cached_property
    def _pieces(self) -> tuple[bytes, list[bytes]]:
        if is_wide(self.encoding):
            codec = _without_mark(self.encoding, self.data)
            return "\n".encode(codec), [text.encode(codec, "replace") for text in self.texts]
        end = b"\n" if b"\n" in self.data else b"\r"
        return end, self.data.split(end)

    def singles(self, first: int, dialect: Dialect) -> list[Record] | None:
        """Each line from `first` on as a record of its own, where all of them split at once; else None."""
        if self.bad or self.has_nul or self.has_returns:
            return None
        if (known := self._singles.get((first, dialect))) is not None:
            return known
        texts = self.texts[first:]
        together = dialect.split_many(texts)
        if together is None:
            return None
        records = [
            Record(place, 1, fields, None, text)
            for place, (fields, text) in enumerate(zip(together, texts, strict=True), first + 1)
        ]
        if len(records) <= _SMALL:
            self._singles[first, dialect] = records
        return records

    def upto(self, count: int) -> Lines:
        """The first lines alone, for a probe, which reads texts and no bytes."""
        if len(self.texts) <= count:
            return self
        texts = self.texts[:count]
        return Lines(self.encoding, texts, self.bad, "\n".join(texts).encode("utf-8", "replace"))


def is_wide(encoding: str) -> bool:
    """Whether the encoding takes more than one byte for an ASCII character."""
    return encoding.lower().replace("_", "-").startswith(_WIDE)


def damage(data: bytes) -> str | None:
    """Why the bytes cannot be the text of an export, for the verdict on the file; None where they can.

    A NUL byte stands in no text but UTF-16 and UTF-32, which show in the first two bytes; a line of over
    `MAX_LINE` bytes is no row. Meant to be asked before anything else looks at the file.
    """
    if b"\x00" in data and not data.startswith(_WIDE_MARKS) and data[:2].count(0) != 1:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        return f"holds NUL bytes (first on line {line}): it is damaged, or no text; export it afresh"
    length, line = longest_line(data)
    if length > MAX_LINE:
        return f"line {line} is {length:,} bytes long, over {MAX_LINE:,}: no row of a bank export is"
    return None


def longest_line(data: bytes) -> tuple[int, int]:
    """The length in bytes of the longest physical line, and its 1-based number (0, 0 for no bytes)."""
    if len(data) <= MAX_LINE:
        # Nothing can be too long, and the common small file is not walked through.
        return (len(data), 1) if data else (0, 0)
    end = b"\n" if b"\n" in data else b"\r"
    longest = number = 0
    for place, line in enumerate(data.split(end), 1):
        if len(line) > longest:
            longest, number = len(line), place
    return longest, number


def split_lines(data: bytes) -> list[bytes]:
    """The physical lines, without their ends (LF, CRLF, or CR where the file has no LF)."""
    if not data:
        return []
    lines = data.split(b"\n" if b"\n" in data else b"\r")
    if b"\r" in data:
        lines = [line.rstrip(b"\r") for line in lines]
    if not lines[-1]:
        lines.pop()
    return lines


def decode(data: bytes, encodings: Sequence[str]) -> Lines:
    """Decode under the first declared encoding that reads every byte.

    Where none does, the one that reads most lines is taken and the lines that it cannot read are marked.
    Raises `UndecodableError` where none reads the first line, nor half of them.
    """
    for encoding in encodings:
        if (lines := decode_whole(data, encoding)) is not None:
            return lines
    narrow = [encoding for encoding in encodings if not is_wide(encoding) and mark_allows(data, encoding)]
    if narrow:
        lines = min((_decode_by_line(data, encoding) for encoding in narrow), key=lambda it: len(it.bad))
        if 0 not in lines.bad or 2 * len(lines.bad) <= len(lines.texts):
            return lines
    raise UndecodableError(f"it is not {' or '.join(encodings)} text")


def decode_whole(data: bytes, encoding: str) -> Lines | None:
    """The lines where the encoding reads every byte of the file; None where it does not."""
    if not mark_allows(data, encoding):
        return None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return Lines(encoding, _text_lines(text), frozenset(), data)


def mark_allows(data: bytes, encoding: str) -> bool:
    """Whether the file's byte order mark, which is its own declaration, lets it be read in the encoding."""
    if data.startswith(_WIDE_MARKS):
        return is_wide(encoding)
    name = encoding.lower().replace("_", "-")
    if data.startswith(codecs.BOM_UTF8):
        return name in {"utf-8", "utf-8-sig", "utf8"}
    return not is_wide(encoding) or name.endswith(("le", "be"))


def _without_mark(encoding: str, data: bytes) -> str:
    name = encoding.lower().replace("_", "-")
    if name.endswith(("le", "be")):
        return name
    return name + ("-be" if data.startswith(codecs.BOM_UTF16_BE) else "-le")


def _text_lines(text: str) -> list[str]:
    text = text.lstrip("\ufeff")
    if not text:
        return []
    lines = text.split("\n" if "\n" in text else "\r")
    if "\r" in text:
        # \r\r\n comes from a file that was converted twice.
        lines = [line.rstrip("\r") for line in lines]
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
        texts[0] = texts[0].lstrip("\ufeff")
    return Lines(encoding, texts, frozenset(bad), data)


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
    if not multiline and (together := lines.singles(first, dialect)) is not None:
        yield from together
        return
    texts = lines.texts
    place = first
    while place < len(texts):
        text = texts[place]
        if place in lines.bad:
            yield Record(place + 1, 1, None, "encoding", text)
        elif "\x00" in text:
            yield Record(place + 1, 1, None, "nul", text)
        elif "\r" in text and not (multiline and dialect.quote is not None and dialect.quote in text):
            # A CR inside a line is a line end that this file does not use: two rows may stand here.
            yield Record(place + 1, 1, None, "newline_in_field", text)
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
    balanced = False  # whether the quotes from `start` on come in pairs
    for end in range(start + 1, min(start + _MAX_SPAN, len(texts))):
        if end in lines.bad or "\x00" in texts[end]:
            return None
        alone = dialect.split(texts[end])
        if alone is not None and looks_whole(alone):
            return None  # a whole row stands inside: the quote above it was never meant to stay open
        if not _stays_open(texts[end], dialect):
            continue
        balanced = not balanced
        if not balanced:
            continue
        # The reader is handed the line ends, because inside quotes they belong to the field.
        joined = "\n".join(texts[start : end + 1])
        rows = dialect.rows([line + "\n" for line in texts[start:end]] + [texts[end]])
        if rows is not None and len(rows) == 1 and looks_whole(rows[0]):
            return Record(start + 1, end + 1 - start, rows[0], None, joined)
    return None
