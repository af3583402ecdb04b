"""The bank tables that users read: columns and order are fixed by the list of stable interfaces.

Called by the bank room (writing), the asset checks, the views and the docs. Parsed segments are internal to
the bank room and have no contract here.
"""

import pyarrow as pa

from dsr_pipeline.lake.constraints import (
    AddsUp,
    AtLeast,
    ByteLength,
    NotAfter,
    NotBlank,
    OneOf,
    RequiredWhen,
    UniqueAmong,
)
from dsr_pipeline.lake.contract import Column, Contract, View
from dsr_pipeline.money import MONEY_TYPE, RATE_TYPE
from dsr_pipeline.text import HASH_DIGITS

GROUP = "bank"
FILE_STATUS = ("accepted", "rejected", "same_file", "waiting")
BALANCE_VERDICTS = ("proven", "chained", "broken", "not_available")
TRANSACTION_STATUS = ("posted", "pending", "superseded")
EVENT_TYPES = (
    "purchase",
    "refund",
    "fee",
    "interest",
    "income",
    "transfer",
    "card_payment",
    "cash",
    "settlement",
)
REVIEW_KINDS = (
    "aggregator_only",
    "ambiguous_transfer",
    "unmatched_transfer",
    "edge_day",
    "restated",
    "possible_duplicate",
)

_TEXT = pa.string()
_KEY = (ByteLength(HASH_DIGITS),)
_SHA256 = (ByteLength(64),)
_COUNT = (AtLeast(0),)


def _file_name() -> Column:
    return Column("file", _TEXT, "Path of the export inside the inbox.", checks=(NotBlank(),), repeats=True)


FILES = Contract(
    group=GROUP,
    table="files",
    meaning="What became of every file of the inbox.",
    grain="one row per file found in the inbox",
    primary_key=("file",),
    sort_key=("file",),
    kind="derived",
    owner="bank",
    columns=(
        _file_name(),
        Column("sha256", _TEXT, "SHA-256 of the file; null while it is waiting.", True, checks=_SHA256),
        Column("status", _TEXT, "Verdict on the file.", checks=(OneOf(FILE_STATUS),)),
        Column("rule", _TEXT, "Rule that read it, or that came nearest.", True),
        Column("rule_version", pa.int32(), "Version of that rule.", True),
        Column("score", pa.int32(), "How well the rule fits.", True, unit="points of 100"),
        Column("runner_up", _TEXT, "Second best rule and its score.", True),
        Column("reason", _TEXT, "Why the file was not accepted, or what to look at.", True),
        Column("encoding", _TEXT, "Encoding in which it was decoded.", True),
        Column(
            "lines", pa.int64(), "Physical lines after the header; all where there is none.", checks=_COUNT
        ),
        Column("accepted", pa.int64(), "Lines that became transactions.", unit="lines", checks=_COUNT),
        Column("excluded", pa.int64(), "Lines left out for a stated reason.", unit="lines", checks=_COUNT),
        Column("quarantined", pa.int64(), "Lines that could not be read.", unit="lines", checks=_COUNT),
        Column("date_min", pa.date32(), "First date among its accepted rows.", True),
        Column("date_max", pa.date32(), "Last date among its accepted rows.", True),
        Column("amount_sum", MONEY_TYPE, "Sum of its accepted amounts.", True, unit="account currency"),
        Column("account", _TEXT, "Account key; null where the file holds several or none.", True),
        Column("balance_verdict", _TEXT, "What its balances prove.", checks=(OneOf(BALANCE_VERDICTS),)),
        Column("opening", MONEY_TYPE, "Balance before its first row.", True, unit="account currency"),
        Column("closing", MONEY_TYPE, "Balance after its last row.", True, unit="account currency"),
    ),
    checks=(AddsUp(("accepted", "excluded", "quarantined"), "lines"), NotAfter("date_min", "date_max")),
)

TRANSACTIONS = Contract(
    group=GROUP,
    table="transactions",
    meaning="Every bank transaction once, and what was restated; totals use the rows not superseded.",
    grain="one row per transaction and restatement of it, told apart by status",
    primary_key=("txn_key", "status", "file_sha256", "line_no"),
    sort_key=("file_sha256", "line_no"),
    kind="derived",
    owner="bank",
    columns=(
        Column("txn_key", _TEXT, "Stable key of the transaction.", checks=_KEY),
        Column("account", _TEXT, "Account key.", checks=(NotBlank(),), repeats=True),
        Column("owner", _TEXT, "Person or people who own the account.", True, repeats=True),
        Column("date", pa.date32(), "Date of the transaction; null for a pending row without one.", True),
        Column("post_date", pa.date32(), "Date on which the bank booked it.", True),
        Column("amount", MONEY_TYPE, "Amount; money out is negative.", unit="currency"),
        Column("currency", _TEXT, "ISO 4217 code.", True, checks=(ByteLength(3),), repeats=True),
        Column("description", _TEXT, "Description exactly as the bank wrote it."),
        Column("payee", _TEXT, "Counterparty as the bank names it.", True),
        Column("merchant", _TEXT, "Merchant by the merchant rules.", True, repeats=True),
        Column("event_type", _TEXT, "What kind of event it is.", checks=(OneOf(EVENT_TYPES),), repeats=True),
        Column("category", _TEXT, "Category by merchant rule or source.", checks=(NotBlank(),), repeats=True),
        Column("category_src", _TEXT, "Category that the source gave.", True, repeats=True),
        Column("balance", MONEY_TYPE, "Running balance that the bank printed.", True, unit="currency"),
        Column("pending", pa.bool_(), "The bank had not booked it when the file was made."),
        Column("source_id", _TEXT, "The bank's own id of the transaction.", True),
        Column("status", _TEXT, "Whether it counts.", checks=(OneOf(TRANSACTION_STATUS),), repeats=True),
        Column("transfer_id", _TEXT, "Transfer between own accounts that it is a leg of.", True, checks=_KEY),
        Column("extras", _TEXT, "Columns of the source that no rule maps, as JSON.", True),
        Column("rule", _TEXT, "Rule that read it.", checks=(NotBlank(),), repeats=True),
        Column("rule_version", pa.int32(), "Version of that rule.", repeats=True),
        _file_name(),
        Column("file_sha256", _TEXT, "SHA-256 of that file.", checks=_SHA256, repeats=True),
        Column("line_no", pa.int64(), "Physical line in that file, from 1.", checks=(AtLeast(1),)),
        Column(
            "occurrence",
            pa.int32(),
            "Which of several equal rows of one account it is, from 1.",
            checks=(AtLeast(1),),
            repeats=True,
        ),
        Column("seen_in", _TEXT, "Sorted names of all files that hold it, as JSON.", repeats=True),
    ),
    checks=(
        UniqueAmong(("txn_key",), where="status", excluding=("superseded",)),
        RequiredWhen("date", when="status", values=("posted",)),
    ),
)

