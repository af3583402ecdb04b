"""The home of the demo: invented exports in an inbox, the project's rules beside them, nothing of the user's.

Lives here: what is copied where, and that no home with real data is ever touched. Called by `demo`.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKER = ".dsr-demo.json"
_NOT_EXPORTS = frozenset({"expected.json"})
_OWNERS = {
    "us_chase_checking": "alex",
    "us_chase_card": "alex",
    "us_amex": "alex",
    "us_capital_one_card": "alex",
    "us_wells_fargo": "sam",
    "us_bofa_checking": "sam",
    "us_citi_card": "sam",
    "us_discover_card": "sam",
    "revolut": "sam",
    "de_dkb_giro": "sam",
}
"""In whose folder of the inbox a sample lies; what an aggregator exports lies in the inbox itself."""
_SAME_AGAIN = "alex/Chase4321_Activity_20260131 (1).CSV"
"""The name that a browser gives to a second download of the same file."""
_SAME_AS = "alex/Chase4321_Activity_20260131.CSV"


class DemoRefused(ValueError):
    """The demo will not work in this folder, or has nothing to work with."""


@dataclass(frozen=True, slots=True)
class DemoHome:
    """A prepared home. `edited` names the files in it that somebody changed since an earlier demo."""

    path: Path
    edited: tuple[str, ...]


def prepare(home: Path, project: Path) -> DemoHome:
    """Put the exports and rules of the demo into `home`; what somebody edited in it stays.

    Raises `DemoRefused` where the folder holds anything but an earlier demo, or the samples are not there.
    """
    samples = project / "data" / "samples"
    sources = dict(_sources(samples, project / "rules"))
    if not (samples / "demo").is_dir() or not sources:
        raise DemoRefused(f"the demo needs the samples of a source checkout: {samples} does not hold them")
    if home.exists() and not home.is_dir():
        raise DemoRefused(f"{home} is not a folder: name another with --home")
    marker = home / MARKER
    if home.is_dir() and any(home.iterdir()) and not marker.is_file():
        raise DemoRefused(f"{home} holds files that are not of the demo: name an empty folder with --home")
    before: dict[str, str] = (
        json.loads(marker.read_text(encoding="utf-8"))["files"] if marker.is_file() else {}
    )
    home.mkdir(parents=True, exist_ok=True)
    edited = tuple(sorted(name for name, digest in before.items() if _edited(home / name, digest)))
    # The marker is written first, so that a demo that was stopped half way is still known as one.
    files = {name: _digest(source) for name, source in sources.items()}
    marker.write_text(json.dumps({"files": {**before, **files}}, indent=1) + "\n", encoding="utf-8")
    for name, source in sources.items():
        if name not in edited:
            target = home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or _digest(target) != files[name]:
                shutil.copyfile(source, target)
    return DemoHome(home, edited)


def _sources(samples: Path, rules: Path) -> Iterator[tuple[str, Path]]:
    """Each file of the demo: its name in the home and its source; a later one replaces an earlier."""
    for rule_file in sorted(rules.rglob("*")):
        if rule_file.is_file():
            yield f"rules/{rule_file.relative_to(rules).as_posix()}", rule_file
    for sample in sorted(samples.glob("bank/*/*")):
        if sample.is_file() and sample.name not in _NOT_EXPORTS:
            owner = _OWNERS.get(sample.parent.name)
            name = f"{owner}/{sample.name}" if owner else sample.name
            yield f"csv_inbox/{name}", sample
            if name == _SAME_AS:
                yield f"csv_inbox/{_SAME_AGAIN}", sample
    demo = samples / "demo"
    for folder in ("rules", "csv_inbox"):
        for file in sorted((demo / folder).rglob("*")):
            if file.is_file():
                yield file.relative_to(demo).as_posix(), file


def _edited(file: Path, digest: str) -> bool:
    return file.is_file() and _digest(file) != digest


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
