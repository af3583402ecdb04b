"""`dsr claims`: who claimed which unit, and how a person decides otherwise. The log is kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsr_pipeline import entered
from dsr_pipeline.billing.claims import ClaimRefused, decide, decide_week, fold_claims
from dsr_pipeline.billing.policy import Policy, load_policy
from dsr_pipeline.billing.rates import person_id
from dsr_pipeline.billing.variants import load_variants
from dsr_pipeline.cli import screen
from dsr_pipeline.cli.clock import run_id, utc_now
from dsr_pipeline.cli.entry import CLEAN
from dsr_pipeline.lake.contracts.billing import CLAIMS, WORK_UNITS
from dsr_pipeline.settings import Settings, open_lake
from dsr_pipeline.weeks import WeekCalendar, week_ending

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from dsr_pipeline.lake.store import Lake

SHOWN_ROWS = 200
"""Claims on the screen; `--json` prints all of them."""

_LISTED = """
select units.work_request, units.week_ending, units.sheet_name as sheet, claims.sheet_id, claims.row_id,
    claims.role, claims.claimer, claims.claimer_id, claims.event, decisions.reason, decisions.decided_by,
    claims.recorded_at_utc
from current_claims claims
left join units using (sheet_id, row_id)
left join (
    select sheet_id, row_id, role, recorded_at_utc, claimer_id, any_value(reason) as reason,
        any_value(decided_by) as decided_by
    from decisions group by all
) decisions
    on claims.event = 'decided' and decisions.sheet_id = claims.sheet_id and decisions.row_id = claims.row_id
    and decisions.role = claims.role and decisions.recorded_at_utc = claims.recorded_at_utc
    and decisions.claimer_id = claims.claimer_id
where ($work_request is null or units.work_request = $work_request)
    and ($week is null or units.week_ending = $week)
order by units.work_request, units.week_ending, claims.sheet_id, claims.row_id, claims.role
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which units a person means: one row of one sheet, or those of a work request and week."""

    sheet: int | None
    row: int | None
    work_request: str | None
    week: str | None
    claimed_by: str | None


def show(home: Path | None, *, work_request: str | None, week: str | None, as_json: bool) -> int:
    """Print the claim that counts for every unit, decisions that the next billing will take up included."""
    import duckdb

    settings = Settings.load(home)
    ending = None if week is None else _week(week, settings, load_policy(settings.rules))
    lake = open_lake(settings.lake_url, settings.locks)
    claims, _ = fold_claims(lake, None, 0)
    with duckdb.connect(":memory:") as con:
        con.register("current_claims", claims)
        con.register("decisions", lake.read(CLAIMS))
        con.register("units", _units(lake))
        found = con.execute(_LISTED, {"work_request": work_request, "week": ending})
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if as_json:
        screen.print_json(rows)
    else:
        _print(rows)
    return CLEAN


def settle(
    home: Path | None,
    choice: Choice,
    *,
    role: str,
    address: str | None,
    name: str,
    reason: str,
    by: str,
    as_json: bool,
) -> int:
    """Record a decision for the chosen units; it counts from the next billing on."""
    settings = Settings.load(home)
    policy = load_policy(settings.rules)
    _refuse_nobody(name, address, policy)
    lake = open_lake(settings.lake_url, settings.locks)
    now = utc_now()
    given: dict[str, Any] = {
        "role": role,
        "claimer": " ".join(name.split()),
        "claimer_id": person_id(name, address, policy),
        "reason": reason,
        "decided_by": by,
        "now": now,
        "run_id": run_id("claims", now),
    }
    units = 1
    if choice.sheet is not None and choice.row is not None and _only(choice, "sheet", "row"):
        decide(lake, sheet_id=choice.sheet, row_id=choice.row, **given)
    elif choice.work_request and choice.week and _only(choice, "work_request", "week", "claimed_by"):
        variants = load_variants(settings.rules).variants
        units = decide_week(
            lake,
            work_request=choice.work_request,
            week_ending=_week(choice.week, settings, policy),
            variants={one.name for one in variants if one.money and one.claimer == role},
            claimed_by=choice.claimed_by and person_id(choice.claimed_by, choice.claimed_by, policy),
            **given,
        )
    else:
        raise ClaimRefused("name the units: a SHEET and a ROW, or --work-request and --week (and --from)")
    if as_json:
        screen.print_json({"units": units, "claimer": given["claimer"], "claimer_id": given["claimer_id"]})
    else:
        told = f"{screen.count(units, 'unit')}: {role} is {given['claimer']} ({given['claimer_id']})"
        screen.stdout().print(f"{told}; counts from the next billing on", markup=False)
    return CLEAN


def _refuse_nobody(name: str, address: str | None, policy: Policy) -> None:
    if not name.strip():
        raise ClaimRefused("--name is blank: write the name that workbooks shall show")
    if address is not None and ("@" not in address.strip("@") or len(address.split()) != 1):
        raise ClaimRefused(f"--to: '{address}' is no mail address; leave it out where there is none")
    nobody = {" ".join(one.split()).casefold() for one in policy.placeholders}
    if " ".join(name.split()).casefold() in nobody:
        raise ClaimRefused(f"'{name}' stands for nobody (placeholders in rules/billing/policy.yaml)")


def _only(choice: Choice, *names: str) -> bool:
    """Whether nothing else was given: half of one way and half of another is a slip."""
    return all(getattr(choice, name) is None for name in Choice.__slots__ if name not in names)


def _week(text: str, settings: Settings, policy: Policy) -> date:
    """The week in which a day lies, by its last day."""
    day = entered.day(text, policy.entry.date_order)
    if day is None:
        raise ClaimRefused(f"--week: '{text}' is no day: write it like 2026-04-12")
    return week_ending(day, WeekCalendar(policy.week.ends_on, settings.timezone))


def _units(lake: Lake) -> Any:
    names = ["sheet_id", "row_id", "sheet_name", "work_request", "week_ending"]
    if lake.table_path(WORK_UNITS) is None:
        return WORK_UNITS.schema.empty_table().select(names)
    return lake.read(WORK_UNITS, names)


def _print(rows: list[dict[str, Any]]) -> None:
    shown = ("work_request", "week_ending", "sheet_id", "row_id", "role", "claimer", "claimer_id", "event")
    made = screen.table(None, shown, right=("sheet_id", "row_id"))
    for row in rows[:SHOWN_ROWS]:
        made.add_row(*(screen.cell(row[name]) for name in shown))
    console = screen.stdout()
    if rows:
        console.print(made)
    seen = sum(row["event"] == "seen" for row in rows)
    told = f"{screen.count(len(rows), 'claim')}: {seen:,} as first seen, {len(rows) - seen:,} decided"
    console.print(told)
    if len(rows) > SHOWN_ROWS:
        screen.stderr().print(f"the first {SHOWN_ROWS} are shown; --json prints all of them")
