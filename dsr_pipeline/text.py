"""The one canonical form behind every hash, key and ledger record, and the text form used for matching.

Nothing here knows a table or a bank; it is called by every room that makes a key. The SQL twin
(`canonical_sql`) lives beside the Python form so that the encoding is written down once.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal, DecimalException
from typing import Literal, cast

VERSION = b"c1"
HASH_DIGITS = 32
"""Hex digits kept of a SHA-256: 128 bits, enough for 10**15 keys, at half the bytes of the whole."""

DECIMALS = 6
_EXACT = Context(prec=80)
_MAX_EXPONENT = 60
_NONE = "z0:"

SqlKind = Literal["value", "int", "str", "date", "timestamp", "money", "rate", "bool"]


class CanonicalError(ValueError):
    """A value has no canonical form; the message says which value and what to give instead."""


def canonical(*values: object) -> bytes:
    """The values as bytes that no other tuple of values gives.

    Every value is written as a type letter, the length of its payload in bytes, a colon and the payload,
    so that neither a separator inside a text nor a missing value can make two tuples look alike:
    `z` None, `b` bool, `i` int, `n` Decimal (fixed point, six decimals), `d` date, `t` datetime (UTC,
    microseconds; a naive one is taken as UTC), `s` text exactly as given, `y` bytes, `l` list or tuple
    (the number of members, then the members). Raises `CanonicalError` for a float (its text depends on
    rounding), for a Decimal with more than six decimals, and for any other type.
    """
    parts = [VERSION]
    for value in values:
        _encode(value, parts)
    return b"".join(parts)


def canonical_hash(*values: object) -> str:
    """The first 32 hex digits of the SHA-256 of `canonical(*values)`."""
    return hashlib.sha256(canonical(*values)).hexdigest()[:HASH_DIGITS]


def normalised(text: str) -> str:
    """The text reduced to what two spellings of one thing share: NFKC, upper case, letters and digits only.

    It is for matching only; what a bank wrote is kept beside it, unchanged.
    """
    if text.isascii():
        return text.translate(_ASCII_TO_KEY)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).upper()))


def canonical_sql(*parts: tuple[SqlKind, object]) -> str:
    """A DuckDB expression (VARCHAR) whose UTF-8 bytes are `canonical(...)` of the row's values.

    Each part is a kind and an SQL expression: `int`, `str`, `date`, `timestamp` (UTC), `bool`, `money`
    (DECIMAL(18,4)), `rate` (DECIMAL(18,6)); NULL becomes None. The kind `value` takes a Python value
    instead of an expression and writes its encoding as a constant. An expression of another scale than its
    kind is an error of the caller that SQL does not report, since the cast would round it.
    """
    pieces = [_sql_text(VERSION.decode())]
    for kind, given in parts:
        if kind == "value":
            pieces.append(_sql_text(canonical(given)[len(VERSION) :].decode("utf-8")))
        else:
            pieces += [piece.format(e=f"({given})") for piece in _SQL_FORMS[kind]]
    return f"concat({', '.join(_merge_constants(pieces))})"


def canonical_hash_sql(*parts: tuple[SqlKind, object]) -> str:
    """The DuckDB expression of `canonical_hash` over the same parts as `canonical_sql`."""
    return f"left(sha256({canonical_sql(*parts)}), {HASH_DIGITS})"


def _encode(value: object, parts: list[bytes]) -> None:
    if value is None:
        parts.append(_NONE.encode())
    elif isinstance(value, bool):
        parts.append(b"b1:1" if value else b"b1:0")
    elif isinstance(value, int):
        parts.append(_framed("i", int.__repr__(value).encode("ascii")))
    elif isinstance(value, Decimal):
        parts.append(_framed("n", fixed_point(value).encode("ascii")))
    elif isinstance(value, str):
        try:
            payload = value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise CanonicalError(
                f"the text {value!r} holds half a surrogate pair: decode its source strictly"
            ) from error
        parts.append(_framed("s", payload))
    elif type(value) is datetime:
        utc = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        parts.append(_framed("t", utc.isoformat(timespec="microseconds").encode("ascii")))
    elif type(value) is date:
        parts.append(_framed("d", value.isoformat().encode("ascii")))
    elif isinstance(value, bytes):
        parts.append(_framed("y", value))
    elif isinstance(value, list | tuple):
        members = cast("Sequence[object]", value)
        parts.append(b"l%d:" % len(members))
        for member in members:
            _encode(member, parts)
    else:
        raise CanonicalError(
            f"{value!r} ({type(value).__name__}) has no canonical form: "
            "give None, bool, int, Decimal, date, datetime, str, bytes, or a list of these"
        )


def fixed_point(value: Decimal) -> str:
    """The payload of a Decimal: plain digits with exactly six decimals, zero without a sign."""
    if not value.is_finite() or (value and abs(value.adjusted()) > _MAX_EXPONENT):
        raise CanonicalError(f"the number {value!s} is outside what a table can hold")
    try:
        fixed = value.quantize(Decimal((0, (1,), -DECIMALS)), context=_EXACT)
    except DecimalException as error:
        raise CanonicalError(f"the number {value!s} is outside what a table can hold") from error
    if fixed != value:
        raise CanonicalError(f"the number {value!s} has more than {DECIMALS} decimals: round it first")
    return f"{abs(fixed) if fixed.is_zero() else fixed:f}"


def _framed(letter: str, payload: bytes) -> bytes:
    return b"%s%d:%s" % (letter.encode("ascii"), len(payload), payload)


_ASCII_TO_KEY = {
    code: chr(code).upper() if chr(code).isalnum() else None
    for code in range(128)
    if chr(code).upper() != chr(code) or not chr(code).isalnum()
}

# The arguments of one flat concat(), which leaves out NULL arguments: of a missing value remain 'z0' and ':'.
# strlen() counts bytes in DuckDB, length() counts characters; the frame holds bytes.
_SQL_FORMS: dict[str, tuple[str, ...]] = {
    "int": ("if({e} is null, 'z0', 'i')", "strlen({e}::varchar)", "':'", "{e}::varchar"),
    "str": ("if({e} is null, 'z0', 's')", "strlen({e})", "':'", "{e}"),
    "date": ("if({e} is null, 'z0:', 'd10:')", "{e}::varchar"),
    "timestamp": ("if({e} is null, 'z0:', 't26:')", "strftime({e}, '%Y-%m-%dT%H:%M:%S.%f')"),
    "money": (
        "if({e} is null, 'z0', 'n')",
        "strlen({e}::decimal(18,4)::varchar) + 2",
        "':'",
        "{e}::decimal(18,4)::varchar",
        "if({e} is null, '', '00')",
    ),
    "rate": (
        "if({e} is null, 'z0', 'n')",
        "strlen({e}::decimal(18,6)::varchar)",
        "':'",
        "{e}::decimal(18,6)::varchar",
    ),
    "bool": ("if({e} is null, 'z0:', if({e}, 'b1:1', 'b1:0'))",),
}


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _merge_constants(pieces: list[str]) -> list[str]:
    """Neighbouring text constants as one, which saves an argument per row."""
    merged: list[str] = []
    for piece in pieces:
        if merged and merged[-1].startswith("'") and piece.startswith("'"):
            merged[-1] = merged[-1][:-1] + piece[1:]
        else:
            merged.append(piece)
    return merged
