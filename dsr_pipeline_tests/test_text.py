"""The canonical form: no two tuples share bytes, and DuckDB writes the same bytes as Python."""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_pipeline.text import (
    CanonicalError,
    canonical,
    canonical_hash,
    canonical_hash_sql,
    canonical_sql,
    normalised,
)

MORNING = datetime.fromisoformat("2026-01-17T08:00")
MONEY = st.decimals(min_value=-(10**14) + 1, max_value=10**14 - 1, places=4)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    MONEY,
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dates(),
    st.datetimes(),
    st.binary(),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=8)


def same(left: object, right: object) -> bool:
    """Equal in type as well as in value, so that True is not 1 and a date is not midnight."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


@given(st.lists(VALUES, max_size=5), st.lists(VALUES, max_size=5))
def test_different_tuples_have_different_bytes(left: list[object], right: list[object]) -> None:
    assert (canonical(*left) == canonical(*right)) == same(left, right)


@given(
    st.lists(st.text("1s:zl0a", max_size=6), max_size=4), st.lists(st.text("1s:zl0a", max_size=6), max_size=4)
)
def test_text_that_imitates_the_encoding_gains_nothing(left: list[str], right: list[str]) -> None:
    assert (canonical(*left) == canonical(*right)) == (left == right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("a", "bc"), ("ab", "c")),
        (("",), (None,)),
        (("",), ()),
        ((["a"], "b"), (["a", "b"],)),
        (("1",), (1,)),
        ((1,), (True,)),
        ((1,), (Decimal(1),)),
        ((date(2026, 1, 17),), ("2026-01-17",)),
        ((date(2026, 1, 17),), (datetime.fromisoformat("2026-01-17"),)),
        ((b"a",), ("a",)),
    ],
)
def test_lookalikes_differ(left: tuple[object, ...], right: tuple[object, ...]) -> None:
    assert canonical(*left) != canonical(*right)


def test_the_form_itself_is_fixed() -> None:
    # Keys made from it are stored for ever: this text may only change together with its version.
    assert canonical(
        1,
        None,
        True,
        Decimal("-4.95"),
        date(2026, 1, 17),
        "é",
        b"\x00",
        ["a", 2],
        datetime.fromisoformat("2026-01-17T08:00"),
    ) == (
        b"c1i1:1z0:b1:1n9:-4.950000d10:2026-01-17s2:\xc3\xa9y1:\x00l2:s1:ai1:2t26:2026-01-17T08:00:00.000000"
    )
    assert canonical_hash(1, "a") == hashlib.sha256(b"c1i1:1s1:a").hexdigest()[:32]


@pytest.mark.parametrize("text", ["0", "-0", "0.0000", "-0.000000", "0E+3"])
def test_zero_has_one_form(text: str) -> None:
    assert canonical(Decimal(text)) == b"c1n8:0.000000"


def test_the_spelling_of_a_number_does_not_count() -> None:
    assert canonical(Decimal(-12)) == canonical(Decimal("-12.00")) == canonical(Decimal("-1.2E1"))


def test_an_instant_has_one_form_in_every_zone() -> None:
    local = datetime(2026, 1, 17, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    assert canonical(local) == canonical(local.astimezone(UTC)) == canonical(MORNING)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        Decimal("0.0000001"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("1E+999999"),
        Decimal("1E-999999"),
        "\ud800",
        {"a": 1},
        object(),
        ["a", 0.5],
    ],
)
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(CanonicalError):
        canonical(value)


def test_more_than_six_significant_decimals_are_refused_and_trailing_zeros_are_not() -> None:
    assert canonical(Decimal("1.1234560000")) == canonical(Decimal("1.123456"))
    with pytest.raises(CanonicalError, match="more than 6 decimals"):
        canonical(Decimal("1.1234567"))


ROW = st.tuples(
    st.integers(-(2**62), 2**62),
    st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
    st.sampled_from(["row", "Überweisung 'x'", "日本🍞", ""]),
    st.none() | st.dates(),
    st.none() | MONEY,
    st.none() | st.text("ABC€", max_size=3),
    st.text("é:19s\n'\"🍞", max_size=8),
    st.integers(0, 2**31 - 1),
    st.none() | st.datetimes(),
    st.none() | st.booleans(),
    st.none() | st.decimals(min_value=-(10**12) + 1, max_value=10**12 - 1, places=6),
)
ROW_SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        ("account", pa.string()),
        ("kind", pa.string()),
        ("day", pa.date32()),
        ("amount", pa.decimal128(18, 4)),
        ("currency", pa.string()),
        ("norm", pa.string()),
        ("occurrence", pa.int32()),
        ("moment", pa.timestamp("us")),
        ("flag", pa.bool_()),
        ("rate", pa.decimal128(18, 6)),
    ]
)


@settings(deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8))
def test_sql_writes_the_bytes_of_python(rows: list[tuple[object, ...]]) -> None:
    columns = [
        pa.array(values, field.type)
        for values, field in zip(zip(*rows, strict=True), ROW_SCHEMA, strict=True)
    ]
    parts = (
        ("int", "n"),
        ("str", "account"),
        ("str", "kind"),
        ("date", "day"),
        ("money", "amount"),
        ("str", "currency"),
        ("str", "norm"),
        ("int", "occurrence"),
        ("timestamp", "moment"),
        ("bool", "flag"),
        ("rate", "rate"),
    )
    with duckdb.connect() as connection:
        connection.register("given", pa.Table.from_arrays(columns, schema=ROW_SCHEMA))
        found = connection.execute(
            f"select encode({canonical_sql(*parts)}), {canonical_hash_sql(*parts)} from given"
        ).fetchall()
    wanted = [(canonical(*row), canonical_hash(*row)) for row in rows]
    assert found == wanted


def test_the_transaction_key_in_sql_is_the_key_in_python() -> None:
    with duckdb.connect() as connection:
        key = canonical_hash_sql(
            ("value", 1),
            ("str", "'chase:1122'"),
            ("value", "row"),
            ("date", "date '2026-01-05'"),
            ("money", "-5.45::decimal(18,4)"),
            ("str", "null"),
            ("str", "'CAFÉ'"),
            ("int", "2"),
        )
        found = connection.execute(f"select {key}").fetchone()
    wanted = canonical_hash(1, "chase:1122", "row", date(2026, 1, 5), Decimal("-5.45"), None, "CAFÉ", 2)
    assert found == (wanted,)


def test_constants_in_sql_are_quoted() -> None:
    expression = canonical_sql(("value", "it's"), ("value", None))
    with duckdb.connect() as connection:
        found = connection.execute(f"select encode({expression})").fetchone()
    assert found == (canonical("it's", None),)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("SQ *Blue Bottle #12", "SQBLUEBOTTLE12"),
        ("Café  Zürich", "CAFÉZÜRICH"),
        ("ﬁve ½", "FIVE12"),
        ("Ｆｕｌｌ width", "FULLWIDTH"),
        ("straße", "STRASSE"),
        ("🍞 bread\u200d", "BREAD"),
        ("日本 銀行", "日本銀行"),
        (" -*/ ", ""),
    ],
)
def test_matching_text_keeps_letters_and_digits_only(text: str, key: str) -> None:
    assert normalised(text) == key


@given(st.text(st.characters(max_codepoint=127)))
def test_the_quick_way_for_ascii_is_the_slow_way(text: str) -> None:
    assert normalised(text) == "".join(c for c in text.upper() if c.isalnum())
