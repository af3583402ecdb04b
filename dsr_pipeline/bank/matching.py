"""Which rule reads a file: by the names in its header, proved by a probe of its rows.

Lives here: the score, the ambiguity margin and the sentences for a file that no rule, or more than one rule,
fits. The file name adds to a score and never decides. Called by `bank.parsing` and `bank.checking`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from dsr_pipeline.bank.binding import BoundRule, HeaderError, clean_name
from dsr_pipeline.bank.reading import (
    MAX_LINE,
    Dialect,
    Lines,
    UndecodableError,
    decode,
    decode_whole,
    records,
)
from dsr_pipeline.bank.rules import FixedLines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dsr_pipeline.bank.rules import BankRule

HEAD_LINES = 60  # a header stands among the first lines, or the file is not an export we know
PROBE_ROWS = 200
PROBE_RATIO = 0.8
ACCEPT = 70
MARGIN = 10
_MOST_NAMED = 40  # names of a header that a sentence lists
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
    bound: BoundRule | None = field(default=None, compare=False, repr=False)  # what the probe was made with

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
    known = list(rules)
    headed = _found(_by_header(rule, name, heads) for rule in known if not rule.headerless)
    candidates = [c for c in headed if c.score >= ACCEPT]
    if not candidates:
        # Rows alone say less than a header: they are asked only where no header is known.
        lonely = [
            c for rule in known if rule.headerless and (c := _headerless(rule, name, heads)) is not None
        ]
        if len(lonely) == 1:
            # Nothing else fits: a renamed export without a header is still known.
            lonely = [replace(lonely[0], score=max(lonely[0].score, ACCEPT))]
        candidates = [*headed, *lonely]
    proven = [c for c in candidates if c.probe_holds]
    # Where the header is known but the rows do not fit it, the file is read so that each row can say why.
    ranked = sorted(proven or candidates, key=lambda c: (-c.score, c.rule.rule))
    best = ranked[0] if ranked else None
    second = ranked[1] if len(ranked) > 1 else None
    if best is None or best.score < ACCEPT:
        reason, nearest = _no_rule(heads, known)
        return Selection(None, second, reason, nearest, tuple(ranked))
    if second is not None and best.score - second.score < MARGIN:
        reason = (
            f"fits {best.rule.rule} ({best.score}) and {second.rule.rule} ({second.score}): "
            "add match.header_absent, match.content or match.filename to one of them"
        )
        return Selection(None, second, reason, best.rule.rule, tuple(ranked))
    return Selection(best, second, None, best.rule.rule, tuple(ranked))


def _found(candidates: Iterable[Candidate | None]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate is not None]


class _Heads:
    """The first lines of the file, decoded once per encoding and split once per dialect."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._whole: dict[str, Lines | None] = {}
        self._decoded: dict[tuple[str, ...], Lines | None] = {}
        self._names: dict[tuple[str, Dialect], list[list[str]]] = {}

    def lines(self, encodings: tuple[str, ...]) -> Lines | None:
        """The lines under the first of the encodings that reads them, or None."""
        if encodings not in self._decoded:
            self._decoded[encodings] = self._decode(encodings)
        return self._decoded[encodings]

    def names(self, encodings: tuple[str, ...], dialect: Dialect) -> list[list[str]]:
        """Each of the first lines as the names of a header that it might be."""
        lines = self.lines(encodings)
        if lines is None:
            return []
        key = (lines.encoding, dialect)
        if key not in self._names:
            self._names[key] = [
                []
                if place in lines.bad or len(text) > MAX_LINE
                else [clean_name(part) for part in dialect.split(text) or []]
                for place, text in enumerate(lines.texts[:HEAD_LINES])
            ]
        return self._names[key]

    def _decode(self, encodings: tuple[str, ...]) -> Lines | None:
        for encoding in encodings:
            if encoding not in self._whole:
                self._whole[encoding] = decode_whole(self.data, encoding)
            if (lines := self._whole[encoding]) is not None:
                return lines
        try:
            return decode(self.data, encodings)
        except UndecodableError:
            return None


