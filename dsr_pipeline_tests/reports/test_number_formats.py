"""Numbers and days on paper read as Excel shows them.

All cases but a day without a format were compared with what LibreOffice shows.
"""

from datetime import date
from decimal import Decimal

import pytest

from dsr_pipeline.reports.number_formats import FIGURE_SPACE, FormatError, Shown, shown

LEDGER = '_($* #,##0.00_);[Red]_($* (#,##0.00);_($* "-"??_);_(@_)'
WIDE = '$#,##0.00;[Red]($#,##0.00);"–"'
CHANGE = "▲ 0.0%;[Red]▼ 0.0%;0.0%"
SUNDAY = date(2025, 8, 17)


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        ("1234.5", WIDE, "$1,234.50"),
        ("-36466.095", WIDE, "($36,466.10)"),
        ("0", WIDE, "–"),
        ("0.66654", CHANGE, "▲ 66.7%"),
        ("-0.25", CHANGE, "▼ 25.0%"),
        ("399", "#,##0.0#####", "399.0"),
        ("1399.2500", "#,##0.0#####", "1,399.25"),
        ("-3", '#,##0;[Red]-#,##0;"–"', "-3"),
        ("1234567.5", "#,##0", "1,234,568"),
        ("-0.5", "0", "-1"),
        ("12", "0.0##", "12.0"),
        ("5", "000", "005"),
        ("0.5", "#.00", ".50"),
        ("1234567", '#,##0,"k"', "1,235k"),
        ("1.50", "General", "1.5"),
        ("1000", "General", "1000"),
        ("1234.5", '"€"#,##0.00;[Red]("€"#,##0.00);"–"', "€1,234.50"),
        ("1234.5", "[$€-407] #,##0.00", "€ 1,234.50"),
        ("12", '"100%" 0', "100% 12"),
        ("123456789012.345", "#,##0.00", "123,456,789,012.35"),
    ],
)
def test_numbers_show_as_their_format_says(value: str, number_format: str, text: str) -> None:
    assert shown(Decimal(value), number_format).text == text


def test_the_ledger_format_puts_the_sign_at_the_left_edge() -> None:
    assert shown(Decimal("1234.5"), LEDGER) == Shown("1,234.50", "$", None, "(", ")")
    assert shown(Decimal(-1480), LEDGER) == Shown("(1,480.00)", "$", "C00000", "(")
    assert shown(Decimal(0), LEDGER) == Shown(f"-{FIGURE_SPACE * 2}", "$", None, "(", ")")
    assert shown("a text", LEDGER) == Shown("a text", before="(", after=")")


@pytest.mark.parametrize(
    ("number_format", "text"),
    [
        ("mm/dd/yyyy", "08/17/2025"),
        ("dd.mm.yyyy", "17.08.2025"),
        ("yyyy-mm-dd;@", "2025-08-17"),
        ("m/d/yy", "8/17/25"),
        ("[$-409]ddd mm/dd", "Sun 08/17"),
        ("[$-C0A]ddd dd/mm", "dom 17/08"),
        ("[$-40C]dddd d mmmm yyyy", "dimanche 17 août 2025"),
        ("General", "2025-08-17"),
    ],
)
def test_days_show_in_the_language_of_their_format(number_format: str, text: str) -> None:
    assert shown(SUNDAY, number_format).text == text


def test_a_text_is_never_formatted_as_a_number() -> None:
    assert shown("=1+1", "#,##0.00").text == "=1+1"
    assert shown("08/17/2025", "mm/dd/yyyy").text == "08/17/2025"


@pytest.mark.parametrize("number_format", ["[>100]0", "[Color 10]0", '"open', "0;0;0;@;0", "mm/dd/yyyy"])
def test_a_format_outside_of_the_language_is_refused_not_guessed(number_format: str) -> None:
    with pytest.raises(FormatError):
        shown(Decimal(5), number_format)
