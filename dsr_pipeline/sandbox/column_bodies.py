"""What a request that makes or changes columns says, checked attribute by attribute.

Touches no stored column. Called by `columns.py` and, for new sheets, by `containers.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dsr_pipeline.sandbox.attributes import check_attributes
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.schema import SYSTEM_TYPES, TYPES
from dsr_pipeline.sandbox.texts import as_list, as_object

LONGEST_TITLE = 50
# Attributes that are kept as they are sent, with the type that each must have.
_KEPT: Mapping[str, type | tuple[type, ...]] = {
    "autoNumberFormat": dict,
    "contactOptions": list,
    "description": str,
    "formula": str,
    "hidden": bool,
    "locked": bool,
    "options": list,
    "symbol": str,
    "systemColumnType": str,
    "validation": bool,
    "width": int,
}
_ALLOWED = frozenset(_KEPT) | {"title", "type", "index", "primary"}
_REFUSED = frozenset("id format lockedForUser tags version filter".split())
_WITH_OPTIONS = frozenset("PICKLIST MULTI_PICKLIST CHECKBOX".split())
_VALIDATED = frozenset("CHECKBOX CONTACT_LIST DATE PICKLIST MULTI_PICKLIST MULTI_CONTACT_LIST".split())


def read_column(sent: Any, *, new: bool) -> dict[str, Any]:
    """The attributes of one column; of a new one title and type are needed."""
    body = as_object(sent)
    if body is None:
        raise ApiProblem(1177 if sent is None else 1008, "A column must be an object.")
    check_attributes(body, "column", _ALLOWED, _REFUSED)
    given = {name: value for name, value in body.items() if value is not None}
    for name, kind in {**_KEPT, "title": str, "type": str, "index": int, "primary": bool}.items():
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ApiProblem(1008, f'Field "{name}" was of unexpected type.')
    if new:
        for name in ("title", "type"):
            if name not in given:
                raise ApiProblem(1012, f"column.{name}")
    _check_title(given)
    _check_type(given)
    return given


def _check_title(given: Mapping[str, Any]) -> None:
    if "title" not in given:
        return
    title: str = given["title"]
    if not title.strip():
        raise ApiProblem(1012, "column.title")
    if len(title) > LONGEST_TITLE:
        raise ApiProblem(1041, "column.title", LONGEST_TITLE, len(title))
    if given.get("index", 0) < 0:
        raise ApiProblem(1031, given["index"], "column.index")


def _check_type(given: Mapping[str, Any]) -> None:
    kind = given.get("type")
    if kind is None:
        if given.keys() & {"symbol", "systemColumnType", "options"}:
            raise ApiProblem(1090)
        return
    if kind not in TYPES:
        raise ApiProblem(1031, kind, "column.type")
    system = given.get("systemColumnType")
    if system is not None:
        if system not in SYSTEM_TYPES:
            raise ApiProblem(1031, system, "column.systemColumnType")
        if SYSTEM_TYPES[system] != kind:
            raise ApiProblem(1079, kind, system)
    elif kind == "DATETIME":
        raise ApiProblem(1089)
    if "autoNumberFormat" in given and system != "AUTO_NUMBER":
        raise ApiProblem(1083, given.get("title", ""))
    _check_choices(kind, given)


def _check_choices(kind: str, given: Mapping[str, Any]) -> None:
    if "options" in given and kind not in _WITH_OPTIONS:
        raise ApiProblem(1060, kind)
    if any(not isinstance(option, str) for option in as_list(given.get("options")) or []):
        raise ApiProblem(1008, 'Field "options" was of unexpected type.')
    if given.get("validation") and kind not in _VALIDATED:
        raise ApiProblem(1210, kind)
    for option in as_list(given.get("contactOptions")) or []:
        fields = as_object(option) or {}
        if not (fields.get("email") or fields.get("name")):
            raise ApiProblem(1012, "contact.email")


def read_new_sheet(sent: Any) -> list[dict[str, Any]]:
    """The columns of a new sheet: titles unique, exactly one of them primary, and that one TEXT_NUMBER."""
    listed = as_list(sent)
    if not listed:
        raise ApiProblem(1054)
    columns = [read_column(column, new=True) for column in listed]
    primary = [column for column in columns if column.get("primary")]
    if len(primary) != 1:
        raise ApiProblem(1055)
    if primary[0]["type"] != "TEXT_NUMBER" or "systemColumnType" in primary[0]:
        raise ApiProblem(1057)
    check_distinct(columns)
    return columns


def check_distinct(columns: Sequence[Mapping[str, Any]]) -> None:
    """400/1133 or 400/1134 when two columns of a request have one title or one system type."""
    titles = [column["title"] for column in columns]
    if len(set(titles)) < len(titles):
        raise ApiProblem(1133)
    systems = [column["systemColumnType"] for column in columns if "systemColumnType" in column]
    if len(set(systems)) < len(systems):
        raise ApiProblem(1134)


def kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that are stored beside id, title and type."""
    return {name: given[name] for name in _KEPT if name in given}
