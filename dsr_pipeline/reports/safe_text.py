"""What may enter a cell: texts that Excel keeps as texts, numbers that it holds exactly, names that it takes.

Lives here: the limits of the file format, for every writer. A text that begins like a formula is marked as
a text (`is_like_formula`), never changed; what no file can hold is replaced or refused, never cut in silence.
"""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

MAX_TEXT = 32_767
"""Characters of a cell."""
MAX_FORMULA = 8_192
MAX_COMMENT = 2_000
"""Characters of a comment that people can still read; the file format allows as many as a cell."""
MAX_NAME = 31
"""Characters of the name of a sheet."""
MAX_DIGITS = 15
"""Significant digits that Excel keeps of a number."""
MAX_STYLES = 60
"""Styles of one book: more is a sign that somebody makes styles in a loop."""
CUT = "…[truncated]"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_BAD_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_EPOCH = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Before it, Excel counts a day that never was (29 February 1900)."""


class UnfitForExcel(ValueError):
    """Something that no workbook can hold as it is; the message says what and where the limit lies."""


def clean(text: str) -> str:
    """The text as a cell can hold it.

    Line ends become LF; characters that XML or Excel forbids become U+FFFD; what is longer than a cell ends
    in `…[truncated]`.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _UNWRITABLE.search(text) is not None:
        text = _UNWRITABLE.sub(REPLACEMENT, text)
    if utf16_length(text) > MAX_TEXT:
        end = MAX_TEXT - len(CUT)
        while utf16_length(text[:end]) > MAX_TEXT - len(CUT):
            end -= max(1, (utf16_length(text[:end]) - MAX_TEXT + len(CUT)) // 2)
        text = text[:end] + CUT
    return text


def utf16_length(text: str) -> int:
    """Length as Excel counts it: characters beyond the basic plane are two."""
    return len(text) if text.isascii() else len(text) + sum(1 for letter in text if letter > "\uffff")


def escaped(text: str) -> str:
    """The text with `_x0041_` written as `_x005F_x0041_`: Excel reads the first as the letter A."""
    return _ESCAPE.sub("_x005F_", text) if "_x" in text else text


def is_like_formula(text: str) -> bool:
    """Whether a text would become a formula if somebody edited its cell or saved it as CSV."""
    return text.startswith(_FORMULA_STARTS)


def formula(text: str) -> str:
    """A formula of ours as it is; raises `UnfitForExcel` where Excel would not take it."""
    if text.startswith("=") or len(text) > MAX_FORMULA or _UNWRITABLE.search(text):
        raise UnfitForExcel(f"the formula {text[:80]!r} is too long, or begins with =")
    return text


def number(value: Decimal | int) -> str:
    """The digits of a number; raises `UnfitForExcel` beyond 15 significant ones."""
    if isinstance(value, int):
        text = str(value)
    else:
        if not value.is_finite():
            raise UnfitForExcel(f"{value} is no number for a cell")
        text = f"{value:f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if text in ("-0", ""):
            text = "0"
    if len(text) > MAX_DIGITS and len(text.replace(".", "").strip("-").strip("0")) > MAX_DIGITS:
        raise UnfitForExcel(f"{text} has more than {MAX_DIGITS} digits: Excel would round it")
    return text


def computed(value: Decimal | int) -> str:
    """The digits of a number that Excel computes itself: rounded to 15 significant ones, as it would."""
    rounded = Context(prec=MAX_DIGITS, rounding=ROUND_HALF_UP).plus(Decimal(value))
    return number(rounded)


def serial(day: date) -> int | None:
    """The number by which Excel knows a day; None before 1900-03-01, where it counts wrongly."""
    return (day - _EPOCH).days if day >= _FIRST_DAY else None


def sheet_name(name: str, taken: Container[str]) -> str:
    """A name that Excel takes for a sheet, different from those taken (given in lower case)."""
    plain = _BAD_IN_NAME.sub(" ", clean(name)).strip().strip("'").strip() or "Sheet"
    if plain.casefold() == "history":
        plain = f"{plain} 1"
    plain = plain[:MAX_NAME].strip().strip("'") or "Sheet"
    unique, count = plain, 1
    while unique.casefold() in taken:
        count += 1
        end = f" ({count})"
        unique = plain[: MAX_NAME - len(end)].rstrip() + end
    return unique


def comment(text: str) -> str:
    """A comment as a file can hold it."""
    text = clean(text)
    return text if len(text) <= MAX_COMMENT else text[: MAX_COMMENT - len(CUT)] + CUT


def header_footer(text: str) -> str:
    """A text inside a header or footer, where `&` begins a code."""
    return clean(text).replace("\n", " ").replace("&", "&&")
