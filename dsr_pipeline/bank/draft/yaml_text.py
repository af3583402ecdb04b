"""YAML with a comment on any line: what a dump library cannot write.

Lives here: scalars, flow lists and mappings, and lines with their evidence behind them. What is written is
`bank.draft.writer`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

Plain = None | bool | int | str | Sequence["Plain"] | Mapping[str, "Plain"]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset("null true false yes no on off y n".split())
_UNPRINTABLE = re.compile(
    r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff\x85\xa0]"
)
_COMMENT_LENGTH = 220


class YamlText:
    """Lines of YAML, written top to bottom."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def comment(self, text: str, indent: int = 0) -> None:
        """A line that is a comment only."""
        self._lines.append(f"{' ' * indent}# {clean(text)}")

    def blank(self) -> None:
        """An empty line."""
        self._lines.append("")

    def pair(self, indent: int, key: str, value: Plain, comment: str | None = None) -> None:
        """`key: value  # comment`."""
        self._lines.append(f"{' ' * indent}{key}: {flow(value)}{_tail(comment)}")

    def block(self, indent: int, key: str, comment: str | None = None) -> None:
        """`key:` with its parts on the lines below."""
        self._lines.append(f"{' ' * indent}{key}:{_tail(comment)}")

    def item(self, indent: int, value: Plain, comment: str | None = None) -> None:
        """`- value  # comment`."""
        self._lines.append(f"{' ' * indent}- {flow(value)}{_tail(comment)}")

    def first(self, indent: int, key: str, value: Plain) -> None:
        """`- key: value`, the first key of a list's mapping."""
        self._lines.append(f"{' ' * indent}- {key}: {flow(value)}")

    def text(self) -> str:
        """The whole text."""
        return "\n".join(self._lines) + "\n"


def flow(value: Plain) -> str:
    """A value on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(part)}" for key, part in value.items()) + "}"
    return "[" + ", ".join(flow(part) for part in value) + "]"


def clean(text: str) -> str:
    """A comment on one line of bearable length."""
    line = _UNPRINTABLE.sub("?", re.sub(r"\s+", " ", text)).strip()
    return line if len(line) <= _COMMENT_LENGTH else f"{line[: _COMMENT_LENGTH - 1]}…"


def _scalar(text: str) -> str:
    if _WORD.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(_escaped, quoted)


def _escaped(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _tail(comment: str | None) -> str:
    return f"  # {clean(comment)}" if comment else ""
