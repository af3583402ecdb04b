"""What a sync reads, records and makes of it, when nothing goes wrong."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest

from dsr_pipeline.lake.contracts.smartsheet import CONTRACTS, RUNS
from dsr_pipeline.smartsheet import raw
from dsr_pipeline_tests.smartsheet.account import COLUMNS, RULES, Account, column_rules, source_rules, unit


def test_a_first_sync_knows_every_row(account: Account) -> None:
    sheet = account.sheet(rows=7)
    report = account.sync()
    assert report.exit_code == 0
    assert (report.read, report.rows_seen, report.rows_removed) == (1, 7, 0)
    assert account.known() == {(sheet.id, row) for row in sheet.rows}
    rows = account.rows()
    assert [rows[row]["work_request"] for row in sheet.rows] == ["90000000"] * 7
    assert [rows[row]["price"] for row in sheet.rows[:3]] == ["10.5", "21", "31.5"]
    assert {row["completed"] for row in rows.values()} == {"true"}
    assert json.loads(rows[sheet.rows[0]]["extras"]) == {"Remarks": "unit 0"}
    (entry,) = account.lake.read("smartsheet/sheets").to_pylist()
    assert (entry["status"], entry["total_row_count"], entry["live_rows"]) == ("read", 7, 7)


def test_every_table_keeps_its_contract(account: Account) -> None:
    account.sheet()
    account.sync()
    for contract in CONTRACTS:
        assert account.lake.read(contract).schema == contract.schema


def test_an_unchanged_account_costs_one_call_and_records_only_the_run(account: Account) -> None:
    for number in range(5):
        account.sheet(f"Sheet {number}")
    account.sync()
    before = account.lake.read("smartsheet/row_versions")
    account.stand_in.forget()
    report = account.sync()
    assert account.calls() == ["GET /sheets"]
    assert (report.read, report.unchanged, report.rows_seen, report.exit_code) == (0, 5, 0, 0)
    assert account.lake.read("smartsheet/row_versions").equals(before)
    assert account.lake.read(RUNS)["status"].to_pylist() == ["done", "done"]


def test_only_what_changed_is_fetched_and_recorded(account: Account) -> None:
    sheets = [account.sheet(f"Sheet {number}", rows=20) for number in range(4)]
    account.sync()
    account.set(sheets[2], sheets[2].rows[0], Quantity=98)
    account.sync()
    account.set(sheets[2], sheets[2].rows[5], Quantity=99)
    account.stand_in.forget()
    report = account.sync()
    assert account.calls() == ["GET /sheets", f"GET /sheets/{sheets[2].id}"]
    assert (report.read, report.unchanged, report.rows_seen) == (1, 3, 1)
    (read,) = [one for one in account.lake.read("smartsheet/sheet_reads").to_pylist() if one["run_seq"] == 3]
    assert (read["mode"], read["rows_received"]) == ("changes", 2)  # the overlap brings the last one again
    assert account.rows()[sheets[2].rows[5]]["quantity"] == "99"
    assert account.lake.read("smartsheet/rows").num_rows == 80


def test_every_version_of_a_row_is_kept_also_one_that_comes_back(account: Account) -> None:
    sheet = account.sheet()
    row = sheet.rows[0]
    account.sync()
    for quantity in (2, 1):
        account.set(sheet, row, Quantity=quantity)
        account.sync()
    versions = account.versions(row)
    assert [json.loads(one["cells"])[str(sheet.columns["Quantity"])] for one in versions] == [1, 2, 1]
    assert versions[0]["row_hash"] == versions[2]["row_hash"] != versions[1]["row_hash"]
    assert [one["run_seq"] for one in versions] == [1, 2, 3]
    assert versions[0]["modified_at_utc"] < versions[1]["modified_at_utc"] < versions[2]["modified_at_utc"]


def test_an_edit_that_was_taken_back_between_two_syncs_is_recorded_with_who_and_when(
    account: Account,
) -> None:
    sheet = account.sheet()
    row = sheet.rows[0]
    account.sync()
    account.set(sheet, row, Quantity=7)
    account.set(sheet, row, Quantity=1)
    account.sync()
    first, second = account.versions(row)
    assert first["cells"] == second["cells"]
    assert second["modified_at_utc"] > first["modified_at_utc"]
    assert second["modified_by"] == "etl.reader@example.com"


def test_what_was_received_is_kept_under_its_hash(account: Account) -> None:
    sheet = account.sheet()
    account.sync()
    (version, *_) = account.versions(sheet.rows[0])
    body = json.loads(raw.read(account.lake.storage, version["raw_sha256"]))
    assert body["id"] == sheet.id
    assert {row["id"] for row in body["rows"]} == set(sheet.rows)


def test_deleted_rows_are_found_gone_by_reading_one_column(account: Account) -> None:
    sheet = account.sheet(rows=9)
    account.sync()
    account.delete(sheet, sheet.rows[3], sheet.rows[4])
    account.stand_in.forget()
    report = account.sync()
    assert report.rows_removed == 2
    assert account.known() == {(sheet.id, row) for row in sheet.rows if row not in sheet.rows[3:5]}
    assert account.versions(sheet.rows[3])[-1]["event"] == "removed"
    assert len(account.calls()) == 3
    assert not set(sheet.rows[3:5]) & set(account.rows())


def test_a_row_for_a_row_does_not_hide_the_deleted_one(account: Account) -> None:
    sheet = account.sheet(rows=5)
    account.sync()
    account.delete(sheet, sheet.rows[0])
    new = account.add(sheet, {"Work Request #": 91, "Quantity": 1})
    account.sync()
    assert account.known() == {(sheet.id, row) for row in [*sheet.rows[1:], new]}


def test_blank_rows_are_rows(account: Account) -> None:
    sheet = account.sheet(rows=3)
    account.sync()
    account.stand_in.http("POST", f"/sheets/{sheet.id}/rows", json=[{"toBottom": True, "cells": []}])
    account.set(sheet, sheet.rows[0], Quantity=8)
    report = account.sync()
    assert report.exit_code == 0
    assert len(account.known()) == 4
    account.sync()
    assert len(account.known()) == 4


def test_a_change_that_moves_no_version_is_found_within_a_week(account: Account) -> None:
    """A formula that was calculated anew without anybody's edit: the daily turn of full reads sees it."""
    sheets = [account.sheet(f"Sheet {number}", rows=2) for number in range(9)]
    account.sync()
    with account.stand_in.store.writing() as db:
        for sheet in sheets:
            key = str(sheet.columns["Units Total Price"])
            db.execute(
                "UPDATE rows SET cells = json_set(cells, ?, 77) WHERE sheet_id = ?",
                (f'$."{key}".value', sheet.id),
            )
    assert account.sync().rows_seen in range(19)
    per_day: list[int] = []
    for _ in range(7):
        account.now += timedelta(days=1) - timedelta(hours=2)
        per_day.append(account.sync().read)
    assert {row["price"] for row in account.rows().values()} == {"77"}
    assert sum(per_day) <= 9 + 9
    assert max(per_day) < 9


