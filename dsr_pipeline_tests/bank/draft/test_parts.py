"""The parts of a draft by themselves: dates, figures, chains, encodings, accounts, names of columns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dsr_pipeline.bank.draft.balance_chain import Movement
from dsr_pipeline.bank.draft.balance_chain import test_chain as chain_of
from dsr_pipeline.bank.draft.date_inference import readings
from dsr_pipeline.bank.draft.date_proofs import direction, narrowed
from dsr_pipeline.bank.draft.encoding import infer_encoding
from dsr_pipeline.bank.draft.model import Questions
from dsr_pipeline.bank.draft.number_inference import written
from dsr_pipeline.bank.draft.shapes import figure, is_date
from dsr_pipeline.bank.draft.vocabulary import currency_in_name, date_role, number_role, text_role, words_of

DATES = {
    ("05/01/2026", "18/01/2026"): {"%d/%m/%Y"},
    ("05/01/2026", "06/01/2026"): {"%d/%m/%Y", "%m/%d/%Y"},
    ("05/05/2026",): {"%d/%m/%Y", "%m/%d/%Y"},  # the same day either way, but not in the next export
    ("1/5/2026", "1/15/2026"): {"%-m/%-d/%Y"},
    ("2026-01-05",): {"%Y-%m-%d"},
    ("20260105", "20260118"): {"%Y%m%d"},
    ("05012026", "18012026"): {"%d%m%Y"},
    ("2026.01.05.",): {"%Y.%m.%d."},
    ("05 Jan, 2026",): {"%d %b, %Y"},
    ("Mon, 05 Jan 2026",): {"%a, %d %b %Y"},
    ("5 mai 2026",): {"%-d %b %Y"},
    ("14:05, 18/01/2026",): {"%H:%M, %d/%m/%Y"},
    ("1/5/2026 3:04:05 PM", "1/15/2026 11:04:05 PM"): {"%-m/%-d/%Y %-I:%M:%S %p"},
    ("2026-01-05T23:30:00.000Z",): {"%Y-%m-%dT%H:%M:%S.%f%z"},
    ("18-01-2026 / 10:20",): {"%d-%m-%Y / %H:%M"},
    ("2026年1月5日",): {"%Y年%-m月%-d日"},
    ("31.02.2026",): set[str](),
}


@pytest.mark.parametrize("cells", DATES)
def test_formats_that_a_cell_contradicts_are_out(cells: tuple[str, ...]) -> None:
    assert {made.format for made in readings(cells).alive} == DATES[cells]


def test_a_date_elsewhere_in_the_file_decides() -> None:
    cells = ["05/01/2026", "06/01/2026"]
    told, why = narrowed(readings(cells), [cells], ["31/01/2026"])
    assert [made.format for made in told.alive] == ["%d/%m/%Y"]
    assert "31/01/2026" in why


def test_an_order_of_few_days_decides_nothing() -> None:
    cells = ["01/02/2026", "02/02/2026", "01/03/2026", "02/03/2026"]
    told, _ = narrowed(readings(cells), [cells], [])
    assert len(told.alive) == 2


def test_the_order_of_days() -> None:
    one, two = date(2026, 1, 5), date(2026, 1, 6)
    assert direction([one, None, two]) == "oldest_first"
    assert direction([two, one, one]) == "newest_first"
    assert direction([one, two, one]) == "mixed"
    assert direction([one, one]) == "same"


FIGURES = {
    ("-17,22", "3.150,75"): [(",", ".")],
    ("14.000", "2.500"): [(".", None), (",", ".")],
    ("1.234.567", "500"): [(",", ".")],
    ("0.500", "14.000"): [(".", None)],
    ("1 234,56 zł", "-5,00 zł"): [(",", " ")],
    ("1'234.56", "1’000.00"): [(".", "'")],
    ("1349", "500"): [(".", None)],
    ("12,50", "1.50"): [],
    ("1,00,000.00", "5.00"): [(".", ",")],
}


@pytest.mark.parametrize("cells", FIGURES)
def test_ways_of_writing_that_a_cell_contradicts_are_out(cells: tuple[str, ...]) -> None:
    assert [(style.decimal, style.thousands) for style in written(cells).styles] == FIGURES[cells]


@pytest.mark.parametrize(
    "text", ["1,234.56 Cr", "1e5", "12.", "abc 12", "--5", "(5", "5 10 EURUSD", "", "n/a"]
)
def test_what_is_no_figure(text: str) -> None:
    assert figure(text) is None


@pytest.mark.parametrize("text", ["24431066", "123-456-7890", "Pending", "1.234,56", "12:30"])
def test_what_is_no_date(text: str) -> None:
    assert not is_date(text)


def _moves(*rows: tuple[int, str, str]) -> list[Movement]:
    return [
        Movement(date(2026, 1, day), Decimal(amount), Decimal(b) if b else None, "")
        for day, amount, b in rows
    ]


def test_a_chain_needs_three_links() -> None:
    two = _moves((1, "5", "105"), (2, "-1", "104"), (3, "-1", "103"))
    assert not chain_of(two, "oldest_first").whole
    three = [*two, *_moves((4, "-1", "102"))]
    assert chain_of(three, "oldest_first").whole
    assert not chain_of(three, "newest_first").whole


def test_a_chain_goes_on_over_rows_without_a_balance_and_is_exact() -> None:
    rows = _moves((1, "5", "105"), (2, "-1", ""), (2, "-1", "103"), (3, "-1", "102"), (4, "-0.01", "101.99"))
    assert chain_of(rows, "oldest_first").whole
    rows[-1:] = _moves((4, "-0.01", "101.98"))
    assert not chain_of(rows, "oldest_first").whole


def test_days_chain_where_rows_of_a_day_are_in_disorder() -> None:
    rows = _moves((1, "5", "105"), (2, "-1", "102"), (2, "-2", "103"), (3, "-2", "100"), (4, "-1", "99"))
    chain = chain_of(rows, "oldest_first")
    assert chain.whole
    assert chain.by_day
    turned = [Movement(row.day, -row.amount, row.balance, "") for row in rows if row.amount is not None]
    assert not chain_of(turned, "oldest_first").whole


ENCODINGS = {
    "Konto;Müller": ("cp1252", "cp1252"),
    "Kwota;Saldo;Data operacji;Opis\nŁódź ąę": ("cp1250", "cp1250"),
    "Kwota;Saldo;Data operacji;Opis\nŁódź śź": ("iso8859-2", "iso8859-2"),
    "日付,摘要,金額": ("cp932", "cp932"),
    "Amount;Balance;Date;Description\n£5.00": ("cp1252", "cp1252"),
    "Amount €5": ("utf-8-sig", "utf-8-sig"),
    "Amount 5": ("ascii", "utf-8-sig"),
    "Amount ü": ("utf-16", "utf-16"),
    "Dörfer": ("utf-8", "utf-8"),
}


@pytest.mark.parametrize("text", ENCODINGS)
def test_encodings_are_told_by_what_reads_as_words(text: str) -> None:
    codec, told = ENCODINGS[text]
    questions = Questions()
    made = infer_encoding("f.csv", f"{text}\n".encode(codec), questions)
    assert (made.encoding, questions.asked) == (told, [])
    assert made.lines.texts == text.split("\n")


def test_an_encoding_that_two_languages_fit_is_asked() -> None:
    questions = Questions()
    infer_encoding("f.csv", "A;B\nCAFÈ".encode("cp1252"), questions)
    assert [question.key for question in questions.asked] == ["file.encoding"]
    assert {"cp1252", "cp1250"} <= set(questions.asked[0].choices)


NAMES = {
    "Betrag (€)": (None, "amount", None),
    "Umsatz in EUR": (None, "amount", None),
    "#Data operacji": ("transaction", None, None),
    "Data księgowania": ("booking", None, None),
    "Wertstellung (Valuta)": ("value", "amount_other", None),
    "Withdrawal Amount(INR)": (None, "debit", None),
    "Inn på konto": (None, "credit", "account_maybe"),
    "Running Bal.": (None, "balance", None),
    "Saldo na trn": (None, "balance", None),
    "Transaction ID": ("transaction", "not_money", "id"),
    "Kundenreferenz": (None, None, "not_id"),
    "Beguenstigter/Zahlungspflichtiger": (None, None, "payee"),
    "Tegenrekening": (None, "not_money", "account_other"),
    "IBAN": (None, "not_money", "account_maybe"),
    "Xyzzy": (None, None, None),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_announce_roles(name: str) -> None:
    assert (date_role(name), number_role(name), text_role(name)) == NAMES[name]


def test_names_state_currencies() -> None:
    assert currency_in_name("Betrag (€)") == ("EUR", True)
    assert currency_in_name("CAD$") == ("CAD", True)
    assert currency_in_name("Amount ($)") == (None, True)
    assert currency_in_name("Amount") == (None, False)
    assert words_of("Zahlungsempfänger*in") == "zahlungsempfanger in"
