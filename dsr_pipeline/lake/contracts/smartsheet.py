"""The Smartsheet tables: what every sheet holds now, and every version of every row for ever.

Called by the Smartsheet room (writing), the asset checks, the views and the docs. The logs are the record;
the derived tables are folded from them and can be made again at any time.
"""

import pyarrow as pa

from dsr_pipeline.lake.constraints import AtLeast, ByteLength, NotBlank, OneOf, RequiredWhen
from dsr_pipeline.lake.contract import Column, Contract
from dsr_pipeline.text import HASH_DIGITS

GROUP = "smartsheet"
EVERY_WORK_REQUEST = "*"
"""Stands in `holds` for a sheet whose work requests are not known, because it was never read."""

SHEET_STATUS = ("read", "held", "unknown", "ignored")
READ_MODES = ("full", "changes", "none")
RUN_STATUS = ("done", "incomplete", "interrupted")

_TEXT = pa.string()
_INT = pa.int64()
_INSTANT = pa.timestamp("us")
_KEY = (ByteLength(HASH_DIGITS),)
_SHA256 = (ByteLength(64),)
_COUNT = (AtLeast(0),)
_ID = (AtLeast(1),)


def _sheet_id() -> Column:
    return Column("sheet_id", _INT, "Id of the sheet in Smartsheet.", checks=_ID, repeats=True)


def _row_id() -> Column:
    return Column("row_id", _INT, "Id of the row in Smartsheet; it never changes.", checks=_ID)


def _run_seq(meaning: str) -> Column:
    return Column("run_seq", _INT, meaning, checks=_ID, repeats=True)


def _run_id() -> Column:
    return Column("run_id", _TEXT, "Run that recorded it.", checks=(NotBlank(),), repeats=True)


def _recorded() -> Column:
    return Column(
        "recorded_at_utc", _INSTANT, "When the run that recorded it began (system time).", repeats=True
    )


ROW_VERSIONS = Contract(
    group=GROUP,
    table="row_versions",
    meaning="Every version of every row that a sync saw, and every row that it found gone.",
    grain="one row per row of a sheet and sync in which its content, its editor or its presence changed",
    primary_key=("sheet_id", "row_id", "run_seq"),
    sort_key=("sheet_id", "row_id"),
    kind="append_only",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        _row_id(),
        _run_seq("Number of the sync that saw it first; it holds until the next version (system time)."),
        _run_id(),
        Column("event", _TEXT, "What was seen.", checks=(OneOf(("seen", "removed")),), repeats=True),
        Column(
            "row_hash",
            _TEXT,
            "Hash of the cells as received; null for a row that is gone.",
            True,
            checks=_KEY,
        ),
        Column("row_number", _INT, "Place in the sheet when it was read; no version of its own.", True),
        Column("parent_id", _INT, "Row under which it is indented.", True),
        Column("created_at_utc", _INSTANT, "When the row was made, by Smartsheet's clock.", True),
        Column("created_by", _TEXT, "Address of who made it.", True, repeats=True),
        Column("modified_at_utc", _INSTANT, "When it was changed last (valid time).", True),
        Column("modified_by", _TEXT, "Address of who changed it last.", True, repeats=True),
        Column(
            "cells",
            _TEXT,
            "JSON: column id to what the cell held. A plain value, or v (value), d (shown), f (formula), "
            "o (list of several values).",
            True,
        ),
        Column(
            "raw_sha256", _TEXT, "SHA-256 of the answer that it came in.", True, checks=_SHA256, repeats=True
        ),
        _recorded(),
    ),
    checks=(
        RequiredWhen("cells", "event", ("seen",)),
        RequiredWhen("row_hash", "event", ("seen",)),
        RequiredWhen("modified_at_utc", "event", ("seen",)),
        RequiredWhen("raw_sha256", "event", ("seen",)),
    ),
)

