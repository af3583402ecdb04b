"""How a cell that is sent becomes a cell that is stored: strict and lenient values of every column type.

Knows one cell and its column; rows, versions and history are elsewhere. Called by `row_bodies.py`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dsr_pipeline.sandbox import project_values
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.schema import Column
from dsr_pipeline.sandbox.texts import as_list, as_object, day_of, is_date, plain_text

LONGEST_TEXT = 4000
LARGEST_NUMBER = 2**53
VALUE_ATTRIBUTES = frozenset("value objectValue formula hyperlink linkInFromCell".split())
CELL_ATTRIBUTES = frozenset("columnId format overrideValidation strict".split()) | VALUE_ATTRIBUTES
# Known to the service, but not in a request that writes rows, or not kept here.
REFUSED_CELL_ATTRIBUTES = frozenset("columnType conditionalFormat displayValue image linksOutToCells".split())
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_ISO_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})", re.ASCII)

Stored = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Writer:
    """What writing a cell needs to know beside the cell."""

    admin: bool
    override_validation: bool
    formula_value: str
    numeric_dates: bool
    """Days may be sent as epoch milliseconds."""
    name_of: Callable[[str], str | None]
    """The name of the user with this address, if there is one."""
    row_number: Callable[[int], int | None]
    """Where the row with this id stands in the sheet, if it does."""


def stored_cell(sent: Mapping[str, Any], column: Column, writer: Writer) -> Stored | None:
    """What is kept of a cell in a request; None clears it. Raises the problem of the first bad attribute."""
    check_place(column, writer)
    if sent.get("overrideValidation") and not writer.admin:
        raise ApiProblem(1212)
    strict = sent.get("strict", True)
    if not isinstance(strict, bool):
        raise ApiProblem(1008, 'Field "strict" was of unexpected type.')
    if sent.get("formula") is not None:
        return _formula(sent, writer)
    link = _hyperlink(sent)
    value = sent.get("value")
    if sent.get("objectValue") is not None:
        if value is not None:
            raise ApiProblem(1130)
        return _validated(_object(sent["objectValue"], column, writer, strict=strict), sent, column, writer)
    if "value" not in sent and "objectValue" not in sent and link is None:
        raise ApiProblem(1012, "cell.value")
    if link is not None:
        if value is not None and not isinstance(value, str):
            raise ApiProblem(1113)
        text = (value or link.get("url") or column.title)[:LONGEST_TEXT]
        return {"value": text, "hyperlink": link}
    return _validated(_plain(value, column, writer, strict=strict), sent, column, writer)


def check_place(column: Column, writer: Writer) -> None:
    """400/1046, 400/1302 or 403/1039 for cells that nobody, or not this writer, may change."""
    if column.system:
        raise ApiProblem(1046, column.id)
    if column.extra.get("formula"):
        raise ApiProblem(1302)
    if column.extra.get("locked") and not writer.admin:
        raise ApiProblem(1039, column.id)


def _formula(sent: Mapping[str, Any], writer: Writer) -> Stored:
    formula = sent["formula"]
    if not isinstance(formula, str):
        raise ApiProblem(1008, 'Field "formula" was of unexpected type.')
    if any(sent.get(name) is not None for name in ("value", "objectValue", "hyperlink", "linkInFromCell")):
        raise ApiProblem(1163)
    if not formula.startswith("=") or formula == "=":
        raise ApiProblem(1162)
    return {"value": writer.formula_value, "formula": formula[:LONGEST_TEXT]}


def _hyperlink(sent: Mapping[str, Any]) -> dict[str, Any] | None:
    link, incoming = sent.get("hyperlink"), sent.get("linkInFromCell")
    if link is not None and incoming is not None:
        raise ApiProblem(1109)
    if incoming is not None:
        if sent.get("value") is not None:
            raise ApiProblem(1110)
        raise ApiProblem(1032, "cell.linkInFromCell")
    if link is None:
        return None
    fields = as_object(link)
    if fields is None:
        raise ApiProblem(1008, 'Field "hyperlink" was of unexpected type.')
    given = {name: value for name, value in fields.items() if value is not None}
    if unknown := given.keys() - {"url", "sheetId", "reportId", "sightId"}:
        raise ApiProblem(1008, f'Unknown attribute "{min(unknown)}" found in hyperlink.')
    if not given:
        raise ApiProblem(1117)
    if "url" in given and len(given) > 1:
        raise ApiProblem(1112)
    if len(given) > 1:
        raise ApiProblem(1111)
    return given


def _plain(value: Any, column: Column, writer: Writer, *, strict: bool) -> Stored | None:
    if value is None or value == "":
        # Observed in the vendor's scenarios: a check box is unticked, every other cell becomes empty.
        return {"value": False} if column.type == "CHECKBOX" else None
    if not isinstance(value, (str, int, float)):
        raise ApiProblem(1038)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) > LARGEST_NUMBER:
        raise ApiProblem(1148)
    if writer.numeric_dates and column.type == "DATE":
        value = day_of(value)
    if isinstance(value, str):
        value = value[:LONGEST_TEXT]
    typed = _TYPED.get(column.type, _anything)(value, column, writer)
    if typed is not None:
        return typed
    if strict:
        raise ApiProblem(1042, column.id, plain_text(value), column.type)
    return _lenient(value, column)


def _anything(value: Any, column: Column, writer: Writer) -> Stored | None:
    return {"value": value}


def _check_box(value: Any, column: Column, writer: Writer) -> Stored | None:
    return {"value": value} if isinstance(value, bool) else None


def _date(value: Any, column: Column, writer: Writer) -> Stored | None:
    return {"value": value} if isinstance(value, str) and is_date(value) else None


def _contact(value: Any, column: Column, writer: Writer) -> Stored | None:
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        return None
    return contact(value, column, writer)


def contact(address: str, column: Column, writer: Writer, name: str | None = None) -> Stored:
    """A contact cell: the given name, else the column's or the user's with that address, else the address."""
    known = name or column.contacts.get(address) or writer.name_of(address)
    return {"value": address, "displayValue": known or address}


def _picklist(value: Any, column: Column, writer: Writer) -> Stored | None:
    if column.extra.get("symbol") and isinstance(value, str):
        return {"value": value}
    if isinstance(value, bool) or plain_text(value) not in column.options:
        return None
    return {"value": plain_text(value)}


def _several(value: Any, column: Column, writer: Writer) -> Stored | None:
    return None


def _of_a_project(value: Any, column: Column, writer: Writer) -> Stored | None:
    return {"value": plain_text(value)} if project_values.fits(column.type, value) else None


_TYPED: Mapping[str, Callable[[Any, Column, Writer], Stored | None]] = {
    "ABSTRACT_DATETIME": _of_a_project,
    "CHECKBOX": _check_box,
    "CONTACT_LIST": _contact,
    "DATE": _date,
    "DURATION": _of_a_project,
    "MULTI_CONTACT_LIST": _several,
    "MULTI_PICKLIST": _several,
    "PICKLIST": _picklist,
    "PREDECESSOR": _of_a_project,
}


def _lenient(value: Any, column: Column) -> Stored:
    """The nearest value of the type, else the value as free text."""
    if column.type == "CHECKBOX":
        known = {"true": True, "false": False, "1": True, "0": False}.get(plain_text(value).lower())
        return {"value": plain_text(value) if known is None else known}
    if column.type == "DATE" and isinstance(value, str):
        if found := _ISO_TIME.fullmatch(value):
            return {"value": found[1] if is_date(found[1]) else value}
        if found := _US_DATE.fullmatch(value):
            year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
            iso = f"{year:04d}-{int(found[1]):02d}-{int(found[2]):02d}"
            return {"value": iso if is_date(iso) else value}
    if column.type in ("MULTI_PICKLIST", "MULTI_CONTACT_LIST", "PICKLIST"):
        return {"value": plain_text(value)}
    return {"value": value}


def _object(sent: Any, column: Column, writer: Writer, *, strict: bool) -> Stored | None:
    given = as_object(sent)
    if given is None:
        return _plain(sent, column, writer, strict=strict)
    kind = given.get("objectType")
    if kind is None:
        raise ApiProblem(1012, "objectValue.objectType")
    allowed = {
        "CHECKBOX": "CHECKBOX",
        "CONTACT_LIST": "CONTACT",
        "DATE": "DATE",
        "MULTI_CONTACT_LIST": "MULTI_CONTACT",
        "MULTI_PICKLIST": "MULTI_PICKLIST",
        **project_values.KINDS,
    }.get(column.type)
    if kind != allowed:
        raise ApiProblem(1131, "objectValue", column.id, allowed or "none")
    if kind in ("CHECKBOX", "DATE"):
        return _plain(given.get("value"), column, writer, strict=strict)
    if column.type in project_values.KINDS:
        text, kept = project_values.read(column.type, given, writer.row_number)
        stored = _plain(text, column, writer, strict=strict)
        return stored if stored is None or kept is None else {**stored, "objectValue": kept}
    if kind == "CONTACT":
        return _one_contact(given, column, writer, strict=strict)
    return _list_value(kind, given, column, writer, strict=strict)


def _one_contact(given: dict[str, Any], column: Column, writer: Writer, *, strict: bool) -> Stored | None:
    address, name = given.get("email"), given.get("name")
    if not address and not name:
        raise ApiProblem(1012, "contact.email")
    if not address:
        return _plain(name, column, writer, strict=strict)
    if not isinstance(address, str) or not _EMAIL.fullmatch(address):
        if strict:
            raise ApiProblem(1042, column.id, address, column.type)
        return {"value": plain_text(address)}
    return contact(address, column, writer, name)


def _list_value(
    kind: str, given: dict[str, Any], column: Column, writer: Writer, *, strict: bool
) -> Stored | None:
    items = as_list(given.get("values"))
    if not items:
        name = "multiPickList" if kind == "MULTI_PICKLIST" else "multiContact"
        raise ApiProblem(1012, f"{name}.values[]")
    if kind == "MULTI_PICKLIST":
        chosen = [plain_text(item)[:LONGEST_TEXT] for item in items]
        for item in chosen:
            if (strict or column.extra.get("validation")) and item not in column.options:
                raise ApiProblem(1042 if strict else 5536, column.id, item, column.type)
        return {"objectValue": {"objectType": kind, "values": list(dict.fromkeys(chosen))}}
    people: list[dict[str, str]] = []
    for item in items:
        fields = as_object(item)
        one = None if fields is None else _one_contact(fields, column, writer, strict=strict)
        if one is None:
            raise ApiProblem(1131, "objectValue", column.id, "MULTI_CONTACT")
        person = {
            "objectType": "CONTACT",
            "email": one["value"],
            "name": one.get("displayValue", one["value"]),
        }
        people.append(person)
    return {"objectValue": {"objectType": kind, "values": people}}


def _validated(
    stored: Stored | None, sent: Mapping[str, Any], column: Column, writer: Writer
) -> Stored | None:
    """A column that is restricted to its type takes free text only when an administrator overrides it."""
    override = writer.override_validation or bool(sent.get("overrideValidation"))
    if stored is None or override or not column.extra.get("validation"):
        return stored
    value = stored.get("value")
    fits = {
        "CHECKBOX": lambda: isinstance(value, bool),
        "CONTACT_LIST": lambda: value in column.contacts,
        "DATE": lambda: isinstance(value, str) and is_date(value),
        "PICKLIST": lambda: value in column.options,
    }.get(column.type)
    if fits is not None and not fits():
        raise ApiProblem(
            5536, message=f"The column {column.title} is restricted to {column.type} values only."
        )
    return stored
