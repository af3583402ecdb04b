"""The traps of bank exports that concern reading, one test each, by their number in the catalogue of traps.

53 to 62 are about several files and stand with consolidation.
"""

from __future__ import annotations

import json
import os
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dsr_pipeline.bank.chronology import order_of
from dsr_pipeline.bank.inbox import changed_since, discover, is_being_written, kind_of, prefix_sha256
from dsr_pipeline.bank.parsing import Row
from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline.bank.verification import Step, stated, verify
from dsr_pipeline_tests.bank.inline_rules import choose, faults_of, read, reasons_of, row_of, rule_of

TABBED = 'file: {delimiter: "\\t", quote: null}'


def amount_of(text: str, number: str) -> Decimal:
    """One amount as written, under a declared style; tabs separate, so that any mark may stand in it."""
    row = row_of(rule_of(f"{TABBED}\namount: {{{number}}}"), f"Date\tText\tAmount\n2026-01-05\tx\t{text}\n")
    return row.amount


def refused(text: str, number: str) -> bool:
    """Whether an amount is quarantined as no number of the style."""
    rule = rule_of(f'file: {{delimiter: "\\t", quote: null, max_bad_ratio: 1}}\namount: {{{number}}}')
    return faults_of(rule, f"Date\tText\tAmount\n2026-01-05\tx\t{text}\n") == [(2, "bad_amount")]


def day_of(text: str, dates: str) -> date | None:
    """One date as written, under declared formats."""
    rule = rule_of(f"{TABBED}\ndates: {{{dates}}}")
    return row_of(rule, f"Date\tText\tAmount\n{text}\tx\t1.00\n").date


def test_trap_01_decimal_comma() -> None:
    assert amount_of("-17,22", 'decimal: ","') == Decimal("-17.22")
    assert refused("-17.22", 'decimal: ","')


def test_trap_02_decimal_comma_inside_comma_delimited_quotes() -> None:
    rule = rule_of('amount: {decimal: ",", styles: [minus, plus]}')
    assert row_of(rule, 'Date,Text,Amount\n2026-01-05,"EUR","+5257,28"\n').amount == Decimal("5257.28")


def test_trap_03_thousands_point() -> None:
    assert amount_of("1.234,56", 'decimal: ",", thousands: "."') == Decimal("1234.56")
    assert amount_of("1.234.567,89", 'decimal: ",", thousands: "."') == Decimal("1234567.89")
    assert refused("1.23,56", 'decimal: ",", thousands: "."')


def test_trap_04_one_mark_and_three_digits_mean_what_the_rule_says() -> None:
    assert amount_of("14.000", 'decimal: "."') == Decimal(14)
    assert amount_of("14.000", 'decimal: ",", thousands: "."') == Decimal(14000)


@pytest.mark.parametrize("text", ["1'234.56", "1\u2019234.56"])
def test_trap_05_swiss_apostrophes(text: str) -> None:
    assert amount_of(text, 'decimal: ".", thousands: "\'"') == Decimal("1234.56")


@pytest.mark.parametrize("blank", ["\u00a0", "\u202f", " "])
def test_trap_06_blanks_that_do_not_break_between_thousands(blank: str) -> None:
    assert amount_of(f"1{blank}234,56", 'decimal: ",", thousands: " "') == Decimal("1234.56")


def test_trap_07_two_number_styles_in_one_row() -> None:
    rule = rule_of(
        """
        match: {header: [Date, Text, Amount, Balance]}
        file: {delimiter: ";"}
        columns: {balance: Balance}
        amount: {decimal: ",", thousands: " ", overrides: {balance: {decimal: "."}}}
        """
    )
    row = row_of(rule, "Date;Text;Amount;Balance\n2026-01-05;x;-1 200,00;1513.62\n")
    assert (row.amount, row.balance) == (Decimal("-1200.00"), Decimal("1513.62"))


def test_trap_08_unicode_minus() -> None:
    assert amount_of("\u221212.99", 'decimal: "."') == Decimal("-12.99")


def test_trap_09_trailing_minus() -> None:
    assert amount_of("89.10-", 'decimal: ".", styles: [trailing_minus]') == Decimal("-89.10")
    assert refused("89.10-", 'decimal: "."')


def test_trap_10_parentheses() -> None:
    style = 'decimal: ".", strip: ["$"], styles: [minus, parentheses]'
    assert amount_of("($45.00)", style) == Decimal("-45.00")
    assert amount_of("$ (45.00)", style) == Decimal("-45.00")
    assert refused("(45.00", style)
    assert refused("(-45.00)", style), "a sign inside parentheses says two things"


