"""The format of dates, told by impossible alternatives over the whole file.

Lives here: making every format that the marks of the cells allow, dropping those that a cell contradicts,
and the few proofs that decide between formats which all cells fit. What two columns of dates mean is
`bank.draft.date_columns`. Nothing is guessed: two formats that give different days are a question.
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
_MIN_SORTED = 6  # distinct days, below which an order by date may be chance
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
    """The readings that differ in a day or in the order of its parts, the plainest first; counts of those dropped."""

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
            days = _days(parser(text, (language,)), unique)
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
    """The readings of nearly all cells, where no format fits them all: a line that is no row stands among them.

    Cells written another way have no day, and the rule will not read their rows.
    """
    counts = Counter(_shape(cell) for cell in cells if cell)
    usual = {shape for shape, count in counts.items() if count >= _USUAL * counts.total()}
    kept = [cell for cell in cells if cell and _shape(cell) in usual]
    return readings(kept) if len(kept) >= _MOST * counts.total() else Readings((), {}, len(kept))


def narrowed(found: Readings, columns: Sequence[Sequence[str]], elsewhere: Sequence[str]) -> tuple[Readings, str]:
    """Drop readings that the rest of the file contradicts; the second part says by what.

    `columns` are the date columns in row order (this one first); `elsewhere` are dates in the same writing
    in preamble and footer. A proof is: a date elsewhere that only one reading allows; the order of the rows,
    where one reading sorts them all and another does not; the nearness of two dates in each row; years that
    jump while the day of the month stands still.
    """
    for proof in (_by_dates_elsewhere, _by_years, _by_order, _by_nearness):
        if len(found.alive) < 2:
            break
        left, why = proof(found.alive, columns, elsewhere)
        if left and len(left) < len(found.alive):
            out = {made.format: len(made.days) for made in found.alive if made not in left}
            found = Readings(tuple(left), {**found.dropped, **out}, found.cells)
            if len(left) == 1:
                return found, why
    return found, ""


def direction(days: Sequence[date | None]) -> str:
    """newest_first, oldest_first, same (one day only) or mixed, from the order of the days."""
    known = [day for day in days if day is not None]
    falls = any(after < before for before, after in zip(known, known[1:], strict=False))
    rises = any(after > before for before, after in zip(known, known[1:], strict=False))
    if falls and rises:
        return "mixed"
    return "newest_first" if falls else "oldest_first" if rises else "same"


def _days(reader: DateParser, cells: Sequence[str]) -> dict[str, date]:
    found: dict[str, date] = {}
    for cell in cells:
        day = reader.parse(cell)
        if day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR:
            found[cell] = day
    return found


def _formats(cells: Sequence[str]) -> list[str]:
    """The formats that the marks and the lengths of the cells allow, with %-d and %-m where lengths vary."""
    shapes = {_shape(cell) for cell in cells}
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


def _shape(cell: str) -> str:
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
        if not fits or year == 1 or (year == 0 and (codes[1] in ("%d", "%-d") or (words and codes[0] == "%y"))):
            continue
        found.append(tuple(codes))
    return found


def _code(name: str, kind: str) -> str | None:
    if name == "Y":
        return {"D4": "%Y", "D2": "%y"}.get(kind)
    return {"D2": f"%{name}", "D1": f"%-{name}"}.get(kind)


# --- proofs between readings that all cells of the column fit ----------------------------------------------
def _by_dates_elsewhere(
    alive: tuple[Reading, ...], columns: Sequence[Sequence[str]], elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    others = {cell for column in columns[1:] for cell in column if cell} | set(elsewhere)
    told = [cell for cell in others if any(_shape(cell) == _shape(mine) for mine in list(alive[0].days)[:3])]
    left = [
        made for made in alive if len(_days(parser(made.format, made.months), told)) == len(told)
    ]
    if not told or len(left) == len(alive):
        return [], ""
    proof = next(
        cell
        for cell in told
        for made in alive
        if made not in left and not _days(parser(made.format, made.months), [cell])
    )
    return left, f"'{proof}', written the same way in this file, is a date only so"


def _by_years(
    alive: tuple[Reading, ...], _columns: Sequence[Sequence[str]], _elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    """`18.01.26` as year 2018, month 1, day 26: every row on the 26th, in as many years as there are days."""
    left = [made for made in alive if not _years_jump(made)]
    if not left or any((max(m.days.values()) - min(m.days.values())).days > 550 for m in left):
        return [], ""
    return left, "the other reading puts every row on the same day of the month in years far apart"


def _years_jump(made: Reading) -> bool:
    days = made.days.values()
    years = {day.year for day in days}
    return "%y" in made.format and len(years) >= 3 and len({day.day for day in days}) * 3 <= len(years)


def _by_order(
    alive: tuple[Reading, ...], columns: Sequence[Sequence[str]], _elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    """Exports are sorted; a reading that sorts every row of many days cannot do so by chance."""
    orders = [direction([made.day(cell) for cell in columns[0]]) for made in alive]
    left = [made for made, order in zip(alive, orders, strict=True) if order in ("newest_first", "oldest_first")]
    if len(left) != 1 or len(set(left[0].days.values())) < _MIN_SORTED:
        return [], ""
    return left, f"only so are the rows in order of date ({len(set(left[0].days.values()))} days)"


def _by_nearness(
    alive: tuple[Reading, ...], columns: Sequence[Sequence[str]], _elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    """Two dates of one movement are days apart; read the wrong way round they are months apart."""
    gaps: list[list[int]] = []
    for made in alive:
        mine: list[int] = []
        for other in columns[1:]:
            days = _days(parser(made.format, made.months), [cell for cell in set(other) if cell])
            for cell, beside in zip(columns[0], other, strict=True):
                if (first := made.day(cell)) is not None and (second := days.get(beside)) is not None:
                    mine.append(abs((second - first).days))
        gaps.append(mine)
    near = [made for made, mine in zip(alive, gaps, strict=True) if mine and max(mine) <= 10]
    far = [mine for made, mine in zip(alive, gaps, strict=True) if made not in near]
    if len(near) != 1 or any(sum(gap > 25 for gap in mine) < 3 for mine in far):
        return [], ""
    return near, "only so are the dates of each row within ten days of each other"
