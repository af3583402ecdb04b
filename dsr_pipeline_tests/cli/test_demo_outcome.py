"""What two runs of the demo did, told as one."""

from __future__ import annotations

from dsr_pipeline.cli.demo import _after
from dsr_pipeline.defs.headless import Outcome, Written


def _run(*written: Written) -> Outcome:
    return Outcome("run", "weekly_reports", True, written, (), (), ())


def test_every_week_of_an_asset_is_told_and_a_later_run_counts() -> None:
    """Only the last week of an asset was left, because weeks were merged by the asset alone."""
    asset = "reports/weekly_workbooks"
    first = _run(Written(asset, {"rows": 1}, "2026-03-02"), Written(asset, {"rows": 2}, "2026-03-09"))
    then = _run(Written(asset, {"rows": 3}, "2026-03-09"))
    told = {one.partition: one.metadata["rows"] for one in _after(first, then).written}
    assert told == {"2026-03-02": 1, "2026-03-09": 3}
