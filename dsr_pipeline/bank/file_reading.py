"""One file of the inbox, from its bytes to its outcome and its rows.

Lives here: the order of the questions that a file is asked (finished? text? which rule? which rows? do its
balances prove it?) and the choice between the exact and the bulk path. Called by `bank.ingest` and
`bank.checking`; nothing is written here but the stage of a large file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from dsr_pipeline.bank import bulk, verification
from dsr_pipeline.bank.chronology import Order, order_of
from dsr_pipeline.bank.inbox import InboxFile, changed_since, is_being_written, kind_of
from dsr_pipeline.bank.matching import select
from dsr_pipeline.bank.outcome import FileOutcome
from dsr_pipeline.bank.parsing import (
    Excluded,
    Parsed,
    Quarantined,
    Row,
    constant_account,
    owner_from_name,
    parse,
)
from dsr_pipeline.bank.reading import MAX_LINE, split_lines
from dsr_pipeline.bank.verification import Proof, Stated, Step

if TYPE_CHECKING:
    from dsr_pipeline.bank.matching import Candidate, Selection
    from dsr_pipeline.bank.rule_set import RuleSet
    from dsr_pipeline.bank.rules import BankRule

BULK_BYTES = 1 << 20  # from here DuckDB is quicker than the exact path
_HEAD_BYTES = 1 << 18
_MOST_ORDERED = 2_000_000  # rows of which days in another order are still tried
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read: its outcome, and its rows in memory or, for a large one, in a stage.

    `all_lines` says that the file was not accepted and every physical line after `header_lines` is to be
    listed as excluded.
    """

    outcome: FileOutcome
    rows: Sequence[Row] = ()
    positions: Sequence[int] = ()
    excluded: Sequence[Excluded] = ()
    quarantined: Sequence[Quarantined] = ()
    bulk: bulk.Bulk | None = None
    all_lines: bool = False
    header_lines: int = 0
    owner: str | None = None  # of a large file, where the rule or the name gives one


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose content is known: all of its bytes, or the scan of a large one."""

    file: InboxFile
    sha256: str
    data: bytes | None
    scanned: bulk.Scan | None

    @property
    def lines(self) -> int:
        """Its physical lines."""
        return self.scanned.lines if self.scanned is not None else len(split_lines(self.data or b""))


def open_file(file: InboxFile) -> Opened | Reading:
    """The content of a file and its hash; a `Reading` where the file is waiting or cannot be read."""
    if file.waiting is not None:
        return _waiting(file, file.waiting)
    try:
        if is_being_written(file.path):
            return _waiting(file, "another program is still writing it")
        if file.signature.size >= BULK_BYTES:
            scanned = bulk.scan(file.path)
            opened = Opened(file, scanned.sha256, None, scanned)
        else:
            data = file.path.read_bytes()
            opened = Opened(file, hashlib.sha256(data).hexdigest(), data, None)
    except FileNotFoundError:
        return _waiting(file, "it disappeared while it was being read")
    except PermissionError:
        return _refused(file, None, "cannot be read: the program has no permission; grant it read access", 0)
    return _waiting(file, "it changed while it was being read") if changed_since(file) else opened


def read_opened(opened: Opened, rules: RuleSet, stage: Path, scratch: Path) -> Reading:
    """Ask the content all questions. `stage` is where a large file's rows may be staged, `scratch` spills."""
    if opened.scanned is None:
        return _read_bytes(opened.file, opened.data or b"", opened.sha256, rules)
    reading = _read_large(opened.file, opened.scanned, rules, stage, scratch)
    return (
        _waiting(opened.file, "it changed while it was being read") if changed_since(opened.file) else reading
    )


def still_chosen(opened: Opened, known: FileOutcome, rules: RuleSet) -> FileOutcome | None:
    """The known outcome under a changed rule set, where the same unchanged rule still wins; else None."""
    if (
        known.status != "accepted"
        or known.rule is None
        or rules.fingerprints.get(known.rule) != known.fingerprint
    ):
        return None
    head = opened.data
    if head is None:
        with opened.file.path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        head = head[: head.rindex(b"\n") + 1] if b"\n" in head else head
    selection = select(opened.file.path.name, head, rules.rules.values())
    chosen = selection.chosen
    if (
        chosen is None
        or chosen.rule.rule != known.rule
        or (chosen.names is None) != (known.header_line is None)
    ):
        return None
    return replace(known, score=chosen.score, runner_up=_told(selection.runner_up))


