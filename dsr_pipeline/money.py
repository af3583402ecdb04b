"""The one money type, its rounding and its allocation; the lowest room, it imports no other.

Nothing here knows a currency's rules or a table: those who bill, invoice and settle call it. No float enters.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from fractions import Fraction

import pyarrow as pa

MONEY_SQL = "decimal(18,4)"
RATE_SQL = "decimal(18,6)"
MONEY_TYPE = pa.decimal128(18, 4)
RATE_TYPE = pa.decimal128(18, 6)

_EXACT = Context(prec=80)


class MoneyError(ValueError):
    """An amount or a division of it that has no exact answer; the message says which."""


def round_half_away(value: Decimal, places: int = 2) -> Decimal:
    """`value` rounded to `places` decimals, halves away from zero (2.345 → 2.35, −2.345 → −2.35).

    It is what DuckDB's `round()` does on a DECIMAL, so that SQL and Python never differ by a cent. Zero
    carries no sign. Raises `MoneyError` for NaN and infinity.
    """
    try:
        rounded = value.quantize(Decimal((0, (1,), -places)), rounding=ROUND_HALF_UP, context=_EXACT)
    except DecimalException as error:
        raise MoneyError(f"{value!s} cannot be rounded to {places} decimals") from error
    if not rounded.is_finite():
        raise MoneyError(f"{value!s} is not an amount")
    return abs(rounded) if rounded.is_zero() else rounded


def allocate(total: Decimal, weights: Sequence[Decimal | int], places: int = 2) -> list[Decimal]:
    """`total` divided in proportion to `weights`; the parts sum to it exactly.

    Every part is first cut to `places` decimals towards zero; the smallest units left over go to the parts
    that lost most by the cut (largest remainder), to the earlier one where two lost the same. A negative
    total mirrors the positive one. Raises `MoneyError` where the total is not a whole number of units, a
    weight is negative, or all weights are zero.
    """
    shares = [Fraction(weight) for weight in weights]
    whole = sum(shares, Fraction(0))
    if any(share < 0 for share in shares) or whole == 0:
        raise MoneyError(f"cannot divide {total!s} by the weights {[str(weight) for weight in weights]}")
    units = minor_units(total, places)
    quotas = [abs(units) * share / whole for share in shares]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - quotas[i], i))
    for index in by_remainder[: abs(units) - sum(parts)]:
        parts[index] += 1
    sign = -1 if units < 0 else 1
    return [from_minor_units(sign * part, places) for part in parts]


def minor_units(amount: Decimal, places: int = 2) -> int:
    """The amount in its smallest units (cents for `places` 2).

    Raises `MoneyError` where it is not a whole number of them: rounding is a decision and is not made here.
    """
    if round_half_away(amount, places) != amount:
        raise MoneyError(f"{amount!s} is not a whole number of units of {places} decimals: round it first")
    return int(amount.scaleb(places, context=_EXACT))


def from_minor_units(units: int, places: int = 2) -> Decimal:
    """The amount of so many smallest units (−150 with `places` 2 is −1.50)."""
    return Decimal(units).scaleb(-places, context=_EXACT)
