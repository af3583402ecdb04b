"""Where the bulk path could part from the exact one: cut files, joined exports, blanks, absent columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.bank import bulk
from dsr_pipeline.bank.matching import select
from dsr_pipeline.bank.parsing import parse
from dsr_pipeline_tests.bank.inline_rules import rule_of
from dsr_pipeline_tests.bank.test_bulk import rows_of

HEAD = "Date,Text,Amount\n"
ROWS = "".join(f"2026-01-{day:02d},row {day},{day}.00\n" for day in range(1, 29))
STATE = "match: {header_optional: [State]}\n"
FLAG = (
    "match: {header: [Date, Text, Amount, Way]}\namount: {mode: flag, flag: {column: Way, out: [D], in: [C]}}"
)
CASES = {
    "cut in the decimals": ("", HEAD + ROWS + "2026-01-29,x,2.5"),
    "cut before the point": ("", HEAD + ROWS + "2026-01-29,x,2"),
    "whole without a line end": ("", HEAD + ROWS + "2026-01-29,x,2.50"),
    "a year of another age": ("", HEAD + ROWS + "0202-01-29,x,2.50\n"),
    "an excluded blank cell": (
        'rows: {exclude: [{column: Text, pattern: "^$", reason: empty}]}',
        HEAD + ROWS + "2026-01-29, ,2.50\n",
    ),
    "two exports of one format": ("", (HEAD + ROWS) * 2),
    "one delimiter too many": ("", HEAD + ROWS.replace("row 7,7.00", "row 7,7.00,")),
    "two delimiters too many": ("", HEAD + ROWS.replace("row 7,7.00", "row 7,7.00,,")),
    "more empty fields than the other rows": (
        "file: {fields: trailing_empty}",
        HEAD + ROWS.replace(".00\n", ".00,\n").replace("row 7,7.00", "row 7,7.00,"),
    ),
    "an absent column tells pending": (
        STATE + 'rows: {pending: {column: State, pattern: "^P$"}}',
        HEAD + ROWS,
    ),
    "an absent column excludes": (
        STATE + 'rows: {exclude: [{column: State, pattern: "^P$", reason: p}]}',
        HEAD + ROWS,
    ),
    "an absent column holds fees": (STATE + "amount: {fee: {column: State}}", HEAD + ROWS),
    "a sign beside a flag word": (
        FLAG,
        "Date,Text,Amount,Way\n" + ROWS.replace(".00\n", ".00,D\n") + "2026-01-29,x,-2.50,D\n",
    ),
    "an id in a doubted row and in a plain one": (
        "match: {header: [Date, Text, Amount, Id]}\ncolumns: {source_id: Id}\ndedup: {id: source_id}",
        "Date,Text,Amount,Id\n" + ROWS.replace(".00\n", ".00,\n") + "2026-01-29,x,2,A\n2026-01-29,x, 3,A\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_both_paths_agree(tmp_path: Path, case: str) -> None:
    changes, text = CASES[case]
    rule, path = rule_of(changes), tmp_path / "x.csv"
    path.write_bytes(text.encode())
    candidate = select("x.csv", text.encode(), [rule]).chosen
    assert candidate is not None
    exact = parse(candidate, "x.csv")
    read = bulk.read(path, "x.csv", candidate, bulk.scan(path), tmp_path / "stage.parquet", tmp_path)
    if read is None:
        return  # the exact path is taken
    assert [row[0] for row in rows_of(read)] == [row.line_no for row in exact.rows]
    assert [(item.line_no, item.reason) for item in read.excluded] == [
        (item.line_no, item.reason) for item in exact.excluded
    ]
    assert [(item.line_no, item.reason) for item in read.quarantined] == [
        (item.line_no, item.reason) for item in exact.quarantined
    ]


def test_joined_exports_with_other_columns_take_the_exact_path(tmp_path: Path) -> None:
    text = HEAD + ROWS + "Amount,Text,Date\n1.00,x,2026-01-05\n"
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    candidate = select("x.csv", text.encode(), [rule_of()]).chosen
    assert candidate is not None
    assert parse(candidate, "x.csv").rejection is not None
    assert bulk.read(path, "x.csv", candidate, bulk.scan(path), tmp_path / "s.parquet", tmp_path) is None