def test_trap_11_sign_split_off_by_a_blank() -> None:
    style = 'decimal: ".", strip: ["$"], styles: [minus, plus]'
    assert amount_of("- $25.00", style) == Decimal(-25)
    assert amount_of("+ $20.00", style) == Decimal(20)


def test_trap_12_currency_beside_the_number() -> None:
    assert amount_of("-118,72 PLN", 'decimal: ",", strip: ["PLN"]') == Decimal("-118.72")
    assert amount_of("-40,00 €", 'decimal: ",", strip: ["€"]') == Decimal("-40.00")
    assert refused("-40,00 $", 'decimal: ",", strip: ["€"]'), "a token that the rule does not list"


def test_trap_13_pound_sign_in_cp1252() -> None:
    data = "Date,Text,Amount\n2026-01-05,café,£12.50\n".encode("cp1252")
    rule = rule_of('file: {encoding: cp1252}\namount: {strip: ["£"]}')
    assert (row_of(rule, data).amount, row_of(rule, data).description) == (Decimal("12.50"), "café")
    declared_utf8 = rule_of('amount: {strip: ["£"]}\nfile: {max_bad_ratio: 1}')
    assert faults_of(declared_utf8, data) == [(2, "encoding")], "never read with replaced letters"


DEBIT_CREDIT = """
match: {header: [Date, Text, Out, In]}
amount: {mode: debit_credit, column: null, debit: Out, credit: In}
"""


def booked(out: str, into: str, more: str = "") -> Row:
    return row_of(rule_of(DEBIT_CREDIT + more), f"Date,Text,Out,In\n2026-01-05,x,{out},{into}\n")


def test_trap_14_negative_inside_the_debit_column() -> None:
    assert booked("-12.00", "").amount == Decimal("-12.00")
    as_written = DEBIT_CREDIT.replace("credit: In", "credit: In, sign: as_written")
    refund = row_of(rule_of(as_written), "Date,Text,Out,In\n2026-01-05,x,-12.00,\n")
    assert refund.amount == Decimal("12.00"), "where the rule says so, a negative debit is a refund"


def test_trap_15_negative_inside_the_credit_column() -> None:
    assert booked("", "-500.00").amount == Decimal(500)


def test_trap_16_debit_and_credit_both_filled() -> None:
    rule = rule_of(f"{DEBIT_CREDIT}\nfile: {{max_bad_ratio: 1}}")
    text = "Date,Text,Out,In\n2026-01-05,x,10.00,5.00\n2026-01-05,x,10.00,0.00\n2026-01-05,x,,\n"
    assert faults_of(rule, text) == [(2, "both_debit_credit"), (4, "bad_amount")]
    assert [row.amount for row in read(rule, text).rows] == [Decimal("-10.00")]


def test_trap_17_refund_on_a_card_that_writes_charges_positive() -> None:
    rule = rule_of("amount: {mode: negate}")
    rows = read(rule, "Date,Text,Amount\n2026-01-05,charge,52.42\n2026-01-06,refund,-52.42\n").rows
    assert [row.amount for row in rows] == [Decimal("-52.42"), Decimal("52.42")]


def test_trap_18_flag_words_change_with_the_language() -> None:
    rule = rule_of(
        """
        match: {header: [Date, Text, Amount, Way]}
        file: {max_bad_ratio: 1}
        amount: {mode: flag, flag: {column: Way, out: [Af, Debit, D], in: [Bij, Credit, K]}}
        """
    )
    head = "Date,Text,Amount,Way\n"
    rows = [f"2026-01-05,x,3.00,{word}" for word in ("Af", "Bij", "Debit", "Credit", "D", "K", "C")]
    parsed = read(rule, head + "\n".join(rows) + "\n")
    assert [row.amount for row in parsed.rows] == [
        Decimal(sign) for sign in ("-3", "3", "-3", "3", "-3", "3")
    ]
    assert [(item.reason, item.column, item.value) for item in parsed.quarantined] == [
        ("bad_flag", "Way", "C")
    ]
    assert faults_of(rule, head + "2026-01-05,x,-3.00,Af\n") == [(2, "bad_amount")], "a sign and a word"


