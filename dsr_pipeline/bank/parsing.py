"""One file under its rule: every physical line becomes accepted, excluded or quarantined, with a reason.

The exact path: record by record, for every file that is small or irregular. `bank.bulk` is the same contract
for large regular files and hands what it cannot read back to the functions here. Verification of balances is
`bank.verification`; nothing here knows other files.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, NamedTuple

from dsr_pipeline.bank.binding import BoundRule, Fault, clean_name
from dsr_pipeline.bank.dates import parser as date_parser
from dsr_pipeline.bank.matching import Candidate, dialect_of
from dsr_pipeline.bank.reading import Record, records
from dsr_pipeline.bank.rejection import judge
from dsr_pipeline.bank.truncation import MOST_COMPARED, looks_cut
from dsr_pipeline.text import normalised

if TYPE_CHECKING:
    from dsr_pipeline.bank.reading import Lines
    from dsr_pipeline.bank.rules import BankRule

UNKNOWN_ACCOUNT = "unknown"
_WHITE = " \t\u00a0\u202f\f\v\r\ufeff\x1a"  # what an empty line may hold; 1A ended files under DOS


class Row(NamedTuple):
    """An accepted row, as the file says it."""

    line_no: int
    span: int
    account_label: str
    owner: str
    date: date | None
    post_date: date | None
    amount: Decimal
    currency: str | None
    description: str
    payee: str | None
    category_src: str | None
    balance: Decimal | None
    pending: bool
    source_id: str | None
    extras: str
    norm: str


class Excluded(NamedTuple):
    """A physical line left out on purpose."""

    line_no: int
    reason: str
    text: str


class Quarantined(NamedTuple):
    """A record that cannot be read; `span` physical lines."""

    line_no: int
    span: int
    reason: str
    column: str | None
    value: str | None
    raw: bytes


@dataclass(slots=True)
class Parsed:
    """What a file gave under its rule. accepted + excluded + quarantined = lines, in physical lines."""

    candidate: Candidate
    lines: int
    rows: list[Row] = field(default_factory=list[Row])
    excluded: list[Excluded] = field(default_factory=list[Excluded])
    quarantined: list[Quarantined] = field(default_factory=list[Quarantined])
    rejection: str | None = None
    other_header: int | None = None  # a line that is a header with other columns: exports were joined
    notes: list[str] = field(default_factory=list[str])
    preamble: str = ""
    footer: str = ""
    # Of an excluded row: its text, and the figure in it.
    stated_rows: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def accepted(self) -> int:
        """Physical lines that the accepted rows take."""
        return sum(row.span for row in self.rows)


def parse(candidate: Candidate, name: str) -> Parsed:
    """Read the whole file of a candidate; `name` is its base name, from which an account may come."""
    rule = candidate.rule
    bound = _bind(candidate)
    lines = candidate.lines
    parsed = Parsed(candidate, len(lines.texts) - (0 if candidate.header is None else candidate.first))
    parsed.preamble = "\n".join(lines.texts[: candidate.first])
    if candidate.header is None:
        for place in range(min(candidate.first, len(lines.texts))):
            parsed.excluded.append(Excluded(place + 1, "preamble", lines.texts[place]))
    account = constant_account(rule, name, parsed.preamble, parsed.notes)
    reader = _RowReader(bound, parsed, account, owner_from_name(rule, name))
    stops = [re.compile(pattern) for pattern in rule.file.footer.stop_at]
    stopped = False
    for record in records(
        lines,
        candidate.first,
        dialect_of(rule),
        multiline=rule.file.multiline_fields,
        looks_whole=bound.looks_whole,
    ):
        if stopped or any(stop.search(record.text) for stop in stops):
            stopped = True
            parsed.footer += record.text + "\n"
            _exclude(parsed, record, "footer", lines)
        else:
            reader.read(record)
    reader.finish()
    if rule.dedup.id is not None:
        _settle_repeated_ids(parsed, lines)
    judge(parsed, bound)
    return parsed


def _bind(candidate: Candidate) -> BoundRule:
    """The rule over the file's header, with the one date format under which the whole file reads."""
    names = list(candidate.names) if candidate.names is not None else None
    rule = candidate.rule
    bound = candidate.bound or BoundRule(rule, names)
    if len(rule.dates.formats) == 1:
        return bound
    texts = _date_texts(candidate, bound)
    zone, months = rule.dates.timezone, tuple(rule.dates.months)

    def reads(text_format: str) -> int:
        parser = date_parser(text_format, months, zone)
        return sum(count for text, count in texts.items() if parser.parse(text) is not None)

    best = max(rule.dates.formats, key=reads)  # the first of the list where several read as much
    settled = BoundRule(rule, names, (best,))
    settled.widest = bound.widest
    return settled


