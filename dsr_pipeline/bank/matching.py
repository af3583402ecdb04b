"""Which rule reads a file: by the names in its header, proved by a probe of its rows.

Lives here: the score, the ambiguity margin and the sentences for a file that no rule, or more than one rule,
fits. The file name adds to a score and never decides. Called by `bank.parsing` and `bank.checking`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from dsr_pipeline.bank.binding import BoundRule, HeaderError, clean_name
from dsr_pipeline.bank.reading import Dialect, Lines, UndecodableError, decode, is_wide, records
from dsr_pipeline.bank.rules import FixedLines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsr_pipeline.bank.rules import BankRule

HEAD_LINES = 60  # a header stands among the first lines, or the file is not an export we know
PROBE_ROWS = 200
PROBE_RATIO = 0.8
ACCEPT = 70
MARGIN = 10
HEADERLESS_BASE = 65  # with a fitting name 75, so that any rule with a header (80 and more) wins


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that could read the file: its score, where its header stands, and how the probe went."""

    rule: BankRule
    score: int
    header: int | None  # 0-based line of the header; None without one
    first: int  # 0-based line of the first row
    names: tuple[str, ...] | None
    lines: Lines
    drift: tuple[str, ...] = ()
    probed: int = 0
    valid: int = 0

    @property
    def probe_holds(self) -> bool:
        """Whether enough probed rows have a date and an amount where the rule expects them."""
        return self.probed == 0 or self.valid >= PROBE_RATIO * self.probed


@dataclass(frozen=True, slots=True)
class Selection:
    """The outcome of matching: the rule that reads the file, or the reason why none does."""

    chosen: Candidate | None
    runner_up: Candidate | None
    reason: str | None
    nearest: str | None = None
    ranked: tuple[Candidate, ...] = field(default=())


def dialect_of(rule: BankRule) -> Dialect:
    """How the rule splits a line."""
    return Dialect(rule.file.delimiter, rule.file.quote, rule.file.skip_initial_space)


def select(name: str, data: bytes, rules: Iterable[BankRule]) -> Selection:
    """Choose the rule of a file from its bytes and its base name.

    `data` is the whole file, or its beginning for one too large to be held; only the first lines and the
    probe are looked at.
    """
    heads = _Heads(data)
    candidates: list[Candidate] = []
    for rule in rules:
        candidate = _headerless(rule, name, heads) if rule.headerless else _by_header(rule, name, heads)
        if candidate is not None:
            candidates.append(candidate)
    lonely = [c for c in candidates if c.header is None]
    if len(lonely) == 1 and len(candidates) == 1 and lonely[0].valid == lonely[0].probed:
        # Nothing else fits and every probed row does: a renamed export without a header is still known.
        only = lonely[0]
        candidates = [_with_score(only, max(only.score, ACCEPT))]
    proven = [c for c in candidates if c.probe_holds]
    ranked = sorted(proven, key=lambda c: (-c.score, c.rule.rule))
    best = ranked[0] if ranked else None
    second = ranked[1] if len(ranked) > 1 else None
    if best is not None and best.score >= ACCEPT:
        if second is not None and best.score - second.score < MARGIN:
            reason = (
                f"fits {best.rule.rule} ({best.score}) and {second.rule.rule} ({second.score}): "
                "add match.header_absent, match.content or match.filename to one of them"
            )
            return Selection(None, second, reason, best.rule.rule, tuple(ranked))
        return Selection(best, second, None, best.rule.rule, tuple(ranked))
    if best is None:
        failed = sorted(candidates, key=lambda c: (-c.score, c.rule.rule))
        if failed and (len(failed) == 1 or failed[0].score - failed[1].score >= MARGIN):
            # The header is known but the rows do not fit it: the file is read so that each row can say why.
            return Selection(failed[0], None, None, failed[0].rule.rule, tuple(failed))
    return Selection(None, None, _no_rule(heads, list(rules)), _nearest(heads, list(rules))[0], tuple(ranked))