def test_trap_19_fee_column() -> None:
    changes = "match: {header: [Date, Text, Amount, Fee]}\namount: {fee: {column: Fee}}"
    text = "Date,Text,Amount,Fee\n2026-01-05,x,-100.00,2.00\n"
    assert row_of(rule_of(changes), text).amount == Decimal("-102.00")
    negative = rule_of(changes.replace("{column: Fee}", "{column: Fee, subtract: false}"))
    assert row_of(negative, "Date,Text,Amount,Fee\n2026-01-05,x,100.00,-2.00\n").amount == Decimal("98.00")
    assert row_of(rule_of(changes), "Date,Text,Amount,Fee\n2026-01-05,x,-100.00,\n").amount == Decimal(-100)


def test_trap_20_zero_amounts_do_not_vanish() -> None:
    row = row_of(rule_of(), "Date,Text,Amount\n2026-01-05,card check,-0.00\n")
    assert (row.amount, str(row.amount)) == (Decimal(0), "0.00")
    left_out = rule_of('rows: {exclude: [{column: Amount, pattern: "^-?0\\\\.00$", reason: card_check}]}')
    assert reasons_of(read(left_out, "Date,Text,Amount\n2026-01-05,card check,-0.00\n")) == {"card_check": 1}


@pytest.mark.parametrize(
    "text", ["1E5", "1e999", "nan", "NaN", "inf", "-Infinity", "1_000", "0x10", "١٢", "1.00001"]
)
def test_trap_21_what_only_a_program_calls_a_number(text: str) -> None:
    assert refused(text, 'decimal: ".", thousands: ","')


IDS = """
match: {header: [Date, Text, Amount, Ref]}
columns: {source_id: Ref}
"""


def test_trap_22_long_ids_stay_text() -> None:
    row = row_of(rule_of(IDS), "Date,Text,Amount,Ref\n2026-01-05,x,1.00,24431066181458859822737\n")
    assert row.source_id == "24431066181458859822737"


def test_trap_23_leading_zeros_stay() -> None:
    assert (
        row_of(rule_of(IDS), "Date,Text,Amount,Ref\n2026-01-05,x,1.00,031100000\n").source_id == "031100000"
    )


def test_trap_24_apostrophes_leave_ids_and_stay_in_texts() -> None:
    row = row_of(rule_of(IDS), "Date,Text,Amount,Ref\n2026-01-05,'30-00-00,1.00,'320264989142005'\n")
    assert (row.source_id, row.description) == ("320264989142005", "'30-00-00")


def test_trap_25_day_and_month_are_never_guessed() -> None:
    assert day_of("05/01/2026", 'format: "%d/%m/%Y"') == date(2026, 1, 5)
    assert day_of("05/01/2026", 'format: "%m/%d/%Y"') == date(2026, 5, 1)
    text = "Date,Text,Amount\n" + "".join(f"{day:02d}/01/2026,x,1.00\n" for day in range(1, 31))
    either = rule_of('dates: {format: ["%m/%d/%Y", "%d/%m/%Y"]}')
    assert {row.date for row in read(either, text).rows} == {date(2026, 1, day) for day in range(1, 31)}
    wrong = read(rule_of('dates: {format: "%m/%d/%Y"}'), text)
    assert wrong.rejection is not None
    assert "every date of the file fits %-d/%-m/%Y" in wrong.rejection


def test_trap_26_two_digits_of_year() -> None:
    assert day_of("05/01/26", 'format: "%d/%m/%y"') == date(2026, 1, 5)
    assert day_of("05/01/70", 'format: "%d/%m/%y"') == date(2070, 1, 5)


def test_trap_27_month_words() -> None:
    assert day_of("05 Jan 26", 'format: "%d %b %y"') == date(2026, 1, 5)
    assert day_of("5 mai 2026", 'format: "%-d %b %Y", months: [fr]') == date(2026, 5, 5)
    assert day_of("5 févr. 2026", 'format: "%-d %b %Y", months: [fr]') == date(2026, 2, 5)
    assert day_of("5 fevrier 2026", 'format: "%-d %b %Y", months: [fr]') == date(2026, 2, 5)
    assert day_of("05-Mrz-2026", 'format: "%d-%b-%Y", months: [de, en]') == date(2026, 3, 5)
    foreign = rule_of(f'{TABBED}\ndates: {{format: "%-d %b %Y"}}')
    foreign = foreign.model_copy(update={"file": foreign.file.model_copy(update={"max_bad_ratio": 1.0})})
    assert faults_of(foreign, "Date\tText\tAmount\n5 févr. 2026\tx\t1.00\n") == [(2, "bad_date")]