def ignored(opened: Opened, reason: str) -> Reading:
    """The reading of a file that `rules/inbox.yaml` leaves out."""
    return _refused(
        opened.file, opened.sha256, f"left out by rules/inbox.yaml: {reason}", opened.lines, person=False
    )


def _waiting(file: InboxFile, reason: str) -> Reading:
    return Reading(FileOutcome(file.name, None, "waiting", reason=reason, size=file.signature.size))


def _refused(file: InboxFile, sha256: str | None, reason: str, lines: int, *, person: bool = True) -> Reading:
    outcome = FileOutcome(
        file.name,
        sha256,
        "rejected",
        reason=reason,
        lines=lines,
        excluded=lines,
        size=file.signature.size,
        needs_person=person,
    )
    return Reading(outcome, all_lines=lines > 0)


def _read_bytes(file: InboxFile, data: bytes, sha256: str, rules: RuleSet) -> Reading:
    if not data:
        return _refused(file, sha256, "is empty", 0)
    if (reason := not_text(file, data)) is not None:
        return _refused(file, sha256, reason, len(split_lines(data)))
    selection = select(file.path.name, data, rules.rules.values())
    if selection.chosen is None:
        return _no_rule(file, sha256, selection, len(split_lines(data)))
    return _parsed(file, sha256, selection, selection.chosen, rules)


def not_text(file: InboxFile, data: bytes) -> str | None:
    """Why the bytes are no delimited text, as a sentence; None where they are."""
    if file.refused is not None:
        return file.refused
    if (kind := kind_of(data[:4096])) is not None:
        return f"is {kind}, not delimited text: export it as CSV"
    if not data.startswith(_WIDE_MARKS) and (place := data.find(b"\x00")) >= 0:
        line = data.count(b"\n", 0, place) + 1
        return f"line {line} holds a NUL byte: it is binary, damaged or UTF-16 without a byte order mark"
    return _too_long(data)


def _too_long(data: bytes) -> str | None:
    if len(data) <= MAX_LINE:
        return None
    start = 0
    for number, line in enumerate(split_lines(data), 1):
        if len(line) > MAX_LINE:
            return f"line {number} is longer than {MAX_LINE:,} bytes: no export has such rows"
        start += len(line)
    return None


def _read_large(file: InboxFile, scanned: bulk.Scan, rules: RuleSet, stage: Path, scratch: Path) -> Reading:
    with file.path.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    if (reason := _large_is_not_text(file, head, scanned)) is not None:
        return _refused(file, scanned.sha256, reason, scanned.lines)
    whole = head[: head.rindex(b"\n") + 1] if b"\n" in head else head
    wide = head.startswith(_WIDE_MARKS)
    selection = select(file.path.name, file.path.read_bytes() if wide else whole, rules.rules.values())
    if selection.chosen is None:
        return _no_rule(file, scanned.sha256, selection, scanned.lines)
    if selection.chosen.probe_holds and not wide:
        read = bulk.read(file.path, file.path.name, selection.chosen, scanned, stage, scratch)
        if read is not None:
            return _bulk_reading(file, scanned.sha256, selection, selection.chosen, read, rules)
    selection = select(file.path.name, file.path.read_bytes(), rules.rules.values())
    if selection.chosen is None:
        return _no_rule(file, scanned.sha256, selection, scanned.lines)
    return _parsed(file, scanned.sha256, selection, selection.chosen, rules)


def _large_is_not_text(file: InboxFile, head: bytes, scanned: bulk.Scan) -> str | None:
    if file.refused is not None:
        return file.refused
    if (kind := kind_of(head[:4096])) is not None:
        return f"is {kind}, not delimited text: export it as CSV"
    if scanned.has_nul and not head.startswith(_WIDE_MARKS):
        return "holds NUL bytes: it is binary, damaged or UTF-16 without a byte order mark"
    if scanned.longest > MAX_LINE:
        return f"has a line longer than {MAX_LINE:,} bytes: no export has such rows"
    return None


def _no_rule(file: InboxFile, sha256: str, selection: Selection, lines: int) -> Reading:
    reading = _refused(file, sha256, selection.reason or "no rule fits it", lines)
    runner = selection.runner_up
    best = selection.ranked[0] if selection.ranked else None
    return replace(
        reading,
        outcome=replace(
            reading.outcome,
            rule=selection.nearest,
            score=best.score if best is not None else None,
            runner_up=_told(runner),
        ),
    )


