"""The logs folded into the current tables, so that a sync costs what changed and not what ever happened.

Lives here: which versions count now, and how the five derived tables follow from them. A sync that was killed
after it had recorded something is folded by the next one, by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dsr_pipeline.lake.contract import Contract
from dsr_pipeline.lake.contracts.smartsheet import (
    COLUMNS,
    DERIVED,
    EVERY_WORK_REQUEST,
    HOLDS,
    ROW_STATE,
    ROW_VERSIONS,
    ROWS,
    SHEET_READS,
    SHEETS,
)
from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.lake.writing import GroupWriter, Switch
from dsr_pipeline.smartsheet.canonical_rows import schema
from dsr_pipeline.smartsheet.catalogue import Catalogue
from dsr_pipeline.smartsheet.column_map import ColumnMap, ColumnRules
from dsr_pipeline.smartsheet.row_ranges import (
    Parts,
    anything_to_decode,
    first_rows_sql,
    in_order,
    rows_in_order,
)
from dsr_pipeline.text import canonical_hash

ROW_RECORDS, READ_RECORDS, RULES, RUN = "row_records", "read_records", "columns", "run_seq"
"""Keys of the inputs of the group: how far the logs are folded, the rules, and the last sync in them."""

_NONE = "no_{}"
MEMORY = "200MB"

_NEWEST = """
    create or replace temp table events as
    select sheet_id, row_id, max(run_seq) as run_seq, arg_max(event, run_seq) as event
    from {new}
    group by sheet_id, row_id
"""

_STATE = """
    select sheet_id, row_id, run_seq, row_hash, parent_id, modified_at_utc, modified_by
    from {old_state} before anti join events using (sheet_id, row_id)
    union all by name
    select v.sheet_id, v.row_id, v.run_seq, v.row_hash, v.parent_id, v.modified_at_utc, v.modified_by
    from {new} v
    join events using (sheet_id, row_id, run_seq)
    where events.event = 'seen'
"""

_HOLDS = """
    with named as (
        select sheet_id, work_request, count(*) as rows
        from read_parquet('{rows}')
        where work_request is not null
        group by sheet_id, work_request)
    select blocked.sheet_id, blocked.sheet_name, coalesce(named.work_request, '{every}') as work_request,
           coalesce(named.rows, 0)::bigint as rows, blocked.reason
    from blocked left join named using (sheet_id)
