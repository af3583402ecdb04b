"""The inbox as it lies on disk: which files are exports, which are still being written, which are no text.

Lives here: looking, never touching. Nothing in the inbox is moved, renamed, changed or deleted. What a file
holds is `bank.reading` and on. Called by `bank.ingest` and, for the listing alone, by the Dagster sensor.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EXPORT_SUFFIXES = frozenset({".csv", ".txt", ".tsv", ".tab"})
NEVER_BANK = frozenset({"records", "review"})  # folders of the inbox that hold other things than bank exports
_UNFINISHED_SUFFIXES = frozenset({".part", ".crdownload", ".download", ".tmp", ".partial", ".opdownload"})
_OURS = frozenset({".gitkeep", ".gitignore"})  # what keeps the folder in version control is no export
_HASH_BLOCK = 1 << 20

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an .xlsx workbook"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old .xls workbook or another OLE document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "an RTF document"),
    (b"OFXHEADER:", "an OFX statement, not a CSV export"),
    (b"!Type:", "a QIF export, not a CSV export"),
    (b":20:", "an MT940 statement, not a CSV export"),
    (b"{1:F01", "an MT940 statement, not a CSV export"),
)
_BZIP2_BLOCK = bytes.fromhex("314159265359")  # "BZh" alone could begin a text
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "an HTML page (a login or error page, or a sheet saved as a web page)"),
    (b"<html", "an HTML page (a login or error page, or a sheet saved as a web page)"),
    (b"<head", "an HTML page"),
    (b"<table", "an HTML table"),
    (b"<ofx", "an OFX statement, not a CSV export"),
    (b"<?ofx", "an OFX statement, not a CSV export"),
    (b"<?xml", "an XML document"),
    (b"<!--", "a marked-up document"),
    (b"<body", "an HTML page"),
    (b"<script", "an HTML page"),
    (b"<meta", "an HTML page"),
    (b"<svg", "an SVG picture"),
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What the file system says of a file; equal signatures of a settled file mean equal content."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @staticmethod
    def of(stat: os.stat_result) -> Signature:
        """The signature of a stat result."""
        return Signature(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


@dataclass(frozen=True, slots=True)
class InboxFile:
    """One file of the inbox; `name` is its path in the inbox, `waiting` and `refused` carry the reason."""

    path: Path
    name: str
    owner_folder: str | None
    signature: Signature
    waiting: str | None = None
    refused: str | None = None


def discover(inbox: Path) -> list[InboxFile]:
    """Every file directly in the inbox and one folder deep, by name.

    Raises `NotADirectoryError` where the inbox is no folder.
    """
    if not inbox.is_dir():
        raise NotADirectoryError(f"{inbox} is not a folder: name the folder that holds the bank exports")
    return sorted(_files(inbox), key=lambda file: file.name)


def _files(inbox: Path) -> Iterator[InboxFile]:
    for entry in os.scandir(inbox):
        if not entry.is_dir():
            yield from _look(entry, entry.name, None)
        elif entry.name not in NEVER_BANK and not entry.name.startswith("."):
            yield from _folder(entry)


def _folder(folder: os.DirEntry[str]) -> Iterator[InboxFile]:
    try:
        inner = list(os.scandir(folder.path))
    except PermissionError:
        signature = Signature.of(folder.stat())
        reason = "is a folder that the program may not read; grant it read access"
        yield InboxFile(Path(folder.path), _told(folder.name), None, signature, waiting=reason)
        return
    for entry in inner:
        if not entry.is_dir():
            yield from _look(entry, f"{folder.name}/{entry.name}", folder.name)


def _look(entry: os.DirEntry[str], name: str, owner: str | None) -> Iterator[InboxFile]:
    if entry.name in _OURS:
        return
    try:
        stat = entry.stat()
    except FileNotFoundError:
        if not entry.is_symlink():
            return  # gone since the folder was listed
        stat = entry.stat(follow_symlinks=False)
    path, name, owner = Path(entry.path), _told(name), owner and _told(owner)
    signature = Signature.of(stat)
    suffix = path.suffix.lower()
    waiting = refused = None
    if entry.name.startswith((".", "~$")) or suffix in _UNFINISHED_SUFFIXES:
        waiting = "its name says that it is not finished"
    elif not entry.is_file():
        # Never opened: a pipe would make the run wait for ever.
        waiting = "is a link to nothing" if entry.is_symlink() else "is no file but a pipe, socket or device"
    elif suffix not in EXPORT_SUFFIXES:
        kind = f"a {_told(suffix)} file" if suffix else "a file without a suffix"
        refused = f"is {kind}; exports are .csv, .txt, .tsv or .tab files"
    yield InboxFile(path, name, owner, signature, waiting=waiting, refused=refused)


def _told(name: str) -> str:
    # A name that is no UTF-8 cannot stand in a table; its bytes are told instead.
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def kind_of(head: bytes) -> str | None:
    """What a file is when it is no delimited text, told from its first bytes; None for text."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"BZh") and head[4:10] == _BZIP2_BLOCK:
        return "a bzip2 archive"
    if head[257:262] == b"ustar":
        return "a tar archive"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    for magic, kind in _MARKUP:
        if start.startswith(magic):
            return kind
    return None


def is_being_written(path: Path) -> bool:
    """Whether some process holds the file open for writing.

    Linux grants a read lease only on a file that nobody has open for writing. Elsewhere, and on file systems
    without leases, the answer is False and `changed_since` is what is left.
    """
    if sys.platform != "linux":
        return False
    import fcntl  # not on every platform

    with path.open("rb") as file:
        try:
            # A conflicting open in the instant of the lease would send SIGIO, which ends a process; SIGURG
            # is ignored by default.
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        except OSError:
            return False  # not the owner, or no leases here
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def changed_since(file: InboxFile) -> bool:
    """Whether the file is another one than when it was found."""
    try:
        return Signature.of(file.path.stat()) != file.signature
    except FileNotFoundError:
        return True


def prefix_sha256(path: Path, size: int) -> str:
    """The SHA-256 of the first `size` bytes of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, _HASH_BLOCK))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()
