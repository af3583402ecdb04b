"""Which merchant stands behind a bank's text: the strip chain and the ordered rules of `rules/merchants.csv`.

Lives here: the rules, their strict loading with examples, and the cleaning of a text. The raw text is never
changed; `bank.classification` applies what is here to many rows at once.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from dsr_pipeline.lake.arrow import compute
from dsr_pipeline.rule_files import RuleFileError, RuleFileErrors

FILE = "merchants.csv"
COLUMNS = ("id", "priority", "pattern", "canonical", "category", "scope", "examples")
REQUIRED = ("priority", "pattern", "canonical")
EXAMPLE_MARK = "|"

_STATES = (
    "(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|RI|S[CD]|T[NX]|UT"
    "|V[AT]|W[AIVY])"
)
_MARKED_ID = "[ ,]+(?:REF|ID|NO|NR|TRACE|CONF|AUTH|INV|TXN|TRN)[:#. ]*[A-Za-z0-9-]*[0-9][A-Za-z0-9-]*"
_NUMBER = "[ ,]+(?:#[0-9]+|[0-9][0-9-]*[0-9][0-9])"
_UNIT = "[ ,]+(?:UNIT|SUITE|STE|APT) [A-Z0-9]+"
_MASK = "[ ,]*[Xx*][Xx*]+[0-9]+"
_DATE = "[ ,]+[0-9][0-9]?[/.][0-9][0-9]*(?:[/.][0-9][0-9]+)?"
_PHONE = "[ ,]+(?:[(][0-9][0-9][0-9][)] ?)?[0-9][0-9][0-9]-[0-9][0-9][0-9][0-9]"

TAIL = (
    "(?:[ ,]+#? ?[0-9][0-9]+[ ,]+[A-Za-z.' -]+[ ,]+"
    + _STATES
    + "(?: [0-9][0-9][0-9][0-9][0-9](?:-[0-9]+)?)?"  # store number, city, state, ZIP
    + f"|{_PHONE}|{_NUMBER}|{_UNIT}|{_MASK}|{_MARKED_ID}|{_DATE}"
    + "|[*][A-Za-z0-9]*[0-9][A-Za-z]*[0-9][A-Za-z0-9]*(?: [^ ]+)*"  # an order number after a star
    + ")+ *$"
)
"""What may end a text without being part of a name. Applied to every row, so one expression that fails
fast."""

HEAD = (
    r"(?i)^ *(?:(?:SQ|TST|SP|IN|PY|PP|PAYPAL|ZETTLE_|SUMUP|FS|CKE|DD|GOOGLE) ?[*] ?"
    r"|POS (?:DEBIT|PURCHASE|WITHDRAWAL|SALE) |(?:DEBIT|CHECK) ?CARD PURCHASE |CHECKCARD [0-9]+ "
    r"|(?:RECURRING )?(?:PURCHASE|PAYMENT) AUTHORIZED ON [0-9]+/[0-9]+ "
    r"|CARTE [0-9]+/[0-9]+(?:/[0-9]+)? |CB |ACHAT CB |KARTENZAHLUNG |(?:SVWZ|EREF|KREF|MREF)[+])+"
)
"""What processors and banks write before a name."""

ANYWHERE = f"(?:{_PHONE}|{_NUMBER}|{_UNIT}|{_MASK}|{_MARKED_ID}|{_DATE})"
"""Ids, masks, dates and phone numbers inside a text."""


_BREAKS = r"\x00-/:-@\[-`{-\x7f\x{80}-\x{bf}\x{2000}-\x{206f}"
"""What is no letter and no digit in ASCII, Latin-1 and general punctuation. The classes of all letters and
digits of Unicode would say the same for banks' texts, and take fifteen times as long to compile."""
BREAK = f"[{_BREAKS}]"
LETTER = f"[^{_BREAKS}]"


class MerchantRuleError(RuleFileError):
    """A line of merchants.csv that cannot be used."""


