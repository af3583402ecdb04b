"""Who claimed a unit: the first sight stays, a person's decision counts, and nothing recorded is lost."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dsr_pipeline.billing.claims import ClaimRefused, decide, decide_week, fold_claims, record_seen
from dsr_pipeline.lake.contracts.billing import CLAIMS, CURRENT_CLAIMS
from dsr_pipeline.lake.errors import ContractBroken, MissingTable
from dsr_pipeline.lake.log import AppendLog
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.validation import validate
from dsr_pipeline_tests.billing.claimed import MONDAY, SHEET, WEEK, billed, claims, seen, unit

SAID = {
    "role": "foreman",
    "claimer": "Bo Berg",
    "claimer_id": "bo@example.com",
    "reason": "Ann was on leave",
    "decided_by": "office@example.com",
    "now": datetime(2026, 3, 10, 9, tzinfo=UTC),
    "run_id": "claims-1",
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def counting(lake: Lake) -> dict[tuple[int, str], tuple[str, str]]:
    table, _ = fold_claims(lake, None, 0)
    assert validate(CURRENT_CLAIMS, table).passed
    return {(row["row_id"], row["role"]): (row["claimer"], row["event"]) for row in table.to_pylist()}


def test_what_was_seen_first_counts(lake: Lake):
    record_seen(lake, claims(seen(1, "Ann Ames"), seen(1, "Cy Cole", "helper")))
    record_seen(lake, claims(seen(1, "Bo Berg"), seen(2, "Bo Berg")))
    assert counting(lake) == {
        (1, "foreman"): ("Ann Ames", "seen"),
        (1, "helper"): ("Cy Cole", "seen"),
        (2, "foreman"): ("Bo Berg", "seen"),
    }


def test_the_last_decision_counts_whatever_the_clocks_said(tmp_path: Path):
    lake = billed(tmp_path, unit(1))
    record_seen(lake, claims(seen(1)))
    for name, now in (("Bo Berg", SAID["now"]), ("Di Dahl", SAID["now"] - timedelta(days=3))):
        decide(lake, sheet_id=SHEET, row_id=1, **{**SAID, "claimer": name, "now": now})
    record_seen(lake, claims(seen(1, "Cy Cole")))
    assert counting(lake) == {(1, "foreman"): ("Di Dahl", "decided")}


def test_a_decision_may_come_before_the_first_sight(tmp_path: Path):
    lake = billed(tmp_path, unit(1))
    decide(lake, sheet_id=SHEET, row_id=1, **SAID)
    record_seen(lake, claims(seen(1)))
    assert counting(lake) == {(1, "foreman"): ("Bo Berg", "decided")}


def test_a_fold_reads_only_what_came_since(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Reading all claims of all history in every run is what made runs of two hours."""
    lake = billed(tmp_path, unit(1), unit(2))
    record_seen(lake, claims(seen(1), seen(2)))
    before, records = fold_claims(lake, None, 0)
    decide(lake, sheet_id=SHEET, row_id=2, **SAID)
    record_seen(lake, claims(seen(3)))
    asked: list[int] = []
    read = AppendLog.read
    monkeypatch.setattr(AppendLog, "read", lambda log, after=0: asked.append(after) or read(log, after))
    after, then = fold_claims(lake, before, records)
    assert (records, then, asked) == (1, 3, [1])
    assert after.equals(fold_claims(lake, None, 0)[0])
    asked.clear()
    same, last = fold_claims(lake, after, then)
    assert same is after
    assert (last, asked) == (3, [])


def test_folding_the_same_record_twice_changes_nothing(tmp_path: Path):
    lake = billed(tmp_path, unit(1))
    record_seen(lake, claims(seen(1)))
    for name in ("Bo Berg", "Di Dahl"):
        decide(lake, sheet_id=SHEET, row_id=1, **{**SAID, "claimer": name})
    whole, _ = fold_claims(lake, None, 0)
    for records in range(3):
        assert fold_claims(lake, whole, records)[0].equals(whole)


def test_without_claims_there_are_none(lake: Lake):
    table, records = fold_claims(lake, None, 0)
    assert (table.num_rows, table.schema, records) == (0, CURRENT_CLAIMS.schema, 0)
    record_seen(lake, CLAIMS.schema.empty_table())
    assert lake.log(CLAIMS).last() == 0


