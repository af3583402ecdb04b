"""What people type into cells, and what of it is a number, a day or a checked box."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_pipeline import entered

AMOUNTS = [
    ("1234.5", "1234.5"),
    ("0", "0"),
    ("-0.00", "0.00"),
    ("0090", "90"),
    (".5", "0.5"),
    ("-.5", "-0.5"),
    ("$1,234.50", "1234.50"),
    ("$ 1,234,567.89", "1234567.89"),
    ("(12.50)", "-12.50"),
    ("( 12.50 )", "-12.50"),
    ("($1,234.00)", "-1234.00"),
    ("$(1,234.00)", "-1234.00"),
    ("($ 12)", "-12"),
    ("-$3", "-3"),
    ("$ -3", "-3"),
    ("$-3.10", "-3.10"),
    ("+12.50", "12.50"),
    ("− 12.50", "-12.50"),
    ("12.50-", "-12.50"),
    ("$12.50-", "-12.50"),
    ("12.5 USD", "12.5"),
    ("usd 12.5", "12.5"),
    ("$12.50 USD", "12.50"),
    ("(12.50) USD", "-12.50"),
    ("(12.50 USD)", "-12.50"),
    ("€12.50", "12.50"),
    ("12.50 €", "12.50"),
    ("£9", "9"),
    ("\u00a0$\u00a012.00 ", "12.00"),
]
COMMA_AMOUNTS = [
    ("1.250,00", "1250.00"),
    ("1.250", "1250"),
    ("12,5", "12.5"),
    ("-,5", "-0.5"),
    ("(1.234.567,89 €)", "-1234567.89"),
    ("1250", "1250"),
]
NO_AMOUNTS = [
    *("", " ", "abc", "$", "-", "()", ".", ",", "5.", "$5.", "-(5)", "(-5)", "-5-", "(5", "5)", "((5))"),
    *("inf", "-inf", "Infinity", "nan", "NaN", "sNaN", "1e5", "1E5", "1e999", "1_000", "0x10", "1e", "5%"),
    *("1,2,3", "1,23", "12,34.5", "1,234,56", "1234,567", ",123", "1,234.5,6", "1.2.3", "1.250,00", "12,50"),
    *("--3", "- -3", "+-3", "−-3", "12.50 -", "12.50--", "$$5", "$5$", "USD 5 USD", "$5 €", "€5 USD"),
    *("12.5 EA", "2 EA", "EA", "1 2", "1\u00a0234", "1'234", "12 3.5", "12.5.", "12 . 5", "½", "5½", "UſD 5"),
    *("１２", "٣", "１,２３４", "²", "5²", "1" * 39, "0." + "1" * 39, "#NO MATCH", "#UNPARSEABLE", "true"),
]
QUANTITIES = [
    ("2 EA", "2"),
    ("2EA", "2"),
    ("1,000 FT", "1000"),
    ("-2 EA", "-2"),
    ("(2) EA", "-2"),
    ("(2)", "-2"),
    ("2.5 hrs.", "2.5"),
    ("3 m²", "3"),
    ("12 sq ft", "12"),
    ("0.125", "0.125"),
    (".5 Stück", "0.5"),
    ("100000000000000000000", "100000000000000000000"),
]
NO_QUANTITIES = [
    *("EA", "EA 2", "two", "2 EA 3", "2 of 3", "2 - EA", "2- EA", "2 EA-", "2-EA", "2 / EA", "2 not done"),
    *("1e5", "1e", "1 e", "1e999", "inf", "2 EA EA", "2 (EA)", "2;EA", "2 #1", "1,00 FT", "２ EA", "10 x 20"),
]


@pytest.mark.parametrize(("text", "value"), AMOUNTS)
def test_an_amount_is_read_exactly(text: str, value: str):
    assert str(entered.amount(text)) == value
    assert entered.quantity(text) == Decimal(value)


@pytest.mark.parametrize(("text", "value"), COMMA_AMOUNTS)
def test_an_office_with_decimal_commas(text: str, value: str):
    assert str(entered.amount(text, ",")) == value
    assert entered.quantity(text, ",") == Decimal(value)


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_no_amount(text: str):
    assert entered.amount(text) is None


@pytest.mark.parametrize("text", ["1,234.50", "12.50", "1.25", "1.2500", "1,2,3", "1e5"])
def test_the_other_mark_never_means_decimals(text: str):
    assert entered.amount(text, ",") is None


@pytest.mark.parametrize(("text", "value"), QUANTITIES)
def test_a_quantity_may_name_its_unit(text: str, value: str):
    """ "2 EA" was shown as 2 and priced as 1, because two parsers read it; there is one."""
    assert str(entered.quantity(text)) == value


@pytest.mark.parametrize("text", NO_QUANTITIES)
def test_what_is_no_quantity(text: str):
    assert entered.quantity(text) is None


def test_a_known_currency_refuses_another():
    assert entered.amount("$12", currency="USD") == entered.amount("12 USD", currency="USD") == 12
    assert entered.amount("12", currency="USD") == entered.amount("$12", currency="CAD") == 12
    assert entered.amount("€12", currency="USD") is None
    assert entered.amount("$12", currency="EUR") is entered.amount("$1,200", currency="EUR") is None
    assert entered.amount("12 CAD", currency="USD") is None


def test_a_wrong_mark_is_the_caller_s_fault():
    with pytest.raises(ValueError, match="decimal mark"):
        entered.amount("$1", ";")


DAYS = [
    ("2026-03-08", date(2026, 3, 8)),
    ("2026-3-8", date(2026, 3, 8)),
    ("2026/03/08", date(2026, 3, 8)),
    ("2026-03-08T00:00:00", date(2026, 3, 8)),
    ("2026-03-08T12:00:00Z", date(2026, 3, 8)),
    ("2026-03-08T05:00:00Z", date(2026, 3, 7)),
    ("2026-03-08T05:00:00.123+00:00", date(2026, 3, 7)),
    ("2026-03-08T22:30:00-0600", date(2026, 3, 8)),
    ("2026-03-09 04:59:59Z", date(2026, 3, 8)),
    ("2026-03-09 05:00:00Z", date(2026, 3, 9)),
    ("3/8/2026", date(2026, 3, 8)),
    ("03/08/26", date(2026, 3, 8)),
    ("3.8.2026", date(2026, 3, 8)),
    ("03/08/26 11:30 PM", date(2026, 3, 8)),
    ("9 August 2026", date(2026, 8, 9)),
    ("9. Aug. 2026", date(2026, 8, 9)),
    ("9-Aug-26", date(2026, 8, 9)),
    ("AUG 9, 2026", date(2026, 8, 9)),
    ("Sept 9 2026", date(2026, 9, 9)),
    (" 2026-03-08 ", date(2026, 3, 8)),
    ("29 February 2028", date(2028, 2, 29)),
]
NO_DAYS = [
    *("", "46000", "46000.5", "20260308", "garbage", "Aug 9", "9 August", "August 2026", "9 Foo 2026", "3/8"),
    *("2026-13-40", "2026-02-30", "31/12/2026", "0/8/2026", "3/8/202", "3/8-2026", "2026-03", "2026-3/8"),
    *("0026-03-08", "1926-03-08", "9999-12-31", "2206-03-08", "2026-03-08T25:00:00Z", "2026-03-08T12:60"),
    *(
        "2026-03-08T12:00:00+99:00",
        "3/8/2026 13:00 PM",
        "２０２６-03-08",
        "2026-03-08x",
        "n 2026",
        "9 Ma 2026",
    ),
    *("2026-03-08T", "12:00", "2026-03-08 12", "true", "#INVALID DATA", "9 Augu 2026", "2026-03-0８"),
]


@pytest.mark.parametrize(("text", "expected"), DAYS)
def test_a_day(text: str, expected: date):
    assert entered.day(text, "mdy", "America/Chicago") == expected


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_is_no_day(text: str):
    assert entered.day(text) is None


def test_the_order_of_day_and_month_is_never_guessed():
    assert entered.day("3/4/2026", "dmy") == date(2026, 4, 3)
    assert entered.day("13/4/2026", "dmy") == date(2026, 4, 13)
    assert entered.day("13/4/2026", "mdy") is None
    assert entered.day("4/13/2026", "dmy") is None


@pytest.mark.parametrize("text", ["true", "TRUE", " Checked ", "yes", "1", "on"])
def test_a_checked_box(text: str):
    assert entered.flag(text) is True


@pytest.mark.parametrize("text", ["false", "Unchecked", "NO", "0", "off"])
def test_an_unchecked_box(text: str):
    assert entered.flag(text) is False


@pytest.mark.parametrize("text", ["", "x", "✓", "2", "1.0", "y", "maybe", "１", "#NO MATCH"])
def test_what_says_neither(text: str):
    assert entered.flag(text) is None


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14)


@given(NUMBERS, st.sampled_from([".", ","]))
def test_every_way_of_writing_a_number_reads_back(number: Decimal, decimal: str):
    shown = f"{abs(number):,f}"
    if decimal == ",":
        shown = shown.translate(str.maketrans(",.", ".,"))
    ways = [shown, f"${shown}", f"{shown} USD", f"$ {shown}"]
    if number < 0:
        ways = [f"({shown})", f"(${shown})", f"-{shown}", f"-${shown}", f"$-{shown}", f"{shown}-"]
    for way in ways:
        assert entered.amount(way, decimal) == number, way
        assert entered.quantity(way, decimal) == number, way
    if number >= 0:
        assert entered.quantity(f"{shown} EA", decimal) == number
    if decimal == ".":
        assert entered.amount(f"{number:f}") == number


LIKELY = st.text(alphabet="0123456789.,-+()$€ eEinfUSDA_/:TZ\u00a0１²\u2212", max_size=14)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=30), LIKELY), st.sampled_from([".", ","]))
def test_no_text_raises_or_gives_what_is_no_number(text: str, decimal: str):
    for value in (entered.amount(text, decimal), entered.quantity(text, decimal)):
        assert value is None or (value.is_finite() and len(value.as_tuple().digits) <= 2 * entered.MAX_DIGITS)
    amount = entered.amount(text, decimal)
    assert amount is None or entered.quantity(text, decimal) == amount
    assert entered.flag(text) in (True, False, None)
    for order in ("mdy", "dmy"):
        found = entered.day(text, order, "America/Chicago")
        # The last evening of a year may be in the year before.
        assert found is None or entered.FIRST_YEAR - 1 <= found.year <= entered.LAST_YEAR + 1


@given(st.dates(date(1970, 1, 1), date(2099, 12, 31)))
def test_every_way_of_writing_a_day_reads_back(given_day: date):
    months = "January February March April May June July August September October November December".split()
    name = months[given_day.month - 1]
    year, month, of_month = given_day.year, given_day.month, given_day.day
    assert entered.day(given_day.isoformat()) == given_day
    assert entered.day(f"{month}/{of_month}/{year}") == given_day
    assert entered.day(f"{of_month}.{month}.{year}", "dmy") == given_day
    assert entered.day(f"{of_month} {name} {year}") == given_day
    assert entered.day(f"{name[:3]} {of_month}, {year}") == given_day


def test_a_hundred_thousand_different_texts_are_read_at_once():
    texts = [f"{'$' * (number % 2)}{number:,}.{number % 97:02d}" for number in range(100_000)]
    began = time.process_time()
    read = [entered.amount(text) for text in texts]
    taken = time.process_time() - began
    assert None not in read
    assert taken < 1.5  # about 0.15 s; the rest is for a busy machine
