"""A rule bound to the header of one file: every column that the rule names is a place in the fields.

Lives here: getting a value out of a record and judging it. Matching probes with it, parsing reads with it.
A value that does not fit is a `Fault` with the reason code of the quarantine table, never an exception.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import date

from dsr_pipeline.bank import dates
from dsr_pipeline.bank.amounts import Fault, Values, amount_reader
from dsr_pipeline.bank.numbers import NumberParser
from dsr_pipeline.bank.rules import BankRule, Const, Extract, Index, Join, Pattern, Ref, Source, refs_of

Getter = Callable[[list[str]], str]

CHECK_NO = "check_no"  # under which name the extras hold the check number, whatever the bank calls it
_CURRENCY = re.compile("[A-Z]{3}")
_MOST_REMEMBERED = 100_000  # texts of dates kept with what they mean; timestamps never repeat


class HeaderError(Exception):
    """The header lacks a column of the rule, or repeats one that the rule reads."""


def clean_name(name: str) -> str:
    """A header name as it is compared: NFKC, trimmed, case kept."""
    if name.isascii():
        return name.strip()
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
        # The amount of fitted fields in the account holder's view, or why there is none.
        self.amount_of = amount_reader(self)
        self._currency_places = [(code, self.place(ref)) for code, ref in amount.by_currency.items()]
        self._balance_parser = NumberParser.of(amount.style("balance"))
        # A condition on a column of `header_optional` that this file does not have is never met.
        self.excludes = [
            (self.place(item.column), re.compile(item.pattern), item.reason)
            for item in rule.rows.exclude
            if self.has(item.column)
        ]
        pending = rule.rows.pending
        if pending is not None and not self.has(pending.column):
            pending = None
        self._pending = (self.place(pending.column), re.compile(pending.pattern)) if pending else None
        self.pending_without_date = pending is not None and pending.date is None
        self._cells = [
            (self.place(cell.column), re.compile(cell.pattern))
            for cell in rule.match.cells
            if self.has(cell.column)
        ]
        self._continued = self._continued_places()
        self.figures = self._figure_places()
        self.extras = self._extra_places()
        self._short_ok = rule.file.fields == "short_ok"
        # Fields of a row as its file has them: with `trailing_empty` the probe of matching may find more.
        self.widest = self.width

    def place(self, ref: Ref) -> int:
        place = column_place(ref, self.names)
        if place >= self.width:
            raise HeaderError(f"column {place} is beyond the {self.width} columns of the file")
        return place

    def has(self, ref: Ref) -> bool:
        """Whether the file has the column; one of `header_optional` may be absent, and feeds nothing then."""
        return (
            not (isinstance(ref, str) and clean_name(ref) in self._optional) or clean_name(ref) in self.names
        )

    def _getter(self, source: Source | Ref | None) -> Getter:
        if source is None:
            return lambda _fields: ""
        if isinstance(source, Const):
            value = source.const
            return lambda _fields: value
        places = [self.place(ref) for ref in refs_of(source) if self.has(ref)]
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
        dropped: set[str] = (
            set() if self.rule.extras == "keep" else {clean_name(name) for name in self.rule.extras.drop}
        )
        used = self._used_up()
        check = self.rule.columns.check_no
        check_place = self.place(check) if isinstance(check, str | Index) and self.has(check) else None
        named = [
            (place, CHECK_NO if place == check_place else name or f"column_{place}")
            for place, name in enumerate(self.names)
            if place not in used and name not in dropped
        ]
        times = Counter(name for _, name in named)
        return [(place, f"{name} ({place})" if times[name] > 1 else name) for place, name in named]

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
            self.place(ref)
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
            surplus = count <= self.widest and fields[self.width :]
            return fields[: self.width] if surplus and not any(map(str.strip, surplus)) else None
        return fields + [""] * (self.width - count) if self._short_ok else None

    def _continued_places(self) -> tuple[list[int], set[int]] | None:
        """The columns that must be empty in a continuation, and those that hold what it adds."""
        continuation = self.rule.file.continuation
        if continuation is None:
            return None
        target = continuation.append_to
        source = self.rule.columns.payee if self.continues_payee else self.rule.columns.description
        if target not in ("description", "payee"):
            source = target
        added = {self.place(ref) for ref in refs_of(source) if self.has(ref)}
        return [self.place(ref) for ref in continuation.when_empty], added

    @property
    def continues_payee(self) -> bool:
        """Whether a continuation is added to the payee (else to the description)."""
        continuation = self.rule.file.continuation
        if continuation is None:
            return False
        return continuation.append_to == "payee" or continuation.append_to in refs_of(self.rule.columns.payee)

    def continuation_of(self, fields: list[str]) -> str | None:
        """What a row adds to the row above it; None where it is a row by itself.

        Nothing but the added text may stand in it: an amount without a date is a damaged row, not a text.
        """
        if self._continued is None or any(fields[place].strip() for place in self._continued[0]):
            return None
        added = self._continued[1]
        if any(text.strip() for place, text in enumerate(fields) if place not in added):
            return None
        return " ".join(text for place in sorted(added) if (text := fields[place].strip()))

    def _figure_places(self) -> frozenset[int]:
        amount = self.rule.amount
        refs = [amount.column, amount.debit, amount.credit, *amount.by_currency.values()]
        refs += [amount.fee.column if amount.fee else None, *refs_of(self.rule.columns.balance)]
        return frozenset(self.place(ref) for ref in refs if ref is not None and self.has(ref))

    def looks_whole(self, fields: list[str]) -> bool:
        """Whether the fields are a row by themselves: right count, date and amount in their places."""
        fitted = self.fit(fields)
        return fitted is not None and (self.exclusion(fitted) is not None or self.probes(fitted))

    def probes(self, fields: list[str]) -> bool:
        """The probe of matching: whether date and amount of a row can be read and its cells look as declared.

        A file without a header has nothing else to be known by: there every column that the rule reads
        counts.
        """
        amount, fault = self.amount_of(fields)
        if fault is not None or amount is None:
            return False
        pending = self.is_pending(fields)
        if self.date_of(fields, pending=pending)[1] is not None:
            return False
        if any(pattern.search(fields[place].strip()) is None for place, pattern in self._cells):
            return False
        return not self.rule.headerless or (
            self.post_date_of(fields, pending=pending)[1] is None
            and self.balance_of(fields)[1] is None
            and self.currency_of(fields)[1] is None
        )

    def exclusion(self, fields: list[str]) -> str | None:
        """The reason for which the rule leaves the row out, or None."""
        for place, pattern, reason in self.excludes:
            if pattern.search(fields[place].strip()):
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
            day = _remember(self._date_memo, text, _first_date(text, self.date_parsers))
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
            day = _remember(self._post_memo, text, _first_date(text, self._post_parsers))
        if day is None and not pending:
            return None, Fault("bad_date", self.column_name(self.rule.columns.post_date), text)
        return day, None

    def balance_of(self, fields: list[str]) -> Values:
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
        refs = [ref for ref in refs_of(source) if self.has(ref)]
        if not refs:
            return "?"
        place = column_place(refs[0], self.names)
        return self.names[place] or f"column {place}"


def _remember(memo: dict[str, date | None], text: str, day: date | None) -> date | None:
    if len(memo) >= _MOST_REMEMBERED:
        memo.clear()
    memo[text] = day
    return day


def _first_date(text: str, parsers: list[dates.DateParser]) -> date | None:
    for parser in parsers:
        if (day := parser.parse(text)) is not None:
            return day
    return None
