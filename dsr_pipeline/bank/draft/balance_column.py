"""The balance column: which one it is, and what it lets the rule verify.

Lives here: judging columns named like balances against the movements that were told. A column that is named
a balance but does not follow the movements is asked, not mapped. Called by `bank.draft.amount_inference`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dsr_pipeline.bank.draft.amount_basis import Figures, numeric
from dsr_pipeline.bank.draft.amount_plan import AmountPlan
from dsr_pipeline.bank.draft.balance_chain import Chain, Order
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.direction import Direction, chain_told
from dsr_pipeline.bank.draft.ledger import Ledger, Values
from dsr_pipeline.bank.draft.model import Questions
from dsr_pipeline.bank.draft.statements import Statement
from dsr_pipeline.bank.numbers import NumberParser
from dsr_pipeline.bank.rules import NumberStyle

_HALF = 0.5  # of the links: rows are missing from the export, but the column follows the movements


def tell_balance(
    plan: AmountPlan,
    direction: Direction,
    ledger: Ledger,
    statements: Sequence[Statement],
    questions: Questions,
) -> None:
    """Set balance, its style and `verify` in the plan; ask where a balance column does not follow."""
    proof = direction.proof
    if proof is not None:
        _take(plan, ledger, proof.balance, proof.style, proof.chain, chain_told(proof))
    else:
        _by_name(plan, ledger, questions)
    _stated(plan, direction, ledger, statements)
    if plan.verify == "none":
        plan.evidence.setdefault("verify", "the file states no balance that its rows could be held against")


def _take(
    plan: AmountPlan, ledger: Ledger, column: KnownColumn, style: NumberStyle, chain: Chain | None, why: str
) -> None:
    plan.balance, plan.balance_style, plan.chain = column, style, chain
    parse = NumberParser.of(style).parse
    balances = [parse(cell) if cell else None for cell in column.column.cells]
    found = ledger.chain_in(plan.values, balances, ledger.orders)
    plan.grouping = found[1] if found is not None else ""
    gaps = any(not column.column.cells[place] for place in ledger.booked)
    daily = gaps or (chain is not None and chain.daily_balance)
    plan.verify = "end_of_day" if daily else "running"
    plan.evidence["balance"] = why
    plan.evidence["verify"] = (
        "not every row carries its own balance" if daily else "every booked row carries a balance"
    )


def _by_name(plan: AmountPlan, ledger: Ledger, questions: Questions) -> None:
    named = [column for column in numeric(ledger.columns, "balance") if column not in plan.columns]
    judged = [entry for column in named if (entry := _judged(column, plan.values, ledger)) is not None]
    if not judged:
        for column in named[:1]:
            _ask(column, questions, "its figures can be read in more than one way")
        return
    judged.sort(key=lambda entry: -_share(entry[2]))
    column, style, chain = judged[0]
    if chain is None or chain.links == 0:
        _take(
            plan, ledger, column, style, chain, f"the name {column.label} says so; too few rows to prove it"
        )
        return
    told = f"{chain.good} of {chain.links} balances follow the amounts"
    if _share(chain) >= _HALF and chain.good >= 2:
        missing = "" if chain.good == chain.links else "; rows are missing or stand in another order"
        _take(plan, ledger, column, style, chain, f"the name {column.label} says so; {told}{missing}")
        return
    if _opposite_holds(column, style, plan.values, ledger):
        # The sign is a question already; whichever it is, the column is the balance.
        _take(
            plan,
            ledger,
            column,
            style,
            None,
            f"the name {column.label} says so; it follows with the other sign",
        )
        return
    _take(plan, ledger, column, style, chain, f"open: {told}")
    plan.verify = "none"
    plan.evidence["verify"] = "open: see columns.balance"
    values = {value for value in Figures.of(column).options[0][1] if value is not None}
    why = f"all rows show the same figure, {next(iter(values))}" if len(values) == 1 else told
    _ask(column, questions, why)


def _ask(column: KnownColumn, questions: Questions, why: str) -> None:
    questions.ask(
        "columns.balance",
        f"Is {column.label} the balance after each row (keep it, with verify.balance running), the "
        "balance at the end of each day (end_of_day), or something else (remove it)?",
        ["running", "end_of_day", "remove"],
        why,
    )


def _judged(
    column: KnownColumn, values: Values, ledger: Ledger
) -> tuple[KnownColumn, NumberStyle, Chain | None] | None:
    options = Figures.of(column).options
    if len(options) != 1:
        return None
    style, balances = options[0]
    orders: tuple[Order, ...] = ledger.orders
    return column, style, ledger.chain(values, balances, orders)


def _opposite_holds(column: KnownColumn, style: NumberStyle, values: Values, ledger: Ledger) -> bool:
    parse = NumberParser.of(style).parse
    balances = [parse(cell) if cell else None for cell in column.column.cells]
    turned: list[Decimal | None] = [None if value is None else -value for value in values]
    chain = ledger.chain(turned, balances)
    return chain is not None and chain.links > 0 and _share(chain) >= _HALF


def _share(chain: Chain | None) -> float:
    return chain.good / chain.links if chain is not None and chain.links else 0.0


def _stated(plan: AmountPlan, direction: Direction, ledger: Ledger, statements: Sequence[Statement]) -> None:
    """Opening and closing that the file states, where they agree with the rows."""
    if direction.opening is not None and direction.closing is not None:
        plan.opening, plan.closing = direction.opening, direction.closing
        if plan.verify == "none":
            plan.verify = "opening_closing"
            plan.evidence["verify"] = direction.evidence
        return
    if plan.balance is None or plan.balance_style is None or plan.chain is None or not plan.chain.whole:
        return
    ends = _ends(plan, ledger)
    if ends is None:
        return
    parser = NumberParser.of(plan.balance_style)
    for statement in statements:
        value = statement.value(parser)
        if statement.what == "opening" and value == ends[0]:
            plan.opening = statement
        elif statement.what == "closing" and value == ends[1]:
            plan.closing = statement


def _ends(plan: AmountPlan, ledger: Ledger) -> tuple[Decimal, Decimal] | None:
    """The balance before the first and after the last booked row, in the order of time."""
    if plan.balance is None or plan.balance_style is None or plan.chain is None or plan.chain.by_day:
        return None
    if any(len(set(groups)) > 1 for _, groups in ledger.groupings[:1]):
        return None
    parse = NumberParser.of(plan.balance_style).parse
    places = ledger.booked if plan.chain.order == "oldest_first" else ledger.booked[::-1]
    first, last = parse(plan.balance.column.cells[places[0]]), parse(plan.balance.column.cells[places[-1]])
    moved = plan.values[places[0]]
    return None if first is None or last is None or moved is None else (first - moved, last)
