"""Random exports: movements, sign conventions, balances, dates and figures drawn together.

Lives here: one hypothesis strategy that makes an export with its truth. Whatever is drawn, a draft may tell
the truth or ask; the property is that it never tells anything else.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from dsr_pipeline_tests.bank.draft.exports import D, Export, Move, num, table

OUT_WORDS = ("NORTHWIND GROCERS", "BLUE HERON COFFEE", "HARBOR FUEL", "CITY WATER", "MONTHLY FEE")
IN_WORDS = ("ACME PAYROLL", "REFUND ACME", "AUTOPAY PAYMENT", "NORTHWIND REFUND", "Interest paid")
WORDS = (
    "PAT SAMPLE", "ONLINE TRANSFER", "Alpha 12", "Überweisung 12", "TOTAL STATION", "SALDO", "VIR SEPA",
    "Interest", "XJ-9", "Opening Ltd",
    "CREDIT UNION", "DEBIT NOTE", "K", "2026", "Check 101", "1.234",
)  # fmt: skip
DATES = (
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%Y%m%d",
    "%d %b %Y",
    "%m/%d/%y",
    "%y-%m-%d",
    "%d-%m-%Y",
)
STYLES = ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", "'"), (",", "\u00a0"))
FLAGS = (
    ("Debit", "Credit"),
    ("D", "C"),
    ("S", "H"),
    ("Af", "Bij"),
    ("-", "+"),
    ("DR", "CR"),
    ("Belastung", "Gutschrift"),
)
PAIRS = (
    ("Debit", "Credit"),
    ("Withdrawals", "Deposits"),
    ("Soll", "Haben"),
    ("Paid out", "Paid in"),
    ("Uscite", "Entrate"),
)


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """One export with its truth."""
    made = draw(movements())
    owed = draw(st.booleans()) and draw(st.booleans())
    form = draw(st.sampled_from(DATES))
    decimal, thousands = draw(st.sampled_from(STYLES))
    places = draw(st.sampled_from((2, 2, 2, 0, 3)))
    convention = draw(
        st.sampled_from(
            (
                "signed",
                "signed",
                "negated",
                "pair",
                "pair_minus",
                "pair_credit_minus",
                "flag",
                "unsigned",
                "kinds",
            )
        )
    )
    with_balance, with_post, headed = draw(st.booleans()), draw(st.booleans()), draw(st.integers(0, 5)) > 0
    newest, delimiter = draw(st.booleans()), draw(st.sampled_from((",", ";", "\t", "|")))
    opening = D(draw(st.integers(-50_000, 900_000))) / 100
    pending = draw(st.sampled_from((0, 0, 0, 1, 2))) if len(made) > 3 else 0
    status = draw(st.sampled_from(("word", "date", "none"))) if pending else "none"
    second = draw(st.sampled_from(("Posting Date", "Value Date", "Due Date"))) if with_post else ""
    if status == "none" and not with_balance and second not in ("Posting Date", "Value Date"):
        pending = 0  # nothing in the file would tell
    made = _balanced([replace(t, a=_placed(t.a, places)) for t in made], opening, pending)

    def figure(value: Decimal | None) -> str:
        return num(value, decimal, thousands, places=places)

    names, cells = ["Date"], [lambda t: "Pending" if t.pending and status == "date" else f"{t.d:{form}}"]
    if with_post:
        names.append(second)
        cells.append(lambda t: "" if t.pending else f"{t.p:{form}}")
    names.append("Description")
    cells.append(lambda t: t.text)
    flag, pair = draw(st.sampled_from(FLAGS)), draw(st.sampled_from(PAIRS))
    for name, cell in _amount_columns(convention, figure, flag, pair):
        names.append(name)
        cells.append(cell)
    sign = -1 if owed else 1
    if with_balance:
        names.append("Balance")
        cells.append(lambda t: figure(None if t.b is None else sign * t.b))
    if draw(st.booleans()):
        names.append("Currency")
        cells.append(lambda _t: "EUR")
    if status == "word":
        names.append("Status")
        cells.append(lambda t: "Pending" if t.pending else "Booked")
    order = draw(st.permutations(range(len(names)))) if draw(st.booleans()) else list(range(len(names)))
    rows = list(reversed(made)) if newest else made
    records = [[names[i] for i in order]] if headed else []
    records += [[cells[i](t) for i in order] for t in rows]
    text = table(records, delimiter, quote=draw(st.sampled_from(("some", "all"))))
    return Export("random", "export.csv", text.encode(), [_want(t, names, sign, status) for t in made])


@st.composite
def movements(draw: st.DrawFn) -> list[Move]:
    """Some movements, oldest first; most of them are money out, as on every account that is lived from."""
    count = draw(st.integers(1, 24))
    outs = draw(st.integers(60, 95))
    step = draw(st.sampled_from((0, 0, 1, 1, 2, 5)))
    day = date(2026, draw(st.integers(1, 12)), draw(st.integers(1, 28)))
    made: list[Move] = []
    for i in range(count):
        out = draw(st.integers(0, 99)) < outs
        amount = (
            D(draw(st.one_of(st.integers(1, 500_000), st.sampled_from((500, 1000, 1_234_00, 100_000))))) / 100
        )
        day += timedelta(days=draw(st.integers(0, step)))
        text = draw(st.sampled_from((OUT_WORDS if out else IN_WORDS) + WORDS))
        made.append(
            Move(
                i,
                day,
                day + timedelta(days=draw(st.integers(0, 3))),
                -amount if out else amount,
                D(0),
                text,
                "",
                "x",
            )
        )
    return made


def _amount_columns(
    convention: str, figure: Any, flag: tuple[str, str], pair: tuple[str, str]
) -> list[tuple[str, Any]]:
    if convention == "signed":
        return [("Amount", lambda t: figure(t.a))]
    if convention == "negated":
        return [("Amount", lambda t: figure(-t.a))]
    if convention == "unsigned":
        return [("Amount", lambda t: figure(abs(t.a)))]
    if convention == "flag":
        return [("Type", lambda t: flag[0] if t.a < 0 else flag[1]), ("Amount", lambda t: figure(abs(t.a)))]
    if convention == "kinds":
        return [
            ("Type", lambda t: "Purchase" if t.a < 0 else "Payment" if t.i % 2 else "Refund"),
            ("Amount", lambda t: figure(-t.a)),
        ]
    out_sign = -1 if convention == "pair_minus" else 1
    in_sign = -1 if convention == "pair_credit_minus" else 1
    return [
        (pair[0], lambda t: figure(out_sign * -t.a) if t.a < 0 else ""),
        (pair[1], lambda t: figure(in_sign * t.a) if t.a >= 0 else ""),
    ]


def _placed(value: Decimal, places: int) -> Decimal:
    if places == 2:
        return value
    if places == 0:
        return value.to_integral_value() or D(1 if value > 0 else -1)
    return value + D("0.001") * (1 if value > 0 else -1)


def _balanced(made: list[Move], opening: Decimal, pending: int) -> list[Move]:
    balance = opening.to_integral_value() if all(t.a == t.a.to_integral_value() for t in made) else opening
    out = []
    for i, t in enumerate(made):
        waiting = i >= len(made) - pending
        balance = balance if waiting else balance + t.a
        out.append(replace(t, b=None if waiting else balance, pending=waiting))
    return out


def _want(t: Move, names: list[str], sign: int, status: str) -> dict[str, Any]:
    posts = "Posting Date" in names and not t.pending
    return {
        "date": None if t.pending and status == "date" else t.d,
        "post_date": t.p if posts else None,
        "amount": t.a,
        "currency": "EUR" if "Currency" in names else None,
        "balance": None if "Balance" not in names or t.b is None else sign * t.b,
        "account": None,
        "pending": t.pending,
        "source_id": None,
        "words": t.text,
    }
