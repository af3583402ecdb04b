"""Each bank rule against its sample: every row exact, every line accounted for, the balance proof."""

from __future__ import annotations

import codecs
import json
from datetime import date
from decimal import Decimal

import pytest

from dsr_pipeline.bank.file_reading import account_default
from dsr_pipeline.bank.matching import ACCEPT, MARGIN, select
from dsr_pipeline.bank.parsing import Parsed, Row, parse
from dsr_pipeline.bank.rules import BankRule
from dsr_pipeline.bank.verification import Proof, Step, stated, verify
from dsr_pipeline_tests.bank.inline_rules import assert_ties_out, read, reasons_of
from dsr_pipeline_tests.bank.sample_exports import IDS, PROJECT, RULES, rule_named, rule_set, sample

# Lines that are no transactions, by reason; the other samples have none.
EXCLUDED = {"us_bofa_checking": {"opening_balance": 1}, "revolut": {"not_executed": 1}}
# What the balances of the sample prove; the other exports state none.
PROOFS = {
    "us_bofa_checking": ("proven", "2500.00", "4233.13"),
    "us_chase_checking": ("chained", "2500.00", "4012.28"),
    "revolut": ("chained", "812.00", "2617.90"),
    "de_dkb_giro": ("not_available", None, "3973.33"),
}


def parsed_sample(name: str) -> Parsed:
    given = sample(name)
    return read(list(rule_set().rules.values()), given.data, given.name)


@pytest.mark.parametrize("name", IDS)
def test_every_row_of_the_sample_is_exact(name: str) -> None:
    parsed = parsed_sample(name)
    assert parsed.candidate.rule.rule == name
    assert parsed.rejection is None
    assert parsed.quarantined == []
    assert len(parsed.rows) == len(sample(name).expected)
    for row, expected in zip(parsed.rows, sample(name).expected, strict=True):
        found = {
            "date": row.date and row.date.isoformat(),
            "post_date": row.post_date and row.post_date.isoformat(),
            "amount": row.amount,
            "balance": row.balance,
            "currency": row.currency,
            "pending": row.pending,
            "source_id": row.source_id,
        }
        wanted = {key: expected[key] for key in found}
        wanted |= {key: expected[key] and Decimal(expected[key]) for key in ("amount", "balance")}
        assert found == wanted, f"line {row.line_no}"
        _assert_told(row, expected["description_contains"])
        _assert_account(parsed.candidate.rule, row, expected["account"])


def _assert_told(row: Row, words: str) -> None:
    text = " ".join(f"{row.description} {row.payee or ''}".split()).casefold()
    assert " ".join(words.split()).casefold() in text, f"line {row.line_no}"


def _assert_account(rule: BankRule, row: Row, hint: str | None) -> None:
    key = account_default(rule, row.account_label)
    assert key
    assert hint is None or hint in key or key in hint


@pytest.mark.parametrize("name", IDS)
def test_every_line_of_the_sample_is_accounted_for(name: str) -> None:
    parsed = parsed_sample(name)
    assert_ties_out(parsed)
    assert reasons_of(parsed) == EXCLUDED.get(name, {})
    header = parsed.candidate.header
    assert parsed.lines == sample(name).data.count(b"\n") - (0 if header is None else header + 1)


@pytest.mark.parametrize("name", IDS)
def test_the_balances_of_the_sample_prove_what_they_can(name: str) -> None:
    verdict, opening, closing = PROOFS.get(name, ("not_available", None, None))
    proof = proof_of(parsed_sample(name))
    assert (proof.verdict, proof.reason) == (verdict, None)
    assert proof.opening == (opening and Decimal(opening))
    assert proof.closing == (closing and Decimal(closing))


@pytest.mark.parametrize("name", ["us_bofa_checking", "us_chase_checking", "revolut"])
def test_a_row_taken_out_of_the_sample_breaks_its_balances(name: str) -> None:
    lines = sample(name).data.split(b"\n")
    taken = lines.pop(-6)
    parsed = read(list(rule_set().rules.values()), b"\n".join(lines), sample(name).name)
    proof = proof_of(parsed)
    assert proof.verdict == "broken"
    missing = next(
        row for row in parsed_sample(name).rows if row.description.encode() in taken.replace(b'""', b'"')
    )
    assert proof.gap == missing.amount


def proof_of(parsed: Parsed) -> Proof:
    rule = parsed.candidate.rule
    steps = [
        Step(row.line_no, row.post_date or row.date, row.amount, row.balance)
        for row in parsed.rows
        if not row.pending
    ]
    if rule.rows.order == "newest_first":
        steps.reverse()
    return verify(rule, steps, stated(rule, parsed.preamble, parsed.footer, parsed.stated_rows))


@pytest.mark.parametrize("name", IDS)
def test_the_name_of_the_file_does_not_decide(name: str) -> None:
    given = sample(name)
    selection = select("x.csv", given.data, rule_set().rules.values())
    assert selection.chosen is not None
    assert selection.chosen.rule.rule == name
    renamed, named = parse(selection.chosen, "x.csv"), parsed_sample(name)
    assert [row._replace(account_label="") for row in renamed.rows] == [
        row._replace(account_label="") for row in named.rows
    ]
    if rule_named(name).account.origin == "filename":
        assert {row.account_label for row in renamed.rows} == {"unknown"}
        assert "its account is unknown" in renamed.notes[0]


