"""The block `amount` of a draft, and the balance with it: columns, direction, writing, fees.

Lives here: putting together what `amount_basis`, `sign_inference` and `balance_column` tell, and asking what
they leave open. The result is an `AmountPlan`. Called by `bank.draft.drafting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dsr_pipeline.bank.draft.amount_basis import Basis, Figures, find_basis, numeric
from dsr_pipeline.bank.draft.amount_plan import AmountPlan, Mode, Part
from dsr_pipeline.bank.draft.balance_column import tell_balance
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.direction import Direction, open_sign_text
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.model import DraftError, Questions
from dsr_pipeline.bank.draft.number_inference import merged, values_of
from dsr_pipeline.bank.draft.sign_inference import tell_direction
from dsr_pipeline.bank.draft.statements import Statement
from dsr_pipeline.bank.rules import NumberStyle


def infer_amount(ledger: Ledger, statements: Sequence[Statement], questions: Questions) -> AmountPlan:
    """Tell the reading of amounts; raises `DraftError` where no column could be one."""
    basis = find_basis(ledger.columns, questions)
    direction = tell_direction(basis, ledger, statements) if basis is not None else None
    if basis is None or direction is None:
        raise DraftError(
            ledger.sheet.file,
            "has rows with dates, but no column of amounts that can be read (figures with letters such "
            "as CR beside them need to be split first)",
        )
    if not direction.proven:
        questions.ask(
            direction.open_key, direction.open_question, direction.open_choices, open_sign_text(direction)
        )
    plan = _planned(basis, direction)
    _ask_for_rivals(basis, direction, questions)
    _fees(plan, direction, ledger, questions)
    _unknown_figures(plan, direction, ledger, questions)
    tell_balance(plan, direction, ledger, statements, questions)
    _styles(plan, direction, ledger)
    return plan


def _planned(basis: Basis, direction: Direction) -> AmountPlan:
    series = direction.series
    mode: Mode = "signed"
    if series.debit is not None:
        mode = "debit_credit"
    elif series.meaning in ("negate", "flag"):
        mode = "negate" if series.meaning == "negate" else "flag"
    elif series.meaning == "flag_turned":
        mode = "flag"
    plan = AmountPlan(mode, list(series.values), series.style, series.column, series.debit, series.credit)
    plan.sign = "as_written" if series.meaning == "as_written" else "absolute"
    plan.flag = series.flag
    plan.by_currency = dict(basis.by_currency)
    plan.evidence["mode"] = direction.evidence
    plan.evidence["column"] = basis.evidence
    if direction.proof is not None and not basis.named:
        plan.evidence["column"] += "; the balances prove it"
    return plan


def _ask_for_rivals(basis: Basis, direction: Direction, questions: Questions) -> None:
    proven = direction.proof is not None or direction.opening is not None
    if not basis.rivals or proven or basis.kind == "debit_credit":
        return
    labels = [column.label for column in (basis.column, *basis.rivals) if column is not None]
    questions.ask(
        "amount.column",
        "Which column is the amount that moved on the account?",
        labels,
        "their figures differ, and no balance shows which of them counts",
    )


def _fees(plan: AmountPlan, direction: Direction, ledger: Ledger, questions: Questions) -> None:
    series = direction.series
    if series.fee is not None:
        plan.fee = series.fee
        plan.fee_subtract = series.fee_sign < 0
        plan.evidence["fee"] = "the balances chain only with the fee " + (
            "taken off" if series.fee_sign < 0 else "added"
        )
        return
    for column in numeric(ledger.columns, "fee"):
        if column in plan.columns:
            continue
        values = [value for _, option in Figures.of(column).options for value in option if value]
        moved = any(values)
        if moved and direction.proof is not None and _charged_when_booked(column, ledger):
            continue  # the balances chain without it: the amount is what moved
        if plan.column is not None and plan.column.role == "net":
            continue
        why = (
            "some fees are not zero, and no balance shows whether the amount includes them"
            if moved
            else "every fee in this file is zero, so that nothing shows whether the amount includes it"
        )
        questions.ask(
            "amount.fee",
            f"Is the fee in {column.label} part of the amount already (leave amount.fee out), or does it "
            f"come on top (fee: {{column: {column.column.name}, subtract: true}})?",
            ["included", "subtract", "add"],
            why,
        )


def _unknown_figures(plan: AmountPlan, direction: Direction, ledger: Ledger, questions: Questions) -> None:
    """A column of money under a name that says nothing may be a fee, unless the balances chain without it."""
    if direction.proof is not None or direction.opening is not None:
        return
    for column in numeric(ledger.columns, None):
        figures = Figures.of(column)
        if column in plan.columns or not column.column.name or not figures.money_like:
            continue
        if any(value for _, values in figures.options for value in values) and not _repeats(column, plan):
            questions.ask(
                "amount.fee",
                f"What is {column.label}? If it is a fee on top of the amount, set amount.fee; else leave "
                "it as it is, and it stays in the extras.",
                ["no part of the movement", "a fee"],
                f"figures such as '{column.column.filled[0]}' under a name that says nothing",
            )


def _repeats(column: KnownColumn, plan: AmountPlan) -> bool:
    """The figures of the amount once more, whatever their sign."""
    amounts = [None if value is None else abs(value) for value in plan.values]
    return any(
        all(abs(value or 0) == (amount or 0) for value, amount in zip(values, amounts, strict=True))
        for _, values in Figures.of(column).options
    )


def _charged_when_booked(column: KnownColumn, ledger: Ledger) -> bool:
    return any(values[place] for _, values in Figures.of(column).options for place in ledger.booked)


def _styles(plan: AmountPlan, direction: Direction, ledger: Ledger) -> None:
    """One style for all parts where it reads them the same, else an override for the part that differs."""
    series = direction.series
    base = series.debit_style or series.style
    parts: list[tuple[Part, KnownColumn | None, NumberStyle | None]] = [
        ("credit", series.credit, series.credit_style),
        ("balance", plan.balance, plan.balance_style),
        ("fee", plan.fee, series.fee_style),
    ]
    if series.debit is not None and series.debit.kind == "empty" and series.credit_style is not None:
        base = series.credit_style
    main = [column for column in (plan.column, plan.debit, *plan.by_currency.values()) if column is not None]
    for part, column, style in parts:
        if column is None or style is None:
            continue
        both = merged(base, style)
        if (
            both is not None
            and _reads_same(both, style, column)
            and all(_reads_same(both, base, c) for c in main)
        ):
            base = both
        else:
            plan.overrides[part] = style
    plan.style = base
    shown = [
        column
        for column in [*main, plan.credit, plan.balance]
        if column is not None and column.kind == "number"
    ]
    plan.evidence["decimal"] = Figures.of(shown[0]).written.evidence if shown else "no figure"
    plan.evidence["thousands"] = _thousands_evidence(base, shown, ledger)


def _reads_same(one: NumberStyle, other: NumberStyle, column: KnownColumn) -> bool:
    cells = column.column.cells
    return values_of(one, cells) == values_of(other, cells)


def _thousands_evidence(style: NumberStyle, shown: Sequence[KnownColumn], ledger: Ledger) -> str:
    del ledger
    if style.thousands is not None:
        return "stands between groups of three digits"
    large = any(
        value is not None and abs(value) >= Decimal(1000)
        for column in shown
        for value in values_of(style, column.column.cells)
    )
    if large:
        return "figures of 1000 and more are written without a mark"
    return "no figure of 1000 or more was seen; one with a mark would be refused until the mark is set here"


def whole_figures(plan: AmountPlan, ledger: Ledger) -> bool:
    """Whether no amount and no balance has a fraction, in a file long enough to expect one."""
    shown = [*numeric(ledger.columns, "amount", "debit", "credit", "balance")]
    cells = [cell for column in shown for cell in column.column.filled]
    fractions = any(value is not None and value % 1 != 0 for value in plan.values)
    marks = any("." in cell or "," in cell for cell in cells)
    return not fractions and not marks and len(ledger.booked) >= 4
