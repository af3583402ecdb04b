"""Which column is the date of a movement and which its posting date.

Lives here: the convention of the tables (date = transaction date where the file has one, else the booking
date; post_date only for a second, posting date; a value date is neither) applied to the names of the date
columns. Where the names do not tell, and the columns differ in any row, it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.date_inference import Reading, Readings, mostly, readings
from dsr_pipeline.bank.draft.date_proofs import narrowed
from dsr_pipeline.bank.draft.model import DraftError, Questions, Sheet, Told
from dsr_pipeline.bank.draft.shapes import is_date

_DATE_IN_TEXT = re.compile(r"(?<![\w.])\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\.?(?![\w])")
_LEAST_ROWS = 5  # before the order of two dates in every row says which of them is the posting date


@dataclass(frozen=True, slots=True)
class Dated:
    """The date columns of the rule. `fallback` feeds the date where the first column is empty."""

    date: Told[KnownColumn]
    fallback: KnownColumn | None
    post: Told[KnownColumn | None]
    reading: Reading
    format_evidence: str
    post_reading: Reading | None
    days: tuple[date | None, ...]
    format_open: bool


def infer_dates(
    sheet: Sheet, columns: Sequence[KnownColumn], footer: Sequence[str], questions: Questions
) -> Dated:
    """Tell date, posting date and their formats; raises `DraftError` where no column of dates can be read."""
    dated = [column for column in columns if column.kind == "date"]
    elsewhere = _dates_in([*sheet.preamble, *footer])
    found = {column.place: _read(column, dated, elsewhere) for column in dated}
    usable = [column for column in dated if found[column.place][0].alive]
    for column in dated:
        if column not in usable and column.role not in ("value", "other"):
            questions.ask(
                "columns.date",
                f"{column.label} holds dates in no one way of writing. Is it the date of the movements?",
                [other.label for other in dated],
                f"e.g. {', '.join(repr(cell) for cell in sorted(set(column.column.filled))[:3])}",
            )
    if not usable:
        raise DraftError(
            sheet.file, "has dates in no format that a rule can name (day, month and year are needed)"
        )
    main, post = _roles(usable, found, questions)
    reads, proof = found[main.value.place]
    reading = reads.alive[0]
    if len(reads.alive) > 1:
        questions.ask(
            "dates.format",
            f"In which order are day, month and year written in {main.value.label}? Every date of the "
            "file fits each of these.",
            [made.format for made in reads.alive],
            f"e.g. '{main.value.column.filled[0]}'; {reads.cells} rows",
        )
    post_reading = found[post.value.place][0].alive[0] if post.value is not None else None
    if post.value is not None and len(reads.alive) == 1 and len(found[post.value.place][0].alive) > 1:
        questions.ask(
            "dates.post_format",
            f"In which order are day, month and year written in {post.value.label}?",
            [made.format for made in found[post.value.place][0].alive],
        )
    if reading.zoned or (reading.timed and re.search(r"\b(UTC|GMT)\b", main.value.column.name)):
        _ask_zone(reading, main.value, questions)
    fallback = _fallback(main.value, post.value, usable)
    cells = main.value.column.cells
    days = tuple(reading.day(cell) for cell in cells)
    if fallback is not None:
        second = found[fallback.place][0].alive[0]
        days = tuple(day or second.day(cell) for day, cell in zip(days, fallback.column.cells, strict=True))
    return Dated(
        main, fallback, post, reading, _evidence(reads, proof), post_reading, days, len(reads.alive) > 1
    )


def _read(
    column: KnownColumn, dated: Sequence[KnownColumn], elsewhere: Sequence[str]
) -> tuple[Readings, str]:
    cells = [cell if is_date(cell) else "" for cell in column.column.cells]
    others = [
        [cell if is_date(cell) else "" for cell in other.column.cells] for other in dated if other != column
    ]
    found = readings(cells)
    return narrowed(found if found.alive else mostly(cells), [cells, *others], elsewhere)


def _dates_in(lines: Sequence[str]) -> list[str]:
    return [text for line in lines for text in _DATE_IN_TEXT.findall(line) if is_date(text)]


def _roles(
    usable: list[KnownColumn], found: dict[int, tuple[Readings, str]], questions: Questions
) -> tuple[Told[KnownColumn], Told[KnownColumn | None]]:
    none: Told[KnownColumn | None] = Told(None, "no second column is a posting date")
    first = {
        role: [c for c in usable if c.role == role] for role in ("transaction", "booking", "plain", "value")
    }
    unknown = [column for column in usable if column.role is None]
    if len(usable) == 1:
        return Told(usable[0], "the only column of dates"), none
    transaction, booking, plain = first["transaction"], first["booking"], first["plain"]
    clear = not unknown and all(len(group) <= 1 for group in (transaction, booking, plain))
    if clear and transaction and booking and not plain:
        return (
            Told(transaction[0], f"the name {transaction[0].label} says when it happened"),
            Told(booking[0], f"the name {booking[0].label} says when it was posted"),
        )
    if clear and plain and booking and not transaction:
        return _plain_and_booking(plain[0], booking[0], found, questions)
    if clear and len(transaction) + len(booking) + len(plain) == 1:
        only = (transaction or booking or plain)[0]
        return Told(only, f"the name {only.label} says so; value dates and others are no posting dates"), none
    if clear and not (transaction or booking or plain) and len(first["value"]) == 1:
        return Told(first["value"][0], "no other column says when a movement happened"), none
    return _asked(usable, questions)


def _plain_and_booking(
    plain: KnownColumn, booking: KnownColumn, found: dict[int, tuple[Readings, str]], questions: Questions
) -> tuple[Told[KnownColumn], Told[KnownColumn | None]]:
    """`Date` beside `Posted Date`: the former is when it happened if it is never the later one."""
    first, second = found[plain.place][0].alive[0], found[booking.place][0].alive[0]
    pairs = [
        (day, posted)
        for one, other in zip(plain.column.cells, booking.column.cells, strict=True)
        if (day := first.day(one)) is not None and (posted := second.day(other)) is not None
    ]
    earlier = sum(day < posted for day, posted in pairs)
    if len(pairs) >= _LEAST_ROWS and earlier and all(day <= posted for day, posted in pairs):
        why = (
            f"{plain.label} is never later than {booking.label} and earlier in {earlier} of {len(pairs)} rows"
        )
        return Told(plain, why), Told(booking, f"the name {booking.label} says when it was posted")
    return _asked([plain, booking], questions)


def _asked(
    usable: list[KnownColumn], questions: Questions
) -> tuple[Told[KnownColumn], Told[KnownColumn | None]]:
    rank = {"transaction": 0, "plain": 1, "booking": 2, None: 3, "value": 4, "other": 5}
    ordered = sorted(usable, key=lambda column: (rank.get(column.role, 6), column.place))
    candidates = [column for column in ordered if column.role not in ("value", "other")] or ordered
    main = candidates[0]
    same = all(column.column.cells == main.column.cells for column in candidates)
    if same and len(candidates) == len(usable) and all(column.role is None for column in candidates):
        return Told(main, "the date columns are equal in every row"), Told(None, "no second date differs")
    questions.ask(
        "columns.date",
        "Which column says when a movement happened (columns.date), and is another one its posting date "
        "(columns.post_date)? A value date is neither.",
        [column.label for column in candidates],
        "the dates are the same in every row of this file"
        if same
        else "the columns differ, and their names do not tell",
    )
    return Told(main, "open"), Told(None, "open")


def _fallback(
    main: KnownColumn, post: KnownColumn | None, usable: Sequence[KnownColumn]
) -> KnownColumn | None:
    """Where the transaction date is empty in some rows, the posting date is the date."""
    if post is None or all(main.column.cells):
        return None
    holes = [place for place, cell in enumerate(main.column.cells) if not cell]
    return post if post in usable and all(post.column.cells[place] for place in holes) else None


def _ask_zone(reading: Reading, column: KnownColumn, questions: Questions) -> None:
    questions.ask(
        "dates.timezone",
        f"The times in {column.label} are told from UTC. On which calendar does the day count: as written "
        "(leave it null), or in the zone of the account, such as Europe/Berlin?",
        ["null", "an IANA zone"],
        f"format {reading.format}",
    )


def _evidence(reads: Readings, proof: str) -> str:
    if len(reads.alive) > 1:
        return "open: " + " and ".join(made.format for made in reads.alive) + f" fit all {reads.cells} rows"
    made = next(iter(reads.alive))
    others = [f"{text} fits {count}" for text, count in reads.dropped.items() if text != made.format]
    against = f"; {', '.join(others[:3])}" if others else "; no other order of the parts is possible"
    return f"{reads.cells} of {reads.cells} rows fit {made.format}{f' ({proof})' if proof else against}"
