"""Layouts of banks of Asia, Latin America and South Africa, and of wallets, with invented movements."""

from __future__ import annotations

from decimal import Decimal

from dsr_pipeline_tests.bank.draft.exports import (
    D,
    Export,
    Move,
    comma,
    dash,
    de,
    export,
    iso,
    moves,
    num,
    truth,
    uk,
)

SIGNED = {"amount.mode": "signed"}
NEGATE = {"amount.mode": "negate"}


def _const(code: str) -> dict[str, object]:
    return {"columns.currency": {"const": code}}


def _yen(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def layouts() -> list[Export]:
    """The exports."""
    m, s, p = moves(), moves("es"), moves("pt")
    j = moves("ja", whole=True, opening="500000")
    out: list[Export] = []
    add = out.append
    add(
        export(
            "dbs",
            "dba33fceecd62c3c.P000000027355791.csv",
            "Transaction Date,Reference,Debit Amount,Credit Amount,Transaction Ref1,Transaction "
            "Ref2,Transaction Ref3",
            lambda t: [f"{t.d:%d %b %Y}", "MST", num(t.out), num(t.into), t.text, "", ""],
            m,
            end="\n",
            before=(
                'Account Details For:,"DBS Savings Plus Account 012-3-456789"\nStatement as at:,31 '
                'Jan 2026\nAvailable Balance:,"SGD 4,233.13"\nLedger Balance:,"SGD 4,233.13"\n\n'
            ),
            currency="SGD",
            account="012-3-456789",
            answers=_const("SGD"),
        )
    )
    ocbc = "".join(
        (
            f"{uk(t.d)},{uk(t.p)},{'POS PURCHASE' if t.a < 0 else 'GIRO'},{num(t.out)},"
            f'{num(t.into)}\n,,"{t.text}",,\n'
        )
        for t in reversed(m)
    )
    add(
        Export(
            "ocbc",
            "TransactionHistory_20260131120000.csv",
            (
                "Account details for:,360 Account 501-123456-001\nAvailable "
                'Balance,"4,233.13"\nLedger Balance,"4,233.13"\n\nTransaction History\n'
                "Transaction date,Value date,Description,Withdrawals (SGD),Deposits (SGD)\n" + ocbc
            ).encode(),
            truth(m, currency="SGD", account="501-123456-001"),
        )
    )
    add(
        export(
            "hdfc",
            "hdfc_2026.txt",
            "  Date     ,Narration                ,Value Dat,Debit Amount       ,Credit Amount     "
            " ,Chq/Ref Number   ,Closing Balance",
            lambda t: [
                f"{t.d:%d/%m/%y}  ",
                f"{t.text.replace(',', '')}   ",
                f"{t.p:%d/%m/%y}",
                f"{num(t.out or D(0)):>12}",
                f"{num(t.into or D(0)):>12}",
                f"0000{t.i:08d}",
                f"{num(t.b):>12}",
            ],
            m,
            newest=False,
            before="\n",
            currency="INR",
            balance=True,
            answers={**_const("INR"), "columns.source_id": None},
            rows=[
                {**row, "words": row["words"].replace(",", "")}
                for row in truth(m, currency="INR", balance=True)
            ],
        )
    )
    add(
        export(
            "icici",
            "OpTransactionHistory31-01-2026.csv",
            "S No.,Value Date,Transaction Date,Cheque Number,Transaction Remarks,Withdrawal "
            "Amount(INR),Deposit Amount(INR),Balance(INR)",
            lambda t: [
                str(t.i + 1),
                uk(t.p),
                uk(t.d),
                "-",
                t.text,
                num(t.out or D(0)),
                num(t.into or D(0)),
                num(t.b),
            ],
            m,
            newest=False,
            before=",,,,,,,\nDETAILED STATEMENT,,,,,,,\nAccount Number,000123456789 ( INR ) - PAT "
            "SAMPLE,,,,,,\nTransaction Period,From 01/01/2026 To 31/01/2026,,,,,,\n,,,,,,,\n",
            after=",,,,,,,\nLegends Used in Account Statement,,,,,,,\nVAT/MAT/NFS,Cash withdrawal at "
            "other bank ATM,,,,,,\n",
            currency="INR",
            balance=True,
            account="000123456789",
        )
    )
    add(
        export(
            "sbi",
            "1700000000.csv",
            "Txn Date\tValue Date\tDescription\tRef No./Cheque No.\t        Debit\tCredit\tBalance\t",
            lambda t: [
                f"{t.d.day} {t.d:%b %Y}",
                f"{t.p.day} {t.p:%b %Y}",
                t.text,
                "TRANSFER",
                num(t.out, ".", ","),
                num(t.into, ".", ","),
                num(t.b, ".", ","),
                "",
            ],
            m,
            delimiter="\t",
            newest=False,
            before="Account Name       :\tMr. PAT SAMPLE\nAccount Number     "
            ":\t_00000012345678901\nBranch             :\tSAMPLE\nStart Date         :\t1 Jan "
            "2026\n\n",
            currency="INR",
            balance=True,
            account="00000012345678901",
            answers=_const("INR"),
        )
    )
    add(
        export(
            "nubank",
            "Nubank_2026-01-31.csv",
            "Data,Valor,Identificador,Descrição",
            lambda t: [uk(t.d), num(t.a), f"65f0aa{t.i:02d}-1b2c-4d5e-8f90-{t.i:012d}", t.text],
            p,
            newest=False,
            currency="BRL",
            rows=[
                {**row, "source_id": f"65f0aa{t.i:02d}-1b2c-4d5e-8f90-{t.i:012d}"}
                for t, row in zip(p, truth(p, currency="BRL"), strict=True)
            ],
            answers={**_const("BRL"), **SIGNED},
        )
    )
    add(
        export(
            "nubank_card",
            "nubank-2026-01.csv",
            "date,title,amount",
            lambda t: [iso(t.d), t.text, num(-t.a)],
            moves("pt", card=True),
            currency="BRL",
            answers={**_const("BRL"), **NEGATE},
        )
    )
    add(
        export(
            "itau",
            "extrato.txt",
            None,
            lambda t: [uk(t.d), t.text, comma(t.a)],
            p,
            delimiter=";",
            encoding="iso8859-1",
            newest=False,
            currency="BRL",
            answers={**_const("BRL"), **SIGNED},
        )
    )
    add(
        export(
            "banco_do_brasil",
            "extrato.csv",
            '"Data","Dependencia Origem","Histórico","Data do Balancete","Número do documento","Valor",',
            lambda t: [uk(t.d), "", t.text, "", str(100 + t.i), num(t.a), ""],
            p,
            quote="all",
            encoding="iso8859-1",
            newest=False,
            before="",
            currency="BRL",
            answers={**_const("BRL"), **SIGNED},
        )
    )
    add(
        export(
            "inter_card",
            "fatura-inter-2026-01.csv",
            '"Data","Lançamento","Categoria","Tipo","Valor"',
            lambda t: [uk(t.d), t.text, "OUTROS", "Compra à vista", _reais(-t.a)],
            moves("pt", card=True),
            quote="all",
            currency="BRL",
            answers=NEGATE,
        )
    )
    add(
        export(
            "inter_conta",
            "Extrato-01-01-2026-a-31-01-2026.csv",
            "Data Lançamento;Histórico;Descrição;Valor;Saldo",
            lambda t: [uk(t.d), "Compra" if t.a < 0 else "Pix recebido", t.text, de(t.a), de(t.b)],
            p,
            delimiter=";",
            before=" Extrato Conta Corrente \nConta ;12345678\nPeríodo ;01/01/2026 a 31/01/2026\nSaldo "
            ";4.233,13\n\n",
            currency="BRL",
            balance=True,
            account="12345678",
            answers=_const("BRL"),
        )
    )
    bradesco = "01/01/2026;SALDO ANTERIOR;;;;2.500,00;\n"
    add(
        export(
            "bradesco",
            "Bradesco_31012026.csv",
            "Data;Histórico;Docto.;Crédito (R$);Débito (R$);Saldo (R$);",
            lambda t: [f"{t.d:%d/%m/%y}", t.text, str(1000 + t.i), de(t.into), de(t.out), de(t.b), ""],
            p,
            delimiter=";",
            encoding="iso8859-1",
            newest=False,
            before="",
            after="31/01/26;Total;;3.174,94;1.551,33;4.123,61;\n",
            currency="BRL",
            balance=True,
        )
    )
    del bradesco
    add(
        export(
            "bancolombia",
            "movimientos.txt",
            None,
            lambda t: ["123-456789-01", "", f"{t.d:%Y/%m/%d}", "", num(t.a), "3335", t.text, "0"],
            s,
            delimiter="\t",
            currency="COP",
            account="123-456789-01",
            answers={
                **_const("COP"),
                **SIGNED,
                "account": {"from": "column", "column": {"index": 0}, "kind": "checking"},
            },
        )
    )
    add(
        export(
            "bbva_mx",
            "movimientos.csv",
            "Día,Concepto / Referencia,cargo,Abono,Saldo",
            lambda t: [dash(t.d), t.text, num(t.out, ".", ","), num(t.into, ".", ","), num(t.b, ".", ",")],
            s,
            currency="MXN",
            balance=True,
            answers=_const("MXN"),
        )
    )
    add(
        export(
            "investec",
            "investec.csv",
            "Date,Posting Date,Description,Debits,Credits,Balance",
            lambda t: [f"{t.d:%Y/%m/%d}", f"{t.p:%Y/%m/%d}", t.text, num(t.out), num(t.into), num(t.b)],
            m,
            post="p",
            currency="ZAR",
            balance=True,
            answers=_const("ZAR"),
        )
    )
    add(
        export(
            "rakuten_card",
            "enavi202602(1234).csv",
            '"利用日","利用店名・商品名","利用者","支払方法","利用金額","支払手数料","支払総額","2月支払金額","3月繰越残高","新規サイン"',
            lambda t: [
                f"{t.d:%Y/%m/%d}",
                t.text,
                "本人",
                "1回払い",
                f"{-t.a:.0f}",
                "0",
                f"{-t.a:.0f}",
                f"{-t.a:.0f}",
                "0",
                "*",
            ],
            moves("ja", card=True, whole=True),
            quote="all",
            encoding="utf-8-sig",
            currency="JPY",
            answers={
                **_const("JPY"),
                **NEGATE,
                "columns.balance": None,
                "amount.column": "利用金額",
                "account": {"from": "const", "value": "rakuten:main", "kind": "card"},
            },
        )
    )
    add(
        export(
            "smbc",
            "meisai.csv",
            "年月日,お引出し,お預入れ,お取り扱い内容,残高,メモ,ラベル",
            lambda t: [
                f"{t.d.year}/{t.d.month}/{t.d.day}",
                _plain(t.out),
                _plain(t.into),
                t.text,
                _plain(t.b),
                "",
                "",
            ],
            j,
            encoding="cp932",
            newest=False,
            currency="JPY",
            balance=True,
            answers=_const("JPY"),
        )
    )
    add(
        export(
            "mufg",
            "1234567_20260131.csv",
            '"日付","摘要","摘要内容","支払い金額","預かり金額","差引残高","メモ","未資金化区分","入払区分"',
            lambda t: [
                f"{t.d.year}/{t.d.month}/{t.d.day}",
                "カード",
                t.text,
                _yen(t.out),
                _yen(t.into),
                _yen(t.b),
                "",
                "",
                "振替支払い" if t.a < 0 else "振替入金",
            ],
            j,
            quote="all",
            encoding="cp932",
            newest=False,
            currency="JPY",
            balance=True,
            answers={
                **_const("JPY"),
                "account": {"from": "const", "value": "mufg:main", "kind": "checking"},
                "amount.debit": "支払い金額",
                "amount.credit": "預かり金額",
            },
        )
    )
    add(_revolut())
    add(_paypal())
    add(
        export(
            "payoneer",
            "payoneer.csv",
            '"Date","Description","Amount","Currency","Status"',
            lambda t: [f"{t.d:%d %b, %Y}", t.text, num(t.a, ".", ","), "USD", "Completed"],
            m,
            quote="all",
            currency="USD",
            answers=SIGNED,
        )
    )
    add(
        export(
            "wise",
            "statement_12345678_EUR_2026-01-01_2026-01-31.csv",
            (
                '"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running '
                'Balance","Exchange From","Exchange To","Exchange Rate","Payer Name","Payee Name","'
                'Payee Account Number",Merchant,"Card Last Four Digits","Card Holder Full Name",'
                'Attachment,Note,"Total fees"'
            ),
            lambda t: [
                f"CARD-{30000000 + t.i}",
                dash(t.d),
                num(t.a),
                "EUR",
                t.text,
                "",
                num(t.b),
                "",
                "",
                "",
                "",
                "",
                "",
                t.name,
                "1234",
                "PAT SAMPLE",
                "",
                "",
                "0.00",
            ],
            m,
            currency="EUR",
            balance=True,
            rows=[
                {**row, "source_id": f"CARD-{30000000 + t.i}"}
                for t, row in zip(m, truth(m, currency="EUR", balance=True), strict=True)
            ],
            answers={
                "columns.source_id": "TransferWise ID",
                "account": {"from": "const", "value": "wise:main", "kind": "wallet"},
            },
        )
    )
    add(
        export(
            "crypto_com",
            "card_transactions_record_20260131_120000.csv",
            "Timestamp (UTC),Transaction Description,Currency,Amount,To Currency,To Amount,Native "
            "Currency,Native Amount,Native Amount (in USD),Transaction Kind,Transaction Hash",
            lambda t: [
                f"{iso(t.d)} 10:00:{t.i:02d}",
                t.text,
                "EUR",
                num(t.a),
                "",
                "",
                "EUR",
                num(t.a),
                num(t.a * 2),
                "",
                "",
            ],
            m,
            currency="EUR",
            answers={**SIGNED, "amount.column": "Amount", "columns.currency": "Currency"},
        )
    )
    add(
        export(
            "alpha_gr",
            "alpha.csv",
            "Α/Α;Ημ/νία;Αιτιολογία;Κατάστημα;Τοκισμός από;Αρ. συναλλαγής;Ποσό;Πρόσημο ποσού",
            lambda t: [
                str(t.i + 1),
                dot_slash(t),
                t.text,
                "001",
                dot_slash(t),
                f"{t.i:05d}",
                comma(abs(t.a)),
                "Χ" if t.a < 0 else "Π",
            ],
            m,
            delimiter=";",
            currency="EUR",
            answers={
                **_const("EUR"),
                "amount.mode": {
                    "mode": "flag",
                    "flag": {"column": "Πρόσημο ποσού", "out": ["Χ"], "in": ["Π"]},
                },
                "columns.date": "Ημ/νία",
            },
        )
    )
    return out


def dot_slash(t: Move) -> str:
    """5/1/2026"""
    return f"{t.d.day}/{t.d.month}/{t.d.year}"


def _reais(value: Decimal) -> str:
    return f"{'-' if value < 0 else ''}R$ {de(abs(value))}"


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _revolut() -> Export:
    """Two currencies in one file, each with its own balance; fees in the balance."""
    head = "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance"
    lines, rows = [head], []
    for code, opening in (("GBP", D("1000.00")), ("EUR", D("300.00"))):
        balance = opening
        for t in moves():
            fee = D("1.20") if t.i == 3 else D("0.00")
            state = "REVERTED" if t.i == 6 else "COMPLETED"
            if state == "COMPLETED":
                balance += t.a - fee
            done = f"{iso(t.p)} 08:00:00" if state == "COMPLETED" else ""
            lines.append(
                f'CARD_PAYMENT,Current,{iso(t.d)} 10:00:{t.i:02d},{done},"{t.text}",{t.a},'
                f"{fee},{code},{state},{balance if done else ''}"
            )
            if done:
                rows.append(
                    {
                        "date": t.d,
                        "post_date": t.p,
                        "amount": t.a - fee,
                        "currency": code,
                        "balance": balance,
                        "account": None,
                        "pending": False,
                        "source_id": None,
                        "words": t.text,
                    }
                )
    return Export(
        "revolut_two",
        "account-statement_2026-01-01_2026-01-31_en-gb_a1b2c3.csv",
        ("\n".join(lines) + "\n").encode(),
        rows,
    )


def _paypal() -> Export:
    head = (
        '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","From Email Address",'
        '"To Email Address","Transaction ID","Item Title","Balance"'
    )
    lines, rows = [head], []
    balance = D("100.00")
    for t in moves():
        fee = D("-0.59") if t.kind == "salary" else D("0.00")
        balance += t.a + fee
        lines.append(
            f'"{uk(t.d)}","10:{t.i:02d}:00","Europe/London","{t.name}","General Payment","'
            f'Completed","GBP","{num(t.a, ".", ",")}","{fee}","{num(t.a + fee, ".", ",")}",'
            f'"a@example.org","b@example.org","{t.id}","{t.text}","{num(balance, ".", ",")}"'
        )
        rows.append(
            {
                "date": t.d,
                "post_date": None,
                "amount": t.a + fee,
                "currency": "GBP",
                "balance": balance,
                "account": None,
                "pending": False,
                "source_id": t.id,
                "words": t.name,
            }
        )
    return Export("paypal", "Download.CSV", ("\n".join(lines) + "\n").encode("utf-8-sig"), rows)
