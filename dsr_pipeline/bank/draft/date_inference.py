"""The format of dates, told by impossible alternatives over the whole file.

Lives here: making every format that the marks of the cells allow, and dropping those that a cell contradicts.
What decides between formats that all cells fit is `bank.draft.date_proofs`, what two columns of dates mean is
`bank.draft.date_columns`. Nothing is guessed: two formats that may give different days are a question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations

from dsr_pipeline.bank.dates import DateParser, parser

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "cs")
_FIRST_YEAR, _LAST_YEAR = 1990, 2089  # exports of retail accounts; a year beyond is a misread day or figure
_MOST = 0.8  # of the cells, below which the column has no one way of writing
_USUAL = 0.15  # of the cells: a way of writing that is no exception
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|.", re.DOTALL)
_CLOCK = re.compile(
    r"(?P<H>\d{1,2})(?P<s>[:.])(?P<M>\d{2})(?:(?P=s)(?P<S>\d{2})(?:(?P<c>[.,])(?P<f>\d{1,9}))?)?"
    r"(?P<b>\s?)(?P<p>[AaPp]\.?[Mm]\.?)?(?P<g>\s?)(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_EAST = "年月日"


@dataclass(frozen=True, slots=True)
class Reading:
    """One format (with the languages of its month words) and the days that it gives."""

    format: str
    months: tuple[str, ...]
    days: dict[str, date]

    @property
    def zoned(self) -> bool:
        """Whether the cells carry an offset from UTC, or say that they are in UTC."""
        return "%z" in self.format or "UTC" in self.format or "GMT" in self.format

    @property
    def timed(self) -> bool:
        """Whether the cells have a time of day."""
        return "%M" in self.format

    def day(self, cell: str) -> date | None:
        """The day of a cell; None for an empty one or a word."""
        return self.days.get(cell)


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings that differ in a day or in the order of its parts, the plainest first."""

    alive: tuple[Reading, ...]
    dropped: dict[str, int]  # format → cells that it fits, for the evidence
    cells: int


def readings(cells: Sequence[str]) -> Readings:
    """Every format under which all the cells are dates, one per different meaning."""
    counts = Counter(cell for cell in cells if cell)
    unique = list(counts)
    formats = _formats(unique)
    alive: list[Reading] = []
    dropped: dict[str, int] = {}
    for text in formats:
        languages = LANGUAGES if "%b" in text or "%B" in text else ("en",)
        best = 0
        for language in languages:
            days = days_of(parser(text, (language,)), unique)
            if len(days) == len(unique):
                # 05/05 is the same day either way round, and the next export will not be.
                if not any(made.days == days and _parts(made.format) == _parts(text) for made in alive):
                    alive.append(Reading(text, (language,), days))
            else:
                best = max(best, sum(counts[cell] for cell in days))
        if not any(made.format == text for made in alive):
            dropped[text] = best
    return Readings(tuple(alive), dropped, sum(counts.values()))


def mostly(cells: Sequence[str]) -> Readings:
    """The readings of nearly all cells, where none fits them all: a line that is no row stands among them.

    Cells written another way have no day, and the rule will not read their rows.
    """
    counts = Counter(shape_of(cell) for cell in cells if cell)
    usual = {shape for shape, count in counts.items() if count >= _USUAL * counts.total()}
    kept = [cell for cell in cells if cell and shape_of(cell) in usual]
    return readings(kept) if len(kept) >= _MOST * counts.total() else Readings((), {}, len(kept))


def days_of(reader: DateParser, cells: Sequence[str]) -> dict[str, date]:
    """The days of the cells that fit a format and lie in this age; other cells are left out."""
    found: dict[str, date] = {}
    for cell in cells:
        day = reader.parse(cell)
        if day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR:
            found[cell] = day
    return found


def _formats(cells: Sequence[str]) -> list[str]:
    """The formats that the marks and the lengths of the cells allow, with %-d and %-m where lengths vary."""
    shapes = {shape_of(cell) for cell in cells}
    if not shapes or len(shapes) > 12:
        return []
    made: dict[str, None] = {}
    for shape in sorted(shapes, key=len):
        for text in _of_shape(shape):
            made[text] = None
    if len(shapes) > 1:
        for text in list(made):
            loose = text
            for code in "dmHI":
                loose = loose.replace(f"%{code}", f"%-{code}")
            made[loose] = None
    # Strict widths first: a format that also takes one digit is only for files that have such cells.
    return sorted(made, key=lambda text: ("%-" in text, len(text)))