"""


@dataclass(frozen=True, slots=True)
class Folded:
    """The catalogue after the fold, and whether its tables took their names."""

    catalogue: Catalogue
    switch: Switch

    @property
    def failures(self) -> tuple[str, ...]:
        """What the tables broke of their contracts; then the old ones stay."""
        return tuple(str(verdict) for verdict in self.switch.verdicts.values() if not verdict.passed)


def before(lake: Lake, writer: GroupWriter) -> Catalogue:
    """The catalogue as it was folded last; empty where it has to be made anew."""
    if _anew(writer):
        return Catalogue()
    return Catalogue.from_tables(lake.read(SHEETS), lake.read(COLUMNS))


def behind(lake: Lake, writer: GroupWriter, rules: ColumnRules) -> bool:
    """Whether the tables lack something that the logs or the rules hold."""
    return (
        _anew(writer)
        or writer.inputs.get(RULES) != rules_hash(rules)
        or bool(records_after(lake, ROW_VERSIONS.key, writer.inputs.get(ROW_RECORDS, 0)))
        or bool(records_after(lake, SHEET_READS.key, writer.inputs.get(READ_RECORDS, 0)))
    )


def fold(
    lake: Lake, writer: GroupWriter, rules: ColumnRules, folder: Path, ready: Sequence[Path] = ()
) -> Folded:
    """Bring the five tables up to the end of the logs and switch them; `folder` takes temporary files.

    `ready` are files of new versions that are shown already, under the same rules, in the order of the rows.
    """
    anew = _anew(writer)
    catalogue = before(lake, writer)
    reads = lake.log(SHEET_READS)
    new = reads.read(after=0 if anew else writer.inputs.get(READ_RECORDS, 0)).to_pylist()
    catalogue.apply(new)
    maps = catalogue.judge(rules)
    con = _connect(lake, folder)
    try:
        _put_rows(lake, writer, con, _Turn(catalogue, maps, rules, anew, folder, tuple(ready)))
        _distrust(catalogue, con, {read["sheet_id"]: read["run_seq"] for read in new})
        held = [
            (sheet.sheet_id, sheet.name, sheet.reason)
            for sheet in catalogue.sheets.values()
            if sheet.status in ("held", "unknown")
        ]
        _register(con, "blocked", ("sheet_id", "sheet_name", "reason"), held)
        rows = _text(writer.stage_path(ROWS))
        writer.copy(HOLDS, con, _HOLDS.format(rows=rows, every=EVERY_WORK_REQUEST))
    finally:
        con.close()
    writer.put(COLUMNS, catalogue.columns_table(maps))
    writer.put(SHEETS, catalogue.sheets_table())
    writer.inputs[ROW_RECORDS] = _last(lake, ROW_VERSIONS.key)
    writer.inputs[READ_RECORDS] = _last(lake, SHEET_READS.key)
    writer.inputs[RULES] = rules_hash(rules)
    return Folded(catalogue, writer.switch())


def rules_hash(rules: ColumnRules) -> str:
    """Changes with anything that the column rules say."""
    return canonical_hash(rules.model_dump_json())


@dataclass(frozen=True, slots=True)
class _Turn:
    catalogue: Catalogue
    maps: Mapping[int, ColumnMap]
    rules: ColumnRules
    anew: bool
    folder: Path
    ready: tuple[Path, ...]


def _distrust(catalogue: Catalogue, con: duckdb.DuckDBPyConnection, read: Mapping[int, int]) -> None:
    """A sheet whose rows are newer than what is noted of it (`read`) is read whole at the next sync."""
    newest = con.execute("select sheet_id, max(run_seq) from events group by sheet_id").fetchall()
    for sheet_id, seq in newest:
        if seq > read.get(sheet_id, 0) and (sheet := catalogue.sheets.get(sheet_id)) is not None:
            catalogue.sheets[sheet_id] = replace(sheet, full_read_at_utc=None)


def _put_rows(lake: Lake, writer: GroupWriter, con: duckdb.DuckDBPyConnection, turn: _Turn) -> None:
    """Stage `row_state` and `rows`. Sets `mapping_hash` of the sheets as their rows stand now."""
    done = 0 if turn.anew else writer.inputs.get(ROW_RECORDS, 0)
    log, new = _source(lake, 0), _source(lake, done)
    con.execute(_NEWEST.format(new=new))
    old_state = _old(lake, writer, ROW_STATE, turn.anew)
    writer.copy(ROW_STATE, con, _STATE.format(old_state=old_state, new=new))
    refold, held = _standing(turn)
    # A sync was killed between the rows of a new sheet and its columns: they are shown when these are known.
    seen = con.execute("select distinct sheet_id from events where event = 'seen'").fetchall()
    held += sorted({sheet_id for (sheet_id,) in seen} - turn.maps.keys())
    _register(con, "refold", ("sheet_id",), [(one,) for one in refold])
    _register(con, "held", ("sheet_id",), [(one,) for one in held])
    parts = Parts(
        log=log,
        state=f"read_parquet('{_text(writer.stage_path(ROW_STATE))}')",
        ready=parquet([str(file) for file in turn.ready]) if turn.ready else "no_shown",
        old=_old(lake, writer, ROWS, turn.anew),
    )
    first = not held and parts.old == _NONE.format(ROWS.table) and in_order(turn.ready)
    if first and not anything_to_decode(con, parts):
        # A first sync: everything was shown as it was read, in the order of the table.
        writer.copy(ROWS, con, first_rows_sql(parts, turn.rules), presorted=True)
    else:
        writer.put(ROWS, rows_in_order(con, parts, turn.maps, turn.rules))


def _standing(turn: _Turn) -> tuple[list[int], list[int]]:
    """The sheets whose rows must all be shown anew, and those whose rows stay as they were.

    A held sheet keeps the rows of its last good mapping (its work requests are known from them) and is shown
    anew when it is released.
    """
    refold: list[int] = []
    held: list[int] = []
    for sheet_id, sheet in turn.catalogue.sheets.items():
        mapping = turn.maps.get(sheet_id)
        if sheet.status == "held" or (mapping is not None and mapping.missing):
            held.append(sheet_id)
            turn.catalogue.sheets[sheet_id] = replace(sheet, mapping_hash=None)
        elif mapping is not None and sheet.mapping_hash != mapping.hash:
            refold.append(sheet_id)
            turn.catalogue.sheets[sheet_id] = replace(sheet, mapping_hash=mapping.hash)
    return refold, held


def _anew(writer: GroupWriter) -> bool:
    """Whether a table is missing or of an older contract: then everything is folded from the beginning."""
    tables = writer.before.tables
    return any(one.table not in tables or tables[one.table].contract_hash != one.hash for one in DERIVED)


def records_after(lake: Lake, key: str, number: int) -> list[str]:
    """The records after `number`. Raises `LakeError` where one that was there is missing.

    Without that, the next record would take the place of the missing one, and never be folded.
    """
    urls = lake.log(key).urls()
    newest = int(urls[-1].rpartition("/")[2].partition(".")[0]) if urls else 0
    if len(urls) != newest or newest < number:
        folder = urls[0].rpartition("/")[0] if urls else lake.storage.url("_logs")
        raise LakeError(
            f"{max(newest, number) - len(urls)} of {max(newest, number)} records of {key} are missing "
            f"({folder}): restore them from a backup"
        )
    return urls[number:]


def _last(lake: Lake, key: str) -> int:
    return len(lake.log(key).urls())


def _source(lake: Lake, done: int) -> str:
    """The records of row_versions after `done`, as something to select from."""
    urls = records_after(lake, ROW_VERSIONS.key, done)
    if not urls:
        return "no_versions"
    return parquet(urls)


def _old(lake: Lake, writer: GroupWriter, contract: Contract, anew: bool) -> str:
    """The table as it was, as something to select from; one without rows counts as none."""
    before = writer.before.tables.get(contract.table)
    path = lake.table_path(contract)
    if anew or before is None or path is None or not before.rows:
        return _NONE.format(contract.table)
    return f"read_parquet({_quoted(path)})"


def _connect(lake: Lake, folder: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    con.execute("set memory_limit = $memory", {"memory": MEMORY})
    con.execute("set temp_directory = $folder", {"folder": str(folder)})
    # Joins run as they are written: many rows are streamed past few keys, and never gathered.
    con.execute("set disabled_optimizers = 'join_order,build_side_probe_side'")
    lake.storage.register(con)
    for contract, name in ((ROW_VERSIONS, "no_versions"), (ROW_STATE, "no_row_state"), (ROWS, "no_rows")):
        con.register(name, contract.schema.empty_table())
    con.register("no_shown", schema().empty_table())
    return con


def _register(con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    """A small table of ids and texts."""
    con.register(
        name,
        pa.table(
            {
                column: pa.array([row[place] for row in rows], pa.int64() if place == 0 else pa.string())
                for place, column in enumerate(columns)
            }
        ),
    )


def _text(path: Path) -> str:
    return str(path).replace("'", "''")


def parquet(urls: list[str]) -> str:
    """Files as something to select from."""
    return f"read_parquet([{', '.join(_quoted(url) for url in urls)}])"


def _quoted(url: str) -> str:
    return "'" + url.replace("'", "''") + "'"
