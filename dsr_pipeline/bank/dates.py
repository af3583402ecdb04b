"""Dates as banks write them, read strictly: a format fixes the width of every part.

`%d %m %Y %y` take exactly 2, 2, 4 and 2 digits; `%-d %-m` take one or two. Python's own `strptime` takes
`1/5/2026` for `%m/%d/%Y`, and so hides that a spreadsheet re-saved the file. Called by rules and parsing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTS = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>[0-9]{2})",
    "-m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{2})",
    "-d": r"(?P<d>[0-9]{1,2})",
    "H": r"(?P<H>[0-9]{2})",
    "-H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<I>[0-9]{2})",
    "-I": r"(?P<I>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{2})",
    "S": r"(?P<S>[0-9]{2})",
    "f": r"(?P<f>[0-9]{1,9})",
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "z": r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})",
    "b": r"(?P<b>[^\W\d_]+\.?)",
    "B": r"(?P<b>[^\W\d_]+\.?)",
    "a": r"[^\W\d_]+\.?",
    "A": r"[^\W\d_]+\.?",
    "%": "%",
}

# Month names as banks print them: full names; an abbreviation is any prefix of three or more letters that
# fits one month only, and the exceptions below.
_MONTHS: dict[str, tuple[str, ...]] = {
    "en": tuple(
        "january february march april may june july august september october november december".split()
    ),
    "de": tuple("januar februar märz april mai juni juli august september oktober november dezember".split()),
    "fr": tuple(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
    ),
    "es": tuple(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
    ),
    "it": tuple(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
        "dicembre".split()
    ),
    "nl": tuple(
        "januari februari maart april mei juni juli augustus september oktober november december".split()
    ),
    "pt": tuple(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()
    ),
    "pl": tuple(
        "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada "
        "grudnia".split()
    ),
    "sv": tuple(
        "januari februari mars april maj juni juli augusti september oktober november december".split()
    ),
    "da": tuple(
        "januar februar marts april maj juni juli august september oktober november december".split()
    ),
    "no": tuple("januar februar mars april mai juni juli august september oktober november desember".split()),
    "cs": tuple(
        "ledna února března dubna května června července srpna září října listopadu prosince".split()
    ),
}
_EXTRA_ABBREVIATIONS: dict[str, dict[str, int]] = {
    "en": {"sept": 9},
    "de": {"mrz": 3, "jänner": 1, "jän": 1},
    "nl": {"mrt": 3},
    "es": {"set": 9},
    "pl": {
        "sty": 1,
        "lut": 2,
        "mar": 3,
        "kwi": 4,
        "maj": 5,
        "cze": 6,
        "lip": 7,
        "sie": 8,
        "wrz": 9,
        "paź": 10,
    },
    "cs": {
        "led": 1,
        "úno": 2,
        "bře": 3,
        "dub": 4,
        "kvě": 5,
        "čvn": 6,
        "čvc": 7,
        "srp": 8,
        "zář": 9,
        "říj": 10,
    },
}
_DAY_PARTS = 3  # day, month, year: a format with more of them has a time of day
_CENTURY = 2000  # bank exports are of this century; a two-digit year is never 19xx
FIRST_YEAR, LAST_YEAR = 1970, 2099  # no export reaches further: another year is a damaged digit


def check_format(text: str) -> None:
    """Raise `ValueError` when a date format has an unknown part, repeats one, or does not make a date."""
    _pattern(text)


@dataclass(frozen=True, slots=True)
class DateParser:
    """Reads one date format. `parse` gives the calendar date, or None where the text does not fit."""

    format: str
    months: tuple[str, ...]
    zone: ZoneInfo | None
    _regex: re.Pattern[str]

    def parse(self, text: str) -> date | None:
        """The date of a text; a timestamp with an offset is converted to the account's zone first."""
        found = self._regex.fullmatch(text.strip())
        if found is None:
            return None
        part = found.groupdict()
        month = _month(part["b"], self.months) if part.get("b") else int(part["m"])
        if month is None:
            return None
        year = int(part["Y"]) if part.get("Y") else _CENTURY + int(part["y"])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            return None
        try:
            day = date(year, month, int(part["d"]))
            if len(part) == _DAY_PARTS:
                return day
            moment = _moment(day, part)
        except ValueError:
            return None
        if part.get("z") and self.zone is not None:
            return moment.astimezone(self.zone).date()
        return day


@lru_cache(maxsize=512)
def parser(text: str, months: tuple[str, ...] = ("en",), zone: str | None = None) -> DateParser:
    """The parser of a format, such as `%d.%m.%Y`, with the languages of its month words."""
    return DateParser(text, months, ZoneInfo(zone) if zone else None, _pattern(text))


def parse_all(texts: Sequence[str], candidate: DateParser) -> bool:
    """Whether every text is a date of this format."""
    return all(candidate.parse(text) is not None for text in texts)


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str]:
    out: list[str] = []
    place = 0
    while place < len(text):
        character = text[place]
        if character != "%":
            out.append(r"\s" if character == " " else re.escape(character))
            place += 1
            continue
        width = 3 if text[place + 1 : place + 2] == "-" else 2
        code = text[place + 1 : place + width]
        if code not in _PARTS:
            known = ", ".join(f"%{name}" for name in _PARTS)
            raise ValueError(f"date format '{text}': '%{code}' is not known (known: {known})")
        out.append(_PARTS[code])
        place += width
    try:
        pattern = re.compile("".join(out))
    except re.error as error:
        raise ValueError(f"date format '{text}' names a part twice") from error
    names = pattern.groupindex.keys()
    if not ("d" in names and ({"m", "b"} & names) and ({"Y", "y"} & names)):
        raise ValueError(f"date format '{text}' needs a day, a month and a year")
    return pattern


def _month(word: str, languages: tuple[str, ...]) -> int | None:
    wanted = _plain(word.rstrip("."))
    for language in languages:
        special, names = _month_words(language)
        if wanted in special:
            return special[wanted]
        if wanted in names:
            return names.index(wanted) + 1
        fits = [number for number, name in enumerate(names, 1) if name.startswith(wanted)]
        if len(wanted) >= 3 and len(fits) == 1:
            return fits[0]
    return None


@lru_cache(maxsize=32)
def _month_words(language: str) -> tuple[dict[str, int], tuple[str, ...]]:
    special = _EXTRA_ABBREVIATIONS.get(language, {})
    return {_plain(word): month for word, month in special.items()}, tuple(map(_plain, _MONTHS[language]))


def _plain(word: str) -> str:
    # Banks print "fevr" and "marz" as often as the words with their accents.
    apart = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _moment(day: date, part: dict[str, str | None]) -> datetime:
    hour = int(part.get("H") or part.get("I") or 0)
    if part.get("I"):
        if not 1 <= hour <= 12:
            raise ValueError("a 12-hour clock has hours 1 to 12")
        hour %= 12
        if (part.get("p") or "").lower().startswith("p"):
            hour += 12
    moment = datetime(
        day.year, day.month, day.day, hour, int(part.get("M") or 0), int(part.get("S") or 0), tzinfo=UTC
    )
    offset = part.get("z")
    if not offset or offset == "Z":
        return moment
    digits = offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment.replace(tzinfo=timezone(-shift if offset[0] == "-" else shift))
