"""The archive of weekly workbooks: every revision as it was built, and the lines that it printed.

Lives here: the files under `archive/` and the form of the lines. It is light, for the processes that write
workbooks use it. What a revision is compared with is told by `revisions`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any

from dsr_pipeline.reports.weekly_content import RemovedLine, Report

FOLDER = "archive"
LINES_VERSION = 1
HEAD = ("dept", "scope", "work_order", "job", "customer", "area")
"""What a withdrawal still says of the group."""
_HASHED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class ArchivedLine:
    """A line as it was printed."""

    sheet_id: int
    row_id: int
    line_hash: str
    day: date | None
    point: str
    code: str
    work_type: str
    description: str
    uom: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal
    dept: str
    job: str
    scope: str
    source: str

    @property
    def removed(self) -> RemovedLine:
        """The line as one that is not billed any more."""
        return RemovedLine(
            self.day,
            self.point,
            self.code,
            self.work_type,
            self.description,
            self.quantity,
            self.amount,
            self.source,
        )


_FIELDS = tuple(field.name for field in fields(ArchivedLine))
_values = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class Archived:
    """One revision in the archive: the files' hashes, what its head said, and the lines."""

    sha256: str
    size: int
    pdf_sha256: str | None
    head: Mapping[str, str]
    lines: tuple[ArchivedLine, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive below the folder of the reports."""

    root: Path

    def stem(self, group_id: str, content_hash: str, revision: int) -> Path:
        """Where a revision lies; its files are this with an ending."""
        return self.root / FOLDER / group_id / f"{content_hash}-r{revision}"

    def read(self, group_id: str, content_hash: str, revision: int) -> Archived | None:
        """A revision; None where it is not there or cannot be read any more."""
        file = lines_file(self.stem(group_id, content_hash, revision))
        try:
            given = json.loads(file.read_bytes())
            columns = given["columns"]
            lines = tuple(_line(dict(zip(columns, one, strict=True))) for one in given["lines"])
            head = {name: str(given["head"].get(name, "")) for name in HEAD}
            return Archived(given["sha256"], given["size"], given["pdf_sha256"], head, lines)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
            return None

    def remove(self, group_id: str, content_hash: str, revision: int) -> None:
        """Forget a revision that was never published; the lines last, which say what belongs to it."""
        stem = self.stem(group_id, content_hash, revision)
        for file in _files(stem):
            file.unlink(missing_ok=True)
        if stem.parent.is_dir() and not any(stem.parent.iterdir()):
            stem.parent.rmdir()

    def tidy(self, group_id: str, content_hash: str, revision: int) -> None:
        """Remove what a crash left half-written of a revision."""
        for file in _files(self.stem(group_id, content_hash, revision)):
            temporary(file).unlink(missing_ok=True)


def workbook_file(stem: Path) -> Path:
    """The workbook of a revision."""
    return stem.with_name(f"{stem.name}.xlsx")


def pdf_file(stem: Path) -> Path:
    """Its PDF."""
    return stem.with_name(f"{stem.name}.pdf")


def lines_file(stem: Path) -> Path:
    """Its lines. It is written last: a revision without it is none."""
    return stem.with_name(f"{stem.name}.lines.json")


def _files(stem: Path) -> tuple[Path, Path, Path]:
    return workbook_file(stem), pdf_file(stem), lines_file(stem)


def lines_text(report: Report, *, sha256: str, size: int, pdf_sha256: str | None) -> bytes:
    """The lines of a report and the hashes of its files, as they are kept; equal reports give equal bytes."""
    given = {
        "version": LINES_VERSION,
        "sha256": sha256,
        "size": size,
        "pdf_sha256": pdf_sha256,
        "head": {name: getattr(report, name) for name in HEAD},
        "columns": _FIELDS,
        "lines": [
            [_plain(value) for value in _values(line)]
            for line in sorted(report.lines, key=lambda line: (line.sheet_id, line.row_id))
        ],
    }
    # Without an indent: with one, json writes in Python and takes ten times as long.
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def write_file(path: Path, data: bytes) -> None:
    """Put the bytes in place of what stands there, whole and on disk.

    The name of the temporary file is always the same, so that one left by a crash is overwritten.
    """
    beside = temporary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        # A full disk names no file, and the name of the temporary one tells nobody anything.
        error.filename, error.filename2 = str(path), None
        raise


def temporary(path: Path) -> Path:
    """The name under which a file is written before it takes its place."""
    return path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.tmp")


def file_sha256(path: Path) -> str | None:
    """SHA-256 of a file; None where there is none."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_HASHED_AT_ONCE):
                found.update(part)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def _line(given: dict[str, Any]) -> ArchivedLine:
    values = {name: given[name] for name in _FIELDS}
    for name in ("quantity", "unit_price", "amount"):
        values[name] = None if values[name] is None else Decimal(values[name])
    values["day"] = None if values["day"] is None else date.fromisoformat(values["day"])
    return ArchivedLine(**values)
