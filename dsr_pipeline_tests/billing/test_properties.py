"""Whatever the cells hold: every row is judged, every sum ties, and neither order nor repetition matters."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.billing.billing_world import BillingWorld, hold, unit

ODD = (
    None,
    "#NO MATCH",
    "inf",
    "'",
    "{}",
    "a,b",
    "−5",
    "(1)",
    "1e9",
    "0",
    "-0.00",
    "99999999999.994",
    "\U0001f600",
)
"""A canonical text is never blank, so none of these is."""

CELLS: dict[str, tuple[str | None, ...]] = {
    "work_request": ("90001", "90002", *ODD[:4]),
    "reference_date": ("2026-05-10", "2026-05-17", "5/6/26", "2026-05-10T04:00:00Z", *ODD),
    "snapshot_date": ("2026-05-06", "2026-04-01", *ODD),
    "completed": ("true", "false", "yes", *ODD),
    "price": ("100", "$1,234.505", "(3)", "-7.25", "12 USD", *ODD),
    "quantity": ("1", "2 EA", "-3", "0.333333333", "12345678901", *ODD),
    "cu": ("POL-A-3", "pol-a-45", *ODD),
    "pole": ("10-1", "10-2", None),
    "work_type": ("Inst", "Rem", "Swap", *ODD),
    "scope": ("S1", None),
    "foreman": ("Jo Reyes", "A_B", "A B", "TBD", *ODD),
    "foreman_contact": ("jo@x.example", None),
    "helper": ("Bo", None, *ODD),
    "helper_completed": ("true", None, "?"),
    "helper_dept": ("7", None),
    "vac_crew": ("VAC", None),
    "vac_completed": ("true", None, "maybe"),
    "errors": (None, "cu", "price,quantity", "helper", "completed"),
    "extras": (None, '{"Credit Reason":"wrong pole"}', '{"Comments":{"v":1,"d":"one"}}'),
}


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of two sheets, most cells plain, some odd."""
    made: list[dict[str, Any]] = []
    for number in range(1, draw(st.integers(5, 60)) + 1):
        changed = draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=4, unique=True))
        cells: dict[str, Any] = {name: draw(st.sampled_from(CELLS[name])) for name in changed}
        cells.setdefault("pole", draw(st.sampled_from(CELLS["pole"])))
        made.append(
            unit(row_id=number, row_number=number, sheet_id=draw(st.sampled_from((101, 202)))) | cells
        )
    return made


def tables(world: BillingWorld) -> list[list[dict[str, Any]]]:
    names = ("work_units", "rejected_units", "view_lines", "work_groups", "current_claims")
    return [world.table(name) for name in names]


PHASES = [Phase.explicit, Phase.generate]
"""An example takes a second, and shrinking one would take minutes."""


@settings(max_examples=6, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(given_rows=rows(), shuffled=st.randoms(use_true_random=False), held=st.booleans())
def test_every_row_is_judged_and_every_sum_ties_in_any_order(
    given_rows: list[dict[str, Any]], shuffled: Any, held: bool
) -> None:
    holds = [hold("90002")] if held else []
    with tempfile.TemporaryDirectory() as name:
        world = BillingWorld(Lake(Path(name) / "one"))
        report = world.bill(given_rows, holds=holds)
        assert report.failures == []
        units = world.table("work_units")
        assert len(units) == len(given_rows) == report.rows
        for status in ("billable", "rejected", "held"):
            assert getattr(report, status) == sum(one["status"] == status for one in units)
        billed = [one for one in units if one["status"] == "billable"]
        assert report.amount == sum((one["amount"] for one in billed), Decimal(0))
        assert all(one["amount"] == round(one["amount"], 2) and one["amount"] for one in billed)
        alone = [identity(one) for one in billed if "possible_duplicate" not in (one["remarks"] or "")]
        alone = [one for one in alone if one is not None]
        assert len(alone) == len(set(alone))

        again = list(given_rows)
        shuffled.shuffle(again)
        other = BillingWorld(Lake(Path(name) / "two"))
        other.bill(again, holds=holds)
        assert tables(other) == tables(world)


def identity(one: dict[str, Any]) -> tuple[Any, ...] | None:
    """What makes two rows one unit; None where they are never compared."""
    if not one["pole"] or not one["cu"]:
        return None
    names = [(one[name] or "").upper() for name in ("work_request", "pole", "cu", "scope")]
    done = one["action"] or (one["work_type"] or "").lower()
    return (*names, one["week_ending"], done, "credit" in (one["remarks"] or ""))
