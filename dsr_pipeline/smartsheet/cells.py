"""What a cell held, as kept for ever, and the canonical text under which the tables show it.

Lives here: from Smartsheet's cells to the JSON of `row_versions.cells`, and from that to text. Which column
means what is `column_map`; whether a text is a price or a date is judged by those who use the tables.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

import msgspec

from dsr_pipeline import entered
from dsr_pipeline.smartsheet.column_map import Kind
from dsr_pipeline.smartsheet.wire import Cell, HistoryEntry

Held = str | int | float | bool | dict[str, Any] | None
"""What one cell held: a plain value, or v (value), d (shown), f (formula), o (several values)."""

ERROR = re.compile(r"#[A-Z][A-Z /]*[A-Z]!?")
"""How Smartsheet writes an error into a cell: #NO MATCH, #UNPARSEABLE, #DIVIDE BY ZERO."""

_CACHED = 65_536
_BLANKS = re.compile(r"\s+")
_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_DIGITS = frozenset("123456789")
_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])
_PLAIN = frozenset({bool, int, float})  # what is shown of them is their format, not their content


class Keys(dict[int, str]):
    """Column ids as the texts that JSON sorts, each made once."""

    def __missing__(self, column_id: int) -> str:
        self[column_id] = text = str(column_id)
        return text


def held_cells(cells: Sequence[Cell], keys: Keys, several: frozenset[int] = frozenset()) -> dict[str, Held]:
    """The cells of a row that hold something, by column id; `several` are the columns of several values.

    Runs once per cell of everything that is read, hence written for what most cells are: a plain value.
    """
    found: dict[str, Held] = {}
    for cell in cells:
        value = cell.value
        if cell.formula is None and cell.column_id not in several:
            if value is None:
                if not cell.display_value:
                    continue
            elif type(value) is not str or cell.display_value is None or cell.display_value == value:
                found[keys[cell.column_id]] = value
                continue
        if (rich := _rich(cell)) is not None:
            found[keys[cell.column_id]] = rich
    return found


def held_entry(entry: HistoryEntry) -> Held:
    """The same for one entry of a cell's history."""
    cell = Cell(entry.column_id, entry.value, entry.display_value, entry.formula)
    return held_cells([cell], Keys()).get(str(entry.column_id))


def encode(held: Mapping[str, Held] | Held) -> str:
    """The one JSON text of what was held: sorted keys, shortest numbers. Equal content gives equal text."""
    return _ENCODER.encode(held).decode("utf-8")


def decode(cells: str) -> dict[str, Held]:
    """What `encode` wrote of a row."""
    return _DECODER.decode(cells)


def texts(column: Sequence[Held], kind: Kind) -> list[str | None]:
    """The canonical text of each cell of a column: `text`, written out because it runs once per cell."""
    return [
        None
        if held is None
        else _clean(held)
        if type(held) is str
        else str(held)
        if type(held) is int
        else plain_number(held)
        if type(held) is float
        else text(held, kind)
        for held in column
    ]


def text(held: Held, kind: Kind = "text") -> str | None:
    """The canonical text of a cell; None where it is empty or blank.

    Blanks are collapsed, Unicode is NFC, numbers and plain numerals lose needless zeros ("1.0" and 1 are "1";
    "0090" and "$1.00" stay), flags are true or false. Of a contact the shown name counts, else the address.
    """
    if type(held) is dict:
        return _rich_text(held, kind)
    if type(held) is str:
        return _clean(held)
    if held is True:
        return "true"
    if held is False:
        return "false"
    return None if held is None else str(held) if type(held) is int else plain_number(held)  # pyright: ignore[reportArgumentType]


def contact(held: Held) -> str | None:
    """The address of a contact cell, in lower case; None where it has none."""
    if type(held) is dict:
        several = held.get("o")
        if isinstance(several, list):
            found = sorted({a for one in several if (a := _address(one))})  # pyright: ignore[reportUnknownVariableType]
            return ", ".join(found) or None
        held = held.get("v")
    return held.strip().casefold() if type(held) is str and "@" in held else None


@lru_cache(_CACHED)
def plain_number(value: float) -> str:
    """A JSON number as decimal digits without exponent and needless zeros; zero has no sign."""
    return str(value) if type(value) is int else _trimmed(Decimal(repr(value)))


def amount(shown: str) -> str | None:
    """The number that a canonical text of a price or quantity stands for, for hashes only; None: it is none.

    "$1,234.50", "(1234.5)" and "-1234.5" differ from each other only where their value does.
    """
    # What is digits already was trimmed when it became text.
    return shown if shown[0] in _DIGITS and shown.replace(".", "", 1).isdigit() else _parsed_amount(shown)


@lru_cache(_CACHED)
def _parsed_amount(shown: str) -> str | None:
    value = entered.amount(shown)
    return None if value is None else _trimmed(value)


def may_hold_formulas(cells: str) -> bool:
    """Whether the JSON of a row may hold a formula: most rows do not, and need not be looked through."""
    return '"f":' in cells


def may_hold_errors(cells: str) -> bool:
    """Whether the JSON of a row may hold an error."""
    return ':"#' in cells


def is_error(held: Held) -> bool:
    """Whether the cell shows an error of Smartsheet instead of a value."""
    value = held.get("v") if type(held) is dict else held
    return type(value) is str and value.startswith("#") and ERROR.fullmatch(value) is not None


def _rich(cell: Cell) -> Held:
    """What a cell holds beside its value; the value alone where that is all."""
    value, shown = cell.value, cell.display_value
    rich: dict[str, Any] = {} if value is None else {"v": value}
    if shown and shown != value and type(value) not in _PLAIN:
        rich["d"] = shown
    if cell.formula is not None:
        rich["f"] = cell.formula
    if (several := _several(cell)) is not None:
        rich["o"] = several
    return value if rich.keys() <= {"v"} else rich


def _several(cell: Cell) -> list[Any] | None:
    """The members of a cell of several values; of any other the object value repeats the value."""
    given = cell.object_value
    if not isinstance(given, dict):
        return None
    members: Any = cast("dict[str, Any]", given).get("values")
    if not isinstance(members, list):
        return None
    return [
        {key: one[key] for key in ("email", "name") if one.get(key)} if isinstance(one, dict) else one
        for one in members  # pyright: ignore[reportUnknownVariableType]
    ]


def _rich_text(held: Mapping[str, Any], kind: Kind) -> str | None:
    value, shown = held.get("v"), held.get("d")
    if "o" in held:
        names = [one.get("name") or one.get("email") if isinstance(one, dict) else one for one in held["o"]]  # pyright: ignore[reportUnknownVariableType]
        return _clean(shown or ", ".join(str(name) for name in names))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if kind == "contact" or value is None:
        return text(shown if shown is not None else value)
    return text(value)


def _address(one: Any) -> str | None:
    address = one.get("email") if isinstance(one, dict) else one  # pyright: ignore[reportUnknownVariableType]
    return address.strip().casefold() if isinstance(address, str) and "@" in address else None


@lru_cache(_CACHED)
def _clean(given: str) -> str | None:
    words = _BLANKS.sub(" ", unicodedata.normalize("NFC", given)).strip()
    return _trimmed(Decimal(words)) if _NUMERAL.fullmatch(words) else words or None


def _trimmed(value: Decimal) -> str:
    shown = f"{value:f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown
