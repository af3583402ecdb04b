"""The tables of what was made and published: weekly workbooks, and the attachments that carry them.

Called by the reports room (writing), the asset checks, the views and the docs. `publications` is the record
of every step of every upload; `attachments` is folded from it.
"""

import pyarrow as pa

from dsr_pipeline.lake.constraints import AtLeast, ByteLength, NotBlank, OneOf, RequiredWhen
from dsr_pipeline.lake.contract import Column, Contract
from dsr_pipeline.money import MONEY_TYPE
from dsr_pipeline.text import HASH_DIGITS

REPORTS = "reports"
PUBLISH = "publish"

STATES = ("planned", "uploaded", "verified", "live", "replaced", "removed")
"""The life of an attachment. `planned` is recorded before anything is sent."""

_TEXT = pa.string()
_INT = pa.int64()
_DATE = pa.date32()
_INSTANT = pa.timestamp("us")
_KEY = (ByteLength(HASH_DIGITS),)
_SHA256 = (ByteLength(64),)
_ID = (AtLeast(1),)

_OF_GROUP = (
    Column("group_id", _TEXT, "Key of the group (billing/work_groups).", checks=_KEY),
    Column("work_request", _TEXT, "Number of the work request.", checks=(NotBlank(),), repeats=True),
    Column("week_ending", _DATE, "Last day of the week.", repeats=True),
    Column("variant", _TEXT, "Variant of rules/billing/variants.yaml.", checks=(NotBlank(),), repeats=True),
    Column("claimer", _TEXT, "Name of who claims the units.", True, repeats=True),
    Column("claimer_id", _TEXT, "Who that is.", True, repeats=True),
)

REPORT_FILES = Contract(
    group=REPORTS,
    table="report_files",
    meaning="The weekly workbooks as they stand now, and how far each is published.",
    grain="one row per group that ever had a workbook",
    primary_key=("group_id",),
    sort_key=("week_ending", "work_request", "variant", "group_id"),
    kind="derived",
    owner="reports",
    columns=(
        *_OF_GROUP,
        Column("money", pa.bool_(), "Whether it bears money; views do not."),
        Column("path", _TEXT, "Workbook, relative to data/reports.", checks=(NotBlank(),)),
        Column("sha256", _TEXT, "SHA-256 of the workbook.", checks=_SHA256),
        Column("size", _INT, "Bytes of the workbook.", unit="bytes", checks=_ID),
        Column("pdf_path", _TEXT, "The same as PDF, relative to data/reports.", True),
        Column("pdf_sha256", _TEXT, "SHA-256 of the PDF.", True, checks=_SHA256),
        Column(
            "revision",
            _INT,
            "Counted from 1; it rises when the content changes after a publication.",
            checks=_ID,
        ),
        Column("withdrawn", pa.bool_(), "The group is gone, and the workbook says so with no line."),
        Column("rows", _INT, "Printed lines.", unit="rows", checks=(AtLeast(0),)),
        Column("amount", MONEY_TYPE, "Their sum, equal to that of the group.", unit="currency"),
        Column("currency", _TEXT, "ISO 4217 code.", checks=(ByteLength(3),), repeats=True),
        Column("content_hash", _TEXT, "Content that it was built from.", checks=_KEY),
        Column("data_as_of_utc", _INSTANT, "Instant of the data."),
        Column("closed", pa.bool_(), "Whether the week had ended then."),
        Column("built_at_utc", _INSTANT, "When it was built."),
        Column("run_id", _TEXT, "Run that built it.", checks=(NotBlank(),), repeats=True),
        Column("published_at_utc", _INSTANT, "When every target had this content; null before.", True),
        Column("published_revision", _INT, "Last revision that every target had.", True, checks=_ID),
        Column("published_hash", _TEXT, "Content of that revision.", True, checks=_KEY),
        Column("published_amount", MONEY_TYPE, "Amount of that revision.", True, unit="currency"),
        Column("last_published_at_utc", _INSTANT, "When that revision was live everywhere.", True),
    ),
)

PUBLICATIONS = Contract(
    group=PUBLISH,
    table="publications",
    meaning="Every step of every attachment, recorded before or right after it was taken.",
    grain="one row per report, row of a target and step",
    primary_key=("group_id", "target", "target_row_id", "report_sha256", "state"),
    sort_key=("group_id", "target", "target_row_id", "report_sha256", "state"),
    kind="append_only",
    owner="reports",
    columns=(
        *_OF_GROUP,
        Column("target", _TEXT, "Target of rules/billing/variants.yaml.", checks=(NotBlank(),), repeats=True),
        Column("target_sheet_id", _INT, "Sheet that it is attached in.", checks=_ID, repeats=True),
        Column("target_row_id", _INT, "Row that it is attached to.", checks=_ID),
        Column("report_sha256", _TEXT, "SHA-256 of the file.", checks=_SHA256),
        Column("content_hash", _TEXT, "Content that the file was built from.", checks=_KEY),
        Column("revision", _INT, "Revision of the report.", checks=_ID),
        Column("amount", MONEY_TYPE, "Amount of that revision.", unit="currency of the report"),
        Column("file_name", _TEXT, "Name of the attachment.", checks=(NotBlank(),)),
        Column("size", _INT, "Bytes of the file.", unit="bytes", checks=_ID),
        Column(
            "attachment_id",
            _INT,
            "Attachment in Smartsheet; null while it is only planned.",
            True,
            checks=_ID,
        ),
        Column(
            "foreign_ids",
            _TEXT,
            "Attachments of that name that hung there before the plan and are somebody else's; ids separated "
            "by blanks.",
            True,
        ),
        Column("verified_sha256", _TEXT, "SHA-256 of what was read back.", True, checks=_SHA256),
        Column("state", _TEXT, "The step.", checks=(OneOf(STATES),), repeats=True),
        Column("run_id", _TEXT, "Run that took it.", checks=(NotBlank(),), repeats=True),
        Column("at_utc", _INSTANT, "When that run began.", repeats=True),
    ),
    checks=(
        # What is removed without an id was planned, and never sent.
        RequiredWhen("attachment_id", "state", STATES[1:5]),
        RequiredWhen("verified_sha256", "state", STATES[2:4]),
    ),
)

ATTACHMENTS = Contract(
    group=PUBLISH,
    table="attachments",
    meaning="The attachments that this program made and still answers for: the fold of publish/publications.",
    grain="one row per report and row of a target, from its plan to its removal",
    primary_key=("group_id", "target", "target_row_id", "report_sha256"),
    sort_key=("group_id", "target", "target_row_id", "report_sha256"),
    kind="derived",
    owner="reports",
    columns=tuple(column for column in PUBLICATIONS.columns),
    checks=PUBLICATIONS.checks,
)

REPORTS_DERIVED = (REPORT_FILES,)
PUBLISH_DERIVED = (ATTACHMENTS,)
CONTRACTS = (*REPORTS_DERIVED, *PUBLISH_DERIVED, PUBLICATIONS)