def test_a_decision_keeps_who_why_and_when(tmp_path: Path):
    lake = billed(tmp_path, unit(1))
    decide(lake, sheet_id=SHEET, row_id=1, **{**SAID, "reason": "  Ann was on leave "})
    (row,) = lake.read(CLAIMS).to_pylist()
    assert row == seen(
        1,
        "Bo Berg",
        event="decided",
        claimer_id="bo@example.com",
        reason="Ann was on leave",
        decided_by="office@example.com",
        run_id="claims-1",
        recorded_at_utc=datetime(2026, 3, 10, 9),  # noqa: DTZ001 - as stored
    )


def test_a_decision_for_a_week_takes_the_units_that_are_billed_or_held(tmp_path: Path):
    lake = billed(
        tmp_path,
        unit(1),
        unit(2, status="held", hold_reason="waits", amount_at_stake=1),
        unit(3, status="rejected", reject_reason="not_completed", amount_at_stake=0),
        unit(4, work_request="90002"),
        unit(5, week_ending=date(2026, 3, 15)),
        unit(6, variant="helper"),
        unit(7, claimer="Cy Cole", claimer_id="cy@example.com"),
        unit(8, claimer=None, claimer_id=None),
    )
    where: dict[str, Any] = {"work_request": "90001", "week_ending": WEEK}
    assert decide_week(lake, **where, **SAID, variants={"primary"}, claimed_by="name:ann ames") == 2
    assert sorted(counting(lake)) == [(1, "foreman"), (2, "foreman")]
    assert decide_week(lake, **where, **SAID, variants={"primary"}) == 4
    assert decide_week(lake, **where, **SAID) == 5
    assert sorted(counting(lake)) == [(row, "foreman") for row in (1, 2, 6, 7, 8)]
    with pytest.raises(ClaimRefused, match="work request 90009 has no unit that a foreman claims"):
        decide_week(lake, **{**where, "work_request": "90009"}, **SAID)


def test_what_is_no_decision_is_refused_and_not_recorded(tmp_path: Path):
    lake = billed(tmp_path, unit(1))
    for name, value in (("role", "boss"), ("claimer", " "), ("reason", ""), ("decided_by", "\t")):
        with pytest.raises(ClaimRefused, match=name.replace("_", " ")):
            decide(lake, sheet_id=SHEET, row_id=1, **{**SAID, name: value})
    with pytest.raises(ClaimRefused, match="no unit with sheet 7001 and row 99"):
        decide(lake, sheet_id=SHEET, row_id=99, **SAID)
    assert lake.log(CLAIMS).last() == 0


def test_nothing_can_be_decided_before_anything_was_billed(lake: Lake):
    with pytest.raises(MissingTable):
        decide(lake, sheet_id=SHEET, row_id=1, **SAID)


def test_only_what_keeps_the_contract_is_recorded_as_seen(lake: Lake):
    with pytest.raises(ContractBroken):
        record_seen(lake, claims(seen(1), seen(1)))
    with pytest.raises(ContractBroken):
        record_seen(lake, claims(seen(1, claimer_id="")))
    with pytest.raises(ClaimRefused):
        record_seen(lake, claims(seen(1, event="decided", reason="x", decided_by="y")))
    assert lake.log(CLAIMS).last() == 0


def test_many_claims_are_folded_in_a_moment(lake: Lake):
    many = 150_000
    columns: dict[str, Any] = {name: [value] * many for name, value in seen(1).items()}
    columns["row_id"] = range(1, many + 1)
    before = pa.table(
        [pa.array(columns[column.name], column.type) for column in CURRENT_CLAIMS.columns],
        schema=CURRENT_CLAIMS.schema,
    )
    record_seen(lake, claims(*(seen(row, "Bo Berg") for row in range(many, many + 100))))
    after, _ = fold_claims(lake, before, 0)
    assert after.num_rows == many + 99
    assert after.column("row_id").to_pylist() == list(range(1, many + 100))
    assert after.slice(many - 1, 1).to_pylist()[0]["claimer"] == "Ann Ames"
    assert after.slice(0, 1).to_pylist()[0]["recorded_at_utc"] == MONDAY
