"""`dsr sql`: tables for people, JSON and CSV for programs, and nothing but reading."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.bank_world import lake_with
from dsr_pipeline_tests.cli.conftest import Dsr


@pytest.fixture
def lake(home: Path) -> Lake:
    return lake_with(
        Lake(home / "data" / "lake"), [{}, {"amount": Decimal("12345.6789"), "payee": "x,\n[red]y"}]
    )


def test_a_table_for_people_has_money_with_thousands_marks_and_no_markup(lake: Lake, dsr: Dsr) -> None:
    said = dsr("sql", "select amount, payee from bank.live_transactions order by amount")
    assert said.code == 0
    assert "-5.45" in said.out
    assert "12,345.6789" in said.out
    assert "[red]y" in said.out


def test_json_is_all_that_is_printed_and_keeps_money_exact(lake: Lake, dsr: Dsr) -> None:
    said = dsr("sql", "--json", "select amount, date, payee from bank.transactions order by amount")
    assert said.json == [
        {"amount": "-5.4500", "date": "2026-01-05", "payee": None},
        {"amount": "12345.6789", "date": "2026-01-05", "payee": "x,\n[red]y"},
    ]
    assert said.err == ""


def test_csv_holds_every_row_and_survives_commas_and_line_breaks(lake: Lake, dsr: Dsr) -> None:
    rows = list(
        csv.reader(io.StringIO(dsr("sql", "--csv", "select payee, amount from bank.transactions").out))
    )
    assert rows == [["payee", "amount"], ["", "-5.4500"], ["x,\n[red]y", "12345.6789"]]


def test_text_in_csv_is_no_formula_for_excel_and_amounts_stay_numbers(home: Path, dsr: Dsr) -> None:
    lake_with(Lake(home / "data" / "lake"), [{"description": "=cmd|'/C calc'!A0"}])
    said = dsr("sql", "--csv", "select description, amount, '+1' as plus from bank.transactions")
    assert said.out.splitlines()[1] == "'=cmd|'/C calc'!A0,-5.4500,'+1"


def test_the_screen_shows_the_first_rows_and_says_so(lake: Lake, dsr: Dsr) -> None:
    said = dsr("sql", "select * from range(1000)")
    assert len(said.out.splitlines()) == 201
    assert "the first 200 rows" in said.err
    assert len(dsr("sql", "--csv", "select * from range(1000)").out.splitlines()) == 1001


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("delete from bank.transactions", "DELETE is refused"),
        ("create table x as select 1", "CREATE is refused"),
        ("copy (select 1) to 'x.csv'", "COPY is refused"),
        ("attach 'x.db'", "ATTACH is refused"),
        ("select * from bank.nothing", "bank.live_transactions, bank.transactions"),
        ("selec 1", "syntax error"),
        ("select * from read_csv('/etc/passwd')", "disabled"),
        ("", "there is no statement"),
        ("select amount / 'x' from bank.transactions", "onver"),
    ],
)
def test_whatever_is_not_a_question_is_one_sentence_and_2(
    lake: Lake, dsr: Dsr, query: str, says: str
) -> None:
    said = dsr("sql", query)
    assert (said.code, said.out) == (2, "")
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_before_the_first_run_it_says_how_tables_are_made(home: Path, dsr: Dsr) -> None:
    said = dsr("sql", "select * from bank.files")
    assert said.code == 2
    assert "`dsr run` makes the others" in said.err
    assert not (home / "data" / "lake").exists()


def test_two_forms_at_once_are_refused(lake: Lake, dsr: Dsr) -> None:
    assert dsr("sql", "--json", "--csv", "select 1").code == 2


def test_another_home_is_asked_with_home(lake: Lake, dsr: Dsr, tmp_path: Path) -> None:
    assert dsr("sql", "--home", tmp_path, "select * from bank.transactions").code == 2
