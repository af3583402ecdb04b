"""All invented exports by id, judged once."""

from __future__ import annotations

from functools import cache

from dsr_pipeline_tests.bank.draft import (
    layouts_dach,
    layouts_north_east,
    layouts_uk_oceania,
    layouts_us_ca,
    layouts_variants,
    layouts_west,
    layouts_world,
)
from dsr_pipeline_tests.bank.draft.exports import Export
from dsr_pipeline_tests.bank.draft.judging import judge

_BANKS = (layouts_us_ca, layouts_uk_oceania, layouts_dach, layouts_west, layouts_north_east, layouts_world)


@cache
def banks() -> dict[str, Export]:
    """Exports in the layouts of banks."""
    return {export.id: export for module in _BANKS for export in module.layouts()}


@cache
def variants() -> dict[str, Export]:
    """Exports that prove less, or something else, than it seems."""
    return {export.id: export for export in layouts_variants.layouts()}


@cache
def verdict(name: str) -> tuple[str, str]:
    """right, asking, refused or wrong, with the reason."""
    return judge((banks() | variants())[name])
