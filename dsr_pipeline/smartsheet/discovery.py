"""Which sheets there are: the list of everything the token sees, narrowed to what the sources name.

Lives here: one call for all versions, the walk through workspaces and folders, and how long its result is
trusted. A place that cannot be listed is unknown, never empty: its sheets stay expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from dsr_pipeline.smartsheet.errors import SmartsheetError, TokenRefused, Unreachable
from dsr_pipeline.smartsheet.sources import Source, Sources
from dsr_pipeline.smartsheet.wire import Children, Container, ListedSheet
from dsr_pipeline.text import canonical_hash

DEEPEST = 20
"""Folders inside folders that are followed; a deeper tree is told instead of followed for ever."""


class Directory(Protocol):
    """What of the client is needed here."""

    def list_sheets(self) -> list[ListedSheet]: ...
    def workspaces(self) -> list[Container]: ...
    def children(self, kind: Any, container_id: int) -> Children: ...


@dataclass(frozen=True, slots=True)
class Tree:
    """The sheets of each source when its places were last listed; `failed` names those that could not be."""

    at: datetime
    sources_hash: str
    listed: frozenset[int]
    members: Mapping[str, tuple[int, ...]]
    failed: Mapping[str, str] = field(default_factory=dict[str, str])

    def as_json(self) -> dict[str, Any]:
        """For `_current.json`."""
        return {
            "at": self.at.isoformat(),
            "sources_hash": self.sources_hash,
            "listed": sorted(self.listed),
            "members": {name: list(ids) for name, ids in self.members.items()},
            "failed": dict(self.failed),
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Tree:
        """What `as_json` gave."""
        return cls(
            datetime.fromisoformat(given["at"]),
            given["sources_hash"],
            frozenset(given["listed"]),
            {name: tuple(ids) for name, ids in given["members"].items()},
            given["failed"],
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A sheet that a source names. `listed` is None where the token does not see it (any more)."""

    sheet_id: int
    source: Source
    listed: ListedSheet | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found. `problems` are sentences about places; `tree` is kept for the next sync."""

    sheets: tuple[Found, ...]
    tree: Tree
    problems: tuple[str, ...]


def discover(
    client: Directory, sources: Sources, before: Tree | None, known: Mapping[int, str], now: datetime
) -> Discovery:
    """Find every sheet that the sources name.

    `known` are the sheets of the tables with the source that named them: one that is found no more stays
    expected, as unknown. Raises `SmartsheetError` where not even the list of sheets can be had.
    """
    listed = {sheet.id: sheet for sheet in client.list_sheets()}
    tree = before
    if tree is None or _is_stale(tree, sources, listed, now):
        tree = _walk(client, sources, before, frozenset(listed), now)
    ignored = {one.sheet for one in sources.ignore}
    owners, problems = _owners(sources, tree)
    found = {
        sheet_id: Found(sheet_id, source, listed.get(sheet_id), _unseen(sheet_id, listed, source))
        for sheet_id, source in owners.items()
        if sheet_id not in ignored
    }
    by_name = {source.name: source for source in sources.sources}
    for sheet_id, name in known.items():
        if sheet_id in found or sheet_id in ignored:
            continue
        source = by_name.get(name, Source(name=name, sheets=(sheet_id,)))
        found[sheet_id] = Found(sheet_id, source, None, _gone(sheet_id, name, name in by_name, listed))
    problems += [f"source '{name}': {reason}" for name, reason in tree.failed.items()]
    return Discovery(tuple(found[one] for one in sorted(found)), tree, tuple(problems))


def sources_hash(sources: Sources) -> str:
    """Changes when another set of places is named."""
    return canonical_hash(sources.model_dump_json(include={"sources"}))


def _is_stale(tree: Tree, sources: Sources, listed: Mapping[int, ListedSheet], now: datetime) -> bool:
    """A failed walk, an old one, other sources, or a sheet that came or went since it was made."""
    return bool(
        tree.failed
        or tree.sources_hash != sources_hash(sources)
        or not timedelta(0) <= now - tree.at < timedelta(hours=sources.reading.tree_hours)
        or tree.listed != frozenset(listed)
    )


def _walk(
    client: Directory, sources: Sources, before: Tree | None, listed: frozenset[int], now: datetime
) -> Tree:
    walker = _Walker(client)
    members: dict[str, tuple[int, ...]] = {}
    failed: dict[str, str] = {}
    for source in sources.sources:
        if source.workspace is None:
            continue
        try:
            members[source.name] = tuple(sorted(walker.sheets_of(source)))
        except (TokenRefused, Unreachable):
            raise
        except (SmartsheetError, _NoSuchPlace) as error:
            failed[source.name] = str(error)
            if before is not None and source.name in before.members:
                members[source.name] = before.members[source.name]
    return Tree(now, sources_hash(sources), listed, members, failed)


class _NoSuchPlace(Exception):
    """A workspace or folder that the sources name is not there, or not once."""


class _Walker:
    """The containers of one walk; each is listed once, however many sources name it."""

    def __init__(self, client: Directory) -> None:
        self._client = client
        self._workspaces: list[Container] | None = None
        self._children: dict[tuple[str, int], Children] = {}

    def sheets_of(self, source: Source) -> set[int]:
        workspace = self._workspace(source)
        if source.folder is None:
            return self._below("workspace", workspace, 0)
        return self._below("folder", self._folder(source, workspace), 0)

    def _workspace(self, source: Source) -> int:
        if isinstance(source.workspace, int):
            return source.workspace
        if self._workspaces is None:
            self._workspaces = self._client.workspaces()
        same = [one.id for one in self._workspaces if one.name == source.workspace]
        if len(same) == 1:
            return same[0]
        seen = ", ".join(sorted(repr(one.name) for one in self._workspaces)) or "none"
        raise _NoSuchPlace(
            f"the token sees {len(same)} workspaces called '{source.workspace}' (it sees {seen}): share it "
            "with the token's user, or name its id"
        )

    def _folder(self, source: Source, workspace: int) -> int:
        if isinstance(source.folder, int):
            return source.folder
        kind, place = "workspace", workspace
        for name in str(source.folder).split("/"):
            folders = self._list(kind, place).folders
            same = [one.id for one in folders if one.name == name]
            if len(same) != 1:
                seen = ", ".join(sorted(repr(one.name) for one in folders)) or "none"
                raise _NoSuchPlace(
                    f"there are {len(same)} folders called '{name}' on the path '{source.folder}' (there are "
                    f"{seen}): name the id of the folder"
                )
            kind, place = "folder", same[0]
        return place

    def _below(self, kind: str, place: int, depth: int) -> set[int]:
        if depth > DEEPEST:
            raise _NoSuchPlace(f"its folders lie more than {DEEPEST} deep: name a folder further down")
        children = self._list(kind, place)
        found = {sheet.id for sheet in children.sheets}
        for folder in children.folders:
            found |= self._below("folder", folder.id, depth + 1)
        return found

    def _list(self, kind: str, place: int) -> Children:
        key = (kind, place)
        if key not in self._children:
            self._children[key] = self._client.children(kind, place)
        return self._children[key]


def _owners(sources: Sources, tree: Tree) -> tuple[dict[int, Source], list[str]]:
    """The source of every sheet: one that names it by id, else the only one whose place it lies in.

    A folder wins over the whole workspace; between two of the same kind nobody can tell, and that is told.
    """
    claims: dict[int, list[tuple[int, Source]]] = {}
    for source in sources.sources:
        for sheet_id in source.sheets:
            claims.setdefault(sheet_id, []).append((0, source))
        for sheet_id in tree.members.get(source.name, ()):
            claims.setdefault(sheet_id, []).append((1 if source.folder is not None else 2, source))
    owners: dict[int, Source] = {}
    problems: list[str] = []
    for sheet_id, claimed in claims.items():
        best = min(rank for rank, _ in claimed)
        first, *others = [source for rank, source in claimed if rank == best]
        owners[sheet_id] = first
        if others and any(other.rate_basis != first.rate_basis for other in others):
            names = " and ".join(f"'{source.name}'" for source in (first, *others))
            problems.append(
                f"sheet {sheet_id} lies in the sources {names}, which differ: name it in one by id"
            )
    return owners, problems


def _unseen(sheet_id: int, listed: Mapping[int, ListedSheet], source: Source) -> str | None:
    if sheet_id in listed:
        return None
    return (
        f"the token does not see sheet {sheet_id} of the source '{source.name}': share it with the token's "
        "user as Viewer, or take it out of rules/billing/sources.yaml"
    )


def _gone(sheet_id: int, source: str, still_named: bool, listed: Iterable[int]) -> str:
    if sheet_id in set(listed):
        where = (
            f"no longer lies in the source '{source}'" if still_named else f"has lost its source '{source}'"
        )
    else:
        where = "is not visible to the token any more (deleted, or no longer shared)"
    return f"sheet {sheet_id} {where}: bring it back, or name it under ignore: in rules/billing/sources.yaml"
