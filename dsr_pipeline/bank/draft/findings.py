"""All that a draft tells of a file, gathered for the writer.

Lives here: plain data, and how the rule names a column (by name, by pattern, by place).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dsr_pipeline.bank.draft.account import AccountTold
from dsr_pipeline.bank.draft.amount_plan import AmountPlan
from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.currency import Currency
from dsr_pipeline.bank.draft.date_columns import Dated
from dsr_pipeline.bank.draft.encoding import Decoded
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.model import Sheet, Told
from dsr_pipeline.bank.draft.odd_lines import OddLines
from dsr_pipeline.bank.draft.row_states import Exclusion, PendingRule
from dsr_pipeline.bank.draft.text_columns import Texts
from dsr_pipeline.bank.draft.yaml_text import Plain
from dsr_pipeline.bank.rules import Kind

# A month or a date inside a header name: the next export will have another one.
_CHANGING = re.compile(r"\d{1,2}月|\d{4}年|\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|(?<!\d)20\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Findings:
    """The parts of a drafted rule, each with its evidence."""

    sheet: Sheet
    decoded: Decoded
    columns: tuple[KnownColumn, ...]
    ledger: Ledger
    dated: Dated
    plan: AmountPlan
    texts: Texts
    odd: OddLines
    exclusions: tuple[Exclusion, ...]
    pending: Told[PendingRule | None]
    order: Told[str]
    currency: Currency
    account: AccountTold
    rule: Told[str]
    kind: Told[Kind]

    def ref(self, column: KnownColumn) -> Plain:
        """How the rule names a column."""
        name = column.column.name
        if not self.sheet.names or not name or self.sheet.names.count(name) > 1:
            return {"index": column.place}
        pattern = changing(name)
        return {"pattern": pattern} if pattern is not None and pattern in self.header_patterns else name

    @property
    def header_names(self) -> list[str]:
        """The names that every export of the format has."""
        names = self.sheet.names or ()
        patterns = self.header_patterns
        return [name for name in names if name and names.count(name) == 1 and changing(name) not in patterns]

    @property
    def header_patterns(self) -> list[str]:
        """Patterns of names that hold a month or a date, where each fits one name only."""
        names = [name for name in self.sheet.names or () if name]
        found = [pattern for name in names if (pattern := changing(name)) is not None]
        return [p for p in dict.fromkeys(found) if sum(re.search(p, name) is not None for name in names) == 1]


def changing(name: str) -> str | None:
    """The pattern of a name that changes from export to export; None for a lasting one."""
    if _CHANGING.search(name) is None:
        return None
    return "^" + re.escape(re.sub(r"\d+", "\x00", name)).replace("\\ ", " ").replace("\x00", r"\d+") + "$"