def test_a_sheet_that_is_new_in_the_workspace_is_read_at_the_next_sync(account: Account) -> None:
    account.sheet("First")
    account.sync()
    second = account.sheet("Second", rows=3)
    account.sync()
    assert {row for sheet, row in account.known() if sheet == second.id} == set(second.rows)


def test_pages_are_read_to_the_end(account: Account) -> None:
    account.sources = source_rules(
        sources=[{"name": "field", "workspace": "Field billing"}], reading={"page_size": 4}
    )
    sheet = account.sheet(rows=10)
    account.sync()
    assert account.known() == {(sheet.id, row) for row in sheet.rows}
    account.set(sheet, sheet.rows[9], Quantity=44)
    account.delete(sheet, sheet.rows[0])
    account.sync()
    assert account.rows()[sheet.rows[9]]["quantity"] == "44"
    assert len(account.known()) == 9


def test_errors_and_free_text_in_typed_columns_are_kept_and_named(account: Account) -> None:
    sheet = account.sheet(
        rows=[
            unit(0) | {"Units Total Price": {"value": "#NO MATCH", "formula": "=VLOOKUP(1, 2, 3)"}},
            unit(1) | {"Weekly Reference Logged Date": "next week", "Units Completed?": "yes"},
            unit(2) | {"Foreman": {"value": "ann@example.com", "displayValue": "Ann Example"}},
        ]
    )
    report = account.sync()
    first, second, third = (account.rows()[row] for row in sheet.rows)
    assert (first["price"], first["errors"], first["formulas"]) == ("#NO MATCH", "price", "price")
    assert (second["reference_date"], second["completed"]) == ("next week", "yes")
    assert (third["foreman"], third["foreman_contact"]) == ("Ann Example", "ann@example.com")
    assert next(iter(report.sheets.values())).error_cells == 1


