"""The billing tables: every recorded row judged and priced, who claimed it, and what is billed together.

Called by the billing room (writing), by reports, the asset checks, the views and the docs. `claims` is the
record of who claimed a unit; everything else is made again from the Smartsheet rows and `rules/billing`.
"""

import pyarrow as pa

from dsr_pipeline.lake.constraints import AtLeast, ByteLength, NotAfter, NotBlank, OneOf, RequiredWhen
from dsr_pipeline.lake.contract import Column, Contract
from dsr_pipeline.money import MONEY_TYPE, RATE_TYPE
from dsr_pipeline.text import HASH_DIGITS

GROUP = "billing"

UNIT_STATUS = ("billable", "rejected", "held")
ACTIONS = ("install", "removal", "transfer")
"""What was done to the unit: it decides which price of the rate table counts."""
ROLES = ("foreman", "helper", "vac_crew")
"""As what a person claims a unit; names of columns of `smartsheet/rows`."""
PRICE_SOURCES = ("sheet", "rate", "negotiated")
REJECT_REASONS = {
    "not_completed": "Units Completed? is not checked",
    "missing_work_request": "the row names no work request",
    "missing_week": "the row has no weekly reference date",
    "bad_week": "the weekly reference date cannot be read as a day",
    "bad_completed": "Units Completed? holds something that is neither checked nor unchecked",
    "cell_error": "a cell that billing needs shows an error of Smartsheet",
    "missing_code": "the row has no billable unit code",
    "no_match": "the billable unit code matches nothing",
    "bad_quantity": "the quantity cannot be read as a number",
    "bad_price": "the price cannot be read as an amount",
    "missing_price": "there is no price, and no rate that gives one",
    "zero_price": "the price is zero, and no rate gives another",
    "too_large": "the amount is larger than any table can hold",
    "no_variant": "no variant in rules/billing/variants.yaml takes this row",
    "duplicate": "the same unit is billed by another row",
}
"""Why a row is not billed, in the order in which it is judged: the first that applies counts."""
REMARKS = (
    "undated",
    "out_of_week",
    "week_snapped",
    "credit",
    "no_rate",
    "zero_rate",
    "no_action",
    "no_claimer",
    "claim_changed",
    "possible_duplicate",
    "bad_quantity",
    "rated_by_week",
    "bad_snapshot",
)
"""What a person should know of a row that is billed all the same."""
CLAIM_EVENTS = ("seen", "decided")
GROUP_STATUS = ("ready", "held")

_TEXT = pa.string()
_INT = pa.int64()
_DATE = pa.date32()
_INSTANT = pa.timestamp("us")
_ID = (AtLeast(1),)
_KEY = (ByteLength(HASH_DIGITS),)
_COUNT = (AtLeast(0),)
_MONEY = "currency of `currency`"


def _sheet_id() -> Column:
    return Column("sheet_id", _INT, "Id of the sheet in Smartsheet.", checks=_ID, repeats=True)


def _row_id() -> Column:
    return Column("row_id", _INT, "Id of the row in Smartsheet.", checks=_ID)


def _group_id(nullable: bool = False) -> Column:
    return Column(
        "group_id",
        _TEXT,
        "Key of the group in billing/work_groups: hash of work request, week, variant and claimer.",
        nullable,
        checks=_KEY,
        repeats=True,
    )


def _text(name: str, meaning: str) -> Column:
    return Column(name, _TEXT, meaning, True, repeats=True)


_JUDGED = (
    _sheet_id(),
    _text("sheet_name", "Name of the sheet."),
    _row_id(),
    Column("row_number", _INT, "Place in the sheet when it was read.", True),
    _text("work_request", "Number of the work request."),
    Column("week_ending", _DATE, "Last day of the week in which it is billed.", True),
)

_SOURCE = (
    Column("source_modified_at_utc", _INSTANT, "When the row was changed last in Smartsheet."),
    _text("source_modified_by", "Address of who changed it last."),
)

_PRICED = (
    Column(
        "unit_rate",
        RATE_TYPE,
        "Price of one unit; null where the amount is no multiple of the quantity that six decimals can tell.",
        True,
        unit=_MONEY,
    ),
    Column(
        "amount",
        MONEY_TYPE,
        "What the line bills, rounded to cents once; a credit is negative.",
        True,
        unit=_MONEY,
    ),
    Column(
        "currency",
        _TEXT,
        "ISO 4217 code, from rules/billing/policy.yaml.",
        checks=(ByteLength(3),),
        repeats=True,
    ),
    Column(
        "price_source",
        _TEXT,
        "Where the price comes from: the sheet, a rate table, a rate negotiated with the customer.",
        True,
        checks=(OneOf(PRICE_SOURCES),),
        repeats=True,
    ),
    _text("rate_table", "Rate table and effective date that priced it, such as 'price_list 2026-04-12'."),
)

