"""How the figures of a column are written, told by impossible alternatives over all its cells.

Lives here: decimal and thousands mark, sign styles, the currency signs beside the figures. `14.000` alone
fits both ways and stays open: the balance chain may decide it (`bank.draft.balance_chain`), else it is
asked. The strict parser of `bank.numbers` is the judge of every candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from dsr_pipeline.bank.draft.shapes import Figure, figure, shape
from dsr_pipeline.bank.numbers import NumberParser
from dsr_pipeline.bank.rules import NumberStyle, NumberStyleName

_MARKS: tuple[tuple[str, str | None], ...] = (
    (".", None), (",", None), (".", ","), (",", "."), (".", "'"), (",", "'"), (".", " "), (",", " "),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """The ways in which all figures of a column can be read; more than one where they differ in value."""

    styles: tuple[NumberStyle, ...]
    evidence: str

    @property
    def decided(self) -> bool:
        """Whether every remaining way gives the same values."""
        return len(self.styles) == 1


def written(cells: Sequence[str]) -> Written:
    """Tell how the filled cells of a column are written; cells that are no figures are left out."""
    shapes: dict[str, str] = {}
    parts: list[Figure] = []
    for cell in cells:
        if not cell or (mark := shape(cell)) in shapes or (found := figure(cell)) is None:
            continue
        shapes[mark] = cell
        parts.append(found)
    tokens = sorted({token for found in parts for token in found.tokens})
    signs = _signs(parts)
    fitting: list[tuple[NumberStyle, list[Decimal]]] = []
    for decimal, thousands in _MARKS:
        style = make_style(decimal, thousands, tokens, signs)
        values = _values(style, list(shapes))
        if values is not None and not any(_same(style, values, made) for made in fitting):
            fitting.append((style, values))
    return Written(tuple(style for style, _ in fitting), _evidence(shapes, fitting))


def make_style(
    decimal: str, thousands: str | None, tokens: Sequence[str], signs: Sequence[str]
) -> NumberStyle:
    """A number style from plain words."""
    return NumberStyle.model_validate(
        {"decimal": decimal, "thousands": thousands, "strip": list(tokens), "styles": list(signs)}
    )


def merged(style: NumberStyle, other: NumberStyle) -> NumberStyle | None:
    """One style that reads both, where their marks do not contradict each other."""
    if style.decimal != other.decimal:
        return None
    if style.thousands and other.thousands and style.thousands != other.thousands:
        return None
    thousands = style.thousands or other.thousands
    signs = [*style.styles, *(sign for sign in other.styles if sign not in style.styles)]
    return make_style(style.decimal, thousands, sorted({*style.strip, *other.strip}), signs)


def values_of(style: NumberStyle, cells: Sequence[str]) -> list[Decimal | None]:
    """The figures of the cells under a style; None for an empty cell or one that is no figure of it."""
    parse = NumberParser.of(style).parse
    memo: dict[str, Decimal | None] = {}
    out: list[Decimal | None] = []
    for cell in cells:
        if cell not in memo:
            memo[cell] = parse(cell) if cell else None
        out.append(memo[cell])
    return out


def _signs(parts: Sequence[Figure]) -> list[NumberStyleName]:
    signs: list[str] = ["minus"]
    signs += ["parentheses"] if any(part.parentheses for part in parts) else []
    signs += ["trailing_minus"] if any(part.trailing_minus for part in parts) else []
    signs += ["plus"] if any(part.plus for part in parts) else []
    return cast("list[NumberStyleName]", signs)


def _values(style: NumberStyle, shapes: list[str]) -> list[Decimal] | None:
    parse = NumberParser.of(style).parse
    values: list[Decimal] = []
    for text in shapes:
        # `0,999` in groups would be a number that begins with a nought: nobody groups so.
        if style.thousands is not None and _leads_with_nought(text, style.thousands):
            return None
        value = parse(text)
        if value is None:
            return None
        values.append(value)
    return values


def _leads_with_nought(text: str, thousands: str) -> bool:
    place = text.find("0")
    return place >= 0 and text[place + 1 : place + 2] == thousands


def _same(style: NumberStyle, values: list[Decimal], made: tuple[NumberStyle, list[Decimal]]) -> bool:
    # A style without a thousands mark that reads the same is the plainer one and came first.
    return values == made[1]


def _evidence(shapes: dict[str, str], fitting: list[tuple[NumberStyle, list[Decimal]]]) -> str:
    if not fitting:
        return "no one way of writing reads all figures"
    samples = sorted(shapes.values(), key=lambda cell: (-len(cell), cell))[:2]
    shown = " and ".join(f"'{sample}'" for sample in samples)
    if len(fitting) > 1:
        ways = " or ".join(_marks(style) for style, _ in fitting)
        return f"{shown} fit {ways}, with different values"
    return f"all figures fit, e.g. {shown}; no other marks give another value"


def _marks(style: NumberStyle) -> str:
    return f"decimal '{style.decimal}' thousands {style.thousands!r}"