def _parts(text: str) -> str:
    """The order of day, month and year in a format."""
    return "".join(re.findall(r"[dmbYy]", re.sub(r"%-?[^dmbYy-]", "", text)))


def shape_of(cell: str) -> str:
    """How a cell is written: marks as they are, a clock as its format, digits by their number."""
    clock = None
    for found in _CLOCK.finditer(cell):
        if found.start() == 0 or not cell[found.start() - 1].isdigit():
            clock = found if _is_clock(cell, found) else clock
    if clock is None:
        return _dated(cell)
    parts = clock.groupdict()
    hour = ("%I" if parts["p"] else "%H") if len(parts["H"]) == 2 else ("%-I" if parts["p"] else "%-H")
    text = f"{hour}{parts['s']}%M"
    if parts["S"]:
        text += f"{parts['s']}%S"
    if parts["f"]:
        text += f"{parts['c']}%f"
    if parts["p"]:
        text += f"{parts['b']}%p"
    elif parts["b"]:
        text += parts["b"]
    zone = parts["z"]
    if zone:
        text += parts["g"] + (zone if zone in ("UTC", "GMT") else "%z")
    elif parts["g"]:
        text += parts["g"]
    return f"{_dated(cell[: clock.start()])}{text}{_dated(cell[clock.end() :])}"


def _is_clock(cell: str, found: re.Match[str]) -> bool:
    # `05.01.2026` has the marks of a clock; a clock with dots is one only after a whole date.
    if found["s"] == ":":
        return True
    before = cell[: found.start()].rstrip(" T,/-")
    return len(before) >= 6 and before != cell[: found.start()]


def _dated(text: str) -> str:
    """Digits as D and their count, words as W, marks as they are."""
    out: list[str] = []
    for token in _TOKEN.findall(text):
        if token.isdigit():
            out.append(f"\x00D{len(token)}\x00")
        elif token.isalpha() and token not in ("T", "Z") and not all(mark in _EAST for mark in token):
            out.append("\x00W\x00")
        else:
            out.append(token)
    return "".join(out)


def _of_shape(shape: str) -> list[str]:
    parts = shape.split("\x00")
    slots = [place for place, part in enumerate(parts) if re.fullmatch(r"D\d+|W", part)]
    kinds = [parts[place] for place in slots]
    made: list[str] = []
    for codes in _codes(kinds):
        filled = list(parts)
        for place, code in zip(slots, codes, strict=True):
            filled[place] = code
        made.append("".join(filled))
    return made


def _codes(kinds: list[str]) -> list[tuple[str, ...]]:
    if kinds in (["D8"], ["D14"]):
        clock = "%H%M%S" if kinds == ["D14"] else ""
        return [("%Y%m%d" + clock,), ("%d%m%Y" + clock,), ("%m%d%Y" + clock,)]
    if kinds == ["D6"]:
        return [("%y%m%d",), ("%d%m%y",), ("%m%d%y",)]
    words = [place for place, kind in enumerate(kinds) if kind == "W"]
    if len(kinds) == 4 and words and words[0] == 0:  # a weekday first
        return [("%a", *codes) for codes in _codes(kinds[1:])]
    if len(kinds) == 4 and len(words) == 2 and kinds[1] in ("D1", "D2"):
        return []  # 1st January: an ordinal is no date that a rule can declare
    if len(kinds) != 3 or len(words) > 1:
        return []
    names = ("d", "Y") if words else ("d", "m", "Y")
    numbers = [place for place in range(3) if place not in words]
    found: list[tuple[str, ...]] = []
    for order in permutations(names):
        codes = ["%b"] * 3
        fits = True
        for place, name in zip(numbers, order, strict=True):
            code = _code(name, kinds[place])
            fits = fits and code is not None
            codes[place] = code or ""
        year = codes.index(next(code for code in codes if code in ("%Y", "%y"))) if fits else 1
        # No country writes year-day-month, none puts the year in the middle, none `26 Jan 05` for a year 26.
        if (
            not fits
            or year == 1
            or (year == 0 and (codes[1] in ("%d", "%-d") or (words and codes[0] == "%y")))
        ):
            continue
        found.append(tuple(codes))
    return found


def _code(name: str, kind: str) -> str | None:
    if name == "Y":
        return {"D4": "%Y", "D2": "%y"}.get(kind)
    return {"D2": f"%{name}", "D1": f"%-{name}"}.get(kind)
