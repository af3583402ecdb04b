"""What people typed, read strictly: amounts, quantities, days and checkboxes; what is none of these is None.

Every room that reads cells or lists of an office calls this, so that no two of them read "2 EA" differently.
Bank exports are not read here: their rules declare how each bank writes.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1970, 2099  # no work is older or later: another year is a slip of the finger
MAX_DIGITS = 38
"""On each side of the decimal mark. What fits into which column is judged by those who have the column."""

_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "MXN"})
_CURRENCIES: dict[str, frozenset[str]] = {
    "$": _DOLLARS,
    "US$": frozenset({"USD"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
} | {code: frozenset({code}) for code in (*_DOLLARS, "EUR", "GBP", "CHF")}

_PLAIN = re.compile(rf"-?[0-9]{{1,{MAX_DIGITS}}}(?:\.[0-9]{{1,{MAX_DIGITS}}})?")
# How most amounts are written, read without the pattern of all ways, which takes three times as long.
_DOLLARS_WRITTEN = re.compile(
    rf"(?:\$[0-9]{{1,{MAX_DIGITS}}}|\$?[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,11}})(?:\.[0-9]{{1,{MAX_DIGITS}}})?"
)
_BLANKS = r"[ \t\u00a0\u2007\u2009\u202f]*"
_MINUS = "\u2212\u2013-"  # minus sign, en dash, hyphen
_LETTER = "[A-Za-z\u00b5\u00c0-\u024f]"
_UNIT = rf"(?:(?:sq|cu|lin|board)\.?[ ])?(?!e\b){_LETTER}{{1,10}}[.\u00b2\u00b3]?"
"""A unit of measure: one word such as EA, FT, hrs., m²; two only for areas and the like."""

_MONTHS = "january february march april may june july august september october november december".split()
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})(?:\.? |-)([A-Za-z]{3,9})\.?(?:,? |-)([0-9]{4}|[0-9]{2})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")
_TIME = re.compile(
    r"(?P<day>.*[0-9])(?:T| )(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?: ?(?P<half>[AaPp][Mm])|(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2}))?"
)

_FLAGS = {
    **dict.fromkeys(("true", "checked", "yes", "1", "on"), True),
    **dict.fromkeys(("false", "unchecked", "no", "0", "off"), False),
}


def amount(text: str, decimal: str = ".", *, currency: str | None = None) -> Decimal | None:
    """The exact value of an amount of money; None where the text is none.

    Read are "1,234.50", "$ -3", "-$3", "(12.50)", "($1,234.00)", "12.50-", "12.5 USD", with `decimal` ","
    also "1.250,00": the other mark groups thousands, and groups have three digits. Not read are exponents,
    underscores, `inf`, two signs, two currencies, digits of other scripts. With `currency` (ISO 4217) an
    amount that names another one is none.
    """
    if decimal == ".":
        if _PLAIN.fullmatch(text):
            return _unsigned_zero(Decimal(text))
        if _DOLLARS_WRITTEN.fullmatch(text) and (currency is None or currency in _DOLLARS):
            return Decimal(text.removeprefix("$").replace(",", ""))
    return _read(text, decimal, currency, _pattern(decimal, False))


def quantity(text: str, decimal: str = ".") -> Decimal | None:
    """The exact number of units: what `amount` reads, also with a unit behind it ("2 EA", "1,000 FT")."""
    if decimal == "." and _PLAIN.fullmatch(text):
        return _unsigned_zero(Decimal(text))
    return _read(text, decimal, None, _pattern(decimal, True))


def day(text: str, order: str = "mdy", zone: str = "UTC") -> date | None:
    """The calendar day of a text; None where it is none, or has no year.

    Read are 2026-03-08, 3/8/2026 and 3/8/26 in the order that is given (never in another), "9 August 2026",
    "Aug 9, 2026", each also with a time of day; an instant with an offset (2026-03-08T05:00:00Z) is taken to
    the day of `zone`. Serial numbers of spreadsheets are not days.
    """
    text = text.strip()
    try:
        if len(text) == 10 and text[4] == "-" and text.isascii():
            return _day_alone(text, order)
        timed = _TIME.fullmatch(text)
        if timed is None:
            return _day_alone(text, order)
        found = _day_alone(timed["day"].rstrip(","), order)
        return None if found is None else _day_of(found, timed, zone)
    except ValueError:  # 31 February, 25 o'clock
        return None


def flag(text: str) -> bool | None:
    """Whether a box is checked; None where the text says neither."""
    return _FLAGS.get(text.strip().casefold())


def _read(text: str, decimal: str, currency: str | None, pattern: re.Pattern[str]) -> Decimal | None:
    found = pattern.fullmatch(text.strip())
    if found is None:
        return None
    whole, places, opened, closed, sign, trailing, *currencies = found.group(*_PARTS)
    if (opened is None) != (closed is None) or (opened, sign, trailing).count(None) < 2:
        return None
    if (currency or any(currencies)) and not _one_currency(currencies[:3], currencies[3:], currency):
        return None
    digits = whole.replace("," if decimal == "." else ".", "")
    if len(digits) > MAX_DIGITS or (places and len(places) > MAX_DIGITS):
        return None
    value = Decimal(f"{digits or '0'}.{places}" if places else digits)
    return _unsigned_zero(-value if opened or trailing or (sign and sign[0] != "+") else value)


_PARTS = ("whole", "places", "open", "close", "sign", "trailing", "c1", "c2", "c3", "c4", "c5")


def _one_currency(before: list[str | None], after: list[str | None], wanted: str | None) -> bool:
    """Whether each side of the number names one at most, both the same in two ways, and it is the wanted."""
    left = [one.upper() for one in before if one]
    right = [one.upper() for one in after if one]
    if len(left) > 1 or len(right) > 1 or (left and left == right):
        return False
    meant = frozenset(_CURRENCIES) if wanted is None else frozenset({wanted})
    for one in (*left, *right):
        meant &= _CURRENCIES[one]
    return bool(meant)


@lru_cache(maxsize=8)
def _pattern(decimal: str, with_unit: bool) -> re.Pattern[str]:
    if decimal not in (".", ","):
        raise ValueError(f"the decimal mark is '.' or ',', not {decimal!r}")
    mark, group = (r"\.", ",") if decimal == "." else (",", r"\.")
    words = "|".join(re.escape(one) for one in sorted(_CURRENCIES, key=lambda one: (-len(one), one)))

    def currency(name: str) -> str:
        return rf"(?:(?P<{name}>{words}){_BLANKS})?"

    whole = rf"(?P<whole>[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+|(?={mark}))"
    unit = rf"|{_UNIT}{_BLANKS}" if with_unit else ""
    # A minus behind the number touches it and ends the text: "2 - EA" is no credit.
    trailing = rf"(?P<trailing>[{_MINUS}])"
    named = rf"{_BLANKS}(?:{currency('c4')}{unit})(?:(?P<close>\){_BLANKS})(?:{currency('c5')}{unit}))?"
    return re.compile(
        rf"{currency('c1')}(?P<open>\({_BLANKS})?{currency('c2')}(?P<sign>[+{_MINUS}]{_BLANKS})?{currency('c3')}"
        rf"{whole}(?:{mark}(?P<places>[0-9]+))?(?:{trailing}|{named})",
        re.IGNORECASE | re.ASCII,  # without ASCII the long s is an S
    )


def _unsigned_zero(value: Decimal) -> Decimal:
    return value or abs(value)


def _day_alone(text: str, order: str) -> date | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return _date(int(found[1]), int(found[3]), int(found[4]))
    if found := _YEAR_LAST.fullmatch(text):
        first, second = int(found[1]), int(found[3])
        month, of_month = (first, second) if order == "mdy" else (second, first)
        return _date(_year(found[4]), month, of_month)
    if found := _DAY_FIRST.fullmatch(text):
        return _date(_year(found[3]), _month(found[2]), int(found[1]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _date(int(found[3]), _month(found[1]), int(found[2]))
    return None


def _date(year: int, month: int, of_month: int) -> date | None:
    return date(year, month, of_month) if FIRST_YEAR <= year <= LAST_YEAR else None


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _month(word: str) -> int:
    """The number of a month's name or abbreviation; 0, which no date takes, for any other word."""
    wanted = "sep" if word.casefold() == "sept" else word.casefold()
    short = len(wanted) == 3
    return next((i for i, name in enumerate(_MONTHS, 1) if wanted == (name[:3] if short else name)), 0)


def _day_of(found: date, timed: re.Match[str], zone: str) -> date:
    """The day of an instant; without an offset, the day that is written. Raises `ValueError` on no time."""
    hour = int(timed["hour"])
    if timed["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("a 12-hour clock has the hours 1 to 12")
        hour = hour % 12 + (12 if timed["half"].lower() == "pm" else 0)
    moment = datetime(
        found.year, found.month, found.day, hour, int(timed["minute"]), int(timed["second"] or 0), tzinfo=UTC
    )
    offset = timed["offset"]
    if not offset:
        return found
    if offset != "Z":
        digits = offset[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        moment = moment.replace(tzinfo=timezone(-shift if offset[0] == "-" else shift))
    return moment.astimezone(_zone(zone)).date()


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
