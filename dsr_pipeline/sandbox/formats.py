"""Format descriptors of rows and cells: kept as they were sent and shown when asked for, never interpreted.

Called by the modules that read, store and show rows.
"""

import re
from collections.abc import Mapping
from typing import Any

from dsr_pipeline.sandbox.errors import ApiProblem

# Numbers of settings by their place, most of them empty: ",,1,,,,,,,18,,,,,,".
_DESCRIPTOR = re.compile(r"\d*(?:,\d*){1,20}", re.ASCII)
NAME = "format"

StoredCell = Mapping[str, Any]


def read_format(sent: Mapping[str, Any], kind: str) -> str | None:
    """The descriptor of a row or cell in a request, empty to take it away; None where it says nothing."""
    if NAME not in sent:
        return None
    value = sent[NAME]
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise ApiProblem(1008, f'Field "{NAME}" was of unexpected type.')
    if not _DESCRIPTOR.fullmatch(value):
        raise ApiProblem(1031, value, f"{kind}.{NAME}")
    return value


def formatted(cell: StoredCell | None, descriptor: str | None) -> dict[str, Any] | None:
    """A stored cell with this descriptor, without one where it is empty; None when nothing is left."""
    kept = bare(cell) or {}
    if descriptor:
        kept = {**kept, NAME: descriptor}
    return kept or None


def bare(cell: StoredCell | None) -> dict[str, Any] | None:
    """A stored cell without its descriptor; None when it holds nothing else."""
    return {name: value for name, value in (cell or {}).items() if name != NAME} or None
