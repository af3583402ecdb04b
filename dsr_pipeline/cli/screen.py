"""How results look: tables and figures on the screen, JSON for programs.

Lives here: the consoles and the way in which money, dates and missing values are written. What is shown is
decided by each command.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PIPED_WIDTH = 160
"""Columns when nobody's terminal says how many there are: wide enough that a path is not broken."""

WIDE = 116

STYLES = {
    "accepted": "green",
    "proven": "green",
    "chained": "green",
    "ok": "green",
    "same_file": "dim",
    "waiting": "yellow",
    "–": "dim",
    "warning": "yellow",
    "rejected": "red",
    "broken": "red",
    "fault": "red",
}


def is_wide(console: Console) -> bool:
    """Whether there is room for tables of many columns."""
    return console.width >= WIDE


def stdout() -> Console:
    """The console for results."""
    return Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=False)


def stderr() -> Console:
    """The console for progress and remarks, so that results can be piped."""
    return Console(
        stderr=True, width=None if sys.stderr.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=True
    )


def table(title: str | None, columns: Sequence[str], right: Iterable[str] = ()) -> Table:
    """An empty table in the house style; the columns named in `right` hold figures."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None)
    made.pad_edge = False
    figures = set(right)
    for column in columns:
        made.add_column(column, justify="right" if column in figures else "left", overflow="fold")
    return made


def cell(value: object) -> Text:
    """A value as it stands in a table: never markup, words that judge in their colour."""
    text = plain(value)
    return Text(text, style=STYLES.get(text, ""))


def plain(value: object) -> str:
    """A value as text for people: money with two decimals unless it has more, nothing for null."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return money(value)
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case _:
            return str(value)


def money(amount: Decimal) -> str:
    """An amount with thousands marks; the third and fourth decimal only where they are not zero."""
    cents = amount == amount.quantize(Decimal("0.01"))
    return f"{amount:,.2f}" if cents else f"{amount:,.4f}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A count with its word: `1 file`, `3 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short(path: Path) -> str:
    """A path as it is typed from here: relative where it lies below, quoted where it holds blanks."""
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return shlex.quote(str(shown))


def program() -> str:
    """How this program is called from here: `dsr` where the shell finds it, else its path."""
    called = Path(sys.argv[0]).absolute()
    found = shutil.which("dsr")
    if called.stem != "dsr" or (found is not None and Path(found).absolute() == called):
        return "dsr"
    return short(called)


def print_json(value: object) -> None:
    """The value as JSON on stdout: money as text, so that no reader rounds it; dates as ISO."""
    print(json.dumps(value, default=_for_json, ensure_ascii=False, indent=2))


def _for_json(value: object) -> Any:
    match value:
        case Decimal():
            return f"{value:f}"
        case date() | datetime():
            return value.isoformat()
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case _:
            return str(value)
