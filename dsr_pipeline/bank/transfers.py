"""Money that moves between own accounts: two rows that are one transfer.

Lives here: finding the legs (`transfers.sql`), what speaks for a pair, and the choice among rivals. Rows are
only paired, never made. Called by `bank.consolidation` when every row that counts is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pyarrow as pa

from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline.bank.categories import Categories
from dsr_pipeline.bank.classification import Classifier, stem_sql
from dsr_pipeline.bank.pairing import clear_pairs
from dsr_pipeline.bank.sources import Sources
from dsr_pipeline.bank.workbench import is_empty, keep_table, run_script
from dsr_pipeline.money import MONEY_TYPE
from dsr_pipeline.text import canonical_hash

TRANSFER_EVENTS = ("transfer", "card_payment")

_AMBIGUOUS = (
    "{} rows of one amount may be legs of a transfer, and nothing tells which two belong together. "
    "None was paired."
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


@dataclass(frozen=True, slots=True)
class _Candidate:
    from_rid: int
    to_rid: int
    days: int
    amount: Decimal
    currency: str | None
    to_card: bool
    reference: str | None
    counterparty: bool
    keywords: int

    @property
    def cost(self) -> tuple[int, int, int]:
        """Lower is better: a shared reference or the other account's IBAN, then words, then days."""
        return (-int(self.reference is not None or self.counterparty), -self.keywords, self.days)

    @property
    def evidence(self) -> str:
        """The reasons in words."""
        reasons = [f"both carry the reference {self.reference}"] if self.reference else []
        if self.counterparty:
            reasons.append("one names the IBAN of the other account")
        if self.keywords:
            reasons.append("both texts say transfer" if self.keywords == 2 else "one text says transfer")
        return "; ".join((*reasons, f"{self.days} day(s) apart"))


def pair_transfers(
    con: duckdb.DuckDBPyConnection, sources: Sources, accounts: Accounts, classifier: Classifier
) -> None:
    """Make `transfers` (rids of both legs, event, amount, currency, days apart, evidence); ask about the
    rest.

    A pair needs a reason besides amount and days: a reference of at least eight digits in both, the IBAN of
    one account in the other row, or a word for transfers in either. A row whose best partners are equally
    good is left alone.
    """
    chosen: list[_Candidate] = []
    if len({stream.account_no for stream in sources.streams}) > 1:
        run_script(con, "transfers", stem=stem_sql("r.description"))
        if not is_empty(con, "possible_transfers"):
            chosen = _choose(con, _candidates(con, sources, accounts, classifier))
    columns: dict[str, tuple[pa.DataType, list[object]]] = {
        "from_rid": (pa.int64(), [c.from_rid for c in chosen]),
        "to_rid": (pa.int64(), [c.to_rid for c in chosen]),
        "event_type": (pa.string(), [TRANSFER_EVENTS[c.to_card] for c in chosen]),
        "amount": (MONEY_TYPE, [c.amount for c in chosen]),
        "currency": (pa.string(), [c.currency for c in chosen]),
        "days_apart": (pa.int32(), [c.days for c in chosen]),
        "evidence": (pa.string(), [c.evidence for c in chosen]),
    }
    keep_table(
        con, "transfer_pairs", pa.table({n: pa.array(values, kind) for n, (kind, values) in columns.items()})
    )


def transfer_id(one_key: str, other_key: str) -> str:
    """The id of a pair; the order of the keys does not matter."""
    return canonical_hash(*sorted((one_key, other_key)))


def _choose(con: duckdb.DuckDBPyConnection, candidates: list[_Candidate]) -> list[_Candidate]:
    pairs, ambiguous = clear_pairs((c.cost, (c.from_rid, c.to_rid)) for c in candidates)
    for group in ambiguous:
        con.execute(
            "insert into questions values ('ambiguous_transfer', ?, ?, 0.5)",
            [list(group), _AMBIGUOUS.format(len(group))],
        )
    taken = set(pairs)
    return [c for c in candidates if (c.from_rid, c.to_rid) in taken]


def _candidates(
    con: duckdb.DuckDBPyConnection, sources: Sources, accounts: Accounts, classifier: Classifier
) -> list[_Candidate]:
    """The possible pairs that have a reason, best first."""
    keep_table(con, "own_ibans", _own_ibans(sources, accounts))
    keep_table(con, "telling_categories", _telling_categories(con, classifier.categories))
    events = "', '".join(TRANSFER_EVENTS)
    con.execute(f"""
        create or replace temp table told_legs as
        select c.rid, c.account_no, c.is_card, replace(upper(c.words), ' ', '') as joined_words,
            list_distinct(regexp_extract_all(c.words, '[0-9]{{8,}}')) as numbers,
            case when c.amount < 0 then c.event_out else c.event_in end in ('{events}')
                or t.name is not null as says_transfer
        from ({classifier.classified("transfer_legs")}) c
        left join telling_categories t on t.name = c.category_src""")
    rows = con.execute("""
        with told as (
            select p.*, i.is_card as to_card,
                list_sort(list_intersect(o.numbers, i.numbers))[1] as reference,
                exists (select 1 from own_ibans b
                    where b.account_no = i.account_no and contains(o.joined_words, b.iban))
                or exists (select 1 from own_ibans b
                    where b.account_no = o.account_no and contains(i.joined_words, b.iban))
                    as counterparty,
                o.says_transfer::integer + i.says_transfer::integer as keywords
            from possible_transfers p
            join told_legs o on o.rid = p.from_rid
            join told_legs i on i.rid = p.to_rid
        )
        select from_rid, to_rid, days, amount, currency, to_card, reference, counterparty, keywords
        from told
        where reference is not null or counterparty or keywords > 0""").fetchall()
    candidates = [_Candidate(*row) for row in rows]
    return sorted(candidates, key=lambda c: (c.cost, c.from_rid, c.to_rid))


def _own_ibans(sources: Sources, accounts: Accounts) -> pa.Table:
    """The IBANs by which other rows may name an account: stated, or used as its label."""
    known: set[tuple[int, str]] = set()
    for source in sources.sources:
        account = accounts.accounts.get(source.stream.account)
        labels = [source.label, *(account.aliases if account else ())]
        if account and account.iban:
            labels.append(account.iban)
        tidy = (label.replace(" ", "").upper() for label in labels)
        known |= {(source.stream.account_no, label) for label in tidy if _IBAN.fullmatch(label)}
    rows = sorted(known)
    numbers, ibans = [number for number, _ in rows], [iban for _, iban in rows]
    return pa.table({"account_no": pa.array(numbers, pa.int32()), "iban": pa.array(ibans, pa.string())})


def _telling_categories(con: duckdb.DuckDBPyConnection, categories: Categories) -> pa.Table:
    """The source categories that say transfer."""
    found = con.execute(
        "select distinct category_src from transfer_legs where category_src is not null"
    ).fetchall()
    names = sorted(name for (name,) in found if categories.event_of(name) in TRANSFER_EVENTS)
    return pa.table({"name": pa.array(names, pa.string())})
