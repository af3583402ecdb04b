"""Balances and totals that a file states about itself, in the lines before and after its rows.

Lives here: finding such lines, reading their figure, and making the pattern with which the rule finds it in
the next export. Whether they prove the sign is decided in `bank.draft.sign_inference`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from dsr_pipeline.bank.draft.number_inference import written
from dsr_pipeline.bank.draft.shapes import figure
from dsr_pipeline.bank.draft.vocabulary import opening_or_closing, plain, states_balance, states_total
from dsr_pipeline.bank.numbers import NumberParser

Place = Literal["preamble", "footer"]
_LAST_FIGURE = re.compile(
    r"(?<![\w./:-])(\(?[-+−]?\s?(?:[€£$]\s?)?[-+−]?\d[\d.,'’\u00a0\u202f ]*\d|\d)(?:\s?(?:[€£$]"
    r"|EUR|zł|Kč|kr|[A-Z]{3}))?\)?\"?[;,\t|\" ]*$"
)
_CREDIT_WORDS = re.compile(
    r"\b(credits?|haben|gutschriften?|uznan\w*|abonos|creditos?|entrate|avere|deposits|kredit|in)\b"
)
_DEBIT_WORDS = re.compile(
    r"\b(debits?|soll|belastungen?|obciazen\w*|cargos|debitos?|uscite|dare|withdrawals|debet|out)\b"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One stated figure: what it is, its text, where it stands and the pattern that finds it there."""

    what: Literal["opening", "closing", "credits", "debits"]
    text: str
    place: Place
    pattern: str
    line: str

    def value(self, parser: NumberParser) -> Decimal | None:
        """The figure under a way of writing numbers."""
        return parser.parse(self.text)


def find_statements(preamble: Sequence[str], footer: Sequence[str]) -> list[Statement]:
    """Every stated opening, closing or total whose pattern finds exactly it."""
    found: list[Statement] = []
    for place, lines in (("preamble", preamble), ("footer", footer)):
        for line in lines:
            made = _statement(line, "preamble" if place == "preamble" else "footer", "\n".join(lines))
            if made is not None and not any(other.what == made.what for other in found):
                found.append(made)
    return found


def figures_written(statements: Sequence[Statement]) -> list[str]:
    """The texts of the figures, which tell how this file writes numbers."""
    return [
        statement.text
        for statement in statements
        if figure(statement.text) and written([statement.text]).styles
    ]


def _statement(line: str, place: Place, whole: str) -> Statement | None:
    what = _what(line)
    hit = _LAST_FIGURE.search(line)
    if what is None or hit is None:
        return None
    text = hit.group(1).strip()
    pattern = _pattern(line, hit.start(1), hit.end(1))
    again = re.search(pattern, whole, re.MULTILINE)
    if again is None or again.group(1).strip() != text:
        return None
    return Statement(what, text, place, pattern, line.strip())


def _what(line: str) -> Literal["opening", "closing", "credits", "debits"] | None:
    label = re.sub(r"^[\W_]+", "", line)
    words = plain(re.split(r"[;\t|:]|\",|,,", label)[0])
    if states_balance(label):
        found = opening_or_closing(words)
        return "opening" if found == "opening" else "closing" if found == "closing" else None
    if states_total(label):
        inward, outward = _CREDIT_WORDS.search(words), _DEBIT_WORDS.search(words)
        if (inward is None) != (outward is None):
            return "credits" if inward else "debits"
    return None


def _pattern(line: str, start: int, end: int) -> str:
    """The line as a pattern: digits before the figure may differ, the figure is the group."""
    before = re.sub(r"[0-9]+", "\x00", line[:start])
    escaped = re.escape(before).replace("\\ ", " ").replace("\x00", r"\d+")
    return (
        f'^{escaped}([-+(−]?[^;\t|"a-zA-Z]*[0-9][^;\t|"a-zA-Z]*?)(?=[;\t|"a-zA-Z€£$ ]|,,|,?$)' if end else ""
    )
