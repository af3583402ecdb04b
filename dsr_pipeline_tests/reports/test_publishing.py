"""Publishing against the stand-in: every report on every row of it once, and never missing meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.reports.office import Office
from dsr_pipeline_tests.standin import StandIn, stand_in, stand_in_factory

__all__ = ["stand_in", "stand_in_factory"]


@pytest.fixture
def office(stand_in: StandIn, tmp_path: Path) -> Office:
    """Two target sheets and nothing built."""
    made = Office(stand_in, Lake(tmp_path / "lake"), tmp_path / "reports")
    made.target()
    made.target("Second billing")
    return made


def test_a_first_publication_attaches_each_report_to_its_row_and_a_second_asks_three_times(
    office: Office,
) -> None:
    one, both = office.build("1"), office.build("2", variant="sub")
    report = office.publish()
    assert (report.exit_code, report.problems) == (0, [])
    assert (report.live, report.uploaded, report.verified, report.removed) == (2, 3, 3, 0)
    office.hangs_once(one)
    office.hangs_once(both, "Weekly billing", "Second billing")
    assert "1" not in office.hung(office.sheets["Second billing"])
    row = office.files()[both]
    assert (row["published_revision"], row["published_hash"]) == (1, row["content_hash"])
    assert row["published_at_utc"] == row["last_published_at_utc"] == office.now
    assert row["published_amount"] == row["amount"]
    assert office.log().count("planned") == office.log().count("live") == 3
    office.stand_in.forget()
    log = len(office.log())
    again = office.publish()
    assert (again.exit_code, again.unchanged, again.live, again.planned) == (0, 2, 0, [])
    assert (len(office.calls()), again.calls, again.cost) == (3, 3, 3)
    assert len(office.log()) == log
