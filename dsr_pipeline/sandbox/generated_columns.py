"""The columns of generated sheets: titles, types, and cells as real offices leave them.

Pure: random numbers are handed in. Called by `generated`, which makes sheets of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

Fill = Callable[[np.random.Generator, int], list[str]]
"""Random numbers and a number of rows → that many cells as JSON, empty text for an empty cell."""

PEOPLE = tuple(
    (f"{first} {last}", f"{first}.{last}@crew.example".lower())
    for first in "Ada Bo Cal Dot Eve Fin Gil Hal".split()
    for last in "Ames Birch Cole Dane".split()
)
CREWS = ("Crew 4", "unknown", "see note", "Foreman TBD")
# What a formula leaves in a cell when it fails.
ERRORS = ("#NO MATCH", "#UNPARSEABLE", "#INVALID OPERATION", "#DIVIDE BY ZERO", "#REF", "#CIRCULAR REFERENCE")
WEEKS = tuple(str(np.datetime64("2025-07-06") + 7 * week) for week in range(40))
DAYS = tuple(str(np.datetime64("2025-07-01") + day) for day in range(280))
UNITS = tuple(
    f"{kind}-{letter}-{size}"
    for kind in ("POL", "ANC", "XFR", "CON")
    for letter in "ADM"
    for size in (3, 28, 45)
)
NOTES = (
    "ok",
    "Checked on site",
    "line one\nline two",
    'quoted "twice", with comma',
    "Ñandú – größer ✓",
    "<b>not bold</b>",
    "=1+1 is no formula",
    "00123",
    "1e5",
    "#NO MATCH",
    " ",
)

_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A column of a generated sheet. `synonyms` are other titles that offices give it."""

    title: str
    type: str
    fill: Fill
    extra: dict[str, Any] = field(default_factory=dict[str, Any])
    synonyms: tuple[str, ...] = ()


def cell(value: object, **more: object) -> str:
    """A stored cell as JSON."""
    return _encode({"value": value, **more}).decode()


def plans(count: int, number: int) -> list[ColumnPlan]:
    """The columns of sheet `number`: what is billed first, then as many of the others as there is room for.

    Sheets begin with different ones of the others, so that two sheets of 20 columns have all types.
    """
    turn = number * 6 % len(OTHERS)
    notes = [ColumnPlan(f"Note {n}", "TEXT_NUMBER", _notes) for n in range(1, count + 1)]
    return [*BILLED, *OTHERS[turn:], *OTHERS[:turn], *notes][:count]


