"""A bank rule as one DuckDB query over the raw columns of a large, regular file.

Lives here: translating what a rule declares into SQL that is at least as strict as `bank.parsing`. A row
about which SQL has any doubt gets `ok = false` and is judged again by the exact code; a rule that cannot be
said in SQL has no plan, and its files take the exact path. Called by `bank.bulk`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsr_pipeline.bank.binding import BoundRule, column_place
from dsr_pipeline.bank.dates import FIRST_YEAR, LAST_YEAR
from dsr_pipeline.bank.rules import Const, Index, OwnerFrom, Pattern
from dsr_pipeline.money import MONEY_SQL

if TYPE_CHECKING:
    from dsr_pipeline.bank.rules import BankRule, NumberStyle, Ref, Source

# What str.strip() removes beside blanks. SQL's trim() takes blanks only (with a list of characters it costs
# as much as all the rest of the query), so a value that begins or ends with one of these is doubted.
_ODD_WHITE = (
    r"[\x09-\x0d\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
)
_DATE_PARTS = {"Y": "[0-9]{4}", "y": "[0-9]{2}", "m": "[0-9]{2}", "d": "[0-9]{2}"}
_TIME_PARTS = {"H": "[0-9]{2}", "M": "[0-9]{2}", "S": "[0-9]{2}"}
_PLAIN_PATTERN = re.compile(r"[\w |^$.()?:*+,;/#-]*", re.ASCII)


class NotPlainError(Exception):
    """The rule says something that this module does not say in SQL."""


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """The query of a rule: expressions by column of the stage, and the width of the raw file."""

    width: int  # fields of a raw row
    columns: dict[str, str]  # stage column → expression over c0 … cN
    ok: str  # whether SQL vouches for the row
    currency: str | None  # the constant currency, when it is one


def bulk_plan(bound: BoundRule, raw_width: int) -> BulkPlan | None:
    """The plan of a bound rule for rows of `raw_width` fields; None where the rule needs the exact path."""
    try:
        return _plan(bound, raw_width)
    except NotPlainError:
        return None


def _plan(bound: BoundRule, raw_width: int) -> BulkPlan:
    rule = bound.rule
    _check_shape(rule, bound, raw_width)
    columns: dict[str, str] = {}
    doubts: list[str] = []
    pending = _pending(bound)
    if pending is not None:
        columns["pending"], odd = pending
        doubts.append(odd)
    columns["date"] = _date(_text(bound, rule.columns.date), rule.dates.formats[0])
    doubts.append("date is null" if not bound.pending_without_date else "(date is null and not pending)")
    if rule.columns.post_date is not None:
        text = _text(bound, rule.columns.post_date)
        columns["post_date"] = _date(text, rule.dates.post_format or rule.dates.formats[0])
        doubts.append(f"(post_date is null and {text} <> '')")
    columns["amount"] = _amount(bound)
    doubts.append("amount is null")
    columns["description"] = _text(bound, rule.columns.description)
    for name in ("payee", "category_src"):
        source: Source | None = getattr(rule.columns, name)
        if source is not None:
            columns[name] = f"nullif({_trimmed(_text(bound, source))}, '')"
            doubts.append(_odd_ends(_text(bound, source)))
    if rule.columns.source_id is not None:
        unquoted = f"trim({_trimmed(_text(bound, rule.columns.source_id))}, '''')"
        columns["source_id"] = f"nullif({_trimmed(unquoted)}, '')"
        doubts.append(f"regexp_matches({_text(bound, rule.columns.source_id)}, '{_ODD_WHITE}')")
    if rule.columns.balance is not None:
        text = _text(bound, rule.columns.balance)
        columns["balance"] = _number(text, rule.amount.style("balance"))
        doubts.append(f"(balance is null and {text} <> '')")
    currency = rule.columns.currency.const if isinstance(rule.columns.currency, Const) else None
    if rule.columns.currency is not None and currency is None:
        text = f"upper({_trimmed(_text(bound, rule.columns.currency))})"
        columns["currency"] = f"nullif({text}, '')"
        doubts.append(f"not regexp_full_match({text}, '([A-Z]{{3}})?')")
    _add_holders(bound, columns, doubts)
    columns["extras"] = _extras(bound)
    if columns["extras"] != "'{}'":
        doubts.append(r"regexp_matches(extras, '[\x00-\x1f]')")
    doubts += [
        f"regexp_matches(trim({_column(bound, exclude.column)}), {_plain_pattern(exclude.pattern)})"
        for exclude in rule.rows.exclude
        if bound.has(exclude.column)
    ]
    doubts += [_odd_ends(_column(bound, ref.column)) for ref in rule.rows.exclude if bound.has(ref.column)]
    doubts += [f"c{place} <> ''" for place in range(bound.width, raw_width)]
    return BulkPlan(raw_width, columns, f"not ({' or '.join(doubts)})", currency)


def _add_holders(bound: BoundRule, columns: dict[str, str], doubts: list[str]) -> None:
    """Account and owner, where each row carries its own."""
    rule = bound.rule
    if rule.account.origin == "column":
        columns["account_label"] = _trimmed(_text(bound, rule.account.column))
        doubts += ["account_label = ''", _odd_ends(_text(bound, rule.account.column))]
    if isinstance(rule.owner, OwnerFrom) and rule.owner.column is not None:
        columns["owner"] = _trimmed(_text(bound, rule.owner.column))
        doubts.append(_odd_ends(_text(bound, rule.owner.column)))


def _check_shape(rule: BankRule, bound: BoundRule, raw_width: int) -> None:
    file = rule.file
    refuse = (
        file.multiline_fields
        or file.continuation is not None
        or file.footer.stop_at
        or file.skip_initial_space
        or file.fields == "short_ok"
        or not file.delimiter.isascii()
        or file.quote not in ('"', "'", None)
        or len(rule.dates.formats) != 1
        or raw_width < bound.width
        or (raw_width > bound.width and file.fields != "trailing_empty")
        or rule.amount.by_currency
    )
    if refuse:
        raise NotPlainError


def _column(bound: BoundRule, ref: Ref) -> str:
    return f"coalesce(c{column_place(ref, bound.names)}, '')"


def _text(bound: BoundRule, source: Source | Ref | None) -> str:
    if isinstance(source, Const):
        return _literal(source.const)
    if isinstance(source, str | Index | Pattern):
        if isinstance(source, str) and not bound.has(source):
            return "''"
        return _column(bound, source)
    raise NotPlainError


def _trimmed(expression: str) -> str:
    return f"trim({expression})"


def _odd_ends(expression: str) -> str:
    return f"regexp_matches({expression}, '^{_ODD_WHITE}|{_ODD_WHITE}$')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain_pattern(pattern: str) -> str:
    # RE2 and Python agree on these; classes such as \w they read differently.
    if _PLAIN_PATTERN.fullmatch(pattern) is None:
        raise NotPlainError
    return _literal(pattern)


def _pending(bound: BoundRule) -> tuple[str, str] | None:
    """Whether a row is pending, and whether to doubt that."""
    pending = bound.rule.rows.pending
    if pending is None or not bound.has(pending.column):
        return None
    column = _column(bound, pending.column)
    if pending.pattern == "^$":
        # Printable first characters settle it without looking further.
        return f"(trim({column}) = '')", f"({column} <> '' and ord({column}) <= 32 or ord({column}) > 126)"
    return f"regexp_matches(trim({column}), {_plain_pattern(pending.pattern)})", _odd_ends(column)


def _date(text: str, date_format: str) -> str:
    pattern = ""
    parts = iter(re.split(r"(%.)", date_format))
    for part in parts:
        if part.startswith("%"):
            known = _DATE_PARTS.get(part[1:]) or _TIME_PARTS.get(part[1:])
            if known is None:
                raise NotPlainError
            pattern += known
        else:
            pattern += re.escape(part)
    value = f"try_strptime({text}, {_literal(date_format)})::date"
    first = 2000 if "%y" in date_format else FIRST_YEAR
    value = f"case when year({value}) between {first} and {LAST_YEAR} then {value} end"
    return f"case when regexp_full_match({text}, {_literal(pattern)}) then {value} end"


def _number(text: str, style: NumberStyle) -> str:
    """A number, or NULL where SQL is not sure of it."""
    mark = {None: None, ",": ",", ".": r"\.", "'": "'", " ": " "}[style.thousands]
    whole = "[0-9]{1,14}" if mark is None else f"(?:[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+|[0-9]{{1,14}})"
    point = re.escape(style.decimal)
    tokens = [token.strip() for token in style.strip if token.strip()]
    token = f"(?:(?:{'|'.join(map(re.escape, tokens))}) ?)?" if tokens else ""
    behind = f"(?: ?(?:{'|'.join(map(re.escape, tokens))}))?" if tokens else ""
    minus = "-?" if "minus" in style.styles else ""
    pattern = f"{token}{minus}{token}{whole}(?:{point}[0-9]{{1,4}})?{behind}"
    plain = text
    for item in tokens:
        plain = f"replace({plain}, {_literal(item)}, '')"
    if tokens:
        plain = f"replace({plain}, ' ', '')"
    if style.thousands is not None:
        plain = f"replace({plain}, {_literal(style.thousands)}, '')"
    if style.decimal != ".":
        plain = f"replace({plain}, {_literal(style.decimal)}, '.')"
    matches = f"regexp_full_match({text}, {_literal(pattern)})"
    return f"case when {matches} then try_cast({plain} as {MONEY_SQL}) end"


def _amount(bound: BoundRule) -> str:
    amount = bound.rule.amount
    if amount.mode == "debit_credit":
        value = _debit_credit(bound)
    else:
        if amount.column is None:
            raise NotPlainError
        style = amount.style("amount")
        if amount.flag is not None:
            # A sign beside the word is doubted: the exact code refuses it.
            style = style.model_copy(update={"styles": [name for name in style.styles if name != "minus"]})
        value = _number(_column(bound, amount.column), style)
        if amount.mode == "negate":
            value = f"-({value})"
        if amount.flag is not None:
            word = _trimmed(_column(bound, amount.flag.column))
            out = ", ".join(_literal(item.strip()) for item in amount.flag.out)
            into = ", ".join(_literal(item.strip()) for item in amount.flag.into)
            value = f"case when {word} in ({out}) then -({value}) when {word} in ({into}) then {value} end"
    if amount.fee is not None and bound.has(amount.fee.column):
        text = _column(bound, amount.fee.column)
        fee = f"case when {text} = '' then 0 else {_number(text, amount.style('fee'))} end"
        value = f"({value}) {'-' if amount.fee.subtract else '+'} ({fee})"
    return f"({value})::{MONEY_SQL}"


def _debit_credit(bound: BoundRule) -> str:
    amount = bound.rule.amount
    if amount.debit is None or amount.credit is None:
        raise NotPlainError
    sides: list[str] = []
    for part, ref in (("debit", amount.debit), ("credit", amount.credit)):
        text = _column(bound, ref)
        style = amount.style("debit" if part == "debit" else "credit")
        sides.append(f"case when {text} = '' then 0 else {_number(text, style)} end")
    debit, credit = (f"({side})" for side in sides)
    empty = f"{_column(bound, amount.debit)} = '' and {_column(bound, amount.credit)} = ''"
    value = f"{credit} - {debit}"
    if amount.sign == "absolute":
        value = f"case when {debit} <> 0 then -abs({debit}) else abs({credit}) end"
    unread = (
        f"{debit} is null or {credit} is null"  # a comparison with NULL would fall through to the other side
    )
    return f"case when {empty} or {unread} or ({debit} <> 0 and {credit} <> 0) then null else {value} end"


def _extras(bound: BoundRule) -> str:
    pieces = [
        f"case when c{place} <> '' then {_literal(json.dumps(name, ensure_ascii=False))} || ':\"' || "
        f"replace(replace(c{place}, '\\', '\\\\'), '\"', '\\\"') || '\"' end"
        for place, name in bound.extras
    ]
    return f"'{{' || concat_ws(',', {', '.join(pieces)}) || '}}'" if pieces else "'{}'"
