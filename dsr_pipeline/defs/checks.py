"""The checks: one per contract, made by a factory, and those that follow sums and files across tables.

Lives here: what the UI says of a table. The contract itself was checked by the lake before the table took its
name; the check reports that verdict, so a table that broke it never stood in anybody's way.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dagster as dg

from dsr_pipeline.defs.bank_proofs import balance_proof, inbox_health, sums_match, tie_out
from dsr_pipeline.defs.billing_proofs import billing_ties_out, rejected_rows, rules_read
from dsr_pipeline.defs.findings import Finding
from dsr_pipeline.defs.partitions import weeks_of_run
from dsr_pipeline.defs.registry import REPORT_ATTACHMENTS, RULES, WEEKLY_WORKBOOKS, contracts_of, key_of
from dsr_pipeline.defs.report_proofs import (
    closed_weeks_have_workbooks,
    files_as_recorded,
    published_is_live,
    sums_of_reports,
)
from dsr_pipeline.defs.resources import Home, Smartsheet
from dsr_pipeline.defs.smartsheet_proofs import columns_mapped, last_sync, row_counts, sheets_present
from dsr_pipeline.lake.contracts import ALL
from dsr_pipeline.lake.contracts.bank import FILES, TRANSACTIONS
from dsr_pipeline.lake.contracts.billing import REJECTED_UNITS, WORK_UNITS
from dsr_pipeline.lake.contracts.reports import REPORT_FILES
from dsr_pipeline.lake.contracts.smartsheet import COLUMNS, ROWS, RUNS, SHEETS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dsr_pipeline.lake.contract import Contract
    from dsr_pipeline.lake.state import RecordedVerdict
    from dsr_pipeline.lake.store import Lake

    Proof = Callable[[Lake], Finding]

CONTRACT_CHECK = "contract"


def checks() -> list[dg.AssetChecksDefinition]:
    """Every check of the project."""
    return [
        *(contract_check(contract) for contract in ALL.values()),
        *(proof_check(*proof) for proof in PROOFS),
        *(proof_check(*proof, blocking=False) for proof in REMARKS),
        last_sync_check,
        rules_check,
        files_check,
        live_check,
    ]


def contract_check(contract: "Contract") -> dg.AssetChecksDefinition:
    """The blocking check that a table keeps its contract: columns, types, keys, order, values.

    A product that has two tables as its record has two of them; the second carries the name of its table.
    """
    asset = key_of(contract)
    first = contracts_of(asset)[0] is contract

    @dg.asset_check(
        asset=asset,
        name=CONTRACT_CHECK if first else f"{CONTRACT_CHECK}_{contract.table}",
        blocking=True,
        description=f"{contract.key} keeps its contract: {contract.grain}; keys, order, types and values.",
    )
    def check(home: Home) -> dg.AssetCheckResult:
        return contract_result(home.open_lake(), contract)

    return check


def proof_check(
    contract: "Contract", name: str, description: str, proof: "Proof", *, blocking: bool = True
) -> dg.AssetChecksDefinition:
    """A check that follows figures across tables. What is wrong stops the run; what needs a person warns."""

    @dg.asset_check(asset=key_of(contract), name=name, blocking=blocking, description=description)
    def check(home: Home) -> dg.AssetCheckResult:
        return _told(proof(home.open_lake()))

    return check


@dg.asset_check(
    asset=key_of(RUNS), name="last_sync", description="The last sync reached everything that is named."
)
def last_sync_check(home: Home, smartsheet: Smartsheet) -> dg.AssetCheckResult:
    """Also says why there is no sync at all, where no token is set."""
    from dsr_pipeline.defs.smartsheet_reading import why_not

    return _told(last_sync(home.open_lake(), why_not(smartsheet, home)))


@dg.asset_check(
    asset=RULES, name="readable", description="Every rule file of billing and of its reports can be read."
)
def rules_check(home: Home) -> dg.AssetCheckResult:
    """Names file, line and mend; it hangs on the rules, for the tables are not made without them."""
    from dsr_pipeline.defs.billing_work import why_not_billed

    reason = why_not_billed(home)
    return _told(Finding("holds", reason) if reason else rules_read(home.rules_path, home.timezone))


@dg.asset_check(
    asset=WEEKLY_WORKBOOKS,
    name="files",
    blocking=True,
    description="Every workbook lies where the table says, with the bytes that it says.",
)
def files_check(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    """The weeks of the run to the byte; of other weeks that the files are there with their size."""
    weeks = weeks_of_run(context.run.tags)
    return _told(files_as_recorded(home.open_lake(), home.reports_path, weeks))


@dg.asset_check(
    asset=REPORT_ATTACHMENTS,
    name="live",
    description="Every report that is recorded as published is live at every target of its variant.",
)
def live_check(home: Home, smartsheet: Smartsheet) -> dg.AssetCheckResult:
    """Also says why nothing is attached, where no token is set or no target is named."""
    from dsr_pipeline.billing.variants import load_variants
    from dsr_pipeline.defs.billing_work import why_not_billed
    from dsr_pipeline.defs.report_work import why_not_published

    variants = None if why_not_billed(home) else load_variants(home.rules_path)
    return _told(published_is_live(home.open_lake(), variants, why_not_published(home, smartsheet)))


def contract_result(lake: "Lake", contract: "Contract") -> dg.AssetCheckResult:
    """The verdict that the lake recorded when the table was written; of a log, that on its newest record."""
    if contract.kind == "append_only":
        return _result(contract, _verdict_on_log(lake, contract))
    verdict = lake.group(contract.group).verdicts().get(contract.table)
    if verdict is None:
        return dg.AssetCheckResult(
            passed=False, description=f"{contract.key} was never written: run the job that makes it"
        )
    return _result(contract, verdict)


def _result(contract: "Contract", verdict: "RecordedVerdict") -> dg.AssetCheckResult:
    metadata: dict[str, Any] = {"rows": verdict.rows, "checked in run": verdict.run_id}
    if not verdict.passed:
        metadata |= {
            "failing rows": verdict.failing_rows,
            "rules broken": _table([{"rule": one.rule, "rows": one.rows} for one in verdict.failures]),
            "first failing rows": _table(verdict.sample),
        }
        if verdict.quarantine:
            metadata["all failing rows"] = dg.MetadataValue.path(verdict.quarantine)
    refused = not verdict.passed and contract.kind == "derived"
    stays = f". The table of {contract.key} before this run stays in place" if refused else ""
    return dg.AssetCheckResult(passed=verdict.passed, description=verdict.message + stays, metadata=metadata)


def _verdict_on_log(lake: "Lake", contract: "Contract") -> "RecordedVerdict":
    """Every record was checked before it was appended: reading all of them again would cost ever more."""
    from dsr_pipeline.lake.state import recorded
    from dsr_pipeline.lake.validation import validate

    log = lake.log(contract)
    records = len(log.urls())
    verdict = recorded(validate(contract, log.read(after=max(records - 1, 0))), "this run")
    which = f"the newest record, number {records}" if records else "no record yet"
    return replace(verdict, message=f"{which}: {verdict.message}")


def _told(found: Finding) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=found.verdict == "holds",
        severity=dg.AssetCheckSeverity.ERROR if found.verdict == "broken" else dg.AssetCheckSeverity.WARN,
        description=found.sentence,
        metadata={**found.figures, **({"rows": _table(found.rows)} if found.rows else {})},
    )


def _table(rows: Any) -> dg.TableMetadataValue | str:
    records = [{name: "" if value is None else value for name, value in row.items()} for row in rows]
    if not records:
        return "none"
    columns = [dg.TableColumn(name) for name in records[0]]
    return dg.MetadataValue.table(
        records=[dg.TableRecord(_scalars(record)) for record in records], schema=dg.TableSchema(columns)
    )


def _scalars(record: "Mapping[str, Any]") -> dict[str, str | int | float | bool]:
    return {name: value if isinstance(value, (int, bool)) else str(value) for name, value in record.items()}


PROOFS = (
    (FILES, "tie_out", "Accepted, excluded and quarantined lines add up, for every file.", tie_out),
    (FILES, "inbox_health", "Every file was read, and reading gave rows.", inbox_health),
    (TRANSACTIONS, "sums", "Every accepted amount of every file stands behind a transaction.", sums_match),
    (ROWS, "row_counts", "Every sheet has as many rows here as Smartsheet says that it has.", row_counts),
    (
        WORK_UNITS,
        "tie_out",
        "Every row read is billable, rejected or held; units, groups, views and ledger agree to the cent.",
        billing_ties_out,
    ),
    (REPORT_FILES, "sums", "Every workbook says the rows and the amount of its group.", sums_of_reports),
)
"""What is wrong here stops what follows."""

REMARKS = (
    (
        FILES,
        "balance_proof",
        "The balances that the banks print prove that no row is missing.",
        balance_proof,
    ),
    (SHEETS, "sheets_present", "Every sheet that the sources name could be read.", sheets_present),
    (COLUMNS, "columns_mapped", "Every sheet has the columns without which it is held.", columns_mapped),
    (REJECTED_UNITS, "rejected_rows", "Every completed row is billed.", rejected_rows),
    (
        REPORT_FILES,
        "closed_weeks",
        "Every group that is ready, in a week that has ended, has its workbook.",
        closed_weeks_have_workbooks,
    ),
)
"""What needs a person here; nothing is stopped, for what is not known is kept as it was."""
