"""Bad input at the level of one file: nothing raises, nothing is lost, and no damaged row is believed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_pipeline.bank.matching import select
from dsr_pipeline.bank.parsing import Parsed, Row, parse
from dsr_pipeline.bank.reading import MAX_LINE, damage, longest_line
from dsr_pipeline_tests.bank.inline_rules import (
    assert_ties_out,
    choose,
    faults_of,
    read,
    reasons_of,
    rule_of,
)
from dsr_pipeline_tests.bank.sample_exports import IDS, rule_named, rule_set, sample

LENIENT = "file: {max_bad_ratio: 1}"
# Free text: a cut in it cannot be told from a shorter text. Everything else of an accepted row must be whole.
FREE_TEXT = ("description", "payee", "category_src", "extras", "norm")


def parsed_or_none(data: bytes, name: str, rule: str | None = None) -> Parsed | None:
    """The file as read, or None where matching refuses it; the lines tie out either way."""
    rules = [rule_named(rule)] if rule is not None else list(rule_set().rules.values())
    selection = select(name, data, rules)
    if selection.chosen is None:
        assert selection.reason
        return None
    parsed = parse(selection.chosen, name)
    assert_ties_out(parsed)
    return parsed


def accepted(parsed: Parsed | None) -> list[Row]:
    """The rows that reach the tables: none of a file that is refused."""
    return [] if parsed is None or parsed.rejection is not None else parsed.rows


# --- Bytes that are no text --------------------------------------------------------------------------------


def test_nul_bytes_are_named_with_their_line() -> None:
    data = b"Date,Text,Amount\n2026-01-05,x,1.00\n2026-01-05,a\x00b,1.00\n"
    assert "line 3" in (damage(data) or "")
    assert faults_of(rule_of(LENIENT), data) == [(3, "nul")], "and no row with one is believed"
    assert damage("Date,Text\n".encode("utf-16")) is None
    assert damage("Date,Text\n".encode("utf-16-le")) is None
    assert damage(b"Date,Text\n") is None


def test_line_that_is_no_utf_8_costs_that_line_alone() -> None:
    data = b"Date,Text,Amount\n2026-01-05,x,1.00\n2026-01-06,caf\xe9,2.00\n2026-01-07,z,3.00\n"
    parsed = read(rule_of(LENIENT), data)
    assert [row.description for row in parsed.rows] == ["x", "z"]
    assert [(item.line_no, item.reason, item.raw) for item in parsed.quarantined] == [
        (3, "encoding", b"2026-01-06,caf\xe9,2.00")
    ]


def test_header_that_is_no_utf_8_is_refused_in_words() -> None:
    selection = choose(rule_of(), b"Dat\xe9,Text,Amount\n2026-01-05,x,1.00\n")
    assert selection.chosen is None
    assert "line 1 is not utf-8-sig text" in (selection.reason or "")
    other = choose(rule_of(), "Datum;Text;Betrag\n05.01.2026;Bücher;1,00\n".encode("utf-16"))
    assert "it is not utf-8-sig text" in (other.reason or "")


def test_of_two_encodings_the_one_that_reads_more_lines_is_taken() -> None:
    data = "Date,Text,Amount\n2026-01-05,é,1.00\n2026-01-06,ü,2.00\n2026-01-07,?,3.00\n".encode("cp1252")
    parsed = read(rule_of("file: {encoding: [utf-8, cp1252], max_bad_ratio: 1}"), data.replace(b"?", b"\x81"))
    assert parsed.candidate.lines.encoding == "cp1252"
    assert [row.description for row in parsed.rows] == ["é", "ü"]


def test_line_of_ten_megabytes_is_named_and_costs_no_time() -> None:
    data = b"Date,Text,Amount\n2026-01-05,x,1.00\n" + b"a" * 10_000_000 + b"\n"
    assert longest_line(data) == (10_000_000, 3)
    assert "line 3" in (damage(data) or "")
    started = time.process_time()
    parsed = read(rule_of(LENIENT), data)
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [(3, "field_count")]
    assert choose(rule_of(), b"a," * 5_000_000).chosen is None
    assert time.process_time() - started < 20


@pytest.mark.parametrize("size", [MAX_LINE, MAX_LINE + 1])
def test_longest_line_is_measured_in_bytes(size: int) -> None:
    data = b"\n".join([b"x" * size, b"y"])
    assert longest_line(data) == (size, 1)
    assert (damage(data) is None) == (size <= MAX_LINE)


def test_many_columns_cost_no_time() -> None:
    names = ",".join(f"c{place}" for place in range(50_000))
    text = f"Date,Text,Amount,{names}\n2026-01-05,x,1.00{',' * 50_000}\n"
    started = time.process_time()
    assert choose(rule_of(), text).chosen is None, "three names known of 50,003 are no header of ours"
    same = f"Date,Text,Amount{',same' * 50_000}\n2026-01-05,x,1.00{',' * 50_000}\n"
    assert choose(rule_of(), same).chosen is None
    assert time.process_time() - started < 10


# --- Columns -----------------------------------------------------------------------------------------------


def test_missing_column_is_named_with_the_nearest_rule() -> None:
    given_sample = sample("us_chase_checking")
    data = given_sample.data.replace(b"Balance", b"Saldo")
    selection = select(given_sample.name, data, rule_set().rules.values())
    assert selection.chosen is None
    assert selection.nearest == "us_chase_checking"
    assert "nearest us_chase_checking misses [Balance], has extra [Saldo]" in (selection.reason or "")
    assert "header line 1 = [Details, Posting Date" in (selection.reason or "")


def test_column_that_stands_twice_is_refused_where_the_rule_reads_it() -> None:
    selection = choose(rule_of(), "Date,Text,Amount,Amount\n2026-01-05,x,1.00,2.00\n")
    assert selection.chosen is None
    assert "stands twice" in (selection.reason or "")


def test_columns_in_another_order_are_read_by_name_and_score_less() -> None:
    moved = choose(rule_of(), "Amount,Date,Text\n1.00,2026-01-05,x\n")
    straight = choose(rule_of(), "Date,Text,Amount\n2026-01-05,x,1.00\n")
    assert moved.chosen is not None
    assert straight.chosen is not None
    assert moved.chosen.score == straight.chosen.score - 5
    assert parse(moved.chosen, "x.csv").rows[0]._replace(line_no=2) == parse(straight.chosen, "x.csv").rows[0]


def test_new_column_is_told_as_drift_and_kept() -> None:
    parsed = read(rule_of(), "Date,Text,Amount,Mood\n2026-01-05,x,1.00,good\n")
    assert parsed.candidate.drift == ("Mood",)
    assert parsed.rows[0].extras == '{"Mood":"good"}'


def test_too_many_new_columns_are_another_format() -> None:
    selection = choose(rule_of(), "Date,Text,Amount,a,b,c,d\n2026-01-05,x,1.00,,,,\n")
    assert selection.chosen is None
    assert "knows too few of its columns, has extra [a, b, c, d]" in (selection.reason or "")


def test_two_rules_that_fit_equally_are_both_named() -> None:
    twin = rule_of().model_copy(update={"rule": "twin"})
    selection = choose([rule_of(), twin], "Date,Text,Amount\n2026-01-05,x,1.00\n")
    assert selection.chosen is None
    assert selection.reason is not None
    assert selection.reason.startswith("fits plain (80) and twin (80)")


def test_header_absent_and_the_file_name_settle_which_rule() -> None:
    card = rule_of("rule: card\nmatch: {header_optional: [Card], filename: ['(?i)^card']}")
    plain = rule_of("match: {header_absent: [Card]}")
    text = "Date,Text,Amount,Card\n2026-01-05,x,1.00,7\n"
    chosen = choose([card, plain], text).chosen
    assert chosen is not None
    assert chosen.rule.rule == "card"
    named = choose([card, rule_of()], "Date,Text,Amount\n2026-01-05,x,1.00\n", "Card-2026.csv").chosen
    assert named is not None
    assert (named.rule.rule, named.score) == ("card", 90)


def test_the_probe_refuses_a_header_whose_rows_do_not_fit_and_every_row_says_why() -> None:
    text = "Date,Text,Amount\n" + "05.01.2026,x,1.00\n" * 3 + "2026-01-05,x,1.00\n"
    selection = choose(rule_of(), text)
    assert selection.chosen is not None
    assert not selection.chosen.probe_holds
    parsed = read(rule_of(), text)
    assert parsed.rejection is not None
    assert len(parsed.quarantined) == 3


def test_a_second_line_that_fits_better_is_the_header() -> None:
    text = "Date,Text,Amount\nfrom,to,total\nDate,Text,Amount\n" + "2026-01-05,x,1.00\n" * 3
    assert read(rule_of(), text).candidate.header == 2
    title = "Date,Text,Amount\n" + "a,b,c\n" * 9 + "Date,Text,Amount\n" + "2026-01-05,x,1.00\n" * 8
    assert read(rule_of(), title).candidate.header == 10
    rows = "Date,Text,Amount\n2026-01-05,x,1.00\n" + "a,b,c\n" * 9 + "Date,Text,Amount\n2026-01-05,y,1.00\n"
    assert read(rule_of(LENIENT), rows).candidate.header == 0, "no row ever becomes a preamble"


# --- Without a header --------------------------------------------------------------------------------------

HEADERLESS = """
match: {header: [], columns: 3, filename: ["^plain"]}
file: {preamble: {lines: 0}}
columns: {date: {index: 0}, description: {index: 1}}
amount: {column: {index: 2}}
"""


def test_headerless_rule_never_reads_a_file_with_a_header() -> None:
    rows = "".join(f"2026-01-{day:02d},x,{day}.00\n" for day in range(1, 20))
    assert len(read(rule_of(HEADERLESS), rows).rows) == 19
    for name in ("x.csv", "plain.csv"):
        assert choose(rule_of(HEADERLESS), f"Day,Words,Value\n{rows}", name).chosen is None
    headed = rule_of("rule: headed")
    chosen = choose([rule_of(HEADERLESS), headed], f"Date,Text,Amount\n{rows}", "plain.csv").chosen
    assert chosen is not None
    assert chosen.rule.rule == "headed"


def test_headerless_rule_survives_a_damaged_row_and_a_new_name() -> None:
    rows = [f"2026-01-{day:02d},x,{day}.00" for day in range(1, 9)]
    rows[0] = rows[0].replace("x", '"x"y')
    parsed = read(rule_of(HEADERLESS), "\n".join(rows) + "\n", "anything.csv")
    assert len(parsed.rows) == 7
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [(1, "bad_quote")]
    assert parsed.lines == 8


def test_headerless_rules_of_other_widths_and_kinds_do_not_fit() -> None:
    wide = rule_of("rule: wide\n" + HEADERLESS.replace("columns: 3", "columns: 4"))
    euro = rule_of("rule: euro\n" + HEADERLESS + 'dates: {format: "%d.%m.%Y"}')
    text = "2026-01-05,x,1.00\n2026-01-06,y,2.00\n"
    assert choose([wide, euro], text).chosen is None
    chosen = choose([wide, euro, rule_of(HEADERLESS)], text).chosen
    assert chosen is not None
    assert chosen.rule.rule == "plain"


def test_preamble_of_a_headerless_file_is_counted() -> None:
    rule = rule_of(HEADERLESS.replace("lines: 0", "lines: 2"))
    parsed = read(rule, "Statement\nJanuary\n2026-01-05,x,1.00\n")
    assert (parsed.lines, reasons_of(parsed)) == (3, {"preamble": 2})
    assert parsed.rows[0].line_no == 3


# --- Lines -------------------------------------------------------------------------------------------------


def test_header_alone_and_blank_lines_alone() -> None:
    parsed = read(rule_of(), "Date,Text,Amount\n")
    assert (parsed.lines, parsed.rows, parsed.rejection) == (0, [], None)
    blank = read(rule_of(), "Date,Text,Amount\n\n,,\n \n\x0c\n")
    assert reasons_of(blank) == {"blank": 4}
    for text in ("", "\n\n\n", " \n"):
        assert choose(rule_of(), text).chosen is None


def test_repeated_header_lines_and_joined_exports() -> None:
    text = "\ufeffDate,Text,Amount\n2026-01-05,x,1.00\n"
    parsed = read(rule_of(), text + text)
    assert [row.line_no for row in parsed.rows] == [2, 4]
    assert reasons_of(parsed) == {"repeated_header": 1}


@pytest.mark.parametrize(
    "second", ["Amount,Text,Date\n1.00,y,2026-01-06\n", "Date,Text,Amount,New\n2026-01-06,y,1.00,\n"]
)
def test_joined_exports_with_other_columns_are_refused(second: str) -> None:
    rows = "".join(f"2026-01-{day:02d},x,{day}.00\n" for day in range(1, 20))
    parsed = read(rule_of(), f"Date,Text,Amount\n{rows}{second}")
    assert parsed.rejection is not None
    assert "line 21 is a header with other columns than the one on line 1" in parsed.rejection


def test_swapped_columns_in_a_joined_export_never_swap_dates() -> None:
    changes = "match: {header: [Date, Booked, Text, Amount]}\ncolumns: {post_date: Booked}"
    rows = "".join(f"2026-01-{day:02d},2026-01-{day + 1:02d},x,{day}.00\n" for day in range(1, 20))
    text = f"Date,Booked,Text,Amount\n{rows}Booked,Date,Text,Amount\n2026-01-06,2026-01-05,y,1.00\n"
    assert accepted(read(rule_of(changes), text)) == []


def test_lone_returns_are_no_line_ends_where_others_are() -> None:
    text = "Date,Text,Amount\n2026-01-05,x,1.00\r2026-01-06,y,2.00\n2026-01-07,z,3.00\r\n"
    parsed = read(rule_of(LENIENT), text)
    assert [row.description for row in parsed.rows] == ["z"]
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [(2, "newline_in_field")]
    quoted = 'Date,Text,Amount\n2026-01-05,"x\ry",1.00\n'
    assert faults_of(rule_of(LENIENT), quoted) == [(2, "newline_in_field")]
    assert read(rule_of("file: {multiline_fields: true}"), quoted).rows[0].description == "x\ry"


def test_short_rows_joined_by_a_return_are_not_one_row() -> None:
    rule = rule_of("match: {header: [Amount, Date, Text]}\nfile: {fields: short_ok, max_bad_ratio: 1}")
    assert faults_of(rule, "Amount,Date,Text\n1.00,2026-01-05\r2.00,2026-01-06\n") == [
        (2, "newline_in_field")
    ]


def test_form_feeds_and_other_line_marks_split_no_line() -> None:
    text = "Date,Text,Amount\n\x0c2026-01-05,a\x0bb\x1c\x85\u2028c,1.00\n"
    (row,) = read(rule_of(), text).rows
    assert row.description == "a\x0bb\x1c\x85\u2028c"


def test_unclosed_quote_in_a_footer_takes_no_row_with_it() -> None:
    text = 'Date,Text,Amount\n2026-01-05,x,1.00\n2026-01-06,y,2.00\n"Total of the page,\n'
    for multiline in ("true", "false"):
        rule = rule_of(f"file: {{max_bad_ratio: 1, multiline_fields: {multiline}}}")
        parsed = read(rule, text)
        assert [row.description for row in parsed.rows] == ["x", "y"]
        assert [(item.line_no, item.reason) for item in parsed.quarantined] == [(4, "newline_in_field")]


def test_quotes_that_pair_up_over_lines_merge_no_rows() -> None:
    """Two stray quotes make an even count in each line, and one field of both for a trusting reader."""
    text = 'Date,Text,Amount\n2026-01-05,5" x,"1.00\n2026-01-06,6" y,"2.00\n2026-01-07,z,3.00\n'
    parsed = read(rule_of(LENIENT), text)
    assert [row.description for row in parsed.rows] == ["z"]
    assert [item.line_no for item in parsed.quarantined] == [2, 3]


def test_a_file_above_the_limit_of_bad_rows_is_refused_and_lists_them_all() -> None:
    rows = [f"2026-01-{day:02d},x,{day}.00" for day in range(1, 11)]
    for broken in (2, 3):
        text = "\n".join(["Date,Text,Amount", *rows[broken:], *("2026-01-01,x,?",) * broken]) + "\n"
        parsed = read(rule_of(), text)
        assert (parsed.rejection is not None) == (broken == 3), "20 % may be bad, 30 % may not"
        assert len(parsed.quarantined) == broken
    assert parsed.rejection is not None
    assert "3 of 10 lines cannot be read, more than 20%" in parsed.rejection
    assert "first: line 9 bad_amount (Amount '?')" in parsed.rejection


@pytest.mark.parametrize("place", [30, 170, 200, 400, 700, 1500])
def test_stray_quote_in_a_format_with_many_lines_costs_one_record(place: int) -> None:
    whole = sample("us_amex")
    head = whole.data.index(b"\n") + 1
    data = whole.data[: head + place] + b'"' + whole.data[head + place :]
    parsed = parsed_or_none(data, whole.name)
    assert parsed is not None
    before = [row._replace(line_no=0) for row in accepted(parsed_or_none(whole.data, whole.name))]
    after = [row._replace(line_no=0) for row in accepted(parsed)]
    assert len(after) == len(before) - 1
    assert all(row in before for row in after)
    assert sum(item.span for item in parsed.quarantined) == 3


def test_one_impossible_date_costs_one_row() -> None:
    rows = "".join(f"2026-01-{day:02d},x,{day}.00\n" for day in range(1, 20))
    parsed = read(rule_of(), f"Date,Text,Amount\n{rows}2026-02-30,y,1.00\n0202-01-05,z,1.00\n")
    assert parsed.rejection is None
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [
        (21, "bad_date"),
        (22, "bad_date"),
    ]


# --- Ids ---------------------------------------------------------------------------------------------------

IDS_RULE = """
match: {header: [Date, Text, Amount, Id, State]}
columns: {source_id: Id}
dedup: {id: source_id}
rows: {pending: {column: State, pattern: "^P$"}}
file: {max_bad_ratio: 1}
"""


def test_an_id_that_stands_twice() -> None:
    rows = [
        "2026-01-05,x,1.00,a,",
        "2026-01-05,x,1.00,a,",  # the same row again
        "2026-01-06,y,2.00,b,",
        "2026-01-06,y,3.00,b,",  # contradicts the one above
        "2026-01-07,z,4.00,c,P",
        "2026-01-08,z,4.50,c,",  # what became of the pending one
        "2026-01-09,no id,5.00,,",
        "2026-01-09,no id,5.00,,",
    ]
    parsed = read(rule_of(IDS_RULE), "\n".join(["Date,Text,Amount,Id,State", *rows]) + "\n")
    assert [(row.line_no, row.source_id, row.pending) for row in parsed.rows] == [
        (2, "a", False),
        (7, "c", False),
        (8, None, False),
        (9, None, False),
    ]
    assert [(item.line_no, item.reason) for item in parsed.excluded] == [
        (3, "repeated_id"),
        (6, "repeated_id"),
    ]
    assert [(item.line_no, item.reason) for item in parsed.quarantined] == [
        (4, "id_conflict"),
        (5, "id_conflict"),
    ]


# --- Files cut in the middle -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", IDS)
def test_cut_at_every_byte_gives_no_wrong_row(name: str) -> None:
    """Every accepted row of a cut file is the row of the whole one.

    The last one may lack letters at the end of a free text in its last column: nothing in the file tells.
    """
    whole = sample(name)
    full = {row.line_no: row for row in accepted(parsed_or_none(whole.data, whole.name))}
    for end in range(len(whole.data)):
        data = whole.data[:end]
        parsed = parsed_or_none(data, whole.name, name)
        for row in accepted(parsed):
            if row != full[row.line_no]:
                assert parsed is not None
                assert row.line_no + row.span - 1 == len(parsed.candidate.lines.texts), "only the last row"
                same = dict.fromkeys(FREE_TEXT, "")
                assert row._replace(**same) == full[row.line_no]._replace(**same), f"cut at byte {end}"
                assert full[row.line_no].description.startswith(row.description)


@pytest.mark.parametrize(
    ("last", "is_cut"),
    [
        ("2026-01-09,x,KEY0003,Total,9.00", False),
        ("2026-01-09,x,KEY0003,Total,9.0", True),
        ("2026-01-09,x,KEY0003,Total,9", True),
        ("2026-01-09,x,KEY0003,Total,", True),
    ],
)
def test_last_row_is_held_against_the_others(last: str, is_cut: bool) -> None:
    rule = rule_of("match: {header: [Date, Text, Key, Kind, Amount]}\nfile: {max_bad_ratio: 1}")
    rows = ["2026-01-05,x,KEY0001,Total,1.00", "2026-01-06,x,KEY0002,Total,12.50"]
    parsed = read(rule, "\n".join(["Date,Text,Key,Kind,Amount", *rows, last]))
    assert (len(parsed.quarantined) == 1) == is_cut
    assert all(item.reason in {"truncated", "bad_amount"} for item in parsed.quarantined)
    ended = read(rule, "\n".join(["Date,Text,Key,Kind,Amount", *rows, last]) + "\n")
    assert all(item.reason != "truncated" for item in ended.quarantined), "a line that is ended is whole"


@pytest.mark.parametrize(
    ("column", "values", "last", "is_cut"),
    [
        ("Key", ["KEY0001", "KEY0002"], "KEY000", True),
        ("Key", ["KEY0001", "KEY0002"], "KEY0003", False),
        ("Key", ["K1", "KEY0002"], "KEY000", False),
        ("Account", ["Checking 4321", "Savings 7788"], "Checking 4", True),
        ("Account", ["Checking 4321", "Savings 7788"], "Savings 7788", False),
        ("Account", ["Checking 4321", "Savings 7788"], "Card 12", False),
    ],
)
def test_last_id_and_last_account_are_whole(column: str, values: list[str], last: str, is_cut: bool) -> None:
    mapped = (
        "columns: {source_id: Key}"
        if column == "Key"
        else "account: {from: column, value: null, column: Account}"
    )
    rule = rule_of(f"match: {{header: [Date, Text, Amount, {column}]}}\n{mapped}\nfile: {{max_bad_ratio: 1}}")
    lines = [f"2026-01-0{place + 1},x,1.00,{value}" for place, value in enumerate([*values, last])]
    parsed = read(rule, "\n".join([f"Date,Text,Amount,{column}", *lines]))
    assert [item.reason for item in parsed.quarantined] == ["truncated"] * is_cut


def test_a_single_row_with_one_decimal_is_cut() -> None:
    assert faults_of(rule_of(LENIENT), "Date,Text,Amount\n2026-01-05,x,12.5") == [(2, "truncated")]
    assert len(read(rule_of(), "Date,Text,Amount\n2026-01-05,x,1349").rows) == 1


# --- Random damage -----------------------------------------------------------------------------------------

flips = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), min_size=1, max_size=4)


def flipped(data: bytes, changes: list[tuple[int, int]], first: int = 0) -> bytes:
    damaged = bytearray(data)
    for place, byte in changes:
        damaged[first + place % (len(data) - first)] = byte
    return bytes(damaged)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(IDS), flips)
def test_flipped_bytes_raise_nothing_and_lose_no_line(name: str, changes: list[tuple[int, int]]) -> None:
    parsed_or_none(flipped(sample(name).data, changes), sample(name).name)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(IDS), flips)
def test_rows_whose_bytes_are_whole_stay_as_they_were(name: str, changes: list[tuple[int, int]]) -> None:
    whole = sample(name)
    full = parsed_or_none(whole.data, whole.name)
    assert full is not None
    head = len(b"".join(whole.data.splitlines(keepends=True)[: full.candidate.first]))
    parsed = parsed_or_none(flipped(whole.data, changes, head), whole.name)
    if parsed is None:
        assert full.candidate.header is None, "a header that is untouched is still known"
        return
    rows = {raw_of(full, row): row for row in full.rows}
    for row in accepted(parsed):
        before = rows.get(raw_of(parsed, row))
        if before is not None:
            assert row._replace(line_no=0) == before._replace(line_no=0)
    if parsed.rejection is None and not full.candidate.rule.file.multiline_fields:
        untouched = set(rows) & set(parsed.candidate.lines.data.split(b"\n"))
        assert untouched <= {raw_of(parsed, row) for row in parsed.rows}


def raw_of(parsed: Parsed, row: Row) -> bytes:
    return parsed.candidate.lines.raw(row.line_no - 1, row.span)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_refused_or_tie_out(data: bytes) -> None:
    parsed_or_none(data, "x.csv")
    parsed_or_none(b"Date,Description,Amount,Running Bal.\n" + data, "stmt.csv")


lines = st.lists(
    st.sampled_from(["2026-01-05,x,1.00", '2026-01-05,"x', 'y",2.00', '"', ",,", "", "a,b", '"a""b",,'])
)


@settings(max_examples=200, deadline=None)
@given(lines, st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_quotes_in_any_place_lose_no_line(texts: list[str], multiline: bool, end: str) -> None:
    rule = rule_of(f"file: {{max_bad_ratio: 1, multiline_fields: {str(multiline).lower()}}}")
    parsed = read(rule, end.join(["Date,Text,Amount", *texts, ""]))
    assert sum(row.description == "x" for row in parsed.rows) >= texts.count("2026-01-05,x,1.00")