def test_trap_28_trailing_marks_in_dates() -> None:
    assert day_of("2026.01.05.", 'format: "%Y.%m.%d."') == date(2026, 1, 5)
    row = row_of(rule_of('dates: {format: "%d %b, %Y"}'), 'Date,Text,Amount\n"05 Jan, 2026",x,1.00\n')
    assert row.date == date(2026, 1, 5)


def test_trap_29_date_written_as_a_number() -> None:
    assert day_of("20260105", 'format: "%Y%m%d"') == date(2026, 1, 5)


def test_trap_30_instants_fall_on_the_day_of_the_account() -> None:
    instant = "2026-01-05T23:30:00Z"
    assert day_of(instant, 'format: "%Y-%m-%dT%H:%M:%S%z", timezone: Europe/Berlin') == date(2026, 1, 6)
    assert day_of(instant, 'format: "%Y-%m-%dT%H:%M:%S%z", timezone: America/Chicago') == date(2026, 1, 5)
    assert day_of(instant, 'format: "%Y-%m-%dT%H:%M:%S%z"') == date(2026, 1, 5)


@pytest.mark.parametrize("word", ["Pending", "offen", "Reserverat"])
def test_trap_31_word_instead_of_a_date(word: str) -> None:
    waits = rule_of(f'rows: {{pending: {{column: Date, pattern: "^{word}$", date: null}}}}')
    row = row_of(waits, f"Date,Text,Amount\n{word},x,-1.00\n")
    assert (row.pending, row.date) == (True, None)
    strict = rule_of(f'rows: {{pending: {{column: Date, pattern: "^{word}$"}}}}\nfile: {{max_bad_ratio: 1}}')
    assert faults_of(strict, f"Date,Text,Amount\n{word},x,-1.00\n") == [(2, "bad_date")]
    assert faults_of(strict, "Date,Text,Amount\nsoon,x,-1.00\n") == [(2, "bad_date")]


def test_trap_32_preamble_with_another_header() -> None:
    text = "Text,,Summary Amt.\nBeginning balance,,100.00\n\nDate,Text,Amount\n2026-01-05,x,1.00\n"
    parsed = read(rule_of(), text)
    assert parsed.candidate.header == 3
    assert parsed.rows[0].line_no == 5


def test_trap_33_empty_first_lines_and_lines_of_delimiters() -> None:
    text = ",,,,\n" * 5 + "Date,Text,Amount\n,,\n\n2026-01-05,x,1.00\n , ,\n"
    parsed = read(rule_of(), text)
    assert parsed.candidate.header == 5
    assert (len(parsed.rows), parsed.lines) == (1, 4)
    assert reasons_of(parsed) == {"blank": 3}


def test_trap_34_legal_text_at_the_end() -> None:
    rule = rule_of('file: {footer: {stop_at: ["^.?The data and information"]}}')
    text = (
        "Date,Text,Amount\n2026-01-05,x,1.00\n\n"
        '"The data and information on this page,\nare given without warranty, 2026-01-05\nand so on.\n'
    )
    parsed = read(rule, text)
    assert len(parsed.rows) == 1
    assert reasons_of(parsed) == {"blank": 1, "footer": 3}


def test_trap_35_opening_balance_and_total_rows() -> None:
    rule = rule_of(
        """
        match: {header: [Date, Text, Amount, Balance]}
        columns: {balance: Balance}
        rows: {exclude: [{column: Text, pattern: "^SALDO ANTERIOR$", reason: opening_balance},
                         {column: Text, pattern: "^TOTAL$", reason: total}]}
        verify: {balance: running, opening: {row: SALDO ANTERIOR}}
        """
    )
    text = (
        "Date,Text,Amount,Balance\n2026-01-04,SALDO ANTERIOR,,100.00\n"
        "2026-01-05,x,-1.00,99.00\n2026-01-06,TOTAL,-1.00,99.00\n"
    )
    parsed = read(rule, text)
    assert reasons_of(parsed) == {"opening_balance": 1, "total": 1}
    claims = stated(rule, parsed.preamble, parsed.footer, parsed.stated_rows)
    assert claims.opening == Decimal(100)
    assert verify(rule, steps_of(parsed.rows), claims).verdict == "proven"


def steps_of(rows: list[Row]) -> list[Step]:
    return [Step(row.line_no, row.date, row.amount, row.balance) for row in rows]


