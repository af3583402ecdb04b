"""Description, payee, category, check number and the bank's own id, from names and cells.

Lives here: the text fields of a transaction. Where several columns may be the description they are joined,
because nothing is lost so; an id is mapped only where its name says that it is one and no cell repeats.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dsr_pipeline.bank.draft.column_kinds import KnownColumn, with_role
from dsr_pipeline.bank.draft.model import Questions, Told

_DISTINCT = 0.3  # of the rows: a column of kinds repeats itself more than descriptions do
_FEW = 3  # rows, below which a column that does not vary may yet describe them
_WORDY = 2.5  # words per cell: a kind of movement is named by one or two
_ID_LENGTH = 5  # characters, below which a unique number may as well count rows
_MACHINE = re.compile(r"[A-Za-z0-9_.:/+='-]+")


@dataclass(frozen=True, slots=True)
class Texts:
    """The text columns of the rule; a description of several columns is joined, or the first filled one."""

    description: Told[tuple[KnownColumn, ...]]
    fallback: bool  # take the first filled column instead of joining
    payee: Told[KnownColumn | None]
    category: Told[KnownColumn | None]
    check_no: Told[KnownColumn | None]
    source_id: Told[KnownColumn | None]
    id_wrapped: bool


def infer_texts(
    columns: Sequence[KnownColumn], taken: Sequence[KnownColumn], booked: Sequence[int], questions: Questions
) -> Texts:
    """Tell the text columns; `taken` are the columns that the rule reads for something else."""
    free = tuple(column for column in columns if column not in taken)
    payee = _payee(free)
    description, fallback = _description(free, payee.value, booked, list(columns[:1]))
    used = {*description.value, payee.value}
    rest = tuple(column for column in free if column not in used)
    source_id = _source_id(rest, booked, questions)
    wrapped = source_id.value is not None and all(
        cell.startswith("'") and cell.endswith("'") for cell in source_id.value.column.filled
    )
    return Texts(
        description,
        fallback,
        payee,
        _named(rest, "category"),
        _named(rest, "check_no"),
        source_id,
        wrapped,
    )


def _named(columns: tuple[KnownColumn, ...], role: str) -> Told[KnownColumn | None]:
    found = [column for column in with_role(columns, role) if column.kind != "empty"] or with_role(
        columns, role
    )
    if not found:
        return Told(None, "no column is named so")
    return Told(found[0], f"the name {found[0].label} says so")


def _payee(columns: tuple[KnownColumn, ...]) -> Told[KnownColumn | None]:
    found = [column for column in with_role(columns, "payee") if column.kind == "text"]
    # A name that never changes is the holder's own.
    varied = [column for column in found if len(set(column.column.filled)) > 1 or len(found) == 1]
    if not varied:
        return Told(None, "no column is named so")
    best = max(varied, key=lambda column: (_rank_payee(column), len(column.column.filled), -column.place))
    return Told(best, f"the name {best.label} says so")


def _rank_payee(column: KnownColumn) -> int:
    # The receiving side first: for money out it is the other party.
    return (
        1
        if re.search(
            r"empf|payee|merchant|recipient|benefi|odbiorca|to$|mottag|mottak|saaja",
            column.column.name.lower(),
        )
        else 0
    )


def _description(
    columns: tuple[KnownColumn, ...],
    payee: KnownColumn | None,
    booked: Sequence[int],
    spare: list[KnownColumn],
) -> tuple[Told[tuple[KnownColumn, ...]], bool]:
    """The description, of the free columns, or `spare` where there is none at all."""
    texts = tuple(column for column in columns if column.kind in ("text", "number"))
    original = [column for column in with_role(texts, "original_text") if column.kind == "text"]
    if original:
        return _filled_up(original[:1], texts, payee, booked)
    # A column of kinds that hardly repeats itself describes the movements, whatever it is called.
    telling = [column for column in with_role(texts, "type") if column.kind == "text" and _telling(column)]
    described = with_role(texts, "description")  # a short file may have nothing but numbers in it
    named = [column for column in described if column.kind == "text"] or described
    if named and any(column.column.filled for column in named):
        named = sorted([*named, *telling], key=lambda column: column.place)
        return _filled_up(named, texts, payee, booked)
    if second := _second_best(texts, telling, booked):
        why = "no name says description; " + (
            "all columns of free text are joined" if len(second) > 1 else "it is the only column of free text"
        )
        return Told(tuple(second), why), False
    if payee is not None:
        return Told((payee,), "no other column describes the movement"), False
    kinds = [
        column
        for column in texts
        if column.kind == "text" and column.role in ("type", "category", "category_src", None)
    ]
    rest = kinds or [column for column in columns if column.kind == "text"] or list(columns[:1]) or spare
    return Told(tuple(rest), "no column describes the movement; what there is of text is joined"), False


def _second_best(
    texts: tuple[KnownColumn, ...], telling: list[KnownColumn], booked: Sequence[int]
) -> list[KnownColumn]:
    """Without a column named as a description: memos, references and unnamed texts, as far as they vary."""
    details = with_role(texts, "detail", "id_weak")
    unnamed = [column for column in texts if column.role is None and (not details or _worded(column))]
    found = [*details, *unnamed, *telling] or with_role(texts, "place")
    usable = [c for c in found if c.kind == "text" and (len(booked) < _FEW or _varied(c) or c in telling)]
    return sorted(usable, key=lambda column: column.place)


def _worded(column: KnownColumn) -> bool:
    """Whether most cells hold words, and not codes or numbers."""
    filled = column.column.filled
    return sum(re.search(r"[^\W\d_]{3}", cell) is not None for cell in filled) * 2 > len(filled)


def _varied(column: KnownColumn) -> bool:
    return len(set(column.column.filled)) >= max(2, _DISTINCT * len(column.column.filled))


def _telling(column: KnownColumn) -> bool:
    """Whether a column says what was bought and not only which kind of movement it was."""
    filled = column.column.filled
    if not filled:
        return False
    long = sum(map(len, filled)) > 8 * len(filled)
    varied = len(filled) >= 4 and len(set(filled)) > 0.6 * len(filled) and long
    return varied or sum(len(cell.split()) for cell in filled) >= _WORDY * len(filled)


def _filled_up(
    named: list[KnownColumn],
    texts: tuple[KnownColumn, ...],
    payee: KnownColumn | None,
    booked: Sequence[int],
) -> tuple[Told[tuple[KnownColumn, ...]], bool]:
    """The named columns; where they are empty in some rows, the next best text fills in."""
    useful = [column for column in named if column.column.filled] or named[:1]
    labels = ", ".join(column.label for column in useful)
    why = f"the name{'s' if len(useful) > 1 else ''} {labels} say{'' if len(useful) > 1 else 's'} so"
    if len(useful) == 1 and not _varied(useful[0]) and len(booked) > 4:
        others = [c for c in texts if c.role is None and c.kind == "text" and _varied(c) and c is not payee]
        if others:
            return Told(
                (useful[0], *others), f"{why}, but it repeats itself; texts without a telling name are joined"
            ), False
    holes = [place for place in booked if not any(column.column.cells[place] for column in useful)]
    if not holes or len(useful) > 1:
        return Told(tuple(useful), why), False
    spare = [payee] if payee is not None else []
    spare += [column for column in with_role(texts, "detail", "type") if column.kind == "text"]
    spare = [column for column in spare if any(column.column.cells[place] for place in holes)]
    if not spare:
        return Told(tuple(useful), f"{why}; it is empty in {len(holes)} rows"), False
    return Told((*useful, *spare[:2]), f"{why}; where it is empty, {spare[0].label} stands in"), True


def _source_id(
    columns: tuple[KnownColumn, ...], booked: Sequence[int], questions: Questions
) -> Told[KnownColumn | None]:
    named = [column for column in with_role(columns, "id") if column.column.filled]
    for column in named:
        cells = [column.column.cells[place] for place in booked]
        if all(cells) and len(set(cells)) == len(cells) and not _counts(cells, columns):
            return Told(column, f"the name {column.label} says so, and no value repeats in {len(cells)} rows")
    if named:
        column = named[0]
        questions.ask(
            "columns.source_id",
            f"Is {column.label} the bank's id of each transaction (then dedup.id: source_id as well), or "
            "does it mark something that several transactions share?",
            ["source_id", "null"],
            "some rows lack it or share one, or it only counts the rows",
        )
        return Told(None, "open")
    for column in columns:
        if _like_an_id(column, booked):
            questions.ask(
                "columns.source_id",
                f"Is {column.label} the bank's id of each transaction (then dedup.id: source_id as well), "
                "or a reference that may repeat in other exports?",
                [column.label, "null"],
                f"no value repeats in {len(booked)} rows, e.g. {column.column.filled[0]}",
            )
            return Told(None, "open")
    return Told(None, "no column is named like an id")


def _counts(cells: Sequence[str], columns: tuple[KnownColumn, ...]) -> bool:
    """Numbers that follow each other from 1, or beside a statement's number: they begin anew elsewhere."""
    if not all(cell.isdigit() for cell in cells):
        return False
    numbers = sorted(int(cell) for cell in cells)
    row = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    statement = any(
        re.search(r"afschrift|uittreksel|statement|auszug|extrait|vypis", c.column.name.lower())
        for c in columns
    )
    return row and (numbers[0] <= 1 or statement)


def _like_an_id(column: KnownColumn, booked: Sequence[int]) -> bool:
    """A column that could be an id by its cells, and whose name says neither yes nor no."""
    if column.role not in ("id_weak", None, "detail") or column.kind not in ("text", "number"):
        return False
    cells = [column.column.cells[place] for place in booked]
    return (
        len(cells) >= 3
        and all(cells)
        and len(set(cells)) == len(cells)
        and all(_MACHINE.fullmatch(cell) and len(cell) >= _ID_LENGTH for cell in cells)
        and sum(any(mark.isdigit() for mark in cell) for cell in cells) == len(cells)
        and not all("," in cell or "." in cell for cell in cells)
    )
