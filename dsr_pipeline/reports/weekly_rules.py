"""`rules/reports/weekly.yaml`: how the weekly workbooks of a company look.

Lives here: the model of the file, the logo beside it, and the hash by which a changed look rebuilds reports.
Where things stand on the sheet is `weekly_layout`; the words are `labels`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from dsr_pipeline.reports.label_rules import WORDS, Language, label_problem, sheet_names_problem
from dsr_pipeline.reports.labels import Labels
from dsr_pipeline.rule_files import Document, RuleFileError, read_yaml, validate, write_schema
from dsr_pipeline.text import canonical_hash

FILE = "reports/weekly.yaml"
SCHEMA = "schema/reports_weekly.schema.json"

LAYOUT_VERSION = 1
"""Raised when the same report would look different, so that every workbook is built again."""

MAX_LOGO_BYTES = 200_000
"""It is in every workbook: 1,000 workbooks with a logo of 10 KB are 10 MB of logo."""
_PNG = b"\x89PNG\r\n\x1a\n"
_MIN_CONTRAST = 4.5  # WCAG 2.2, 1.4.3, of text on white

DayFormat = Literal["mm/dd/yyyy", "dd/mm/yyyy", "dd.mm.yyyy", "yyyy-mm-dd"]
"""How a day is written; it is a number format of Excel at the same time."""
_TAGS: dict[Language, str] = {"en": "en-US", "es": "es-US", "fr": "fr-CA"}

Word = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]


def _color(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("put the colour in quotes, such as '1F3A5F'")
    return value.removeprefix("#").upper()


Color = Annotated[str, BeforeValidator(_color), StringConstraints(pattern="^[0-9A-F]{6}$")]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Colors(_Rule):
    """Colours as RRGGBB. Those of texts must be readable on white paper."""

    structure: Color = Field(default="1F3A5F", description="Bands, titles, section heads, columns of charts.")
    accent: Color = Field(default="B3261E", description="The one line under the head.")
    ink: Color = Field(default="1B2430", description="Text.")
    muted: Color = Field(default="5B6673", description="Labels and notes.")
    hairline: Color = Field(default="D5DBE3", description="Lines between rows.")
    soft: Color = Field(default="F4F6F9", description="Behind column headers.")
    subtotal: Color = Field(default="E6ECF3", description="Behind totals.")
    positive: Color = Field(default="1B6E3C", description="Final; more than the week before.")
    negative: Color = Field(default="B3261E", description="Credits; what is removed or wrong.")

    @field_validator("structure", "ink", "muted", "positive", "negative")
    @classmethod
    def _text_is_readable(cls, color: str) -> str:
        ratio = contrast(color, "FFFFFF")
        if ratio < _MIN_CONTRAST:
            raise ValueError(
                f"{color} on white has a contrast of {ratio:.1f}, and text needs {_MIN_CONTRAST}: "
                "take a darker colour"
            )
        return color


class WeeklyRules(_Rule):
    """The whole file."""

    version: int = Field(default=1, ge=1, le=1)
    company: str = Field(default="", max_length=120, description="Name of the company that bills.")
    footer: str = Field(
        default="",
        max_length=120,
        description="Behind the company in the foot of every page, such as a classification.",
    )
    logo: Word | None = Field(
        default=None, description="PNG beside this file, best 360 by 198 pixels and at most 10 KB."
    )
    paper: Literal["letter", "a4"] = "letter"
    language: Language = Field(default="en", description="Language of everything that is not data.")
    title: Word | None = Field(default=None, description="Title of the report, where not the usual one.")
    labels: dict[Word, str | tuple[str, ...]] = Field(
        default={}, description="Own texts by key (dsr_pipeline/reports/labels.py); {places} stay."
    )
    day_format: DayFormat = "mm/dd/yyyy"
    price_column: Literal["unit_price", "na"] = Field(
        default="unit_price", description="na: an empty column N/A, as in the reports before."
    )
    pdf: bool = Field(default=True, description="Each workbook as PDF, too (needs the extra pdf).")
    signatures: tuple[Word, ...] | None = Field(
        default=None,
        max_length=3,
        description="What stands under the lines on which people sign, where not the usual; an empty list "
        "leaves the lines out.",
    )
    show_prior_week: bool = Field(default=True, description="Show the week before and the change.")
    colors: Colors = Field(default_factory=Colors)

    @model_validator(mode="after")
    def _labels_fit(self) -> WeeklyRules:
        usual = WORDS[self.language]
        known = {field.name for field in fields(usual)}
        for key, text in self.labels.items():
            if key not in known:
                raise ValueError(f"labels.{key}: there is no such text")
            if problem := label_problem(key, text, getattr(usual, key)):
                raise ValueError(f"labels.{key}: {problem}")
        if problem := sheet_names_problem(replace(usual, **self.labels)):
            raise ValueError(f"labels: {problem}")
        return self

    @model_validator(mode="after")
    def _logo_lies_beside(self) -> WeeklyRules:
        path = PurePosixPath(self.logo or "logo.png")
        if path.is_absolute() or ".." in path.parts or "\\" in str(path) or ":" in str(path):
            raise ValueError("logo: name a file beside rules/reports/weekly.yaml")
        return self


@dataclass(frozen=True, slots=True)
class WeeklyLook:
    """Everything that a layout needs to know of the company. It travels to other processes."""

    rules: WeeklyRules
    logo: bytes | None
    """PNG."""
    labels: Labels

    @property
    def title(self) -> str:
        """Title of the report."""
        return self.rules.title or self.labels.title

    @property
    def signatures(self) -> tuple[str, ...]:
        """What stands under the lines on which people sign."""
        words = self.labels
        usual = (words.sign_foreman, words.sign_customer, words.sign_date)
        return usual if self.rules.signatures is None else self.rules.signatures

    @property
    def language_tag(self) -> str:
        """Language of the files, such as en-US."""
        return _TAGS[self.rules.language]

    def day(self, day: date) -> str:
        """A day in figures, such as 08/17/2025."""
        year, month, days = day.isoformat().split("-")
        return self.rules.day_format.replace("yyyy", year).replace("mm", month).replace("dd", days)

    def long_day(self, day: date) -> str:
        """A day in words, such as August 17, 2025."""
        month = self.labels.months[day.month - 1]
        return self.labels.long_day.format(day=day.day, month=month, year=day.year)


def load_weekly_rules(rules_root: Path) -> WeeklyRules:
    """Read the file; without it the defaults count. Raises `RuleFileErrors` with file and line."""
    document = _read(rules_root)
    return WeeklyRules() if document is None else validate(document, WeeklyRules)


def load_look(rules_root: Path) -> WeeklyLook:
    """The rules, the logo and the words of a company. Raises `RuleFileErrors` with file and line."""
    document = _read(rules_root)
    if document is None:
        return _look(WeeklyRules(), None)
    rules = validate(document, WeeklyRules)
    return _look(rules, _logo(rules_root, rules, document))


def layout_hash(rules_root: Path, rules: WeeklyRules) -> str:
    """Hash of everything besides the data that a report shows; it is part of the content hash of groups.

    Raises `RuleFileError` where the logo cannot be used.
    """
    return look_hash(_look(rules, _logo(rules_root, rules, None)))


def look_hash(look: WeeklyLook) -> str:
    """The same of a look that is loaded already."""
    return canonical_hash(
        "weekly layout",
        LAYOUT_VERSION,
        look.rules.model_dump_json(exclude={"labels"}),
        [[field.name, getattr(look.labels, field.name)] for field in fields(look.labels)],
        look.logo or b"",
    )


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def write_weekly_schema(rules_root: Path) -> None:
    """Write the JSON Schema of the file for editors."""
    write_schema(rules_root / SCHEMA, WeeklyRules)


def _read(rules_root: Path) -> Document | None:
    file = rules_root / FILE
    return read_yaml(file) if file.exists() else None


def _look(rules: WeeklyRules, logo: bytes | None) -> WeeklyLook:
    return WeeklyLook(rules, logo, replace(WORDS[rules.language], **rules.labels))


def _logo(rules_root: Path, rules: WeeklyRules, document: Document | None) -> bytes | None:
    if rules.logo is None:
        return None
    file = rules_root / FILE
    line = document.line_of(("logo",)) if document else None
    try:
        png = (file.parent / rules.logo).read_bytes()
    except OSError as error:
        raise RuleFileError(
            file, line, f"logo: {rules.logo} cannot be read ({error.strerror}): put it beside this file"
        ) from error
    if not png.startswith(_PNG):
        raise RuleFileError(file, line, f"logo: {rules.logo} is no PNG: save it as one")
    if len(png) > MAX_LOGO_BYTES:
        raise RuleFileError(
            file,
            line,
            f"logo: {rules.logo} has {len(png):,} bytes and would be in every workbook: save it with at most "
            f"64 colours and {MAX_LOGO_BYTES:,} bytes",
        )
    return png


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
