"""Large files take DuckDB; what they give must be, row for row, what the exact path gives."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from dsr_pipeline.bank import bulk, normalised_sql
from dsr_pipeline.bank.chronology import order_of
from dsr_pipeline.bank.matching import select
from dsr_pipeline.bank.parsing import Parsed, Row, parse
from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline.text import normalised

CHASE = """
rule: chase
version: 1
bank: Chase
match: {header: [Details, Posting Date, Description, Amount, Type, Balance, "Check or Slip #"]}
file: {encoding: utf-8-sig, delimiter: ",", fields: trailing_empty}
columns: {date: Posting Date, description: Description, balance: Balance, currency: {const: USD}}
dates: {format: "%m/%d/%Y"}
amount: {mode: signed, column: Amount, decimal: "."}
rows:
  order: newest_first
  pending: {column: Balance, pattern: "^$"}
  exclude: [{column: Type, pattern: "^VOID$", reason: void}]
account: {from: filename, pattern: "(?P<v>[0-9]{4})", kind: checking}
verify: {balance: running}
"""
DEBIT_CREDIT = """
rule: two_columns
version: 1
bank: Two Columns
match: {header: [Datum, Buchung, Text, Soll, Haben, Gebühr, Art, Währung, Nr]}
file: {encoding: utf-8-sig, delimiter: ";", fields: exact}
columns:
  {date: Datum, post_date: Buchung, description: Text, category_src: Art, currency: Währung, source_id: Nr}
dates: {format: "%d.%m.%y"}
amount: {mode: debit_credit, debit: Soll, credit: Haben, decimal: ",", thousands: ".", strip: ["€"],
         fee: {column: Gebühr, subtract: true}}
