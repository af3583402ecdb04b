"""What a build is about to do to files, written down before it does: so that a crash can be taken back.

Lives here: the journal beside the reports. Files come before the table, so a killed build may have left files
that no row names, or that are newer than their row; the next one finds them here and only here. A file that
stands in no journal and no row is not ours and is never touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.reports.archive import Archive, file_sha256, temporary, write_file

NAME = ".weekly-build.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as the table names it, and where the archive has it."""

    sha256: str
    archived: Path


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a group in the archive."""

    group_id: str
    content_hash: str
    number: int


@dataclass(frozen=True, slots=True)
class Journal:
    """The files and archived revisions that a build touches; paths are relative to the reports."""

    paths: tuple[str, ...]
    revisions: tuple[Revision, ...]

    def write(self, folder: Path) -> None:
        """Put it on disk, before anything is done."""
        given = {
            "paths": list(self.paths),
            "revisions": [[one.group_id, one.content_hash, one.number] for one in self.revisions],
        }
        write_file(folder / NAME, json.dumps(given, indent=0).encode("utf-8"))


def read_journal(folder: Path) -> Journal | None:
    """The journal of a build that did not end; None where the last one did."""
    file = folder / NAME
    try:
        given = json.loads(file.read_bytes())
        revisions = tuple(Revision(*one) for one in given["revisions"])
        return Journal(tuple(given["paths"]), revisions)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise LakeError(
            f"{file} is not what the program writes ({error}): remove it, and build every week again"
        ) from error


def settle(
    folder: Path, journal: Journal, named: Mapping[str, Kept], wanted: Iterable[Revision]
) -> list[str]:
    """Bring the files of the journal to what the table says, and forget it; gives the paths that it could
    not.

    `named` has every file of the table by its path, `wanted` the revisions that the archive keeps for it.
    A file that the table does not name goes, one that is not as the table says comes out of the archive.
    """
    lost: list[str] = []
    spelled = {path.lower(): path for path in named}
    for path in journal.paths:
        file, kept = folder / path, named.get(path)
        temporary(file).unlink(missing_ok=True)
        if kept is None:
            if not _is_same(file, folder / spelled.get(path.lower(), path)):
                file.unlink(missing_ok=True)
            _remove_if_empty(file.parent)
        elif file_sha256(file) != kept.sha256 and not bring_back(kept, file):
            lost.append(path)
    keep = set(wanted)
    archive = Archive(folder)
    for revision in journal.revisions:
        archive.tidy(revision.group_id, revision.content_hash, revision.number)
        if revision not in keep:
            archive.remove(revision.group_id, revision.content_hash, revision.number)
    (folder / NAME).unlink(missing_ok=True)
    return lost


def bring_back(kept: Kept, file: Path) -> bool:
    """Copy a file out of the archive, where that has it whole; whether it did."""
    if file_sha256(kept.archived) != kept.sha256:
        return False
    write_file(file, kept.archived.read_bytes())
    return True


def _is_same(file: Path, named: Path) -> bool:
    """Whether a file of another spelling is that file all the same, as on Windows."""
    return file != named and file.exists() and named.exists() and file.samefile(named)


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
