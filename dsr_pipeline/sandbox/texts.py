"""How a value reads as text, which texts are days, and what an object of a request is.

Called by the writing and by the reading side of cells.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)


def plain_text(value: Any) -> str:
    """A value as it is displayed: whole numbers without a decimal point, no exponents."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


@lru_cache(maxsize=8192)
def is_date(text: str) -> bool:
    """Whether a text is a real day in the form YYYY-MM-DD."""
    found = _ISO_DATE.fullmatch(text)
    if not found:
        return False
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def milliseconds(value: Any) -> Any:
    """A day or instant as milliseconds since 1970 in UTC; any other value as it is."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def day_of(value: Any) -> Any:
    """The day of a number of milliseconds since 1970 in UTC; any other value as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    try:
        return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return value


def permalink(kind: str, object_id: int) -> str:
    """The address of a sheet, folder or workspace in the service's own application."""
    return f"https://app.smartsheet.com/{kind}/{object_id}"


def as_object(value: Any) -> dict[str, Any] | None:
    """A JSON object, or None for any other value."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: Any) -> list[Any] | None:
    """A JSON list, or None for any other value."""
    return cast("list[Any]", value) if isinstance(value, list) else None