@dataclass(frozen=True, slots=True)
class MerchantRule:
    """One line: the first rule whose pattern stands in the cleaned text, in whole words, names the merchant.

    Lower `priority` is tried earlier, equal ones in the order of the file. `scope` is empty, `rule:<bank
    rule>` or `account:<account key>`.
    """

    id: str
    priority: int
    pattern: str
    canonical: str
    category: str | None
    scope: str | None
    examples: tuple[str, ...]
    line: int

    @property
    def expression(self) -> str:
        """The pattern as it is searched: whole words, case aside; each line of the text begins anew."""
        return whole_words(self.pattern)

    def applies_to(self, bank_rule: str, account: str) -> bool:
        """Whether the scope admits rows of this bank rule and account."""
        return self.scope in (None, f"rule:{bank_rule}", f"account:{account}")


@dataclass(frozen=True, slots=True)
class Merchants:
    """All rules, in the order in which they are tried."""

    rules: tuple[MerchantRule, ...] = ()

    def first_match(self, text: str, *, bank_rule: str = "", account: str = "") -> MerchantRule | None:
        """The rule that names the merchant of one raw text; None where none does."""
        (clean,) = cleaned([text])
        for rule in self.rules:
            if rule.applies_to(bank_rule, account) and _matches(rule.expression, clean):
                return rule
        return None


