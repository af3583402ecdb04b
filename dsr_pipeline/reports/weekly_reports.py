"""One weekly report out of the rows behind it: lines in print order, exceptions, header, sums, marks.

Lives here: putting a `Report` together; nothing is read or written. Called by `weekly_build`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dsr_pipeline.reports.revisions import with_marks
from dsr_pipeline.reports.weekly_content import Line, RemovedLine, Report, Status, TieOut
from dsr_pipeline.reports.weekly_lines import WEEK, cents, exceptions_of, joined, lines_of, sources_of

if TYPE_CHECKING:
    from dsr_pipeline.billing.variants import Variants
    from dsr_pipeline.reports.archive import Archived
    from dsr_pipeline.reports.weekly_plan import Decision, Group
    from dsr_pipeline.reports.weekly_read import Batch, UnitLine, UnitSum

_ROLE_WORDS = {"foreman": "Foreman", "helper": "Helper", "vac_crew": "Vac crew"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What all reports of a build have in common."""

    variants: Variants
    zone: ZoneInfo
    words: Mapping[str, str]
    """Names of columns by field, in the language of the reports."""


@dataclass(frozen=True, slots=True)
class Base:
    """The published revision that a report is compared with; `archived` is None where that is lost."""

    revision: int
    archived: Archived | None


def make_report(
    decision: Decision, batch: Batch, base: Base | None, prior: Decimal | None, frame: Frame
) -> Report:
    """The report of a group that there is."""
    group = decision.group
    if group is None:
        raise ValueError(f"{decision.group_id}: there is no group to report")
    units = batch.lines[group.group_id]
    lines = lines_of(units, group.week_ending)
    marked, removed = _against(base, lines, group.currency, frame)
    head = _Head(units)
    variant = frame.variants.named(group.variant)
    return Report(
        group_id=group.group_id,
        content_hash=group.content_hash,
        work_request=group.work_request,
        week_first=group.week_ending - WEEK + timedelta(days=1),
        week_ending=group.week_ending,
        variant=group.variant,
        variant_label=variant.label if variant else group.variant,
        money=group.money,
        claimer=group.claimer or "",
        foreman_label=_ROLE_WORDS[variant.claimer] if variant else _ROLE_WORDS["foreman"],
        dept=head.joined(lambda unit: unit.dept),
        scope=head.joined(lambda unit: unit.scope),
        work_order=head.joined(lambda unit: unit.work_order),
        job=head.joined(lambda unit: unit.job),
        customer=head.joined(lambda unit: unit.customer),
        area=head.joined(lambda unit: unit.area),
        currency=group.currency,
        revision=decision.revision,
        status=_status(decision.revision, closed=group.closed),
        replaces=_replaces(decision, frame.zone),
        prior_week=prior,
        data_as_of=_local(group.data_as_of_utc, frame.zone),
        lines=marked,
        removed=removed,
        exceptions=exceptions_of(group, lines, units, batch),
        sources=sources_of(units),
        rate_tables=tuple(sorted({unit.rate_table for unit in units if unit.rate_table})),
        tie_out=_tie_out(marked, group, batch.sums.get(group.group_id)),
        marks_from=base.revision if base and base.archived else None,
        marks_missing=_missing(base),
    )


def make_withdrawal(decision: Decision, base: Base | None, data_as_of: datetime, frame: Frame) -> Report:
    """The report of a group that is gone: no line, everything of the published revision removed."""
    standing = decision.standing
    if standing is None:
        raise ValueError(f"{decision.group_id}: nothing was built, so nothing can be withdrawn")
    variant = frame.variants.named(standing.variant)
    head: Mapping[str, str] = base.archived.head if base and base.archived else {}
    nothing = Decimal(0)
    return Report(
        group_id=standing.group_id,
        content_hash=decision.content_hash,
        work_request=standing.work_request,
        week_first=standing.week_ending - WEEK + timedelta(days=1),
        week_ending=standing.week_ending,
        variant=standing.variant,
        variant_label=variant.label if variant else standing.variant,
        money=standing.money,
        claimer=standing.claimer or "",
        foreman_label=_ROLE_WORDS[variant.claimer] if variant else _ROLE_WORDS["foreman"],
        dept=head.get("dept", ""),
        scope=head.get("scope", ""),
        work_order=head.get("work_order", ""),
        job=head.get("job", ""),
        customer=head.get("customer", ""),
        area=head.get("area", ""),
        currency=standing.currency,
        revision=decision.revision,
        status="withdrawn",
        replaces=_replaces(decision, frame.zone),
        prior_week=None,
        data_as_of=_local(data_as_of, frame.zone),
        lines=(),
        removed=_against(base, (), standing.currency, frame)[1],
        exceptions=(),
        sources=(),
        rate_tables=(),
        tie_out=TieOut(nothing, nothing, nothing),
        marks_from=base.revision if base and base.archived else None,
        marks_missing=_missing(base),
    )


class _Head:
    """The values of one thing over all lines, for the head of a report."""

    def __init__(self, units: Sequence[UnitLine]) -> None:
        self._units = units

    def joined(self, value: Callable[[UnitLine], str | None]) -> str:
        return joined(found for unit in self._units if (found := value(unit)))


def _against(
    base: Base | None, lines: tuple[Line, ...], currency: str, frame: Frame
) -> tuple[tuple[Line, ...], tuple[RemovedLine, ...]]:
    if base is None or base.archived is None:
        return lines, ()
    return with_marks(lines, base.archived.lines, currency=currency, words=frame.words)


def _missing(base: Base | None) -> str | None:
    if base is None or base.archived is not None:
        return None
    return f"the lines of revision {base.revision} are not in the archive any more"


def _status(revision: int, *, closed: bool) -> Status:
    if revision > 1:
        return "revised"
    return "final" if closed else "draft"


def _replaces(decision: Decision, zone: ZoneInfo) -> tuple[int, date] | None:
    standing = decision.standing
    if standing is None or standing.published_revision is None or standing.last_published_at_utc is None:
        return None
    if standing.published_revision >= decision.revision:
        return None
    return standing.published_revision, _local(standing.last_published_at_utc, zone).date()


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.replace(tzinfo=UTC).astimezone(zone)


def _tie_out(lines: Sequence[Line], group: Group, units: UnitSum | None) -> TieOut:
    printed = sum((line.amount for line in lines), Decimal(0))
    return TieOut(cents(printed), cents(group.amount), cents(units.amount if units else Decimal(0)))


def unequal(report: Report, group: Group, units: UnitSum | None) -> str | None:
    """Why a report may not be built, in words; None where all sums and counts agree."""
    rows = (len(report.lines), group.rows, units.rows if units else 0)
    if report.tie_out.holds and len(set(rows)) == 1:
        return None
    sums = report.tie_out
    return (
        f"work request {report.work_request}, {report.variant}, {report.claimer or 'unassigned'}: the lines "
        f"sum to {sums.lines} ({rows[0]}), the group to {sums.group} ({rows[1]}), its units to {sums.units} "
        f"({rows[2]})"
    )
