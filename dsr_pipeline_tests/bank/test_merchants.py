"""Merchant, event type and category: the strip chain, the rules and their strict loading, and the decisions
in SQL."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dsr_pipeline.bank.categories import (
    SCHEMA,
    STANDING_WORDS,
    Categories,
    load_categories,
    write_categories_schema,
)
from dsr_pipeline.bank.classification import clean_sql, stem_sql
from dsr_pipeline.bank.merchants import Merchants, cleaned, load_merchants, stem
from dsr_pipeline.bank.rule_report import rule_hits
from dsr_pipeline.rule_files import RuleFileError
from dsr_pipeline_tests.bank.bank_worlds import File, Outcome, Row, run

CLEAN = {
    "SQ *BLUE HERON COFFEE 0412 AUSTIN TX": "BLUE HERON COFFEE",
    "TST* THE COPPER KETTLE DENVER CO": "THE COPPER KETTLE DENVER CO",
    "NORTHWIND GROCERS #18, UNIT B": "NORTHWIND GROCERS",
    "AMZN Mktp US*2K4LM0QX1 Amzn.com/bill WA": "AMZN Mktp US",
    "ACME WIDGETS INC DES:PAYROLL ID:000123": "ACME WIDGETS INC DES:PAYROLL",
    "ONLINE TRANSFER TO SAVINGS XXXXX7788": "ONLINE TRANSFER TO SAVINGS",
    "PAYPAL *RIVERSTONE GAMES 4029357733": "RIVERSTONE GAMES",
    "SKYLARK AIRWAYS 0012345678": "SKYLARK AIRWAYS",
    'O\'MALLEY & SONS HARDWARE "STORE 7"': 'O\'MALLEY & SONS HARDWARE "STORE 7"',
    "HARBOR FUEL 00412 GALVESTON TX 77550": "HARBOR FUEL",
    "Beispiel AG Gehalt 01/2026": "Beispiel AG Gehalt",
    "CARTE 05/01/26 BOULANGERIE PAUL 75": "BOULANGERIE PAUL 75",
    "CALL US 800-555-1234 ACME": "CALL US ACME",
    "7-ELEVEN 33512 AUSTIN TX": "7-ELEVEN",
    "PAYPAL *7ELEVEN": "7ELEVEN",
    "SVWZ+Miete Januar": "Miete Januar",
    "0012345": "0012345",
    "Bäckerei Sonnenkorn Köln": "Bäckerei Sonnenkorn Köln",
    "CHECKCARD 0105 FOX & HEN": "FOX & HEN",
    "  ": "",
}


def rules(
    folder: Path, *lines: str, header: str = "id,priority,pattern,canonical,category,scope,examples"
) -> Merchants:
    """The rules of a file with these lines."""
    file = folder / "merchants.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return load_merchants(file)


def decided(
    folder: Path, *rows: Row, kind: str = "checking", **more: Merchants | Categories
) -> list[tuple[str, ...]]:
    """Merchant, event type and category of each row, in the order given."""
    outcome: Outcome = run(folder, File("a.csv", rows, kind=kind), **more)  # type: ignore[arg-type]
    return [(row["merchant"], row["event_type"], row["category"]) for row in outcome.transactions]


class TestStripChain:
    """What is taken off a text before it is looked up."""

    @pytest.mark.parametrize(("text", "expected"), CLEAN.items())
    def test_a_text_becomes_its_name(self, text: str, expected: str) -> None:
        assert cleaned([text]) == [expected]

    def test_sql_and_python_say_the_same(self) -> None:
        texts = list(CLEAN)
        with duckdb.connect() as con:
            con.execute("create table t (place integer, text varchar)")
            con.executemany("insert into t values (?, ?)", list(enumerate(texts)))
            stems, cleans = zip(
                *con.execute(
                    f"select stem, {clean_sql('stem')} "
                    f"from (select place, {stem_sql('text')} as stem from t) order by place"
                ).fetchall(),
                strict=True,
            )
        assert list(stems) == stem(texts)
        assert list(cleans) == cleaned(texts)

    def test_the_raw_text_stays(self, tmp_path: Path) -> None:
        outcome = run(tmp_path, File("a.csv", [Row(5, "-1", "SQ *BLUE  HERON 0412 AUSTIN TX")]))
        assert outcome.live[0]["description"] == "SQ *BLUE  HERON 0412 AUSTIN TX"
        assert outcome.live[0]["merchant"] == "BLUE HERON"


class TestRules:
    """merchants.csv."""

    def test_the_projects_own_files_load(self, project: Path) -> None:
        assert load_merchants(project / "rules" / "merchants.csv").rules
        assert load_categories(project / "rules" / "categories.yaml").sources

    def test_without_a_file_there_are_none(self, tmp_path: Path) -> None:
        assert load_merchants(tmp_path / "merchants.csv") == Merchants()

    def test_priority_then_place_in_the_file(self, tmp_path: Path) -> None:
        known = rules(tmp_path, "c,30,SHOP,Late,,,", "a,10,BLUE SHOP,First,,,", "b,10,BLUE,Second,,,")
        assert [rule.id for rule in known.rules] == ["a", "b", "c"]
        assert known.first_match("THE BLUE SHOP").canonical == "First"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("pattern", "text", "found"),
        [
            ("bar", "THE BAR", True),
            ("bar", "BARBER", False),
            ("rent", "PARENT", False),
            ("rent", "rent-a-car", True),
            ("R", "BÄR", False),
            ("bäckerei", "BÄCKEREI WEISS", True),
            ("SHELL|EXXON", "EXXONMOBIL", False),
            ("^SHOP", "THE SHOP", False),
            ("SHOP$", "THE SHOP", True),
        ],
    )
    def test_whole_words_case_aside(self, tmp_path: Path, pattern: str, text: str, found: bool) -> None:
        known = rules(tmp_path, f"a,1,{pattern},X,,,")
        assert (known.first_match(text) is not None) is found
        ((merchant, _, _),) = decided(tmp_path, Row(5, "-1", text), merchants=known)
        assert (merchant == "X") is found

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("a,1,(,X,,,", "RE2"),
            ("a,1,(?=x)y,X,,,", "RE2"),
            ("a,1,.*REFUND.*,X,,,", "drop the '.*'"),
            ("a,1,.?,X,,,", "matches any text"),
            ("a,1,[A-Z]+,X,,,", "matches any text"),
            ("a,one,SHOP,X,,,", "whole number"),
            ("a,1,,X,,,", "'pattern' is empty"),
            ("a,1,SHOP,,,,", "'canonical' is empty"),
            ("a,1,SHOP,X,,card,", "scope"),
            ("a,1,SHOP,X", "fields"),
            ("a,1,SHOP,X,,,BARBER", "no rule matches it"),
            ("z,1,SHOP,X,,,", "already stands on line 2"),
            ("b,2,BLUE SHOP,X,,,THE BLUE SHOP", "rule 'z' (line 2) takes it"),
        ],
    )
    def test_a_refusal_names_file_and_line(self, tmp_path: Path, line: str, words: str) -> None:
        with pytest.raises(RuleFileError) as refused:
            rules(tmp_path, "z,1,SHOP,Z,,,", line)
        assert "merchants.csv:3: " in str(refused.value)
        assert words in str(refused.value)

    def test_unknown_columns_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(RuleFileError, match=r"merchants\.csv:1: unknown column 'colour'"):
            rules(tmp_path, header="priority,pattern,canonical,colour")

    def test_the_columns_of_the_design_are_enough(self, tmp_path: Path) -> None:
        known = rules(tmp_path, "1,SHOP,The Shop,home,", header="priority,pattern,canonical,category,scope")
        assert known.rules[0].id == "line_2"

    def test_a_scope_limits_a_rule(self, tmp_path: Path) -> None:
        known = rules(
            tmp_path, "a,1,SHOP,Here,,rule:my_bank,", "b,2,SHOP,There,,account:my_bank:2,", "c,3,SHOP,Any,,,"
        )
        files = [
            File("1.csv", [Row(5, "-1", "SHOP")]),
            File("2.csv", [Row(5, "-1", "SHOP")], label="2", rule="other"),
        ]
        files.append(File("3.csv", [Row(6, "-1", "SHOP")], label="my_bank:2", rule="other"))
        outcome = run(tmp_path, *files, merchants=known)
        assert sorted(row["merchant"] for row in outcome.live) == ["Any", "Any", "Here"]


class TestDecisions:
    """What the tables say of a row."""

    def test_a_refund_keeps_its_merchant(self, tmp_path: Path) -> None:
        known = rules(tmp_path, "a,1,AMZN MKTP US,Marketplace,shopping,,")
        rows = [Row(5, "-10", "AMZN Mktp US*2K4LM0QX1"), Row(6, "10", "AMZN Mktp US REFUND")]
        assert decided(tmp_path, *rows, merchants=known) == [
            ("Marketplace", "purchase", "shopping"),
            ("Marketplace", "refund", "shopping"),
        ]

    @pytest.mark.parametrize(
        ("text", "amount", "kind", "event"),
        [
            ("SHOP", "-1", "checking", "purchase"),
            ("SHOP", "1", "checking", "income"),
            ("SHOP", "1", "card", "refund"),
            ("SHOP", "0", "card", "purchase"),
            ("MONTHLY SERVICE FEE", "-1", "checking", "fee"),
            ("SERVICE FEE RETURNED", "1", "checking", "refund"),
            ("Kontoführungsentgelt", "-1", "checking", "fee"),
            ("INTEREST PAYMENT", "1", "savings", "interest"),
            ("PINTEREST", "-1", "card", "purchase"),
            ("ACME DES:PAYROLL", "1", "checking", "income"),
            ("ATM WITHDRAWAL", "-1", "checking", "cash"),
            ("ATM FEE", "-1", "checking", "fee"),
            ("ONLINE TRANSFER TO SAVINGS", "-1", "checking", "transfer"),
            ("Übertrag Tagesgeld", "-1", "checking", "transfer"),
            ("UEBERTRAG", "-1", "checking", "transfer"),
            ("SPAARREKENING", "-1", "checking", "transfer"),
            ("AUTOPAY PAYMENT - THANK YOU", "1", "card", "card_payment"),
            ("COFFEE", "-1", "checking", "purchase"),
            ("RETURN OF THE KING", "-1", "card", "purchase"),
        ],
    )
    def test_words_sign_and_account_tell_the_event(
        self, tmp_path: Path, text: str, amount: str, kind: str, event: str
    ) -> None:
        ((_, told, _),) = decided(tmp_path, Row(5, amount, text), kind=kind)
        assert told == event

    def test_categories_by_rule_then_by_source_then_none(self, tmp_path: Path) -> None:
        known = rules(tmp_path, "a,1,SHOP,Shop,home,,", "b,1,BARE,Bare,,,")
        categories = Categories.model_validate({"sources": {"food & DRINK": "eating out"}})
        rows = [
            Row(5, "-1", "SHOP", category="Food & Drink"),
            Row(5, "-2", "BARE", category="Food &  Drink"),
            Row(5, "-3", "OTHER", category="Unknown"),
            Row(5, "-4", "OTHER"),
        ]
        told = [
            category for _, _, category in decided(tmp_path, *rows, merchants=known, categories=categories)
        ]
        assert told == ["home", "eating out", "uncategorised", "uncategorised"]

    def test_a_source_category_tells_the_event(self, tmp_path: Path) -> None:
        categories = Categories.model_validate(
            {"source_events": {"Payment": "card_payment", "Refund": "refund", "Fees": "fee"}}
        )
        rows = [
            Row(5, "1", "X", category="Payment"),
            Row(5, "-1", "X", category="Refund"),
            Row(5, "2", "X", category="refund"),
            Row(5, "3", "X", category="Fees"),
        ]
        told = [event for _, event, _ in decided(tmp_path, *rows, categories=categories)]
        assert told == ["card_payment", "purchase", "refund", "refund"]

    def test_words_of_the_file_are_added(self, tmp_path: Path) -> None:
        categories = Categories.model_validate({"words": {"fee": ["club dues"], "transfer": ["*sparen"]}})
        rows = [Row(5, "-1", "CLUB - DUES"), Row(5, "-2", "Vermögenssparen"), Row(5, "-3", "LATE FEE")]
        assert [event for _, event, _ in decided(tmp_path, *rows, categories=categories)] == [
            "fee",
            "transfer",
            "fee",
        ]

    def test_the_payee_is_searched_too_and_is_the_readable_name(self, tmp_path: Path) -> None:
        known = rules(tmp_path, "a,1,SONNENKORN,Sonnenkorn,,,")
        rows = [
            Row(5, "-1", "Lastschrift 991", payee="Bäckerei Sonnenkorn"),
            Row(5, "-2", "Lastschrift", payee="Kim Lee"),
        ]
        assert [merchant for merchant, _, _ in decided(tmp_path, *rows, merchants=known)] == [
            "Sonnenkorn",
            "Kim Lee",
        ]

    def test_no_text_no_merchant(self, tmp_path: Path) -> None:
        assert decided(tmp_path, Row(5, "-1", "")) == [(None, "purchase", "uncategorised")]


class TestCategories:
    """categories.yaml."""

    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("sources:\n  Food: a\n  FOOD: b\n", 3, "again"),
            ("words:\n  fee: [x]\n", 2, "everywhere"),
            ("words:\n  fee: ['aa*bb']\n", 2, "beginning or at the end"),
            ("words:\n  lunch: [xx]\n", 2, "lunch"),
            ("colour: red\n", 1, "unknown key"),
            ("source_events:\n  X: lunch\n", 2, "source_events.X"),
        ],
    )
    def test_a_refusal_names_file_and_line(self, tmp_path: Path, text: str, line: int, words: str) -> None:
        file = tmp_path / "categories.yaml"
        file.write_text(text)
        with pytest.raises(RuleFileError) as refused:
            load_categories(file)
        assert f"categories.yaml:{line}: " in str(refused.value)
        assert words in str(refused.value)

    def test_the_committed_schema_is_current(self, project: Path, tmp_path: Path) -> None:
        write_categories_schema(tmp_path)
        committed = (project / "rules" / SCHEMA).read_text(encoding="utf-8")
        assert (tmp_path / SCHEMA).read_text(encoding="utf-8") == committed, (
            "write it anew: write_categories_schema"
        )

    def test_no_standing_word_belongs_to_two_events(self) -> None:
        words = [word for event in STANDING_WORDS.values() for word in event]
        assert len(set(words)) == len(words)


class TestReport:
    """How the rules fare."""

    def test_dead_shadowed_and_unknown(self, tmp_path: Path) -> None:
        known = rules(
            tmp_path, "a,1,BLUE,Blue,,,", "b,2,BLUE SHOP,Shop,,,", "c,3,NOWHERE,Nowhere,,,", "d,4,RED,Red,,,"
        )
        rows = [
            Row(5, "-10", "BLUE SHOP 123"),
            Row(6, "-11", "BLUE BAR"),
            Row(7, "-3", "RED"),
            Row(8, "-90", "GREEN 777"),
            Row(9, "-9", "GREEN 778"),
            Row(9, "-50", "GREY"),
        ]
        report = rule_hits(run(tmp_path, File("a.csv", rows), merchants=known).path, known, top=2)
        assert [(hit.rule.id, hit.named, hit.amount) for hit in report.rules] == [
            ("a", 2, 21),
            ("b", 0, 0),
            ("c", 0, 0),
            ("d", 1, 3),
        ]
        assert [hit.rule.id for hit in report.rules if hit.dead] == ["c"]
        assert [(hit.rule.id, hit.taken_by) for hit in report.rules if hit.shadowed] == [("b", ("a",))]
        assert [(item.text, item.transactions, item.amount) for item in report.unmatched] == [
            ("GREEN", 2, 99),
            ("GREY", 1, 50),
        ]