def load_merchants(file: Path) -> Merchants:
    """Read `merchants.csv` (UTF-8, comma, header line); a folder without one has no rules.

    Raises `RuleFileErrors` with file and line: unknown or missing columns, a pattern that is no RE2
    expression or that matches any text, an id that stands twice, an example that its own rule does not get.
    """
    if not file.exists():
        return Merchants()
    errors: list[RuleFileError] = []
    rules: list[MerchantRule] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, strict=True)
            _check_header(file, reader.fieldnames)
            for record in reader:
                try:
                    rules.append(_rule(file, reader.line_num, cast("dict[str | None, Any]", record)))
                except MerchantRuleError as error:
                    errors.append(error)
    except UnicodeDecodeError as error:
        raise MerchantRuleError(
            file, None, f"is not UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise MerchantRuleError(file, None, f"is not CSV: {error}") from error
    merchants = Merchants(tuple(sorted(rules, key=lambda rule: rule.priority)))
    errors += _repeated_ids(file, rules)
    errors += _failing_examples(file, merchants)
    if errors:
        raise RuleFileErrors(sorted(errors, key=lambda error: error.line or 0))
    return merchants


def whole_words(pattern: str) -> str:
    """A pattern that is only found between the ends of words (letters and digits)."""
    return f"(?im)(?:^|{BREAK})(?:{pattern})(?:$|{BREAK})"


def stem(texts: Sequence[str]) -> list[str]:
    """Texts without what `TAIL` takes off; the SQL twin is `bank.classification.stem_sql`."""
    array = pa.array(texts, pa.string())
    return cast("list[str]", compute.replace_substring_regex(array, TAIL, "", max_replacements=1).to_pylist())


def cleaned(texts: Sequence[str]) -> list[str]:
    """Texts after the whole strip chain: tail, processor prefixes, ids anywhere, blanks joined.

    A text of which nothing would be left keeps its stem. Letters keep the case that the bank gave them.
    """
    stems = pa.array(stem(texts), pa.string())
    headless = compute.replace_substring_regex(stems, HEAD, "", max_replacements=1)
    bare = compute.replace_substring_regex(headless, ANYWHERE, " ")
    tidy = compute.utf8_trim(compute.replace_substring_regex(bare, " *(,?) +", r"\1 "), " ,-*#:")
    pairs = zip(cast("list[str]", tidy.to_pylist()), cast("list[str]", stems.to_pylist()), strict=True)
    return [short or long.strip(" ") for short, long in pairs]


def _check_header(file: Path, names: Sequence[str] | None) -> None:
    given = list(names or ())
    if unknown := [name for name in given if name not in COLUMNS]:
        message = f"unknown column '{unknown[0]}': the columns are {', '.join(COLUMNS)}"
        raise MerchantRuleError(file, 1, message)
    if missing := [name for name in REQUIRED if name not in given]:
        raise MerchantRuleError(file, 1, f"the column '{missing[0]}' is missing")
    if len(set(given)) != len(given):
        raise MerchantRuleError(file, 1, "a column stands twice")


def _rule(file: Path, line: int, record: dict[str | None, Any]) -> MerchantRule:
    if None in record or None in record.values():
        raise MerchantRuleError(
            file, line, "has more or fewer fields than the header: quote a field with a comma"
        )
    fields = {str(name): str(value).strip() for name, value in record.items()}
    for name in REQUIRED:
        if not fields[name]:
            raise MerchantRuleError(file, line, f"'{name}' is empty")
    try:
        priority = int(fields["priority"])
    except ValueError:
        raise MerchantRuleError(
            file, line, f"priority '{fields['priority']}' is not a whole number"
        ) from None
    _check_pattern(file, line, fields["pattern"])
    scope = fields.get("scope") or None
    if scope is not None and not (scope.startswith(("rule:", "account:")) and scope.partition(":")[2]):
        raise MerchantRuleError(file, line, f"scope '{scope}': write rule:<bank rule> or account:<key>")
    examples = (part.strip() for part in fields.get("examples", "").split(EXAMPLE_MARK))
    return MerchantRule(
        id=fields.get("id") or f"line_{line}",
        priority=priority,
        pattern=fields["pattern"],
        canonical=fields["canonical"],
        category=fields.get("category") or None,
        scope=scope,
        examples=tuple(example for example in examples if example),
        line=line,
    )


def _check_pattern(file: Path, line: int, pattern: str) -> None:
    if pattern.startswith(".*") or pattern.endswith(".*"):
        message = f"pattern '{pattern}': drop the '.*', a pattern is found anywhere in whole words"
        raise MerchantRuleError(file, line, message)
    try:
        catches_all = _matches(whole_words(pattern), "") or _matches(whole_words(pattern), "qzx 7 qzx")
    except pa.ArrowInvalid as error:
        reason = str(error).partition("\n")[0]
        raise MerchantRuleError(
            file, line, f"pattern '{pattern}' is not an RE2 expression: {reason}"
        ) from None
    if catches_all:
        raise MerchantRuleError(file, line, f"pattern '{pattern}' matches any text: name a merchant")


def _matches(expression: str, text: str) -> bool:
    return bool(compute.match_substring_regex(pa.scalar(text, pa.string()), expression).as_py())


def _repeated_ids(file: Path, rules: Sequence[MerchantRule]) -> list[RuleFileError]:
    first: dict[str, MerchantRule] = {}
    return [
        MerchantRuleError(file, rule.line, f"the id '{rule.id}' already stands on line {first[rule.id].line}")
        for rule in rules
        if first.setdefault(rule.id, rule) is not rule
    ]


def _failing_examples(file: Path, merchants: Merchants) -> list[RuleFileError]:
    """Each example must be named by its own rule: an earlier rule that takes it shadows the rule."""
    errors: list[RuleFileError] = []
    for rule in merchants.rules:
        scope = (rule.scope or "").partition(":")
        scoped = {"bank_rule" if scope[0] == "rule" else "account": scope[2]} if rule.scope else {}
        for example in rule.examples:
            winner = merchants.first_match(example, **scoped)
            if winner is not rule:
                taker = (
                    f"rule '{winner.id}' (line {winner.line}) takes it" if winner else "no rule matches it"
                )
                message = f"example '{example}' is not named by rule '{rule.id}': {taker}"
                errors.append(MerchantRuleError(file, rule.line, message))
    return errors
