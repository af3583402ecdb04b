"""Values of the columns of project sheets: durations, predecessors, and times without a zone.

Knows how they read as text and as objects; no formula of a project is computed. Called by `values.py`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.texts import as_list, as_object, is_date, plain_text

_SPAN = r"~?e?\d+(?:\.\d+)?\s?(?:ms|[wdhms])(?:\s\d+(?:\.\d+)?\s?(?:ms|[wdhms]))*"
_DURATION = re.compile(rf"-?{_SPAN}", re.ASCII)
_ONE_BEFORE = rf"\d+(?:FS|SS|FF|SF)?(?:\s?[+-]\s?{_SPAN})?"
_PREDECESSORS = re.compile(rf"{_ONE_BEFORE}(?:,\s?{_ONE_BEFORE})*", re.ASCII)
_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z?", re.ASCII)
# The parts of a duration in the order in which they are shown.
_UNITS = {"weeks": "w", "days": "d", "hours": "h", "minutes": "m", "seconds": "s", "milliseconds": "ms"}
KINDS = {"ABSTRACT_DATETIME": "ABSTRACT_DATETIME", "DURATION": "DURATION", "PREDECESSOR": "PREDECESSOR_LIST"}
"""What an object value of such a column calls itself, by column type."""

RowNumber = Callable[[int], int | None]


def fits(kind: str, value: Any) -> bool:
    """Whether a value is one of this type of column; a plain number is a duration in days."""
    if isinstance(value, bool):
        return False
    if not isinstance(value, str):
        return kind == "DURATION" or (kind == "PREDECESSOR" and isinstance(value, int) and value > 0)
    if kind == "ABSTRACT_DATETIME":
        return is_moment(value)
    return (_DURATION if kind == "DURATION" else _PREDECESSORS).fullmatch(value) is not None


def is_moment(text: str) -> bool:
    """Whether a text is a real day, or a day with its time."""
    if is_date(text):
        return True
    if not _LOCAL_TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def read(kind: str, given: Mapping[str, Any], row_number: RowNumber) -> tuple[Any, dict[str, Any] | None]:
    """The value that an object of such a column stands for, and the object as it is shown."""
    if kind == "ABSTRACT_DATETIME":
        return given.get("value"), None
    if kind == "DURATION":
        return _duration(given)
    listed = as_list(given.get("predecessors"))
    if not listed:
        raise ApiProblem(1012, "predecessorList.predecessors[]")
    before = [_one_before(as_object(item) or {}, row_number) for item in listed]
    shown = {"objectType": "PREDECESSOR_LIST", "predecessors": [each for _, each in before]}
    return ", ".join(text for text, _ in before), shown


def _duration(given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    shown: dict[str, Any] = {"objectType": "DURATION"}
    shown |= {name: True for name in ("negative", "elapsed") if given.get(name) is True}
    amounts = {name: given[name] for name in _UNITS if _is_amount(given, name)}
    if not amounts:
        raise ApiProblem(1012, "duration.days")
    sign = ("-" if "negative" in shown else "") + ("e" if "elapsed" in shown else "")
    text = " ".join(f"{plain_text(amount)}{_UNITS[name]}" for name, amount in amounts.items())
    return sign + text, shown | amounts


def _is_amount(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ApiProblem(1008, f'Field "{name}" was of unexpected type.')
    return bool(value)


def _one_before(item: Mapping[str, Any], row_number: RowNumber) -> tuple[str, dict[str, Any]]:
    row_id = item.get("rowId")
    if not isinstance(row_id, int):
        raise ApiProblem(1012, "predecessor.rowId")
    number = row_number(row_id)
    if number is None:
        raise ApiProblem(1034)
    kind = item.get("type", "FS")
    if kind not in ("FS", "SS", "FF", "SF"):
        raise ApiProblem(1031, kind, "predecessor.type")
    shown: dict[str, Any] = {"rowId": row_id, "rowNumber": number, "type": kind}
    lag = as_object(item.get("lag"))
    if lag is None:
        return f"{number}{kind}", shown
    length, shown["lag"] = _duration(lag)
    return f"{number}{kind} {length if length.startswith('-') else '+' + length}", shown