SHEET_READS = Contract(
    group=GROUP,
    table="sheet_reads",
    meaning="What each sync did with each sheet that it read, could not read, or whose standing changed.",
    grain="one row per sync and sheet; a sheet whose version had not moved has none",
    primary_key=("run_seq", "sheet_id"),
    sort_key=("run_seq", "sheet_id"),
    kind="append_only",
    owner="smartsheet",
    columns=(
        _run_seq("Number of the sync."),
        _run_id(),
        _sheet_id(),
        Column("name", _TEXT, "Name of the sheet."),
        Column("source", _TEXT, "Source in rules/billing/sources.yaml that names it.", repeats=True),
        Column("rate_basis", _TEXT, "Price basis that the source gives its sheets.", True, repeats=True),
        Column(
            "status",
            _TEXT,
            "read, held (read, but a gate column does not map), unknown (could not be read), ignored.",
            checks=(OneOf(SHEET_STATUS),),
            repeats=True,
        ),
        Column("reason", _TEXT, "Why it is not simply read, and the mend.", True),
        Column(
            "mode",
            _TEXT,
            "full (every row), changes (rows changed since), none.",
            checks=(OneOf(READ_MODES),),
            repeats=True,
        ),
        Column("version", _INT, "Version of the sheet that was read.", True),
        Column("listed_version", _INT, "Version in the list of sheets.", True),
        Column("sheet_modified_at_utc", _INSTANT, "When the sheet changed, by the list of sheets.", True),
        Column(
            "total_row_count",
            _INT,
            "Rows that Smartsheet says the sheet has.",
            True,
            unit="rows",
            checks=_COUNT,
        ),
        Column(
            "live_rows", _INT, "Rows that are known of it after the read.", True, unit="rows", checks=_COUNT
        ),
        Column("rows_received", _INT, "Rows that came in the answers.", unit="rows", checks=_COUNT),
        Column("rows_seen", _INT, "New versions recorded.", unit="rows", checks=_COUNT),
        Column("rows_removed", _INT, "Rows found gone.", unit="rows", checks=_COUNT),
        Column(
            "error_cells",
            _INT,
            "Received cells that hold an error of Smartsheet, such as #NO MATCH.",
            unit="cells",
            checks=_COUNT,
        ),
        Column("cursor_utc", _INSTANT, "Newest change of a row that was ever seen in it.", True),
        Column("columns", _TEXT, "JSON list of the columns: id, title, type, index, primary.", True),
        Column("permalink", _TEXT, "Address of the sheet in Smartsheet.", True),
        Column("access_level", _TEXT, "What the token may do with it.", True, repeats=True),
        _recorded(),
    ),
    checks=(
        RequiredWhen("reason", "status", ("held", "unknown", "ignored")),
        RequiredWhen("version", "mode", ("full", "changes")),
        RequiredWhen("total_row_count", "mode", ("full", "changes")),
        RequiredWhen("columns", "mode", ("full", "changes")),
    ),
)

RUNS = Contract(
    group=GROUP,
    table="sync_runs",
    meaning="Every sync, with what it cost and what it found.",
    grain="one row per sync",
    primary_key=("run_seq",),
    sort_key=("run_seq",),
    kind="append_only",
    owner="smartsheet",
    columns=(
        _run_seq("Number of the sync, counted from 1."),
        _run_id(),
        Column(
            "status",
            _TEXT,
            "done, incomplete (sheets unknown or held), interrupted (it was killed; what it had "
            "recorded counts).",
            checks=(OneOf(RUN_STATUS),),
        ),
        Column("started_at_utc", _INSTANT, "When it began."),
        Column("sheets", _INT, "Sheets that the sources name.", unit="sheets", checks=_COUNT),
        Column("sheets_read", _INT, "Sheets read.", unit="sheets", checks=_COUNT),
        Column("sheets_unchanged", _INT, "Sheets whose version had not moved.", unit="sheets", checks=_COUNT),
        Column("sheets_unknown", _INT, "Sheets that could not be read.", unit="sheets", checks=_COUNT),
        Column("sheets_held", _INT, "Sheets whose gate columns do not map.", unit="sheets", checks=_COUNT),
        Column("rows_seen", _INT, "New versions of rows.", unit="rows", checks=_COUNT),
        Column("rows_removed", _INT, "Rows found gone.", unit="rows", checks=_COUNT),
        Column("calls", _INT, "Requests to Smartsheet, repeats included.", unit="requests", checks=_COUNT),
        Column("cost", _INT, "Their weight against the rate limit.", unit="units", checks=_COUNT),
        Column("row_records", _INT, "Last record of row_versions that belongs to it.", checks=_COUNT),
        Column("message", _TEXT, "What a person should know.", True),
    ),
)

