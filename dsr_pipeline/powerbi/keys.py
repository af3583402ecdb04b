"""Surrogate keys: an int64 for each member of a dimension that stays the same whatever else arrives.

Lives here: the one way in which natural keys become numbers. Called by `star`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dsr_pipeline.text import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

KEY_BITS = 63
"""A positive int64: Power BI reads it as a whole number and stores it well."""


class KeyCollision(Exception):
    """Two members of a dimension got the same number (about once in 10**9 dimensions of 100,000 members)."""

    def __init__(self, dimension: str, first: str, second: str) -> None:
        super().__init__(
            f"the {dimension} {first!r} and {second!r} get the same key in Power BI: rename one of them "
            "in rules/"
        )


def surrogate_keys(dimension: str, members: Iterable[str]) -> dict[str, int]:
    """Each member with its key, in the order of the keys; raises `KeyCollision`."""
    taken: dict[int, str] = {}
    for member in members:
        digest = hashlib.sha256(canonical(dimension, member)).digest()
        key = int.from_bytes(digest[:8]) >> (64 - KEY_BITS)
        if (other := taken.setdefault(key, member)) != member:
            raise KeyCollision(dimension, other, member)
    return {taken[key]: key for key in sorted(taken)}
