"""Whose account the rows are: a column, a labelled number in the preamble, the file name, or nothing.

Lives here: telling the own account from a counterparty's. A number that stands somewhere without saying
that it is the account is asked; a file that names no account at all gets one constant name for the rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dsr_pipeline.bank.draft.column_kinds import KnownColumn, with_role
from dsr_pipeline.bank.draft.model import Questions, Sheet
from dsr_pipeline.bank.draft.shapes import is_iban
from dsr_pipeline.bank.draft.vocabulary import plain

_IBAN = r"[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?"
_LABEL = re.compile(
    r"\b(konto\w*|account( no| number| name| title)?|acct|iban|kontonummer|kontonr|giro\w*"
    r"|tagesgeld\w*|rekening\w*|compte|cuenta|conto|rachun\w*|ucet|uctu|cislo uctu|szamla\w*"
    r"|tili\w*|karte\w*|card( no| number)?|kreditkarte\w*|nr rachunku|numer rachunku|hesap\w*"
    r"|conta|konta|kontonamn|depot|口座番号|店番)\b"
)
_NUMBER = (
    r"(?:[A-Z]{2}\d{2}[A-Z0-9 ]{8,30}|[*xX•.]{2,}[ -]?\d{3,6}"
    r"|\d[\d*xX•]{3,}(?:[ /.-][\d*xX•]{2,}){0,5}|\d{2,}(?: \d{2,}){2,})"
)
_DATE_RUN = re.compile(
    r"(?<!\d)(?:(?:19|20)\d{2}[-_. ]?(?:0[1-9]|1[0-2])[-_. ]?(?:0[1-9]|[12]\d"
    r"|3[01])(?:[T _-]?\d{2}[-_.:h]?\d{2}(?:[-_.:]?\d{2}(?:\.\d+Z?)?)?)?(?!\d)"
    r"|(?:0?[1-9]|[12]\d|3[01])[-_. ](?:0?[1-9]|[12]\d|3[01])[-_. ](?:19"
    r"|20)?\d{2}(?:[ _-]\d{2}[-_.]?\d{2}(?:[-_.]?\d{2})?)?(?!\d)"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])20\d{2}(?!\d)|(?:19|20)\d{2}(?!\d)|(?:19"
    r"|20)\d{2}[-_](?:0[1-9]|1[0-2])(?!\d))"
)
_NAME_LABEL = re.compile(
    "(?:konto|kto|account|acct|acc|iban|giro|rekening|compte|cuenta|conto|rachunek|karte|card"
    r"|xx+|\*+)[a-z]*[-_ .]*(?:nr|no|number)?[-_ .]*$",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(rf"'?(?:{_IBAN}|[\dxX*•][\dxX*• /.-]{{5,}}\d)'?")
_RANDOM = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AccountTold:
    """The block `account`: where the account comes from and with which value, pattern or column."""

    origin: Literal["const", "filename", "preamble", "column"]
    evidence: str
    value: str | None = None
    pattern: str | None = None
    column: KnownColumn | None = None


def infer_account(
    sheet: Sheet, columns: Sequence[KnownColumn], rule: str, questions: Questions
) -> AccountTold:
    """Tell where the account comes from; ask where a number may or may not be it."""
    if (by_column := _by_column(sheet, columns, questions)) is not None:
        return by_column
    if (by_preamble := _by_preamble(sheet)) is not None:
        _ask_for_rivals(sheet, by_preamble, questions)
        return by_preamble
    if (by_name := _by_file_name(sheet.file, questions)) is not None:
        return by_name
    return AccountTold(
        "const",
        "no column, no line and no name of the file says which account it is; all exports of "
        "this format go to this one "
        "name: give each account its own rule, or name it here",
        value=f"{rule}:main",
    )


def _by_column(sheet: Sheet, columns: Sequence[KnownColumn], questions: Questions) -> AccountTold | None:
    whole = [column for column in columns if column.kind in ("text", "number") and all(column.column.cells)]
    named = with_role(tuple(whole), "account")
    numbered = [column for column in named if any(mark.isdigit() for mark in column.column.cells[0])]
    for column in numbered or named:
        values = sorted(set(column.column.cells))
        return AccountTold(
            "column",
            f"the name {column.label} says so; it is filled in every row ({_some(values)})",
            column=column,
        )
    around = f"{sheet.file}\n" + "\n".join(sheet.preamble)
    for column in with_role(tuple(whole), "account_maybe"):
        values = set(column.column.cells)
        if len(values) == 1 and _squeezed(next(iter(values))) in _squeezed(around):
            value = next(iter(values))
            return AccountTold(
                "column", f"every row has {value}, which stands outside of the table too", column=column
            )
        if len(values) == 1 and _by_preamble(sheet) is None:
            questions.ask(
                "account",
                f"Is {column.label} the account that was exported, or the counterparty's?",
                ["{from: column}", "{from: const}"],
                f"every row has {next(iter(values))}",
            )
            return AccountTold("column", "open", column=column)
    if sheet.names is None and (by_iban := _by_iban_column(sheet, whole, questions)) is not None:
        return by_iban
    if (numbers := [c for c in whole if c.role is None and _like_an_account(c)]) and _by_preamble(
        sheet
    ) is None:
        questions.ask(
            "account",
            f"Is {numbers[0].label} the account (or the card) that was exported?",
            ["{from: column}", "{from: const}"],
            f"every row has {numbers[0].column.cells[0]}",
        )
        return AccountTold("column", "open", column=numbers[0])
    names = with_role(tuple(whole), "account_name")
    if (
        names
        and len({cell for column in names for cell in column.column.cells}) > 1
        and _by_preamble(sheet) is None
    ):
        column = max(names, key=lambda column: len(set(column.column.cells)))
        return AccountTold("column", f"{column.label} tells the accounts of this file apart", column=column)
    return None


def _like_an_account(column: KnownColumn) -> bool:
    """The same long or masked number in every row."""
    first = column.column.cells[0]
    return (
        len(set(column.column.cells)) == 1
        and _ACCOUNT.fullmatch(first) is not None
        and len(column.column.cells) >= 3
    )


def _by_iban_column(sheet: Sheet, whole: Sequence[KnownColumn], questions: Questions) -> AccountTold | None:
    """Without names: the one column whose every cell is the same IBAN."""
    same = [c for c in whole if len(set(c.column.cells)) == 1 and is_iban(c.column.cells[0])]
    if not same:
        return None
    column = next((c for c in same if _squeezed(c.column.cells[0]) in _squeezed(sheet.file)), None)
    if column is None and len(same) == 1 and len(sheet.rows) >= 3:
        others = any(is_iban(cell) for c in sheet.columns if c.place != same[0].place for cell in c.filled)
        column = same[0] if others else None
    if column is not None:
        return AccountTold(
            "column", f"every row has {column.column.cells[0]} in {column.label}", column=column
        )
    questions.ask(
        "account",
        "Which of these is the account that was exported?",
        [f"{c.label}: {c.column.cells[0]}" for c in same],
        "columns without names hold the same account in every row",
    )
    return AccountTold("column", "open", column=same[0])


def _by_preamble(sheet: Sheet) -> AccountTold | None:
    for line in sheet.preamble:
        found = _labelled(line)
        if found is None:
            continue
        start, end = found
        pattern = _generalised(line[:start]) + r"(?P<v>[^\";,\t|]*?\d[^\";,\t|]*?)(?=[\";,\t|]|\s*$)"
        again = re.search(pattern, "\n".join(sheet.preamble), re.MULTILINE)
        if again is not None and again["v"].strip() == line[start:end].strip():
            return AccountTold("preamble", f"the line '{line.strip()[:70]}'", pattern=pattern)
    return None


def _ask_for_rivals(sheet: Sheet, told: AccountTold, questions: Questions) -> None:
    """Another number of the preamble may be what the account is called by."""
    chosen = re.search(told.pattern or "", "\n".join(sheet.preamble), re.MULTILINE)
    mine = re.sub(r"[^0-9A-Za-z]", "", chosen["v"]) if chosen is not None else ""
    others = [
        line[place[0] : place[1]].strip() for line in sheet.preamble if (place := _labelled(line)) is not None
    ]
    others += [
        found.group() for line in sheet.preamble for found in re.finditer(rf"(?<![A-Za-z0-9]){_IBAN}", line)
    ]
    different: list[str] = []
    for other in dict.fromkeys(others):
        bare = re.sub(r"[^0-9A-Za-z]", "", other)
        if bare and bare not in mine and mine not in bare:
            different.append(other)
    if different:
        questions.ask(
            "account",
            "By which of these numbers shall the account be called?",
            [chosen["v"] if chosen is not None else "", *different],
            "the lines above the table hold more than one",
        )


def _labelled(line: str) -> tuple[int, int] | None:
    """Where in a line an account number stands after a word that says so."""
    for found in re.finditer(_NUMBER, line):
        before = plain(line[: found.start()])
        text = found.group()
        if not before or _LABEL.search(before) is None or _DATE_RUN.fullmatch(text):
            continue
        if re.search(
            "kontostand|balance|saldo|solde|zustatek|egyenleg|blz|bankleitzahl|sort code|from"
            "|zeitraum|period",
            before,
        ):
            continue
        end = len(line)
        tail = re.search(r"[\";,\t|]|\s{2,}|$", line[found.start() :])
        if tail is not None:
            end = found.start() + tail.start()
        start = found.start()
        head = re.search(r"(?<![\wÀ-ž])[A-Z\d*xX•./-][A-Z\d*xX•. /-]*$", line[:start])
        if head is not None and any(mark.isdigit() for mark in head.group()):
            start = head.start()
        return start, end
    return None


def _by_file_name(name: str, questions: Questions) -> AccountTold | None:
    stem = re.sub(r"\.(csv|txt|tsv|tab)$", "", name, flags=re.IGNORECASE)
    if (iban := re.search(rf"(?<![A-Za-z0-9])({_IBAN})(?![A-Za-z0-9])", stem)) is not None and is_iban(
        re.sub(r"\s", "", iban.group(1))
    ):
        pattern = r"(?P<v>[A-Z]{2}\d{2}[A-Z0-9]{8,30})"
        return AccountTold("filename", f"the IBAN {iban.group(1)} in the file name", pattern=pattern)
    bare = _DATE_RUN.sub(lambda found: "#" * len(found.group()), stem)
    runs = [found for found in re.finditer(r"[\d*xX•]*\d{3,}", bare) if not _is_part_of_random(bare, found)]
    if len(runs) != 1:
        if runs:
            questions.ask(
                "account",
                "Is one of these numbers in the file name the account?",
                [run.group() for run in runs],
                name,
            )
        return None
    run = runs[0]
    label = _NAME_LABEL.search(bare[: run.start()])
    before, after = stem[: run.start()], stem[run.end() :]
    pattern = (
        f"{_generalised(before[-20:])}(?P<v>{_digits(run.group())}){_generalised(after[:1]) if after else ''}"
    )
    if label is None:
        questions.ask(
            "account",
            f"Is {run.group()} in the file name the number of the account? Then keep account "
            "as drafted, else "
            "{from: const, value: …}.",
            ["{from: filename}", "{from: const}"],
            name,
        )
        return AccountTold("filename", f"open: {run.group()} in the file name", pattern=pattern)
    return AccountTold(
        "filename", f"'{label.group()}' before {run.group()} in the file name", pattern=pattern
    )


def _is_part_of_random(text: str, found: re.Match[str]) -> bool:
    """Digits inside a hexadecimal token are a session's, not an account's."""
    for token in _RANDOM.finditer(text):
        if token.start() <= found.start() < token.end() and re.search(r"[a-f]", token.group(), re.IGNORECASE):
            return True
    return len(found.group()) in (10, 13) and found.group().startswith("1") and "#" not in text  # an epoch


def _generalised(text: str) -> str:
    """A text as a pattern in which the digits may differ."""
    escaped = re.escape(re.sub(r"\d+", "\x00", text)).replace("\\ ", " ")
    return escaped.replace("\x00", r"\d+")


def _digits(text: str) -> str:
    return r"[\d*xX•]+" if re.search(r"[*xX•]", text) else r"\d+"


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _some(values: Sequence[str]) -> str:
    return ", ".join(values[:3]) + (" …" if len(values) > 3 else "")