WORK_UNITS = Contract(
    group=GROUP,
    table="work_units",
    meaning="Every row of smartsheet/rows, typed, judged, priced and assigned to the group that bills it.",
    grain="one row per live source row",
    primary_key=("sheet_id", "row_id"),
    sort_key=("sheet_id", "row_id"),
    kind="derived",
    owner="billing",
    columns=(
        *_JUDGED,
        Column("reference_date", _DATE, "Weekly reference date as recorded.", True),
        Column("snapshot_date", _DATE, "Day on which the completion was stamped.", True),
        _text("foreman", "Foreman, as shown in the sheet (the assigned one where there is one)."),
        _text("helper", "Helping foreman, as shown."),
        _text("vac_crew", "Vacuum crew, as shown."),
        Column("variant", _TEXT, "Money-bearing variant of rules/billing/variants.yaml.", True, repeats=True),
        _text("claimer", "Name of who claims the unit: frozen on first sight (billing/claims)."),
        _text("claimer_id", "Who that is: the contact's address, else `name:` and the name."),
        _text("customer", "Customer, as written."),
        _text("customer_id", "Who that is: id in rules/billing/policy.yaml, else `name:` and the name."),
        _text("dept", "Department of the claim: the claimer's own where the variant says so."),
        _text("job", "Job of the claim: the claimer's own where the variant says so."),
        _text("work_order", "Number of the work order."),
        _text("scope", "Scope number."),
        _text("area", "Area."),
        _text("pole", "Pole or point number."),
        _text("cu", "Code of the billable unit."),
        _text("cu_description", "Description of the billable unit."),
        _text("work_type", "What was done, as written."),
        Column(
            "action",
            _TEXT,
            "What was done, as the rate tables say it.",
            True,
            checks=(OneOf(ACTIONS),),
            repeats=True,
        ),
        _text("uom", "Unit of measure."),
        Column("quantity", RATE_TYPE, "Number of units.", True, unit="`uom`"),
        *_PRICED,
        Column(
            "completed", pa.bool_(), "Whether Units Completed? is checked; null where it says neither.", True
        ),
        Column(
            "status",
            _TEXT,
            "billable, rejected (with a reason), held (not known well enough to bill).",
            checks=(OneOf(UNIT_STATUS),),
            repeats=True,
        ),
        Column(
            "reject_reason",
            _TEXT,
            "Why it is not billed.",
            True,
            checks=(OneOf(tuple(REJECT_REASONS)),),
            repeats=True,
        ),
        _text("hold_reason", "Why it waits."),
        Column(
            "amount_at_stake",
            MONEY_TYPE,
            "What a rejected or held row would bill as far as it can be "
            "told: its own price, else rate times quantity; 0 where neither is known.",
            True,
            unit=_MONEY,
        ),
        _text("remarks", "What a person should know, separated by commas: " + ", ".join(REMARKS) + "."),
        _text("credit_reason", "Why a credit was given, where the sheet says it."),
        Column("duplicate_of_sheet_id", _INT, "Sheet of the row that bills this unit.", True, checks=_ID),
        Column("duplicate_of_row_id", _INT, "Row that bills this unit.", True, checks=_ID),
        _group_id(nullable=True),
        Column("line_hash", _TEXT, "Hash of everything that the line shows and bills.", True, checks=_KEY),
        *_SOURCE,
        Column(
            "run_seq",
            _INT,
            "Sync that saw this version of the row first (smartsheet/row_versions).",
            checks=_ID,
            repeats=True,
        ),
    ),
    checks=(
        RequiredWhen("reject_reason", "status", ("rejected",)),
        RequiredWhen("hold_reason", "status", ("held",)),
        RequiredWhen("amount_at_stake", "status", ("rejected", "held")),
        RequiredWhen("amount", "status", ("billable", "held")),
        RequiredWhen("group_id", "status", ("billable", "held")),
        RequiredWhen("variant", "status", ("billable", "held")),
        RequiredWhen("line_hash", "status", ("billable", "held")),
        RequiredWhen("week_ending", "status", ("billable", "held")),
        RequiredWhen("work_request", "status", ("billable", "held")),
        RequiredWhen("duplicate_of_row_id", "reject_reason", ("duplicate",)),
    ),
)

