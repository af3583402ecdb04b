"""What became of one file: the row of `bank/files`, and what consolidation needs to know about it.

Lives here: plain data, kept as JSON in the manifest of extracts so that a file need not be read twice.
Made by `bank.ingest`, from `bank.parsing` or `bank.bulk`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from dsr_pipeline.bank.parsed import FileFact

Status = Literal["accepted", "rejected", "same_file", "waiting"]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The verdict on one file. Counts are physical lines: accepted + excluded + quarantined = lines.

    `window` is the span of posting dates (else dates) of its posted rows, which tells what an export covers;
    `account_label` and `account_default` are None where the rows carry several accounts.
    """

    file: str
    sha256: str | None
    status: Status
    rule: str | None = None
    rule_version: int | None = None
    score: int | None = None
    runner_up: str | None = None
    reason: str | None = None
    encoding: str | None = None
    lines: int = 0
    accepted: int = 0
    excluded: int = 0
    quarantined: int = 0
    date_min: date | None = None
    date_max: date | None = None
    amount_sum: Decimal | None = None
    balance_verdict: str = "not_available"
    opening: Decimal | None = None
    closing: Decimal | None = None
    header_line: int | None = None
    fingerprint: str | None = None
    kind: str | None = None
    order: str | None = None
    posted_rows: int = 0
    rows: int = 0
    window_min: date | None = None
    window_max: date | None = None
    account_label: str | None = None
    account_default: str | None = None
    segment: str | None = None
    ids: bool = False  # whether the rule says that the bank's id tells transactions apart
    size: int = 0
    needs_person: bool = False

    @property
    def fact(self) -> FileFact:
        """What consolidation needs; only accepted files have one."""
        if self.sha256 is None or self.rule is None or self.kind is None or self.order is None:
            raise ValueError(f"{self.file} was not accepted and has no facts")
        return FileFact(
            sha256=self.sha256,
            file=self.file,
            rule=self.rule,
            kind=self.kind,
            date_min=self.window_min,
            date_max=self.window_max,
            rows=self.posted_rows,
            verdict=self.balance_verdict,
            opening=self.opening,
            closing=self.closing,
            order=self.order,
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: dates as ISO text, amounts as decimal text."""
        return {
            name: str(value) if isinstance(value, date | Decimal) else value
            for name, value in asdict(self).items()
            if value is not None
        }

    @staticmethod
    def from_json(value: dict[str, Any]) -> FileOutcome:
        """The outcome that `to_json` wrote."""
        read = dict(value)
        for name in ("date_min", "date_max", "window_min", "window_max"):
            if name in read:
                read[name] = date.fromisoformat(read[name])
        for name in ("amount_sum", "opening", "closing"):
            if name in read:
                read[name] = Decimal(read[name])
        known = {field.name for field in fields(FileOutcome)}
        return FileOutcome(**{name: given for name, given in read.items() if name in known})
