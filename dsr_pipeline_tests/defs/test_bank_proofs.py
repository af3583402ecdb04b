"""What the bank tables must prove together; every proof is shown to fail when it should."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from dsr_pipeline.defs.bank_proofs import balance_proof, inbox_health, sums_match, tie_out
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.bank_world import EXCLUDED, QUARANTINE, bank_lake, files, table, transactions


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def written(lake: Lake, **tables: pa.Table) -> Lake:
    assert bank_lake(lake, tables)
    return lake


def test_lines_add_up_file_by_file(lake: Lake) -> None:
    bad = {"file": "b.csv", "sha256": "b" * 64, "lines": 5, "accepted": 2, "excluded": 1, "quarantined": 2}
    found = tie_out(
        written(
            lake,
            files=files({}, bad),
            excluded=table(EXCLUDED, {"file": "b.csv", "line_no": 2, "reason": "blank", "text": ""}),
            # One record of two lines.
            quarantine=table(QUARANTINE, {"file": "b.csv", "line_no": 3, "reason": "bad_date", "raw": b"x"}),
        )
    )
    assert (found.verdict, found.sentence) == ("holds", "all 7 lines of 2 files add up")


@pytest.mark.parametrize(
    "changed",
    [
        {"excluded": 1, "lines": 3},  # counted, but not listed
        {"quarantined": 1, "lines": 3},
    ],
)
def test_a_line_that_is_counted_but_not_listed_is_found(lake: Lake, changed: dict[str, int]) -> None:
    found = tie_out(written(lake, files=files(changed)))
    assert found.verdict == "broken"
    assert [row["file"] for row in found.rows] == ["a.csv"]


def test_a_line_that_is_listed_but_not_counted_is_found(lake: Lake) -> None:
    listed = table(EXCLUDED, {"file": "a.csv", "line_no": 2, "reason": "blank", "text": ""})
    assert tie_out(written(lake, files=files({}), excluded=listed)).verdict == "broken"


def test_rows_of_a_rejected_file_may_be_listed_in_quarantine_although_its_lines_are_excluded(
    lake: Lake,
) -> None:
    rejected = {"status": "rejected", "lines": 1, "accepted": 0, "excluded": 1, "quarantined": 0}
    found = tie_out(
        written(
            lake,
            files=files(rejected),
            excluded=table(EXCLUDED, {"file": "a.csv", "line_no": 2, "reason": "rejected", "text": "x"}),
            quarantine=table(QUARANTINE, {"file": "a.csv", "line_no": 2, "reason": "bad_date", "raw": b"x"}),
        )
    )
    assert found.verdict == "holds"


def test_every_accepted_amount_stands_behind_a_transaction(lake: Lake) -> None:
    """A row seen in two overlapping exports counts once in the total and once in the sum of each file."""
    both = '["a.csv", "b.csv"]'
    second = {"file": "b.csv", "sha256": "b" * 64, "amount_sum": Decimal("-5.45")}
    good = transactions({"seen_in": both}, {"occurrence": 2})
    assert sums_match(written(lake, files=files({}, second), transactions=good)).verdict == "holds"
    lost = transactions({}, {"occurrence": 2})
    found = sums_match(written(lake, files=files({}, second), transactions=lost))
    assert found.verdict == "broken"
    assert found.sentence == "1 of 2 accepted files have another sum"
    assert found.rows == [
        {"file": "b.csv", "file_sum": Decimal("-5.45"), "transactions_sum": Decimal(0)},
    ]


def test_file_names_with_quotes_are_told_apart(lake: Lake) -> None:
    name = 'x "1", y.csv'
    one = files({"file": name, "amount_sum": Decimal("-5.45")})
    rows = transactions({"file": name, "seen_in": '["x \\"1\\", y.csv"]'})
    assert sums_match(written(lake, files=one, transactions=rows)).verdict == "holds"


def test_balances_that_do_not_chain_need_a_person(lake: Lake) -> None:
    broken = {"balance_verdict": "broken", "reason": "line 7: expected 1.00, found 2.00"}
    found = balance_proof(written(lake, files=files(broken, {"file": "b.csv", "balance_verdict": "proven"})))
    assert found.verdict == "needs a person"
    assert found.rows[0]["reason"] == "line 7: expected 1.00, found 2.00"
    assert found.figures == {"proven": 1, "chained": 0, "broken": 1, "without_balance": 0}


def test_balances_that_chain_are_listed_by_account(lake: Lake) -> None:
    found = balance_proof(written(lake, files=files({"balance_verdict": "chained"})))
    assert found.verdict == "holds"
    assert found.rows[0]["account"] == "riverbank:1"


def test_a_rejected_file_and_quarantined_lines_need_a_person(lake: Lake) -> None:
    rejected = {"file": "b.csv", "status": "rejected", "reason": "is a PDF document"}
    found = inbox_health(written(lake, files=files({}, rejected), transactions=transactions({}, {})))
    assert (found.verdict, found.sentence) == ("needs a person", "1 file rejected, 0 lines quarantined")
    assert found.rows[0]["reason"] == "is a PDF document"
    bad = files({"quarantined": 1, "lines": 3})
    assert inbox_health(written(lake, files=bad, transactions=transactions({}))).verdict == "needs a person"


def test_a_file_still_being_written_is_no_fault(lake: Lake) -> None:
    waiting = {"file": "b.csv", "status": "waiting", "sha256": None, "lines": 0, "accepted": 0}
    found = inbox_health(written(lake, files=files({}, waiting), transactions=transactions({})))
    assert (found.verdict, found.sentence) == ("holds", "2 files, none rejected, 1 still being written")


def test_files_that_were_read_and_gave_no_transaction_break_the_run(lake: Lake) -> None:
    """Rows in but none out, with exit code 0: that is how a renamed column went unnoticed for weeks."""
    assert inbox_health(written(lake, files=files({}))).verdict == "broken"
    assert inbox_health(written(lake)).verdict == "holds"
