"""What a cell looks like: a date, a figure, a currency code, an IBAN. No meaning, no decision.

Lives here: the patterns of single cells, and the currency signs that banks print beside figures. Used by
the layout, the column kinds and the inference of numbers and dates.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from dsr_pipeline.bank.numbers import APOSTROPHES, BLANKS, MINUS_SIGNS

# ISO 4217 codes of currencies that retail accounts are kept in.
CURRENCY_CODES = frozenset(
    (
        "AED ARS AUD BAM BGN BRL CAD CHF CLP CNY COD COP CRC CUR CZK DKK EGP EUR GBP GEL HKD HRK HUF IDR "
        "ILS INR ISK JPY KES KRW KWD LKR MAD MDL MKD MUR MVR MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR "
        "REN RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND ZAR"
    ).split()
)
# A sign of several currencies stands for none: which one it is, the file does not say.
CURRENCY_SIGNS: dict[str, str | None] = {
    "€": "EUR", "£": "GBP", "$": None, "¥": None, "￥": None, "円": "JPY", "元": "CNY",
    "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON", "₹": "INR", "Rs": None, "Rs.": None,
    "₺": "TRY", "TL": "TRY", "₽": "RUB", "R$": "BRL", "kr": None, "kr.": None, "US$": "USD",
    "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "CAD$": "CAD", "USD$": "USD",
    "NZ$": "NZD", "S$": "SGD", "HK$": "HKD", "MX$": "MXN", "Fr.": "CHF", "SFr.": "CHF", "R": None,
    "₪": "ILS", "₩": "KRW", "฿": "THB", "₱": "PHP", "₫": "VND", "₴": "UAH", "Euro": "EUR",
    "euro": "EUR", "EURO": "EUR", "Euros": "EUR", "euros": "EUR", "EUROS": "EUR", "CR$": "CRC",
}  # fmt: skip

_LONGEST_FIGURE = 40  # characters, with signs, marks and currency
_SIGNS = f"{MINUS_SIGNS}+()"
_FIGURE = re.compile(
    rf"(?P<lead>[^0-9]*?)(?P<number>(?:[.,](?=[0-9]+(?:[^0-9]*)$))?[0-9](?:[0-9.,{APOSTROPHES}{BLANKS}]*[0-9])?)(?P<trail>[^0-9]*)"
)
_CLOCK = (
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?"
    r"\s?(?:[AaPp]\.?[Mm]\.?)?\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_WORD = r"[^\W\d_]{3,10}"
_DAY = (
    r"(?:\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}\.?"
    r"|\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d{2})\.?"
    rf"|(?:{_WORD}\.?,? )?\d{{1,2}}(?:st|nd|rd|th)?\.?[-/ ]?{_WORD}\.?,?[-/ ]?(?:\d{{4}}|\d{{2}})"
    rf"|(?:{_WORD}\.?,? )?{_WORD}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
    rf"|\d{{4}}[-/ ]{_WORD}\.?[-/ ]\d{{1,2}}"
    r"|\d{4}年\d{1,2}月\d{1,2}日"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d[0-5]\d)?"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])20\d{2}"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])20\d{2})"
)
_DATE = re.compile(rf"{_DAY}(?:(?:T|,? (?:at )?|  ?| / |-){_CLOCK})?|{_CLOCK},? {_DAY}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?")


class Figure(NamedTuple):
    """A cell taken apart: the digits with their marks, its sign marks, and the words or signs beside it."""

    number: str
    minus: bool
    plus: bool
    parentheses: bool
    trailing_minus: bool
    tokens: tuple[str, ...]


@lru_cache(maxsize=1 << 17)
def is_date(text: str) -> bool:
    """Whether a cell is written like a date, with or without a time."""
    return _DATE.fullmatch(text) is not None


@lru_cache(maxsize=1 << 17)
def figure(text: str) -> Figure | None:
    """A cell that is a figure, alone or with known currency signs; None for everything else."""
    if len(text) > _LONGEST_FIGURE or (found := _FIGURE.fullmatch(text)) is None:
        return None
    lead, number, trail = found["lead"], found["number"], found["trail"]
    parentheses = "(" in lead
    if parentheses != (")" in trail) or ")" in lead or "(" in trail:
        return None
    tokens = tuple(word for part in (lead, trail) if (word := part.strip(_SIGNS + BLANKS)))
    if any(not _is_currency(token) for token in tokens):
        return None
    signs = [mark for mark in lead + trail if mark in f"{MINUS_SIGNS}+"]
    if len(signs) + parentheses > 1:
        return None
    return Figure(
        number,
        any(mark in lead for mark in MINUS_SIGNS),
        "+" in lead,
        parentheses,
        any(mark in trail for mark in MINUS_SIGNS),
        tokens,
    )


def shape(text: str) -> str:
    """The cell with every digit written as 9, but a lone zero before a mark kept: `-0,50` → `-0,99`."""
    shaped = re.sub("[0-9]", "9", text)
    lone = re.search(r"(?<![0-9.,'’])0(?=[.,])", text)
    if lone is not None:
        shaped = f"{shaped[: lone.start()]}0{shaped[lone.start() + 1 :]}"
    return shaped


def is_iban(text: str) -> bool:
    """Whether a cell is written like an IBAN."""
    return _IBAN.fullmatch(text) is not None and any(mark.isdigit() for mark in text[2:4])


def _is_currency(token: str) -> bool:
    return token in CURRENCY_SIGNS or token.upper() in CURRENCY_CODES


def currency_of(token: str) -> str | None:
    """The ISO code that a sign stands for; None where it stands for several currencies."""
    if token in CURRENCY_SIGNS:
        return CURRENCY_SIGNS[token]
    return token.upper() if token.upper() in CURRENCY_CODES else None
