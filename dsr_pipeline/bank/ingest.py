"""The bank side from the inbox to its tables: read what is new, consolidate all of it, switch once.

Lives here: the order of the steps and what decides whether anything has to be done. Reading one file is
`file_reading`, keeping what was read is `extracts`, everything across files is `consolidation`. Called by
`dsr ingest` and by the Dagster asset; both are this function.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.bank.bank_tables import write_tables
from dsr_pipeline.bank.extracts import ExtractStore, Seen, entry_key
from dsr_pipeline.bank.file_reading import Opened, ignored, open_file, read_opened, still_chosen
from dsr_pipeline.bank.inbox import InboxFile, discover, prefix_sha256
from dsr_pipeline.bank.inbox_rules import InboxRules, load_inbox_rules
from dsr_pipeline.bank.outcome import FileOutcome
from dsr_pipeline.bank.rule_set import RuleSet, load_rules
from dsr_pipeline.lake.contracts.bank import CONTRACTS
from dsr_pipeline.lake.errors import LakeError
from dsr_pipeline.lake.storage import LocalStorage
from dsr_pipeline.text import canonical_hash

if TYPE_CHECKING:
    from dsr_pipeline.lake.store import Lake

GROUP = "bank"
PROGRAM = 1  # raised when the same files and rules would give other tables
EXTRACTS = "_extracts"
_SETTLED_NS = 2_000_000_000  # a file touched this shortly before it was looked at is hashed again
_RULE_FILES = ("accounts.yaml", "merchants.csv", "categories.yaml")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run over the inbox did. `changed` is False where the tables were already right."""

    files: tuple[FileOutcome, ...]
    changed: bool
    failures: tuple[str, ...] = ()  # sentences about tables that broke their contracts; the old ones stay

    @property
    def exit_code(self) -> int:
        """0 clean · 1 something needs a person."""
        return 1 if self.failures or any(file.needs_person for file in self.files) else 0


def ingest(  # noqa: PLR0913 - each is a place or a hook that some caller sets
    inbox: Path,
    rules_root: Path,
    lake: Lake,
    *,
    now: datetime,
    run_id: str,
    extracts: Path | None = None,
    quarantine: Path | None = None,
    progress: Progress | None = None,
    wait: bool = True,
    on_wait: Callable[[str], None] | None = None,
) -> IngestReport:
    """Read the inbox and bring the tables of the bank group up to date.

    `now` is naive UTC. `extracts` is where parsed content is kept (a local folder; by default beside the
    tables of a local lake), `quarantine` where rows that break a contract go. Raises `RuleFileError` for a
    rule that cannot be used, `NotADirectoryError` for an inbox that is none, `GroupLocked` with `wait` off.
    """
    rules = load_rules(rules_root)
    settings = load_inbox_rules(rules_root)
    derived = [contract for contract in CONTRACTS if contract.kind == "derived"]
    with lake.group(GROUP).writing(
        derived, run_id=run_id, quarantine=quarantine, wait=wait, on_wait=on_wait
    ) as writer:
        store = ExtractStore(extracts if extracts is not None else _beside(lake))
        reader = _InboxReader(store, rules, settings, _nanoseconds(now), progress)
        current = reader.read(discover(inbox))
        outcomes = sorted([*current, *reader.kept(current)], key=lambda outcome: outcome.file)
        store.save()
        fingerprint = _fingerprint(outcomes, rules_root)
        known = writer.before.tables
        if writer.before.inputs.get("fingerprint") == fingerprint and all(
            contract.table in known and known[contract.table].contract_hash == contract.hash
            for contract in derived
        ):
            return IngestReport(tuple(outcomes), changed=False)
        write_tables(outcomes, store, rules_root, lake, writer, now=now)
        writer.inputs["fingerprint"] = fingerprint
        switch = writer.switch()
        failures = tuple(str(verdict) for verdict in switch.verdicts.values() if not verdict.passed)
        return IngestReport(tuple(outcomes), changed=True, failures=failures)


def _beside(lake: Lake) -> Path:
    if not isinstance(lake.storage, LocalStorage):
        raise LakeError("a lake on an object store needs a local folder for what was read from bank files")
    return lake.storage.path(f"{GROUP}/{EXTRACTS}")


def _nanoseconds(now: datetime) -> int:
    return int(now.replace(tzinfo=UTC).timestamp() * 1_000_000_000)


def _fingerprint(outcomes: Sequence[FileOutcome], rules_root: Path) -> str:
    """Changes when the tables would: with what the files gave, and with the rules applied afterwards."""
    files = [repr(replace(outcome, segment=None)) for outcome in outcomes]
    rules = [
        hashlib.sha256(path.read_bytes()).hexdigest() if (path := rules_root / name).exists() else None
        for name in _RULE_FILES
    ]
    return canonical_hash(PROGRAM, files, rules)


