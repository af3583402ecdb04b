"""What must hold whatever the exports: consolidation against a naive count of the same idea, and its three
promises.

Idempotent (the same files again change nothing), independent of the order in which files come, and monotone
(another file takes no booked row away).
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsr_pipeline.bank.keys import transaction_key
from dsr_pipeline.text import normalised
from dsr_pipeline_tests.bank.bank_worlds import File, Outcome, Row, chained, run

PROFILE = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])

rows = st.builds(
    Row,
    day=st.integers(1, 6),
    amount=st.sampled_from(["-5.45", "-5.45", "-7", "3"]),
    description=st.sampled_from(["COFFEE", "coffee*", "TEA", "Ä"]),
    posted=st.one_of(st.none(), st.integers(1, 8)),
    source_id=st.one_of(st.none(), st.none(), st.none(), st.sampled_from(["1", "2", "3"])),
    label=st.sampled_from(["4321", "4321", "9876"]),
    pending=st.sampled_from([False, False, False, True]),
)


def unique_ids(found: Sequence[Row]) -> list[Row]:
    """An id stands once in a file: that is what parsing makes sure of."""
    seen: set[tuple[str | None, str]] = set()
    kept: list[Row] = []
    for row in found:
        if row.source_id is not None and (row.label, row.source_id) in seen:
            continue
        if row.source_id is not None:
            seen.add((row.label, row.source_id))
        kept.append(row)
    return kept


files = st.lists(st.lists(rows, min_size=1, max_size=8).map(unique_ids), min_size=1, max_size=4).map(
    lambda found: [File(f"{number}.csv", part) for number, part in enumerate(found)]
)


def consolidated(*given_files: File) -> Outcome:
    """The outcome in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), *given_files)


def identity(row: Row) -> tuple[Any, ...]:
    """What makes two rows of one account equal, in the words of the design."""
    if row.source_id is not None:
        return (row.label, "id", row.source_id)
    return (
        row.label,
        "row",
        row.post_date or row.date,
        Decimal(row.amount),
        row.currency,
        normalised(row.description),
    )


def most_in_one_file(found: Sequence[File]) -> Counter[tuple[Any, ...]]:
    """N(k): the greatest number of posted rows with that key in any single export."""
    most: Counter[tuple[Any, ...]] = Counter()
    for file in found:
        most |= Counter(identity(row) for row in file.rows if not row.pending)
    return most


def reference_keys(found: Sequence[File]) -> set[str]:
    """The keys of all posted transactions, counted naively."""
    keys: set[str] = set()
    for key, count in most_in_one_file(found).items():
        for occurrence in range(1, count + 1):
            account = f"my_bank:{key[0]}"
            if key[1] == "id":
                keys.add(
                    transaction_key(
                        account=account,
                        date=None,
                        amount=Decimal(0),
                        currency=None,
                        norm="",
                        occurrence=1,
                        source_id=key[2],
                    )
                )
            else:
                _, _, day, amount, currency, norm = key
                keys.add(
                    transaction_key(
                        account=account,
                        date=day,
                        amount=amount,
                        currency=currency,
                        norm=norm,
                        occurrence=occurrence,
                    )
                )
    return keys


def posted_keys(outcome: Outcome) -> set[str]:
    """Keys of rows that were booked, whether they still count or were restated."""
    return {row["txn_key"] for row in outcome.transactions if not row["pending"]}


def facts(outcome: Outcome) -> tuple[Any, ...]:
    """Everything that the tables say."""
    return (
        outcome.transactions,
        outcome.transfers,
        outcome.review_items,
        outcome.said.key_aliases.to_pylist(),
    )


@PROFILE
@given(files)
def test_every_booked_row_is_counted_as_often_as_any_one_export_has_it(found: list[File]) -> None:
    assert posted_keys(consolidated(*found)) == reference_keys(found)


@PROFILE
@given(files, st.randoms(use_true_random=False))
def test_the_order_of_files_does_not_matter(found: list[File], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert facts(consolidated(*found)) == facts(consolidated(*shuffled))


@PROFILE
@given(files)
def test_the_same_files_again_change_nothing(found: list[File]) -> None:
    """Copies saved with other line ends: other hashes, the same rows.

    The hashes keep the order of the originals: of two exports that end on one day with as many rows, the hash
    decides which is the newer, and so which of two restated rows counts.
    """
    copies = [replace(file, name=f"copy of {file.name}", sha256=f"{file.digest[:-1]}~") for file in found]
    once, twice = consolidated(*found), consolidated(*found, *copies)
    assert {row["txn_key"] for row in once.live} == {row["txn_key"] for row in twice.live}
    assert sum(row["amount"] for row in once.live) == sum(row["amount"] for row in twice.live)


@PROFILE
@given(files, st.lists(rows, min_size=1, max_size=8).map(unique_ids))
def test_another_file_takes_no_booked_row_away(found: list[File], more: list[Row]) -> None:
    before = consolidated(*found)
    after = consolidated(*found, File("more.csv", more))
    assert posted_keys(before) <= posted_keys(after)
    # A booked row that no longer counts has given its place to exactly one that does.
    live = {row["txn_key"] for row in after.live}
    replaced = {row["old_key"]: row["new_key"] for row in after.said.key_aliases.to_pylist()}
    gone = {row["txn_key"] for row in before.live if row["status"] == "posted"} - live
    assert gone <= set(replaced)
    assert len(set(replaced.values())) == len(replaced)


@PROFILE
@given(files)
def test_every_row_of_every_file_is_somewhere(found: list[File]) -> None:
    """Each file that holds a counted row is named by it, and nothing else is."""
    outcome = consolidated(*found)
    for row in outcome.live:
        named = json.loads(row["seen_in"])
        assert named == sorted(set(named))
        assert row["file"] in named
    assert outcome.said.merged + len(outcome.transactions) == sum(len(file.rows) for file in found)


@PROFILE
@given(st.lists(st.sampled_from(["-5.45", "-5.45", "-7", "3"]), min_size=2, max_size=9), st.data())
def test_with_balances_a_cut_day_loses_and_doubles_nothing(amounts: list[str], data: st.DataObject) -> None:
    """One true account; every export is a stretch of it, cut anywhere, within days too."""
    days = sorted(data.draw(st.lists(st.integers(1, 3), min_size=len(amounts), max_size=len(amounts))))
    truth = [Row(day, amount, "SHOP") for day, amount in zip(days, amounts, strict=True)]
    # Balances that never repeat leave only one place where an export can begin.
    truth = [replace(row, amount=f"{Decimal(row.amount) - Decimal(i) / 1000}") for i, row in enumerate(truth)]
    truth = [
        replace(row, amount=amounts[i]) if amounts[i].startswith("-") else row for i, row in enumerate(truth)
    ]
    whole = chained(File("whole", truth), "1000")
    balances = [Decimal(1000), *(Decimal(row.balance or 0) for row in whole.rows)]
    if len(set(balances)) < len(balances):
        return
    cut = data.draw(st.integers(1, len(truth) - 1))
    overlap = data.draw(st.integers(0, min(2, cut)))
    left = replace(whole, name="left.csv", rows=whole.rows[:cut])
    right = replace(
        whole, name="right.csv", rows=whole.rows[cut - overlap :], opening=str(balances[cut - overlap])
    )
    if right.rows[0].date != left.rows[-1].date:
        return  # the exports share more than one day, or none: nothing is cut
    outcome = consolidated(left, right)
    expected = Counter((row.date, Decimal(row.amount)) for row in truth)
    assert Counter((row["date"], row["amount"]) for row in outcome.live) == expected
