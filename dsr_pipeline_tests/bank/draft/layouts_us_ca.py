"""Layouts of banks, cards and money apps of the United States and Canada, with invented movements."""

from __future__ import annotations

from dsr_pipeline_tests.bank.draft.exports import D, Export, Move, export, iso, moves, num, truth, us

USD = {"columns.currency": {"const": "USD"}}
CAD = {"columns.currency": {"const": "CAD"}}
SIGNED = {"amount.mode": "signed"}
NEGATE = {"amount.mode": "negate"}


def _dc(move: Move) -> str:
    return "DEBIT" if move.a < 0 else "CREDIT"


def _loose(move: Move) -> str:
    return f"{move.d.month}/{move.d.day}/{move.d.year}"


def _dollars(value, *, minus: str = "-") -> str:
    if value is None:
        return ""
    return f"{minus if value < 0 else ''}${abs(value):,.2f}"


def layouts() -> list[Export]:
    """The exports."""
    m, c = moves(), moves(card=True)
    out: list[Export] = []
    add = out.append
    add(
        export(
            "us_bank",
            "Checking - 4321_01-01-2026_01-31-2026.csv",
            '"Date","Transaction","Name","Memo","Amount"',
            lambda t: [iso(t.d), _dc(t), t.text, "Download from usbank.com.", num(t.a)],
            m,
            quote="all",
            currency="USD",
            account="4321",
            answers={**USD, "account": {"from": "const", "value": "us:4321", "kind": "checking"}},
        )
    )
    add(
        export(
            "usaa",
            "bk_download.csv",
            "Date,Description,Original Description,Category,Amount,Status",
            lambda t: [iso(t.d), t.name, t.text, "Shopping", num(t.a), "Pending" if t.pending else "Posted"],
            moves(pending=1),
            currency="USD",
            answers={**USD, **SIGNED},
        )
    )
    add(
        export(
            "ally",
            "transactions.csv",
            "Date, Time, Amount, Type, Description",
            lambda t: [iso(t.d), "06:12:34", num(t.a), "Withdrawal" if t.a < 0 else "Deposit", t.text],
            m,
            currency="USD",
            answers=USD,
        )
    )
    add(
        export(
            "schwab_bank",
            "Checking_XXX321_Transactions_20260131-120000.csv",
            '"Date","Status","Type","CheckNumber","Description","Withdrawal","Deposit","RunningBalance"',
            lambda t: [
                us(t.d),
                "Posted",
                "ACH",
                "",
                t.text,
                _dollars(t.out),
                _dollars(t.into),
                _dollars(t.b),
            ],
            m,
            quote="all",
            currency="USD",
            balance=True,
            answers={**USD, "account": {"from": "const", "value": "schwab:321", "kind": "checking"}},
        )
    )
    add(
        export(
            "navy_federal",
            "transactions.CSV",
            "Posting Date,Transaction Date,Amount,Credit Debit Indicator,type,Type "
            "Group,Reference,Instructed Currency,"
            "Currency Exchange Rate,Instructed Amount,Description,Category,Check Serial Number,Card Ending",
            lambda t: [
                us(t.p),
                us(t.d),
                num(abs(t.a)),
                "Debit" if t.a < 0 else "Credit",
                "POS",
                "Purchase",
                "",
                "USD",
                "1",
                num(abs(t.a)),
                t.text,
                "Shopping",
                "",
                "",
            ],
            m,
            post="p",
            currency="USD",
            answers=USD,
        )
    )
    add(
        export(
            "apple_card",
            "Apple Card Transactions - January 2026.csv",
            "Transaction Date,Clearing Date,Description,Merchant,Category,Type,Amount (USD),Purchased By",
            lambda t: [
                us(t.d),
                us(t.p),
                t.text,
                t.name,
                "Other",
                {"payment": "Payment", "refund": "Credit"}.get(t.kind, "Purchase"),
                num(-t.a),
                "Pat Sample",
            ],
            c,
            post="p",
            currency="USD",
        )
    )
    add(
        export(
            "discover_like",
            "Discover-Last12Months-20260131.csv",
            "Trans. Date,Post Date,Description,Amount,Category",
            lambda t: [us(t.d), us(t.p), t.text, num(-t.a), "Merchandise"],
            c,
            post="p",
            currency="USD",
            answers={**USD, **NEGATE},
        )
    )
    add(
        export(
            "barclays_us",
            "CreditCard_20260101_20260131_1234.csv",
            "Transaction Date,Description,Category,Amount",
            lambda t: [us(t.d), t.text, _dc(t), num(t.a)],
            c,
            currency="USD",
            account="1234",
            before="Barclays Bank Delaware\nAccount Number: XXXXXXXXXXXX1234\nAccount Balance as of "
            "January 31 2026:    $438.00\n\n",
            answers=USD,
        )
    )
    add(
        export(
            "mint",
            "transactions.csv",
            (
                '"Date","Description","Original Description","Amount","Transaction Type","Category"'
                ',"Account Name","Labels","Notes"'
            ),
            lambda t: [
                f"{t.d.month}/{t.d:%d/%Y}",
                t.name,
                t.text,
                num(abs(t.a)),
                _dc(t).lower(),
                "Shopping",
                "CHECKING" if t.i % 3 else "VISA",
                "",
                "",
            ],
            m,
            quote="all",
            currency=None,
            answers={"columns.currency": None},
        )
    )
    add(
        export(
            "ynab_register",
            "Household - Register.csv",
            (
                '"Account","Flag","Date","Payee","Category Group/Category","Category Group","'
                'Category","Memo","Outflow","Inflow","Cleared"'
            ),
            lambda t: [
                "Checking",
                "",
                us(t.d),
                t.name,
                "Everyday: Food",
                "Everyday",
                "Food",
                t.text,
                _dollars(t.out or D(0)),
                _dollars(t.into or D(0)),
                "Cleared",
            ],
            m,
            quote="all",
            currency="USD",
            answers=USD,
        )
    )
    add(
        export(
            "copilot",
            "transactions-2026-01-31.csv",
            "date,name,amount,status,category,parent category,excluded,tags,type,account,account "
            "mask,note,recurring",
            lambda t: [
                iso(t.d),
                t.text,
                num(-t.a),
                "pending" if t.pending else "posted",
                "Food",
                "Living",
                "false",
                "",
                "income" if t.kind == "salary" else "regular",
                "Total Checking",
                "4321",
                "",
                "",
            ],
            moves(pending=1),
            currency=None,
            answers={"columns.currency": None, **NEGATE},
        )
    )
    add(
        export(
            "empower",
            "2026-01-01 thru 2026-01-31 transactions.csv",
            "Date,Account,Description,Category,Tags,Amount",
            lambda t: [iso(t.d), "Total Checking - Ending in 4321", t.text, "Food", "", num(t.a)],
            m,
            currency=None,
            account="4321",
            answers={"columns.currency": None, **SIGNED},
        )
    )
    add(
        export(
            "pnc",
            "accountActivityExport.csv",
            "Date,Description,Withdrawals,Deposits,Category,Balance",
            lambda t: [us(t.d), t.text, _dollars(t.out), _dollars(t.into), "Food", _dollars(t.b)],
            m,
            currency="USD",
            balance=True,
            answers=USD,
        )
    )
    made = moves()
    ends = {t.d: t.b for t in made}
    add(
        export(
            "truist_day_balance",
            "Acct_4321_01_31_2026.csv",
            "Posted Date,Transaction Date,Transaction Type,Check/Serial #,Full "
            "description,Merchant name,Category name,"
            "Sub-category name,Amount,Daily Posted Balance",
            lambda t: [
                us(t.d),
                us(t.d),
                "Debit" if t.a < 0 else "Credit",
                "",
                t.text,
                t.name,
                "Food",
                "",
                _brackets(t.a),
                _dollars(ends[t.d]),
            ],
            made,
            newest=True,
            rows=[
                {**row, "post_date": row["date"], "currency": "USD", "balance": ends[t.d], "account": "4321"}
                for t, row in zip(made, truth(made), strict=True)
            ],
            answers={**USD, "columns.date": "Transaction Date"},
        )
    )
    add(
        export(
            "rbc",
            "csv12345.csv",
            (
                '"Account Type","Account Number","Transaction Date","Cheque Number","Description 1"'
                ',"Description 2","CAD$","USD$"'
            ),
            lambda t: ["Chequing", "01234-5678901", _loose(t), "", t.text, "", num(t.a), ""],
            m,
            newest=False,
            currency="CAD",
            account="01234-5678901",
            answers=SIGNED,
        )
    )
    add(
        export(
            "rbc_two_currencies",
            "csv12346.csv",
            (
                '"Account Type","Account Number","Transaction Date","Cheque Number","Description 1"'
                ',"Description 2","CAD$","USD$"'
            ),
            lambda t: [
                "Visa",
                "4510111122223333",
                _loose(t),
                "",
                t.text,
                "",
                num(t.a) if t.i % 4 else "",
                "" if t.i % 4 else num(t.a),
            ],
            m,
            newest=False,
            rows=[
                {**row, "currency": "CAD" if t.i % 4 else "USD", "account": "4510111122223333"}
                for t, row in zip(m, truth(m), strict=True)
            ],
            answers=SIGNED,
        )
    )
    add(
        export(
            "td_canada",
            "accountactivity.csv",
            None,
            lambda t: [us(t.d), t.text, num(t.out), num(t.into), num(t.b)],
            m,
            currency="CAD",
            balance=True,
            answers=CAD,
        )
    )
    owed = D("400.00")
    cards = moves(card=True, opening="-1650.40")
    add(
        export(
            "td_visa_owed",
            "accountactivity (1).csv",
            None,
            lambda t: [us(t.d), t.text, num(t.out), num(t.into), num(-(t.b or owed))],
            cards,
            rows=[
                {**row, "currency": "CAD", "balance": -t.b}
                for t, row in zip(cards, truth(cards), strict=True)
            ],
            answers={**CAD, "amount.debit": {"index": 2}, "amount.credit": {"index": 3}},
        )
    )
    add(
        export(
            "scotia_card",
            "scotia.csv",
            None,
            lambda t: [us(t.d), t.text, num(t.a)],
            c,
            currency="CAD",
            answers={**CAD, **SIGNED},
        )
    )
    add(
        export(
            "scotia_chequing",
            "pcbanking.csv",
            None,
            lambda t: [us(t.d), num(t.a), "-", t.kind.title(), t.text],
            m,
            currency="CAD",
            answers={**CAD, **SIGNED},
        )
    )
    add(
        export(
            "bmo",
            "statement.csv",
            "First Bank Card,Transaction Type,Date Posted, Transaction Amount,Description",
            lambda t: ["'5007660123456789'", _dc(t), f"{t.d:%Y%m%d}", num(t.a), t.text],
            m,
            before="\nFollowing data is valid as of 20260131120000 (Year/Month/Day/Hour/Minute/Second)\n\n",
            currency="CAD",
            answers={**CAD, "account": {"from": "const", "value": "bmo:1", "kind": "checking"}},
        )
    )
    add(
        export(
            "bmo_card",
            "statement.csv",
            "Item #, Card #, Transaction Date, Posting Date, Transaction Amount, Description",
            lambda t: [
                str(t.i + 1),
                "'5191230012345678'",
                f"{t.d:%Y%m%d}",
                f"{t.p:%Y%m%d}",
                num(-t.a),
                t.text,
            ],
            c,
            post="p",
            currency="CAD",
            account="5191230012345678",
            answers={**CAD, **NEGATE},
        )
    )
    add(
        export(
            "cibc_card",
            "cibc.csv",
            None,
            lambda t: [iso(t.d), t.text, num(t.out), num(t.into), "4500********1234"],
            c,
            currency="CAD",
            account="4500********1234",
            answers={
                **CAD,
                "amount.debit": {"index": 2},
                "amount.credit": {"index": 3},
                "account": {"from": "column", "column": {"index": 4}, "kind": "card"},
            },
        )
    )
    add(
        export(
            "tangerine",
            "Chequing.CSV",
            "Date,Transaction,Name,Memo,Amount",
            lambda t: [_loose(t), _dc(t), t.text, "Rewards", num(t.a)],
            m,
            currency="CAD",
            answers=CAD,
        )
    )
    add(
        export(
            "sofi",
            "SOFI-Checking-2026-01.csv",
            "Date,Description,Type,Amount,Current balance,Status",
            lambda t: [iso(t.d), t.text, t.kind.upper(), num(t.a), num(t.b), "Posted"],
            m,
            currency="USD",
            balance=True,
            answers=USD,
        )
    )
    add(
        export(
            "citizens",
            "EXPORT.csv",
            "Transaction Type,Date,Account Type,Description,Amount,Reference No.,Credits,Debits",
            lambda t: [
                _dc(t),
                us(t.d),
                "Checking",
                t.text,
                num(t.a),
                "",
                num(t.into),
                num(t.a if t.a < 0 else None),
            ],
            m,
            currency="USD",
            answers=USD,
        )
    )
    add(_venmo())
    add(
        export(
            "chase_loose_balance",
            "activity.csv",
            "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #",
            lambda t: [_dc(t), us(t.d), t.text, num(t.a), "ACH_DEBIT", num(t.b) or " ", "", ""],
            moves(pending=2),
            currency="USD",
            balance=True,
            answers={**USD, "rows.pending": {"column": "Balance", "pattern": "^$"}},
        )
    )
    add(
        export(
            "bofa_card",
            "January2026_9999.csv",
            "Posted Date,Reference Number,Payee,Address,Amount",
            lambda t: [us(t.d), f"2443106618145885982{t.i:04d}", t.text, "AUSTIN TX", num(t.a)],
            c,
            currency="USD",
            account="9999",
            rows=[
                {**row, "source_id": f"2443106618145885982{t.i:04d}", "currency": "USD", "account": "9999"}
                for t, row in zip(c, truth(c), strict=True)
            ],
            answers={**USD, **SIGNED, "account": {"from": "const", "value": "bofa:9999", "kind": "card"}},
        )
    )
    return out