class _Heads:
    """The first lines of the file, decoded once per encoding list and split once per dialect."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._decoded: dict[tuple[str, ...], Lines | None] = {}
        self._names: dict[tuple[tuple[str, ...], Dialect], list[list[str]]] = {}

    def lines(self, encodings: tuple[str, ...]) -> Lines | None:
        if encodings not in self._decoded:
            try:
                self._decoded[encodings] = decode(self.data, encodings)
            except UndecodableError:
                self._decoded[encodings] = None
        return self._decoded[encodings]

    def names(self, encodings: tuple[str, ...], dialect: Dialect) -> list[list[str]]:
        key = (encodings, dialect)
        if key not in self._names:
            lines = self.lines(encodings)
            head = lines.texts[:HEAD_LINES] if lines is not None else []
            bad = lines.bad if lines is not None else frozenset[int]()
            self._names[key] = [
                [] if place in bad else [clean_name(part) for part in dialect.split(text) or []]
                for place, text in enumerate(head)
            ]
        return self._names[key]


@lru_cache(maxsize=1024)
def _clean_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(clean_name(name) for name in names)


def _by_header(rule: BankRule, name: str, heads: _Heads) -> Candidate | None:
    lines = heads.lines(rule.file.encodings)
    if lines is None:
        return None
    required = _clean_names(tuple(rule.match.header))
    absent = _clean_names(tuple(rule.match.header_absent))
    fixed = rule.file.preamble.lines if isinstance(rule.file.preamble, FixedLines) else None
    for place, names in enumerate(heads.names(rule.file.encodings, dialect_of(rule))):
        if fixed is not None and place != fixed:
            continue
        found = set(names)
        if not required <= found or (absent & found) or not _patterns_fit(rule, names):
            continue
        try:
            bound = BoundRule(rule, names)
        except HeaderError:
            continue  # a column that the rule reads stands twice
        optional = _clean_names(tuple(rule.match.header_optional))
        known = (
            required
            | optional
            | {n for n in names if any(re.search(p, n) for p in rule.match.header_pattern)}
        )
        order = [n for n in names if n in required]
        wanted = [clean_name(n) for n in rule.match.header]
        score = 60.0 + 20.0 * len([n for n in names if n in known]) / len(names)
        score += 10 * _name_fits(rule, name)
        score += 10 * _content_fits(rule, "\n".join(lines.texts[:place]))
        score -= 5 * (order != wanted)
        drift = tuple(n for n in names if n and n not in known)
        probed, valid = _probe(bound, lines, place + 1, rule)
        return Candidate(rule, round(score), place, place + 1, tuple(names), lines, drift, probed, valid)
    return None


def _headerless(rule: BankRule, name: str, heads: _Heads) -> Candidate | None:
    lines = heads.lines(rule.file.encodings)
    if lines is None or not isinstance(rule.file.preamble, FixedLines):
        return None
    first = rule.file.preamble.lines
    bound = BoundRule(rule, None)
    probed, valid = _probe(bound, lines, first, rule)
    if probed == 0 or valid < PROBE_RATIO * probed:
        return None
    score = HEADERLESS_BASE + 10 * _name_fits(rule, name)
    return Candidate(rule, score, None, first, None, lines, (), probed, valid)


def _with_score(candidate: Candidate, score: int) -> Candidate:
    return Candidate(
        candidate.rule,
        score,
        candidate.header,
        candidate.first,
        candidate.names,
        candidate.lines,
        candidate.drift,
        candidate.probed,
        candidate.valid,
    )


def _patterns_fit(rule: BankRule, names: list[str]) -> bool:
    return all(sum(re.search(p, n) is not None for n in names) == 1 for p in rule.match.header_pattern)


def _name_fits(rule: BankRule, name: str) -> bool:
    return any(re.search(pattern, name) for pattern in rule.match.filename)


def _content_fits(rule: BankRule, preamble: str) -> bool:
    return any(re.search(pattern, preamble, re.MULTILINE) for pattern in rule.match.content)


def _probe(bound: BoundRule, lines: Lines, first: int, rule: BankRule) -> tuple[int, int]:
    """How many of the first rows were looked at, and in how many date and amount can be read."""
    probed = valid = 0
    stops = [re.compile(pattern) for pattern in rule.file.footer.stop_at]
    window = lines
    if len(lines.texts) > first + 4 * PROBE_ROWS:
        window = Lines(lines.encoding, lines.texts[: first + 4 * PROBE_ROWS], lines.bad, b"")
    for record in records(
        window, first, dialect_of(rule), multiline=rule.file.multiline_fields, looks_whole=bound.looks_whole
    ):
        if any(stop.search(record.text) for stop in stops):
            break
        if not record.text.strip() or record.text.strip(rule.file.delimiter + " ") == "":
            continue
        fields = bound.fit(record.fields) if record.fields is not None else None
        if fields is not None and (bound.is_excluded(fields) or _continues(bound, fields)):
            continue
        probed += 1
        valid += fields is not None and bound.has_date_and_amount(fields)
        if probed == PROBE_ROWS:
            break
    return probed, valid


def _continues(bound: BoundRule, fields: list[str]) -> bool:
    return bool(bound.continues) and all(not fields[place].strip() for place in bound.continues)


def _no_rule(heads: _Heads, rules: list[BankRule]) -> str:
    nearest, place, missing, extra, header = _nearest(heads, rules)
    if nearest is None:
        return "no rule fits it, and none comes near: `dsr inbox draft` writes one from the file"
    wants = f"misses {missing}" if missing else "has every column but a column that it reads stands twice"
    if not missing and not extra:
        wants = "has the same header, but match.header_absent, its place or its rows do not fit"
    more = f", has extra {extra}" if extra else ""
    return (
        f"no rule fits it: header line {place + 1} = {header}; nearest {nearest} {wants}{more}; "
        "`dsr inbox draft` writes a rule from the file"
    )


def _nearest(heads: _Heads, rules: list[BankRule]) -> tuple[str | None, int, list[str], list[str], list[str]]:
    best: tuple[float, str, int, list[str]] | None = None
    for rule in rules:
        if rule.headerless:
            continue
        required = _clean_names(tuple(rule.match.header))
        for place, names in enumerate(heads.names(rule.file.encodings, dialect_of(rule))):
            shared = required & set(names)
            alike = len(shared) / len(required | set(names)) if names else 0.0
            if shared and (best is None or alike > best[0]):
                best = (alike, rule.rule, place, names)
    if best is None:
        return None, 0, [], [], []
    _, name, place, names = best
    rule = next(rule for rule in rules if rule.rule == name)
    wanted = [clean_name(n) for n in rule.match.header]
    known = set(wanted) | _clean_names(tuple(rule.match.header_optional))
    missing = [n for n in wanted if n not in names]
    return name, place, missing, [n for n in names if n not in known], names


__all__ = ["Candidate", "Selection", "dialect_of", "is_wide", "select"]
