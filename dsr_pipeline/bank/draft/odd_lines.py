"""Lines of the table that are no booked rows: pending words, continuations, balances, totals, the footer.

Lives here: explaining every record that lacks a date or a figure. What no word and no figure explains is
asked, because it may be a movement. Called by `bank.draft.drafting` once the columns are told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from dsr_pipeline.bank.draft.amount_plan import AmountPlan
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.date_columns import Dated
from dsr_pipeline.bank.draft.model import Line, Questions, Sheet, Told
from dsr_pipeline.bank.draft.row_states import Exclusion, PendingRule, RowStates, beginning, exact
from dsr_pipeline.bank.draft.shapes import figure, is_date
from dsr_pipeline.bank.draft.vocabulary import states_balance, states_total, status_kind
from dsr_pipeline.bank.numbers import NumberParser


@dataclass(slots=True)
class OddLines:
    """What the rule says of the odd lines."""

    stop_at: list[str] = field(default_factory=list[str])
    footer_evidence: str = "no line follows the rows"
    exclusions: list[Exclusion] = field(default_factory=list[Exclusion])
    continuation: Told[tuple[KnownColumn, ...]] | None = None
    pending: Told[PendingRule | None] | None = None
    unexplained: list[Line] = field(default_factory=list[Line])


def footer_lines(sheet: Sheet) -> list[str]:
    """The lines after the last row, as they stand; blank ones left out."""
    last = max(row.line_no for row in sheet.rows)
    after = [line.text for line in sheet.odd if line.line_no > last]
    after += [record.text for record in sheet.misshapen if record.line_no > last]
    return [text for text in after if text.strip()]


def explain(
    sheet: Sheet,
    plan: AmountPlan,
    dated: Dated,
    states: RowStates,
    description: Sequence[KnownColumn],
    questions: Questions,
) -> OddLines:
    """Explain every odd line; ask for those that nothing explains."""
    found = OddLines()
    view = _View(sheet, plan, dated, states, description)
    last = max(row.line_no for row in sheet.rows)
    inner = [line for line in sheet.odd if line.line_no < last]
    tail = [line for line in sheet.odd if line.line_no > last]
    waiting = [line for line in (*inner, *tail) if view.waits(line)]
    if waiting:
        _pending(found, waiting, view, questions)
    inner = [line for line in inner if line not in waiting]
    tail = [line for line in tail if line not in waiting]
    continued = [line for line in inner if view.continues(line)]
    if continued:
        continued += [line for line in tail if view.continues(line)]
        _continuation(found, continued, view)
    _inner(found, [line for line in inner if line not in continued], view, questions)
    _tail(found, [line for line in tail if line not in continued], view, questions)
    return found


class _View:
    """What the cells of an odd line say."""

    def __init__(
        self,
        sheet: Sheet,
        plan: AmountPlan,
        dated: Dated,
        states: RowStates,
        description: Sequence[KnownColumn],
    ) -> None:
        self.sheet = sheet
        self.plan = plan
        self.date = dated.date.value
        self.states = states
        self.description = list(description)
        self.starts = {row.line_no for row in sheet.rows}
        self._parse = NumberParser.of(plan.style).parse

    def amount(self, line: Line) -> Decimal | None:
        """The figure in the columns of the amount, its sign as written."""
        plan = self.plan
        for column in (plan.column, plan.debit, plan.credit, *plan.by_currency.values()):
            if column is not None and (text := line.fields[column.place].strip()):
                value = self._parse(text)
                if value is not None:
                    return value
        return None

    def moves(self, line: Line) -> bool:
        """Whether a column of the amount holds a figure, however it is written."""
        plan = self.plan
        columns = (plan.column, plan.debit, plan.credit, *plan.by_currency.values())
        return any(c is not None and figure(line.fields[c.place].strip()) is not None for c in columns)

    def waits(self, line: Line) -> bool:
        """A movement whose date is a word or missing: pending, or to be asked."""
        cell = line.fields[self.date.place].strip()
        if is_date(cell) or not self.moves(line):
            return False
        if cell:
            return status_kind(cell) == "pending" or not any(map(_states, line.fields))
        status = self.states.status
        return status is not None and status_kind(line.fields[status.place].strip()) == "pending"

    def continues(self, line: Line) -> bool:
        """Only the description is filled, right under a row or another continuation."""
        filled = {place for place, part in enumerate(line.fields) if part.strip()}
        places = {column.place for column in self.description}
        texts = [line.fields[place] for place in filled]
        above = line.line_no - 1 in self.starts or any(
            line.line_no - 1 == odd.line_no for odd in self.sheet.odd
        )
        return bool(filled) and filled <= places and above and not any(map(_states, texts))

    def total(self, line: Line) -> bool:
        """The figure is the sum of the booked rows, or of those in one direction."""
        value = self.amount(line)
        moved = [v for place in self.states.places("posted") if (v := self.plan.values[place])]
        sums = {
            abs(sum(moved, Decimal(0))),
            abs(sum((v for v in moved if v > 0), Decimal(0))),
            abs(sum((v for v in moved if v < 0), Decimal(0))),
        }
        return value is not None and abs(value) in sums


def _states(text: str) -> bool:
    return states_balance(text) or states_total(text)


def _pending(found: OddLines, waiting: list[Line], view: _View, questions: Questions) -> None:
    words = sorted({line.fields[view.date.place].strip() for line in waiting})
    named = [word for word in words if word]
    unknown = [word for word in named if status_kind(word) != "pending"]
    told = f"{len(waiting)} rows have {', '.join(map(repr, named)) or 'nothing'} instead of a date"
    if unknown:
        questions.ask(
            "rows.pending",
            f"Are the rows with these words in {view.date.label} movements that are not yet booked?",
            ["pending", "exclude"],
            told,
        )
    if named:
        found.pending = Told(PendingRule(view.date, exact(named), word_for_date=True), told)
        return
    earlier = view.states.pending.value
    if earlier is not None:
        found.pending = Told(PendingRule(earlier.column, earlier.pattern, word_for_date=True), told)


def _continuation(found: OddLines, continued: list[Line], view: _View) -> None:
    plan = view.plan
    empty = [view.date, *(c for c in (plan.column, plan.debit, plan.credit) if c is not None)]
    found.continuation = Told(
        tuple(empty), f"{len(continued)} lines fill only the description, e.g. line {continued[0].line_no}"
    )


def _inner(found: OddLines, lines: list[Line], view: _View, questions: Questions) -> None:
    unexplained: list[Line] = []
    for line in lines:
        place = next(
            (p for p, part in enumerate(line.fields) if part.strip() and _states(part.strip())), None
        )
        if place is None:
            unexplained.append(line)
            continue
        column = next(c for c in _columns(view) if c.place == place)
        pattern = f"^{beginning(line.fields[place].strip())}"
        if any(re.search(pattern, cell) for cell in column.column.cells):
            unexplained.append(line)
            continue
        if not any(entry.pattern == pattern for entry in found.exclusions):
            found.exclusions.append(
                Exclusion(column, pattern, "stated_balance", f"line {line.line_no}, without a movement")
            )
    if unexplained:
        found.unexplained += unexplained
        first = unexplained[0]
        questions.ask(
            "rows.exclude",
            "What are these lines inside the table: details of the row above (file.continuation), or "
            "nothing that moved (rows.exclude)?",
            ["file.continuation", "rows.exclude"],
            f"{len(unexplained)} lines, first line {first.line_no}: {first.text.strip()[:120]}",
        )


def _columns(view: _View) -> list[KnownColumn]:
    known = {column.place: column for column in (view.date, *view.description, *view.plan.columns)}
    return [known.get(column.place) or KnownColumn(column, "text", None) for column in view.sheet.columns]


def _tail(found: OddLines, lines: list[Line], view: _View, questions: Questions) -> None:
    after = footer_records(view.sheet, lines)
    if not after:
        return
    strange = [
        line
        for line in lines
        if view.moves(line) and not any(map(states_balance, line.fields)) and not view.total(line)
    ]
    text = after[0]
    pattern = f"^{_beginning_of_line(text)}"
    rows = [row.text for row in view.sheet.rows]
    if any(re.search(pattern, row) for row in rows):
        pattern = f"^{_generalised(text)}$"
    clash = any(re.search(pattern, row) for row in rows)
    found.stop_at = [pattern]
    found.footer_evidence = f"{len(after)} lines after the last row, the first: {text.strip()[:70]}"
    if strange or clash:
        first = strange[0] if strange else lines[0]
        questions.ask(
            "file.footer",
            "Are these lines at the end movements, or a footer?",
            ["footer", "movements"],
            f"line {first.line_no}: {first.text.strip()[:120]}",
        )


def footer_records(sheet: Sheet, lines: Sequence[Line]) -> list[str]:
    """The texts of the tail in file order: odd lines given and records of another width."""
    last = max(row.line_no for row in sheet.rows)
    texts = [(line.line_no, line.text) for line in lines]
    texts += [(record.line_no, record.text) for record in sheet.misshapen if record.line_no > last]
    return [text for _, text in sorted(texts) if text.strip()]


def _beginning_of_line(text: str) -> str:
    """The first words of a line as a pattern, up to its first digit or delimiter after them."""
    head = re.match(r"[\"'\s;,|\t]*[^\d;,|\t\"]*", text)
    start = head.group() if head is not None and head.group().strip("\"' ;,|\t") else text
    return _generalised(start)


def _generalised(text: str) -> str:
    escaped = re.escape(re.sub(r"\d+", "\x00", text)).replace("\\ ", " ")
    return escaped.replace("\x00", r"\d+")
