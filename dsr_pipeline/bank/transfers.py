"""Money that moves between own accounts: two rows that are one transfer.

Lives here: finding the legs (`transfers.sql`), what speaks for a pair, and the choice among rivals. Rows are
only paired, never made. Called by `bank.consolidation` when every row that counts is known.
"""

from __future__ import annotations

import re

import duckdb
import numpy as np
import pyarrow as pa

from dsr_pipeline.bank.accounts import Accounts
from dsr_pipeline.bank.categories import Categories
from dsr_pipeline.bank.classification import Classifier, stem_sql
from dsr_pipeline.bank.pairing import clear_pairs
from dsr_pipeline.bank.sources import Sources
from dsr_pipeline.bank.workbench import is_empty, keep_table, run_script
from dsr_pipeline.text import canonical_hash

TRANSFER_EVENTS = ("transfer", "card_payment")

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


def pair_transfers(
    con: duckdb.DuckDBPyConnection, sources: Sources, accounts: Accounts, classifier: Classifier
) -> None:
    """Make `transfer_pairs` (rids of both legs, event type, amount, currency, days apart, evidence).

    A pair needs a reason besides amount and days: a number of at least eight digits in both, the IBAN of one
    account in the other row, or a word for transfers in either. A row whose best partners are equally good is
    left alone.
    """
    con.execute("""
        create or replace temp table transfer_pairs (
            from_rid bigint, to_rid bigint, event_type varchar, amount decimal(18, 4), currency varchar,
            days_apart integer, evidence varchar)""")
    if len({stream.account_no for stream in sources.streams}) < 2:
        return
    run_script(con, "transfers")
    if is_empty(con, "possible_transfers"):
        return
    _find_reasons(con, sources, accounts, classifier)
    _choose(con)


def transfer_id(one_key: str, other_key: str) -> str:
    """The id of a pair; the order of the keys does not matter."""
    return canonical_hash(*sorted((one_key, other_key)))


def _find_reasons(
    con: duckdb.DuckDBPyConnection, sources: Sources, accounts: Accounts, classifier: Classifier
) -> None:
    """`transfer_candidates`: the possible pairs that have a reason, with their cost."""
    stem = stem_sql("description")
    con.execute(f"""
        create or replace temp table leg_stems as
        select {stem} as stem, payee, rule_class from transfer_legs group by all""")
    con.execute(f"create or replace temp table leg_texts as {classifier.classified('leg_stems')}")
    keep_table(con, "telling_categories", _telling_categories(con, classifier.categories))
    ibans = _own_ibans(sources, accounts)
    keep_table(con, "own_ibans", ibans)
    run_script(
        con,
        "transfer_reasons",
        stem=stem,
        events=", ".join(f"'{event}'" for event in TRANSFER_EVENTS),
        names_other=_NAMES_OTHER if ibans.num_rows else "false",
        joined_words="replace(upper(l.words), ' ', '')" if ibans.num_rows else "null::varchar",
    )


_NAMES_OTHER = """(
            exists (select 1 from own_ibans b
                where b.account_no = i.account_no and contains(o.joined_words, b.iban))
            or exists (select 1 from own_ibans b
                where b.account_no = o.account_no and contains(i.joined_words, b.iban)))"""


def _choose(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "select cost, from_rid, to_rid from transfer_candidates order by cost, from_rid, to_rid"
    ).fetchnumpy()
    costs, froms, tos = (np.asarray(found[name]).tolist() for name in ("cost", "from_rid", "to_rid"))
    pairs, ambiguous = clear_pairs(zip(costs, zip(froms, tos, strict=True), strict=True))
    chosen = [pa.array([pair[end] for pair in pairs], pa.int64()) for end in (0, 1)]
    keep_table(con, "chosen_transfers", pa.table(chosen, names=["from_rid", "to_rid"]))
    rivals = [pa.array(ambiguous, pa.list_(pa.int64()))]
    keep_table(con, "rivals", pa.table(rivals, names=["rids"]))
    con.execute("""
        insert into transfer_pairs
        select from_rid, to_rid, case when to_card then 'card_payment' else 'transfer' end, amount, currency,
            days, concat_ws('; ', 'both carry the reference ' || reference,
                case when names_other then 'one names the IBAN of the other account' end,
                case words when 2 then 'both texts say transfer' when 1 then 'one text says transfer' end,
                days || ' day(s) apart')
        from transfer_candidates semi join chosen_transfers using (from_rid, to_rid)""")
    con.execute("""
        insert into questions
        select 'ambiguous_transfer', rids,
            len(rids) || ' rows of one amount may be legs of a transfer, and nothing tells which two belong '
            || 'together. None was paired.', 0.5
        from rivals""")


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
