"""Invented rows of `smartsheet/*` for `dsr bench billing`: as many sheets, rows and groups as an office has.

Lives here: the generator alone. It writes the tables straight into a lake, without any Smartsheet; what is
measured on them is `bench_billing`. Values are a function of the row's number: two calls give the same rows.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from dsr_pipeline.lake.contracts.smartsheet import (
    CANONICAL,
    COLUMNS,
    CONTACTS,
    DERIVED,
    GROUP,
    HOLDS,
    ROW_STATE,
    ROWS,
    RUNS,
    SHEETS,
)
from dsr_pipeline.lake.store import Lake

SHEET_COUNT, ROW_COUNT = 115, 200_000
WORK_REQUESTS = 805
WEEKS = 3
"""Weeks in which one work request has units."""
READ_AT = datetime(2026, 6, 1, 6, 0)  # noqa: DTZ001 - the tables keep UTC without a zone


def write_rows(
    lake: Lake, price_list: Path, *, sheets: int = SHEET_COUNT, rows: int = ROW_COUNT, touched: int = 0
) -> None:
    """Write the smartsheet tables; `touched` rows have another price than without (a later sync).

    The work requests grow with the rows, so that a smaller lake has groups of the same size.
    """
    con = duckdb.connect(":memory:")
    requests = max(sheets, WORK_REQUESTS * rows // ROW_COUNT)
    con.execute("set threads = 2")
    con.execute(_PRICES.format(price_list=price_list))
    texts = ", ".join(f"{name}::varchar as {name}" for name, _ in CANONICAL)
    contacts = ", ".join(f"{name}_contact" for name in CONTACTS)
    with lake.group(GROUP).writing(DERIVED, run_id=f"bench-{touched}") as writer:
        if touched:
            for contract in (SHEETS, COLUMNS, ROW_STATE, HOLDS):
                writer.keep(contract)
        else:
            writer.put(SHEETS, _sheets(sheets, rows))
            for contract in (COLUMNS, ROW_STATE, HOLDS):
                writer.put(contract, contract.schema.empty_table())
        query = _ROWS.format(
            rows=rows, sheets=sheets, requests=requests, weeks=WEEKS, touched=touched, read_at=READ_AT
        )
        stamps = ", ".join(ROWS.names[: ROWS.names.index("modified_by") + 1])
        select = f"select {stamps}, {texts}, {contacts}, formulas, errors, extras from ({query})"
        writer.copy(ROWS, con, select)
        writer.switch().raise_if_refused()
    con.close()
    lake.log(RUNS).append(_run(touched + 1, sheets))


def _sheets(sheets: int, rows: int) -> pa.Table:
    """The catalogue: every twentieth sheet is a subcontractor's."""
    given = [
        {
            "sheet_id": 1_000_000 + number,
            "name": f"Field sheet {number:03d}",
            "source": "subcontractor" if number % 20 == 7 else "primary",
            "rate_basis": "subcontractor" if number % 20 == 7 else "primary",
            "status": "read",
            "version": 7,
            "listed_version": 7,
            "total_row_count": rows // sheets,
            "live_rows": rows // sheets,
            "error_cells": 0,
            "read_at_utc": READ_AT,
            "full_read_at_utc": READ_AT,
        }
        for number in range(sheets)
    ]
    return pa.Table.from_pylist(given, schema=SHEETS.schema)


def _run(seq: int, sheets: int) -> pa.Table:
    counts = [
        column.name for column in RUNS.columns if column.type == pa.int64() and column.name != "run_seq"
    ]
    row = dict.fromkeys(counts, 0) | {
        "run_seq": seq,
        "run_id": f"bench-{seq}",
        "status": "done",
        "started_at_utc": READ_AT,
        "sheets": sheets,
    }
    return pa.Table.from_pylist([row], schema=RUNS.schema)


_PRICES = """
    create temp table prices as
    select row_number() over (order by CU) - 1 as n, CU as cu, any_value("CU Description") as description,
        any_value("Unit Of Measure") as uom, any_value("Install Price")::decimal(18, 4) as price
    from read_csv('{price_list}') group by CU
"""