def test_trap_36_one_field_more_than_names() -> None:
    text = (
        "Date,Text,Amount\n2026-01-05,x,1.00,\n2026-01-06,y,2.00\n2026-01-07,z,3.00,?\n2026-01-08,v,4.00,\n"
    )
    trailing = rule_of("file: {fields: trailing_empty, max_bad_ratio: 1}")
    parsed = read(trailing, text)
    assert [row.description for row in parsed.rows] == ["x", "y", "v"]
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [(4, "field_count")]
    exact = rule_of("file: {max_bad_ratio: 1}")
    assert faults_of(exact, text) == [(2, "field_count"), (4, "field_count"), (5, "field_count")]
    pushed = "2026-01-09,1,234.00,,\n"  # a delimiter too many, and the last cell is still empty
    changes = "match: {header: [Date, Amount, Text, Memo]}\nfile: {fields: trailing_empty, max_bad_ratio: 1}"
    rows = "Date,Amount,Text,Memo\n" + "2026-01-05,1.00,x,,\n" * 3
    assert faults_of(rule_of(changes), rows + pushed) == []
    assert faults_of(rule_of(changes), rows + pushed.replace(",,", ",,,")) == [(5, "field_count")]


def test_trap_37_fewer_fields_than_names() -> None:
    columns = "match: {header: [Date, Text, Amount, Merchant]}\ncolumns: {payee: Merchant}"
    changes = f"{columns}\nfile: {{max_bad_ratio: 1}}"
    text = "Date,Text,Amount,Merchant\n2026-01-05,x,1.00\n2026-01-06,y,2.00,Shop\n"
    assert faults_of(rule_of(changes), text) == [(2, "field_count")]
    short = rule_of(changes.replace("max_bad_ratio: 1", "fields: short_ok"))
    assert [row.payee for row in read(short, text).rows] == [None, "Shop"]


def test_trap_38_column_without_a_name() -> None:
    rule = rule_of("match: {header: [Date, Amount, Type]}\ncolumns: {description: {index: 3}}")
    row = row_of(rule, "Date,Amount,Account Number,,Type\n2026-01-05,1.00,77,words,CR\n")
    assert row.description == "words"
    assert json.loads(row.extras) == {"Account Number": "77", "Type": "CR"}


def test_trap_39_column_name_that_stands_twice() -> None:
    text = "Date,Text,Amount,Währung,Betrag,Währung\n2026-01-05,x,1.00,EUR,2.00,USD\n"
    row = row_of(rule_of(), text)
    assert json.loads(row.extras) == {"Währung (3)": "EUR", "Betrag": "2.00", "Währung (5)": "USD"}
    by_place = rule_of("columns: {currency: {index: 3}}")
    assert row_of(by_place, text).currency == "EUR"
    mapped = rule_of("match: {header: [Date, Text, Amount, Währung]}\ncolumns: {currency: Währung}")
    selection = choose(mapped, text)
    assert selection.chosen is None
    assert "stands twice" in (selection.reason or "")


def test_trap_40_blanks_and_marks_around_header_names() -> None:
    assert row_of(rule_of(), "\ufeffDate, Text ,\u00a0Amount\n2026-01-05,x,1.00\n").description == "x"
    assert row_of(rule_of(), '\ufeff"Date","Text","Amount"\n2026-01-05,x,1.00\n').description == "x"


def test_trap_41_header_that_begins_with_a_hash() -> None:
    rule = rule_of('match: {header: ["#Data operacji", Text, Amount]}\ncolumns: {date: "#Data operacji"}')
    assert row_of(rule, "#Data operacji,Text,Amount\n2026-01-05,x,1.00\n").date == date(2026, 1, 5)


def test_trap_42_month_in_the_header() -> None:
    rule = rule_of(
        """
        match: {header: [Date, Text], header_pattern: ["^\\\\d+月支払金額$"]}
        amount: {mode: negate, column: {pattern: "^\\\\d+月支払金額$"}}
        """
    )
    assert row_of(rule, "Date,Text,2月支払金額\n2026-01-05,x,1349\n").amount == Decimal(-1349)
    assert row_of(rule, "Date,Text,11月支払金額\n2026-01-05,x,1349\n").amount == Decimal(-1349)
    assert choose(rule, "Date,Text,2月支払金額,3月支払金額\n2026-01-05,x,1,2\n").chosen is None, (
        "one name each"
    )


def test_trap_43_line_break_inside_quotes() -> None:
    text = 'Date,Text,Amount\n2026-01-05,"one\n\ntwo, three",1.00\n2026-01-06,y,2.00\n'
    parsed = read(rule_of("file: {multiline_fields: true}"), text)
    assert [(row.line_no, row.span, row.description) for row in parsed.rows] == [
        (2, 3, "one\n\ntwo, three"),
        (5, 1, "y"),
    ]
    single = read(rule_of("file: {max_bad_ratio: 1}"), text)
    assert [item.reason for item in single.quarantined] == ["newline_in_field", "bad_date"]
    assert [row.description for row in single.rows] == ["y"]


