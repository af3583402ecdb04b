"""The prices of `rules/billing/rates/*.csv`, and under which id a customer or a person counts.

Lives here: all lists as one table, and ids. One list is read by `rate_lists`; which price a unit gets is
decided in `pricing`. Called by the billing run and by `claims`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from dsr_pipeline.billing.policy import Named, Policy
from dsr_pipeline.billing.rate_lists import Rate, RateList
from dsr_pipeline.lake.contracts.billing import RATES
from dsr_pipeline.rule_files import RuleFileError, RuleFileErrors
from dsr_pipeline.text import canonical_hash

FOLDER = "billing/rates"
SHOWN_ERRORS = 50
"""Of one file; a wrong decimal mark makes thousands."""


@dataclass(frozen=True, slots=True)
class RateTables:
    """`table` has the schema of billing/rates, sorted; `hash` changes with any file or how it is read."""

    table: pa.Table
    hash: str
    files: tuple[str, ...]


def load_rates(rules_root: Path, policy: Policy) -> RateTables:
    """Read every list under `rules/billing/rates`; without one the table is empty.

    A price list has the columns CU, basis, effective_from, Install Price, Removal Price and Transfer Price;
    its other columns are not read. A list of negotiated rates has CU, Customer Name and rate, and may have
    basis and effective_from; its rates count for every action. A blank price is zero: nobody priced it.
    A price counts until the next one of the same key begins. Raises `RuleFileErrors` with file and line of
    every mistake in all lists.
    """
    errors: list[RuleFileError] = []
    rates: list[Rate] = []
    files: list[tuple[str, bytes]] = []
    for file in _lists(rules_root / FOLDER):
        found: list[RuleFileError] = []
        try:
            content = file.read_bytes()
            files.append((f"{FOLDER}/{file.name}", content))
            rates += RateList(file, policy, lambda name: customer_id(name, policy), found).rates(content)
        except OSError as error:
            found.append(RuleFileError(file, None, f"cannot be read: {error.strerror}"))
        except RuleFileError as error:
            found.append(error)
        errors += found[:SHOWN_ERRORS]
        if len(found) > SHOWN_ERRORS:
            errors.append(RuleFileError(file, None, f"and {len(found) - SHOWN_ERRORS:,} more such mistakes"))
    rates.sort(key=lambda rate: (*rate[:5], rate.rate_table, rate.line))
    errors += _doubled(rates, rules_root / FOLDER)
    if errors:
        raise RuleFileErrors(errors)
    read_as = (policy.entry.decimal, policy.entry.date_order, policy.currency)
    digest = canonical_hash(
        "rates", *read_as, [[one.id, *one.names] for one in policy.customers], [list(one) for one in files]
    )
    return RateTables(_table(rates), digest, tuple(name for name, _ in files))


def customer_id(name: str, policy: Policy) -> str:
    """Under which id a customer counts: the one in the policy, else `name:` and the name in one spelling.

    Letters are never dropped or replaced: "A B" and "A_B" are two customers. Raises `ValueError` for a blank.
    """
    return _id(name, policy.customers)


def person_id(name: str, contact: str | None, policy: Policy) -> str:
    """Under which id a person counts: the address of the contact, else the id that the policy gives the name,
    else `name:` and the name in one spelling. An address that the policy lists as a name is its person.
    """
    address = _spelling(contact or "")
    if "@" in address:
        return _named(address, policy.people) or address
    return _id(name, policy.people)


def _id(name: str, known: tuple[Named, ...]) -> str:
    spelling = _spelling(name)
    if not spelling:
        raise ValueError("a blank name is nobody: ask for an id only where there is a name")
    return _named(spelling, known) or f"name:{spelling}"


def _named(spelling: str, known: tuple[Named, ...]) -> str | None:
    return _by_name(known).get(spelling)


@lru_cache(maxsize=8)
def _by_name(known: tuple[Named, ...]) -> dict[str, str]:
    # An address is one in any case of its letters, as contacts are read.
    return {
        _spelling(name): one.id.casefold() if "@" in one.id else one.id
        for one in reversed(known)
        for name in one.names
    }


def _spelling(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _lists(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    names = (file for file in folder.iterdir() if file.suffix.lower() == ".csv")
    # Editors and Excel leave hidden files and ~$ files beside an open one.
    return sorted(file for file in names if not file.name.startswith((".", "~$")) and file.is_file())


def _doubled(rates: Sequence[Rate], folder: Path) -> Iterator[RuleFileError]:
    """Prices of one key and day, and bases that differ in upper and lower case only."""
    told: set[tuple[str, int]] = set()
    for first, second in pairwise(rates):
        place = (second.rate_table, second.line)
        if first[:5] == second[:5] and place not in told:
            told.add(place)
            yield RuleFileError(
                folder / f"{second.rate_table}.csv",
                second.line,
                f"'{second.cu}' has a price of basis {second.basis} from {second.effective_from} already: "
                f"{first.rate_table}.csv:{first.line}",
            )
    spellings: dict[str, Rate] = {}
    for rate in rates:
        known = spellings.setdefault(rate.basis.casefold(), rate)
        if known.basis != rate.basis:
            spellings[rate.basis.casefold()] = rate
            yield RuleFileError(
                folder / f"{rate.rate_table}.csv",
                rate.line,
                f"the basis '{rate.basis}' is '{known.basis}' in {known.rate_table}.csv:{known.line}: "
                "write it one way",
            )


def _table(rates: Sequence[Rate]) -> pa.Table:
    """The sorted rates as billing/rates; each counts until the day before the next of its key."""
    if not rates:
        return RATES.schema.empty_table()
    until = [
        following.effective_from - timedelta(days=1) if one[:4] == following[:4] else None
        for one, following in pairwise(rates)
    ]
    columns: dict[str, Sequence[Any]] = dict(zip(Rate._fields, zip(*rates, strict=True), strict=True))
    columns["effective_until"] = [*until, None]
    return pa.Table.from_arrays(
        [pa.array(columns[column.name], column.type) for column in RATES.columns], schema=RATES.schema
    )
