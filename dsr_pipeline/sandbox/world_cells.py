"""Values of a world → the cells, ids and instants that the stand-in stores.

Pure and without files. Called by `world`, `world_changes` and `world_seed`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b

import msgspec

INVENTED_HOST = "contacts.example"
# Smartsheet keeps integers of this size exactly, and refuses larger ones (error 1148).
LARGEST_NUMBER = 2**53 - 1

_NUMERAL = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_LARGEST_ID = 2**53


class WorldError(Exception):
    """A folder that is no world, or a part of it that cannot be read. The text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """Addresses of the people named in contact columns."""

    by_local_part: dict[str, str]

    @classmethod
    def of(cls, actors: tuple[str, ...]) -> Contacts:
        """From the addresses of `actors.csv`; of two with the same part before the @, the first counts."""
        found: dict[str, str] = {}
        for address in actors:
            found.setdefault(address.partition("@")[0].casefold(), address)
        return cls(found)

    def address(self, name: str) -> str:
        """The address of a name: first.last among the actors, else an invented one; text stays itself."""
        if "@" in name:
            return name
        local = ".".join(re.findall(r"[^\W_]+", name.casefold()))
        if not local:
            return name
        return self.by_local_part.get(local) or f"{local}@{INVENTED_HOST}"


@dataclass(slots=True)
class CellWriter:
    """Values of a world → cells as JSON texts, the form in which rows are stored; remembers what it wrote."""

    contacts: Contacts
    _seen: dict[tuple[str, type, object], str | None] = field(
        default_factory=dict[tuple[str, type, object], "str | None"]
    )

    def text(self, column_type: str, value: object) -> str | None:
        """The cell as JSON; None where nothing is stored (null, NaN, empty text)."""
        key = (column_type, type(value), value)
        if key not in self._seen:
            cell = cell_of(column_type, value, self.contacts)
            self._seen[key] = None if cell is None else msgspec.json.encode(cell).decode()
        return self._seen[key]


def cell_of(column_type: str, value: object, contacts: Contacts) -> dict[str, object] | None:
    """The stored cell of one value of a world; None for an empty cell."""
    if value is None or value == "" or value != value:  # noqa: PLR0124 (NaN alone differs from itself)
        return None
    if isinstance(value, bool):
        return {"value": value}
    if isinstance(value, int | float | Decimal):
        return {"value": number_or_text(str(value))}
    if isinstance(value, datetime):
        return {"value": instant(value)}
    if isinstance(value, date):
        return {"value": value.isoformat()}
    text = str(value)
    if column_type == "CHECKBOX" and text.casefold() in {"true", "false"}:
        return {"value": text.casefold() == "true"}
    if column_type == "CONTACT_LIST":
        return {"value": contacts.address(text), "displayValue": text}
    return {"value": number_or_text(text) if column_type == "TEXT_NUMBER" else text}


def number_or_text(text: str) -> int | float | str:
    """A number where Smartsheet would make one of the text without changing its amount, else the text.

    `0090`, `$782.12`, ` 5` and `-0` stay text; so does what a double cannot hold exactly as written.
    """
    if not _NUMERAL.fullmatch(text):
        return text
    if "." not in text:
        number = int(text)
        return number if abs(number) <= LARGEST_NUMBER and text != "-0" else text
    decimal = Decimal(text)
    binary = repr(float(text))
    changed = "e" in binary or Decimal(binary) != decimal or (not decimal and text[0] == "-")
    return text if changed or abs(decimal) > LARGEST_NUMBER else float(text)


def whole_id(value: object) -> int:
    """The id as Smartsheet would have it: below 2**53. Others, also texts, get one made of them."""
    text = str(value)
    if text.isascii() and text.isdigit() and 0 < int(text) < _LARGEST_ID:
        return int(text)
    return made_id("foreign id", text)


def made_id(*parts: object) -> int:
    """A 16-digit id below 2**53, always the same for the same parts."""
    digest = blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return 10**15 + int.from_bytes(digest, "big") % (_LARGEST_ID - 10**15)


def instant(value: object) -> str | None:
    """An instant as the storage writes it, `YYYY-MM-DDTHH:MM:SSZ`; without a zone it is UTC."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and len(value) == 20 and value[10] == "T" and value[19] == "Z":
        return value
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise WorldError(f"{value!r} is no instant: write it as 2026-04-01T06:00:00Z") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