REJECTED_UNITS = Contract(
    group=GROUP,
    table="rejected_units",
    meaning="The ledger of what is not billed: every rejected or held row with its reason and the amount at "
    "stake, in words and as written in the sheet.",
    grain="one row per source row that is rejected or held",
    primary_key=("sheet_id", "row_id"),
    sort_key=("sheet_id", "row_id"),
    kind="derived",
    owner="billing",
    columns=(
        *_JUDGED,
        Column("status", _TEXT, "rejected or held.", checks=(OneOf(UNIT_STATUS[1:]),), repeats=True),
        Column(
            "reason", _TEXT, "Code of the reason; `held` for a held row.", checks=(NotBlank(),), repeats=True
        ),
        Column("sentence", _TEXT, "The reason in words, with what is written there.", checks=(NotBlank(),)),
        Column(
            "amount_at_stake", MONEY_TYPE, "What the row would bill as far as it can be told.", unit=_MONEY
        ),
        Column("currency", _TEXT, "ISO 4217 code.", checks=(ByteLength(3),), repeats=True),
        _text("foreman", "Foreman, as shown."),
        _text("customer", "Customer, as written."),
        _text("pole", "Pole or point number."),
        _text("cu", "Code of the billable unit."),
        _text("work_type", "What was done, as written."),
        _text("quantity_text", "Quantity, as written."),
        _text("price_text", "Price, as written."),
        _text("reference_text", "Weekly reference date, as written."),
        _text("snapshot_text", "Snapshot date, as written."),
        Column("duplicate_of_sheet_id", _INT, "Sheet of the row that bills this unit.", True, checks=_ID),
        Column("duplicate_of_row_id", _INT, "Row that bills this unit.", True, checks=_ID),
        *_SOURCE,
    ),
)

VIEW_LINES = Contract(
    group=GROUP,
    table="view_lines",
    meaning="Lines of the variants that are views: billable units shown once more at another price. They "
    "bear no money.",
    grain="one row per unit and view variant",
    primary_key=("variant", "sheet_id", "row_id"),
    sort_key=("variant", "sheet_id", "row_id"),
    kind="derived",
    owner="billing",
    columns=(
        Column("variant", _TEXT, "The view.", repeats=True),
        _sheet_id(),
        _row_id(),
        _group_id(),
        _text("claimer", "Name of who claims the unit."),
        _text("claimer_id", "Who that is."),
        _text("dept", "Department of the claim."),
        _text("job", "Job of the claim."),
        *_PRICED,
        _text("remarks", "What a person should know of this price."),
        Column("line_hash", _TEXT, "Hash of everything that the line shows.", checks=_KEY),
    ),
    checks=(),
)

WORK_GROUPS = Contract(
    group=GROUP,
    table="work_groups",
    meaning="What is billed together: one weekly workbook each.",
    grain="one row per work request, week, variant and claimer",
    primary_key=("group_id",),
    sort_key=("week_ending", "work_request", "variant", "group_id"),
    kind="derived",
    owner="billing",
    columns=(
        _group_id(),
        Column("work_request", _TEXT, "Number of the work request.", checks=(NotBlank(),)),
        Column("week_ending", _DATE, "Last day of the week.", repeats=True),
        Column(
            "variant", _TEXT, "Variant of rules/billing/variants.yaml.", checks=(NotBlank(),), repeats=True
        ),
        Column("money", pa.bool_(), "Whether it bears money; views do not."),
        _text("claimer", "Name of who claims the units."),
        _text("claimer_id", "Who that is; null where nobody does yet."),
        Column(
            "status",
            _TEXT,
            "ready, or held because a source is not known as it is now.",
            checks=(OneOf(GROUP_STATUS),),
            repeats=True,
        ),
        _text("hold_reason", "Why it is held."),
        Column("rows", _INT, "Lines.", unit="rows", checks=(AtLeast(1),)),
        Column("credits", _INT, "Lines with a negative amount.", unit="rows", checks=_COUNT),
        Column("undated", _INT, "Lines without a snapshot date.", unit="rows", checks=_COUNT),
        Column(
            "out_of_week", _INT, "Lines whose snapshot date lies in another week.", unit="rows", checks=_COUNT
        ),
        Column("amount", MONEY_TYPE, "Sum of the lines.", unit=_MONEY),
        Column("currency", _TEXT, "ISO 4217 code.", checks=(ByteLength(3),), repeats=True),
        Column(
            "exceptions",
            _INT,
            "Rows of this work request and week that a person should look at.",
            unit="rows",
            checks=_COUNT,
        ),
        Column(
            "exceptions_amount", MONEY_TYPE, "What those of them that are not billed would bill.", unit=_MONEY
        ),
        Column("closed", pa.bool_(), "Whether the week had ended when the data were read."),
        Column("data_as_of_utc", _INSTANT, "Instant of the data in which this content was seen first."),
        Column(
            "content_hash",
            _TEXT,
            "Hash of the lines, in any order, of the exceptions, of whether the "
            "week is closed, and of the layout.",
            checks=_KEY,
        ),
    ),
    checks=(RequiredWhen("hold_reason", "status", ("held",)),),
)

