"""A unit is in exactly one group that bears money, by conditions that are data; views show it once more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dsr_pipeline_tests.billing.billing_world import SUBCONTRACTOR, SUNDAY, BillingWorld, money, unit

HELPED = {"helper": "Bo Lind", "helper_completed": "true", "helper_dept": "2000", "helper_job": "H1"}
VAC = {"vac_crew": "VAC Tran", "vac_completed": "true", "vac_dept": "9", "vac_job": "V1"}
SUB = {"sheet_id": SUBCONTRACTOR}


def variants(world: BillingWorld) -> list[str | None]:
    return [one["variant"] for one in sorted(world.table("work_units"), key=lambda one: one["row_id"])]


def test_the_shipped_variants_take_what_they_should_and_nothing_twice(world: BillingWorld) -> None:
    report = world.bill(
        [
            unit(),
            unit(**HELPED),
            unit(**VAC),
            unit(**SUB),
            unit(**SUB, **HELPED),
            unit(**SUB, **VAC),
            unit(**VAC, **HELPED),
            unit(**HELPED | {"helper_dept": None}),
            unit(**HELPED | {"helper_completed": None}),
            unit(**HELPED | {"helper": None}),
            unit(**VAC | {"vac_completed": "false"}),
        ]
    )
    assert variants(world) == [
        "primary", "helper", "vac_crew", "subcontractor", "subcontractor_helper", "vac_crew",
        "vac_crew", "primary", "primary", "primary", "primary",
    ]  # fmt: skip
    assert report.failures == []
    money_groups = [one for one in world.groups() if one["money"]]
    assert sum(one["rows"] for one in money_groups) == 11
    assert {one["variant"] for one in world.groups() if not one["money"]} == {"contract", "contract_helper"}


def test_a_helper_s_group_shows_the_helper_s_own_department_and_job(world: BillingWorld) -> None:
    """Helper files showed the foreman's."""
    world.bill([unit(**HELPED)])
    found = world.unit()
    assert (found["dept"], found["job"], found["claimer"]) == ("2000", "H1", "Bo Lind")


def test_a_unit_that_a_helper_completed_is_nowhere_credited_to_the_foreman(world: BillingWorld) -> None:
    world.bill([unit(**SUB, **HELPED)])
    assert {one["claimer"] for one in world.groups()} == {"Bo Lind"}
    assert {one["variant"] for one in world.groups()} == {"subcontractor_helper", "contract_helper"}


def test_a_view_shows_the_unit_at_its_own_price_from_its_day_on_and_bears_no_money(
    world: BillingWorld,
) -> None:
    report = world.bill([unit(**SUB), unit(**SUB, snapshot_date="2026-04-11", reference_date="2026-04-12")])
    assert report.amount == 2 * Decimal("1143.81")
    (line,) = world.table("view_lines")
    assert (line["variant"], line["row_id"], line["amount"]) == ("contract", 1, money("1321.74"))
    assert line["rate_table"] == "price_list 2026-04-12"
    assert world.group("contract", week_ending=SUNDAY)["money"] is False


def test_a_view_never_has_an_undated_unit_of_a_dated_contract(world: BillingWorld) -> None:
    world.bill([unit(**SUB, snapshot_date=None), unit(**SUB, snapshot_date="soon")])
    assert world.table("view_lines") == []


def test_two_variants_of_one_row_differ(world: BillingWorld) -> None:
    """Two variants came out byte for byte the same, because no work type was ever understood."""
    world.bill([unit(**SUB, work_type=one) for one in ("Inst", "Rem", "Xfr")])
    billed = {one["row_id"]: one["amount"] for one in world.table("work_units")}
    shown = {one["row_id"]: one["amount"] for one in world.table("view_lines")}
    assert len(set(billed.values()) | set(shown.values())) == 6


def test_a_view_without_a_rate_shows_the_price_of_the_sheet_and_says_so(world: BillingWorld) -> None:
    world.bill([unit(**SUB, cu="X-1")])
    (line,) = world.table("view_lines")
    assert (line["amount"], line["remarks"], line["price_source"]) == (money("100"), "no_rate", "sheet")


