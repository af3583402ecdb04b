"""Whether a parsed file is believed at all: too many rows that cannot be read, or dates of another format.

Lives here: the judgement on the whole, after every row has had its own. Called by `bank.parsing` and, for
dates alone, by `bank.bulk`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dsr_pipeline.bank.dates import parser as date_parser
from dsr_pipeline.bank.matching import dialect_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsr_pipeline.bank.binding import BoundRule
    from dsr_pipeline.bank.dates import DateParser
    from dsr_pipeline.bank.parsing import Parsed, Quarantined

# Formats that a spreadsheet, or a bank with another locale, would have written instead of the rule's.
_OTHER_FORMATS = (
    "%Y-%m-%d", "%-m/%-d/%Y", "%-d/%-m/%Y", "%-m/%-d/%y", "%-d/%-m/%y", "%-d.%-m.%Y", "%-d.%-m.%y",
    "%-d-%-m-%Y", "%-m-%-d-%Y", "%Y/%m/%d", "%Y%m%d", "%-d %b %Y", "%-d-%b-%y", "%-d-%b-%Y",
)  # fmt: skip


def judge(parsed: Parsed, bound: BoundRule) -> None:
    """Reject the file when its dates are in another format, or too much of it cannot be read."""
    # In lines: a damaged record of three lines is quarantined line by line.
    bad = sum(item.span for item in parsed.quarantined)
    good = parsed.accepted
    if not bad or parsed.rejection is not None:
        return
    too_many = bad > bound.rule.file.max_bad_ratio * (good + bad)
    wrong_dates = [item for item in parsed.quarantined if item.reason == "bad_date"]
    if wrong_dates:
        other = wrong_date_format(_all_date_texts(parsed, bound, wrong_dates), bound.date_parsers[0])
        if other is not None and (too_many or other.contradicts):
            wrong, declared = wrong_dates[0], bound.rule.dates.formats[0]
            parsed.rejection = (
                f"line {wrong.line_no}: '{wrong.value}' is not {declared}, and every date of the file fits "
                f"{other.format}: it was saved again by a spreadsheet, or the bank changed its format; "
                "export it afresh, or change dates.format"
            )
            return
    if too_many:
        first = min(parsed.quarantined, key=lambda item: item.line_no)
        what = f" ({first.column} '{first.value}')" if first.value else ""
        parsed.rejection = (
            f"{bad} of {good + bad} lines cannot be read, more than {bound.rule.file.max_bad_ratio:.0%}; "
            f"first: line {first.line_no} {first.reason}{what}; every row is listed in quarantine"
        )


def _all_date_texts(parsed: Parsed, bound: BoundRule, wrong: Sequence[Quarantined]) -> set[str]:
    texts = {item.value.strip() for item in wrong if item.value}
    dialect = dialect_of(bound.rule)
    for row in parsed.rows:
        if row.date is None:
            continue  # a pending row that says so in words
        fields = dialect.split(parsed.candidate.lines.texts[row.line_no - 1])
        fitted = bound.fit(fields) if fields is not None else None
        if fitted is not None:
            texts.add(bound.date_text(fitted).strip())
    return {text for text in texts if text}


class OtherFormat(NamedTuple):
    """A date format that fits every date of a file whose rule declares another one."""

    format: str
    contradicts: bool  # whether the rule reads some of the dates as other days


def wrong_date_format(texts: Iterable[str], declared: DateParser) -> OtherFormat | None:
    """The format, other than the declared one, that every date text fits; None where there is none.

    One that contradicts the declared one comes first: the rows that did fit were then read as other days.
    """
    known = list(texts)
    found: OtherFormat | None = None
    for candidate in _OTHER_FORMATS:
        parser = date_parser(candidate, declared.months)
        days = [parser.parse(text) for text in known]
        if not known or candidate == declared.format or None in days:
            continue
        meant = [declared.parse(text) for text in known]
        if any(day is not None and day != other for day, other in zip(meant, days, strict=True)):
            return OtherFormat(candidate, contradicts=True)
        found = found or OtherFormat(candidate, contradicts=False)
    return found