# Of a thousand rows: 80 are not completed, 3 have a price in words, 2 none, 2 a code without a match, 1 no
# week, 20 no snapshot date, 5 a snapshot of another week, 5 are credits, 4 repeat the row before.
_ROWS = """
    with numbered as (
        select i, (i * {sheets}) // {rows} as sheet,
            hash(case when hash(i * 13) % 1000 < 4 and i > 0 then i - 1 else i end) as h
        from range({rows}) as numbers(i)
    ), drawn as (
        select *, hash(h + 1) as h1, hash(h + 2) as h2, hash(h + 3) % 1000 as lot,
            (sheet * {requests} // {sheets}
                + hash(h + 4) % greatest(1, {requests} // {sheets}))::bigint as request
        from numbered
    ), dated as (
        select *, date '2026-03-01' + 7 * ((request * 7) % 10 + h1 % {weeks})::integer as week,
            (h2 % (select count(*) from prices))::bigint as n,
            1 + (case when h2 % 3 = 0 then h1 % 40 else 0 end)::integer as units
        from drawn
    ), priced as (
        select d.*, p.cu, p.description, p.uom,
            round(p.price * d.units * (1 + (h1 % 7)::integer / 100), 2)::decimal(18, 2)
                + (i < {touched})::integer as total,
            d.request % 10 = 3 and h2 % 6 = 0 as helped, d.request % 10 = 5 and h2 % 9 = 0 as vacuumed,
            'Ada Fox|Bo Lind|Cy Marsh|Di Oak|Ed Pell|Flo Quay|Gil Rowe|Hal Stone' as people
        from dated d join prices p using (n)
    )
    select 1000000 + sheet as sheet_id, 10000000 + i as row_id,
        if(i < {touched}, i + 2, 1)::bigint as run_seq,
        md5(i::varchar) as row_hash, md5(i::varchar || total) as billing_hash,
        i + 1 as row_number, null::bigint as parent_id,
        (week - 3)::timestamp + to_seconds(h1 % 86400) as created_at_utc,
        'coord' || sheet % 9 || '@office.example' as created_by,
        (week - 1)::timestamp + to_seconds(h2 % 86400) as modified_at_utc,
        'automation@smartsheet.com' as modified_by,
        90000000 + request as work_request, 'DE' || 7000000 + request as work_order,
        split_part('Gulf Prairie Electric|Red River Power|Caddo Light', '|', 1 + (request % 3)::integer)
            as customer,
        1000 + request % 40 as dept, 'J' || 1000 + request % 90 as job,
        split_part('Corpus|Abilene|Victoria', '|', 1 + (request % 3)::integer) as area,
        'S' || h1 % 400 as scope, (h1 % 90) || '-' || h2 % 10000 as pole,
        case when lot < 2 then '#NO MATCH' else cu end as cu, description as cu_description,
        split_part('Inst|Install|Rem|Tran', '|', 1 + (h1 % 4)::integer) as work_type, uom,
        case when lot = 4 then 'some' when lot % 9 = 5 then units || ' EA' else units::varchar end
            as quantity,
        case when lot between 5 and 7 then 'see note' when lot between 8 and 9 then null
            when lot between 10 and 14 then '(' || total || ')'
            when lot % 5 = 2 then format('${{:,.2f}}', total) else total::varchar end as price,
        split_part(people, '|', 1 + (request % 8)::integer) as foreman, null as foreman_assigned,
        case when helped then split_part(people, '|', 1 + ((request + 1) % 8)::integer) end as helper,
        case when helped then 'true' end as helper_completed,
        case when helped then '2' || request % 90 end as helper_dept, null as helper_job,
        case when vacuumed then 'VAC ' || request % 8 end as vac_crew,
        case when vacuumed then 'true' end as vac_completed,
        case when vacuumed then '3' || request % 90 end as vac_dept, null as vac_job, null as vac_email,
        case when lot between 20 and 99 then 'false' else 'true' end as completed,
        case when lot between 100 and 119 then null when lot between 120 and 124 then week - 9
            else week - (h1 % 5)::integer end as snapshot_date,
        case when lot = 3 then null else week end as reference_date,
        lower(replace(split_part(people, '|', 1 + (request % 8)::integer), ' ', '.'))
            || '@field.example' as foreman_contact,
        null::varchar as foreman_assigned_contact, null::varchar as helper_contact,
        null::varchar as vac_crew_contact, 'reference_date' as formulas,
        case when lot < 2 then 'cu' end as errors,
        '{{"Remarks":"unit ' || i || '"}}' as extras
    from priced
"""
