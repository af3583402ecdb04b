"""What the bank tables must prove together: lines, sums, balances, and that reading gave rows.

Lives here: SQL over the tables of the lake and the sentence for a person; no dagster. Called by `checks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsr_pipeline.defs.findings import Finding, count, row_of, rows_of
from dsr_pipeline.lake.contracts import bank

if TYPE_CHECKING:
    from dsr_pipeline.lake.store import Lake


def tie_out(lake: Lake) -> Finding:
    """Lines of every file = accepted + excluded + quarantined, and the tables beside it hold that many."""
    rows, total = _rows(lake, _TIE_OUT)
    figures = _one(lake, "select count(*) as files, coalesce(sum(lines), 0)::bigint as lines from bank.files")
    if total:
        return Finding("broken", f"{total} of {figures['files']} files do not add up", figures, rows)
    return Finding("holds", f"all {figures['lines']} lines of {figures['files']} files add up", figures)


def sums_match(lake: Lake) -> Finding:
    """For every accepted file, the transactions that were seen in it add up to the file's own sum."""
    rows, total = _rows(lake, _SUMS)
    figures = _one(lake, "select count(*) as files from bank.files where status = 'accepted'")
    if total:
        return Finding(
            "broken", f"{total} of {figures['files']} accepted files have another sum", figures, rows
        )
    return Finding(
        "holds", f"the sums of all {figures['files']} accepted files are in the transactions", figures
    )


def balance_proof(lake: Lake) -> Finding:
    """What printed balances prove, per account; a broken chain names the file."""
    broken, total = _rows(lake, _BROKEN)
    accounts, _ = _rows(lake, _BALANCES)
    figures = _one(lake, _BALANCE_FIGURES)
    if total:
        return Finding("needs a person", f"balances do not chain in {count(total, 'file')}", figures, broken)
    told = "no account prints balances" if not accounts else "every printed balance chains"
    return Finding("holds", told, figures, accounts)


def inbox_health(lake: Lake) -> Finding:
    """Files that were not read, and whether reading gave any row at all."""
    figures = _one(lake, _HEALTH)
    if figures["files"] - figures["waiting"] and not figures["transactions"]:
        told = f"{count(figures['files'], 'file')} read, and not one transaction"
        return Finding("broken", told, figures)
    rows, _ = _rows(lake, _UNHEALTHY)
    if figures["rejected"] or figures["quarantined"]:
        rejected, quarantined = figures["rejected"], figures["quarantined"]
        told = f"{count(rejected, 'file')} rejected, {count(quarantined, 'line')} quarantined"
        return Finding("needs a person", told, figures, rows)
    waiting = f", {figures['waiting']} still being written" if figures["waiting"] else ""
    return Finding("holds", f"{count(figures['files'], 'file')}, none rejected{waiting}", figures, rows)


_TIE_OUT = """
with out_of as (select file, count(*) as rows from bank.excluded group by file),
bad as (select file, count(*) as rows from bank.quarantine group by file)
select
    file, files.status, lines, accepted, files.excluded, quarantined,
    coalesce(out_of.rows, 0) as excluded_rows, coalesce(bad.rows, 0) as quarantine_rows
from bank.files
left join out_of using (file)
left join bad using (file)
where
    accepted + files.excluded + quarantined <> lines
    or coalesce(out_of.rows, 0) <> files.excluded
    -- A record may take several lines, so there are at most as many records as lines.
    or (files.status = 'accepted' and coalesce(bad.rows, 0) > quarantined)
    or (files.status = 'accepted' and quarantined > 0 and bad.rows is null)
order by file
"""

# Few files share a row, so the lists of names are few although the rows are many.
_SUMS = """
with seen as (select seen_in, sum(amount) as amount from bank.transactions group by seen_in),
by_file as (
    select name as file, sum(amount) as amount
    from (select unnest(from_json(seen_in, '["varchar"]')) as name, amount from seen)
    group by name
)
select file, amount_sum as file_sum, coalesce(by_file.amount, 0) as transactions_sum
from bank.files
left join by_file using (file)
where status = 'accepted' and coalesce(amount_sum, 0) <> coalesce(by_file.amount, 0)
order by file
"""

_BROKEN = """
select file, account, reason, opening, closing
from bank.files
where status = 'accepted' and balance_verdict = 'broken'
order by file
"""

_BALANCES = """
select
    coalesce(account, 'several accounts') as account,
    count(*) filter (balance_verdict = 'proven') as proven,
    count(*) filter (balance_verdict = 'chained') as chained,
    max(date_max) as until
from bank.files
where status = 'accepted' and balance_verdict <> 'not_available'
group by 1
order by 1
"""

_BALANCE_FIGURES = """
select
    count(*) filter (balance_verdict = 'proven') as proven,
    count(*) filter (balance_verdict = 'chained') as chained,
    count(*) filter (balance_verdict = 'broken') as broken,
    count(*) filter (balance_verdict = 'not_available') as without_balance
from bank.files
where status = 'accepted'
"""

_HEALTH = """
select
    count(*) as files,
    count(*) filter (status = 'accepted') as accepted,
    count(*) filter (status = 'rejected') as rejected,
    count(*) filter (status = 'same_file') as same_file,
    count(*) filter (status = 'waiting') as waiting,
    coalesce(sum(quarantined), 0)::bigint as quarantined,
    (select count(*) from bank.transactions) as transactions
from bank.files
"""

_UNHEALTHY = """
select file, status, reason, quarantined
from bank.files
where status in ('rejected', 'waiting') or quarantined > 0
order by status, file
"""


def _rows(lake: Lake, query: str) -> tuple[list[dict[str, Any]], int]:
    return rows_of(lake, bank.GROUP, query)


def _one(lake: Lake, query: str) -> dict[str, Any]:
    return row_of(lake, bank.GROUP, query)
