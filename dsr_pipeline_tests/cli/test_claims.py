"""`dsr claims`: the list of who claimed what, and a person's decision."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dsr_pipeline.billing.claims import record_seen
from dsr_pipeline.lake.contracts.billing import CLAIMS
from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.billing.claimed import SHEET, billed, claims, seen, unit
from dsr_pipeline_tests.cli.conftest import Dsr

DECIDED = ("--role", "foreman", "--name", "Bo  Berg", "--reason", "on leave", "--by", "office@example.com")


@pytest.fixture
def lake(home: Path, project: Path) -> Lake:
    """A home with three units of one week, two of which were seen."""
    (home / "rules" / "billing").mkdir()
    shutil.copy(project / "rules/billing/variants.yaml", home / "rules/billing/variants.yaml")
    made = billed(home / "data/lake", unit(1), unit(2, claimer="Cy", claimer_id="name:cy"), unit(3))
    record_seen(made, claims(seen(1), seen(2, "Cy")))
    return made


def test_a_decision_shows_at_once_and_the_first_sight_is_kept(dsr: Dsr, lake: Lake):
    said = dsr("claims", "decide", SHEET, 2, *DECIDED, "--to", "Bo@Example.com")
    assert said.code == 0
    assert "1 unit: foreman is Bo Berg (bo@example.com)" in said.out
    listed = dsr("claims", "list", "--json").json
    assert [(one["row_id"], one["claimer"], one["event"], one["reason"]) for one in listed] == [
        (1, "Ann Ames", "seen", None),
        (2, "Bo Berg", "decided", "on leave"),
    ]
    assert lake.read(CLAIMS).num_rows == 3
    assert "2 claims: 1 as first seen, 1 decided" in dsr("claims", "list").out


def test_a_week_is_decided_by_any_of_its_days(dsr: Dsr, lake: Lake):
    week = ("--work-request", "90001", "--week", "2026-03-04")
    said = dsr("claims", "decide", *week, "--from", "ANN ames", *DECIDED, "--json")
    assert said.json == {"units": 2, "claimer": "Bo Berg", "claimer_id": "name:bo berg"}
    listed = dsr("claims", "list", *week, "--json").json
    assert [one["claimer"] for one in listed] == ["Bo Berg", "Cy", "Bo Berg"]
    assert dsr("claims", "list", "--week", "2026-03-09", "--json").json == []
    assert dsr("claims", "list", "--work-request", "90002", "--json").json == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((SHEET,), "name the units"),
        ((SHEET, 1, "--week", "2026-03-08"), "name the units"),
        (("--work-request", "90001"), "name the units"),
        (("--work-request", "90001", "--week", "46000"), "--week: '46000' is no day"),
        (("--work-request", "90001", "--week", "2026-03-15"), "has no unit"),
        ((SHEET, 9), "there is no unit with sheet 7001 and row 9"),
        ((SHEET, 1, "--to", "bo"), "--to: 'bo' is no mail address"),
        ((SHEET, 1, "--name", "unknown  foreman"), "stands for nobody"),
        ((SHEET, 1, "--name", " "), "--name is blank"),
        ((SHEET, 1, "--role", "boss"), "'boss' is no role"),
        ((SHEET, 1, "--reason", " "), "the reason is blank"),
    ],
)
def test_what_cannot_be_decided_is_told(dsr: Dsr, lake: Lake, words: tuple[object, ...], told: str):
    said = dsr("claims", "decide", *DECIDED, *words)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert lake.read(CLAIMS).num_rows == 2


def test_before_anything_was_billed_the_list_is_empty(dsr: Dsr, home: Path):
    said = dsr("claims", "list")
    assert (said.code, said.out.strip()) == (0, "0 claims: 0 as first seen, 0 decided")
    assert dsr("claims", "decide", SHEET, 1, *DECIDED).code == 2