class _InboxReader:
    """Reads the files of one run into the store, each content at most once."""

    def __init__(
        self,
        store: ExtractStore,
        rules: RuleSet,
        settings: InboxRules,
        now_ns: int,
        progress: Progress | None,
    ) -> None:
        self.store = store
        self.rules = rules
        self.settings = settings
        self.now_ns = now_ns
        self.progress = progress
        rule_set = canonical_hash(PROGRAM, rules.fingerprint, settings.model_dump_json())
        manifest = store.manifest
        self.same_rules = manifest.rule_set == rule_set
        self.before, self.seen = manifest.outcomes, manifest.seen
        manifest.rule_set, manifest.outcomes, manifest.seen = rule_set, {}, {}
        self.paths: dict[str, Path] = {}
        self.first_of: dict[str, FileOutcome] = {}

    def read(self, files: Sequence[InboxFile]) -> list[FileOutcome]:
        """The outcome of every file that lies in the inbox now; of equal contents the first name counts."""
        outcomes: list[FileOutcome] = []
        for place, file in enumerate(files):
            if self.progress is not None:
                self.progress(file.name, place, len(files))
            self.paths[file.name] = file.path
            outcome = self._settled(file) or self._outcome(file)
            if outcome.sha256 is not None:
                self.store.manifest.seen[file.name] = Seen(file.signature, outcome.sha256, self.now_ns)
                self.first_of.setdefault(outcome.sha256, outcome)
            outcomes.append(outcome)
        self.store.flush()
        return outcomes

    def kept(self, current: Sequence[FileOutcome]) -> list[FileOutcome]:
        """Outcomes of accepted contents that the inbox no longer holds: missing is unknown, not empty."""
        names = {outcome.file: outcome for outcome in current}
        kept: dict[str, FileOutcome] = {}
        for key, outcome in sorted(self.before.items()):
            sha256, name = outcome.sha256, outcome.file
            if outcome.status != "accepted" or sha256 is None or sha256 in self.first_of or sha256 in kept:
                continue
            if self.settings.ignored(name, sha256) is not None or self._has_grown(outcome, names.get(name)):
                continue
            shown = f"{name}#{sha256[:8]}" if name in names else name
            kept[sha256] = replace(outcome, file=shown, reason="no longer in the inbox; its rows are kept")
            self.store.manifest.outcomes[key] = outcome
        return list(kept.values())

    def _has_grown(self, old: FileOutcome, new: FileOutcome | None) -> bool:
        """Whether the file of that name now begins with all of the old content: it was not finished then."""
        if new is None or new.sha256 is None or new.size <= old.size:
            return False
        return prefix_sha256(self.paths[new.file], old.size) == old.sha256

    def _settled(self, file: InboxFile) -> FileOutcome | None:
        """The known outcome of a file that the file system says is untouched since it was hashed."""
        seen = self.seen.get(file.name)
        if (
            seen is None
            or not self.same_rules
            or file.waiting is not None
            or seen.signature != file.signature
        ):
            return None
        touched = max(file.signature.mtime_ns, file.signature.ctime_ns)
        if touched + _SETTLED_NS >= seen.at_ns:
            return None
        if (first := self.first_of.get(seen.sha256)) is not None:
            return _same(file, first)
        return self._known(entry_key(seen.sha256, file.name))

    def _known(self, key: str) -> FileOutcome | None:
        outcome = self.before.get(key)
        if outcome is not None:
            self.store.manifest.outcomes[key] = outcome
        return outcome

    def _outcome(self, file: InboxFile) -> FileOutcome:
        opened = open_file(file)
        if not isinstance(opened, Opened):
            return opened.outcome
        if (first := self.first_of.get(opened.sha256)) is not None:
            return _same(file, first)
        key = entry_key(opened.sha256, file.name)
        if self.same_rules and (known := self._known(key)) is not None:
            return known
        if (reason := self.settings.ignored(file.name, opened.sha256)) is not None:
            return self.store.take(ignored(opened, reason), opened)
        before = self.before.get(key)
        if before is not None and (still := still_chosen(opened, before, self.rules)) is not None:
            self.store.manifest.outcomes[key] = still
            return still
        return self.store.take(
            read_opened(opened, self.rules, self.store.stage(), self.store.scratch), opened
        )


def _same(file: InboxFile, first: FileOutcome) -> FileOutcome:
    """The outcome of a content that stands in the inbox under an earlier name already."""
    return FileOutcome(
        file.name,
        first.sha256,
        "same_file",
        reason=f"has the same content as {first.file}",
        encoding=first.encoding,
        lines=first.lines,
        excluded=first.lines,
        header_line=first.header_line,
        size=first.size,
    )
