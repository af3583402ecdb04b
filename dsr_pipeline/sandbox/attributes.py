"""Which attributes an object in a request may have: one rule for rows, cells, columns, sheets and folders.

Called by every module that reads bodies.
"""

from collections.abc import Mapping, Set
from typing import Any

from dsr_pipeline.sandbox.errors import ApiProblem

# Sent by the service only, and no part of any request; the SDK sends them back with what was read.
TIMES = frozenset("createdAt createdBy modifiedAt modifiedBy".split())


def check_attributes(sent: Mapping[str, Any], kind: str, allowed: Set[str], refused: Set[str]) -> None:
    """400/1008 for attributes that nobody knows, 400/1032 for those that cannot be written here."""
    # What cannot be parsed comes before what may not be written: a row that was read is 1008 as a whole.
    for name in sent:
        if name in TIMES or name not in allowed | refused:
            raise ApiProblem(1008, f'Unknown attribute "{name}" found in {kind}.')
    if named := sorted(sent.keys() & refused):
        raise ApiProblem(1032, ", ".join(f"{kind}.{name}" for name in named))
