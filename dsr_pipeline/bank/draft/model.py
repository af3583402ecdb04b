"""What the parts of a draft hand to each other: told values with their evidence, questions, the sheet.

Lives here: plain data, no inference. Every module of this package reads a `Sheet` and gives back `Told`
values or asks the `Questions`; `bank.draft.writer` turns them into the rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from dsr_pipeline.bank.rules import OpenQuestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dsr_pipeline.bank.reading import Dialect, Lines, Record

T = TypeVar("T")


class DraftError(Exception):
    """A file of which no rule can be drafted. Exit code 2; the text says why and what to do instead."""

    def __init__(self, file: str, message: str) -> None:
        self.file = file
        self.message = message
        super().__init__(f"{file}: {message}")


@dataclass(frozen=True, slots=True)
class Draft:
    """The drafted rule. `yaml` does not load as long as `questions` are open."""

    name: str
    yaml: str
    questions: tuple[OpenQuestion, ...]


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """A value together with what in the file proves it."""

    value: T
    evidence: str


@dataclass(slots=True)
class Questions:
    """What the file does not prove, in the order in which it was met."""

    asked: list[OpenQuestion] = field(default_factory=list[OpenQuestion])

    def ask(self, key: str, question: str, choices: Sequence[str] = (), evidence: str | None = None) -> None:
        """Put one question; a second one about the same key and with the same words is not repeated."""
        made = OpenQuestion(key=key, question=question, choices=list(choices), evidence=evidence)
        if made not in self.asked:
            self.asked.append(made)

    def open(self, key: str) -> bool:
        """Whether a question about this key stands."""
        return any(question.key == key for question in self.asked)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the data rows. `place` is 0-based; `name` is empty where the header has none."""

    place: int
    name: str
    cells: tuple[str, ...]  # stripped, one per row of the sheet
    odd: tuple[str, ...] = ()  # stripped, the filled cells of the lines that are no rows

    @property
    def filled(self) -> list[str]:
        """The cells that are not empty."""
        return [cell for cell in self.cells if cell]

    @property
    def label(self) -> str:
        """How the column is called in a sentence for people."""
        return f"'{self.name}'" if self.name else f"column {self.place}"


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the table with the header's width, by its physical line (1-based)."""

    line_no: int
    fields: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table in the file: its header, the rows that look like transactions, and what stands around them.

    `rows` have a date and a figure; `odd` are records between or after them that do not.
    """

    file: str
    lines: Lines
    dialect: Dialect
    multiline: bool
    names: tuple[str, ...] | None  # None without a header
    header_line: int | None  # 0-based
    first_line: int  # 0-based line of the first record after the header
    fields_mode: str
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    odd: tuple[Line, ...]
    misshapen: tuple[Record, ...]  # records that do not have the width of the table
    preamble: tuple[str, ...]
    evidence: dict[str, str]

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.columns)
