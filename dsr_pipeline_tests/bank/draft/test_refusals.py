"""Files of which no rule can be drafted get one sentence that names the file and says why."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from dsr_pipeline.bank.draft import DraftError, draft, draft_bytes

NO_DRAFT = {
    "empty": (b"", "is empty"),
    "blank": (b"\r\n \n\xef\xbb\xbf", "is empty"),
    "zip": (b"PK\x03\x04" + b"x" * 100, "zip archive or an .xlsx"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "html": (b"<!DOCTYPE html><html><table><tr><td>05/01/2026</td><td>1.00</td></tr></table></html>", "HTML"),
    "ofx": (b"OFXHEADER:100\nDATA:OFXSGML\n", "OFX"),
    "nul": (b"Date,Amount\n2026-01-05,1\x00.00\n", "NUL"),
    "header only": (b"Date,Description,Amount,Balance\n", "no table of transactions"),
    "header and preamble": (b"Account,123\n\nDate,Description,Amount\n", "no table of transactions"),
    "prose": (b"Dear customer,\nyour statement is attached.\n", "no table of transactions"),
    "no amounts": (b"Date,Text\n2026-01-05,a\n2026-01-06,b\n", "no table of transactions"),
    "damaged UTF-8 under a mark": (b"\xef\xbb\xbfDate,Text\n2026-01-05,\xff\n", "damaged"),
    "decimal commas in a comma file": (
        b"Date,Text,Amount\n2026-01-05,a,1,50\n2026-01-06,b,2,50\n",
        "unquoted",
    ),
    "a very long line": (b"Date,Text\n" + b"x" * (2 << 20) + b"\n", "characters"),
    "only balances": (b"Date;Text;Amount;Saldo\n31.01.2026;Opening balance;;5,00\n", "no column of amounts"),
}


@pytest.mark.parametrize("kind", NO_DRAFT)
def test_a_file_that_is_no_export_is_refused_with_the_reason(kind: str) -> None:
    data, why = NO_DRAFT[kind]
    with pytest.raises(DraftError, match=why) as refused:
        draft_bytes("file.csv", data)
    assert str(refused.value).startswith("file.csv: ")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DraftError, match="cannot be read"):
        draft(tmp_path / "nothing.csv")


@pytest.mark.parametrize("cut", range(0, 700, 23))
def test_any_beginning_of_a_file_is_drafted_or_refused(cut: int) -> None:
    text = "Account,1234567\n\nDate,Description,Amount,Balance\n" + "".join(
        f'2026-01-{day:02d},"SHOP {day}, ""X""",-{day}.10,{1000 - day * (day + 1) / 2 - day * 0.1:.2f}\n'
        for day in range(1, 20)
    )
    with suppress(DraftError):
        draft_bytes("file.csv", text.encode()[:cut])


@pytest.mark.parametrize("seed", range(40))
def test_bytes_at_random_never_end_in_anything_but_a_draft_or_a_refusal(seed: int) -> None:
    state = seed * 2654435761 % 2**32
    data = bytearray()
    alphabet = b"0123456789,;.-/\n\"' \tABCabc\xe4\xb9\xa3\xff{}[]()\\|%"
    for _ in range(600):
        state = (1103515245 * state + 12345) % 2**31
        data.append(alphabet[(state >> 16) % len(alphabet)])
    memos = [bytes(data[day * 9 : day * 9 + 8]).replace(b"\n", b" ") for day in range(28)]
    rows = b"".join(b"2026-01-%02d,%s,%d.50\n" % (day, memos[day], day) for day in range(1, 28))
    for text in (bytes(data), rows, b"Date,Text,Amount\n" + rows):
        with suppress(DraftError):
            draft_bytes("file.csv", text)


ODD = {
    "all rows pending": "Date,Text,Amount (EUR),Status\n" + "2026-01-13,a,-1.00,Pending\n" * 4,
    "all rows declined": "Date,Text,Amount (EUR),Status\n" + "2026-01-13,a,-1.00,Declined\n" * 2,
    "hardly a date": "Date,Text,Amount (EUR)\nPending,a,-1.00\nPending,b,-1.00\n2026-01-16,c,-2.00\n",
    "a name twice": "Date,Text,Amount,Amount\n2026-01-13,a,-1.00,5.00\n2026-01-14,b,-2.00,6.00\n",
    "an empty credit column": "Date,Text,Debit,Credit\n2026-01-13,a,,\n2026-01-14,b,2.00,\n",
    "nothing moves": "Date,Text,Amount (EUR),Balance\n" + "2026-01-13,a,0.00,5.00\n" * 6,
    "old line ends": "Date,Text,Amount\r2026-01-13,a,-1.00\r2026-01-14,b,-2.00\r",
    "a year as a name": "Date,Text,2026,Balance\n2026-01-13,a,-1.00,5.00\n2026-01-14,b,-2.00,3.00\n",
    "one row called total": "Date,Text,Amount (EUR),Balance\n2026-01-13,Total,-1.00,5.00\n",
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_file_is_asked_about(kind: str) -> None:
    assert draft_bytes("file.csv", ODD[kind].encode()).questions
