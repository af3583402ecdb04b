"""How the merchant rules fare: which hit, which never do, which are taken by an earlier one, and what none
knows.

Lives here: the report over the written transactions. It decides nothing; `dsr report review` and the checks
of the rules show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from dsr_pipeline.bank.categories import Categories
from dsr_pipeline.bank.classification import Classifier, SourceClass, source_class, stem_sql
from dsr_pipeline.bank.merchants import MerchantRule, Merchants


@dataclass(frozen=True, slots=True)
class RuleHits:
    """One rule: the transactions that it names, the sum of their absolute amounts, and what earlier rules
    take.

    `matched` counts all transactions in which its pattern stands. A rule is dead when that is none, and
    shadowed when it names none of those that it matches; `taken_by` are the ids of the rules that name them
    instead.
    """

    rule: MerchantRule
    named: int
    amount: Decimal
    matched: int
    taken_by: tuple[str, ...]

    @property
    def dead(self) -> bool:
        """No transaction holds its pattern."""
        return self.matched == 0

    @property
    def shadowed(self) -> bool:
        """Its pattern is found, but always by an earlier rule too."""
        return self.matched > 0 and self.named == 0


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A cleaned text that no rule knows: how many transactions, and the sum of their absolute amounts."""

    text: str
    transactions: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RuleReport:
    """All rules in their order, and the unknown texts with the most money, most first."""

    rules: tuple[RuleHits, ...]
    unmatched: tuple[Unmatched, ...]


def rule_hits(transactions: Path, merchants: Merchants, *, top: int = 20) -> RuleReport:
    """Count what each merchant rule does among the transactions that count.

    Amounts of several currencies are added as they stand: they rank, they are no total.
    """
    with duckdb.connect() as con:
        classes = _read(con, transactions, merchants)
        classifier = Classifier(merchants, Categories(), classes)
        con.execute(f"create temp table matched as select * from {classifier.matched('texts')}")
        named = {
            number: (count, amount)
            for number, count, amount in con.execute(
                "select rule_no, sum(n)::bigint, sum(amount) from matched "
                "where rule_no is not null group by rule_no"
            ).fetchall()
        }
        hits = [
            _hits(con, classifier, rule, place, *named.get(place, (0, Decimal(0))))
            for place, rule in enumerate(merchants.rules, 1)
        ]
        unknown = con.execute(
            "select clean, sum(n)::bigint, sum(amount) from matched where rule_no is null "
            "group by clean order by 3 desc, 1 limit ?",
            [top],
        ).fetchall()
    return RuleReport(tuple(hits), tuple(Unmatched(*row) for row in unknown))


def _read(
    con: duckdb.DuckDBPyConnection, transactions: Path, merchants: Merchants
) -> tuple[SourceClass, ...]:
    """`texts`: the different texts of each class of sources, counted."""
    con.execute(
        f"""
        create temp table told as
        select {stem_sql("description")} as stem, payee, rule, account,
            count(*) as n, sum(abs(amount)) as amount
        from (select distinct on (txn_key) * from read_parquet(?) where status <> 'superseded')
        group by all""",
        [str(transactions)],
    )
    classes: dict[SourceClass, int] = {}
    con.execute("create temp table classes (rule varchar, account varchar, rule_class integer)")
    for rule, account in con.execute("select distinct rule, account from told order by all").fetchall():
        known = source_class(merchants, kind="", bank_rule=rule, account=account)
        con.execute(
            "insert into classes values (?, ?, ?)", [rule, account, classes.setdefault(known, len(classes))]
        )
    con.execute(
        "create temp table texts as select told.*, rule_class from told join classes using (rule, account)"
    )
    return tuple(classes)


def _hits(
    con: duckdb.DuckDBPyConnection,
    classifier: Classifier,
    rule: MerchantRule,
    place: int,
    named: int,
    amount: Decimal,
) -> RuleHits:
    admitted = [number for number, known in enumerate(classifier.classes) if place - 1 in known.rules]
    found = con.execute(
        "select rule_no, sum(n)::bigint from matched "
        "where list_contains(?::integer[], rule_class) and regexp_matches(match_text, ?) "
        "group by rule_no order by 1",
        [admitted, rule.expression],
    ).fetchall()
    rules = classifier.merchants.rules
    takers = tuple(rules[int(number) - 1].id for number, _ in found if number and number != place)
    return RuleHits(rule, named, amount, sum(count for _, count in found), takers)
