"""Reads the commands that the documents show, and says what is wrong with them.

Fenced blocks: `sh` and `powershell` are checked against the real command tree and the Makefile; `console`
holds `$ dsr …` lines that the tests run, with the output they print (`…` stands for anything). Inline code
that begins with `dsr`, `make` or `.ci/` is checked too, but may leave arguments out and show brackets.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*([\w-]*)")
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
CHECKED_INLINE = re.compile(r"(dsr|make|\.ci/\S+)(\s|$)")
SHELLS = {"sh", "bash", "shell", "powershell", "console"}
BARRIERS = {"&&", "||", ";", "|", "&"}
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=|\$env:")
TARGET = re.compile(r"^([a-z][a-z-]*):(?!=)", re.MULTILINE)
VARIABLE = re.compile(r"^([A-Z]+) \?=", re.MULTILINE)
# Programs of others that a document may show; what they are given is not checked.
OTHERS = {"cd", "cp", "export", "git", "head", "ls", "mkdir", "sudo"}
PYTHONS = {"py", "python", "python3"}
# `dsr` takes these wherever they stand.
ANYWHERE = {"--debug"}

Kind = Literal["fenced", "run", "inline"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One command as a document shows it."""

    document: str
    line: int
    kind: Kind
    words: tuple[str, ...]
    output: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.document}:{self.line}: `{' '.join(self.words)}`"


@dataclass(frozen=True, slots=True)
class Known:
    """One command as the program has it: its options (name → values it takes), arguments, sub-commands."""

    options: dict[str, int] = field(default_factory=dict[str, int])
    required: tuple[str, ...] = ()
    least: int = 0
    most: int | None = 0
    children: dict[str, Known] = field(default_factory=dict[str, "Known"])
    runs_alone: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """What the documented commands are compared with."""

    folder: Path
    dsr: Known
    programs: Path

    @property
    def makefile(self) -> str:
        """The text of the Makefile."""
        return (self.folder / "Makefile").read_text(encoding="utf-8")


def shown_in(text: str, document: str) -> list[Shown]:
    """Every command of one markdown text, in order."""
    found: list[Shown] = []
    language, fence, block = "", "", list[tuple[int, str]]()
    for number, line in enumerate(text.splitlines(), start=1):
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2]:
                found += _in_block(language, block, document)
                fence = ""
            else:
                block.append((number, line.strip()))
        elif mark:
            fence, language, block = mark[1], mark[2], []
        else:
            found += _in_line(line, number, document)
    return found


def known_from_typer(command: Any) -> Known:
    """The command tree of a typer application (`typer.main.get_command(app)`)."""
    options, required = {"-h": 0, "--help": 0}, list[str]()
    least, most = 0, 0
    for parameter in command.params:
        if parameter.param_type_name == "option":
            takes = 0 if parameter.is_flag or getattr(parameter, "count", False) else parameter.nargs
            options |= dict.fromkeys([*parameter.opts, *parameter.secondary_opts], takes)
            required += parameter.opts[:1] if parameter.required else []
        else:
            least += max(parameter.nargs, 1) if parameter.required else 0
            most = None if most is None or parameter.nargs < 0 else most + parameter.nargs
    children = {name: known_from_typer(child) for name, child in getattr(command, "commands", {}).items()}
    return Known(
        options, tuple(required), least, most, children, getattr(command, "invoke_without_command", True)
    )


def complaints(shown: Shown, project: Project) -> list[str]:
    """What is wrong with one shown command; nothing is an empty list."""
    program, *words = shown.words
    name = program.rpartition("/")[2]
    if name == "dsr":
        wrong = [text for choice in _choices(words) for text in _dsr(choice, project.dsr, shown.kind)]
    elif shown.kind == "run":
        wrong = ["a console block is run by the tests and holds `$ dsr …` alone: use a sh block"]
    elif name == "make":
        wrong = _make(words, project.makefile)
    elif program.startswith((".venv/bin/", ".venv/Scripts/")) and name not in PYTHONS:
        wrong = (
            []
            if (project.programs / name).exists()
            else [f"{name} is not installed by requirements/dev.lock"]
        )
    elif program.startswith(".ci/"):
        wrong = [] if (project.folder / program).is_file() else [f"there is no file {program}"]
    elif name in PYTHONS:
        scripts = [word for word in words if word.endswith(".py")]
        wrong = [f"there is no file {word}" for word in scripts if not (project.folder / word).is_file()]
    else:
        wrong = [] if name in OTHERS else [f"{name} is not a program that this check knows"]
    return [f"{shown}: {text}" for text in wrong]


