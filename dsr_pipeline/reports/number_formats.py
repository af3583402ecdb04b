"""What a number format of Excel shows, for writers that print cells themselves.

Lives here: the part of the format language that our books use (ECMA-376 part 1, 18.8.31): sections, colours,
literals, widths (`_x`), the fill (`* `), digits, grouping, per cent, days. Called by the PDF.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from dsr_pipeline.money import round_half_away
from dsr_pipeline.reports.labels import ENGLISH, Labels
from dsr_pipeline.reports.labels_es import SPANISH
from dsr_pipeline.reports.labels_fr import FRENCH

COLORS = {
    "BLACK": "000000",
    # Excel's pure red and green cannot be read well on paper (4.0 and 1.4 to 1); these are its dark ones.
    "RED": "C00000",
    "GREEN": "006100",
    "BLUE": "0000FF",
    "WHITE": "FFFFFF",
}
FIGURE_SPACE = "\u2007"
_PRIMARY_LANGUAGES: dict[int, Labels] = {0x09: ENGLISH, 0x0A: SPANISH, 0x0C: FRENCH}  # of an LCID

_PIECE = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]|.', re.DOTALL)
_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | _(?P<width>.) | \*(?P<fill>.) | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General) | (?P<at>@) | (?P<digits>[0\#?][0\#?,]*(?:\.[0\#?]*)?,*|\.[0\#?]+)
    | (?P<day>y+|m+|d+) | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


class FormatError(ValueError):
    """A number format that is not of the part of the language that is spoken here."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A formatted value: what stands at the left edge of the cell, what at its right, and the colour if the
    format gives one. Without a fill everything is in `text`."""

    text: str
    left: str = ""
    color: str | None = None
    before: str = ""
    """Letters whose width stays free at the left edge; `after` at the right."""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    tokens: tuple[tuple[str, str], ...]
    color: str | None
    words: Labels


@lru_cache(maxsize=8192)
def shown(value: Decimal | int | date | str, number_format: str) -> Shown:
    """What a cell with this value and format shows. Raises `FormatError`."""
    if isinstance(value, str) and "@" not in number_format:
        return Shown(value)
    sections = _sections(number_format)
    if isinstance(value, str):
        return _text(value, sections[3] if len(sections) > 3 else None)
    if isinstance(value, date):
        return _assemble(sections[0], lambda kind, token: _of_day(kind, token, value, sections[0].words))
    section, sign = _section_of(Decimal(value), sections)
    return _assemble(section, lambda kind, token: _of_number(kind, token, abs(Decimal(value)), section), sign)


@lru_cache(maxsize=256)
def _sections(number_format: str) -> Sequence[_Section]:
    parts = [""]
    for match in _PIECE.finditer(number_format):
        if match[0] == ";":
            parts.append("")
        elif match[0] in '"\\_*[':
            raise FormatError(f"the number format {number_format!r} ends in the middle of a {match[0]}")
        else:
            parts[-1] += match[0]
    if len(parts) > 4:
        raise FormatError(f"the number format {number_format!r} has more than four parts")
    return tuple(_section(part, number_format) for part in parts)


def _section(text: str, number_format: str) -> _Section:
    tokens: list[tuple[str, str]] = []
    color, words = None, ENGLISH
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        token = match.group(kind)
        if kind == "bracket":
            if token.upper() in COLORS:
                color = COLORS[token.upper()]
            elif token.startswith("$"):
                sign, _, locale = token[1:].partition("-")
                tokens.append(("quoted", sign))
                words = _words(locale)
            else:
                raise FormatError(f"[{token}] in the number format {number_format!r} cannot be printed")
        elif kind in ("quoted", "escaped", "other"):
            tokens.append(("percent" if (kind, token) == ("other", "%") else "quoted", token))
        else:
            tokens.append((kind, token))
    return _Section(tuple(tokens), color, words)


def _words(locale: str) -> Labels:
    try:
        return _PRIMARY_LANGUAGES.get(int(locale, 16) & 0xFF, ENGLISH)
    except ValueError:
        return ENGLISH


def _section_of(value: Decimal, sections: Sequence[_Section]) -> tuple[_Section, str]:
    """The section for a value, and the sign that it shows before everything else."""
    if value == 0 and len(sections) > 2:
        return sections[2], ""
    if value < 0:
        return (sections[1], "") if len(sections) > 1 else (sections[0], "-")
    return sections[0], ""


def _assemble(section: _Section, of: Callable[[str, str], str], sign: str = "") -> Shown:
    left: str | None = None
    pieces: list[str] = [sign]
    before = after = ""
    for kind, token in section.tokens:
        if kind == "width":
            if any(pieces):
                after += token
            else:
                before += token
            continue
        if kind == "fill":
            left, pieces, after = "".join(pieces), [], ""
            continue
        if after:
            # A width between two parts of the text is a space there.
            pieces.append(" " * len(after))
            after = ""
        pieces.append(token if kind in ("quoted", "percent") else of(kind, token))
    return Shown("".join(pieces), left or "", section.color, before, after)


def _of_number(kind: str, token: str, value: Decimal, section: _Section) -> str:
    if kind == "digits":
        percent = any(name == "percent" for name, _ in section.tokens)
        return _digits(value * 100 if percent else value, token)
    if kind == "day":
        raise FormatError(f"the number {value!s} has a format for days")
    return general(value)


def _of_day(kind: str, token: str, day: date, words: Labels) -> str:
    if kind != "day":
        if kind == "general":
            return day.isoformat()
        raise FormatError(f"the day {day} has a format for numbers")
    token = token.lower()
    forms = {
        "yyyy": f"{day.year:04}",
        "yy": f"{day.year % 100:02}",
        "mmmm": words.months[day.month - 1],
        "mmm": words.months[day.month - 1][:3],
        "mm": f"{day.month:02}",
        "m": str(day.month),
        "dddd": words.weekdays[day.weekday()],
        "ddd": words.weekdays_short[day.weekday()],
        "dd": f"{day.day:02}",
        "d": str(day.day),
    }
    if token not in forms:
        raise FormatError(f"{token!r} in the format of a day cannot be printed")
    return forms[token]


def _text(value: str, section: _Section | None) -> Shown:
    if section is None:
        return Shown(value)
    return _assemble(section, lambda kind, token: value if kind == "at" else token)


def _digits(value: Decimal, pattern: str) -> str:
    """The figures of a number: `0` always, `#` only where needed, `?` as a space of the same width."""
    whole_pattern, point, part_pattern = pattern.partition(".")
    trimmed = pattern.rstrip(",")
    if thousands := len(pattern) - len(trimmed):
        value = value.scaleb(-3 * thousands)
        whole_pattern, point, part_pattern = trimmed.partition(".")
    grouped = "," in whole_pattern
    whole_pattern = whole_pattern.replace(",", "")
    rounded = abs(round_half_away(value, len(part_pattern)))
    whole, _, part = f"{rounded:f}".partition(".")
    whole = whole.lstrip("0")
    least = len(whole_pattern.lstrip("#?")) if "0" in whole_pattern else 0
    whole = whole.rjust(least, "0")
    if grouped and whole:
        whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", whole)
    whole = whole.rjust(len(whole_pattern) if "?" in whole_pattern else 0, FIGURE_SPACE)
    return whole + point + _part(part, part_pattern)


def _part(part: str, pattern: str) -> str:
    kept = list(part)
    for place in range(len(pattern) - 1, -1, -1):
        if kept[place] != "0" or pattern[place] == "0":
            break
        kept[place] = "" if pattern[place] == "#" else FIGURE_SPACE
    return "".join(kept)


def general(value: Decimal) -> str:
    """A number without a format: its figures, no exponent, no zeros at the end."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
