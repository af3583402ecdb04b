"""Words of bank exports: how a name is normalised, what role it announces, and the words inside rows.

Lives here: looking words up. The patterns of names are `header_dates`, `header_figures` and `header_texts`,
the words of rows `row_words`; what follows from a role is decided by the modules that infer. A word that is
not listed announces nothing, and then content or a question decides.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dsr_pipeline.bank.draft.header_dates import DATE_WORDS
from dsr_pipeline.bank.draft.header_figures import NUMBER_WORDS
from dsr_pipeline.bank.draft.header_texts import PLACE_WORDS, TEXT_WORDS
from dsr_pipeline.bank.draft.row_words import (
    BALANCE_ROWS,
    CLOSING_WORDS,
    IN_KINDS,
    LANGUAGES,
    NOT_DONE,
    OPENING_WORDS,
    OUT_KINDS,
    PENDING,
    POSTED,
    TOTAL_ROWS,
)
from dsr_pipeline.bank.draft.shapes import CURRENCY_CODES, currency_of

_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss"})
_JOINED = str.maketrans({"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"})
_CODES = "|".join(sorted(CURRENCY_CODES))
_DOLLAR = r"(?:CAD|USD|US|CA|NZ|AU|HK|MX|R|C|A|S)?\$"
_EURO = "Euros?|euros?|EUROS?"
_UNIT = re.compile(rf"\b{_DOLLAR}|[€£$¥]|\b(?:in )?(?:{_CODES}|{_EURO})\b")
_CODE_IN_NAME = re.compile(rf"(?<![A-Za-z])(?:{_CODES})(?![A-Za-z])")
_SIGN_IN_NAME = re.compile(rf"{_DOLLAR}|[€£₹₺₽₪₩฿₱₫₴]|\b(?:zł|Kč|{_EURO})\b")


@lru_cache(maxsize=8192)
def words_of(name: str) -> str:
    """A name as lower-case words without accents, punctuation and currency: `Betrag (€)` → `betrag`."""
    text = unicodedata.normalize("NFKC", name).translate(_JOINED).translate(_PLAIN)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)  # dateOp, accountNumber
    text = _UNIT.sub(" ", text)
    if re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text):
        return re.sub(r"[^\w]+|[・:：()（）]", "", text)
    text = "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))
    return re.sub(r"[\W_]+", " ", text).strip().lower()


@lru_cache(maxsize=8192)
def date_role(name: str) -> str | None:
    """value, transaction, booking, plain or other; None for an unknown name."""
    return _role(words_of(name), DATE_WORDS)


@lru_cache(maxsize=8192)
def number_role(name: str) -> str | None:
    """debit, credit, amount, balance, fee …; None for an unknown name."""
    return _role(words_of(name), NUMBER_WORDS)


@lru_cache(maxsize=8192)
def text_role(name: str) -> str | None:
    """description, payee, status, account …; None for an unknown name."""
    words = words_of(name)
    if (role := _role(words, TEXT_WORDS)) is not None:
        return role
    return "place" if re.search(PLACE_WORDS, words) else None


def is_known(name: str) -> bool:
    """Whether a name is one that bank exports print in headers."""
    return bool(name) and any(look(name) is not None for look in (date_role, number_role, text_role))


def currency_in_name(name: str) -> tuple[str | None, bool]:
    """The currency that a header name states, and whether it states one at all (`$` alone says none)."""
    text = unicodedata.normalize("NFKC", name)
    codes = set(_CODE_IN_NAME.findall(text))
    signs = set(_SIGN_IN_NAME.findall(text))
    found = codes | {code for sign in signs if (code := currency_of(sign)) is not None}
    return (next(iter(found)) if len(found) == 1 else None, bool(codes or signs))


def _role(words: str, table: tuple[tuple[str, str], ...]) -> str | None:
    if not words:
        return None
    for role, pattern in table:
        if re.search(pattern, words):
            return role
    return None


_NO_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 18)
def plain(text: str) -> str:
    """A cell as lower-case words without accents, to be compared with the word lists."""
    if text.isascii():
        return _NO_WORD.sub(" ", text).strip().lower() or text.strip()
    if text.strip() == "−":
        return "-"
    return words_of(text) or text.strip().lower()


def status_kind(text: str) -> str | None:
    """pending, posted or not_executed; None for a word that is not known."""
    word = plain(text)
    if word in PENDING:
        return "pending"
    if word in POSTED:
        return "posted"
    return "not_executed" if word in NOT_DONE else None


def direction_kind(text: str) -> str | None:
    """out or in, for a cell of a type column that names a movement of known direction."""
    word = plain(text)
    return "out" if word in OUT_KINDS else "in" if word in IN_KINDS else None


def states_balance(text: str) -> bool:
    """Whether a cell begins like a line that states a balance."""
    return BALANCE_ROWS.search(plain(text)) is not None


def states_total(text: str) -> bool:
    """Whether a cell begins like a line that states a total."""
    return TOTAL_ROWS.search(plain(text)) is not None


def opening_or_closing(text: str) -> str | None:
    """opening or closing, for a text that states a balance; None where it says neither or both."""
    words = plain(text)
    opening, closing = OPENING_WORDS.search(words), CLOSING_WORDS.search(words)
    if (opening is None) == (closing is None):
        return None
    return "opening" if opening else "closing"


def language_of(text: str) -> str | None:
    """The language that most of the words of a file's beginning belong to; None where two come level."""
    head = text[:6000].translate(_JOINED).translate(_PLAIN).replace("\ufffd", "")
    plain_head = "".join(
        part for part in unicodedata.normalize("NFKD", head) if not unicodedata.combining(part)
    ).lower()
    plain_head = re.sub(r"[\W_]+", " ", plain_head)
    counts = {
        language: len(set(re.findall(rf"\b(?:{words})\b", plain_head)))
        for language, words in LANGUAGES.items()
    }
    best = max(counts.values())
    leaders = [language for language, count in counts.items() if count == best]
    return leaders[0] if best >= 2 and len(leaders) == 1 else None
