"""Files of a lake on a local folder or an object store, behind the few operations that tables and logs need.

A write is seen whole or not at all: locally a temporary file, fsync and `os.replace`; on an object store one
PUT, for there is no rename. Called by the store, the logs and the exports; nothing here knows a contract.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import get_ident
from typing import IO, Any, Protocol, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

import duckdb
import fsspec

from dsr_pipeline.lake.errors import LakeError, NoExclusiveCreate

EXCLUSIVE_PROTOCOLS = frozenset({"s3", "s3a", "memory"})
"""Stores that create a file only where none stands: S3 by a PUT with If-None-Match; memory, for tests."""


class Storage(Protocol):
    """Paths are relative to the root, with slashes."""

    local: bool

    def url(self, path: str) -> str:
        """The full path or URL, for DuckDB and for messages."""
        ...

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        ...

    def open(self, path: str) -> IO[bytes]:
        """The file opened for reading at any place; raises `FileNotFoundError`."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Put the bytes in place of what stands there, atomically."""
        ...

    def create(self, path: str, data: bytes) -> None:
        """Put the bytes where nothing stands; raises `FileExistsError` otherwise. Of two, one succeeds."""
        ...

    def adopt(self, source: Path, path: str) -> None:
        """Put a finished local file there, atomically; the local one is gone afterwards."""
        ...

    def names(self, folder: str) -> list[str]:
        """Names directly in a folder, sorted; empty where there is none. Temporary files are left out."""
        ...

    def delete(self, path: str) -> None:
        """Remove a file, if it is there and nobody holds it open."""
        ...

    def register(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let a DuckDB connection read the URLs of this storage."""
        ...


def open_storage(url: str | Path, options: Mapping[str, object] | None = None) -> Storage:
    """The storage at a local folder or at any URL that fsspec knows."""
    if isinstance(url, Path):
        return LocalStorage(url)
    scheme = urlsplit(url).scheme
    if "://" not in url or scheme in ("file", "local"):
        return LocalStorage(Path(url2pathname(urlsplit(url).path) if "://" in url else url))
    given = dict(options or {})
    if scheme in ("s3", "s3a"):
        given.setdefault("use_listings_cache", False)  # another machine's tables must be seen at once
    try:
        opened = cast("tuple[Any, str]", fsspec.core.url_to_fs(url, **given))
    except (ImportError, ValueError) as error:
        raise LakeError(f"the lake {url} cannot be opened: {error}") from error
    return ObjectStorage(*opened)


def supports_exclusive_create(storage: Storage) -> bool:
    """Whether logs may be kept there. Only stores of which it is known are believed."""
    if isinstance(storage, ObjectStorage):
        return storage.protocol in EXCLUSIVE_PROTOCOLS
    return True


class LocalStorage:
    """A folder of this machine (or one mounted on it)."""

    local = True

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def path(self, path: str) -> Path:
        """The file as a path of this machine."""
        return self.root / path

    def url(self, path: str) -> str:
        return str(self.path(path))

    def read(self, path: str) -> bytes | None:
        try:
            return self.path(path).read_bytes()
        except FileNotFoundError:
            return None

    def open(self, path: str) -> IO[bytes]:
        return self.path(path).open("rb")

    def write(self, path: str, data: bytes) -> None:
        target = self.path(path)
        written = _written_beside(target, data)
        written.replace(target)
        _sync_folder(target.parent)

    def create(self, path: str, data: bytes) -> None:
        target = self.path(path)
        written = _written_beside(target, data)
        try:
            # A link is exclusive and never torn; opening with "x" would show a half-written file.
            os.link(written, target)
        except FileExistsError:
            raise
        except OSError as error:
            raise NoExclusiveCreate(
                f"{target.parent} has no hard links ({error.strerror}): keep the logs on another disk"
            ) from error
        finally:
            written.unlink()
        _sync_folder(target.parent)

    def adopt(self, source: Path, path: str) -> None:
        target = self.path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb+") as file:
            os.fsync(file.fileno())
        if os.name == "posix":
            source.chmod(0o444)  # a version is never rewritten, not even through a hard link of an export
        source.replace(target)
        _sync_folder(target.parent)

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(
                entry.name for entry in self.path(folder).iterdir() if not entry.name.startswith(".")
            )
        except (FileNotFoundError, NotADirectoryError):
            return []

    def delete(self, path: str) -> None:
        with suppress(
            FileNotFoundError, PermissionError
        ):  # Windows: a reader holds it; the next switch tries again
            self.path(path).unlink()

    def register(self, connection: duckdb.DuckDBPyConnection) -> None:
        del connection


class ObjectStorage:
    """A bucket or container behind fsspec."""

    local = False

    def __init__(self, filesystem: Any, root: str) -> None:
        self.filesystem = filesystem
        self.root = str(root).rstrip("/")
        protocol: str | tuple[str, ...] = filesystem.protocol
        self.protocol: str = protocol if isinstance(protocol, str) else protocol[0]

    def path(self, path: str) -> str:
        """The path inside the filesystem."""
        return f"{self.root}/{path}" if path else self.root

    def url(self, path: str) -> str:
        return str(self.filesystem.unstrip_protocol(self.path(path)))

    def read(self, path: str) -> bytes | None:
        try:
            return bytes(self.filesystem.cat_file(self.path(path)))
        except FileNotFoundError:
            return None

    def open(self, path: str) -> IO[bytes]:
        opened: IO[bytes] = self.filesystem.open(self.path(path), "rb")
        return opened

    def write(self, path: str, data: bytes) -> None:
        self.filesystem.pipe_file(self.path(path), data)

    def create(self, path: str, data: bytes) -> None:
        self.filesystem.pipe_file(self.path(path), data, mode="create")

    def adopt(self, source: Path, path: str) -> None:
        self.filesystem.put_file(str(source), self.path(path))
        source.unlink()

    def names(self, folder: str) -> list[str]:
        try:
            listed: list[str] = self.filesystem.ls(self.path(folder), detail=False)
        except FileNotFoundError:
            return []
        names = (entry.rstrip("/").rsplit("/", 1)[-1] for entry in listed)
        return sorted(name for name in names if name and not name.startswith("."))

    def delete(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self.filesystem.rm_file(self.path(path))

    def register(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.register_filesystem(self.filesystem)


def _written_beside(target: Path, data: bytes) -> Path:
    """The bytes on disk under a temporary name in the target's folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.parent / f".{target.name}.{os.getpid()}-{get_ident()}.tmp"
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _sync_folder(folder: Path) -> None:
    """Make a new name durable; Windows does it by itself and cannot open a folder."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
