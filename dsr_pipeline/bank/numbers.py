"""Amounts as banks write them, read strictly: what a rule does not declare is not a number.

`1e5`, `1_000`, `inf`, a wrong thousands group or a currency sign that the rule does not list all give None,
and the row goes to quarantine. Called by parsing and by the draft of rules; `bank.bulk` builds its SQL from
the same declarations, and a test holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsr_pipeline.bank.rules import NumberStyle

MINUS_SIGNS = "-\u2212\u2013"  # hyphen, minus sign, en dash
BLANKS = " \t\u00a0\u202f\u2009"  # what stands for a blank between thousands and around a number
APOSTROPHES = "'\u2019"
INTEGER_DIGITS = 14  # what decimal(18,4) holds before the point
FRACTION_DIGITS = 4

_GROUP_MARKS = {",": ",", ".": r"\.", "'": f"[{APOSTROPHES}]", " ": f"[{BLANKS}]"}
_NOT_DIGITS = re.compile("[^0-9]")


@dataclass(frozen=True, slots=True)
class NumberParser:
    """Reads one way of writing numbers."""

    pattern: re.Pattern[str]

    @staticmethod
    def of(style: NumberStyle) -> NumberParser:
        """The parser of a declared style."""
        return _parser(style.decimal, style.thousands, tuple(style.strip), frozenset(style.styles))

    def parse(self, text: str) -> Decimal | None:
        """The exact value; None when the text is not a number of this style or does not fit decimal(18,4)."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        opened, minus, plus, whole, fraction, trailing = found.groups()
        if (opened or plus or trailing) and (
            (opened is not None) + (minus is not None) + (plus is not None) + (trailing is not None) > 1
        ):
            return None
        digits = whole if whole is not None and whole.isdigit() else _NOT_DIGITS.sub("", whole or "0")
        if len(digits) > INTEGER_DIGITS and len(digits.lstrip("0")) > INTEGER_DIGITS:
            return None
        places = fraction or "0"
        if len(places) > FRACTION_DIGITS:
            if len(places.rstrip("0")) > FRACTION_DIGITS:
                return None
            places = places[:FRACTION_DIGITS]
        value = Decimal(f"{digits}.{places}")
        return -value if (opened or minus or trailing) and value else value


@lru_cache(maxsize=256)
def _parser(
    decimal: str, thousands: str | None, strip: tuple[str, ...], styles: frozenset[str]
) -> NumberParser:
    blank = f"[{BLANKS}]*"
    tokens = sorted(
        {token.strip() for token in strip if token.strip()}, key=lambda token: (-len(token), token)
    )
    token = f"(?:(?:{'|'.join(map(re.escape, tokens))}){blank})?" if tokens else ""
    never = "((?!))?"
    opened = rf"(\({blank})?" if "parentheses" in styles else never
    minus = f"([{MINUS_SIGNS}]{blank})?" if "minus" in styles else never
    plus = rf"(\+{blank})?" if "plus" in styles else never
    trailing = f"([{MINUS_SIGNS}]{blank})?" if "trailing_minus" in styles else never
    closed = rf"(?(1)\){blank})" if "parentheses" in styles else ""
    whole = "[0-9]+"
    if thousands is not None:
        mark = _GROUP_MARKS[thousands]
        # Groups of three, or the Indian way: a last group of three, those before it of two.
        whole = f"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]{{1,2}}(?:{mark}[0-9]{{2}})+{mark}[0-9]{{3}}|[0-9]+"
    number = f"({whole})?(?:{re.escape(decimal)}([0-9]+))?(?<=[0-9]){blank}"
    # A token may stand before the parenthesis too, "$ (45.00)", or after it, "(45.00) USD".
    pattern = (
        f"{blank}{token}{opened}{token}{minus}{plus}{token}{number}{token}{trailing}{token}{closed}{token}"
    )
    return NumberParser(re.compile(pattern))