EXCLUDED = Contract(
    group=GROUP,
    table="excluded",
    meaning="Every line left out on purpose, with the reason.",
    grain="one row per excluded physical line",
    primary_key=("file", "line_no"),
    sort_key=("file", "line_no"),
    kind="derived",
    owner="bank",
    columns=(
        _file_name(),
        Column("line_no", pa.int64(), "Physical line, from 1.", checks=(AtLeast(1),)),
        Column("reason", _TEXT, "Why it was left out.", checks=(NotBlank(),), repeats=True),
        Column("text", _TEXT, "The line as far as it could be decoded."),
    ),
)

QUARANTINE = Contract(
    group=GROUP,
    table="quarantine",
    meaning="Every record that could not be read, kept as it was found.",
    grain="one row per quarantined record",
    primary_key=("file", "line_no"),
    sort_key=("file", "line_no"),
    kind="derived",
    owner="bank",
    columns=(
        _file_name(),
        Column("line_no", pa.int64(), "Physical line on which it begins, from 1.", checks=(AtLeast(1),)),
        Column("reason", _TEXT, "Code of the fault.", checks=(NotBlank(),), repeats=True),
        Column("column", _TEXT, "Column in which it was found.", True, repeats=True),
        Column("value", _TEXT, "The value that was refused.", True),
        Column("raw", pa.binary(), "The bytes of the record."),
    ),
)

TRANSFERS = Contract(
    group=GROUP,
    table="transfers",
    meaning="Pairs of transactions that move money between own accounts.",
    grain="one row per pair",
    primary_key=("transfer_id",),
    sort_key=("transfer_id",),
    kind="derived",
    owner="bank",
    columns=(
        Column("transfer_id", _TEXT, "Key of the pair.", checks=_KEY),
        Column("from_key", _TEXT, "Transaction that the money left by.", checks=_KEY),
        Column("to_key", _TEXT, "Transaction that it arrived by.", checks=_KEY),
        Column("amount", MONEY_TYPE, "Amount moved, positive.", unit="currency", checks=(AtLeast(0),)),
        Column("currency", _TEXT, "ISO 4217 code.", True, checks=(ByteLength(3),)),
        Column("days_apart", pa.int32(), "Days between the two postings.", unit="days", checks=_COUNT),
        Column("evidence", _TEXT, "What made them a pair."),
    ),
)

REVIEW_ITEMS = Contract(
    group=GROUP,
    table="review_items",
    meaning="Questions that the exports leave open and a person answers.",
    grain="one row per question",
    primary_key=("kind", "keys"),
    sort_key=("kind", "keys"),
    kind="derived",
    owner="bank",
    columns=(
        Column("kind", _TEXT, "What kind of question.", checks=(OneOf(REVIEW_KINDS),), repeats=True),
        Column("keys", _TEXT, "Transactions it is about, as JSON.", checks=(NotBlank(),)),
        Column("reason", _TEXT, "The question in words."),
        Column("score", RATE_TYPE, "How strong the evidence is.", True),
    ),
)

KEY_ALIASES = Contract(
    group=GROUP,
    table="key_aliases",
    meaning="Transaction keys that were replaced; decisions made under the old key follow the new one.",
    grain="one row per replacement",
    primary_key=("old_key", "new_key", "since_utc"),
    sort_key=("since_utc", "old_key", "new_key"),
    kind="append_only",
    owner="bank",
    columns=(
        Column("old_key", _TEXT, "Key until then.", checks=_KEY),
        Column("new_key", _TEXT, "Key from then on.", checks=_KEY),
        Column("reason", _TEXT, "Why it changed.", checks=(NotBlank(),), repeats=True),
        Column("since_utc", pa.timestamp("us"), "Instant of the run that changed it.", unit="UTC"),
    ),
)

CONTRACTS = (FILES, TRANSACTIONS, EXCLUDED, QUARANTINE, TRANSFERS, REVIEW_ITEMS, KEY_ALIASES)

VIEWS = (
    View(
        key="bank/live_transactions",
        reads=TRANSACTIONS.key,
        meaning="The transactions that count: what totals, queue, settlement and Power BI read.",
        sql='select * from "bank"."transactions" where "status" <> \'superseded\'',
    ),
)