CELL_HISTORY = Contract(
    group=GROUP,
    table="cell_history",
    meaning="The history of single cells, fetched on request and kept for ever.",
    grain="one row per change of a cell, and fetch of its history",
    primary_key=("sheet_id", "row_id", "column_id", "row_modified_at_utc", "position"),
    sort_key=("sheet_id", "row_id", "column_id", "row_modified_at_utc", "position"),
    kind="append_only",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        _row_id(),
        Column("column_id", _INT, "Id of the column.", checks=_ID),
        Column(
            "row_modified_at_utc",
            _INSTANT,
            "State of the row for which it was asked: with the cell, the key "
            "under which it is never asked again.",
        ),
        Column("position", _INT, "Place in the history, oldest first, from 0.", checks=_COUNT),
        Column(
            "value",
            _TEXT,
            "JSON of what the cell held from then on, as in row_versions.cells; null for empty.",
            True,
        ),
        Column(
            "modified_at_utc",
            _INSTANT,
            "When it was written; null in the one row of a cell without history (empty, or its row is gone).",
            True,
        ),
        Column("modified_by", _TEXT, "Address of who wrote it.", True),
        Column("modified_by_name", _TEXT, "Name of who wrote it.", True),
        _run_id(),
        _recorded(),
    ),
)

HISTORY_REQUESTS = Contract(
    group=GROUP,
    table="history_requests",
    meaning="The cells whose history somebody wants; a request is served when cell_history has its key.",
    grain="one row per request",
    primary_key=("sheet_id", "row_id", "column_id", "row_modified_at_utc"),
    sort_key=("sheet_id", "row_id", "column_id", "row_modified_at_utc"),
    kind="append_only",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        _row_id(),
        Column("column_id", _INT, "Id of the column.", checks=_ID),
        Column("row_modified_at_utc", _INSTANT, "State of the row for which the history is wanted."),
        Column("priority", _INT, "The greater comes first.", unit="points"),
        Column("reason", _TEXT, "What it is wanted for.", checks=(NotBlank(),)),
        _run_id(),
        _recorded(),
    ),
)

ROW_STATE = Contract(
    group=GROUP,
    table="row_state",
    meaning="Which rows there are now and which version of them counts: the fold of row_versions, so that a "
    "sync need not read its history.",
    grain="one row per live row of every sheet, held ones included",
    primary_key=("sheet_id", "row_id"),
    sort_key=("sheet_id", "row_id"),
    kind="derived",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        _row_id(),
        _run_seq("Sync that recorded the version."),
        Column("row_hash", _TEXT, "Hash of the cells as received.", checks=_KEY),
        Column("parent_id", _INT, "Row under which it is indented.", True),
        Column("modified_at_utc", _INSTANT, "When it was changed last."),
        Column("modified_by", _TEXT, "Address of who changed it last.", True, repeats=True),
    ),
)