@pytest.mark.parametrize("stray", ['"O"MALLEY', '"OMALLEY', 'x,"OMALLEY'])
@pytest.mark.parametrize("multiline", ["true", "false"])
def test_trap_44_stray_quote_costs_one_row_and_no_other(stray: str, multiline: str) -> None:
    rows = [f"2026-01-{day:02d},shop {day},-{day}.00" for day in range(1, 9)]
    rows[3] = rows[3].replace("shop 4", stray)
    rule = rule_of(f"file: {{multiline_fields: {multiline}}}")
    parsed = read(rule, "\n".join(["Date,Text,Amount", *rows]) + "\n")
    assert [row.description for row in parsed.rows] == [f"shop {day}" for day in (1, 2, 3, 5, 6, 7, 8)]
    assert [item.line_no for item in parsed.quarantined] == [5]
    assert parsed.quarantined[0].reason in {"newline_in_field", "bad_quote"}


def test_trap_45_a_tab_in_a_text_is_no_delimiter() -> None:
    row = row_of(rule_of(), "Date,Text,Amount\n2026-01-05,COFFEE\tLONDON\tGB,-1.00\n")
    assert row.description == "COFFEE\tLONDON\tGB"


def test_trap_46_quoted_field_after_a_blank() -> None:
    text = 'Date, Text, Amount\n2026-01-05, "A, B", 1.00\n'
    assert row_of(rule_of("file: {skip_initial_space: true}"), text).description == "A, B"
    assert faults_of(rule_of("file: {max_bad_ratio: 1}"), text) == [(2, "field_count")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_trap_47_utf_16(encoding: str) -> None:
    text = "Date,Text,Amount\r\n2026-01-05,Zürich 🍞,1.00\r\nno row\r\n"
    rule = rule_of(f"file: {{encoding: [utf-8-sig, {encoding}], max_bad_ratio: 1}}")
    parsed = read(rule, text.encode(encoding))
    assert [row.description for row in parsed.rows] == ["Zürich 🍞"]
    assert parsed.quarantined[0].raw == "no row".encode(
        "utf-16-be" if encoding.endswith("be") else "utf-16-le"
    )
    assert choose(rule_of(), text.encode("utf-16")).chosen is None


@pytest.mark.parametrize(
    ("encoding", "text", "looks_like"),
    [("cp1252", "A – B", "iso8859_1"), ("cp1250", "Ž ą", "iso8859_2"), ("cp932", "ｶﾌﾞ", "cp1252")],
)
def test_trap_48_encodings_that_look_alike(encoding: str, text: str, looks_like: str) -> None:
    data = f"Date,Text,Amount\n2026-01-05,{text},1.00\n".encode(encoding)
    assert row_of(rule_of(f"file: {{encoding: {encoding}}}"), data).description == text
    assert data.decode(looks_like, "replace") != data.decode(encoding)


def test_trap_49_emoji_stay_in_texts_and_leave_the_matching_key() -> None:
    row = row_of(rule_of(), "Date,Text,Amount\n2026-01-05,Bread 🍞 👩‍🍳 Café,1.00\n")
    assert row.description == "Bread 🍞 👩‍🍳 Café"
    assert row.norm == "BREADCAFÉ"


CONTINUED = "file: {continuation: {when_empty: [Date], append_to: Text}, max_bad_ratio: 1}"


def test_trap_50_row_that_goes_on() -> None:
    text = "Date,Text,Amount\n2026-01-05,CARD,-1.00\n,15/04 UBER,\n, SINGAPORE ,\n2026-01-06,y,2.00\n"
    parsed = read(rule_of(CONTINUED), text)
    assert [(row.description, row.span) for row in parsed.rows] == [
        ("CARD 15/04 UBER SINGAPORE", 3),
        ("y", 1),
    ]
    assert parsed.rows[0].norm == "CARD1504UBERSINGAPORE"


def test_trap_50_what_carries_money_is_no_continuation() -> None:
    text = "Date,Text,Amount\n,stray,\n2026-01-05,CARD,-1.00\n,no date,-5.00\n\n,after a gap,\n"
    assert faults_of(rule_of(CONTINUED), text) == [
        (2, "orphan_continuation"),
        (4, "bad_date"),
        (6, "orphan_continuation"),
    ]


BALANCED = """
match: {header: [Date, Text, Amount, Balance]}
columns: {balance: Balance}
verify: {balance: MODE}
"""


def proved(mode: str, text: str, more: str = "") -> tuple[str, Decimal | None]:
    rule = rule_of(BALANCED.replace("MODE", mode) + more)
    parsed = read(rule, text)
    rows = parsed.rows if rule.rows.order != "newest_first" else parsed.rows[::-1]
    proof = verify(rule, steps_of(rows), stated(rule, "", "", []))
    return proof.verdict, proof.closing


def test_trap_51_balance_on_the_last_row_of_a_day() -> None:
    text = (
        "Date,Text,Amount,Balance\n2026-01-05,a,-1.00,\n2026-01-05,b,-2.00,97.00\n"
        "2026-01-06,c,5.00,\n2026-01-06,d,-1.00,101.00\n"
    )
    assert proved("running", text) == ("chained", Decimal(101))
    assert proved("end_of_day", text) == ("chained", Decimal(101))
    assert proved("end_of_day", text.replace("5.00", "6.00"))[0] == "broken"


def test_trap_51_balance_of_the_day_on_each_of_its_rows() -> None:
    text = (
        "Date,Text,Amount,Balance\n2026-01-05,a,-1.00,97.00\n2026-01-05,b,-2.00,97.00\n"
        "2026-01-06,c,5.00,102.00\n"
    )
    assert proved("end_of_day", text) == ("chained", Decimal(102))
    assert proved("running", text)[0] == "broken"


def test_trap_51_balance_of_today_on_every_row() -> None:
    text = "Date,Text,Amount,Balance\n2026-01-05,a,-1.00,97.00\n2026-01-06,b,-2.00,97.00\n"
    assert proved("none", text)[0] == "not_available"


def test_trap_52_newest_first_and_the_order_within_a_day() -> None:
    text = (
        "Date,Text,Amount,Balance\n2026-01-06,d,-4.00,90.00\n2026-01-05,c,-3.00,94.00\n"
        "2026-01-05,b,-2.00,97.00\n2026-01-05,a,-1.00,99.00\n"
    )
    assert proved("running", text, "rows: {order: newest_first}") == ("chained", Decimal(90))
    shuffled = text.splitlines()
    shuffled[2], shuffled[4] = shuffled[4], shuffled[2]
    assert proved("running", "\n".join(shuffled) + "\n", "rows: {order: newest_first}") == (
        "chained",
        Decimal(90),
    )


def test_trap_63_same_content_under_two_names(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"Date,Text,Amount\n2026-01-05,x,1.00\n")
    first, second = discover(tmp_path)
    assert first.name != second.name
    assert len({prefix_sha256(found.path, found.signature.size) for found in (first, second)}) == 1


def test_trap_63_saved_again_by_a_spreadsheet() -> None:
    rule = rule_of('dates: {format: "%m/%d/%Y"}')
    text = "Date,Text,Amount\n1/5/26,x,1.00\n1/17/26,y,2.00\n"
    parsed = read(rule, text)
    assert parsed.rejection is not None
    for words in ("line 2", "'1/5/26' is not %m/%d/%Y", "%-m/%-d/%y", "export it afresh"):
        assert words in parsed.rejection
    assert parsed.rows == []
    assert faults_of(rule_of("file: {max_bad_ratio: 1}"), 'Date,Text,Amount\n2026-01-05,x,"1,234.50"\n') == [
        (2, "bad_amount")
    ]


@pytest.mark.parametrize("text", ["=cmd|'/C calc'!A0", "+1+2", "@SUM(A1)", "-2+3"])
def test_trap_64_formulas_are_texts_and_no_numbers(text: str) -> None:
    assert row_of(rule_of(), f"Date,Text,Amount\n2026-01-05,{text},1.00\n").description == text
    assert faults_of(rule_of("file: {max_bad_ratio: 1}"), f"Date,Text,Amount\n2026-01-05,x,{text}\n") == [
        (2, "bad_amount")
    ]


def test_trap_65_file_that_is_still_being_written(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Date,Text,Amount\n", encoding="utf-8")
    (found,) = discover(tmp_path)
    assert not changed_since(found)
    with path.open("a", encoding="utf-8") as file:
        file.write("2026-01-05,x,1.00\n")
        file.flush()
        assert changed_since(found)
        if os.name == "posix" and hasattr(os, "memfd_create"):
            assert is_being_written(path)
    assert not is_being_written(path)
    path.unlink()
    assert changed_since(found)


@pytest.mark.parametrize("name", ["export.csv.crdownload", "export.part", "~$export.csv", ".export.csv"])
def test_trap_65_names_of_unfinished_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"Date")
    (found,) = discover(tmp_path)
    assert found.waiting


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"\xef\xbb\xbf  \r\n<HTML><table>", "HTML"),
        (b"<table border=1>", "HTML"),
        (b"PK\x03\x04....", "zip"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"<?xml version='1.0'?>", "XML"),
        (b"OFXHEADER:100", "OFX"),
        (b"BZh91AY&SY", "bzip2"),
    ],
)
def test_trap_66_other_kinds_under_a_csv_name(head: bytes, kind: str) -> None:
    assert kind in (kind_of(head) or "")


