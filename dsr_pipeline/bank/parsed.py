"""The table between parsing and consolidation: one row per accepted row of a file, as the file says it.

Lives here: the schema of the parsed segments and the facts about a file that consolidation needs. Written by
`bank.parsing` and `bank.bulk`, read by `bank.consolidation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa

from dsr_pipeline.money import MONEY_TYPE

PARSED_SCHEMA = pa.schema(
    [
        pa.field("file_sha256", pa.string(), nullable=False),
        pa.field("file", pa.string(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("rule_version", pa.int32(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("line_no", pa.int64(), nullable=False),  # physical line in the file, 1-based
        pa.field("span", pa.int32(), nullable=False),  # physical lines that the record takes
        pa.field("position", pa.int64(), nullable=False),  # 0-based, oldest first
        pa.field("account_label", pa.string(), nullable=False),
        pa.field("account_default", pa.string(), nullable=False),
        pa.field("owner_hint", pa.string()),
        pa.field("date", pa.date32()),
        pa.field("post_date", pa.date32()),
        pa.field("amount", MONEY_TYPE, nullable=False),
        pa.field("currency", pa.string()),
        pa.field("description", pa.string(), nullable=False),
        pa.field("payee", pa.string()),
        pa.field("category_src", pa.string()),
        pa.field("balance", MONEY_TYPE),
        pa.field("pending", pa.bool_(), nullable=False),
        pa.field("source_id", pa.string()),  # the bank's id, where the rule says that it tells rows apart
        pa.field("reference", pa.string()),  # the bank's id, where the rule says no such thing
        pa.field("extras", pa.string(), nullable=False),  # JSON object of the unmapped columns
        pa.field("norm", pa.string(), nullable=False),  # text.normalised(description)
    ]
)


@dataclass(frozen=True, slots=True)
class FileFact:
    """What consolidation needs to know about an accepted file.

    `rows` counts posted rows; `verdict` is proven, chained, broken or not_available; `opening` and `closing`
    are the balances before the first and after the last posted row (None when the file states none).
    """

    sha256: str
    file: str
    rule: str
    kind: str
    date_min: date | None
    date_max: date | None
    rows: int
    verdict: str
    opening: Decimal | None
    closing: Decimal | None
    order: str
