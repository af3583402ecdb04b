"""What the UI says of the workbooks and attachments of every week.

Lives here: questions to the record of workbooks and attachments. Called by the report assets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsr_pipeline.defs.partitions import ending_of
from dsr_pipeline.lake.contracts.reports import ATTACHMENTS, PUBLISH, REPORT_FILES, REPORTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from dsr_pipeline.lake.store import Lake


def publication_figures(lake: Lake, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Per partition: workbooks, how many of them every target has, and attachments that are live."""
    found = {ending_of(key): _figures(key) for key in keys}
    if lake.table_path(REPORT_FILES) is not None and lake.table_path(ATTACHMENTS) is not None:
        import duckdb

        from dsr_pipeline.lake.views import add_views

        with duckdb.connect() as connection:
            add_views(connection, lake, [REPORTS, PUBLISH])
            for ending, workbooks, published, live in connection.execute(_PUBLISHED).fetchall():
                if ending in found:
                    found[ending] |= {
                        "workbooks": workbooks,
                        "workbooks published": published,
                        "workbooks not published": workbooks - published,
                        "attachments live": live,
                    }
    return {key: found[ending_of(key)] for key in keys}


def printed_rows(lake: Lake) -> dict[date, int]:
    """Lines in the workbooks of every week, views among them."""
    if lake.table_path(REPORT_FILES) is None:
        return {}
    printed: dict[date, int] = {}
    for row in lake.read(REPORT_FILES, ["week_ending", "rows"]).to_pylist():
        printed[row["week_ending"]] = printed.get(row["week_ending"], 0) + row["rows"]
    return printed


def _figures(key: str) -> dict[str, Any]:
    return {
        "week ending": ending_of(key).isoformat(),
        "workbooks": 0,
        "workbooks published": 0,
        "workbooks not published": 0,
        "attachments live": 0,
    }


_PUBLISHED = """
    with live as (
        select week_ending, count(*) as attachments from publish.attachments where state = 'live'
        group by week_ending
    ),
    files as (
        select
            week_ending,
            count(*) as workbooks,
            count(published_at_utc) as published
        from reports.report_files group by week_ending
    )
    select week_ending, workbooks, published, coalesce(attachments, 0)
    from files left join live using (week_ending)
"""