rows: {order: oldest_first}
account: {from: const, value: "two:1", kind: card}
verify: {balance: none}
"""
FLAG = """
rule: flagged
version: 1
bank: Flagged
match: {header: [Date, Text, Amount, Dir]}
file: {encoding: utf-8-sig, delimiter: "\\t", quote: null, fields: exact}
columns: {date: Date, description: Text}
dates: {format: "%Y%m%d"}
amount: {mode: flag, column: Amount, decimal: ".", flag: {column: Dir, out: [D], in: [C]}}
rows: {order: any}
account: {from: const, value: "flag:1", kind: checking}
verify: {balance: none}
"""
CHASE_HEADER = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"


def rule_of(text: str) -> BankRule:
    return BankRule.model_validate(yaml.safe_load(text))


def both(
    tmp_path: Path, rule: BankRule, data: bytes, name: str = "x1234.csv"
) -> tuple[bulk.Bulk | None, Parsed]:
    """The file through DuckDB and through the exact path."""
    path = tmp_path / name
    path.write_bytes(data)
    selection = select(name, data, [rule])
    assert selection.chosen is not None, selection.reason
    read = bulk.read(path, name, selection.chosen, bulk.scan(path), tmp_path / "stage.parquet", tmp_path)
    return read, parse(selection.chosen, name)


def rows_of(read: bulk.Bulk) -> list[tuple[object, ...]]:
    connection = duckdb.connect()
    normalised_sql.register(connection)
    columns = (
        "line_no, span, date, post_date, amount, currency, description, payee, category_src, balance, "
        "pending, source_id, extras, dsr_normalised(description)"
    )
    found = connection.execute(
        f"select {columns} from ({read.relation.replace('{stage}', str(read.stage))})"
    ).fetchall()
    connection.close()
    rescued = [shape(row) for row in read.rescued]
    return sorted([*found, *rescued], key=lambda row: row[0])


def shape(row: Row) -> tuple[object, ...]:
    return (
        row.line_no, row.span, row.date, row.post_date, row.amount, row.currency, row.description, row.payee,
        row.category_src, row.balance, row.pending, row.source_id, row.extras, row.norm,
    )  # fmt: skip


def assert_same(read: bulk.Bulk | None, exact: Parsed) -> None:
    assert read is not None
    assert rows_of(read) == [shape(row) for row in exact.rows]
    assert sorted(read.excluded) == sorted(exact.excluded)
    assert sorted(read.quarantined) == sorted(exact.quarantined)
    assert read.lines == exact.lines
    assert read.amount_sum == sum(row.amount for row in exact.rows)
    assert read.posted_rows == sum(not row.pending for row in exact.rows)
    accepted = read.ok_rows + sum(row.span for row in read.rescued)
    assert accepted + len(read.excluded) + sum(item.span for item in read.quarantined) == read.lines


def chase_lines(count: int) -> list[str]:
    """Newest first, with a running balance."""
    balance = 100_000
    lines: list[str] = []
    for place in range(count):
        cents = -(place * 7919 % 20_000) - 1
        balance += cents
        text = ["COFFEE 12", '"GROCERS #1, UNIT B"', '"O""MALLEY & SONS"', "Bäckerei Köln", " padded  "][
            place % 5
        ]
        kind = ["DEBIT_CARD", 'A "quoted" kind'.replace('"', ""), "", "back\\slash"][place % 4]
        day = f"{1 + place * 11 // count:02d}/{1 + place % 28:02d}/2026"
        sign = "-" if balance < 0 else ""
        amount = f"-{-cents // 100}.{-cents % 100:02d}"
        lines.append(
            f"DEBIT,{day},{text},{amount},{kind},{sign}{abs(balance) // 100}.{abs(balance) % 100:02d},,"
        )
    return lines[::-1]


def test_a_regular_file_gives_the_same_rows_and_a_proven_chain(tmp_path: Path) -> None:
    lines = chase_lines(500)
    read, exact = both(tmp_path, rule_of(CHASE), (CHASE_HEADER + "\n".join(lines) + "\n").encode())
    assert_same(read, exact)
    assert read is not None
    assert not read.rescued
    assert (read.chain.balances, read.chain.breaks) == (True, 0)
    assert read.chain.closing == exact.rows[0].balance


ODD_LINES = {
    "blank": "",
    "only delimiters": ",,,,,,,",
    "blanks": "   ",
    "bad date": "DEBIT,13/45/2026,x,-1.00,DEBIT_CARD,1.00,,",
    "short date": "DEBIT,1/5/2026,x,-1.00,DEBIT_CARD,1.00,,",
    "exponent": "DEBIT,01/05/2026,x,1e5,DEBIT_CARD,1.00,,",
    "five decimals": "DEBIT,01/05/2026,x,1.00005,DEBIT_CARD,1.00,,",
    "trailing zeros": "DEBIT,01/05/2026,x,1.000000,DEBIT_CARD,1.00,,",
    "Unicode minus": "DEBIT,01/05/2026,x,−5.00,DEBIT_CARD,1.00,,",
    "no integer digits": "DEBIT,01/05/2026,x,-.50,DEBIT_CARD,1.00,,",
    "padded amount": "DEBIT,01/05/2026,x, -5.00 ,DEBIT_CARD,1.00,,",
    "no amount": "DEBIT,01/05/2026,x,,DEBIT_CARD,1.00,,",
    "bad balance": "DEBIT,01/05/2026,x,-1.00,DEBIT_CARD,abc,,",
    "pending": "DEBIT,01/05/2026,x,-1.00,DEBIT_CARD,,,",
    "odd white balance": "DEBIT,01/05/2026,x,-1.00,DEBIT_CARD,\u00a0,,",
    "excluded": "DEBIT,01/05/2026,x,-1.00,VOID,1.00,,",
    "seven fields": "DEBIT,01/05/2026,x,-1.00,DEBIT_CARD,1.00,",
    "nine fields": "DEBIT,01/05/2026,x,-1.00,DEBIT_CARD,1.00,,,",
    "filled surplus": "DEBIT,01/05/2026,x,-1.00,DEBIT_CARD,1.00,,y",
    "few fields": "DEBIT,01/05/2026",
    "stray quote": 'DEBIT,01/05/2026,"O"MALLEY",-1.00,DEBIT_CARD,1.00,,',
    "quote inside": 'DEBIT,01/05/2026,5" pipe,-1.00,DEBIT_CARD,1.00,,',
    "quotes in extras": 'DEBIT,01/05/2026,x,-1.00,"a ""b"" c",1.00,,',
    "tab in extras": "DEBIT,01/05/2026,x,-1.00,a\tb,1.00,,",
    "repeated header": CHASE_HEADER.strip(),
    "formula": "DEBIT,01/05/2026,=cmd|'/C calc'!A0,-1.00,DEBIT_CARD,1.00,,",
    "emoji": "DEBIT,01/05/2026,🍞 Ⅷ ﬁ,-1.00,DEBIT_CARD,1.00,,",
    "empty quoted": 'DEBIT,01/05/2026,"",-1.00,"",1.00,"",',
}


@pytest.mark.parametrize("odd", ODD_LINES, ids=lambda name: name.replace(" ", "_"))
@pytest.mark.parametrize("place", [0, 40, 79], ids=["first", "middle", "last"])
def test_an_odd_line_ends_where_the_exact_path_puts_it(tmp_path: Path, odd: str, place: int) -> None:
    lines = chase_lines(80)
    lines.insert(place, ODD_LINES[odd])
    read, exact = both(tmp_path, rule_of(CHASE), (CHASE_HEADER + "\n".join(lines) + "\n").encode())
    if read is None:
        assert odd == "stray quote", "only quotes may send the whole file to the exact path"
        return
    assert_same(read, exact)


def test_many_odd_lines_at_once_and_windows_line_ends(tmp_path: Path) -> None:
    lines = chase_lines(400)
    for place, odd in enumerate(line for name, line in ODD_LINES.items() if name != "stray quote"):
        lines.insert(5 + place * 9, odd)
    for end in ("\n", "\r\n"):
        data = (CHASE_HEADER.strip() + end + end.join(lines) + end).encode()
        assert_same(*both(tmp_path, rule_of(CHASE), data))
        assert_same(*both(tmp_path, rule_of(CHASE), data.removesuffix(end.encode())))
        assert_same(*both(tmp_path, rule_of(CHASE), b"\xef\xbb\xbf" + data))


def test_an_undecodable_line_is_quarantined_or_left_to_another_encoding(tmp_path: Path) -> None:
    lines = [line.encode() for line in chase_lines(80)]
    lines.insert(30, b"DEBIT,01/05/2026,Caf\xe9,-1.00,DEBIT_CARD,1.00,,")
    data = CHASE_HEADER.encode() + b"\n".join(lines) + b"\n"
    read, exact = both(tmp_path, rule_of(CHASE), data)
    assert_same(read, exact)
    assert [item.reason for item in exact.quarantined] == ["encoding"]
    two = rule_of(CHASE.replace("encoding: utf-8-sig", "encoding: [utf-8-sig, cp1252]"))
    read, exact = both(tmp_path, two, data)
    assert read is None, "cp1252 reads the whole file, so UTF-8 with one bad line would be wrong"
    assert "Café" in {row.description for row in exact.rows}


def test_a_field_over_two_lines_is_not_read_in_bulk(tmp_path: Path) -> None:
    lines = chase_lines(80)
    lines.insert(30, 'DEBIT,01/05/2026,"two\nlines",-1.00,DEBIT_CARD,1.00,,')
    read, exact = both(tmp_path, rule_of(CHASE), (CHASE_HEADER + "\n".join(lines) + "\n").encode())
    assert read is None
    assert len(exact.rows) == 80
    assert {item.reason for item in exact.quarantined} <= {"newline_in_field", "field_count", "bad_quote"}


def test_debit_and_credit_columns_with_fees_and_other_marks(tmp_path: Path) -> None:
    header = "Datum;Buchung;Text;Soll;Haben;Gebühr;Art;Währung;Nr\n"
    lines = [
        f"{1 + n % 28:02d}.02.26;{1 + n % 28:02d}.02.26;Text {n};{n},10;;;Kauf ;EUR;A{n}" for n in range(60)
    ]
    lines[10] = "11.02.26;;Lohn;;3.150,75 €;;Lohn;EUR;B1"
    lines[11] = "12.02.26;;Erstattung;-12,00;;;Kauf;EUR;'B2'"
    lines[12] = "13.02.26;;Gebühr;10,00;;1,50;Kauf;EUR;B3"
    lines[13] = "14.02.26;;beide;10,00;5,00;;Kauf;EUR;B4"
    lines[14] = "15.02.26;;keine;;;;Kauf;EUR;B5"
    lines[15] = "16.02.26;;null;10,00;0,00;;Kauf;EUR;B6"
    lines[16] = "17.02.26;;Gruppe;1.23,45;;;Kauf;EUR;B7"
    lines[17] = "18.02.26;99.99.26;Tag;1,00;;;Kauf;EUR;B8"
    lines[18] = "19.02.26;;Geld;1,00;;;Kauf;EURO;B9"
    lines[19] = "20.02.26;;klein;1,00;;;Kauf;eur;"
    assert_same(*both(tmp_path, rule_of(DEBIT_CREDIT), (header + "\n".join(lines) + "\n").encode()))


def test_flag_words_without_quotes(tmp_path: Path) -> None:
    lines = [f"2026{1 + n // 28:02d}{1 + n % 28:02d}\tText {n}\t{n}.10\t{'DC'[n % 2]}" for n in range(60)]
    lines[7] = '20260108\tA "quoted" word\t5.00\tD'
    lines[8] = "20260109\tUnknown\t5.00\tX"
    lines[9] = "20260110\tPadded\t5.00\t D "
    assert_same(
        *both(tmp_path, rule_of(FLAG), ("Date\tText\tAmount\tDir\n" + "\n".join(lines) + "\n").encode())
    )


def test_a_repeated_id_is_left_to_the_exact_path(tmp_path: Path) -> None:
    rule = rule_of(DEBIT_CREDIT + "dedup: {id: source_id}\n")
    header = "Datum;Buchung;Text;Soll;Haben;Gebühr;Art;Währung;Nr\n"
    lines = [f"{1 + n % 28:02d}.02.26;;Text {n};{n + 1},10;;;Kauf;EUR;A{n}" for n in range(60)]
    read, exact = both(tmp_path, rule, (header + "\n".join(lines) + "\n").encode())
    assert_same(read, exact)
    lines.append(lines[3])
    read, _ = both(tmp_path, rule, (header + "\n".join(lines) + "\n").encode())
    assert read is None


def test_dates_of_another_format_are_not_read_in_bulk(tmp_path: Path) -> None:
    lines = [f"DEBIT,{1 + n % 12:02d}/{1 + n % 7:02d}/2026,x,-1.00,T,1.00,," for n in range(100)]
    lines[50] = "DEBIT,25/01/2026,x,-1.00,T,1.00,,"
    read, exact = both(tmp_path, rule_of(CHASE), (CHASE_HEADER + "\n".join(lines) + "\n").encode())
    assert read is None
    assert "25/01/2026" in (exact.rejection or "")


def test_the_order_of_rows_is_the_one_that_the_dates_show(tmp_path: Path) -> None:
    lines = sorted(chase_lines(100), key=lambda line: line.split(",")[1])
    read, exact = both(tmp_path, rule_of(CHASE), (CHASE_HEADER + "\n".join(lines) + "\n").encode())
    assert read is not None
    assert read.chain.order == order_of([row.date for row in exact.rows], "newest_first") == "oldest_first"


@pytest.mark.parametrize(
    "texts", [["abc", "A-b c", ""], ["Straße", "ﬁ Ⅷ", "x"], ["🍞", "é"], ["only ascii 1"]]
)
def test_normalised_texts_are_those_of_the_python_function(texts: list[str]) -> None:
    import pyarrow as pa

    assert normalised_sql.normalised_array(pa.array(texts)).to_pylist() == [
        normalised(text) for text in texts
    ]
    sliced = pa.array(["before", *texts, "after"]).slice(1, len(texts))
    assert normalised_sql.normalised_array(sliced).to_pylist() == [normalised(text) for text in texts]
