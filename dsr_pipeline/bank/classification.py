"""Merchant, event type and category of many rows at once, in DuckDB.

Lives here: the SQL of the strip chain and of the decisions that `bank.merchants` and `bank.categories`
describe, and the report on the rules. A text is classified once where it repeats; the caller is
`bank.consolidation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dsr_pipeline.bank.categories import Categories, EventType
from dsr_pipeline.bank.merchants import ANYWHERE, BREAK, HEAD, LETTER, TAIL, Merchants, whole_words

WORD_ORDER: tuple[EventType, ...] = (
    "fee",
    "card_payment",
    "transfer",
    "cash",
    "interest",
    "settlement",
    "refund",
    "income",
)
"""The first event type whose words stand in a text wins: a transfer fee is a fee, an interest refund
interest."""

_ONLY_INCOMING: tuple[EventType, ...] = ("refund", "income")


@dataclass(frozen=True)
class Classifier:
    """The rules as SQL. `scopes` holds, per class number, which merchant rules apply and whether it is a
    card.

    A class stands for all sources (bank rule and account) to which the same rules apply, so that a text is
    decided once per class and not once per account.
    """

    merchants: Merchants
    categories: Categories
    classes: tuple[SourceClass, ...]

    @cached_property
    def canonicals(self) -> str:
        """The canonical names as an SQL list, in the order of the rules; rule number n names element n."""
        return _list([rule.canonical for rule in self.merchants.rules])

    @cached_property
    def rule_categories(self) -> str:
        """The categories of the rules as an SQL list; NULL where a rule names none."""
        return _list([rule.category for rule in self.merchants.rules])

    def classified(self, rows: str, *, where: str = "true") -> str:
        """`select *` of `rows` (with `stem`, `payee`, `rule_class`) plus the decisions on each row where
        `where` holds: merchant, merchant_category, event_out, event_in, all NULL elsewhere.

        Each step is its own select, so that no expression is written, or run, twice.
        """
        return f"""
            select * exclude (clean, match_text, rule_no),
                coalesce({self.canonicals}[rule_no], nullif(trim(payee), ''), nullif(clean, '')) as merchant,
                {self.rule_categories}[rule_no] as merchant_category,
                case when match_text is null then null else {self._event(incoming=False)} end as event_out,
                case when match_text is null then null else {self._event(incoming=True)} end as event_in
            from {self.matched(rows, where=where)}"""

    def matched(self, rows: str, *, where: str = "true") -> str:
        """`rows` (with `stem`, `payee`, `rule_class`) plus `clean`, the `match_text` that patterns see, and
        `rule_no`, the place of the first rule that matches, from 1; all NULL where `where` does not hold."""
        return f"""(
            select *, {self._rule_number()} as rule_no
            from (select *, clean || chr(10) || coalesce(payee, '') as match_text
            from (select *, case when {where} then {clean_sql("stem")} end as clean
            from {rows})))"""

    def _rule_number(self) -> str:
        """One expression over all patterns finds that most texts match none."""
        rules = self.merchants.rules
        if not rules:
            return "null::integer"
        any_rule = _regex(whole_words("|".join(f"(?:{rule.pattern})" for rule in rules)))
        whens = "\n".join(
            f"when regexp_matches(match_text, {_regex(rule.expression)}){self._scope(number)} "
            f"then {number + 1}"
            for number, rule in enumerate(rules)
        )
        return f"""case when match_text is null then null
            when not regexp_matches(match_text, {any_rule}) then null
            {whens} end"""

    def _scope(self, number: int) -> str:
        admitted = [str(i) for i, known in enumerate(self.classes) if number in known.rules]
        if len(admitted) == len(self.classes):
            return ""
        return f" and rule_class in ({', '.join(admitted)})" if admitted else " and false"

    def _event(self, *, incoming: bool) -> str:
        """What kind of event a text tells. Where words tell nothing the direction and the account decide:
        money out is a purchase, money into a card a refund, money into another account income."""
        cards = [str(i) for i, known in enumerate(self.classes) if known.card]
        is_card = f"rule_class in ({', '.join(cards)})" if cards else "false"
        otherwise = f"case when {is_card} then 'refund' else 'income' end" if incoming else "'purchase'"
        words = {event: self._words(event) for event in WORD_ORDER if incoming or event not in _ONLY_INCOMING}
        any_word = _regex(whole_words("|".join(words.values())))
        whens = "\n".join(
            # Money back for a fee is a refund.
            f"when regexp_matches(match_text, {_regex(whole_words(pattern))}) "
            f"then '{'refund' if incoming and event == 'fee' else event}'"
            for event, pattern in words.items()
        )
        return f"case when not regexp_matches(match_text, {any_word}) then {otherwise} {whens} end"

    def _words(self, event: EventType) -> str:
        return "|".join(_word_pattern(word) for word in self.categories.words_of(event))


@dataclass(frozen=True, slots=True)
class SourceClass:
    """What the decisions need to know of a source: whether it is a card, and the numbers of the rules whose
    scope admits it."""

    card: bool
    rules: frozenset[int]


def source_class(merchants: Merchants, *, kind: str, bank_rule: str, account: str) -> SourceClass:
    """The class of one source of rows."""
    admitted = (i for i, rule in enumerate(merchants.rules) if rule.applies_to(bank_rule, account))
    return SourceClass(kind == "card", frozenset(admitted))


def stem_sql(description: str) -> str:
    """A raw text without its tail: what is left repeats, because ids and places stand at the end."""
    return f"regexp_replace({description}, {_regex(TAIL)}, '')"


def clean_sql(stem: str) -> str:
    """The rest of the strip chain over a stem; the Python twin is `merchants.cleaned`."""
    headless = f"regexp_replace({stem}, {_regex(HEAD)}, '')"
    bare = f"regexp_replace({headless}, {_regex(ANYWHERE)}, ' ', 'g')"
    tidy = rf"trim(regexp_replace({bare}, ' *(,?) +', '\1 ', 'g'), ' ,-*#:')"
    return f"coalesce(nullif({tidy}, ''), trim({stem}))"


def category_events(
    categories: Categories, names: Sequence[str]
) -> list[tuple[str, str | None, str | None, str | None]]:
    """For each source category: its name, our category, and the event it tells for money out and for money
    in."""
    rows: list[tuple[str, str | None, str | None, str | None]] = []
    for name in names:
        event = categories.event_of(name)
        out = None if event in _ONLY_INCOMING else event
        into = "refund" if event == "fee" else event
        rows.append((name, categories.category_of(name), out, None if event == "purchase" else into))
    return rows


def _word_pattern(word: str) -> str:
    """A word or phrase as a pattern: any punctuation between its words, `*` for more letters."""
    letters = f"{LETTER}*"
    parts = "".join(c if c.isalnum() or c == "*" else " " for c in word).split()
    core = f"{BREAK}+".join(part.strip("*") for part in parts if part.strip("*"))
    return (letters if word.startswith("*") else "") + core + (letters if word.endswith("*") else "")


def _regex(pattern: str) -> str:
    return "'" + pattern.replace("'", "''") + "'"


def _list(values: Sequence[str | None]) -> str:
    members = ", ".join("null" if value is None else _regex(value) for value in values)
    return f"([{members}]::varchar[])"
