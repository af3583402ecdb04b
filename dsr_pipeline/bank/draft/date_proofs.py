"""What decides between date formats that every cell of a column fits.

Lives here: the few proofs that the rest of the file gives, and the order in which rows stand. Without one of
them the format is a question. Called by `bank.draft.date_columns`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from dsr_pipeline.bank.dates import parser
from dsr_pipeline.bank.draft.date_inference import Reading, Readings, days_of, shape_of

_MIN_SORTED = 6  # distinct days, below which an order by date may be chance


def narrowed(
    found: Readings, columns: Sequence[Sequence[str]], elsewhere: Sequence[str]
) -> tuple[Readings, str]:
    """Drop readings that the rest of the file contradicts; the second part says by what.

    `columns` are the date columns in row order (this one first); `elsewhere` are dates in the same writing
    in preamble and footer. A proof is: a date elsewhere that only one reading allows; the order of the rows,
    where one reading sorts them all and another does not; the nearness of two dates in each row; years that
    jump while the day of the month stands still.
    """
    for proof in (_by_dates_elsewhere, _by_years, _by_order, _by_nearness):
        if len(found.alive) < 2:
            break
        left, why = proof(found.alive, columns, elsewhere)
        if left and len(left) < len(found.alive):
            out = {made.format: len(made.days) for made in found.alive if made not in left}
            found = Readings(tuple(left), {**found.dropped, **out}, found.cells)
            if len(left) == 1:
                return found, why
    return found, ""


def direction(days: Sequence[date | None]) -> str:
    """newest_first, oldest_first, same (one day only) or mixed, from the order of the days."""
    known = [day for day in days if day is not None]
    falls = any(after < before for before, after in pairwise(known))
    rises = any(after > before for before, after in pairwise(known))
    if falls and rises:
        return "mixed"
    return "newest_first" if falls else "oldest_first" if rises else "same"


def _by_dates_elsewhere(
    alive: tuple[Reading, ...], columns: Sequence[Sequence[str]], elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    others = {cell for column in columns[1:] for cell in column if cell} | set(elsewhere)
    told = [
        cell for cell in others if any(shape_of(cell) == shape_of(mine) for mine in list(alive[0].days)[:3])
    ]
    left = [made for made in alive if len(days_of(parser(made.format, made.months), told)) == len(told)]
    if not told or len(left) == len(alive):
        return [], ""
    proof = next(
        cell
        for cell in told
        for made in alive
        if made not in left and not days_of(parser(made.format, made.months), [cell])
    )
    return left, f"'{proof}', written the same way in this file, is a date only so"


def _by_years(
    alive: tuple[Reading, ...], _columns: Sequence[Sequence[str]], _elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    """`18.01.26` as year 2018, month 1, day 26: every row on the 26th, in as many years as there are days."""
    left = [made for made in alive if not _years_jump(made)]
    if not left or any((max(m.days.values()) - min(m.days.values())).days > 550 for m in left):
        return [], ""
    return left, "the other reading puts every row on the same day of the month in years far apart"


def _years_jump(made: Reading) -> bool:
    days = made.days.values()
    years = {day.year for day in days}
    return "%y" in made.format and len(years) >= 3 and len({day.day for day in days}) * 3 <= len(years)


def _by_order(
    alive: tuple[Reading, ...], columns: Sequence[Sequence[str]], _elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    """Exports are sorted; a reading that sorts every row of many days cannot do so by chance."""
    orders = [direction([made.day(cell) for cell in columns[0]]) for made in alive]
    left = [
        made for made, order in zip(alive, orders, strict=True) if order in ("newest_first", "oldest_first")
    ]
    if len(left) != 1 or len(set(left[0].days.values())) < _MIN_SORTED:
        return [], ""
    return left, f"only so are the rows in order of date ({len(set(left[0].days.values()))} days)"


def _by_nearness(
    alive: tuple[Reading, ...], columns: Sequence[Sequence[str]], _elsewhere: Sequence[str]
) -> tuple[list[Reading], str]:
    """Two dates of one movement are days apart; read the wrong way round they are months apart."""
    gaps: list[list[int]] = []
    for made in alive:
        mine: list[int] = []
        for other in columns[1:]:
            days = days_of(parser(made.format, made.months), [cell for cell in set(other) if cell])
            for cell, beside in zip(columns[0], other, strict=True):
                if (first := made.day(cell)) is not None and (second := days.get(beside)) is not None:
                    mine.append(abs((second - first).days))
        gaps.append(mine)
    near = [made for made, mine in zip(alive, gaps, strict=True) if mine and max(mine) <= 10]
    far = [mine for made, mine in zip(alive, gaps, strict=True) if made not in near]
    if len(near) != 1 or any(sum(gap > 25 for gap in mine) < 3 for mine in far):
        return [], ""
    return near, "only so are the dates of each row within ten days of each other"
