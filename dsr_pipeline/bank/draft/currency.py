"""The currency of the amounts: a column of codes, a sign beside the figures, a code in a name or a line.

Lives here: what counts as the file saying its currency. A sign that several currencies share, or nothing at
all, is asked. Called by `bank.draft.drafting`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dsr_pipeline.bank.draft.amount_plan import AmountPlan
from dsr_pipeline.bank.draft.column_kinds import KnownColumn, with_role
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.model import Questions, Sheet
from dsr_pipeline.bank.draft.shapes import CURRENCY_CODES, currency_of, figure
from dsr_pipeline.bank.draft.vocabulary import currency_in_name, plain

_LABELLED = re.compile(
    "(?:currency|w[aä]e?hrung|devise|divisa|moneda|moeda|valuta|waluta|m[eě]na|deviza|para "
    r"birimi|valuutta)\b[^A-Za-z]{1,8}([A-Z]{3})\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{3}(?![A-Za-z0-9])")
_SIGN_BY_FIGURE = re.compile(r"\d\s?(€|£|zł|Kč|Ft|lei|₹|₺)|(€|£|₹|₺)\s?-?\d")
_IN_FILE_NAME = re.compile(
    "(?<![A-Za-z])(EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|JPY|AUD|CAD|NZD|SGD|HKD|INR|BRL"
    "|MXN|ZAR)(?![A-Za-z])"
)


@dataclass(frozen=True, slots=True)
class Currency:
    """A column of codes, or one code for all rows; neither where it is a question or stands per column."""

    column: KnownColumn | None
    code: str | None
    evidence: str


def infer_currency(
    sheet: Sheet, ledger: Ledger, plan: AmountPlan, footer: Sequence[str], questions: Questions
) -> Currency:
    """Tell the currency of the amounts, or ask."""
    if plan.by_currency:
        return Currency(None, None, "each amount column has its own currency")
    by_column = _column(ledger, plan, questions)
    if by_column is not None:
        return by_column
    says: dict[str, str] = {}
    for code, why in _said(sheet, plan, footer):
        says.setdefault(code, why)
    if len(says) == 1:
        code, why = next(iter(says.items()))
        return Currency(None, code, why)
    why = (
        "; ".join(f"{code}: {told}" for code, told in says.items())
        if says
        else _shared_sign(plan) or "no column, no sign, no name and no line of the file says it"
    )
    questions.ask(
        "columns.currency",
        "In which currency is the account? Write {const: XXX}, or null to leave it unknown.",
        sorted(says) or ["{const: XXX}", "null"],
        why,
    )
    return Currency(None, None, f"open: {why}")


def _column(ledger: Ledger, plan: AmountPlan, questions: Questions) -> Currency | None:
    coded = [column for column in ledger.columns if _all_codes(column)]
    named = [column for column in with_role(tuple(coded), "currency") if column.role == "currency"]
    if len(named) > 1:
        first = named[0]
        if all(column.column.cells == first.column.cells for column in named):
            return Currency(first, None, "the columns of currencies are equal")
        beside = [
            column for column in named if plan.column is not None and column.place == plan.column.place + 1
        ]
        questions.ask(
            "columns.currency",
            "Which column is the currency of the amount?",
            [column.label for column in named],
            "several columns are named like a currency and differ",
        )
        return Currency((beside or named)[0], None, "open")
    if named:
        return _judged(named[0], ledger, plan, questions)
    unnamed = [column for column in coded if column.role is None]
    if len(unnamed) == 1 and len(set(unnamed[0].column.cells)) == 1:
        return Currency(unnamed[0], None, f"every cell of {unnamed[0].label} is {unnamed[0].column.cells[0]}")
    if unnamed:
        questions.ask(
            "columns.currency",
            "Is one of these columns the currency of the amount?",
            [column.label for column in unnamed],
            "columns of currency codes without a telling name",
        )
        return Currency(unnamed[0], None, "open")
    return None


def _judged(column: KnownColumn, ledger: Ledger, plan: AmountPlan, questions: Questions) -> Currency:
    codes = sorted({column.column.cells[place] for place in ledger.booked})
    told = f"every cell of {column.label} is a currency code ({', '.join(codes[:5])})"
    if len(codes) < 2:
        return Currency(column, None, told)
    mixed = plan.chain is not None and plan.chain.whole and "currency" not in plan.grouping
    if plan.chain is not None and plan.chain.whole and not mixed:
        return Currency(column, None, f"{told}; the balances chain per currency")
    questions.ask(
        "columns.currency",
        f"Is {column.label} the currency of the amount that moved on the account, or of the purchase abroad?",
        [column.label, "{const: XXX}"],
        "one balance runs through rows of several currencies"
        if mixed
        else "the rows name several currencies",
    )
    return Currency(column, None, f"open: {told}")


def _all_codes(column: KnownColumn) -> bool:
    cells = column.column.cells
    return column.kind == "text" and all(cell.upper() in CURRENCY_CODES and len(cell) == 3 for cell in cells)


def _said(sheet: Sheet, plan: AmountPlan, footer: Sequence[str]) -> list[tuple[str, str]]:
    """The codes that the file states with where it does, from the nearest place that states any."""
    around = [*sheet.preamble, *footer]
    labelled = [(code.upper(), line) for line in around for code in _LABELLED.findall(line)]
    places = (
        _by_figures_and_names(plan),
        [(code, _line(line)) for code, line in labelled if code in CURRENCY_CODES],
        [(code, _line(line)) for line in around for code in _beside_figures(line)],
        [(code, "the file name says it") for code in _IN_FILE_NAME.findall(sheet.file)],
    )
    return next((found for found in places if found), places[-1])


def _line(line: str) -> str:
    return f"the line '{line.strip()[:60]}' says it"


def _by_figures_and_names(plan: AmountPlan) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for column in (plan.column, plan.debit, plan.credit, plan.balance):
        if column is None:
            continue
        for token in sorted({t for cell in column.column.filled if (f := figure(cell)) for t in f.tokens}):
            if (code := currency_of(token)) is not None:
                found.append((code, f"figures in {column.label} carry '{token}'"))
        code, _ = currency_in_name(column.column.name)
        if code is not None:
            found.append((code, f"the name {column.label} says it"))
    return found


def _beside_figures(line: str) -> list[str]:
    """Codes that stand by themselves in a line, and signs behind or before a figure of a stated balance."""
    found = [code for code in _CODE.findall(line) if code in CURRENCY_CODES]
    if re.search(r"balance|saldo|kontostand|solde|zustatek|egyenleg|bal\b", plain(line)):
        signs = [a or b for a, b in _SIGN_BY_FIGURE.findall(line)]
        found += [code for sign in signs if (code := currency_of(sign)) is not None]
    return found


def _shared_sign(plan: AmountPlan) -> str | None:
    for column in (plan.column, plan.debit, plan.credit, plan.balance):
        if column is None:
            continue
        signs = sorted({t for cell in column.column.filled if (f := figure(cell)) for t in f.tokens})
        if signs:
            return f"the sign {', '.join(signs)} in {column.label} stands for several currencies"
        if currency_in_name(column.column.name)[1]:
            return f"the sign in the name {column.label} stands for several currencies"
    return None
