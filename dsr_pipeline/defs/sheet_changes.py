"""Which sheets have moved since they were read: the decision behind the `sheet_versions` sensor.

Lives here: one pure function over the list of sheets and the stored catalogue. What is read then is decided
by the sync; this only says whether a sync would find something. Called by `sensors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsr_pipeline.text import canonical_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from dsr_pipeline.smartsheet.catalogue import Sheet
    from dsr_pipeline.smartsheet.wire import ListedSheet


@dataclass(frozen=True, slots=True)
class Moved:
    """What one tick found: sheets by kind of change, and whether the rules say something else now.

    `run_key` is None when there is nothing to run for.
    Equal findings give equal keys: what a run could not mend is not run for again until it moves on.
    """

    changed: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    rules: bool
    run_key: str | None

    def __str__(self) -> str:
        kinds = (("changed", self.changed), ("new", self.new), ("gone", self.gone))
        told = [f"{len(names)} {kind}" for kind, names in kinds if names]
        return ", ".join([*told, *(["other rules"] if self.rules else [])])


def sheet_changes(
    listed: Iterable[ListedSheet],
    sheets: Mapping[int, Sheet],
    seen: Collection[int] | None,
    rules: str | None = None,
) -> Moved:
    """Compare the list with the catalogue; `rules` is the hash of rules under which nothing was read yet.

    `seen` are the sheets that were listed when the places of the sources were walked last: others are new,
    wherever they lie. None: nothing was ever read, and everything is new.
    """
    from dsr_pipeline.smartsheet.reading import instant

    now = {one.id: one for one in listed}
    changed: list[ListedSheet] = []
    gone: list[Sheet] = []
    for sheet_id, sheet in sheets.items():
        if sheet.status == "ignored":
            continue
        one = now.get(sheet_id)
        if one is None:
            gone += [] if sheet.status == "unknown" else [sheet]
        elif sheet.status == "unknown" or (one.version, instant(one.modified_at), one.name) != (
            sheet.version,
            sheet.sheet_modified_at_utc,
            sheet.name,
        ):
            changed.append(one)
    new = [one for one in now.values() if one.id not in sheets and (seen is None or one.id not in seen)]
    state = [[one.id, one.version, one.modified_at or "", one.name] for one in (*changed, *new)]
    state += [[sheet.sheet_id, sheet.version or 0, "gone", sheet.name] for sheet in gone]
    state += [[0, 0, "rules", rules]] if rules is not None else []
    return Moved(
        tuple(one.name for one in changed),
        tuple(one.name for one in new),
        tuple(sheet.name for sheet in gone),
        rules is not None,
        f"sheets-{canonical_hash(sorted(state))[:16]}" if state else None,
    )