def test_several_values_in_a_cell_are_read_as_such_and_asked_for_only_there(account: Account) -> None:
    plain = account.sheet("Plain")
    several = {
        "objectType": "MULTI_CONTACT",
        "values": [
            {"objectType": "CONTACT", "email": "bo@example.com", "name": "Bo"},
            {"objectType": "CONTACT", "email": "ann@example.com", "name": "Ann"},
        ],
    }
    columns = [
        one if one != ("Foreman", "CONTACT_LIST") else ("Foreman", "MULTI_CONTACT_LIST") for one in COLUMNS
    ]
    crowd = account.sheet("Crowd", rows=[unit(0)], columns=columns)
    body = [{"id": crowd.rows[0], "cells": [{"columnId": crowd.columns["Foreman"], "objectValue": several}]}]
    answer = account.stand_in.http("PUT", f"/sheets/{crowd.id}/rows", json=body)
    assert answer.status_code == 200, answer.text
    account.stand_in.forget()
    assert account.sync().exit_code == 0
    row = account.rows()[crowd.rows[0]]
    assert (row["foreman"], row["foreman_contact"]) == ("Bo, Ann", "ann@example.com, bo@example.com")
    assert account.calls().count(f"GET /sheets/{crowd.id}") == 1
    before = account.versions(plain.rows[0])
    account.sync(full=True)
    assert account.versions(plain.rows[0]) == before
    account.set(crowd, crowd.rows[0], Quantity=3)
    account.stand_in.forget()
    assert account.sync().rows_seen == 1
    assert account.calls().count(f"GET /sheets/{crowd.id}") == 1


def test_the_billing_hash_moves_with_what_is_billed_and_with_nothing_else(account: Account) -> None:
    sheet = account.sheet(rows=1)
    row = sheet.rows[0]
    account.sync()
    before = account.rows()[row]
    account.set(sheet, row, Remarks="another remark", **{"Units Total Price": "$10.50"})
    account.sync()
    cosmetic = account.rows()[row]
    assert cosmetic["billing_hash"] == before["billing_hash"]
    assert cosmetic["row_hash"] != before["row_hash"]
    account.set(sheet, row, **{"Units Total Price": "$10.51"})
    account.sync()
    assert account.rows()[row]["billing_hash"] != before["billing_hash"]


def test_rules_that_name_more_columns_show_old_rows_anew_without_a_call(account: Account) -> None:
    sheet = account.sheet(rows=2)
    account.sync()
    account.columns = column_rules(
        {"columns": RULES["columns"] | {"cu_description": {"titles": ["Remarks"]}}}
    )
    account.stand_in.forget()
    report = account.sync()
    assert account.calls() == ["GET /sheets"]
    assert report.rows_seen == 0
    assert account.rows()[sheet.rows[1]]["cu_description"] == "unit 1"
    assert account.rows()[sheet.rows[1]]["extras"] is None


def test_a_sheet_that_the_rules_ignore_leaves_the_tables_and_its_versions_stay(account: Account) -> None:
    sheet = account.sheet("Templates", rows=3)
    kept = account.sheet("Work", rows=2)
    account.sync()
    account.sources = source_rules(ignore=[{"sheet": sheet.id, "reason": "a template"}])
    report = account.sync()
    assert report.exit_code == 0
    assert {one for one, _ in account.known()} == {kept.id}
    assert set(account.rows()) == set(kept.rows)
    assert report.sheets[sheet.id].status == "ignored"
    assert [one["event"] for one in account.versions(sheet.rows[0])] == ["seen", "removed"]
    account.sources = source_rules()
    account.sync()
    assert len(account.known()) == 5


def test_another_price_basis_of_a_source_reaches_the_catalogue(
    account: Account,
) -> None:
    sheet = account.sheet()
    account.sync()
    place = {"name": "field", "workspace": "Field billing", "rate_basis": "subcontractor"}
    account.sources = source_rules(sources=[place])
    assert account.sync().sheets[sheet.id].rate_basis == "subcontractor"
    assert account.lake.read("smartsheet/sheets")["rate_basis"].to_pylist() == ["subcontractor"]
    account.stand_in.forget()
    account.sync()
    assert account.calls() == ["GET /sheets"]


