"""One unit is billed once, whatever sheets it stands on; two units that look alike are not lost."""

from __future__ import annotations

from typing import Any

import pytest

from dsr_pipeline_tests.billing.billing_world import SUBCONTRACTOR, BillingWorld, money, unit

OTHER = {"sheet_id": 303}
VAC = {"vac_crew": "VAC Tran", "vac_completed": "true", "vac_dept": "9"}


def same(**cells: Any) -> dict[str, Any]:
    """A copy of one unit: the same pole."""
    return unit(pole="10-7", **cells)


def billed(world: BillingWorld) -> list[int]:
    return [one["row_id"] for one in world.table("work_units") if one["status"] == "billable"]


def test_a_unit_on_two_sheets_is_billed_once_and_the_other_row_is_listed(world: BillingWorld) -> None:
    """It was billed twice, 3,925.11."""
    report = world.bill([same(), same(**OTHER)])
    assert billed(world) == [1]
    assert report.reasons == {"duplicate": (1, money("100"))}
    (told,) = world.table("rejected_units")
    assert (told["duplicate_of_sheet_id"], told["duplicate_of_row_id"]) == (101, 1)
    assert "billed by Field sheet 101, row 1" in told["sentence"]
    assert world.group()["exceptions"] == 1
    assert world.group()["exceptions_amount"] == money("100")


@pytest.mark.parametrize(
    "other",
    [
        {"work_request": "90002"},
        {"reference_date": "2026-05-17"},
        {"pole": "10-8"},
        {"cu": "POL-A-45"},
        {"work_type": "Rem"},
        {"scope": "S2"},
        {"scope": None},
        {"price": "-100"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_unit_is_another_line(world: BillingWorld, other: dict[str, Any]) -> None:
    """A removal by the vacuum crew took the foreman's installation of the same code on the same pole."""
    world.bill([same(), same(**OTHER) | other])
    assert billed(world) == [1, 2]
    assert all("possible_duplicate" not in (one["remarks"] or "") for one in world.table("work_units"))


def test_case_and_spelling_of_the_work_done_do_not_make_another_unit(world: BillingWorld) -> None:
    world.bill([same(), same(**OTHER, cu="pol-a-3", work_type="Installation")])
    assert billed(world) == [1]


def test_the_first_variant_of_the_file_bills_it(world: BillingWorld) -> None:
    world.bill([same(), same(**OTHER, **VAC), same(sheet_id=SUBCONTRACTOR)])
    assert billed(world) == [2]
    assert {one["variant"] for one in world.groups()} == {"vac_crew"}


def test_an_unchecked_claim_of_the_vacuum_crew_takes_nothing(world: BillingWorld) -> None:
    world.bill([same(), same(**OTHER, vac_crew="VAC Tran", completed="false", vac_completed="true")])
    assert billed(world) == [1]


def test_rows_of_one_sheet_that_differ_are_two_units_with_a_remark(world: BillingWorld) -> None:
    world.bill([same(), same(price="120"), same(price="120", quantity="2"), same()])
    assert billed(world) == [1, 2, 3]
    assert world.unit(4)["duplicate_of_row_id"] == 1
    assert [world.unit(row)["remarks"] for row in (1, 2, 3)] == ["possible_duplicate"] * 3


def test_the_sheet_of_the_best_row_bills_all_its_own(world: BillingWorld) -> None:
    world.bill([same(), same(price="120"), same(**OTHER)])
    assert billed(world) == [1, 2]
    assert world.unit(3)["duplicate_of_row_id"] == 1


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"other_sheet": "bill_all"}, [1, 2, 4]),
        ({"same_sheet": "bill_one"}, [1]),
        ({"same_sheet": "bill_all"}, [1, 2, 3]),
        ({"other_sheet": "bill_all", "same_sheet": "bill_all"}, [1, 2, 3, 4]),
        ({"prefer": ["newest"]}, [4]),
        ({"prefer": ["largest"]}, [1, 2]),
        ({"needs": ["pole", "cu", "action"]}, [1, 2]),
    ],
    ids=str,
)
def test_the_policy_decides(world: BillingWorld, policy: dict[str, Any], expected: list[int]) -> None:
    world.with_rules(policy={"duplicates": policy})
    newest = world.now.replace(tzinfo=None)
    report = world.bill([same(), same(price="120"), same(), same(**OTHER, modified_at_utc=newest)])
    assert billed(world) == expected
    assert report.failures == []


def test_what_is_needed_and_missing_makes_no_duplicate(world: BillingWorld) -> None:
    world.bill([unit(pole=None), unit(pole=None, **OTHER)])
    assert billed(world) == [1, 2]


def test_a_row_that_is_not_billed_anyway_takes_nothing_from_another(world: BillingWorld) -> None:
    world.bill([same(price="x"), same(**OTHER)])
    assert billed(world) == [2]
