"""Rows of the table that are sums of the others, though they have a date and an amount.

Lives here: telling a total row by its figure. The word alone is no proof (a petrol company is called Total),
and a figure alone is only a suspicion: it is asked.
"""

from __future__ import annotations

from decimal import Decimal

from dsr_pipeline.bank.draft.amount_plan import AmountPlan
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.model import Questions
from dsr_pipeline.bank.draft.row_states import Exclusion, beginning, total_suspects
from dsr_pipeline.bank.draft.vocabulary import plain
from dsr_pipeline.bank.numbers import NumberParser

_LEAST_ADDENDS = 3
_BARE = frozenset(
    "total totals sum summe gesamt gesamtsumme totaal totale totalt suma summa yhteensa celkem osszesen "
    "toplam turnover 合計".split()
)


def settle_totals(ledger: Ledger, plan: AmountPlan, questions: Questions) -> bool:
    """Mark rows that are totals in the states of the ledger.

    True when there are any: the amounts must then be told anew, without them.
    """
    found: list[tuple[int, KnownColumn]] = []
    for place, column in total_suspects(ledger.columns, ledger.states):
        if _is_sum(place, ledger, plan, {p for p, _ in found}):
            found.append((place, column))
        elif plain(column.column.cells[place]) in _BARE:
            questions.ask(
                "rows.exclude",
                f"Is the row '{column.column.cells[place]}' a total, to be left out, or a movement?",
                ["exclude", "movement"],
                f"line {ledger.sheet.rows[place].line_no}; its figure is no sum of the other rows",
            )
    for place, column in found:
        cell = column.column.cells[place]
        ledger.states.states[place] = "total"
        entry = Exclusion(
            column,
            f"^{beginning(cell)}",
            "total",
            f"line {ledger.sheet.rows[place].line_no} is the sum of others",
        )
        if not any(other.pattern == entry.pattern for other in ledger.states.exclusions):
            ledger.states.exclusions.append(entry)
    if not found and not (plan.chain is not None and plan.chain.whole):
        _ask_for_sums(ledger, plan, questions)
    return bool(found)


def settle_balances(ledger: Ledger, plan: AmountPlan, questions: Questions) -> None:
    """Ask for rows that read like a stated balance but hold an amount, unless the figures prove it."""
    stated = [place for place in ledger.states.places("balance") if plan.values[place]]
    if not stated or _balances_agree(stated, ledger, plan):
        return
    first = ledger.sheet.rows[stated[0]]
    questions.ask(
        "rows.exclude",
        "These rows read like a stated balance and hold an amount. Are they balances, to be left out, or "
        "movements?",
        ["exclude", "movement"],
        f"{len(stated)} rows, first line {first.line_no}: {first.text.strip()[:100]}",
    )


def _balances_agree(stated: list[int], ledger: Ledger, plan: AmountPlan) -> bool:
    """The first one and the booked rows make the last one, or the chain of balances holds without them."""
    if plan.chain is not None and plan.chain.whole and not plan.chain.by_day:
        # Nothing links the oldest row to a balance before it: what it moved, the chain does not say.
        places = ledger.states.places("posted", "balance")
        oldest = places[0] if plan.chain.order == "oldest_first" else places[-1]
        cells = plan.balance.column.cells if plan.balance is not None else ()
        if oldest not in stated and cells and all(cells[place] for place in stated):
            return True
    total = sum((v for place in ledger.booked if (v := plan.values[place])), Decimal(0))
    ends = sorted((stated[0], stated[-1]))
    before, after = plan.values[ends[0]] or Decimal(0), plan.values[ends[1]] or Decimal(0)
    # Two balances with nothing between them agree with anything.
    return total != 0 and (before + total == after or after + total == before)


def _is_sum(place: int, ledger: Ledger, plan: AmountPlan, others: set[int]) -> bool:
    value = plan.values[place]
    if value is None and plan.mode == "debit_credit":
        return _sums_both(place, ledger, plan, others)
    rest = [v for p in ledger.booked if p != place and p not in others and (v := plan.values[p])]
    if not value or len(rest) < 2:
        return False
    ins = [v for v in rest if v > 0]
    outs = [v for v in rest if v < 0]
    return any(len(part) > 1 and abs(value) == abs(sum(part, Decimal(0))) for part in (rest, ins, outs))


def _sums_both(place: int, ledger: Ledger, plan: AmountPlan, others: set[int]) -> bool:
    """Debit and credit cell of one row hold the sums of their columns."""
    parse = NumberParser.of(plan.style).parse
    rest = [v for p in ledger.booked if p != place and p not in others and (v := plan.values[p])]
    sums = (sum((-v for v in rest if v < 0), Decimal(0)), sum((v for v in rest if v > 0), Decimal(0)))
    cells = [
        abs(parse(column.column.cells[place]) or Decimal(0)) if column is not None else Decimal(0)
        for column in (plan.debit, plan.credit)
    ]
    return len(rest) > 1 and tuple(cells) == sums


def _ask_for_sums(ledger: Ledger, plan: AmountPlan, questions: Questions) -> None:
    """The first or the last row is the sum of the others, and no word says so."""
    booked = ledger.booked
    for place in {booked[0], booked[-1]} if len(booked) > _LEAST_ADDENDS else set[int]():
        if _is_sum(place, ledger, plan, set()):
            questions.ask(
                "rows.exclude",
                "Is this row the total of the others, to be left out, or a movement?",
                ["exclude", "movement"],
                f"line {ledger.sheet.rows[place].line_no}: its figure is the sum of other rows",
            )
