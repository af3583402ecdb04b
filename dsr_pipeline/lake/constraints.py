"""What a contract may ask of its rows: small frozen descriptions, without pandas or pandera.

They are declared in `contracts/`, turned into pandera checks by `validation.py` and into sentences by
`table_docs.py`. Importing them costs nothing, which keeps `dsr` quick when nothing is validated.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of a closed list."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return "one of " + ", ".join(self.values)


@dataclass(frozen=True, slots=True)
class Matches:
    """The whole text fits a regular expression (RE2 syntax); `meaning` says it in words."""

    pattern: str
    meaning: str

    def __str__(self) -> str:
        return self.meaning


@dataclass(frozen=True, slots=True)
class ByteLength:
    """The text has exactly so many bytes: the cheap check for keys that our own hash made."""

    length: int

    def __str__(self) -> str:
        return f"{self.length} bytes long"


@dataclass(frozen=True, slots=True)
class NotBlank:
    """The text is not empty."""

    def __str__(self) -> str:
        return "not empty"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The value is not below a bound, which itself is allowed."""

    bound: int | Decimal | date

    def __str__(self) -> str:
        return f"at least {self.bound}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """The value is not above a bound, which itself is allowed."""

    bound: int | Decimal | date

    def __str__(self) -> str:
        return f"at most {self.bound}"


ColumnCheck = OneOf | Matches | ByteLength | NotBlank | AtLeast | AtMost
"""A rule of one column. A null is the business of `Column.nullable`, never of a check."""


@dataclass(frozen=True, slots=True)
class AddsUp:
    """In every row the parts add up to the total (a null in any of them makes no claim)."""

    parts: tuple[str, ...]
    total: str

    def __str__(self) -> str:
        return f"{' + '.join(self.parts)} = {self.total}"


@dataclass(frozen=True, slots=True)
class NotAfter:
    """The first column is not above the second (a null in either makes no claim)."""

    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first} ≤ {self.second}"


@dataclass(frozen=True, slots=True)
class RequiredWhen:
    """The column has a value in every row in which `when` has one of `values`."""

    column: str
    when: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.column} is filled where {self.when} is {' or '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class UniqueAmong:
    """The columns identify a row among the rows in which `where` has none of the values `excluding`."""

    columns: tuple[str, ...]
    where: str
    excluding: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.columns)} unique where {self.where} is not {' or '.join(self.excluding)}"


RowCheck = AddsUp | NotAfter | RequiredWhen
"""A rule over several columns of one row."""

TableCheck = RowCheck | UniqueAmong
