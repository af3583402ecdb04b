"""The weeks of the weekly products as partitions: named by their first day, cut at local midnight.

Lives here: the one place that turns `rules/billing/policy.yaml` and the zone of the office into partitions,
and a partition into the week ending by which everything else knows it. Every other table has no partitions.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from dsr_pipeline.billing.policy import FILE, Week, load_policy
from dsr_pipeline.rule_files import RuleFileError
from dsr_pipeline.weeks import WeekCalendar, week_ending

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LAST_DAY = timedelta(days=6)
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
PARTITION = "dagster/partition"
"""Tags by which a run is over a range of partitions, or over one."""


class WeeksMoved(ValueError):
    """The rules count other weeks than those that this code location was started with."""


def weeks_of_rules(rules_root: Path) -> Week:
    """How weeks are counted; the defaults where the file cannot be read.

    A broken rule file must not keep the bank side from starting: the check of `rules/billing` names what is
    wrong with it, and nothing is billed until it is mended.
    """
    try:
        return load_policy(rules_root).week
    except RuleFileError:
        return Week()


def weekly(week: Week, zone: str) -> dg.WeeklyPartitionsDefinition:
    """A partition for every week from the first one that has workbooks, the open week included."""
    return dg.WeeklyPartitionsDefinition(
        start_date=datetime.combine(week.first, datetime.min.time()),
        day_offset=WeekCalendar(week.ends_on, zone).dagster_day_offset,
        timezone=zone,
        end_offset=1,
    )


def ending_of(key: str) -> date:
    """The last day of the week of a partition."""
    return date.fromisoformat(key) + LAST_DAY


def key_of_week(ending: date) -> str:
    """The partition of the week that ends on a day."""
    return (ending - LAST_DAY).isoformat()


def range_tags(weeks: Sequence[date]) -> dict[str, str]:
    """The tags of a run over these weeks, which follow each other; none where it is only one."""
    if len(weeks) == 1:
        return {}
    return {RANGE_START: key_of_week(weeks[0]), RANGE_END: key_of_week(weeks[-1])}


def weeks_of_run(tags: Mapping[str, str]) -> frozenset[date] | None:
    """The weeks that a run is over, by its tags; None for a run over no weeks."""
    first = tags.get(RANGE_START) or tags.get(PARTITION)
    last = tags.get(RANGE_END) or first
    if first is None or last is None:
        return None
    until, week, weeks = ending_of(last), ending_of(first), set[date]()
    while week <= until:
        weeks.add(week)
        week += timedelta(days=7)
    return frozenset(weeks)


def endings_of(keys: Sequence[str], week: Week, zone: str) -> tuple[date, ...]:
    """The weeks of partitions, under the rules as they are now; raises `WeeksMoved`."""
    calendar = WeekCalendar(week.ends_on, zone)
    endings = tuple(ending_of(key) for key in keys)
    if wrong := [one for one in endings if week_ending(one, calendar) != one]:
        raise WeeksMoved(
            f"rules/{FILE} says that weeks end on a {week.ends_on}, and the week until {wrong[0]} ends on "
            f"another day: reload the code location, so that its partitions are those of the rules"
        )
    return endings
