"""Accounts, the people who own them, and every label by which exports and aggregators call an account.

Lives here: the model of `rules/accounts.yaml` and its strict loading. Called by `bank.consolidation`, which
resolves the label of each row; what an owner's share settles is not decided here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from dsr_pipeline.rule_files import (
    Document,
    Place,
    RuleFileError,
    RuleFileErrors,
    read_yaml,
    validate,
    write_schema,
)

FILE = "accounts.yaml"
SCHEMA = Path("schema") / "accounts.schema.json"

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")

AccountKind = Literal["checking", "savings", "card", "wallet"]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def load_accounts(file: Path) -> Accounts:
    """Read `accounts.yaml`; a folder without one has no account mapped, and every default stands.

    Raises `RuleFileErrors` naming file and line: unknown keys, a label that stands for two accounts, an owner
    who is not listed under `people`, shares that do not add up to one.
    """
    if not file.exists():
        return Accounts()
    document = read_yaml(file)
    accounts = validate(document, Accounts)
    errors = [*_repeated_labels(document, accounts), *_unknown_people(document, accounts)]
    errors += _wrong_shares(document, accounts)
    if errors:
        raise RuleFileErrors(sorted(errors, key=lambda error: error.line or 0))
    return accounts


def write_accounts_schema(rules_root: Path) -> None:
    """Write `rules/schema/accounts.schema.json`, with which editors complete and check the file."""
    write_schema(rules_root / SCHEMA, Accounts)


def _share(value: object) -> Fraction:
    """`1`, `0.5`, `"43/100"` or `"0.43"`; exact, so that three thirds are one."""
    try:
        share = Fraction(Decimal(str(value))) if "/" not in str(value) else Fraction(str(value))
    except (InvalidOperation, ValueError, ZeroDivisionError) as error:
        raise ValueError(f"'{value}' is not a share: write 1, 0.5 or 1/3") from error
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not {value}")
    return share


def _iban(value: str) -> str:
    """An IBAN without its blanks. Its check digits are not judged: it serves to find an account, not to pay
    to it."""
    iban = value.replace(" ", "").upper()
    if not _IBAN.fullmatch(iban):
        raise ValueError(f"'{value}' is not an IBAN: two letters, two digits, and 10 to 30 letters or digits")
    return iban


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Person(_Strict):
    """Someone who owns accounts and bears expenses."""

    name: Text
    email: Text | None = None


class Ownership(_Strict):
    """From this day on the person owns this share; a later entry of the same person takes its place, and a
    share of 0 ends the ownership."""

    person: Text
    share: Annotated[Fraction, BeforeValidator(_share)] = Field(
        default=Fraction(1), json_schema_extra={"type": ["string", "number"]}
    )
    since: date = Field(alias="from")


class Account(_Strict):
    """One account of ours. `aliases` are all labels that any export uses for it."""

    institution: Text | None = None
    kind: AccountKind | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    owners: tuple[Ownership, ...] = ()
    aliases: tuple[Text, ...] = ()
    iban: Annotated[str, AfterValidator(_iban)] | None = None
    opened: date | None = None
    closed: date | None = None

    def owners_on(self, day: date | None) -> dict[str, Fraction]:
        """Who owns the account on a day and with which share, in the order of the file; without a day, as the
        last entries say."""
        latest: dict[str, Ownership] = {}
        for entry in self.owners:
            known = latest.get(entry.person)
            if (day is None or entry.since <= day) and (known is None or known.since <= entry.since):
                latest[entry.person] = entry
        order = dict.fromkeys(entry.person for entry in self.owners)
        return {person: latest[person].share for person in order if person in latest and latest[person].share}

    @cached_property
    def changes(self) -> tuple[date, ...]:
        """The days on which the ownership changes, first to last."""
        return tuple(sorted({entry.since for entry in self.owners}))


@dataclass(frozen=True, slots=True)
class OwnerPeriod:
    """The owner of an account from a day on (None: before all days) until the day before the next period."""

    since: date | None
    owner: str | None


class Accounts(_Strict):
    """All accounts and people. `aggregator_priority` names aggregator rules, the most trusted first."""

    people: dict[Text, Person] = {}
    accounts: dict[Text, Account] = {}
    aggregator_priority: tuple[Text, ...] = ()

    @cached_property
    def _by_label(self) -> dict[str, str]:
        labels = {account.iban: key for key, account in self.accounts.items() if account.iban}
        labels |= {alias: key for key, account in self.accounts.items() for alias in account.aliases}
        return labels | {key: key for key in self.accounts}

    def resolve(self, label: str, default: str) -> str:
        """The account key behind a label. The default (`<rule>:<label>`) is tried first, because it is the
        more exact name; then the label; and an account that is not mapped keeps its default."""
        return self._by_label.get(default) or self._by_label.get(label) or default

    def owner_periods(self, account: str, hint: str | None) -> tuple[OwnerPeriod, ...]:
        """Who is written as owner of the account's rows, period by period; the hint where nobody is known.

        Several owners are joined by `+` in the order of the file.
        """
        known = self.accounts.get(account)
        if known is None or not known.owners:
            return (OwnerPeriod(None, hint),)
        periods = [OwnerPeriod(None, hint)]
        for day in known.changes:
            owner = "+".join(known.owners_on(day)) or hint
            if owner != periods[-1].owner:
                periods.append(OwnerPeriod(day, owner))
        return tuple(periods)

    def aggregator_rank(self, rule: str) -> tuple[int, str]:
        """Sorts aggregators by trust: those in `aggregator_priority` first, the others by name."""
        order = self.aggregator_priority
        return (order.index(rule) if rule in order else len(order), rule)


def _repeated_labels(document: Document, accounts: Accounts) -> list[RuleFileError]:
    errors: list[RuleFileError] = []
    taken: dict[str, str] = {key: key for key in accounts.accounts}
    for key, account in accounts.accounts.items():
        labels: list[tuple[Place, str]] = [
            (("accounts", key, "aliases", i), alias) for i, alias in enumerate(account.aliases)
        ]
        if account.iban and account.iban not in account.aliases:
            labels.append((("accounts", key, "iban"), account.iban))
        for place, label in labels:
            if (holder := taken.setdefault(label, key)) != key or label in account.aliases[: _index(place)]:
                message = f"the alias '{label}' already stands for {holder}: an alias may stand once"
                errors.append(RuleFileError(document.file, document.line_of(place), message))
    return errors


def _index(place: Place) -> int:
    return place[-1] if isinstance(place[-1], int) else 0


def _unknown_people(document: Document, accounts: Accounts) -> list[RuleFileError]:
    """Owners who are nobody; without a `people` section the names stand for themselves."""
    if not accounts.people:
        return []
    return [
        RuleFileError(
            document.file,
            document.line_of(("accounts", key, "owners", i, "person")),
            f"'{entry.person}' is not listed under people: add the person or correct the name",
        )
        for key, account in accounts.accounts.items()
        for i, entry in enumerate(account.owners)
        if entry.person not in accounts.people
    ]


def _wrong_shares(document: Document, accounts: Accounts) -> list[RuleFileError]:
    return [
        RuleFileError(
            document.file,
            document.line_of(("accounts", key, "owners")),
            f"the shares of {key} on {day} add up to {total}, not to 1",
        )
        for key, account in accounts.accounts.items()
        for day in account.changes
        if (total := sum(account.owners_on(day).values())) not in (0, 1)
    ]