def _date_texts(candidate: Candidate, bound: BoundRule) -> Counter[str]:
    rule = candidate.rule
    texts: Counter[str] = Counter()
    for record in records(
        candidate.lines,
        candidate.first,
        dialect_of(rule),
        multiline=rule.file.multiline_fields,
        looks_whole=bound.looks_whole,
    ):
        fields = bound.fit(record.fields) if record.fields is not None else None
        if fields is not None and bound.amount_of(fields)[1] is None:
            texts[bound.date_text(fields)] += 1
    return texts


def constant_account(rule: BankRule, name: str, preamble: str, notes: list[str]) -> str | None:
    """The account label that all rows share, or None where each row carries its own.

    Where neither file name nor preamble tells it, the label is `unknown` and `notes` gets the sentence.
    """
    account = rule.account
    if account.origin == "const":
        return account.value
    if account.origin == "column":
        return None
    place, text = ("file name", name) if account.origin == "filename" else ("preamble", preamble)
    found = re.search(account.pattern or "", text, re.MULTILINE)
    if found is not None and found["v"]:
        return found["v"].strip()
    notes.append(
        f"its account is unknown: the {place} does not fit {account.pattern}; its rows stand under "
        f"{rule.rule}:{UNKNOWN_ACCOUNT} until it does"
    )
    return UNKNOWN_ACCOUNT


def owner_from_name(rule: BankRule, name: str) -> str:
    """The owner that the rule or the file name gives to all rows; empty where neither does."""
    owner = rule.owner
    if isinstance(owner, str):
        return owner
    if owner is not None and owner.pattern is not None:
        found = re.search(owner.pattern, name)
        return found["v"] if found else ""
    return ""


