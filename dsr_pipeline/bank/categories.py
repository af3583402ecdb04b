"""What a source's own category means to us, and the words that tell what kind of event a row is.

Lives here: the model of `rules/categories.yaml` and the words that hold without any file. How words, sign and
account kind decide is `bank.merchants`; nothing here reads a transaction.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from dsr_pipeline.rule_files import RuleFileError, RuleFileErrors, read_yaml, validate, write_schema

FILE = "categories.yaml"
SCHEMA = Path("schema") / "categories.schema.json"
UNCATEGORISED = "uncategorised"

EventType = Literal[
    "purchase", "refund", "fee", "interest", "income", "transfer", "card_payment", "cash", "settlement"
]

STANDING_WORDS: dict[EventType, tuple[str, ...]] = {
    "card_payment": (
        "autopay",
        "payment thank you",
        "card payment thank",
        "credit card payment",
        "credit crd autopay",
        "credit crd epay",
        "cardmember serv",
        "kreditkartenabrechnung",
    ),
    "transfer": (
        "transfer",
        "transfers",
        "xfer",
        "übertrag",
        "uebertrag",
        "umbuchung",
        "spaar*",
        "virement interne",
        "överföring",
        "giroconto",
        "traspaso",
    ),
    "cash": (
        "atm",
        "cash withdrawal",
        "cash deposit",
        "cashpoint",
        "geldautomat",
        "bargeldauszahlung",
        "geldautomaat",
        "retrait dab",
        "bankomat",
    ),
    "fee": (
        "fee",
        "fees",
        "service charge",
        "late charge",
        "overdraft charge",
        "*entgelt",
        "*gebühr",
        "*gebühren",
        "kontofuehrung",
        "kontoführung",
        "frais bancaires",
        "commissione",
        "comisión",
    ),
    "interest": ("interest", "zinsen", "habenzinsen", "sollzinsen", "intérêts", "intereses"),
    "refund": (
        "refund",
        "refunded",
        "return",
        "returned",
        "reversal",
        "chargeback",
        "cashback",
        "gutschrift",
        "storno",
        "erstattung",
        "remboursement",
        "rimborso",
        "reembolso",
    ),
    "income": (
        "payroll",
        "salary",
        "wages",
        "dividend",
        "pension",
        "gehalt",
        "lohn",
        "salaire",
        "stipendio",
        "nómina",
        "salaris",
    ),
    "settlement": ("settle up", "settlement of shared expenses"),
}
"""Words that are the same at every bank of a language; a file adds to them. `*` stands for more letters."""


def load_categories(file: Path) -> Categories:
    """Read `categories.yaml`; without one no source category is mapped and the standing words hold.

    Raises `RuleFileErrors` naming file and line: unknown keys, or a source name that stands twice.
    """
    if not file.exists():
        return Categories()
    document = read_yaml(file)
    categories = validate(document, Categories)
    errors: list[RuleFileError] = []
    for section, names in (("sources", categories.sources), ("source_events", categories.source_events)):
        seen: dict[str, str] = {}
        for name in names:
            if (twin := seen.setdefault(fold(name), name)) != name:
                line = document.line_of((section, name))
                errors.append(RuleFileError(document.file, line, f"'{name}' is '{twin}' again: keep one"))
    if errors:
        raise RuleFileErrors(errors)
    return categories


def write_categories_schema(rules_root: Path) -> None:
    """Write `rules/schema/categories.schema.json`, with which editors complete and check the file."""
    write_schema(rules_root / SCHEMA, Categories)


def fold(name: str) -> str:
    """How two spellings of a source category are the same: blanks and case do not count."""
    return " ".join(name.split()).casefold()


def _word(text: str) -> str:
    if not re.search(r"\w\w", text):
        raise ValueError(f"'{text}' would be found everywhere: give at least two letters")
    if "*" in text.strip("*"):
        raise ValueError(f"'{text}': * stands for letters at the beginning or at the end only")
    return text


Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Word = Annotated[Name, AfterValidator(_word)]


class Categories(BaseModel):
    """`sources` maps the category of a source to ours, `source_events` to an event type; `words` adds words
    (whole words, case aside) that name an event type in a description."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: dict[Name, Name] = {}
    source_events: dict[Name, EventType] = {}
    words: dict[EventType, tuple[Word, ...]] = {}

    @cached_property
    def _sources(self) -> dict[str, str]:
        return {fold(name): ours for name, ours in self.sources.items()}

    @cached_property
    def _source_events(self) -> dict[str, EventType]:
        return {fold(name): event for name, event in self.source_events.items()}

    def category_of(self, source: str) -> str | None:
        """Our category for the one that a source gives; None where it is not mapped."""
        return self._sources.get(fold(source))

    def event_of(self, source: str) -> EventType | None:
        """The event type that a source's category tells; None where it tells none."""
        return self._source_events.get(fold(source))

    def words_of(self, event: EventType) -> tuple[str, ...]:
        """The standing words of an event type and those of the file."""
        return tuple(dict.fromkeys((*STANDING_WORDS.get(event, ()), *self.words.get(event, ()))))
