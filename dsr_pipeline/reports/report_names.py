"""Names of weekly workbooks: for people and for sorting; what a report is stands in the tables.

Lives here: the name of a file and the folder of its week. `weekly_build` asks; nothing reads a name back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date

WEEKLY_FOLDER = "weekly"
LONGEST = 120
"""Characters of a file name: short enough for a deep folder on Windows, and for an attachment."""
UNASSIGNED = "Unassigned"
ID_DIGITS = 6
_LONGEST_PART = 40
_MOST_BYTES = 80
"""Of a part in UTF-8: file systems count bytes, 255 for a whole name."""
_EXTENSION = ".xlsx"


def week_folder(week_ending: date) -> str:
    """Folder of a week's workbooks, relative to the reports."""
    return f"{WEEKLY_FOLDER}/{week_ending.isoformat()}"


def workbook_path(
    *,
    work_request: str,
    week_ending: date,
    suffix: str,
    claimer: str | None,
    group_id: str,
    taken: Mapping[str, str] | None = None,
) -> str:
    """Place of a workbook, relative to the reports, such as
    `weekly/2026-03-08/WR_90000001_WE_2026-03-08_User_Ada-Reyes_1f3a9c.xlsx`.

    It depends on the group alone. `taken` has the group of every place, in lower case, that is in use: where
    two names meet all the same, the later one shows more of its id.
    """
    for digits in (ID_DIGITS, 2 * ID_DIGITS, len(group_id)):
        name = _name(work_request, week_ending, suffix, claimer, group_id[:digits])
        path = f"{week_folder(week_ending)}/{name}{_EXTENSION}"
        if not taken or taken.get(path.lower(), group_id) == group_id:
            break
    return path


def pdf_path(workbook: str) -> str:
    """Place of the PDF beside a workbook."""
    return workbook.removesuffix(_EXTENSION) + ".pdf"


def _name(work_request: str, week_ending: date, suffix: str, claimer: str | None, mark: str) -> str:
    fixed = f"WR_{{}}_WE_{week_ending.isoformat()}_{{}}_{{}}_{mark}"
    request, kind = _safe(work_request, _LONGEST_PART), _safe(suffix, _LONGEST_PART)
    room = LONGEST - len(_EXTENSION) - len(fixed.format(request, kind, ""))
    return fixed.format(request, kind, _safe(claimer or "", min(room, _LONGEST_PART)) or UNASSIGNED)


def _safe(text: str, longest: int) -> str:
    """A part of a name: letters, digits and a few signs; everything else is one dash."""
    kept = "".join(
        character if _is_safe(character) else " " for character in unicodedata.normalize("NFC", text)
    )
    cut = "-".join(kept.split())[:longest].encode()[:_MOST_BYTES]
    return cut.decode("utf-8", "ignore").strip("-.")


def _is_safe(character: str) -> bool:
    # Letters of every language with their marks; no control, no invisible, no private or unpaired code.
    return unicodedata.category(character)[0] in "LMN" or character in "-_.@+,()"