@pytest.mark.parametrize(
    "head", [b"Date,Text\n", b"BZhang,1\n", b"GIF8 card,1\n", b"", b"\xff\xfeD\x00a\x00"]
)
def test_trap_66_texts_are_texts(head: bytes) -> None:
    assert kind_of(head) is None


def test_trap_67_several_accounts_in_one_file() -> None:
    rule = rule_of(
        """
        match: {header: [Date, Text, Amount, Account]}
        account: {from: column, value: null, column: Account}
        file: {max_bad_ratio: 1}
        """
    )
    text = "Date,Text,Amount,Account\n2026-01-05,x,1.00,A-1\n2026-01-05,x,1.00,A-2\n2026-01-05,x,1.00, \n"
    parsed = read(rule, text)
    assert [row.account_label for row in parsed.rows] == ["A-1", "A-2"]
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [(4, "no_account")]


def test_trap_68_currency_per_row_or_an_amount_column_for_each() -> None:
    per_row = rule_of(
        "match: {header: [Date, Text, Amount, Cur]}\ncolumns: {currency: Cur}\nfile: {max_bad_ratio: 1}"
    )
    text = "Date,Text,Amount,Cur\n2026-01-05,x,1.00,EUR\n2026-01-05,x,1.00,usd\n2026-01-05,x,1.00,Euros\n"
    assert [row.currency for row in read(per_row, text).rows] == ["EUR", "USD"]
    assert faults_of(per_row, text) == [(4, "bad_currency")]
    columns = rule_of(
        """
        match: {header: [Date, Text, CAD$, USD$]}
        amount: {column: null, by_currency: {CAD: CAD$, USD: USD$}}
        file: {max_bad_ratio: 1}
        """
    )
    rows = ["2026-01-05,x,,12.00", "2026-01-05,x,-3.00,", "2026-01-05,x,1.00,2.00", "2026-01-05,x,,"]
    text = "\n".join(["Date,Text,CAD$,USD$", *rows]) + "\n"
    parsed = read(columns, text)
    assert [(row.amount, row.currency) for row in parsed.rows] == [(Decimal(12), "USD"), (Decimal(-3), "CAD")]
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [
        (4, "bad_amount"),
        (5, "bad_amount"),
    ]