SHEETS = Contract(
    group=GROUP,
    table="sheets",
    meaning="The catalogue: every sheet that the sources name, and how far it is known.",
    grain="one row per sheet",
    primary_key=("sheet_id",),
    sort_key=("sheet_id",),
    kind="derived",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        Column("name", _TEXT, "Name of the sheet."),
        Column("source", _TEXT, "Source in rules/billing/sources.yaml that names it."),
        Column("rate_basis", _TEXT, "Price basis that the source gives its sheets.", True),
        Column(
            "status",
            _TEXT,
            "read, held (a gate column does not map), unknown (could not be read), ignored.",
            checks=(OneOf(SHEET_STATUS),),
        ),
        Column("reason", _TEXT, "Why it is not simply read, and the mend.", True),
        Column("version", _INT, "Version of the sheet that is known.", True),
        Column("listed_version", _INT, "Version in the list of sheets when it was read.", True),
        Column("sheet_modified_at_utc", _INSTANT, "When the sheet changed, by the list of sheets.", True),
        Column(
            "total_row_count",
            _INT,
            "Rows that Smartsheet says the sheet has.",
            True,
            unit="rows",
            checks=_COUNT,
        ),
        Column("live_rows", _INT, "Rows that are known of it.", unit="rows", checks=_COUNT),
        Column(
            "error_cells",
            _INT,
            "Cells with an error of Smartsheet in the last read.",
            unit="cells",
            checks=_COUNT,
        ),
        Column("cursor_utc", _INSTANT, "Newest change of a row that was ever seen in it.", True),
        Column("read_at_utc", _INSTANT, "Beginning of the sync that read it last.", True),
        Column("full_read_at_utc", _INSTANT, "Beginning of the sync that read all its rows last.", True),
        Column(
            "mapping_hash",
            _TEXT,
            "Hash of its column mapping, under which its rows stand in `rows`; null while "
            "it has none that can be used.",
            True,
            checks=_KEY,
        ),
        Column("permalink", _TEXT, "Address of the sheet in Smartsheet.", True),
        Column("access_level", _TEXT, "What the token may do with it.", True),
    ),
    checks=(RequiredWhen("reason", "status", ("held", "unknown", "ignored")),),
)

COLUMNS = Contract(
    group=GROUP,
    table="columns",
    meaning="The columns of every sheet and the name under which the program knows them.",
    grain="one row per column of a sheet",
    primary_key=("sheet_id", "column_id"),
    sort_key=("sheet_id", "position", "column_id"),
    kind="derived",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        Column("column_id", _INT, "Id of the column; it stays when the title changes.", checks=_ID),
        Column("position", _INT, "Place in the sheet, from 0.", checks=_COUNT),
        Column("title", _TEXT, "Title in Smartsheet.", repeats=True),
        Column("type", _TEXT, "Column type of Smartsheet.", repeats=True),
        Column("is_primary", pa.bool_(), "Whether it is the primary column."),
        Column(
            "canonical",
            _TEXT,
            "Name in rules/billing/columns.yaml; null where none fits.",
            True,
            repeats=True,
        ),
        Column(
            "note", _TEXT, "What is odd about it: a second column for the same name, or a near miss.", True
        ),
    ),
)

CANONICAL: tuple[tuple[str, str], ...] = (
    ("work_request", "Number of the work request."),
    ("work_order", "Number of the work order."),
    ("customer", "Name of the customer."),
    ("dept", "Department number."),
    ("job", "Job number."),
    ("area", "Area."),
    ("scope", "Scope number."),
    ("pole", "Pole or point number."),
    ("cu", "Code of the billable unit."),
    ("cu_description", "Description of the billable unit."),
    ("work_type", "Install, removal or transfer, as written."),
    ("uom", "Unit of measure."),
    ("quantity", "Quantity, as written."),
    ("price", "Total price of the units, as written."),
    ("foreman", "Foreman, as shown."),
    ("foreman_assigned", "Assigned foreman, as shown."),
    ("helper", "Helping foreman, as shown."),
    ("helper_completed", "Whether the helping foreman completed the unit."),
    ("helper_dept", "Department of the helping foreman."),
    ("helper_job", "Job of the helping foreman."),
    ("vac_crew", "Vacuum crew that helped, as shown."),
    ("vac_completed", "Whether the vacuum crew completed the unit."),
    ("vac_dept", "Department of the vacuum crew."),
    ("vac_job", "Job of the vacuum crew."),
    ("vac_email", "Address of the vacuum crew."),
    ("completed", "Whether the units are completed."),
    ("snapshot_date", "Day on which the completion was stamped."),
    ("reference_date", "Weekly reference logged date."),
)
"""The names that `rules/billing/columns.yaml` may map columns to, and what they mean."""

