"""Proof that nothing is lost and nothing billed twice: the sums that must be equal, each taken another way.

Lives here: the comparisons, over tables of any origin. A billing run does not switch while one of them fails;
the asset checks ask the same of the tables that count.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dsr_pipeline.billing.workbench import fetch, parquet
from dsr_pipeline.lake.contracts.billing import REJECTED_UNITS, VIEW_LINES, WORK_GROUPS, WORK_UNITS
from dsr_pipeline.lake.contracts.smartsheet import ROWS
from dsr_pipeline.lake.errors import MissingTable
from dsr_pipeline.lake.store import Lake


@dataclass(frozen=True, slots=True)
class TieOut:
    """One comparison: what must hold, whether it does, and the figures (or the first cases that break it)."""

    name: str
    meaning: str
    holds: bool
    told: str

    def __str__(self) -> str:
        return f"{self.name}: {self.told}" if self.holds else f"{self.name} does not tie out: {self.told}"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one run, each as something to select from."""

    rows: str
    units: str
    rejected: str
    views: str
    groups: str


def tie_out(con: duckdb.DuckDBPyConnection, tables: Tables) -> list[TieOut]:
    """All comparisons over the tables of one run."""
    return [
        _rows(con, tables),
        _amounts(con, tables),
        _ledger(con, tables),
        _one_group(con, tables),
        _groups(con, tables),
        _views(con, tables),
    ]


def tie_out_lake(lake: Lake) -> list[TieOut]:
    """All comparisons over the tables that count now. Raises `MissingTable` before the first run.

    The rows may be newer than the units; whoever asks right after a run gets the answer of that run.
    """
    paths: list[str] = []
    for contract in (ROWS, WORK_UNITS, REJECTED_UNITS, VIEW_LINES, WORK_GROUPS):
        path = lake.table_path(contract)
        if path is None:
            raise MissingTable(contract.key)
        paths.append(parquet(path))
    con = duckdb.connect(":memory:")
    try:
        lake.storage.register(con)
        return tie_out(con, Tables(*paths))
    finally:
        con.close()


def _rows(con: duckdb.DuckDBPyConnection, t: Tables) -> TieOut:
    ((read, units, billable, rejected, held, lost),) = fetch(
        con,
        f"""
        select (select count(*) from {t.rows}), count(*), count(*) filter (status = 'billable'),
            count(*) filter (status = 'rejected'), count(*) filter (status = 'held'),
            (select count(*) from {t.rows} r anti join {t.units} u
                on u.sheet_id = r.sheet_id and u.row_id = r.row_id)
        from {t.units}""",
    )
    return TieOut(
        "rows",
        "every row that was read is billable, rejected or held",
        read == units == billable + rejected + held and not lost,
        f"{read:,} read, {billable:,} billable, {rejected:,} rejected, {held:,} held"
        + (f", {lost:,} lost" if lost else ""),
    )


def _amounts(con: duckdb.DuckDBPyConnection, t: Tables) -> TieOut:
    """Per currency, and of the groups that are ready and bear money alone."""
    found = fetch(
        con,
        f"""
        with units as (
            select currency, sum(amount) as amount, count(*) as lines from {t.units}
            where status = 'billable' group by currency
        ), groups as (
            select currency, sum(amount) as amount, sum(rows) as lines from {t.groups}
            where money and status = 'ready' group by currency
        )
        select coalesce(u.currency, g.currency), u.amount, g.amount, u.lines, g.lines
        from units u full join groups g on g.currency = u.currency order by 1""",
    )
    wrong = [one for one in found if one[1] != one[2] or one[3] != one[4]]
    told = "; ".join(
        f"{currency} {units or 0:,.2f} in units, {groups or 0:,.2f} in groups"
        for currency, units, groups, *_ in (wrong or found)
    )
    return TieOut(
        "amounts", "the groups bill what the billable units bill", not wrong, told or "nothing is billed"
    )


def _ledger(con: duckdb.DuckDBPyConnection, t: Tables) -> TieOut:
    """Rows and amounts of the ledger against the units that are not billed."""
    ((units, at_stake, ledger, in_ledger),) = fetch(
        con,
        f"""
        select count(*), coalesce(sum(amount_at_stake), 0), (select count(*) from {t.rejected}),
            (select coalesce(sum(amount_at_stake), 0) from {t.rejected})
        from {t.units} where status <> 'billable'""",
    )
    return TieOut(
        "ledger",
        "the ledger lists every row that is not billed, with what it would bill",
        units == ledger and at_stake == in_ledger,
        f"{units:,} rows of {at_stake:,.2f} are not billed, the ledger has {ledger:,} of {in_ledger:,.2f}",
    )


def _one_group(con: duckdb.DuckDBPyConnection, t: Tables) -> TieOut:
    wrong = fetch(
        con,
        f"""
        select u.sheet_id, u.row_id, count(g.group_id) from {t.units} u
        left join {t.groups} g on g.group_id = u.group_id and g.money and g.status = 'ready'
            and g.work_request = u.work_request and g.week_ending = u.week_ending and g.variant = u.variant
            and g.claimer_id is not distinct from u.claimer_id
        where u.status = 'billable'
        group by all having count(g.group_id) <> 1 order by all limit 3""",
    )
    return TieOut(
        "one group",
        "every billable unit is in exactly one group that bears money",
        not wrong,
        "; ".join(f"row {row} of sheet {sheet} is in {groups}" for sheet, row, groups in wrong) or "all are",
    )


def _groups(con: duckdb.DuckDBPyConnection, t: Tables) -> TieOut:
    wrong = fetch(
        con,
        f"""
        with lines as (
            select group_id, true as money, amount from {t.units} where status in ('billable', 'held')
            union all select group_id, false, amount from {t.views}
        ), summed as (
            select group_id, money, count(*) as lines, sum(amount) as amount from lines group by all
        )
        select coalesce(s.group_id, g.group_id), g.rows, s.lines, g.amount, s.amount
        from summed s full join {t.groups} g on g.group_id = s.group_id and g.money = s.money
        where g.rows is distinct from s.lines or g.amount is distinct from s.amount
        order by 1 limit 3""",
    )
    return TieOut(
        "groups",
        "rows and amount of every group are those of its lines",
        not wrong,
        "; ".join(
            f"group {group} says {rows} rows of {amount}, its lines are {lines} of {of_lines}"
            for group, rows, lines, amount, of_lines in wrong
        )
        or "all are",
    )


def _views(con: duckdb.DuckDBPyConnection, t: Tables) -> TieOut:
    wrong = fetch(
        con,
        f"""
        select v.sheet_id, v.row_id, v.variant from {t.views} v
        left join {t.units} u on u.sheet_id = v.sheet_id and u.row_id = v.row_id and u.status = 'billable'
        where u.row_id is null order by all limit 3""",
    )
    return TieOut(
        "views",
        "views show billable units alone",
        not wrong,
        "; ".join(f"row {row} of sheet {sheet} is shown in {view}" for sheet, row, view in wrong)
        or "they do",
    )
