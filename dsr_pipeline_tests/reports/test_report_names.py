"""Names of workbooks are safe on every system, sort by work request and week, and never meet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_pipeline.reports.report_names import LONGEST, pdf_path, workbook_path

WEEK = date(2026, 3, 8)
ID = "1f3a9c0123456789abcdef0123456789"
FORBIDDEN = set('<>:"/\\|?*') | {chr(code) for code in range(32)}


def name_of(claimer: str | None, work_request: str = "90000001", **more: str) -> str:
    path = workbook_path(
        work_request=work_request,
        week_ending=WEEK,
        suffix=more.get("suffix", "User"),
        claimer=claimer,
        group_id=more.get("group_id", ID),
    )
    folder, _, name = path.rpartition("/")
    assert folder == "weekly/2026-03-08"
    return name


@pytest.mark.parametrize(
    ("claimer", "shown"),
    [
        ("Ada Reyes", "Ada-Reyes"),
        ("ada@example.com", "ada@example.com"),
        ("Müller, Jörg", "Müller,-Jörg"),
        (None, "Unassigned"),
        ("", "Unassigned"),
        ("..", "Unassigned"),
        ("///", "Unassigned"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows", "C-Windows"),
        ("=cmd|' /C calc'!A0", "cmd-C-calc-A0"),
        ("CON", "CON"),
        ("tab\tand\nline", "tab-and-line"),
        ("\u202egpj.exe", "gpj.exe"),
        ("zero\u200bwidth", "zero-width"),
        ("e\u0301", "\u00e9"),
        ("half \ud800 pair", "half-pair"),
        ("日本 太郎", "日本-太郎"),
        ("👷 Bo", "Bo"),
        ("ends with dot.", "ends-with-dot"),
        ("User_WE_2026", "User_WE_2026"),
    ],
)
def test_the_claimer_in_the_name(claimer: str | None, shown: str) -> None:
    assert name_of(claimer) == f"WR_90000001_WE_2026-03-08_User_{shown}_1f3a9c.xlsx"


@given(st.text(max_size=200), st.text(max_size=200), st.text(alphabet="ABCxyz09", min_size=1, max_size=200))
def test_any_text_gives_a_name_that_every_system_takes(claimer: str, work_request: str, suffix: str) -> None:
    name = name_of(claimer, work_request, suffix=suffix)
    assert len(name) <= LONGEST
    assert len(name.encode()) <= 255 - len(".tmp")
    assert not FORBIDDEN & set(name)
    assert name.startswith("WR_")
    assert name.endswith("_1f3a9c.xlsx")
    assert name == name.strip(" .")


def test_names_that_would_meet_show_more_of_the_id() -> None:
    one, other = "1f3a9c00" + "0" * 24, "1f3a9cff" + "0" * 24
    taken: dict[str, str] = {}
    for group_id, claimer in ((one, "A B"), (other, "a-b")):
        path = workbook_path(
            work_request="1", week_ending=WEEK, suffix="User", claimer=claimer, group_id=group_id, taken=taken
        )
        taken[path.lower()] = group_id
    assert [path.rpartition("_")[2] for path in taken] == ["1f3a9c.xlsx", "1f3a9cff0000.xlsx"]
    again = workbook_path(
        work_request="1", week_ending=WEEK, suffix="User", claimer="A B", group_id=one, taken=taken
    )
    assert taken[again.lower()] == one, "a group does not stand in its own way"


def test_the_pdf_lies_beside_it() -> None:
    assert pdf_path("weekly/2026-03-08/a.xlsx") == "weekly/2026-03-08/a.pdf"