def _brackets(value) -> str:
    return f"(${abs(value):,.2f})" if value < 0 else f"${value:,.2f}"


def _venmo() -> Export:
    made = moves()[1:]
    head = (
        ",ID,Datetime,Type,Status,Note,From,To,Amount (total),Amount (fee),Funding Source,Destination,"
        "Beginning Balance,Ending Balance"
    )
    lines = ["Account Statement - (@pat-sample) ,,,,,,,,,,,,,", "Account Activity,,,,,,,,,,,,,", head]
    lines.append(",,,,,,,,,,,,$5650.75,")
    for t in made:
        sign = "-" if t.a < 0 else "+"
        lines.append(
            f",{3900000000000000000 + t.i},{t.d:%Y-%m-%d}T10:{t.i:02d}:00,Payment,Complete,"
            f"{t.text.replace(',', '')},Pat Sample,"
            f"{t.name},{sign} ${abs(t.a):,.2f},,Venmo balance,,,".replace("1,200", "1200")
        )
    lines.append(f",,,,,,,,,,,,,${made[-1].b}")
    rows = [
        {
            **row,
            "currency": "USD",
            "source_id": str(3900000000000000000 + t.i),
            "words": row["words"].replace(",", ""),
        }
        for t, row in zip(made, truth(made), strict=True)
    ]
    return Export("venmo", "venmo_statement.csv", ("\n".join(lines) + "\n").encode(), rows, {})
