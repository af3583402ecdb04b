"""What an endpoint takes as query parameters, and how their texts are read.

A parameter or a word of a list that an endpoint does not declare is refused (400/1018), never ignored.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dsr_pipeline.sandbox.errors import ApiProblem

# Reads the text of one parameter; raises ValueError for what it does not take.
Param = Callable[[str], Any]

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d(?:Z)?)?", re.ASCII
)
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)


def flag(text: str) -> bool:
    """A boolean in any case: the SDK sends `True` and `False`."""
    known = {"true": True, "false": False}.get(text.lower())
    if known is None:
        raise ValueError
    return known


def text(value: str) -> str:
    """Any text that is not empty."""
    if not value:
        raise ValueError
    return value


def whole(minimum: int | None = None, maximum: int | None = None) -> Param:
    """A whole number within bounds."""

    def read(value: str) -> int:
        if not _WHOLE.fullmatch(value):
            raise ValueError
        number = int(value)
        if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
            raise ValueError
        return number

    return read


@dataclass(frozen=True, slots=True)
class Words:
    """Reads a comma-separated list of some of these words, case-insensitive; an unknown one is refused."""

    allowed: frozenset[str]

    def __call__(self, value: str) -> frozenset[str]:
        known = {word.lower(): word for word in self.allowed}
        try:
            return frozenset(known[part.strip().lower()] for part in value.split(",") if part.strip())
        except KeyError:
            raise ValueError from None


def words(*allowed: str) -> Words:
    """The reader of a list of these words."""
    return Words(frozenset(allowed))


def ids(value: str) -> tuple[int, ...]:
    """A comma-separated list of whole numbers, blanks allowed around them."""
    parts = [part.strip() for part in value.split(",")]
    if not all(_WHOLE.fullmatch(part) for part in parts):
        raise ValueError
    return tuple(dict.fromkeys(int(part) for part in parts))


def instant(value: str) -> datetime:
    """An ISO 8601 instant; without a zone it is UTC. The SDK's `+00:00Z` is taken, and epoch milliseconds."""
    if re.fullmatch(r"-?\d{9,15}", value, re.ASCII):
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    found = _INSTANT.fullmatch(value.strip())
    if not found:
        raise ValueError
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    zone = (found.group(7) or "Z").rstrip("Z").replace(":", "")
    if not zone:
        return moment
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return moment - offset if zone[0] == "+" else moment + offset


# Taken by every endpoint: times as epoch milliseconds.
EVERYWHERE: Mapping[str, Param] = {"numericDates": flag}
ACCESS: Mapping[str, Param] = {"accessApiLevel": whole(0, 1)}
LEVEL: Mapping[str, Param] = {"level": whole(0, 2)}
PAGING: Mapping[str, Param] = {"page": whole(), "pageSize": whole(), "includeAll": flag}


def read_all(sent: Iterable[tuple[str, str]], declared: Mapping[str, Param]) -> dict[str, Any]:
    """Values by name. A repeated name is one list; an unknown name or a bad value is 400/1018."""
    texts: dict[str, str] = {}
    for name, value in sent:
        texts[name] = f"{texts[name]},{value}" if name in texts else value
    values: dict[str, Any] = {}
    for name, value in texts.items():
        reader = declared.get(name) or EVERYWHERE.get(name)
        if reader is None:
            raise ApiProblem(
                1018, message=f"The parameter '{name}' is not supported by this endpoint of the stand-in."
            )
        try:
            values[name] = reader(value)
        except (ValueError, OverflowError):
            raise ApiProblem(1018, value, name) from None
    return values