def _told(candidate: Candidate | None) -> str | None:
    return None if candidate is None else f"{candidate.rule.rule} ({candidate.score})"


def _base(
    file: InboxFile, sha256: str, selection: Selection, candidate: Candidate, rules: RuleSet
) -> FileOutcome:
    rule = candidate.rule
    return FileOutcome(
        file.name,
        sha256,
        "accepted",
        rule=rule.rule,
        rule_version=rule.version,
        score=candidate.score,
        runner_up=_told(selection.runner_up),
        encoding=candidate.lines.encoding,
        header_line=None if candidate.header is None else candidate.header + 1,
        fingerprint=rules.fingerprints[rule.rule],
        kind=rule.account.kind,
        size=file.signature.size,
        ids=rule.dedup.id is not None,
    )


def _parsed(
    file: InboxFile, sha256: str, selection: Selection, candidate: Candidate, rules: RuleSet
) -> Reading:
    rule = candidate.rule
    base = _base(file, sha256, selection, candidate, rules)
    parsed = parse(candidate, file.path.name)
    if parsed.rejection is not None:
        outcome = replace(
            base,
            status="rejected",
            reason=parsed.rejection,
            lines=parsed.lines,
            excluded=parsed.lines,
            needs_person=True,
        )
        listed = [*parsed.quarantined, *_rows_as_quarantined(parsed)]
        return Reading(
            outcome,
            quarantined=sorted(listed, key=lambda item: item.line_no),
            all_lines=True,
            header_lines=0 if candidate.header is None else candidate.first,
        )
    steps = [Step(row.line_no, row.post_date or row.date, row.amount, row.balance) for row in parsed.rows]
    order = order_of([row.date for row in parsed.rows], rule.rows.order)
    claims = verification.stated(rule, parsed.preamble, parsed.footer, parsed.stated_rows)
    proof = _prove(rule, parsed.rows, steps, order, claims)
    if proof.newest_first is not None:
        order = "newest_first" if proof.newest_first else "oldest_first"
    posted = [row for row in parsed.rows if not row.pending]
    window = [day for row in posted or parsed.rows if (day := row.post_date or row.date) is not None]
    days = [row.date for row in parsed.rows if row.date is not None]
    labels = {row.account_label for row in parsed.rows}
    notes = _notes(candidate, parsed, proof)
    outcome = replace(
        base,
        reason="; ".join(notes) or None,
        lines=parsed.lines,
        accepted=parsed.accepted,
        excluded=len(parsed.excluded),
        quarantined=sum(item.span for item in parsed.quarantined),
        date_min=min(days, default=None),
        date_max=max(days, default=None),
        amount_sum=sum((row.amount for row in parsed.rows), Decimal(0)),
        balance_verdict=proof.verdict,
        opening=proof.opening,
        closing=proof.closing,
        order=order,
        posted_rows=len(posted),
        rows=len(parsed.rows),
        window_min=min(window, default=None),
        window_max=max(window, default=None),
        account_label=labels.pop() if len(labels) == 1 else None,
        needs_person=bool(parsed.quarantined) or bool(parsed.notes) or proof.verdict == "broken",
    )
    outcome = replace(outcome, account_default=account_default(rule, outcome.account_label))
    count = len(parsed.rows)
    positions = range(count - 1, -1, -1) if order == "newest_first" else range(count)
    return Reading(outcome, parsed.rows, positions, parsed.excluded, parsed.quarantined)


def account_default(rule: BankRule, label: str | None) -> str | None:
    """The account key of a label that `accounts.yaml` does not know; a constant is a key by itself."""
    if label is None:
        return None
    return label if rule.account.origin == "const" else f"{rule.rule}:{label}"


def _rows_as_quarantined(parsed: Parsed) -> list[Quarantined]:
    # Rows of a rejected file are good by themselves, but stand beside the bad ones so that all can be seen.
    lines = parsed.candidate.lines
    return [
        Quarantined(row.line_no, row.span, "file_rejected", None, None, lines.raw(row.line_no - 1, row.span))
        for row in parsed.rows
    ]


def _notes(candidate: Candidate, parsed: Parsed, proof: Proof) -> list[str]:
    notes = list(parsed.notes)
    if not parsed.rows:
        notes.append("holds no transaction")
    if candidate.drift:
        notes.append(
            f"drift_added: its header has {', '.join(candidate.drift)}, which the rule does not know"
        )
    if proof.reason is not None:
        notes.append(proof.reason)
    return notes


