"""The weekly workbook as cells: figures, formulas and words at their places, and that nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from dsr_pipeline.reports import safe_text
from dsr_pipeline.reports.book import Book, Cell, Day, Formula, Number, Sheet, Text, Value
from dsr_pipeline.reports.weekly_content import Report, TieOut
from dsr_pipeline.reports.weekly_layout import weekly_book
from dsr_pipeline.reports.weekly_rules import WeeklyLook
from dsr_pipeline_tests.reports import weekly_sample as sample

LOOK = sample.shipped_look()
VOLATILE = re.compile(r"\b(?:NOW|TODAY|RAND|RANDBETWEEN|OFFSET|INDIRECT|CELL|INFO)\(")
LETTERS = "ABCDEFGHIJKLMNOPQRS"


def _ruled(**rules: object) -> WeeklyLook:
    return replace(LOOK, rules=LOOK.rules.model_copy(update=rules))


def _at(sheet: Sheet) -> Mapping[str, Cell]:
    return {f"{LETTERS[cell.column - 1]}{cell.row}": cell for cell in sheet.cells}


def _texts(sheet: Sheet) -> list[str]:
    return [cell.value.text for cell in sheet.cells if isinstance(cell.value, Text)]


def _row_of(sheet: Sheet, text: str, column: int = 1) -> int:
    return next(cell.row for cell in sheet.cells if cell.column == column and cell.value == Text(text))


def _figure(value: Value) -> Decimal:
    assert isinstance(value, Number | Formula), value
    assert not isinstance(value.value, str)
    return Decimal(value.value)


def _printed_amounts(book: Book) -> Decimal:
    """The sum of the amounts of all lines as they are printed, found by their styles."""
    return sum(
        (
            _figure(cell.value)
            for cell in book.sheets[0].cells
            if cell.column == 8 and cell.style == "amount" and cell.row < _grand_row(book)
        ),
        Decimal(0),
    )


def _grand_row(book: Book) -> int:
    return next(cell.row for cell in book.sheets[0].cells if cell.style == "grand")


def test_the_first_screen_says_what_was_billed() -> None:
    book = weekly_book(sample.report(sample.lines(7, days=7)), LOOK)
    cells = _at(book.sheets[0])

    assert [sheet.name for sheet in book.sheets] == ["Work Report", "Line Items", "Exceptions", "About"]
    assert cells["A1"].value == Text("WEEKLY UNITS COMPLETED PER SCOPE ID")
    assert cells["H1"].value == Text("WR 90093002   |   Week ending 08/17/2025   |   Rev 1")
    assert cells["D3"].value == Text("Weekly Work Report")
    assert cells["H3"] == Cell(3, 8, Text("FINAL"), "status_final")
    assert cells["D4"].value == Text("Example Utility Co.  ·  Scope 4471-B  ·  Work order 77120345")
    assert cells["D5"].value == Text("Billing period Mon 08/11/2025 – Sun 08/17/2025")
    assert cells["H5"].value == Text("Source data as of 08/19/2025 06:00 CDT")
    assert cells["A9"].value == Text("Total billed")
    assert cells["D9"].value == Formula("D26", Decimal("7214.35"))
    assert cells["D10"].value == Number(Decimal("21877.31"))
    assert cells["D11"].value == Formula("(D9-D10)/ABS(D10)", Decimal("-0.670235965939"))
    assert cells["D12"].value == Formula("B26", 7)
    assert cells["D13"].value == Formula('COUNTIF(B19:B25,">0")', 7)
    assert cells["D14"].value == Formula("C26", 7)
    assert cells["H9"].value == Text("R. Alvarez")
    assert cells["A19"].value == Day(sample.FIRST)
    assert cells["A25"].value == Day(sample.ENDING)
    assert cells["B26"].value == Formula("SUM(B19:B25)", 7)
    assert cells["D26"].value == Formula("SUM(D19:D25)", Decimal("7214.35"))
    assert book.names == {
        "TotalBilled": "'Work Report'!$D$9",
        "LineCount": "'Work Report'!$D$12",
        "WeekEnding": "'About'!$B$6",
    }
    assert _at(book.sheets[3])["B6"].value == Day(sample.ENDING)


def test_a_day_has_its_lines_its_total_and_a_link_from_the_daily_totals() -> None:
    book = weekly_book(sample.report(sample.lines(7, days=7)), LOOK)
    sheet = book.sheets[0]
    cells = _at(sheet)
    band = _row_of(sheet, "TUESDAY   August 12, 2025")
    line, total = band + 2, band + 3

    assert cells[f"H{band}"].value == Text("1 line item")
    assert cells["D20"].link == f"'Work Report'!A{band}"
    assert cells["B20"].value == Formula(f"COUNT(H{line}:H{line})", 1)
    assert cells["D20"].value == Formula(f"H{total}", Decimal("192.60"))
    assert [cells[f"{letter}{line}"].value for letter in "ABCDEFGH"] == [
        Text("P-1047"),
        Text("XARM-8"),
        Text("Remove"),
        Text("Crossarm, 8 ft, single, tangent"),
        Text("EA"),
        Number(Decimal(2)),
        Number(Decimal("96.30")),
        Formula(f"ROUND(F{line}*G{line},2)", Decimal("192.60")),
    ]
    assert cells[f"H{total}"].value == Formula(f"SUM(H{line}:H{line})", Decimal("192.60"))


@pytest.mark.parametrize("name", sample.every_kind())
def test_printed_lines_sum_to_every_total(name: str) -> None:
    report = sample.every_kind()[name]
    book = weekly_book(report, LOOK)
    cells = _at(book.sheets[0])
    headline = cells[book.names["TotalBilled"].split("!")[1].replace("$", "")]

    assert _printed_amounts(book) == report.amount
    assert _figure(headline.value) == report.amount
    assert _figure(cells[f"H{_grand_row(book)}"].value) == report.amount
    flat = [cell.value for cell in book.sheets[1].cells if cell.column == 11 and cell.row > 1]
    assert sum((_figure(value) for value in flat), Decimal(0)) == report.amount
    assert len(flat) == len(report.lines)


def test_undated_and_out_of_week_lines_have_blocks_and_rows_of_their_own() -> None:
    book = weekly_book(sample.revised(), LOOK)
    sheet = book.sheets[0]
    cells = _at(sheet)
    undated, other = _row_of(sheet, "Undated"), _row_of(sheet, "Out of week")

    assert (undated, other) == (26, 27)
    assert cells["A28"].value == Text("Week total")
    assert cells["B28"].value == Formula("SUM(B19:B27)", 43)
    assert cells["D13"].value == Formula('COUNTIF(B19:B25,">0")', 5)
    assert _figure(cells["D26"].value) == sample.line(90).amount
    _row_of(sheet, "UNDATED   no snapshot date")
    _row_of(sheet, "OUT OF WEEK   snapshot date in another week")
    assert any("snapshot Mon 08/04/2025" in text for text in _texts(sheet))


def test_without_such_lines_nothing_speaks_of_them() -> None:
    assert not any("ndated" in text or "UT OF WEEK" in text for text in _texts(weekly_book(
        sample.report(sample.lines(9)), LOOK).sheets[0]))  # fmt: skip


def test_a_line_of_a_day_outside_the_week_is_never_lost() -> None:
    """A day that the week does not have would fall out of every block and stay in the total."""
    astray = sample.line(1, sample.ENDING + timedelta(days=1))
    book = weekly_book(sample.report((sample.line(0), astray)), LOOK)

    assert _printed_amounts(book) == sample.line(0).amount + astray.amount
    _row_of(book.sheets[0], "OUT OF WEEK   snapshot date in another week")


def test_marks_say_in_words_what_became_of_a_line() -> None:
    book = weekly_book(sample.revised(), LOOK)
    sheet = book.sheets[0]
    cells = _at(sheet)
    marks = [cell for cell in sheet.cells if cell.column == 9 and cell.style.startswith("mark_")]

    assert [mark.value for mark in marks].count(Text("New")) == 3
    assert [mark.value for mark in marks].count(Text("Changed")) == 2
    changed = next(mark for mark in marks if mark.value == Text("Changed"))
    assert cells[f"D{changed.row + 1}"].value == Text("# Units 3 → 2; Was $1,837.55")
    assert cells["I3"].value == Text("REVISED")
    assert cells["I4"].value == Text("Replaces Rev 2 of 08/18/2025")
    heads = [cell.value for cell in sheet.cells if cell.column == 9 and cell.style == "column_middle"]
    assert set(heads) == {Text("Since Rev 2")}


def test_without_a_published_revision_there_is_no_column_of_marks() -> None:
    assert max(cell.column for cell in weekly_book(sample.plain(), LOOK).sheets[0].cells) == 8


def test_removed_lines_are_struck_through_and_in_no_total() -> None:
    report = sample.revised()
    book = weekly_book(report, LOOK)
    sheet = book.sheets[0]
    cells = _at(sheet)
    band = _row_of(sheet, "REMOVED SINCE REV 2   not in any total")

    assert band > _grand_row(book)
    assert book.styles[cells[f"A{band + 2}"].style].strike
    assert _figure(cells[f"H{band + 2}"].value) == Decimal("192.60")
    total = _row_of(sheet, "Removed, not in the total")
    assert cells[f"H{total}"].value == Formula(f"SUM(H{band + 2}:H{total - 1})", Decimal("577.80"))
    assert not any(
        f"H{total}" in cell.value.formula for cell in sheet.cells if isinstance(cell.value, Formula)
    )


def test_a_credit_gives_its_reason_in_a_comment_and_in_print() -> None:
    sheet = weekly_book(sample.revised(), LOOK).sheets[0]
    credit = next(cell for cell in sheet.cells if cell.comment == "Credit: billed twice on 08/06")

    assert _figure(credit.value) == Decimal(-1480)
    assert "[Red]" in weekly_book(sample.revised(), LOOK).styles[credit.style].format
    assert _at(sheet)[f"D{credit.row + 1}"].value == Text("Credit: billed twice on 08/06")
    assert "Credit: the sheet gives no reason" in _texts(weekly_book(sample.credits(), LOOK).sheets[0])[
        -1:
    ] or any(
        cell.comment == "Credit: the sheet gives no reason"
        for cell in weekly_book(sample.credits(), LOOK).sheets[0].cells
    )


def test_an_amount_that_is_no_product_stands_as_it_is() -> None:
    of = (
        sample.line(1, quantity=None),
        sample.line(2, unit_price=None),
        sample.line(3, amount=Decimal("5.55")),
        sample.line(4),
    )
    sheet = weekly_book(sample.report(of), LOOK).sheets[0]
    values = [cell.value for cell in sheet.cells if cell.column == 8 and cell.style == "amount"]

    assert [isinstance(value, Formula) for value in values] == [False, False, False, True]
    assert values[2] == Number(Decimal("5.55"))


def test_the_price_column_can_be_the_empty_one_of_before() -> None:
    sheet = weekly_book(sample.report(sample.lines(3)), _ruled(price_column="na")).sheets[0]

    assert "N/A" in _texts(sheet)
    assert "Unit price" not in _texts(sheet)
    values = [cell.value for cell in sheet.cells if cell.column == 8 and cell.style == "amount"]
    assert all(isinstance(value, Number) for value in values)
    assert all(cell.value is None for cell in sheet.cells if cell.column == 7 and cell.style == "price")


def test_nothing_is_left_of_a_withdrawn_report_but_what_it_takes_back() -> None:
    book = weekly_book(sample.withdrawn(), LOOK)
    texts = _texts(book.sheets[0])

    assert "WITHDRAWN" in texts
    assert "No line is billed in this week." in texts
    assert "REMOVED SINCE REV 1   not in any total" in texts
    assert book.sheets[0].charts == ()
    assert book.sheets[1].tables[0].last_row == 2


def test_a_view_says_that_it_bills_no_money() -> None:
    texts = _texts(weekly_book(sample.every_kind()["view"], LOOK).sheets[0])

    assert "Contract price: for information only, this report bills no money" in texts
    assert "Total (bills no money)" in texts
    assert "TOTAL (BILLS NO MONEY)" in texts
    assert "Total billed" not in texts


def test_a_long_day_goes_on_with_its_head_on_the_next_page() -> None:
    sheet = weekly_book(sample.every_kind()["long"], LOOK).sheets[0]
    cells = _at(sheet)
    breaks = sheet.printing.breaks_after

    assert len(breaks) >= 3
    for row in breaks[:2]:
        assert cells[f"A{row + 1}"].value == Text("MONDAY   August 11, 2025   (continued)")
        assert cells[f"A{row + 2}"].value == Text("Point #")
    assert sheet.printing.scale == 90
    assert not sheet.printing.fit_width


@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("count", [5, 38, 70, 103])
def test_no_page_is_higher_than_the_paper_and_short_days_are_whole(count: int, paper: str) -> None:
    sheet = weekly_book(sample.report(sample.lines(count)), _ruled(paper=paper)).sheets[0]
    assert sheet.printing.scale is not None
    assert sheet.printing.last_row is not None
    inches = (8.5 if paper == "letter" else 8.27) - 0.45 - 0.6
    ends = [*sheet.printing.breaks_after, sheet.printing.last_row]
    begins = [1, *(row + 1 for row in sheet.printing.breaks_after)]
    for at, (first, last) in enumerate(zip(begins, ends, strict=True)):
        height = sum(sheet.heights[row] for row in range(first, last + 1)) + (27 if at else 0)
        assert height * sheet.printing.scale / 100 <= inches * 72
    if count <= 38:
        assert not any("(continued)" in text for text in _texts(sheet))


def test_points_are_counted_by_a_formula_where_it_can_tell_them_apart() -> None:
    cells = _at(weekly_book(sample.plain(), LOOK).sheets[0])
    assert isinstance(cells["C26"].value, Formula)
    assert isinstance(cells["C19"].value, Formula)


@pytest.mark.parametrize("point", ["P-*", "007", "1-2", "Mar 5", "=1", "1e5", "P?", "~", "TRUE"])
def test_points_that_a_formula_would_confuse_are_counted_by_the_program(point: str) -> None:
    of = (sample.line(1, point=point), sample.line(2, point="P-1"), sample.line(3, point="p-1"))
    cells = _at(weekly_book(sample.report(of), LOOK).sheets[0])

    assert cells["C26"].value == Number(2)
    assert cells["C26"].comment is not None


def test_exceptions_are_listed_with_sums_by_kind() -> None:
    book = weekly_book(sample.plain(), LOOK)
    sheet = book.sheets[2]
    cells = _at(sheet)

    assert cells["A5"].value == Text("Rejected")
    assert cells["H5"].value == Formula("COUNTIF($A$13:$A$18,A5)", 2)
    assert cells["J5"].value == Formula("SUMIF($A$13:$A$18,A5,J$13:J$18)", Decimal("1576.30"))
    assert cells["J10"].value == Formula("SUM(J5:J9)", Decimal("2751.15"))
    assert cells["I10"].value == Formula("SUM(I5:I9)", Decimal("433.80"))
    assert cells["G13"].value == Text("two EA")
    first = _at(book.sheets[0])
    assert first["A16"].value == Text("Not billed, to look at (4)")
    assert first["D16"].value == Formula("'Exceptions'!J10", Decimal("2751.15"))
    assert first["D16"].link == "'Exceptions'!A1"


def test_without_exceptions_the_sheet_says_so() -> None:
    sheet = weekly_book(sample.report(sample.lines(2)), LOOK).sheets[2]
    assert "None: every row of this work request and week is billed as it stands." in _texts(sheet)


def test_about_tells_what_the_report_is_made_of_and_whether_it_ties_out() -> None:
    report = sample.plain()
    sheet = weekly_book(report, LOOK).sheets[3]
    texts = _texts(sheet)

    for text in (report.group_id, report.content_hash, "price_list 2025-07-01", "08/19/2025 06:00 CDT"):
        assert text in texts
    results = [cell.value for cell in sheet.cells if isinstance(cell.value, Formula)]
    assert "All sums are equal" in {value.value for value in results}
    assert Formula("TotalBilled", report.amount) in results
    assert _figure(next(cell.value for cell in sheet.cells if cell.style == "total_items")) == 70


def test_sums_that_differ_are_told_in_red() -> None:
    report = sample.plain()
    wrong = replace(report, tie_out=TieOut(report.amount, report.amount, report.amount + 1))
    sheet = weekly_book(wrong, LOOK).sheets[3]
    result = next(cell for cell in sheet.cells if cell.style == "fact_bad")
    assert isinstance(result.value, Formula)
    assert result.value.value == "The sums differ"


def test_the_flat_sheet_is_one_table_with_different_heads() -> None:
    book = weekly_book(sample.revised(), LOOK)
    sheet = book.sheets[1]
    heads = [cell.value.text for cell in sheet.cells if cell.row == 1 and isinstance(cell.value, Text)]
    table = sheet.tables[0]

    assert table.name == "LineItems"
    assert (table.first_row, table.last_row, table.last_column) == (1, 44, 19)
    assert len({head.casefold() for head in heads}) == 19
    assert {"Source row", "Mark", "Dept #", "Job #", "Was", "What changed"} <= set(heads)
    cells = _at(sheet)
    assert cells["B42"].value == Text("Undated")
    assert cells["B44"].value == Text("Out of week")
    assert cells["A42"].value is None


def test_units_by_code_sum_to_the_total() -> None:
    report = sample.plain()
    book = weekly_book(report, LOOK)
    sheet = book.sheets[0]
    total = _row_of(sheet, "Total by code")
    cells = _at(sheet)
    first = _row_of(sheet, "UNITS BY CODE") + 2

    assert total - first == len(sample.CODES)
    assert _figure(cells[f"H{total}"].value) == report.amount
    assert sum(_figure(cells[f"H{row}"].value) for row in range(first, total)) == report.amount
    assert sum(_figure(cells[f"G{row}"].value) for row in range(first, total)) == 70


@pytest.mark.parametrize("name", sample.every_kind())
def test_no_formula_is_volatile_and_every_style_is_known(name: str) -> None:
    book = weekly_book(sample.every_kind()[name], LOOK)
    used = {cell.style for sheet in book.sheets for cell in sheet.cells}

    assert used <= book.styles.keys()
    assert len({book.styles[style] for style in used}) <= safe_text.MAX_STYLES
    for sheet in book.sheets:
        places = [(cell.row, cell.column) for cell in sheet.cells]
        assert places == sorted(set(places)), "one cell per place, in reading order"
        for cell in sheet.cells:
            if isinstance(cell.value, Formula):
                assert not VOLATILE.search(cell.value.formula)


def test_long_values_are_cut_on_the_page_and_whole_in_about() -> None:
    report = sample.strange()
    book = weekly_book(report, LOOK)
    cells = _at(book.sheets[0])

    assert cells["H9"].comment == report.claimer
    assert isinstance(cells["H9"].value, Text)
    assert cells["H9"].value.text.endswith("…")
    assert report.claimer in _texts(book.sheets[3])
    assert report.customer in _texts(book.sheets[3])


@pytest.mark.parametrize(("language", "title"), [("es", "LUNES"), ("fr", "LUNDI")])
def test_other_languages_have_their_days_and_sheets(
    language: str, title: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from dsr_pipeline.reports.weekly_rules import load_look

    rules = tmp_path_factory.mktemp("rules")
    (rules / "reports").mkdir()
    (rules / "reports" / "weekly.yaml").write_text(f"version: 1\nlanguage: {language}\n", encoding="utf-8")
    book = weekly_book(sample.revised(), load_look(rules))

    assert any(text.startswith(title) for text in _texts(book.sheets[0]))
    assert book.sheets[0].name != "Work Report"
    assert book.names["TotalBilled"].startswith(f"'{book.sheets[0].name}'!")


def test_the_prior_week_can_be_left_out() -> None:
    sheet = weekly_book(sample.plain(), _ruled(show_prior_week=False)).sheets[0]
    texts = _texts(sheet)

    assert "Prior week" not in texts
    assert "Change vs prior week" not in texts
    book = weekly_book(sample.plain(), _ruled(show_prior_week=False))
    assert _at(sheet)[book.names["LineCount"].split("!")[1].replace("$", "")].value == Formula("B24", 70)


def test_a_week_that_ends_on_another_day_has_its_own_days() -> None:
    first = date(2025, 8, 14)
    report: Report = sample.report(
        (sample.line(1, first), sample.line(2, first + timedelta(days=6))),
        week_first=first,
        week_ending=first + timedelta(days=6),
    )
    cells = _at(weekly_book(report, LOOK).sheets[0])

    assert cells["A19"].value == Day(first)
    assert _figure(cells["B19"].value) == 1
    assert _figure(cells["B25"].value) == 1


def test_a_revision_without_a_changed_line_says_what_did_change() -> None:
    """A report said REVISED, and every line of it was as before."""
    told = "No line changed since revision 1: exceptions or details did"
    same = tuple(replace(one, mark="same") for one in sample.lines(6))
    given = sample.report(same, revision=2, status="revised", marks_from=1)
    assert told in _texts(weekly_book(given, LOOK).sheets[0])
    changed = replace(given, lines=(replace(same[0], mark="new"), *same[1:]))
    assert told not in _texts(weekly_book(changed, LOOK).sheets[0])
    gone = replace(given, removed=sample.removed(1))
    assert told not in _texts(weekly_book(gone, LOOK).sheets[0])
