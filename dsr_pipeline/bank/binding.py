"""A rule bound to the header of one file: every column that the rule names is a place in the fields.

Lives here: getting a value out of a record and judging it. Matching probes with it, parsing reads with it.
A value that does not fit is a `Fault` with the reason code of the quarantine table, never an exception.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dsr_pipeline.bank import dates
from dsr_pipeline.bank.numbers import NumberParser
from dsr_pipeline.bank.rules import BankRule, Const, Extract, Index, Join, Pattern, Ref, Source, refs_of

Getter = Callable[[list[str]], str]

_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a record cannot be read: reason code, the column and the value in it."""

    reason: str
    column: str | None
    value: str | None


class HeaderError(Exception):
    """The header lacks a column of the rule, or repeats one that the rule reads."""


def clean_name(name: str) -> str:
    """A header name as it is compared: NFKC, trimmed, case kept."""
    return unicodedata.normalize("NFKC", name).strip().removeprefix("\ufeff").strip()


def column_place(ref: Ref, names: list[str]) -> int:
    """The place of a column in the header; raises `HeaderError` where it is missing or stands twice."""
    if isinstance(ref, Index):
        return ref.index
    if isinstance(ref, Pattern):
        found = [place for place, name in enumerate(names) if re.search(ref.pattern, name)]
        wanted = f"a column like {ref.pattern}"
    else:
        wanted = clean_name(ref)
        found = [place for place, name in enumerate(names) if name == wanted]
    if len(found) == 1:
        return found[0]
    raise HeaderError(f"{wanted} is {'missing' if not found else 'there twice'}")