RATES = Contract(
    group=GROUP,
    table="rates",
    meaning="The prices of rules/billing/rates as they were loaded: contract rates by basis, and rates "
    "negotiated with a customer.",
    grain="one row per code, basis, customer, action and day from which it counts",
    primary_key=("cu", "basis", "customer_id", "action", "effective_from"),
    sort_key=("cu", "basis", "customer_id", "action", "effective_from"),
    kind="derived",
    owner="billing",
    columns=(
        Column("cu", _TEXT, "Code of the billable unit, in upper case.", checks=(NotBlank(),), repeats=True),
        Column("basis", _TEXT, "Price basis, such as primary or subcontractor.", repeats=True),
        Column(
            "customer_id", _TEXT, "Customer with whom it was negotiated; empty for everybody.", repeats=True
        ),
        Column("action", _TEXT, "What is done.", checks=(OneOf(ACTIONS),), repeats=True),
        Column("effective_from", _DATE, "First day on which it counts.", repeats=True),
        Column(
            "effective_until",
            _DATE,
            "Last day on which it counts; null while none follows.",
            True,
            repeats=True,
        ),
        Column(
            "price",
            RATE_TYPE,
            "Price of one unit; zero means that nobody priced it.",
            unit="currency of the policy",
        ),
        _text("cu_description", "Description of the unit."),
        _text("uom", "Unit of measure."),
        _text("unit_group", "Compatible unit group."),
        Column("rate_table", _TEXT, "File under rules/billing/rates, without .csv.", repeats=True),
    ),
    checks=(NotAfter("effective_from", "effective_until"),),
)

CLAIMS = Contract(
    group=GROUP,
    table="claims",
    meaning="Who claimed a unit: written once when it is seen first, and again when a person decides "
    "otherwise. The newest decision counts, else what was seen first.",
    grain="one row per unit, role and event",
    primary_key=("sheet_id", "row_id", "role"),
    sort_key=("sheet_id", "row_id", "role"),
    kind="append_only",
    owner="billing",
    columns=(
        _sheet_id(),
        _row_id(),
        Column("role", _TEXT, "As what the unit is claimed.", checks=(OneOf(ROLES),), repeats=True),
        Column("event", _TEXT, "seen, or decided by a person.", checks=(OneOf(CLAIM_EVENTS),), repeats=True),
        _text("work_request", "Work request at that time."),
        Column("week_ending", _DATE, "Week at that time.", True, repeats=True),
        Column("claimer", _TEXT, "Name as shown then.", checks=(NotBlank(),), repeats=True),
        Column(
            "claimer_id",
            _TEXT,
            "The contact's address, else `name:` and the name.",
            checks=(NotBlank(),),
            repeats=True,
        ),
        _text("reason", "Why a person decided so."),
        _text("decided_by", "Who decided."),
        Column("run_id", _TEXT, "Run that recorded it.", checks=(NotBlank(),), repeats=True),
        Column("recorded_at_utc", _INSTANT, "When it was recorded.", repeats=True),
    ),
    checks=(
        RequiredWhen("reason", "event", ("decided",)),
        RequiredWhen("decided_by", "event", ("decided",)),
    ),
)

CURRENT_CLAIMS = Contract(
    group=GROUP,
    table="current_claims",
    meaning="The claim that counts for every unit: the fold of billing/claims, so that no run reads all of "
    "it.",
    grain="one row per unit and role that was ever claimed",
    primary_key=("sheet_id", "row_id", "role"),
    sort_key=("sheet_id", "row_id", "role"),
    kind="derived",
    owner="billing",
    columns=(
        _sheet_id(),
        _row_id(),
        Column("role", _TEXT, "As what the unit is claimed.", checks=(OneOf(ROLES),), repeats=True),
        Column("event", _TEXT, "seen, or decided by a person.", checks=(OneOf(CLAIM_EVENTS),), repeats=True),
        Column("claimer", _TEXT, "Name that counts.", checks=(NotBlank(),), repeats=True),
        Column("claimer_id", _TEXT, "Who that is.", checks=(NotBlank(),), repeats=True),
        Column("recorded_at_utc", _INSTANT, "When it was recorded.", repeats=True),
    ),
)

LOGS = (CLAIMS,)
DERIVED = (RATES, CURRENT_CLAIMS, WORK_UNITS, REJECTED_UNITS, VIEW_LINES, WORK_GROUPS)
CONTRACTS = (*DERIVED, *LOGS)