@lru_cache(maxsize=1024)
def _clean_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(clean_name(name) for name in names)


@lru_cache(maxsize=1024)
def _regexes(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


def _by_header(rule: BankRule, name: str, heads: _Heads) -> Candidate | None:
    """The rule over the first line that can be its header and has fitting rows, else over the first one."""
    lines = heads.lines(rule.file.encodings)
    if lines is None:
        return None
    required = _clean_names(tuple(rule.match.header))
    absent = _clean_names(tuple(rule.match.header_absent))
    fixed = rule.file.preamble.lines if isinstance(rule.file.preamble, FixedLines) else None
    found: Candidate | None = None
    for place, names in enumerate(heads.names(rule.file.encodings, dialect_of(rule))):
        if (fixed is not None and place != fixed) or not required.issubset(names):
            continue
        if found is not None and _has_rows(found, place):
            break  # a header below rows is no header, and must not turn them into a preamble
        if not absent.isdisjoint(names) or not _patterns_fit(rule, names):
            continue
        try:
            bound = BoundRule(rule, names)
        except HeaderError:
            continue  # a column that the rule reads stands twice
        _widen(bound, lines, place + 1)
        score, drift = _score(rule, name, names, "\n".join(lines.texts[:place]))
        probed, valid = _probe(bound, lines, place + 1, rule, lines.texts[place])
        candidate = Candidate(rule, score, place, place + 1, tuple(names), lines, drift, probed, valid, bound)
        if candidate.probe_holds:
            return candidate
        found = found or candidate
    return found


def _has_rows(found: Candidate, before: int) -> bool:
    """Whether a row of the candidate stands between its header and a line."""
    dialect = dialect_of(found.rule)
    between = found.lines.texts[found.first : before]
    split = (dialect.split(text) for text in between if len(text) <= MAX_LINE)
    return any(f is not None and found.bound is not None and found.bound.looks_whole(f) for f in split)


def _score(rule: BankRule, name: str, names: list[str], preamble: str) -> tuple[int, tuple[str, ...]]:
    """The score of a header that has all required names, and the names in it that the rule does not know."""
    required = _clean_names(tuple(rule.match.header))
    known = required | _clean_names(tuple(rule.match.header_optional))
    patterns = _regexes(tuple(rule.match.header_pattern))
    given = [n for n in names if n]  # an empty name, as after a trailing delimiter, says nothing
    drift = tuple(n for n in given if n not in known and not any(p.search(n) for p in patterns))
    order = [n for n in given if n in required]
    score = 60.0 + 20.0 * (len(given) - len(drift)) / max(len(given), 1)
    score += 10 * _name_fits(rule, name)
    score += 10 * any(re.search(p, preamble, re.MULTILINE) for p in rule.match.content)
    score -= 5 * (order != [clean_name(n) for n in rule.match.header])
    return round(score), drift


def _headerless(rule: BankRule, name: str, heads: _Heads) -> Candidate | None:
    lines = heads.lines(rule.file.encodings)
    if lines is None or not isinstance(rule.file.preamble, FixedLines):
        return None
    first = rule.file.preamble.lines
    bound = BoundRule(rule, None)
    _widen(bound, lines, first)
    probed, valid = _probe(bound, lines, first, rule)
    if probed == 0 or valid < PROBE_RATIO * probed or _begins_with_names(bound, lines, first, rule):
        return None
    score = HEADERLESS_BASE + 10 * _name_fits(rule, name)
    return Candidate(rule, score, None, first, None, lines, (), probed, valid, bound)


def _begins_with_names(bound: BoundRule, lines: Lines, first: int, rule: BankRule) -> bool:
    """Whether the first row looks like a header: then it is another bank's, whatever the rows below it."""
    dialect = dialect_of(rule)
    for place, text in enumerate(lines.texts[first : first + HEAD_LINES], first):
        if not text.strip():
            continue
        if place in lines.bad:
            return False
        fields = dialect.split(text)
        fitted = bound.fit(fields) if fields is not None else None
        return (
            fitted is not None
            and not bound.probes(fitted)
            and not any(letter.isdigit() for letter in "".join(fitted))
        )
    return False


def _patterns_fit(rule: BankRule, names: list[str]) -> bool:
    return all(sum(re.search(p, n) is not None for n in names) == 1 for p in rule.match.header_pattern)


def _name_fits(rule: BankRule, name: str) -> bool:
    return any(re.search(pattern, name) for pattern in rule.match.filename)


def _widen(bound: BoundRule, lines: Lines, first: int) -> None:
    """With `trailing_empty`, let rows have the fields that most of them have, but no more.

    A delimiter too many inside a row would else push its cells aside and end in one more empty field.
    """
    if bound.rule.file.fields != "trailing_empty":
        return
    split = (dialect_of(bound.rule).split(text) for text in lines.texts[first : first + PROBE_ROWS])
    counts = Counter(len(fields) for fields in split if fields is not None and len(fields) >= bound.width)
    bound.widest = counts.most_common(1)[0][0] if counts else bound.width


def _probe(
    bound: BoundRule, lines: Lines, first: int, rule: BankRule, header: str | None = None
) -> tuple[int, int]:
    """How many of the first rows were looked at, and how many of them are rows of the rule."""
    probed = valid = 0
    stops = _regexes(tuple(rule.file.footer.stop_at))
    blank = rule.file.delimiter + " "
    window = lines.upto(first + 4 * PROBE_ROWS)
    for record in records(
        window, first, dialect_of(rule), multiline=rule.file.multiline_fields, looks_whole=bound.looks_whole
    ):
        if stops and any(stop.search(record.text) for stop in stops):
            break
        if record.text == header or not record.text.strip(blank):
            continue
        fields = bound.fit(record.fields) if record.fields is not None else None
        if fields is not None and (
            bound.exclusion(fields) is not None or bound.continuation_of(fields) is not None
        ):
            continue
        probed += 1
        valid += fields is not None and bound.probes(fields)
        if probed == PROBE_ROWS:
            break
    return probed, valid


def _no_rule(heads: _Heads, rules: list[BankRule]) -> tuple[str, str | None]:
    """Why no rule reads the file, in a sentence, and the nearest rule."""
    draft = "`dsr inbox draft` writes a rule from the file"
    if rules and all(heads.lines(rule.file.encodings) is None for rule in rules):
        declared = sorted({encoding for rule in rules for encoding in rule.file.encodings})
        return f"no rule fits it: it is not {' or '.join(declared)} text; {draft}", None
    nearest, place, missing, extra, header = _nearest(heads, rules)
    if nearest is None:
        return f"no rule fits it, and none comes near{_unread(heads, rules)}; {draft}", None
    if missing:
        wants = f"misses {_listed(missing)}"
    elif len(named := [n for n in header if n]) != len(set(named)):
        wants = "reads a column that stands twice"
    elif extra:
        wants = "knows too few of its columns"
    else:
        wants = "has the same header, but match.header_absent, its place or its rows do not fit"
    more = f", has extra {_listed(extra)}" if extra else ""
    sentence = (
        f"no rule fits it: header line {place + 1} = {_listed(header)}; nearest {nearest} {wants}{more}"
    )
    return f"{sentence}; {draft}", nearest


def _unread(heads: _Heads, rules: list[BankRule]) -> str:
    """That the first lines hold one that its encoding cannot read, which may be the header."""
    for rule in rules:
        lines = heads.lines(rule.file.encodings)
        if lines is not None and (bad := [place for place in lines.bad if place < HEAD_LINES]):
            return f"; line {min(bad) + 1} is not {lines.encoding} text"
    return ""


def _listed(names: list[str]) -> str:
    more = f", … {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"[{', '.join(names[:_MOST_NAMED])}{more}]"


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
