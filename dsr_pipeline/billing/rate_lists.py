"""One list of `rules/billing/rates`: a CSV file to its prices, each with the line on which it stands.

Lives here: the two shapes of a list and every message about a line. What the lists are together is `rates`.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from dsr_pipeline import entered
from dsr_pipeline.billing.policy import Policy
from dsr_pipeline.lake.contracts.billing import ACTIONS
from dsr_pipeline.rule_files import RuleFileError

ALWAYS = date(entered.FIRST_YEAR, 1, 1)
"""From when a negotiated rate counts that names no day."""
NEGOTIATED_BASIS = "primary"
"""For which basis a negotiated rate counts that names none: what the office and its customer agreed."""
EVERYBODY = ""

_PRICES = {"install price": "install", "removal price": "removal", "transfer price": "transfer"}
_PRICE_LIST = ("cu", "basis", "effective from", *_PRICES)
_NEGOTIATED = ("cu", "customer name", "rate")
_OF_NEGOTIATED = (*_NEGOTIATED, "basis", "effective from", "cu description", "unit of measure")
_LARGEST = Decimal(10) ** 12  # what decimal(18,6) holds before the point
_DECIMALS = 6


class Rate(NamedTuple):
    """One price, in the order of the primary key of billing/rates."""

    cu: str
    basis: str
    customer_id: str
    action: str
    effective_from: date
    price: Decimal
    cu_description: str | None
    uom: str | None
    unit_group: str | None
    rate_table: str
    line: int


def code(text: str) -> str:
    """The one spelling of a unit's code, in the lists as in the sheets: single blanks, upper case."""
    return " ".join(unicodedata.normalize("NFC", text).split()).upper()