def agrees(expected: Sequence[str], printed: str) -> bool:
    """Whether printed text is what a document shows: line by line, `…` for anything, blanks of any width."""
    if not expected:
        return True
    lines = [_squeezed(line) for line in expected]
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else ".*?".join(map(re.escape, line.split("…"))) + r"\n"
        for line in lines
    )
    text = "".join(f"{_squeezed(line)}\n" for line in printed.strip().splitlines())
    return re.fullmatch(pattern, text) is not None


def _in_block(language: str, block: list[tuple[int, str]], document: str) -> Iterator[Shown]:
    if language not in SHELLS:
        return
    if language == "console":
        starts = [index for index, (_, line) in enumerate(block) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
            number, line = block[start]
            output = tuple(text for _, text in block[start + 1 : end] if text)
            for words in _commands(line.removeprefix("$ ")):
                yield Shown(document, number, "run", words, output)
        return
    continuation = "`" if language == "powershell" else "\\"
    joined, first = "", 0
    for number, line in block:
        first = first if joined else number
        joined += line.removesuffix(continuation)
        if line.endswith(continuation):
            continue
        text = joined.replace("\\", "/") if language == "powershell" else joined
        for words in _commands(text):
            yield Shown(document, first, "fenced", words)
        joined = ""


def _in_line(line: str, number: int, document: str) -> Iterator[Shown]:
    for code in INLINE.findall(line):
        if CHECKED_INLINE.match(code):
            # A synopsis: brackets and dots around what may be left out or repeated say nothing to the check.
            text = code.replace("\\|", "|").replace("[", " ").replace("]", " ").replace("…", " ")
            words = tuple(word for word in (part.rstrip(".") for part in text.split()) if word)
            yield Shown(document, number, "inline", words)


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    """The simple commands of one shell line, without assignments, redirections and comments."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    words: list[str] = []
    skip = False
    for token in [*lexer, ";"]:
        if token in BARRIERS:
            while words and ASSIGNMENT.match(words[0]):
                words.pop(0)
            if words and words[0] != "=":
                yield tuple(words)
            words = []
        elif skip:
            skip = False
        elif set(token) <= set("<>&"):
            skip = True
            if words and words[-1] == "2":
                words.pop()
        else:
            words.append(token)


def _choices(words: Iterable[str]) -> list[list[str]]:
    """`invoices draft|issue` is two commands."""
    result: list[list[str]] = [[]]
    for word in words:
        several = word.split("|") if re.fullmatch(r"[a-z-]+(\|[a-z-]+)+", word) else [word]
        result = [[*left, right] for left in result for right in several]
    return result


def _dsr(words: list[str], known: Known, kind: Kind) -> list[str]:
    path, given, named = "dsr", 0, set[str]()
    rest = [word for word in words if word not in ANYWHERE]
    options_end = False
    while rest:
        word = rest.pop(0)
        if word == "--":
            options_end = True
        elif word.startswith("-") and len(word) > 1 and not options_end:
            name, equals, _ = word.partition("=")
            if name not in known.options:
                return [f"`{path}` has no option {name}; it has {', '.join(sorted(known.options))}"]
            if name in {"-h", "--help"}:
                return []
            named.add(name)
            takes = 0 if equals else known.options[name]
            if len(rest) < takes and kind != "inline":
                return [f"`{path}` {name} needs a value"]
            del rest[:takes]
        elif known.children:
            if word not in known.children:
                return [f"`{path}` has no command {word}; it has {', '.join(sorted(known.children))}"]
            path, known = f"{path} {word}", known.children[word]
        else:
            given += 1
    if kind != "inline" and (absent := [name for name in known.required if name not in named]):
        return [f"`{path}` needs {', '.join(absent)}"]
    return _counted(path, known, given, kind)


def _counted(path: str, known: Known, given: int, kind: Kind) -> list[str]:
    if known.most is not None and given > known.most:
        return [f"`{path}` takes at most {known.most} arguments, not {given}"]
    if kind == "inline":
        return []
    if known.children and not known.runs_alone:
        return [f"`{path}` needs one of its commands: {', '.join(sorted(known.children))}"]
    return [f"`{path}` needs {known.least} arguments, not {given}"] if given < known.least else []


def _make(words: list[str], makefile: str) -> list[str]:
    targets, variables = set(TARGET.findall(makefile)), set(VARIABLE.findall(makefile))
    wrong: list[str] = []
    for word in words:
        name, equals, _ = word.partition("=")
        if equals and name not in variables:
            wrong.append(f"the Makefile reads no {name}; it reads {', '.join(sorted(variables))}")
        elif not equals and word not in targets:
            wrong.append(f"the Makefile has no target {word}; it has {', '.join(sorted(targets))}")
    return wrong


def _squeezed(line: str) -> str:
    return " ".join(line.split())