class _RowReader:
    """Judges one record after the other; remembers the last row, which a continuation extends."""

    def __init__(self, bound: BoundRule, parsed: Parsed, account: str | None, owner: str) -> None:
        self.bound = bound
        self.parsed = parsed
        self.account = account
        self.owner = owner
        self.lines = parsed.candidate.lines
        self.header = list(parsed.candidate.names or ())
        self.required = {clean_name(name) for name in bound.rule.match.header}
        self.blank = f"{bound.rule.file.delimiter}{bound.rule.file.quote or ''}{_WHITE}"
        self.extras = [(place, f"{encode_basestring(name)}:") for place, name in bound.extras]
        self.last: Record | None = None
        # Only a file whose last line is not ended may be cut; its last row is then held against the others.
        self.compared: deque[list[str]] | None = (
            None if self.lines.ends_with_newline else deque(maxlen=MOST_COMPARED)
        )

    def read(self, record: Record) -> None:
        """Put one record where it belongs."""
        parsed, bound = self.parsed, self.bound
        if not record.text.strip(self.blank):
            _exclude(parsed, record, "blank", self.lines)
            return
        if record.fault is not None or record.fields is None:
            self._quarantine(record, Fault(record.fault or "bad_quote", None, None))
            return
        fields = bound.fit(record.fields)
        if fields is None:
            if not self._is_header(record, record.fields):
                self._quarantine_count(record)
            return
        if (reason := bound.exclusion(fields)) is not None:
            self._remember_stated(fields)
            _exclude(parsed, record, reason, self.lines)
            return
        row = self._row(record, fields)
        if isinstance(row, Row):
            parsed.rows.append(row)
            if self.compared is not None:
                self.compared.append(record.fields)
                self.last = record
        elif self._is_header(record, fields):
            return
        elif (text := bound.continuation_of(fields)) is not None:
            self._continue(record, text)
        else:
            self._quarantine(record, row)

    def finish(self) -> None:
        """After the last record: one that was cut in the middle is not believed."""
        if self.compared is None or self.last is None:
            return
        rows, last = self.parsed.rows, self.last
        if last.line_no + last.span - 1 != len(self.lines.texts) or rows[-1].line_no != last.line_no:
            return
        if looks_cut(last, list(self.compared)[:-1], self.bound):
            rows.pop()
            self._quarantine(last, Fault("truncated", None, (last.fields or [""])[-1]))

    def _is_header(self, record: Record, fields: list[str]) -> bool:
        """Whether a record that is no row is the header again, as where exports were joined into one file."""
        if not self.header:
            return False
        names = [clean_name(text) for text in fields]
        if names == self.header:
            _exclude(self.parsed, record, "repeated_header", self.lines)
            return True
        if self.required and self.required.issubset(names) and self.parsed.other_header is None:
            self.parsed.other_header = record.line_no
            first = (self.parsed.candidate.header or 0) + 1
            self.parsed.rejection = (
                f"line {record.line_no} is a header with other columns than the one on line {first}: several "
                "exports were joined; give each its own file"
            )
        return False

    def _row(self, record: Record, fields: list[str]) -> Row | Fault:
        bound = self.bound
        pending = bound.is_pending(fields)
        day, fault = bound.date_of(fields, pending=pending)
        if fault is not None:
            return fault
        posted, fault = bound.post_date_of(fields, pending=pending)
        if fault is not None:
            return fault
        amount, fault = bound.amount_of(fields)
        if fault is not None or amount is None:
            return fault or Fault("bad_amount", None, None)
        balance, fault = bound.balance_of(fields)
        if fault is not None:
            return fault
        currency, fault = bound.currency_of(fields)
        if fault is not None:
            return fault
        account = self.account if self.account is not None else bound.account(fields).strip()
        if not account:
            return Fault("no_account", bound.column_name(bound.rule.account.column), "")
        description = bound.description(fields)
        return Row(
            record.line_no,
            record.span,
            account,
            bound.owner(fields).strip() or self.owner,
            day,
            posted,
            amount,
            currency,
            description,
            bound.payee(fields).strip() or None,
            bound.category(fields).strip() or None,
            balance,
            pending,
            bound.source_id(fields).strip().strip("'").strip() or None,
            self._extras(fields),
            normalised(description),
        )

    def _extras(self, fields: list[str]) -> str:
        # A JSON object, written piece by piece: json.dumps costs more than the rest of the row.
        kept = [key + encode_basestring(text) for place, key in self.extras if (text := fields[place])]
        return f"{{{','.join(kept)}}}"

    def _continue(self, record: Record, text: str) -> None:
        rows = self.parsed.rows
        if not rows or rows[-1].line_no + rows[-1].span != record.line_no:
            self._quarantine(record, Fault("orphan_continuation", None, None))
            return
        last = rows[-1]
        if self.bound.continues_payee:
            rows[-1] = last._replace(span=last.span + record.span, payee=f"{last.payee or ''} {text}".strip())
            return
        description = f"{last.description} {text}".strip()
        rows[-1] = last._replace(
            span=last.span + record.span, description=description, norm=normalised(description)
        )

    def _remember_stated(self, fields: list[str]) -> None:
        figure = self.bound.balance_text(fields).strip()
        if not figure:
            amount = self.bound.rule.amount
            ref = amount.column or amount.credit
            figure = fields[self.bound.place(ref)].strip() if ref is not None else ""
        self.parsed.stated_rows.append((" ".join(fields), figure))

    def _quarantine_count(self, record: Record) -> None:
        found = len(record.fields or ())
        self._quarantine(record, Fault("field_count", None, f"{found} fields instead of {self.bound.width}"))

    def _quarantine(self, record: Record, fault: Fault) -> None:
        raw = self.lines.raw(record.line_no - 1, record.span)
        self.parsed.quarantined.append(
            Quarantined(record.line_no, record.span, fault.reason, fault.column, fault.value, raw)
        )


def _exclude(parsed: Parsed, record: Record, reason: str, lines: Lines) -> None:
    for place in range(record.line_no - 1, record.line_no - 1 + record.span):
        parsed.excluded.append(Excluded(place + 1, reason, lines.texts[place]))


def _settle_repeated_ids(parsed: Parsed, lines: Lines) -> None:
    """An id stands once: a repeat is left out, rows that contradict each other go to quarantine."""
    by_id: dict[tuple[str, str], list[Row]] = {}
    for row in parsed.rows:
        if row.source_id is not None:
            by_id.setdefault((row.account_label, row.source_id), []).append(row)
    gone: set[int] = set()
    for (_, source_id), rows in by_id.items():
        if len(rows) == 1:
            continue
        # What the bank booked stands for what it announced under the same id.
        kept = [row for row in rows if not row.pending] or rows
        if len({row[2:] for row in kept}) == 1:
            for row in rows:
                if row is kept[0]:
                    continue
                gone.add(row.line_no)
                for place in range(row.line_no - 1, row.line_no - 1 + row.span):
                    parsed.excluded.append(Excluded(place + 1, "repeated_id", lines.texts[place]))
            continue
        for row in rows:
            gone.add(row.line_no)
            raw = lines.raw(row.line_no - 1, row.span)
            parsed.quarantined.append(
                Quarantined(row.line_no, row.span, "id_conflict", "source_id", source_id, raw)
            )
    if gone:
        parsed.rows = [row for row in parsed.rows if row.line_no not in gone]
