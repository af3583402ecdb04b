"""One billing run: rows of Smartsheet to units, groups and claims, proved and switched.

Lives here: the order of the steps, and when nothing has to be done. Called by the command line and by the
assets; both are this function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from dsr_pipeline.billing.billing_rules import BillingRules, load_billing_rules
from dsr_pipeline.billing.claims import fold_claims, record_seen
from dsr_pipeline.billing.delta import ROWS as MOVED_ROWS
from dsr_pipeline.billing.delta import UNITS as MOVED_UNITS
from dsr_pipeline.billing.delta import Before, merged, take_moved
from dsr_pipeline.billing.report import BillingReport, WeekFigures, from_json, to_json, week_hashes
from dsr_pipeline.billing.sources import find_sources, is_recorded
from dsr_pipeline.billing.sums import newly_claimed, summed
from dsr_pipeline.billing.tie_out import Tables, tie_out
from dsr_pipeline.billing.units import Inputs, gather, judge, tell_inputs, units_sql
from dsr_pipeline.billing.workbench import parquet, workbench
from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.contracts.billing import (
    CLAIMS,
    CURRENT_CLAIMS,
    DERIVED,
    GROUP,
    RATES,
    REJECTED_UNITS,
    VIEW_LINES,
    WORK_GROUPS,
    WORK_UNITS,
)
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.writing import GroupWriter

__all__ = ["BillingReport", "BillingRules", "WeekFigures", "bill", "load_billing_rules", "week_hashes"]

DEPENDS, STEADY, SYNC, REPORT, RATES_HASH = "depends", "steady", "sync", "report", "rates"
CLAIM_RECORDS, CLAIMS_USED = "claims", "claims_used"
"""Keys of the inputs of the group: what the tables were made from, the newest sync then, the report of the
run, the rates that were written, and how far the log of claims is folded and used."""

_LINES = (WORK_UNITS, REJECTED_UNITS, VIEW_LINES)


def bill(
    lake: Lake,
    rules: BillingRules,
    *,
    now: datetime,
    run_id: str,
    quarantine: Path | None = None,
    wait: bool = True,
    on_wait: Callable[[str], None] | None = None,
    on_step: Callable[[str], None] | None = None,
    whole: bool = False,
) -> BillingReport:
    """Bring the billing tables up to the Smartsheet tables, the rules and the claims; `now` is the instant
    of the run.

    Where nothing moved, the last report is given again as unchanged; where rows moved and nothing else, the
    work requests that they name are judged anew and the rest is taken over (with `whole` all rows are
    judged).
    Raises `MissingTable` where Smartsheet was never read, `GroupLocked` with `wait` off; tables that break a
    contract, or sums that do not tie out, are told in the report, and the old tables stay.
    """
    opened = lake.group(GROUP).writing(
        DERIVED, run_id=run_id, quarantine=quarantine, wait=wait, on_wait=on_wait, on_step=on_step
    )
    with opened as writer:
        run = _Run(lake, rules, writer, _naive(now), run_id, on_step or _nothing)
        return run.unchanged() or run.run(whole=whole)


class _Run:
    """The state of one run, under the lock of the group."""

    def __init__(
        self,
        lake: Lake,
        rules: BillingRules,
        writer: GroupWriter,
        now: datetime,
        run_id: str,
        step: Callable[[str], None],
    ) -> None:
        self._lake, self._rules, self._writer = lake, rules, writer
        self._now, self._run_id, self._step = now, run_id, step
        self._sources = find_sources(lake, rules, now)
        tables = writer.before.tables
        self._current = {
            one.table
            for one in DERIVED
            if one.table in tables and tables[one.table].contract_hash == one.hash
        }

    def unchanged(self) -> BillingReport | None:
        """The report of the last run, where this one would find the same."""
        inputs = self._writer.inputs
        if len(self._current) < len(DERIVED) or inputs.get(DEPENDS) != self._sources.depends:
            return None
        if inputs.get(CLAIMS_USED) != self._lake.log(CLAIMS).last():
            return None
        return from_json(inputs[REPORT])

    def run(self, *, whole: bool) -> BillingReport:
        """The steps in order."""
        writer, rules = self._writer, self._rules
        with TemporaryDirectory(prefix="dsr-billing-") as folder, workbench(self._lake, Path(folder)) as con:
            claims, used = self._fold()
            source = "claims_given"
            if claims is None:
                source = parquet(self._path(CURRENT_CLAIMS) or "")
            else:
                con.register(source, claims)
            inputs = Inputs(
                self._sources.rows,
                self._sources.sheets,
                self._sources.holds,
                self._groups_before(),
                source,
                self._sources.data_at,
            )
            steady = self._sources.steady(con)
            # Who claims a unit is the one thing of a row that does not stand in it.
            same_claims = claims is None and writer.inputs.get(CLAIMS_USED) == used
            before = self._before(steady) if same_claims and not whole else None
            if before is None or not take_moved(con, inputs.rows, before):
                self._judge_all(con, inputs)
            else:
                self._judge_moved(con, inputs, before)
            staged = Tables(
                inputs.rows, *(parquet(str(writer.stage_path(one))) for one in _LINES), groups="groups"
            )
            self._put_rates()
            self._step("tables made")
            report = summed(con, staged.units, rules)
            report.failures += [str(one) for one in tie_out(con, staged) if not one.holds]
            if report.failures:
                return report
            report.claims_seen = self._record(con, claims, used)
        writer.inputs |= {DEPENDS: self._sources.depends, STEADY: steady, SYNC: self._sources.sync}
        writer.inputs[REPORT] = to_json(report)
        switch = writer.switch()
        report.failures += [str(verdict) for verdict in switch.verdicts.values() if not verdict.passed]
        return report

    def _judge_all(self, con: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
        """Stage the tables of all rows."""
        writer, rules = self._writer, self._rules
        tell_inputs(con, inputs, rules)
        judge(con, inputs.rows, rules)
        writer.copy(WORK_UNITS, con, units_sql(inputs.rows, rules))
        gather(con, parquet(str(writer.stage_path(WORK_UNITS))), inputs, rules)
        writer.copy(VIEW_LINES, con, "select * from view_rows")
        writer.copy(REJECTED_UNITS, con, "select * from ledger")
        writer.copy(WORK_GROUPS, con, "select * from groups")

    def _judge_moved(self, con: duckdb.DuckDBPyConnection, inputs: Inputs, before: Before) -> None:
        """Stage the tables of before, with those of the moved work requests in place of theirs."""
        moved, rules = replace(inputs, rows=MOVED_ROWS), self._rules
        tell_inputs(con, moved, rules)
        judge(con, moved.rows, rules)
        con.execute(f"create or replace temp table {MOVED_UNITS} as {units_sql(moved.rows, rules)}")
        gather(con, MOVED_UNITS, moved, rules)
        for contract, query in merged(con, before).items():
            self._writer.copy(contract, con, query)
        self._step("only what moved was judged")

    def _before(self, steady: str) -> Before | None:
        """The tables that moved rows may be put into; None where all rows must be judged."""
        paths = [self._path(one) for one in (*_LINES, WORK_GROUPS)]
        if self._writer.inputs.get(STEADY) != steady or None in paths:
            return None
        if not is_recorded(self._lake, self._writer.inputs.get(SYNC)):
            return None
        units, rejected, views, groups = (parquet(path or "") for path in paths)
        return Before(units, rejected, views, groups)

    def _fold(self) -> tuple[pa.Table | None, int]:
        """The claims that count before this run, with what a killed run had recorded, and the last record;
        None for the claims where the table has them all."""
        path, folded = self._path(CURRENT_CLAIMS), self._writer.inputs.get(CLAIM_RECORDS, 0)
        if path is None:
            return fold_claims(self._lake, None, 0)
        if self._lake.log(CLAIMS).last() == folded:
            return None, folded
        return fold_claims(self._lake, self._lake.read(CURRENT_CLAIMS), folded)

    def _record(self, con: duckdb.DuckDBPyConnection, claims: pa.Table | None, used: int) -> int:
        """Record who is seen claiming a unit for the first time, before the tables say so; gives how many."""
        seen = newly_claimed(con, self._run_id, self._now)
        record_seen(self._lake, seen)
        self._step("claims recorded")
        folded = self._lake.log(CLAIMS).last()
        if claims is None and folded == used:
            self._writer.keep(CURRENT_CLAIMS)
        else:
            before = self._lake.read(CURRENT_CLAIMS) if claims is None else claims
            claims, folded = fold_claims(self._lake, before, used)
            self._writer.put(CURRENT_CLAIMS, claims)
        # What a person decided meanwhile is folded, but not in these units: the next run is not unchanged.
        own = used + bool(seen.num_rows)
        self._writer.inputs |= {CLAIM_RECORDS: folded, CLAIMS_USED: folded if folded == own else used}
        return seen.num_rows

    def _put_rates(self) -> None:
        """The rates, written only when they moved."""
        if RATES.table in self._current and self._writer.inputs.get(RATES_HASH) == self._rules.rates.hash:
            self._writer.keep(RATES)
        else:
            self._writer.put(RATES, self._rules.rates.table)
            self._writer.inputs[RATES_HASH] = self._rules.rates.hash

    def _path(self, contract: Contract) -> str | None:
        """The table as it counts before this run; None where there is none under this contract."""
        return self._lake.table_path(contract) if contract.table in self._current else None

    def _groups_before(self) -> str:
        path = self._path(WORK_GROUPS)
        if path is not None:
            return parquet(path)
        return (
            "(select ''::varchar as group_id, ''::varchar as content_hash, null::timestamp as data_as_of_utc "
            "where false)"
        )


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant


def _nothing(step: str) -> None:
    del step
