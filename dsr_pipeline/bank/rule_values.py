"""What the values of a bank rule may be: checked texts, and the forms in which a column can be named.

Lives here: the vocabulary that `bank.rules` is written in. Nothing here knows a key of a rule.
"""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dsr_pipeline.bank import dates as date_formats


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"'{pattern}' is not a regular expression: {error}") from error
    return pattern


def _regex_with_value(pattern: str) -> str:
    _regex(pattern)
    if "v" not in re.compile(pattern).groupindex:
        raise ValueError(f"'{pattern}' captures nothing: mark the wanted part as (?P<v>…)")
    return pattern


def _regex_with_group(pattern: str) -> str:
    _regex(pattern)
    if re.compile(pattern).groups < 1:
        raise ValueError(f"'{pattern}' captures nothing: put the figure in parentheses")
    return pattern


def _date_format(text: str) -> str:
    date_formats.check_format(text)
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"'{name}' is not an IANA time zone such as Europe/Berlin") from error
    return name


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except LookupError as error:
        raise ValueError(f"'{name}' is not an encoding: utf-8-sig, cp1252, utf-16 …") from error
    return name


Regex = Annotated[str, AfterValidator(_regex)]
ValueRegex = Annotated[str, AfterValidator(_regex_with_value)]
GroupRegex = Annotated[str, AfterValidator(_regex_with_group)]
DateFormat = Annotated[str, AfterValidator(_date_format)]
Encoding = Annotated[str, AfterValidator(_encoding)]
Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
RuleName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Zone = Annotated[str, AfterValidator(_zone)]


class Strict(BaseModel):
    """Base of every part of a rule: unknown keys are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Index(Strict):
    """A column by its place, 0-based: for files without a header, and for unnamed or repeated columns."""

    index: int = Field(ge=0)


class Pattern(Strict):
    """A column whose name changes from export to export; the regex is one of `match.header_pattern`."""

    pattern: Regex


Ref = Name | Index | Pattern


class Join(Strict):
    """Several columns as one text; empty ones are left out."""

    join: list[Ref] = Field(min_length=1)
    sep: str = " "


class Const(Strict):
    """The same value in every row."""

    const: Name


class Extract(Strict):
    """Part of a column: the group `v` of a regex; no match gives an empty value."""

    class From(Strict):
        """The column and the pattern."""

        column: Ref = Field(alias="from")
        pattern: ValueRegex

    regex: From


Source = Name | list[Ref] | Index | Pattern | Join | Const | Extract


def refs_of(source: Source | None) -> list[Ref]:
    """The physical columns that a source reads (none for a constant)."""
    if source is None or isinstance(source, Const):
        return []
    if isinstance(source, list):
        return list(source)
    if isinstance(source, Join):
        return list(source.join)
    if isinstance(source, Extract):
        return [source.regex.column]
    return [source]
