"""Which rows of the table are booked movements: by a status column, by words that state a balance or a total.

Lives here: pending, not executed, opening and closing balances, totals, among the rows that have a date and
a figure; and the parts of the rule that say so. Lines without a date are `bank.draft.odd_lines`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dsr_pipeline.bank.draft.column_kinds import KnownColumn, with_role
from dsr_pipeline.bank.draft.model import Questions, Sheet, Told
from dsr_pipeline.bank.draft.vocabulary import plain, states_balance, states_total, status_kind

_WEAK = frozenset("ok done active paid approved final complete success".split())  # said of many things
_FEW = 8  # distinct words; a status column has no more


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One entry of `rows.exclude` with its evidence."""

    column: KnownColumn
    pattern: str
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class PendingRule:
    """The entry of `rows.pending`; `word_for_date` when the date cell holds the word."""

    column: KnownColumn
    pattern: str
    word_for_date: bool = False


@dataclass(slots=True)
class RowStates:
    """Per row of the sheet: posted, pending, not_executed, balance or total; and what the rule says of it."""

    states: list[str]
    exclusions: list[Exclusion] = field(default_factory=list[Exclusion])
    pending: Told[PendingRule | None] = field(
        default_factory=lambda: Told(None, "no column tells booked rows from others")
    )
    status: KnownColumn | None = None

    def places(self, *wanted: str) -> list[int]:
        """The places of the rows in one of these states."""
        return [place for place, state in enumerate(self.states) if state in wanted]


def exact(words: Sequence[str]) -> str:
    """A pattern that fits exactly these words."""
    inner = "|".join(re.escape(word).replace("\\ ", " ") for word in words)
    return f"^(?:{inner})$"


def infer_states(sheet: Sheet, columns: Sequence[KnownColumn], questions: Questions) -> RowStates:
    """Tell the state of every row; a status word that is not known is asked."""
    found = RowStates(["posted"] * len(sheet.rows))
    _by_status(found, columns, questions)
    _by_balance_words(found, columns)
    return found


def _by_status(found: RowStates, columns: Sequence[KnownColumn], questions: Questions) -> None:
    column = _status_column(columns)
    if column is None:
        return
    found.status = column
    counts = Counter(column.column.cells)
    kinds = {word: status_kind(word) if word else None for word in counts}
    unknown = [word for word, kind in kinds.items() if kind is None]
    if unknown:
        shown = ", ".join(f"'{word}' ({counts[word]} rows)" for word in unknown[:_FEW])
        questions.ask(
            "rows.pending",
            f"What do these cells of {column.label} mean: booked, not yet booked, or never executed? "
            "Booked needs no entry, the second is rows.pending, the third an entry of rows.exclude.",
            ["posted", "pending", "not_executed"],
            shown,
        )
    for place, cell in enumerate(column.column.cells):
        found.states[place] = kinds[cell] or "posted"
    told = ", ".join(f"'{word}' {counts[word]} rows" for word in counts)
    not_done = sorted(word for word, kind in kinds.items() if kind == "not_executed")
    if not_done:
        found.exclusions.append(Exclusion(column, exact(not_done), "not_executed", told))
    posted = sorted(word for word, kind in kinds.items() if kind == "posted")
    if posted:
        # A word that this file does not show is not believed to be booked.
        found.pending = Told(
            PendingRule(column, f"^(?!{exact(posted)[1:-1]}$)"),
            f"{told}; any word but {', '.join(posted)} counts as not yet booked",
        )
    elif waiting := sorted(word for word, kind in kinds.items() if kind == "pending"):
        found.pending = Told(PendingRule(column, exact(waiting)), told)


def _status_column(columns: Sequence[KnownColumn]) -> KnownColumn | None:
    named = [column for column in with_role(tuple(columns), "status") if column.kind == "text"]
    named = [column for column in named if len(set(column.column.filled)) <= _FEW]
    if named:
        return named[0]
    for column in columns:
        words = set(column.column.cells)
        # A column without a telling name counts only where every cell is a status word, and not just "ok".
        if (
            column.kind == "text"
            and column.role in (None, "type", "detail", "description")
            and len(words) <= _FEW
        ):
            kinds = {status_kind(word) for word in words if word}
            if "" in words or not kinds or None in kinds:
                continue
            if kinds != {"posted"} or (column.role is None and not {plain(word) for word in words} & _WEAK):
                return column
    return None


def _by_balance_words(found: RowStates, columns: Sequence[KnownColumn]) -> None:
    """Rows whose text begins like a stated balance, or which state a total at either end of the table."""
    for column in columns:
        if column.kind != "text" or column.role in (
            "status",
            "account",
            "account_name",
            "category",
            "institution",
        ):
            continue
        cells = column.column.cells
        stated = [
            place
            for place, cell in enumerate(cells)
            if found.states[place] == "posted" and states_balance(cell)
        ]
        if stated and len(stated) <= max(4, len(cells) // 4):
            words = sorted({_beginning(cells[place]) for place in stated})
            for place in stated:
                found.states[place] = "balance"
            shown = ", ".join(repr(cells[place]) for place in stated[:4])
            found.exclusions.append(
                Exclusion(column, f"^(?:{'|'.join(words)})", "stated_balance", f"{len(stated)} rows: {shown}")
            )


def total_suspects(columns: Sequence[KnownColumn], states: RowStates) -> list[tuple[int, KnownColumn]]:
    """Booked rows whose text begins like a total; whether they are one, their figures must tell."""
    found: dict[int, KnownColumn] = {}
    for column in columns:
        if column.kind == "text" and column.role not in (
            "status",
            "account",
            "account_name",
            "category",
            "payee",
        ):
            for place, cell in enumerate(column.column.cells):
                if states.states[place] == "posted" and states_total(cell):
                    found.setdefault(place, column)
    return sorted(found.items())


def _beginning(cell: str) -> str:
    """The cell up to its first digit, as a pattern: `Balance as of 01/05` → `Balance as of `."""
    head = re.match(r"[^\d]*", cell)
    text = (head.group() if head else cell).rstrip() or cell
    return re.escape(text).replace("\\ ", " ")


def beginning(cell: str) -> str:
    """See `_beginning`: used for lines outside of the table as well."""
    return _beginning(cell)


def is_status_word(cell: str) -> bool:
    """Whether a cell says that a row is not yet booked."""
    return bool(plain(cell)) and status_kind(cell) == "pending"
