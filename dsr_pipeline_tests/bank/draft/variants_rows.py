"""Variants of rows and bytes: pending, totals, balances, damage, encodings, and very short files."""

from __future__ import annotations

from dataclasses import replace

from dsr_pipeline_tests.bank.draft.exports import (
    D,
    Export,
    Move,
    comma,
    de,
    dot,
    export,
    iso,
    moves,
    num,
    truth,
    uk,
)
from dsr_pipeline_tests.bank.draft.variant_moves import (
    HEAD,
    HEAD_PLAIN,
    disordered,
    long_file,
)


def rows() -> list[Export]:
    m, w = moves(), moves(pending=2)
    total = sum((t.a for t in m), D(0))
    debits = sum((t.a for t in m if t.a < 0), D(0))
    missing = long_file(40)
    gap = [t for t in missing if t.i != 17]
    shuffled = disordered()
    long_total = f"{iso(m[-1].d)},TOTAL,{num(total)}\n"
    return [
        export(
            "rows_pending_word",
            "a.csv",
            "Date,Description,Amount (EUR),Balance,Status",
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b), "Pending" if t.pending else "Booked"],
            w,
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "rows_pending_unknown_word",
            "a.csv",
            "Date,Description,Amount (EUR),Balance,Status",
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b), "Xyzzy" if t.pending else "Booked"],
            w,
            currency="EUR",
            balance=True,
            must_ask="rows.pending",
            answers={"rows.pending": {"column": "Status", "pattern": "^Xyzzy$"}},
        ),
        export(
            "rows_pending_date_word",
            "a.csv",
            "Datum;Text;Betrag (EUR);Saldo",
            lambda t: ["offen" if t.pending else dot(t.d), t.text, de(t.a), de(t.b)],
            w,
            delimiter=";",
            must_tell=True,
            rows=[
                {**row, "date": None if t.pending else row["date"], "currency": "EUR"}
                for t, row in zip(w, truth(w, balance=True), strict=True)
            ],
        ),
        export(
            "rows_pending_date_unknown_word",
            "a.csv",
            "Datum;Text;Betrag (EUR);Saldo",
            lambda t: ["qwerty" if t.pending else dot(t.d), t.text, de(t.a), de(t.b)],
            w,
            delimiter=";",
            must_ask="rows.pending",
            rows=[
                {**row, "date": None if t.pending else row["date"], "currency": "EUR"}
                for t, row in zip(w, truth(w, balance=True), strict=True)
            ],
        ),
        export(
            "rows_balance_missing_at_top",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
            w,
            currency="EUR",
            balance=True,
            must_ask="rows.pending",
            answers={"rows.pending": {"column": "Balance", "pattern": "^$"}},
        ),
        export(
            "rows_total_with_date",
            "a.csv",
            "Date,Description,Debit (EUR),Credit (EUR)",
            lambda t: [iso(t.d), t.text, num(t.out), num(t.into)],
            m,
            newest=False,
            currency="EUR",
            must_tell=True,
            after=f"{iso(m[-1].d)},Total,{num(-debits)},\n",
        ),
        export(
            "rows_total_foreign_word",
            "a.csv",
            "Date,Description,Debit (EUR),Credit (EUR)",
            lambda t: [iso(t.d), t.text, num(t.out), num(t.into)],
            m,
            newest=False,
            currency="EUR",
            must_ask="rows.exclude",
            after=f"{iso(m[-1].d)},Guztira,{num(-debits)},\n",
            answers={"rows.exclude": [{"column": "Description", "pattern": "^Guztira", "reason": "total"}]},
        ),
        export(
            "rows_total_no_date",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
            m,
            currency="EUR",
            balance=True,
            must_tell=True,
            after=f",Total,{num(total)},\n",
        ),
        export(
            "rows_total_no_date_no_word",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
            m,
            currency="EUR",
            balance=True,
            must_ask="file.footer",
            after=",Guztira,77.00,\n",
        ),
        export(
            "rows_merchant_called_total",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), "TOTAL STATION 4512" if t.i == 4 else t.text, num(t.a), num(t.b)],
            m,
            currency="EUR",
            balance=True,
            must_tell=True,
            rows=[
                {**row, "words": "TOTAL STATION" if t.i == 4 else row["words"], "currency": "EUR"}
                for t, row in zip(m, truth(m, balance=True), strict=True)
            ],
        ),
        _with_first_row(
            export(
                "rows_balance_brought_forward",
                "a.csv",
                HEAD,
                lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
                m,
                newest=False,
                currency="EUR",
                balance=True,
                must_tell=True,
            ),
            "2026-01-04,BALANCE BROUGHT FORWARD,,2500.00\n",
        ),
        _with_first_row(
            export(
                "rows_unknown_first_row",
                "a.csv",
                HEAD,
                lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
                m,
                newest=False,
                currency="EUR",
                balance=True,
                must_ask="rows.exclude",
                answers={
                    "rows.exclude": [{"column": "Description", "pattern": "^HASIERAKO", "reason": "opening"}]
                },
            ),
            "2026-01-04,HASIERAKO SALDOA,,2500.00\n",
        ),
        export(
            "rows_text_like_a_balance",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), "SALDO" if t.pending else t.text, num(t.a), num(t.b)],
            moves(pending=1),
            currency="EUR",
            balance=True,
            must_ask="rows.exclude",
            answerable=False,
        ),
        _with_repeated_header(m),
        export(
            "rows_one_missing",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
            gap,
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "rows_disordered_days",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
            shuffled,
            newest=False,
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "rows_declined",
            "a.csv",
            "Date,Description,Amount (EUR),Balance,State",
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b), "DECLINED" if t.pending else "COMPLETED"],
            w,
            must_tell=True,
            rows=[
                {**row, "currency": "EUR"}
                for t, row in zip(w, truth(w, balance=True), strict=True)
                if not t.pending
            ],
        ),
        export(
            "rows_total_word_signed",
            "a.csv",
            HEAD_PLAIN,
            lambda t: [iso(t.d), t.text, num(t.a)],
            m,
            newest=False,
            currency="EUR",
            must_ask="amount.mode",
            after=long_total,
        ),
        export(
            "rows_balance_disagrees",
            "a.csv",
            "Date,Description,Debit (EUR),Credit (EUR),Balance",
            lambda t: [iso(t.d), t.text, num(t.out), num(t.into), "12345.67"],
            m,
            currency="EUR",
            must_ask="columns.balance",
            answers={"columns.balance": None},
        ),
        export(
            "rows_continuation",
            "a.csv",
            "Date;Text;Betrag (EUR);Saldo",
            lambda t: [dot(t.d), t.text, de(t.a), f"{de(t.b)}\n;REF {t.i} zweite Zeile;;"],
            m,
            delimiter=";",
            quote="none",
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "rows_damaged",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, "n/a" if t.i == 3 else num(t.a), num(t.b)],
            long_file(30),
            currency="EUR",
            balance=True,
            must_ask="rows.exclude",
            rows=[
                row
                for t, row in zip(
                    long_file(30), truth(long_file(30), currency="EUR", balance=True), strict=True
                )
                if t.i != 3
            ],
        ),
        export(
            "rows_two_wallets_one_balance",
            "a.csv",
            "Date,Description,Amount,Currency,Balance",
            lambda t: [iso(t.d), t.text, num(t.a), "EUR" if t.i % 3 else "USD", num(t.b)],
            m,
            must_ask="columns.currency",
            rows=truth(m, currency="EUR", balance=True),
        ),
    ]


