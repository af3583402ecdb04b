"""The answers of Smartsheet as they came, compressed, under the SHA-256 of their bytes: the evidence.

Written by the sync before anything that refers to them; never rewritten, never removed.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa

from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.storage import Storage

FOLDER = "_raw/smartsheet"
_CODEC = "zstd"
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Packed:
    """One answer, ready to be kept."""

    sha256: str
    data: bytes


def pack(body: bytes) -> Packed:
    """Hash and compress an answer."""
    codec = pa.Codec(_CODEC, compression_level=_LEVEL)
    compressed: bytes = codec.compress(body, asbytes=True)
    return Packed(hashlib.sha256(body).hexdigest(), compressed)


def keep(storage: Storage, packed: Packed) -> None:
    """Keep it; one that is there already is the same."""
    with suppress(FileExistsError):
        storage.create(path(packed.sha256), packed.data)


def read(storage: Storage, sha256: str) -> bytes:
    """The answer of that hash. Raises `LakeError` where it is gone or is not what its name says."""
    data = storage.read(path(sha256))
    if data is None:
        raise LakeError(f"{storage.url(path(sha256))} is gone: restore it from a backup")
    try:
        body = bytes(pa.CompressedInputStream(pa.BufferReader(data), _CODEC).read())
    except (OSError, pa.ArrowException) as error:
        raise LakeError(f"{storage.url(path(sha256))} is damaged: restore it from a backup") from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise LakeError(f"{storage.url(path(sha256))} is not what its name says: restore it from a backup")
    return body


def path(sha256: str) -> str:
    """Where the answer of that hash lies in the lake."""
    return f"{FOLDER}/{sha256[:2]}/{sha256}.json.zst"
