"""The drafted rule as text: every value with its evidence behind it, the open questions on top.

Lives here: the order and the wording of the YAML. What the values are is told by the modules that infer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dsr_pipeline.bank.draft.column_kinds import KnownColumn
from dsr_pipeline.bank.draft.findings import Findings
from dsr_pipeline.bank.draft.yaml_text import Plain, YamlText
from dsr_pipeline.bank.rules import NumberStyle, OpenQuestion


def write_rule(found: Findings, questions: Sequence[OpenQuestion]) -> str:
    """The whole rule."""
    out = YamlText()
    _head(out, found, questions)
    _match(out, found)
    _file(out, found)
    _columns(out, found)
    _dates(out, found)
    _amount(out, found)
    _rows(out, found)
    _account(out, found)
    _verify(out, found)
    _rest(out, found)
    return out.text()


def _head(out: YamlText, found: Findings, questions: Sequence[OpenQuestion]) -> None:
    rows = found.sheet.rows
    out.comment(
        f"Drafted from {found.sheet.file}: {len(rows)} rows, lines {rows[0].line_no} to "
        f"{rows[-1].line_no}. The comments say what in the file proves each value."
    )
    if questions:
        out.comment(
            "This rule does not load yet: set each key below as the question says, then delete the question."
        )
        out.block(0, "open_questions")
        for question in questions:
            out.first(2, "key", question.key)
            out.pair(4, "question", question.question)
            if question.choices:
                out.pair(4, "choices", question.choices)
            if question.evidence:
                out.pair(4, "evidence", question.evidence)
    out.blank()
    out.pair(0, "rule", found.rule.value, found.rule.evidence)
    out.pair(0, "version", 1, "raise it on any change")
    out.pair(0, "bank", found.rule.value.replace("_", " ").title(), "the name for reports")


def _match(out: YamlText, found: Findings) -> None:
    sheet = found.sheet
    out.block(0, "match")
    out.pair(2, "filename", [_file_pattern(sheet.file)], "adds to the score, never decides")
    if sheet.names is None:
        out.pair(2, "header", [], sheet.evidence["preamble"])
        out.pair(2, "columns", sheet.width, "fields of every row")
        return
    line = (sheet.header_line or 0) + 1
    out.pair(2, "header", found.header_names, f"line {line}")
    if found.header_patterns:
        out.pair(2, "header_pattern", found.header_patterns, "names that hold a month or a date")


def _file_pattern(name: str) -> str:
    escaped = re.escape(re.sub(r"\d+", "\x00", name)).replace("\\ ", " ").replace("\\-", "-")
    return "(?i)^" + escaped.replace("\x00", r"\d+") + "$"


def _file(out: YamlText, found: Findings) -> None:
    sheet, evidence = found.sheet, found.sheet.evidence
    out.block(0, "file")
    out.pair(2, "encoding", found.decoded.encoding, found.decoded.evidence)
    out.pair(2, "delimiter", sheet.dialect.delimiter, evidence["delimiter"])
    out.pair(2, "quote", sheet.dialect.quote, evidence["quote"])
    out.pair(2, "multiline_fields", sheet.multiline, evidence["multiline_fields"])
    if sheet.dialect.skip_initial_space:
        out.pair(2, "skip_initial_space", True, evidence["skip_initial_space"])
    if sheet.names is None:
        out.pair(2, "preamble", {"lines": sheet.first_line}, evidence["preamble"])
    else:
        out.pair(2, "preamble", {"find": "header"}, evidence["preamble"])
    out.pair(2, "footer", {"stop_at": found.odd.stop_at}, found.odd.footer_evidence)
    out.pair(2, "fields", sheet.fields_mode, evidence["fields"])
    if (told := found.odd.continuation) is not None:
        value: Plain = {"when_empty": [found.ref(c) for c in told.value], "append_to": "description"}
        out.pair(2, "continuation", value, told.evidence)


def _columns(out: YamlText, found: Findings) -> None:
    dated, texts = found.dated, found.texts
    out.block(0, "columns")
    first = found.ref(dated.date.value)
    if dated.fallback is not None:
        first = [first, found.ref(dated.fallback)]
    out.pair(2, "date", first, dated.date.evidence)
    out.pair(2, "post_date", _maybe(found, dated.post.value), dated.post.evidence)
    out.pair(2, "description", _description(found), texts.description.evidence)
    out.pair(2, "payee", _maybe(found, texts.payee.value), texts.payee.evidence)
    out.pair(2, "category_src", _maybe(found, texts.category.value), texts.category.evidence)
    out.pair(2, "source_id", _maybe(found, texts.source_id.value), texts.source_id.evidence)
    out.pair(
        2,
        "balance",
        _maybe(found, found.plan.balance),
        found.plan.evidence.get("balance", "no column is one"),
    )
    currency = found.currency
    value: Plain = None
    if currency.column is not None:
        value = found.ref(currency.column)
    elif currency.code is not None:
        value = {"const": currency.code}
    out.pair(2, "currency", value, currency.evidence)
    out.pair(2, "check_no", _maybe(found, texts.check_no.value), texts.check_no.evidence)


def _description(found: Findings) -> Plain:
    refs = [found.ref(column) for column in found.texts.description.value]
    if len(refs) == 1:
        return refs[0]
    return refs if found.texts.fallback else {"join": refs, "sep": " "}


def _maybe(found: Findings, column: KnownColumn | None) -> Plain:
    return None if column is None else found.ref(column)


def _dates(out: YamlText, found: Findings) -> None:
    dated = found.dated
    out.block(0, "dates")
    out.pair(2, "format", dated.reading.format, dated.format_evidence)
    if dated.post_reading is not None and dated.post_reading.format != dated.reading.format:
        out.pair(2, "post_format", dated.post_reading.format, "every filled cell of the posting date fits it")
    if "%b" in dated.reading.format:
        out.pair(2, "months", list(dated.reading.months), "every month word is of this language")
    out.pair(2, "timezone", None, "the day is taken as it is written")


def _amount(out: YamlText, found: Findings) -> None:
    plan, evidence = found.plan, found.plan.evidence
    out.block(0, "amount")
    out.pair(2, "mode", plan.mode, evidence["mode"])
    if plan.mode == "debit_credit":
        out.pair(2, "debit", _maybe(found, plan.debit), evidence["column"])
        out.pair(2, "credit", _maybe(found, plan.credit), "see debit")
        out.pair(2, "sign", plan.sign, _sign_comment(plan.sign))
    elif plan.by_currency:
        columns = {code: found.ref(column) for code, column in plan.by_currency.items()}
        out.pair(2, "by_currency", columns, evidence["column"])
    else:
        out.pair(2, "column", _maybe(found, plan.column), evidence["column"])
    if plan.mode == "flag" and plan.flag is not None:
        flag = plan.flag
        value: Plain = {"column": found.ref(flag.column), "out": list(flag.out), "in": list(flag.into)}
        out.pair(2, "flag", value, flag.told)
    if plan.fee is not None:
        out.pair(2, "fee", {"column": found.ref(plan.fee), "subtract": plan.fee_subtract}, evidence["fee"])
    out.pair(2, "decimal", plan.style.decimal, evidence["decimal"])
    out.pair(2, "thousands", plan.style.thousands, evidence["thousands"])
    strip = list(plan.style.strip)
    out.pair(2, "strip", strip, f"{'what' if strip else 'nothing'} stands beside the figures")
    out.pair(2, "styles", list(plan.style.styles), "the ways in which signs are written")
    if plan.overrides:
        out.block(2, "overrides", "columns whose figures are written another way")
        for part, style in plan.overrides.items():
            out.pair(4, part, _style(style), "told from its own cells")


def _sign_comment(sign: str) -> str:
    if sign == "absolute":
        return "a debit is money out and a credit money in, whatever sign is printed"
    return "amount = credit − debit with the printed signs"


def _style(style: NumberStyle) -> Plain:
    return {
        "decimal": style.decimal,
        "thousands": style.thousands,
        "strip": list(style.strip),
        "styles": list(style.styles),
    }


def _rows(out: YamlText, found: Findings) -> None:
    out.block(0, "rows")
    if found.exclusions:
        out.block(2, "exclude")
        for entry in found.exclusions:
            value: Plain = {
                "column": found.ref(entry.column),
                "pattern": entry.pattern,
                "reason": entry.reason,
            }
            out.item(4, value, entry.evidence)
    else:
        out.pair(2, "exclude", [], "every row of the table is a movement")
    rule = found.pending.value
    pending: Plain = None
    if rule is not None:
        parts: dict[str, Plain] = {"column": found.ref(rule.column), "pattern": rule.pattern}
        if rule.word_for_date:
            parts["date"] = None
        pending = parts
    out.pair(2, "pending", pending, found.pending.evidence)
    out.pair(2, "order", found.order.value, found.order.evidence)


def _account(out: YamlText, found: Findings) -> None:
    account = found.account
    out.block(0, "account")
    out.pair(2, "from", account.origin, account.evidence)
    if account.origin == "const":
        out.pair(
            2, "value", account.value, "a name for it; use the key of rules/accounts.yaml where there is one"
        )
    elif account.column is not None:
        out.pair(2, "column", found.ref(account.column), "its cells, or what accounts.yaml calls them")
    else:
        out.pair(2, "pattern", account.pattern, "the part named v is the account")
    out.pair(2, "kind", found.kind.value, found.kind.evidence)


def _verify(out: YamlText, found: Findings) -> None:
    plan = found.plan
    out.block(0, "verify")
    out.pair(2, "balance", plan.verify, plan.evidence.get("verify"))
    for key, statement in (("opening", plan.opening), ("closing", plan.closing)):
        if statement is not None:
            comment = f"{statement.line[:70]}: agrees with the rows"
            out.pair(2, key, {statement.place: statement.pattern}, comment)


def _rest(out: YamlText, found: Findings) -> None:
    has_id = found.texts.source_id.value is not None
    out.pair(0, "dedup", {"id": "source_id" if has_id else None}, found.texts.source_id.evidence)
    out.pair(0, "extras", "keep", "columns that no field takes stay with the row")
    out.pair(0, "tests", [], "name the folder of a sample with its expected rows before the rule is shared")
