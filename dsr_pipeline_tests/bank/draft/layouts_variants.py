"""Variants in which a file proves less, or something else, than it seems to: what must be asked, what must not.

Each `must_ask` names the key that the file cannot answer; each `must_tell` proves everything by itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from dsr_pipeline_tests.bank.draft.exports import (
    D,
    Export,
    Move,
    comma,
    de,
    dot,
    dot2,
    export,
    iso,
    moves,
    num,
    truth,
    uk,
    us,
)

EUR = {"columns.currency": {"const": "EUR"}}
HEAD = "Date,Description,Amount (EUR),Balance"
HEAD_PLAIN = "Date,Description,Amount (EUR)"


def layouts() -> list[Export]:
    """The variants."""
    return [*_dates(), *_numbers(), *_signs(), *_rows(), *_bytes(), *_short()]


def _dates() -> list[Export]:
    early, m = moves(early=True), moves()
    long = _long_file(40)
    return [
        export("dates_us_or_uk", "a.csv", HEAD, lambda t: [us(t.d), t.text, num(t.a), num(t.b)], _january(),
               currency="EUR", balance=True, must_ask="dates.format", answers={"dates.format": "%m/%d/%Y"}),
        export("dates_uk_or_us", "a.csv", HEAD, lambda t: [uk(t.d), t.text, num(t.a), num(t.b)], _january(),
               currency="EUR", balance=True, must_ask="dates.format", answers={"dates.format": "%d/%m/%Y"}),
        export("dates_dotted_open", "a.csv", HEAD, lambda t: [dot(t.d), t.text, num(t.a), num(t.b)], _january(),
               currency="EUR", balance=True, must_ask="dates.format", answers={"dates.format": "%d.%m.%Y"}),
        export("dates_told_by_order_us", "a.csv", HEAD, lambda t: [us(t.d), t.text, num(t.a), num(t.b)], early,
               currency="EUR", balance=True, answers={"dates.format": "%m/%d/%Y"}),
        export("dates_told_by_order_uk", "a.csv", HEAD, lambda t: [uk(t.d), t.text, num(t.a), num(t.b)], early,
               currency="EUR", balance=True, answers={"dates.format": "%d/%m/%Y"}),
        export("dates_two_digit_years", "a.csv", HEAD, lambda t: [dot2(t.d), t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_tell=True),
        export("dates_year_first_two_digits", "a.csv", HEAD, lambda t: [f"{t.d:%y/%m/%d}", t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_tell=True),
        export("dates_integer", "a.csv", HEAD, lambda t: [f"{t.d:%Y%m%d}", t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_tell=True),
        export("dates_integer_day_first", "a.csv", HEAD, lambda t: [f"{t.d:%d%m%Y}", t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_tell=True),
        export("dates_french_months", "a.csv", "Date,Libellé,Montant (EUR),Solde", lambda t: [_french(t.d), t.text, num(t.a), num(t.b)], moves("fr"),
               currency="EUR", balance=True, must_tell=True),
        export("dates_with_zone", "a.csv", HEAD, lambda t: [f"{iso(t.d)}T23:30:00Z", t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_ask="dates.timezone"),
        export("dates_with_time_first", "a.csv", HEAD, lambda t: [f"10:15, {uk(t.d)}", t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_tell=True),
        export("dates_afternoon", "a.csv", HEAD, lambda t: [f"{t.d.month}/{t.d.day}/{t.d.year} 1:0{t.i % 10}:00 PM", t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_tell=True),
        export("dates_two_unknown", "a.csv", "Alpha,Beta,Description,Amount (EUR),Balance", lambda t: [iso(t.d), iso(t.p), t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_ask="columns.date", answers={"columns.date": "Alpha"}),
        export("dates_second_plain", "a.csv", "Date,Transaction Date,Description,Amount (EUR),Balance", lambda t: [iso(t.p), iso(t.d), t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_ask="columns.date", answers={"columns.date": "Transaction Date"}),
        export("dates_value_only", "a.csv", "Value Date,Description,Amount (EUR),Balance", lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m,
               currency="EUR", balance=True, must_tell=True),
        export("dates_long_mixed", "a.csv", HEAD, lambda t: [us(t.d), t.text, num(t.a), num(t.b)], long,
               currency="EUR", balance=True, must_tell=True),
        export("dates_near_each_other", "a.csv", "Transaction Date,Posting Date,Description,Amount (EUR),Balance",
               lambda t: [us(t.d), us(t.p), t.text, num(t.a), num(t.b)], _january(later=True), post="p",
               currency="EUR", balance=True, answers={"dates.format": "%m/%d/%Y"}),
    ]  # fmt: skip


def _numbers() -> list[Export]:
    thousands = [replace(t, a=(t.a * 100).to_integral_value() * 1000) for t in moves()]
    thousands = _rebalanced(thousands, D("250000000"))
    m, w = moves(), moves(whole=True, opening="900000")
    return [
        export("numbers_three_digits_point", "a.csv", "Date;Description;Debit EUR;Credit EUR", lambda t: [iso(t.d), t.text, _grouped_once(t.out), _grouped_once(t.into)],
               _small_thousands(), delimiter=";", currency="EUR", must_ask="amount.decimal", answers={"amount.decimal": {"decimal": ",", "thousands": "."}}),
        export("numbers_groups_prove_point", "a.csv", "Date;Description;Debit EUR;Credit EUR;Balance", lambda t: [iso(t.d), t.text, num(t.out, ",", ".", places=0), num(t.into, ",", ".", places=0), num(t.b, ",", ".", places=0)],
               thousands, delimiter=";", currency="EUR", balance=True, must_tell=True),
        export("numbers_whole_units", "a.csv", "Date;Description;Amount;Currency;Balance", lambda t: [iso(t.d), t.text, num(t.a, places=0), "JPY", num(t.b, places=0)],
               w, delimiter=";", currency="JPY", balance=True, must_tell=True),
        export("numbers_whole_euros", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a, places=0), num(t.b, places=0)],
               w, currency="EUR", balance=True, must_ask="amount.decimal"),
        export("numbers_yen_grouped", "a.csv", "Date;Description;Amount;Currency;Balance", lambda t: [iso(t.d), t.text, num(t.a, thousands=",", places=0), "JPY", num(t.b, thousands=",", places=0)],
               w, delimiter=";", currency="JPY", balance=True),
        export("numbers_apostrophe", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a, ".", "’"), num(t.b, ".", "'")], m, currency="EUR", balance=True, must_tell=True),
        export("numbers_narrow_blank", "a.csv", "Date;Libellé;Montant (EUR);Solde", lambda t: [iso(t.d), t.text, num(t.a, ",", "\u202f"), num(t.b, ",", "\u00a0")], m, delimiter=";", currency="EUR", balance=True, must_tell=True),
        export("numbers_two_styles", "a.csv", "Date;Libellé;Montant (EUR);Solde", lambda t: [iso(t.d), t.text, num(t.a, ",", " "), num(t.b)], m, delimiter=";", currency="EUR", balance=True, must_tell=True),
        export("numbers_true_minus", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a).replace("-", "−"), num(t.b)], m, currency="EUR", balance=True, must_tell=True),
        export("numbers_trailing_minus", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(abs(t.a)) + ("-" if t.a < 0 else ""), num(t.b)], m, currency="EUR", balance=True, must_tell=True),
        export("numbers_brackets", "a.csv", HEAD, lambda t: [iso(t.d), t.text, f"({num(-t.a)})" if t.a < 0 else num(t.a), num(t.b)], m, currency="EUR", balance=True, must_tell=True),
        export("numbers_zloty", "a.csv", "Data;Opis;Kwota;Saldo", lambda t: [iso(t.d), t.text, f"{num(t.a, ',', ' ')} PLN", f"{num(t.b, ',', ' ')} PLN"], moves("pl"), delimiter=";", currency="PLN", balance=True, must_tell=True),
        export("numbers_credit_suffix", "a.csv", "Date,Description,Amount", lambda t: [iso(t.d), t.text, f"{num(abs(t.a))} {'Dr' if t.a < 0 else 'Cr'}"], m, currency=None),
        export("numbers_crowns", "a.csv", "Dato;Tekst;Beløb;Saldo", lambda t: [dot(t.d), t.text, f"{de(t.a)} kr", f"{de(t.b)} kr"], moves("da"), delimiter=";", currency="DKK", balance=True, must_ask="columns.currency"),
        export("numbers_dollars", "a.csv", "Date,Description,Amount,Balance", lambda t: [us(t.d), t.text, f"${num(t.a)}" if t.a > 0 else f"-${num(-t.a)}", f"${num(t.b)}"], m, currency="USD", balance=True, must_ask="columns.currency"),
        export("numbers_no_decimals_dropped", "a.csv", HEAD, lambda t: [iso(t.d), t.text, _short_number(t.a), _short_number(t.b)], m, currency="EUR", balance=True, must_tell=True),
    ]  # fmt: skip


def _signs() -> list[Export]:
    m, c = moves(), moves(card=True, opening="-1650.40")
    flipped = [replace(t, a=-t.a) for t in m]
    same = [Move(i, date(2026, 1, 14), date(2026, 1, 14), D("-10.00"), D("500.00") - 10 * (i + 1), f"TOLL ROAD {i}", "Toll", "purchase") for i in range(8)]
    owed = lambda t: num(-(t.b or D(0)))  # noqa: E731
    refunds = [replace(t, a=-abs(t.a)) if t.kind != "refund" else t for t in m]
    refunds = _rebalanced(refunds, D("9000.00"))
    return [
        export("sign_signed_no_balance", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(t.a)], m, currency="EUR", must_ask="amount.mode"),
        export("sign_negated_no_balance", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(-t.a)], m, currency="EUR", must_ask="amount.mode"),
        export("sign_negated_balance", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(-t.a), num(t.b)], m, currency="EUR", balance=True, must_tell=True),
        export("sign_signed_oldest_first", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, newest=False, currency="EUR", balance=True, must_tell=True),
        export("sign_card_owed_positive", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(-t.a), owed(t)], c, must_ask="amount.mode",
               rows=[{**row, "currency": "EUR", "balance": -t.b} for t, row in zip(c, truth(c), strict=True)], answers={"amount.mode": "negate"}),
        export("sign_card_owed_charges_negative", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), owed(t)], c, must_ask="amount.mode",
               rows=[{**row, "currency": "EUR", "balance": -t.b} for t, row in zip(c, truth(c), strict=True)], answers={"amount.mode": "signed"}),
        export("sign_card_negative_balance", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], c, currency="EUR", balance=True, must_tell=True),
        export("sign_one_day_equal_amounts", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], same, currency="EUR", balance=True, must_ask="amount.mode"),
        export("sign_one_day_debit_credit", "a.csv", "Date,Description,Debit (EUR),Credit (EUR),Balance", lambda t: [iso(t.d), t.text, num(t.out), num(t.into), num(t.b)], same, currency="EUR", balance=True),
        export("sign_mixed_debits_no_balance", "a.csv", "Date,Description,Debit (EUR),Credit (EUR)", lambda t: [iso(t.d), t.text, num(-t.a) if t.kind != "salary" else "", num(t.into) if t.kind == "salary" else ""],
               m, currency="EUR", must_ask="amount.sign", answers={"amount.sign": "as_written"}),
        export("sign_mixed_debits_balance", "a.csv", "Date,Description,Debit (EUR),Credit (EUR),Balance", lambda t: [iso(t.d), t.text, num(-t.a) if t.kind != "salary" else "", num(t.into) if t.kind == "salary" else "", num(t.b)],
               m, currency="EUR", balance=True, must_tell=True),
        export("sign_negative_credits", "a.csv", "Date,Description,Debit (EUR),Credit (EUR)", lambda t: [iso(t.d), t.text, num(t.out), num(-t.a) if t.a > 0 else ""], m, currency="EUR", must_tell=True),
        export("sign_one_negative_credit", "a.csv", "Date,Description,Debit (EUR),Credit (EUR)", lambda t: [iso(t.d), t.text, num(t.out), num(-t.a) if t.a > 0 else ""], m[1:], currency="EUR", must_ask="amount.sign", answers={"amount.sign": "absolute"}),
        export("sign_debit_rises", "a.csv", "Date,Description,Debit (EUR),Credit (EUR),Balance", lambda t: [iso(t.d), t.text, num(t.out), num(t.into), owed(t)], c, must_ask="amount.debit",
               rows=[{**row, "currency": "EUR", "balance": -t.b} for t, row in zip(c, truth(c), strict=True)]),
        export("sign_flag_letters", "a.csv", "Date,Description,Amount (EUR),D/K", lambda t: [iso(t.d), t.text, num(abs(t.a)), "D" if t.a < 0 else "K"], m, currency="EUR", must_tell=True),
        export("sign_flag_plus_minus", "a.csv", "Date;Description;+/-;Amount (EUR)", lambda t: [iso(t.d), t.text, "-" if t.a < 0 else "+", num(abs(t.a))], m, delimiter=";", currency="EUR", must_tell=True),
        export("sign_flag_one_letter_only", "a.csv", "Date,Description,Amount (EUR),X", lambda t: [iso(t.d), t.text, num(abs(t.a)), "D"], [t for t in m if t.a < 0], currency="EUR", must_ask="amount.mode",
               answers={"amount.mode": "negate"}),
        export("sign_flag_card_kind", "a.csv", "Date,Description,Amount (EUR),Card", lambda t: [iso(t.d), t.text, num(t.a), "Debit"], m, currency="EUR", must_ask="amount.mode"),
        export("sign_flag_against_signs", "a.csv", "Date,Description,Amount (EUR),Type", lambda t: [iso(t.d), t.text, num(-t.a), "Debit" if t.a < 0 else "Credit"], m, currency="EUR", must_tell=True),
        export("sign_flag_inconsistent", "a.csv", "Date,Description,Amount (EUR),Type", lambda t: [iso(t.d), t.text, num(t.a), "Debit" if t.i % 2 else "Credit"], m, currency="EUR", must_ask="amount.mode"),
        export("sign_kinds", "a.csv", "Transaction Date,Description,Type,Amount (EUR)", lambda t: [iso(t.d), t.text, {"payment": "Payment", "refund": "Return"}.get(t.kind, "Sale"), num(t.a)], c, currency="EUR", must_tell=True),
        export("sign_kinds_negated", "a.csv", "Transaction Date,Description,Type,Amount (EUR)", lambda t: [iso(t.d), t.text, {"payment": "Payment", "refund": "Return"}.get(t.kind, "Sale"), num(-t.a)], c, currency="EUR", must_tell=True),
        export("sign_kinds_neutral", "a.csv", "Date,Description,Type,Amount (EUR)", lambda t: [iso(t.d), t.text, "Transfer" if t.a > 0 else "Payment", num(t.a)], m, currency="EUR", must_ask="amount.mode"),
        export("sign_unsigned_no_flag", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(abs(t.a))], m, currency="EUR", must_ask="amount.mode", answerable=False),
        export("sign_opening_closing", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(t.a)], m, currency="EUR", must_tell=True,
               before=f"Opening balance,2500.00\nClosing balance,{m[-1].b}\n\n"),
        export("sign_opening_closing_negated", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(-t.a)], m, currency="EUR", must_tell=True,
               before=f"Opening balance,2500.00\nClosing balance,{m[-1].b}\n\n"),
        export("sign_opening_closing_wrong", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(t.a)], m, currency="EUR", must_ask="amount.mode",
               before="Opening balance,2500.00\nClosing balance,1.23\n\n"),
        export("sign_loan", "Darlehen_2026.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], refunds, currency="EUR", balance=True, must_ask="amount.mode"),
        export("sign_headerless_pair", "a.csv", None, lambda t: [iso(t.d), t.text, num(t.out), num(t.into)], m, currency="EUR", must_ask="amount.debit",
               answers={**EUR, "amount.debit": {"index": 2}, "amount.credit": {"index": 3}}),
        export("sign_headerless_swapped_pair_balance", "a.csv", None, lambda t: [iso(t.d), t.text, num(t.into), num(t.out), num(t.b), "EUR"], m, currency="EUR", balance=True, must_tell=True),
        export("sign_headerless_signed_balance", "a.csv", None, lambda t: [iso(t.d), num(t.b), t.text, num(t.a), "EUR"], m, currency="EUR", balance=True, must_tell=True),
        export("sign_fee_unproven", "a.csv", "Date,Description,Type,Amount (EUR),Fee", lambda t: [iso(t.d), t.text, "Debit" if t.a < 0 else "Credit", num(abs(t.a)), "1.00" if t.i == 2 else "0.00"], m, currency="EUR", must_ask="amount.fee"),
        export("sign_two_amounts", "a.csv", "Date,Description,Type,Amount,Converted amount,Currency", lambda t: [iso(t.d), t.text, "Debit" if t.a < 0 else "Credit", num(abs(t.a) * 2), num(abs(t.a)), "EUR"], m,
               currency="EUR", must_ask="amount.column", answers={"amount.column": "Converted amount"}),
        export("sign_flipped_rows", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(t.a)], flipped, currency="EUR", must_ask="amount.mode"),
    ]  # fmt: skip


def _rows() -> list[Export]:
    m, w = moves(), moves(pending=2)
    total = sum((t.a for t in m), D(0))
    debits = sum((t.a for t in m if t.a < 0), D(0))
    missing = _long_file(40)
    gap = [t for t in missing if t.i != 17]
    shuffled = _disordered()
    long_total = f"{iso(m[-1].d)},TOTAL,{num(total)}\n"
    return [
        export("rows_pending_word", "a.csv", "Date,Description,Amount (EUR),Balance,Status", lambda t: [iso(t.d), t.text, num(t.a), num(t.b), "Pending" if t.pending else "Booked"], w, currency="EUR", balance=True, must_tell=True),
        export("rows_pending_unknown_word", "a.csv", "Date,Description,Amount (EUR),Balance,Status", lambda t: [iso(t.d), t.text, num(t.a), num(t.b), "Xyzzy" if t.pending else "Booked"], w, currency="EUR", balance=True, must_ask="rows.pending",
               answers={"rows.pending": {"column": "Status", "pattern": "^Xyzzy$"}}),
        export("rows_pending_date_word", "a.csv", "Datum;Text;Betrag (EUR);Saldo", lambda t: ["offen" if t.pending else dot(t.d), t.text, de(t.a), de(t.b)], w, delimiter=";", must_tell=True,
               rows=[{**row, "date": None if t.pending else row["date"], "currency": "EUR"} for t, row in zip(w, truth(w, balance=True), strict=True)]),
        export("rows_pending_date_unknown_word", "a.csv", "Datum;Text;Betrag (EUR);Saldo", lambda t: ["qwerty" if t.pending else dot(t.d), t.text, de(t.a), de(t.b)], w, delimiter=";", must_ask="rows.pending",
               rows=[{**row, "date": None if t.pending else row["date"], "currency": "EUR"} for t, row in zip(w, truth(w, balance=True), strict=True)]),
        export("rows_balance_missing_at_top", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], w, currency="EUR", balance=True, must_ask="rows.pending",
               answers={"rows.pending": {"column": "Balance", "pattern": "^$"}}),
        export("rows_total_with_date", "a.csv", "Date,Description,Debit (EUR),Credit (EUR)", lambda t: [iso(t.d), t.text, num(t.out), num(t.into)], m, newest=False, currency="EUR", must_tell=True,
               after=f"{iso(m[-1].d)},Total,{num(-debits)},\n"),
        export("rows_total_foreign_word", "a.csv", "Date,Description,Debit (EUR),Credit (EUR)", lambda t: [iso(t.d), t.text, num(t.out), num(t.into)], m, newest=False, currency="EUR", must_ask="rows.exclude",
               after=f"{iso(m[-1].d)},Guztira,{num(-debits)},\n", answers={"rows.exclude": [{"column": "Description", "pattern": "^Guztira", "reason": "total"}]}),
        export("rows_total_no_date", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, currency="EUR", balance=True, must_tell=True,
               after=f",Total,{num(total)},\n"),
        export("rows_total_no_date_no_word", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, currency="EUR", balance=True, must_ask="file.footer",
               after=",Guztira,77.00,\n"),
        export("rows_merchant_called_total", "a.csv", HEAD, lambda t: [iso(t.d), "TOTAL STATION 4512" if t.i == 4 else t.text, num(t.a), num(t.b)], m, currency="EUR", balance=True, must_tell=True,
               rows=[{**row, "words": "TOTAL STATION" if t.i == 4 else row["words"], "currency": "EUR"} for t, row in zip(m, truth(m, balance=True), strict=True)]),
        _with_first_row(
            export("rows_balance_brought_forward", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, newest=False, currency="EUR", balance=True, must_tell=True),
            "2026-01-04,BALANCE BROUGHT FORWARD,,2500.00\n"),
        _with_first_row(
            export("rows_unknown_first_row", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, newest=False, currency="EUR", balance=True, must_ask="rows.exclude",
                   answers={"rows.exclude": [{"column": "Description", "pattern": "^HASIERAKO", "reason": "opening"}]}),
            "2026-01-04,HASIERAKO SALDOA,,2500.00\n"),
        _with_repeated_header(m),
        export("rows_one_missing", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], gap, currency="EUR", balance=True, must_tell=True),
        export("rows_disordered_days", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], shuffled, newest=False, currency="EUR", balance=True, must_tell=True),
        export("rows_declined", "a.csv", "Date,Description,Amount (EUR),Balance,State", lambda t: [iso(t.d), t.text, num(t.a), num(t.b), "DECLINED" if t.pending else "COMPLETED"], w, must_tell=True,
               rows=[{**row, "currency": "EUR"} for t, row in zip(w, truth(w, balance=True), strict=True) if not t.pending]),
        export("rows_total_word_signed", "a.csv", HEAD_PLAIN, lambda t: [iso(t.d), t.text, num(t.a)], m, newest=False, currency="EUR", must_ask="amount.mode", after=long_total),
        export("rows_balance_disagrees", "a.csv", "Date,Description,Debit (EUR),Credit (EUR),Balance", lambda t: [iso(t.d), t.text, num(t.out), num(t.into), "12345.67"], m, currency="EUR", must_ask="columns.balance",
               answers={"columns.balance": None}),
        export("rows_continuation", "a.csv", "Date;Text;Betrag (EUR);Saldo", lambda t: [dot(t.d), t.text, de(t.a), f"{de(t.b)}\n;REF {t.i} zweite Zeile;;"], m, delimiter=";", quote="none", currency="EUR", balance=True, must_tell=True),
        export("rows_damaged", "a.csv", HEAD, lambda t: [iso(t.d), t.text, "n/a" if t.i == 3 else num(t.a), num(t.b)], _long_file(30), currency="EUR", balance=True, must_ask="rows.exclude",
               rows=[row for t, row in zip(_long_file(30), truth(_long_file(30), currency="EUR", balance=True), strict=True) if t.i != 3]),
        export("rows_two_wallets_one_balance", "a.csv", "Date,Description,Amount,Currency,Balance", lambda t: [iso(t.d), t.text, num(t.a), "EUR" if t.i % 3 else "USD", num(t.b)], m, must_ask="columns.currency",
               rows=truth(m, currency="EUR", balance=True)),
    ]  # fmt: skip


def _with_first_row(made: Export, line: str) -> Export:
    head, _, rest = made.data.decode().partition("\n")
    made.data = f"{head}\n{line}{rest}".encode()
    return made


def _with_repeated_header(m: list[Move]) -> Export:
    made = export("rows_repeated_header", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, currency="EUR", balance=True, must_tell=True)
    lines = made.data.decode().splitlines(keepends=True)
    made.data = "".join([*lines[:5], lines[0], *lines[5:]]).encode()
    return made


def _bytes() -> list[Export]:
    m, p, c, g = moves(), moves("pl"), moves("cs"), moves("de")
    notes = [replace(t, text=t.text.replace("COFFEE", "CAFÈ")) for t in m]
    return [
        export("bytes_utf16_tab", "a.txt", "Datum\tText\tBetrag (EUR)\tSaldo", lambda t: [dot(t.d), t.text, de(t.a), de(t.b)], g, delimiter="\t", encoding="utf-16", currency="EUR", balance=True, must_tell=True),
        export("bytes_utf16_no_mark", "a.txt", "Datum\tText\tBetrag (EUR)\tSaldo", lambda t: [dot(t.d), t.text, de(t.a), de(t.b)], g, delimiter="\t", encoding="utf-16-le", currency="EUR", balance=True, must_tell=True),
        export("bytes_latin1_bar", "a.csv", "Datum|Text|Betrag (EUR)|Saldo", lambda t: [dot(t.d), t.text, de(t.a), de(t.b)], g, delimiter="|", encoding="latin-1", currency="EUR", balance=True, must_tell=True),
        export("bytes_cp1250_polish", "a.csv", "Data;Opis;Kwota (PLN);Saldo", lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)], p, delimiter=";", encoding="cp1250", currency="PLN", balance=True, must_tell=True),
        export("bytes_latin2_polish", "a.csv", "Data;Opis;Kwota (PLN);Saldo", lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)], p, delimiter=";", encoding="iso8859-2", currency="PLN", balance=True, must_tell=True),
        export("bytes_cp1250_czech", "a.csv", "Datum;Popis;Částka (CZK);Zůstatek", lambda t: [dot(t.d), t.text, comma(t.a), comma(t.b)], c, delimiter=";", encoding="cp1250", currency="CZK", balance=True, must_tell=True),
        export("bytes_one_letter_open", "a.csv", "A;B;C (EUR);D", lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)], notes, delimiter=";", encoding="cp1252", currency="EUR", balance=True, must_ask="file.encoding",
               answers={"file.encoding": "cp1252"}),
        export("bytes_emoji", "a.csv", HEAD, lambda t: [iso(t.d), f"{t.text} 🍞", num(t.a), num(t.b)], m, currency="EUR", balance=True, must_tell=True),
        export("bytes_pound_cp1252", "a.csv", "Date,Description,Paid out,Paid in,Balance", lambda t: [uk(t.d), t.text, f"£{num(t.out)}" if t.out else "", f"£{num(t.into)}" if t.into else "", f"£{num(t.b)}"], m, encoding="cp1252", currency="GBP", balance=True, must_tell=True),
        export("bytes_blank_before_quote", "a.csv", "Date, Description, Amount (EUR), Balance", lambda t: [iso(t.d), f' "{t.text}"', f" {num(t.a)}", f" {num(t.b)}"], m, quote="none", currency="EUR", balance=True, must_tell=True),
        export("bytes_crlf_bom", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, encoding="utf-8-sig", end="\r\n", currency="EUR", balance=True, must_tell=True),
        export("bytes_multiline", "a.csv", HEAD, lambda t: [iso(t.d), f"{t.text}\nREF {t.i}", num(t.a), num(t.b)], m, currency="EUR", balance=True, must_tell=True),
        export("bytes_trailing_delimiter", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b), ""], m, currency="EUR", balance=True, must_tell=True),
        export("bytes_excel_hint", "a.csv", "Date;Description;Amount (EUR);Balance", lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)], m, delimiter=";", before="sep=;\n", currency="EUR", balance=True, must_tell=True),
    ]  # fmt: skip


def _short() -> list[Export]:
    out = []
    for count in (1, 2, 3):
        m = moves(count=count)
        out.append(export(f"short_{count}_signed", "a.csv", HEAD, lambda t: [iso(t.d), t.text, num(t.a), num(t.b)], m, currency="EUR", balance=True, must_ask="amount.mode"))
        out.append(export(f"short_{count}_pair", "a.csv", "Date,Description,Debit (EUR),Credit (EUR)", lambda t: [iso(t.d), t.text, num(t.out), num(t.into)], m, currency="EUR"))
    return out


def _january(*, later: bool = False) -> list[Move]:
    """Movements from the 2nd to the 11th of January: day and month can be exchanged."""
    made = moves()
    out = [replace(t, d=date(2026, 1, 2 + t.i), p=date(2026, 1, 2 + t.i + (1 if later and t.i < 9 else 0))) for t in made]
    return out


def _long_file(count: int) -> list[Move]:
    """A longer file, unlike days, several months."""
    base = moves()
    balance = D("2500.00")
    out = []
    for i in range(count):
        like = base[i % len(base)]
        amount = like.a + D(i) / 100 * (1 if like.a > 0 else -1)
        balance += amount
        day = date(2026, 1, 3) + timedelta(days=2 * i)
        out.append(replace(like, i=i, d=day, p=day + timedelta(days=1), a=amount, b=balance))
    return out


def _disordered() -> list[Move]:
    """Four days of five movements each, the movements of a day not in the order of their balances."""
    base = _long_file(20)
    base = _rebalanced([replace(t, d=date(2026, 1, 5 + t.i // 5 * 7)) for t in base], D("1000.00"))
    out = []
    for start in range(0, 20, 5):
        day = base[start : start + 5]
        out += [day[2], day[0], day[4], day[1], day[3]]
    return out


def _rebalanced(made: list[Move], opening: Decimal) -> list[Move]:
    balance = opening
    out = []
    for t in made:
        balance += t.a
        out.append(replace(t, b=balance))
    return out


def _small_thousands() -> list[Move]:
    """Whole thousands with one group only: 14.000 may be fourteen."""
    return [replace(t, a=D(1000 * (t.i + 2)) * (1 if t.a > 0 else -1)) for t in moves()]


def _grouped_once(value: Decimal | None) -> str:
    return "" if value is None else f"{value / 1000:.3f}"


def _short_number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _french(day: date) -> str:
    return f"{day.day} {'janvier février mars'.split()[day.month - 1]} {day.year}"