def test_the_cursor_is_what_was_seen_and_never_the_local_clock(account: Account) -> None:
    """A machine whose clock is a year ahead, then years behind, loses nothing."""
    sheet = account.sheet(rows=4)
    account.now += timedelta(days=365)
    account.sync()
    account.set(sheet, sheet.rows[1], Quantity=41)
    account.sync()
    account.now -= timedelta(days=2000)
    account.set(sheet, sheet.rows[2], Quantity=42)
    account.sync()
    rows = account.rows()
    assert (rows[sheet.rows[1]]["quantity"], rows[sheet.rows[2]]["quantity"]) == ("41", "42")
    newest = max(row["modified_at_utc"] for row in rows.values())
    assert account.lake.read("smartsheet/sheets")["cursor_utc"].to_pylist() == [newest]


def test_edits_within_one_second_are_not_lost(account: Account) -> None:
    """Times have whole seconds: an edit in the second of the newest one seen comes with the overlap."""
    sheet = account.sheet(rows=4)
    account.set(sheet, sheet.rows[0], Quantity=50)
    account.now += timedelta(hours=2)
    at = account.stand_in.clock.now()
    account.sync()
    account.stand_in.clock.set(at)
    account.set(sheet, sheet.rows[1], Quantity=51)
    account.sync()
    assert account.rows()[sheet.rows[1]]["quantity"] == "51"


def test_a_list_that_lags_behind_delays_a_change_and_loses_none(
    stand_in_factory: object, tmp_path: object
) -> None:
    from dsr_pipeline.lake.store import Lake

    stand_in = stand_in_factory(list_lag_seconds=65)  # type: ignore[operator]
    account = Account(stand_in, Lake(tmp_path / "lake"))  # type: ignore[operator]
    sheet = account.sheet(rows=3)
    stand_in.clock.advance(120)
    account.sync()
    stand_in.clock.advance(120)
    account.set(sheet, sheet.rows[0], Quantity=60)
    account.sync()
    assert account.rows()[sheet.rows[0]]["quantity"] == "1"
    stand_in.clock.advance(10)
    account.sync()
    assert account.rows()[sheet.rows[0]]["quantity"] == "60"
    account.stand_in.forget()
    account.sync()
    assert len(account.calls()) <= 2


@pytest.mark.parametrize(
    "seed", [0, 1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]
)
def test_any_past_run_can_be_rebuilt_exactly(account: Account, seed: int) -> None:
    """Random work of an office, a sync now and then: each sync's rows come back from the log as they were."""
    chance = random.Random(seed)
    sheets = [account.sheet(f"Sheet {number}", rows=5) for number in range(3)]
    live = {sheet.id: list(sheet.rows) for sheet in sheets}
    told: dict[int, dict[tuple[int, int], str]] = {}
    for _ in range(6):
        for _ in range(chance.randrange(6)):
            sheet = chance.choice(sheets)
            rows = live[sheet.id]
            act = chance.random()
            if act < 0.25 or not rows:
                rows.append(account.add(sheet, {"Work Request #": chance.randrange(99), "Quantity": 1}))
            elif act < 0.45:
                account.delete(sheet, rows.pop(chance.randrange(len(rows))))
            else:
                account.set(sheet, chance.choice(rows), Quantity=chance.choice([1, 2, "", "2 EA", 3.25]))
            account.stand_in.clock.advance(chance.randrange(3))
        report = account.sync()
        assert report.exit_code == 0
        told[report.run_seq] = account.as_of(report.run_seq)
        live_now = account.live()
        assert account.known() == set(live_now)
        for key, cells in told[report.run_seq].items():
            assert _plain(json.loads(cells)) == {c: cell["value"] for c, cell in live_now[key].items()}
    for seq, rows in told.items():
        assert account.as_of(seq) == rows
    assert {key: row["row_hash"] for key, row in _state(account).items()} == {
        (one["sheet_id"], one["row_id"]): one["row_hash"]
        for one in account.lake.read("smartsheet/row_state").to_pylist()
    }


def _state(account: Account) -> dict[tuple[int, int], dict[str, str]]:
    newest: dict[tuple[int, int], dict[str, str]] = {}
    for one in account.lake.read("smartsheet/row_versions").to_pylist():
        newest[(one["sheet_id"], one["row_id"])] = one
    return {key: one for key, one in newest.items() if one["event"] == "seen"}


def _plain(cells: dict[str, object]) -> dict[str, object]:
    return {key: held["v"] if isinstance(held, dict) else held for key, held in cells.items()}
