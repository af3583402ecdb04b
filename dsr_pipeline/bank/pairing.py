"""One-to-one choices among candidate pairs that come best first.

Pure functions over numbers; `bank.aggregators` and `bank.transfers` say what a candidate is and what it
costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Pair = tuple[int, int]
Cost = TypeVar("Cost")


def greedy_pairs(left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which candidates are taken when each is taken in turn if both its sides are still free.

    A candidate that is the only one of both sides is taken at once; only the contested rest is walked
    through.
    """
    taken = _alone(left) & _alone(right)
    used_left: set[int] = set()
    used_right: set[int] = set()
    for i in np.flatnonzero(~taken):
        one, other = int(left[i]), int(right[i])
        if one not in used_left and other not in used_right:
            used_left.add(one)
            used_right.add(other)
            taken[i] = True
    return taken


def clear_pairs(candidates: Iterable[tuple[Cost, Pair]]) -> tuple[list[Pair], list[tuple[int, ...]]]:
    """The pairs that are best for both sides without a rival of equal cost, and the groups that have rivals.

    Candidates come sorted by cost. Of those of one cost whose sides are both free, a pair that shares no side
    with another is taken; sides that share are an ambiguous group and are left alone from then on.
    """
    pairs: list[Pair] = []
    ambiguous: list[tuple[int, ...]] = []
    settled: set[int] = set()
    for _, level in groupby(candidates, key=lambda candidate: candidate[0]):
        free = [pair for _, pair in level if not settled.intersection(pair)]
        direction = {frozenset(pair): pair for pair in free}
        for group in _connected(free):
            settled.update(group)
            if len(group) == 2:
                pairs.append(direction[frozenset(group)])
            else:
                ambiguous.append(group)
    return pairs, ambiguous


def _alone(values: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which values stand once."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(count[place] == 1)


def _connected(pairs: Sequence[Pair]) -> list[tuple[int, ...]]:
    """The groups of numbers that pairs connect, each sorted, in the order of their first pair."""
    group_of: dict[int, set[int]] = {}
    for one, other in pairs:
        large, small = group_of.get(one, {one}), group_of.get(other, {other})
        if len(large) < len(small):
            large, small = small, large
        large |= small
        for member in small:
            group_of[member] = large
        group_of[one] = group_of[other] = large
    unique = {id(group_of[one]): group_of[one] for one, _ in pairs}
    return [tuple(sorted(group)) for group in unique.values()]