def test_trap_69_currency_without_decimals() -> None:
    rule = rule_of("columns: {currency: {const: JPY}}\namount: {mode: negate}")
    row = row_of(rule, "Date,Text,Amount\n2026-01-05,x,1349\n")
    assert (row.amount, row.currency) == (Decimal(-1349), "JPY")


def test_trap_70_rows_of_one_day_keep_the_order_of_the_file() -> None:
    days = ["2026-01-05"] * 3 + ["2026-01-04"]
    text = "Date,Text,Amount\n" + "".join(f"{day},row {place},1.00\n" for place, day in enumerate(days))
    earlier = read(rule_of("rows: {order: newest_first}"), text)
    time.sleep(0.01)
    assert read(rule_of("rows: {order: newest_first}"), text).rows == earlier.rows
    assert [row.description for row in earlier.rows] == ["row 0", "row 1", "row 2", "row 3"]
    assert order_of([row.date for row in earlier.rows], "newest_first") == "newest_first"


def test_a_rule_may_prove_its_cells() -> None:
    rule = BankRule.model_validate(
        rule_of('match: {cells: [{column: Text, pattern: "^[A-Z]+$"}]}').model_dump(by_alias=True)
    )
    assert row_of(rule, "Date,Text,Amount\n2026-01-05,COFFEE,1.00\n").description == "COFFEE"
    selection = choose(rule, "Date,Text,Amount\n2026-01-05,7,1.00\n")
    assert selection.chosen is not None
    assert not selection.chosen.probe_holds
