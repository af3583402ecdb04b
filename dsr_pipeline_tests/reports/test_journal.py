"""The journal of a build takes back exactly what stands in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.reports.archive import Archive, workbook_file, write_file
from dsr_pipeline.reports.journal import NAME, Journal, Kept, Revision, read_journal, settle

GROUP, CONTENT = "a" * 32, "b" * 32


def kept(folder: Path, data: bytes) -> Kept:
    """A revision in the archive, as a row would name it."""
    file = workbook_file(Archive(folder).stem(GROUP, CONTENT, 1))
    write_file(file, data)
    return Kept(hashlib.sha256(data).hexdigest(), file)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    journal = Journal(("weekly/x/ä.xlsx",), (Revision(GROUP, CONTENT, 3),))
    assert read_journal(tmp_path) is None
    journal.write(tmp_path)
    assert read_journal(tmp_path) == journal


def test_a_named_file_comes_back_and_an_unnamed_one_goes(tmp_path: Path) -> None:
    one = kept(tmp_path, b"as the table says")
    write_file(tmp_path / "weekly/x/named.xlsx", b"newer than its row")
    write_file(tmp_path / "weekly/y/unnamed.xlsx", b"of no row")
    write_file(tmp_path / "weekly/x/stranger.xlsx", b"in no journal")
    journal = Journal(("weekly/x/named.xlsx", "weekly/y/unnamed.xlsx", "weekly/z/never.xlsx"), ())
    journal.write(tmp_path)

    assert settle(tmp_path, journal, {"weekly/x/named.xlsx": one}, []) == []

    assert (tmp_path / "weekly/x/named.xlsx").read_bytes() == b"as the table says"
    assert not (tmp_path / "weekly/y").exists()
    assert (tmp_path / "weekly/x/stranger.xlsx").exists()
    assert not (tmp_path / NAME).exists()


def test_a_file_that_cannot_come_back_is_told(tmp_path: Path) -> None:
    one = kept(tmp_path, b"right")
    one.archived.write_bytes(b"damaged")
    journal = Journal(("weekly/x/named.xlsx",), ())
    assert settle(tmp_path, journal, {"weekly/x/named.xlsx": one}, []) == ["weekly/x/named.xlsx"]


def test_a_name_in_another_spelling_is_the_same_file_where_the_disk_says_so(tmp_path: Path) -> None:
    one = kept(tmp_path, b"bytes")
    named, old = tmp_path / "weekly/x/Ada.xlsx", tmp_path / "weekly/x/ada.xlsx"
    write_file(named, b"bytes")
    if not old.exists():
        old.hardlink_to(named)  # what a disk without case does by itself

    settle(tmp_path, Journal(("weekly/x/ada.xlsx",), ()), {"weekly/x/Ada.xlsx": one}, [])

    assert named.exists()


def test_only_unwanted_revisions_leave_the_archive(tmp_path: Path) -> None:
    kept(tmp_path, b"published")
    draft = workbook_file(Archive(tmp_path).stem(GROUP, "c" * 32, 2))
    write_file(draft, b"draft")
    wanted, unwanted = Revision(GROUP, CONTENT, 1), Revision(GROUP, "c" * 32, 2)
    settle(tmp_path, Journal((), (wanted, unwanted)), {}, [wanted])
    assert [path.name for path in draft.parent.iterdir()] == [f"{CONTENT}-r1.xlsx"]


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"paths": []}', b'{"paths": [], "revisions": [[1]]}'])
def test_a_journal_of_somebody_else_is_told_with_the_mend(tmp_path: Path, text: bytes) -> None:
    (tmp_path / NAME).write_bytes(text)
    with pytest.raises(LakeError, match="remove it, and build every week again"):
        read_journal(tmp_path)