@pytest.mark.parametrize("name", IDS)
def test_no_other_rule_reads_the_sample(name: str) -> None:
    given = sample(name)
    for other in rule_set().rules.values():
        if other.rule != name:
            selection = select(given.name, given.data, [other])
            assert selection.chosen is None
            assert selection.reason
    selection = select(given.name, given.data, rule_set().rules.values())
    assert selection.chosen is not None
    assert selection.chosen.score >= ACCEPT
    runner_up = selection.runner_up.score if selection.runner_up is not None else 0
    assert selection.chosen.score - runner_up >= MARGIN


VARIANTS = {
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "CR alone": lambda data: data.replace(b"\n", b"\r"),
    "converted twice": lambda data: data.replace(b"\n", b"\r\r\n"),
    "mixed ends": lambda data: data.replace(b"\n", b"\r\n", data.count(b"\n") // 2),
    "byte order mark": lambda data: codecs.BOM_UTF8 + data.removeprefix(codecs.BOM_UTF8),
    "no byte order mark": lambda data: data.removeprefix(codecs.BOM_UTF8),
    "no last line end": lambda data: data.removesuffix(b"\n"),
    "blank lines at the end": lambda data: data + b"\n\r\n \n",
    "end of file mark of DOS": lambda data: data + b"\x1a",
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", IDS)
def test_line_ends_and_marks_change_no_row(name: str, variant: str) -> None:
    data = VARIANTS[variant](sample(name).data)
    parsed = read(list(rule_set().rules.values()), data, sample(name).name)
    assert parsed.rejection is None
    assert parsed.quarantined == []
    assert parsed.rows == parsed_sample(name).rows


def test_every_rule_has_a_sample_and_says_where() -> None:
    assert sorted(rule_set().rules) == IDS
    for rule in rule_set().rules.values():
        assert rule.tests, f"{rule.rule}: tests names no sample"
        for place in rule.tests:
            folder = PROJECT / "data" / place
            names = sorted(path.name for path in folder.iterdir())
            assert "expected.json" in names, f"{place} has no expected.json"
            assert len(names) == 2, f"{place} holds one export and its expected.json"
            assert json.loads((folder / "expected.json").read_text(encoding="utf-8")), (
                f"{place} expects no row"
            )


def test_every_rule_file_leads_an_editor_to_its_schema() -> None:
    for path in sorted((RULES / "banks").glob("*.yaml")):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == "# yaml-language-server: $schema=../schema/bank_rule.schema.json", path.name
        assert (path.parent / first.partition("$schema=")[2]).resolve().is_file()


def test_monarch_grew_columns_and_both_exports_give_the_same_rows() -> None:
    given = sample("agg_monarch")
    head, *rows = given.data.decode().splitlines()
    longer = "\n".join(
        [f"{head},Owner,Reviewed,Id", *(f"{row},Sam,TRUE,2177{n}" for n, row in enumerate(rows))]
    )
    parsed = read(list(rule_set().rules.values()), f"{longer}\n", given.name)
    assert parsed.candidate.drift == ()
    assert [row._replace(extras="") for row in parsed.rows] == [
        row._replace(extras="") for row in parsed_sample("agg_monarch").rows
    ]
    assert json.loads(parsed.rows[0].extras)["Id"] == "21770"


def test_chase_rows_without_a_balance_are_pending() -> None:
    given = sample("us_chase_checking")
    head, *rows = given.data.decode().splitlines()
    waiting = 'DEBIT,01/20/2026,"HARBOR FUEL 00412 GALVESTON TX",-31.10,DEBIT_CARD, ,,'
    parsed = read(list(rule_set().rules.values()), "\n".join([head, waiting, *rows]) + "\n", given.name)
    assert parsed.rows[0].pending
    assert not any(row.pending for row in parsed.rows[1:])
    assert proof_of(parsed).verdict == "chained"


def test_revolut_keeps_the_balances_of_pockets_and_currencies_apart() -> None:
    given = sample("revolut").data.decode()
    when = "2026-01-18 10:09:07,2026-01-18 08:15:00"
    other = f"TRANSFER,Savings,{when},FROM CURRENT,1200.00,0.00,GBP,COMPLETED,1200.00\n"
    parsed = read(rule_named("revolut"), given + other)
    assert {row.account_label for row in parsed.rows} == {"Current GBP", "Savings GBP"}


def test_bofa_figures_under_a_thousand_stand_without_quotes() -> None:
    text = sample("us_bofa_checking").data.decode()
    text = text.replace(
        'Beginning balance as of 01/05/2026,,"2,500.00"', "Beginning balance as of 01/05/2026,,500.00"
    )
    parsed = read(rule_named("us_bofa_checking"), text)
    claims = stated(parsed.candidate.rule, parsed.preamble, parsed.footer, parsed.stated_rows)
    assert (claims.opening, claims.closing) == (Decimal("500.00"), Decimal("4233.13"))
    assert proof_of(parsed).verdict == "broken"


def test_amex_references_lose_their_apostrophes_and_rows_keep_their_lines() -> None:
    row = parsed_sample("us_amex").rows[0]
    assert (row.line_no, row.span) == (2, 3)
    assert row.source_id == "320264989142005"
    assert json.loads(row.extras)["Extended Details"] == "SKYLARK AIRWAYS 0012345678\nREF 4989142005"


def test_dkb_dates_have_two_digits_of_year() -> None:
    assert parsed_sample("de_dkb_giro").rows[0].date == date(2026, 1, 21)
