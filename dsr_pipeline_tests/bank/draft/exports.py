"""Invented exports in the layouts of real banks: movements, the file made of them, the truth.

Lives here: the movements and the ways of writing them. The layouts are in `layouts_*.py`; judging a draft is
`judging.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dsr_pipeline_tests.bank.draft.texts import TEXTS

D = Decimal


@dataclass(frozen=True)
class Move:
    """One movement; `a` in the holder's view, `b` the balance after it (None while pending)."""

    i: int
    d: date  # when it happened
    p: date  # when it was booked
    a: Decimal
    b: Decimal | None
    text: str
    name: str
    kind: str  # salary, purchase, refund, transfer, fee, payment
    pending: bool = False

    @property
    def id(self) -> str:
        """A bank's id."""
        return f"T26{self.i:04d}{(self.i * 7919) % 100000:05d}"

    @property
    def out(self) -> Decimal | None:
        """The amount of money out, without a sign."""
        return -self.a if self.a < 0 else None

    @property
    def into(self) -> Decimal | None:
        """The amount of money in."""
        return self.a if self.a >= 0 else None


@dataclass
class Export:
    """A file and its truth: one expected row per transaction, in any order, and the answers to questions."""

    id: str
    name: str
    data: bytes
    rows: list[dict[str, Any]]
    answers: dict[str, Any] = field(default_factory=dict)
    must_ask: str | None = None  # the key of the question that the file cannot answer
    answerable: bool = True  # False: no answer can mend the draft, the export must be made another way
    must_tell: bool = False  # the file proves everything: no question is excused


_CHECKING = [
    (5, 0, "salary", "3150.75"),
    (7, 1, "purchase", "-6.05"),
    (9, 1, "purchase2", "-82.35"),
    (9, 1, "purchase2", "-82.35"),
    (12, 2, "purchase3", "-29.44"),
    (13, 1, "purchase", "-4.60"),
    (15, 1, "refund", "24.19"),
    (19, 0, "transfer", "-1200.00"),
    (20, 1, "purchase2", "-141.59"),
    (22, 0, "fee", "-4.95"),
]
_CARD = [
    (5, 0, "payment", "1250.40"),
    (6, 1, "purchase", "-7.42"),
    (8, 1, "purchase2", "-116.19"),
    (9, 1, "purchase", "-31.07"),
    (9, 1, "purchase", "-31.07"),
    (12, 2, "purchase3", "-56.33"),
    (15, 1, "purchase2", "-104.74"),
    (16, 1, "refund", "23.79"),
    (18, 1, "purchase3", "-1349.00"),
]


def moves(
    lang: str = "en",
    *,
    card: bool = False,
    opening: str = "2500.00",
    whole: bool = False,
    pending: int = 0,
    early: bool = False,
    count: int | None = None,
) -> list[Move]:
    """Movements, oldest first. `whole`: no decimals; `pending`: that many newest are not booked yet;
    `early`: no day beyond the 12th; `count`: only the first so many."""
    plan = (_CARD if card else _CHECKING)[:count]
    balance = D(opening)
    out: list[Move] = []
    for i, (day, later, kind, amount) in enumerate(plan):
        value = D(amount)
        if whole:
            value = (value * 100).to_integral_value()
        month, number = (1 + i // 5, 2 + (day * 2 + i) % 10) if early else (1, day)
        when = date(2026, month, number)
        waiting = i >= len(plan) - pending
        balance = balance if waiting else balance + value
        text, name = TEXTS[lang][kind]
        plain_kind = kind.rstrip("23")
        out.append(
            Move(
                i,
                when,
                when + timedelta(days=later),
                value,
                None if waiting else balance,
                text,
                name,
                plain_kind,
                waiting,
            )
        )
    if early:
        out.sort(key=lambda move: move.d)
        balance = D(opening)
        rebuilt = []
        for i, move in enumerate(out):
            balance += move.a
            rebuilt.append(Move(i, move.d, move.p, move.a, balance, move.text, move.name, move.kind))
        out = rebuilt
    return out


def num(
    value: Decimal | None, decimal: str = ".", thousands: str = "", *, plus: bool = False, places: int = 2
) -> str:
    """A figure as a bank writes it; None is an empty cell."""
    if value is None:
        return ""
    text = f"{abs(value):,.{places}f}"
    text = text.replace(",", "\x00").replace(".", decimal).replace("\x00", thousands)
    return ("-" if value < 0 else "+" if plus else "") + text


def de(value: Decimal | None) -> str:
    """1.234,56"""
    return num(value, ",", ".")


def comma(value: Decimal | None) -> str:
    """1234,56"""
    return num(value, ",")


def nbsp(value: Decimal | None) -> str:
    """1 234,56 with a no-break space"""
    return num(value, ",", "\u00a0")


def us(day: date) -> str:
    """01/31/2026"""
    return f"{day:%m/%d/%Y}"


def uk(day: date) -> str:
    """31/01/2026"""
    return f"{day:%d/%m/%Y}"


def dot(day: date) -> str:
    """31.01.2026"""
    return f"{day:%d.%m.%Y}"


def dot2(day: date) -> str:
    """31.01.26"""
    return f"{day:%d.%m.%y}"


def dash(day: date) -> str:
    """31-01-2026"""
    return f"{day:%d-%m-%Y}"


def iso(day: date) -> str:
    """2026-01-31"""
    return f"{day:%Y-%m-%d}"


def table(
    records: Sequence[Sequence[str]], delimiter: str = ",", *, quote: str = "some", end: str = "\n"
) -> str:
    """Records as lines; quote: some (where needed), all, none."""
    lines = []
    for record in records:
        cells = []
        for cell in record:
            quoted = quote == "all" or (
                quote == "some" and any(mark in cell for mark in (delimiter, '"', "\n"))
            )
            cells.append('"' + cell.replace('"', '""') + '"' if quoted else cell)
        lines.append(delimiter.join(cells))
    return end.join(lines) + end


def truth(
    made: Sequence[Move],
    *,
    day: str = "d",
    post: str | None = None,
    currency: str | None = None,
    balance: bool = False,
    account: str | None = None,
    ids: bool = False,
    words: Callable[[Move], str] | None = None,
) -> list[dict[str, Any]]:
    """The expected rows."""
    return [
        {
            "date": getattr(move, day),
            "post_date": getattr(move, post) if post and not (move.pending and post == "p") else None,
            "amount": move.a,
            "currency": currency,
            "balance": move.b if balance else None,
            "account": account,
            "pending": move.pending,
            "source_id": move.id if ids else None,
            "words": words(move) if words else move.text,
        }
        for move in made
    ]


def export(
    id: str,
    name: str,
    header: str | None,
    cells: Callable[[Move], Sequence[str]],
    made: Sequence[Move],
    *,
    delimiter: str = ",",
    newest: bool = True,
    quote: str = "some",
    encoding: str = "utf-8",
    before: str = "",
    after: str = "",
    end: str = "\n",
    answers: dict[str, Any] | None = None,
    rows: list[dict[str, Any]] | None = None,
    must_ask: str | None = None,
    must_tell: bool = False,
    answerable: bool = True,
    **about: Any,
) -> Export:
    """A file of one record per movement, with its truth (`about` goes to `truth`)."""
    ordered = list(reversed(made)) if newest else list(made)
    text = before
    text += f"{header}{end}" if header is not None else ""
    text += table([list(cells(move)) for move in ordered], delimiter, quote=quote, end=end) + after
    expected = rows if rows is not None else truth(made, **about)
    return Export(id, name, text.encode(encoding), expected, answers or {}, must_ask, answerable, must_tell)
