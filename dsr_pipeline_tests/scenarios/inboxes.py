"""Inboxes of a size that keeps a run busy for a while, made of invented Chase-like exports."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

HEADER = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #"
MERCHANTS = ("NORTHWIND GROCERS #118", "HARBOR FUEL 00412", "SQ *BLUE HERON COFFEE", "CITY OF FAIRPORT UTIL")


def write_exports(inbox: Path, accounts: int, rows: int, first: int = 1000) -> None:
    """One export per account, newest first, with a running balance that chains."""
    inbox.mkdir(parents=True, exist_ok=True)
    chance = random.Random(first)
    for number in range(accounts):
        cents = 500_000
        day = date(2024, 1, 1)
        lines: list[str] = []
        for _ in range(rows):
            day += timedelta(days=chance.random() < 0.3)
            change = chance.randint(-20_000, 20_000) or 1
            cents += change
            text = f"{chance.choice(MERCHANTS)} {chance.randint(100, 999)}"
            kind = "CREDIT" if change > 0 else "DEBIT"
            lines.append(f'{kind},{day:%m/%d/%Y},"{text}",{change / 100:.2f},MISC,{cents / 100:.2f},,')
        file = inbox / f"Chase{first + number}_Activity_20260131.CSV"
        file.write_text("\n".join([HEADER, *reversed(lines)]) + "\n", encoding="utf-8")