def _with_first_row(made: Export, line: str) -> Export:
    head, _, rest = made.data.decode().partition("\n")
    made.data = f"{head}\n{line}{rest}".encode()
    return made


def _with_repeated_header(m: list[Move]) -> Export:
    made = export(
        "rows_repeated_header",
        "a.csv",
        HEAD,
        lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
        m,
        currency="EUR",
        balance=True,
        must_tell=True,
    )
    lines = made.data.decode().splitlines(keepends=True)
    made.data = "".join([*lines[:5], lines[0], *lines[5:]]).encode()
    return made


def bytes_() -> list[Export]:
    m, p, c, g = moves(), moves("pl"), moves("cs"), moves("de")
    notes = [replace(t, text=t.text.replace("COFFEE", "CAFÈ")) for t in m]
    return [
        export(
            "bytes_utf16_tab",
            "a.txt",
            "Datum\tText\tBetrag (EUR)\tSaldo",
            lambda t: [dot(t.d), t.text, de(t.a), de(t.b)],
            g,
            delimiter="\t",
            encoding="utf-16",
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_utf16_no_mark",
            "a.txt",
            "Datum\tText\tBetrag (EUR)\tSaldo",
            lambda t: [dot(t.d), t.text, de(t.a), de(t.b)],
            g,
            delimiter="\t",
            encoding="utf-16-le",
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_latin1_bar",
            "a.csv",
            "Datum|Text|Betrag (EUR)|Saldo",
            lambda t: [dot(t.d), t.text, de(t.a), de(t.b)],
            g,
            delimiter="|",
            encoding="latin-1",
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_cp1250_polish",
            "a.csv",
            "Data;Opis;Kwota (PLN);Saldo",
            lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)],
            p,
            delimiter=";",
            encoding="cp1250",
            currency="PLN",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_latin2_polish",
            "a.csv",
            "Data;Opis;Kwota (PLN);Saldo",
            lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)],
            p,
            delimiter=";",
            encoding="iso8859-2",
            currency="PLN",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_cp1250_czech",
            "a.csv",
            "Datum;Popis;Částka (CZK);Zůstatek",
            lambda t: [dot(t.d), t.text, comma(t.a), comma(t.b)],
            c,
            delimiter=";",
            encoding="cp1250",
            currency="CZK",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_one_letter_open",
            "a.csv",
            "A;B;C (EUR);D",
            lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)],
            notes,
            delimiter=";",
            encoding="cp1252",
            currency="EUR",
            balance=True,
            must_ask="file.encoding",
            answers={"file.encoding": "cp1252"},
        ),
        export(
            "bytes_emoji",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), f"{t.text} 🍞", num(t.a), num(t.b)],
            m,
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_pound_cp1252",
            "a.csv",
            "Date,Description,Paid out,Paid in,Balance",
            lambda t: [
                uk(t.d),
                t.text,
                f"£{num(t.out)}" if t.out else "",
                f"£{num(t.into)}" if t.into else "",
                f"£{num(t.b)}",
            ],
            m,
            encoding="cp1252",
            currency="GBP",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_blank_before_quote",
            "a.csv",
            "Date, Description, Amount (EUR), Balance",
            lambda t: [iso(t.d), f' "{t.text}"', f" {num(t.a)}", f" {num(t.b)}"],
            m,
            quote="none",
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_crlf_bom",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
            m,
            encoding="utf-8-sig",
            end="\r\n",
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_multiline",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), f"{t.text}\nREF {t.i}", num(t.a), num(t.b)],
            m,
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_trailing_delimiter",
            "a.csv",
            HEAD,
            lambda t: [iso(t.d), t.text, num(t.a), num(t.b), ""],
            m,
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
        export(
            "bytes_excel_hint",
            "a.csv",
            "Date;Description;Amount (EUR);Balance",
            lambda t: [iso(t.d), t.text, comma(t.a), comma(t.b)],
            m,
            delimiter=";",
            before="sep=;\n",
            currency="EUR",
            balance=True,
            must_tell=True,
        ),
    ]


def short() -> list[Export]:
    out = []
    for count in (1, 2, 3):
        m = moves(count=count)
        out.append(
            export(
                f"short_{count}_signed",
                "a.csv",
                HEAD,
                lambda t: [iso(t.d), t.text, num(t.a), num(t.b)],
                m,
                currency="EUR",
                balance=True,
                must_ask="amount.mode",
            )
        )
        out.append(
            export(
                f"short_{count}_pair",
                "a.csv",
                "Date,Description,Debit (EUR),Credit (EUR)",
                lambda t: [iso(t.d), t.text, num(t.out), num(t.into)],
                m,
                currency="EUR",
            )
        )
    return out
