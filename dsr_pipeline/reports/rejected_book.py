"""The ledger of what is not billed as a workbook: data/reports/rejected_units.xlsx, for those who mend it.

Lives here: writing it, and how its cells look. It is in English, as the reasons are. `rejected_summary` and
`rejected_lists` are its sheets; a ledger that says what it said before is not written again.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.reports.archive import write_file
from dsr_pipeline.reports.book import Book, Properties, Style
from dsr_pipeline.reports.rejected_lists import lists
from dsr_pipeline.reports.rejected_rows import Ledger, Limits, RejectedTables, billed
from dsr_pipeline.reports.rejected_summary import summary
from dsr_pipeline.reports.weekly_layout_styles import FLAT, wide_money
from dsr_pipeline.text import canonical_hash

if TYPE_CHECKING:
    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

FILE = "rejected_units.xlsx"
LAYOUT = 1
"""Raised when the same ledger would look different."""
LIMITS = Limits(to_mend=50_000, backlog=5_000, remarked=10_000)
"""Rows of the lists. 50,000 take 12 s of CPU and 400 MB; the backlog is long and changes with every sync."""
HASH = "dsr.ledger_hash"
"""Custom property of the file."""

_HASH_IN_FILE = re.compile(rf'name="{re.escape(HASH)}".*?<[^<>]*lpwstr[^<>]*>([0-9a-f]+)<', re.DOTALL)


def write_rejected(lake: Lake, look: WeeklyLook, folder: Path, *, limits: Limits = LIMITS) -> Path | None:
    """Write the workbook into the folder of the reports; None where it says that already, or before billing.

    The file is replaced whole or not at all. Equal ledgers give equal bytes. Raises `LakeError` where the
    tables are replaced while they are read.
    """
    if not billed(lake):
        return None
    tables = RejectedTables(lake)
    try:
        known = canonical_hash(
            "rejected book", LAYOUT, look.rules.model_dump_json(), tables.hash(), list(limits)
        )
        path = folder / FILE
        if _hash_in(path) == known:
            return None
        ledger = tables.ledger(limits)
    finally:
        tables.close()
    from dsr_pipeline.reports.xlsx import write_xlsx

    write_file(path, write_xlsx(rejected_book(ledger, look, known)))
    return path


def rejected_book(ledger: Ledger, look: WeeklyLook, content_hash: str) -> Book:
    """The workbook of a ledger."""
    properties = Properties(
        title="What is not billed",
        subject="Rejected units, backlog and remarks",
        keywords="billing, rejected",
        category="Billing",
        creator="dsr_pipeline",
        created=ledger.newest_change.replace(microsecond=0),
        custom={HASH: content_hash},
    )
    return Book((summary(ledger, look), *lists(ledger, look)), _styles(ledger.currency, look), properties)


def _hash_in(path: Path) -> str | None:
    """The hash that a file was written with; None where it cannot be told."""
    try:
        with zipfile.ZipFile(path) as archive:
            text = archive.read("docProps/custom.xml").decode("utf-8")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    found = _HASH_IN_FILE.search(text)
    return found[1] if found else None


def _styles(currency: str, look: WeeklyLook) -> dict[str, Style]:
    c = look.rules.colors
    money, day = wide_money(currency), look.rules.day_format
    row = Style(color=c.ink, bottom="hair", bottom_color=c.hairline, align="left")
    right = replace(row, align="right")
    section = Style(bold=True, color=c.structure, bottom="medium", bottom_color=c.structure)
    head = replace(section, size=9, color=c.muted, align="left")
    total = Style(bold=True, color=c.ink, fill=c.subtotal, top="thin", top_color=c.structure, align="left")
    band = Style(size=12, bold=True, color="FFFFFF", fill=c.structure, indent=1, align="left")
    flat_head = Style(bold=True, color="FFFFFF", fill=c.structure, align="left", indent=1)
    flat = Style(color=c.ink, align="left", indent=1)
    number = Style(color=c.ink, align="right")
    return {
        "band": band,
        "band_right": replace(band, size=10, align="right"),
        "accent": Style(fill=c.accent),
        "text": row,
        "muted": replace(row, color=c.muted),
        "muted_right": replace(row, color=c.muted, align="right"),
        "note": replace(row, italic=True, color=c.negative),
        "link": replace(row, bold=True, underline=True, color=c.structure),
        "day": replace(row, format=day),
        "count": replace(right, format="#,##0"),
        "money": replace(right, format=money),
        "section": section,
        "head": head,
        "head_right": replace(head, align="right"),
        "total": total,
        "total_count": replace(total, align="right", format="#,##0"),
        "total_money": replace(total, align="right", format=money),
        "flat_head": flat_head,
        "flat_head_right": replace(flat_head, align="right", indent=0),
        "flat_text": flat,
        "flat_day": replace(flat, format=day),
        "flat_count": replace(number, format="0"),
        "flat_fine": replace(number, format="#,##0.00####;[Red]-#,##0.00####"),
        "flat_amount": replace(number, format=FLAT),
    }