def test_a_negotiated_rate_of_the_customer_wins_where_the_variant_says_so(world: BillingWorld) -> None:
    rate = next(one for one in world.rules.rates.table.to_pylist() if one["customer_id"])
    customer = rate["customer_id"].removeprefix("name:")
    cells = {"cu": rate["cu"], "customer": customer.title(), "quantity": "2"}
    both = [
        {"name": "negotiated", "label": "N", "suffix": "N", "claimer": "foreman",
         "when": {"equals": {"scope": ["S1"]}}, "price": {"basis": rate["basis"]}},
        {"name": "listed", "label": "L", "suffix": "L", "claimer": "foreman",
         "price": {"basis": rate["basis"], "negotiated": False}},
    ]  # fmt: skip
    world.with_rules(variants=both)
    world.bill([unit(**cells), unit(**cells, scope="S2")])
    first, second = world.unit(1), world.unit(2)
    assert (first["price_source"], first["amount"]) == ("negotiated", money(str(2 * rate["price"])))
    assert second["price_source"] != "negotiated"
    assert first["amount"] != second["amount"]


def one_variant(**given: Any) -> dict[str, Any]:
    return {"name": "own", "label": "Own", "suffix": "Own", "claimer": "foreman"} | given


def test_a_new_variant_needs_no_code_and_what_no_variant_takes_is_told(world: BillingWorld) -> None:
    conditions: dict[str, Any] = {
        "equals": {
            "customer": ["red river  POWER"],
            "source": ["primary"],
            "sheet_name": ["field sheet 101"],
        },
        "filled": ["pole", "area"],
        "rate_basis": ["PRIMARY"],
        "snapshot_from": "2026-05-05",
        "snapshot_until": "2026-05-06",
    }
    world.with_rules(variants=[one_variant(when=conditions)])
    report = world.bill(
        [
            unit(),
            unit(customer="Caddo Light"),
            unit(customer=None),
            unit(area=None),
            unit(snapshot_date="2026-05-07"),
            unit(snapshot_date="2026-05-04"),
            unit(snapshot_date=None),
            unit(**SUB),
        ]
    )
    assert variants(world)[0] == "own"
    assert (report.billable, report.reasons["no_variant"]) == (1, (7, money("700")))


def test_a_cell_that_decides_who_bills_and_shows_an_error_stops_the_row(world: BillingWorld) -> None:
    """Taken for blank it would be billed to somebody else."""
    world.bill(
        [
            unit(**HELPED | {"helper": "#NO MATCH", "errors": "helper"}),
            unit(**HELPED | {"helper_completed": "maybe"}),
            unit(helper="#NO MATCH", errors="helper"),
            unit(vac_crew="VAC Tran", vac_completed="?"),
            unit(vac_completed="?"),
        ]
    )
    found = [(one["reject_reason"], one["variant"]) for one in world.table("work_units")]
    assert found == [
        ("cell_error", None),
        ("bad_completed", None),
        (None, "primary"),  # no helper completed it, whoever is named
        ("bad_completed", None),
        (None, "primary"),  # no crew is named
    ]
    sentences = [one["sentence"] for one in world.table("rejected_units")]
    assert sentences[0].startswith("An error of Smartsheet stands in helper.")
    assert sentences[1].startswith("The box of the helping foreman says 'maybe'")
    assert sentences[2].startswith("The box of the vacuum crew says '?'")


def test_a_basis_without_any_rates_is_told(world: BillingWorld) -> None:
    world.with_rules(variants=[one_variant(price={"basis": "nowhere"})])
    report = world.bill([unit()])
    assert "no rate list names the basis 'nowhere'" in report.problems[0]
    assert report.remarks == {"no_rate": 1}


def test_texts_of_the_rules_are_data_and_never_sql(world: BillingWorld) -> None:
    odd = "O'Neil); drop table typed; --"
    world.with_rules(
        variants=[one_variant(label=odd, when={"equals": {"customer": [odd]}}, price={"basis": odd})],
        policy={"unmatched_codes": [odd]},
    )
    assert world.bill([unit(customer=odd), unit()]).billable == 1