class BoundRule:
    """One rule over one header (or over a fixed number of unnamed columns)."""

    def __init__(
        self, rule: BankRule, names: list[str] | None, formats: tuple[str, ...] | None = None
    ) -> None:
        self.rule = rule
        self.names = names if names is not None else [""] * (rule.match.columns or 0)
        self.width = len(self.names)
        self._optional = {clean_name(name) for name in rule.match.header_optional}
        amount = rule.amount
        months = tuple(rule.dates.months)
        zone = rule.dates.timezone
        self.date_parsers = [dates.parser(text, months, zone) for text in formats or rule.dates.formats]
        post = rule.dates.post_format
        self._post_parsers = [dates.parser(post, months, zone)] if post else self.date_parsers
        self._date_memo: dict[str, date | None] = {}
        self._post_memo: dict[str, date | None] = {}
        columns = rule.columns
        self.date_text = self._getter(columns.date)
        self.post_text = self._getter(columns.post_date)
        self.description = self._getter(columns.description)
        self.payee = self._getter(columns.payee)
        self.category = self._getter(columns.category_src)
        self.source_id = self._getter(columns.source_id)
        self.balance_text = self._getter(columns.balance)
        self.currency = self._getter(columns.currency)
        self.check_no = self._getter(columns.check_no)
        self.account = self._getter(rule.account.column)
        owner = rule.owner
        self.owner = self._getter(getattr(owner, "column", None))
        self._amount_of = self._amount_reader()
        self._balance_parser = NumberParser.of(amount.style("balance"))
        self.excludes = [
            (self._place(item.column), re.compile(item.pattern), item.reason) for item in rule.rows.exclude
        ]
        pending = rule.rows.pending
        self._pending = (self._place(pending.column), re.compile(pending.pattern)) if pending else None
        self.pending_without_date = pending is not None and pending.date is None
        continuation = rule.file.continuation
        self.continues = [self._place(ref) for ref in continuation.when_empty] if continuation else []
        self.extras = self._extra_places()
        self._exact = rule.file.fields == "exact"
        self._short_ok = rule.file.fields == "short_ok"
        self._trailing_empty = rule.file.fields == "trailing_empty"

    def _place(self, ref: Ref) -> int:
        place = column_place(ref, self.names)
        if place >= self.width:
            raise HeaderError(f"column {place} is beyond the {self.width} columns of the file")
        return place

    def has(self, ref: Ref) -> bool:
        # A column of `header_optional` may be absent; what it feeds is then empty.
        return (
            not (isinstance(ref, str) and clean_name(ref) in self._optional) or clean_name(ref) in self.names
        )

    def _getter(self, source: Source | Ref | None) -> Getter:
        if source is None:
            return lambda _fields: ""
        if isinstance(source, Const):
            value = source.const
            return lambda _fields: value
        places = [self._place(ref) for ref in refs_of(source) if self.has(ref)]
        if not places:
            return lambda _fields: ""
        if isinstance(source, Join):
            return lambda fields: source.sep.join(text for p in places if (text := fields[p]).strip())
        if isinstance(source, list):
            return lambda fields: next((fields[p] for p in places if fields[p].strip()), "")
        place = places[0]
        if isinstance(source, Extract):
            pattern = re.compile(source.regex.pattern)
            return lambda fields: found["v"] or "" if (found := pattern.search(fields[place])) else ""
        return lambda fields: fields[place]

    def _extra_places(self) -> list[tuple[int, str]]:
        dropped = (
            set() if self.rule.extras == "keep" else {clean_name(name) for name in self.rule.extras.drop}
        )
        used = self._used_up()
        named = [
            (place, name or f"column_{place}")
            for place, name in enumerate(self.names)
            if place not in used and name not in dropped
        ]
        names = [name for _, name in named]
        return [(place, f"{name} ({place})" if names.count(name) > 1 else name) for place, name in named]

    def _used_up(self) -> set[int]:
        # A column leaves the extras only when a field of the transaction holds all that it says.
        sources: list[Source | None] = [
            getattr(self.rule.columns, target)
            for target in (
                "date",
                "post_date",
                "description",
                "payee",
                "category_src",
                "source_id",
                "balance",
            )
        ]
        timed = any("%H" in text or "%I" in text or "%-H" in text for text in self.rule.dates.formats)
        if timed:
            sources[:2] = []
        amount = self.rule.amount
        whole: list[Source | None] = [
            *sources,
            self.rule.columns.currency,
            amount.column,
            amount.debit,
            amount.credit,
        ]
        whole += amount.by_currency.values()
        return {
            self._place(ref)
            for source in whole
            if not isinstance(source, list | Extract)
            for ref in refs_of(source)
            if self.has(ref)
        }

    def fit(self, fields: list[str]) -> list[str] | None:
        """The fields in the header's width, or None where their count is not what the rule allows."""
        count = len(fields)
        if count == self.width:
            return fields
        if count > self.width:
            surplus = fields[self.width :]
            return fields[: self.width] if self._trailing_empty and not any(map(str.strip, surplus)) else None
        return fields + [""] * (self.width - count) if self._short_ok else None

    def looks_whole(self, fields: list[str]) -> bool:
        """Whether the fields are a row by themselves: right count, and a date and an amount in their places."""
        fitted = self.fit(fields)
        return fitted is not None and (self.is_excluded(fitted) or self.has_date_and_amount(fitted))

    def has_date_and_amount(self, fields: list[str]) -> bool:
        """The probe of matching: whether date and amount of a row can be read."""
        amount, fault = self._amount_of(fields)
        if fault is not None or amount is None:
            return False
        return self.date_of(fields, pending=self.is_pending(fields))[1] is None

    def is_excluded(self, fields: list[str]) -> bool:
        """Whether the rule says that the row is no transaction."""
        return self.exclusion(fields) is not None

    def exclusion(self, fields: list[str]) -> str | None:
        """The reason for which the rule leaves the row out, or None."""
        for place, pattern, reason in self.excludes:
            if pattern.search(fields[place]):
                return reason
        return None

    def is_pending(self, fields: list[str]) -> bool:
        """Whether the bank has not booked the row yet."""
        return (
            self._pending is not None
            and self._pending[1].search(fields[self._pending[0]].strip()) is not None
        )

    def date_of(self, fields: list[str], *, pending: bool) -> tuple[date | None, Fault | None]:
        """The date of the row; a pending row may hold a word instead where the rule says so."""
        text = self.date_text(fields)
        if text in self._date_memo:
            day = self._date_memo[text]
        else:
            day = self._date_memo[text] = _first_date(text, self.date_parsers)
        if day is None and not (pending and self.pending_without_date):
            return None, Fault("bad_date", self.column_name(self.rule.columns.date), text)
        return day, None

    def post_date_of(self, fields: list[str], *, pending: bool) -> tuple[date | None, Fault | None]:
        """The posting date; empty is allowed, anything that is no date is not (a pending row may say so)."""
        text = self.post_text(fields)
        if not text.strip():
            return None, None
        if text in self._post_memo:
            day = self._post_memo[text]
        else:
            day = self._post_memo[text] = _first_date(text, self._post_parsers)
        if day is None and not pending:
            return None, Fault("bad_date", self.column_name(self.rule.columns.post_date), text)
        return day, None

    def amount_of(self, fields: list[str]) -> tuple[Decimal | None, Fault | None]:
        """The amount in the account holder's view."""
        return self._amount_of(fields)

    def balance_of(self, fields: list[str]) -> tuple[Decimal | None, Fault | None]:
        """The balance printed in the row; an empty cell is no balance."""
        text = self.balance_text(fields)
        if not text.strip():
            return None, None
        value = self._balance_parser.parse(text)
        if value is None:
            return None, Fault("bad_amount", self.column_name(self.rule.columns.balance), text)
        return value, None

    def currency_of(self, fields: list[str]) -> tuple[str | None, Fault | None]:
        """The ISO code of the row; empty where the file does not say."""
        for code, place in self._currency_places:
            if fields[place].strip():
                return code, None
        text = self.currency(fields).strip().upper()
        if not text:
            return None, None
        if _CURRENCY.fullmatch(text) is None:
            return None, Fault("bad_currency", self.column_name(self.rule.columns.currency), text)
        return text, None

    def column_name(self, source: Source | Ref | None) -> str:
        """How a column is called in a message: its name in the file, or its place."""
        refs = refs_of(source)
        if not refs:
            return "?"
        place = column_place(refs[0], self.names)
        return self.names[place] or f"column {place}"

    def _amount_reader(self) -> Callable[[list[str]], tuple[Decimal | None, Fault | None]]:
        amount = self.rule.amount
        self._currency_places = [(code, self._place(ref)) for code, ref in amount.by_currency.items()]
        base = self._debit_credit() if amount.mode == "debit_credit" else self._one_column()
        if amount.fee is None:
            return base
        fee_place = self._place(amount.fee.column)
        fee_parser = NumberParser.of(amount.style("fee"))
        fee_name = self.column_name(amount.fee.column)
        subtract = amount.fee.subtract

        def with_fee(fields: list[str]) -> tuple[Decimal | None, Fault | None]:
            value, fault = base(fields)
            text = fields[fee_place]
            if fault is not None or value is None or not text.strip():
                return value, fault
            fee = fee_parser.parse(text)
            if fee is None:
                return None, Fault("bad_amount", fee_name, text)
            return (value - fee if subtract else value + fee), None

        return with_fee

    def _one_column(self) -> Callable[[list[str]], tuple[Decimal | None, Fault | None]]:
        amount = self.rule.amount
        parse = NumberParser.of(amount.style("amount")).parse
        places = [place for _, place in self._currency_places]
        if amount.column is not None:
            places = [self._place(amount.column)]
        label = self.names[places[0]] or f"column {places[0]}"
        negate = amount.mode == "negate"
        flag = amount.flag
        flag_place = self._place(flag.column) if flag else -1
        flag_name = self.column_name(flag.column) if flag else ""
        outward = {word.strip() for word in flag.out} if flag else set()
        inward = {word.strip() for word in flag.into} if flag else set()

        def read(fields: list[str]) -> tuple[Decimal | None, Fault | None]:
            filled = (
                [text for place in places if (text := fields[place]).strip()] if len(places) > 1 else None
            )
            if filled is not None and len(filled) != 1:
                return None, Fault("bad_amount", label, " ".join(filled))
            text = filled[0] if filled else fields[places[0]]
            value = parse(text)
            if value is None:
                return None, Fault("bad_amount", label, text)
            if flag is not None:
                word = fields[flag_place].strip()
                if word in outward:
                    return (-value if value else value), None
                if word not in inward:
                    return None, Fault("bad_flag", flag_name, word)
                return value, None
            return (-value if negate and value else value), None

        return read

    def _debit_credit(self) -> Callable[[list[str]], tuple[Decimal | None, Fault | None]]:
        amount = self.rule.amount
        assert amount.debit is not None and amount.credit is not None  # noqa: S101 - checked by the model
        debit_place, credit_place = self._place(amount.debit), self._place(amount.credit)
        debit_parse = NumberParser.of(amount.style("debit")).parse
        credit_parse = NumberParser.of(amount.style("credit")).parse
        debit_name, credit_name = self.names[debit_place], self.names[credit_place]
        as_written = amount.sign == "as_written"
        zero = Decimal(0)

        def read(fields: list[str]) -> tuple[Decimal | None, Fault | None]:
            debit_text, credit_text = fields[debit_place].strip(), fields[credit_place].strip()
            debit = debit_parse(debit_text) if debit_text else zero
            if debit is None:
                return None, Fault("bad_amount", debit_name, debit_text)
            credit = credit_parse(credit_text) if credit_text else zero
            if credit is None:
                return None, Fault("bad_amount", credit_name, credit_text)
            if debit and credit:
                return None, Fault("both_debit_credit", debit_name, f"{debit_text} | {credit_text}")
            if not debit_text and not credit_text:
                return None, Fault("bad_amount", debit_name, "")
            if as_written:
                return credit - debit, None
            return (-abs(debit) if debit else abs(credit)), None

        return read


def _first_date(text: str, parsers: list[dates.DateParser]) -> date | None:
    for parser in parsers:
        if (day := parser.parse(text)) is not None:
            return day
    return None