def spelled(plan: ColumnPlan, number: int) -> str:
    """The title in sheet `number`: in two sheets of five it is one of the synonyms, where there are any."""
    if plan.synonyms and number % 5 in (1, 3):
        return plan.synonyms[number // 5 % len(plan.synonyms)]
    return plan.title


def _drawn(
    pool: Sequence[str], rare: Sequence[str] = (), *, rarely: float = 0.01, empty: float = 0.0
) -> Fill:
    """Cells from a pool, now and then one of the rare ones or none."""

    def fill(random: np.random.Generator, rows: int) -> list[str]:
        places: list[int] = random.integers(0, len(pool), rows).tolist()
        return _spoiled(random, [pool[place] for place in places], rare, rarely, empty)

    return fill


def _spoiled(
    random: np.random.Generator, chosen: list[str], rare: Sequence[str], rarely: float, empty: float
) -> list[str]:
    if rare:
        for place in np.flatnonzero(random.random(len(chosen)) < rarely).tolist():
            chosen[place] = rare[int(random.integers(0, len(rare)))]
    if empty:
        for place in np.flatnonzero(random.random(len(chosen)) < empty).tolist():
            chosen[place] = ""
    return chosen


def _requests(random: np.random.Generator, rows: int) -> list[str]:
    """A sheet has a handful of work requests, in runs; now and then one is a text, or has a decimal point."""
    own = random.integers(80_000_000, 99_999_999, 8).tolist()
    places = np.sort(random.integers(0, len(own), rows)).tolist()
    chosen = [f'{{"value":{own[place]}}}' for place in places]
    return _spoiled(random, chosen, [cell(f"{own[0]}.0"), cell(f"{own[1]} "), cell("pending")], 0.01, 0.0)


def _quantities(random: np.random.Generator, rows: int) -> list[str]:
    numbers = (random.integers(1, 6000, rows) / 10).tolist()
    chosen = [f'{{"value":{int(number) if number.is_integer() else number}}}' for number in numbers]
    return _spoiled(
        random, chosen, [cell("2 EA"), cell("1,000"), cell(0), cell(-3), cell("12.50")], 0.03, 0.01
    )


def _prices(random: np.random.Generator, rows: int) -> list[str]:
    """Numbers mostly; one of five a text with a currency sign; one of fifty a credit."""
    cents = random.integers(100, 900_000, rows)
    cents = np.where(random.random(rows) < 0.02, -cents, cents).tolist()
    as_text = (random.random(rows) < 0.2).tolist()
    chosen = [
        f'{{"value":"{"-" if value < 0 else ""}${abs(value) / 100:,.2f}"}}'
        if text
        else f'{{"value":{value / 100}}}'
        for value, text in zip(cents, as_text, strict=True)
    ]
    return _spoiled(random, chosen, [cell("($12.50)"), cell("12.5 USD"), cell("n/a"), cell(0)], 0.01, 0.01)


def _rates(random: np.random.Generator, rows: int) -> list[str]:
    formula = "=[Units Total Price]@row / Quantity@row"
    numbers = (random.integers(100, 90_000, rows) / 100).tolist()
    tail = f',"formula":{_encode(formula).decode()}}}'
    chosen = [f'{{"value":{number}{tail}' for number in numbers]
    return _spoiled(random, chosen, [cell(error, formula=formula) for error in ERRORS], 0.04, 0.0)


def _numbers(random: np.random.Generator, rows: int) -> list[str]:
    first = int(random.integers(1, 5000))
    return [f'{{"value":"U-{first + place:06d}"}}' for place in range(rows)]


def _by_the_service(_: np.random.Generator, rows: int) -> list[str]:
    return [""] * rows


def _people(names: Sequence[tuple[str, str]]) -> list[str]:
    return [cell(address, displayValue=name) for name, address in names]


def _several(kind: str, choices: Sequence[Any]) -> list[str]:
    picked = [choices[:1], choices[:2], choices[1:4], choices[2:3]]
    return [_encode({"objectValue": {"objectType": kind, "values": list(each)}}).decode() for each in picked]


_notes = _drawn([cell(note) for note in NOTES], [cell("long " * 800)], rarely=0.002, empty=0.4)
_ticks = _drawn([cell(True)] * 4 + [cell(False)], [cell("yes"), cell("x")], rarely=0.005, empty=0.05)
_foremen = _drawn(_people(PEOPLE), [cell(crew, displayValue=crew) for crew in CREWS], empty=0.01)
_late = [cell("TBD"), cell("11/9/2025"), cell("2025-13-40"), cell("week 46")]
_contacts = [{"objectType": "CONTACT", "email": address, "name": name} for name, address in PEOPLE]
_work_types = ["Inst", "Rem", "Tran"]
_measures = ["EA", "FT", "HR"]

BILLED = (
    ColumnPlan("Work Request #", "TEXT_NUMBER", _requests),
    ColumnPlan(
        "Weekly Reference Logged Date",
        "DATE",
        _drawn([cell(week) for week in WEEKS], _late, empty=0.02),
        synonyms=("weekly reference logged date ",),
    ),
    ColumnPlan("Snapshot Date", "DATE", _drawn([cell(day) for day in DAYS], _late, empty=0.05)),
    ColumnPlan("Units Completed?", "CHECKBOX", _ticks, synonyms=("Units Completed",)),
    ColumnPlan("Quantity", "TEXT_NUMBER", _quantities, synonyms=("Qty", "# Units")),
    ColumnPlan("Units Total Price", "TEXT_NUMBER", _prices, synonyms=("Total Price", "Redlined Total Price")),
    ColumnPlan(
        "CU",
        "TEXT_NUMBER",
        _drawn([cell(unit) for unit in UNITS], [cell("pol-a-28"), cell("POL-A-28 ")], empty=0.01),
        synonyms=("Billable Unit Code",),
    ),
    ColumnPlan("Foreman", "CONTACT_LIST", _foremen),
    ColumnPlan(
        "Pole #",
        "TEXT_NUMBER",
        _drawn(
            [cell(f"{a}-{b}") for a in range(20, 60) for b in (1204, 5029, 8726)], [cell(17), cell("0017")]
        ),
        synonyms=("Point #", "Point Number"),
    ),
    ColumnPlan("Dept #", "TEXT_NUMBER", _drawn([cell(1000 + 10 * n) for n in range(30)], [cell("0090")])),
    ColumnPlan("Job #", "TEXT_NUMBER", _drawn([cell(f"J{4000 + 37 * n}") for n in range(50)], empty=0.02)),
    ColumnPlan(
        "Work Type",
        "PICKLIST",
        _drawn([cell(kind) for kind in _work_types], [cell("Install"), cell("Xfr")]),
        {"options": _work_types},
    ),
    ColumnPlan(
        "Unit of Measure",
        "PICKLIST",
        _drawn([cell(unit) for unit in _measures], empty=0.02),
        {"options": _measures},
        synonyms=("UOM",),
    ),
    ColumnPlan("Customer Name", "TEXT_NUMBER", _drawn([cell("Red Mesa Power"), cell("Bayou Light & Co")])),
)
OTHERS = (
    ColumnPlan("Unit Rate", "TEXT_NUMBER", _rates),
    ColumnPlan(
        "Row ID",
        "TEXT_NUMBER",
        _numbers,
        {
            "systemColumnType": "AUTO_NUMBER",
            "autoNumberFormat": {"prefix": "U-", "fill": "000000", "startingNumber": 1},
        },
    ),
    ColumnPlan("Created", "DATETIME", _by_the_service, {"systemColumnType": "CREATED_DATE"}),
    ColumnPlan("Modified By", "CONTACT_LIST", _by_the_service, {"systemColumnType": "MODIFIED_BY"}),
    ColumnPlan(
        "Equipment",
        "MULTI_PICKLIST",
        _drawn(
            _several("MULTI_PICKLIST", ["Bucket", "Digger", "Trailer", "Pump"]), [cell("crane")], empty=0.3
        ),
        {"options": ["Bucket", "Digger", "Trailer", "Pump"]},
    ),
    ColumnPlan(
        "Progress",
        "TEXT_NUMBER",
        _drawn([cell(n / 100, displayValue=f"{n}%") for n in range(0, 101, 7)], [cell("half")], empty=0.2),
    ),
    ColumnPlan("Crew", "MULTI_CONTACT_LIST", _drawn(_several("MULTI_CONTACT", _contacts), empty=0.3)),
    ColumnPlan("Duration", "DURATION", _drawn([cell("4d 6h 30m"), cell("1d"), cell("~3w")], empty=0.3)),
    ColumnPlan(
        "Predecessors", "PREDECESSOR", _drawn([cell("12FS +3d 4h"), cell("3"), cell("7SS")], empty=0.6)
    ),
    ColumnPlan("Start", "ABSTRACT_DATETIME", _drawn([cell(f"{day}T08:00:00") for day in DAYS], empty=0.3)),
    ColumnPlan(
        "Health",
        "PICKLIST",
        _drawn([cell("Red"), cell("Yellow"), cell("Green")], [cell("?")], empty=0.3),
        {"symbol": "RYG"},
    ),
    ColumnPlan(
        "Drawing",
        "TEXT_NUMBER",
        _drawn(
            [cell(f"sheet {n}", hyperlink={"url": f"https://drawings.example/{n}"}) for n in range(20)],
            empty=0.5,
        ),
    ),
    ColumnPlan("Remarks", "TEXT_NUMBER", _notes),
)
