"""What is billed together, who claims it, and a hash that moves exactly when the workbook would."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from dsr_pipeline.billing.run import week_hashes
from dsr_pipeline.lake.contracts.billing import CLAIMS
from dsr_pipeline.text import canonical_hash
from dsr_pipeline_tests.billing.billing_world import NOW, SUNDAY, BillingWorld, money, unit


def named(name: str | None, contact: str | None = None, **cells: Any) -> dict[str, Any]:
    return unit(foreman=name, foreman_contact=contact, **cells)


def test_two_people_never_share_a_group_however_their_names_are_spelled(world: BillingWorld) -> None:
    """'A B' and 'A_B' were one file."""
    world.bill([named("A B"), named("A_B"), named("a  b"), named("A-B"), named("Ana", "ab@x.example")])
    ids = [one["group_id"] for one in world.table("work_units")]
    assert len(set(ids)) == 4
    assert ids[0] == ids[2]


def test_one_person_under_two_names_is_one_claimer(world: BillingWorld) -> None:
    world.bill([named("Jo Reyes", "Jo.Reyes@x.example"), named("J. Reyes", "jo.reyes@x.example")])
    (group,) = world.groups()
    assert (group["claimer_id"], group["rows"]) == ("jo.reyes@x.example", 2)


def test_the_assigned_foreman_claims(world: BillingWorld) -> None:
    world.bill(
        [
            unit(foreman_assigned="Lee Boyd", foreman_assigned_contact="lee@x.example"),
            unit(foreman_assigned="Kit"),
        ]
    )
    found = [(one["foreman"], one["claimer_id"]) for one in world.table("work_units")]
    assert found == [("Lee Boyd", "lee@x.example"), ("Kit", "name:kit")]


def test_what_nobody_claims_is_one_group_that_waits_for_a_name(world: BillingWorld) -> None:
    """Thousands of rows were frozen as Unknown Foreman, and that text beat the later name."""
    world.bill([named(None), named("TBD"), named("Unknown Foreman")])
    (group,) = world.groups()
    assert (group["claimer"], group["claimer_id"], group["rows"]) == (None, None, 3)
    assert world.lake.log(CLAIMS).last() == 0
    report = world.bill([named("Jo"), named("TBD"), named("Jo")])
    assert report.claims_seen == 2
    assert sorted((one["claimer"] or "", one["rows"]) for one in world.groups()) == [("", 1), ("Jo", 2)]


def test_who_was_seen_first_keeps_the_claim_and_the_change_is_told(world: BillingWorld) -> None:
    world.bill([named("Jo", "jo@x.example")])
    before = world.group()
    report = world.bill([named("Eve", "eve@x.example")])
    assert report.claims_seen == 0
    found = world.unit()
    assert (found["claimer"], found["claimer_id"], found["foreman"]) == ("Jo", "jo@x.example", "Eve")
    assert found["remarks"] == "claim_changed"
    assert world.group()["group_id"] == before["group_id"]


def test_a_name_that_goes_away_leaves_the_claim(world: BillingWorld) -> None:
    world.bill([named("Jo")])
    world.bill([named(None)])
    assert (world.unit()["claimer"], world.unit()["remarks"]) == ("Jo", None)


def test_only_what_is_billed_is_claimed(world: BillingWorld) -> None:
    assert world.bill([unit(completed="false"), unit(price="x"), unit()]).claims_seen == 1


def test_the_content_hash_is_the_canonical_one(world: BillingWorld) -> None:
    world.bill([unit(), unit(price="5")])
    group = world.group()
    lines = sorted(one["line_hash"] for one in world.table("work_units"))
    expected = canonical_hash(
        "group content",
        "layout 1",
        "90001",
        SUNDAY,
        "primary",
        "Foreman",
        "Jo Reyes",
        "USD",
        True,
        hashlib.sha256("".join(lines).encode()).hexdigest(),
        None,
    )
    assert group["content_hash"] == expected
    assert group["group_id"] == canonical_hash(
        "work group", "90001", SUNDAY, "primary", "jo.reyes@field.example"
    )


SHOWN = (
    {"price": "101"}, {"quantity": "2"}, {"snapshot_date": "2026-05-07"}, {"pole": "10-99"},
    {"cu": "POL-A-45"}, {"cu_description": "x"}, {"work_type": "Rem"}, {"uom": "FT"}, {"dept": "1"},
    {"job": "J"}, {"work_order": "D"}, {"scope": "S"}, {"customer": "C"}, {"area": "A"},
    {"foreman": "Eve", "foreman_contact": "e@x.example"}, {"reference_date": "2026-05-08"},
)  # fmt: skip
UNSEEN = (
    {"row_number": 9}, {"modified_at_utc": datetime(2026, 5, 9)}, {"modified_by": "a@x.example"},  # noqa: DTZ001 - UTC
    {"extras": '{"Remarks":"x"}'}, {"price": "$100.00"}, {"quantity": "1 EA"}, {"formulas": "price"},
)  # fmt: skip


def test_the_content_hash_moves_with_everything_that_is_shown_and_nothing_else(world: BillingWorld) -> None:
    """Edits on rows that were not the first went unnoticed; a quantity of 2 or 2.0 was a change."""
    cells = [*SHOWN, *UNSEEN]

    def rows(changed: bool) -> list[dict[str, Any]]:
        groups = range(len(cells))
        return [
            unit(row_id=2 * place + nth + 1, work_request=f"9{place}", pole=f"{place}-{nth}")
            | (cells[place] if changed and nth else {})
            for place in groups
            for nth in (0, 1)
        ]

    world.bill(rows(False))
    before = {one["work_request"]: one["content_hash"] for one in world.groups()}
    world.bill(rows(True))
    after = {one["work_request"]: one["content_hash"] for one in world.groups()}
    moved = [name for name in before if before[name] != after[name]]
    assert sorted(moved) == sorted(f"9{place}" for place in range(len(SHOWN)))


def test_a_row_under_a_separator_is_another_row(world: BillingWorld) -> None:
    """'a|b','c' and 'a','b|c' had one hash."""
    world.bill(
        [unit(dept="a|b", job="c", row_id=1, pole="1"), unit(work_request="90002", dept="a", job="b|c")]
    )
    assert len({one["content_hash"] for one in world.groups()}) == 2


def test_another_layout_is_another_content_of_every_group(world: BillingWorld) -> None:
    world.bill([unit(), unit(work_request="90002")])
    before = {one["content_hash"] for one in world.groups()}
    world.with_layout("layout 2")
    assert not world.bill().unchanged
    assert not before & {one["content_hash"] for one in world.groups()}


def test_exceptions_are_of_the_work_request_and_week_and_move_the_hash(world: BillingWorld) -> None:
    rows = [
        unit(),
        unit(snapshot_date=None),
        unit(price="x"),
        unit(reference_date=None),
        unit(completed="false"),
        unit(reference_date=None, completed="false"),
        unit(reference_date="2026-05-17", snapshot_date="2026-05-13", price="y"),
        unit(work_request="90002"),
    ]
    world.bill(rows)
    group = world.group(work_request="90001")
    assert (group["rows"], group["undated"], group["exceptions"]) == (2, 1, 3)
    assert group["exceptions_amount"] == money("1421.74")
    assert world.group(work_request="90002")["exceptions"] == 0
    before = world.group(work_request="90001")["content_hash"]
    rows[2] = unit(price="another word")
    world.bill(rows)
    assert world.group(work_request="90001")["content_hash"] != before


def test_the_instant_of_the_data_stays_while_the_content_does(world: BillingWorld) -> None:
    rows = [unit(), unit(work_request="90002")]
    world.bill(rows)
    later = NOW + timedelta(days=1)
    world.bill([unit(), unit(work_request="90002", price="1")], at=later)
    assert world.group(work_request="90001")["data_as_of_utc"] == NOW
    assert world.group(work_request="90002")["data_as_of_utc"] == later


@pytest.mark.parametrize(("hour", "closed"), [(4, False), (5, True)])
def test_a_week_is_closed_when_its_last_day_has_ended_at_the_office(
    world: BillingWorld, hour: int, closed: bool
) -> None:
    world.bill([unit()], at=datetime(2026, 5, 11, hour, 0))  # noqa: DTZ001 - UTC
    assert world.group()["closed"] is closed


def test_a_unit_that_moves_changes_the_week_that_it_left_too(world: BillingWorld) -> None:
    """An automation stamped units anew and moved what was billed into another week."""
    rows = [unit(), unit(), unit(reference_date="2026-05-17", snapshot_date="2026-05-13")]
    world.bill(rows)
    before = week_hashes(world.lake)
    rows[1] = unit(reference_date="2026-05-17", snapshot_date="2026-05-13")
    world.bill(rows)
    after = week_hashes(world.lake)
    assert before.keys() == after.keys()
    assert all(before[week] != after[week] for week in before)
    assert after == {one.week_ending: one.hash for one in world.report.weeks}


def test_work_requests_that_only_look_alike_stay_apart(world: BillingWorld) -> None:
    """Numbers that were alike once cleaned for a file name posted to the wrong row."""
    world.bill([unit(work_request=one) for one in ("90001", "90001-A", "90001_A", "90001 A", "090001")])
    assert len(world.groups()) == 5
