"""The inbox is looked at and never touched; whatever lies in it gets a place in the list."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dsr_pipeline.bank.inbox import discover, is_being_written


def names(inbox: Path) -> list[str]:
    return [file.name for file in discover(inbox)]


def test_exports_lie_directly_in_it_or_in_the_folder_of_an_owner(tmp_path: Path) -> None:
    for place in ("a.csv", "sam/b.CSV", "sam/deeper/c.csv", "records/d.csv", "review/e.csv", ".hidden/f.csv"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(b"x")
    (tmp_path / ".gitkeep").touch()
    found = discover(tmp_path)
    assert [(file.name, file.owner_folder) for file in found] == [("a.csv", None), ("sam/b.CSV", "sam")]
    assert all(file.waiting is None and file.refused is None for file in found)


@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.txt", "a.Tsv", "a.tab", "a.csv.CSV"])
def test_suffixes_of_exports_in_any_case(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    (found,) = discover(tmp_path)
    assert found.refused is None


@pytest.mark.parametrize(
    ("name", "kind"), [("a.xlsx", "a .xlsx file"), ("a.pdf", "a .pdf file"), ("a", "without a suffix")]
)
def test_other_suffixes_are_refused_with_their_kind(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    (found,) = discover(tmp_path)
    assert kind in (found.refused or "")


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="is not a folder"):
        discover(tmp_path / "nowhere")


@pytest.mark.skipif(sys.platform == "win32", reason="names, links and pipes of POSIX")
def test_links_pipes_and_strange_names_are_listed_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nothing.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.csv")).write_bytes(b"x")
    found = {file.name: file for file in discover(tmp_path)}
    assert found["gone.csv"].waiting == "is a link to nothing"
    assert found["pipe.csv"].waiting == "is no file but a pipe, socket or device"
    strange = found["caf\\xe9.csv"]
    assert strange.path.read_bytes() == b"x"
    assert not is_being_written(strange.path)
    for name in found:
        name.encode("utf-8")  # else it could not stand in a table


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_folder_that_may_not_be_read_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"x")
    (tmp_path / "shut").mkdir()
    whole = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "no")
        return whole(path)

    monkeypatch.setattr(os, "scandir", refusing)  # root may read everything
    found = {file.name: file.waiting for file in discover(tmp_path)}
    assert found == {"a.csv": None, "shut": "is a folder that the program may not read; grant it read access"}


def test_looking_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    before = path.stat()
    discover(tmp_path)
    is_being_written(path)
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)
    assert names(tmp_path) == ["a.csv"]