CONTACTS = ("foreman", "foreman_assigned", "helper", "vac_crew")
"""Canonical columns that name a person, and have the person's address beside them."""

ROWS = Contract(
    group=GROUP,
    table="rows",
    meaning="The rows as they are now, their cells named by rules/billing/columns.yaml. The text of a cell "
    "is canonical: blanks collapsed, numbers without needless zeros, dates as YYYY-MM-DD, flags true or "
    "false; it is judged as a number, date or price by those who use it.",
    grain="one row per live row of a sheet whose gate columns map",
    primary_key=("sheet_id", "row_id"),
    sort_key=("sheet_id", "row_id"),
    kind="derived",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        _row_id(),
        _run_seq("Sync that saw this version first."),
        Column("row_hash", _TEXT, "Hash of all cells as received.", checks=_KEY),
        Column("billing_hash", _TEXT, "Hash of the billing columns in canonical form.", checks=_KEY),
        Column("row_number", _INT, "Place in the sheet when it was read.", True),
        Column("parent_id", _INT, "Row under which it is indented.", True),
        Column("created_at_utc", _INSTANT, "When the row was made.", True),
        Column("created_by", _TEXT, "Address of who made it.", True, repeats=True),
        Column("modified_at_utc", _INSTANT, "When it was changed last."),
        Column("modified_by", _TEXT, "Address of who changed it last.", True, repeats=True),
        *(Column(name, _TEXT, meaning, True, repeats=True) for name, meaning in CANONICAL),
        *(
            Column(
                f"{name}_contact",
                _TEXT,
                f"Address behind `{name}`, where the cell has one.",
                True,
                repeats=True,
            )
            for name in CONTACTS
        ),
        Column(
            "formulas",
            _TEXT,
            "Canonical names whose cell is a formula, separated by commas.",
            True,
            repeats=True,
        ),
        Column(
            "errors",
            _TEXT,
            "Canonical names whose cell shows an error of Smartsheet, separated by commas.",
            True,
            repeats=True,
        ),
        Column(
            "extras", _TEXT, "JSON: title to what the cell holds, for columns without a canonical name.", True
        ),
    ),
)

HOLDS = Contract(
    group=GROUP,
    table="holds",
    meaning="The work requests that may not be billed, because a sheet that names them is not known "
    "as it is now.",
    grain="one row per sheet that is held or unknown, and work request in it",
    primary_key=("sheet_id", "work_request"),
    sort_key=("sheet_id", "work_request"),
    kind="derived",
    owner="smartsheet",
    columns=(
        _sheet_id(),
        Column("sheet_name", _TEXT, "Name of the sheet."),
        Column(
            "work_request",
            _TEXT,
            f"The work request; {EVERY_WORK_REQUEST} where the sheet was never read, so that any "
            "may be in it.",
            checks=(NotBlank(),),
        ),
        Column("rows", _INT, "Rows of it when the sheet was last known.", unit="rows", checks=_COUNT),
        Column("reason", _TEXT, "Why, and the mend.", checks=(NotBlank(),)),
    ),
)

LOGS = (ROW_VERSIONS, SHEET_READS, RUNS, CELL_HISTORY, HISTORY_REQUESTS)
DERIVED = (SHEETS, COLUMNS, ROW_STATE, ROWS, HOLDS)
CONTRACTS = (*DERIVED, *LOGS)
