"""Surrogate keys: the same number for the same member, whatever else there is."""

from __future__ import annotations

import pytest

from dsr_pipeline.powerbi import keys
from dsr_pipeline.powerbi.keys import KeyCollision, surrogate_keys


def test_a_key_does_not_depend_on_the_other_members_or_their_order() -> None:
    few = surrogate_keys("account", ["b", "a"])
    many = surrogate_keys("account", ["a", "c", "b", "ä", ""])
    assert {name: many[name] for name in few} == few


def test_keys_are_positive_int64_and_differ_between_dimensions() -> None:
    members = [f"m{i}" for i in range(5000)]
    made = surrogate_keys("merchant", members)
    assert len(set(made.values())) == len(members)
    assert all(0 <= key < 2**63 for key in made.values())
    assert surrogate_keys("category", ["m1"])["m1"] != made["m1"]
    assert list(made.values()) == sorted(made.values())


def test_the_number_is_fixed_for_ever() -> None:
    """Reports keep these numbers in their filters: a change of the recipe would break them silently."""
    assert surrogate_keys("account", ["chase:4321"]) == {"chase:4321": FIXED}


def test_a_collision_is_an_error_that_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "KEY_BITS", 3)
    with pytest.raises(KeyCollision, match=r"merchant 'm\d+' and 'm\d+' get the same key"):
        surrogate_keys("merchant", [f"m{i}" for i in range(20)])


FIXED = 5271865153484702053
