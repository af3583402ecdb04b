"""The rule's name, the bank's name and the kind of account, from the words around the table.

Lives here: labels that change no figure. The kind tells cards, savings and aggregators from accounts; what
the words do not tell is called a checking account, with a comment that says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.model import Sheet, Told
from dsr_pipeline.bank.draft.vocabulary import plain
from dsr_pipeline.bank.rules import Kind

_CARD = re.compile(
    r"\b(credit ?card\w*|card ?member|cardholder|kreditkarte\w*|kreditkort\w*|creditcard\w*"
    "|carte de credit|tarjeta de credito|carta di credito|karta kredytowa|visa|mastercard|amex"
    r"|american express|card no|card number|kartennummer|card)\b|カード|ご利用"
)
_SAVINGS = re.compile(
    r"\b(savings?|tagesgeld\w*|sparkonto|livret|epargne|ahorro|risparmio|spaarrekening"
    r"|oszczedn\w*|sparekonto|saver|isa)\b"
)
_AGGREGATOR = re.compile(
    r"\b(original statement|original description|institution name|account name|labels|budget"
    r"|ignored from|master category|category group|master)\b"
)
_WALLET = re.compile(r"\b(paypal|revolut|venmo|wise|neteller|skrill|payoneer|cash app|wallet|transferwise)\b")
_SHORTEST = 4  # letters of a rule name
_NOISE = re.compile(
    r"\b(export\w*|transactions?|download\w*|statements?|activity|umsatz\w*|umsaetze"
    r"|kontoauszug|csv|stmt|history|list\w*|data|report|movimientos?|movimenti|extrato|mutaties"
    r"|transacties|historique|operations?|file|all|since|to|from|[a-f0-9]{6,}|[a-z]?\d\w*)\b"
)


def rule_name(sheet: Sheet) -> Told[str]:
    """A rule name from the words of the file name."""
    stem = sheet.file.rsplit(".", 1)[0]
    if words := _slug(stem):
        return Told(_name(words), "from the file name; rename as you like, equal to the file's stem")
    words = _slug(stem, keep_noise=True) or ["export"]
    return Told(_name(words), "the file names no bank; rename as you like, equal to the file's stem")


def _name(words: list[str]) -> str:
    # A name that begins with a digit, or is a word of YAML, would have to be quoted wherever it stands.
    name = "_".join(words[:4])
    return f"bank_{name}" if name[0].isdigit() or len(name) < _SHORTEST else name


def _slug(text: str, *, keep_noise: bool = False) -> list[str]:
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z])", " ", text)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    text = re.sub(r"[^a-z0-9]+", " ", text)
    if not keep_noise:
        text = _NOISE.sub(" ", text)
    return [word for word in text.split() if (not word.isdigit() and len(word) > 1) or keep_noise]


def account_kind(sheet: Sheet, columns: Sequence[KnownColumn], *, has_balance: bool) -> Told[Kind]:
    """card, savings, wallet, aggregator or checking; a label, which no figure depends on."""
    head = plain(" ".join(column.column.name for column in columns))
    around = plain(re.sub(r"[_\-.]", " ", sheet.file)) + " " + plain(" ".join(sheet.preamble))
    if len(_AGGREGATOR.findall(head)) >= 2 or ("original statement" in head or "ignored from" in head):
        return Told("aggregator", "the header names institutions, original texts or budgets beside accounts")
    if (found := _WALLET.search(around)) is not None:
        return Told("wallet", f"the word '{found.group()}'")
    if (found := _CARD.search(head)) is not None and not has_balance:
        return Told("card", f"the word '{found.group()}' in the header")
    if (found := _CARD.search(around)) is not None:
        return Told("card", f"the word '{found.group()}' outside of the table")
    if (found := _SAVINGS.search(around)) is not None:
        return Told("savings", f"the word '{found.group()}' outside of the table")
    return Told(
        "checking",
        "no word says card, savings or aggregator; a label that changes no figure: correct it if it is one",
    )
