"""Layouts of banks of the United Kingdom, Ireland, Australia and New Zealand, with invented movements."""

from __future__ import annotations

from dsr_pipeline_tests.bank.draft.exports import Export, export, iso, moves, num, truth, uk

GBP = {"columns.currency": {"const": "GBP"}}
AUD = {"columns.currency": {"const": "AUD"}}
NZD = {"columns.currency": {"const": "NZD"}}
EUR = {"columns.currency": {"const": "EUR"}}
SIGNED = {"amount.mode": "signed"}
NEGATE = {"amount.mode": "negate"}


def _pounds(value) -> str:
    return "" if value is None else f"{'-' if value < 0 else ''}£{abs(value):,.2f}"


def _long(day) -> str:
    return f"{day:%d %b %Y}"


def layouts() -> list[Export]:
    """The exports."""
    m, c = moves(), moves(card=True)
    out: list[Export] = []
    add = out.append
    add(
        export(
            "barclays",
            "data.csv",
            "Number,Date,Account,Amount,Subcategory,Memo",
            lambda t: [
                "\t",
                uk(t.d),
                "20-00-00 12345678",
                num(t.a),
                "PAYMENT" if t.a < 0 else "DIRECTDEP",
                f"{t.text}   \tON 05 JAN BCC",
            ],
            m,
            currency="GBP",
            account="12345678",
            answers={**GBP, **SIGNED},
        )
    )
    add(
        export(
            "monzo",
            "MonzoDataExport_January2026_2026-01-31_120000.csv",
            "Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,Local "
            "currency,Notes and #tags,Address,"
            "Receipt,Description,Category split,Money Out,Money In",
            lambda t: [
                t.id,
                uk(t.d),
                f"10:{t.i:02d}:07",
                "Card payment",
                t.name,
                "🍞",
                "Groceries",
                num(t.a),
                "GBP",
                num(t.a * 2) if t.i == 4 else num(t.a),
                "EUR" if t.i == 4 else "GBP",
                "",
                "1 High Street",
                "",
                t.text,
                "",
                num(t.a) if t.a < 0 else "",
                num(t.into),
            ],
            m,
            newest=False,
            currency="GBP",
            ids=True,
        )
    )
    add(
        export(
            "starling",
            "StarlingStatement_2026-01-01_2026-01-31.csv",
            "Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,Notes",
            lambda t: [uk(t.d), t.name, t.text, "CARD PAYMENT", num(t.a), num(t.b), "SHOPPING", ""],
            m,
            newest=False,
            currency="GBP",
            balance=True,
        )
    )
    add(
        export(
            "hsbc_uk",
            "TransactionHistory.csv",
            None,
            lambda t: [uk(t.d), t.text, num(t.a, ".", ",")],
            m,
            currency="GBP",
            answers={**GBP, **SIGNED},
        )
    )
    add(
        export(
            "nationwide",
            "Statement Download 2026-Jan-31 12-00-00.csv",
            '"Date","Transaction type","Description","Paid out","Paid in","Balance"',
            lambda t: [_long(t.d), "Visa purchase", t.text, _pounds(t.out), _pounds(t.into), _pounds(t.b)],
            m,
            quote="all",
            encoding="cp1252",
            end="\r\n",
            currency="GBP",
            balance=True,
            account="12345",
            before=(
                '"Account Name:","FlexAccount ****12345"\r\n"Account Balance:","£4,233.13"\r\n"'
                'Available Balance: ","£4,233.13"\r\n\r\n'
            ),
        )
    )
    add(
        export(
            "lloyds",
            "12345678_20260131_1200.csv",
            "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction "
            "Description,Debit Amount,Credit Amount,Balance",
            lambda t: [uk(t.d), "DEB", "'30-00-00", "12345678", t.text, num(t.out), num(t.into), num(t.b)],
            m,
            currency="GBP",
            balance=True,
            account="12345678",
            answers=GBP,
        )
    )
    add(
        export(
            "halifax",
            "statement.csv",
            "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction "
            "Description,Debit Amount,Credit Amount",
            lambda t: [uk(t.d), "DEB", "'11-00-00", "12345678", t.text, num(t.out), num(t.into)],
            m,
            currency="GBP",
            account="12345678",
            answers=GBP,
        )
    )
    add(
        export(
            "natwest",
            "PAT-SAMPLE-20260131.csv",
            "Date,Type,Description,Value,Balance,Account Name,Account Number",
            lambda t: [_long(t.d), "POS", f"'{t.text}", num(t.a), num(t.b), "'SAMPLE P", "'600000-12345678"],
            m,
            currency="GBP",
            balance=True,
            account="600000-12345678",
            answers=GBP,
        )
    )
    add(
        export(
            "first_direct",
            "31012026_1234.csv",
            "Date,Description,Amount,Balance",
            lambda t: [uk(t.d), t.text, num(t.a), num(t.b)],
            m,
            currency="GBP",
            balance=True,
            account="1234",
            answers={**GBP, "account": {"from": "const", "value": "fd:1234", "kind": "checking"}},
        )
    )
    add(
        export(
            "coop",
            "01012026_31012026.csv",
            "Date,Description,Type,Money In,Money Out,Balance",
            lambda t: [iso(t.d), t.text, "DEBIT" if t.a < 0 else "CREDIT", num(t.into), num(t.out), num(t.b)],
            m,
            currency="GBP",
            balance=True,
            answers=GBP,
        )
    )
    add(
        export(
            "metro",
            "Transaction_31.01.2026.csv",
            "Date,Details,Transaction Type,In,Out,Balance",
            lambda t: [uk(t.d), t.text, "Card Purchase", num(t.into), num(t.out), num(t.b)],
            m,
            currency="GBP",
            balance=True,
            answers=GBP,
        )
    )
    add(
        export(
            "tesco_card",
            "transactions.csv",
            "Transaction Date,Posting Date,Billing Amount,Merchant,Merchant City,Merchant "
            "State,Merchant Zip,Reference Number,Debit/Credit Flag,SICMCC Code",
            lambda t: [
                iso(t.d),
                iso(t.p),
                _pounds(t.a),
                t.text,
                "LEEDS",
                "",
                "",
                f"7458{t.i:012d}",
                "D" if t.a < 0 else "C",
                "5411",
            ],
            c,
            post="p",
            currency="GBP",
            rows=[
                {**row, "source_id": f"7458{t.i:012d}"}
                for t, row in zip(c, truth(c, post="p", currency="GBP"), strict=True)
            ],
        )
    )
    add(
        export(
            "amex_uk",
            "activity.csv",
            "Date,Description,Amount",
            lambda t: [uk(t.d), t.text, num(-t.a)],
            c,
            currency="GBP",
            answers={**GBP, **NEGATE},
        )
    )
    add(
        export(
            "capital_one_uk",
            "Transactions.csv",
            "transactionDate,postedDate,amount,debitCreditCode,description,merchantCategoryDescription",
            lambda t: [
                iso(t.d),
                iso(t.p),
                num(abs(t.a)),
                "Debit" if t.a < 0 else "Credit",
                t.text,
                "Grocery",
            ],
            c,
            post="p",
            currency="GBP",
            answers=GBP,
        )
    )
    add(
        export(
            "aib",
            "Transaction_Export_31.01.2026_12.00.csv",
            "Posted Account, Posted Transactions Date, Description1, Description2, Description3, "
            "Debit Amount, Credit Amount,Balance,"
            "Posted Currency,Transaction Type,Local Currency Amount,Local Currency",
            lambda t: [
                "12345-678",
                f"{t.d:%d/%m/%y}",
                t.text,
                "",
                "",
                num(t.out, ".", ","),
                num(t.into, ".", ","),
                num(t.b, ".", ","),
                "EUR",
                "Debit" if t.a < 0 else "Credit",
                num(abs(t.a)),
                "EUR",
            ],
            m,
            newest=False,
            currency="EUR",
            balance=True,
            answers={
                "account": {"from": "column", "column": "Posted Account", "kind": "checking"},
                "columns.currency": "Posted Currency",
            },
        )
    )
    boi = moves()
    last = {t.d: t.i for t in boi}
    add(
        export(
            "bank_of_ireland",
            "TransactionExport.csv",
            "Date,Details,Debit,Credit,Balance",
            lambda t: [uk(t.d), t.text, num(t.out), num(t.into), num(t.b) if last[t.d] == t.i else ""],
            boi,
            newest=False,
            rows=[
                {**row, "currency": "EUR", "balance": t.b if last[t.d] == t.i else None}
                for t, row in zip(boi, truth(boi), strict=True)
            ],
            answers=EUR,
        )
    )
    add(
        export(
            "anz_au",
            "ANZ.csv",
            None,
            lambda t: [uk(t.d), f"{num(t.a)}", t.text],
            m,
            currency="AUD",
            answers={**AUD, **SIGNED},
        )
    )
    add(
        export(
            "commbank",
            "CSVData.csv",
            None,
            lambda t: [uk(t.d), num(t.a, plus=True), t.text, num(t.b, plus=True)],
            m,
            quote="all",
            currency="AUD",
            balance=True,
            answers=AUD,
        )
    )
    nab = moves()
    add(
        Export(
            "nab",
            "Transactions.csv",
            (
                "Date,Amount,Account Number,,Transaction Type,Transaction "
                "Details,Balance,Category,Merchant Name\n"
                + "".join(
                    f"{t.d:%d %b %y},{num(t.a)},123456789,,EFTPOS,{t.text.replace(',', '')},{num(t.b)}"
                    + (f",Groceries,{t.name}\n" if t.i % 2 else "\n")
                    for t in reversed(nab)
                )
            ).encode(),
            [
                {**row, "words": row["words"].replace(",", "")}
                for row in truth(nab, currency="AUD", balance=True, account="123456789")
            ],
            AUD,
        )
    )
    add(
        export(
            "westpac",
            "Data.csv",
            "Bank Account,Date,Narrative,Debit Amount,Credit Amount,Balance,Categories,Serial",
            lambda t: ["032000123456", uk(t.d), t.text, num(t.out), num(t.into), num(t.b), "DEP", ""],
            m,
            currency="AUD",
            balance=True,
            account="032000123456",
            answers={**AUD, "account": {"from": "column", "column": "Bank Account", "kind": "checking"}},
        )
    )
    add(
        export(
            "ing_au",
            "Transactions (2).csv",
            "Date,Description,Credit,Debit,Balance",
            lambda t: [uk(t.d), t.text, num(t.into), num(t.a) if t.a < 0 else "", num(t.b)],
            m,
            currency="AUD",
            balance=True,
            answers=AUD,
        )
    )
    add(
        export(
            "ing_au_no_balance",
            "Transactions (3).csv",
            "Date,Description,Credit,Debit",
            lambda t: [uk(t.d), t.text, num(t.into), num(t.a) if t.a < 0 else ""],
            m,
            currency="AUD",
            answers=AUD,
        )
    )
    add(
        export(
            "bnz",
            "Everyday-01JAN2026-to-31JAN2026.csv",
            "Date,Amount,Payee,Particulars,Code,Reference,Tran Type,This Party Account,Other Party "
            "Account,Serial,Transaction Code,Batch Number,Originating Bank/Branch,Processed Date",
            lambda t: [
                f"{t.d:%d/%m/%y}",
                num(t.a),
                t.name,
                t.text,
                "",
                "",
                "POS",
                "02-0000-0123456-000",
                "",
                "",
                "50",
                "1",
                "02-0000",
                f"{t.d:%d/%m/%y}",
            ],
            m,
            currency="NZD",
            account="02-0000-0123456-000",
            answers={
                **NZD,
                **SIGNED,
                "columns.date": "Date",
                "account": {"from": "column", "column": "This Party Account", "kind": "checking"},
            },
        )
    )
    add(
        export(
            "asb",
            "Export20260131120000.csv",
            "Date,Unique Id,Tran Type,Cheque Number,Payee,Memo,Amount",
            lambda t: [f"{t.d:%Y/%m/%d}", f"20260105{t.i:02d}", "EFTPOS", "", t.name, t.text, num(t.a)],
            m,
            newest=False,
            before="Created date / time : 31 January 2026 / 12:00:00\nBank 12; Branch 3000; Account "
            "0123456-50 (Streamline)\n"
            "From date 20260101\nTo date 20260131\nAvail Bal : 4233.13 as of "
            "20260130\nLedger Balance : 4233.13 as of 20260131\n",
            rows=[
                {**row, "source_id": f"20260105{t.i:02d}", "currency": "NZD", "account": "0123456-50"}
                for t, row in zip(m, truth(m), strict=True)
            ],
            answers={**NZD, **SIGNED},
        )
    )
    add(
        export(
            "kiwibank",
            "38-9000-0123456-00_01Jan_31Jan.CSV",
            "Account number,Date,Memo/Description,Source Code (payment type),TP ref,TP part,TP "
            "code,OP ref,OP part,OP code,OP name,"
            "OP Bank Account Number,Amount (credit),Amount (debit),Amount,Balance",
            lambda t: [
                "38-9000-0123456-00",
                dash_day(t),
                t.text,
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                t.name,
                "",
                num(t.into),
                num(t.out),
                num(t.a),
                num(t.b),
            ],
            m,
            newest=False,
            currency="NZD",
            balance=True,
            account="38-9000-0123456-00",
            answers=NZD,
        )
    )
    return out


def dash_day(t) -> str:
    """05-01-2026"""
    return f"{t.d:%d-%m-%Y}"