class RateList:
    """Reads one file; mistakes of lines are collected, those of the whole file are raised."""

    def __init__(
        self, file: Path, policy: Policy, customer: Callable[[str], str], errors: list[RuleFileError]
    ) -> None:
        self.file = file
        self.policy = policy
        self.customer = customer
        self.errors = errors
        self.columns: dict[str, int] = {}
        self.width = 0
        self._days: dict[str, date | None] = {}
        self._customers: dict[str, str] = {}

    def rates(self, content: bytes) -> list[Rate]:
        """The prices of the file; raises `RuleFileError` where it has no header that can be used."""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise RuleFileError(self.file, line, "is not UTF-8 text: save it as CSV UTF-8") from error
        records = _records(self.file, text)
        begins, titles = next(records, None) or (1, [])
        negotiated = self._read_header(begins, titles)
        found: list[Rate] = []
        for line, cells in records:
            if len(cells) < self.width or any(cells[self.width :]):
                told = f"has {len(cells)} columns and the header {self.width}"
                self._mistake(line, f"{told}: is a mark missing or too many?")
            elif any(cells):
                found += self._negotiated(line, cells) if negotiated else self._priced(line, cells)
        return found

    def _read_header(self, line: int, titles: list[str]) -> bool:
        """Learn where the columns are; whether the list is one of negotiated rates."""
        while titles and not titles[-1]:
            titles.pop()
        names = [" ".join(title.replace("_", " ").split()).casefold() for title in titles]
        if twice := [name for name in names if name and names.count(name) > 1]:
            raise RuleFileError(self.file, line, f"the column '{twice[0]}' stands twice")
        self.columns, self.width = {name: i for i, name in enumerate(names)}, len(names)
        priced = any(name in _PRICES for name in names)
        negotiated = "customer name" in names or "rate" in names
        if priced == negotiated:
            raise RuleFileError(
                self.file,
                line,
                "the header is neither that of a price list (CU, basis, effective_from, Install Price, "
                "Removal Price, Transfer Price) nor that of negotiated rates (CU, Customer Name, rate)",
            )
        if missing := [name for name in (_NEGOTIATED if negotiated else _PRICE_LIST) if name not in names]:
            raise RuleFileError(self.file, line, f"the column '{missing[0]}' is missing")
        # A misspelt column that may be left out would be ignored in silence.
        if negotiated and (unknown := [name for name in names if name not in _OF_NEGOTIATED]):
            raise RuleFileError(self.file, line, f"unknown column '{unknown[0]}': remove or correct it")
        return negotiated

    def _priced(self, line: int, cells: list[str]) -> Iterator[Rate]:
        key = self._key(line, cells, None)
        for title, action in _PRICES.items():
            price = self._price(line, title, cells[self.columns[title]] or "0")
            if key is not None and price is not None:
                cu, basis, begins = key
                yield self._rate(line, cells, (cu, basis, EVERYBODY, action, begins, price))

    def _negotiated(self, line: int, cells: list[str]) -> Iterator[Rate]:
        key = self._key(line, cells, NEGOTIATED_BASIS)
        price = self._price(line, "rate", cells[self.columns["rate"]])
        name = cells[self.columns["customer name"]]
        if not name:
            self._mistake(line, "the customer's name is missing")
        elif key is not None and price is not None:
            if name not in self._customers:
                self._customers[name] = self.customer(name)
            cu, basis, begins = key
            for action in ACTIONS:
                yield self._rate(line, cells, (cu, basis, self._customers[name], action, begins, price))

    def _rate(self, line: int, cells: list[str], first: tuple[str, str, str, str, date, Decimal]) -> Rate:
        about, uom, group = (self._cell(cells, name) or None for name in _DESCRIBED)
        return Rate(*first, about, uom, group, self.file.stem, line)

    def _key(self, line: int, cells: list[str], basis: str | None) -> tuple[str, str, date] | None:
        """Code, basis and first day; `basis` (and always) are taken where a list need not name them."""
        cu = code(cells[self.columns["cu"]])
        if not cu:
            self._mistake(line, "the code (CU) is missing")
        named = " ".join(self._cell(cells, "basis").split()) or basis
        if not named:
            self._mistake(line, "the basis is missing: write the one that variants.yaml names")
        written = self._cell(cells, "effective from")
        if not written and basis:
            begins = ALWAYS
        else:
            begins = self._day(written)
            if begins is None:
                self._mistake(line, f"effective_from: '{written}' is no day: write it like 2026-04-12")
        return (cu, named, begins) if cu and named and begins else None

    def _day(self, written: str) -> date | None:
        if written not in self._days:
            self._days[written] = entered.day(written, self.policy.entry.date_order)
        return self._days[written]

    def _price(self, line: int, title: str, written: str) -> Decimal | None:
        price = entered.amount(written, self.policy.entry.decimal, currency=self.policy.currency)
        if price is None:
            mark = self.policy.entry.decimal
            told = f"is no amount of {self.policy.currency} with the decimal mark '{mark}'"
        elif price < 0:
            told = "is negative"
        elif price >= _LARGEST:
            told = "is larger than a rate can be"
        elif not _fits(price):
            told = "has more than six decimals"
        else:
            return price
        self._mistake(line, f"{title}: '{written}' {told}")
        return None

    def _cell(self, cells: list[str], name: str) -> str:
        place = self.columns.get(name)
        return "" if place is None else cells[place]

    def _mistake(self, line: int, message: str) -> None:
        self.errors.append(RuleFileError(self.file, line, message))


_DESCRIBED = ("cu description", "unit of measure", "compatible unit group")


def _fits(price: Decimal) -> bool:
    places = price.as_tuple()
    exponent = places.exponent if isinstance(places.exponent, int) else 0
    return exponent >= -_DECIMALS or not any(places.digits[exponent + _DECIMALS :])


def _records(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of cells that hold something, each with the line on which it begins (1-based)."""
    header = text.lstrip("\r\n").partition("\n")[0]
    mark = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True, strict=True)
    ended = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise RuleFileError(file, ended + 1, f"is not CSV: {error}") from error
        if cells is None:
            return
        begins, ended = ended + 1, reader.line_num
        cells = [cell.strip() for cell in cells]
        if any(cells):
            yield begins, cells