def _prove(rule: BankRule, rows: Sequence[Row], steps: Sequence[Step], order: Order, claims: Stated) -> Proof:
    """The proof of a file; one with several accounts is as good as its worst account."""
    accounts = {row.account_label for row in rows}
    if len(accounts) > 1:
        claims = Stated()  # what the file states about itself is not said of one account
    proofs: list[Proof] = []
    for account in sorted(accounts):
        own = [
            step
            for row, step in zip(rows, steps, strict=True)
            if not row.pending and row.account_label == account
        ]
        proofs.append(verification.verify(rule, own[::-1] if order == "newest_first" else own, claims))
    if not proofs:
        return Proof("not_available", claims.opening, claims.closing)
    if len(proofs) == 1:
        return proofs[0]
    worst = min(proofs, key=lambda proof: _SEVERITY.index(proof.verdict))
    return Proof(worst.verdict, None, None, worst.reason)


_SEVERITY = ("broken", "not_available", "chained", "proven")


def _bulk_reading(
    file: InboxFile, sha256: str, selection: Selection, candidate: Candidate, read: bulk.Bulk, rules: RuleSet
) -> Reading:
    rule = candidate.rule
    notes: list[str] = []
    label = constant_account(rule, file.path.name, read.preamble, notes)
    unknown = bool(notes)
    proof = _bulk_proof(rule, candidate, read)
    if candidate.drift:
        notes.append(
            f"drift_added: its header has {', '.join(candidate.drift)}, which the rule does not know"
        )
    if proof.reason is not None:
        notes.append(proof.reason)
    rescued = sum(row.span for row in read.rescued)
    outcome = replace(
        _base(file, sha256, selection, candidate, rules),
        reason="; ".join(notes) or None,
        lines=read.lines,
        accepted=read.ok_rows + rescued,
        excluded=len(read.excluded),
        quarantined=sum(item.span for item in read.quarantined),
        date_min=read.date_min,
        date_max=read.date_max,
        amount_sum=read.amount_sum,
        balance_verdict=proof.verdict,
        opening=proof.opening,
        closing=proof.closing,
        order=read.chain.order,
        posted_rows=read.posted_rows,
        rows=read.ok_rows + len(read.rescued),
        window_min=read.window_min,
        window_max=read.window_max,
        account_label=label,
        account_default=account_default(rule, label),
        needs_person=bool(read.quarantined) or unknown or proof.verdict == "broken",
    )
    owner = owner_from_name(rule, file.path.name) or None
    positions = [row.line_no for row in read.rescued]
    if read.chain.order == "newest_first":
        positions = [read.lines + candidate.first - place for place in positions]
    return Reading(outcome, read.rescued, positions, read.excluded, read.quarantined, bulk=read, owner=owner)


def _bulk_proof(rule: BankRule, candidate: Candidate, read: bulk.Bulk) -> Proof:
    """The proof of a large file from its stream of balances."""
    claims = verification.stated(rule, read.preamble, read.footer, read.stated_rows)
    chain = read.chain
    if rule.verify.balance == "none" and claims == Stated():
        return Proof("not_available")
    if rule.account.origin == "column" or read.rescued or rule.verify.balance == "end_of_day":
        steps = bulk.steps(read)
        if rule.account.origin == "column" or len(steps) > _MOST_ORDERED:
            return Proof(
                "not_available", reason="its balances were not checked: several accounts, or too many rows"
            )
        return verification.verify(rule, steps, claims)
    whole = Proof("not_available", claims.opening, claims.closing)
    if rule.verify.balance == "running" and chain.balances:
        if chain.breaks and chain.rows <= _MOST_ORDERED:
            return verification.verify(rule, bulk.steps(read), claims)
        if chain.breaks:
            line = candidate.first + 1 + (chain.first_break or 0)
            reason = f"balances break near line {line} and at {chain.breaks} places in all"
            return Proof("broken", chain.opening, chain.closing, reason)
        whole = Proof("chained", chain.opening, chain.closing)
    elif rule.verify.balance == "running" and chain.rows <= _MOST_ORDERED:
        return verification.verify(rule, bulk.steps(read), claims)
    return verification.by_totals(chain.inflow, chain.outflow, chain.rows, claims, whole)
