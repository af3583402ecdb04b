"""Which languages there are, and what may stand in place of a text of `labels`.

Called by `weekly_rules` for the company's own texts, and by the tests for the other languages.
"""

from string import Formatter
from typing import Literal

from dsr_pipeline.reports.labels import ENGLISH, Labels
from dsr_pipeline.reports.labels_es import SPANISH
from dsr_pipeline.reports.labels_fr import FRENCH

Language = Literal["en", "es", "fr"]
WORDS: dict[Language, Labels] = {"en": ENGLISH, "es": SPANISH, "fr": FRENCH}


def label_problem(key: str, text: str | tuple[str, ...], usual: str | tuple[str, ...]) -> str | None:
    """Why a text cannot stand in place of the usual one; None where it can."""
    if isinstance(usual, tuple):
        fits = isinstance(text, tuple) and len(text) == len(usual)
        return None if fits else f"must be a list of {len(usual)} texts"
    if not isinstance(text, str):
        return "must be one text"
    if key.startswith("sheet_"):
        return sheet_name_problem(text)
    try:
        strange = placeholders(text) - placeholders(usual)
    except ValueError as error:
        return str(error)
    if not strange:
        return None
    known = ", ".join(sorted(placeholders(usual))) or "none"
    return f"there is no value '{min(strange)}' for this text (known: {known})"


def sheet_names_problem(labels: Labels) -> str | None:
    """Why the names of the sheets cannot stand in one workbook; None where they can."""
    names = (labels.sheet_report, labels.sheet_lines, labels.sheet_exceptions, labels.sheet_about)
    if len({name.casefold() for name in names}) < len(names):
        return f"two sheets have the same name ({', '.join(names)})"
    return None


def placeholders(text: str) -> frozenset[str]:
    """The names of the values that a text has places for, such as rows for `{rows} lines`.

    Raises `ValueError` for braces that are no plain place.
    """
    found: set[str] = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"'{{{name}}}' is no plain place such as {{rows}}")
        found.add(name)
    return frozenset(found)


def sheet_name_problem(name: str) -> str | None:
    """Why Excel would not take a text as the name of a sheet; None where it does."""
    bad = not name.strip() or len(name) > 31 or set(name) & set("[]:*?/\\")
    if bad or name.startswith("'") or name.endswith("'") or name.casefold() == "history":
        return (
            "the name of a sheet has 1 to 31 characters, none of []:*?/\\, no ' at an end, and is not History"
        )
    return None
