"""Files of the archive: whole or not there, and a disk that takes no more is told with the file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dsr_pipeline.reports.archive import write_file


def test_a_full_disk_names_the_file_that_was_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said "No space left on device" and nothing more, for the disk names no file."""
    file = tmp_path / "weekly" / "book.xlsx"
    write_file(file, b"before")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as failed:
        write_file(file, b"after")
    assert failed.value.filename == str(file)
    assert file.read_bytes() == b"before"
