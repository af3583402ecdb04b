"""`variants.yaml` as SQL: which variant takes a row, at which basis, and whose claim it is.

Lives here: the expressions that the scripts beside it put into their statements. A condition is true, false,
or unknown where a cell that it looks at shows an error or holds what cannot be read; what is unknown is never
taken for false, because the row would then be billed to somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsr_pipeline.billing.variants import Price, Variant, Variants, When
from dsr_pipeline.billing.workbench import literals

UNDECIDED = -1
"""Number of a row of which cells that cannot be read leave open which variant takes it."""

_OF_SHEET = {"sheet_name": "sheet_name", "source": "source"}


def variant_sql(variants: Variants) -> str:
    """The place in the file of the first variant that bears money and fits; null where none does."""
    whens: list[str] = []
    for place, one in enumerate(variants.variants):
        if one.money:
            condition = condition_sql(one.when)
            whens.append(f"when ({condition}) is null then {UNDECIDED} when {condition} then {place}")
    return f"case {' '.join(whens)} end::integer"


def view_places_sql(variants: Variants) -> str:
    """A list with the places of the views that show a unit (a row `t` of `typed`); null for the others."""
    places: list[str] = []
    for place, view in enumerate(variants.variants):
        if not view.money:
            of = _places(view.view_of, variants)
            places.append(
                f"case when t.variant_no in ({of}) and ({condition_sql(view.when)}) then {place} end"
            )
    return f"[{', '.join(places)}]::integer[]"


def shown_variants(variants: Variants) -> str:
    """The places of all variants that some view shows, as members of an SQL list."""
    return _places([name for view in variants.variants for name in view.view_of], variants)


def _places(names: Sequence[str], variants: Variants) -> str:
    places = [str(place) for place, one in enumerate(variants.variants) if one.name in names]
    return ", ".join(places) or "null"


def condition_sql(when: When) -> str:
    """All conditions of a variant, over the columns of `shown` in `units.sql`."""
    parts: list[str] = []
    if when.rate_basis:
        wanted = literals([one.casefold() for one in when.rate_basis])
        parts.append(f"coalesce(lower(rate_basis) in ({wanted}), false)")
    parts += [_unless_error(name, f"{name} is not null") for name in when.filled]
    parts += [f"is_{name}" for name in when.checked]
    for name, texts in when.equals.items():
        wanted = literals([" ".join(one.split()).lower() for one in texts])
        equal = f"coalesce(lower({name}) in ({wanted}), false)"
        parts.append(equal if name in _OF_SHEET else _unless_error(name, equal))
    if when.snapshot_from is not None:
        parts.append(f"coalesce(snapshot_day >= date '{when.snapshot_from}', false)")
    if when.snapshot_until is not None:
        parts.append(f"coalesce(snapshot_day <= date '{when.snapshot_until}', false)")
    return " and ".join(f"({part})" for part in parts) or "true"


def by_variant(values: Sequence[str], otherwise: str = "null", of: str = "variant_no") -> str:
    """An expression that is chosen by a place in the file: one for each variant, `otherwise` without any."""
    places: dict[str, list[str]] = {}
    for place, value in enumerate(values):
        places.setdefault(value, []).append(str(place))
    whens = (f"when {of} in ({', '.join(numbers)}) then {value}" for value, numbers in places.items())
    return f"case {' '.join(whens)} else {otherwise} end"


def basis_of(one: Variant) -> str | None:
    """The basis at which a variant is priced; None where the price of the sheet counts."""
    return one.price.basis if isinstance(one.price, Price) else None


def negotiates(one: Variant) -> bool:
    """Whether rates negotiated with the customer count for it."""
    return isinstance(one.price, Price) and one.price.negotiated


def _unless_error(name: str, condition: str) -> str:
    return f"case when shows_error(errors, '{name}') then null else {condition} end"
